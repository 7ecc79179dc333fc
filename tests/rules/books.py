"""Small workbooks for the tests: rows by field key, headers as the contract names them.

Nothing here is taken from the playbook: headers and words are retyped from the contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from rules.check import Book, check_book, find_problems
from rules.chunks import Column, make_chunk
from rules.playbook import LOCALES, SUBJECT_TABS, Locale, Playbook
from rules.playbook_file import load_playbook
from rules.report_table import ReportCell, ReportTable
from rules.reports import make_reports
from rules.table import Raw, Table
from rules.words import Wording

Cells: TypeAlias = dict[str, Raw]
"""One row: its cells by field key."""

Rows: TypeAlias = dict[str, list[Cells]]
"""The rows of a workbook by tab key."""

PLAYBOOK = load_playbook()

TABS = {
    "deals": {"en": "Deals", "ru": "Сделки"},
    "contacts": {"en": "Contacts", "ru": "Контакты"},
    "companies": {"en": "Companies", "ru": "Контрагенты"},
}

_HEADERS = {
    "deals": """
        id              | ID                       | ID
        title           | Deal                     | Сделка
        stage           | Stage                    | Этап
        company         | Company                  | Контрагент
        contact         | Contact                  | Контакт
        other_contacts  | Other contacts           | Другие контакты
        service         | Service                  | Услуга
        budget          | Budget                   | Сумма
        currency        | Currency                 | Валюта
        tender          | Tender                   | Тендер
        mediaform       | Mediaform                | Медиаформа
        channel         | Acquisition channel      | Канал привлечения
        direction       | Direction                | Направление
        traffic_source  | Traffic source           | Источник трафика
        campaign_date   | Campaign or tender date  | Сроки кампании или тендера
        accountable     | Accountable              | Исполнитель
        scoring_result  | Scoring result           | Результат скоринга
        brief_received  | Brief received           | Бриф получен
        trigger         | Trigger event            | Событие
        next_step       | Next step                | Следующий шаг
        contract_signed | Contract signed          | Договор подписан
        outcome_reason  | Outcome reason           | Причина исхода
        learnings       | Key learnings            | Ключевые выводы
        info            | Information about the Lead | Дополнительная информация
        drive           | Google Drive             | Google Drive
    """,
    "contacts": """
        id               | ID                | ID
        first_name       | First name        | Имя
        patronymic       | Patronymic        | Отчество
        last_name        | Last name         | Фамилия
        email            | Email             | Email
        additional_email | Additional email  | Дополнительный email
        phone            | Phone             | Телефон
        messenger        | Messenger         | Мессенджер
        position         | Position          | Должность
        company          | Company           | Контрагент
        decision_maker   | Decision maker    | ЛПР
        birthday         | Birthday          | Дата рождения
        group            | Group             | Группа
        region           | Region            | Регион
        info             | Information about the Contact | Дополнительная информация
    """,
    "companies": """
        id                | ID                  | ID
        title             | Title               | Название
        region            | Region              | Регион
        niche             | Niche               | Отрасль
        site              | Site                | Сайт
        address           | Address             | Адрес
        category          | Category            | Категория
        size              | Size                | Размер
        group             | Group               | Группа
        front_region      | Front-office region | Регион фронт-офиса
        email             | Email               | Email
        additional_emails | Additional emails   | Дополнительные email
        phone             | Phone               | Телефон
        additional_titles | Additional titles   | Другие названия
        niche_holiday     | Niche holiday       | Отраслевой праздник
        founded           | Date of foundation  | Дата основания
        info              | Information about the Company | Дополнительная информация
        drive             | Google Drive        | Google Drive
    """,
    "comments": """
        deal_id    | Deal ID    | ID сделки
        when       | When       | Когда
        direction  | Direction  | Направление
        sender     | From       | От кого
        to         | To         | Кому
        subject    | Subject    | Тема
        text       | Text       | Текст
        attachments | Attachments | Вложения
        candidates | Candidates | Варианты
        letter_key | Letter key | Ключ письма
        thread     | Thread     | Цепочка
    """,
    "events": """
        when        | When        | Когда
        deal_id     | Deal ID     | ID сделки
        event       | Event       | Событие
        from        | From        | Из
        to          | To          | В
        accountable | Accountable | Исполнитель
    """,
    "lists": """
        channels   | Acquisition channels | Каналы привлечения
        services   | Services             | Услуги
        regions    | Regions              | Регионы
        niches     | Niches               | Отрасли
        groups     | Groups               | Группы
        managers   | Managers             | Менеджеры
        mailboxes  | Mailboxes            | Почта
        currencies | Currencies           | Валюты
        rates      | Rate                 | Курс
    """,
}


def _parse_headers(text: str) -> dict[str, dict[str, str]]:
    rows = (map(str.strip, line.split("|")) for line in text.strip().splitlines())
    return {key: {"en": en, "ru": ru} for key, en, ru in rows}


HEADERS = {tab: _parse_headers(text) for tab, text in _HEADERS.items()}

STAGES = {
    "cold": {"en": "Cold Lead", "ru": "Холодный лид"},
    "mql": {"en": "MQL", "ru": "MQL"},
    "sql": {"en": "SQL", "ru": "SQL"},
    "negotiation": {"en": "Negotiations", "ru": "Переговоры"},
    "client": {"en": "Client", "ru": "Клиент"},
    "unqualified": {"en": "Unqualified", "ru": "Некачественный лид"},
    "lost": {"en": "Lost", "ru": "Проиграна"},
}

WORDS = {
    "yes": {"en": "Yes", "ru": "Да"},
    "no": {"en": "No", "ru": "Нет"},
    "incoming": {"en": "Incoming", "ru": "Входящий"},
    "qualified": {"en": "Qualified", "ru": "Квалифицирован"},
    "stage_event": {"en": "Stage", "ru": "Этап"},
}

LISTS: Mapping[str, Sequence[Raw]] = {
    "channels": ["Сайт", "Referral"],
    "services": ["Media plan", "Стратегия"],
    "regions": ["Казахстан", "Uzbekistan"],
    "niches": ["Банки", "FMCG"],
    "groups": ["Direct client", "Агентство"],
    "managers": ["Анна Ким", "Bob Lee"],
    "mailboxes": ["manager1@example.com", "manager2@example.com"],
    "currencies": ["KZT", "USD", "EUR"],
    "rates": [1, 500, None],
}


def day(iso: str) -> float:
    """Return the serial number of a date written like 2026-12-31."""
    return float((date.fromisoformat(iso) - date(1899, 12, 30)).days)


TODAY = day("2026-03-10")


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────


def folder(name: str) -> str:
    return f"https://drive.google.com/drive/folders/{name}_0123456789"


def full_deal(locale: Locale, number: int, stage: str, company: int, contact: int) -> Cells:
    """Return a deal with every field of the contract filled in."""
    return {
        "id": f"D-{number:06d}",
        "title": f"Deal {number}",
        "stage": STAGES[stage][locale],
        "company": f"C-{company:06d}",
        "contact": f"P-{contact:06d}",
        "service": "Media plan, Стратегия",
        "budget": 5_000_000,
        "currency": "KZT",
        "tender": WORDS["no"][locale],
        "mediaform": "https://example.com/mediaform",
        "channel": "Сайт",
        "direction": WORDS["incoming"][locale],
        "traffic_source": "google / cpc",
        "campaign_date": day("2026-06-01"),
        "accountable": "Анна Ким",
        "scoring_result": WORDS["qualified"][locale],
        "brief_received": day("2026-02-01"),
        "next_step": TODAY + 7,
        "contract_signed": day("2026-03-01"),
        "outcome_reason": "Speed of the answer",
        "learnings": "Ask for the brief early",
        "info": "Came from the site",
        "drive": folder(f"deal{number}"),
    }


def full_contact(locale: Locale, number: int, company: int) -> Cells:
    """Return a contact with every field of the contract filled in; a decision maker."""
    return {
        "id": f"P-{number:06d}",
        "first_name": f"First{number}",
        "patronymic": f"Middle{number}",
        "last_name": f"Last{number}",
        "email": f"person{number}@client.kz",
        "additional_email": f"person{number}@home.kz",
        "phone": f"+7701{number:07d}",
        "messenger": "@person",
        "position": "Marketing director",
        "company": f"C-{company:06d}",
        "decision_maker": WORDS["yes"][locale],
        "birthday": day("1985-05-05"),
        "group": "Агентство",
        "region": "Казахстан",
        "info": "Prefers calls",
    }


def full_company(number: int) -> Cells:
    """Return a company with every field of the contract filled in."""
    return {
        "id": f"C-{number:06d}",
        "title": f"Company {number}",
        "region": "Uzbekistan",
        "niche": "FMCG",
        "site": f"client{number}.kz",
        "address": "Almaty",
        "category": "A",
        "size": "50–100",
        "group": "Direct client",
        "front_region": "Казахстан",
        "email": f"info{number}@client.kz",
        "additional_emails": f"a{number}@client.kz, b{number}@client.kz",
        "phone": "+77272000000",
        "additional_titles": f"Brand {number}",
        "niche_holiday": "1 June",
        "founded": day("1999-01-01"),
        "info": "Big",
        "drive": folder(f"company{number}"),
    }


def full_rows(locale: Locale, stage: str, number: int = 1) -> Rows:
    """Return a deal, its contact and company, complete, and a second contact of the company.

    The second contact (P-0000x0) has no deal; it is a decision maker as the first is.
    """
    return {
        "deals": [full_deal(locale, number, stage, number, number)],
        "contacts": [
            full_contact(locale, number, number),
            full_contact(locale, number * 10, number),
        ],
        "companies": [full_company(number)],
    }


def joined(*parts: Rows) -> Rows:
    """Return the rows of all parts, tab by tab."""
    whole: Rows = {}
    for part in parts:
        for tab, rows in part.items():
            whole.setdefault(tab, []).extend(deepcopy(rows))
    return whole


def with_cell(rows: Rows, tab: str, key: str, value: Raw, index: int = 0) -> Rows:
    """Return the rows with another value in one cell."""
    changed = deepcopy(rows)
    changed[tab][index][key] = value
    return changed


def without(rows: Rows, tab: str, *keys: str) -> Rows:
    """Return the rows with these cells of the tab's first row empty."""
    changed = deepcopy(rows)
    for key in keys:
        changed[tab][0][key] = None
    return changed


