"""Files of logged letters, put into the deal's folder: each content once, the link on the comment.

It works from what the workbook says, not from what has just been read: so a letter whose deal gets
its folder, or is chosen, later on is served then, and a lost answer is no loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from rules.check import Checked
from rules.letter_files import file_name, is_program, line_of_file, line_of_left, place_of
from rules.letter_log import LOGGED
from rules.letters import Attachment, Letter, deal_id_in
from rules.playbook import Name
from rules.table import as_text
from sync.errors import QuotaUsedUpError, SyncError
from sync.plan import Cell, Plan
from sync.ports import Clock, DrivePort, MailPort
from sync.snapshot import Snapshot

DONE = "done"

MOST_LETTERS = 20
"""Letters whose files one pass puts away."""


@dataclass(frozen=True)
class FilingTask:
    """A comment whose files are not put away yet.

    `folder` is the deal's own, `inner` tells those in it by their keys in the playbook.
    """

    comment: int
    memory: int
    deal_id: str
    mailbox: str
    message_id: str
    folder: str
    inner: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Filed:
    """What was put away: the new text of `Attachments` by task, and what went wrong."""

    texts: Mapping[FilingTask, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


def filing_tasks(snapshot: Snapshot) -> Iterator[FilingTask]:
    """Yield the comments with files whose deal has its folder."""
    folders = _folders_by_deal(snapshot)
    letters, comments = snapshot.tables["letters"], snapshot.tables["comments"]
    rows = {
        as_text(key): row
        for row, key in enumerate(comments.column("letter_key"))
        if key and comments.text("attachments", row)
    }
    columns = map(letters.column, ("key", "message", "state", "files"))
    for memory, (key, place, state, files) in enumerate(zip(*columns, strict=True)):
        comment = rows.get(as_text(key)) if state == LOGGED and not files else None
        if comment is None:
            continue
        deal_id = deal_id_in(comments.column("deal_id")[comment])
        if deal_id in folders:
            mailbox, _, message_id = as_text(place).rpartition("/")
            yield FilingTask(comment, memory, deal_id, mailbox, message_id, *folders[deal_id])


def _folders_by_deal(
    snapshot: Snapshot,
) -> Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]:
    """Return each deal's folder that is made, and those in it by key."""
    columns = map(snapshot.tables["records"].column, ("id", "folders", "folders_made"))
    found: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {}
    for record, recorded, made in zip(*columns, strict=True):
        own, *inner = as_text(recorded).split() or [""]
        if own and made is not None:
            pairs = (word.partition("=") for word in inner)
            found[as_text(record)] = own, tuple((key, folder) for key, _, folder in pairs)
    return found


def file_attachments(
    snapshot: Snapshot,
    checked: Checked,
    mail: MailPort,
    drive: DrivePort,
    clock: Clock,
    deadline: datetime | None,
) -> Filed:
    """Put files away, letter by letter; one that fails does not stop the others."""
    texts: dict[FilingTask, str] = {}
    failures: list[str] = []
    filing = _Filing(snapshot, checked, mail, drive)
    refused: set[str] = set()
    for task in list(filing_tasks(snapshot)):
        late = deadline is not None and clock.now() > deadline
        if late or len(texts) + len(refused) >= MOST_LETTERS:
            break
        if task.deal_id in refused:
            continue
        try:
            text = filing.text_of(task)
        except QuotaUsedUpError:
            break
        except SyncError as error:
            refused.add(task.deal_id)
            failures.append(f"{task.deal_id}: files of a letter not put away: {error}")
        else:
            texts[task] = text
    return Filed(texts, tuple(failures))


@dataclass(frozen=True)
class _Filing:
    snapshot: Snapshot
    checked: Checked
    mail: MailPort
    drive: DrivePort

    def text_of(self, task: FilingTask) -> str:
        """Put the letter's files away; return a line for each, with its link."""
        fetched = self.mail.fetch(task.mailbox, [task.message_id])
        if fetched.busy_until is not None:
            raise QuotaUsedUpError("quota is used up", fetched.busy_until)
        letter = fetched.letters.get(task.message_id)
        if letter is None:
            return self.snapshot.tables["comments"].text("attachments", task.comment)
        lines = [self._line(task, letter, file) for file in letter.attachments]
        return "\n".join(dict.fromkeys(lines))

    def _line(self, task: FilingTask, letter: Letter, file: Attachment) -> str:
        name, locale = file_name(file.name), self.snapshot.locale
        most = self.checked.playbook.letters.attachments.most_megabytes
        if file.size > most * 1_000_000:
            return line_of_left(name, "too_large", locale)
        if not file.part:
            return name
        content = self.mail.fetch_attachment(task.mailbox, letter.gmail_id, file.part)
        if is_program(file.name, content):
            return line_of_left(name, "program", locale)
        properties = {"crmDeal": task.deal_id, "crmLetter": sha256(letter.key.encode()).hexdigest()}
        parent = self._parent(task, name)
        mime_type = file.mime_type or "application/octet-stream"
        file_id = self.drive.upload_file(parent, name, content, mime_type, properties)
        return line_of_file(name, file_id)

    def _parent(self, task: FilingTask, name: str) -> str:
        subfolders: Mapping[str, Name] = self.checked.playbook.folders.subfolders
        place = place_of(name, list(subfolders.values()))
        return (
            task.folder
            if place is None
            else dict(task.inner).get(list(subfolders)[place], task.folder)
        )


def plan_filed(filed: Filed) -> Plan:
    """Plan the links of the files on their comments, and to remember that they are put away."""
    if not filed.texts:
        return Plan()
    texts: dict[int, Cell] = {task.comment: text for task, text in filed.texts.items()}
    done: dict[int, Cell] = {task.memory: DONE for task in filed.texts}
    return Plan(cells={("comments", "attachments"): texts, ("letters", "files"): done})
