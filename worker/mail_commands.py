"""The commands `crm mail …` and `crm auth …`."""

from __future__ import annotations

from pathlib import Path

import click

from rules.playbook_file import load_playbook
from worker.gmail_sign_in import sign_in
from worker.mail_audit import Audit, audit_lines, audit_mail
from worker.settings import configured_spreadsheets, load_settings
from worker.wiring import connected


@click.group()
def mail() -> None:
    """Letters and their log."""


@mail.command()
@click.option("--days", default=30, show_default=True, type=click.IntRange(1), help="How far back.")
def audit(days: int) -> None:
    """Compare each mailbox with the log, and log what is missing."""
    settings = load_settings()
    spreadsheets = configured_spreadsheets(settings)
    playbook = load_playbook(settings.playbook)
    audits: list[Audit] = []
    with connected(settings) as outside:
        for spreadsheet_id in spreadsheets:
            audits.append(audit_mail(spreadsheet_id, playbook, outside, days))
            click.echo("\n".join(audit_lines(audits[-1])))
    if any(one.failures for one in audits):
        raise SystemExit(1)


@click.group()
def auth() -> None:
    """Signing in."""


@auth.command()
@click.option(
    "--client",
    type=click.Path(path_type=Path),
    default=Path("client_secret.json"),
    show_default=True,
    help="OAuth client of the type “Desktop app”, as the Cloud console gives it.",
)
@click.option("--mailbox", metavar="EMAIL", help="Whose mailbox it must be.")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
def gmail(client: Path, mailbox: str | None, no_browser: bool) -> None:
    """Sign in for a mailbox: for those that no service account may read."""
    path = sign_in(client, mailbox, load_settings(), open_browser=not no_browser, tell=click.echo)
    click.echo(f"Kept in {path}: the worker reads this mailbox with it.")
