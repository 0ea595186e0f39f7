"""Boundary TXT to be handed over: written, read back, compared; a file that differs is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import MultiPolygon, Polygon

from zoning.errors import LayerError, Severity, UsageError
from zoning.layers.crs import epsg_of
from zoning.layers.crs import zone as zone_by_number
from zoning.layers.model import Source
from zoning.layers.txt import Plot, TxtFile, parse_txt
from zoning.layers.txt_dialects import DIALECTS, write_dialect
from zoning.layers.txt_reading import txt_to_reading
from zoning.layers.txt_write import single_parts, write_txt

TOLERANCE_M = 0.002
"""Three decimals, and nine of a degree, keep a vertex to better than this."""
PREFIX = 1_000_000

KEPT = {
    "approval": ("number", "name", "use", "class_code", "sheet", "declared_ha"),
    "supply": ("number", "name", "use", "class_code", "sheet", "declared_ha"),
    "linkage": ("name", "class_code", "declared_ha"),
    "one_map": ("name",), "enforcement": ("name",), "balance": ("name",),
}
"""What each layout has a place for."""


def hand_over(
    plots: Sequence[Plot], dialect: str, *, zone: int, unit: str = "", made_on: str = "",
    encoding: str = "gbk",
) -> bytes:
    """Plots as a boundary TXT of one dialect, after it was read back and found to be the same.

    `approval` takes the fuller header with 数据产生单位 and 数据产生日期.

    Raises
    ------
    UsageError
        There is no such dialect.
    LayerError
        Something cannot be written, or what was written reads otherwise.
    CrsError
        There is no such zone.

    """
    if dialect not in DIALECTS:
        raise UsageError("layers.no_such_dialect", found=dialect, have=tuple(DIALECTS))
    if dialect == "approval":
        data = write_txt(plots, zone=zone, unit=unit, made_on=made_on, encoding=encoding)
    else:
        data = write_dialect(plots, dialect, zone=zone, encoding=encoding)
    require_same(data, plots, dialect, zone=zone)
    return data


def require_same(data: bytes, plots: Sequence[Plot], dialect: str, *, zone: int) -> None:
    """Raise LayerError where a TXT does not read as the plots: count, texts, shapes, area."""
    asked = [part for plot in plots for part in single_parts(plot)]
    found = parse_txt(data)
    faults = [each for each in found.problems if each.severity is Severity.ERROR]
    if faults or len(found.plots) != len(asked):
        raise LayerError("layers.txt_reads_otherwise", plot="-", what="plots",
                         asked=len(asked), found=len(found.plots))
    for plot, read in zip(asked, found.plots, strict=True):
        for field in KEPT[dialect]:
            _require_equal(plot, field, getattr(read, field))
    for plot, shape in zip(asked, _shapes(found, zone), strict=True):
        _require_shape(plot, shape, zone)


def _require_equal(plot: Plot, field: str, found: object) -> None:
    asked = getattr(plot, field)
    if field == "declared_ha" and asked is not None:
        asked = round(asked, 4)
    if asked != found:
        raise LayerError("layers.txt_reads_otherwise", plot=plot.number or plot.name,
                         what=field, asked=str(asked), found=str(found))


def _require_shape(plot: Plot, found: Polygon | MultiPolygon | None, zone: int) -> None:
    asked = _prefixed(plot.polygon, zone)
    away = -1.0 if found is None else float(shapely.hausdorff_distance(
        shapely.boundary(asked), shapely.boundary(found)))
    differs = found is None or abs(asked.area - found.area) > TOLERANCE_M * asked.length + 0.01
    if differs or away > TOLERANCE_M:
        raise LayerError("layers.txt_reads_otherwise", plot=plot.number or plot.name, what="shape",
                         asked=f"{asked.area:.2f} m²",
                         found="-" if found is None else f"{found.area:.2f} m², {away:.4f} m")


def _prefixed(shape: Polygon | MultiPolygon | None, zone: int) -> shapely.Geometry:
    """A shape with the zone number in front of its eastings."""
    if shape is None or shape.is_empty or shape.bounds[0] >= PREFIX:
        return shape if shape is not None else Polygon()
    return shapely.transform(shape, lambda at: at + np.array([zone * PREFIX, 0]))


def _shapes(found: TxtFile, zone: int) -> list[Polygon | MultiPolygon | None]:
    """The polygons as read, in the zone with prefix."""
    target = zone_by_number(zone, prefixed=True).crs()
    reading = txt_to_reading(found, source=Source("", "", ""))
    return [_carried(shape, reading.crs, target) for shape in reading.features.geometry]


def _carried(
    shape: Polygon | MultiPolygon | None, crs: CRS, target: CRS
) -> Polygon | MultiPolygon | None:
    if shape is None or epsg_of(crs) == epsg_of(target):
        return shape
    carry = Transformer.from_crs(crs, target, always_xy=True)
    return shapely.transform(shape, carry.transform, interleaved=False)


def check_file(plots: Sequence[Plot], dialect: str, zone: int, path: Path) -> None:
    """Raise LayerError where a file on disk does not read as the plots."""
    require_same(path.read_bytes(), plots, dialect, zone=zone)


__all__ = ["KEPT", "TOLERANCE_M", "check_file", "hand_over", "require_same"]
