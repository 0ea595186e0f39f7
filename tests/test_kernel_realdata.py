"""The kernel on published overlays and real layers: against their numbers, else against GEOS.

GEOS answers on a precision grid where it is the peer. What differs, and why, stands in
docs/proofs.md.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pytest
import shapely
from exact import exact_area
from pyproj import CRS, Geod

from zoning.measure import kernel
from zoning.measure.flat import flatten
from zoning.measure.overlap import counted_again_m2
from zoning.measure.overlay import overlaps_of, pairs_of, unions
from zoning.measure.plane import to_plane

ZERO = np.zeros(1, dtype=np.int64)
GRID_M = 1e-6


def shared(a: Any, b: Any) -> float:
    return float(kernel.pair_areas(flatten([a]), ZERO, flatten([b]), ZERO)[0])


# ── JTS ──────────────────────────────────────────────────────────────────────────────────────

JTS_OPS = {"intersection", "union", "difference", "symdifference"}


def jts_cases(folder: Path) -> list[tuple[str, Any, Any, str, Any]]:
    """Two valid polygons, an operation and its published result, at floating precision."""
    found = []
    for file in sorted(folder.rglob("*.xml")):
        run = ElementTree.parse(file).getroot()
        model = run.find("precisionModel")
        if model is not None and (model.get("scale") or model.get("type") == "FIXED"):
            continue
        for case in run.iter("case"):
            a, b = geometry(case.findtext("a")), geometry(case.findtext("b"))
            for op in case.iter("op"):
                name = op.get("name", "").lower().removesuffix("ng")
                result = geometry(op.text)
                if name in JTS_OPS and polygonal(a) and polygonal(b) and result is not None:
                    swap = op.get("arg1", "A").upper() == "B"
                    found.append((file.name, *((b, a) if swap else (a, b)), name, result))
    return found


def geometry(text: str | None) -> Any:
    plain = "".join(text.split()) if text else ""
    with np.errstate(invalid="ignore"):  # some cases hold NaN
        if re.fullmatch("[0-9A-Fa-f]+", plain):
            return shapely.from_wkb(plain, on_invalid="ignore")
        return shapely.from_wkt(text.strip(), on_invalid="ignore") if text and plain else None


def polygonal(shape: Any) -> bool:
    return (shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")
            and bool(shapely.is_valid(shape)))


def test_published_overlays_of_jts(realdata: Path) -> None:
    cases = jts_cases(realdata / "jts_overlay")
    assert len(cases) > 100
    wrong = []
    for file, a, b, name, result in cases:
        both = shared(a, b)
        expected = {"intersection": both, "union": a.area + b.area - both,
                    "difference": a.area - both, "symdifference": a.area + b.area - 2 * both}[name]
        scale = max(a.area, b.area)
        if expected != pytest.approx(result.area, abs=max(1e-9 * scale, 1e-9)):
            wrong.append((file, name))
            assert both == pytest.approx(float(exact_area(a, b)), rel=1e-12)
    assert wrong == [("TestOverlay.xml", "union")]


# ── Clipper2: areas from integer paths, without GEOS ─────────────────────────────────────────


def clipper_cases(file: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = []
    target = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition(":")
        if key == "CAPTION":
            cases.append({"caption": rest.strip(), "SUBJECTS": [], "CLIPS": []})
        elif key in ("CLIPTYPE", "FILLRULE", "SOL_AREA"):
            cases[-1][key] = rest.strip()
        elif line.strip() in ("SUBJECTS", "CLIPS", "SUBJECTS_OPEN"):
            target = line.strip()
        elif line.strip() and target in ("SUBJECTS", "CLIPS"):
            numbers = [int(number) for number in re.findall(r"-?\d+", line)]
            if len(numbers) >= 6:
                cases[-1][target].append(list(zip(numbers[::2], numbers[1::2], strict=False)))
    return cases


def filled(paths: list[Any], rule: str) -> Any:
    """The land of paths by a filling rule, as valid polygons: faces of all edges, by winding."""
    rings = [shapely.LinearRing(path) for path in paths]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(rings)]))
    if not len(faces):
        return shapely.Polygon()
    spots = shapely.get_coordinates(shapely.point_on_surface(faces))
    turns = np.array([sum(winding(np.array(ring.coords), spot) for ring in rings)
                      for spot in spots])
    kept = turns % 2 == 1 if rule == "EVENODD" else turns != 0
    return shapely.union_all(faces[kept])


def winding(ring: Any, spot: Any) -> int:
    (x, y), start, end = spot, ring[:-1], ring[1:]
    side = ((end[:, 0] - start[:, 0]) * (y - start[:, 1])
            - (x - start[:, 0]) * (end[:, 1] - start[:, 1]))
    up = (start[:, 1] <= y) & (end[:, 1] > y) & (side > 0)
    down = (start[:, 1] > y) & (end[:, 1] <= y) & (side < 0)
    return int(up.sum()) - int(down.sum())


def test_published_areas_of_clipper2(realdata: Path) -> None:
    """Upstream rounds every crossing to whole units: most agree closely, none is far off."""
    close = total = 0
    for case in clipper_cases(realdata / "clipper2" / "Polygons.txt"):
        told = float(case.get("SOL_AREA", 0))  # −1 where upstream does not know it
        if not case["SUBJECTS"] or told <= 0 or case["FILLRULE"] not in ("EVENODD", "NONZERO"):
            continue
        a, b = (filled(case[key], case["FILLRULE"]) for key in ("SUBJECTS", "CLIPS"))
        both = shared(a, b) if b.area else 0.0
        area = {"INTERSECTION": both, "UNION": a.area + b.area - both,
                "DIFFERENCE": a.area - both, "XOR": a.area + b.area - 2 * both}[case["CLIPTYPE"]]
        total += 1
        close += abs(area - told) <= 0.005 * told
        assert abs(area - told) <= max(0.08 * told, 60), case["caption"]
    assert total > 150
    assert close / total > 0.85


# ── geopandas, QGIS, GeographicLib ───────────────────────────────────────────────────────────


def test_new_york_boroughs_as_qgis_cut_them(realdata: Path) -> None:
    folder = realdata / "geopandas_overlay" / "nybb_qgis"
    a, b = (gpd.read_file(folder / name) for name in ("polydf.shp", "polydf2.shp"))
    found = pairs_of(flatten(a.geometry.values), flatten(b.geometry.values))
    files = {file.stem: file for file in folder.rglob("*") if file.suffix in (".shp", ".geojson")}
    told = next(file for name, file in files.items()
                if "intersect" in name and "union" not in name)
    expected = gpd.read_file(told).geometry.area.sum()
    assert found.shared_m2.sum() == pytest.approx(expected, rel=1e-9)
    one, two = flatten(a.geometry.values), flatten(b.geometry.values)
    union = unions(one, two, found, overlaps_of(two))
    outside = next(file for name, file in files.items()
                   if "diff" in name and "sym" not in name and "intersect" not in name)
    assert (one.areas - union).sum() == pytest.approx(
        gpd.read_file(outside).geometry.area.sum(), rel=1e-9)


def test_published_geodesic_areas(realdata: Path) -> None:
    """GeographicLib's polygons have geodesic edges: points are put on those, 2 km apart, first."""
    cases = json.loads((realdata / "geodesic_area" / "planimeter_cases.json").read_text())["cases"]
    geod, compared = Geod(ellps="WGS84"), 0
    for case in cases:
        points = np.array(case["points_lat_lon"], dtype=float)
        if not len(points) or np.abs(points[:, 0]).max() > 88 or np.ptp(points[:, 1]) > 170:
            continue  # around a pole or the globe: no polygon of the plane
        ring = [spot for (y0, x0), (y1, x1) in pairwise([*points, points[0]])
                for spot in [(x0, y0), *geod.npts(x0, y0, x1, y1, 100)]]
        plane = to_plane([shapely.Polygon(ring)], CRS.from_epsg(4326))[0]
        compared += 1
        assert shared(plane, plane) == pytest.approx(abs(case["area"]), rel=1e-6), case["name"]
    assert compared >= 1


