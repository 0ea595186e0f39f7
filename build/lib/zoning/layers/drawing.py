"""DXF drawings: outlines to polygons, one layer per CAD layer that holds closed outlines.

A drawing has no polygons and no coordinate system, only lines on named layers. Blocks are taken
where they are inserted. An outline is a closed polyline, a polyline whose ends nearly meet, or
lines that meet end to end; which of these it was is always told. A text inside one outline names
it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from zoning.errors import Message, Problem, Severity
from zoning.layers.ogr import read_ogr
from zoning.layers.table import Geometries, Table

GAP = 0.05
"""Ends of a polyline nearer than this (drawing units) were meant to meet."""

_POINT, _LINE, _POLYGON, _MULTIPOLYGON = 0, 1, 3, 6
_CURVED = re.compile(rb"\n\s*(?:CIRCLE|ARC|ELLIPSE|SPLINE)\s*\r?\n|"
                     rb"\n\s*42\s*\r?\n\s*-?[0-9]*\.?0*[1-9]")
_NAMED = 5

Rows = NDArray[np.intp]


def list_drawing_layers(path: Path) -> tuple[str, ...]:
    """The CAD layers that hold closed outlines; all layers where none does.

    Raises `LayerError` where the drawing cannot be read.
    """
    table = _entities(path)
    names = _cad_layers(table)
    closed = {name for name in dict.fromkeys(names)
              if _outlines(table.geometry[np.flatnonzero(names == name)])[0]}
    return tuple(closed and sorted(closed)) or tuple(dict.fromkeys(names.tolist()))


def read_drawing(path: Path, layer: str | None) -> Table:
    """One CAD layer of a drawing: columns ``layer`` and ``name``, one row per outline.

    What is no outline is counted in a problem; where there is no outline at all the lines are
    handed on as they are. Raises `LayerError` where the drawing cannot be read.
    """
    table = _entities(path)
    names = _cad_layers(table)
    rows = np.arange(len(names)) if layer is None else np.flatnonzero(names == layer)
    shapes, notes = _outlines(table.geometry[rows])
    problems = [*table.problems, *notes, *_nested(shapes), *_curved(path)]
    if not shapes:
        kept = table.geometry[rows]
        return Table((("layer", names[rows]),), kept, None, table.encoding, tuple(problems))
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    owner, labels = np.full(len(shapes), layer or "", dtype=object), _labels(table, geometry)
    problems += _left_out(table.geometry[rows])
    columns = (("layer", owner), ("name", labels))
    return Table(columns, geometry, None, table.encoding, tuple(problems))


def _entities(path: Path) -> Table:
    """Every entity of the model space, in 2D."""
    table = read_ogr(path, "entities")
    flat = shapely.force_2d(table.geometry)
    space = dict(table.columns).get("PaperSpace")
    paper = np.zeros(len(flat), dtype=bool)
    if space is not None:
        paper = np.array([value is True or value == 1 for value in space], dtype=bool)
    columns = tuple((name, values[~paper]) for name, values in table.columns)
    return Table(columns, flat[~paper], None, table.encoding, table.problems)


def _cad_layers(table: Table) -> Any:
    return np.array([str(name) for name in dict(table.columns).get("Layer", [])], dtype=object)


def _outlines(geometry: Geometries) -> tuple[list[Any], list[Problem]]:
    """The polygons of a CAD layer, and how each was found."""
    parts = shapely.get_parts(geometry[~shapely.is_missing(geometry)])
    kinds = shapely.get_type_id(parts)
    found = list(parts[kinds == _POLYGON])
    lines = [line for line in parts[kinds == _LINE] if np.isfinite(line.bounds).all()]
    gaps = [_gap(line) for line in lines]
    found += [_closed(line) for line, gap in zip(lines, gaps, strict=True) if gap == 0]
    nearly = [line for line, gap in zip(lines, gaps, strict=True) if gap is not None and gap > 0]
    joined = _joined([line for line, gap in zip(lines, gaps, strict=True) if gap is None])
    notes = []
    if nearly:
        notes.append(_note("DXF001", "layers.dxf_closed", len(nearly), gap=f"{GAP:g}"))
    if joined:
        notes.append(_note("DXF002", "layers.dxf_joined", len(joined)))
    return [*found, *map(_closed, nearly), *joined], notes


def _gap(line: Any) -> float | None:
    """How far the ends of a line are apart; None where it is no outline."""
    at = line.coords
    apart = float(np.hypot(at[0][0] - at[-1][0], at[0][1] - at[-1][1]))
    return apart if apart <= GAP and len(set(at)) >= 3 else None


def _closed(line: Any) -> Any:
    at = list(line.coords)
    return shapely.Polygon(at if at[0] == at[-1] else [*at, at[0]])


def _joined(lines: list[Any]) -> list[Any]:
    """Rings made of lines that meet end to end."""
    if not lines:
        return []
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines)))
    return [_closed(line) for line in merged if _gap(line) is not None]


def _nested(shapes: list[Any]) -> list[Problem]:
    """Outlines inside others: a hole, or a plot drawn in another. The drawing does not tell."""
    valid = np.array([shape for shape in shapes if shape.is_valid], dtype=object)
    inner, outer = shapely.STRtree(valid).query(valid, predicate="within")
    count = len(set(inner[inner != outer].tolist()))
    if not count:
        return []
    return [_note("DXF004", "layers.dxf_nested", count, severity=Severity.WARNING)]


def _left_out(geometry: Geometries) -> list[Problem]:
    kinds = Counter(shape.geom_type for shape in geometry if shape is not None)
    lines = [shape for shape in shapely.get_parts(geometry[~shapely.is_missing(geometry)])
             if shape.geom_type == "LineString" and _gap(shape) is None]
    others = len(lines) + kinds["Point"]
    return [_note("DXF003", "layers.dxf_left_out", others, lines=len(lines),
                  texts=kinds["Point"])] if others else []


def _labels(table: Table, geometry: Geometries) -> Any:
    """The text inside each outline: the one there is, None for none or several."""
    texts = dict(table.columns).get("Text")
    labels = np.full(len(geometry), None, dtype=object)
    if texts is None:
        return labels
    said = [(row, text) for row, text in enumerate(texts) if isinstance(text, str) and text.strip()]
    is_point = shapely.get_type_id(table.geometry) == _POINT
    said = [(row, text) for row, text in said if is_point[row]]
    if not said:
        return labels
    points = table.geometry[[row for row, _ in said]]
    for row, polygon in enumerate(geometry):
        inside = np.flatnonzero(shapely.is_valid(polygon) & shapely.within(points, polygon))
        if len(inside) == 1:
            labels[row] = said[int(inside[0])][1].strip()
    return labels


def _curved(path: Path) -> list[Problem]:
    if not _CURVED.search(path.read_bytes()):
        return []
    message = Message("layers.curves_straightened", {"kind": "DXF"})
    return [Problem("READ006", message, Severity.WARNING)]


def _note(
    code: str, key: str, count: int, *, severity: Severity = Severity.WARNING, **params: object
) -> Problem:
    return Problem(code, Message(key, {"count": count, **params}), severity, count)


__all__ = ["list_drawing_layers", "read_drawing"]
