"""The questions one can ask of a quota book. Each sees the book at one moment."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from zoning.ledger import store, sums
from zoning.ledger.backup import copy_file
from zoning.ledger.balances import (
    hold_balances,
    lot_balances,
    lowest_from,
    pools_of,
    spendable,
)
from zoning.ledger.commands import aware
from zoning.ledger.database import reading
from zoning.ledger.export import write_export
from zoning.ledger.model import Entry, HoldBalance, LotBalance, PoolBalance
from zoning.ledger.seals import Period
from zoning.ledger.verify import Known, Verification, verify_book


class Questions:
    """What can be asked of the book behind an engine; nothing here writes to it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def lots(
        self, *, as_of: date | None = None, known_at: datetime | None = None
    ) -> tuple[LotBalance, ...]:
        """What is left of each lot, by lot id, on a day, as far as was known at a moment.

        None means: all that is in the book, whatever day it counts from.
        """
        with reading(self._engine) as connection:
            found = sums.lot_sums(connection, as_of=as_of, known_at=_moment(known_at))
            return lot_balances(store.lots(connection), found)

    def pools(
        self, *, as_of: date | None = None, known_at: datetime | None = None
    ) -> tuple[PoolBalance, ...]:
        """What came into each component of each pool and where it is, by account and component."""
        with reading(self._engine) as connection:
            return pools_of(sums.pool_sums(connection, as_of=as_of, known_at=_moment(known_at)))

    def holds(
        self, *, as_of: date | None = None, known_at: datetime | None = None,
        open_only: bool = False,
    ) -> tuple[HoldBalance, ...]:
        """What each hold still holds and has used, by hold id."""
        with reading(self._engine) as connection:
            taken = sums.cell_sums(connection, as_of=as_of, known_at=_moment(known_at),
                                   of_holds=True)
            found = hold_balances(store.holds(connection), taken)
        return tuple(hold for hold in found if hold.is_open or not open_only)

    def spendable(self, on: date) -> tuple[LotBalance, ...]:
        """The lots of a day, with `free` lowered to what can still be held on that day.

        It is less than what was free on the day where later days have taken from it since. Lots
        that have expired are still listed: `zoning.ledger.balances.available` leaves them out.
        """
        with reading(self._engine) as connection:
            lots = lot_balances(store.lots(connection), sums.lot_sums(connection, as_of=on))
            flowing = sums.free_flows(connection, on)
        return spendable(lots, lowest_from(flowing, on))

    def drawable(self, on: date, *, scenario_id: str = "") -> tuple[LotBalance, ...]:
        """The lots of which something can be drawn on a day, with that as `free`, by lot id.

        What a scenario holds or has used itself counts as free for it. Only lots that have
        something left are read, so a long history costs nothing; expired lots are listed as well.
        """
        with reading(self._engine) as connection:
            lowest = lowest_from(sums.free_flows(connection, on), on)
            found = Counter({(cell.lot_id, cell.component): amount
                             for cell, amount in lowest.items()})
            found.update(sums.taken_for(connection, scenario_id) if scenario_id else {})
            free: dict[str, dict[str, int]] = {}
            for (lot_id, component), amount in sorted(found.items()):
                if amount > 0:
                    free.setdefault(lot_id, {})[component] = amount
            return tuple(LotBalance(lot, free[lot.lot_id], {}, {})
                         for lot in store.lots_named(connection, free))

    def journal(
        self, *, since: int | None = None, lot_id: str | None = None, hold_id: str | None = None
    ) -> tuple[Entry, ...]:
        """The entries in the order they were recorded: after entry `since`, of a lot, of a hold."""
        conditions = []
        if since is not None:
            conditions.append(store.ENTRY.c.entry_id > since)
        if lot_id is not None:
            conditions.append(store.touching(store.POSTING.c.lot_id, lot_id))
        if hold_id is not None:
            conditions.append(store.touching(store.POSTING.c.hold_id, hold_id))
        with reading(self._engine) as connection:
            return store.entries(connection, *conditions)

    def position(self) -> int:
        """The number of the last entry; 0 for an empty book."""
        with reading(self._engine) as connection:
            return store.position(connection)

    def periods(self) -> tuple[Period, ...]:
        """The closed periods, in their order."""
        with reading(self._engine) as connection:
            return store.periods(connection)

    def head(self) -> tuple[int, str]:
        """The number of the last entry and the last link of the chain, to be noted down."""
        with reading(self._engine) as connection:
            return store.position(connection), store.head(connection)

    def verify(self, *, known: Known | None = None) -> Verification:
        """Recompute every link and rule over the whole book; name the first entry that is unfit.

        `known` is a position and link noted down earlier, which must be in the chain.
        """
        with reading(self._engine) as connection:
            return verify_book(connection, known=known)

    def export(self, path: Path) -> Verification:
        """Write the journal with its chain to a file of text, from which it can be restored.

        The file is complete or not there. Others may write to the book meanwhile.
        """
        with reading(self._engine) as connection:
            return write_export(connection, path)

    def backup(self, path: Path) -> None:
        """Copy the book's file while others may write to it.

        Raises LedgerError where the file is there already, and for a book on a server: export it.
        """
        copy_file(self._engine, path)


def _moment(moment: datetime | None) -> datetime | None:
    return None if moment is None else aware(moment)
