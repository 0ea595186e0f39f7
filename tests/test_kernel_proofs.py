"""Every pair and layer of the real data, whole, against what others say of it: docs/proofs.md.

Each comparison gives the names of the cases that differ; together they must be the rows of the
tables there, where each is explained. A new difference fails, and so does one that is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from overlay_failures import made, published
from pyproj import CRS
from test_kernel_failures import shared_exactly, united_exactly
from test_kernel_realdata import (
    clipper_cases,
    jts_cases,
    real_layer,
    shared,
    winding,
)

from zoning.layers.normalise import normalise
from zoning.layers.read import list_layers, read_layer
from zoning.measure import kernel
from zoning.measure.flat import Flat, flatten
from zoning.measure.overlap import counted_again_m2
from zoning.measure.overlay import Pairs, overlaps_of, pairs_of, unions
from zoning.measure.plane import to_plane

PROOFS = Path(__file__).parents[1] / "docs" / "proofs.md"
GRID_M = 1e-6


def rows_of(heading: str) -> set[str]:
    """The names in the first column of the table under a heading of docs/proofs.md."""
    text = PROOFS.read_text(encoding="utf-8")
    section = text.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([^`]+)`", section, flags=re.MULTILINE))


# ── Published results ────────────────────────────────────────────────────────────────────────


def jts_differences(realdata: Path) -> set[str]:
    differ = set()
    for file, a, b, name, result in jts_cases(realdata / "jts_overlay"):
        both = shared(a, b)
        ours = {"intersection": both, "union": a.area + b.area - both,
                "difference": a.area - both, "symdifference": a.area + b.area - 2 * both}[name]
        if abs(ours - result.area) > max(1e-9 * max(a.area, b.area), 1e-9):
            differ.add(f"{file}, {name}")
    return differ


def turned(paths: list[Any], rule: str) -> Any:
    """The land of paths by any of the four filling rules."""
    rings = [shapely.LinearRing(path) for path in paths]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(rings)])) if rings else []
    if not len(faces):
        return shapely.Polygon()
    spots = shapely.get_coordinates(shapely.point_on_surface(faces))
    turns = np.array([sum(winding(np.array(ring.coords), spot) for ring in rings)
                      for spot in spots])
    kept = {"EVENODD": turns % 2 == 1, "NONZERO": turns != 0, "POSITIVE": turns > 0,
            "NEGATIVE": turns < 0}[rule]
    return shapely.union_all(faces[kept])


DRAWN: dict[str, Callable[[Any, Any], Any]] = {
    "INTERSECTION": shapely.intersection, "UNION": shapely.union, "DIFFERENCE": shapely.difference,
    "XOR": shapely.symmetric_difference}


def clipper_differences(realdata: Path) -> set[str]:
    """Upstream rounds every crossing to whole units: its border lies within 0.4 of the true one."""
    differ, compared = set(), 0
    for case in clipper_cases(realdata / "clipper2" / "Polygons.txt"):
        told = float(case.get("SOL_AREA", 0))
        if not case["SUBJECTS"] or told <= 0:  # −1 where upstream does not know it
            continue
        a, b = (turned(case[key], case["FILLRULE"]) for key in ("SUBJECTS", "CLIPS"))
        both = shared(a, b) if b.area else 0.0
        ours = {"INTERSECTION": both, "UNION": a.area + b.area - both, "DIFFERENCE": a.area - both,
                "XOR": a.area + b.area - 2 * both}[case["CLIPTYPE"]]
        compared += 1
        if abs(ours - told) > 0.4 * DRAWN[case["CLIPTYPE"]](a, b).length + 1:
            differ.add(f"Clipper2 {case['caption']}")
    assert compared == 189
    return differ


class Divided:
    """Areas of the four operations on two layers."""

    def __init__(self, one: Any, two: Any) -> None:
        a, b = flatten(one), flatten(two)
        found, back = pairs_of(a, b), pairs_of(b, a)
        in_b, in_a = (unions(x, y, p, overlaps_of(y)) for x, y, p in ((a, b, found), (b, a, back)))
        self.intersection = float(found.shared_m2.sum())
        self.difference = float((a.areas - in_b).sum())
        self.inverse = float((b.areas - in_a).sum())
        self.symmetric_difference = self.difference + self.inverse
        self.union = self.symmetric_difference + self.intersection


def shapes(file: Path) -> Any:
    return gpd.read_file(file).geometry.values


def total(file: Path) -> float:
    return float(np.nansum(shapely.area(shapes(file))))


def overlay_differences(realdata: Path) -> set[str]:
    """The results of QGIS and of the small layers that geopandas is tested with."""
    folder = realdata / "geopandas_overlay"
    names = {"intersection": "intersection", "difference": "difference", "union": "union",
             "symmetric_difference": "symmetric_difference", "difference-inverse": "inverse"}
    sets = {
        "nybb_qgis": ("polydf.shp", "polydf2.shp", "qgis-{}.shp"),
        "polys": ("df1.geojson", "df2.geojson", "df1_df2-{}.geojson"),
        "overlap": ("df1_overlap.geojson", "df2_overlap.geojson", "df1_df2_overlap-{}.geojson")}
    differ = set()
    for name, (one, two, result) in sets.items():
        ours = Divided(*(shapes(folder / name / file) for file in (one, two)))
        for word, attribute in names.items():
            file = folder / name / result.format(word)
            if file.exists() and total(file) != pytest.approx(getattr(ours, attribute), rel=1e-9):
                differ.add(f"{name}, {word}")
    return differ


def test_published_results_differ_where_the_table_says(realdata: Path) -> None:
    found = (jts_differences(realdata) | clipper_differences(realdata)
             | overlay_differences(realdata))
    assert found == rows_of("Where a published number differs")


def test_two_rows_of_the_union_of_qgis_are_repeated_land(realdata: Path) -> None:
    """What the table says of it: a circle that is also divided, and a piece that is there twice."""
    folder = realdata / "geopandas_overlay" / "nybb_qgis"
    union = gpd.read_file(folder / "qgis-union.shp")
    circles = shapes(folder / "polydf2.shp")
    areas = union.geometry.area
    whole = union["BoroCode"].isna() & (union["value1"] == 1156064) & (areas > 3e8)
    twice = union["BoroCode"].isna() & (union["value1"] == 1186756)
    assert whole.sum() == 1
    assert twice.sum() == 2
    repeated = float(areas[whole].sum() + areas[twice].max())
    assert overlaps_of(flatten(circles)).left.size == 0
    assert np.nansum(areas) - repeated == pytest.approx(
        Divided(shapes(folder / "polydf.shp"), circles).union, rel=1e-9)


# ── GEOS without a grid ──────────────────────────────────────────────────────────────────────


def geos_differs(name: str, a: Any, b: Any) -> bool:
    """Whether GEOS throws, or its intersection or union is off by more than 1e-6."""
    a, b = shapely.force_2d([a, b])
    try:
        found = shapely.intersection(a, b).area, shapely.union(a, b).area
    except shapely.GEOSException:
        return True
    exact = shared_exactly(name), united_exactly(name)
    return any(abs(one - float(other)) > 1e-6 * max(1.0, float(other))
               for one, other in zip(found, exact, strict=True))


def test_geos_is_wrong_where_the_table_says() -> None:
    wrong = {name for name, pair in (published() | made()).items() if geos_differs(name, *pair)}
    heading = f"Where GEOS {shapely.geos_version_string} is silently wrong"
    assert wrong == rows_of(heading)


# ── Real layers, whole ───────────────────────────────────────────────────────────────────────

DC, FR, MK = "dc_planning", "fr_cadastre", "meck_constraints"
FLOODS = f"{DC}/community-rating-system-special-flood-hazard-areas"
LAYERS = [
    (f"{DC}/future-land-use", f"{DC}/historic-districts"),
    (f"{DC}/future-land-use", f"{DC}/overlay-zones"),
    (f"{DC}/parcel-lots", f"{DC}/historic-districts"),
    (f"{DC}/future-land-use", FLOODS), (f"{DC}/parcel-lots", FLOODS),
    (f"{FR}/parcelles", f"{FR}/batiments"), (f"{FR}/parcelles", f"{FR}/sections"),
    (f"{MK}/wetlands", f"{MK}/watersheds"), (f"{MK}/watersheds", f"{MK}/zipcodes"),
    ("vt_parcels/vt_parcels_RUTLAND_CITY", "vt_parcels/vt_parcels_RUTLAND_TOWN"),
]


@cache
def layer(file: Path) -> Any:
    return real_layer(file)


def differing(one: Any, two: Any, found: Pairs) -> int:
    """How many pairs GEOS, on a grid, finds another area for than the grid can explain."""
    if not found.left.size:
        return 0
    drawn = shapely.area(shapely.intersection(one[found.left], two[found.right], grid_size=GRID_M))
    around = shapely.length(one[found.left]) + shapely.length(two[found.right])
    return int((np.abs(found.shared_m2 - drawn) > GRID_M * around + 1e-4).sum())


def test_every_pair_of_the_real_layers_equals_geos_on_a_grid(realdata: Path) -> None:
    differ = {}
    for one, two in LAYERS:
        a, b = (layer(realdata / f"{name}.geojson") for name in (one, two))
        count = differing(a, b, pairs_of(flatten(a), flatten(b)))
        if count:
            differ[one, two] = count
    assert differ == {}
    assert rows_of("Where GEOS on a grid differs") == set()


def test_the_vermont_parcels_against_themselves(realdata: Path) -> None:
    """All 38,000: pairs with GEOS; sum, pairs and union with the figures of the data's sheet."""
    file = realdata / "vt_parcels" / "vt_parcels_block.parquet"
    sound = layer(file)
    found = overlaps_of(flatten(sound))
    assert found.left.size > 3000
    assert differing(sound, sound, found) == 0
    frame = gpd.read_parquet(file).to_crs(32145)
    plain = flatten(frame.geometry[frame.geometry.is_valid].values)
    told = frame["SHAPE_area"][frame.geometry.is_valid].to_numpy()
    assert np.abs(plain.areas - told).max() < 1e-4
    mended = flatten(polygons(shapely.make_valid(frame.geometry.values)))
    overlaps = overlaps_of(mended)
    assert (overlaps.shared_m2 > 1).sum() == 2719
    every = pairs_of(mended, mended)
    once = every.shared_m2[every.left < every.right]
    assert once.sum() == pytest.approx(124_852_921, abs=0.5)
    union = mended.areas.sum() - counted_again_m2(mended, overlaps)
    unnamed = once.sum() - overlaps.shared_m2.sum()
    assert 0 < unnamed < 2  # of pairs that share less than 0.005 m²
    assert union - unnamed == pytest.approx(2_489_738_827.49, abs=0.1)


