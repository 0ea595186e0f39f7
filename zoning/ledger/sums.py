"""The sums of a book per cell, lot and pool, added up by the database; nothing is folded here.

What was known at a moment is the first part of the journal, so its end is found by halving, and a
late moment is today's sums less what came after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from zoning.ledger.model import Account, Cell, Flow, State
from zoning.ledger.store import BALANCE, ENTRY, HOLD, LOT, POSTING, TOTAL, moment_text, position

PoolKey = tuple[Account, str, State]
"""Account, component, state."""

MOST_NAMES = 500
"""A statement names no more lots at once."""


def known_entries(connection: sa.Connection, known_at: datetime | None) -> int:
    """How many entries had been recorded at a moment; None means all there are."""
    last = position(connection)
    if known_at is None:
        return last

    def recorded(entry_id: int) -> str:
        query = sa.select(ENTRY.c.recorded).where(ENTRY.c.entry_id == entry_id)
        return connection.scalar(query) or ""

    return bisect_right(range(1, last + 1), moment_text(known_at), key=recorded)


def cell_sums(
    connection: sa.Connection, *, as_of: date | None = None, known_at: datetime | None = None,
    of_holds: bool = False,
) -> dict[Cell, int]:
    """The sums per cell, as `zoning.ledger.balances.tally` adds them; `of_holds`: theirs only.

    Without a day and a moment they are the stored balances.
    """
    if as_of is None and known_at is None:
        stored = sa.select(BALANCE)
        stored = stored.where(BALANCE.c.hold_id != "") if of_holds else stored
        return {_cell(row, row.hold_id or None): row.amount for row in connection.execute(stored)}
    known = known_entries(connection, known_at)
    keys = (POSTING.c.lot_id, POSTING.c.component, POSTING.c.state, POSTING.c.hold_id)
    query = _counted(sa.select(*keys, _amount(POSTING)), as_of, POSTING.c.entry_id <= known)
    if of_holds:
        query = query.where(POSTING.c.hold_id.is_not(None))
    return {_cell(row, row.hold_id): int(row.amount)
            for row in connection.execute(query.group_by(*keys))}


def lot_sums(
    connection: sa.Connection, *, as_of: date | None = None, known_at: datetime | None = None
) -> dict[Cell, int]:
    """The sums per lot, component and state, whichever hold they are in."""
    table = BALANCE if as_of is None and known_at is None else POSTING
    keys = (table.c.lot_id, table.c.component, table.c.state)
    query = sa.select(*keys, _amount(table))
    if table is POSTING:
        known = known_entries(connection, known_at)
        query = _counted(query, as_of, POSTING.c.entry_id <= known)
    return {_cell(row, None): int(row.amount)
            for row in connection.execute(query.group_by(*keys))}


def pool_sums(
    connection: sa.Connection, *, as_of: date | None = None, known_at: datetime | None = None
) -> dict[PoolKey, int]:
    """The sums per account, component and state but source, on a day, as known at a moment."""
    last, known = position(connection), known_entries(connection, known_at)
    if known == last:
        return stored_pool_sums(connection, as_of=as_of)
    if known < last / 2:
        return _posted(connection, as_of, POSTING.c.entry_id <= known)
    sums = stored_pool_sums(connection, as_of=as_of)
    for key, amount in _posted(connection, as_of, POSTING.c.entry_id > known).items():
        sums[key] -= amount
    for account, component in list(_emptied(sums)):
        met = _posted(connection, as_of, POSTING.c.entry_id <= known,
                      POSTING.c.component == component, *_of(account))
        if not met:
            sums = {key: amount for key, amount in sums.items() if key[:2] != (account, component)}
    return sums


def stored_pool_sums(
    connection: sa.Connection, *, as_of: date | None = None
) -> dict[PoolKey, int]:
    """The sums per account, component and state but source on a day, from the stored totals.

    Whole months before the day's, and the days of its month: no posting is read.
    """
    cell = (TOTAL.c.kind, TOTAL.c.place, TOTAL.c.pool, TOTAL.c.component, TOTAL.c.state)
    months = TOTAL.c.grain == "month"
    chosen: sa.Select[Any] | sa.CompoundSelect[Any] = sa.select(*cell, TOTAL.c.amount).where(months)
    if as_of is not None:
        day = as_of.isoformat()
        days = sa.and_(TOTAL.c.grain == "day", TOTAL.c.span > day[:7], TOTAL.c.span <= day)
        chosen = sa.union_all(
            sa.select(*cell, TOTAL.c.amount).where(months, TOTAL.c.span < day[:7]),
            sa.select(*cell, TOTAL.c.amount).where(days))
    part = chosen.subquery()
    keys = [part.c[column.name] for column in cell]
    return _by_pool(connection, sa.select(*keys, _amount(part)).group_by(*keys))


def free_flows(
    connection: sa.Connection, on: date, *, lots: Sequence[str] | None = None
) -> tuple[Flow, ...]:
    """What is free of each lot on a day, and what each later day brings or takes.

    Lots of which nothing is free at the end are left out: nothing can be taken from them. It is
    reckoned back from what is free now, so only entries of later days are read. `lots` names those
    that are asked about; None means all.
    """
    if lots is not None and len(lots) > MOST_NAMES:
        return tuple(flow for start in range(0, len(lots), MOST_NAMES)
                     for flow in free_flows(connection, on, lots=lots[start:start + MOST_NAMES]))
    free = {_cell(row, None): int(row.amount) for row in connection.execute(_free(lots))}
    keys = (POSTING.c.lot_id, POSTING.c.component, POSTING.c.state, ENTRY.c.effective)
    query = (
        sa.select(*keys, _amount(POSTING)).join(ENTRY, ENTRY.c.entry_id == POSTING.c.entry_id)
        .where(ENTRY.c.effective > on.isoformat(), POSTING.c.state == "free",
               *([] if lots is None else [POSTING.c.lot_id.in_(lots)])).group_by(*keys))
    later = [flow for row in connection.execute(query)
             if (flow := Flow(_cell(row, None), date.fromisoformat(row.effective),
                              int(row.amount))).cell in free]
    for cell, _, amount in later:
        free[cell] -= amount
    return (*(Flow(cell, on, amount) for cell, amount in free.items()), *later)


def taken_for(connection: sa.Connection, scenario_id: str) -> dict[tuple[str, str], int]:
    """What the holds of a scenario hold or have used: lot and component → the amount."""
    theirs = sa.select(HOLD.c.hold_id).where(HOLD.c.scenario_id == scenario_id)
    keys = (POSTING.c.lot_id, POSTING.c.component)
    query = sa.select(*keys, _amount(POSTING)).where(POSTING.c.hold_id.in_(theirs)).group_by(*keys)
    return {(row.lot_id, row.component): int(row.amount) for row in connection.execute(query)}


def _free(lots: Sequence[str] | None) -> sa.Select[Any]:
    """The cells with anything free now, by the index `balance_free`."""
    query = sa.select(BALANCE.c.lot_id, BALANCE.c.component, BALANCE.c.state, BALANCE.c.amount)
    query = query.where(BALANCE.c.state == sa.literal_column("'free'"),
                        BALANCE.c.amount > sa.literal_column("0"))
    return query if lots is None else query.where(BALANCE.c.lot_id.in_(lots))


def _posted(
    connection: sa.Connection, as_of: date | None, *conditions: sa.ColumnElement[bool]
) -> dict[PoolKey, int]:
    keys = (LOT.c.kind, LOT.c.place, LOT.c.pool, POSTING.c.component, POSTING.c.state)
    query = sa.select(*keys, _amount(POSTING)).join(LOT, LOT.c.lot_id == POSTING.c.lot_id)
    chosen: sa.Select[Any] = query.where(POSTING.c.state != "source")
    chosen = _counted(chosen, as_of, *conditions)
    return _by_pool(connection, chosen.group_by(*keys))


def _counted(
    query: sa.Select[Any], as_of: date | None, *conditions: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    if as_of is not None:
        query = query.join(ENTRY, ENTRY.c.entry_id == POSTING.c.entry_id)
        query = query.where(ENTRY.c.effective <= as_of.isoformat())
    return query.where(*conditions)


def _by_pool(connection: sa.Connection, query: sa.Select[Any]) -> dict[PoolKey, int]:
    return {
        (Account(row.place, row.kind, row.pool), row.component, State(row.state)): int(row.amount)
        for row in connection.execute(query)
    }


def _emptied(sums: dict[PoolKey, int]) -> Iterator[tuple[Account, str]]:
    """The components of accounts of which nothing is left in any state."""
    pairs = dict.fromkeys(key[:2] for key in sums)
    left = {key[:2] for key, amount in sums.items() if amount}
    return (pair for pair in pairs if pair not in left)


def _of(account: Account) -> tuple[sa.ColumnElement[bool], ...]:
    return (LOT.c.place == account.place, LOT.c.kind == account.kind, LOT.c.pool == account.pool)


def _amount(table: sa.FromClause) -> sa.Label[Any]:
    return sa.func.sum(table.c.amount).label("amount")


def _cell(row: Any, hold_id: str | None) -> Cell:
    return Cell(row.lot_id, row.component, State(row.state), hold_id)


__all__ = ["cell_sums", "free_flows", "known_entries", "lot_sums", "pool_sums", "stored_pool_sums",
           "taken_for"]
