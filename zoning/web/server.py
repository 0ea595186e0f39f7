"""The server: Streamlit's pages, the maps' scripts and the tiles, on this machine only."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zoning.errors import ZoningError
from zoning.web.mvt import Tile
from zoning.web.settings import HEADERS, SETTINGS, WORKSPACE_VARIABLE
from zoning.web.state import Desk, open_desk
from zoning.web.tiles import MapLayer, TileCache, picture_tile, vector_tile
from zoning.web.vendor import DIST

HERE = Path(__file__).parent
PAGES = HERE / "main.py"
FOREVER = "public, max-age=31536000, immutable"

_TILES = TileCache()


def serve(port: int, workspace: Path) -> None:
    """Serve the app for one workspace until it is stopped."""
    os.environ[WORKSPACE_VARIABLE] = str(workspace.resolve())
    app = st.App(PAGES, routes=routes(), middleware=middleware())
    app.run(config={**SETTINGS, "server.port": port})


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
    ]


def middleware() -> list[Middleware]:
    """What every answer passes through: the headers of the content policy."""
    return [Middleware(SecurityHeaders)]


class SecurityHeaders:
    """Adds the headers of `zoning.web.settings.HEADERS` to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; websockets are left alone."""
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _vector(request: Request) -> Response:
    desk, layer, tile = _asked(request)
    if desk is None or layer is None or not tile.exists():
        return Response(status_code=404)
    made = _TILES.get((layer.role, layer.version, "pbf", tile), lambda: vector_tile(layer, tile))
    if not made:
        return Response(status_code=204, headers={"cache-control": FOREVER})
    headers = {"content-encoding": "gzip", "cache-control": FOREVER}
    return Response(made, media_type="application/x-protobuf", headers=headers)


def _picture(request: Request) -> Response:
    desk, layer, tile = _asked(request)
    if desk is None or layer is None or not tile.exists() or tile.z >= layer.vector_from:
        return Response(status_code=404)
    style = desk.styles.get(layer.role)
    colours = () if style else desk.palette
    made = _TILES.get((layer.role, layer.version, "png", tile),
                      lambda: picture_tile(layer, tile, style, colours))
    return Response(made, media_type="image/png", headers={"cache-control": FOREVER})


def _asked(request: Request) -> tuple[Desk | None, MapLayer | None, Tile]:
    """The desk, the layer if its version is the current one, and the square."""
    asked = request.path_params
    tile = Tile(asked["z"], asked["x"], asked["y"])
    try:
        desk = open_desk(Path(os.environ.get(WORKSPACE_VARIABLE, ".")))
    except ZoningError:
        return None, None, tile
    layer = desk.layers.get(asked["role"])
    return desk, layer if layer and layer.version == asked["version"] else None, tile


__all__ = ["PAGES", "SETTINGS", "SecurityHeaders", "middleware", "routes", "serve"]