# ── Real layers ──────────────────────────────────────────────────────────────────────────────


def real_layer(file: Path) -> Any:
    """Valid polygons of a layer in the statutory plane."""
    frame = gpd.read_parquet(file) if file.suffix == ".parquet" else gpd.read_file(file)
    sound = frame.geometry[frame.geometry.is_valid & ~frame.geometry.is_empty
                           & frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    shapes = to_plane(sound.values, CRS.from_user_input(frame.crs or 4326))
    return shapes[shapely.is_valid(shapes)]


LAYERS = {
    "dc": ("dc_planning/future-land-use.geojson", "dc_planning/historic-districts.geojson"),
    "dc flood": ("dc_planning/parcel-lots.geojson",
                 "dc_planning/community-rating-system-special-flood-hazard-areas.geojson"),
    "cadastre": ("fr_cadastre/parcelles.geojson", "fr_cadastre/batiments.geojson"),
    "meck": ("meck_constraints/wetlands.geojson", "meck_constraints/watersheds.geojson"),
    "rutland": ("vt_parcels/vt_parcels_RUTLAND_CITY.geojson",
                "vt_parcels/vt_parcels_RUTLAND_TOWN.geojson"),
}


@pytest.mark.parametrize("name", LAYERS)
def test_pairs_of_real_layers_equal_geos_on_a_grid(realdata: Path, name: str) -> None:
    one, two = (real_layer(realdata / file) for file in LAYERS[name])
    a, b = flatten(one), flatten(two)
    found = pairs_of(a, b)
    assert a.areas == pytest.approx(shapely.area(one), rel=1e-11)
    step = max(1, len(found.left) // 400)
    left, right = found.left[::step], found.right[::step]
    drawn = shapely.area(shapely.intersection(one[left], two[right], grid_size=GRID_M))
    around = shapely.length(one[left]) + shapely.length(two[right])
    assert (np.abs(found.shared_m2[::step] - drawn) <= GRID_M * around + 1e-4).all()
    inside = unions(a, b, found, overlaps_of(b))
    assert (inside <= a.areas + 1e-6).all()


def test_vermont_parcels_against_themselves(realdata: Path) -> None:
    shapes = real_layer(realdata / "vt_parcels" / "vt_parcels_ORWELL.geojson")
    flat = flatten(shapes)
    found = overlaps_of(flat)
    drawn = shapely.area(shapely.intersection(shapes[found.left], shapes[found.right],
                                              grid_size=GRID_M))
    assert found.shared_m2 == pytest.approx(drawn, abs=0.02)
    union = shapely.union_all(shapes, grid_size=1e-5).area
    ours = flat.areas.sum() - counted_again_m2(flat, found)
    assert ours == pytest.approx(union, rel=1e-8)
