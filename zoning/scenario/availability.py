"""What the pools have free for a project when its turn comes.

Each component is drawn by itself and never traded for another. Lots are drawn in the order of the
quota book (`zoning.ledger.picking.pick_order`), so that what is decided is what will be held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from zoning.ledger.model import Lot, LotBalance
from zoning.ledger.picking import pick_order
from zoning.rules.model import contains
from zoning.scenario.findings.quota import Need
from zoning.scenario.model import Project
from zoning.scenario.outcome import LotLine, NeedLine, PoolLine, Status

Amounts = Mapping[tuple[str, str], int]
"""(lot id, component) → amount."""


NO_LAND: Mapping[tuple[str, str], str] = {}
Shared = Mapping[str, Mapping[str, int]]
"""project → other project → the land that their sites have in common, dm²; symmetric."""
NOTHING_SHARED: Shared = {}


@dataclass(frozen=True)
class Shelf:
    """Lots that have something of a component, in order: id, pool, amount; and what pools have."""

    lots: tuple[tuple[str, str, int], ...]
    pools: Mapping[str, int]


@dataclass(frozen=True)
class Stock:
    """What is still free of each lot at a place on a day.

    `lots` are the lots of each quota kind in the order they are drawn; `left` is what is free.
    `farmland_dm2` is the farmland that projects have taken in the year, for the cap of the year;
    `given` is the land given whole: layer and feature → the project that has it.
    `shared` is the land that sites have in common; `placed` the projects, of those that share any,
    that have theirs.
    `totals`, `usable`, `shelves` and `names` remember what follows from them.
    """

    lots: Mapping[str, tuple[Lot, ...]]
    left: Amounts
    place: str
    on: date
    farmland_dm2: int = 0
    given: Mapping[tuple[str, str], str] = field(default_factory=dict)
    shared: Shared = field(default_factory=dict)
    placed: frozenset[str] = frozenset()
    totals: dict[tuple[str, str], int] = field(default_factory=dict, repr=False, compare=False)
    usable: dict[object, list[tuple[str, str]]] = field(
        default_factory=dict, repr=False, compare=False)
    shelves: dict[object, Shelf] = field(default_factory=dict, repr=False, compare=False)
    names: dict[str, Lot] = field(default_factory=dict, repr=False, compare=False)

    @property
    def by_id(self) -> Mapping[str, Lot]:
        """The lots by their id."""
        if not self.names:
            self.names.update({lot.lot_id: lot for group in self.lots.values() for lot in group})
        return self.names

    def total(self, kind: str, component: str) -> int:
        """What all lots of a kind have left of a component."""
        if (kind, component) not in self.totals:
            self.totals[kind, component] = sum(
                max(0, self.left.get((lot.lot_id, component), 0))
                for lot in self.lots.get(kind, ()))
        return self.totals[kind, component]

    def taken_of(self, project_id: str) -> Mapping[str, int]:
        """The land of a site that each project placed before it has."""
        return {other: area_dm2 for other, area_dm2 in self.shared.get(project_id, {}).items()
                if other in self.placed}

    def after(
        self, drawn: Amounts, *, farmland_dm2: int = 0,
        given: Mapping[tuple[str, str], str] = NO_LAND, by: str = "",
    ) -> Stock:
        """The stock with some amounts reserved, farmland taken, and land given to a project."""
        placed = self.placed | {by} if by in self.shared else self.placed
        if not (drawn or farmland_dm2 or given) and placed == self.placed:
            return self
        taken = {key: self.left.get(key, 0) - amount for key, amount in drawn.items()}
        return replace(self, left={**self.left, **taken}, totals={}, shelves={},
                       farmland_dm2=self.farmland_dm2 + farmland_dm2,
                       given={**self.given, **given} if given else self.given, placed=placed)

    def with_more(self, lots: Iterable[LotBalance]) -> Stock:
        """The stock with lots that came in; a lot it knows already gets more."""
        known = {lot.lot_id: lot for group in self.lots.values() for lot in group}
        left = dict(self.left)
        for each in lots:
            known.setdefault(each.lot.lot_id, each.lot)
            for component, free in each.free.items():
                key = each.lot.lot_id, component
                left[key] = left.get(key, 0) + free
        return replace(self, lots=_by_kind(known.values()), left=left, totals={}, shelves={},
                       usable={}, names={})

    def at(self, on: date) -> Stock:
        """The stock on a later day: lots that have expired by then can no longer be drawn.

        A new year has taken no farmland yet.
        """
        alive = {kind: tuple(lot for lot in group if is_alive(lot, on))
                 for kind, group in self.lots.items()}
        farmland_dm2 = self.farmland_dm2 if on.year == self.on.year else 0
        return replace(self, lots=alive, on=on, farmland_dm2=farmland_dm2, totals={}, shelves={},
                       usable={}, names={})


@dataclass(frozen=True)
class Draw:
    """Needs against availability, and what would be reserved."""

    lines: tuple[NeedLine, ...]
    drawn: Amounts


def stock(
    lots: Sequence[LotBalance], *, place: str, on: date, shared: Shared = NOTHING_SHARED
) -> Stock:
    """The lots that have not expired on a day, in the order they are drawn.

    `shared` is the land that sites of the scenario have in common.
    """
    alive = [each.lot for each in lots if is_alive(each.lot, on)]
    left = {(each.lot.lot_id, component): free
            for each in lots for component, free in each.free.items()}
    return Stock(_by_kind(alive), left, place, on, shared=shared)


def draw(project: Project, needs: Sequence[Need], have: Stock) -> Draw:
    """Test every component of every need against the lots the project may use."""
    lines: list[NeedLine] = []
    drawn: dict[tuple[str, str], int] = {}
    for need in needs:
        for component in need.kind.components:
            needed = need.amounts[component.code]
            shelf = _shelf(project, need.kind.code, component.code, have)
            taken, pools = _take(shelf, needed or 0)
            drawn |= {(lot_id, component.code): each for lot_id, each in taken.items()}
            lots = tuple(LotLine(lot_id, each) for lot_id, each in taken.items())
            line = _line(need.kind.code, component.code, component.unit, needed, pools)
            lines.append(replace(line, lots=lots))
    return Draw(tuple(lines), drawn)


def _usable(project: Project, kind: str, have: Stock) -> Sequence[tuple[str, str]]:
    """The lots of a kind that a project may use, each with the name of its pool."""
    key = kind, project.kind, project.pools
    if key not in have.usable:
        have.usable[key] = [(lot.lot_id, _pool_name(lot, have.place))
                            for lot in have.lots.get(kind, ()) if may_use(project, lot, have.place)]
    return have.usable[key]


def may_use(project: Project, lot: Lot, at: str) -> bool:
    """Own pools, or those the project names; a higher place's pool only when named."""
    place, pool = lot.account.place, lot.account.pool
    if lot.uses and project.kind not in lot.uses:
        return False
    if project.pools:
        return pool in project.pools and contains(place, at)
    return place == at


