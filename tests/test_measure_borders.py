"""Borders read off a layer, against shapely's own intersections."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from zoning.measure.borders import shared_borders
from zoning.siting.synthetic import county


def pairs_of(shared) -> dict[tuple[int, int], int]:
    row = np.repeat(np.arange(len(shared.start) - 1), np.diff(shared.start))
    return {(int(i), int(j)): int(d)
            for i, j, d in zip(row, shared.neighbour, shared.length_dm, strict=True)}


def by_shapely(shapes) -> dict[tuple[int, int], int]:
    found = {}
    for i, a in enumerate(shapes):
        for j, b in enumerate(shapes):
            length = a.boundary.intersection(b.boundary).length if i != j else 0
            if round(length * 10):
                found[i, j] = round(length * 10)
    return found


def test_two_squares_share_a_side() -> None:
    found = shared_borders([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    assert pairs_of(found) == {(0, 1): 100, (1, 0): 100}
    assert found.perimeter_dm.tolist() == [400, 400]


def test_corner_is_no_border() -> None:
    found = shared_borders([shapely.box(0, 0, 10, 10), shapely.box(10, 10, 20, 20)])
    assert pairs_of(found) == {}


def test_junction_on_a_long_side_splits_it() -> None:
    found = shared_borders([shapely.box(0, 0, 30, 10), shapely.box(0, 10, 12, 20),
                            shapely.box(12, 10, 30, 20)])
    assert pairs_of(found)[0, 1] == 120
    assert pairs_of(found)[0, 2] == 180


def test_partial_contact_counts_only_what_is_shared() -> None:
    found = shared_borders([shapely.box(0, 0, 10, 10), shapely.box(10, 4, 20, 14)])
    assert pairs_of(found) == {(0, 1): 60, (1, 0): 60}


def test_hole_filled_by_another_parcel_is_a_border() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    found = shared_borders([ring, shapely.box(10, 10, 20, 20)])
    assert pairs_of(found)[0, 1] == 400
    assert found.perimeter_dm.tolist() == [1600, 400]


def test_empty_and_missing_shapes_have_none() -> None:
    found = shared_borders([shapely.Polygon(), None, shapely.box(0, 0, 1, 1)])
    assert found.start.tolist() == [0, 0, 0, 0]
    assert found.perimeter_dm.tolist() == [0, 0, 40]


@given(st.lists(st.integers(1, 29), min_size=1, max_size=6, unique=True),
       st.lists(st.integers(1, 29), min_size=1, max_size=6, unique=True))
def test_rows_cut_differently_agree_with_shapely(upper, lower) -> None:
    def row(cuts, y):
        at = [0, *sorted(cuts), 30]
        return [shapely.box(a, y, b, y + 5) for a, b in pairwise(at)]

    shapes = [*row(lower, 0), *row(upper, 5)]
    assert pairs_of(shared_borders(shapes)) == by_shapely(shapes)


def test_voronoi_county_agrees_with_its_diagram() -> None:
    made = county(200, 1, rings=True)
    shapes = [shapely.Polygon(ring) for ring in made.rings]
    found, known = pairs_of(shared_borders(shapes)), made.land.borders
    for parcel in range(200):
        for other, length in known.of(parcel).items():
            assert abs(found.get((parcel, other), 0) - length) <= 1
