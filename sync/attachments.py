"""Files of logged letters, put into the deal's folder: each content once, the link on the comment.

It works from what the workbook says, not from what has just been read: so a letter whose deal gets
its folder, or is chosen, later on is served then. As with folders, ids come first: one pass
records an id for each file, a later one uploads under these ids. So a lost answer, a kill or a
second worker leads to the same files. In `_letters` the column `files` holds these ids, and when
Drive refused them last; when all is done, the word DONE and the digests of what lies on Drive, each
with its id, by which the same content is known when it comes again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice, zip_longest

from rules.check import Checked
from rules.folder_memory import all_folders, read_words, write_words
from rules.letter_files import file_name, is_program, line_of_file, line_of_left, place_of
from rules.letter_log import LOGGED
from rules.letters import Attachment, Letter, deal_id_in
from rules.playbook import Name
from rules.table import as_text
from sync.errors import AccountError, PermanentError, QuotaUsedUpError, SyncError
from sync.plan import Cell, Plan
from sync.ports import Clock, DriveFile, DrivePort, IdSource, MailPort, Upload
from sync.snapshot import Snapshot

DONE = "done"

DIGEST_CHARACTERS = 16
"""So much of a content's SHA-256 is recorded."""

REFUSED = "!"
"""Before the serial time of the last refusal."""

REST = timedelta(hours=1)
"""After a refusal that waiting does not mend a letter's files are left alone for so long."""

MOST_LETTERS = 20
"""Letters whose files one pass puts away."""


