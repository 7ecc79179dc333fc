"""Which deal a letter belongs to; where nothing is certain, a person is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.check import Checked, addresses
from rules.letter_text import own_text
from rules.letters import Letter, deal_id_in, thread_place
from rules.table import Table, as_text
from rules.text import fold, split_several

DealsByAddress = Mapping[str, tuple[str, ...]]
"""IDs of open deals by email address."""


@dataclass(frozen=True)
class Known:
    """The people whose letters count: open deals by address, nearest tie first.

    `own`: the address is one of the deal's contact; `named`: of one of its other contacts;
    `company`: of somebody else at the deal's company.
    """

    own: DealsByAddress
    named: DealsByAddress
    company: DealsByAddress

    @cached_property
    def addresses(self) -> frozenset[str]:
        """All addresses whose letters count."""
        return frozenset({*self.own, *self.named, *self.company})

    def knows(self, letter: Letter) -> bool:
        """Return whether any of these people is on the letter."""
        return letter.sender in self.addresses or not self.addresses.isdisjoint(letter.others)


def known_people(checked: Checked, internal: Collection[str]) -> Known:
    """Return who writes about which open deals; never those at `internal` domains and addresses.

    A mailbox of ours that somebody noted as a contact would let in all that it holds.
    """
    ties: tuple[dict[int, list[str]], ...] = (defaultdict(list), defaultdict(list))
    company_deals: dict[int, list[str]] = defaultdict(list)
    links = checked.references
    for row, stage in checked.staged():
        if not checked.playbook.stages[stage].open:
            continue
        if not (deal_id := checked.deals.table.text("id", row)):
            continue  # nobody can tell which deal that is
        if (contact := links.deal_contact[row]) is not None:
            ties[0][contact].append(deal_id)
        for person in links.deal_other_contacts.get(row, ()):
            ties[1][person].append(deal_id)
        if (company := links.deal_company[row]) is not None:
            company_deals[company].append(deal_id)
    colleagues = {
        row: deals
        for row in checked.contacts.rows
        if (company := links.contact_company[row]) is not None
        and (deals := company_deals.get(company))
    }
    own, named, company_people = (
        _by_address(checked, people, internal) for people in (*ties, colleagues)
    )
    return Known(own, named, company_people)


def _by_address(
    checked: Checked, people: Mapping[int, Sequence[str]], internal: Collection[str]
) -> DealsByAddress:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for person, deals in people.items():
        for address in addresses(checked.contacts, person):
            if address not in internal and address.rpartition("@")[2] not in internal:
                found[address].update(dict.fromkeys(deals))
    return {address: tuple(deals) for address, deals in found.items()}


@dataclass(frozen=True)
class Match:
    """Where a letter belongs: to one deal, or (`deal_id` empty) to one of `candidates`."""

    deal_id: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matcher:
    """What letters are matched with; `deal_by_thread` learns from each letter that is placed.

    `deal_by_thread` is keyed by the thread's first Message-ID, by those of its letters, and by
    Gmail's own thread.
    """

    known: Known
    deal_by_thread: dict[str, str]
    deal_ids: Collection[str]
    names_of: Callable[[str], Iterable[str]]

    def match(self, letter: Letter) -> Match | None:
        """Return where the letter belongs, None if it is with nobody who counts.

        In this order: a deal named in subject or body; the deal of the thread; the only open deal
        of the contacts on it; without one, the only one that names them among its other contacts,
        or is with their company; the only one of these whose company, title or service stands in
        the subject. Of several, a person chooses.
        """
        if not self.known.knows(letter):
            return None
        deal_id = self._named_deal(letter) or self._deal_of_thread(letter)
        match = Match(deal_id) if deal_id else self._deal_of_people(letter)
        if match.deal_id:
            for key in (letter.thread, letter.key, letter.gmail_place):
                if key:
                    self.deal_by_thread.setdefault(key, match.deal_id)
        return match

    def _named_deal(self, letter: Letter) -> str:
        for text in (letter.subject, own_text(letter.text, letter.subject), letter.text):
            named: set[str] = {found.upper() for found in _NAMED_DEAL.findall(text)} & set(
                self.deal_ids
            )
            if len(named) == 1:
                return min(named)
        return ""

    def _deal_of_thread(self, letter: Letter) -> str:
        earlier = (letter.thread, *reversed(letter.references), letter.gmail_place)
        deals = (self.deal_by_thread.get(key, "") for key in earlier)
        return next((deal for deal in deals if deal in self.deal_ids), "")

    def _deal_of_people(self, letter: Letter) -> Match:
        people = (letter.sender, *letter.others)
        candidates = _deals_of(people, self.known.own)
        if not candidates:
            candidates = _deals_of(people, self.known.named)
            if len(candidates) != 1:
                candidates = _merged(candidates, _deals_of(people, self.known.company))
        if len(candidates) == 1:
            return Match(candidates[0])
        subject = f" {_words(letter.subject)} "
        spoken_of = [deal for deal in candidates if self._stands_in(subject, deal)]
        return Match(spoken_of[0]) if len(spoken_of) == 1 else Match("", candidates)

    def _stands_in(self, subject: str, deal_id: str) -> bool:
        names = filter(None, map(_words, self.names_of(deal_id)))
        return any(f" {name} " in subject for name in names)


_NAMED_DEAL = re.compile(r"\[(D-\d{6,})\]", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def _words(text: str) -> str:
    return " ".join(_WORD.findall(fold(text)))


def _deals_of(people: Iterable[str], deals: DealsByAddress) -> tuple[str, ...]:
    return tuple(dict.fromkeys(deal for person in people for deal in deals.get(person, ())))


def _merged(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def make_matcher(checked: Checked, known: Known, letters: Table) -> Matcher:
    """Return the matcher of a workbook as it is checked; `letters` is the memory of letters."""
    tables = checked.book.tables
    rows = tables["deals"].row_by_id
    deals = threads_with_deal(tables["comments"], rows.keys())
    return Matcher(
        known=known,
        deal_by_thread=dict(_with_gmail_threads(deals, gmail_threads(letters))),
        deal_ids=rows.keys(),
        names_of=lambda deal_id: _names_of_deal(checked, rows[deal_id]),
    )


def _names_of_deal(checked: Checked, row: int) -> Iterable[str]:
    yield checked.deals.text("title", row)
    service = checked.deals.values["service"][row]
    yield from service if isinstance(service, tuple) else (as_text(service),)
    if (company := checked.references.deal_company[row]) is not None:
        yield checked.companies.text("title", company)
        yield from split_several(checked.companies.text("additional_titles", company))


def threads_with_deal(comments: Table, deal_ids: Collection[str]) -> Mapping[str, str]:
    """Return the deal of each thread, and of each letter, that the Comments tab knows.

    Where a thread's letters are on several deals, a manager's choice wins, then the latest one.
    What is typed as the deal's ID and is none chooses nothing.
    """
    found: dict[str, str] = {}
    chosen: dict[str, str] = {}
    columns = map(comments.column, ("deal_id", "thread", "letter_key", "candidates"))
    for deal, thread, key, candidates in zip(*columns, strict=True):
        deal_id = deal_id_in(deal)
        if deal_id not in deal_ids or not isinstance(thread, str) or not thread:
            continue
        found[thread] = deal_id
        if key:
            found.setdefault(as_text(key), deal_id)
        if candidates:
            chosen[thread] = deal_id
    return {**found, **chosen}


def gmail_threads(letters: Table) -> Mapping[str, Sequence[str]]:
    """Return Gmail's own threads of each letter by its Message-ID, each as `Letter.gmail_place`."""
    found: dict[str, list[str]] = defaultdict(list)
    columns = map(letters.column, ("key", "message", "thread"))
    for key, place, thread in zip(*columns, strict=True):
        if key and thread:
            mailbox = as_text(place).rpartition("/")[0]
            found[as_text(key)].append(thread_place(mailbox, as_text(thread)))
    return found


def _with_gmail_threads(
    deals: Mapping[str, str], threads: Mapping[str, Sequence[str]]
) -> Mapping[str, str]:
    """Return the deals by thread, Gmail's own too: some programs do not name what they answer."""
    own = {one: deals[key] for key in threads if key in deals for one in threads[key]}
    return {**own, **deals}


def threads_to_bind(
    comments: Table, letters: Table, deal_ids: Collection[str]
) -> Mapping[int, str]:
    """Return the deal of each row that waits for a choice which its thread has got meanwhile."""
    columns = map(comments.column, ("deal_id", "thread", "letter_key", "candidates"))
    waiting = {
        row: (as_text(thread), as_text(key))
        for row, (deal, thread, key, candidates) in enumerate(zip(*columns, strict=True))
        if candidates and not deal_id_in(deal)
    }
    if not waiting:
        return {}
    threads = gmail_threads(letters)
    deals = _with_gmail_threads(threads_with_deal(comments, deal_ids), threads)
    found: dict[int, str] = {}
    for row, (thread, key) in waiting.items():
        placed = (deals[one] for one in (thread, *threads.get(key, ())) if one in deals)
        if deal := next(placed, ""):
            found[row] = deal
    return found
