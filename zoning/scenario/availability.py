"""What the pools have free for a project when its turn comes.

Each component is drawn by itself and never traded for another. Lots are drawn in the order of the
quota book (`zoning.ledger.picking.pick_order`), so that what is decided is what will be held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from zoning.ledger.model import Lot, LotBalance
from zoning.ledger.picking import pick_order
from zoning.rules.model import contains
from zoning.scenario.findings.quota import Need
from zoning.scenario.model import Project
from zoning.scenario.outcome import LotLine, NeedLine, PoolLine, Status

Amounts = Mapping[tuple[str, str], int]
"""(lot id, component) → amount."""


@dataclass(frozen=True)
class Stock:
    """What is still free of each lot at a place on a day."""

    lots: tuple[LotBalance, ...]
    place: str
    on: date

    def after(self, drawn: Amounts) -> Stock:
        """The stock with some amounts reserved."""
        lots = tuple(
            replace(each, free={component: free - drawn.get((each.lot.lot_id, component), 0)
                                for component, free in each.free.items()})
            for each in self.lots
        )
        return replace(self, lots=lots)


@dataclass(frozen=True)
class Draw:
    """Needs against availability, and what would be reserved."""

    lines: tuple[NeedLine, ...]
    drawn: Amounts


def stock(lots: Sequence[LotBalance], *, place: str, on: date) -> Stock:
    """The lots that have not expired on a day, in the order they are drawn."""
    alive = [each for each in lots if each.lot.expires is None or on <= each.lot.expires]
    return Stock(tuple(sorted(alive, key=lambda each: pick_order(each.lot))), place, on)


def draw(project: Project, needs: Sequence[Need], have: Stock) -> Draw:
    """Test every component of every need against the lots the project may use."""
    lines: list[NeedLine] = []
    drawn: dict[tuple[str, str], int] = {}
    for need in needs:
        usable = [each for each in have.lots
                  if each.lot.account.kind == need.kind.code and _may_use(project, each.lot, have)]
        for component in need.kind.components:
            needed = need.amounts[component.code]
            taken = _take(usable, component.code, needed or 0)
            drawn |= {(lot_id, component.code): each for lot_id, each in taken.items() if each}
            pools = _pools(usable, component.code, taken, have.place)
            lots = tuple(LotLine(lot_id, each) for lot_id, each in taken.items() if each)
            line = _line(need.kind.code, component.code, component.unit, needed, pools)
            lines.append(replace(line, lots=lots))
    return Draw(tuple(lines), drawn)


def _may_use(project: Project, lot: Lot, have: Stock) -> bool:
    """Own pools, or those the project names; a higher place's pool only when named."""
    place, pool = lot.account.place, lot.account.pool
    if lot.uses and project.kind not in lot.uses:
        return False
    if project.pools:
        return pool in project.pools and contains(place, have.place)
    return place == have.place


def _take(usable: Sequence[LotBalance], component: str, needed: int) -> dict[str, int]:
    taken: dict[str, int] = {}
    for each in usable:
        taken[each.lot.lot_id] = min(_free(each, component), needed)
        needed -= taken[each.lot.lot_id]
    return taken


def _pools(
    usable: Sequence[LotBalance], component: str, taken: Mapping[str, int], place: str
) -> tuple[PoolLine, ...]:
    free: dict[str, int] = {}
    drawn: dict[str, int] = {}
    for each in usable:
        account = each.lot.account
        name = account.pool if account.place == place else f"{account.place}:{account.pool}"
        free[name] = free.get(name, 0) + _free(each, component)
        drawn[name] = drawn.get(name, 0) + taken[each.lot.lot_id]
    return tuple(PoolLine(name, free[name], drawn[name]) for name in sorted(free))


def _line(
    kind: str, component: str, unit: str, needed: int | None, pools: tuple[PoolLine, ...]
) -> NeedLine:
    available = sum(pool.available for pool in pools)
    if needed is None:
        return NeedLine(kind, component, unit, None, available, 0, Status.UNDECIDED, pools)
    short = max(0, needed - available)
    status = Status.FAIL if short else Status.PASS
    return NeedLine(kind, component, unit, needed, available, short, status, pools)


def _free(each: LotBalance, component: str) -> int:
    return max(0, each.free.get(component, 0))


__all__ = ["Draw", "Stock", "draw", "stock"]
