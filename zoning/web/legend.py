"""The legend, drawn from the styles of the map: what is on the map and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import streamlit as st

from zoning.messages import Language
from zoning.report.drawing import Style
from zoning.report.layout import unit_name
from zoning.web import session, show
from zoning.web.state import PARCEL, ClassArea, Desk


def layer_choice(desk: Desk, *, key: str) -> list[int]:
    """Switches for the layers; returns the numbers of those shown."""
    roles = list(desk.layers)
    names = {role: show.role_name(role, desk.names) for role in roles}
    usual = [role for role in roles if role not in {"offset", "demolition", "new_site"}]
    asked = st.query_params.get("layers")
    begin = usual if asked is None else [role for role in roles if role in asked.split(",")]
    chosen = st.pills(session.say("web.layers"), roles, selection_mode="multi", default=begin,
                      key=key, format_func=names.__getitem__, label_visibility="collapsed")
    session.keep_in_address("layers", ",".join(sorted(chosen)) or "-",
                            usual=",".join(sorted(usual)))
    return [number for number, role in enumerate(roles) if role in chosen]


def legend(desk: Desk, shown: Sequence[int]) -> None:
    """Symbols of the layers shown, then the land classes that occur, with their areas."""
    roles = [role for number, role in enumerate(desk.layers) if number in shown]
    lines = [role for role in roles if role in desk.styles]
    if lines:
        show.heading(session.say("web.lines"))
        st.html(show.Html('<ul class="legend">' + "".join(
            f"<li>{symbol(desk.styles[role])}"
            f"<span>{show.cell(show.role_name(role, desk.names))}</span>"
            f"<b>{len(desk.layers[role].ids):,}</b></li>" for role in lines) + "</ul>"))
    if PARCEL in roles:
        unit, language = session.unit(), session.language()
        show.heading(session.say("web.classes"), extra=unit_name(unit, language))
        st.html(show.Html('<ul class="legend">' + "".join(
            _class_line(desk, each, language) for each in desk.classes) + "</ul>"))


def symbol(style: Style) -> show.Html:
    """A small drawing of a style, as the map has it."""
    dash = f' stroke-dasharray="{style.dash.replace(" ", ",")}"' if style.dash else ""
    strokes = {"/": "M-2 8L8-2M3 16L18 1M13 16L26 3", "\\": "M-2 6L8 16M4 0L20 16M16 0L28 12"}
    hatch = (f'<path d="{strokes.get(style.hatch, "".join(strokes.values()))}" '
             f'stroke="{style.colour}" stroke-width="1" opacity=".6"/>' if style.hatch else "")
    fill = style.fill or "none"
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="26" height="15" viewBox="0 0 26 15">'
        f'<rect x="1.5" y="1.5" width="23" height="12" fill="{fill}" '
        f'fill-opacity="{style.fill_opacity}"/>{hatch}'
        f'<rect x="1.5" y="1.5" width="23" height="12" fill="none" stroke="{style.colour}" '
        f'stroke-width="{style.weight}"{dash}/></svg>')
    inside = base64.b64encode(drawing.encode()).decode()
    return show.Html(f'<img class="symbol" alt="" src="data:image/svg+xml;base64,{inside}">')


def _class_line(desk: Desk, each: ClassArea, language: Language) -> str:
    found = each.land_class
    name = session.say("web.class_unknown") if found is None else (
        found.zh if language == "zh" else found.en)
    code = found.code if found else "—"
    return (f"<li>{show.swatch(desk.palette[each.number])}<code>{show.cell(code)}</code>"
            f"<span>{show.cell(name)}</span><b>{show.area(each.area_dm2, session.unit())}</b></li>")


__all__ = ["layer_choice", "legend", "symbol"]
