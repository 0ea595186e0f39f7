"""Who is answered: one gate before pages, tiles, files and the pages' own websocket alike.

A page of another site that a planner has open must not read the desk through the browser. So only
the names this machine answers to are accepted (another name that points here is refused), requests
that another site makes are refused, and where a token is set nobody without it gets anything.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zoning.messages import text
from zoning.web.settings import HEADERS, policy

HOSTS_VARIABLE = "ZONING_HOSTS"
"""Further names of this machine, separated by commas, where it is served under another name."""

TOKEN_VARIABLE = "ZONING_TOKEN"
"""A secret that every request must bring: once as ``?token=…``, then as a cookie."""

OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
COOKIE = "zoning_token"


class Gate:
    """Answers only whom it knows: by name of the host, by site of origin, by token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it: 421, 403 or 401 with a sentence."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = refusal(headers, scope.get("query_string", b"").decode("latin-1"))
        if refused is None:
            token = os.environ.get(TOKEN_VARIABLE, "")
            await self._app(scope, receive, _with_cookie(send, token) if token else send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403})
        else:
            status, key = refused
            said = " ".join(text(key, language) for language in ("zh", "en"))
            await PlainTextResponse(said, status_code=status)(scope, receive, send)


def refusal(
    headers: Mapping[str, str], query: str, variables: Mapping[str, str] = os.environ
) -> tuple[int, str] | None:
    """Status and message for a request that is refused; None for one that is answered."""
    more = variables.get(HOSTS_VARIABLE, "").split(",")
    known = OWN_HOSTS | {name.strip().lower() for name in more if name.strip()}
    if _name(f"//{headers.get('host', '')}") not in known:
        return 421, "web.refused_host"
    origin = headers.get("origin")
    if origin is not None and _name(origin) not in known:
        return 403, "web.refused_site"
    if headers.get("sec-fetch-site") == "cross-site" and (
            headers.get("sec-fetch-mode") != "navigate"):
        return 403, "web.refused_site"
    token = variables.get(TOKEN_VARIABLE, "")
    if token and not any(hmac.compare_digest(token.encode(), each.encode())
                         for each in _tokens(headers, query)):
        return 401, "web.refused_token"
    return None


def _name(address: str) -> str:
    """The name of the host in an address; empty where it is none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _tokens(headers: Mapping[str, str], query: str) -> list[str]:
    try:
        kept = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        kept = SimpleCookie()
    return [*parse_qs(query).get("token", []), *([kept[COOKIE].value] if COOKIE in kept else [])]


def _with_cookie(send: Send, token: str) -> Send:
    async def remembering(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append(
                "set-cookie", f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict")
        await send(message)

    return remembering


class SecurityHeaders:
    """Adds the content policy and the headers of `zoning.web.settings.HEADERS` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; websockets are left alone."""
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(
                    {**HEADERS, "content-security-policy": policy()})
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


__all__ = ["Gate", "SecurityHeaders", "refusal"]
