"""Text and tables for the pages: numbers in the visitor's unit, every text escaped.

Nothing here trusts a text: HTML is escaped, and Markdown is disarmed, because Streamlit's messages
render it (a file may well be called ``![](…)``).
"""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import streamlit as st

from zoning.errors import ZoningError
from zoning.messages import Language, text
from zoning.messages import say as said
from zoning.report.layout import SCALED, unit_name, words
from zoning.report.tables.record import Cell, Column, Table
from zoning.report.tables.words import named
from zoning.scenario.outcome import Quantity, Status
from zoning.units import hectares, m2, mu
from zoning.web import session
from zoning.web.session import Unit

COLOURS = {
    Status.PASS: "pass", Status.FAIL: "fail", Status.UNDECIDED: "open", Status.INFO: "info",
}
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
NUMBERS = frozenset({"area", "kg", "amount", "quantity", "int", "share", "ha", "mu",
                     "length"})
WITH_UNIT = frozenset({"kg", "ha", "mu"})
WIDE = frozenset({"text", "clauses", "missing", "name", "document", "summary", "origin"})


class Html(str):
    """Text that is HTML already; everything else is escaped on its way to the page."""

    __slots__ = ()


def area(area_dm2: int, unit: Unit) -> str:
    """An area in 亩 (two decimals), 公顷 (four) or m² (two), without the unit's name."""
    if unit == "m2":
        return f"{m2(area_dm2):,}"
    return f"{mu(area_dm2, places=2):,}" if unit == "mu" else f"{hectares(area_dm2):,}"


def area_with_unit(area_dm2: int, unit: Unit, language: Language) -> str:
    """An area with the name of its unit."""
    return f"{area(area_dm2, unit)} {unit_name(unit, language)}"


def amount(value: int, unit_of_value: str, unit: Unit, language: Language) -> str:
    """A quantity with its unit: areas in the visitor's, kilograms as they are."""
    if unit_of_value == "dm2":
        return area_with_unit(value, unit, language)
    if unit_of_value == "1e-4":
        return f"{value / 100:.2f}%"
    return f"{value:,} {unit_name(unit_of_value, language)}"


def plain(value: str) -> str:
    """Text that Markdown leaves as it is."""
    return MARKDOWN.sub(r"\\\1", value)


def cell(value: object) -> str:
    """A value as HTML: escaped unless it is `Html`."""
    return value if isinstance(value, Html) else html.escape("" if value is None else str(value))


def badge(status: Status, language: Language) -> Html:
    """A status in its colour, also told by its word."""
    word = html.escape(text(f"report.status.{status.value}", language))
    return Html(f'<span class="badge {COLOURS[status]}">{word}</span>')


def swatch(colour: str) -> Html:
    """A small field of a colour."""
    return Html(f'<i class="swatch" style="background:{html.escape(colour)}"></i>')


def grid(heads: Sequence[str], rows: Iterable[Sequence[object]], *, numeric: Sequence[int] = (),
         total: bool = False) -> Html:
    """An HTML table; `numeric` columns are set flush right, a `total` row is set apart."""
    kind = ["num" if at in numeric else "" for at in range(len(heads))]
    head = "".join(f'<th class="{c}">{cell(h)}</th>' for h, c in zip(heads, kind, strict=True))
    body = ["".join(f'<td class="{c}">{cell(v)}</td>' for v, c in zip(row, kind, strict=True))
            for row in rows]
    marks = [' class="total"' if total and at == len(body) - 1 else "" for at in range(len(body))]
    inner = "".join(f"<tr{m}>{row}</tr>" for m, row in zip(marks, body, strict=True))
    return Html(f'<div class="scroll"><table class="desk"><thead><tr>{head}</tr></thead>'
                f"<tbody>{inner}</tbody></table></div>")


def pairs(rows: Iterable[tuple[str, object]]) -> Html:
    """Names and values below each other."""
    inner = "".join(f"<dt>{cell(name)}</dt><dd>{cell(value)}</dd>" for name, value in rows)
    return Html(f'<dl class="desk">{inner}</dl>')


def table(whole: Table, *, hide: Sequence[str] = ()) -> None:
    """A table of the report room in the visitor's language and unit; hidden columns by key."""
    language, unit = session.language(), session.unit()
    kept = [at for at, column in enumerate(whole.columns) if column.key not in hide]
    if not whole.rows:
        note(text("report.no_rows", language))
        return
    heads = [_heading(whole.columns[at], unit, language) for at in kept]
    rows = [[_shown(whole.columns[at], row[at], unit, language) for at in kept]
            for row in whole.rows]
    numeric = [n for n, at in enumerate(kept) if whole.columns[at].kind in NUMBERS]
    st.html(grid(heads, rows, numeric=numeric))


def heading(title: str, *, extra: str = "") -> None:
    """A heading inside a panel."""
    st.html(f'<h3 class="desk">{cell(title)}<small>{cell(extra)}</small></h3>')


def note(sentence: str) -> None:
    """A quiet sentence."""
    st.html(f'<p class="note">{cell(sentence)}</p>')


def command(*parts: str | Path) -> str:
    """A command line that a shell reads as it is meant."""
    return shlex.join(["zoning", *map(str, parts)])


def failure(error: ZoningError) -> None:
    """An error as a sentence; the page goes on."""
    st.error(plain(said(error, session.language())))


def role_name(role: str, names: Mapping[str, tuple[str, str]] | None = None) -> str:
    """The name of a layer's role: the rule book's for control lines, else the catalogue's."""
    language = session.language()
    if names and role in names:
        return names[role][0 if language == "zh" else 1]
    return words(named("role", role), language)


def _heading(column: Column, unit: Unit, language: Language) -> str:
    parts = (column.group, column.title)
    title = " ".join(words(part, language) for part in parts if part is not None)
    if column.kind == "area":
        return f"{title} ({unit_name(unit, language)})"
    return f"{title} ({unit_name(column.kind, language)})" if column.kind in WITH_UNIT else title


def _shown(column: Column, value: Cell, unit: Unit, language: Language) -> object:
    if isinstance(value, Status):
        return badge(value, language)
    if isinstance(value, Quantity):
        return amount(value.value, value.unit, unit, language)
    if column.kind in NUMBERS and value is None:
        return text("report.unknown", language)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(column, value, unit)
    return value.isoformat() if isinstance(value, date) else words(value, language)


def _number(column: Column, value: int, unit: Unit) -> str:
    if column.kind == "area":
        return area(value, unit)
    if column.kind in SCALED:
        return f"{Decimal(value).scaleb(-SCALED[column.kind]):,f}"
    if column.kind == "share":
        return f"{value / 100:.2f}%"
    return f"{value:,}" if column.kind == "kg" else str(value)


__all__ = ["Html", "amount", "area", "area_with_unit", "badge", "cell", "command", "failure",
           "grid", "heading", "note", "pairs", "plain", "role_name", "swatch", "table"]
