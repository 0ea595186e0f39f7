"""Commands on the quota book: post, hold, settle, void, expire, reverse, balance, lots, holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from zoning.cli.doors import AsJson, Door, Folder, Tongue, door
from zoning.codes.reader import QuotaKind, quota_kinds
from zoning.errors import LedgerError, UsageError
from zoning.ledger.amounts import parse_amounts
from zoning.ledger.book import Book
from zoning.ledger.model import (
    Account,
    Entry,
    Inflow,
    Lot,
    Reservation,
    Vector,
    Voucher,
)
from zoning.report.documents import (
    balance_document,
    entries_document,
    holds_document,
    journal_document,
    lots_document,
)
from zoning.report.tables import balance_table, holds_table, journal_tables, lots_table
from zoning.workspace import (
    book,
    hold_scenario,
    post_opening,
    read_scenario,
)

app = typer.Typer(no_args_is_help=True, help="指标台账 · The quota book.")

Amounts = Annotated[
    list[str] | None, typer.Argument(metavar="[AMOUNT]...", help="As area=3.5ha capacity=1200kg")
]
Day = Annotated[str | None, typer.Option("--effective", help="From which day it counts, ISO.")]
Document = Annotated[str, typer.Option("--document", help="Number of the document.")]
Note = Annotated[str, typer.Option("--note")]
Official = Annotated[str, typer.Option("--type", help="Official event type, as 项目入库指标.")]
Key = Annotated[str | None, typer.Option("--key", help="A repeated command posts once.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Count up to this day, ISO.")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="As recorded up to this moment, ISO.")
]


@app.command()
def post(
    amounts: Amounts = None,
    opening: Annotated[Path | None, typer.Option(help="An opening book, TOML.")] = None,
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
    told = Lot(lot, account, vintage, document, _day(document_date), tuple(origin or ()),
               _day(expires), None, tuple(use or ()), note)
    inflow = Inflow(told, _vector(kind, amounts), _voucher(effective, official_type, document,
                                                           note, key))
    with book(space) as quota:
        return _answer(at, (quota.post_inflow(inflow),), quota)


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
                                projects=tuple(project or ()), due=_day(due))
        return _answer(at, entries)
    if not kind or not project or len(project) != 1:
        raise UsageError("cli.hold_needs", options=["--kind", "--project", "--amount"])
    wanted = Reservation(kind, _vector(kind, amount), project[0], "", _day(due), None,
                         tuple(pool or ()), tuple(lot or ()), project_kind)
    with book(space) as quota:
        made = quota.hold(wanted, _voucher(effective, official_type, document, note, key))
        return _answer(at, quota.journal(hold_id=made.hold_id)[:1], quota)


@app.command()
def settle(
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
    """Use what is held, wholly or in part."""
    at = door(workspace, as_json, lang)
    with book(at.workspace()) as quota:
        entry = quota.settle(hold_id, _held_vector(quota, hold_id, amounts),
                             _voucher(effective, official_type, document, note, key))
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
    with book(at.workspace()) as quota:
        entry = quota.void(hold_id, _held_vector(quota, hold_id, amounts),
                           _voucher(effective, official_type, document, note, key))
        _answer(at, (entry,), quota)


@app.command()
def expire(
    lot_id: Annotated[str, typer.Argument(metavar="LOT")],
    effective: Day = None,
    document: Document = "",
    official_type: Official = "",
    note: Note = "",
    key: Key = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """Let what is free of an expired lot lapse."""
    at = door(workspace, as_json, lang)
    with book(at.workspace()) as quota:
        entry = quota.expire(lot_id, None, _voucher(effective, official_type, document, note, key))
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
        entry = quota.reverse(entry_id, _voucher(effective, official_type, document, note, key))
        _answer(at, (entry,), quota)


@app.command()
def balance(
    as_of: AsOf = None,
    known_at: KnownAt = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """What came into each pool and where it is."""
    at, kinds = door(workspace, as_json, lang), quota_kinds()
    with book(at.workspace()) as quota:
        pools = quota.pools(as_of=_day(as_of), known_at=_moment(known_at))
        position = quota.position()
    at.answer(balance_document(pools, kinds=kinds, position=position, as_of=_day(as_of)),
              [balance_table(pools, kinds=kinds)])


@app.command()
def journal(
    since: Annotated[int | None, typer.Option(help="Entries after this number.")] = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """All entries in the order they were recorded."""
    at, kinds = door(workspace, as_json, lang), quota_kinds()
    with book(at.workspace()) as quota:
        entries, lots, position = quota.journal(since=since), _lots(quota), quota.position()
    at.answer(journal_document(entries, lots=lots, kinds=kinds, position=position),
              journal_tables(entries, lots, kinds=kinds))


@app.command("lots")
def lots_(
    as_of: AsOf = None,
    known_at: KnownAt = None,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """The lots: document, vintage, expiry, origin, and what is left."""
    at, kinds = door(workspace, as_json, lang), quota_kinds()
    with book(at.workspace()) as quota:
        lots = quota.lots(as_of=_day(as_of), known_at=_moment(known_at))
        position = quota.position()
    at.answer(lots_document(lots, kinds=kinds, position=position), [lots_table(lots, kinds=kinds)])


@app.command("holds")
def holds_(
    open_only: Annotated[bool, typer.Option("--open", help="Only what is still held.")] = False,
    workspace: Folder = None,
    as_json: AsJson = False,
    lang: Tongue = None,
) -> None:
    """The holds: for which project, due when, what is still held and what was used."""
    at, kinds = door(workspace, as_json, lang), quota_kinds()
    with book(at.workspace()) as quota:
        holds, position = quota.holds(open_only=open_only), quota.position()
    at.answer(holds_document(holds, kinds=kinds, position=position),
              [holds_table(holds, kinds=kinds)])


def _answer(at: Door, entries: tuple[Entry, ...], quota: Book | None = None) -> None:
    if quota is None:
        with book(at.workspace()) as opened:
            return _answer(at, entries, opened)
    kinds, lots, holds = quota_kinds(), _lots(quota), quota.holds()
    document = entries_document(entries, lots=lots, holds=holds, kinds=kinds)
    return at.answer(document, journal_tables(entries, lots, kinds=kinds))


def _lots(quota: Book) -> Mapping[str, Lot]:
    return {each.lot.lot_id: each.lot for each in quota.lots()}


def _vector(kind: str, amounts: list[str] | None) -> Vector:
    return parse_amounts(amounts or [], _kind(kind))


def _held_vector(quota: Book, hold_id: str, amounts: list[str] | None) -> Vector | None:
    """Amounts in the units of the hold's kind; None, meaning all of it, where none are given."""
    if not amounts:
        return None
    kinds = [each.hold.kind for each in quota.holds() if each.hold.hold_id == hold_id]
    if not kinds:
        raise LedgerError("ledger.unknown_hold", hold=hold_id)
    return _vector(kinds[0], amounts)


def _kind(code: str) -> QuotaKind:
    kinds = quota_kinds()
    if code not in kinds:
        raise LedgerError("ledger.unknown_kind", kind=code, allowed=list(kinds))
    return kinds[code]


def _voucher(
    effective: str | None, official_type: str, document: str, note: str, key: str | None
) -> Voucher:
    return Voucher(_day(effective), official_type, document, note, key)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("cli.day", found=text) from error


def _moment(text: str | None) -> datetime | None:
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("cli.moment", found=text) from error
    return moment.astimezone() if moment is not None and moment.tzinfo is None else moment
