"""Sheets, csv and xlsx: boundary points in rows, or shapes as WKT; other tables are recognised.

The heading row is found by its words. X is north and Y is east in a survey table, but the size of
the numbers decides, as in a boundary TXT. Text above the heading may state the coordinate system.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import openpyxl
import shapely

from zoning.errors import LayerError
from zoning.layers.sources import require_modest
from zoning.layers.table import Table, unreadable
from zoning.layers.txt import TxtFile, parse_lines
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
)

SheetKind = Literal["points", "shapes", "quota", "table"]
Row = tuple[str, ...]

_X = ("x", "x坐标", "坐标x", "纵坐标", "纵坐标x", "x纵坐标", "北坐标", "北", "n", "north",
      "northing", "纬度", "lat", "latitude")
_Y = ("y", "y坐标", "坐标y", "横坐标", "横坐标y", "y横坐标", "东坐标", "东", "e", "east",
      "easting", "经度", "lon", "lng", "long", "longitude")
_POINT = ("点号", "界址点号", "拐点号", "拐点编号", "点名", "界址点", "点", "点编号", "jzdh",
          "point")
_RING = ("圈号", "地块圈号", "环号", "圈", "界址圈号", "ring")
_PLOT = ("地块编号", "地块号", "地块名称", "地块", "宗地号", "宗地编号", "宗地代码", "宗地",
         "图斑编号", "图斑号", "dkbh", "dkmc", "plot", "parcel", "parcel_id", "feature_id")
_SHAPE = ("wkt", "geometry", "geom", "the_geom", "shape", "图形")
_QUOTA = ("耕地数量", "水田规模", "粮食产能", "指标类型", "指标来源", "指标账户", "计划指标")
_UNIT = re.compile(r"[(\[{].*?[)\]}]|[\s:：_/]")
_STATED = re.compile(r"(坐标系统?|带号|中央子午线|几度分带|投影带)\s*[:=：]\s*([^\s,;，；]+)")
_DATUM = re.compile(r"2000国家大地坐标系|CGCS ?2000|80国家大地坐标系|1980西安|西安80|西安1980|"
                    r"1954北京|北京54|北京1954|WGS-?84", re.IGNORECASE)
_WKT = re.compile(r"\s*(SRID=\d+;)?\s*(MULTI)?(POLYGON|POINT|LINESTRING|SURFACE)", re.IGNORECASE)
_HEAD_ROWS = 25
_MOST_ROWS = 1_100_000
_MOST_CELLS = 30_000_000


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, what it holds, its rows as text, and where its headings are.

    `columns` are the headings of each column; `first` is the first row below them, from 0.
    """

    name: str
    kind: SheetKind
    rows: tuple[Row, ...]
    columns: Row = ()
    first: int = 0
    encoding: str = "utf-8"


def read_sheets(path: Path, *, encoding: str | None = None) -> tuple[Sheet, ...]:
    """The sheets of a csv or xlsx file. Raises `LayerError` where it cannot be read."""
    if path.suffix.casefold() == ".xlsx":
        return tuple(_recognised(name, rows, "utf-8") for name, rows in _workbook(path))
    text, used = decode_txt(path.read_bytes(), encoding=encoding, file=path.name)
    return (_recognised(path.stem, tuple(_separated(text, path.name)), used),)


def sheet_plots(sheet: Sheet, *, file: str) -> TxtFile:
    """The plots of a sheet of boundary points. Raises `LayerError` where there is not one."""
    return parse_lines(tuple(_lines(sheet)), encoding=sheet.encoding, file=file)


def sheet_table(sheet: Sheet) -> Table:
    """A sheet with shapes as WKT; a shape that cannot be formed is None and its row named."""
    at = next(i for i, name in enumerate(sheet.columns) if _plain(name) in _SHAPE)
    rows = [row for row in sheet.rows[sheet.first:] if any(row)]
    wkt = np.array([_cell(row, at).partition(";")[2] if _cell(row, at).startswith("SRID")
                    else _cell(row, at) or None for row in rows], dtype=object)
    geometry = shapely.from_wkt(wkt, on_invalid="ignore")
    given = np.array([text is not None for text in wkt], dtype=bool)
    problems = unreadable(np.flatnonzero(shapely.is_missing(geometry) & given) + 1)
    columns = []
    for i, name in enumerate(sheet.columns):
        if i != at and name:
            values = np.empty(len(rows), dtype=object)
            values[:] = [_cell(row, i) or None for row in rows]
            columns.append((name, values))
    return Table(tuple(columns), geometry, None, sheet.encoding, problems)


