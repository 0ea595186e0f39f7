"""Boundary TXT (界址点坐标交换格式): a tolerant parser that reports every guess.

`parse_txt` makes plots from bytes; `zoning.layers.txt_reading` makes a layer of them and settles
the coordinate system; `zoning.layers.txt_write` is the way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from shapely.geometry import MultiPolygon, Polygon

from zoning.errors import LayerError, Message, Problem, Severity
from zoning.layers.txt_lines import (
    AttributeLine,
    BlankLine,
    BrokenLine,
    Line,
    PlotLine,
    PointLine,
    SectionLine,
    decode_txt,
    number,
    scan,
)
from zoning.layers.txt_plots import PlotFields, plot_fields
from zoning.layers.txt_rings import Axes, Ring, Rings, build_polygon, find_axes, split_rings

_FINEST_TOLERANCE = 0.0015
_NAMED = 5


@dataclass(frozen=True)
class Plot:
    """One plot (地块) of a boundary TXT.

    `rings` and `polygon` hold (easting, northing) as written, a zone number in front included, or
    (longitude, latitude). `polygon` is None where a broken line would make its shape a guess.
    `declared_ha` is the written area in 公顷. `line` is where the plot begins, from 1.
    """

    number: str = ""
    name: str = ""
    use: str = ""
    class_code: str = ""
    sheet: str = ""
    declared_ha: Decimal | None = None
    rings: tuple[Ring, ...] = ()
    polygon: Polygon | MultiPolygon | None = None
    extra: tuple[tuple[str, str], ...] = ()
    axes: Axes = "north_east"
    line: int = 0


@dataclass(frozen=True)
class TxtFile:
    """A parsed boundary TXT: header attributes, plots, everything guessed, and the encoding."""

    attributes: Mapping[str, str]
    plots: tuple[Plot, ...]
    problems: tuple[Problem, ...]
    encoding: str


@dataclass(frozen=True)
class _Raw:
    """The lines of one plot before anything is made of them."""

    header: PlotLine | None
    points: tuple[PointLine, ...]
    broken: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Note:
    """One guess or fault at one place; notes of the same key become one Problem."""

    code: str
    key: str
    where: str
    severity: Severity = Severity.NOTE


@dataclass
class _Gathering:
    """The plot being collected while the lines go by."""

    header: PlotLine | None = None
    points: list[PointLine] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)

    def is_begun(self) -> bool:
        return self.header is not None or bool(self.points)

    def close(self) -> _Raw:
        return _Raw(self.header, tuple(self.points), tuple(self.broken))


def parse_txt(data: bytes, *, encoding: str | None = None, file: str = "TXT") -> TxtFile:
    """Parse a boundary TXT.

    The attribute section may be absent, keys unknown, line ends and punctuation of any kind, the
    closing point there or not; holes and parts are told apart by containment. Every guess and every
    line that is not understood is a `Problem` of the result. `file` is the name to use in errors.

    Raises
    ------
    LayerError
        The bytes are no text, or hold not one plot.

    """
    text, used = decode_txt(data, encoding=encoding, file=file)
    return parse_lines(tuple(scan(text)), encoding=used, file=file)


def parse_lines(lines: Sequence[Line], *, encoding: str, file: str) -> TxtFile:
    """Plots of lines that are told apart already, from a TXT or from the rows of a sheet.

    Raises `LayerError` where there is not one plot.
    """
    attributes = {line.key: line.value for line in lines if isinstance(line, AttributeLine)}
    raws = tuple(_plots(lines))
    if not raws:
        raise LayerError("layers.txt_no_plots", file=file)
    notes = list(_line_notes(lines))
    tolerance = _tolerance(attributes)
    plots = []
    for position, raw in enumerate(raws, start=1):
        plot, found = _plot(raw, position, tolerance)
        plots.append(plot)
        notes += found
    merged, found = _merge_rings_on_own_lines(plots, raws)
    return TxtFile(attributes, merged, _problems([*notes, *found]), encoding)


def plot_id(plot: Plot, position: int) -> str:
    """What a plot is called: its number, or ``P`` and its position in the file from 1."""
    return plot.number or f"P{position}"


def _plots(lines: Iterable[Line]) -> Iterator[_Raw]:
    """Cut the lines into plots: at plot lines; without those at blank lines or plot numbers."""
    current = _Gathering()
    for line in lines:
        if isinstance(line, PlotLine):
            if current.is_begun():
                yield current.close()
            current = _Gathering(header=line)
        elif isinstance(line, PointLine):
            if current.points and current.points[-1].plot != line.plot:
                yield current.close()
                current = _Gathering()
            current.points.append(line)
        elif isinstance(line, BrokenLine) and line.is_point and current.is_begun():
            current.broken.append(line.line)
        elif isinstance(line, BlankLine) and current.header is None and current.points:
            yield current.close()
            current = _Gathering()
    if current.is_begun():
        yield current.close()


def _line_notes(lines: Sequence[Line]) -> Iterator[_Note]:
    if not any(isinstance(line, SectionLine) for line in lines):
        yield _Note("TXT001", "layers.txt_no_header", "1")
    for line in lines:
        if isinstance(line, BrokenLine):
            if line.is_point:
                yield _Note("TXT002", "layers.txt_broken_line", str(line.line), Severity.ERROR)
            else:
                yield _Note("TXT003", "layers.txt_ignored_line", str(line.line))
        elif isinstance(line, PlotLine | PointLine) and line.wide:
            yield _Note("TXT004", "layers.txt_wide_punctuation", str(line.line))


def _tolerance(attributes: Mapping[str, str]) -> float:
    """How near two points are the same: 精度 is a length, or a number of decimals."""
    value = number(attributes.get("精度", ""))
    if value is None or value <= 0 or value > 8:
        return _FINEST_TOLERANCE
    length = 10.0 ** -value if value >= 1 else value
    return max(_FINEST_TOLERANCE, min(1.5 * length, 0.05))


def _plot(raw: _Raw, position: int, tolerance: float) -> tuple[Plot, list[_Note]]:
    axes = find_axes(raw.points)
    is_degrees = axes in ("lon_lat", "lat_lon")
    rings = split_rings(raw.points, axes=axes, tolerance=1e-9 if is_degrees else tolerance)
    fields = plot_fields(raw.header.fields if raw.header else (), points=len(raw.points))
    polygon, owners = build_polygon(rings.rings)
    is_faulty = bool(raw.broken or rings.short or not rings.rings)
    line = raw.header.line if raw.header else raw.points[0].line
    declared, fit = _declared(fields, None if is_degrees else polygon)
    plot = Plot(
        fields.number, fields.name, fields.use, fields.class_code, fields.sheet, declared,
        rings.rings, None if is_faulty else polygon, fields.extra, axes, line,
    )
    name = plot_id(plot, position)
    notes = [*_plot_notes(raw, fields, rings, name), *_ring_notes(owners, name)]
    if fit:
        notes.append(_Note("TXT013", fit, name, Severity.WARNING))
    if axes in ("east_north", "lat_lon", "unknown"):
        severity = Severity.WARNING if axes == "unknown" else Severity.NOTE
        notes.append(_Note("TXT010", f"layers.txt_axes_{axes}", name, severity))
    return plot, notes


def _plot_notes(raw: _Raw, fields: PlotFields, rings: Rings, name: str) -> Iterator[_Note]:
    if raw.header is None:
        yield _Note("TXT005", "layers.txt_no_plot_line", name)
    if not raw.points:
        yield _Note("TXT006", "layers.txt_no_points", name, Severity.ERROR)
    if raw.broken:
        yield _Note("TXT007", "layers.txt_plot_broken", name, Severity.ERROR)
    for line in rings.short:
        yield _Note("TXT008", "layers.txt_short_ring", str(line), Severity.ERROR)
    for line in rings.mismatched:
        yield _Note("TXT009", "layers.txt_closing_differs", str(line), Severity.WARNING)
    if rings.unclosed:
        yield _Note("TXT011", "layers.txt_unclosed", name)
    if rings.stray:
        yield _Note("TXT012", "layers.txt_stray_closing", name)
    if fields.is_joined:
        yield _Note("TXT014", "layers.txt_comma_in_name", name, Severity.WARNING)
    if fields.bad_area:
        yield _Note("TXT015", "layers.txt_bad_area", name, Severity.WARNING)
    if fields.points is not None and raw.points and not raw.broken:
        found = len(raw.points)
        if fields.points not in (found, found - 1, found - rings.closings):
            yield _Note("TXT016", "layers.txt_point_count", name, Severity.WARNING)


def _ring_notes(owners: Sequence[int], name: str) -> Iterator[_Note]:
    if any(owner != -1 for owner in owners):
        yield _Note("TXT017", "layers.txt_holes", name)
    if sum(owner == -1 for owner in owners) > 1:
        yield _Note("TXT018", "layers.txt_parts", name)


def _declared(
    fields: PlotFields, polygon: Polygon | MultiPolygon | None
) -> tuple[Decimal | None, str]:
    """The declared area in 公顷, and the message key where it fits the shape only in m² or 亩."""
    declared = fields.declared_ha
    if declared is None or declared <= 0 or polygon is None or polygon.area == 0:
        return declared, ""
    shape_m2 = polygon.area
    units = ((Decimal(1), ""), (Decimal("0.0001"), "layers.txt_area_is_m2"),
             (Decimal(1) / Decimal(15), "layers.txt_area_is_mu"))
    for factor, key in units:
        if abs(float(declared * factor) * 10_000 - shape_m2) <= max(0.01 * shape_m2, 1.0):
            return declared * factor, key
    return declared, "layers.txt_area_differs"


def _merge_rings_on_own_lines(
    plots: Sequence[Plot], raws: Sequence[_Raw]
) -> tuple[tuple[Plot, ...], list[_Note]]:
    """Join a ring that has a plot line of its own to the plot around it (耕地进出平衡 layout).

    There each ring has a line ``count,name,面,kind,@`` without number and area; a hole repeats the
    name and the ring number of its plot.
    """
    merged: list[tuple[Plot, str]] = []
    notes = []
    for plot, raw in zip(plots, raws, strict=True):
        mark = raw.points[0].ring if raw.points else ""
        if merged and _is_hole_of(plot, mark, *merged[-1]):
            outer = merged.pop()[0]
            rings = (*outer.rings, *plot.rings)
            joined = replace(outer, rings=rings, polygon=build_polygon(rings)[0])
            merged.append((joined, mark))
            notes.append(_Note("TXT019", "layers.txt_ring_on_own_line", plot.name))
        else:
            merged.append((plot, mark))
    return tuple(plot for plot, _ in merged), notes


def _is_hole_of(plot: Plot, mark: str, outer: Plot, outer_mark: str) -> bool:
    if plot.polygon is None or outer.polygon is None or not plot.name:
        return False
    bare = not plot.number and plot.declared_ha is None and outer.declared_ha is None
    same = plot.name == outer.name and mark == outer_mark
    shell = Polygon(outer.rings[0])
    inside = shell.is_valid and shell.contains(plot.polygon)
    return bare and same and inside and not shell.equals(plot.polygon)


def _problems(notes: Iterable[_Note]) -> tuple[Problem, ...]:
    """One Problem per code and key, with the count and the first five places."""
    places: dict[tuple[str, str, Severity], list[str]] = {}
    for note in notes:
        places.setdefault((note.code, note.key, note.severity), []).append(note.where)
    return tuple(
        Problem(code, Message(key, {"where": tuple(found[:_NAMED]), "count": len(found)}),
                severity, len(found), tuple(found[:_NAMED]))
        for (code, key, severity), found in sorted(places.items())
    )


__all__ = ["Plot", "TxtFile", "parse_lines", "parse_txt", "plot_id"]
