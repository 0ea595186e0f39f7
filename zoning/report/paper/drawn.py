"""A map drawn on a PDF page: shapes, hatching, frame, scale bar, north arrow, legend."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from fpdf import FPDF

from zoning.report.drawing import Style
from zoning.report.paper.model import Outline, Ring, ShownLayer, SiteMap

MM = 72 / 25.4
HATCH_MM = 1.6
NICE = (1, 2, 5)

Box = tuple[float, float, float, float]
"""Left, top, width, height in mm."""


def draw_map(pdf: FPDF, shown: SiteMap, box: Box) -> None:
    """Draw a map into a box of a page: left, top, width, height in mm."""
    pen = _Pen(pdf, shown, box)
    with pdf.rect_clip(*box):
        for layer in shown.layers:
            pen.layer(layer)
        for layer in shown.layers:
            if layer.is_site:
                pen.labels(layer)
    pdf.set_draw_color(60)
    pdf.set_line_width(0.3)
    pdf.rect(*box)
    _scale_bar(pdf, pen.mm_per_m, box)
    _north(pdf, box)


def fitted(shown: SiteMap, width: float, most: float) -> tuple[float, float]:
    """The size in mm that a map takes in a column of a width, at most so high."""
    height = width * shown.height_m / shown.width_m
    return (width, height) if height <= most else (width * most / height, most)


def scale_number(shown: SiteMap, width: float) -> int:
    """The scale of a map so wide on paper: 5000 for 1:5000."""
    return round(shown.width_m * 1000 / width)


def symbol(pdf: FPDF, style: Style, box: Box) -> None:
    """A small drawing of a style in a box."""
    left, top, width, height = box
    ring = ((0, 0), (int(width * 100), 0), (int(width * 100), int(height * 100)),
            (0, int(height * 100)))
    whole = SiteMap("", "", (0, 0), 1, 1, "")
    pen = _Pen(pdf, whole, (left, top, width, height), mm_per_m=1.0)
    pen.layer(ShownLayer("", style, ((ring,),)))


class _Pen:
    """Writes shapes as path operators: one path for a feature, holes by the even-odd rule.

    fpdf2's own drawing objects would keep a tree for every parcel; a map has thousands.
    """

    def __init__(
        self, pdf: FPDF, shown: SiteMap, box: Box, *, mm_per_m: float | None = None
    ) -> None:
        self._pdf = pdf
        self._left, self._bottom = box[0], box[1] + box[3]
        self.mm_per_m = mm_per_m if mm_per_m is not None else box[2] / shown.width_m

    def layer(self, layer: ShownLayer) -> None:
        """Fill, hatch and outline every feature of a layer."""
        paths = [self._path(outline) for outline in layer.shapes]
        style = layer.style
        if style.fill:
            with self._pdf.local_context(fill_opacity=style.fill_opacity):
                self._out([_colour(style.fill, "rg"), *(f"{path} f*" for path in paths)])
        if style.hatch:
            for outline, path in zip(layer.shapes, paths, strict=True):
                self._out(["q", path, "W* n", _colour(style.colour, "RG"), "0.35 w",
                           *self._strokes(outline, style.hatch), "Q"])
        if style.weight > 0:
            dash = " ".join(f"{float(part) * 0.5:.2f}" for part in style.dash.split())
            self._out(["q", _colour(style.colour, "RG"), f"{style.weight * 0.5:.2f} w [{dash}] 0 d",
                       "1 j", *(f"{path} S" for path in paths), "Q"])

    def labels(self, layer: ShownLayer) -> None:
        """The name of each feature in the middle of its box, on a light ground."""
        self._pdf.set_font(size=7.5, style="B")
        for outline, name in zip(layer.shapes, layer.names, strict=True):
            x, y = (sum(_range(outline, axis)) / 200 * self.mm_per_m for axis in (0, 1))
            wide = self._pdf.get_string_width(name)
            left, base = self._left + x - wide / 2, self._bottom - y + 1
            with self._pdf.local_context(fill_opacity=0.75, fill_color=(255, 255, 255)):
                self._pdf.rect(left - 0.6, base - 2.8, wide + 1.2, 3.6, style="F")
            self._pdf.set_text_color(20)
            self._pdf.text(left, base, name)
        self._pdf.set_font(style="")

    def _path(self, outline: Outline) -> str:
        return " ".join(self._ring(ring) for ring in outline)

    def _ring(self, ring: Ring) -> str:
        first, *rest = [self._at(*point) for point in ring]
        return " ".join([f"{first} m", *(f"{each} l" for each in rest), "h"])

    def _at(self, east: float, north: float) -> str:
        """A point of the map in the units of the page, from its lower left corner."""
        x = self._left + east / 100 * self.mm_per_m
        y = self._pdf.h - self._bottom + north / 100 * self.mm_per_m
        return f"{x * MM:.2f} {y * MM:.2f}"

    def _strokes(self, outline: Outline, hatch: str) -> Iterator[str]:
        """Parallel lines over the box of a feature, to be clipped by it."""
        west, east = _range(outline, 0)
        south, north = _range(outline, 1)
        step = HATCH_MM / self.mm_per_m * 100
        high = north - south
        for rising in ((True, False) if hatch == "x" else (hatch == "/",)):
            for k in range(math.floor((west - high) / step), math.ceil((east + high) / step) + 1):
                foot, head = (k * step, k * step + high) if rising else (k * step + high, k * step)
                yield f"{self._at(foot, south)} m {self._at(head, north)} l S"

    def _out(self, operators: Iterable[str]) -> None:
        self._pdf._out("\n".join(each for each in operators if each))


def _range(outline: Outline, axis: int) -> tuple[int, int]:
    values = [point[axis] for ring in outline for point in ring]
    return min(values), max(values)


def _colour(colour: str, operator: str) -> str:
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    return " ".join([*(f"{part:.3f}" for part in parts), operator])


def _scale_bar(pdf: FPDF, mm_per_m: float, box: Box) -> None:
    """A bar of a round length, some fifth of the width, in the lower left corner."""
    left, top, width, height = box
    metres = round_length(width / 5 / mm_per_m)
    long, y = metres * mm_per_m, top + height - 4
    pdf.set_fill_color(255)
    pdf.rect(left + 2, y - 5, long + 6, 7.5, style="F")
    pdf.set_draw_color(20)
    pdf.set_line_width(0.4)
    pdf.line(left + 5, y, left + 5 + long, y)
    for at in (left + 5, left + 5 + long / 2, left + 5 + long):
        pdf.line(at, y - 1.2, at, y)
    pdf.set_font(size=6.5)
    pdf.set_text_color(20)
    told = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"
    pdf.text(left + 5 + long / 2 - pdf.get_string_width(told) / 2, y - 1.7, told)


def round_length(metres: float) -> float:
    """The greatest 1, 2 or 5 times a power of ten that is not above a length."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(each * power for each in NICE if each * power <= metres)


def _north(pdf: FPDF, box: Box) -> None:
    x, y = box[0] + box[2] - 7, box[1] + 3
    pdf.set_fill_color(20)
    pdf.set_draw_color(20)
    pdf.polygon([(x, y), (x - 2, y + 6), (x, y + 4.6), (x + 2, y + 6)], style="F")
    pdf.set_font(size=7)
    pdf.set_text_color(20)
    pdf.text(x - 1, y + 9, "N")


__all__ = ["draw_map", "fitted", "round_length", "scale_number", "symbol"]
