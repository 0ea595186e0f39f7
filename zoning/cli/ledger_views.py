"""Commands that read the quota book: balance, journal, lots, holds, and what it owes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Folder, Tongue, door, wrote
from zoning.cli.options import AsOf, KnownAt, day, moment
from zoning.codes.events import ledger_events
from zoning.codes.reader import quota_kinds
from zoning.errors import UsageError
from zoning.ledger.book import Book
from zoning.ledger.model import Lot
from zoning.ledger.opening_xlsx import write_opening
from zoning.report.documents import (
    balance_document,
    deadlines_document,
    events_document,
    holds_document,
    journal_document,
    linkage_document,
    lots_document,
    reconcile_document,
)
from zoning.report.tables import (
    balance_table,
    deadlines_table,
    events_table,
    holds_table,
    journal_tables,
    loans_table,
    lots_table,
    reconcile_table,
)
from zoning.workspace import (
    book,
    check_paper,
    due_in,
    linkage_loans,
    paper_document,
    paper_table,
    reconcile_book,
    today,
)

On = Annotated[str | None, typer.Option("--on", help="The day asked about, ISO; today.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (balance, journal, deadlines, linkage, reconcile, events, template):
        app.command()(command)
    app.command("lots")(lots_)
    app.command("holds")(holds_)


def lots_by_id(quota: Book) -> Mapping[str, Lot]:
    """Every lot of a book, by its id."""
    return {each.lot.lot_id: each.lot for each in quota.lots()}


def balance(
    as_of: AsOf = None,
    known_at: KnownAt = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """What came into each pool and where it is."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    with book(space) as quota:
        pools = quota.pools(as_of=day(as_of), known_at=moment(known_at))
        position = quota.position()
    at.answer(balance_document(pools, kinds=space.kinds, position=position, as_of=day(as_of)),
              [balance_table(pools, kinds=space.kinds)])


def journal(
    since: Annotated[int | None, typer.Option(help="Entries after this number.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """All entries in the order they were recorded."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    with book(space) as quota:
        entries, lots, position = quota.journal(since=since), lots_by_id(quota), quota.position()
    at.answer(journal_document(entries, lots=lots, kinds=space.kinds, position=position),
              journal_tables(entries, lots, kinds=space.kinds))


def lots_(
    as_of: AsOf = None,
    known_at: KnownAt = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """The lots: document, vintage, expiry, origin, and what is left."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    with book(space) as quota:
        lots = quota.lots(as_of=day(as_of), known_at=moment(known_at))
        position = quota.position()
    at.answer(lots_document(lots, kinds=space.kinds, position=position),
              [lots_table(lots, kinds=space.kinds)])


def holds_(
    open_only: Annotated[bool, typer.Option("--open", help="Only what is still held.")] = False,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """The holds: for which project, due when, what is still held and what was used."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    with book(space) as quota:
        holds, position = quota.holds(open_only=open_only), quota.position()
    at.answer(holds_document(holds, kinds=space.kinds, position=position),
              [holds_table(holds, kinds=space.kinds)])


def deadlines(
    within: Annotated[int, typer.Option(min=0, help="Days ahead.")] = 60,
    on: On = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Holds, lots, linkage returns and clocks of idle land that fall due in some days."""
    at, when = door(workspace, as_json, lang), day(on) or today()
    space = at.workspace()
    with book(space) as quota:
        due, position = due_in(space, quota, on=when, within_days=within), quota.position()
    at.answer(deadlines_document(due, on=when, within_days=within, kinds=space.kinds,
                                 position=position),
              [deadlines_table(due, on=when, kinds=space.kinds)])


def linkage(
    on: On = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Linkage turnover quota: lent, used, returned, to be returned by when."""
    at, when = door(workspace, as_json, lang), day(on) or today()
    space = at.workspace()
    with book(space) as quota:
        found, position = linkage_loans(space, quota, as_of=when), quota.position()
    at.answer(linkage_document(found, on=when, kinds=space.kinds, position=position),
              [loans_table(found.loans, kind=space.kinds["linkage"], on=when)])


def reconcile(
    paper: Annotated[Path | None, typer.Option(
        help="A workbook of official sheets, as 对账单, to compare instead of the land.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Compare the book with the measured land, or with a paper. Exit code 1 where they differ."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    if paper is not None:
        told = check_paper(space, paper)
        with book(space) as quota:
            at.answer(paper_document(told, position=quota.position()), [paper_table(told)])
        if told.parts:
            raise typer.Exit(1)
        return
    with book(space) as quota:
        found, position = reconcile_book(space, quota), quota.position()
    at.answer(reconcile_document(found, kinds=space.kinds, position=position),
              [reconcile_table(found, kinds=space.kinds)])
    if found.differences:
        raise typer.Exit(1)


def events(workspace: Folder = None, as_json: AsJson = False, lang: Tongue = None) -> None:
    """The official event types and the entry each one makes."""
    at = door(workspace, as_json, lang)
    space = at.workspace_if_any()
    kinds = space.kinds if space else quota_kinds()
    found = space.events if space else ledger_events()
    at.answer(events_document(found), [events_table(found, kinds=kinds)])


def template(
    out: Annotated[Path, typer.Option("--out", help="The workbook to write, .xlsx.")],
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Write an empty opening book to fill in, one sheet for each kind of quota."""
    at = door(workspace, as_json, lang)
    if out.suffix.lower() != ".xlsx":
        raise UsageError("cli.out_kind", file=out.name, known=[".xlsx"])
    space = at.workspace_if_any()
    out.write_bytes(write_opening(
        (), kinds=space.kinds if space else quota_kinds(), events=space.events if space else None))
    wrote(at, "template", (out,))
