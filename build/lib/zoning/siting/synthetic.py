"""Counties of Voronoi parcels with known properties, for tests and benchmarks.

Costs, land kinds and forbidden land are smooth random fields, so that neighbours are alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import Voronoi

from zoning.siting.connect import least_circles
from zoning.siting.model import Borders, Demand, Flags, Floats, Ints, Land

MU_DM2 = 200_000 / 3
PARCEL_M2 = 8 * MU_DM2 / 100
"""A mean parcel of 8 mu."""


@dataclass(frozen=True, eq=False)
class County:
    """Land with the outlines it was made of; `rings` holds the corners of every parcel in order."""

    land: Land
    rings: list[Floats]


def county(n: int, seed: int = 1, *, forbidden: float = 0.2, rings: bool = False) -> County:
    """About a square of n parcels; two budgets: farmland, and the paddy within it, in dm²."""
    rng = np.random.default_rng((n, seed))
    points, side = _points(rng, n)
    diagram = Voronoi(points)
    land = _land(rng, diagram, n, side, forbidden)
    return County(land, _rings(diagram, n) if rings else [])


def _points(rng: np.random.Generator, n: int) -> tuple[Floats, float]:
    """Random points kept apart, and a belt of ghosts around them whose cells are dropped."""
    across = int(np.ceil(np.sqrt(n)))
    step = float(np.sqrt(PARCEL_M2))
    grid = np.stack(np.meshgrid(np.arange(-2, across + 2), np.arange(-2, across + 2)), -1)
    flat = grid.reshape(-1, 2)
    inner = ((flat >= 0) & (flat < across)).all(axis=1)
    jitter = rng.uniform(-0.42, 0.42, flat.shape)
    where = (flat + 0.5 + jitter) * step
    order = np.concatenate((np.flatnonzero(inner)[:n], np.flatnonzero(inner)[n:],
                            np.flatnonzero(~inner)))
    return np.round(where[order], 3), across * step


def _rings(diagram: Voronoi, n: int) -> list[Floats]:
    regions = [diagram.regions[region] for region in diagram.point_region[:n]]
    found = []
    for number, region in enumerate(regions):
        corners = diagram.vertices[region]
        away = corners - diagram.points[number]
        found.append(corners[np.argsort(np.arctan2(away[:, 1], away[:, 0]))])
    return found


def _land(
    rng: np.random.Generator, diagram: Voronoi, n: int, side: float, forbidden: float
) -> Land:
    pairs = diagram.ridge_points
    ends = np.array(diagram.ridge_vertices)
    own = (pairs < n).any(axis=1) & (ends >= 0).all(axis=1)
    pairs, ends = pairs[own], ends[own]
    length = np.hypot(*(diagram.vertices[ends[:, 0]] - diagram.vertices[ends[:, 1]]).T)
    apart = np.hypot(*(diagram.points[pairs[:, 0]] - diagram.points[pairs[:, 1]]).T)
    area = np.zeros(len(diagram.points))
    for one in (0, 1):
        np.add.at(area, pairs[:, one], length * apart / 4)
    borders = borders_of(pairs, np.rint(length * 10).astype(np.int64), n)
    corner_start, corner = _corners(diagram.vertices, pairs, ends, n)
    circle = least_circles(corner_start, corner)
    area_dm2 = np.rint(area[:n] * 100).astype(np.int64)
    plain = Land(area_dm2, area_dm2, np.zeros((n, 0), np.int64), borders, circle[:, 0].copy(),
                 circle[:, 1].copy(), circle[:, 2].copy(), corner_start, corner,
                 np.ones(n, np.bool_), np.ones(n, np.bool_))
    return _valued(rng, plain, side, forbidden)


def borders_of(pairs: Ints, length_dm: Ints, n: int) -> Borders:
    """Borders from pairs of parcels; one of a pair may be n or more, which is nobody."""
    perimeter = np.zeros(n, np.int64)
    for one in (0, 1):
        inner = pairs[:, one] < n
        np.add.at(perimeter, pairs[inner, one], length_dm[inner])
    both = (pairs < n).all(axis=1) & (length_dm > 0)
    a = np.concatenate((pairs[both, 0], pairs[both, 1])).astype(np.int64)
    b = np.concatenate((pairs[both, 1], pairs[both, 0])).astype(np.int64)
    order = np.lexsort((b, a))
    start = np.concatenate(([0], np.cumsum(np.bincount(a, minlength=n)))).astype(np.int64)
    return Borders(start, b[order], np.tile(length_dm[both], 2)[order], perimeter)


def _corners(vertices: Floats, pairs: Ints, ends: Ints, n: int) -> tuple[Ints, Floats]:
    owner = np.repeat(pairs, 2, axis=1).ravel()
    corner = np.concatenate((ends, ends), axis=1).ravel()
    keys = np.unique(np.stack((owner, corner), axis=1)[owner < n], axis=0)
    start = np.concatenate(([0], np.cumsum(np.bincount(keys[:, 0], minlength=n))))
    return start.astype(np.int64), vertices[keys[:, 1]]


def _valued(rng: np.random.Generator, land: Land, side: float, forbidden: float) -> Land:
    """Cost 60 to 200 money units per dm² by place, farmland dearer; a part is never to be taken."""
    n = len(land)
    farm = _field(rng, land, side, 600) > np.quantile(_field(rng, land, side, 600), 0.35)
    paddy = farm & (_field(rng, land, side, 900) > 0)
    base = 110 + 28 * _field(rng, land, side, 700) + 14 * _field(rng, land, side, 180)
    rate = np.clip(base * rng.uniform(0.9, 1.1, n), 30, 400) * np.where(farm, 0.8, 1.0)
    shut = _field(rng, land, side, 400)
    area = land.area_dm2
    quota = np.stack((np.where(farm, area, 0), np.where(paddy, area, 0)), axis=1)
    return replace(land, cost=np.rint(rate * area).astype(np.int64), quota=quota.astype(np.int64),
                   open=shut <= np.quantile(shut, 1 - forbidden),
                   access=rng.random(n) < 0.3)


def _field(rng: np.random.Generator, land: Land, side: float, reach: float) -> Floats:
    """Smooth noise of mean 0 and deviation 1, alike over `reach` metres."""
    cells = max(8, int(side / (reach / 3)))
    noise = gaussian_filter(rng.normal(size=(cells, cells)), 2.0, mode="wrap")
    noise = (noise - noise.mean()) / noise.std()
    at = (np.clip(np.stack((land.y, land.x)) / side, 0.0, 0.9999) * cells).astype(np.int64)
    found: Floats = noise[at[0], at[1]]
    return found


def usual_demand(*, low_mu: float = 270, high_mu: float = 300, per_dm: int = 3000,
                 budgets: tuple[int, ...] = ()) -> Demand:
    """270 to 300 mu; a metre of perimeter costs 30,000 units, about a tenth of the site."""
    return Demand(round(low_mu * MU_DM2), round(high_mu * MU_DM2), per_dm, budgets)


def without_budgets(land: Land) -> Land:
    """The same land without quota."""
    return replace(land, quota=np.zeros((len(land), 0), np.int64))


def plant(land: Land, demand: Demand, seed: int) -> tuple[Land, Demand, tuple[int, ...]]:
    """Make one connected site the only optimum: cheapest everywhere inside, dearer outside.

    A unit of area costs 100 inside and 101 to 300 outside, the least area is that of the site, and
    perimeter is free. Whoever takes other land takes as much of it as he leaves, at 1 % more.
    """
    rng = np.random.default_rng(seed)
    rate = rng.integers(101, 300, len(land))
    while True:
        site = _grown(rng, land, demand)
        if site is not None:
            break
    rate[list(site)] = 100
    area = int(land.area_dm2[list(site)].sum())
    asked = replace(demand, area_min_dm2=area, area_max_dm2=area + area // 10, per_dm=0, shape=2.5)
    is_open: Flags = land.open
    return replace(land, cost=rate * land.area_dm2, open=is_open), asked, tuple(sorted(site))


def _grown(rng: np.random.Generator, land: Land, demand: Demand) -> set[int] | None:
    """A connected blob of open land about a random parcel; None where it gets stuck."""
    seed = int(rng.integers(len(land)))
    if not land.open[seed]:
        return None
    site, area = {seed}, int(land.area_dm2[seed])
    while area < demand.area_min_dm2:
        around = {j for i in site for j in land.borders.of(i) if land.open[j]} - site
        if not around:
            return None
        near = min(sorted(around), key=lambda j: (land.x[j] - land.x[seed])**2
                   + (land.y[j] - land.y[seed])**2 + rng.uniform(0, 2e4))
        site.add(near)
        area += int(land.area_dm2[near])
    return site