def stage_event(deal: str, when: Raw, to: str, origin: str = "", locale: Locale = "en") -> Cells:
    """Return a row of the Events tab: the deal entered a stage (by key)."""
    return {
        "when": when,
        "deal_id": deal,
        "event": WORDS["stage_event"][locale],
        "from": STAGES[origin][locale] if origin else None,
        "to": STAGES[to][locale],
    }


# ── The book ─────────────────────────────────────────────────────────────────────────────────────


def make_table(tab: str, locale: Locale, rows: Sequence[Mapping[str, Raw]]) -> Table:
    """Return a tab's table with all columns of the contract."""
    headers = {key: names[locale] for key, names in HEADERS[tab].items()}
    columns = {key: [row.get(key) for row in rows] for key in headers}
    chunked = {key: in_small_chunks(column) for key, column in columns.items()}
    return Table(tab, headers, chunked, len(rows))


def in_small_chunks(cells: Sequence[Raw]) -> Column:
    """Return the cells as the worker has them, but in chunks of two."""
    return Column(make_chunk(cells[at : at + 2]) for at in range(0, len(cells), 2))


def make_book(
    locale: Locale, rows: Mapping[str, Sequence[Cells]], lists: Mapping[str, Sequence[Raw]] = LISTS
) -> Book:
    """Return a workbook of that language with these rows."""
    tabs = ("deals", "contacts", "companies", "comments", "events")
    tables = {tab: make_table(tab, locale, rows.get(tab, ())) for tab in tabs}
    longest = max((len(values) for values in lists.values()), default=0)
    list_rows = [
        {key: values[row] if row < len(values) else None for key, values in lists.items()}
        for row in range(longest)
    ]
    tables["lists"] = make_table("lists", locale, list_rows)
    return Book(locale, tables)


