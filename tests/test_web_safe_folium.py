"""Attribute text never runs: not in this process, not in the browser; and never reaches a map."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jinja2.utils import htmlsafe_json_dumps
from web_county import HOSTILE, hostile_county

from zoning.web import maps  # applies the fix before folium is used
from zoning.web.state import Desk, open_desk

import folium  # isort: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_desk(hostile_county(tmp_path_factory.mktemp("hostile")).root)


def point(text: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": text},
            "geometry": {"type": "Point", "coordinates": [121, 32]}}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_property_is_no_template(text: str) -> None:
    made = folium.Map(tiles=None)
    folium.GeoJson(point(text)).add_to(made)
    html = made.get_root().render()
    assert str(htmlsafe_json_dumps(text)) in html


def test_braces_in_a_property_are_not_computed() -> None:
    made = folium.Map(tiles=None)
    folium.GeoJson(point("{{7*7}}")).add_to(made)
    html = made.get_root().render()
    assert "{{7*7}}" in html
    assert '"49"' not in html


def test_a_popup_and_a_layer_name_are_no_templates() -> None:
    made = folium.Map(tiles=None)
    folium.Marker([32, 121], popup="{{7*7}}", tooltip="{#").add_to(made)
    folium.FeatureGroup(name="{% x").add_to(made)
    folium.LayerControl().add_to(made)
    html = made.get_root().render()
    assert "{{7*7}}" in html
    assert "{#" in html


def test_a_copy_is_as_safe_as_the_original() -> None:
    element = folium.Element("{{7*7}}{#")
    assert element.render() == "{{7*7}}{#"
    assert copy.deepcopy(element).render() == "{{7*7}}{#"


def test_no_attribute_text_reaches_the_map(desk: Desk) -> None:
    layer = desk.layers["parcel"]
    assert set(layer.ids) == set(HOSTILE)
    made = maps.build_map(desk)
    group = folium.FeatureGroup(name="state")
    maps.DeskState(maps.state(maps.View([0], [layer.polygons[0]]))).add_to(group)
    group.add_to(made)
    html = made.get_root().render()
    assert not [text for text in HOSTILE if text in html]
    assert "7*7" not in html
    assert "49" not in maps.config(desk)["note"]


def test_the_map_names_no_other_host(desk: Desk) -> None:
    made = maps.build_map(desk)
    html = made.get_root().render()
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html
    links = [*folium.Map.default_js, *folium.Map.default_css, *maps.Draw.default_js,
             *maps.Draw.default_css, *maps.DeskLayers.default_js, *maps.DeskLayers.default_css]
    assert all(link.startswith("../../") for _, link in links)


def test_the_map_is_the_same_text_on_every_run(desk: Desk) -> None:
    one, two = (json.dumps(maps.config(desk)) for _ in range(2))
    assert one == two


def test_a_colour_that_is_none_is_not_passed_on(tmp_path: Path) -> None:
    from dataclasses import replace

    from zoning.codes.reader import land_classes
    from zoning.report.drawing import UNKNOWN_COLOUR, palette

    classes = land_classes()
    code = next(iter(classes.classes))
    bad = replace(classes.classes[code], colour="red;}</style>")
    assert palette(replace(classes, classes={code: bad})) == (UNKNOWN_COLOUR, UNKNOWN_COLOUR)
