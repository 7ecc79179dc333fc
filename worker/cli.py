"""The command line `crm`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import click
import orjson

from rules.check import Checked, RowFindings, check_book
from rules.dismissal import accept_warnings, standing
from rules.playbook import Locale, Playbook, Subject
from rules.playbook_file import PlaybookError, load_playbook
from rules.values import SERIAL_EPOCH
from sync.accepted import accepted_warnings
from sync.errors import PermanentError, SyncError
from sync.outside import Outside
from sync.run import PassResult, Rehearsed, read_and_check, rehearse
from worker.broker import BrokerError
from worker.change_log import ChangeFiles, log_line
from worker.demo import DemoOptions, run_demo
from worker.doctor import Finding, Probed, doctor_json, examine, try_probes
from worker.gmail_sign_in import SignInError
from worker.mail_commands import auth, mail
from worker.passes import run_to_end
from worker.plan_view import plan_json, plan_lines
from worker.sandbox_process import SandboxError
from worker.service import serve
from worker.settings import Settings, SettingsError, configured_spreadsheets, load_settings
from worker.setup import create_workbook, extend_workbook
from worker.summary import (
    CheckedSource,
    all_findings,
    check_lines,
    problem_rows,
    result_json,
    result_lines,
)
from worker.table_file import TableFileError, read_table_file
from worker.wiring import SystemClock, connected

FAILED, WRONG_USE = 1, 2

NOT_WRAPPED = 10_000
"""The width of what is no terminal: a line of a pipe or file holds a whole problem."""

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (SettingsError, WRONG_USE),
    (PlaybookError, WRONG_USE),
    (SandboxError, WRONG_USE),
    (TableFileError, WRONG_USE),
    (SignInError, WRONG_USE),
    (PermanentError, WRONG_USE),
    (SyncError, FAILED),
    (BrokerError, FAILED),
)
"""Exit code by error, the first that fits; each prints one clear line a mistake."""

EXPECTED = tuple(kind for kind, _ in EXIT_CODES)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
locale_option = click.option(
    "--locale", type=click.Choice(["en", "ru"]), help="Language of the workbook."
)
port_option = click.option("--port", default=8085, show_default=True, help="Port on 127.0.0.1.")


@click.group()
@click.version_option(package_name="workspace-crm-worker")
def crm() -> None:
    """Turn a shared Google Sheet into a CRM that a sales team can trust."""


crm.add_command(mail)
crm.add_command(auth)


def main() -> None:
    """Run the command line; an expected error is one line a mistake on stderr and its exit code."""
    try:
        crm()
    except EXPECTED as error:
        for line in str(error).splitlines():
            click.echo(f"crm: {line}", err=True)
        sys.exit(exit_code(error))


def exit_code(error: Exception) -> int:
    """Return the exit code of an expected error."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


@crm.command()
@port_option
@locale_option
@click.option("--once", is_flag=True, help="One full pass, a summary, and exit.")
@click.option("--deals", default=60, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same data.")
@click.option("--state", type=click.Path(path_type=Path), default=Path(".state/sandbox"))
@click.option("--sandbox", is_flag=True, help="Use the sandbox that runs with --state already.")
def demo(
    port: int, locale: Locale | None, once: bool, deals: int, seed: int, state: Path, sandbox: bool
) -> None:
    """Show the whole product at work in a sandbox, on made-up data."""
    options = DemoOptions(port, locale or "en", once, deals, seed, state, use_running=sandbox)
    sys.exit(run_demo(options, click.echo))


@crm.command()
@port_option
@click.option("--state", type=click.Path(path_type=Path), default=Path(".state/sandbox"))
@click.option("--sa-storage", is_flag=True, help="Service accounts may own files.")
def sandbox(port: int, state: Path, sa_storage: bool) -> None:
    """Run the sandbox alone: local servers that speak Google's APIs."""
    arguments = [sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(state)]
    os.execv(sys.executable, [*arguments, *(["--sa-storage"] if sa_storage else [])])  # noqa: S606  # our own module


@crm.command()
@click.option("--spreadsheet", help="Add what is missing to this workbook.")
@click.option("--title", help="Title of the new workbook.")
@locale_option
@click.option("--share", multiple=True, metavar="EMAIL", help="Who may edit it; repeatable.")
def init(
    spreadsheet: str | None, title: str | None, locale: Locale | None, share: tuple[str, ...]
) -> None:
    """Create a ready workbook, or add what is missing to an existing one."""
    settings = load_settings()
    playbook = load_playbook(settings.playbook)
    with connected(settings) as outside:
        if spreadsheet:
            extend_workbook(spreadsheet, playbook, outside, locale, settings.locale)
        else:
            language = locale or settings.locale
            spreadsheet = create_workbook(title or "CRM", playbook, outside, language)
        for email in share:
            outside.drive.share(spreadsheet, email)
    click.echo(spreadsheet)


@crm.command()
@as_json
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="Check an exported XLSX or CSV file, without Google.",
)
def check(as_json: bool, file: Path | None) -> None:
    """Read and validate, write nothing; exit 1 if there are errors."""
    codes = [0]
    found = [
        CheckedSource(kind, name, checked, tuple(problem_rows(checked, shown)))
        for kind, name, checked, shown in (
            _checked_file(file) if file else _checked_workbooks(codes)
        )
    ]
    if as_json:
        rows = [{source.kind: source.name, **row} for source in found for row in source.rows]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    else:
        width, _ = shutil.get_terminal_size(fallback=(NOT_WRAPPED, 1))
        click.echo("\n".join(check_lines(found, width)))
    codes += [FAILED for source in found if source.errors]
    sys.exit(max(codes))


