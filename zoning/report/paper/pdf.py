"""A paper as PDF: A4, an embedded subset of a Chinese font, the same paper to the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, WrapMode
from fpdf.fonts import FontFace

from zoning.messages import text
from zoning.report.layout import clean
from zoning.report.paper.drawn import draw_map, fitted, scale_number, symbol
from zoning.report.paper.fonts import Fonts, paper_fonts
from zoning.report.paper.model import (
    Code,
    Facts,
    Grid,
    GridCell,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    Signatures,
    SiteMap,
)

FONT = "paper"
LEFT, TOP, BOTTOM = 20, 18, 20
SIZES = {1: 15, 2: 12.5, 3: 11}
TONES = {"pass": (27, 120, 55), "fail": (178, 24, 43), "undecided": (163, 80, 3),
         "info": (85, 85, 85), "note": (85, 85, 85), "": (20, 20, 20)}
LEGEND_STEP, LEGEND_COLUMNS = 4.5, 4
SHORT = 24.0
"""Words no wider than so many mm are not wrapped."""
TABLE_SIZES = (9.0, 8.0, 7.2, 6.4, 5.6)
LEAST_WORDS = 13.0
"""The least width of a column of words, mm."""


def paper_pdf(paper: Paper, *, fonts: Fonts | None = None) -> bytes:
    """The paper as PDF. Raises UsageError where the machine has no Chinese font."""
    pdf = _Sheet(paper, fonts or paper_fonts())
    pdf.add_page()
    _title(pdf, paper)
    for block in paper.blocks:
        _SET[type(block)](pdf, block)
    return bytes(pdf.output())


class _Sheet(FPDF):
    """A page with the stamp above and the foot below."""

    def __init__(self, paper: Paper, fonts: Fonts) -> None:
        super().__init__(format="A4")
        self._paper = paper
        for style, face in (("", fonts.regular), ("B", fonts.bold)):
            self.add_font(FONT, style, face.file, collection_font_number=face.index)
        self.set_margins(LEFT, TOP, LEFT)
        self.set_auto_page_break(True, BOTTOM)
        self.set_font(FONT, size=10.5)
        self.set_title(clean(paper.title))
        self.set_subject(clean(paper.subtitle))
        self.set_lang("zh-CN" if paper.language == "zh" else "en")
        self.set_producer("zoning")
        year, month, day = map(int, paper.day.split("-"))
        self.set_creation_date(datetime(year, month, day, tzinfo=UTC))

    def header(self) -> None:
        """The title above every page but the first, and the stamp."""
        self.set_font(FONT, size=8)
        self.set_text_color(110)
        if self.page_no() > 1:
            self.set_y(9)
            self.cell(0, 5, self._cut(self._paper.title), align="L")
        if self._paper.stamp:
            self.set_y(9)
            self.set_text_color(178, 24, 43)
            self.cell(0, 5, clean(self._paper.stamp), align="R")
        self.set_y(TOP)

    def footer(self) -> None:
        """The foot, and the number of the page."""
        self.set_y(-13)
        self.set_font(FONT, size=8)
        self.set_text_color(110)
        told = text("papers.memo.page", self._paper.language, page=self.page_no(), pages="{nb}")
        self.cell(0, 5, self._cut(self._paper.foot), align="L")
        self.set_x(LEFT)
        self.cell(0, 5, told, align="R")

    def _cut(self, told: str) -> str:
        told = clean(told)
        while told and self.get_string_width(told) > self.epw - 40:
            told = told[:-2] + "…"
        return told

    def say(self, told: str, *, height: float, bold: bool = False, size: float = 10.5,
            tone: str = "", align: str = "L") -> None:
        """Write text over the whole width, wrapped between any two characters of Chinese."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*TONES[tone])
        self.multi_cell(0, height, clean(told), align=align, new_x="LMARGIN", new_y="NEXT",
                        wrapmode=WrapMode.CHAR if self._paper.language == "zh" else WrapMode.WORD)

    def need(self, height: float) -> None:
        """Begin a page where less than a height is left on this one."""
        if self.get_y() + height > self.h - BOTTOM:
            self.add_page()

    @property
    def language(self) -> Any:
        """The language of the paper."""
        return self._paper.language


