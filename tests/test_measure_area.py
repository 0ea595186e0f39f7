"""The statutory area: published test figures, laws, and a second computation. Method §1–3."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from zoning.errors import CrsError
from zoning.measure.area import plane_dm2, rounded_dm2, statutory_dm2
from zoning.measure.plane import edge_step, to_plane

CM_120 = CRS.from_epsg(4549)
ZONE_40 = CRS.from_epsg(4528)

VECTORS = {  # X north, Y east; statutory m² after splitting edges at 70 m
    "TV1": ([(3575751.777, 613024.582), (3575751.777, 613050.402), (3575777.597, 613050.402),
             (3575777.597, 613024.582)], 66646, 66667),
    "TV2": ([(3575700, 612900), (3575700, 613100), (3575780, 613100), (3575780, 613000),
             (3575860, 613000), (3575860, 612900)], 2399245, 2400000),
    "TV3": ([(3573120.315, 610455.128), (3573498.902, 611733.447), (3572655.081, 612204.960),
             (3571987.744, 611020.336), (3572304.118, 610377.505)], 176209797, 176263537),
    "TV4": ([(3570000, 499000), (3570000, 501000), (3571000, 501000), (3571000, 499000)],
            199999998, 200000000),
}


def polygon(points: list[tuple[float, float]], *, prefix: float = 0) -> shapely.Polygon:
    return shapely.Polygon([(east + prefix, north) for north, east in points])


@pytest.mark.parametrize("name", VECTORS)
def test_area_meets_the_test_vectors_with_and_without_zone_prefix(name: str) -> None:
    points, statutory, plane = VECTORS[name]
    assert statutory_dm2([polygon(points)], CM_120).tolist() == [statutory]
    assert statutory_dm2([polygon(points, prefix=40e6)], ZONE_40).tolist() == [statutory]
    measured = plane_dm2([polygon(points)], CM_120)
    assert measured is not None
    assert measured.tolist() == [plane]


def series_area(points: list[tuple[float, float]]) -> float:
    """The formula of the 2008 notice itself, term by term, on edges split at 70 m."""
    a, e2 = 6378137.0, 0.00669438002290
    b = a * math.sqrt(1 - e2)
    e4, e6, e8 = e2**2, e2**3, e2**4
    terms = (
        1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8,
        -(1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8),
        3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8,
        -(1 / 112 * e6 + 45 / 2304 * e8),
        5 / 2304 * e8,
    )
    ring = shapely.segmentize(polygon(points), 70.0).exterior.coords
    inverse = Transformer.from_crs(4549, 4490, always_xy=True)
    lon, lat = np.radians(inverse.transform(*np.array(ring).T))
    total = 0.0
    for i in range(len(lon) - 1):
        half, mean = (lat[i + 1] - lat[i]) / 2, (lat[i + 1] + lat[i]) / 2
        width = (lon[i + 1] + lon[i]) / 2 - lon[0]
        total += 2 * b * b * width * sum(
            term * math.sin((2 * k + 1) * half) * math.cos((2 * k + 1) * mean)
            for k, term in enumerate(terms)
        )
    return abs(total)


@pytest.mark.parametrize("name", VECTORS)
def test_area_equals_the_series_of_the_notice(name: str) -> None:
    points, _, _ = VECTORS[name]
    computed = statutory_dm2([polygon(points)], CM_120)[0] / 100
    assert computed == pytest.approx(series_area(points), abs=0.0051)


def test_geographic_edges_agree_with_geodesic_areas(realdata: Path) -> None:
    """Small published polygons: equal-area shoelace and geodesic differ by edge shape only."""
    geod = Geod(ellps="GRS80")
    ring = [(121.20, 32.30), (121.21, 32.301), (121.209, 32.309), (121.199, 32.308)]
    geodesic = abs(geod.polygon_area_perimeter(*zip(*ring, strict=True))[0])
    ours = statutory_dm2([shapely.Polygon(ring)], CRS.from_epsg(4490))[0] / 100
    assert ours == pytest.approx(geodesic, rel=2e-6)
    cases = json.loads((realdata / "geodesic_area" / "planimeter_cases.json").read_text())
    assert len(cases if isinstance(cases, list) else cases["cases"]) == 10


@given(st.integers(0, 5), st.booleans())
def test_area_ignores_start_vertex_and_direction(turn: int, backwards: bool) -> None:
    points = VECTORS["TV2"][0]
    turned = points[turn:] + points[:turn]
    again = turned[::-1] if backwards else turned
    assert statutory_dm2([polygon(again)], CM_120)[0] == VECTORS["TV2"][1]


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_halves_sum_to_the_whole(from_west: float, from_east: float) -> None:
    west, east, south, north = 613000.0, 613400.0, 3575700.0, 3576000.0
    a, b = south + from_west * (north - south), south + from_east * (north - south)
    whole = shapely.box(west, south, east, north)
    lower = shapely.Polygon([(west, south), (east, south), (east, b), (west, a)])
    upper = shapely.Polygon([(west, a), (east, b), (east, north), (west, north)])
    areas = shapely.area(to_plane([whole, lower, upper], CM_120))
    # A vertex added on the border moves where its edge is split: far below the unit of 0.01 m².
    assert areas[1] + areas[2] == pytest.approx(areas[0], abs=1e-3)


def test_holes_are_taken_off_and_missing_shapes_have_no_area() -> None:
    shell = shapely.box(613000, 3575000, 613100, 3575100)
    hole = shapely.box(613040, 3575040, 613060, 3575060)
    with_hole = shapely.Polygon(shell.exterior.coords, [hole.exterior.coords])
    whole, inner, ring, none, empty = statutory_dm2(
        [shell, hole, with_hole, None, shapely.Polygon()], CM_120
    )
    assert abs(int(whole) - int(inner) - int(ring)) <= 1
    assert (none, empty) == (0, 0)


def test_feet_are_split_and_measured_as_metres() -> None:
    feet = CRS.from_epsg(2263)
    square = shapely.box(980000, 190000, 980100, 190100)
    plane = plane_dm2([square], feet)
    assert edge_step(feet) == pytest.approx(70 / 0.3048006096)
    assert plane is not None
    assert plane[0] == rounded_dm2(np.array([(100 * 0.3048006096012192) ** 2]))[0]
    assert plane_dm2([square], CRS.from_epsg(4490)) is None


def test_a_system_that_is_no_plane_is_refused() -> None:
    with pytest.raises(CrsError) as caught:
        statutory_dm2([shapely.box(0, 0, 1, 1)], CRS.from_epsg(4978))
    assert caught.value.message.key == "measure.not_a_plane"


def test_coordinates_outside_the_system_are_refused() -> None:
    with pytest.raises(CrsError) as caught:
        statutory_dm2([shapely.box(1e12, 1e12, 2e12, 2e12)], CM_120)
    assert caught.value.message.key == "measure.outside_plane"
