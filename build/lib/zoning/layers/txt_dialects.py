"""Boundary TXT as six business systems write it: the same land in six layouts.

建设用地报批 `approval`, 供地 `supply`, 增减挂钩 `linkage`, 一张图 `one_map`, 卫片执法
`enforcement` and 耕地进出平衡 `balance`. The reader tells them apart by shape, not by name; what a
layout has no place for (area, number, use, class) is not in its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import Polygon

from zoning.errors import LayerError, UsageError
from zoning.layers.crs import CGCS2000
from zoning.layers.crs import zone as zone_by_number
from zoning.layers.txt import Plot
from zoning.layers.txt_write import quantized, require_plain, ring_rows, rings_of, single_parts

_AREA = Decimal("0.0001")
_DEGREE = Decimal("0.000000001")
_TENTH_MILLIMETRE = Decimal("0.0001")

Rows = list[tuple[str, str]]
"""North and east of the points of one ring, as written, without the closing point."""


@dataclass(frozen=True)
class Dialect:
    """One layout: its header for a zone, its lines for a plot, and its line ends."""

    code: str
    zh: str
    header: Callable[[int, int], list[str]]
    lines: Callable[[Plot, int, int], Iterator[str]]
    line_end: str = "\r\n"


def write_dialect(
    plots: Sequence[Plot], dialect: str, *, zone: int, encoding: str = "gbk"
) -> bytes:
    """Plots as a boundary TXT of one business system; eastings get the zone number in front.

    A plot of several parts becomes one plot for each part. `enforcement` is in degrees of CGCS2000.

    Raises
    ------
    UsageError
        There is no such dialect.
    LayerError
        A plot has no polygon, or a text would break the file or is not in the encoding.
    CrsError
        There is no such zone.

    """
    if dialect not in DIALECTS:
        raise UsageError("layers.no_such_dialect", found=dialect, have=tuple(DIALECTS))
    wanted, width = DIALECTS[dialect], zone_by_number(zone, prefixed=True).width
    lines = wanted.header(zone, width)
    parts = [part for whole in plots for part in single_parts(whole)]
    for index, plot in enumerate(parts, start=1):
        if plot.polygon is None or plot.polygon.is_empty:
            raise LayerError("layers.txt_nothing_to_write", plot=plot.number or plot.name)
        for text in (plot.number, plot.name, plot.sheet, plot.use, plot.class_code):
            require_plain(text, plot.number or plot.name)
        lines += wanted.lines(plot, zone, index)
    try:
        return (wanted.line_end.join(lines) + wanted.line_end).encode(encoding)
    except UnicodeEncodeError as error:
        bad = error.object[error.start:error.end]
        raise LayerError("layers.txt_not_encodable", text=bad, encoding=encoding) from error


def _full_header(precision: str, shift: str) -> Callable[[int, int], list[str]]:
    def header(zone: int, width: int) -> list[str]:
        return ["[属性描述]", "格式版本号=", "数据产生单位=", "数据产生日期=",
                *_system(zone, width, precision, shift), "[地块坐标]"]

    return header


def _short_header(zone: int, width: int) -> list[str]:
    return ["[属性描述]", *_system(zone, width, "0.01", ",,,,,,"), "[地块坐标]"]


def _system(zone: int, width: int, precision: str, shift: str) -> list[str]:
    return ["坐标系=2000国家大地坐标系", f"几度分带={width}", "投影类型=高斯克吕格", "计量单位=米",
            f"带号={zone}", f"精度={precision}", f"转换参数={shift}"]


def _linkage_header(zone: int, width: int) -> list[str]:
    return ["[属性描述]", "投影类型=高斯克吕格", "坐标系=2000国家大地坐标系", f"分带={width}",
            f"带号={zone}", "[地块坐标]"]


def _no_header(_zone: int, _width: int) -> list[str]:
    return []


def _bare_header(_zone: int, _width: int) -> list[str]:
    return ["[地块坐标]"]


def _standard(plot: Plot, zone: int, _index: int) -> Iterator[str]:
    rings = _rings(plot, zone)
    count = sum(len(ring) + 1 for ring in rings)
    yield (f"{count},{_area(plot)},{plot.number},{plot.name},面,{plot.sheet},{plot.use},"
           f"{plot.class_code},@")
    yield from _points(rings)


def _one_map(plot: Plot, zone: int, _index: int) -> Iterator[str]:
    yield f"{plot.number},{plot.name},面,,@"
    yield from _points(_rings(plot, zone))


def _linkage(plot: Plot, zone: int, _index: int) -> Iterator[str]:
    """Distance to the previous point in column 4, ring number in column 5, four decimals."""
    yield f",{_area(plot)},,{plot.name},,,,{plot.class_code},@"
    point = 1
    for number, ring in enumerate(_rings(plot, zone), start=1):
        closed = [(f"{Decimal(north):.4f}", f"{Decimal(east):.4f}") for north, east in
                  (*ring, ring[0])]
        yield f"J{point},{closed[0][0]},{closed[0][1]},,{number},"
        for at, (before, after) in enumerate(pairwise(closed), start=1):
            north, east = (Decimal(b) - Decimal(a) for a, b in zip(before, after, strict=True))
            length = (north**2 + east**2).sqrt()
            label = point + at if at < len(ring) else point
            yield (f"J{label},{after[0]},{after[1]},{quantized(length, _TENTH_MILLIMETRE):f},"
                   f"{number},")
        point += len(ring)


def _enforcement(plot: Plot, zone: int, _index: int) -> Iterator[str]:
    """Longitude and latitude in degrees, nine decimals: a tenth of a millimetre."""
    rings = [_degrees(ring, zone) for ring in _rings(plot, zone)]
    count = sum(len(ring) + 1 for ring in rings)
    yield f"{count},{plot.name},面,{plot.use},@"
    yield from _points(rings)


def _balance(plot: Plot, zone: int, index: int) -> Iterator[str]:
    """A plot line for every ring, easting first, numbers without zeros at the end."""
    for ring in _rings(plot, zone):
        yield f"{len(ring) + 1},{plot.name},面,{plot.use},@ "
        for at, (north, east) in enumerate((*ring, ring[0])):
            yield f"J{at % len(ring) + 1},{index},{_plain(east)},{_plain(north)}"


def _rings(plot: Plot, zone: int) -> list[Rows]:
    polygon = plot.polygon if plot.polygon is not None else Polygon()
    return [ring_rows(ring, zone) for ring in rings_of(polygon)]


def _points(rings: Sequence[Rows]) -> Iterator[str]:
    """``J1,1,X,Y``: numbers run on through the rings, the closing point repeats the first."""
    point = 1
    for number, ring in enumerate(rings, start=1):
        for at, (first, second) in enumerate((*ring, ring[0])):
            label = point + at if at < len(ring) else point
            yield f"J{label},{number},{first},{second}"
        point += len(ring)


def _degrees(ring: Rows, zone: int) -> Rows:
    system = zone_by_number(zone, prefixed=True).crs()
    carry = Transformer.from_crs(system, CRS.from_epsg(CGCS2000), always_xy=True)
    points = shapely.get_coordinates(shapely.points(
        np.array([(float(east), float(north)) for north, east in ring])))
    lon, lat = carry.transform(points[:, 0], points[:, 1])
    return [(f"{quantized(Decimal(repr(float(x))), _DEGREE):f}",
             f"{quantized(Decimal(repr(float(y))), _DEGREE):f}")
            for x, y in zip(lon, lat, strict=True)]


def _area(plot: Plot) -> str:
    return "" if plot.declared_ha is None else f"{quantized(plot.declared_ha, _AREA):f}"


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".")


DIALECTS = {
    known.code: known for known in (
        Dialect("approval", "建设用地报批", _full_header("3", "0,0,0,0,0,0,0"), _standard),
        Dialect("supply", "供地", _full_header("0.001", ",,,,,,"), _standard),
        Dialect("linkage", "增减挂钩", _linkage_header, _linkage),
        Dialect("one_map", "一张图", _short_header, _one_map),
        Dialect("enforcement", "卫片执法", _no_header, _enforcement),
        Dialect("balance", "耕地进出平衡", _bare_header, _balance, "\r"),
    )
}
"""The dialects by code."""

__all__ = ["DIALECTS", "Dialect", "write_dialect"]
