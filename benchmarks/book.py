"""A workbook of 100,000 deals, 60,000 contacts and 30,000 companies, one row in ten defective.

Everything depends on the seed alone. Rows that are not defective are complete at every stage, so
that each problem found is one that was put in. Cells are as the Sheets API gives them: dates are
serial numbers, empty cells "".
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from rules.playbook import Locale, Playbook

DEALS, CONTACTS, COMPANIES = 100_000, 60_000, 30_000
SUBJECT_TABS = ("deals", "contacts", "companies")
TODAY = 46_091
"""2026-03-10 as a serial date."""

Columns: TypeAlias = list[list[Any]]
"""A tab column by column, the header first."""

Answer: TypeAlias = dict[str, Columns]
"""The columns of each tab, as one `values.batchGet` by columns returns them."""

_STAGES = (
    ("cold", 35), ("mql", 20), ("sql", 10), ("negotiation", 5), ("client", 10),
    ("unqualified", 10), ("lost", 10),
)  # fmt: skip
_OPEN = {"cold", "mql", "sql", "negotiation"}
_FIRST = ("Анна", "Иван", "Ольга", "Тимур", "Алия", "Данияр", "Мария", "John", "Anna", "Peter")
_MIDDLE = ("Сергеевна", "Иванович", "Олеговна", "Маратович", "")
_FORMS = ("ТОО {}", "ООО «{}»", "{} LLP", "АО {}", "{}", "{} Group")
_SYLLABLES = (
    "ка", "ро", "ми", "та", "лен", "бор", "сун", "вер", "дал", "ги", "мо", "шер", "тур", "алм",
    "нур", "кен", "зор", "пи", "фа", "рез",
)  # fmt: skip
_LATIN = dict(zip(_SYLLABLES, (
    "ka", "ro", "mi", "ta", "len", "bor", "sun", "ver", "dal", "gi", "mo", "sher", "tur", "alm",
    "nur", "ken", "zor", "pi", "fa", "rez",
), strict=True))  # fmt: skip
_REGIONS_OF_7 = ("Kazakhstan", "Казахстан", "Russia", "Россия")
_TOPICS = ("медиаплан на осень", "запуск бренда", "тендер на год", "performance", "стратегия")


@dataclass(frozen=True)
class Sizes:
    """How many rows each tab has."""

    deals: int = DEALS
    contacts: int = CONTACTS
    companies: int = COMPANIES


def make_answer(
    playbook: Playbook,
    sizes: Sizes = Sizes(),  # frozen
    locale: Locale = "en",
    seed: int = 7,
    defective: float = 0.1,
) -> Answer:
    """Return the tabs of the workbook, Events (one row a deal) and Lists among them."""
    source = random.Random(seed)
    words = _Words(playbook, locale)
    companies = list(_companies(source, words, sizes.companies))
    contacts = list(_contacts(source, words, sizes.contacts, companies))
    deals = list(_deals(source, words, sizes.deals, contacts, companies))
    answer = {
        "deals": words.columns("deals", deals),
        "contacts": words.columns("contacts", contacts),
        "companies": words.columns("companies", companies),
        "events": words.columns("events", [_event(words, deal) for deal in deals]),
        "comments": words.columns("comments", []),
        "lists": words.columns("lists", _list_rows(words)),
    }
    for tab, rows in (("deals", deals), ("contacts", contacts), ("companies", companies)):
        _spoil(source, words, answer[tab], tab, range(len(rows)), defective)
    return answer


def edited(answer: Answer, playbook: Playbook, share: float = 0.01, seed: int = 11) -> Answer:
    """Return the answer after edits in place: one cell in each of that share of the rows."""
    source = random.Random(seed)
    changed = {tab: [list(column) for column in columns] for tab, columns in answer.items()}
    words = _Words(playbook, "en")
    for tab in SUBJECT_TABS:
        height = len(changed[tab][0]) - 1
        rows = source.sample(range(height), max(1, int(height * share)))
        _spoil(source, words, changed[tab], tab, rows, 0.5)
        info = list(playbook.tabs[tab].fields).index("info")
        for row in rows[::2]:
            changed[tab][info][row + 1] = f"another remark, {row}"
    return changed


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────

_Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class _Words:
    """The playbook's names in the workbook's language."""

    playbook: Playbook
    locale: Locale

    def stage(self, key: str) -> str:
        return self.playbook.stages[key].in_locale(self.locale)

    def choice(self, block: str, key: str) -> str:
        return self.playbook.choices[block][key].in_locale(self.locale)

    def listed(self, key: str) -> Sequence[str]:
        if key == "managers":
            return [f"Manager {number:02d}" for number in range(1, 31)]
        return self.playbook.starting_lists[key].in_locale(self.locale)

    def columns(self, tab: str, rows: Sequence[_Row]) -> Columns:
        fields = self.playbook.tabs[tab].fields
        return [
            [spec.in_locale(self.locale), *(row.get(key, "") for row in rows)]
            for key, spec in fields.items()
        ]


def _list_rows(words: _Words) -> list[_Row]:
    lists: dict[str, Sequence[Any]] = {
        key: words.listed(key)
        for key in ("channels", "services", "regions", "niches", "groups", "managers", "currencies")
    }
    lists["rates"] = [1, 500, 550, 6, 0.04]
    height = max(map(len, lists.values()))
    return [
        {key: values[row] for key, values in lists.items() if row < len(values)}
        for row in range(height)
    ]


def _names(source: random.Random) -> Iterator[tuple[str, ...]]:
    """Yield made-up names of six syllables, each once: hardly any two look like a slip."""
    known = set()
    while True:
        name = tuple(source.choices(_SYLLABLES, k=6))
        if name not in known:
            known.add(name)
            yield name


def _companies(source: random.Random, words: _Words, count: int) -> Iterator[_Row]:
    names = _names(source)
    regions, niches = words.listed("regions"), words.listed("niches")
    groups = words.listed("groups")
    for number in range(1, count + 1):
        syllables = next(names)
        domain = "".join(_LATIN[one] for one in syllables) + ".kz"
        region = source.choice(regions)
        yield {
            "id": f"C-{number:06d}",
            "title": source.choice(_FORMS).format(_as_title(syllables)),
            "region": region,
            "niche": source.choice(niches),
            "site": f"https://www.{domain}/" if number % 3 else domain,
            "address": f"Алматы, Абая {number % 300}",
            "category": source.choice("ABC"),
            "size": source.choice(("10–50", "50–100", "500+")),
            "group": source.choice(groups),
            "email": f"info@{domain}",
            "additional_emails": f"office@{domain}, pr@{domain}" if number % 2 else "-",
            "phone": _phone(source, 7_270_000_000 + number, region),
            "additional_titles": "-",
            "niche_holiday": "1 June",
            "founded": 30_000 + number % 10_000,
            "info": f"Известна с {1990 + number % 30} года, заметка {number}",
            "drive": f"https://drive.google.com/drive/folders/company{number:012d}",
        }


def _as_title(syllables: Sequence[str]) -> str:
    """Return a title of two words."""
    return " ".join("".join(syllables[at : at + 3]).capitalize() for at in (0, 3))


def _contacts(
    source: random.Random, words: _Words, count: int, companies: Sequence[_Row]
) -> Iterator[_Row]:
    groups, regions = words.listed("groups"), words.listed("regions")
    for number in range(1, count + 1):
        company = companies[(number - 1) % len(companies)]
        region = source.choice(regions)
        domain = company["email"].partition("@")[2]
        yield {
            "id": f"P-{number:06d}",
            "first_name": source.choice(_FIRST),
            "patronymic": source.choice(_MIDDLE),
            "last_name": "".join(source.choices(_SYLLABLES, k=4)).capitalize(),
            "email": f"person{number}@{domain}",
            "additional_email": f"person{number}@home{number % 50}.kz",
            "phone": _phone(source, 7_010_000_000 + number, region),
            "messenger": "",
            "position": source.choice(("Marketing director", "Бренд-менеджер", "CEO")),
            "company": company["id"] if number % 2 else company["title"],
            "decision_maker": words.choice(
                "yes_no", "no" if number % 3 == 0 and number <= len(companies) else "yes"
            ),
            "birthday": 25_000 + number % 9_000,
            "group": source.choice(groups),
            "region": region,
            "info": f"Любит звонки после {9 + number % 9}:00, заметка {number}",
        }


def _phone(source: random.Random, digits: int, region: str) -> str:
    text = str(digits)
    if source.random() < 0.7 or region not in _REGIONS_OF_7:
        return f"+7{text}"
    return f"8 {text[:3]} {text[3:6]} {text[6:8]} {text[8:]}"


def _deals(
    source: random.Random,
    words: _Words,
    count: int,
    contacts: Sequence[_Row],
    companies: Sequence[_Row],
) -> Iterator[_Row]:
    keys, weights = zip(*_STAGES, strict=True)
    for number, stage in enumerate(source.choices(keys, weights, k=count), 1):
        contact = source.choice(contacts)
        company = companies[(int(contact["id"][2:]) - 1) % len(companies)]
        yield _deal(source, words, number, stage, contact, company)


def _deal(
    source: random.Random, words: _Words, number: int, stage: str, contact: _Row, company: _Row
) -> _Row:
    rank = {"cold": 0, "unqualified": 0, "mql": 1, "client": 3}.get(stage, 2)
    topic = source.choice(_TOPICS)
    since = TODAY - source.randrange(1, 10)
    deal: _Row = {
        "id": f"D-{number:06d}",
        "title": f"Сделка {number}: {topic}",
        "stage": words.stage(stage),
        "company": company["id"] if number % 2 else company["title"],
        "contact": contact["id"] if number % 3 else contact["email"],
        "channel": source.choice(words.listed("channels")),
        "direction": words.choice("direction", "incoming" if number % 4 else "outgoing"),
        "traffic_source": source.choice(("google / cpc", "direct", "instagram", "referral")),
        "accountable": source.choice(words.listed("managers")),
        "info": f"Пришли с сайта, просят {topic}, заметка {number}",
        "stage_since": since,
    }
    if stage in _OPEN:
        deal["next_step"] = TODAY + source.randrange(1, 60)
    if rank >= 1:
        deal |= {
            "service": source.choice(words.listed("services")),
            "scoring_result": words.choice("scoring_result", "qualified"),
            "campaign_date": TODAY + source.randrange(1, 300),
        }
    if rank >= 2:
        deal |= {
            "budget": source.randrange(100_000, 90_000_000, 1_000),
            "currency": "KZT",
            "tender": words.choice("yes_no", "yes" if number % 5 == 0 else "no"),
            "mediaform": f"https://example.com/mediaform/{number}",
            "brief_received": TODAY - source.randrange(10, 200),
            "drive": f"https://drive.google.com/drive/folders/deal{number:012d}",
        }
    if stage not in _OPEN:
        reason = source.choice(("Price", "Скорость ответа", "Brief"))
        deal["outcome_reason"] = f"{reason}, {number % 500}"  # people repeat themselves
    if stage == "client":
        deal |= {"contract_signed": TODAY - 5, "learnings": f"Спрашивать бриф раньше, {number}"}
    return deal


def _event(words: _Words, deal: _Row) -> _Row:
    return {
        "when": deal["stage_since"] + 0.5,
        "deal_id": deal["id"],
        "event": words.choice("event", "stage"),
        "to": deal["stage"],
        "accountable": deal["accountable"],
    }


# ── What is wrong with them ──────────────────────────────────────────────────────────────────────

_COPIED = object()
"""The cell of the row above: a record that was entered twice."""

_DEFECTS: Mapping[str, Sequence[tuple[str, Any]]] = {
    "deals": (
        ("channel", ""), ("info", ""), ("accountable", "Somebody Else"), ("stage", "В пути"),
        ("budget", "5-6 млн"), ("next_step", TODAY - 30), ("next_step", "скоро"),
        ("company", "Nobody knows it"), ("contact", "nobody@example.com"), ("tender", "maybe"),
        ("brief_received", "31.02.2026"), ("service", "Catering"), ("traffic_source", ""),
    ),
    "contacts": (
        ("last_name", ""), ("info", ""), ("email", "anna@"), ("phone", "call the office"),
        ("position", ""), ("decision_maker", "не знаю"), ("birthday", "soon"), ("region", "Moon"),
        ("company", "Nobody knows it"), ("email", _COPIED),
    ),
    "companies": (
        ("niche", ""), ("info", ""), ("category", "D"), ("site", ""), ("region", "Moon"),
        ("email", "info@"), ("phone", "12"), ("founded", "long ago"), ("size", ""),
        ("title", _COPIED),
    ),
}  # fmt: skip


def _spoil(
    source: random.Random,
    words: _Words,
    columns: Columns,
    tab: str,
    rows: Sequence[int],
    share: float,
) -> None:
    """Put one defect into each of that share of the rows."""
    at = {key: place for place, key in enumerate(words.playbook.tabs[tab].fields)}
    for row in source.sample(rows, int(len(rows) * share)):
        key, cell = source.choice(_DEFECTS[tab])
        column = columns[at[key]]
        column[row + 1] = column[max(row, 1)] if cell is _COPIED else cell
