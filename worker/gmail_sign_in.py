"""`crm auth gmail`: a person signs in for their mailbox, once; what they grant is kept in a file.

Source: Google's guide "OAuth 2.0 for installed applications": the browser comes back to a port of
this machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from google_auth_oauthlib.flow import InstalledAppFlow

from sync.errors import PermanentError
from sync.google.auth import GMAIL_SCOPE, ME, Accounts, load_account, token_path
from sync.google.gmail import GoogleMail
from sync.google.units import Units
from worker.settings import Settings
from worker.wiring import SystemClock


class SignInError(Exception):
    """The sign-in cannot be done; the message is one line."""


def sign_in(
    client_file: Path,
    mailbox: str | None,
    settings: Settings,
    *,
    open_browser: bool,
    tell: Callable[[str], None],
) -> Path:
    """Have somebody sign in, and keep their credentials; return the file.

    Raises SignInError, or SyncError if the mailbox cannot be read with what was granted.
    """
    client = _read_client(client_file)
    flow = InstalledAppFlow.from_client_config(client, [GMAIL_SCOPE])
    tell("Sign in as the owner of the mailbox, and allow reading it:")
    try:
        granted = flow.run_local_server(
            host="127.0.0.1",
            port=0,
            open_browser=open_browser,
            authorization_prompt_message="{url}",
            success_message="Done. You can close this page.",
            access_type="offline",
            prompt="consent",
            **({"login_hint": mailbox} if mailbox else {}),
        )
    except Exception as error:  # the flow's libraries share no root of their errors
        raise SignInError(f"signing in failed: {error}") from error
    info = {
        "type": "authorized_user",
        "client_id": granted.client_id,
        "client_secret": granted.client_secret,
        "refresh_token": granted.refresh_token,
        "token_uri": granted.token_uri,
    }
    return keep_token(info, mailbox, settings)


def _read_client(path: Path) -> Mapping[str, Any]:
    try:
        client = orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise SignInError(
            f"{path} does not exist; make an OAuth client of the type “Desktop app” in the Google "
            "Cloud console and download its JSON"
        ) from error
    except (OSError, orjson.JSONDecodeError) as error:
        raise SignInError(f"{path} cannot be read: {error}") from error
    if not isinstance(client, dict) or "installed" not in client:
        raise SignInError(f"{path} is no OAuth client of the type “Desktop app”")
    return client


def keep_token(info: Mapping[str, Any], mailbox: str | None, settings: Settings) -> Path:
    """Write the credentials to the mailbox's file, for its owner's eyes only; return the file.

    They are tried first: whose mailbox it is, Gmail says.
    """
    folder = settings.gmail_tokens
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / ".new.json"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(orjson.dumps(info))
    try:
        owner = _owner(fresh, settings)
        if mailbox and mailbox.lower() != owner:
            raise PermanentError(f"{owner} has signed in, not {mailbox}: try again")
    except BaseException:
        fresh.unlink()
        raise
    return fresh.replace(token_path(folder, owner))


def _owner(path: Path, settings: Settings) -> str:
    units = Units(SystemClock().now)
    mail = GoogleMail(Accounts(load_account(path)), units, settings.gmail_endpoint)
    try:
        return mail.address(ME)
    finally:
        mail.close()
