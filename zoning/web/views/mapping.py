"""The map: parcels by class, control lines, a parcel's whole story, filters, idle land by age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
import streamlit as st

from zoning.errors import ZoningError
from zoning.web import legend, session, show
from zoning.web.facts import feature_facts, story, surroundings_facts
from zoning.web.filters import filter_panel
from zoning.web.idle import idle_panel
from zoning.web.maps import View, last_answer, show_map
from zoning.web.shell import frame
from zoning.web.state import PARCEL, Desk
from zoning.web.themes import Theme

KEY = "map"
HEIGHT = 648
PANELS = ("facts", "filter", "idle")


@dataclass(frozen=True)
class Panel:
    """What the panel adds to the map."""

    theme: Theme | None = None
    marked: Sequence[shapely.Geometry] = ()


def page() -> None:
    """The map page."""
    frame(_body, needs_map=True)


def _body(desk: Desk) -> None:
    _keep_click(desk)
    left, right = st.columns([2.75, 1], gap="small")
    with right, st.container(height=HEIGHT, border=True, key="panel"):
        shown = legend.layer_choice(desk, key="map_layers")
        offered = [each for each in PANELS if each != "idle" or "idle_land" in desk.layers]
        asked = st.query_params.get("panel", PANELS[0])
        panel = st.segmented_control(
            session.say("web.panel"), offered, key="map_panel", required=True,
            default=asked if asked in offered else PANELS[0], label_visibility="collapsed",
            format_func=lambda each: session.say(f"web.panel_{each}"))
        session.keep_in_address("panel", str(panel), usual=PANELS[0])
        theme = _panel(desk, str(panel), shown)
    if panel == "idle":  # drawn by age instead
        shown = [number for number in shown if list(desk.layers)[number] != "idle_land"]
    asked_for = _asked(desk)
    with left:
        view = View(shown, asked_for, fit=bool(asked_for) and not _clicked_here(), theme=theme)
        show_map(desk, view, key=KEY, height=HEIGHT)


def _panel(desk: Desk, panel: str, shown: Sequence[int]) -> Theme | None:
    if panel == "filter" and PARCEL in desk.layers:
        return filter_panel(desk)
    if panel == "idle":
        return idle_panel(desk)
    _facts(desk)
    legend.legend(desk, shown)
    return None


def _keep_click(desk: Desk) -> None:
    """Put the parcel of a new click into the address: it is there again after a reload."""
    click = last_answer(KEY).click
    if click is None or st.session_state.get("map_click") == click or PARCEL not in desk.layers:
        return
    st.session_state["map_click"] = click
    row = desk.layers[PARCEL].at(*click)
    named = "" if row is None else f"{PARCEL}/{desk.layers[PARCEL].ids[row]}"
    st.session_state["map_clicked"] = named
    session.keep_in_address("feature", named)


def _clicked_here() -> bool:
    """Whether the feature in the address was clicked on this map: then the map stays."""
    return bool(st.session_state.get("map_clicked")) and (
        st.session_state["map_clicked"] == st.query_params.get("feature"))


def _named(desk: Desk) -> tuple[str, str] | None:
    role, _, feature = st.query_params.get("feature", "").partition("/")
    return (role, feature) if role in desk.layers and desk.has(role, feature) else None


def _asked(desk: Desk) -> list[shapely.Geometry]:
    """The shape of the feature that the address names, as ``?feature=offset/BC-001``."""
    found = _named(desk)
    return [desk.layers[found[0]].polygons[desk.row(*found)]] if found else []


def _facts(desk: Desk) -> None:
    found = _named(desk)
    if found is None:
        show.heading(session.say("web.parcel"))
        show.note(session.say("web.click_a_parcel"))
        return
    role, feature = found
    title = session.say("web.parcel") if role == PARCEL else show.role_name(role, desk.names)
    show.heading(title, extra=feature)
    st.html(show.pairs(feature_facts(desk, role, feature)))
    if role != PARCEL:
        return
    try:
        st.html(show.pairs(surroundings_facts(desk, feature)))
        with st.expander(session.say("web.story")):
            st.html(show.pairs(story(desk, feature)))
    except ZoningError as error:
        show.failure(error)


__all__ = ["page"]
