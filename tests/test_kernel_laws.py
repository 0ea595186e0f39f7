"""The kernel against exact arithmetic, and the laws of area. Method §4."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import shapely
from exact import exact_area
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.measure import index, kernel, sharing, sweep
from zoning.measure.flat import Flat, chosen, flatten, shapes_of, together
from zoning.measure.overlap import counted_again_m2
from zoning.measure.overlay import overlaps_of, pairs_of, unions
from zoning.units import share_out

ZERO = np.zeros(1, dtype=np.int64)
SOME = settings(max_examples=60, deadline=None)

PLACES = [(0.0, 0.0), (13_490_000.0, 3_400_000.0), (40_613_000.0, 3_575_700.0)]
"""At the origin, in the statutory plane, and with the number of the zone before the easting."""


def shared(a: Any, b: Any) -> float:
    return float(kernel.pair_areas(flatten([a]), ZERO, flatten([b]), ZERO)[0])


def swept(*shapes: Any) -> float:
    """The land of two or three polygons by the second formula, as of a site, a parcel, a line."""
    site, land, line = shapes if len(shapes) == 3 else (shapes[0], *shapes)
    task = sweep.Task(ZERO, ZERO, np.array([0, 1]), ZERO)
    return float(sweep.covered(flatten([site]), flatten([land]), flatten([line]), task).total[0])


def moved_to(shape: Any, corner: Any) -> Any:
    """A polygon moved so that its box begins near a corner, by whole units."""
    shift = corner - np.round(np.array(shape.bounds[:2]))
    return shapely.transform(shape, lambda xy: xy + shift)


def right(found: float, exact: Fraction) -> bool:
    off = abs(Fraction(found) - exact)
    return off <= Fraction(1, 10**6) and off <= max(exact / 10**12, Fraction(1, 10**9))


@st.composite
def stars(draw: st.DrawFn, *, holes: bool = True) -> Any:
    """A polygon that sees all its land from one point, anywhere, with a hole or without."""
    east, north = draw(st.sampled_from(PLACES))
    x, y = (draw(st.integers(-40, 40)) + offset for offset in (east, north))
    rays = draw(st.lists(st.tuples(st.integers(0, 359), st.integers(2, 60)), min_size=3,
                         max_size=9, unique_by=lambda ray: ray[0]))
    points = [(x + r * math.cos(math.radians(a)), y + r * math.sin(math.radians(a)))
              for a, r in sorted(rays)]
    shape = shapely.Polygon(points)
    if not shape.is_valid or shape.area < 1:
        shape = shapely.box(x, y, x + 20, y + 30)
    inner = shapely.transform(shape, lambda xy: (xy + 3 * np.array([x, y])) / 4)
    if holes and draw(st.booleans()) and shapely.Point(x, y).within(shape):
        made = shapely.Polygon(shape.exterior.coords, [inner.exterior.coords])
        return made if made.is_valid else shape
    return shape


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two polygons of one place."""
    a, b = draw(stars()), draw(stars())
    shift = np.round((np.array(a.bounds[:2]) - b.bounds[:2]) + draw(st.integers(-30, 30)))
    return a, shapely.transform(b, lambda xy: xy + shift)


@SOME
@given(neighbours())
def test_area_equals_exact_arithmetic(pair: tuple[Any, Any]) -> None:
    exact = exact_area(*pair)
    assert right(shared(*pair), exact)
    assert right(swept(*pair), exact)


@settings(max_examples=25, deadline=None)
@given(neighbours(), stars())
def test_area_of_three_equals_exact_arithmetic(pair: tuple[Any, Any], third: Any) -> None:
    a, b = pair
    shift = np.round(np.array(a.bounds[:2]) - third.bounds[:2])
    c = shapely.transform(third, lambda xy: xy + shift)
    assert right(swept(a, b, c), exact_area(a, b, c))


