"""Letters as mail programs of this region write them, each with what of it is the writer's own.

Made from templates: the words are ours, the forms are the programs'. Each line of a letter says
what it is, so that a cutter can be measured line by line.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

Locale = Literal["en", "ru"]
Kind = Literal["reply", "signed", "nested", "inline", "forward", "new"]
Form = Literal["plain", "html"]
KINDS: tuple[Kind, ...] = ("reply", "signed", "nested", "inline", "forward", "new")


@dataclass(frozen=True)
class Labelled:
    """A letter; `own` must be kept, `quoted` and `signature` are to be cut, the rest may be either.

    All are lines without their quote marks.
    """

    name: str
    subject: str
    form: Form
    body: str
    own: tuple[str, ...]
    quoted: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()

    @property
    def message(self) -> Mapping[str, Any]:
        """The letter as Gmail gives it."""
        data = base64.urlsafe_b64encode(self.body.encode()).decode()
        return {
            "id": "1",
            "payload": {
                "mimeType": f"text/{self.form}",
                "headers": [{"name": "Subject", "value": self.subject}],
                "body": {"data": data},
            },
        }


OWN: Mapping[Locale, Sequence[Sequence[str]]] = {
    "en": (
        ("Hello Dana,", "we agree to 5 million for May.", "Please send the contract."),
        (
            "Our conditions:",
            "- reach > 40%",
            "- CPM < 900",
            "-- no outdoor",
            "From: May 12, to: May 30",
        ),
        ("Yes", "On Monday at 10:00 our director wrote to legal, they answer tomorrow."),
        ("Dear colleagues,", "From: Almaty", "Date: before June", "Budget: 5", "thank you"),
        ("The brief is ready.", "Sent from our side: brief, logo."),
        ("Thanks!", "Sent from our side: brief, logo, deck.", "Best regards,", "Anna"),
        ("The original message to the audience stays.", "Subject: to approval by the board"),
    ),
    "ru": (
        ("Добрый день, Дана!", "Согласны на 5 млн на май.", "Пришлите, пожалуйста, договор."),
        (
            "Наши условия:",
            "- охват > 40%",
            "- CPM < 900",
            "-- без наружной рекламы",
            "От: 12 мая, до: 30 мая",
        ),
        ("Да", "В понедельник в 10:00 директор написал юристам, ответят завтра."),
        ("Коллеги,", "От: 5 млн", "Дата: до июня", "Регион: Алматы", "ждём предложение"),
        ("Бриф готов.", "Отправлено с нашей стороны: бриф, логотип."),
        ("Спасибо!", "Отправлено с нашей стороны: бриф, логотип.", "С уважением,", "Анна"),
        ("Исходное сообщение для аудитории не меняем.", "Тема: на утверждении у директора"),
    ),
}

EARLIER: Mapping[Locale, Sequence[str]] = {
    "en": ("Hi Anna,", "what is your budget for spring?", "We can start in May.", "Dana Lee"),
    "ru": ("Анна, здравствуйте!", "Какой у вас бюджет на весну?", "Начать можем в мае.", "Дана Ли"),
}
OLDER: Mapping[Locale, Sequence[str]] = {
    "en": ("Good day, please tell about your services.", "Anna Smith"),
    "ru": ("Здравствуйте, расскажите о ваших услугах.", "Анна Смит"),
}
BLOCKS: Mapping[Locale, Sequence[str]] = {
    "en": ("Anna Smith", "Marketing director | Steppe Bank", "+7 701 123 45 67"),
    "ru": ("Анна Смит", "Директор по маркетингу | Банк «Степь»", "+7 701 123 45 67"),
}
LONG_NAME = "Dana Lee-Konstantinopolskaya of the Media Planning Department"


@dataclass(frozen=True)
class Program:
    """A mail program: how it introduces an earlier letter, passes one on, and signs."""

    name: str
    form: Form
    introduce: Mapping[Locale, str]
    forward: Mapping[Locale, str]
    quote: Literal["marks", "bare", "gmail", "cite", "drawn", "plain_block", "initials"] = "marks"
    mobile: Mapping[Locale, str] | None = None


_HEADERS: Mapping[Locale, str] = {
    "en": "From: Dana Lee <dana@agency.example>\nSent: Monday, March 2, 2026 10:00 AM\n"
    "To: Anna Smith <anna@steppe.example>\nSubject: Spring",
    "ru": "От: Дана Ли <dana@agency.example>\nОтправлено: 2 марта 2026 г. 10:00\n"
    "Кому: Анна Смит <anna@steppe.example>\nТема: Весна",
}
_WITH_CC: Mapping[Locale, str] = {
    "en": "From: Dana Lee [mailto:dana@agency.example] \nSent: Monday, March 2, 2026 10:00 AM\n"
    "To: Anna Smith; Bob Brown; Carl Clark; Dora Dean; Emil Ericsson; Frida\n"
    "Fisher; Gus Green\nCc: Helen Hill\nSubject: RE: Spring",
    "ru": "From: Дана Ли <dana@agency.example> \nSent: Monday, March 2, 2026 10:00 AM\n"
    "To: Анна Смит <anna@steppe.example>\nCc: Борис <boris@steppe.example>\nSubject: RE: Весна",
}
_RULE = "_" * 32 + "\n"
_PASSED_ON: Mapping[Locale, str] = {
    "en": "---------- Forwarded message ---------\nFrom: Dana Lee <dana@agency.example>\n"
    "Date: Mon, Mar 2, 2026 at 10:00 AM\nSubject: Spring\nTo: <anna@steppe.example>",
    "ru": "---------- Пересылаемое сообщение ---------\nОт: Дана Ли <dana@agency.example>\n"
    "Дата: пн, 2 мар. 2026 г. в 10:00\nТема: Весна\nКому: <anna@steppe.example>",
}
_GMAIL: Mapping[Locale, str] = {
    "en": "On Mon, Mar 2, 2026 at 10:00 AM Dana Lee <dana@agency.example> wrote:",
    "ru": "пн, 2 мар. 2026 г. в 10:00, Дана Ли <dana@agency.example>:",
}
_APPLE: Mapping[Locale, str] = {
    "en": "On 2 Mar 2026, at 10:00, Dana Lee <dana@agency.example> wrote:",
    "ru": "2 марта 2026 г., в 10:00, Дана Ли <dana@agency.example> написал(а):",
}
_APPLE_ON: Mapping[Locale, str] = {
    "en": "Begin forwarded message:\n\nFrom: Dana Lee <dana@agency.example>\nSubject: Spring\n"
    "Date: 2 March 2026 at 10:00:00\nTo: anna@steppe.example",
    "ru": "Начало переадресованного сообщения:\n\nОт: Дана Ли <dana@agency.example>\n"
    "Тема: Весна\nДата: 2 марта 2026 г. в 10:00:00\nКому: anna@steppe.example",
}

PROGRAMS = (
    Program("Gmail", "plain", _GMAIL, _PASSED_ON),
    Program("Gmail, HTML", "html", _GMAIL, _PASSED_ON, "gmail"),
    Program(
        "Gmail, a long name",
        "plain",
        {
            "en": f"On Mon, Mar 2, 2026 at 10:00 AM {LONG_NAME} <\ndana@agency.example> wrote:",
            "ru": f"пн, 2 мар. 2026 г. в 10:00, {LONG_NAME} <\ndana@agency.example>:",
        },
        _PASSED_ON,
    ),
    Program(
        "Gmail for Android",
        "plain",
        {
            "en": "On Mon, 2 Mar 2026, 10:00 Dana Lee, <dana@agency.example> wrote:",
            "ru": "пн, 2 мар. 2026 г., 10:00 Дана Ли <dana@agency.example>:",
        },
        _PASSED_ON,
    ),
    Program("Outlook", "plain", _HEADERS, _HEADERS, "bare"),
    Program("Outlook, HTML", "html", _HEADERS, _HEADERS, "bare"),
    Program("Outlook, many addresses", "plain", _WITH_CC, _WITH_CC, "bare"),
    Program(
        "Outlook, old",
        "plain",
        {
            "en": f"-----Original Message-----\n{_HEADERS['en']}",
            "ru": f"-----Исходное сообщение-----\n{_HEADERS['ru']}",
        },
        _HEADERS,
        "bare",
    ),
    Program(
        "Outlook for iOS",
        "plain",
        {locale: _RULE + text for locale, text in _HEADERS.items()},
        {locale: _RULE + text for locale, text in _HEADERS.items()},
        "bare",
        {"en": "Get Outlook for iOS<https://aka.ms/o0ukef>", "ru": "Скачать Outlook для iOS"},
    ),
    Program("Apple Mail", "plain", _APPLE, _APPLE_ON),
    Program("Apple Mail, HTML", "html", _APPLE, _APPLE_ON, "cite"),
    Program(
        "iPhone",
        "plain",
        {
            "en": "On Mar 2, 2026, at 10:00 AM, Dana Lee <dana@agency.example> wrote:",
            "ru": "2 марта 2026 г., в 10:00, Дана Ли <dana@agency.example> написал(а):",
        },
        _APPLE_ON,
        mobile={"en": "Sent from my iPhone", "ru": "Отправлено с iPhone"},
    ),
    Program(
        "Mail.ru",
        "plain",
        {
            "en": "Monday, March 2, 2026 10:00 AM +05:00 from Dana Lee <dana@agency.example>:",
            "ru": "Понедельник, 2 марта 2026, 10:00 +05:00 от Дана Ли <dana@agency.example>:",
        },
        {
            "en": "-------- Forwarded message --------\nFrom: Dana Lee <dana@agency.example>\n"
            "To: anna@steppe.example\nDate: Monday, March 2, 2026 10:00 AM +05:00\nSubject: Spring",
            "ru": "-------- Пересылаемое сообщение --------\nОт кого: Дана Ли "
            "<dana@agency.example>\nКому: anna@steppe.example\nДата: Понедельник, 2 марта 2026\n"
            "Тема: Весна",
        },
        mobile={"en": "Sent from Mail.ru app for iOS", "ru": "Отправлено из мобильной Почты Mail"},
    ),
    Program(
        "Mail.ru, HTML",
        "html",
        {
            "en": "Monday, March 2, 2026 10:00 AM +05:00 from Dana Lee <dana@agency.example>:",
            "ru": "Понедельник, 2 марта 2026, 10:00 +05:00 от Дана Ли <dana@agency.example>:",
        },
        _PASSED_ON,
        "drawn",
    ),
    Program(
        "Yandex",
        "plain",
        {
            "en": '02.03.2026, 10:00, "Dana Lee" <dana@agency.example>:',
            "ru": "02.03.2026, 10:00, «Дана Ли» <dana@agency.example>:",
        },
        {
            "en": "-------- Forwarded message --------\n02.03.2026, 10:00, Dana Lee "
            "(dana@agency.example):",
            "ru": "-------- Начало пересылаемого сообщения --------\n02.03.2026, 10:00, Дана Ли "
            "(dana@agency.example):",
        },
        mobile={
            "en": "Sent from Yandex Mail for mobile",
            "ru": "Отправлено из мобильного приложения Яндекс Почты",
        },
    ),
    Program(
        "Yandex, HTML",
        "html",
        {
            "en": '02.03.2026, 10:00, "Dana Lee" <dana@agency.example>:',
            "ru": "02.03.2026, 10:00, «Дана Ли» <dana@agency.example>:",
        },
        _PASSED_ON,
        "plain_block",
    ),
    Program(
        "Thunderbird",
        "plain",
        {
            "en": "On 02.03.2026 10:00, Dana Lee wrote:",
            "ru": "02.03.2026 10:00, Дана Ли пишет:",
        },
        {
            "en": "-------- Forwarded Message --------\nSubject: Spring\n"
            "Date: Mon, 2 Mar 2026 10:00:00 +0500\nFrom: Dana Lee <dana@agency.example>",
            "ru": "-------- Перенаправленное сообщение --------\nТема: Весна\n"
            "Дата: Mon, 2 Mar 2026 10:00:00 +0500\nОт: Дана Ли <dana@agency.example>",
        },
    ),
    Program(
        "The Bat!",
        "plain",
        {
            "en": "You wrote on Monday, March 2, 2026, 10:00 AM:\n",
            "ru": "Вы писали 2 марта 2026 г., 10:00:\n",
        },
        {
            "en": "This is a forwarded message\nFrom: Dana Lee <dana@agency.example>\n"
            "To: anna@steppe.example\nDate: Monday, March 2, 2026\nSubject: Spring\n"
            "===8<==============Original message text===============",
            "ru": "Это пересланное сообщение\nОт: Дана Ли <dana@agency.example>\n"
            "Кому: anna@steppe.example\nДата: 2 марта 2026\nТема: Весна\n"
            "===8<===========Исходный текст сообщения===========",
        },
        "initials",
    ),
    Program(
        "Samsung",
        "plain",
        {
            "en": "-------- Original message --------\nFrom: Dana Lee <dana@agency.example>\n"
            "Date: 02/03/2026 10:00 (GMT+05:00)\nTo: anna@steppe.example\nSubject: Spring",
            "ru": "-------- Исходное сообщение --------\nОт: Дана Ли <dana@agency.example>\n"
            "Дата: 02.03.2026 10:00 (GMT+05:00)\nКому: anna@steppe.example\nТема: Весна",
        },
        _PASSED_ON,
        "bare",
        {"en": "Sent from my Galaxy", "ru": "Отправлено с моего Galaxy"},
    ),
)
"""The programs, some in more than one form."""


def labelled_letters() -> Iterator[Labelled]:
    """Yield the whole set, always the same."""
    for number, program in enumerate(PROGRAMS):
        for locale in ("en", "ru"):
            for place, kind in enumerate(KINDS):
                own = OWN[locale][(number + place) % len(OWN[locale])]
                yield _make(program, locale, kind, own)


def _make(program: Program, locale: Locale, kind: Kind, own: Sequence[str]) -> Labelled:
    name = f"{program.name}, {locale}, {kind}"
    subject = "Fwd: Spring" if kind == "forward" else "Spring" if kind == "new" else "Re: Spring"
    if kind == "new":
        return Labelled(name, subject, program.form, _body(program, own, ()), tuple(own))
    if kind == "forward":
        passed = [*program.forward[locale].split("\n"), "", *EARLIER[locale]]
        body = _body(program, [*own, ""], passed)
        return Labelled(name, subject, program.form, body, (*own, *EARLIER[locale]))
    if kind == "inline":
        return _inline(program, locale, name, own)
    signature: tuple[str, ...] = ()
    if kind == "signed":
        mobile = program.mobile[locale] if program.mobile else None
        signature = (mobile,) if mobile else ("--", *BLOCKS[locale])
    quoted = _earlier(program, locale, nested=kind == "nested")
    body = _body(program, [*own, "", *signature], quoted)
    return Labelled(name, subject, program.form, body, tuple(own), _bare(quoted), signature)


def _earlier(program: Program, locale: Locale, *, nested: bool) -> list[str]:
    """The introduction and the earlier letter, marked as the program's plain text marks it."""
    marked = program.quote not in ("bare",)
    lines = [*EARLIER[locale]]
    if nested:
        older = [program.introduce[locale].replace("10:00", "09:00"), *OLDER[locale]]
        older = "\n".join(older).split("\n")
        lines += [f"> {line}" for line in older] if marked else ["", *older]
    quoted = [f"> {line}" for line in lines] if marked else ["", *lines]
    return [*program.introduce[locale].split("\n"), *quoted]


