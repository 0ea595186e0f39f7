"""The gate: one rule for pages, tiles, files and the websocket; the content policy."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from web_county import demo_county

from zoning.web import settings
from zoning.web.security import COOKIE, HOSTS_VARIABLE, TOKEN_VARIABLE, refusal
from zoning.web.server import middleware, routes
from zoning.web.settings import ONLINE_KEY_VARIABLE, WORKSPACE_VARIABLE, online_layers, policy
from zoning.web.state import open_desk

OWN = {"host": "127.0.0.1:8501"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_county(tmp_path_factory.mktemp("gate") / "demo").root


def ask(kind: str, path: str, headers: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    """What the server says to a request of a kind."""
    async def never(socket: Any) -> None:
        await socket.accept()

    app = Starlette(routes=[*routes(), WebSocketRoute("/_stcore/stream", never)],
                    middleware=middleware())
    said: list[dict[str, Any]] = []
    scope = {"type": kind, "method": "GET", "path": path, "raw_path": path.encode(),
             "root_path": "", "query_string": query.encode(), "http_version": "1.1",
             "scheme": "http" if kind == "http" else "ws", "server": ("127.0.0.1", 80),
             "client": ("127.0.0.1", 1), "subprotocols": [],
             "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}
    first = {"type": "websocket.connect"} if kind == "websocket" else {
        "type": "http.request", "body": b"", "more_body": False}
    waiting = [first]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        if kind == "http":
            await asyncio.Event().wait()  # the asker stays until it has its answer
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(app(scope, receive, send))
    return said


def doors(root: Path) -> list[tuple[str, str]]:
    """A tile, a picture, a theme, a script, and the websocket of the pages."""
    layer = open_desk(root).layers["parcel"]
    return [("http", f"/tiles/parcel/{layer.version}/15/1/1.pbf"),
            ("http", f"/tiles/parcel/{layer.version}/5/1/1.png"), ("http", "/theme/x/5/1/1.png"),
            ("http", "/vendor/leaflet/leaflet.js"), ("http", "/desk/desk.js"),
            ("websocket", "/_stcore/stream")]


@pytest.mark.parametrize(("headers", "status"), [
    ({"host": "evil.example"}, 421), ({"host": "127.0.0.1.evil.example:80"}, 421), ({}, 421),
    ({"host": "["}, 421), ({**OWN, "origin": "https://evil.example"}, 403),
    ({**OWN, "origin": "null"}, 403),
    ({**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
])
def test_every_door_refuses_alike(
    root: Path, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], status: int
) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(root))
    for kind, path in doors(root):
        said = ask(kind, path, headers)
        if kind == "websocket":
            assert said == [{"type": "websocket.close", "code": 4403}]
        else:
            assert said[0]["status"] == status, path
            assert b"content-security-policy" in dict(said[0]["headers"])


def test_without_the_token_every_door_is_shut(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(root))
    monkeypatch.setenv(TOKEN_VARIABLE, "s3cret")
    for kind, path in doors(root):
        for headers in (OWN, {**OWN, "cookie": f"{COOKIE}=wrong"}, {**OWN, "cookie": "\0;;="}):
            said = ask(kind, path, headers)
            assert said[0].get("status", said[0].get("code")) in {401, 4403}
    (first, *_) = ask("http", "/desk/desk.js", OWN, "token=s3cret")
    assert first["status"] == 200
    cookie = dict(first["headers"])[b"set-cookie"].decode()
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    (again, *_) = ask("http", "/desk/desk.js", {**OWN, "cookie": cookie.split(";")[0]})
    assert again["status"] == 200
    (open_, *_) = ask("websocket", "/_stcore/stream", {**OWN, "cookie": cookie.split(";")[0]})
    assert open_["type"] == "websocket.accept"


def test_own_names_and_those_of_the_settings_are_answered() -> None:
    for host in ("localhost:8501", "127.0.0.1", "[::1]:8501", "LOCALHOST"):
        assert refusal({"host": host}, "", {}) is None
    named = {HOSTS_VARIABLE: "zoning.county.local, desk"}
    assert refusal({"host": "zoning.county.local:80"}, "", named) is None
    assert refusal({"host": "desk", "origin": "http://desk:8501"}, "", named) is None
    link = {**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert refusal(link, "", {}) is None


def test_the_national_map_is_off_unless_a_key_is_set() -> None:
    assert online_layers({}) == []
    assert policy({}) == settings.CONTENT_SECURITY_POLICY
    for wrong in ("", "x", "abc' ; script-src *", "0123456789abcdef\n"):
        assert online_layers({ONLINE_KEY_VARIABLE: wrong}) == []
    key = {ONLINE_KEY_VARIABLE: "0123456789abcdef0123456789abcdef"}
    assert all(each.startswith(settings.ONLINE_HOST + "/") for each in online_layers(key))
    parts = dict(each.split(" ", 1) for each in policy(key).split("; "))
    assert parts["img-src"] == f"'self' {settings.ONLINE_HOST} data: blob:"
    assert settings.ONLINE_HOST not in parts["script-src"] + parts["connect-src"]
