"""What is set for a mailbox, in the forms in which the API writes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.calls import Json
from sandbox.people import PRINCIPALS


@dataclass
class MailSettings:
    """The settings of one mailbox."""

    owner: str
    single: dict[str, Json] = field(
        default_factory=lambda: {
            "AutoForwarding": {"enabled": False},
            "Imap": {"enabled": True, "autoExpunge": True, "expungeBehavior": "archive"},
            "Language": {"displayLanguage": "en"},
            "Pop": {"accessWindow": "disabled", "disposition": "leaveInInbox"},
            "Vacation": {
                "enableAutoReply": False,
                "restrictToContacts": False,
                "restrictToDomain": False,
            },
        }
    )
    filters: dict[str, Json] = field(default_factory=dict)
    forwarding: dict[str, Json] = field(default_factory=dict)
    delegates: dict[str, Json] = field(default_factory=dict)
    send_as: dict[str, Json] = field(default_factory=dict)
    watch: Json | None = None
    """The push channel's topic, labels and end."""

    def __post_init__(self) -> None:
        person = PRINCIPALS[self.owner]
        self.send_as[self.owner] = {
            "sendAsEmail": self.owner,
            "displayName": person.display_name,
            "replyToAddress": "",
            "signature": "",
            "isPrimary": True,
            "isDefault": True,
        }

    def may_send_as(self, address: str) -> bool:
        """Whether letters may go out under this address."""
        known = self.send_as.get(address.lower(), {})
        return bool(known.get("isPrimary")) or known.get("verificationStatus") == "accepted"
