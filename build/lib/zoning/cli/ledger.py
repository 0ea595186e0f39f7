"""Commands that write the quota book: post, hold, settle, void, expire, reverse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from zoning.cli import ledger_seals, ledger_views
from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.cli.ledger_views import lots_by_id
from zoning.cli.options import (
    Amounts,
    Day,
    Document,
    Key,
    Note,
    Official,
    Polygons,
    day,
    voucher,
)
from zoning.codes.reader import QuotaKind
from zoning.errors import LedgerError, UsageError
from zoning.ledger.amounts import parse_amounts
from zoning.ledger.book import Book
from zoning.ledger.model import Account, Entry, Inflow, Lot, Reservation, Vector
from zoning.ledger.reconcile import noted
from zoning.report.documents import entries_document
from zoning.report.tables import journal_tables
from zoning.workspace import (
    Workspace,
    book,
    hold_scenario,
    post_inflows,
    post_opening,
    read_scenario,
)

app = typer.Typer(no_args_is_help=True, help="指标台账 · The quota book.")
ledger_views.register(app)
ledger_seals.register(app)


@app.command()
def post(
    amounts: Amounts = None,
    opening: Annotated[Path | None, typer.Option(help="An opening book, TOML or xlsx.")] = None,
    kind: Annotated[str, typer.Option(help="plan_quota, offset, linkage, …")] = "",
    pool: Annotated[str, typer.Option(help="The pool it lies in.")] = "county",
    place: Annotated[str | None, typer.Option(help="Place path; the workspace's.")] = None,
    lot: Annotated[str, typer.Option("--lot", help="Id of the lot; else given.")] = "",
    vintage: Annotated[int | None, typer.Option(help="Year of the quota.")] = None,
    document: Document = "",
    document_date: Annotated[str | None, typer.Option(help="ISO date.")] = None,
    expires: Annotated[str | None, typer.Option(help="Last day it can be used, ISO.")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="role/feature id. Repeatable.")] = None,
    use: Annotated[list[str] | None, typer.Option(help="Project kind it may serve.")] = None,
    effective: Day = None,
    official_type: Official = "",
    note: Note = "",
    key: Key = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Bring a lot of quota into the book, or a whole opening book."""
    at = door(workspace, as_json, lang)
    if opening is not None:
        return _answer(at, post_opening(at.workspace(), opening))
    if not kind or vintage is None or not document:
        raise UsageError("cli.post_needs", options=["--kind", "--vintage", "--document"])
    space = at.workspace()
    account = Account(place or space.config.place, kind, pool)
    told = Lot(lot, account, vintage, document, day(document_date), tuple(origin or ()),
               day(expires), None, tuple(use or ()), note)
    inflow = Inflow(told, _vector(space.kinds, kind, amounts),
                    voucher(effective, official_type, document, note, key))
    return _answer(at, post_inflows(space, [inflow]))


