"""Awkward geometries and files, made in code: every one has upset a GIS before."""

from __future__ import annotations

import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

GK40 = "EPSG:4528"
EAST, NORTH = 40_613_000.0, 3_575_700.0


def square(side: float = 100.0, *, east: float = EAST, north: float = NORTH) -> Polygon:
    """A square near 32.3N 121.2E in zone 40, eastings with zone number."""
    return box(east, north, east + side, north + side)


def bow_tie() -> Polygon:
    """Crosses itself in the middle; its signed area is 0."""
    e, n = EAST, NORTH
    return Polygon([(e, n), (e + 10, n + 10), (e + 10, n), (e, n + 10)])


def spike() -> Polygon:
    """A square with a needle of no width."""
    e, n = EAST, NORTH
    return Polygon([(e, n), (e + 10, n), (e + 10, n + 10), (e + 50, n + 10), (e + 10, n + 10),
                    (e, n + 10)])


def hole_outside() -> Polygon:
    shell, hole = square(10), square(5, east=EAST + 100)
    return Polygon(shell.exterior.coords, [hole.exterior.coords])


def flat() -> Polygon:
    """There and back along a line."""
    return Polygon([(EAST, NORTH), (EAST + 10, NORTH), (EAST + 20, NORTH), (EAST, NORTH)])


def not_finite() -> Polygon:
    nan = float("nan")
    with np.errstate(invalid="ignore"):
        return Polygon([(EAST, NORTH), (EAST + 10, nan), (EAST + 10, NORTH + 10), (EAST, NORTH)])


def with_hole() -> Polygon:
    return square(100).difference(square(10, east=EAST + 20, north=NORTH + 20))


def two_parts() -> MultiPolygon:
    return MultiPolygon([square(10), square(10, east=EAST + 50)])


def with_heights() -> Polygon:
    return shapely.force_3d(square(30), 7.5)


UNUSABLE = {
    "GEO001": [None, Polygon()],
    "GEO002": [Point(EAST, NORTH), LineString([(EAST, NORTH), (EAST + 1, NORTH)]),
               shapely.GeometryCollection([square(5), Point(EAST, NORTH)])],
    "GEO003": [bow_tie(), spike(), hole_outside()],
    "GEO004": [not_finite()],
    "GEO005": [flat()],
}
USABLE = [square(), with_hole(), two_parts(), with_heights(), square(0.01, east=EAST + 500)]


def survey_layer(shapes: list[object] | None = None, **columns: object) -> gpd.GeoDataFrame:
    """A small official parcel layer (DLTB); `columns` replace or add fields."""
    shapes = shapes or [square(100, east=EAST + 100 * i) for i in range(3)]
    n = len(shapes)
    fields: dict[str, object] = {
        "BSM": [f"32062300000000{i:04d}" for i in range(1, n + 1)],
        "TBBH": [f"{i:04d}" for i in range(1, n + 1)],
        "DLBM": ["0101"] * n, "TBMJ": [10_000.0] * n, "ZLDWMC": ["城东村"] * n, "QSXZ": ["30"] * n,
    }
    return gpd.GeoDataFrame(pd.DataFrame({**fields, **columns}), geometry=shapes, crs=GK40)


def write_shapefile(
    folder: Path, *, encoding: str = "gbk", cpg: str | None = None, language_byte: int = 0,
    prj: bool = True, frame: gpd.GeoDataFrame | None = None,
) -> Path:
    """A shapefile as offices send it: GBK text, no .cpg, language byte 0 unless said otherwise."""
    path = folder / "地类图斑.shp"
    (survey_layer() if frame is None else frame).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = language_byte
    path.with_suffix(".dbf").write_bytes(table)
    if not prj:
        path.with_suffix(".prj").unlink()
    return path


def esri_prj(code: int) -> str:
    """The text of an ESRI .prj."""
    return CRS.from_epsg(code).to_wkt("WKT1_ESRI")


def truncated(path: Path, by: int) -> None:
    """Cut bytes off the end of a file."""
    path.write_bytes(path.read_bytes()[:-by])


def shp_header(magic: int = 9994) -> bytes:
    return struct.pack(">i", magic) + b"\x00" * 96
