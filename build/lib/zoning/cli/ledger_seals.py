"""Commands that keep the quota book provable: seal, periods, verify, copy out, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Folder, Tongue, door
from zoning.cli.options import day
from zoning.errors import UsageError
from zoning.ledger.export import verify_export
from zoning.ledger.verify import Known, Verification
from zoning.messages import Language, say, text
from zoning.report.documents import periods_document, verification_document
from zoning.workspace import book

KnownHead = Annotated[
    str | None, typer.Option("--known", help="Position and head noted down earlier, as 41:ab12…")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (seal, periods, verify, backup, restore):
        app.command()(command)
    app.command("export-journal")(export_journal)


def seal(
    last_day: Annotated[str, typer.Argument(metavar="DAY", help="Last day to close, ISO.")],
    note: Annotated[str, typer.Option("--note")] = "",
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Close the book for all days up to one and seal what it holds."""
    at = door(workspace, as_json, lang)
    closing = day(last_day)
    if closing is None:
        raise UsageError("cli.day", found=last_day)
    with book(at.workspace()) as quota:
        made = quota.close_period(closing, note=note)
    at.answer(periods_document([made]), show=lambda console: console.print(
        text("cli.sealed", at.language, day=made.last_day, entry=made.entry_id, head=made.head),
        highlight=False, markup=False))


def periods(workspace: Folder = None, as_json: AsJson = False, lang: Tongue = None) -> None:
    """The closed periods with their seals."""
    at = door(workspace, as_json, lang)
    with book(at.workspace()) as quota:
        found = quota.periods()
    told = [text("cli.sealed", at.language, day=each.last_day, entry=each.entry_id, head=each.head)
            for each in found] or [text("report.no_rows", at.language)]
    at.answer(periods_document(found), show=lambda console: console.print(
        "\n".join(told), highlight=False, markup=False))


def verify(
    file: Annotated[Path | None, typer.Option("--file", help="An exported journal.")] = None,
    known: KnownHead = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Recompute every link and rule of the book, or of an exported file. Exit code 1 if unfit."""
    at, noted_down = door(workspace, as_json, lang), _known(known)
    if file is not None:
        found = verify_export(file, known=noted_down)
    else:
        with book(at.workspace()) as quota:
            found = quota.verify(known=noted_down)
    at.answer(verification_document(found), show=lambda console: console.print(
        _told(found, at.language), highlight=False, markup=False))
    if not found.is_sound:
        raise typer.Exit(1)


def export_journal(
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Write the journal with its chain, to be verified and restored anywhere."""
    at = door(workspace, as_json, lang)
    with book(at.workspace()) as quota:
        found = quota.export(out)
    at.answer(verification_document(found), show=lambda console: console.print(
        text("cli.written", at.language, file=str(out)), highlight=False, markup=False))


def backup(
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Copy the book's file while others may write to it, and verify it."""
    at = door(workspace, as_json, lang)
    with book(at.workspace()) as quota:
        quota.backup(out)
        found = quota.verify()
    at.answer(verification_document(found), show=lambda console: console.print(
        text("cli.written", at.language, file=str(out)), highlight=False, markup=False))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An exported journal.")],
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Bring an exported journal into an empty book."""
    at = door(workspace, as_json, lang)
    with book(at.workspace()) as quota:
        found = quota.restore(file)
    at.answer(verification_document(found), show=lambda console: console.print(
        _told(found, at.language), highlight=False, markup=False))


def _known(told: str | None) -> Known | None:
    position, colon, head = (told or "").partition(":")
    if told is None:
        return None
    if not colon or not position.isdecimal() or not head:
        raise UsageError("cli.known", found=told)
    return int(position), head


def _told(found: Verification, language: Language) -> str:
    if found.fault is None:
        return text("cli.sound", language, position=found.position, periods=found.periods,
                    head=found.head)
    return text("cli.unsound", language, entry=found.fault.entry_id,
                reason=say(found.fault.message, language))


__all__ = ["register"]
