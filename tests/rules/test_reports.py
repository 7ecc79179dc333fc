"""The report tables, by the contract's definitions, on books small enough to add up by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.playbook import Locale
from rules.report_table import ReportTable
from rules.table import Raw
from tests.rules.books import (
    BOTH_LOCALES,
    LISTS,
    STAGES,
    Cells,
    column_sum,
    day,
    make_book,
    report_rows,
    reports_of,
    stage_event,
    total_of,
)


def deal(number: int, stage: str, budget: Raw = None, **cells: Raw) -> Cells:
    return {
        "id": f"D-{number:06d}",
        "stage": STAGES[stage]["en"] if stage in STAGES else stage,
        "budget": budget,
        **cells,
    }


def moves(number: int, *steps: tuple[str, str], locale: Locale = "en") -> list[Cells]:
    """Return the Stage events of a deal: (date, stage) each, the first being its first sight."""
    rows, origin = [], ""
    for when, stage in steps:
        rows.append(stage_event(f"D-{number:06d}", day(when), stage, origin, locale))
        origin = stage
    return rows


def table_of(
    report: str,
    deals: list[Cells],
    events: list[Cells] | None = None,
    index: int = 0,
    locale: Locale = "en",
    base: str = "KZT",
) -> ReportTable:
    book = make_book(locale, {"deals": deals, "events": events or []})
    return reports_of(book, base)[report][index]


HEADERS = {
    ("funnel", 0): (
        ["Stage", "Deals", "Budget", "Ever reached", "Conversion", "Median days"],
        ["Этап", "Сделки", "Сумма", "Дошли", "Конверсия", "Медиана дней"],
    ),
    ("qualified", 0): (
        ["Month", "Leads", "MQL", "SQL", "Clients"],
        ["Месяц", "Лиды", "MQL", "SQL", "Клиенты"],
    ),
    ("results", 0): (
        ["Month", "Won", "Won budget", "Lost", "Lost budget", "Unqualified", "Win rate"],
        [
            "Месяц",
            "Выиграно",
            "Сумма выигранных",
            "Проиграно",
            "Сумма проигранных",
            "Некачественные",
            "Доля побед",
        ],
    ),
    ("results", 1): (["Outcome reason", "Deals", "Budget"], ["Причина исхода", "Сделки", "Сумма"]),
    ("sources", 0): (
        [
            "Acquisition channel",
            "Leads",
            "MQL",
            "SQL",
            "Clients",
            "Lost",
            "Unqualified",
            "Budget",
            "Won budget",
        ],
        [
            "Канал привлечения",
            "Лиды",
            "MQL",
            "SQL",
            "Клиенты",
            "Проиграно",
            "Некачественные",
            "Сумма",
            "Сумма выигранных",
        ],
    ),
    ("traffic", 0): (
        [
            "Traffic source",
            "Leads",
            "MQL",
            "SQL",
            "Clients",
            "Lost",
            "Unqualified",
            "Budget",
            "Won budget",
        ],
        [
            "Источник трафика",
            "Лиды",
            "MQL",
            "SQL",
            "Клиенты",
            "Проиграно",
            "Некачественные",
            "Сумма",
            "Сумма выигранных",
        ],
    ),
    ("managers", 0): (
        [
            "Accountable",
            "Open deals",
            "Open budget",
            "Errors",
            "Overdue steps",
            "Won",
            "Lost",
            "Win rate",
            "Letters",
        ],
        [
            "Исполнитель",
            "Открытые сделки",
            "Открытая сумма",
            "Ошибки",
            "Просроченные шаги",
            "Выиграно",
            "Проиграно",
            "Доля побед",
            "Письма",
        ],
    ),
}


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(("report", "index"), list(HEADERS))
def test_headers(report: str, index: int, locale: Locale) -> None:
    table = table_of(report, [deal(1, "cold")], index=index, locale=locale)
    assert list(table.headers) == HEADERS[report, index][BOTH_LOCALES.index(locale)]


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_first_events_and_quality_begin_as_agreed(locale: Locale) -> None:
    events, quality = (table_of(name, [], locale=locale) for name in ("triggers", "quality"))
    assert events.headers[:2] == {"en": ("Event", "Total"), "ru": ("Событие", "Всего")}[locale]
    assert (
        quality.headers[:3]
        == {
            "en": ("Field", "Missing", "Invalid"),
            "ru": ("Поле", "Не заполнено", "Неверно"),
        }[locale]
    )


# ── Funnel ───────────────────────────────────────────────────────────────────────────────────────

FUNNEL_DEALS = [
    deal(1, "cold", 100),
    deal(2, "sql", 200),  # skipped MQL
    deal(3, "client", 300),
    deal(4, "lost", 400),  # never seen at SQL
    deal(5, "unqualified", 50),  # was an MQL
    deal(6, "cold"),  # went back from SQL
    deal(7, "negotiation", 600),  # no events at all
    deal(8, "unqualified"),
]
FUNNEL_EVENTS = [
    *moves(1, ("2026-01-01", "cold")),
    *moves(2, ("2026-01-01", "cold"), ("2026-01-05", "sql")),
    *moves(
        3,
        ("2026-01-01", "cold"),
        ("2026-01-03", "mql"),
        ("2026-01-13", "sql"),
        ("2026-01-14", "negotiation"),
        ("2026-01-20", "client"),
    ),
    *moves(4, ("2026-01-01", "mql"), ("2026-01-21", "lost")),
    *moves(5, ("2026-01-01", "cold"), ("2026-01-02", "mql"), ("2026-01-05", "unqualified")),
    *moves(6, ("2026-01-01", "cold"), ("2026-01-11", "sql"), ("2026-01-16", "cold")),
]


def test_funnel_counts_who_ever_came_so_far() -> None:
    rows = report_rows(table_of("funnel", FUNNEL_DEALS, FUNNEL_EVENTS))
    reached = {name: rows[name]["Ever reached"] for name in list(rows)[:5]}
    assert reached == {"Cold Lead": 8, "MQL": 6, "SQL": 5, "Negotiations": 2, "Client": 1}


def test_funnel_conversion_is_the_share_that_went_on() -> None:
    rows = report_rows(table_of("funnel", FUNNEL_DEALS, FUNNEL_EVENTS))
    shares = {name: rows[name]["Conversion"] for name in list(rows)[:5]}
    assert shares == {
        "Cold Lead": pytest.approx(6 / 8),
        "MQL": pytest.approx(5 / 6),
        "SQL": pytest.approx(2 / 5),
        "Negotiations": pytest.approx(1 / 2),
        "Client": None,
    }


def test_funnel_median_days_are_of_finished_stays() -> None:
    rows = report_rows(table_of("funnel", FUNNEL_DEALS, FUNNEL_EVENTS))
    days = {name: rows[name]["Median days"] for name in list(rows)[:5]}
    assert days == {
        "Cold Lead": 3.0,  # 1, 2, 4, 10: the second stay of deal 6 is not finished
        "MQL": 10.0,  # 3, 10, 20
        "SQL": 3.0,  # 1, 5
        "Negotiations": 6.0,
        "Client": None,
    }


def test_funnel_shows_deals_and_budget_now() -> None:
    table = table_of("funnel", FUNNEL_DEALS, FUNNEL_EVENTS)
    assert {name: (row["Deals"], row["Budget"]) for name, row in report_rows(table).items()} == {
        "Cold Lead": (2, 100),
        "MQL": (0, 0),
        "SQL": (1, 200),
        "Negotiations": (1, 600),
        "Client": (1, 300),
        "Unqualified": (2, 50),
        "Lost": (1, 400),
    }
    assert total_of(table)["Stage"] == "Total"
    assert (total_of(table)["Deals"], total_of(table)["Budget"]) == (8, 1650)


def test_funnel_of_an_empty_book() -> None:
    table = table_of("funnel", [])
    assert [row[0] for row in table.rows][:5] == [names["en"] for names in STAGES.values()][:5]
    assert all(row["Conversion"] is None for row in report_rows(table).values())
    assert total_of(table)["Deals"] == 0


def test_deal_without_a_known_stage_is_counted_apart() -> None:
    table = table_of("funnel", [deal(1, "Somewhere", 70), deal(2, ""), deal(3, "mql", 5)])
    assert report_rows(table)["—"]["Deals"] == 2
    assert report_rows(table)["—"]["Budget"] == 70
    assert total_of(table)["Deals"] == 3


def test_reports_speak_the_language_of_the_book() -> None:
    deals = [deal(1, "lost", 5), deal(2, "client", 7, outcome_reason="Цена")]
    events = moves(1, ("2026-01-01", "cold"), ("2026-01-08", "lost"), locale="ru")
    funnel = table_of("funnel", deals, events, locale="ru")
    assert [row[0] for row in funnel.rows][:5] == [s["ru"] for s in STAGES.values()][:5]
    assert report_rows(funnel)["Холодный лид"]["Медиана дней"] == 7
    assert report_rows(funnel)["Проиграна"]["Сделки"] == 1
    assert funnel.total[0] == "Итого"


def test_events_written_in_the_other_language_count() -> None:
    events = moves(1, ("2026-01-01", "cold"), ("2026-01-05", "sql"), locale="ru")
    rows = report_rows(table_of("funnel", [deal(1, "cold")], events))
    assert rows["SQL"]["Ever reached"] == 1
    assert rows["Cold Lead"]["Median days"] == 4


# ── Results ──────────────────────────────────────────────────────────────────────────────────────

RESULT_DEALS = [
    deal(1, "client", 100, outcome_reason="Price"),
    deal(2, "client", 200, outcome_reason=" price "),
    deal(3, "lost", 400, outcome_reason="Budget cut"),
    deal(4, "lost", 800),
    deal(5, "unqualified", 1, outcome_reason="Spam"),
    deal(6, "sql", 5000, outcome_reason="Not yet"),  # was a client once, now open again
    deal(7, "lost", 20, outcome_reason="Budget cut"),  # no event of it
]
RESULT_EVENTS = [
    *moves(1, ("2025-12-01", "sql"), ("2025-12-31", "client")),
    *moves(2, ("2025-12-20", "sql"), ("2025-12-30", "client"), ("2026-01-10", "negotiation")),
    *moves(2, ("2026-02-10", "client")),
    *moves(3, ("2025-12-20", "sql"), ("2026-01-01", "lost")),
    *moves(4, ("2026-02-28", "lost"), ("2026-01-31", "lost")),
    *moves(5, ("2026-02-01", "unqualified")),
    *moves(6, ("2025-12-05", "client"), ("2026-01-05", "sql")),
]


def test_results_by_month_of_the_first_entry() -> None:
    rows = report_rows(table_of("results", RESULT_DEALS, RESULT_EVENTS))
    assert {month: tuple(row.values()) for month, row in rows.items()} == {
        "2025-12": (2, 300, 0, 0, 0, 1.0),
        "2026-01": (0, 0, 2, 1200, 0, 0.0),
        "2026-02": (0, 0, 0, 0, 1, None),
        "—": (0, 0, 1, 20, 0, 0.0),
    }


def test_results_add_up() -> None:
    table = table_of("results", RESULT_DEALS, RESULT_EVENTS)
    assert table.total == ("Total", 2, 300, 3, 1220, 1, 2 / 5)
    for title in table.headers[1:-1]:
        assert total_of(table)[title] == column_sum(table, title)


def test_months_stand_in_order_over_the_end_of_a_year() -> None:
    table = table_of("results", RESULT_DEALS, RESULT_EVENTS)
    assert [row[0] for row in table.rows] == ["2025-12", "2026-01", "2026-02", "—"]


def test_last_moment_of_a_month_belongs_to_it() -> None:
    events = [
        stage_event("D-000001", day("2026-01-01") - 1e-5, "client"),
        stage_event("D-000002", day("2026-01-01"), "client"),
    ]
    rows = report_rows(table_of("results", [deal(1, "client"), deal(2, "client")], events))
    assert {month: row["Won"] for month, row in rows.items()} == {"2025-12": 1, "2026-01": 1}


def test_reasons_of_ended_deals() -> None:
    table = table_of("results", RESULT_DEALS, RESULT_EVENTS, index=1)
    assert {name: tuple(row.values()) for name, row in report_rows(table).items()} == {
        "Price": (2, 300),
        "Budget cut": (2, 420),
        "Spam": (1, 1),
        "—": (1, 800),
    }
    assert table.total == ("Total", 6, 1521)


@pytest.mark.parametrize(
    "when", [20261231, -5, 0, 2958465, "yesterday", True, None], ids=lambda value: repr(value)
)
def test_event_at_an_impossible_time_has_no_month(when: Raw) -> None:
    events = [stage_event("D-000001", when, "client")]
    for report in ("results", "qualified", "triggers"):
        table = table_of(report, [deal(1, "client", 5)], events)
        assert len(table.rows) < 30
        assert len(table.headers) < 30
    rows = report_rows(table_of("results", [deal(1, "client", 5)], events))
    assert rows["—"]["Won"] == 1


# ── Qualified ────────────────────────────────────────────────────────────────────────────────────


def test_qualified_by_month_of_the_first_entry() -> None:
    deals = [deal(1, "client"), deal(2, "sql"), deal(3, "cold"), deal(4, "lost"), deal(5, "mql")]
    lead: Cells = {"when": day("2025-11-30"), "deal_id": "D-000001", "event": "Incoming lead"}
    events = [
        lead,
        *moves(1, ("2025-12-01", "mql"), ("2025-12-15", "sql"), ("2026-01-10", "client")),
        *moves(1, ("2026-02-01", "mql"), ("2026-02-02", "client")),
        *moves(2, ("2025-12-01", "cold"), ("2026-01-20", "sql")),  # MQL skipped: counts in January
        *moves(3, ("2026-01-05", "cold")),
        *moves(4, ("2026-01-06", "cold"), ("2026-02-06", "lost")),
    ]
    table = table_of("qualified", deals, events)
    assert {month: tuple(row.values()) for month, row in report_rows(table).items()} == {
        "2025-11": (1, 0, 0, 0),
        "2025-12": (1, 1, 1, 0),
        "2026-01": (2, 1, 1, 1),
        "2026-02": (0, 1, 1, 0),
        "—": (1, 1, 0, 0),
    }
    assert table.total == ("Total", 5, 4, 3, 1)


# ── Sources ──────────────────────────────────────────────────────────────────────────────────────

SOURCE_DEALS = [
    deal(1, "cold", 100, channel="Сайт", traffic_source="google"),
    deal(2, "client", 200, channel="сайт ", traffic_source="Google"),
    deal(3, "lost", 400, channel="Referral"),
    deal(4, "unqualified", channel="Referral", traffic_source=" "),
    deal(5, "mql", "1 000"),
    deal(6, "cold", 7, channel="Billboards"),  # is on no list
]
SOURCE_EVENTS = moves(6, ("2026-01-01", "sql"), ("2026-01-02", "cold"))


def test_sources_by_channel() -> None:
    table = table_of("sources", SOURCE_DEALS, SOURCE_EVENTS)
    rows = {name: tuple(row.values()) for name, row in report_rows(table).items()}
    assert rows == {
        "Сайт": (2, 1, 1, 1, 0, 0, 300, 200),
        "Referral": (2, 1, 1, 0, 1, 1, 400, 0),
        "Billboards": (1, 1, 1, 0, 0, 0, 7, 0),
        "—": (1, 1, 0, 0, 0, 0, 1000, 0),
    }
    assert table.total == ("Total", 6, 4, 3, 1, 1, 1, 1707, 200)


def test_traffic_by_source() -> None:
    table = table_of("traffic", SOURCE_DEALS, SOURCE_EVENTS)
    rows = {name: tuple(row.values()) for name, row in report_rows(table).items()}
    assert rows == {
        "google": (2, 1, 1, 1, 0, 0, 300, 200),
        "—": (4, 3, 2, 0, 1, 1, 1407, 0),
    }


# ── Currencies ───────────────────────────────────────────────────────────────────────────────────


def test_budgets_are_in_the_base_currency() -> None:
    deals = [
        deal(1, "client", 100, channel="Сайт", currency="USD"),
        deal(2, "client", 100, channel="Сайт", currency=" usd"),
        deal(3, "client", 100, channel="Сайт", currency="KZT"),
        deal(4, "client", 100, channel="Сайт"),
    ]
    row = report_rows(table_of("sources", deals))["Сайт"]
    assert row["Budget"] == row["Won budget"] == 100 * 500 * 2 + 200


def test_base_currency_is_a_setting() -> None:
    lists = {**LISTS, "currencies": ["USD", "KZT"], "rates": [1, 0.002]}
    rows = {"deals": [deal(1, "cold", 100), deal(2, "cold", 1000, currency="KZT")]}
    table = reports_of(make_book("en", rows, lists), "USD")["sources"][0]
    assert total_of(table)["Budget"] == pytest.approx(102)


@pytest.mark.parametrize("report", ["funnel", "sources", "traffic"])
@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_deal_without_a_rate_is_left_out_and_named(report: str, locale: Locale) -> None:
    deals = [
        deal(1, "cold", 100),
        deal(2, "cold", 999, currency="EUR"),  # on the list, no rate
        deal(3, "cold", 888, currency="GBP"),  # on no list
        deal(4, "cold", currency="EUR"),  # no budget: nothing is left out
    ]
    table = table_of(report, deals, locale=locale)
    budget = {"en": "Budget", "ru": "Сумма"}[locale]
    assert total_of(table)[budget] == 100
    assert column_sum(table, {"en": "Deals", "ru": "Сделки"}[locale] if report == "funnel"
                      else {"en": "Leads", "ru": "Лиды"}[locale]) == 4  # fmt: skip
    (note,) = table.notes
    assert "D-000002" in note
    assert "D-000003" in note
    assert "D-000001" not in note
    assert "D-000004" not in note


def test_nothing_is_said_when_every_currency_has_a_rate() -> None:
    assert table_of("sources", [deal(1, "cold", 5, currency="USD")]).notes == ()


# ── Everything adds up ───────────────────────────────────────────────────────────────────────────

some_stage = st.sampled_from([*STAGES, "", "Somewhere"])
some_deal = st.fixed_dictionaries(
    {
        "stage": some_stage,
        "budget": st.one_of(st.none(), st.integers(0, 10**9), st.just("no idea")),
        "currency": st.sampled_from([None, "KZT", "USD", "EUR", "???"]),
        "channel": st.sampled_from([None, "Сайт", "сайт", "Referral", "Billboards", "-", " "]),
        "traffic_source": st.sampled_from([None, "google", "Google ", "seo", "—"]),
        "accountable": st.sampled_from([None, "Анна Ким", "Bob Lee", "Nobody"]),
    }
)
some_moves = st.lists(
    st.tuples(st.integers(46_000, 46_800), st.sampled_from(sorted(STAGES))), max_size=4
)


@settings(max_examples=60, deadline=None, database=None)
@given(content=st.lists(st.tuples(some_deal, some_moves), max_size=12))
def test_deals_leads_and_budgets_add_up(content: list[tuple[Cells, list[tuple[int, str]]]]) -> None:
    deals, events = [], []
    for number, (cells, steps) in enumerate(content, start=1):
        stage = str(cells["stage"])
        deals.append({**cells, "id": f"D-{number:06d}", "stage": STAGES.get(stage, {}).get("en")})
        events += [stage_event(f"D-{number:06d}", when, to) for when, to in steps]
    rates = {"None": 1, "KZT": 1, "USD": 500}
    budget = sum(
        row["budget"] * rates.get(str(row["currency"]), 0)
        for row in deals
        if isinstance(row["budget"], int)
    )
    reports = reports_of(make_book("en", {"deals": deals, "events": events}))
    for report, title in (
        ("funnel", "Deals"),
        ("sources", "Leads"),
        ("traffic", "Leads"),
        ("qualified", "Leads"),
    ):
        table = reports[report][0]
        assert column_sum(table, title) == total_of(table)[title] == len(deals)
        if report != "qualified":
            assert column_sum(table, "Budget") == total_of(table)["Budget"] == budget
    ended = [row for row in deals if row["stage"] in ("Client", "Lost", "Unqualified")]
    results, reasons = reports["results"]
    assert sum(column_sum(results, t) for t in ("Won", "Lost", "Unqualified")) == len(ended)
    assert column_sum(reasons, "Deals") == len(ended)
    managers = reports["managers"][0]
    open_names = {STAGES[stage]["en"] for stage in ("cold", "mql", "sql", "negotiation")}
    assert column_sum(managers, "Open deals") == sum(row["stage"] in open_names for row in deals)
    for table in (reports[name][0] for name in ("sources", "traffic", "results", "managers")):
        for header, kind in zip(table.headers, table.formats, strict=True):
            if kind in ("count", "money"):
                assert column_sum(table, header) == total_of(table)[header]
