"""Which methods of Gmail v1 the sandbox has."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.calls import Handler
from sandbox.gmail import drafts, history, labels, messages, settings, threads

METHODS: Mapping[str, Handler] = {
    **settings.METHODS,
    "gmail.users.getProfile": messages.get_profile,
    "gmail.users.drafts.create": drafts.create,
    "gmail.users.drafts.delete": drafts.delete,
    "gmail.users.drafts.get": drafts.get,
    "gmail.users.drafts.list": drafts.list_drafts,
    "gmail.users.drafts.send": drafts.send,
    "gmail.users.drafts.update": drafts.update,
    "gmail.users.history.list": history.list_history,
    "gmail.users.labels.create": labels.create,
    "gmail.users.labels.delete": labels.delete,
    "gmail.users.labels.get": labels.get,
    "gmail.users.labels.list": labels.list_labels,
    "gmail.users.labels.patch": labels.update,
    "gmail.users.labels.update": labels.update,
    "gmail.users.messages.attachments.get": messages.get_attachment,
    "gmail.users.messages.batchDelete": messages.batch_delete,
    "gmail.users.messages.batchModify": messages.batch_modify,
    "gmail.users.messages.delete": messages.delete,
    "gmail.users.messages.get": messages.get,
    "gmail.users.messages.import": messages.import_message,
    "gmail.users.messages.insert": messages.insert,
    "gmail.users.messages.list": messages.list_messages,
    "gmail.users.messages.modify": messages.modify,
    "gmail.users.messages.send": messages.send,
    "gmail.users.messages.trash": messages.trash,
    "gmail.users.messages.untrash": messages.untrash,
    "gmail.users.threads.delete": threads.delete,
    "gmail.users.threads.get": threads.get,
    "gmail.users.threads.list": threads.list_threads,
    "gmail.users.threads.modify": threads.modify,
    "gmail.users.threads.trash": threads.trash,
    "gmail.users.threads.untrash": threads.untrash,
}
