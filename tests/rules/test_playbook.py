"""The playbook file: the built-in one, one with mistakes, one that a sales lead has extended."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from rules.messages import (
    COMMENT_LINES,
    FILE_LINES,
    KEY_FIGURES,
    LEFT_OUT,
    MORE_PROBLEMS,
    NOTICES,
    PROBLEMS,
    READING,
    REPORT_HEADERS,
    REPORT_LINES,
    SCORE_LINES,
)
from rules.playbook_file import BUILT_IN, PlaybookError, load_playbook
from rules.words import CATALOGUES
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    HEADERS,
    STAGES,
    TABS,
    TODAY,
    Rows,
    full_rows,
    make_book,
    verdicts,
)

Edited = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """Return a copy of the built-in file with pieces of its text replaced."""

    def edit(*changes: tuple[str, str]) -> Path:
        text = BUILT_IN.read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the file"
            text = text.replace(old, new)
        path = tmp_path / "playbook.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return edit


# ── The built-in file ────────────────────────────────────────────────────────────────────────────


def test_stages_are_the_guides() -> None:
    playbook = load_playbook()
    stages = {key: {"en": s.en, "ru": s.ru} for key, s in playbook.stages.items()}
    assert stages == STAGES
    assert {key: set(stage.leaves_to) for key, stage in playbook.stages.items()} == {
        "cold": {"mql", "unqualified"},
        "mql": {"sql", "unqualified"},
        "sql": {"negotiation", "client", "lost"},
        "negotiation": {"client", "lost"},
        "client": set(),
        "unqualified": set(),
        "lost": set(),
    }


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize("tab", HEADERS)
def test_headers_are_the_contracts(tab: str, locale: str) -> None:
    fields = load_playbook().tabs[tab].fields
    for key, names in HEADERS[tab].items():
        assert {"en": fields[key].en, "ru": fields[key].ru}[locale] == names[locale]


@pytest.mark.parametrize("tab", TABS)
def test_tabs_are_the_contracts(tab: str) -> None:
    found = load_playbook().tabs[tab]
    assert {"en": found.en, "ru": found.ru} == TABS[tab]


def test_copy_of_the_built_in_file_is_the_same_playbook(edited: Edited) -> None:
    assert load_playbook(edited()) == load_playbook()


# ── Mistakes ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("leaves_to: [client, lost]", "leaves_to: [client, lots]", ["lots"]),
        ("reached: sql", "reached: sqll", ["sqll"]),
        ("reached: sql", "reached: unqualified", ["lost", "unqualified"]),
        ("    after:   mql", "    after:   mqll", ["mqll"]),
        ("    after:   mql", "    after:   client", ["sql", "after"]),
        ("  negotiation:\n    after:   sql", "  negotiations:\n    after: sql", ["negotiations"]),
        ("deal:    [contract_signed,", "deal:    [contract_singed,", ["contract_singed", "client"]),
        ("email or phone, info", "email or fone, info", ["fone", "cold"]),
        ("company: [site, category]", "company: [site, position]", ["position", "mql"]),
        ("company: [group, size]", "company: [group, sice]", ["sice"]),
        ("company: [drive], deal: [drive]}", "company: [drvie], deal: [drive]}", ["drvie"]),
        ("  deal:    [info]\n\n", "  deal:    [infos]\n\n", ["infos"]),
        ("choice: category", "choice: kategory", ["kategory", "companies.fields.category"]),
        (
            "kind: list, list: niches",
            "kind: list, list: nichez",
            ["nichez", "companies.fields.niche"],
        ),
        ("kind: money, also", "kind: cash, also", ["cash", "budget"]),
        ("mediaform:       {en: Mediaform,", "mediaform:       {english: Mediaform,", ["english"]),
        ("    severity: warning", "    severity: hint", ["severity", "hint"]),
        ("won: true, ", "", ["won"]),
        ("default_region: KZ", "default_region: Kazakhstan", ["phones"]),
        ("\nfolders:", "\nfolder:", ["folders"]),
        ("\n  companies:\n", "\n  organisations:\n", ["companies"]),
        ("stages:\n", "stages: [\n", []),
        ("stages:\n", "stages: {}\nstages:\n", ["stages"]),
    ],
)
def test_mistake_is_named(edited: Edited, old: str, new: str, named: list[str]) -> None:
    path = edited((old, new))
    with pytest.raises(PlaybookError) as caught:
        load_playbook(path)
    message = str(caught.value)
    assert str(path) in message
    for word in named:
        assert word in message


def test_all_mistakes_are_named_at_once(edited: Edited) -> None:
    path = edited(
        ("leaves_to: [client, lost]", "leaves_to: [client, lots]"),
        ("company: [site, category]", "company: [cite, category]"),
        ("choice: category", "choice: kategory"),
    )
    with pytest.raises(PlaybookError) as caught:
        load_playbook(path)
    for word in ("lots", "cite", "kategory"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"just words", b"- a\n- list", b"\xff\xfe\x00bad", b"a: \x00"]
)
def test_file_that_is_no_playbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "playbook.yaml"
    path.write_bytes(content)
    with pytest.raises(PlaybookError, match=re.escape(str(path))):
        load_playbook(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match=r"nothing\.yaml"):
        load_playbook(tmp_path / "nothing.yaml")


# ── A playbook that a sales lead has extended ────────────────────────────────────────────────────


def extended_rows(stage: str) -> Rows:
    rows = full_rows("en", "client")
    rows["deals"][0]["stage"] = stage
    return rows


def test_added_stage_and_required_field_need_no_code(edited: Edited) -> None:
    playbook = load_playbook(
        edited(
            (
                "  client:      {en: Client,",
                "  legal: {en: Legal check, ru: Юристы, open: true, leaves_to: [client, lost]}\n"
                "  client:      {en: Client,",
            ),
            (
                "  client:\n    after:   negotiation",
                "  legal:\n    after: negotiation\n    deal: [lawyer]\n"
                "    company: [founded]\n  client:\n    after:   legal",
            ),
            (
                "      mediaform:       {",
                "      lawyer: {en: Lawyer, ru: Юрист}\n      mediaform:       {",
            ),
        )
    )
    for stage, asked in (
        ("Negotiations", False),
        ("Legal check", True),
        ("юристы", True),
        ("Client", True),
        ("Lost", False),
    ):
        seen = verdicts(make_book("en", extended_rows(stage)), playbook)["D-000001"]
        assert (seen.check, seen.named) == (("error", ("Lawyer",)) if asked else ("ok", ()))

    rows = extended_rows("Legal check")
    rows["companies"][0]["founded"] = None
    seen = verdicts(make_book("en", rows), playbook)["D-000001"]
    assert set(seen.named) == {"Lawyer", "Companies C-000001 → Date of foundation"}
    assert verdicts(make_book("en", rows), playbook)["C-000001"].named == ("Date of foundation",)


def test_field_required_earlier_is_reported_earlier(edited: Edited) -> None:
    playbook = load_playbook(
        edited(("deal:    [service, scoring_result]", "deal: [service, scoring_result, budget]"))
    )
    rows = full_rows("en", "mql")
    rows["deals"][0]["budget"] = None
    assert verdicts(make_book("en", rows))["D-000001"] == FINE
    assert verdicts(make_book("en", rows), playbook)["D-000001"].named == ("Budget",)


def test_field_no_longer_recommended_is_not_reported(edited: Edited) -> None:
    playbook = load_playbook(edited(("company: [group, size]", "company: [group]")))
    rows = full_rows("en", "cold")
    rows["companies"][0]["size"] = None
    assert verdicts(make_book("en", rows), playbook, TODAY)["D-000001"] == FINE


def test_added_word_for_none_is_an_answer(edited: Edited) -> None:
    playbook = load_playbook(edited(("н/д, none]", "н/д, none, жоқ]")))
    rows = full_rows("en", "client")
    rows["contacts"][0]["birthday"] = "Жоқ"
    assert verdicts(make_book("en", rows))["P-000001"].check == "error"
    assert verdicts(make_book("en", rows), playbook)["P-000001"] == FINE


# ── The sentences ────────────────────────────────────────────────────────────────────────────────

SENTENCES = {
    text
    for messages in (
        *(PROBLEMS, REPORT_HEADERS, REPORT_LINES, KEY_FIGURES, COMMENT_LINES, NOTICES),
        *(SCORE_LINES, LEFT_OUT, READING, FILE_LINES),
    )
    for text in messages.values()
}

COUNTED = (MORE_PROBLEMS,)
"""Sentences with a number: in English in two forms, in Russian in three."""


def russian() -> dict[tuple[str | None, str], str]:
    with (CATALOGUES / "ru.po").open("rb") as source:
        entries = read_po(source, locale="ru", abort_invalid=True)
        return {
            (m.context, str(m.id)): str(m.string)
            for m in entries
            if m.id and not m.fuzzy and not m.pluralizable
        }


def russian_forms() -> dict[object, tuple[str, ...]]:
    with (CATALOGUES / "ru.po").open("rb") as source:
        entries = read_po(source, locale="ru", abort_invalid=True)
        return {m.id: tuple(m.string or ()) for m in entries if m.pluralizable and not m.fuzzy}


def test_sentences_with_a_number_are_translated_in_all_forms() -> None:
    forms = russian_forms()
    assert set(forms) == set(COUNTED)
    for translations in forms.values():
        assert len(set(translations)) == 3
        assert {frozenset(placeholders(text)) for text in translations} == {frozenset({"count"})}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("sentence", sorted(SENTENCES))
def test_sentence_is_translated_with_its_placeholders(sentence: str) -> None:
    translation = russian()[None, sentence]
    assert translation
    assert placeholders(translation) == placeholders(sentence)


def test_every_translation_is_of_a_sentence() -> None:
    assert {sentence for _, sentence in russian()} == SENTENCES


NOT_TRANSLATED = {"{tab} {id} → {problem}", "+{weight} {field}: {value}", "MQL", "SQL"}


def test_translations_are_russian() -> None:
    for (_, sentence), translation in russian().items():
        if sentence not in NOT_TRANSLATED:
            assert re.search("[а-яё]", translation, re.IGNORECASE)
            assert translation.endswith(".") == sentence.endswith(".")


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_is_used(code: str) -> None:
    folders = (BUILT_IN.parent, BUILT_IN.parent.parent / "sync")
    sources = (
        path for folder in folders for path in folder.glob("*.py") if path.name != "messages.py"
    )
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert f'"{code}"' in text or code in BUILT_IN.read_text(encoding="utf-8")
