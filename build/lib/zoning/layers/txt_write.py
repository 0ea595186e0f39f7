"""Write boundary TXT in the profile of land-conversion applications (报批)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from zoning.errors import LayerError
from zoning.layers.crs import zone as zone_by_number
from zoning.layers.txt import Plot
from zoning.units import share_out

_PREFIX = 1_000_000
_MILLIMETRE = Decimal("0.001")
_HECTARE_PLACES = Decimal("0.0001")
_REFUSED = (",", "，", "@", "＠", "\r", "\n")

Rows = list[tuple[str, str]]


def write_txt(
    plots: Sequence[Plot],
    *,
    zone: int,
    unit: str = "",
    made_on: str = "",
    split_parts: bool = True,
    encoding: str = "gbk",
) -> bytes:
    """The plots as a boundary TXT: CGCS2000, north then east with zone number, three decimals.

    `zone` is the zone number (13-23 for 6°, 25-45 for 3°) and is put in front of eastings that have
    none. Rings start at the north-west, the outer one runs clockwise; numbers run on through the
    rings of a plot and the closing point repeats the first. A plot of several parts becomes one
    plot line per part with its number continued (``7-1``), the declared area shared by plane area,
    unless `split_parts` is false. `unit` and `made_on` fill 数据产生单位 and 数据产生日期.

    Raises
    ------
    LayerError
        A plot has no polygon, or a text holds a comma, ``@`` or line break, or a character that the
        encoding has not.
    CrsError
        There is no such zone.

    """
    width = zone_by_number(zone, prefixed=True).width
    lines = _header(zone, width, unit, made_on)
    for plot in plots:
        for part in single_parts(plot) if split_parts else (plot,):
            lines += _plot_lines(part, zone)
    try:
        return ("\r\n".join(lines) + "\r\n").encode(encoding)
    except UnicodeEncodeError as error:
        bad = error.object[error.start:error.end]
        raise LayerError("layers.txt_not_encodable", text=bad, encoding=encoding) from error


def _header(zone: int, width: int, unit: str, made_on: str) -> list[str]:
    require_plain(unit, "数据产生单位")
    return [
        "[属性描述]", "格式版本号=1.01", f"数据产生单位={unit}", f"数据产生日期={made_on}",
        "坐标系=2000国家大地坐标系", f"几度分带={width}", "投影类型=高斯克吕格", "计量单位=米",
        f"带号={zone}", "精度=0.001", "转换参数=,,,,,,", "[地块坐标]",
    ]


def single_parts(plot: Plot) -> tuple[Plot, ...]:
    """A plot of several parts as one plot for each, the declared area shared exactly."""
    if not isinstance(plot.polygon, MultiPolygon) or len(plot.polygon.geoms) < 2:
        return (plot,)
    parts = plot.polygon.geoms
    areas: Sequence[Decimal | None] = [None] * len(parts)
    if plot.declared_ha is not None:
        units = int(quantized(plot.declared_ha, _HECTARE_PLACES).scaleb(4))
        areas = [Decimal(n).scaleb(-4) for n in share_out(units, [part.area for part in parts])]
    return tuple(
        replace(plot, number=f"{plot.number}-{i}" if plot.number else "", polygon=part,
                declared_ha=area)
        for i, (part, area) in enumerate(zip(parts, areas, strict=True), start=1)
    )


def _plot_lines(plot: Plot, zone: int) -> Iterator[str]:
    if plot.polygon is None or plot.polygon.is_empty:
        raise LayerError("layers.txt_nothing_to_write", plot=plot.number or plot.name)
    texts = (plot.number, plot.name, plot.sheet, plot.use, plot.class_code)
    for text in texts:
        require_plain(text, plot.number or plot.name)
    rings = [ring_rows(ring, zone) for ring in rings_of(plot.polygon)]
    count = sum(len(ring) + 1 for ring in rings)
    area = "" if plot.declared_ha is None else f"{quantized(plot.declared_ha, _HECTARE_PLACES):f}"
    number, name, sheet, use, class_code = texts
    yield f"{count},{area},{number},{name},面,{sheet},{use},{class_code},@"
    point = 1
    for ring_number, ring in enumerate(rings, start=1):
        for offset, (north, east) in enumerate([*ring, ring[0]]):
            label = point + offset if offset < len(ring) else point
            yield f"J{label},{ring_number},{north},{east}"
        point += len(ring)


def rings_of(polygon: Polygon | MultiPolygon) -> Iterator[Sequence[tuple[float, ...]]]:
    """The rings of a polygon without closing points: outer ones clockwise, holes the other way."""
    for part in getattr(polygon, "geoms", [polygon]):
        turned = orient(part, sign=-1.0)
        yield turned.exterior.coords[:-1]
        for hole in turned.interiors:
            yield hole.coords[:-1]


def ring_rows(ring: Sequence[tuple[float, ...]], zone: int) -> Rows:
    """The vertices as written, from the one nearest the north-west corner of the ring's box."""
    west, north = min(point[0] for point in ring), max(point[1] for point in ring)
    away = [(point[0] - west) ** 2 + (point[1] - north) ** 2 for point in ring]
    start = away.index(min(away))
    rows = [_row(point[0], point[1], zone) for point in (*ring[start:], *ring[:start])]
    return [row for i, row in enumerate(rows) if row != rows[i - 1]] or rows[:1]


def _row(east: float, north: float, zone: int) -> tuple[str, str]:
    prefixed = Decimal(repr(float(east))) + (zone * _PREFIX if east < _PREFIX else 0)
    return (f"{quantized(Decimal(repr(float(north))), _MILLIMETRE):f}",
            f"{quantized(prefixed, _MILLIMETRE):f}")


def quantized(value: Decimal, step: Decimal) -> Decimal:
    """A number rounded half up to a step."""
    return value.quantize(step, rounding=ROUND_HALF_UP)


def require_plain(text: str, plot: str) -> None:
    """Raise `LayerError` for a text that would break the format."""
    if any(mark in text for mark in _REFUSED):
        raise LayerError("layers.txt_comma", plot=plot, text=text)


__all__ = ["quantized", "require_plain", "ring_rows", "rings_of", "single_parts", "write_txt"]
