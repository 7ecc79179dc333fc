"""Letters made from simple fields, for those who do not want to write MIME."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    date: datetime,
    message_id: str,
    cc: str = "",
    html: str = "",
    in_reply_to: str = "",
    attachments: dict[str, bytes] | None = None,
) -> bytes:
    """Return the bytes of a letter; attachments are contents by file name."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    if cc:
        message["Cc"] = cc
    message["Subject"] = subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    if in_reply_to:
        message["In-Reply-To"] = in_reply_to
        message["References"] = in_reply_to
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for filename, content in (attachments or {}).items():
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=filename
        )
    return message.as_bytes()
