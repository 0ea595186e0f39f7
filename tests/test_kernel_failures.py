"""Known failure cases of overlay engines: exact here, in the kernel, the rooms, and the command.

Every expected number comes from exact rational arithmetic on the coordinates (`exact`).
"""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from exact import exact_area
from overlay_failures import THREE, made, published
from pyproj import CRS
from running import run, zoning
from schemas import require_valid

from zoning.measure import kernel, sweep
from zoning.measure.flat import Flat, flatten
from zoning.measure.overlap import counted_again_m2
from zoning.measure.overlay import overlaps_of, pairs_of, unions
from zoning.measure.plane import to_plane
from zoning.measure.shape import dissolved, drawn_intersection, one_feature
from zoning.workspace.data import _measured

CASES = {**published(), **made()}
ZERO = np.zeros(1, dtype=np.int64)
PLACES = {"as published": (0.0, 0.0), "zone prefix": (40_500_000.0, 3_500_000.0)}
GK40 = CRS.from_epsg(4528)


def pair(a: Any, b: Any) -> float:
    return float(kernel.pair_areas(flatten([a]), ZERO, flatten([b]), ZERO)[0])


def swept(a: Any, b: Any) -> float:
    task = sweep.Task(ZERO - 1, ZERO, np.array([0, 1]), ZERO)
    return float(sweep.covered(flatten([a]), flatten([a]), flatten([b]), task).total[0])


def moved(shape: Any, place: tuple[float, float]) -> Any:
    return shapely.transform(shapely.force_2d(shape), lambda xy: xy + place)


@cache
def shared_exactly(name: str, place: str = "as published") -> Fraction:
    return exact_area(*(moved(shape, PLACES[place]) for shape in CASES[name]))


@cache
def united_exactly(name: str) -> Fraction:
    a, b = CASES[name]
    return exact_area(a) + exact_area(b) - shared_exactly(name)


def right(found: float, exact: Fraction, *, extent: float) -> bool:
    """1e-12 of the area, and where there is hardly any, what doubles can tell of the extent."""
    off = abs(Fraction(found) - exact)
    return off <= Fraction(1, 10**6) and off <= max(exact / 10**12, Fraction(extent**2) / 10**15)


def extent_of(*shapes: Any) -> float:
    return float(np.ptp(shapely.get_coordinates(shapes), axis=0).max())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", CASES)
def test_a_failure_of_others_is_exact(name: str, place: str) -> None:
    a, b = (moved(shape, PLACES[place]) for shape in CASES[name])
    assert shapely.is_valid(CASES[name]).all()
    exact = shared_exactly(name, place)
    extent = extent_of(a, b)
    for found in (pair(a, b), pair(b, a), swept(a, b), swept(b, a),
                  pair(shapely.reverse(a), b), pair(shapely.normalize(a), shapely.reverse(b))):
        assert right(found, exact, extent=extent), (found, float(exact))


