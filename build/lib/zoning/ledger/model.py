"""The records of the quota book: accounts, lots, holds, entries and their postings.

An amount is an integer in the unit of its component: dm² (0.01 m²) or kg. Every entry's postings
sum to zero in each component, and an entry is never changed: a correction is a reversing entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where an amount of a lot is.

    `SOURCE` is the world outside the book: an inflow takes from it, so it runs negative.
    """

    SOURCE = "source"
    FREE = "free"
    HELD = "held"
    USED = "used"
    LAPSED = "lapsed"


class Event(StrEnum):
    """What an entry does to the book."""

    INFLOW = "inflow"
    HOLD = "hold"
    SETTLE = "settle"
    VOID = "void"
    EXPIRE = "expire"
    REVERSE = "reverse"


Vector = Mapping[str, int]
"""Component code → amount. A missing component is zero."""

MAX_AMOUNT = 10**15
"""No single amount is larger, so that no sum of a book overflows a 64-bit integer."""


@dataclass(frozen=True, order=True)
class Account:
    """Whose quota of which kind: the place's path, the quota kind, the pool it lies in."""

    place: str
    kind: str
    pool: str

    def __str__(self) -> str:
        return f"{self.place}:{self.kind}:{self.pool}"


@dataclass(frozen=True)
class Lot:
    """One inflow of quota: what it is, from which document, made from what, until when.

    `origin` names the polygons that made it (role and feature id, as ``demolition/CJ-003``).
    `uses` limits the project kinds it may serve; empty means any.
    """

    lot_id: str
    account: Account
    vintage: int
    document: str
    document_date: date | None = None
    origin: tuple[str, ...] = ()
    expires: date | None = None
    unit_cost_yuan: int | None = None
    uses: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Hold:
    """A reservation of one quota kind for a project, until it is settled, voided or falls due."""

    hold_id: str
    project_id: str
    scenario_id: str
    due: date | None
    kind: str = ""


@dataclass(frozen=True)
class Posting:
    """One line of an entry: an amount of one component of one lot enters (+) or leaves (-) a state.

    `hold_id` is set exactly where `state` is HELD or USED.
    """

    lot_id: str
    component: str
    state: State
    amount: int
    hold_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """One event in the book, with its two dates: from when it counts, and when it was recorded.

    `official_type` is the event's name on official forms (``挂钩指标``); `key` the client's own
    name for the command, under which it is posted once only.
    """

    entry_id: int
    event: Event
    effective: date
    recorded: datetime
    postings: tuple[Posting, ...]
    document: str = ""
    note: str = ""
    reverses: int | None = None
    official_type: str = ""
    key: str | None = None


class Cell(NamedTuple):
    """Where an amount can lie: a component of a lot in a state, for a hold where held or used."""

    lot_id: str
    component: str
    state: State
    hold_id: str | None = None


class Flow(NamedTuple):
    """What one day brings to a cell (+) or takes from it (-)."""

    cell: Cell
    effective: date
    amount: int


@dataclass(frozen=True)
class Draw:
    """An amount of one component taken from one lot."""

    lot_id: str
    component: str
    amount: int


@dataclass(frozen=True)
class Voucher:
    """What a person says about an entry besides the amounts (记账凭证).

    `effective` None means today by the book's clock. A command repeated under the same `key` is
    posted once: the second time the book answers with the first entry.
    """

    effective: date | None = None
    official_type: str = ""
    document: str = ""
    note: str = ""
    key: str | None = None


@dataclass(frozen=True)
class Inflow:
    """A lot about to enter the book, with its amounts; the book gives the lot its id."""

    lot: Lot
    amounts: Vector
    voucher: Voucher = field(default_factory=Voucher)


@dataclass(frozen=True)
class Reservation:
    """What a project asks to have held, of one quota kind.

    `place` and `pools` narrow the accounts it may draw on, None and empty meaning any. `lots` names
    lots to draw on, in that order, instead of the book's own order. `project_kind` is compared with
    the uses a lot is limited to; None is served by lots without a limit only.
    """

    kind: str
    amounts: Vector
    project_id: str
    scenario_id: str
    due: date | None = None
    place: str | None = None
    pools: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    project_kind: str | None = None


@dataclass(frozen=True)
class LotBalance:
    """What is left of one lot, per state and component."""

    lot: Lot
    free: Vector
    held: Vector
    used: Vector
    lapsed: Vector = field(default_factory=dict)


@dataclass(frozen=True)
class PoolBalance:
    """One component of one pool: what came in, and where it is now."""

    account: Account
    component: str
    inflow: int
    free: int
    held: int
    used: int
    lapsed: int


@dataclass(frozen=True)
class HoldBalance:
    """What a hold still holds, what of it was used, and the lots it lies in."""

    hold: Hold
    held: Vector
    used: Vector
    lots: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether anything is still held."""
        return any(self.held.values())
