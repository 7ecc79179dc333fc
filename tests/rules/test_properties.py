"""What holds of the findings whatever people type: neither order nor strangers change them."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rules.check import check_book
from rules.playbook import SUBJECT_TABS, Locale
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    PLAYBOOK,
    STAGES,
    TODAY,
    Rows,
    full_rows,
    joined,
    make_book,
    verdicts_of,
)
from tests.rules.test_incremental import TABS, edited, edits, quick, start

Edits = list[tuple[Any, ...]]


def told(rows: Rows) -> Counter[tuple[str, str, str]]:
    """Return how often each row stands there, and what its Problems cell says."""
    texts = check_book(make_book("en", rows), PLAYBOOK, TODAY).texts
    return Counter(
        (tab, repr(sorted(cells.items())), texts[subject].get(row, ""))
        for subject, tab in SUBJECT_TABS.items()
        for row, cells in enumerate(rows[tab])
    )


@quick
@given(steps=edits(), source=st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_row_order(steps: Edits, source: random.Random) -> None:
    rows = edited(start(), steps)
    shuffled = rows | {tab: source.sample(rows[tab], len(rows[tab])) for tab in TABS}
    assert told(shuffled) == told(rows)


@quick
@given(stage=st.sampled_from(sorted(STAGES)), steps=edits(), locale=st.sampled_from(BOTH_LOCALES))
def test_row_that_is_ok_stays_ok_when_unrelated_rows_change(
    stage: str, steps: Edits, locale: Locale
) -> None:
    ours = full_rows(locale, stage, 101)
    seen = verdicts_of(locale, joined(edited(start(), steps), ours))
    ids = [str(row["id"]) for tab in TABS for row in ours[tab]]
    assert {row_id: seen[row_id] for row_id in ids} == dict.fromkeys(ids, FINE)
