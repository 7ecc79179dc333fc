"""The demo's letters: quoted replies, several encodings, and some that are not ours to log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from random import Random

from rules.playbook import Locale
from worker import demo_words as words
from worker.demo_book import Correspondent, DemoBook

SHARE_WRITING = 0.6
MOST_WRITING = 250
CHARSETS = ("utf-8", "utf-8", "koi8-r", "windows-1251")


@dataclass(frozen=True)
class DemoLetter:
    """A letter in the mailboxes that have it; `deal` is the title of its deal, "" for noise."""

    mailboxes: tuple[str, ...]
    deal: str
    message_id: str
    content: bytes


def make_demo_letters(book: DemoBook, locale: Locale, seed: int, now: datetime) -> list[DemoLetter]:
    """Return the letters of the last month, the same for the same seed and moment."""
    author = _Author(locale, Random(seed), now)  # noqa: S311  # no secret
    return [*author.status_letters(book), *author.noise(book)]


class _Author:
    def __init__(self, locale: Locale, random: Random, now: datetime) -> None:
        self.locale, self.random, self.now = locale, random, now

    def status_letters(self, book: DemoBook) -> Iterator[DemoLetter]:
        for number, person in enumerate(book.correspondents[:MOST_WRITING]):
            if self.random.random() < SHARE_WRITING or number == 0:
                yield from self._conversation(number, person)

    def _conversation(self, number: int, person: Correspondent) -> Iterator[DemoLetter]:
        subject = self.random.choice(words.SUBJECTS[self.locale])
        start = self.now - timedelta(days=self.random.uniform(2, 28))
        earlier: list[tuple[str, str]] = []
        for turn in range(self.random.randint(1, 3)):
            incoming = turn % 2 == 0
            text = self.random.choice(
                (words.LETTERS_IN if incoming else words.LETTERS_OUT)[self.locale]
            )
            message_id = f"<letter-{number}-{turn}@mail.example>"
            message = self._message(
                person, incoming, f"Re: {subject}" if turn else subject, message_id,
                start + timedelta(hours=5 * turn),
            )  # fmt: skip
            if earlier:
                message["In-Reply-To"] = earlier[-1][0]
                message["References"] = " ".join(key for key, _ in earlier)
            self._fill(message, text, earlier[-1][1] if earlier else "", person)
            earlier.append((message_id, text))
            # A copy to the colleague: the same letter in two mailboxes.
            copied = number % 7 == 0 and turn == 0
            others = ("manager1@example.com", "manager2@example.com")
            yield DemoLetter(
                others if copied else (person.mailbox,), person.deal, message_id, bytes(message)
            )

    def _message(
        self, person: Correspondent, incoming: bool, subject: str, key: str, when: datetime
    ) -> EmailMessage:
        client, manager = formataddr((person.name, person.email)), person.mailbox
        message = EmailMessage()
        message["From"], message["To"] = (client, manager) if incoming else (manager, client)
        message["Subject"] = subject
        message["Date"] = format_datetime(when)
        message["Message-ID"] = key
        return message

    def _fill(self, message: EmailMessage, text: str, quoted: str, person: Correspondent) -> None:
        wrote = {
            "en": f"On Monday {person.name} wrote:",
            "ru": f"В понедельник {person.name} пишет:",
        }
        body = text
        if quoted:
            body += f"\n\n{wrote[self.locale]}\n> {quoted}"
        if self.random.random() < 0.2:
            message.set_content(f"<p>{text}</p>", subtype="html")
        else:
            message.set_content(
                body, charset=self.random.choice(CHARSETS) if _fits(body) else "utf-8"
            )
        if self.random.random() < 0.15:
            message.add_attachment(
                b"slides", maintype="application", subtype="pdf", filename="presentation.pdf"
            )

    def noise(self, book: DemoBook) -> Iterator[DemoLetter]:
        """Yield letters that must not be logged: a newsletter, a colleague, a stranger."""
        for number, sender in enumerate(
            ("news@media.example", "lead@example.com", "stranger@nowhere.example")
        ):
            message = EmailMessage()
            message["From"], message["To"] = sender, "manager1@example.com"
            message["Subject"] = words.SUBJECTS[self.locale][0]
            message["Date"] = format_datetime(self.now - timedelta(days=number + 1))
            message["Message-ID"] = f"<noise-{number}@mail.example>"
            message.set_content(words.LETTERS_IN[self.locale][0])
            yield DemoLetter(("manager1@example.com",), "", message["Message-ID"], bytes(message))


def _fits(text: str) -> bool:
    try:
        text.encode("koi8-r")
        text.encode("windows-1251")
    except UnicodeEncodeError:
        return False
    return True
