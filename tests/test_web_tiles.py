"""The map's squares: from the layer store, by version, vector near and picture far."""

from __future__ import annotations

import gzip
import io
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image
from starlette.applications import Starlette
from test_web_mvt import decode
from web_county import Client, demo_county

from zoning.report.drawing import Style
from zoning.web import tiles
from zoning.web.mvt import Tile
from zoning.web.server import middleware, routes
from zoning.web.settings import WORKSPACE_VARIABLE
from zoning.web.state import Desk, open_desk
from zoning.web.tiles import MapLayer, TileCache, picture_tile, to_geojson, vector_tile, view


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_county(tmp_path_factory.mktemp("tiles") / "demo").root


@pytest.fixture
def desk(root: Path) -> Desk:
    return open_desk(root)


@pytest.fixture
def client(root: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(root))
    return Client(Starlette(routes=routes(), middleware=middleware()))


def middle(layer: MapLayer, zoom: int) -> Tile:
    west, north, east, south = layer.bounds
    return Tile(zoom, int((west + east) / 2 * 2**zoom), int((north + south) / 2 * 2**zoom))


def squares(layer: MapLayer, zoom: int) -> list[Tile]:
    west, north, east, south = (int(edge * 2**zoom) for edge in layer.bounds)
    return [Tile(zoom, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]


def address(layer: MapLayer, tile: Tile, ending: str) -> str:
    return f"/tiles/{layer.role}/{layer.version}/{tile.z}/{tile.x}/{tile.y}.{ending}"


def seen(picture: bytes) -> Image.Image:
    """A picture in red, green, blue and how much it covers."""
    return Image.open(io.BytesIO(picture)).convert("RGBA")


def test_every_parcel_is_drawn_with_its_class(desk: Desk) -> None:
    layer = desk.layers["parcel"]
    drawn = {}
    for tile in squares(layer, 15):
        if made := vector_tile(layer, tile):
            drawn |= {told["pid"]: told["c"] for told, _ in decode(gzip.decompress(made))}
    assert len(layer.ids) > 1500
    assert drawn == dict(enumerate(layer.numbers.tolist()))


def test_a_click_names_the_parcel_under_it(desk: Desk) -> None:
    layer = desk.layers["parcel"]
    for row in range(0, len(layer.ids), 97):
        inside = shapely.point_on_surface(layer.polygons[row])
        assert layer.at(*tiles.to_latlng(inside.x, inside.y)) == row
    assert layer.at(0.0, 0.0) is None


def test_a_marked_shape_lies_where_it_was_clicked(desk: Desk) -> None:
    layer = desk.layers["parcel"]
    shape = shapely.geometry.shape(to_geojson(layer.polygons[3]))
    inside = shape.representative_point()
    assert layer.at(inside.y, inside.x) == 3


def test_the_first_view_shows_the_whole_county(desk: Desk) -> None:
    (lat, lng), zoom = view(desk.layers)
    assert 32 < lat < 33
    assert 120.5 < lng < 122
    west, north, east, south = desk.layers["parcel"].bounds
    assert (east - west) * 2**zoom <= tiles.SCREEN[0]
    assert (south - north) * 2**zoom <= tiles.SCREEN[1]


def test_a_crowded_square_is_a_picture(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "CROWD", 50)
    layer = replace(desk.layers["parcel"])  # a copy that has not counted its features yet
    near, far = layer.vector_from, layer.vector_from - 1
    assert vector_tile(layer, middle(layer, far)) == b""
    assert vector_tile(layer, middle(layer, near))


def test_a_picture_has_the_colour_of_the_class_under_a_point(desk: Desk) -> None:
    layer = desk.layers["parcel"]
    row = int(np.argmax(shapely.area(layer.polygons)))
    inside = shapely.maximum_inscribed_circle(layer.polygons[row]).coords[0]
    zoom = 14
    tile = Tile(zoom, int(inside[0] * 2**zoom), int(inside[1] * 2**zoom))
    picture = seen(picture_tile(layer, tile, None, desk.palette))
    pixel = [int((inside[axis] * 2**zoom % 1) * 256) for axis in (0, 1)]
    red, green, blue, alpha = picture.getpixel((pixel[0], pixel[1]))
    assert f"#{red:02x}{green:02x}{blue:02x}" == desk.palette[layer.numbers[row]]
    assert alpha == 255


def test_a_hole_in_a_picture_shows_what_lies_in_it() -> None:
    tile = Tile(10, 500, 400)
    west, north, east, south = tile.bounds()
    shell = shapely.box(west, north, east, south)
    hole = shapely.centroid(shell).buffer((east - west) / 4)
    layer = MapLayer("x", "v", ("a",), np.array([shell - hole]), np.array([0]),
                     shapely.STRtree([shell - hole]))
    picture = seen(picture_tile(layer, tile, None, ("#123456",)))
    assert picture.getpixel((128, 128))[3] == 0
    assert picture.getpixel((5, 128)) == (0x12, 0x34, 0x56, 255)
    lined = picture_tile(layer, tile, Style("#ff0000", 4), ())
    assert seen(lined).getpixel((5, 128))[3] == 0


def test_a_tile_travels_compressed_and_for_good(client: Client, desk: Desk) -> None:
    layer = desk.layers["parcel"]
    answer = client.get(address(layer, middle(layer, 15), "pbf"))
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert decode(answer.content)


@pytest.mark.parametrize(("role", "version", "square"), [
    ("parcel", "0123456789abcdef", "15/27415/13257"), ("nothing", "current", "15/27415/13257"),
    ("parcel", "current", "3/9/0"),
])
def test_a_tile_of_nothing_is_not_found(
    client: Client, desk: Desk, role: str, version: str, square: str
) -> None:
    version = desk.layers["parcel"].version if version == "current" else version
    assert client.get(f"/tiles/{role}/{version}/{square}.pbf").status_code == 404
    assert client.get(f"/tiles/{role}/{version}/{square}.png").status_code == 404


def test_an_empty_square_has_no_content(client: Client, desk: Desk) -> None:
    answer = client.get(address(desk.layers["parcel"], Tile(15, 1, 1), "pbf"))
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_far_square_is_served_as_a_picture(client: Client, desk: Desk) -> None:
    layer = desk.layers["parcel"]
    far = client.get(address(layer, middle(layer, layer.vector_from - 1), "png"))
    near = client.get(address(layer, middle(layer, layer.vector_from), "png"))
    assert (far.status_code, far.content[1:4]) == (200, b"PNG")
    assert near.status_code == 404


def test_the_scripts_of_the_map_are_served_here(client: Client) -> None:
    for path, kind in (("/desk/desk.js", "text/javascript"), ("/desk/desk.css", "text/css")):
        answer = client.get(path)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/desk/../settings.py").status_code == 404


def test_a_changed_layer_has_a_new_version(root: Path, desk: Desk) -> None:
    file = root / desk.workspace.config.require("parcel").file
    before = desk.layers["parcel"].version
    stamp = file.stat()
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1_000_000_000))
    assert open_desk(root).layers["parcel"].version != before
    assert open_desk(root) is open_desk(root)


def test_the_cache_makes_once_and_forgets_the_longest_unused() -> None:
    made: list[str] = []
    cache = TileCache(limit=25)

    def make(name: str) -> bytes:
        made.append(name)
        return b"x" * 10

    for name in ("a", "b", "a", "c", "a", "b"):
        assert len(cache.get((name,), lambda name=name: make(name))) == 10
    assert made == ["a", "b", "c", "b"]


def test_the_cache_serves_many_threads() -> None:
    cache = TileCache(limit=10_000)
    told: list[bytes] = []

    def ask(n: int) -> None:
        told.append(cache.get((n,), lambda: b"%d" % n))

    threads = [threading.Thread(target=ask, args=(n % 5,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == sorted(b"%d" % (n % 5) for n in range(40))
