"""Do the names in a playbook mean something? Stages, fields and choices that refer to each other.

It looks at the file's plain content, before the models: so a mistake of one kind does not hide
those of another. What has the wrong shape is passed over here; the models complain about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from string import Formatter
from typing import NamedTuple, TypeAlias

from rules.playbook import LOCALES, NEEDED, NEEDED_TABS, OPEN, SOME_DECISION_MAKER, SUBJECT_TABS
from rules.text import drive_id, fold

Location: TypeAlias = tuple[str | int, ...]
"""The way to a place in the file: keys, and places in lists from 0."""


class Mistake(NamedTuple):
    """What is wrong at a place of the file; `found` is what stands there, where that helps."""

    location: Location
    message: str
    found: str | int | float | None = None


def find_broken_links(content: object) -> Iterator[Mistake]:
    """Yield every name in the playbook's content that is missing or refers to nothing."""
    yield from _missing_keys(content)
    yield from _tabs_that_are_reports(content)
    yield from _unknown_stages(content)
    yield from _wrong_ways(content)
    yield from _unknown_fields(content)
    yield from _unknown_conditions(content)
    yield from _unknown_choices(content)
    yield from _names_of_two(content)
    yield from _unknown_starting_lists(content)
    yield from _wrong_folder_names(content)
    yield from _unknown_suggestions(content)
    yield from _unknown_subfolders(content)
    yield from _folders_that_are_none(content)
    yield from _wrong_ideal_clients(content)


# ── The content, whatever its shape ──────────────────────────────────────────────────────────────


def _at(content: object, *way: str) -> Mapping[str, object]:
    """Return the block at that place, an empty one if there is none."""
    for key in way:
        content = content.get(key) if isinstance(content, dict) else None
    if not isinstance(content, dict):
        return {}
    return {key: value for key, value in content.items() if isinstance(key, str)}


def _words(value: object) -> Iterator[tuple[int, str]]:
    """Yield the texts of a list, each with its place."""
    if isinstance(value, list):
        yield from ((at, text) for at, text in enumerate(value) if isinstance(text, str))


def _unknown(location: Location, kind: str, name: str, known: Collection[str]) -> Mistake:
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return Mistake(location, f"there is no such {kind}{hint}", name)


# ── Stages ───────────────────────────────────────────────────────────────────────────────────────


def _stage_names(content: object) -> Iterator[tuple[Location, str]]:
    """Yield each place that names a stage, and the name."""
    for key in _at(content, "required"):
        yield ("required", key), key
        if isinstance(after := _at(content, "required", key).get("after"), str):
            yield ("required", key, "after"), after
    for key in _at(content, "recommended"):
        if key != OPEN:
            yield ("recommended", key), key
    for key in _at(content, "stages"):
        stage = _at(content, "stages", key)
        for at, name in _words(stage.get("leaves_to")):
            yield ("stages", key, "leaves_to", at), name
        if isinstance(reached := stage.get("reached"), str):
            yield ("stages", key, "reached"), reached


def _unknown_stages(content: object) -> Iterator[Mistake]:
    known = _at(content, "stages")
    for location, name in _stage_names(content):
        if known and name not in known:
            yield _unknown(location, "stage", name, known)


def _wrong_ways(content: object) -> Iterator[Mistake]:
    stages = {key: _at(content, "stages", key) for key in _at(content, "stages")}
    won = [key for key, stage in stages.items() if stage.get("won") is True]
    if stages and len(won) != 1:
        told = f"not {len(won)} ({', '.join(won)})" if won else "and none has"
        yield Mistake(("stages",), f"exactly one stage must have `won: true`, {told}")
    for key, stage in stages.items():
        reached = stage.get("reached")
        if not isinstance(reached, str) or reached not in stages:
            continue
        if not (stages[reached].get("open") is True or reached in won):
            message = "must be a stage on the way to a client"
            yield Mistake(("stages", key, "reached"), message, reached)
    after = {key: _at(content, "required", key).get("after") for key in _at(content, "required")}
    for key in after:
        if _comes_after_itself(key, after):
            message = "the stages come after one another in a circle"
            yield Mistake(("required", key, "after"), message)


def _comes_after_itself(stage: str, after: Mapping[str, object]) -> bool:
    key, passed = after[stage], set[object]()
    while isinstance(key, str) and key in after and key not in passed:
        if key == stage:
            return True
        passed.add(key)
        key = after[key]
    return False


# ── Fields ───────────────────────────────────────────────────────────────────────────────────────


def _field_names(content: object) -> Iterator[tuple[Location, str, str]]:
    """Yield each place that names a field, the subject that it is of, and the name."""
    for section in ("required", "recommended"):
        for stage in _at(content, section):
            block = _at(content, section, stage)
            yield from _field_names_of((section, stage), block, split=True)
            excepted = _at(block, "except")
            yield from _field_names_of((section, stage, "except"), excepted, split=False)
    yield from _field_names_of(("none_allowed",), _at(content, "none_allowed"), split=False)


