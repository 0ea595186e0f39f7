"""The server's settings, the same whatever the working folder is.

``.streamlit/config.toml`` repeats them for ``streamlit run app.py``; a test keeps the two equal.
"""

from __future__ import annotations

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
    "theme.base": "light",
    "theme.primaryColor": "#1f6f54",
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#f3f5f1",
    "theme.textColor": "#1d2622",
    "theme.borderColor": "#d5dbd3",
    "theme.baseRadius": "small",
    "theme.baseFontSize": 14,
    "theme.font": FONT,
}

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
"""Nothing is loaded from, or sent to, any other host."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}

__all__ = ["CONTENT_SECURITY_POLICY", "HEADERS", "SETTINGS", "WORKSPACE_VARIABLE"]
