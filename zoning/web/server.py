"""The server: Streamlit's pages, the maps' scripts and the tiles, on this machine only."""

from __future__ import annotations

import contextlib
import mimetypes
import os
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from zoning.errors import ZoningError
from zoning.web.mvt import Tile
from zoning.web.security import Gate, SecurityHeaders
from zoning.web.settings import SETTINGS, WORKSPACE_VARIABLE
from zoning.web.state import Desk, open_desk
from zoning.web.themes import THEMES
from zoning.web.tiles import MapLayer, TileCache, picture_tile, vector_tile
from zoning.web.vendor import DIST
from zoning.workspace import surroundings

HERE = Path(__file__).parent
PAGES = HERE / "main.py"
FOREVER = "public, max-age=31536000, immutable"

_TILES = TileCache()


def serve(port: int, workspace: Path) -> None:
    """Serve the app for one workspace until it is stopped."""
    os.environ[WORKSPACE_VARIABLE] = str(workspace.resolve())
    Thread(target=warm, args=(workspace,), name="warm", daemon=True).start()
    app = st.App(PAGES, routes=routes(), middleware=middleware())
    app.run(config={**SETTINGS, "server.port": port})


def warm(workspace: Path) -> None:
    """Load a workspace and make what its far pictures come from, before anybody asks."""
    with contextlib.suppress(ZoningError, OSError):
        desk = open_desk(workspace)
        for layer in desk.layers.values():
            if layer.vector_from > layer.first_zoom:
                layer.county.square(Tile(layer.first_zoom, 0, 0))
        surroundings(desk.workspace)


def routes() -> list[BaseRoute]:
    """What is served beside the pages: scripts of the maps, and tiles by role and version."""
    for kind, ending in (("text/javascript", ".js"), ("text/css", ".css")):
        mimetypes.add_type(kind, ending)  # a damaged Windows registry serves them as plain text
    square = "/tiles/{role}/{version}/{z:int}/{x:int}/{y:int}"
    return [
        Mount("/vendor", StaticFiles(directory=DIST, check_dir=False)),
        Mount("/desk", StaticFiles(directory=HERE / "static")),
        Route(square + ".pbf", _vector),
        Route(square + ".png", _picture),
        Route("/theme/{key}/{z:int}/{x:int}/{y:int}.{ending}", _theme),
    ]


def middleware() -> list[Middleware]:
    """What every request passes through: the headers of every answer, then the gate."""
    return [Middleware(SecurityHeaders), Middleware(Gate)]


def _vector(request: Request) -> Response:
    desk, layer, tile = _asked(request)
    if desk is None or layer is None or not tile.exists():
        return Response(status_code=404)
    made = _TILES.get((layer.role, layer.version, "pbf", tile), lambda: vector_tile(layer, tile))
    return _vector_answer(made)


def _picture(request: Request) -> Response:
    desk, layer, tile = _asked(request)
    if desk is None or layer is None or not tile.exists() or tile.z >= layer.vector_from:
        return Response(status_code=404)
    style = desk.styles.get(layer.role)
    colours = () if style else desk.palette
    made = _TILES.get((layer.role, layer.version, "png", tile),
                      lambda: picture_tile(layer, tile, style, colours))
    return _picture_answer(made)


def _vector_answer(made: bytes) -> Response:
    if not made:
        return Response(status_code=204, headers={"cache-control": FOREVER})
    headers = {"content-encoding": "gzip", "cache-control": FOREVER}
    return Response(made, media_type="application/x-protobuf", headers=headers)


def _picture_answer(made: bytes) -> Response:
    return Response(made, media_type="image/png", headers={"cache-control": FOREVER})


def _square(request: Request) -> Tile:
    asked = request.path_params
    return Tile(asked["z"], asked["x"], asked["y"])


def _theme(request: Request) -> Response:
    theme, tile = THEMES.get(request.path_params["key"]), _square(request)
    if theme is None or not tile.exists():
        return Response(status_code=404)
    if request.path_params["ending"] == "pbf":
        return _vector_answer(_TILES.get(
            (theme.key, "pbf", tile), lambda: vector_tile(theme.layer, tile, is_theme=True)))
    if tile.z >= theme.layer.vector_from:
        return Response(status_code=404)
    return _picture_answer(_TILES.get(
        (theme.key, "png", tile), lambda: picture_tile(theme.layer, tile, None, theme.colours)))


def _asked(request: Request) -> tuple[Desk | None, MapLayer | None, Tile]:
    """The desk, the layer if its version is the current one, and the square."""
    asked, tile = request.path_params, _square(request)
    try:
        desk = open_desk(Path(os.environ.get(WORKSPACE_VARIABLE, ".")))
    except ZoningError:
        return None, None, tile
    layer = desk.layers.get(asked["role"])
    return desk, layer if layer and layer.version == asked["version"] else None, tile


__all__ = ["PAGES", "SETTINGS", "middleware", "routes", "serve", "warm"]
