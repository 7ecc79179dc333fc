"""The playbook: stages, fields, required fields and lists, read from one YAML file.

The built-in file is `rules/playbook.yaml`; its comments explain it to a sales lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rules.text import fold

BUILT_IN = Path(__file__).with_name("playbook.yaml")

Locale = Literal["en", "ru"]
LOCALES: tuple[Locale, ...] = ("en", "ru")

Kind = Literal[
    "text",
    "stage",
    "choice",
    "list",
    "yes_no",
    "money",
    "number",
    "date",
    "date_or_text",
    "datetime",
    "email",
    "emails",
    "phone",
    "link",
    "folder",
    "company",
    "contact",
    "contacts",
]
Owner = Literal["managers", "worker", "both"]
Subject = Literal["deal", "contact", "company"]
Severity = Literal["error", "warning"]

SUBJECT_TABS: Mapping[Subject, str] = {
    "deal": "deals",
    "contact": "contacts",
    "company": "companies",
}

NEEDED_TABS = (*SUBJECT_TABS.values(), "comments", "events", "lists")


class PlaybookError(Exception):
    """The playbook file cannot be used; the message lists every mistake."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Name(_Part):
    """A name in both languages, with further spellings that are understood."""

    en: str
    ru: str
    also: tuple[str, ...] = ()

    def in_locale(self, locale: Locale) -> str:
        """Return the name as a workbook of that language writes it."""
        return self.ru if locale == "ru" else self.en

    @cached_property
    def spellings(self) -> frozenset[str]:
        """All understood spellings, folded."""
        return frozenset(fold(text) for text in (self.en, self.ru, *self.also))


class Stage(Name):
    """A stage of the funnel; `reached` is the stage that a deal here has reached at least."""

    open: bool = False
    folder: bool = False
    won: bool = False
    leaves_to: tuple[str, ...] = ()
    reached: str | None = None


class FieldSpec(Name):
    """A column of a tab."""

    kind: Kind = "text"
    owner: Owner = "managers"
    choice: str | None = None
    list: str | None = None
    several: bool = False
    optional: bool = False
    hidden: bool = False


class Tab(Name):
    """A tab and its columns, in the order in which a new workbook shows them."""

    fields: Mapping[str, FieldSpec]
    prefix: str | None = None


def _split_alternatives(items: object) -> object:
    if not isinstance(items, list):
        return items
    return [item.split(" or ") if isinstance(item, str) else item for item in items]


Requirement = tuple[str, ...]
"""Field keys of which at least one must be filled in; mostly a single one."""

Requirements = Annotated[tuple[Requirement, ...], BeforeValidator(_split_alternatives)]


class _BySubject(_Part):
    """Requirements of a deal, its contact and its company."""

    contact: Requirements = ()
    company: Requirements = ()
    deal: Requirements = ()

    def of(self, subject: Subject) -> tuple[Requirement, ...]:
        """Return what is asked of the deal, its contact or its company."""
        return {"contact": self.contact, "company": self.company, "deal": self.deal}[subject]


class StageRequirements(_BySubject):
    """What a stage asks for beyond the stage that it comes `after`."""

    after: str | None = None
    severity: Severity = "error"
    except_: Mapping[Subject, tuple[str, ...]] = Field(default_factory=dict, alias="except")


class Recommendations(_BySubject):
    """Fields that are good to have from a stage on."""


class NoneAllowed(_Part):
    """Fields in which "there is none" is an answer."""

    contact: frozenset[str] = frozenset()
    company: frozenset[str] = frozenset()
    deal: frozenset[str] = frozenset()

    def of(self, subject: Subject) -> frozenset[str]:
        """Return the field keys of the deal, the contact or the company."""
        return {"contact": self.contact, "company": self.company, "deal": self.deal}[subject]


class Folders(_Part):
    """How the project's folders are named."""

    company: str
    deal: str
    subfolders: tuple[Name, ...]


class Phones(_Part):
    """How a phone number without a country code is read."""

    default_region: str = Field(pattern=r"^[A-Z]{2}$")


class Letters(_Part):
    """Which letters are logged, and how."""

    search_days: int = Field(gt=0)
    max_characters: int = Field(gt=0, lt=50_000)
    latest_in_note: int = Field(gt=0, le=20)


class Starting(_Part):
    """What a list of a new workbook holds, by language."""

    en: tuple[str, ...]
    ru: tuple[str, ...]

    def in_locale(self, locale: Locale) -> tuple[str, ...]:
        """Return the values as a workbook of that language starts with them."""
        return self.ru if locale == "ru" else self.en


OPEN = "open"
"""In `recommended`: every stage that is still being worked on."""

SOME_DECISION_MAKER = "some_decision_maker"
"""In `recommended`: a decision maker among the company's contacts; no column of its own."""