def _title(pdf: _Sheet, paper: Paper) -> None:
    pdf.ln(6)
    pdf.set_font(FONT, "B", 20)
    fits = (pdf.epw - 3) / pdf.get_string_width(clean(paper.title) or "—")
    pdf.say(paper.title, height=10, bold=True, size=max(13.0, min(20.0, 20 * fits)), align="C")
    pdf.ln(1)
    pdf.say(paper.subtitle, height=6, size=10.5, tone="note", align="C")
    pdf.set_draw_color(178, 24, 43)
    pdf.set_line_width(0.7)
    pdf.line(LEFT, pdf.get_y() + 3, pdf.w - LEFT, pdf.get_y() + 3)
    pdf.ln(7)


def _heading(pdf: _Sheet, block: Heading) -> None:
    pdf.need(32 if block.level == 1 else 24)
    pdf.ln({1: 5, 2: 3.5, 3: 2}[block.level])
    pdf.start_section(clean(block.text), level=block.level - 1)
    pdf.say(block.text, height=7, bold=True, size=SIZES[block.level])
    pdf.ln(1)


def _paragraph(pdf: _Sheet, block: Paragraph) -> None:
    size = 9 if block.tone == "note" else 10.5
    pdf.say(block.text, height=size * 0.56, size=size, tone=block.tone)
    pdf.ln(1.5)


def _facts(pdf: _Sheet, block: Facts) -> None:
    rows = tuple((GridCell(name), GridCell(value)) for name, value in block.pairs)
    _table(pdf, Grid(("", ""), rows, widths=(2, 7)), heads=False)


def _grid(pdf: _Sheet, block: Grid) -> None:
    _table(pdf, block, heads=True)


def _table(pdf: _Sheet, block: Grid, *, heads: bool) -> None:
    size, widths = _widths(pdf, block)
    pdf.need(22)
    pdf.set_font(FONT, "", size)
    pdf.set_text_color(*TONES[""])
    pdf.set_fill_color(255)
    pdf.set_draw_color(150)
    pdf.set_line_width(0.2)
    wrap = WrapMode.CHAR if pdf.language == "zh" else WrapMode.WORD
    with pdf.table(
        width=pdf.epw, col_widths=widths, line_height=size * 0.56, padding=0.9,
        first_row_as_headings=heads, borders_layout=TableBordersLayout.ALL, wrapmode=wrap,
        text_align=tuple("RIGHT" if i in block.numeric else "LEFT"
                         for i in range(len(block.heads))),
        headings_style=FontFace(family=FONT, emphasis="BOLD", size_pt=size, color=(20, 20, 20),
                                fill_color=(232, 238, 245)),
    ) as table:
        if heads:
            row = table.row()
            for head in block.heads:
                row.cell(clean(head), align="CENTER")
        for number, cells in enumerate(block.rows):
            row = table.row()
            for at, cell in enumerate(cells):
                row.cell(_told(cell), style=_face(cell, size, is_total=number in block.totals,
                                                  is_name=not heads and at == 0))
    pdf.ln(2.5)


def _widths(pdf: _Sheet, block: Grid) -> tuple[float, tuple[float, ...]]:
    """A size of type at which numbers stand whole, and columns in mm; words share what is left."""
    shares = block.widths or tuple(1 for _ in block.heads)
    for size in TABLE_SIZES:
        pdf.set_font(FONT, "B", size)
        natural = [_natural(pdf, block, i) for i in range(len(block.heads))]
        whole = {i: width for i, width in enumerate(natural)
                 if i in block.numeric or width <= SHORT}
        words = [i for i in range(len(block.heads)) if i not in whole]
        left = pdf.epw - sum(whole.values())
        if left >= LEAST_WORDS * len(words) and (words or left >= 0):
            break
    share = max(left, LEAST_WORDS) / max(1, sum(shares[i] for i in words))
    widths = [whole.get(i, shares[i] * share) for i in range(len(shares))]
    scale = pdf.epw / sum(widths)
    return size, tuple(width * scale for width in widths)


