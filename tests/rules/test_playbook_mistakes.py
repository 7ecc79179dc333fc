"""What a sales lead is told about a playbook file with mistakes: line, place, and what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.playbook import NEEDED
from rules.playbook_file import BUILT_IN, PlaybookError, load_playbook

TEXT = BUILT_IN.read_text(encoding="utf-8")


def told(path: Path, content: str | bytes) -> list[str]:
    """Return what is told about a file of that content, the path left out."""
    path = path / "mine.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(PlaybookError) as caught:
        load_playbook(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def line_of(piece: str, text: str) -> int:
    assert text.count(piece) == 1
    return text[: text.index(piece)].count("\n") + 1


ONE_MISTAKE = [
    # old, new, and what is told of the new
    ("client: [contract, media_plan]", "client: [contarct, media_plan]",
     "folders.expected.client: there is no such subfolder; did you mean 'contract'? "
     "(found 'contarct')"),
    ("client: [contract, media_plan]", "clinet: [contract]",
     "folders.expected.clinet: there is no such stage; did you mean 'client'? (found 'clinet')"),
    ("  expected:\n", "  archive: somewhere else\n  expected:\n",
     "folders.archive: must be a link to Google Drive, or an id (found 'somewhere else')"),
    ("  expected:\n", "  documents: {plan: {template: 1AbCdEfGhIjKl, into: plans, "
     "name: {en: Plan, ru: План}}}\n  expected:\n",
     "folders.documents.plan.into: there is no such subfolder (found 'plans')"),
    ("  expected:\n", "  documents: {plan: {template: 1AbCdEfGhIjKl, into: brief, "
     "name: {en: \"{deal}\", ru: План}}}\n  expected:\n",
     "folders.documents.plan.name.en: may hold in braces only {id}, {company}, {service} "
     "(found '{deal}')"),
    ("leaves_to: [client, lost]", "leaves_to: [client, lots]",
     "stages.negotiation.leaves_to: there is no such stage; did you mean 'lost'? (found 'lots')"),
    ("reached: sql", "reached: sqll",
     "stages.lost.reached: there is no such stage; did you mean 'sql'? (found 'sqll')"),
    ("reached: sql", "reached: unqualified",
     "stages.lost.reached: must be a stage on the way to a client (found 'unqualified')"),
    ("    after:   mql", "    after:   mqll",
     "required.sql.after: there is no such stage; did you mean 'mql'? (found 'mqll')"),
    ("  negotiation:\n    after:   sql", "  talks:\n    after:   sql",
     "required.talks: there is no such stage (found 'talks')"),
    ("email or phone, info", "email or fone, info",
     "required.cold.contact: there is no such field of a contact; did you mean 'phone'? "
     "(found 'fone')"),
    ("company: [drive], deal: [drive]}", "company: [drvie], deal: [drive]}",
     "required.lost.except.company: there is no such field of a company; did you mean 'drive'? "
     "(found 'drvie')"),
    ("  deal:    [info]\n\n", "  deal:    [zzz]\n\n",
     "none_allowed.deal: there is no such field of a deal (found 'zzz')"),
    ("company: [group, size]", "company: [group, sice]",
     "recommended.cold.company: there is no such field of a company; did you mean 'size'? "
     "(found 'sice')"),
    ("choice: category", "choice: kategory",
     "tabs.companies.fields.category.choice: there is no such choice; did you mean 'category'? "
     "(found 'kategory')"),
    ("kind: choice, choice: category", "kind: choice",
     "tabs.companies.fields.category: `kind: choice` needs `choice: …`, naming which"),
    ("kind: list, list: niches", "kind: list, list: nichez",
     "tabs.companies.fields.niche.list: there is no such list; did you mean 'niches'? "
     "(found 'nichez')"),
    ("  niches:     {en: [", "  nishes:     {en: [",
     "starting_lists.nishes: there is no such list; did you mean 'niches'? (found 'nishes')"),
    ("    severity: warning", "    severity: hint",
     "required.unqualified.severity: must be one of 'error' or 'warning' (found 'hint')"),
    ("won: true, ", "", "stages: exactly one stage must have `won: true`, and none has"),
    ("folder: true, won: true", "folder: true, won: 7",
     "stages.client.won: must be true or false (found 7)"),
    ("also: [win, won", "also: [7, won",
     "stages.client.also: must be a text; put it in quotes (found 7)"),
    ("also: [win, won, выиграна]", "also: won",
     "stages.client.also: must be a list, like [one, another] (found 'won')"),
    ("default_region: KZ", "default_region: Kazakhstan",
     "phones.default_region: must be a country's two capital letters, for example KZ "
     "(found 'Kazakhstan')"),
    ("condition: brief_received", "condition: brief_recieved",
     "stages.sql.condition: there is no such field of a deal; did you mean 'brief_received'? "
     "(found 'brief_recieved')"),
    ("scoring_result = qualified", "scoring_result = qualifid",
     "stages.mql.condition: there is no such word; did you mean 'qualified'? "
     "(found 'qualifid')"),
    ("open: true, stale_days: 30, leaves_to: [mql", "open: true, stale_days: 0, leaves_to: [mql",
     "stages.cold.stale_days: must be more than 0 (found 0)"),
    ("rows_vanished_share: 0.3", "rows_vanished_share: 20",
     "limits.rows_vanished_share: must be at most 1.0 (found 20)"),
    ("    ru: Сделки\n    prefix", "    ru:\n    prefix", "tabs.deals.ru: is empty"),
    ("also: [win, won, выиграна]", "also: [Лид]",
     "stages.client: is a name of 'cold' already (found 'Лид')"),
    ("      learnings:       {en: Key learnings,", "      learnings:       {en: amount,",
     "tabs.deals.fields.learnings: is a name of 'budget' already (found 'amount')"),
    ("traffic:   {en: \"Report: Traffic\",", "traffic:   {en: Deals,",
     "reports.traffic: is a name of 'deals' already (found 'Deals')"),
    ("search_days: 365", "search_days: many",
     "letters.search_days: must be a whole number (found 'many')"),
    ("search_days: 365", "search_days: 0", "letters.search_days: must be more than 0 (found 0)"),
    ("latest_in_note: 5", "latest_in_note: 50",
     "letters.latest_in_note: must be at most 20 (found 50)"),
    ("max_characters: 45000", "max_characters: 50000",
     "letters.max_characters: must be less than 50000 (found 50000)"),
    ('deal: "{id} {company} — {service}"', 'deal: "{id} {firm}"',
     "folders.deal: may hold in braces only {id}, {company}, {service} (found '{id} {firm}')"),
    ('deal: "{id} {company} — {service}"', 'deal: "{company}"',
     "folders.deal: must begin with {id} (found '{company}')"),
    ('company: "{company}"', 'company: "{company"',
     "folders.company: may hold in braces only {company} (found '{company')"),
    ("  dashboard: {en: Dashboard, ", "  dashboard: {en: Dashboard, fr: Tableau, ",
     "reports.dashboard.fr: is no key that is known here (found 'Tableau')"),
    ("      next_step:       {", "      nexxt_step:       {",
     "tabs.deals.fields.next_step: is missing, and the worker needs it"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), ONE_MISTAKE)
def test_mistake_is_told_with_its_line_and_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = changed((old, new))
    lines = told(tmp_path, text)
    assert message in [line.partition(": ")[2] for line in lines]
    if "is missing" in message or not new:
        return  # what is not there has no line of its own
    line = next(line for line in lines if line.endswith(message))
    first = line_of(old, TEXT)
    assert int(line.partition(":")[0]) in range(first, first + new.count("\n") + 1)


def test_mistakes_of_all_kinds_are_told_at_once_in_the_files_order(tmp_path: Path) -> None:
    text = changed(
        ("leaves_to: [client, lost]", "leaves_to: [client, lots]"),  # a name that means nothing
        ("company: [site, category]", "company: [cite, category]"),
        ("    severity: warning", "    severity: hint"),  # a wrong value
        ("phones:\n", "none_words: [no]\nphones:\n"),  # a key that stands twice
        ("mediaform:       {en: Mediaform, ", "mediaform:       {"),  # a missing key
        ("  latest_in_note: 5", "  latest_in_notes: 5"),  # a key that nobody knows
    )
    first_none_words = line_of('none_words: ["-"', text)
    lines = told(tmp_path, text)
    assert [line.partition(": ")[2] for line in lines] == [
        "stages.negotiation.leaves_to: there is no such stage; did you mean 'lost'? (found 'lots')",
        "required.mql.company: there is no such field of a company; did you mean 'site'? "
        "(found 'cite')",
        "required.unqualified.severity: must be one of 'error' or 'warning' (found 'hint')",
        f"none_words: stands twice here, first on line {first_none_words}",
        "tabs.deals.fields.mediaform.en: is missing",
        "letters.latest_in_note: is missing",
        "letters.latest_in_notes: is no key that is known here (found 5)",
    ]
    assert [int(line.partition(":")[0]) for line in lines] == [
        line_of("[client, lots]", text),
        line_of("[cite, category]", text),
        line_of("severity: hint", text),
        line_of("none_words: [no]", text),
        line_of("mediaform:       {", text),
        line_of("\nletters:", text) + 1,
        line_of("latest_in_notes", text),
    ]


def test_circle_of_stages_is_told_of_each_of_them(tmp_path: Path) -> None:
    lines = told(tmp_path, changed(("  mql:\n    after:   cold", "  mql:\n    after:   client")))
    message = "the stages come after one another in a circle"
    named = [line.split(": ")[1] for line in lines if line.endswith(message)]
    assert named == [f"required.{stage}.after" for stage in ("mql", "sql", "negotiation", "client")]


@pytest.mark.parametrize("doubled", ["    en: Deals\n", "    ru: Сделки\n", "    prefix: D\n"])
def test_key_that_stands_twice_inside_a_block(tmp_path: Path, doubled: str) -> None:
    text = changed((doubled, doubled * 2))
    first = text[: text.index(doubled)].count("\n") + 1
    key = doubled.strip().partition(":")[0]
    assert told(tmp_path, text) == [
        f"{first + 1}: tabs.deals.{key}: stands twice here, first on line {first}"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "1: is empty"),
        (b"just words", "1: must be a block of keys, like {key: value} (found 'just words')"),
        (b"- a\n- list", "1: must be a block of keys, like {key: value}"),
        (b"\n\n\xff\xfe", "3: this is no text in UTF-8"),
        (b"a: 1\nb: \x00", "2: the character #x0000 may not stand here"),
        (b"a:\n  b: [1\nc: 2", "3: this is no YAML: "),
        (b"a:\n\t- b", "2: this is no YAML: "),
        (b"\na: *x", "2: this is no YAML: found undefined alias 'x'"),
        (b"a: !!python/name:os.system x", "1: this is no YAML: could not determine a constructor"),
        (b"[" * 5000, "1: its blocks are nested too deeply"),
    ],
)
def test_file_that_is_no_playbook_at_all(tmp_path: Path, content: bytes, message: str) -> None:
    [line] = told(tmp_path, content)
    assert line.startswith(message)


def test_empty_parts_and_wrong_keys_are_told_and_nothing_fails(tmp_path: Path) -> None:
    lines = told(tmp_path, "7: {}\nstages: {1: {en: a, ru: b}}\ntabs: [x]\nrequired: &r {cold: *r}")
    assert "1: every key must be a text; put it in quotes (found 7)" in lines
    assert "2: stages: every key must be a text; put it in quotes (found 1)" in lines
    assert "3: tabs: must be a block of keys, like {key: value}" in lines
    assert "1: choices: is missing" in lines


def test_byte_order_mark_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert load_playbook(path) == load_playbook()


@pytest.mark.parametrize(
    ("way", "key"),
    [
        (way, key)
        for way, keys in NEEDED.items()
        for key in keys
        if way[0] == "tabs" or way == ("choices", "event")
    ],
)
def test_what_the_worker_needs_cannot_be_removed(
    tmp_path: Path, way: tuple[str, ...], key: str
) -> None:
    block = TEXT.index(f"\n{way[0]}:\n")
    for step in way[1:]:
        block = re.compile(rf"^ +{step}:", re.MULTILINE).search(TEXT, block).end()  # type: ignore[union-attr]
    place = re.compile(rf"^ +({key}):", re.MULTILINE).search(TEXT, block)
    assert place is not None
    text = TEXT[: place.start(1)] + "another" + TEXT[place.end(1) :]
    message = f"{'.'.join(way)}.{key}: is missing, and the worker needs it"
    assert message in [line.partition(": ")[2] for line in told(tmp_path, text)]
