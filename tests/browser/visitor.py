"""A visitor of the app: a page in a real browser, and what a test may do with it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Frame, Page

MAP = 'iframe[title="streamlit_folium.st_folium"]'
@dataclass
class Desk:
    """One visitor: a page of the app, what it asked of other hosts, what went wrong in it."""

    page: Page
    url: str
    refused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> None:
        """Go to a page and wait until its head is there."""
        self.page.goto(f"{self.url}/{path}")
        self.page.locator(".title").wait_for()

    def map(self) -> Frame:
        """The frame of the map, once a layer has been drawn."""
        found = self.page.locator(MAP).first
        found.wait_for()
        handle = found.element_handle()
        frame = handle.content_frame() if handle else None
        assert frame is not None
        frame.wait_for_function("window.map && window.map.desk && window.map.desk.loads > 0")
        return frame

    def place(self, lat: float, lng: float) -> tuple[float, float]:
        """Where a point of the map is on the page."""
        at = self.map().evaluate(
            f"(() => {{ const p = map.latLngToContainerPoint([{lat}, {lng}]);"
            " return [p.x, p.y]; })()")
        box = self.page.locator(MAP).first.bounding_box()
        assert box is not None
        return box["x"] + at[0], box["y"] + at[1]

    def photograph(self, name: str) -> None:
        """A picture of the page, kept where ZONING_SCREENSHOTS says; none otherwise."""
        if folder := os.environ.get("ZONING_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))