@app.command()
def hold(
    scenario: Annotated[Path | None, typer.Argument(metavar="[SCENARIO]")] = None,
    amount: Annotated[list[str] | None, typer.Option(help="As area=3.5ha; repeatable.")] = None,
    project: Annotated[list[str] | None, typer.Option(help="Project id. Repeatable.")] = None,
    kind: Annotated[str, typer.Option(help="Quota kind, without a scenario.")] = "",
    pool: Annotated[list[str] | None, typer.Option(help="Pools to draw on.")] = None,
    lot: Annotated[list[str] | None, typer.Option(help="Lots to draw on, in order.")] = None,
    project_kind: Annotated[str | None, typer.Option(help="industry, housing, …")] = None,
    due: Annotated[str | None, typer.Option(help="Until when it is held, ISO.")] = None,
    effective: Day = None,
    document: Document = "",
    official_type: Official = "",
    note: Note = "",
    key: Key = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Hold quota for the projects of a scenario that pass, or for one project by hand."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    if scenario is not None:
        entries = hold_scenario(space, read_scenario(scenario), folder=scenario.parent,
                                projects=tuple(project or ()), due=day(due))
        return _answer(at, entries)
    if not kind or not project or len(project) != 1:
        raise UsageError("cli.hold_needs", options=["--kind", "--project", "--amount"])
    wanted = Reservation(kind, _vector(space.kinds, kind, amount), project[0], "", day(due), None,
                         tuple(pool or ()), tuple(lot or ()), project_kind)
    with book(space) as quota:
        made = quota.hold(wanted, voucher(effective, official_type, document, note, key))
        return _answer(at, quota.journal(hold_id=made.hold_id)[:1], quota)


@app.command()
def settle(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD")],
    amounts: Amounts = None,
    polygon: Polygons = None,
    effective: Day = None,
    document: Document = "",
    official_type: Official = "",
    note: Note = "",
    key: Key = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Use what is held, wholly or in part."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    with book(space) as quota:
        entry = quota.settle(
            hold_id, _held_vector(space, quota, hold_id, amounts),
            voucher(effective, official_type, document, noted(note, polygon or ()), key))
        _answer(at, (entry,), quota)


@app.command()
def void(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD")],
    amounts: Amounts = None,
    effective: Day = None,
    document: Document = "",
    official_type: Official = "",
    note: Note = "",
    key: Key = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Give back what is held, wholly or in part."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    with book(space) as quota:
        entry = quota.void(hold_id, _held_vector(space, quota, hold_id, amounts),
                           voucher(effective, official_type, document, note, key))
        _answer(at, (entry,), quota)


@app.command()
def expire(
    lot_id: Annotated[str, typer.Argument(metavar="LOT")],
    amounts: Amounts = None,
    effective: Day = None,
    document: Document = "",
    official_type: Official = "",
    note: Note = "",
    key: Key = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Let what is free of a lot lapse: expired, or deducted by order; wholly or in part."""
    at = door(workspace, as_json, lang)
    space = at.workspace()
    with book(space) as quota:
        entry = quota.expire(lot_id, _lot_vector(space, quota, lot_id, amounts),
                             voucher(effective, official_type, document, note, key))
        _answer(at, (entry,), quota)


@app.command()
def reverse(
    entry_id: Annotated[int, typer.Argument(metavar="ENTRY")],
    effective: Day = None,
    document: Document = "",
    official_type: Official = "",
    note: Note = "",
    key: Key = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Correct an entry by one that negates it."""
    at = door(workspace, as_json, lang)
    with book(at.workspace()) as quota:
        entry = quota.reverse(entry_id, voucher(effective, official_type, document, note, key))
        _answer(at, (entry,), quota)


def _answer(at: Door, entries: tuple[Entry, ...], quota: Book | None = None) -> None:
    if quota is None:
        with book(at.workspace()) as opened:
            return _answer(at, entries, opened)
    kinds, lots, holds = at.workspace().kinds, lots_by_id(quota), quota.holds()
    document = entries_document(entries, lots=lots, holds=holds, kinds=kinds)
    return at.answer(document, journal_tables(entries, lots, kinds=kinds))


def _vector(kinds: Mapping[str, QuotaKind], kind: str, amounts: list[str] | None) -> Vector:
    if kind not in kinds:
        raise LedgerError("ledger.unknown_kind", kind=kind, allowed=list(kinds))
    return parse_amounts(amounts or [], kinds[kind])


def _held_vector(
    space: Workspace, quota: Book, hold_id: str, amounts: list[str] | None
) -> Vector | None:
    """Amounts in the units of the hold's kind; None, meaning all of it, where none are given."""
    if not amounts:
        return None
    kinds = [each.hold.kind for each in quota.holds() if each.hold.hold_id == hold_id]
    if not kinds:
        raise LedgerError("ledger.unknown_hold", hold=hold_id)
    return _vector(space.kinds, kinds[0], amounts)


def _lot_vector(
    space: Workspace, quota: Book, lot_id: str, amounts: list[str] | None
) -> Vector | None:
    """Amounts in the units of the lot's kind; None, meaning all that is free, for none."""
    if not amounts:
        return None
    lots = lots_by_id(quota)
    if lot_id not in lots:
        raise LedgerError("ledger.unknown_lot", lot=lot_id)
    return _vector(space.kinds, lots[lot_id].account.kind, amounts)