_Source: TypeAlias = tuple[str, str, Checked, Mapping[Subject, RowFindings]]
"""What was checked: its kind and name, the check, and the findings that are not dismissed."""


def _checked_workbooks(codes: list[int]) -> Iterator[_Source]:
    with _workbooks() as (settings, playbook, outside):
        for spreadsheet_id in configured_spreadsheets(settings):
            with _told(codes):
                snapshot, checked = read_and_check(spreadsheet_id, playbook, outside)
                _tell_faults(spreadsheet_id, map(str, snapshot.faults), codes)
                found = all_findings(checked)
                accepted = accepted_warnings(snapshot, checked, found)
                shown = standing(checked, found, accepted)
                yield "spreadsheet", spreadsheet_id, checked, shown


@contextmanager
def _told(codes: list[int]) -> Iterator[None]:
    """Tell an expected error and go on: one workbook's trouble does not stop the others."""
    try:
        yield
    except EXPECTED as error:
        click.echo(f"crm: {error}", err=True)
        codes.append(exit_code(error))


def _tell_faults(spreadsheet_id: str, faults: Iterable[str], codes: list[int]) -> None:
    """Tell what a person must mend in the workbook; the rest of it has been worked on."""
    if lines := "; ".join(faults):
        click.echo(f"crm: {spreadsheet_id}: {lines}", err=True)
        codes.append(WRONG_USE)


def _checked_file(path: Path) -> Iterator[_Source]:
    settings = load_settings()
    playbook = load_playbook(settings.playbook)
    read = read_table_file(path, playbook)
    for note in read.notes:
        click.echo(f"crm: {note}", err=True)
    zone = ZoneInfo(settings.timezone) if settings.timezone else None
    today = (SystemClock().now().astimezone(zone).date() - SERIAL_EPOCH).days
    checked = check_book(read.book, playbook, today)
    found = all_findings(checked)
    yield "file", str(path), checked, standing(checked, found, accept_warnings(checked, found, {}))


@contextmanager
def _workbooks() -> Iterator[tuple[Settings, Playbook, Outside]]:
    settings = load_settings()
    configured_spreadsheets(settings)
    playbook = load_playbook(settings.playbook)
    with connected(settings) as outside:
        yield settings, playbook, outside


@crm.command()
@as_json
def sync(as_json: bool) -> None:
    """Bring all workbooks up to date, once, in this process."""
    with _workbooks() as (settings, playbook, outside):
        results: list[PassResult] = []
        codes = [0]
        for spreadsheet_id in configured_spreadsheets(settings):
            with _told(codes):
                results.append(run_to_end(spreadsheet_id, playbook, outside))
                _tell_faults(spreadsheet_id, results[-1].faults, codes)
        codes += [FAILED for result in results if result.failures or result.held]
        if as_json:
            click.echo(orjson.dumps([result_json(r) for r in results], option=orjson.OPT_INDENT_2))
        else:
            for result in results:
                click.echo("\n".join(result_lines(result, playbook)))
        sys.exit(max(codes))


@crm.command()
@as_json
@click.option(
    "--probe", is_flag=True, help="Try unverified facts about Google on scratch files, too."
)
def doctor(as_json: bool, probe: bool) -> None:
    """Check everything that the worker needs, a line each; exit 1 if anything fails."""
    settings = load_settings()
    findings: list[Finding] = []
    probed: list[Probed] = []
    codes = [0]
    for finding in examine(settings, load_playbook(settings.playbook)):
        findings.append(finding)
        if not as_json:
            click.echo(finding.line)
    codes += [FAILED for finding in findings if finding.status == "failed"]
    if probe:
        with _told(codes):
            for verdict in try_probes(settings):
                probed.append(verdict)
                if not as_json:
                    click.echo(verdict.line)
    if as_json:
        click.echo(orjson.dumps(doctor_json(findings, probed), option=orjson.OPT_INDENT_2))
    sys.exit(FAILED if any(codes) else 0)


@crm.command()
@as_json
def plan(as_json: bool) -> None:
    """Show every change that a pass would make now; nothing is written."""
    with _workbooks() as (settings, playbook, outside):
        planned: list[Rehearsed] = []
        codes = [0]
        for spreadsheet_id in configured_spreadsheets(settings):
            with _told(codes):
                planned.append(rehearse(spreadsheet_id, playbook, outside))
        codes += [FAILED for one in planned if one.result.failures]
        codes += [WRONG_USE for one in planned if one.result.faults]
        if as_json:
            click.echo(orjson.dumps(list(map(plan_json, planned)), option=orjson.OPT_INDENT_2))
        else:
            for one in planned:
                click.echo("\n".join(plan_lines(one, playbook)))
        sys.exit(max(codes))


@crm.command("log")
@click.option("--deal", metavar="ID", help="Only what concerns this deal.")
@as_json
def show_log(deal: str | None, as_json: bool) -> None:
    """Show what the worker has written in the last 30 days."""
    for entry in ChangeFiles(load_settings().log_dir, SystemClock()).read(deal):
        click.echo(orjson.dumps(entry) if as_json else log_line(entry))


@crm.command()
def run() -> None:
    """Run the service: a Celery worker with its scheduler, until stopped."""
    serve(load_settings())
