"""Moves between stages, deals that stay too long, and what lets a deal in."""

from __future__ import annotations

import pytest

from rules.playbook import Locale
from rules.table import Raw
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    STAGES,
    TODAY,
    Cells,
    Rows,
    Verdict,
    full_rows,
    header,
    make_book,
    stage_event,
    verdicts,
    with_cell,
)

WORDS = {
    "skipped": {"en": "without", "ru": "минуя"},
    "back": {"en": "went back", "ru": "вернулась"},
    "reopened": {"en": "taken up again", "ru": "открыта снова"},
    "unusual": {"en": "which leads to", "ru": "с которого переходят"},
}


def seen_at(locale: Locale, stage: str, events: list[Cells], rows: Rows | None = None) -> Verdict:
    rows = rows or full_rows(locale, stage)
    return verdicts(make_book(locale, {**rows, "events": events}))["D-000001"]


def moved(locale: Locale, origin: str, stage: str) -> Verdict:
    event = stage_event("D-000001", TODAY - 1, stage, origin, locale)
    return seen_at(locale, stage, [event])


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(
    ("origin", "stage"),
    [
        ("cold", "mql"), ("cold", "unqualified"), ("mql", "sql"), ("mql", "unqualified"),
        ("sql", "negotiation"), ("sql", "client"), ("sql", "lost"), ("negotiation", "client"),
        ("negotiation", "lost"), ("sql", "sql"),
    ],
)  # fmt: skip
def test_usual_move_is_no_problem(locale: Locale, origin: str, stage: str) -> None:
    assert moved(locale, origin, stage) == FINE


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(
    ("origin", "stage", "kind"),
    [
        ("cold", "sql", "skipped"), ("cold", "negotiation", "skipped"),
        ("cold", "client", "skipped"),
        ("mql", "negotiation", "skipped"), ("mql", "client", "skipped"),
        ("mql", "cold", "back"), ("sql", "cold", "back"), ("sql", "mql", "back"),
        ("negotiation", "sql", "back"), ("negotiation", "mql", "back"),
        ("lost", "sql", "reopened"), ("unqualified", "cold", "reopened"),
        ("client", "negotiation", "reopened"), ("lost", "client", "reopened"),
        ("client", "lost", "reopened"),
        ("cold", "lost", "unusual"), ("mql", "lost", "unusual"), ("sql", "unqualified", "unusual"),
    ],
)  # fmt: skip
def test_unusual_move_is_a_warning_that_names_the_stage(
    locale: Locale, origin: str, stage: str, kind: str
) -> None:
    seen = moved(locale, origin, stage)
    assert (seen.check, seen.named) == ("warning", (header("deals", "stage", locale),))
    assert STAGES[origin][locale] in seen.problems[0]
    assert WORDS[kind][locale] in seen.problems[0]


def test_skipped_stages_are_named() -> None:
    (problem,) = moved("en", "cold", "negotiation").problems
    assert "“Cold Lead” without MQL, SQL." in problem


def test_first_sight_is_no_move() -> None:
    assert seen_at("en", "sql", [stage_event("D-000001", TODAY, "sql")]) == FINE


def test_the_latest_move_counts_wherever_its_row_stands() -> None:
    events = [
        stage_event("D-000001", TODAY - 1, "sql", "mql"),
        stage_event("D-000001", TODAY - 9, "sql", "cold"),
        stage_event("D-000002", TODAY, "sql", "cold"),
    ]
    assert seen_at("en", "sql", events) == FINE
    events[1]["when"] = TODAY
    assert "without MQL" in seen_at("en", "sql", events).problems[0]


def test_move_that_is_not_recorded_yet_is_seen() -> None:
    seen = seen_at("en", "sql", [stage_event("D-000001", TODAY - 400, "cold")])
    assert "“Cold Lead” without MQL" in seen.problems[0]
    assert len(seen.problems) == 1


# ── Staying too long ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(
    ("stage", "days"), [("cold", 30), ("mql", 45), ("sql", 45), ("negotiation", 30)]
)
def test_deal_that_stays_too_long_is_a_warning(locale: Locale, stage: str, days: int) -> None:
    assert seen_at(locale, stage, [stage_event("D-000001", TODAY - days, stage)]) == FINE
    seen = seen_at(locale, stage, [stage_event("D-000001", TODAY - days - 1 + 0.9, stage)])
    assert (seen.check, seen.named) == ("warning", (header("deals", "stage", locale),))
    assert f"{days} " in seen.problems[0]


@pytest.mark.parametrize("stage", ["client", "lost", "unqualified"])
def test_ended_deal_is_never_stale(stage: str) -> None:
    assert seen_at("en", stage, [stage_event("D-000001", TODAY - 4000, stage)]) == FINE


def test_exported_deals_without_events_go_by_their_stage_since() -> None:
    book = make_book("en", full_rows("en", "sql"))
    deals = book.tables["deals"]
    columns: dict[str, list[Raw]] = {**deals.columns, "stage_since": [TODAY - 100]}  # type: ignore[dict-item]
    old = type(deals)("deals", deals.headers, columns, deals.height)
    seen = verdicts(type(book)("en", {**book.tables, "deals": old}))["D-000001"]
    assert "unchanged since 30.11.2025, for more than 45 days" in seen.problems[0]


# ── What lets a deal in ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(
    ("stage", "key", "of_stage"),
    [
        ("mql", "scoring_result", "mql"), ("sql", "brief_received", "sql"),
        ("negotiation", "brief_received", "sql"), ("client", "contract_signed", "client"),
        ("client", "brief_received", "sql"), ("lost", "outcome_reason", "lost"),
        ("unqualified", "outcome_reason", "unqualified"),
    ],
)  # fmt: skip
def test_missing_condition_names_the_stage(
    locale: Locale, stage: str, key: str, of_stage: str
) -> None:
    rows = with_cell(full_rows(locale, stage), "deals", key, None)
    seen = seen_at(locale, stage, [], rows)
    assert (seen.check, seen.named) == ("error", (header("deals", key, locale),))
    assert STAGES[of_stage][locale] in seen.problems[0]


@pytest.mark.parametrize("stage", ["mql", "sql", "negotiation", "client"])
def test_deal_that_was_not_qualified_does_not_go_on(stage: str) -> None:
    rows = with_cell(full_rows("en", stage), "deals", "scoring_result", "Not qualified")
    seen = seen_at("en", stage, [], rows)
    assert (seen.check, seen.named) == ("warning", ("Scoring result",))


@pytest.mark.parametrize("stage", ["cold", "unqualified", "lost"])
def test_deal_that_was_not_qualified_may_end(stage: str) -> None:
    rows = with_cell(full_rows("en", stage), "deals", "scoring_result", "Not qualified")
    assert seen_at("en", stage, [], rows) == FINE
