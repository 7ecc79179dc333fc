"""Who exists in the sandbox: its people and its service account."""

from __future__ import annotations

from dataclasses import dataclass

PROJECT_ID = "sandbox-project"
PROJECT_NUMBER = "482915036671"


@dataclass(frozen=True)
class Person:
    """A principal: somebody with a Google account, or the service account."""

    email: str
    display_name: str
    permission_id: str
    """Drive's id of the person, the same on every file (20 digits)."""


SERVICE_ACCOUNT = Person(
    f"crm-worker@{PROJECT_ID}.iam.gserviceaccount.com", "crm-worker", "04718265930461728395"
)
SERVICE_CLIENT_ID = "104826739105548210367"

PEOPLE = (
    Person("manager1@example.com", "Manager One", "11820473659102837465"),
    Person("manager2@example.com", "Manager Two", "09381746520193847561"),
    Person("lead@example.com", "Team Lead", "15720938475610293847"),
)

PRINCIPALS = {person.email: person for person in (SERVICE_ACCOUNT, *PEOPLE)}
MAILBOX_OWNERS = tuple(person.email for person in PEOPLE)
DELEGATORS = frozenset(MAILBOX_OWNERS)
"""Whom the service account may impersonate, with Gmail scopes only."""

SHARED_DRIVE_NAME = "CRM"
SHARED_DRIVE_ROLES = {
    SERVICE_ACCOUNT.email: "organizer",
    **dict.fromkeys(MAILBOX_OWNERS, "writer"),
}
