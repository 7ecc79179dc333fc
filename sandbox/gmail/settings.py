"""The methods of ``users.settings`` but those of certificates, and ``users.watch`` and ``stop``.

What is set is kept and given back; filters, forwarding and the vacation responder do nothing here.
Not verified: texts of refusals that stand without a source.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Handler, Json
from sandbox.gmail.access import check_known_labels, invalid_argument, not_found, own_mailbox
from sandbox.gmail.preferences import MailSettings
from sandbox.people import PRINCIPALS, PROJECT_ID, SERVICE_ACCOUNT

if TYPE_CHECKING:
    from sandbox.gmail.mailbox import Mailbox
    from sandbox.world import World

WATCH_LIFE = timedelta(days=7)
_TOPIC = re.compile(rf"projects/{PROJECT_ID}/topics/.+")


def watch(world: World, call: Call) -> Json:
    """``users.watch``: for seven days; a later one takes the place of the one before."""
    mailbox = own_mailbox(world, call)
    topic = call.body.get("topicName", "")
    if not _TOPIC.fullmatch(topic):
        raise invalid_argument(f"Invalid topicName does not match projects/{PROJECT_ID}/topics/*")
    check_known_labels(mailbox, call.body.get("labelIds", ()))
    expiration = str(int((call.now + WATCH_LIFE).timestamp() * 1000))
    mailbox.settings.watch = {**call.body, "expiration": expiration}
    return {"historyId": str(mailbox.history_id), "expiration": expiration}


def stop(world: World, call: Call) -> None:
    """``users.stop``: also when nothing was watched."""
    own_mailbox(world, call).settings.watch = None


def _single(kind: str) -> tuple[Handler, Handler]:
    """Return how a setting of which there is one is read and updated."""

    def get(world: World, call: Call) -> Json:
        return own_mailbox(world, call).settings.single[kind]

    def update(world: World, call: Call) -> Json:
        mailbox = own_mailbox(world, call)
        if kind == "AutoForwarding":
            _check_forwarding(mailbox, call.body)
        mailbox.settings.single[kind] = {**mailbox.settings.single[kind], **call.body}
        return mailbox.settings.single[kind]

    return get, update


def _check_forwarding(mailbox: Mailbox, body: Json) -> None:
    known = mailbox.settings.forwarding.get(body.get("emailAddress", ""), {})
    if body.get("enabled") and known.get("verificationStatus") != "accepted":
        raise ApiError(
            400,
            "Unrecognized forwarding address",
            reason="failedPrecondition",
            status="FAILED_PRECONDITION",
        )


def _check_delegated(call: Call) -> None:
    """Refuse an authorised user: as recorded, only a service account may share a mailbox."""
    if call.client != SERVICE_ACCOUNT.email:
        raise ApiError(
            403,
            "Access restricted to service accounts that have been delegated domain-wide authority",
            reason="forbidden",
        )


Table = Callable[[MailSettings], dict[str, Json]]


def _listing(table: Table, key: str) -> Handler:
    def list_all(world: World, call: Call) -> Json:
        entries = list(table(own_mailbox(world, call).settings).values())
        return {key: entries} if entries else {}

    return list_all


def _getting(table: Table, parameter: str) -> Handler:
    def get(world: World, call: Call) -> Json:
        return _find(table(own_mailbox(world, call).settings), call, parameter)

    return get


def _find(entries: dict[str, Json], call: Call, parameter: str) -> Json:
    entry = entries.get(call.params[parameter].lower()) or entries.get(call.params[parameter])
    if entry is None:
        raise not_found()
    return entry


def _deleting(table: Table, parameter: str, *, shares: bool = False) -> Handler:
    def delete(world: World, call: Call) -> None:
        entries = table(own_mailbox(world, call).settings)
        if shares:
            _check_delegated(call)
        entry = _find(entries, call, parameter)
        if entry.get("isPrimary"):
            raise invalid_argument("The primary address cannot be deleted.")
        for name in [name for name, known in entries.items() if known is entry]:
            del entries[name]

    return delete


def _address(body: Json, key: str) -> str:
    address = str(body.get(key, "")).strip().lower()
    if "@" not in address:
        raise invalid_argument(f"Invalid {key}")
    return address


def create_filter(world: World, call: Call) -> Json:
    """``filters.create``; 400 without criteria or action, or when there is the same already."""
    mailbox = own_mailbox(world, call)
    made = {key: call.body[key] for key in ("criteria", "action") if call.body.get(key)}
    for key in ("criteria", "action"):
        if key not in made:
            raise invalid_argument(f"Filter doesn't have any {key}")
    labels = made["action"].get("addLabelIds", []) + made["action"].get("removeLabelIds", [])
    check_known_labels(mailbox, labels)
    known = mailbox.settings.filters
    if any({**made, "id": entry["id"]} == entry for entry in known.values()):
        raise ApiError(
            400,
            "Filter already exists",
            reason="failedPrecondition",
            status="FAILED_PRECONDITION",
        )
    filter_id = world.new_id("filter")
    known[filter_id] = {"id": filter_id, **made}
    return known[filter_id]


def create_forwarding(world: World, call: Call) -> Json:
    """``forwardingAddresses.create``: of one's own people it is accepted at once."""
    mailbox = own_mailbox(world, call)
    _check_delegated(call)
    address = _address(call.body, "forwardingEmail")
    status = "accepted" if address in PRINCIPALS else "pending"
    entry = {"forwardingEmail": address, "verificationStatus": status}
    mailbox.settings.forwarding[address] = entry
    return entry


