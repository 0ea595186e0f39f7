"""The tables of the quota book, and how records are read from them and written to them.

Dates are ISO text; moments are UTC with microseconds, so that text order is time order. Functions
take a connection and leave transactions to their callers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from zoning.ledger.model import (
    Account,
    Cell,
    Entry,
    Event,
    Flow,
    Hold,
    Lot,
    Posting,
    State,
)
from zoning.ledger.seals import GENESIS, Period

METADATA = sa.MetaData()
AMOUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")



def _opened_by() -> sa.ForeignKey:
    """The entry that opens a lot or hold; None for a stray row of an earlier version's book."""
    return sa.ForeignKey("entry.entry_id", deferrable=True, initially="DEFERRED")


LOT = sa.Table(
    "lot", METADATA,
    sa.Column("lot_id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("place", "kind", "pool")),
    sa.Column("vintage", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("document_date", sa.Text),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("expires", sa.Text),
    sa.Column("unit_cost_yuan", AMOUNT),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("uses", "note")),
    sa.Column("entry_id", sa.Integer, _opened_by()),
)
HOLD = sa.Table(
    "hold", METADATA,
    sa.Column("hold_id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("project_id", "scenario_id", "kind")),
    sa.Column("due", sa.Text),
    sa.Column("entry_id", sa.Integer, _opened_by()),
)
ENTRY = sa.Table(
    "entry", METADATA,
    sa.Column("entry_id", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False)
      for name in ("event", "effective", "recorded", "official_type", "document", "note")),
    sa.Column("reverses", sa.Integer, sa.ForeignKey("entry.entry_id"), unique=True),
    sa.Column("key", sa.Text, unique=True),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("line_count", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)
POSTING = sa.Table(
    "posting", METADATA,
    sa.Column("entry_id", sa.Integer,
              sa.ForeignKey("entry.entry_id", deferrable=True, initially="DEFERRED"),
              primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("lot_id", sa.Text, sa.ForeignKey("lot.lot_id"), nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("component", "state")),
    sa.Column("amount", AMOUNT, nullable=False),
    sa.Column("hold_id", sa.Text, sa.ForeignKey("hold.hold_id")),
)
BALANCE = sa.Table(
    "balance", METADATA,
    sa.Column("lot_id", sa.Text, sa.ForeignKey("lot.lot_id"), primary_key=True),
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("component", "state", "hold_id")),
    sa.Column("amount", AMOUNT, nullable=False),
    sa.Column("entry_id", sa.Integer, sa.ForeignKey("entry.entry_id"), nullable=False),
)

PERIOD = sa.Table(
    "period", METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first_day", sa.Text),
    sa.Column("last_day", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Integer, sa.ForeignKey("entry.entry_id"), nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("recorded", "note", "head", "digest")),
)
TOTAL_KEY = ("grain", "span", "kind", "place", "pool", "component", "state")
TOTAL = sa.Table(
    "total", METADATA,
    *(sa.Column(name, sa.Text, primary_key=True) for name in TOTAL_KEY),
    sa.Column("amount", AMOUNT, nullable=False),
    sa.Column("entry_id", sa.Integer, sa.ForeignKey("entry.entry_id"), nullable=False),
)

_CELL = (POSTING.c.lot_id, POSTING.c.component, POSTING.c.state, POSTING.c.hold_id)


def position(connection: sa.Connection) -> int:
    """The id of the last entry; 0 for an empty book."""
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(ENTRY.c.entry_id), 0))) or 0


def tail(connection: sa.Connection) -> Tail:
    """The end of the book, in one question: every writer asks it under the write lock."""
    last, closed = (_last(table, column).subquery() for table, column in (
        (ENTRY, ENTRY.c.entry_id), (PERIOD, PERIOD.c.number)))
    query = sa.select(last.c.entry_id, last.c.recorded, last.c.digest,
                      *(column.label(f"period_{column.name}") for column in closed.c))
    row = connection.execute(query.select_from(last.outerjoin(closed, sa.true()))).first()
    if row is None:
        return Tail()
    period = None if row.period_number is None else _period(row, "period_")
    recorded = datetime.fromisoformat(row.recorded)
    if period is None:
        return Tail(row.entry_id, recorded, row.digest)
    is_last = period.entry_id == row.entry_id
    return Tail(row.entry_id, max(recorded, period.recorded),
                period.digest if is_last else row.digest, period)


