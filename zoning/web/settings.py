"""The server's settings, the same whatever the working folder is.

``.streamlit/config.toml`` repeats them for ``streamlit run app.py``; a test keeps the two equal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

WORKSPACE_VARIABLE = "ZONING_WORKSPACE"
"""Names the workspace folder for the server process; the current folder where it is unset."""

FONT = ("'Source Sans', 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', "
        "sans-serif")

SETTINGS: Mapping[str, object] = {
    "server.headless": True,
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.maxUploadSize": 256,
    "browser.gatherUsageStats": False,  # else the browser reports to a metrics host
    "browser.serverAddress": "localhost",  # else the server asks a host for its own address
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "runner.magicEnabled": False,
    "theme.light.primaryColor": "#1f6f54",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f3f5f1",
    "theme.light.textColor": "#1d2622",
    "theme.light.borderColor": "#d5dbd3",
    "theme.dark.primaryColor": "#58b08c",
    "theme.dark.backgroundColor": "#161b18",
    "theme.dark.secondaryBackgroundColor": "#202723",
    "theme.dark.textColor": "#e3e9e5",
    "theme.dark.borderColor": "#3a443e",
    "theme.baseRadius": "small",
    "theme.baseFontSize": 14,
    "theme.font": FONT,
}

ONLINE_KEY_VARIABLE = "ZONING_TIANDITU_KEY"
"""The user's own key of the national map service; without it no picture is asked of anybody."""

ONLINE_HOST = "https://t0.tianditu.gov.cn"
ONLINE_LAYERS = ("vec", "cva")
"""The national map and its names."""

KEY = re.compile(r"[0-9A-Fa-f]{16,64}")


def online_layers(variables: Mapping[str, str] = os.environ) -> list[str]:
    """Addresses of the national map below the layers: none unless a key is set, and it is one."""
    key = variables.get(ONLINE_KEY_VARIABLE, "")
    if not KEY.fullmatch(key):
        return []
    return [f"{ONLINE_HOST}/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}"
            "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
            f"&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}" for name in ONLINE_LAYERS]


def policy(variables: Mapping[str, str] = os.environ) -> str:
    """The content policy: nothing from anywhere else, or pictures of the national map by choice."""
    if not online_layers(variables):
        return CONTENT_SECURITY_POLICY
    return CONTENT_SECURITY_POLICY.replace("img-src 'self'", f"img-src 'self' {ONLINE_HOST}")


CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # the map component evaluates its script
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "worker-src 'self' blob:",
    "frame-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
))
"""Nothing is loaded from, or sent to, any other host.

Two gaps are the stack's: Streamlit and its map component style in line, and the component evaluates
the map's script. Text of attributes never reaches that script."""

HEADERS: Mapping[str, str] = {
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}

__all__ = ["CONTENT_SECURITY_POLICY", "HEADERS", "ONLINE_KEY_VARIABLE", "SETTINGS",
           "WORKSPACE_VARIABLE", "online_layers", "policy"]
