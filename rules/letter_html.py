"""The text of an HTML letter, its quotes marked as in plain text. Nothing it points to is fetched.

inscriptis makes the text. What it does not know is that a block quotes an earlier letter: such
blocks get `> ` in front of each line first. A block that only may be a quote (people indent with
the same tag) gets `MAYBE` instead: `letter_text` decides by the line above it.
"""

from __future__ import annotations

import re

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml.etree import ParserError
from lxml.html import HtmlElement, document_fromstring

QUOTE, MAYBE = "> ", "¦ "

MOST_QUOTES = 100
"""Letters nest quotes a dozen deep; hostile ones nest until time runs out."""

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML, and so lxml, does not know."""

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_UNSEEN = ("script", "style", "title", "template", "noscript")


def text_of_html(markup: str) -> str:
    """Return the text of an HTML letter, "" if there is none."""
    clean = _DECLARATION.sub("", _NO_XML.sub("", markup))
    if not clean.strip():
        return ""
    try:
        root = document_fromstring(clean)
    except (ParserError, ValueError):
        return ""
    for element in list(root.iter(*_UNSEEN)):
        element.drop_tree()
    quotes = list(root.iter("blockquote"))[:MOST_QUOTES]
    for quote in reversed(quotes):  # the innermost first
        _mark_quote(quote)
    return _plain(root)


def _mark_quote(quote: HtmlElement) -> None:
    """Replace a quote by its lines, each with its mark in front."""
    mark = QUOTE if _is_quote(quote) else MAYBE
    tail, quote.tail = quote.tail, None
    lines = _plain(quote).split("\n")
    quote.clear()
    quote.tag, quote.tail = "pre", tail
    quote.text = "\n".join(f"{mark}{line}".rstrip() for line in lines)


def _is_quote(quote: HtmlElement) -> bool:
    kind = f"{quote.get('class', '')} {quote.get('id', '')} {quote.get('type', '')}".lower()
    style = quote.get("style", "").lower().replace(" ", "")
    drawn = "border-left:" in style and "border-left:none" not in style
    return "quote" in kind or "cite" in kind or bool(quote.get("cite")) or drawn


def _plain(element: HtmlElement) -> str:
    lines = Inscriptis(element, _CONFIG).get_text().split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")
