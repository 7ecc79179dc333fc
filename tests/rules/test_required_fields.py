"""Which fields a stage asks for: the required-fields table of the sales guide, retyped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rules.playbook import Locale
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    TODAY,
    Rows,
    Verdict,
    elsewhere,
    full_contact,
    full_deal,
    full_rows,
    header,
    joined,
    verdicts_of,
    with_cell,
    without,
)

PAIR = "email or phone"

# What each stage adds: contact; company; deal.
ADDS = {
    "cold": (
        ["first_name", "last_name", PAIR, "info"],
        ["title", "region", "niche", "info"],
        ["channel", "accountable", "info"],
    ),
    "mql": (
        ["position"],
        ["site", "category"],
        ["service", "scoring_result"],
    ),
    "sql": (
        ["decision_maker"],
        ["drive"],
        ["drive", "budget", "tender", "mediaform", "brief_received"],
    ),
    "negotiation": ([], [], []),
    "client": (
        ["additional_email", "phone", "birthday"],
        ["email", "additional_emails", "phone", "additional_titles", "niche_holiday", "founded"],
        ["contract_signed", "outcome_reason", "learnings"],
    ),
}
FUNNEL = list(ADDS)
OPEN = FUNNEL[:-1]
STAGES = [*FUNNEL, "lost", "unqualified"]
SUBJECT_TABS = ("contacts", "companies", "deals")

Field = tuple[str, str]
"""A tab and a field key."""


def added_up_to(stage: str) -> set[Field]:
    before = FUNNEL[: FUNNEL.index(stage) + 1]
    return {
        (tab, key)
        for name in before
        for tab, keys in zip(SUBJECT_TABS, ADDS[name], strict=True)
        for key in keys
    }


def asked_at(stage: str) -> dict[Field, str]:
    """Return the fields that a stage asks for, each with its severity."""
    if stage == "lost":
        at_sql = added_up_to("sql") - {("companies", "drive"), ("deals", "drive")}
        return dict.fromkeys([*at_sql, ("deals", "outcome_reason")], "error")
    if stage == "unqualified":
        return dict.fromkeys(added_up_to("cold"), "warning") | {
            ("deals", "outcome_reason"): "error"
        }
    return dict.fromkeys(added_up_to(stage), "error")


EVERYTHING = sorted(added_up_to("client"))

# Good to have from a stage on, as long as the deal is open.
RECOMMENDED = {
    ("contacts", "position"): ["cold"],
    ("contacts", "group"): OPEN,
    ("contacts", "region"): OPEN,
    ("companies", "group"): OPEN,
    ("companies", "size"): OPEN,
    ("deals", "direction"): OPEN,
    ("deals", "traffic_source"): OPEN,
    ("deals", "campaign_date"): OPEN[1:],
    ("deals", "next_step"): OPEN,
}

ROW_IDS = {"deals": "D-000001", "contacts": "P-000001", "companies": "C-000001"}


def each_asked() -> Iterator[tuple[str, str, str, str]]:
    for stage in STAGES:
        for (tab, key), severity in sorted(asked_at(stage).items()):
            if (stage, key) != ("client", PAIR):  # a client's phone is asked for by itself as well
                yield stage, tab, key, severity


def each_not_asked() -> Iterator[tuple[str, str, str]]:
    for stage in STAGES:
        asked = asked_at(stage)
        for tab, key in EVERYTHING:
            recommended_here = (tab, key) == ("contacts", "position") and stage != "client"
            if (tab, key) not in asked and not recommended_here:
                yield stage, tab, key


def each_recommended() -> Iterator[tuple[str, str, str]]:
    for (tab, key), stages in RECOMMENDED.items():
        for stage in stages:
            yield stage, tab, key


def clear(rows: Rows, tab: str, key: str) -> Rows:
    return without(rows, tab, *key.split(" or "))


def one_problem(locale: Locale, tab: str, key: str, check: str) -> dict[str, tuple[str, list[str]]]:
    """Return Check and the named fields by row: one problem, on the row and on its deal."""
    fine: tuple[str, list[str]] = ("ok", [])
    expected = dict.fromkeys(["D-000001", "P-000001", "P-000010", "C-000001"], fine)
    expected[ROW_IDS[tab]] = (check, [header(tab, key, locale)])
    if tab != "deals":
        expected["D-000001"] = (check, [elsewhere(tab, ROW_IDS[tab], key, locale)])
    return expected


def named(seen: dict[str, Verdict]) -> dict[str, tuple[str, list[str]]]:
    return {row_id: (verdict.check, list(verdict.named)) for row_id, verdict in seen.items()}


locales = pytest.mark.parametrize("locale", BOTH_LOCALES)


# ── One deal ─────────────────────────────────────────────────────────────────────────────────────


@locales
@pytest.mark.parametrize("stage", STAGES)
def test_complete_rows_are_ok(locale: Locale, stage: str) -> None:
    seen = verdicts_of(locale, full_rows(locale, stage))
    assert seen == dict.fromkeys(["D-000001", "P-000001", "P-000010", "C-000001"], FINE)


@locales
@pytest.mark.parametrize(("stage", "tab", "key", "check"), list(each_asked()))
def test_missing_field_is_the_only_problem(
    locale: Locale, stage: str, tab: str, key: str, check: str
) -> None:
    seen = verdicts_of(locale, clear(full_rows(locale, stage), tab, key))
    assert named(seen) == one_problem(locale, tab, key, check)


@pytest.mark.parametrize(("stage", "tab", "key"), list(each_not_asked()))
def test_field_of_a_later_stage_is_not_reported(stage: str, tab: str, key: str) -> None:
    seen = verdicts_of("en", clear(full_rows("en", stage), tab, key))
    assert set(seen.values()) == {FINE}


@locales
@pytest.mark.parametrize(("stage", "tab", "key"), list(each_recommended()))
def test_missing_recommended_field_is_a_warning(
    locale: Locale, stage: str, tab: str, key: str
) -> None:
    seen = verdicts_of(locale, clear(full_rows(locale, stage), tab, key))
    assert named(seen) == one_problem(locale, tab, key, "warning")


@pytest.mark.parametrize("kept", ["email", "phone"])
@pytest.mark.parametrize("stage", ["cold", "mql", "sql", "negotiation", "lost", "unqualified"])
def test_email_or_phone_is_enough(stage: str, kept: str) -> None:
    dropped = {"email": "phone", "phone": "email"}[kept]
    seen = verdicts_of("en", without(full_rows("en", stage), "contacts", dropped))
    assert set(seen.values()) == {FINE}


def test_client_without_email_and_phone_is_asked_for_both() -> None:
    seen = verdicts_of("en", without(full_rows("en", "client"), "contacts", "email", "phone"))
    assert seen["P-000001"].check == "error"
    assert set(seen["P-000001"].named) == {"Email or Phone", "Phone"}


@locales
@pytest.mark.parametrize("key", ["company", "contact"])
def test_deal_of_nobody_is_an_error(locale: Locale, key: str) -> None:
    seen = verdicts_of(locale, without(full_rows(locale, "cold"), "deals", key))
    assert named(seen)["D-000001"] == ("error", [header("deals", key, locale)])


@locales
def test_deal_without_a_stage_is_held_to_the_first(locale: Locale) -> None:
    seen = verdicts_of(locale, without(full_rows(locale, "client"), "deals", "stage"))
    assert named(seen)["D-000001"] == ("error", [header("deals", "stage", locale)])
    rows = without(full_rows(locale, "client"), "deals", "stage", "channel", "budget")
    assert set(verdicts_of(locale, rows)["D-000001"].named) == {
        header("deals", "stage", locale),
        header("deals", "channel", locale),
    }


@locales
@pytest.mark.parametrize("stage", STAGES)
def test_every_missing_field_is_named(locale: Locale, stage: str) -> None:
    rows: Rows = {
        "deals": [
            {
                key: value
                for key, value in full_rows(locale, stage)["deals"][0].items()
                if key in ("id", "stage", "company", "contact")
            }
        ],
        "contacts": [{"id": "P-000001"}],
        "companies": [{"id": "C-000001"}],
    }
    seen = verdicts_of(locale, rows)
    for tab, key in asked_at(stage):
        assert header(tab, key, locale) in seen[ROW_IDS[tab]].named
        if tab != "deals":
            assert elsewhere(tab, ROW_IDS[tab], key, locale) in seen["D-000001"].named
    assert seen["D-000001"].check == "error"


def test_errors_stand_above_warnings() -> None:
    rows = without(full_rows("en", "mql"), "deals", "direction", "service")
    rows = without(rows, "companies", "size", "site")
    assert verdicts_of("en", rows)["D-000001"].named == (
        "Service",
        "Companies C-000001 → Site",
        "Direction",
        "Companies C-000001 → Size",
    )


# ── Recommended ──────────────────────────────────────────────────────────────────────────────────


@locales
@pytest.mark.parametrize("stage", ["sql", "negotiation"])
def test_company_wants_a_decision_maker_from_sql_on(locale: Locale, stage: str) -> None:
    rows = full_rows(locale, stage)
    for contact in rows["contacts"]:
        contact["decision_maker"] = {"en": "No", "ru": "Нет"}[locale]
    seen = verdicts_of(locale, rows)
    assert seen["P-000001"] == FINE
    assert seen["C-000001"].check == seen["D-000001"].check == "warning"
    (on_company,), (on_deal,) = seen["C-000001"].problems, seen["D-000001"].problems
    assert header("contacts", "decision_maker", locale) in on_company
    assert "C-000001" in on_deal


@pytest.mark.parametrize("stage", ["cold", "mql"])
def test_company_wants_no_decision_maker_before_sql(stage: str) -> None:
    rows = full_rows("en", stage)
    for contact in rows["contacts"]:
        contact["decision_maker"] = "No"
    assert set(verdicts_of("en", rows).values()) == {FINE}


@pytest.mark.parametrize("stage", ["client", "lost", "unqualified"])
@pytest.mark.parametrize("step", [None, TODAY - 30], ids=["none", "past"])
def test_ended_deal_needs_no_next_step(stage: str, step: float | None) -> None:
    rows = with_cell(full_rows("en", stage), "deals", "next_step", step)
    assert set(verdicts_of("en", rows).values()) == {FINE}


@locales
@pytest.mark.parametrize("stage", OPEN)
def test_next_step_in_the_past_is_a_warning(locale: Locale, stage: str) -> None:
    rows = with_cell(full_rows(locale, stage), "deals", "next_step", TODAY - 1)
    assert named(verdicts_of(locale, rows)) == one_problem(locale, "deals", "next_step", "warning")


def test_next_step_today_is_fine() -> None:
    rows = with_cell(full_rows("en", "cold"), "deals", "next_step", TODAY)
    assert set(verdicts_of("en", rows).values()) == {FINE}


# ── The furthest stage among a contact's or company's deals ──────────────────────────────────────


def with_deals(*stages: str) -> Rows:
    """Return one contact and company with a complete deal at each of the stages."""
    rows = full_rows("en", "cold")
    rows["deals"] = [full_deal("en", n, stage, 1, 1) for n, stage in enumerate(stages, start=1)]
    return rows


@pytest.mark.parametrize(
    ("stages", "tab", "key", "check"),
    [
        (["cold", "mql"], "companies", "site", "error"),
        (["mql", "cold"], "companies", "site", "error"),
        (["cold", "cold"], "companies", "site", "ok"),
        (["cold", "client", "mql"], "companies", "founded", "error"),
        (["negotiation", "sql"], "companies", "founded", "ok"),
        (["client", "unqualified"], "contacts", "birthday", "error"),
        (["client", "lost"], "contacts", "birthday", "error"),
        (["lost"], "contacts", "decision_maker", "error"),
        (["lost", "mql"], "contacts", "decision_maker", "error"),
        (["lost", "cold"], "companies", "site", "error"),
        (["lost"], "companies", "drive", "ok"),
        (["lost", "mql"], "companies", "drive", "ok"),
        (["lost", "sql"], "companies", "drive", "error"),
        (["lost", "unqualified"], "companies", "category", "error"),
        (["unqualified"], "companies", "niche", "warning"),
        (["unqualified", "unqualified"], "contacts", "first_name", "warning"),
        (["unqualified"], "companies", "site", "ok"),
        (["unqualified", "cold"], "companies", "niche", "error"),
        (["cold", "unqualified"], "contacts", "first_name", "error"),
        ([], "companies", "niche", "error"),
        ([], "contacts", "last_name", "error"),
        ([], "companies", "site", "ok"),
        ([], "contacts", "decision_maker", "ok"),
    ],
    ids=lambda value: "+".join(value) or "no deal" if isinstance(value, list) else None,
)
def test_furthest_deal_counts(stages: list[str], tab: str, key: str, check: str) -> None:
    seen = verdicts_of("en", without(with_deals(*stages), tab, key))[ROW_IDS[tab]]
    assert seen.check == check
    assert seen.named == (() if check == "ok" else (header(tab, key, "en"),))


def test_each_deal_shows_what_its_own_stage_asks_of_its_contact() -> None:
    rows = without(with_deals("cold", "client", "unqualified"), "contacts", "birthday", "info")
    seen = verdicts_of("en", rows)
    info, birthday = (elsewhere("contacts", "P-000001", key, "en") for key in ("info", "birthday"))
    assert named(seen) == {
        "D-000001": ("error", [info]),
        "D-000002": ("error", [birthday, info]),
        "D-000003": ("warning", [info]),
        "P-000001": ("error", ["Birthday", "Information about the Contact"]),
        "P-000010": ("ok", []),
        "C-000001": ("ok", []),
    }


def test_company_is_not_held_to_deals_of_other_companies() -> None:
    rows = joined(full_rows("en", "cold", 1), full_rows("en", "client", 2))
    seen = verdicts_of("en", without(rows, "companies", "founded", "site"))
    assert set(seen.values()) == {FINE}


def test_contact_without_company_or_deal_is_checked_as_cold() -> None:
    contact = full_contact("en", 1, 1) | {"company": None, "info": None}
    seen = verdicts_of("en", {"contacts": [contact]})
    assert seen["P-000001"].check == "error"
    assert seen["P-000001"].named == ("Information about the Contact",)
