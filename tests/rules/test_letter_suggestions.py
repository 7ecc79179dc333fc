"""Files in letters suggest events: warnings, never a value of a manager's."""

from __future__ import annotations

import pytest

from rules.check import check_book
from rules.letter_files import line_of_file, line_of_left
from rules.letter_suggestions import find_suggestions
from rules.messages import FILE_LINES
from rules.playbook import LOCALES, Locale
from rules.table import Raw
from rules.words import Wording
from tests.rules.books import PLAYBOOK, TODAY, Cells, full_rows, make_book


def suggested(
    files: str, *, direction: str = "Incoming", stage: str = "sql", **deal: Raw
) -> list[str]:
    rows = full_rows("en", stage, 1)
    rows["deals"][0].update({"brief_received": None, "trigger": None, **deal})
    comment: Cells = {"deal_id": "D-000001", "letter_key": "<1@x>", "when": 46_000.5}
    rows["comments"] = [{**comment, "direction": direction, "attachments": files}]
    checked = check_book(make_book("en", rows), PLAYBOOK, TODAY)
    wording = Wording(checked.book, PLAYBOOK)
    found = list(find_suggestions(checked))
    assert all(finding.severity == "warning" for finding in found)
    return [wording.problem("deals", finding) for finding in found]


@pytest.mark.parametrize("name", ["Brief.pdf", "logo.png\nБриф_банк.docx", "ТЗ на сайт.pdf"])
def test_a_brief_that_came_is_named_with_its_day_until_the_deal_has_its_date(name: str) -> None:
    [sentence] = suggested(name)
    assert sentence.startswith("Brief received: the file “")
    assert "09.12.2025" in sentence
    assert suggested(name, brief_received=46_001) == []


@pytest.mark.parametrize("name", ["debriefing.pdf", "briefcase.jpg", "logo.png", ""])
def test_other_files_suggest_nothing(name: str) -> None:
    assert suggested(name) == []


def test_a_proposal_that_was_sent_suggests_its_event_until_it_or_a_later_one_is_set() -> None:
    [sentence] = suggested("КП Степь.pdf", direction="Outgoing")
    assert sentence.startswith("Trigger event: the file “КП Степь.pdf”")
    assert suggested("КП.pdf", direction="Outgoing", trigger="Need identified")
    for event in ("Proposal preparation", "Negotiations"):
        assert suggested("КП.pdf", direction="Outgoing", trigger=event) == []
    assert suggested("КП.pdf") == []


def test_a_deal_that_is_over_gets_no_suggestion() -> None:
    assert suggested("brief.pdf", stage="client") == []


@pytest.mark.parametrize("locale", LOCALES)
def test_what_became_of_the_file_does_not_change_what_it_suggests(locale: Locale) -> None:
    lines = ("Brief.pdf", line_of_file("Brief.pdf", "1aB_-9"))
    left = (line_of_left("Brief.pdf", reason, locale) for reason in FILE_LINES)
    assert len({tuple(suggested(line)) for line in (*lines, *left)}) == 1
