"""The playbook: stages, fields, required fields and lists, as models.

`playbook_file.py` reads it from a file. The docstrings here are what an editor shows while the
file is being written (`playbook.schema.json`), so they speak to its reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rules.text import fold

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

NEEDED: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("choices",): ("check", "yes_no", "direction", "trigger", "comment_direction", "event"),
    ("choices", "check"): ("ok", "warning", "error"),
    ("choices", "yes_no"): ("yes", "no"),
    ("choices", "direction"): ("incoming", "outgoing"),
    ("choices", "comment_direction"): ("incoming", "outgoing", "note"),
    ("choices", "event"): ("stage", "incoming_lead", "outgoing_lead"),
    ("tabs", "deals", "fields"): (
        *("id", "check", "problems", "title", "stage", "company", "contact", "other_contacts"),
        *("service", "budget", "currency", "channel", "direction", "traffic_source", "trigger"),
        *("accountable", "next_step", "outcome_reason", "drive", "stage_since", "last_letter"),
    ),
    ("tabs", "contacts", "fields"): (
        *("id", "check", "problems", "first_name", "patronymic", "last_name", "email"),
        *("additional_email", "company", "decision_maker"),
    ),
    ("tabs", "companies", "fields"): (
        *("id", "check", "problems", "title", "additional_titles", "drive", "responsible"),
        "decision_makers",
    ),
    ("tabs", "comments", "fields"): (
        *("deal_id", "when", "direction", "sender", "to", "subject", "text", "attachments"),
        *("letter", "candidates", "letter_key", "thread"),
    ),
    ("tabs", "events", "fields"): ("when", "deal_id", "event", "from", "to", "accountable"),
    ("tabs", "lists", "fields"): ("managers", "mailboxes", "currencies", "rates"),
    ("reports",): (
        *("dashboard", "funnel", "qualified", "results", "sources", "traffic", "triggers"),
        *("managers", "quality"),
    ),
    ("starting_lists",): ("currencies",),
}
"""What the worker itself reads or writes, by place in the playbook; the rest may be removed."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Name(_Part):
    """A name in both languages, with further spellings that are understood."""

    en: str
    """The English name."""
    ru: str
    """The Russian name."""
    also: tuple[str, ...] = ()
    """Further spellings that are understood, in any case: [won, выиграна]."""

    def in_locale(self, locale: Locale) -> str:
        """Return the name as a workbook of that language writes it."""
        return self.ru if locale == "ru" else self.en

    @cached_property
    def spellings(self) -> frozenset[str]:
        """All understood spellings, folded."""
        return frozenset(fold(text) for text in (self.en, self.ru, *self.also))


class Condition(_Part):
    """What lets a deal into a stage."""

    field: str
    """The field of the deal that must be filled in, by key."""
    value: str | None = None
    """The word of a choice that it must hold, by key."""


def _split_condition(text: object) -> object:
    if not isinstance(text, str):
        return text
    field, _, value = text.partition("=")
    return {"field": field.strip(), "value": value.strip() or None}


class Stage(Name):
    """A stage of the funnel. The order of the stages is the order of the funnel."""

    open: bool = False
    """Still being worked on."""
    folder: bool = False
    """The project's Drive folder exists at this stage."""
    won: bool = False
    """The deal is won. Exactly one stage has this."""
    leaves_to: tuple[str, ...] = ()
    """The stages that usually come next, by key."""
    reached: str | None = None
    """For a stage that ends a deal: the stage that such a deal has reached at least, by key."""
    condition: Annotated[
        Condition | None, BeforeValidator(_split_condition, json_schema_input_type=str)
    ] = None
    """What lets a deal in: a required field of the deal, by key, and maybe the word that it must
    hold: `brief_received`, `scoring_result = qualified`."""
    stale_days: int | None = Field(default=None, gt=0)
    """A deal that stays here for more days than this is a warning. Empty: never."""


class FieldSpec(Name):
    """A column of a tab: its headers, what it holds, and who fills it in."""

    kind: Kind = "text"
    """What its cells hold."""
    owner: Owner = "managers"
    """Who fills it in. `both`: the worker, when managers have left it empty."""
    choice: str | None = None
    """For `kind: choice`: which block of `choices`, by key."""
    list: str | None = None
    """For `kind: list`: which column of the tab Lists, by key."""
    several: bool = False
    """More than one value in a cell, separated by commas."""
    optional: bool = False
    """The workbook may lack this column."""
    hidden: bool = False
    """Managers do not see this column."""


class Tab(Name):
    """A tab and its columns, in the order in which a new workbook shows them."""

    fields: Mapping[str, FieldSpec]
    """The columns, by key."""
    prefix: str | None = None
    """The letter that its IDs begin with: D gives D-000001."""


def _split_alternatives(items: object) -> object:
    if not isinstance(items, list):
        return items
    return [item.split(" or ") if isinstance(item, str) else item for item in items]


