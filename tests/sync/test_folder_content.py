"""What is in a deal's folder: template documents copied once, documents counted and missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rules.folder_memory import count_documents
from rules.playbook import Name, TemplateDocument
from sync.ports import DriveFile, FileChange
from sync.run import read_and_check
from tests.sync import drive_hands as hands
from tests.sync.conftest import DEAL, MANAGER, Crm, both_locales

CLIENT = {
    **DEAL, "stage": "Client", "contract_signed": 46_100, "outcome_reason": "price",
    "learnings": "none yet", "next_step": None,
}  # fmt: skip

SPREADSHEET = "application/vnd.google-apps.spreadsheet"


def subfolder(crm: Crm, key: str, number: int = 0) -> str:
    name = crm.playbook.folders.subfolders[key].in_locale(crm.locale)
    return hands.inside(crm, hands.linked(crm.row("deals", number)))[name]


def counts(crm: Crm, deal_id: str = "D-000001") -> dict[str, int] | None:
    snapshot, _ = read_and_check(crm.spreadsheet_id, crm.playbook, crm.outside)
    found = count_documents(snapshot.tables["records"], deal_id)
    return dict(found) if found is not None else None


# ── Documents that should be there ───────────────────────────────────────────────────────────────


@both_locales
def test_a_client_without_a_contract_in_its_folder_is_warned_of(crm: Crm) -> None:
    crm.fill(crm.local(CLIENT))
    crm.sync()
    missing = {
        "en": "Google Drive: there is no document in “{}” yet.",
        "ru": "Google Drive: в папке «{}» пока нет ни одного документа.",
    }[crm.locale]
    names = crm.playbook.folders.subfolders
    contract, plan = (
        missing.format(names[key].in_locale(crm.locale)) for key in ("contract", "media_plan")
    )
    assert {contract, plan} <= set(crm.row("deals")["problems"].split("\n"))
    hands.make_document(crm, subfolder(crm, "contract"))
    crm.sync()
    lines = crm.row("deals")["problems"].split("\n")
    assert contract not in lines
    assert plan in lines


def test_documents_are_not_missed_before_client(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "Negotiations"})
    crm.sync()
    assert crm.row("deals")["check"] == "OK"


def test_documents_are_counted_as_they_come_and_go(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    assert counts(crm) == {}
    first = hands.make_document(crm, subfolder(crm, "contract"))
    hands.make_document(crm, subfolder(crm, "contract"))
    hands.make_document(crm, subfolder(crm, "brief"))
    hands.make_folder(crm, "a folder is no document", subfolder(crm, "brief"))
    crm.sync()
    assert counts(crm) == {"contract": 2, "brief": 1}
    hands.move(crm, first, subfolder(crm, "reports"))
    crm.sync()
    assert counts(crm) == {"contract": 1, "brief": 1, "reports": 1}
    hands.move(crm, first, str(crm.outside.drive_root))
    crm.sync()
    assert counts(crm) == {"contract": 1, "brief": 1}
    hands.delete(crm, hands.inside(crm, subfolder(crm, "brief"))["a document"])
    crm.sync()
    assert counts(crm) == {"contract": 1}


def test_a_count_that_fails_is_made_up_for(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    hands.make_document(crm, subfolder(crm, "contract"))
    crm.fault("error", "drive.files.list", code=403, limit=1)
    assert "documents not counted" in crm.sync().failures[0]
    assert counts(crm) is None
    assert crm.sync().failures == ()
    assert counts(crm) == {"contract": 1}


def test_a_thousand_deals_are_counted_in_few_calls(crm: Crm) -> None:
    crm.fill(*({**DEAL, "title": f"Deal {number}"} for number in range(8)))
    crm.sync()
    for number in range(8):
        hands.make_document(crm, subfolder(crm, "contract", number))
    crm.control("DELETE", "log")
    crm.sync()
    assert len(crm.calls("drive.files.list")) == 2
    assert all(counts(crm, f"D-{n:06d}") == {"contract": 1} for n in range(1, 9))


# ── Template documents ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def template(crm: Crm) -> str:
    """A media plan that each new folder gets a copy of."""
    body = {"name": "Media plan TEMPLATE", "mimeType": SPREADSHEET}
    body["parents"] = [str(crm.outside.drive_root)]  # type: ignore[assignment]
    file_id = str(hands.act(crm, "files.create", MANAGER, body)["id"])
    use_templates(crm, plan={"template": f"https://docs.google.com/spreadsheets/d/{file_id}/edit"})
    return file_id


def use_templates(crm: Crm, **documents: dict[str, Any]) -> None:
    usual = {"into": "media_plan", "name": Name(en="{id} Plan — {company}", ru="{id} План")}
    models = {
        key: TemplateDocument.model_validate({**usual, **document})
        for key, document in documents.items()
    }
    crm.playbook = hands.with_folders(crm.playbook, documents=models)


def wait(crm: Crm, minutes: float) -> None:
    """Let time pass for the worker."""
    clock = crm.outside.clock
    later = timedelta(minutes=minutes)

    class LaterClock:
        def now(self) -> Any:
            return clock.now() + later

    crm.outside = replace(crm.outside, clock=LaterClock())


def plans(crm: Crm) -> list[str]:
    return list(hands.inside(crm, subfolder(crm, "media_plan")))


@pytest.mark.usefixtures("template")
def test_a_new_folder_gets_a_copy_of_the_template(crm: Crm) -> None:
    crm.fill()
    assert crm.sync().failures == ()
    assert plans(crm) == ["D-000001 Plan — Steppe Bank"]
    assert counts(crm) == {"media_plan": 1}
    assert crm.sync().cells == 0
    assert len(crm.calls("drive.files.copy")) == 1


def test_a_template_for_other_regions_is_not_copied(crm: Crm, template: str) -> None:
    use_templates(
        crm,
        here={"template": template, "regions": ("KAZAKHSTAN",)},
        there={"template": template, "regions": ("Russia",), "into": "proposal"},
    )
    crm.fill()
    crm.sync()
    assert len(plans(crm)) == 1
    assert hands.inside(crm, subfolder(crm, "proposal")) == {}


def test_a_folder_that_was_there_before_gets_no_copy(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    use_templates(crm, plan={"template": "1AbCdEfGhIjKlMnOp"})
    assert crm.sync().failures == ()
    assert crm.calls("drive.files.copy") == []


@pytest.mark.usefixtures("template", "impatient")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["close", "cut", "error"])
def test_a_copy_whose_answer_was_lost_is_not_made_twice(crm: Crm, kind: str, when: str) -> None:
    crm.fill()
    crm.fault(kind, "drive.files.copy", when=when)
    assert len(crm.sync().failures) == 1
    copies = len(crm.calls("drive.files.copy"))
    assert crm.sync().failures == ()
    assert len(crm.calls("drive.files.copy")) == copies, "not before searches have caught up"
    wait(crm, 6)
    for _ in range(2):
        assert crm.sync().failures == ()
    assert len(plans(crm)) == 1
    assert counts(crm) == {"media_plan": 1}
    assert crm.sync().cells == 0


@pytest.mark.usefixtures("template")
def test_a_copy_refused_for_the_rate_is_made_by_the_next_pass(crm: Crm) -> None:
    crm.fill()
    crm.fault("rate", "drive.files.copy")
    crm.sync()
    assert crm.sync().failures == ()
    assert len(plans(crm)) == 1


@pytest.mark.usefixtures("template")
def test_a_second_copy_is_found_and_put_into_the_trash(crm: Crm) -> None:
    crm.fill()
    crm.fault("error", "drive.files.copy", when="after", code=503)
    crm.sync()
    (first,) = hands.inside(crm, subfolder(crm, "media_plan")).values()
    body = {"parents": [subfolder(crm, "media_plan")]}
    second = hands.act(crm, "files.copy", hands.WORKER, body, fileId=first)["id"]
    (marked,) = crm.outside.drive.look([first])
    assert isinstance(marked, DriveFile)
    crm.outside.drive.change([FileChange(second, properties=marked.properties)])
    wait(crm, 6)
    crm.sync()
    assert list(hands.inside(crm, subfolder(crm, "media_plan")).values()) == [first]


def test_a_template_that_is_not_there_is_named_and_tried_again_later(crm: Crm) -> None:
    use_templates(crm, plan={"template": "1AbCdEfGhIjKlMnOp"})
    crm.fill(DEAL, {**hands.SECOND})
    (failure,) = crm.sync().failures
    assert failure == (
        f"template document “plan”: copying 1AbCdEfGhIjKlMnOp: not found, "
        f"or not shared with {hands.WORKER}"
    )
    calls = len(crm.calls("drive.files.copy"))
    assert crm.sync().failures == ()
    assert len(crm.calls("drive.files.copy")) == calls
    assert {row["check"] for row in crm.rows("deals")} == {"OK"}


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("remembers", [False, True])
def test_a_copy_waits_for_its_folder(crm: Crm, remembers: bool) -> None:
    crm = replace(crm, outside=replace(crm.outside, known={} if remembers else None))
    crm.fill()
    crm.fault("error", "drive.files.create", calls=[3], code=400)
    crm.sync()
    assert crm.calls("drive.files.copy") == []
    for _ in range(2):
        assert crm.sync().failures == ()
    assert len(plans(crm)) == 1
    assert crm.sync().cells == 0


@pytest.mark.usefixtures("template")
def test_a_copy_for_a_folder_that_is_lost_waits_and_writes_nothing(crm: Crm) -> None:
    crm.fill()
    crm.fault("rate", "drive.files.copy")
    crm.sync()
    hands.trash(crm, hands.linked(crm.row("deals")))
    crm.fault("rate", "drive.files.copy")
    crm.sync()
    assert crm.sync().cells == 0