def _recognised(name: str, rows: tuple[Row, ...], encoding: str) -> Sheet:
    for at, row in enumerate(rows[:_HEAD_ROWS]):
        plain = [_plain(cell) for cell in row]
        if _find(plain, _X) is not None and _find(plain, _Y) is not None:
            return Sheet(name, "points", rows, _headings(rows, at), at + 1, encoding)
        shape = _find(plain, _SHAPE)
        if shape is not None and any(_WKT.match(_cell(each, shape)) for each in rows[at + 1:]):
            return Sheet(name, "shapes", rows, row, at + 1, encoding)
    head = "".join(_plain(cell) for row in rows[:_HEAD_ROWS] for cell in row)
    return Sheet(name, "quota" if any(word in head for word in _QUOTA) else "table", rows,
                 encoding=encoding)


def _headings(rows: Sequence[Row], at: int) -> Row:
    """The heading of each column: its own, or the one of a merged cell in the row above."""
    above = rows[at - 1] if at else ()
    return tuple(cell or _cell(above, i) for i, cell in enumerate(rows[at]))


def _lines(sheet: Sheet) -> Iterator[Line]:
    """The rows of a sheet of points as the lines of a boundary TXT."""
    plain = [_plain(name) for name in sheet.columns]
    x, y = _find(plain, _X), _find(plain, _Y)
    point, ring, plot = _find(plain, _POINT), _find(plain, _RING), _find(plain, _PLOT)
    yield SectionLine(1, sheet.name)
    for row in sheet.rows[:sheet.first]:
        if datum := _DATUM.search(" ".join(row)):
            yield AttributeLine(1, "坐标系", datum[0])
        for key, value in _STATED.findall(" ".join(row)):
            yield AttributeLine(1, {"坐标系统": "坐标系", "投影带": "带号"}.get(key, key), value)
    name = last = ""
    for line, row in enumerate(sheet.rows[sheet.first:], start=sheet.first + 1):
        pair = number(_cell(row, x)), number(_cell(row, y))
        if pair[0] is None or pair[1] is None:
            is_point = bool(_cell(row, x) and _cell(row, y)) and not _is_heading(row)
            yield BrokenLine(line, ",".join(row), True) if is_point else BlankLine(line)
            continue
        name = _cell(row, plot) or name
        if name != last:
            last = name
            yield PlotLine(line, ("", "", name, "", "面"))
        yield PointLine(line, _cell(row, point), _cell(row, ring) or "1", pair[0], pair[1])


def _is_heading(row: Row) -> bool:
    plain = [_plain(cell) for cell in row]
    return _find(plain, _X) is not None and _find(plain, _Y) is not None


def _find(plain: Sequence[str], names: Sequence[str]) -> int | None:
    """The column with the best of several names."""
    for name in names:
        if name in plain:
            return plain.index(name)
    return None


def _plain(cell: str) -> str:
    return _UNIT.sub("", unicodedata.normalize("NFKC", cell)).casefold()


def _cell(row: Row, at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""


def _separated(text: str, file: str) -> Iterator[Row]:
    """The rows of a delimited text; the delimiter is the one that parts most of its lines."""
    lines = [line for line in text.lstrip("\ufeff").splitlines()[:200] if line.strip()]
    marks = [max(",\t;|", key=line.count) for line in lines]
    mark = max(",\t;|", key=marks.count) if marks else ","
    reader = csv.reader(text.lstrip("\ufeff").replace("\x00", "").splitlines(), delimiter=mark)
    try:
        for row in reader:
            yield tuple(cell.strip() for cell in row)
    except csv.Error as error:
        raise LayerError("layers.unreadable", file=file, detail=str(error)) from error


def _workbook(path: Path) -> list[tuple[str, tuple[Row, ...]]]:
    require_modest(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return [(sheet.title, tuple(_sheet_rows(sheet, path.name)))
                    for sheet in book.worksheets]
        finally:
            book.close()
    except (LayerError, MemoryError):
        raise
    except Exception as error:  # the library lets through whatever XML, zip and numbers raise
        raise LayerError("layers.unreadable", file=path.name, detail=str(error)[:300]) from error


def _sheet_rows(sheet: object, file: str) -> Iterator[Row]:
    cells = 0
    rows = sheet.iter_rows(values_only=True)  # type: ignore[attr-defined]
    for count, row in enumerate(islice(rows, _MOST_ROWS + 1)):
        cells += len(row)
        if count == _MOST_ROWS or cells > _MOST_CELLS:
            raise LayerError("layers.sheet_too_large", file=file)
        yield tuple(_shown(value) for value in row)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


__all__ = ["Sheet", "SheetKind", "read_sheets", "sheet_plots", "sheet_table"]