def _inline(program: Program, locale: Locale, name: str, own: Sequence[str]) -> Labelled:
    """Answers between the lines; where a program marks no quotes, the writer says so."""
    first, second, third, last = EARLIER[locale]
    if program.quote == "bare":
        says = {"en": "See my answers below in red.", "ru": "Ответы ниже красным."}[locale]
        lines = [says, "", *program.introduce[locale].split("\n"), "", first, second, own[0]]
        lines += [third, *own[1:], last]
        return Labelled(name, "Re: Spring", program.form, _body(program, lines, ()), (says, *own))
    introduction = program.introduce[locale].split("\n")
    blocks = [*introduction, f"> {first}", f"> {second}", own[0], f"> {third}", *own[1:]]
    quoted = [f"> {last}"]
    body = _body(program, blocks, quoted)
    return Labelled(name, "Re: Spring", program.form, body, tuple(own), (last,))


def _bare(lines: Sequence[str]) -> tuple[str, ...]:
    stripped = (line.lstrip("> ") for line in lines)
    return tuple(line for line in stripped if line.strip("_- "))


# ── Bodies ───────────────────────────────────────────────────────────────────────────────────────


def _body(program: Program, lines: Sequence[str], quoted: Sequence[str]) -> str:
    if program.quote == "initials":
        quoted, lines = _with_initials(quoted), _with_initials(lines)
    if program.form == "plain":
        return "\r\n".join([*lines, "", *quoted, ""])
    return f"<html><body>{_html(lines, program)}{_html(quoted, program)}</body></html>"


def _with_initials(lines: Sequence[str]) -> list[str]:
    return [f"ДЛ{line}" if line.startswith(">") else line for line in lines]


def _html(lines: Sequence[str], program: Program) -> str:
    """Lines as the program's HTML, runs of marked lines as its quotes."""
    parts: list[str] = []
    quote: list[str] = []
    for line in [*lines, None]:
        if line is not None and line.startswith(">"):
            quote.append(line[1:].removeprefix(" "))
            continue
        if quote:
            parts.append(_QUOTES[program.quote].format(_html(quote, program)))
            quote = []
        if line is not None:
            parts.append(f"<div>{escape(line) or '<br>'}</div>")
    return "".join(parts)


_QUOTES = {
    "gmail": '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
    'border-left:1px solid rgb(204,204,204);padding-left:1ex">{}</blockquote>',
    "cite": '<blockquote type="cite">{}</blockquote>',
    "drawn": '<blockquote style="border-left:1px solid #0857A6;margin:10px;'
    'padding:0 0 0 10px;">{}</blockquote>',
    "plain_block": "<blockquote>{}</blockquote>",
    "bare": "{}",
}
