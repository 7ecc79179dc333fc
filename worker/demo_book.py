"""The demo's workbook: what a team of three managers would have typed. Same seed, same book."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from random import Random
from typing import Any

from rules.playbook import Locale, Playbook
from rules.values import SERIAL_EPOCH
from worker import demo_words as words

Row = dict[str, Any]
"""A row by field key: text, numbers, serial dates; None where the cell is empty."""

STAGE_WEIGHTS: Mapping[str, int] = {
    "cold": 25,
    "mql": 20,
    "sql": 18,
    "negotiation": 10,
    "client": 12,
    "unqualified": 8,
    "lost": 7,
}
PATHS: Mapping[str, Sequence[str]] = {
    "cold": ("cold",),
    "mql": ("cold", "mql"),
    "sql": ("cold", "mql", "sql"),
    "negotiation": ("cold", "mql", "sql", "negotiation"),
    "client": ("cold", "mql", "sql", "negotiation", "client"),
    "unqualified": ("cold", "unqualified"),
    "lost": ("cold", "mql", "sql", "lost"),
}
AT_SQL = frozenset({"sql", "negotiation", "client", "lost"})
AT_MQL = AT_SQL | {"mql"}
MAILBOXES = ("manager1@example.com", "manager2@example.com")
SHARE_WITH_HISTORY = 0.6
SHARE_DEFECTIVE = 0.12


@dataclass(frozen=True)
class Defect:
    """Something wrong on purpose: `field` of `tab`, for the deal `deal`; `value` what stands there.

    The Problems cell of the deal must name it.
    """

    deal: str
    tab: str
    field: str
    value: str


@dataclass(frozen=True)
class Correspondent:
    """A contact who writes with a manager about an open deal."""

    deal: str
    name: str
    email: str
    mailbox: str


@dataclass(frozen=True)
class DemoBook:
    """Rows by tab key, what is wrong in them, and who writes letters."""

    tabs: Mapping[str, Sequence[Row]]
    defects: Sequence[Defect]
    correspondents: Sequence[Correspondent]


def make_demo_book(
    playbook: Playbook, locale: Locale, deals: int, seed: int, today: date
) -> DemoBook:
    """Return a book of `deals` deals at all stages, with dates counted back from today."""
    return _Author(playbook, locale, Random(seed), today).write(deals)  # noqa: S311  # no secret


@dataclass
class _Case:
    """A deal with its contact and company, and the stage that they must satisfy."""

    stage: str
    deal: Row
    contact: Row
    company: Row
    manager: int


class _Author:
    def __init__(self, playbook: Playbook, locale: Locale, random: Random, today: date) -> None:
        self.playbook, self.locale, self.random = playbook, locale, random
        self.today = (today - SERIAL_EPOCH).days
        self.lists = {
            key: starting.in_locale(locale) for key, starting in playbook.starting_lists.items()
        }
        self.names: Counter[str] = Counter()
        self.taken: dict[str, set[tuple[int, int]]] = defaultdict(set)
        self.titles = list(
            product(range(len(words.COMPANY_WORDS["en"])), range(len(words.COMPANY_ENDS["en"])))
        )
        random.shuffle(self.titles)

    def write(self, count: int) -> DemoBook:
        stages = self._stages(count)
        companies = [self._company(number) for number in range(max(1, round(count * 0.6)))]
        cases = []
        for number, stage in enumerate(stages):
            company = companies[number % len(companies)]
            contact = self._contact(number, company, first=number < len(companies))
            manager = self.random.randrange(3)
            deal = self._deal(number, stage, company, contact, manager)
            cases.append(_Case(stage, deal, contact, company, manager))
        events = list(self._histories(cases))
        self._thin_out(cases)
        defects = list(self._spoil(cases))
        spoilt = {defect.deal for defect in defects}
        tabs = {
            "deals": [case.deal for case in cases],
            "contacts": [case.contact for case in cases],
            "companies": companies,
            "events": events,
            "lists": self._list_rows(),
        }
        return DemoBook(tabs, defects, list(self._correspondents(cases, spoilt)))

    # ── Records ──────────────────────────────────────────────────────────────────────────────────

    def _stages(self, count: int) -> list[str]:
        known = list(STAGE_WEIGHTS)
        drawn = self.random.choices(known, list(STAGE_WEIGHTS.values()), k=count)
        return [*known, *drawn][:count]

    def _word(self, source: words.Words) -> str:
        return self.random.choice(source[self.locale])

    def _listed(self, key: str) -> str:
        return self.random.choice(self.lists[key])

    def _choice(self, choice: str, key: str) -> str:
        return self.playbook.choices[choice][key].in_locale(self.locale)

    def _company(self, number: int) -> Row:
        series, place = divmod(number, len(self.titles))
        first, last = self.titles[place]
        title = f"{words.COMPANY_WORDS[self.locale][first]} {words.COMPANY_ENDS[self.locale][last]}"
        title = f"{title} {series + 1}" if series else title
        latin = f"{words.COMPANY_WORDS['en'][first]}-{words.COMPANY_ENDS['en'][last].split()[0]}"
        domain = f"{latin.lower()}{number}.example"
        return {
            "title": title,
            "region": self._listed("regions"),
            "niche": self._listed("niches"),
            "site": f"https://{domain}",
            "address": self._word(words.CITIES),
            "category": self._choice("category", self.random.choice("abc")),
            "size": str(self.random.choice((20, 150, 400, 2500))),
            "group": self._listed("groups"),
            "email": f"info@{domain}",
            "additional_emails": f"office@{domain}, pr@{domain}",
            "phone": f"+7727{2000000 + number}",
            "additional_titles": title.upper(),
            "niche_holiday": self._word(words.HOLIDAYS),
            "founded": self.today - self.random.randrange(2_000, 12_000),
            "info": self._word(words.COMPANY_INFO),
        }

    def _contact(self, number: int, company: Row, *, first: bool) -> Row:
        given, family = self._name_of_nobody_else(company)
        latin = f"{words.FIRST_NAMES['en'][given]}.{words.LAST_NAMES['en'][family]}".lower()
        domain = company["email"].partition("@")[2]
        row = {
            "first_name": words.FIRST_NAMES[self.locale][given],
            "last_name": self._last_name(given, family),
            "email": f"{latin}{number}@{domain}",
            "additional_email": f"{latin}{number}@mail.example",
            "phone": f"+7701{1000000 + number}",
            "messenger": self.random.choice(("Telegram", "WhatsApp", None)),
            "position": self._word(words.POSITIONS),
            "company": company["title"],
            "decision_maker": self._choice("yes_no", "yes" if first else "no"),
            "birthday": self.today - self.random.randrange(9_000, 20_000),
            "group": self._listed("groups"),
            "region": company["region"],
            "info": self._word(words.CONTACT_INFO),
        }
        self.names[_full_name(row)] += 1
        return row

    def _name_of_nobody_else(self, company: Row) -> tuple[int, int]:
        """Return a first and a last name that no other contact of the company has."""
        taken = self.taken[company["title"]]
        given = self.random.randrange(len(words.FIRST_NAMES["en"]))
        family = self.random.randrange(len(words.LAST_NAMES["en"]))
        while (given, family) in taken:
            family = (family + 1) % len(words.LAST_NAMES["en"])
        taken.add((given, family))
        return given, family

    def _last_name(self, given: int, family: int) -> str:
        """Return the family name; a woman's ends in -ova or -eva in Russian."""
        name = words.LAST_NAMES[self.locale][family]
        is_declined = self.locale == "ru" and given % 2 == 0 and name.endswith(("ов", "ев"))
        return name + "а" if is_declined else name

    def _deal(self, number: int, stage: str, company: Row, contact: Row, manager: int) -> Row:
        spec = self.playbook.stages[stage]
        service = self._listed("services")
        deal: Row = {
            "title": f"{company['title']}: {service} №{number + 1}",
            "stage": spec.in_locale(self.locale),
            "company": company["title"],
            "contact": contact["email"],
            "channel": self._listed("channels"),
            "direction": self._choice("direction", self.random.choice(("incoming", "outgoing"))),
            "traffic_source": self._word(words.TRAFFIC),
            "accountable": words.MANAGERS[self.locale][manager],
            "info": self._word(words.DEAL_INFO),
            "next_step": self.today + self.random.randrange(1, 30) if spec.open else None,
        }
        if stage in AT_MQL:
            deal |= {
                "service": service,
                "scoring_result": self._choice("scoring_result", "qualified"),
                "campaign_date": self.today + self.random.randrange(30, 200),
            }
        if stage in AT_SQL:
            deal |= {
                "budget": self.random.randrange(5, 400) * 100_000,
                "currency": self.random.choice((None, None, "KZT")),
                "tender": self._choice("yes_no", self.random.choice(("yes", "no"))),
                "mediaform": f"https://docs.example/mediaform/{number + 1}",
                "brief_received": self.today - self.random.randrange(3, 40),
            }
        return deal | self._outcome(stage)

    def _outcome(self, stage: str) -> Row:
        match stage:
            case "client":
                return {
                    "contract_signed": self.today - self.random.randrange(1, 30),
                    "outcome_reason": self._word(words.REASONS_WON),
                    "learnings": self._word(words.LEARNINGS),
                }
            case "lost":
                return {"outcome_reason": self._word(words.REASONS_LOST)}
            case "unqualified":
                return {"outcome_reason": self._word(words.REASONS_UNQUALIFIED)}
        return {}

    def _thin_out(self, cases: Sequence[_Case]) -> None:
        """Leave the fields that only a client asks for empty where nothing asks for them yet."""
        late = {
            "contacts": ("additional_email", "birthday", "messenger"),
            "companies": ("email", "additional_emails", "additional_titles", "niche_holiday"),
        }
        asked = {id(case.company) for case in cases if case.stage == "client"}
        for case in cases:
            if case.stage != "client" and self.random.random() < 0.6:
                case.contact |= dict.fromkeys(late["contacts"])
            if id(case.company) not in asked and self.random.random() < 0.6:
                case.company |= dict.fromkeys(late["companies"])

    # ── History ──────────────────────────────────────────────────────────────────────────────────

    def _histories(self, cases: Sequence[_Case]) -> Iterator[Row]:
        """Give the older deals an ID and the events of their way; the newest have neither yet."""
        stages, kinds = self.playbook.stages, self.playbook.choices["event"]
        rows = []
        for number, case in enumerate(cases[: round(len(cases) * SHARE_WITH_HISTORY)], 1):
            case.deal["id"] = f"D-{number:06d}"
            path = PATHS[case.stage]
            days = sorted(self.random.sample(range(2, 300), len(path)), reverse=True)
            latest = self.random.randrange(2, 25)  # no deal has stayed at its stage for too long
            days = [ago - days[-1] + latest for ago in days]
            common = {"deal_id": case.deal["id"], "accountable": case.deal["accountable"]}
            before: str | None = None
            for stage, ago in zip(path, days, strict=True):
                when = self.today - ago + self.random.randrange(9, 18) / 24
                name = stages[stage].in_locale(self.locale)
                kind = kinds["stage"].in_locale(self.locale)
                rows.append({**common, "when": when, "event": kind, "from": before, "to": name})
                if before is None:
                    incoming = case.deal["direction"] == self._choice("direction", "incoming")
                    lead = kinds["incoming_lead" if incoming else "outgoing_lead"]
                    rows.append({**common, "when": when, "event": lead.in_locale(self.locale)})
                before = name
        yield from sorted(rows, key=lambda row: row["when"])

    # ── Defects ──────────────────────────────────────────────────────────────────────────────────

    def _spoil(self, cases: Sequence[_Case]) -> Iterator[Defect]:
        """Spoil about every eighth deal, each in one way, all ways in turn."""
        ways = self._ways()
        order = list(cases)
        self.random.shuffle(order)
        wanted = max(1, round(len(cases) * SHARE_DEFECTIVE))
        touched: set[int] = set()
        for number in range(wanted):
            tab, field, value, stages = ways[number % len(ways)]
            for case in order:
                row = {"deals": case.deal, "contacts": case.contact, "companies": case.company}[tab]
                parts = {id(case.deal), id(case.contact), id(case.company)}
                if case.stage not in stages or parts & touched:
                    continue
                if field == "email":
                    if self.names[_full_name(case.contact)] > 1:
                        continue
                    case.deal["contact"] = _full_name(case.contact)
                row[field] = value
                touched |= parts
                yield Defect(case.deal["title"], tab, field, "" if value is None else str(value))
                break

    def _ways(self) -> Sequence[tuple[str, str, Any, frozenset[str]]]:
        every = frozenset(PATHS)
        early = frozenset({"cold", "mql"})
        still_open = frozenset({"cold", "mql", "sql", "negotiation"})
        ended = frozenset({"client", "lost", "unqualified"})
        vague = {"en": "about 5-6 million", "ru": "5-6 млн"}[self.locale]
        sometime = {"en": "last week", "ru": "на той неделе"}[self.locale]
        nobody = {"en": "Unheard-of Company", "ru": "Неведомая Компания"}[self.locale]
        return (
            ("deals", "budget", vague, AT_SQL),
            ("companies", "category", None, AT_MQL),
            ("contacts", "position", None, AT_MQL),
            ("deals", "outcome_reason", None, ended),
            ("deals", "company", nobody, early),
            ("contacts", "email", "anna at mail", every),
            ("deals", "next_step", self.today - 3, still_open),
            ("deals", "channel", "TikTok", every),
            ("deals", "brief_received", sometime, AT_SQL),
            ("deals", "service", None, AT_MQL),
            ("contacts", "phone", "???", every),
            ("companies", "site", None, AT_MQL),
            ("deals", "mediaform", None, AT_SQL),
            ("deals", "accountable", None, every),
            ("deals", "scoring_result", "???", AT_MQL),
        )

    # ── The rest ─────────────────────────────────────────────────────────────────────────────────

    def _list_rows(self) -> list[Row]:
        managers = words.MANAGERS[self.locale]
        rates = {"KZT": 1, "USD": 520, "EUR": 565, "RUB": 5.6, "UZS": 0.041}
        columns = {
            **self.lists,
            "managers": managers,
            "mailboxes": MAILBOXES,
            "rates": tuple(rates[code] for code in self.lists["currencies"]),
        }
        height = max(map(len, columns.values()))
        return [
            {key: column[row] for key, column in columns.items() if row < len(column)}
            for row in range(height)
        ]

    def _correspondents(self, cases: Sequence[_Case], spoilt: set[str]) -> Iterator[Correspondent]:
        for case in cases:
            is_open = self.playbook.stages[case.stage].open
            if is_open and case.deal["title"] not in spoilt and case.manager < len(MAILBOXES):
                yield Correspondent(
                    case.deal["title"],
                    _full_name(case.contact),
                    case.contact["email"],
                    MAILBOXES[case.manager],
                )


def _full_name(contact: Row) -> str:
    return f"{contact['first_name']} {contact['last_name']}"
