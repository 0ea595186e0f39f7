"""Parcels by what is asked of them: class, size, ownership, a line, a word; shown as a theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import streamlit as st

from zoning.report.layout import unit_name
from zoning.units import dm2_from
from zoning.web import session, show
from zoning.web.show import Html
from zoning.web.state import PARCEL, Desk
from zoning.web.themes import THEMES, Theme
from zoning.web.tiles import MapLayer

SHOWN = 60
"""So many parcels are listed; all are on the map and in the file."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Filter:
    """What is asked; empty parts ask nothing. Areas in dm², both ends included.

    `inside` and `outside` are roles of lines: a parcel lies inside a line if a point well within
    the parcel does.
    """

    classes: tuple[str, ...] = ()
    least_dm2: int | None = None
    most_dm2: int | None = None
    word: str = ""
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return self == Filter()


def matching(desk: Desk, asked: Filter) -> Flags:
    """Which parcels are meant, in the order of the layer."""
    table = desk.attributes[PARCEL]
    found = np.ones(len(table), bool)
    if asked.classes:
        found &= table["class_code"].isin(asked.classes).to_numpy()
    area_dm2 = table["area_dm2"].to_numpy(np.int64)
    if asked.least_dm2 is not None:
        found &= area_dm2 >= asked.least_dm2
    if asked.most_dm2 is not None:
        found &= area_dm2 <= asked.most_dm2
    if asked.word:
        found &= _has_word(table, asked.word)
    for role in asked.inside:
        found &= inside_line(desk.layers[PARCEL], desk.layers[role])
    for role in asked.outside:
        found &= ~inside_line(desk.layers[PARCEL], desk.layers[role])
    return found


def _has_word(table: pd.DataFrame, word: str) -> Flags:
    columns = [name for name in ("feature_id", "village", "name") if name in table]
    return np.asarray(np.any([
        table[name].astype("string").str.contains(word, case=False, regex=False, na=False)
        .to_numpy(bool) for name in columns], axis=0), bool)


@lru_cache(maxsize=16)
def inside_line(parcels: MapLayer, line: MapLayer) -> Flags:
    """Which parcels have a point well within them inside a line; worked out once."""
    points = shapely.point_on_surface(parcels.polygons)
    hits = line.tree.query(points, predicate="intersects")[0]
    flags = np.zeros(len(points), bool)
    flags[hits] = True
    return flags


def filter_panel(desk: Desk) -> Theme | None:
    """The questions, the answer in numbers, the first parcels, and all of them to take away."""
    asked = _asked(desk)
    if asked.is_empty:
        show.note(session.say("web.filter_hint"))
        return None
    flags = matching(desk, asked)
    rows = np.flatnonzero(flags)
    table = desk.attributes[PARCEL].iloc[rows]
    unit, language = session.unit(), session.language()
    whole = int(table["area_dm2"].sum())
    show.heading(session.say("web.found"), extra=session.say(
        "web.found_told", count=f"{len(rows):,}", area=show.area_with_unit(whole, unit, language)))
    heads = [session.say("web.parcel"), session.say("web.class"),
             f"{session.say('web.area')} ({unit_name(unit, language)})"]
    largest = table.sort_values(["area_dm2", "feature_id"], ascending=[False, True]).head(SHOWN)
    st.html(show.grid(heads, [
        (parcel_link(str(name)), code, show.area(int(area_dm2), unit))
        for name, code, area_dm2 in largest[["feature_id", "class_code", "area_dm2"]].to_numpy()],
        numeric=(2,)))
    if len(rows) > SHOWN:
        show.note(session.say("web.largest_shown", count=SHOWN))
    st.download_button(session.say("web.download_csv"), lambda: _csv(table), "parcels.csv",
                       "text/csv", on_click="ignore")
    if not len(rows):
        return None
    numbers = np.where(flags, desk.layers[PARCEL].numbers + 1, 0)
    return THEMES.make(desk.layers[PARCEL], numbers, desk.palette)


def parcel_link(parcel_id: str) -> Html:
    """A parcel's id that opens it on the map."""
    return Html(f'<a class="parcel" target="_self" href="./?feature={PARCEL}/'
                f'{quote(parcel_id, safe="")}">{show.cell(parcel_id)}</a>')


def _asked(desk: Desk) -> Filter:
    language, unit = session.language(), session.unit()
    names = {"" if each.land_class is None else each.land_class.code: "" if each.land_class is None
             else each.land_class.zh if language == "zh" else each.land_class.en
             for each in desk.classes}
    classes = st.multiselect(session.say("web.classes"), [code for code in names if code],
                             key="filter_classes", placeholder=session.say("web.any"),
                             format_func=lambda code: f"{code} {names[code]}")
    least, most = st.columns(2)
    named = unit_name(unit, language)
    low = least.number_input(f"≥ {named}", min_value=0.0, value=None, key=f"filter_least_{unit}")
    high = most.number_input(f"≤ {named}", min_value=0.0, value=None, key=f"filter_most_{unit}")
    lines = [role for role in desk.layers if role in desk.names]
    inside, outside = st.columns(2)
    within = _roles(inside, desk, lines, "inside")
    without = _roles(outside, desk, lines, "outside")
    word = st.text_input(session.say("web.filter_word"), key="filter_word").strip()
    return Filter(tuple(classes), _dm2(low), _dm2(high), word, within, without)


def _roles(column: st.delta_generator.DeltaGenerator, desk: Desk, lines: Sequence[str],
           way: str) -> tuple[str, ...]:
    return tuple(column.multiselect(
        session.say(f"web.filter_{way}"), lines, key=f"filter_{way}",
        placeholder=session.say("web.any"),
        format_func=lambda role: show.role_name(role, desk.names)))


def _dm2(typed: float | None) -> int | None:
    return None if typed is None else dm2_from(repr(typed), session.unit())


def _csv(table: pd.DataFrame) -> bytes:
    """The parcels as CSV that a spreadsheet reads in Chinese and takes no formula from."""
    kept = [name for name in ("feature_id", "class_code", "area_dm2", "village", "owner_kind")
            if name in table]
    out = table[kept].copy()
    for name in out.columns:
        if name != "area_dm2":
            out[name] = out[name].astype("string").map(_inert, na_action="ignore")
    out["area_m2"] = [f"{value // 100}.{value % 100:02d}" for value in out.pop("area_dm2")]
    return bytes(out.to_csv(index=False).encode("utf-8-sig"))


def _inert(value: str) -> str:
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


__all__ = ["Filter", "filter_panel", "inside_line", "matching", "parcel_link"]
