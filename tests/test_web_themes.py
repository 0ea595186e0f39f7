"""Themes: filters and idle land by age, in the colours of the legend, served as tiles."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image
from starlette.applications import Starlette
from test_web_mvt import decode
from web_county import Client, demo_county

from zoning.report.tables.stock import StockRow
from zoning.scenario.idle import IdleClock, IdleState
from zoning.web import filters, idle, tiles
from zoning.web.filters import Filter, inside_line, matching
from zoning.web.mvt import Tile
from zoning.web.pictures import County
from zoning.web.raster import Window, rasterise
from zoning.web.server import middleware, routes
from zoning.web.settings import WORKSPACE_VARIABLE
from zoning.web.state import Desk, open_desk
from zoning.web.themes import THEMES, Themes


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return open_desk(demo_county(tmp_path_factory.mktemp("themes") / "demo").root)


def test_a_raster_names_the_feature_under_the_middle_of_each_pixel() -> None:
    rng = np.random.default_rng(4)
    shapes = np.array([
        shapely.Point(*rng.uniform(5, 55, 2)).buffer(rng.uniform(1, 9), quad_segs=3)
        - shapely.Point(30, 30).buffer(4) for _ in range(12)])
    found = rasterise(shapely.transform(shapes, lambda p: p / 64),
                      np.arange(12), Window(6, 0, 0, 60, 60))
    order = np.argsort(-shapely.area(shapes))
    expected = np.zeros((60, 60), int)
    for at in order:
        xs, ys = np.meshgrid(np.arange(60) + 0.5, np.arange(60) + 0.5)
        inside = shapely.contains_xy(shapes[at], xs, ys)
        expected[inside] = at + 1
    assert (found == expected).mean() > 0.999


def test_a_speck_takes_one_free_pixel() -> None:
    speck = shapely.box(10.1 / 64, 20.1 / 64, 10.2 / 64, 20.2 / 64)
    found = rasterise(np.array([speck]), np.array([6]), Window(6, 0, 0, 64, 64))
    assert np.argwhere(found).tolist() == [[20, 10]]
    assert found[20, 10] == 7


def test_a_whole_county_and_a_square_for_itself_show_the_same(desk: Desk) -> None:
    layer = desk.layers["parcel"]
    county = County(layer.polygons, layer.bounds, level=21)
    west, north, _, _ = layer.bounds
    tile = Tile(12, int(west * 2**12), int(north * 2**12))
    ids, fine = county.square(tile)
    window = Window(12 + 7 + fine.bit_length(), tile.x * 256 * fine - 8, tile.y * 256 * fine - 8,
                    *ids.shape[::-1])
    beside = rasterise(layer.polygons, np.arange(len(layer.ids)), window)
    assert (ids > 0).any()
    assert (ids == beside).mean() > 0.97


def test_a_filter_is_what_a_plain_loop_finds(desk: Desk) -> None:
    table = desk.attributes["parcel"]
    code = str(table["class_code"].mode()[0])
    asked = Filter((code,), 200_000, 2_000_000, "", ("ugb",), ("pbf",))
    found = {desk.layers["parcel"].ids[row] for row in np.flatnonzero(matching(desk, asked))}
    lines = {role: shapely.union_all(desk.layers[role].polygons) for role in ("ugb", "pbf")}
    expected = set()
    for name, klass, area, shape in zip(table["feature_id"], table["class_code"],
                                        table["area_dm2"], desk.layers["parcel"].polygons,
                                        strict=True):
        point = shapely.point_on_surface(shape)
        if (klass == code and 200_000 <= area <= 2_000_000 and lines["ugb"].intersects(point)
                and not lines["pbf"].intersects(point)):
            expected.add(name)
    assert found == expected
    assert matching(desk, Filter()).all()
    assert not matching(desk, Filter(word="{{7*7}}")).any()
    assert inside_line(desk.layers["parcel"], desk.layers["ugb"]).any()


def test_a_list_to_take_away_holds_no_formula(desk: Desk) -> None:
    table = desk.attributes["parcel"].head(2).copy()
    table["feature_id"] = ["=1+1", "@x"]
    told = filters._csv(table).decode("utf-8-sig")
    assert "'=1+1" in told
    assert "'@x" in told


def test_a_theme_is_served_far_and_near(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(desk.workspace.root))
    monkeypatch.setattr(tiles, "CROWD", 60)
    layer = replace(desk.layers["parcel"])
    numbers = np.zeros(len(layer.ids), np.int64)
    row = int(np.argmax(shapely.area(layer.polygons)))
    numbers[row] = 2
    theme = THEMES.make(layer, numbers, ["#112233", "#aabbcc"])
    client = Client(Starlette(routes=routes(), middleware=middleware()))
    x, y = shapely.maximum_inscribed_circle(layer.polygons[row]).coords[0]

    def address(zoom: int, ending: str) -> str:
        return f"/theme/{theme.key}/{zoom}/{int(x * 2**zoom)}/{int(y * 2**zoom)}.{ending}"

    near = client.get(address(17, "pbf"))
    assert {told["pid"] for told, _ in decode(near.content)} == {row}
    assert {told["c"] for told, _ in decode(near.content)} == {2}
    far = client.get(address(layer.vector_from - 1, "png"))
    picture = Image.open(io.BytesIO(far.content)).convert("RGBA")
    zoom = layer.vector_from - 1
    pixel = (int(x * 2**zoom % 1 * 256), int(y * 2**zoom % 1 * 256))
    assert picture.getpixel(pixel) == (0xAA, 0xBB, 0xCC, 255)
    assert client.get(f"/theme/{'0' * 24}/15/1/1.png").status_code == 404
    assert client.get(address(19, "png")).status_code == 404


def test_two_data_sets_never_share_a_theme_or_a_map(
    desk: Desk, tmp_path: Path
) -> None:
    from streamlit_folium import _get_map_string, generate_js_hash

    from zoning.web.maps import build_map, county_key

    def key_of(shown: Desk) -> str:  # as the component makes it: names of objects do not count
        return generate_js_hash(_get_map_string(build_map(shown)), "map")

    other = open_desk(demo_county(tmp_path / "other").root)
    themes = Themes()
    ones = np.ones(len(desk.layers["parcel"].ids), np.int64)
    assert themes.make(desk.layers["parcel"], ones, ["#111111"]).key != themes.make(
        other.layers["parcel"], ones, ["#111111"]).key
    assert county_key(desk) != county_key(other)
    assert key_of(desk) == key_of(desk)
    assert key_of(desk) != key_of(other)


def test_old_themes_leave(desk: Desk) -> None:
    themes = Themes(kept=2)
    layer = desk.layers["ugb"]
    keys = [themes.make(layer, np.full(len(layer.ids), n), ["#111111"]).key for n in range(4)]
    assert [themes.get(key) is not None for key in keys] == [False, False, True, True]


@pytest.mark.parametrize(("base", "name"), [
    (date(2020, 6, 30), "early"), (date(2019, 6, 30), "year"), (date(2018, 6, 30), "two"),
    (date(2018, 7, 1), "year"), (date(2015, 6, 30), "five"), (None, "open"),
])
def test_idle_land_is_banded_by_full_years(base: date | None, name: str) -> None:
    clock = IdleClock(next(iter(IdleState)), base=base)
    row = StockRow("p", "idle", 100, clock, None)
    assert idle.band(row, date(2020, 6, 30)) == name
    assert idle.band(StockRow("p", None, 100, None, None), date(2020, 6, 30)) == "open"


def test_the_bands_differ_in_grey_too() -> None:
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at:at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    ramp = [grey(idle.COLOURS[name]) for name in idle.BANDS[:4]]
    assert all(a - b > 25 for a, b in itertools.pairwise(ramp))