def _shelf(project: Project, kind: str, component: str, have: Stock) -> Shelf:
    """What there is of a component for a project."""
    key = kind, component, project.kind, project.pools
    if key not in have.shelves:
        lots: list[tuple[str, str, int]] = []
        pools: dict[str, int] = {}
        for lot_id, pool in _usable(project, kind, have):
            there = max(0, have.left.get((lot_id, component), 0))
            pools[pool] = pools.get(pool, 0) + there
            if there:
                lots.append((lot_id, pool, there))
        have.shelves[key] = Shelf(tuple(lots), pools)
    return have.shelves[key]


def _take(shelf: Shelf, needed: int) -> tuple[dict[str, int], tuple[PoolLine, ...]]:
    """What is drawn from each lot, and what each pool had and gives."""
    taken: dict[str, int] = {}
    drawn = dict.fromkeys(shelf.pools, 0)
    for lot_id, pool, there in shelf.lots:
        if needed <= 0:
            break
        taken[lot_id] = min(there, needed)
        drawn[pool] += taken[lot_id]
        needed -= taken[lot_id]
    return taken, tuple(PoolLine(pool, shelf.pools[pool], drawn[pool])
                        for pool in sorted(shelf.pools))


def _pool_name(lot: Lot, at: str) -> str:
    account = lot.account
    return account.pool if account.place == at else f"{account.place}:{account.pool}"


def _by_kind(lots: Iterable[Lot]) -> dict[str, tuple[Lot, ...]]:
    grouped: dict[str, list[Lot]] = {}
    for lot in sorted(lots, key=pick_order):
        grouped.setdefault(lot.account.kind, []).append(lot)
    return {kind: tuple(group) for kind, group in grouped.items()}


def is_alive(lot: Lot, on: date) -> bool:
    """Whether a lot can be drawn on a day: up to the one on which it expires, and on that."""
    return lot.expires is None or on <= lot.expires


def _line(
    kind: str, component: str, unit: str, needed: int | None, pools: tuple[PoolLine, ...]
) -> NeedLine:
    available = sum(pool.available for pool in pools)
    if needed is None:
        return NeedLine(kind, component, unit, None, available, 0, Status.UNDECIDED, pools)
    short = max(0, needed - available)
    status = Status.FAIL if short else Status.PASS
    return NeedLine(kind, component, unit, needed, available, short, status, pools)


__all__ = ["NOTHING_SHARED", "Amounts", "Draw", "Shared", "Stock", "draw", "is_alive", "may_use",
           "stock"]