def _natural(pdf: _Sheet, block: Grid, at: int) -> float:
    """How wide a column would be if nothing in its rows were wrapped, mm."""
    return 3.2 + max([8.0, *(pdf.get_string_width(clean(part)) for row in block.rows
                             for part in (row[at].text, row[at].small))])


def _told(cell: GridCell) -> str:
    return clean(cell.text) + (f"\n{clean(cell.small)}" if cell.small else "")


def _face(cell: GridCell, size: float, *, is_total: bool, is_name: bool) -> FontFace:
    bold = is_total or cell.tone in {"pass", "fail", "undecided"}
    fill = (244, 244, 244) if is_total or is_name else None
    return FontFace(family=FONT, emphasis="BOLD" if bold else None, size_pt=size,
                    color=TONES[cell.tone], fill_color=fill)


def _map(pdf: _Sheet, block: SiteMap) -> None:
    width, height = fitted(block, pdf.epw, block.most_mm)
    legend = _legend_height(block)
    pdf.need(height + legend + 14)
    left, top = LEFT + (pdf.epw - width) / 2, pdf.get_y()
    with pdf.local_context():
        draw_map(pdf, block, (left, top, width, height))
    pdf.set_y(top + height + 1.5)
    scale = text("papers.memo.scale", pdf.language, scale=f"{scale_number(block, width):,}",
                 system=block.system)
    pdf.say(f"{block.caption}　{scale}", height=4.6, size=8, tone="note", align="C")
    _legend(pdf, block)
    pdf.ln(3)


def _legend(pdf: _Sheet, block: SiteMap) -> None:
    step, top = pdf.epw / LEGEND_COLUMNS, pdf.get_y() + 1
    for number, layer in enumerate(block.listed):
        row, place = divmod(number, LEGEND_COLUMNS)
        x, y = LEFT + place * step, top + row * LEGEND_STEP
        symbol(pdf, layer.style, (x, y, 6, 3.2))
        pdf.set_font(FONT, "", 7)
        pdf.set_text_color(*TONES[""])
        pdf.text(x + 7.2, y + 2.6, clean(layer.name))
    pdf.set_y(top + _legend_height(block))


def _legend_height(block: SiteMap) -> float:
    return -(-len(block.listed) // LEGEND_COLUMNS) * LEGEND_STEP


def _code(pdf: _Sheet, block: Code) -> None:
    pdf.set_fill_color(243, 243, 240)
    pdf.set_font(FONT, "", 9)
    pdf.set_text_color(*TONES[""])
    pdf.multi_cell(0, 5.4, clean(block.text), fill=True, padding=2, new_x="LMARGIN", new_y="NEXT",
                   wrapmode=WrapMode.CHAR)
    pdf.ln(2)


def _signatures(pdf: _Sheet, block: Signatures) -> None:
    pdf.need(30)
    pdf.ln(6)
    step = pdf.epw / len(block.roles)
    y = pdf.get_y()
    date = text("papers.memo.sign_day", pdf.language)
    pdf.set_text_color(*TONES[""])
    for number, role in enumerate(block.roles):
        pdf.set_font(FONT, "", 10.5)
        pdf.text(LEFT + number * step, y + 5, f"{clean(role)}：________________")
        pdf.text(LEFT + number * step, y + 14, date)
    pdf.set_y(y + 18)


def _new_page(pdf: _Sheet, _block: NewPage) -> None:
    pdf.add_page()


_SET: dict[type, Callable[[_Sheet, Any], None]] = {
    Heading: _heading, Paragraph: _paragraph, Facts: _facts, Grid: _grid, SiteMap: _map,
    Code: _code, Signatures: _signatures, NewPage: _new_page,
}

__all__ = ["paper_pdf"]
