"""Pictures of a plan as SVG: when every project goes, and what each year has of a quota.

Our own drawing and pure functions: every text is escaped, every length is the amount's share.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zoning.web.show import Html

WIDTH, LABEL, ROW, HEAD = 900, 250, 26, 30
COLOURS = {"pass": "#2c8a4b", "undecided": "#e0a63a", "fail": "#b2182b", "out": "#c9cfcc"}
PARTS = {"carried": "#8a9a90", "booked": "#2c6a8a", "expected": "#8cbcd4", "drawn": "#17352a",
         "lapsed": "#b2182b", "left": "#2c8a4b"}
COMES, GOES = ("carried", "booked", "expected"), ("drawn", "lapsed", "left")
CHART = 180


@dataclass(frozen=True)
class Bar:
    """A project on the timeline: its words, the day it goes (None: it does not), its status."""

    label: str
    told: str
    day: date | None
    status: str
    must: bool = False


def timeline_svg(bars: Sequence[Bar], years: Sequence[int], *, title: str) -> Html:
    """Projects as rows, years as columns; a bar runs from the day a project goes to the end."""
    if not bars or not years:
        return Html("")
    height = HEAD + ROW * len(bars) + 6
    step = (WIDTH - LABEL) / len(years)
    parts = [f'<line x1="{LABEL + step * at:.1f}" y1="{HEAD - 8}" x2="{LABEL + step * at:.1f}" '
             f'y2="{height}" stroke="#d6ddd9"/><text x="{LABEL + step * at + 6:.1f}" y="18" '
             f'font-weight="600">{year}</text>' for at, year in enumerate(years)]
    for at, bar in enumerate(bars):
        parts.append(_bar(bar, HEAD + ROW * at, years, step))
    return _svg(parts, height, title)


def _bar(bar: Bar, top: float, years: Sequence[int], step: float) -> str:
    weight = "700" if bar.must else "400"
    middle = top + ROW * 0.68
    label = (f'<text x="{LABEL - 8}" y="{middle:.1f}" text-anchor="end" font-weight="{weight}">'
             f"{html.escape(_short(bar.label, 20))}</text>")
    if bar.day is None:
        return label + (f'<text x="{LABEL + 6}" y="{middle:.1f}" fill="{COLOURS["fail"]}">'
                        f"{html.escape(bar.told)}</text>")
    share = (bar.day.timetuple().tm_yday - 1) / 366
    left = LABEL + step * (bar.day.year - years[0] + share)
    told_right = left < LABEL + (WIDTH - LABEL) * 0.6
    words = (f'<text x="{left + 8:.1f}" y="{middle:.1f}" fill="#fff">' if told_right else
             f'<text x="{left - 8:.1f}" y="{middle:.1f}" text-anchor="end">')
    return label + (f'<rect x="{left:.1f}" y="{top + 4:.1f}" width="{WIDTH - left:.1f}" '
                    f'height="{ROW - 8}" rx="3" fill="{COLOURS.get(bar.status, "#2c8a4b")}"/>'
                    f"{words}{html.escape(bar.told)}</text>")


@dataclass(frozen=True)
class Year:
    """What a year has of a component over its pools: amounts by the words of `PARTS`."""

    year: int
    amounts: dict[str, int]


def years_svg(years: Sequence[Year], names: dict[str, str], *, title: str) -> Html:
    """Two columns a year: what there is, and what becomes of it, on one scale."""
    most = max((sum(each.amounts.get(name, 0) for name in side)
                for each in years for side in (COMES, GOES)), default=0)
    if not most:
        return Html("")
    step, foot = WIDTH / len(years), CHART + HEAD
    parts = []
    for at, each in enumerate(years):
        middle = step * (at + 0.5)
        parts.append(f'<text x="{middle:.1f}" y="{foot + 18}" text-anchor="middle" '
                     f'font-weight="600">{each.year}</text>')
        for side, left in ((COMES, middle - 46), (GOES, middle + 4)):
            parts += _stack(each, side, left, foot, most)
    for at, (name, told) in enumerate(names.items()):
        x = 10 + 145 * at
        parts.append(f'<rect x="{x}" y="4" width="12" height="12" fill="{PARTS[name]}"/>'
                     f'<text x="{x + 18}" y="15">{html.escape(_short(told, 14))}</text>')
    return _svg(parts, foot + 28, title)


def _stack(year: Year, side: Sequence[str], left: float, foot: float, most: int) -> list[str]:
    found, top = [], foot
    for name in side:
        height = (CHART - 10) * year.amounts.get(name, 0) / most
        top -= height
        if height:
            found.append(f'<rect x="{left:.1f}" y="{top:.2f}" width="42" height="{height:.2f}" '
                         f'fill="{PARTS[name]}"/>')
    return found


def _svg(parts: Sequence[str], height: float, title: str) -> Html:
    return Html(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
                f'width="{WIDTH}" height="{height:.0f}" font-family="sans-serif" font-size="13" '
                f'fill="#17352a"><title>{html.escape(title)}</title>{"".join(parts)}</svg>')


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[:most - 1] + "…"


__all__ = ["Bar", "Year", "timeline_svg", "years_svg"]