Requirement = tuple[str, ...]
"""Field keys of which at least one must be filled in; mostly a single one."""

Requirements = Annotated[
    tuple[Requirement, ...],
    BeforeValidator(_split_alternatives, json_schema_input_type=tuple[str, ...]),
]


class _BySubject(_Part):
    """Requirements of a deal, its contact and its company."""

    contact: Requirements = ()
    """Fields of the deal's contact, by key. `email or phone`: at least one of them."""
    company: Requirements = ()
    """Fields of the deal's company, by key."""
    deal: Requirements = ()
    """Fields of the deal itself, by key."""

    def of(self, subject: Subject) -> tuple[Requirement, ...]:
        """Return what is asked of the deal, its contact or its company."""
        return {"contact": self.contact, "company": self.company, "deal": self.deal}[subject]


class StageRequirements(_BySubject):
    """What a stage asks for beyond the stage that it comes `after`."""

    after: str | None = None
    """The stage whose fields are asked for here as well, by key."""
    severity: Severity = "error"
    """`warning`: gaps of the earlier stages only warn here."""
    except_: Mapping[Subject, tuple[str, ...]] = Field(default_factory=dict, alias="except")
    """Fields that are not asked for here although an earlier stage asks for them."""


class Recommendations(_BySubject):
    """Fields that are good to have from a stage on."""


class NoneAllowed(_Part):
    """Fields in which "there is none" is an answer."""

    contact: frozenset[str] = frozenset()
    """Fields of a contact, by key."""
    company: frozenset[str] = frozenset()
    """Fields of a company, by key."""
    deal: frozenset[str] = frozenset()
    """Fields of a deal, by key."""

    def of(self, subject: Subject) -> frozenset[str]:
        """Return the field keys of the deal, the contact or the company."""
        return {"contact": self.contact, "company": self.company, "deal": self.deal}[subject]


class TemplateDocument(_Part):
    """A document that is copied into each new folder of a deal."""

    template: str
    """The document to copy: its link, or its id."""
    into: str
    """The subfolder that it is put into, by key."""
    name: Name
    """What the copy is called; it may hold {id}, {company} and {service}."""
    regions: tuple[str, ...] = ()
    """Only for companies of these regions of the tab Lists; without it, for all."""


class Sharing(_Part):
    """Who is let into a deal's folder, besides those who see the folder above it."""

    accountable: bool = False
    """The accountable manager, by the mailbox beside the name on the tab Lists."""
    groups: Mapping[str, str] = Field(default_factory=dict)
    """A group's address by the region of the deal's company: {Kazakhstan: kz@example.com}."""
    role: Literal["reader", "commenter", "writer"] = "writer"
    """What they may do there."""
    revoke: bool = False
    """Who is accountable no more is let in no more."""


class Folders(_Part):
    """The project's folders: how they are named, what is in them, who sees them."""

    company: str
    """The company's folder; {company} is its title."""
    deal: str
    """The deal's folder; it begins with {id}, and may hold {company} and {service}."""
    subfolders: Mapping[str, Name]
    """The folders inside the deal's folder, by key."""
    documents: Mapping[str, TemplateDocument] = Field(default_factory=dict)
    """The documents that are copied into a new folder, by key."""
    expected: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """By stage, the subfolders that hold a document from then on; else it is a warning."""
    share: Sharing = Sharing()
    """Who is let into a deal's folder."""
    archive: str | None = None
    """The folder that folders of ended, not won deals move to: its link, or its id."""
    subfolders_in_linked: bool = False
    """A folder that a manager linked gets the subfolders too."""


class DuplicateRules(_Part):
    """When two rows are taken for one contact, company or deal that was entered twice."""

    close_titles: int = Field(ge=75, le=100)
    """How alike two companies' titles must be to be named, in percent; 100: only equal ones."""
    legal_forms: tuple[str, ...]
    """Words of a title that do not tell companies apart: [ТОО, LLP]. Case does not matter."""
    shared_domains: tuple[str, ...]
    """Domains that many share, as mail providers and social networks: no sign of one company."""


class Criterion(_Part):
    """What a field must hold to earn its points. Exactly one of the four conditions is given."""

    weight: int = Field(gt=0, le=100)
    """The points that it earns; those of all criteria of an ICP add up to 100."""
    any_of: tuple[str, ...] = ()
    """One of these values, in any spelling that is understood: [Banking, Банки]."""
    contains: tuple[str, ...] = ()
    """A text with one of these words in it: [director, директор]."""
    at_least: float | None = None
    """This number or more; an amount in the base currency, the lower end of a range: 50–100."""
    filled: bool = False
    """Anything at all."""


