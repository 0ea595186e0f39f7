"""The map: parcels by class, control lines, idle land; the facts of a parcel on a click."""

from __future__ import annotations

import shapely
import streamlit as st

from zoning.errors import ZoningError
from zoning.web import legend, session, show
from zoning.web.facts import feature_facts, surroundings_facts
from zoning.web.maps import View, last_answer, show_map
from zoning.web.shell import frame
from zoning.web.state import PARCEL, Desk

KEY = "map"
HEIGHT = 648


def page() -> None:
    """The map page."""
    frame(_body, needs_map=True)


def _body(desk: Desk) -> None:
    left, right = st.columns([2.75, 1], gap="small")
    with right, st.container(height=HEIGHT, border=True, key="panel"):
        shown = legend.layer_choice(desk, key="map_layers")
        chosen = _chosen(desk)
        _facts(desk, chosen)
        legend.legend(desk, shown)
    asked = _asked(desk)
    marked = [desk.layers[PARCEL].polygons[chosen]] if chosen is not None else asked
    with left:
        show_map(desk, View(shown, marked, fit=bool(asked)), key=KEY, height=HEIGHT)


def _asked(desk: Desk) -> list[shapely.Geometry]:
    """The shape of the feature that the address names, as ``?feature=offset/BC-001``."""
    role, _, feature = st.query_params.get("feature", "").partition("/")
    if role not in desk.layers or not desk.has(role, feature):
        return []
    return [desk.layers[role].polygons[desk.row(role, feature)]]


def _chosen(desk: Desk) -> int | None:
    click = last_answer(KEY).click
    return desk.layers[PARCEL].at(*click) if click and PARCEL in desk.layers else None


def _facts(desk: Desk, row: int | None) -> None:
    if row is None:
        show.heading(session.say("web.parcel"))
        show.note(session.say("web.click_a_parcel"))
        return
    parcel_id = desk.layers[PARCEL].ids[row]
    show.heading(session.say("web.parcel"), extra=parcel_id)
    st.html(show.pairs(feature_facts(desk, PARCEL, parcel_id)))
    try:
        st.html(show.pairs(surroundings_facts(desk, parcel_id)))
    except ZoningError as error:
        show.failure(error)


__all__ = ["page"]