def _last(table: sa.Table, column: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(table).order_by(column.desc()).limit(1)


def head(connection: sa.Connection) -> str:
    """The last link of the chain: of the last entry, or of a period closed after it."""
    last = position(connection)
    of_period = (sa.select(PERIOD.c.digest).where(PERIOD.c.entry_id == last)
                 .order_by(PERIOD.c.number.desc()).limit(1))
    of_entry = sa.select(ENTRY.c.digest).where(ENTRY.c.entry_id == last)
    return connection.scalar(of_period) or connection.scalar(of_entry) or GENESIS


def periods(connection: sa.Connection) -> tuple[Period, ...]:
    """The closed periods, in their order."""
    rows = connection.execute(sa.select(PERIOD).order_by(PERIOD.c.number))
    return tuple(_period(row) for row in rows)


def lots(connection: sa.Connection, **where: str | None) -> tuple[Lot, ...]:
    """The lots whose columns have the given values, by lot id; None asks nothing of a column."""
    query = sa.select(LOT).where(*_equal(LOT, where)).order_by(LOT.c.lot_id)
    return tuple(_lot(row) for row in connection.execute(query).mappings())


def lots_named(connection: sa.Connection, names: Iterable[str]) -> tuple[Lot, ...]:
    """The lots with these ids, by lot id."""
    query = sa.select(*LOT.c)
    rows = _rows_in(connection, query, LOT.c.lot_id, sorted(names))
    return tuple(_lot(row._mapping) for row in rows)


def free_lots(
    connection: sa.Connection, kind: str, *, on: date, start: int, size: int,
    place: str | None = None, pools: Sequence[str] = (),
) -> tuple[Lot, ...]:
    """A page of the lots of a kind with anything free now that are good on a day.

    They come in the order in which lots are drawn on: earliest expiry, older vintage, lot id.
    """
    free = sa.select(BALANCE.c.lot_id).where(
        BALANCE.c.state == sa.literal_column("'free'"), BALANCE.c.amount > sa.literal_column("0"))
    query = (
        sa.select(*LOT.c)
        .where(LOT.c.kind == kind, LOT.c.lot_id.in_(free),
               sa.or_(LOT.c.expires.is_(None), LOT.c.expires >= on.isoformat()),
               *([LOT.c.place == place] if place is not None else []),
               *([LOT.c.pool.in_(pools)] if pools else []))
        .order_by(LOT.c.expires.is_(None), LOT.c.expires, LOT.c.vintage, LOT.c.lot_id)
        .limit(size).offset(start))
    return tuple(_lot(row._mapping) for row in connection.execute(query))


def lots_of_hold(connection: sa.Connection, hold_id: str) -> tuple[Lot, ...]:
    """The lots a hold was filled from, by lot id."""
    chosen = sa.select(POSTING.c.lot_id).where(POSTING.c.hold_id == hold_id)
    query = sa.select(LOT).where(LOT.c.lot_id.in_(chosen)).order_by(LOT.c.lot_id)
    return tuple(_lot(row) for row in connection.execute(query).mappings())


def taken_by(connection: sa.Connection, hold_id: str) -> dict[str, int]:
    """What a hold holds or has used, per component, zeros left out."""
    chosen = sa.select(POSTING.c.lot_id).where(POSTING.c.hold_id == hold_id)
    query = (
        sa.select(BALANCE.c.component, sa.func.sum(BALANCE.c.amount).label("amount"))
        .where(BALANCE.c.lot_id.in_(chosen), BALANCE.c.hold_id == hold_id)
        .group_by(BALANCE.c.component)
    )
    return {row.component: int(row.amount) for row in connection.execute(query) if row.amount}


def holds(connection: sa.Connection, **where: str | None) -> tuple[Hold, ...]:
    """The holds whose columns have the given values, by hold id."""
    query = sa.select(HOLD).where(*_equal(HOLD, where)).order_by(HOLD.c.hold_id)
    return tuple(_hold(row) for row in connection.execute(query).mappings())


def entries(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    """The entries that meet conditions on the entry table, in the order they were recorded."""
    chosen = sa.select(ENTRY).where(*conditions).order_by(ENTRY.c.entry_id)
    rows = connection.execute(chosen).mappings().all()
    lines = (
        sa.select(POSTING).join(ENTRY, ENTRY.c.entry_id == POSTING.c.entry_id)
        .where(*conditions).order_by(POSTING.c.entry_id, POSTING.c.line)
    )
    postings: dict[int, list[Posting]] = {row["entry_id"]: [] for row in rows}
    for line in connection.execute(lines).mappings():
        postings[line["entry_id"]].append(_posting(line))
    return tuple(_entry(row, postings[row["entry_id"]]) for row in rows)


def touching(column: sa.ColumnElement[Any], value: str) -> sa.ColumnElement[bool]:
    """The condition that an entry has a posting with a value in a posting column."""
    return ENTRY.c.entry_id.in_(sa.select(POSTING.c.entry_id).where(column == value))


def requests_of(
    connection: sa.Connection, keys: Iterable[str]
) -> dict[str, tuple[int, str]]:
    """Client's key → the entry posted under it, with the fingerprint of what was asked."""
    columns = sa.select(ENTRY.c.key, ENTRY.c.entry_id, ENTRY.c.request)
    return {row.key: (row.entry_id, row.request)
            for row in _rows_in(connection, columns, ENTRY.c.key, keys)}


def lot_ids(connection: sa.Connection, names: Iterable[str]) -> set[str]:
    """Those of the names that are ids of lots."""
    rows = _rows_in(connection, sa.select(LOT.c.lot_id), LOT.c.lot_id, names)
    return {row.lot_id for row in rows}


def has_hold(connection: sa.Connection, hold_id: str) -> bool:
    """Whether a hold has this id."""
    query = sa.select(HOLD.c.hold_id).where(HOLD.c.hold_id == hold_id)
    return connection.scalar(query) is not None


def _rows_in(
    connection: sa.Connection, query: sa.Select[Any], column: sa.Column[Any], values: Iterable[str]
) -> Iterator[Any]:
    asked = list(values)
    for start in range(0, len(asked), 500):
        yield from connection.execute(query.where(column.in_(asked[start:start + 500])))


def flows(
    connection: sa.Connection, condition: sa.ColumnElement[bool], *, on: date
) -> tuple[Flow, ...]:
    """What each day from `on` brings to cells; all earlier days are taken together as `on`.

    The condition is one on the posting table.
    """
    day = sa.case((ENTRY.c.effective > on.isoformat(), ENTRY.c.effective), else_=on.isoformat())
    query = (
        sa.select(*_CELL, day.label("day"), sa.func.sum(POSTING.c.amount).label("amount"))
        .join(ENTRY).where(condition).group_by(*_CELL, "day")
    )
    return tuple(
        Flow(_cell(row), date.fromisoformat(row.day), int(row.amount))
        for row in connection.execute(query)
    )


def all_balances(connection: sa.Connection) -> dict[tuple[object, ...], int]:
    """The stored balances: lot, component, state, hold or nothing → the amount."""
    return _amounts(connection, BALANCE, ("lot_id", "component", "state", "hold_id"))


def all_totals(connection: sa.Connection) -> dict[tuple[object, ...], int]:
    """The stored totals: grain, span, kind, place, pool, component, state → the amount."""
    return _amounts(connection, TOTAL, TOTAL_KEY)


def _amounts(
    connection: sa.Connection, table: sa.Table, keys: Sequence[str]
) -> dict[tuple[object, ...], int]:
    """All rows of a table of amounts, as the driver gives them: plain tuples, nothing converted."""
    driver: Any = connection.connection
    with closing(driver.cursor()) as cursor:
        cursor.execute(f'SELECT {", ".join((*keys, "amount"))} FROM "{table.name}"')
        return {row[:-1]: row[-1] for row in cursor.fetchall()}


def moment_text(moment: datetime) -> str:
    """A moment as text of fixed width in UTC, so that text order is time order."""
    told = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{told}Z"


def _equal(
    table: sa.Table, where: Mapping[str, str | None]
) -> Sequence[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in where.items() if value is not None]


def _cell(row: Any) -> Cell:
    return Cell(row.lot_id, row.component, State(row.state), row.hold_id or None)


def _lot(row: sa.RowMapping) -> Lot:
    return Lot(
        row["lot_id"], Account(row["place"], row["kind"], row["pool"]), row["vintage"],
        row["document"], _day(row["document_date"]), tuple(json.loads(row["origin"])),
        _day(row["expires"]), row["unit_cost_yuan"], tuple(json.loads(row["uses"])), row["note"],
    )


def _hold(row: sa.RowMapping) -> Hold:
    return Hold(row["hold_id"], row["project_id"], row["scenario_id"], _day(row["due"]),
                row["kind"])


def _posting(row: sa.RowMapping) -> Posting:
    return Posting(row["lot_id"], row["component"], State(row["state"]), row["amount"],
                   row["hold_id"])


def _entry(row: sa.RowMapping, postings: Iterable[Posting]) -> Entry:
    return Entry(
        row["entry_id"], Event(row["event"]), date.fromisoformat(row["effective"]),
        datetime.fromisoformat(row["recorded"]), tuple(postings), row["document"], row["note"],
        row["reverses"], row["official_type"], row["key"],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def day_after(day: date) -> date:
    """The next day."""
    return day + timedelta(days=1)


def _period(row: Any, prefix: str = "") -> Period:
    number, first, last, entry_id, recorded, note, head, digest = (
        getattr(row, prefix + column.name) for column in PERIOD.c)
    return Period(number, _day(first), date.fromisoformat(last), entry_id,
                  datetime.fromisoformat(recorded), note, head, digest)


class Tail(NamedTuple):
    """The last entry's id, the moment of the last record, the last link, the last closed period."""

    position: int = 0
    recorded: datetime | None = None
    head: str = GENESIS
    period: Period | None = None