class IdealClient(_Part):
    """The ideal client (ICP) of one or several regions: who is worth the effort there."""

    regions: tuple[str, ...] = ()
    """The regions, as on the tab Lists: the company's, or else the contact's. None: all others."""
    threshold: int = Field(gt=0, le=100)
    """So many points are enough."""
    company: Mapping[str, Criterion] = Field(default_factory=dict)
    """Criteria by field of the company."""
    contact: Mapping[str, Criterion] = Field(default_factory=dict)
    """Criteria by field of the contact."""
    deal: Mapping[str, Criterion] = Field(default_factory=dict)
    """Criteria by field of the deal."""

    def of(self, subject: Subject) -> Mapping[str, Criterion]:
        """Return the criteria for the deal, the contact or the company."""
        return {"contact": self.contact, "company": self.company, "deal": self.deal}[subject]


class Phones(_Part):
    """How a phone number without a country code is read."""

    default_region: str = Field(pattern=r"^[A-Z]{2}$")
    """The country, by its two letters: KZ."""
    regions: Mapping[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], tuple[str, ...]] = Field(
        default_factory=dict
    )
    """Which regions of the tab Lists lie in which country: KZ: [Kazakhstan, Казахстан]."""


class Attachments(_Part):
    """Files that come with letters."""

    file: bool = False
    """Put them into the deal's folder."""
    most_megabytes: int = Field(default=25, gt=0, le=50)
    """A larger one stays in the letter."""


class Suggestion(_Part):
    """What a file that comes with a letter suggests: a warning, until the deal says so itself."""

    field: str
    """The deal's field that would say so, by key; filled in, there is nothing to suggest."""
    event: str | None = None
    """For `field: trigger`: the event that would say so, by key."""
    direction: Literal["incoming", "outgoing"]
    """Letters from the client, or to the client."""
    words: tuple[str, ...]
    """Words in the name of the file."""


class Letters(_Part):
    """Which letters are logged, and how."""

    search_days: int = Field(gt=0)
    """How many days back letters are looked for when a contact or a mailbox is new."""
    max_characters: int = Field(gt=0, lt=50_000)
    """A longer text is cut; a cell holds 50,000."""
    latest_in_note: int = Field(gt=0, le=20)
    """How many letters the note on the last letter shows."""
    count: Literal["all", "label", "subject"] = "all"
    """Which letters with a client count: all, those with the `label`, those with the `subject`."""
    label: str = "CRM"
    """For `count: label`: the Gmail label that a letter must have."""
    subject: str = "*"
    """For `count: subject`: how the subject must read; * stands for anything."""
    skip_label: str = "CRM/skip"
    """The Gmail label that keeps a letter and its thread out, and takes it out again."""
    internal_domains: tuple[str, ...] = ()
    """Domains of colleagues beyond those of the mailboxes; letters with them alone never count."""
    recheck_days: int = Field(default=3, ge=0)
    """Once a day, so many days of each mailbox are compared with what is logged; 0: never."""
    native_comments: bool = False
    """Letters also become a comment thread on the deal's row; editors are notified of each."""
    attachments: Attachments = Attachments()
    """What becomes of files that come with letters."""
    suggestions: tuple[Suggestion, ...] = ()
    """What files suggest, as warnings."""


class Limits(_Part):
    """How much may change at once before the worker stops and asks. Shares are of 1."""

    rows_at_least: int = Field(gt=0)
    """Fewer rows than this are never too many."""
    rows_vanished_share: float = Field(gt=0, le=1)
    """Rows of a tab that are gone or have become others."""
    stages_changed_share: float = Field(gt=0, le=1)
    """Deals that have changed their stage."""
    column_emptied_share: float = Field(gt=0, le=1)
    """Cells of a column that were filled and are empty."""


class Starting(_Part):
    """What a list of a new workbook holds, by language."""

    en: tuple[str, ...]
    """The values of an English workbook."""
    ru: tuple[str, ...]
    """The values of a Russian workbook."""

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
    """The funnel, in order, by key."""
    required: Mapping[str, StageRequirements]
    """What must be filled in, by stage."""
    recommended: Mapping[str, Recommendations]
    """What is good to have, by stage: missing, it is a warning. `open`: every open stage."""
    none_words: tuple[str, ...]
    """The words that mean "I asked, and there is none"."""
    none_allowed: NoneAllowed
    """The fields that these words answer."""
    choices: Mapping[str, Mapping[str, Name]]
    """Words to choose from, by the key of the choice and the key of the word."""
    duplicates: DuplicateRules
    """What was entered twice."""
    icp: Mapping[str, IdealClient] = Field(default_factory=dict)
    """The ideal clients, by a key of your own. Without any, no deal gets an ICP score."""
    phones: Phones
    """How phone numbers are read."""
    tabs: Mapping[str, Tab]
    """The tabs of the workbook and their columns, by key."""
    reports: Mapping[str, Name]
    """The titles of the report tabs, by key."""
    folders: Folders
    """The folders on Google Drive."""
    letters: Letters
    """Letters with the client."""
    limits: Limits
    """When changes in mass wait for a person's word."""
    starting_lists: Mapping[str, Starting]
    """What the lists of a new workbook start with, by the key of the list."""

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
