"""`crm demo`: the sandbox, a realistic workbook and mailboxes in it, and the worker against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rules.playbook import Locale, Playbook
from rules.playbook_file import load_playbook
from worker.demo_book import DemoBook, make_demo_book
from worker.demo_letters import make_demo_letters
from worker.demo_writer import deliver_letters, write_book
from worker.passes import run_to_end
from worker.sandbox_process import ENV_FILE, running_sandbox, sandbox_settings
from worker.service import serve
from worker.settings import Settings
from worker.setup import create_workbook
from worker.summary import result_lines
from worker.wiring import connected

TIME_ZONE = "Asia/Almaty"
PEOPLE = ("manager1@example.com", "manager2@example.com", "lead@example.com")

Echo = Callable[[str], None]


@dataclass(frozen=True)
class DemoOptions:
    """What the command line asked for."""

    port: int
    locale: Locale
    once: bool
    deals: int
    seed: int
    state: Path
    use_running: bool = False


def run_demo(options: DemoOptions, echo: Echo) -> int:
    """Show the product at work; return the exit code of the first pass."""
    with _sandbox(options):
        settings = sandbox_settings(
            options.state, locale=options.locale, timezone=TIME_ZONE, base_currency="KZT"
        )
        playbook = load_playbook(settings.playbook)
        spreadsheet_id, book = seed_sandbox(settings, playbook, options)
        settings = settings.model_copy(update={"spreadsheets": (spreadsheet_id,)})
        _tell_where(settings, options, echo)
        with connected(settings) as outside:
            result = run_to_end(spreadsheet_id, playbook, outside)
        echo("\n".join(result_lines(result, playbook)))
        echo(f"  Seeded defects: {len(book.defects)}")
        if options.once:
            return 1 if result.failures else 0
        echo("The worker is running; edit the workbook and watch it answer. Ctrl-C stops it.")
        serve(settings)
        return 0


@contextmanager
def _sandbox(options: DemoOptions) -> Iterator[None]:
    if options.use_running:
        yield
        return
    with running_sandbox(options.port, options.state):
        yield


def seed_sandbox(
    settings: Settings, playbook: Playbook, options: DemoOptions
) -> tuple[str, DemoBook]:
    """Create a workbook, fill it as people would have, and put letters into the mailboxes."""
    title = "CRM — демо" if options.locale == "ru" else "CRM demo"
    now = datetime.now(ZoneInfo(TIME_ZONE))
    book = make_demo_book(playbook, options.locale, options.deals, options.seed, now.date())
    with connected(settings) as outside:
        spreadsheet_id = create_workbook(title, playbook, outside, options.locale)
        for person in PEOPLE:
            outside.drive.share(spreadsheet_id, person)
        write_book(outside.sheets, spreadsheet_id, playbook, book)
    deliver_letters(settings, make_demo_letters(book, options.locale, options.seed, now))
    return spreadsheet_id, book


def _tell_where(settings: Settings, options: DemoOptions, echo: Echo) -> None:
    echo(f"Sandbox:     {settings.sheets_endpoint}/sandbox/")
    echo(f"Spreadsheet: {settings.spreadsheets[0]}")
    echo(f"Settings:    {options.state / ENV_FILE} (for gspread, crm check, crm sync, …)")