@dataclass(frozen=True)
class FilingTask:
    """A comment whose files are not put away yet.

    `folder` is the deal's own, `inner` tells those in it by their keys in the playbook; `ids` are
    those recorded for its files.
    """

    comment: int
    memory: int
    deal_id: str
    mailbox: str
    message_id: str
    folder: str
    inner: tuple[tuple[str, str], ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Filed:
    """What was put away: the new text of `Attachments` by task, and what to record of each.

    `failures` are what went wrong.
    """

    texts: Mapping[FilingTask, str] = field(default_factory=dict)
    records: Mapping[FilingTask, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


def filing_tasks(snapshot: Snapshot) -> Iterator[FilingTask]:
    """Yield the comments with files whose deal has its folder, but for those refused of late."""
    now = snapshot.serial(snapshot.read_at)
    folders = _folders_by_deal(snapshot)
    letters, comments = snapshot.tables["letters"], snapshot.tables["comments"]
    rows = {
        as_text(key): row
        for row, key in enumerate(comments.column("letter_key"))
        if key and comments.text("attachments", row)
    }
    columns = map(letters.column, ("key", "message", "state", "files"))
    for memory, (key, place, state, files) in enumerate(zip(*columns, strict=True)):
        text, _, refused = as_text(files).partition(f" {REFUSED}")
        ids = tuple(text.split())
        is_open = state == LOGGED and ids[:1] != (DONE,)
        comment = rows.get(as_text(key)) if is_open else None
        if comment is None or (refused and now - float(refused) < REST / timedelta(days=1)):
            continue
        deal_id = deal_id_in(comments.column("deal_id")[comment])
        if deal_id in folders:
            mailbox, _, message_id = as_text(place).rpartition("/")
            yield FilingTask(comment, memory, deal_id, mailbox, message_id, *folders[deal_id], ids)


def _folders_by_deal(
    snapshot: Snapshot,
) -> Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]:
    """Return each deal's folder that is made and to be found, and those in it by key."""
    return {
        memory.record_id: (memory.own, tuple(memory.inner.items()))
        for memory in all_folders(snapshot.tables["records"])
        if memory.made and not memory.lost
    }


def _known_files(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """Return what was put away: ids by deal ID and digest of the content."""
    letters, comments = snapshot.tables["letters"], snapshot.tables["comments"]
    deals = dict(zip(comments.column("letter_key"), comments.column("deal_id"), strict=True))
    known: dict[tuple[str, str], str] = {}
    for key, files in zip(letters.column("key"), letters.column("files"), strict=True):
        if files and files != DONE:
            deal_id = deal_id_in(deals.get(key))
            known |= {(deal_id, digest): found for digest, found in read_words(files).items()}
    return known


def file_attachments(
    snapshot: Snapshot,
    checked: Checked,
    mail: MailPort,
    drive: DrivePort,
    clock: Clock,
    deadline: datetime | None,
) -> Filed:
    """Put files away, letter by letter; one that Drive refuses does not stop those after it.

    Letters without recorded ids get them now, and are served by a later pass.
    """
    tasks = list(islice(filing_tasks(snapshot), MOST_LETTERS))
    if not tasks:
        return Filed()
    texts: dict[FilingTask, str] = {}
    records, failures = _set_aside(snapshot, [task for task in tasks if not task.ids], drive)
    now = snapshot.serial(snapshot.read_at)
    refused: set[str] = set()
    filing = _Filing(snapshot, checked, mail, drive, _known_files(snapshot))
    for task in (task for task in tasks if task.ids):
        if deadline is not None and clock.now() > deadline:
            break
        if task.deal_id in refused:
            continue
        try:
            texts[task], records[task] = filing.put_away(task)
        except QuotaUsedUpError:
            break
        except SyncError as error:
            refused.add(task.deal_id)
            failures.append(f"{task.deal_id}: files of a letter not put away: {error}")
            if isinstance(error, PermanentError) and not isinstance(error, AccountError):
                records[task] = " ".join((*task.ids, f"{REFUSED}{now}"))
            if isinstance(error, PermanentError):
                break  # perhaps for all: the next pass tries the next letter
    return Filed(texts, records, tuple(failures))


def _set_aside(
    snapshot: Snapshot, tasks: Sequence[FilingTask], source: IdSource
) -> tuple[dict[FilingTask, str], list[str]]:
    """Return ids for the files of letters, as they are to be recorded, and what went wrong."""
    comments = snapshot.tables["comments"]
    counts = [comments.text("attachments", task.comment).count("\n") + 1 for task in tasks]
    try:
        ids = iter(source.generate_ids(sum(counts)) if tasks else ())
    except SyncError as error:
        return {}, [f"no ids for files of letters: {error}"]
    pairs = zip(tasks, counts, strict=True)
    return {task: " ".join(islice(ids, count)) for task, count in pairs}, []


@dataclass(frozen=True)
class _Filing:
    """What files are put away with; `known` are those that were: ids by deal ID and digest."""

    snapshot: Snapshot
    checked: Checked
    mail: MailPort
    drive: DrivePort
    known: dict[tuple[str, str], str]

    def put_away(self, task: FilingTask) -> tuple[str, str]:
        """Put the letter's files away; return a line for each with its link, and the record."""
        fetched = self.mail.fetch(task.mailbox, [task.message_id])
        if fetched.busy_until is not None:
            raise QuotaUsedUpError("quota is used up", fetched.busy_until)
        letter = fetched.letters.get(task.message_id)
        if letter is None:
            return self.snapshot.tables["comments"].text("attachments", task.comment), DONE
        lines: list[str] = []
        digests: dict[str, str] = {}
        for file, file_id in zip_longest(letter.attachments, task.ids[: len(letter.attachments)]):
            lines.append(self._line(task, letter, file, file_id, digests))
        return "\n".join(dict.fromkeys(lines)), str(write_words({DONE: "", **digests}))

    def _line(
        self,
        task: FilingTask,
        letter: Letter,
        file: Attachment,
        file_id: str | None,
        digests: dict[str, str],
    ) -> str:
        """Put one file away and note its digest; return its line."""
        name, locale = file_name(file.name), self.snapshot.locale
        most = self.checked.playbook.letters.attachments.most_megabytes
        if file.size > most * 1_000_000:
            return line_of_left(name, "too_large", locale)
        if not file.part:
            return name
        content = self.mail.fetch_attachment(task.mailbox, letter.gmail_id, file.part)
        if is_program(file.name, content):
            return line_of_left(name, "program", locale)
        digest = sha256(content).hexdigest()[:DIGEST_CHARACTERS]
        found = self._lying(task, digest)
        if found is None:
            upload = Upload(
                # A letter may tell of fewer files than it has, where their names were cut off.
                file_id or self.drive.generate_ids(1)[0],
                self._parent(task, name),
                name,
                content,
                file.mime_type or "application/octet-stream",
                {"crmDeal": task.deal_id, "crmLetter": sha256(letter.key.encode()).hexdigest()},
            )
            found = self.drive.upload_file(upload)
        digests[digest] = self.known[task.deal_id, digest] = found
        return line_of_file(name, found)

    def _lying(self, task: FilingTask, digest: str) -> str | None:
        """Return the file of that content that was put away for the deal, if it is still there."""
        known = self.known.get((task.deal_id, digest))
        (file,) = self.drive.look([known]) if known else (None,)
        return known if isinstance(file, DriveFile) and not file.trashed else None

    def _parent(self, task: FilingTask, name: str) -> str:
        subfolders: Mapping[str, Name] = self.checked.playbook.folders.subfolders
        place = place_of(name, list(subfolders.values()))
        return (
            task.folder
            if place is None
            else dict(task.inner).get(list(subfolders)[place], task.folder)
        )


def plan_filed(filed: Filed) -> Plan:
    """Plan the links of the files on their comments, and what to record of them."""
    if not filed.records:
        return Plan()
    texts: dict[int, Cell] = {task.comment: text for task, text in filed.texts.items()}
    records: dict[int, Cell] = {task.memory: text for task, text in filed.records.items()}
    return Plan(cells={("comments", "attachments"): texts, ("letters", "files"): records})