def _field_names_of(
    location: Location, block: Mapping[str, object], *, split: bool
) -> Iterator[tuple[Location, str, str]]:
    for subject in SUBJECT_TABS:
        for at, text in _words(block.get(subject)):
            for name in text.split(" or ") if split else (text,):
                yield (*location, subject, at), subject, name


def _unknown_fields(content: object) -> Iterator[Mistake]:
    fields = {subject: _at(content, "tabs", tab, "fields") for subject, tab in SUBJECT_TABS.items()}
    for location, subject, name in _field_names(content):
        known = fields[subject]  # type: ignore[index]  # a key of SUBJECT_TABS
        if known and name not in known and name != SOME_DECISION_MAKER:
            yield _unknown(location, f"field of a {subject}", name, known)


def _unknown_conditions(content: object) -> Iterator[Mistake]:
    fields = _at(content, "tabs", SUBJECT_TABS["deal"], "fields")
    for key in _at(content, "stages"):
        condition = _at(content, "stages", key).get("condition")
        if not isinstance(condition, str) or not fields:
            continue
        location = ("stages", key, "condition")
        name, _, word = (part.strip() for part in condition.partition("="))
        if name not in fields:
            yield _unknown(location, "field of a deal", name, fields)
            continue
        choice = _at(fields, name).get("choice")
        words = _at(content, "choices", choice) if isinstance(choice, str) else {}
        if word and word not in words:
            yield _unknown(location, "word", word, words)


# ── Choices, lists, tabs ─────────────────────────────────────────────────────────────────────────


def _unknown_choices(content: object) -> Iterator[Mistake]:
    known = {
        "choice": _at(content, "choices"),
        "list": _at(content, "tabs", "lists", "fields"),
    }
    for tab in _at(content, "tabs"):
        for key in _at(content, "tabs", tab, "fields"):
            field = _at(content, "tabs", tab, "fields", key)
            kind = field.get("kind")
            if kind not in ("choice", "list") or not known[str(kind)]:
                continue
            location = ("tabs", tab, "fields", key)
            name = field.get(str(kind))
            if name is None:
                yield Mistake(location, f"`kind: {kind}` needs `{kind}: …`, naming which")
            elif isinstance(name, str) and name not in known[str(kind)]:
                yield _unknown((*location, str(kind)), str(kind), name, known[str(kind)])


def _missing_keys(content: object) -> Iterator[Mistake]:
    tabs = _at(content, "tabs")
    for tab in NEEDED_TABS if tabs else ():
        if tab not in tabs:
            yield Mistake(("tabs", tab), "is missing, and the worker needs it")
    for way, keys in NEEDED.items():
        present = _at(content, *way)
        for key in keys if present else ():
            if key not in present:
                yield Mistake((*way, key), "is missing, and the worker needs it")


def _tabs_that_are_reports(content: object) -> Iterator[Mistake]:
    for key in _at(content, "tabs"):
        if key in _at(content, "reports"):
            yield Mistake(("reports", key), f"{key!r} is the key of a tab already", key)


# ── Names that mean two things ───────────────────────────────────────────────────────────────────


def _named_together(content: object) -> Iterator[Sequence[tuple[Location, Mapping[str, object]]]]:
    """Yield the groups of named things that are told apart by their names alone."""
    ways: list[Sequence[tuple[str, ...]]] = [[("stages",)], [("tabs",), ("reports",)]]
    ways += [[("choices", key)] for key in _at(content, "choices")]
    ways += [[("tabs", key, "fields")] for key in _at(content, "tabs")]
    for group in ways:
        yield [
            ((*way, key), _at(content, *way, key)) for way in group for key in _at(content, *way)
        ]


def _names_of_two(content: object) -> Iterator[Mistake]:
    for group in _named_together(content):
        meant: dict[str, Location] = {}
        for location, thing in group:
            names = [
                thing.get("en"),
                thing.get("ru"),
                *(name for _, name in _words(thing.get("also"))),
            ]
            for name in names:
                if isinstance(name, str) and meant.setdefault(fold(name), location) != location:
                    message = f"is a name of {meant[fold(name)][-1]!r} already"
                    yield Mistake(location, message, name)


# ── Starting lists ───────────────────────────────────────────────────────────────────────────────


def _unknown_starting_lists(content: object) -> Iterator[Mistake]:
    known = _at(content, "tabs", "lists", "fields")
    for key in _at(content, "starting_lists"):
        if known and key not in known:
            yield _unknown(("starting_lists", key), "list", key, known)


# ── Folders ──────────────────────────────────────────────────────────────────────────────────────

_OF_A_DEAL = ("id", "company", "service")


def _folder_names(content: object) -> Iterator[tuple[Location, object, Sequence[str]]]:
    """Yield each place that names a folder or a document, the name, what it may hold in braces."""
    folders = _at(content, "folders")
    yield ("folders", "company"), folders.get("company"), ("company",)
    yield ("folders", "deal"), folders.get("deal"), _OF_A_DEAL
    for key in _at(folders, "documents"):
        name = _at(folders, "documents", key, "name")
        for locale in LOCALES:
            yield ("folders", "documents", key, "name", locale), name.get(locale), _OF_A_DEAL