def create_delegate(world: World, call: Call) -> Json:
    """``delegates.create``: within the organisation, and accepted at once."""
    mailbox = own_mailbox(world, call)
    _check_delegated(call)
    address = _address(call.body, "delegateEmail")
    if address not in PRINCIPALS or address == mailbox.owner:
        raise invalid_argument("Invalid delegate")
    entry = {"delegateEmail": address, "verificationStatus": "accepted"}
    mailbox.settings.delegates[address] = entry
    return entry


def create_send_as(world: World, call: Call) -> Json:
    """``sendAs.create``: an address of the organisation needs no confirmation."""
    mailbox = own_mailbox(world, call)
    _check_delegated(call)
    address = _address(call.body, "sendAsEmail")
    if address in mailbox.settings.send_as:
        raise ApiError(409, "Send-as alias already exists", reason="aborted")
    status = "accepted" if address in PRINCIPALS else "pending"
    entry = {
        "displayName": "",
        "replyToAddress": "",
        "signature": "",
        "isPrimary": False,
        "isDefault": False,
        "treatAsAlias": False,
        **call.body,
        "sendAsEmail": address,
        "verificationStatus": status,
    }
    entry.pop("smtpMsa", None)
    mailbox.settings.send_as[address] = entry
    return entry


def update_send_as(world: World, call: Call) -> Json:
    """``sendAs.update`` and ``sendAs.patch``."""
    known = own_mailbox(world, call).settings.send_as
    entry = _find(known, call, "sendAsEmail")
    fixed = ("sendAsEmail", "isPrimary", "verificationStatus", "smtpMsa")
    entry.update({name: value for name, value in call.body.items() if name not in fixed})
    if call.body.get("isDefault"):
        for other in known.values():
            other["isDefault"] = other is entry
    return entry


def verify_send_as(world: World, call: Call) -> None:
    """``sendAs.verify``: sends another letter asking for confirmation."""
    mailbox = own_mailbox(world, call)
    _check_delegated(call)
    entry = _find(mailbox.settings.send_as, call, "sendAsEmail")
    if entry.get("verificationStatus") != "pending":
        raise invalid_argument("The address needs no verification.")


def _methods() -> dict[str, Handler]:
    root = "gmail.users.settings"
    methods: dict[str, Handler] = {"gmail.users.watch": watch, "gmail.users.stop": stop}
    for kind in ("AutoForwarding", "Imap", "Language", "Pop", "Vacation"):
        methods[f"{root}.get{kind}"], methods[f"{root}.update{kind}"] = _single(kind)
    tables: list[tuple[str, Table, str, str, Handler]] = [
        ("filters", lambda own: own.filters, "filter", "id", create_filter),
        (
            "forwardingAddresses",
            lambda own: own.forwarding,
            "forwardingAddresses",
            "forwardingEmail",
            create_forwarding,
        ),
        ("delegates", lambda own: own.delegates, "delegates", "delegateEmail", create_delegate),
        ("sendAs", lambda own: own.send_as, "sendAs", "sendAsEmail", create_send_as),
    ]
    for name, table, key, parameter, create in tables:
        methods[f"{root}.{name}.list"] = _listing(table, key)
        methods[f"{root}.{name}.get"] = _getting(table, parameter)
        methods[f"{root}.{name}.create"] = create
        methods[f"{root}.{name}.delete"] = _deleting(table, parameter, shares=name != "filters")
    methods[f"{root}.sendAs.patch"] = methods[f"{root}.sendAs.update"] = update_send_as
    methods[f"{root}.sendAs.verify"] = verify_send_as
    return methods


METHODS = _methods()