@SOME
@given(neighbours(), st.integers(0, 8), st.integers(2, 5))
def test_area_does_not_depend_on_how_a_polygon_is_written(
    pair: tuple[Any, Any], turn: int, pieces: int
) -> None:
    """Order of the two, start vertex, direction of the rings, and vertices added on edges."""
    a, b = pair
    area = shared(a, b)
    ring = list(a.exterior.coords)[:-1]
    turned = shapely.Polygon(ring[turn % len(ring):] + ring[:turn % len(ring)],
                             [hole.coords for hole in a.interiors])
    longest = max(shapely.length(a), 1.0)
    finer = shapely.segmentize(a, longest / (pieces * 5))
    for same in (turned, shapely.reverse(a), shapely.normalize(a), finer):
        assert shared(same, b) == pytest.approx(area, abs=1e-6)
    assert shared(b, a) == pytest.approx(area, abs=1e-9)
    assert shared(a, a) == pytest.approx(a.area, rel=1e-12)


@SOME
@given(neighbours(), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_parts_of_a_partition_sum_to_the_whole(
    pair: tuple[Any, Any], low: float, high: float
) -> None:
    """B in two by a line across: shared borders, collinear edges and touching vertices."""
    a, b = pair
    west, south, east, north = np.add(shapely.total_bounds([a, b]), [-1, -1, 1, 1])
    start, end = south + low * (north - south), south + high * (north - south)
    below = shapely.Polygon([(west, south), (east, south), (east, end), (west, start)])
    above = shapely.Polygon([(west, start), (east, end), (east, north), (west, north)])
    assert shared(a, below) + shared(a, above) == pytest.approx(a.area, abs=1e-6)
    assert swept(a, b, below) + swept(a, b, above) == pytest.approx(shared(a, b), abs=1e-6)


@SOME
@given(neighbours(), st.integers(-10**6, 10**6), st.integers(-10**6, 10**6))
def test_area_is_the_same_elsewhere(pair: tuple[Any, Any], east: int, north: int) -> None:
    moved = [shapely.transform(shape, lambda xy: np.add(xy, [east, north])) for shape in pair]
    assert shared(*moved) == pytest.approx(shared(*pair), abs=2e-6)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("width", [1e-6, 1e-3, 0.1])
def test_slivers_keep_their_width(place: tuple[float, float], width: float) -> None:
    east, north = place
    field = shapely.box(east, north, east + 100, north + 100)
    strip = shapely.box(east + 100 - width, north - 5, east + 180, north + 105)
    assert right(shared(field, strip), exact_area(field, strip))
    assert right(swept(field, strip), exact_area(field, strip))


def test_neighbours_that_touch_share_nothing() -> None:
    for east, north in PLACES:
        field = shapely.box(east, north, east + 50, north + 50)
        beside = shapely.box(east + 50, north, east + 90, north + 50)
        corner = shapely.box(east + 50, north + 50, east + 90, north + 90)
        inside = shapely.Polygon([(east, north), (east + 50, north), (east + 50, north + 50)])
        assert shared(field, beside) == shared(field, corner) == 0.0
        assert shared(field, inside) == 1250.0


def test_holes_and_parts_in_holes_count_right() -> None:
    ring = shapely.box(0, 0, 90, 90).difference(shapely.box(10, 10, 80, 80))
    island = shapely.MultiPolygon([ring, shapely.box(20, 20, 40, 40)])
    field = shapely.box(5, 5, 30, 95)
    assert shared(island, field) == pytest.approx(island.intersection(field).area)
    assert shared(island, shapely.box(12, 12, 18, 78)) == 0.0
    assert swept(island, field) == pytest.approx(island.intersection(field).area)


def comb(teeth: int) -> Any:
    """A large polygon of many edges, so that its edges lie in cells."""
    top = [(x, 100.0 if x % 2 else 20.0 + x % 7) for x in range(teeth)]
    return shapely.Polygon([(0.0, 0.0), *top, (teeth - 1.0, 0.0)])


def test_large_polygons_are_found_by_cell() -> None:
    large, other = comb(900), shapely.transform(comb(700), lambda xy: xy[:, ::-1] + [0.5, 0.25])
    fields = [shapely.box(x, y, x + 3.3, y + 7.7) for x in range(-2, 900, 31)
              for y in (-3, 10, 60, 99)]
    flat = flatten([large, other])
    assert flat.layout[:, 3].min() > 1
    pairs = pairs_of(flatten(fields), flat)
    expected = shapely.area(shapely.intersection(
        np.array(fields)[pairs.left], np.array([large, other])[pairs.right]))
    assert pairs.shared_m2 == pytest.approx(expected, abs=1e-9)
    assert shared(large, other) == pytest.approx(large.intersection(other).area, abs=1e-7)


@SOME
@given(st.lists(stars(holes=False), min_size=1, max_size=6), stars())
def test_union_counts_land_once(shapes: list[Any], field: Any) -> None:
    at = np.round(np.array(field.bounds[:2]))
    near = [moved_to(each, at) for each in shapes]
    a, b = flatten([field]), flatten(near)
    overlaps = overlaps_of(b)
    union = shapely.union_all(near)
    assert unions(a, b, pairs_of(a, b), overlaps)[0] == pytest.approx(
        field.intersection(union).area, abs=0.005 * len(near) ** 2)
    if overlaps.left.size:
        assert b.areas.sum() - counted_again_m2(b, overlaps) == pytest.approx(
            union.area, abs=0.005 * len(near) ** 2)


@SOME
@given(st.lists(st.tuples(*[st.integers(0, 60)] * 4), max_size=40),
       st.lists(st.tuples(*[st.integers(0, 60)] * 4), max_size=20))
def test_the_grid_finds_every_pair_of_boxes(some: list[Any], others: list[Any]) -> None:
    def boxes(rows: list[Any]) -> Any:
        corners = np.array(rows, dtype=float).reshape(-1, 4)
        return np.column_stack([corners[:, :2], corners[:, :2] + corners[:, 2:] + 1])

    left, right_ = boxes(some), boxes(others)
    found = index.meeting(index.grid_over(left), right_)
    plain = [(i, j) for i, b in enumerate(right_) for j, a in enumerate(left)
             if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]
    assert list(zip(*(each.tolist() for each in found), strict=True)) == plain


@SOME
@given(st.integers(0, 10**9), st.lists(st.floats(0, 1e6), min_size=1, max_size=6))
def test_sharing_many_rows_is_sharing_one(total: int, weights: list[float]) -> None:
    *parts, rest = weights
    told, left = sharing.share_rows(np.array([total]), np.array([0, len(parts)]),
                                    np.array(parts, dtype=float), np.array([rest]))
    assert told.sum() + left[0] == total
    if sum(weights) > 1e-3:
        plain = share_out(total, weights)
        assert [*told.tolist(), left[0]] == pytest.approx(plain, abs=1)


def test_flat_arrays_give_the_polygons_back() -> None:
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)])
    holed = shapely.box(0, 0, 9, 9).difference(shapely.box(2, 2, 3, 3))
    drawn = [two, holed, None, shapely.Polygon(), shapely.box(3, 3, 4, 4)]
    flat = flatten(drawn)
    for given_, made in zip(drawn, shapes_of(flat), strict=True):
        assert shapely.equals(made, given_ or shapely.Polygon()) or made.is_empty
    assert flat.areas.tolist() == [2.0, 80.0, 0.0, 0.0, 1.0]
    assert shapes_of(chosen(flat, [4, 0]))[1].area == 2.0
    assert together(flat).areas.tolist() == [83.0]
    empty: Flat = flatten([None, shapely.Polygon()])
    assert empty.areas.tolist() == [0.0, 0.0]
    assert kernel.pair_areas(empty, ZERO, flat, ZERO).tolist() == [0.0]


def test_only_polygons_are_flattened() -> None:
    with pytest.raises(ValueError, match="polygons expected"):
        flatten([shapely.LineString([(0, 0), (1, 1)])])
