"""The desk's map: a Folium map whose layers come from the app's own tiles.

Only integers, numbers and the catalogue's own words reach a Folium object, as one JSON object each
for the map and for its state; see `zoning.web.safe_folium`. The map's script never changes while
the page lives, so the browser keeps the map; everything that changes travels in the state.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import folium
import shapely
import streamlit as st
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.plugins import Draw
from folium.template import Template
from streamlit_folium import st_folium

from zoning.messages import catalogue
from zoning.web import (
    safe_folium,  # isort: split - before anything of folium
    session,
)
from zoning.web.settings import online_layers
from zoning.web.state import Desk
from zoning.web.themes import Theme
from zoning.web.tiles import FIRST_ZOOM, to_geojson, view

safe_folium.install()

VENDOR, OWN, TILES = "../../vendor", "../../desk", "../../tiles"
"""Relative to the component's frame, so that a base path in the address is kept."""

folium.Map.default_js = [("leaflet", f"{VENDOR}/leaflet/leaflet.js")]
folium.Map.default_css = [("leaflet_css", f"{VENDOR}/leaflet/leaflet.css")]
Draw.default_js = [("leaflet_draw_js", f"{VENDOR}/leaflet-draw/leaflet.draw.js")]
Draw.default_css = [("leaflet_draw_css", f"{VENDOR}/leaflet-draw/leaflet.draw.css")]

MAP_WORDS = ("title", "hint", "note", "mu", "drag")
"""Words of the map's own tools, from the catalogue."""

MANY = 200
"""A layer of more features than this is outlined more lightly from afar."""

Click = tuple[float, float]
"""Latitude and longitude."""


