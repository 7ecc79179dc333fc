"""The adapter of Drive: uploads, batches, and what a server may leave out."""

from __future__ import annotations

import pytest

from sync.errors import BusyError, GoneError, PermanentError, TransientError
from sync.google.drive import SMALL_BYTES, read_file
from sync.ports import DriveFile, FileChange, Folder, Upload
from tests.sync import drive_hands as hands
from tests.sync.conftest import Crm
from tests.sync.drive_front import drive_behind

# ── Uploads ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [10, SMALL_BYTES + 1])
def test_a_file_is_uploaded_once_whatever_its_name(crm: Crm, size: int) -> None:
    folder, drive = hands.make_folder(crm, "Contract"), crm.outside.drive
    content = b"x" * size
    first, again, other = (
        drive.upload_file(upload)
        for upload in (
            an_upload(crm, folder, "a.pdf", content, crmLetter="1"),
            an_upload(crm, folder, "b.pdf", content, crmLetter="2"),
            an_upload(crm, folder, "c.pdf", b"other"),
        )
    )
    assert first == again != other
    assert sorted(hands.inside(crm, folder)) == ["a.pdf", "c.pdf"]
    (file,) = drive.look([first])
    assert isinstance(file, DriveFile)
    assert file.properties["crmLetter"] == "1"
    assert hands.look(crm, first)["size"] == str(size)
    assert hands.look(crm, first)["mimeType"] == "application/pdf"


@pytest.mark.parametrize("size", [10, SMALL_BYTES + 1])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["close", "cut", "error"])
def test_an_upload_whose_answer_was_lost_is_not_made_twice(
    crm: Crm, kind: str, when: str, size: int
) -> None:
    """Also while Drive's searches do not show it yet."""
    crm.control("POST", "delays", search_seconds=600)
    upload = an_upload(crm, hands.make_folder(crm, "Contract"), "a.pdf", b"x" * size)
    crm.fault(kind, "drive.files.create", when=when)
    for _ in range(2):
        assert crm.outside.drive.upload_file(upload) == upload.file_id
    crm.control("POST", "clock", advance_seconds=601)
    assert hands.inside(crm, upload.parent) == {"a.pdf": upload.file_id}


def test_an_uploaded_file_that_somebody_deleted_stays_deleted(crm: Crm) -> None:
    upload = an_upload(crm, hands.make_folder(crm, "Contract"), "a.pdf", b"x")
    crm.outside.drive.upload_file(upload)
    hands.delete(crm, upload.file_id)
    crm.outside.drive.upload_file(upload)
    assert hands.inside(crm, upload.parent) == {}


def test_an_id_that_something_else_has_is_not_taken_for_the_upload(crm: Crm) -> None:
    upload = an_upload(crm, hands.make_folder(crm, "Contract"), "a.pdf", b"x")
    crm.outside.drive.make_folders([Folder(upload.file_id, "Other", upload.parent, {})])
    with pytest.raises(PermanentError, match=f"{upload.file_id} belongs to something else"):
        crm.outside.drive.upload_file(upload)


def test_an_upload_into_a_folder_that_is_gone_says_so(crm: Crm) -> None:
    with pytest.raises(GoneError, match="1nothingnothing"):
        crm.outside.drive.upload_file(an_upload(crm, "1nothingnothing", "a", b"x"))


def an_upload(crm: Crm, folder: str, name: str, content: bytes, **properties: str) -> Upload:
    (file_id,) = crm.outside.drive.generate_ids(1)
    return Upload(file_id, folder, name, content, "application/pdf", properties)


# ── Batches ──────────────────────────────────────────────────────────────────────────────────────


def some_folders(crm: Crm, count: int) -> list[Folder]:
    root = str(crm.outside.drive_root)
    ids = crm.outside.drive.generate_ids(count)
    return [Folder(i, f"Folder {n}", root, {"crmDeal": str(n)}) for n, i in enumerate(ids)]


def test_in_a_batch_each_has_its_own_answer(crm: Crm) -> None:
    drive = crm.outside.drive
    first, second, third = some_folders(crm, 3)
    nowhere = Folder(second.folder_id, "Nowhere", "1nothingnothing", {})
    assert isinstance(drive.make_folders([first])[0], DriveFile)
    answers = drive.make_folders([first, nowhere, third])
    assert [type(answer) for answer in answers] == [DriveFile, GoneError, DriveFile]
    assert isinstance(answers[0], DriveFile)
    assert answers[0].properties == {"crmDeal": "0"}