def polygons(drawn: Any) -> Any:
    """The polygons of each shape; what `make_valid` left of lines is dropped."""
    return [each if each.geom_type in ("Polygon", "MultiPolygon") else shapely.MultiPolygon(
        [part for part in shapely.get_parts(shapely.get_parts(each))
         if part.geom_type == "Polygon"]) for each in drawn]


def fiboa_files(realdata: Path) -> list[Path]:
    return sorted(file for file in (realdata / "fiboa_formats").rglob("*")
                  if file.is_file() and file.suffix in (".zip", ".gpkg"))


def test_every_fiboa_extract_equals_geos(realdata: Path) -> None:
    """Layers as released, read as any file is: each feature's own area, and pairs within."""
    compared = 0
    for file in fiboa_files(realdata):
        for name in list_layers(file):
            reading = read_layer(file, layer=name)
            usable = normalise(reading, "site").features.geometry.values
            plane = to_plane(usable, CRS.from_user_input(reading.crs))
            flat = flatten(plane)
            compared += len(plane)
            assert flat.areas == pytest.approx(shapely.area(plane), rel=1e-10), file.name
            assert differing(plane, plane, overlaps_of(flat)) == 0, file.name
            assert own_areas(flat) == pytest.approx(flat.areas, rel=1e-10), file.name
    assert compared > 700


def own_areas(flat: Flat) -> Any:
    """Every feature against itself."""
    rows = np.arange(len(flat.areas))
    return kernel.pair_areas(flat, rows, flat, rows)

