"""Idle land on the map by how long it has lain, counted from the day its idleness counts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote

import numpy as np
import streamlit as st

from zoning.report.layout import unit_name
from zoning.report.tables.stock import StockRow
from zoning.web import session, show
from zoning.web.show import Html
from zoning.web.state import Desk
from zoning.web.themes import THEMES, Theme
from zoning.workspace import today
from zoning.workspace.stock import stock_on

ROLE = "idle_land"
BANDS = ("early", "year", "two", "five", "open")
"""Under a year, one to two, two to five, five and more; not on a clock, or no day is known."""

COLOURS: Mapping[str, str] = {
    "early": "#fee8c8", "year": "#fdbb84", "two": "#e34a33", "five": "#7f0000", "open": "#9aa0a6",
}
"""One hue from light to dark, told apart without colour sight and in grey print."""

YEARS = ((5, "five"), (2, "two"), (1, "year"))


def band(row: StockRow, on: date) -> str:
    """The band of a plot on a day: full years since the day from which its idleness counts."""
    base = row.clock.base if row.clock else None
    if base is None:
        return "open"
    years = on.year - base.year - ((on.month, on.day) < (base.month, base.day))
    return next((name for least, name in YEARS if years >= least), "early")


def idle_panel(desk: Desk) -> Theme:
    """The day asked about, the bands with their land, and every plot; returns the theme."""
    on = st.date_input(session.say("web.day"), today(), key="idle_day",
                       min_value=date(1986, 1, 1), max_value=date(2099, 12, 31))
    rows = stock_on(desk.workspace, on)
    bands = [band(row, on) for row in rows]
    st.code(show.command("idle", "--at", on.isoformat(), "--workspace", desk.workspace.root),
            language="bash")
    st.html(_legend(rows, bands))
    st.html(_plots(rows, bands))
    number = {row.plot_id: BANDS.index(name) + 1 for row, name in zip(rows, bands, strict=True)}
    layer = desk.layers[ROLE]
    numbers = np.array([number.get(each, 0) for each in layer.ids], np.int64)
    return THEMES.make(layer, numbers, [COLOURS[name] for name in BANDS])


def _legend(rows: Sequence[StockRow], bands: Sequence[str]) -> Html:
    unit, language = session.unit(), session.language()
    lines = []
    for name in BANDS:
        areas = [row.area_dm2 for row, each in zip(rows, bands, strict=True) if each == name]
        title = session.say(f"web.idle_{name}")
        lines.append(f"<li>{show.swatch(COLOURS[name])}<span>{show.cell(title)}</span>"
                     f"<b>{len(areas)} · {show.area_with_unit(sum(areas), unit, language)}</b>"
                     "</li>")
    return Html('<ul class="legend">' + "".join(lines) + "</ul>")


def _plots(rows: Sequence[StockRow], bands: Sequence[str]) -> Html:
    unit, language = session.unit(), session.language()
    heads = [session.say("web.idle_plot"), session.say("web.idle_since"),
             f"{session.say('web.area')} ({unit_name(unit, language)})"]
    order = sorted(zip(rows, bands, strict=True), key=lambda pair: (
        -BANDS.index(pair[1]) if pair[1] != "open" else 1, pair[0].plot_id))
    return show.grid(heads, [
        (Html(f'{show.swatch(COLOURS[name])} <a class="parcel" target="_self" '
              f'href="./?panel=idle&feature={ROLE}/{quote(row.plot_id, safe="")}">'
              f"{show.cell(row.plot_id)}</a>"),
         row.clock.base if row.clock and row.clock.base else "—", show.area(row.area_dm2, unit))
        for row, name in order], numeric=(2,))


__all__ = ["BANDS", "COLOURS", "band", "idle_panel"]