def test_more_than_a_batch_holds_are_several(crm: Crm) -> None:
    folders = some_folders(crm, 120)
    answers = crm.outside.drive.make_folders(folders)
    assert [answer.file_id for answer in answers if isinstance(answer, DriveFile)] == [
        folder.folder_id for folder in folders
    ]


@pytest.mark.parametrize("kind", ["rate", "error"])
def test_of_a_batch_only_what_failed_is_asked_again(crm: Crm, kind: str) -> None:
    folders = some_folders(crm, 10)
    crm.fault(kind, "drive.files.create", calls=[3, 7], limit=2)
    crm.control("DELETE", "log")
    answers = crm.outside.drive.make_folders(folders)
    assert all(isinstance(answer, DriveFile) for answer in answers)
    assert len(crm.calls("drive.files.create")) == 12


@pytest.mark.usefixtures("impatient")
def test_a_batch_refused_as_a_whole_is_busy_for_each(crm: Crm) -> None:
    folders = some_folders(crm, 10)
    crm.fault("rate", "drive.files.create", limit=None)
    answers = crm.outside.drive.make_folders(folders)
    assert [type(answer) for answer in answers] == [BusyError] * 10


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_batches_gets_the_calls_one_by_one(crm: Crm, status: int) -> None:
    folders = some_folders(crm, 3)
    with drive_behind(crm, (status, b"no", "text/plain")) as drive:
        assert all(isinstance(answer, DriveFile) for answer in drive.make_folders(folders))
        assert all(isinstance(answer, DriveFile) for answer in drive.make_folders(folders))
    assert len(crm.folders()) == 3


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>busy</html>", "text/html"),
        (200, b"--b\r\nContent-Type: application/http\r\n\r\nHTT", "multipart/mixed; boundary=b"),
        (200, b"\xff\xfe", "multipart/mixed; boundary=b"),
        (503, b"<html>busy</html>", "text/html"),
    ],
)
def test_a_batch_whose_answer_makes_no_sense_leaves_it_open(
    crm: Crm, answer: tuple[int, bytes, str]
) -> None:
    folders = some_folders(crm, 3)
    with drive_behind(crm, answer) as drive:
        answers = drive.make_folders(folders)
    assert [type(each) for each in answers] == [TransientError] * 3


def test_a_batch_that_is_forbidden_is_told_for_each(crm: Crm) -> None:
    folders = some_folders(crm, 2)
    with drive_behind(crm, (403, b"{}", "application/json")) as drive:
        answers = drive.make_folders(folders)
    assert all(isinstance(each, PermanentError) for each in answers)


# ── Sent once ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("impatient")
def test_a_dropped_connection_makes_no_second_request(crm: Crm) -> None:
    """httplib2 would repeat it by itself, a POST too."""
    crm.fault("close", "drive.files.create", limit=None)
    crm.control("DELETE", "log")
    with pytest.raises(TransientError):
        crm.outside.drive.create_spreadsheet("Once", str(crm.outside.drive_root))
    assert len(crm.calls("drive.files.create")) == 1


# ── What comes back ──────────────────────────────────────────────────────────────────────────────


def test_a_file_is_read_with_what_there_is() -> None:
    assert read_file({"id": "1"}) == DriveFile(
        file_id="1",
        name="",
        is_folder=False,
        parent=None,
        trashed=False,
        drive_id=None,
        writable=True,
        properties={},
    )


def test_a_change_asks_for_what_is_to_change_and_no_more(crm: Crm) -> None:
    folder, place = hands.make_folder(crm, "A"), hands.make_folder(crm, "B")
    root = str(crm.outside.drive_root)
    (file,) = crm.outside.drive.change([FileChange(folder, parent=place, old_parent=root)])
    assert isinstance(file, DriveFile)
    assert (file.name, file.parent) == ("A", place)
    (file,) = crm.outside.drive.change([FileChange(folder, name="C")])
    assert isinstance(file, DriveFile)
    assert (file.name, file.parent) == ("C", place)


def test_ids_come_a_thousand_at_a_time(crm: Crm) -> None:
    crm.control("DELETE", "log")
    assert len(set(crm.outside.drive.generate_ids(2_001))) == 2_001
    assert len(crm.calls("drive.files.generateIds")) == 3