@pytest.mark.parametrize("name", CASES)
def test_the_union_of_a_failure_is_exact(name: str) -> None:
    """Union, and what of a box around both lies in either: |A| + |B| − |A ∩ B|."""
    a, b = CASES[name]
    area = united_exactly(name)
    both = flatten([a, b])
    found = overlaps_of(both)
    told = both.areas.sum() - (counted_again_m2(both, found) if found.left.size else 0.0)
    assert told == pytest.approx(float(area), abs=0.0051, rel=1e-12)
    around = flatten([shapely.box(*shapely.total_bounds([a, b])).buffer(1, join_style="mitre")])
    inside = unions(around, both, pairs_of(around, both), found)
    assert inside[0] == pytest.approx(float(area), abs=0.0051, rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_shape_that_is_shown_has_the_exact_area(name: str) -> None:
    """GEOS draws; where floating point fails it, a grid is tried, and nothing wrong comes out."""
    a, b = CASES[name]
    drawn = drawn_intersection(a, b)
    assert drawn.area == pytest.approx(float(shared_exactly(name)), abs=0.0051, rel=1e-9)
    site = one_feature(flatten([a, b]))
    union = united_exactly(name)
    assert site.areas[0] == pytest.approx(float(union), abs=0.0102, rel=1e-9)
    assert dissolved(site).area == pytest.approx(float(union), abs=0.0153, rel=1e-9)


def test_three_whose_union_fails_elsewhere_have_one() -> None:
    shapes = [shapely.from_wkt(text) for text in THREE]
    one, two, three = shapes
    exact = (sum(exact_area(each) for each in shapes) - exact_area(one, two)
             - exact_area(one, three) - exact_area(two, three) + exact_area(one, two, three))
    flat = flatten(shapes)
    found = overlaps_of(flat)
    assert flat.areas.sum() - counted_again_m2(flat, found) == pytest.approx(float(exact))
    assert one_feature(flat).areas[0] == pytest.approx(float(exact), rel=1e-9)


# ── Through the public commands ──────────────────────────────────────────────────────────────


def files(folder: Path, cases: dict[str, tuple[Any, Any]], *, suffix: str = ".gpkg") -> list[Path]:
    """The first and the second of every pair as a layer each, in zone 40 with its number."""
    made_ = []
    for side, name in enumerate("ab"):
        shapes = [moved(pair_[side], PLACES["zone prefix"]) for pair_ in cases.values()]
        made_.append(folder / f"{name}{suffix}")
        gpd.GeoDataFrame({"id": list(cases)}, geometry=shapes, crs=GK40).to_file(made_[-1])
    return made_


def expected_m2(cases: dict[str, tuple[Any, Any]]) -> dict[str, float]:
    """Exact areas of the pairs as they lie in the statutory plane."""
    a, b = (to_plane([moved(pair_[side], PLACES["zone prefix"]) for pair_ in cases.values()], GK40)
            for side in range(2))
    return {name: float(exact_area(one, two)) for name, one, two in zip(cases, a, b, strict=True)}


def stays_valid(pair_: tuple[Any, Any]) -> bool:
    """Small enough for exact arithmetic on steps of 70 m, and no sliver lost in zone 40."""
    return extent_of(*pair_) < 1100 and all(
        shapely.is_valid(moved(shape, PLACES["zone prefix"])) for shape in pair_)


SMALL = {name: pair_ for name, pair_ in CASES.items() if stays_valid(pair_)}


def told(document: Any) -> dict[tuple[str, str], float]:
    return {(row["a_id"], row["b_id"]): float(row["area"]["m2"]) for row in document["pairs"]}


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return files(tmp_path_factory.mktemp("failures"), SMALL)


def test_the_command_gives_the_exact_areas(layers: list[Path]) -> None:
    """One call: the pairs of the cases lie over each other, and every sum must hold as well."""
    document = zoning("overlay", *layers, "--json")
    require_valid(document)
    found, exact = told(document), expected_m2(SMALL)
    for name, area in exact.items():
        assert found.get((name, name), 0.0) == pytest.approx(area, abs=0.0151), name
    for row in document["features"]:
        inside, outside, whole, overlap = (
            round(float(row[key]["m2"]) * 100) for key in ("inside", "outside", "area", "overlap"))
        pieces = sum(round(area * 100) for (a, _), area in found.items() if a == row["a_id"])
        assert inside + outside == whole
        assert pieces + outside == whole + overlap
    assert document["left_out"] == {"a": [], "b": []}


def test_areas_of_failures_are_exact_and_stored_layers_say_the_same(
    layers: list[Path], tmp_path: Path
) -> None:
    document = zoning("area", layers[0], "--json")
    require_valid(document)
    shapes = to_plane([moved(a, PLACES["zone prefix"]) for a, _ in SMALL.values()], GK40)
    for row, shape in zip(document["features"], shapes, strict=True):
        exact = float(exact_area(shape))
        assert float(row["area"]["m2"]) == pytest.approx(exact, abs=0.0051), row["feature_id"]
    root = tmp_path / "w"
    zoning("init", root)
    for role, file in zip(("zone_a", "zone_b"), layers, strict=True):
        zoning("import", file, "--role", role, "--map", "id=feature_id", "--workspace", root,
               "--json")
    stored = zoning("overlay", "zone_a", "zone_b", "--workspace", root, "--json")
    plain = zoning("overlay", *layers, "--json")
    assert told(stored) == told(plain)
    assert stored["features"] == plain["features"]
    for arrays in (root / "layers").glob("*.plane"):
        shutil.rmtree(arrays)
    _measured.cache_clear()
    assert zoning("overlay", "zone_a", "zone_b", "--workspace", root, "--json") == stored


def test_a_layer_of_failures_overlaps_itself_as_exactly() -> None:
    """Both of every pair in one layer, pairs far apart: sum and union differ by what they share."""
    step = 20_000.0
    names = [name for name in CASES if extent_of(*CASES[name]) < 5000]
    shapes: list[Any] = []
    expected = Fraction(0)
    for row, name in enumerate(names):
        a, b = CASES[name]
        corner = np.array([step * (row % 6), step * (row // 6)]) - np.round(a.bounds[:2])
        a, b = moved(a, corner), moved(b, corner)
        shapes += [a, b]
        expected += shared_exactly(name)
    flat: Flat = flatten(shapes)
    found = overlaps_of(flat)
    assert counted_again_m2(flat, found) == pytest.approx(float(expected), abs=0.005 * len(names))
    assert set(zip((found.left % 2).tolist(), (found.right - found.left).tolist(),
                   strict=True)) == {(0, 1)}


def test_features_no_engine_should_be_given_are_named_and_cost_only_themselves(
    tmp_path: Path
) -> None:
    """libgeos trac #350: one polygon of the report crosses itself by a hair."""
    crossing = shapely.from_wkt(
        "POLYGON((-314775 2708, -336712 -2708, -348138 17051, -339224.934708 1637.62199313, "
        "-334393.819242 841.294460641, -332495.87988 -1667.08708709, -314775 2708))")
    cases = {"crossing": (crossing, shapely.box(-357571, -5762, -321742, -4737)),
             "sound": CASES["shapely#1871, jts#1000"]}
    a, b = files(tmp_path, cases)
    code, out, err = run("overlay", a, b, "--json", "--lang", "en")
    document = json.loads(out)
    assert code == 0
    assert document["left_out"] == {"a": [{"feature_id": "crossing", "code": "GEO003"}], "b": []}
    assert "crossing" in err
    assert [row["a_id"] for row in document["features"]] == ["sound"]
