"""The records of a site search: land, demand, sites, certificate.

Units: area dm² (0.01 m²), length dm (0.1 m), coordinates m, cost an integer money unit of the
caller (the project uses 0.01 yuan). All sums are exact integers.

The problem, over sets x of parcels::

    min  Σ c_i x_i + λ P(x),   P(x) = Σ p_i x_i − 2 Σ_{ij} l_ij x_i x_j
    A_min ≤ Σ a_i x_i ≤ A_max,   Σ q_ik x_i ≤ B_k,   x connected,   x_i = 0 where not open,
    the corners of x in a circle of radius R,   Σ access_i x_i ≥ 1

P is the perimeter: a cut function of the graph of shared borders.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass
class Watch:
    """What a search at work tells, and how it is stopped: set `stopped` from any thread.

    `value` and `bound` are of the site being looked for, None before there are any; `sites` counts
    those that are done.
    """

    stopped: bool = False
    sites: int = 0
    value: int | None = None
    bound: int | None = None


@dataclass(frozen=True, eq=False)
class Borders:
    """Who borders whom, as a symmetric sparse matrix by rows (CSR).

    Parcel i borders ``neighbour[start[i]:start[i + 1]]`` along ``length_dm`` of the same positions.
    `perimeter_dm` is the whole outline of each parcel; what exceeds the sum of its borders is
    outline that no other parcel shares.
    """

    start: Ints
    neighbour: Ints
    length_dm: Ints
    perimeter_dm: Ints

    def of(self, parcel: int) -> dict[int, int]:
        """The neighbours of one parcel and the length of the border with each, dm."""
        part = slice(int(self.start[parcel]), int(self.start[parcel + 1]))
        return dict(zip(self.neighbour[part].tolist(), self.length_dm[part].tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Land:
    """Parcels as numbers.

    `quota` has one column per budget. `x`, `y`, `radius` are the least circle around each parcel
    in metres; `corner` are the corners of its convex hull, those of parcel i being
    ``corner[corner_start[i]:corner_start[i + 1]]``. `open` is False for land never to be taken.
    `access` is True where a parcel meets a road.
    """

    cost: Ints
    area_dm2: Ints
    quota: Ints
    borders: Borders
    x: Floats
    y: Floats
    radius: Floats
    corner_start: Ints
    corner: Floats
    open: Flags
    access: Flags

    def __len__(self) -> int:
        return len(self.cost)


@dataclass(frozen=True)
class Demand:
    """What is asked of a site.

    `per_dm` is λ, the cost of 0.1 m of perimeter. `shape` is the shape factor s: the site lies in
    a circle of radius ``s · sqrt(area_max / π)``. `budgets` limit the columns of `Land.quota`.
    """

    area_min_dm2: int
    area_max_dm2: int
    per_dm: int = 0
    budgets: tuple[int, ...] = ()
    shape: float = 1.8
    needs_access: bool = False

    @property
    def radius_m(self) -> float:
        """The radius of the circle that the site has to lie in, metres."""
        return self.shape * math.sqrt(self.area_max_dm2 / 100 / math.pi)


class Status(StrEnum):
    """How far a search got. Only OPTIMAL says that nothing better exists."""

    OPTIMAL = "optimal"
    WITHIN_GAP = "within_gap"
    FEASIBLE_AT_LIMIT = "feasible_at_limit"
    INFEASIBLE = "infeasible"
    NONE_AT_LIMIT = "none_at_limit"


@dataclass(frozen=True)
class Closed:
    """One line of the certificate: sites whose circle is centred in a cell cost `bound` or more.

    The cell is the square ``(west, south)`` to ``(west + side, south + side)``, metres. `by` says
    how: `empty` (too little land in reach), `knapsack` (multipliers and pushes along borders),
    `cut` (multipliers and a maximum flow), `branch` (branch and bound, `nodes` of them), `open`
    (not closed, the bound still holds). `area_price` and `quota_prices` are the multipliers, in
    cost per unit. Sites within the windows of the cells `through` were passed over: they are
    closed there.
    """

    west: float
    south: float
    side: float
    by: str
    bound: int
    nodes: int = 0
    area_price: float = 0.0
    quota_prices: tuple[float, ...] = ()
    through: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class SearchSite:
    """One site found: parcels by number, its cost and parts, and the proof.

    `bound` is what any site under the same demand costs at least, given the sites before it.
    `gap` is (value − bound) / |value|.
    """

    parcels: tuple[int, ...]
    value: int
    bound: int
    status: Status
    area_dm2: int
    perimeter_dm: int
    used: tuple[int, ...]
    seconds: float
    certificate: tuple[Closed, ...] = ()

    @property
    def gap(self) -> float:
        """How far the value may lie above the least possible, as a part of it."""
        return (self.value - self.bound) / max(1, abs(self.value))


@dataclass(frozen=True)
class Search:
    """The answer: sites in the order found, and why it ended (`status` of the last attempt)."""

    sites: tuple[SearchSite, ...]
    status: Status
    bound: int | None
    overlap: float
    seconds: float
    certificate: tuple[Closed, ...] = ()


def perimeter_dm(borders: Borders, parcels: Sequence[int]) -> int:
    """The outline of a set of parcels, dm: all outlines less twice the borders inside."""
    inside = set(parcels)
    shared = sum(length for parcel in inside
                 for other, length in borders.of(parcel).items() if other in inside)
    return int(borders.perimeter_dm[list(inside)].sum()) - shared


def value_of(land: Land, demand: Demand, parcels: Sequence[int]) -> int:
    """The objective of a set of parcels."""
    chosen = list(set(parcels))
    return int(land.cost[chosen].sum()) + demand.per_dm * perimeter_dm(land.borders, chosen)
