"""A real headless Chromium and the app on a loopback port; other hosts are refused and counted."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Playwright,
    Request,
    Response,
    expect,
    sync_playwright,
)

sys.path.insert(0, str(Path(__file__).parents[1]))
from visitor import Desk
from web_county import demo_county, server

expect.set_options(timeout=30_000)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
HARMLESS_404 = ("/_stcore/health", "/_stcore/host-config")
"""A deep link makes Streamlit ask for these below the page's own address first."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo county of 2,000 parcels."""
    return demo_county(tmp_path_factory.mktemp("browser") / "demo").root


@pytest.fixture(scope="module")
def url(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app on this machine."""
    with server(county, log=tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium; absent on a user's machine, never in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have chromium")
        pytest.skip("no chromium on this machine")
    browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A laptop screen. The resolver refuses other hosts; a route would switch off the cache."""
    laptop = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN",
                                  accept_downloads=True)
    laptop.set_default_timeout(30_000)
    yield laptop
    laptop.close()


@pytest.fixture
def desk(context: BrowserContext, url: str) -> Iterator[Desk]:
    """A visitor; at the end nothing was asked of another host and nothing failed."""
    visitor = Desk(context.new_page(), url)

    def asked(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            visitor.refused.append(request.url)

    def answered(answer: Response) -> None:
        if answer.status >= 400 and not answer.url.endswith(HARMLESS_404):
            visitor.faults.append(f"{answer.status} {answer.url}")

    visitor.page.on("request", asked)
    visitor.page.on("websocket", lambda socket: asked_socket(visitor, socket.url))
    visitor.page.on("response", answered)
    visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    yield visitor
    visitor.page.close()
    assert visitor.refused == []
    assert visitor.faults == []


def asked_socket(visitor: Desk, address: str) -> None:
    """Count a websocket to another host."""
    if not address.startswith(visitor.url.replace("http", "ws", 1)):
        visitor.refused.append(address)