# ── What a manager sees ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Verdict:
    """The Check and the Problems of a row; `problems` are the lines of the cell."""

    check: str
    problems: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """What each problem names: all before the colon."""
        return tuple(line.partition(":")[0] for line in self.problems)


FINE = Verdict("ok", ())


def verdicts(book: Book, playbook: Playbook = PLAYBOOK, today: float = TODAY) -> dict[str, Verdict]:
    """Return the Check and Problems of every row by its ID."""
    checked = check_book(book, playbook, today)
    wording = Wording(book, playbook)
    seen = {}
    for subject, rows in find_problems(checked).items():
        tab = SUBJECT_TABS[subject]
        for row, findings in rows:
            severities = {finding.severity for finding in findings}
            check = next((s for s in ("error", "warning") if s in severities), "ok")
            lines = tuple(wording.problem(tab, finding) for finding in findings)
            seen[book.tables[tab].text("id", row)] = Verdict(check, lines)
    return seen


def verdicts_of(
    locale: Locale, rows: Rows, lists: Mapping[str, Sequence[Raw]] = LISTS
) -> dict[str, Verdict]:
    """Return the Check and Problems of every row by its ID."""
    return verdicts(make_book(locale, rows, lists))


def header(tab: str, key: str, locale: Locale) -> str:
    """Return the header; "email or phone" names both."""
    names = [HEADERS[tab][part][locale] for part in key.split(" or ")]
    return {"en": " or ", "ru": " или "}[locale].join(names)


def elsewhere(tab: str, row_id: str, key: str, locale: Locale) -> str:
    """Return how a problem of another tab's row is named."""
    return f"{TABS[tab][locale]} {row_id} → {header(tab, key, locale)}"


# ── What leadership sees ─────────────────────────────────────────────────────────────────────────


def reports_of(
    book: Book, base_currency: str = "KZT", today: float = TODAY
) -> Mapping[str, Sequence[ReportTable]]:
    """Return the report tables of the book."""
    checked = check_book(book, PLAYBOOK, today)
    return make_reports(checked, find_problems(checked), base_currency).tables


def report_rows(table: ReportTable) -> dict[ReportCell, dict[str, ReportCell]]:
    """Return a report's rows, each by header, by what stands in the first column."""
    return {row[0]: dict(zip(table.headers[1:], row[1:], strict=True)) for row in table.rows}


def total_of(table: ReportTable) -> dict[str, ReportCell]:
    """Return the last row of a report, by header."""
    return dict(zip(table.headers, table.total, strict=True))


def column_sum(table: ReportTable, title: str) -> float:
    """Add up a column of a report, its total left out."""
    place = table.headers.index(title)
    values: Iterable[ReportCell] = (row[place] for row in table.rows)
    return sum(value for value in values if isinstance(value, int | float))


BOTH_LOCALES: tuple[Locale, ...] = LOCALES