class Playbook(_Part):
    """Everything the worker knows about the sales process."""

    stages: Mapping[str, Stage]
    required: Mapping[str, StageRequirements]
    recommended: Mapping[str, Recommendations]
    none_words: tuple[str, ...]
    none_allowed: NoneAllowed
    choices: Mapping[str, Mapping[str, Name]]
    phones: Phones
    tabs: Mapping[str, Tab]
    reports: Mapping[str, Name]
    folders: Folders
    letters: Letters
    starting_lists: Mapping[str, Starting]

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if missing := [tab for tab in NEEDED_TABS if tab not in self.tabs]:
            raise ValueError("; ".join(f"tabs: {tab!r} is missing" for tab in missing))
        problems = [
            *(f"{key!r} is both a tab and a report" for key in self.tabs if key in self.reports),
            *_unknown_stages(self),
            *_wrong_ways(self),
            *_unknown_fields(self),
            *_unknown_choices(self),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @cached_property
    def funnel(self) -> tuple[str, ...]:
        """The stages on the way to a client, in order: the open ones and the won one."""
        return tuple(key for key, stage in self.stages.items() if stage.open or stage.won)

    @cached_property
    def won_stage(self) -> str:
        """The stage of a won deal."""
        return next(key for key, stage in self.stages.items() if stage.won)

    def requirement_chain(self, stage: str) -> Iterable[tuple[str, StageRequirements]]:
        """Yield the stage and those before it, each with what it asks for, nearest first."""
        key: str | None = stage
        passed: set[str] = set()
        while key is not None and key not in passed:
            passed.add(key)
            asked = self.required.get(key, StageRequirements())
            yield key, asked
            key = asked.after


def _unknown_stages(playbook: Playbook) -> Iterable[str]:
    known = set(playbook.stages)
    for where, names in (
        ("required", set(playbook.required)),
        ("recommended", set(playbook.recommended) - {OPEN}),
        ("required: after", {r.after for r in playbook.required.values() if r.after}),
        ("stages: leaves_to", {s for stage in playbook.stages.values() for s in stage.leaves_to}),
        ("stages: reached", {s.reached for s in playbook.stages.values() if s.reached}),
    ):
        yield from (f"{where}: no stage is called {name!r}" for name in sorted(names - known))


def _wrong_ways(playbook: Playbook) -> Iterable[str]:
    won = [key for key, stage in playbook.stages.items() if stage.won]
    if len(won) != 1:
        yield f"stages: exactly one must have `won: true`, not {len(won)}"
    for key, stage in playbook.stages.items():
        if stage.reached in playbook.stages and stage.reached not in playbook.funnel:
            yield f"stages: {key}: reached: {stage.reached!r} is no stage on the way to a client"
    for key in playbook.required:
        *_, (_, last) = playbook.requirement_chain(key)
        if last.after is not None and last.after in playbook.stages:
            yield f"required: {key}: after: the stages come after one another in a circle"


def _unknown_fields(playbook: Playbook) -> Iterable[str]:
    blocks: list[tuple[str, _BySubject]] = [
        *playbook.required.items(),
        *playbook.recommended.items(),
    ]
    for subject, tab in SUBJECT_TABS.items():
        known = {*playbook.tabs[tab].fields, SOME_DECISION_MAKER}
        for stage, block in blocks:
            for key in {key for wanted in block.of(subject) for key in wanted} - known:
                yield f"{stage}: {tab} has no field {key!r}"
        for stage, asked in playbook.required.items():
            for key in set(asked.except_.get(subject, ())) - known:
                yield f"{stage}: except: {tab} has no field {key!r}"
        for key in playbook.none_allowed.of(subject) - known:
            yield f"none_allowed: {tab} has no field {key!r}"


def _unknown_choices(playbook: Playbook) -> Iterable[str]:
    lists = playbook.tabs["lists"].fields
    for tab_key, tab in playbook.tabs.items():
        for key, field in tab.fields.items():
            if field.kind == "choice" and field.choice not in playbook.choices:
                yield f"{tab_key}.{key}: no choice is called {field.choice!r}"
            if field.kind == "list" and field.list not in lists:
                yield f"{tab_key}.{key}: no list is called {field.list!r}"


def load_playbook(path: Path = BUILT_IN) -> Playbook:
    """Return the playbook in the file at `path`.

    Raises PlaybookError, naming the file and every mistake, if it cannot be used.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except OSError as error:
        raise PlaybookError(f"{path}: cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise PlaybookError(f"{path}: {error}") from error
    try:
        return Playbook.model_validate(content)
    except ValidationError as error:
        lines = (
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}{_found(e['input'])}"
            for e in error.errors()
        )
        raise PlaybookError("\n".join((f"{path}:", *lines))) from error


def _found(value: object) -> str:
    return f" (found {value!r})" if isinstance(value, str | int | float) else ""