def _wrong_folder_names(content: object) -> Iterator[Mistake]:
    for location, name, known in _folder_names(content):
        if not isinstance(name, str):
            continue
        allowed = ", ".join(f"{{{key}}}" for key in known)
        try:
            used = [key for _, key, _, _ in Formatter().parse(name) if key is not None]
        except ValueError:
            used = [""]
        if not set(used) <= set(known):
            yield Mistake(location, f"may hold in braces only {allowed}", name)
        elif location == ("folders", "deal") and not name.startswith("{id}"):
            yield Mistake(location, "must begin with {id}", name)


# ── Suggestions ──────────────────────────────────────────────────────────────────────────────────


def _unknown_suggestions(content: object) -> Iterator[Mistake]:
    events = _at(content, "choices", "trigger")
    listed = _at(content, "letters").get("suggestions")
    for at, suggestion in enumerate(listed if isinstance(listed, list) else ()):
        # A field that the playbook has no more simply has nothing suggested.
        event = _at(suggestion).get("event")
        if isinstance(event, str) and events and event not in events:
            yield _unknown(("letters", "suggestions", at, "event"), "event", event, events)


def _unknown_subfolders(content: object) -> Iterator[Mistake]:
    folders = _at(content, "folders")
    known, stages = _at(folders, "subfolders"), _at(content, "stages")
    named: list[tuple[Location, object]] = [
        (("documents", key, "into"), _at(folders, "documents", key).get("into"))
        for key in _at(folders, "documents")
    ]
    for stage, subfolders in _at(folders, "expected").items():
        if stages and stage not in stages:
            yield _unknown(("folders", "expected", stage), "stage", stage, stages)
        named += [(("expected", stage, at), name) for at, name in _words(subfolders)]
    for location, name in named:
        if known and isinstance(name, str) and name not in known:
            yield _unknown(("folders", *location), "subfolder", name, known)


def _folders_that_are_none(content: object) -> Iterator[Mistake]:
    folders = _at(content, "folders")
    places: list[tuple[Location, object]] = [(("archive",), folders.get("archive"))]
    for key in _at(folders, "documents"):
        template = _at(folders, "documents", key).get("template")
        places.append((("documents", key, "template"), template))
    for location, text in places:
        if isinstance(text, str) and drive_id(text) is None:
            yield Mistake(("folders", *location), "must be a link to Google Drive, or an id", text)


# ── Ideal clients ────────────────────────────────────────────────────────────────────────────────

_CONDITIONS = ("any_of", "contains", "at_least", "filled")


def _wrong_ideal_clients(content: object) -> Iterator[Mistake]:
    regions: dict[str, str] = {}
    for key in _at(content, "icp"):
        icp, location = _at(content, "icp", key), ("icp", key)
        yield from _regions_of_two(key, icp, regions)
        weights = []
        for subject, tab in SUBJECT_TABS.items():
            fields = _at(content, "tabs", tab, "fields")
            for field in _at(icp, subject):
                place = (*location, subject, field)
                if fields and field not in fields:
                    yield _unknown(place, f"field of a {subject}", field, fields)
                criterion = _at(icp, subject, field)
                weights.append(criterion.get("weight"))
                yield from _wrong_condition(content, place, _at(fields, field), criterion)
        total = sum(weight for weight in weights if isinstance(weight, int))
        if total != 100:
            yield Mistake(location, f"the weights of its criteria must add up to 100, not {total}")
    if _at(content, "icp") and "icp_score" not in _at(content, "tabs", "deals", "fields"):
        yield Mistake(("tabs", "deals", "fields", "icp_score"), "is missing, and `icp` needs it")


def _regions_of_two(
    key: str, icp: Mapping[str, object], known: dict[str, str]
) -> Iterator[Mistake]:
    """Yield each region that another ICP has already; "" stands for all that none of them has."""
    names: list[tuple[Location, str]] = [
        (("regions", at), name) for at, name in _words(icp.get("regions"))
    ]
    for place, name in names or [((), "")]:
        other = known.setdefault(fold(name), key)
        if other != key:
            message = f"{other!r} is the ICP {'there' if name else 'of all other regions'} already"
            yield Mistake(("icp", key, *place), message, name or None)


def _wrong_condition(
    content: object,
    location: Location,
    field: Mapping[str, object],
    criterion: Mapping[str, object],
) -> Iterator[Mistake]:
    given = [
        name
        for name in _CONDITIONS
        if (value := criterion.get(name)) is not None and value is not False
    ]
    if len(given) != 1:
        told = f"needs one of {', '.join(_CONDITIONS)}"
        yield Mistake(location, f"{told}, and has {' and '.join(given)}" if given else told)
    choice = "yes_no" if field.get("kind") == "yes_no" else field.get("choice")
    words = _at(content, "choices", choice) if isinstance(choice, str) else {}
    spellings = set(words)
    for word in words.values():
        name = _at(word)
        spelled = [name.get("en"), name.get("ru"), *(text for _, text in _words(name.get("also")))]
        spellings.update(fold(text) for text in spelled if isinstance(text, str))
    for at, text in _words(criterion.get("any_of")):
        if words and fold(text) not in spellings:
            yield _unknown((*location, "any_of", at), "word of that choice", text, words)
