"""A search laid out: the county scaled for the kernels, sorted into bins, covered by windows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from threading import local
from typing import Any

import numpy as np

from zoning.siting.cover import Bins, Ground, bins, cells
from zoning.siting.dual import Ask
from zoning.siting.model import Borders, Demand, Flags, Ints, Land, SearchSite, Watch

CELL = 0.8
"""The side of a cell in radii of the site's circle."""
FIRST_NODES = 3000
TOP = 1 << 60
"""Above every scaled cost; stands for the value of no site."""
UNKNOWN = -(1 << 62)


@dataclass
class Piece:
    """One cell and what is known of it; costs unscaled, prices scaled."""

    cell: tuple[float, float, float]
    bound: int
    prices: Ints
    by: str = "knapsack"
    nodes: int = 0
    node_limit: int = FIRST_NODES
    through: tuple[tuple[float, float, float], ...] = ()


@dataclass
class Table:
    """One search at work: the county as the kernels read it, the best site, the windows."""

    land: Land
    demand: Demand
    ground: Ground
    grid: Bins
    ask: Ask
    pieces: list[Piece]
    deadline: float
    best: tuple[int, ...] = ()
    value: int = 0
    barred: Flags = field(default_factory=lambda: np.zeros((0, 0), np.bool_))
    scratch: local = field(default_factory=local)
    watch: Watch = field(default_factory=Watch)

    def place(self) -> Ints:
        """Scratch of the thread: −1 for every parcel."""
        if not hasattr(self.scratch, "place"):
            self.scratch.place = np.full(len(self.land), -1, np.int64)
            self.scratch.item = np.empty(len(self.land), np.int64)
        found: Ints = self.scratch.place
        return found

    @property
    def top(self) -> int:
        """The value of no site: above that of every site."""
        return TOP // self.ask.scale

    def bound(self) -> int:
        """What any site costs at least, as far as is known."""
        return min((piece.bound for piece in self.pieces), default=self.value)

    @property
    def late(self) -> bool:
        """Whether the time is up, or somebody stopped the search."""
        return self.watch.stopped or time.perf_counter() >= self.deadline


def prepare(
    land: Land, demand: Demand, sites: Sequence[SearchSite], overlap: float,
    known: Iterable[Piece] | None, *, deadline: float,
) -> Table:
    """Scale, bin and cover the county; land of sites before is closed, or budgeted."""
    land = _own(land)
    usable = land.open & (land.radius <= demand.radius_m)
    quota = land.quota
    for site in sites:
        mine = np.zeros(len(land), np.int64)
        mine[list(site.parcels)] = land.area_dm2[list(site.parcels)]
        if overlap:
            quota = np.column_stack((quota, mine))
        else:
            usable = usable & (mine == 0)
    scale = _scale(land, demand)
    ask = Ask(demand.area_min_dm2, demand.area_max_dm2,
              np.array(demand.budgets, np.int64), scale, demand.needs_access,
              _price_cap(land, demand, scale), demand.radius_m + 1e-3)
    ground, grid = _ground(land, demand, quota, scale), bins(land, usable, demand.radius_m / 2)
    pieces = _inherited(known, len(demand.budgets)) if known is not None else _fresh(
        grid, demand, _first_price(land, usable, scale),
        float(land.radius[usable].max(initial=0.0)))
    return Table(land, demand, ground, grid, ask, pieces, deadline, value=TOP // scale)


def _own(land: Land) -> Land:
    """The same land in arrays of our own: compiled code is bound to how arrays lie in memory.

    A column of a table may be read-only; the kernels would be compiled again for it.
    """
    def own(record: Land | Borders) -> dict[str, Any]:
        return {each.name: np.array(value, order="C") for each in fields(record)
                if isinstance(value := getattr(record, each.name), np.ndarray)}

    return replace(land, **own(land), borders=replace(land.borders, **own(land.borders)))


def _fresh(grid: Bins, demand: Demand, price: int, margin: float) -> list[Piece]:
    prices = np.zeros(1 + len(demand.budgets), np.int64)
    prices[0] = price
    side = demand.radius_m * CELL
    return [Piece((float(w), float(s), float(d)), UNKNOWN, prices.copy())
            for w, s, d in cells(grid, side, margin)] if len(grid.item) else []


def _inherited(known: Iterable[Piece], columns: int) -> list[Piece]:
    """The windows of the search before: less land only lifts their bounds."""
    return [replace(piece, prices=np.concatenate(
        (piece.prices, np.zeros(1 + columns - len(piece.prices), np.int64))),
        nodes=0, node_limit=FIRST_NODES) for piece in known]


def _scale(land: Land, demand: Demand) -> int:
    """The largest power of two up to 2¹⁶ that keeps a sum over 2¹³ parcels within int64."""
    most = int(np.abs(land.cost).max(initial=1)) + demand.per_dm * int(
        land.borders.perimeter_dm.max(initial=1))
    room = 2**59 // max(1, most * 2**13)
    return 1 << max(0, min(16, room.bit_length() - 1))


def _price_cap(land: Land, demand: Demand, scale: int) -> int:
    """Prices beyond this buy nothing more; and keep sums within int64."""
    dearest = float(np.max(np.abs(land.cost) / np.maximum(1, land.area_dm2), initial=1.0))
    most = max(int(land.area_dm2.max(initial=1)), int(land.quota.max(initial=1)),
               max((demand.area_max_dm2, *demand.budgets)) >> 13)
    return int(min(64 * scale * (dearest + 1), 2**59 // (2**13 * most)))


def _first_price(land: Land, usable: Flags, scale: int) -> int:
    rates = land.cost[usable] / np.maximum(1, land.area_dm2[usable])
    return int(scale * float(np.quantile(rates, 0.15))) if len(rates) else 0


def _ground(land: Land, demand: Demand, quota: Ints, scale: int) -> Ground:
    borders = land.borders
    inner = np.add.reduceat(np.append(borders.length_dm, 0), borders.start[:-1])
    inner[np.diff(borders.start) == 0] = 0
    alone = borders.perimeter_dm - inner
    per = scale * demand.per_dm
    near = np.sqrt(np.maximum(0.0, demand.radius_m**2 - land.radius**2))
    return Ground(scale * land.cost + per * alone, land.area_dm2, np.ascontiguousarray(quota),
                  borders.start, borders.neighbour, per * borders.length_dm, land.x, land.y, near,
                  land.access)
