"""What people do on Drive by hand, and what stands there."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rules.playbook import Playbook
from sandbox.people import SERVICE_ACCOUNT
from tests.sync.conftest import DEAL, MANAGER, Crm, Typed

FOLDER = "application/vnd.google-apps.folder"
TEXT = "text/plain"
SECOND: Typed = {**DEAL, "title": "Second", "service": "Strategy"}
"""Another deal of the same contact."""

WORKER = SERVICE_ACCOUNT.email


def link_to(folder_id: str) -> str:
    return f"https://drive.google.com/drive/folders/{folder_id}"


def linked(row: dict[str, Any]) -> str:
    """The folder that a row of Deals or Companies links to."""
    return str(row["drive"]).rpartition("/")[2]


def act(crm: Crm, method: str, user: str = MANAGER, body: Any = None, **params: Any) -> Any:
    """A call of the Drive API in somebody's name."""
    wish = {"user": user, "method": f"drive.{method}", "body": body or {}}
    return crm.control("POST", "act", **wish, params={"supportsAllDrives": True, **params})


def make_folder(crm: Crm, name: str, parent: str | None = None, user: str = MANAGER) -> str:
    """A folder in the shared drive, or in the folder given; `root` is the user's My Drive."""
    parents = [parent or crm.outside.drive_root]
    body = {"name": name, "mimeType": FOLDER, "parents": parents}
    return str(act(crm, "files.create", user, body)["id"])


def make_document(crm: Crm, parent: str, name: str = "a document") -> str:
    body = {"name": name, "mimeType": TEXT, "parents": [parent]}
    return str(act(crm, "files.create", body=body)["id"])


def rename(crm: Crm, file_id: str, name: str) -> None:
    act(crm, "files.update", body={"name": name}, fileId=file_id)


def move(crm: Crm, file_id: str, to: str, user: str = WORKER) -> None:
    parents = act(crm, "files.get", user, fileId=file_id, fields="parents")["parents"]
    act(crm, "files.update", user, fileId=file_id, addParents=to, removeParents=parents[0])


def trash(crm: Crm, file_id: str, *, trashed: bool = True) -> None:
    act(crm, "files.update", WORKER, body={"trashed": trashed}, fileId=file_id)


def delete(crm: Crm, file_id: str) -> None:
    act(crm, "files.delete", WORKER, fileId=file_id)


def look(crm: Crm, file_id: str) -> Any:
    return act(crm, "files.get", WORKER, fileId=file_id, fields="*")


def inside(crm: Crm, folder_id: str) -> dict[str, str]:
    """What lies in a folder: ids by name."""
    answer = act(
        crm,
        "files.list",
        WORKER,
        q=f"'{folder_id}' in parents and trashed = false",
        includeItemsFromAllDrives=True,
        pageSize=1000,
    )
    return {file["name"]: file["id"] for file in answer["files"]}


def with_folders(playbook: Playbook, **changes: object) -> Playbook:
    """The playbook with other settings of its folders."""
    folders = playbook.folders.model_copy(update=changes)
    return playbook.model_copy(update={"folders": folders})


# ── Promise 3 ────────────────────────────────────────────────────────────────────────────────────


def fill_two(crm: Crm) -> None:
    crm.fill(DEAL, SECOND)


def check_never_two(crm: Crm) -> None:
    """At no time is there more than one folder for a deal, or for a company."""
    owners = Counter(
        folder["app"].get("crmDeal") or folder["app"].get("crmCompany")
        for folder in crm.folders().values()
        if "crmPart" not in folder["app"]
    )
    assert set(owners.values()) <= {1}, owners
    assert set(owners) <= {"C-000001", "D-000001", "D-000002"}


def check_whole(crm: Crm) -> None:
    """After two passes in peace every deal has a folder of its own, with everything in it."""
    for _ in range(2):
        result = crm.sync()
    assert result.failures == ()
    check_never_two(crm)
    made = crm.folders()
    assert len(made) == 1 + 2 * 6
    company = linked(crm.row("companies"))
    for row in crm.rows("deals"):
        own = linked(row)
        assert (made[own]["app"]["crmDeal"], made[own]["parent"]) == (row["id"], company)
        assert sum(folder["parent"] == own for folder in made.values()) == 5
        assert row["check"] == "OK"
    assert crm.sync().cells == 0
