"""More laws of area: partitions of many parts, holes, borders along each other, and rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from exact import exact_area
from hypothesis import given, settings
from hypothesis import strategies as st
from test_kernel_laws import PLACES, moved_to, right, shared, stars, swept

from zoning.measure import sweep
from zoning.measure.flat import flatten
from zoning.measure.overlap import counted_again_m2
from zoning.measure.overlay import overlaps_of, pairs_of, unions

SOME = settings(max_examples=40, deadline=None)
spots = st.lists(st.tuples(st.integers(-70, 70), st.integers(-70, 70)), min_size=3, max_size=12,
                 unique=True)


def near(shape: Any, points: list[tuple[int, int]]) -> Any:
    """Points about a polygon, by whole units from the corner of its box."""
    return np.round(shape.bounds[:2]) + np.array(points, dtype=float)


@SOME
@given(stars(), spots)
def test_a_partition_of_many_parts_sums_to_the_whole(a: Any, points: Any) -> None:
    """Triangles over a box around A: borders at every slant, many meeting in one vertex."""
    west, south, east, north = np.add(np.round(a.bounds), [-2, -2, 2, 2])
    corners = [(west, south), (east, south), (east, north), (west, north)]
    inner = np.clip(near(a, points), [west, south], [east, north])
    parts = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint([*corners, *inner])))
    covered = shapely.union_all(parts).area
    assert covered == pytest.approx((east - west) * (north - south))
    found = pairs_of(flatten([a]), flatten(parts))
    assert found.shared_m2.sum() == pytest.approx(a.area, abs=1e-6)
    assert sum(swept(a, part) for part in parts) == pytest.approx(a.area, abs=1e-6)


@SOME
@given(stars(holes=False), stars(), st.floats(0.1, 0.9))
def test_what_a_hole_takes_is_what_its_land_shares(a: Any, b: Any, size: float) -> None:
    b = moved_to(b, np.round(a.bounds[:2]))
    middle = np.array(a.representative_point().coords[0])
    inner = shapely.transform(a, lambda xy: middle + size * 0.5 * (xy - middle))
    holed = shapely.Polygon(a.exterior.coords, [inner.exterior.coords])
    if not (holed.is_valid and inner.within(a)):
        return
    assert shared(holed, b) + shared(inner, b) == pytest.approx(shared(a, b), abs=1e-6)
    backwards = shapely.Polygon(a.exterior.coords[::-1], [inner.exterior.coords])
    turned = [*inner.exterior.coords[1:], inner.exterior.coords[1]]
    for same in (backwards, shapely.Polygon(a.exterior.coords, [turned[::-1]])):
        assert shared(same, b) == pytest.approx(shared(holed, b), abs=1e-9)


@SOME
@given(stars(holes=False), st.integers(0, 8), st.sampled_from([1e-6, 1e-4, 0.01]),
       st.floats(0.0, 0.4), st.floats(0.6, 1.0))
def test_a_strip_along_a_border_is_exact(
    a: Any, at: int, width: float, start: float, end: float
) -> None:
    """Slivers from 1e-6 m, along any border, inside it and outside."""
    ring = np.array(a.exterior.coords)
    k = at % (len(ring) - 1)
    one, two = ring[k] + start * (ring[k + 1] - ring[k]), ring[k] + end * (ring[k + 1] - ring[k])
    along = two - one
    if np.hypot(*along) < 0.1:
        return
    across = width * np.array([-along[1], along[0]]) / np.hypot(*along)
    for side in (across, -across):
        strip = shapely.Polygon([one, two, two + side, one + side])
        exact = exact_area(a, strip)
        assert right(shared(a, strip), exact)
        assert right(shared(strip, a), exact)
        assert right(swept(a, strip), exact)


@SOME
@given(stars(holes=False), st.integers(0, 8), st.lists(st.floats(0.05, 0.95), max_size=4))
def test_neighbours_along_a_split_border_share_what_rounding_says(
    a: Any, at: int, cuts: list[float]
) -> None:
    """The neighbour mirrored over a border has other vertices on it, a hair off or not."""
    ring = np.array(a.exterior.coords)
    k = at % (len(ring) - 1)
    start, end = ring[k], ring[k + 1]
    along = (end - start) / max(np.hypot(*(end - start)), 1e-9)
    outward = np.array([along[1], -along[0]]) * (1 if a.exterior.is_ccw else -1)
    points = [start + cut * (end - start) for cut in sorted(cuts)]
    beside = shapely.Polygon([start, *points, end, end + 9 * outward, start + 9 * outward])
    if not beside.is_valid:
        return
    exact = exact_area(a, beside)
    assert right(shared(a, beside), exact)
    assert right(swept(beside, a), exact)


@pytest.mark.parametrize("place", PLACES)
def test_touching_in_points_and_borders_shares_nothing(place: tuple[float, float]) -> None:
    square = shapely.box(0, 0, 10, 10)
    touching = [shapely.box(10, 0, 20, 10), shapely.box(10, 3, 20, 7), shapely.box(10, 10, 20, 20),
                shapely.Polygon([(10, 5), (20, 0), (20, 9)]),
                shapely.Polygon([(0, 20), (5, 10), (10, 20)]),
                shapely.Polygon([(-5, -5), (15, -5), (15, 15), (-5, 15)],
                                [[(0, 0), (10, 0), (10, 10), (0, 10)]])]
    corner = np.array(place)
    here = shapely.transform(square, lambda xy: xy + corner)
    for shape in touching:
        there = shapely.transform(shape, lambda xy: xy + corner)
        assert shared(here, there) == swept(here, there) == 0.0


# ── Rank: land that several cover ────────────────────────────────────────────────────────────


@SOME
@given(st.lists(stars(holes=False), min_size=2, max_size=5), stars(), st.randoms())
def test_rank_says_whose_land_it_is_and_never_how_much_there_is(
    shapes: list[Any], field: Any, random: Any
) -> None:
    """First come, first served: each has what no earlier one has; the union knows no order."""
    corner = np.round(np.array(field.bounds[:2]))
    layer = [moved_to(each, corner) for each in shapes]
    order = list(range(len(layer)))
    random.shuffle(order)
    first, again = ranked(field, layer), ranked(field, [layer[k] for k in order])
    assert sum(first) == pytest.approx(sum(again), abs=1e-6)
    for k, land in enumerate(first):
        before = shapely.union_all(layer[:k]) if k else shapely.Polygon()
        own = shapely.difference(shapely.intersection(field, layer[k]), before)
        assert land == pytest.approx(own.area, abs=1e-6)


def ranked(field: Any, layer: list[Any]) -> list[float]:
    """The land of a field that each feature has before the later ones."""
    one = np.zeros(1, dtype=np.int64)
    task = sweep.Task(one - 1, one, np.array([0, len(layer)]), np.arange(len(layer)))
    a, b = flatten([field]), flatten(layer)
    return [float(land) for land in sweep.covered(a, a, b, task).first]


@SOME
@given(st.lists(stars(holes=False), min_size=1, max_size=5), stars())
def test_sum_is_union_and_what_is_counted_again(shapes: list[Any], field: Any) -> None:
    corner = np.round(np.array(field.bounds[:2]))
    layer = [moved_to(each, corner) for each in shapes]
    a, b = flatten([field]), flatten(layer)
    found, overlaps = pairs_of(a, b), overlaps_of(b)
    union, total = float(unions(a, b, found, overlaps)[0]), float(found.shared_m2.sum())
    slack = 0.005 * len(layer) ** 2
    assert union <= total + 1e-9
    assert union == pytest.approx(sum(ranked(field, layer)), abs=slack)
    if not overlaps.left.size:
        assert union == pytest.approx(total, abs=slack)
    again = counted_again_m2(b, overlaps) if overlaps.left.size else 0.0
    assert total - union <= again + slack
