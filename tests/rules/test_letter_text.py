"""Whatever a letter holds, its text is read: nothing is invented, nothing raises, nothing hangs."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.letter_html import text_of_html
from rules.letter_text import own_text

LINES = st.sampled_from(
    [
        "Hello", "Добрый день!", "", " ", "> quoted", ">> older", "¦ indented", "-- ", "--",
        "On Mon, Mar 2, 2026 at 10:00 AM Dana <d@a.kz> wrote:", "<d@a.kz>:", "Дана пишет:",
        "From: Dana <d@a.kz>", "Sent: 2 March 2026", "To: Anna", "Subject: x", "От: Дана",
        "Отправлено: 2 марта", "Кому: Анна", "-----Original Message-----", "_" * 32,
        "---------- Forwarded message ---------", "Отправлено с iPhone", "answers below", "ДЛ> x",
    ]
)  # fmt: skip


def bare(line: str) -> str:
    return re.sub(r"^[\s>¦]+|[\s¦]+$", "", line)


@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=25), st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_what_is_kept_is_what_stood_there_in_its_order(lines: list[str], subject: str) -> None:
    text = "\n".join(lines)
    kept = [bare(line) for line in own_text(text, subject).split("\n")]
    stood = iter([bare(line) for line in text.replace("\r", "\n").split("\n")])
    assert all(any(line == other for other in stood) for line in kept if line)
    assert bool(bare(own_text(text, subject))) == bool(bare(text))


MARKUP = st.sampled_from(
    ["<p>", "</p>", "<blockquote>", '<blockquote type="cite">', "</blockquote>", "<table><tr><td>",
     "<!--", "-->", "<script>x</script>", "<div", ">", "&nbsp;", "&#0;", "<pre>", "text",
     "\x00", "<"]
)  # fmt: skip


@given(st.lists(st.one_of(MARKUP, st.text(max_size=20)), max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_markup_gives_text(pieces: list[str]) -> None:
    assert isinstance(own_text(text_of_html("".join(pieces))), str)


HOSTILE = {
    "deep quotes": "<blockquote>" * 3_000 + "x",
    "many quotes": "<blockquote>x</blockquote>" * 3_000,
    "deep boxes": "<div>" * 50_000 + "x",
    "wide tables": "<table>" + "<tr><td>x</td></tr>" * 5_000 + "</table>",
    "a long line": "<p>" + "On 10:00 a@b.kz " * 20_000 + "</p>",
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markup_takes_no_long_time(markup: str) -> None:
    began = time.process_time()
    own_text(text_of_html(markup))
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "text",
    ["wrote:\n" * 20_000, "> x\n" * 50_000, "From: a\n" * 20_000, "a@b.kz " * 50_000 + ":"],
)
def test_hostile_text_takes_no_long_time(text: str) -> None:
    began = time.process_time()
    own_text(text)
    assert time.process_time() - began < 20


def test_what_nobody_sees_is_no_text_and_pictures_are_not_fetched() -> None:
    markup = (
        "<html><head><title>T</title><style>p {}</style></head><body><script>steal()</script>"
        '<p>Hello</p><img src="http://tracker.example/x.png" alt="logo"></body></html>'
    )
    assert text_of_html(markup) == "Hello"
