"""Small counties, their sites listed one by one, and a search over them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from zoning.siting.model import Demand, Land, perimeter_dm, value_of
from zoning.siting.synthetic import borders_of


def squares(
    across: int, down: int, cost: list[int], *, quota: list[list[int]] | None = None,
    shut: tuple[int, ...] = (), access: tuple[int, ...] | None = None, side_m: float = 50.0,
) -> Land:
    """A chessboard of equal squares, row by row from the south-west."""
    n = across * down
    pairs, length = [], round(side_m * 10)
    for k in range(n):
        column, row = k % across, k // across
        pairs += [(k, k + 1 if column + 1 < across else n),
                  (k, k + across if row + 1 < down else n)]
        pairs += [(k, n)] * ((column == 0) + (row == 0))
    borders = borders_of(np.array(pairs), np.full(len(pairs), length, np.int64), n)
    grid = np.stack((np.arange(n) % across, np.arange(n) // across), axis=1) * side_m
    corner = (grid[:, None, :] + side_m * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])).reshape(-1, 2)
    centre = grid + side_m / 2
    met = np.isin(np.arange(n), access) if access is not None else np.ones(n, np.bool_)
    return Land(np.array(cost, np.int64), np.full(n, round(side_m**2 * 100), np.int64),
                np.array(quota or [[]] * n, np.int64).reshape(n, -1), borders,
                centre[:, 0].copy(), centre[:, 1].copy(), np.full(n, side_m * 0.5**0.5),
                np.arange(0, 4 * n + 1, 4, dtype=np.int64), corner.astype(np.float64),
                ~np.isin(np.arange(n), shut), met)


def every_site(land: Land, demand: Demand) -> Iterator[tuple[int, tuple[int, ...]]]:
    """All admissible sites with their value, by trying every set of parcels."""
    n = len(land)
    for bits in range(1, 1 << n):
        chosen = tuple(i for i in range(n) if bits >> i & 1)
        if _is_admissible(land, demand, chosen):
            yield value_of(land, demand, chosen), chosen


def _is_admissible(land: Land, demand: Demand, chosen: tuple[int, ...]) -> bool:
    rows = list(chosen)
    area = int(land.area_dm2[rows].sum())
    used = land.quota[rows].sum(axis=0)
    return (demand.area_min_dm2 <= area <= demand.area_max_dm2 and bool(land.open[rows].all())
            and all(u <= b for u, b in zip(used, demand.budgets, strict=True))
            and (not demand.needs_access or bool(land.access[rows].any()))
            and _is_connected(land, set(rows)) and _is_round(land, demand, rows))


def _is_connected(land: Land, chosen: set[int]) -> bool:
    reached, todo = set(), [min(chosen)]
    while todo:
        parcel = todo.pop()
        if parcel not in reached:
            reached.add(parcel)
            todo += [other for other in land.borders.of(parcel) if other in chosen]
    return reached == chosen


def _is_round(land: Land, demand: Demand, rows: list[int]) -> bool:
    import shapely

    corners = np.concatenate([land.corner[land.corner_start[i]:land.corner_start[i + 1]]
                              for i in rows])
    return bool(shapely.minimum_bounding_radius(shapely.MultiPoint(corners))
                <= demand.radius_m + 1e-3)


__all__ = ["every_site", "perimeter_dm", "squares"]
