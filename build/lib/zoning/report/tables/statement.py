"""Sheets that add the journal up by official type: 对账单, and quota borrowed and given back.

The layouts follow the forms of a prefecture's land system. What a form asks and the book does not
know is left unknown, never filled with a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from zoning.codes.events import LedgerEvent
from zoning.codes.reader import QuotaKind
from zoning.errors import Message
from zoning.ledger.model import Account, Entry, Event, Lot, State, Vector
from zoning.report.tables.record import Cell, Column, Derived, Table, Words, build, column
from zoning.report.tables.words import bilingual
from zoning.units import share_out

Lots = Mapping[str, Lot]
Type = tuple[str, str, Event]
"""Side, official name, event."""

WHOLE = 10_000
"""A whole, in ten-thousandths."""

CREDIT = ("credit", "borrowed", "can_borrow", "owed", "repaid", "unpaid", "owed_by_province")
DERIVED: Mapping[str, tuple[str, str]] = {
    "can_borrow": ("credit", "borrowed"), "unpaid": ("owed", "repaid")}
"""State of the credit sheet → what it is, less what."""


def statement_table(entries: Sequence[Entry], lots: Lots, *, kind: QuotaKind) -> Table:
    """对账单 of one kind: what came in and went out of the free stock, by official type, in shares.

    A reversal lowers the type of the entry it reverses. The shares of a side are rounded so that
    they make 100%; what came in less what went out is free now.
    """
    sums = _by_type(entries, lots, kind)
    columns = [column("side"), column("data_type")]
    for component in kind.components:
        columns += _with_share(kind, component.code)
    totals = tuple(each.key for each in columns[2:])
    rows = [row for side in ("in", "out") for row in _side_rows(side, sums, kind)]
    return build(f"statement_{kind.code}", columns, rows, totals=totals, total_by=("side",),
                 title=Message("report.title.statement", {"kind": bilingual(_words(kind))}),
                 notes=(Message("report.note.statement"),))


def credit_table(
    entries: Sequence[Entry],
    lots: Lots,
    *,
    kind: QuotaKind,
    events: Mapping[str, LedgerEvent],
    limit: Vector | None = None,
) -> Table:
    """借用与归还 of one kind: a row per account, with what was borrowed and what was given back.

    The types that borrow and repay are data (`borrows`, `repays`). `limit` is what may be borrowed,
    per component; None and a missing component are unknown.
    """
    borrowed = _moved(entries, lots, kind, State.FREE, {n for n, e in events.items() if e.borrows})
    repaid = _moved(entries, lots, kind, State.USED, {n for n, e in events.items() if e.repays})
    columns = (column("number", "int"), column("place"), column("pool"),
               *(_credit_column(kind, c.code, state)
                 for state in CREDIT for c in kind.components))
    accounts = sorted({*borrowed, *repaid})
    rows = [
        {"number": number, "place": account.place, "pool": account.pool,
         **_credit_cells(kind, borrowed.get(account, {}), repaid.get(account, {}), limit or {})}
        for number, account in enumerate(accounts, start=1)
    ]
    return build(f"credit_{kind.code}", columns, rows,
                 title=Message("report.title.credit", {"kind": bilingual(_words(kind))}),
                 notes=(Message("report.note.credit"),))


def _by_type(
    entries: Iterable[Entry], lots: Lots, kind: QuotaKind
) -> dict[Type, dict[str, int]]:
    """Side and type → what it brought to the free stock, or took from it, per component."""
    by_id = {entry.entry_id: entry for entry in entries}
    sums: dict[Type, dict[str, int]] = {}
    for entry in by_id.values():
        named = by_id.get(entry.reverses or 0, entry)
        side, sign = ("in", 1) if named.event in (Event.INFLOW, Event.VOID) else ("out", -1)
        for line in entry.postings:
            if line.state is State.FREE and lots[line.lot_id].account.kind == kind.code:
                vector = sums.setdefault((side, named.official_type, named.event), {})
                vector[line.component] = vector.get(line.component, 0) + sign * line.amount
    return sums


def _side_rows(
    side: str, sums: Mapping[Type, Vector], kind: QuotaKind
) -> Iterator[dict[str, Cell]]:
    mine = [(title or Message(f"report.event.{event.value}"), vector)
            for (where, title, event), vector in sums.items() if where == side]
    rows: list[dict[str, Cell]] = [
        {"side": Message(f"report.side.{side}"), "data_type": title,
         **{f"of_{c.code}": vector.get(c.code, 0) for c in kind.components}}
        for title, vector in mine]
    for component in kind.components:
        amounts = [vector.get(component.code, 0) for _, vector in mine]
        shares: Sequence[int | None] = [None] * len(rows)
        shares = share_out(WHOLE, amounts) if any(amounts) else shares
        for row, part in zip(rows, shares, strict=True):
            row[f"share_{component.code}"] = part
    yield from rows


def _moved(
    entries: Iterable[Entry], lots: Lots, kind: QuotaKind, state: State, types: set[str]
) -> dict[Account, dict[str, int]]:
    """Account → what entries of some types brought to a state; a reversed entry brings nothing."""
    entries = tuple(entries)
    undone = {entry.reverses for entry in entries}
    sums: dict[Account, dict[str, int]] = {}
    for entry in entries:
        if entry.official_type not in types or entry.entry_id in undone:
            continue
        for line in entry.postings:
            account = lots[line.lot_id].account
            if line.state is state and account.kind == kind.code:
                vector = sums.setdefault(account, {})
                vector[line.component] = vector.get(line.component, 0) + line.amount
    return sums


def _with_share(kind: QuotaKind, code: str) -> tuple[Column, Column]:
    component = kind.component(code)
    is_area = component.unit == "dm2"
    group = Words(component.zh, component.en)
    return (
        column(f"of_{code}", "area" if is_area else "kg", also=("ha",) if is_area else (),
               title=Message("report.column.quota_amount"), group=group),
        column(f"share_{code}", "share", title=Message("report.column.share"), group=group),
    )


def _credit_column(kind: QuotaKind, code: str, state: str) -> Column:
    component = kind.component(code)
    is_area = component.unit == "dm2"
    plus, minus = DERIVED.get(state, ("", ""))
    return column(f"{state}_{code}", "area" if is_area else "kg",
                  title=Words(component.zh, component.en), also=("ha",) if is_area else (),
                  group=Message(f"report.column.{state}"),
                  derived=Derived((f"{plus}_{code}",), (f"{minus}_{code}",)) if plus else None)


def _credit_cells(
    kind: QuotaKind, borrowed: Vector, repaid: Vector, limit: Vector
) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for code in (component.code for component in kind.components):
        cells[f"credit_{code}"] = limit.get(code)
        cells[f"borrowed_{code}"] = cells[f"owed_{code}"] = borrowed.get(code, 0)
        cells[f"repaid_{code}"] = repaid.get(code, 0)
    return cells


def _words(kind: QuotaKind) -> Words:
    return Words(kind.zh, kind.en)


__all__ = ["credit_table", "statement_table"]
