"""Boundary TXT, first step: bytes to text, and each line to what it is.

The format (报部坐标, 勘测定界界址点坐标交换格式) has no published grammar that offices keep to, so
a line is recognised by its shape: a plot line ends in ``@``, a point line holds a pair of numbers
that can be coordinates, an attribute line holds ``=``.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoning.errors import LayerError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+")
_USUAL_POINT = re.compile(r"([A-Za-z]{0,3}\d*),(\d+),(\d+\.?\d*),(\d+\.?\d*)", re.ASCII)
_POINT_NUMBER = re.compile(r"[A-Za-z]{0,3}-?\d+", re.ASCII)
_WIDE = str.maketrans("，＠；", ",@,")
_COORDINATE_PAIRS = ((1, 2), (2, 3), (4, 5))


@dataclass(frozen=True)
class SectionLine:
    """``[属性描述]``, ``[地块坐标]`` or another heading."""

    line: int
    name: str


@dataclass(frozen=True)
class AttributeLine:
    """``key=value``."""

    line: int
    key: str
    value: str


@dataclass(frozen=True)
class PlotLine:
    """The fields before the ``@``; `wide` where its commas were full-width."""

    line: int
    fields: tuple[str, ...]
    wide: bool = False


@dataclass(frozen=True)
class PointLine:
    """A boundary point: its number, ring and the two coordinates in file order.

    `plot` is set only in the layout that names the plot on every point.
    """

    line: int
    number: str
    ring: str
    first: float
    second: float
    plot: str | None = None
    wide: bool = False


@dataclass(frozen=True)
class BlankLine:
    """An empty line; one layout ends a plot with it."""

    line: int


@dataclass(frozen=True)
class BrokenLine:
    """A line that is none of the others. `is_point` where it was meant to be a point."""

    line: int
    text: str
    is_point: bool


Line = SectionLine | AttributeLine | PlotLine | PointLine | BlankLine | BrokenLine


def decode_txt(
    data: bytes, *, encoding: str | None = None, file: str = "TXT"
) -> tuple[str, str]:
    """The text of the bytes and the encoding used.

    Order: the encoding given; a byte order mark; UTF-16 recognised by its zero bytes; strict UTF-8;
    GB18030, which contains GBK. Raises `LayerError` where none fits.
    """
    for name in [encoding] if encoding else _candidates(data):
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise LayerError("layers.unknown_encoding", encoding=name) from error
    raise LayerError("layers.txt_encoding", file=file, encoding=encoding or "UTF-8, GB18030")


def scan(text: str) -> Iterator[Line]:
    """Each line of the text as what it is, numbered from 1; explanation blocks are left out."""
    closing = ""
    for line, raw in enumerate(_LINE_END.split(text), start=1):
        content = raw.strip().strip("\ufeff\x1a\x00").strip()
        if closing:
            closing = "" if closing in content else closing
        elif content[:1] in ("【", "{"):
            end = "】" if content[0] == "【" else "}"
            closing = "" if end in content else end
        else:
            yield _line(line, content)


def number(text: str) -> float | None:
    """A plain decimal number, full-width digits included; None for anything else."""
    plain = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
    return float(plain) if _NUMBER.fullmatch(plain) else None


def is_northing(value: float) -> bool:
    """Whether a value can be a Gauss-Krüger northing in China, in metres."""
    return 1_800_000 <= value <= 6_100_000


def is_easting(value: float) -> bool:
    """Whether a value can be an easting, with a zone number in front or without, in metres."""
    return 10_000 <= value < 1_000_000 or 13_000_000 <= value < 46_000_000


def is_longitude(value: float) -> bool:
    """Whether a value can be a longitude in China, in degrees."""
    return 70 <= value <= 140


def is_latitude(value: float) -> bool:
    """Whether a value can be a latitude in China, in degrees."""
    return 0 < value < 60


def _candidates(data: bytes) -> list[str]:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return [name]
    head = data[:4096]
    if head.count(0) * 5 > len(head):
        return ["utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"]
    return ["utf-8", "gb18030"]


def _line(line: int, content: str) -> Line:
    if not content:
        return BlankLine(line)
    if content[0] in "[［" and content[-1] in "]］":
        return SectionLine(line, content[1:-1].strip())
    if content.rstrip(" ,，;；").endswith(("@", "＠")):
        return _plot_line(line, content)
    point = _usual_point(line, content) or _point_line(line, content)
    if point is not None:
        return point
    plain = content.replace("＝", "=")
    if "=" in plain:
        key, _, value = plain.partition("=")
        return AttributeLine(line, key.strip(), value.strip())
    return BrokenLine(line, content, _meant_as_point(content))


def _plot_line(line: int, content: str) -> PlotLine:
    body = content.rstrip(" ,，;；")[:-1]
    wide = "," not in body and "，" in body
    fields = [field.strip() for field in (body.translate(_WIDE) if wide else body).split(",")]
    return PlotLine(line, tuple(fields[:-1] if fields[-1] == "" else fields), wide)


def _usual_point(line: int, content: str) -> PointLine | None:
    """A point line of the standard layout, which nearly all are, without looking further."""
    usual = _USUAL_POINT.fullmatch(content)
    if usual is None or not _is_plane(float(usual[3]), float(usual[4])):
        return None
    return PointLine(line, usual[1], usual[2], float(usual[3]), float(usual[4]))


def _point_line(line: int, content: str) -> PointLine | None:
    for wide, text in enumerate((content, content.translate(_WIDE), content.replace("\t", ","))):
        point = _point(line, [field.strip() for field in text.split(",")], wide=bool(wide))
        if point is not None:
            return point
    return _point(line, content.split(), wide=False)


def _point(line: int, fields: Sequence[str], *, wide: bool) -> PointLine | None:
    at = _coordinates_at(fields)
    if at is None:
        return None
    first, second = number(fields[at]), number(fields[at + 1])
    if first is None or second is None:
        return None
    if at == 4:
        return PointLine(line, fields[3], fields[2], first, second, plot=fields[1], wide=wide)
    ring = fields[1] if at == 2 else (fields[4] if len(fields) > 4 else "")
    return PointLine(line, fields[0], ring or "1", first, second, wide=wide)


def _coordinates_at(fields: Sequence[str]) -> int | None:
    """Where the pair of coordinates starts: by magnitude, and only then by the column count."""
    values = [number(field) for field in fields]
    pairs = [(at, values[at], values[to]) for at, to in _COORDINATE_PAIRS if to < len(values)]
    known = [(at, a, b) for at, a, b in pairs if a is not None and b is not None]
    for at, a, b in known:
        if _is_plane(a, b):
            return at
    for at, a, b in known:
        if _is_degrees(a, b) and "." in fields[at] and "." in fields[at + 1]:
            return at
    filled = len(fields) - (1 if fields and fields[-1] == "" else 0)
    usual = {3: 1, 4: 2}.get(filled)
    return usual if usual in {at for at, _, _ in known} else None


def _is_plane(a: float, b: float) -> bool:
    return (is_northing(a) and is_easting(b)) or (is_easting(a) and is_northing(b))


def _is_degrees(a: float, b: float) -> bool:
    return (is_longitude(a) and is_latitude(b)) or (is_latitude(a) and is_longitude(b))


def _meant_as_point(content: str) -> bool:
    first = re.split(r"[,，\s]", content, maxsplit=1)[0]
    separators = len(re.findall(r"[,，]", content))
    return separators >= 2 or bool(separators and _POINT_NUMBER.fullmatch(first))


__all__ = [
    "AttributeLine", "BlankLine", "BrokenLine", "Line", "PlotLine", "PointLine", "SectionLine",
    "decode_txt", "is_easting", "is_latitude", "is_longitude", "is_northing", "number", "scan",
]