class DeskLayers(JSCSSMixin, MacroElement):
    """Calls ``deskMap`` of desk.js with one JSON object."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "deskMap({{ this._parent.get_name() }}, {{ this.config|tojson }});"
        "{% endmacro %}"
    )
    default_js = [  # noqa: RUF012 - folium's own protocol
        ("vectorgrid", f"{VENDOR}/vectorgrid/Leaflet.VectorGrid.bundled.min.js"),
        ("desk", f"{OWN}/desk.js"),
    ]
    default_css = [("desk_css", f"{OWN}/desk.css")]  # noqa: RUF012

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "DeskLayers"
        self.config = config


class DeskState(MacroElement):
    """Calls ``deskSet`` of desk.js on the living map."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "deskSet({{ this._parent._parent.get_name() }}, {{ this.state|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, state: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "DeskState"
        self.state = state


@dataclass(frozen=True)
class View:
    """What the map shows besides its tiles.

    `shown` are numbers of layers in the order of the desk. `marked` are shapes in unit-square
    coordinates to be outlined; `outside` are those to be filled red, the land of the site outside
    lines that it must lie within. `fit` has the map move to them once, when they change. `drawing`
    shows the drawing tools. A `theme` lies above the parcels, which are dimmed below it. `gaps` are
    distances to be drawn.
    """

    shown: Sequence[int]
    marked: Sequence[shapely.Geometry] = ()
    fit: bool = False
    drawing: bool = False
    theme: Theme | None = None
    is_dimmed: bool = True
    drawn: Drawn | None = None
    gaps: Sequence[Gap] = ()
    outside: Sequence[shapely.Geometry] = ()


@dataclass(frozen=True)
class Drawn:
    """Shapes that the page puts in place of what is drawn, when `serial` changes.

    Rings of longitude and latitude, not closed.
    """

    serial: int
    shapes: Sequence[Sequence[tuple[float, float]]] = ()


@dataclass(frozen=True)
class Gap:
    """The distance between two places, to be drawn: ends in longitude and latitude, metres."""

    ends: tuple[tuple[float, float], tuple[float, float]]
    metres: int
    colour: str


@dataclass(frozen=True)
class Answer:
    """What the visitor did on the map: the last click, and all shapes drawn (GeoJSON).

    `drawings` is None while the map has told nothing of drawings, empty when all were deleted.
    """

    click: Click | None = None
    drawings: Sequence[Mapping[str, Any]] | None = None


def last_answer(key: str) -> Answer:
    """What the map of a key last told, known before it is drawn again."""
    told = st.session_state.get(key) or {}
    click = told.get("last_clicked")
    return Answer((float(click["lat"]), float(click["lng"])) if click else None,
                  told.get("all_drawings"))


def show_map(desk: Desk, looks: View, *, key: str, height: int) -> None:
    """Draw the map; `last_answer` of the same key tells what was done on it."""
    group = folium.FeatureGroup(name="state")
    DeskState(state(looks)).add_to(group)
    st_folium(build_map(desk), key=key, feature_group_to_add=group, height=height,
              use_container_width=True, returned_objects=["last_clicked", "all_drawings"])
    # Shown late, and never once the map has called the page: a blocked script leaves a blank map.
    st.html(f'<p class="note map-late">{html.escape(session.say("web.map_blank"))}</p>')


def build_map(desk: Desk) -> folium.Map:
    """The map of a desk in the visitor's language: the same script on every run."""
    middle, zoom = view(desk.layers)
    made = folium.Map(location=middle, zoom_start=zoom,  # type: ignore[arg-type]
                      tiles=None, prefer_canvas=True, minZoom=FIRST_ZOOM, maxZoom=20,
                      zoomSnap=0.5)
    DeskLayers(config(desk)).add_to(made)
    shape = {"color": "#111111", "weight": 2, "fillColor": "#ffe14d", "fillOpacity": 0.25}
    Draw(  # type: ignore[no-untyped-call]
        export=False, show_geometry_on_click=False, position="topleft",
        draw_options={"polyline": False, "circle": False, "marker": False, "circlemarker": False,
                      "polygon": {"allowIntersection": False, "shapeOptions": shape},
                      "rectangle": {"shapeOptions": shape}},
        edit_options={"poly": {"allowIntersection": False}},
    ).add_to(made)
    return made


def config(desk: Desk) -> dict[str, Any]:
    """What ``deskMap`` needs: layers with styles, the palette, words of the drawing tools."""
    layers = [
        {"url": f"{TILES}/{role}/{layer.version}/{{z}}/{{x}}/{{y}}",
         "vector_from": layer.vector_from, "first_zoom": FIRST_ZOOM,
         "many": len(layer.ids) > MANY,
         "style": desk.styles[role].as_json() if role in desk.styles else None}
        for role, layer in desk.layers.items()
    ]
    synthetic = desk.workspace.config.synthetic
    return {"layers": layers, "palette": list(desk.palette), "words": draw_words(),
            "map_words": {key: session.say(f"web.map_{key}") for key in MAP_WORDS},
            "county": county_key(desk), "online": online_layers(),
            "source": session.say("web.map_source"),
            "note": session.say("web.synthetic") if synthetic else ""}


def county_key(desk: Desk) -> str:
    """Names the data of a map: two workspaces never share what a browser keeps of one."""
    told = "".join(layer.role + layer.version for layer in desk.layers.values())
    return hashlib.sha256(f"{desk.workspace.root}{told}".encode()).hexdigest()[:16]


def state(looks: View) -> dict[str, Any]:
    """What ``deskSet`` needs: numbers, and names of colours and tiles."""
    theme = looks.theme
    return {
        "shown": list(looks.shown), "drawing": looks.drawing,
        "marked": [to_geojson(shape) for shape in looks.marked], "fit": looks.fit,
        "theme": {"key": theme.key, "colours": list(theme.colours), "dim": looks.is_dimmed,
                  "vector_from": theme.layer.vector_from, "first_zoom": FIRST_ZOOM}
        if theme else None,
        "draw": asdict(looks.drawn) if looks.drawn else None,
        "outside": [to_geojson(shape) for shape in looks.outside],
        "gaps": [asdict(gap) for gap in looks.gaps],
    }


def draw_words() -> dict[str, str]:
    """The words of Leaflet.draw by their place in its own table of words."""
    prefix, language = "web.draw.", session.language()
    return {key.removeprefix(prefix): words[language]
            for key, words in catalogue().items() if key.startswith(prefix)}


__all__ = ["Answer", "Click", "Drawn", "Gap", "View", "build_map", "config", "county_key",
           "draw_words", "last_answer", "show_map", "state"]
