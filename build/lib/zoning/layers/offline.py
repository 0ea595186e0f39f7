"""GDAL and PROJ kept off the network: a file may name an address, but nobody goes there."""

from __future__ import annotations

import os

import pyogrio
from pyproj import network

NOWHERE = "127.0.0.1:9"
"""The discard port of this machine: a request sent there is refused at once and leaves nothing."""

OPTIONS = {
    "GDAL_HTTP_PROXY": NOWHERE,
    "GDAL_HTTPS_PROXY": NOWHERE,
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{nothing}",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GDAL_XML_VALIDATION": "NO",
    "PROJ_NETWORK": "OFF",
}


def go_offline() -> None:
    """Turn the network off in every GDAL of this process; harmless when repeated.

    pyogrio and fiona each carry a GDAL of their own; fiona's reads the environment when it starts.
    """
    for name, value in OPTIONS.items():
        os.environ[name] = value
    pyogrio.set_gdal_config_options(dict(OPTIONS))
    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
