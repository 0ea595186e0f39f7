"""A flow picture as SVG: bands from the sources over the pools to where they went.

Our own drawing and a pure function: every text is escaped, every width is the amount's share.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass

from zoning.web.show import Html

WIDTH, NODE, GAP, TOP = 900, 14, 12, 14
LABEL = 250
"""Room for the words on each side."""

SLOT = 32
"""Room for the two lines of words beside a band, however thin it is."""

LEAST = 1.5
"""No band is thinner than this, however small its amount."""

COLOURS = {
    "carried": "#8a9a90", "inflow": "#2c6a8a", "pool": "#17352a", "used": "#6b7a72",
    "lapsed": "#b2182b", "held": "#e0a63a", "free": "#2c8a4b",
}


@dataclass(frozen=True)
class Band:
    """An amount that comes into a pool, or goes out of it; not below zero.

    `way` chooses the colour, `label` and `told` are the words beside its end: what it is, how much.
    """

    pool: str
    way: str
    label: str
    told: str
    amount: int


def flow_svg(comes: Sequence[Band], goes: Sequence[Band], *, title: str) -> Html:
    """Draw the bands that come (left) and go (right), with the pools between them.

    Amounts are on one scale. A picture without bands is empty text.
    """
    pools = list(dict.fromkeys(band.pool for band in (*comes, *goes)))
    if not pools:
        return Html("")
    rows = max(len(comes), len(goes), 2 * len(pools))
    room = 34 * rows
    whole = max(sum(band.amount for band in comes), sum(band.amount for band in goes), 1)
    scale = room / whole
    through = [_through(pool, comes, goes) for pool in pools]
    sides = (through, [band.amount for band in comes], [band.amount for band in goes])
    height = 2 * TOP + GAP * (rows + 1) + max(sum(_slots(side, scale)) for side in sides)
    middles = _stack(through, scale, height)
    tops = dict(zip(pools, middles, strict=True))
    parts = [_side(comes, tops, scale, height, left=True),
             _side(goes, tops, scale, height, left=False)]
    for pool, top in tops.items():
        tall = max(_through(pool, comes, goes) * scale, LEAST)
        middle = WIDTH / 2
        parts.append(_box(middle - NODE / 2, top, tall, "pool"))
        parts.append(_words(middle, top - 4, pool, "", "middle"))
    return Html(
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        f'font-family="Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, sans-serif" role="img" '
        f'xmlns="http://www.w3.org/2000/svg" aria-label="{html.escape(title)}">'
        f"<title>{html.escape(title)}</title>{''.join(parts)}</svg>")


def as_picture(svg: Html, *, title: str) -> Html:
    """A drawing as a picture on the page: nothing in a picture can act, whatever it says."""
    data = base64.b64encode(svg.encode()).decode()
    return Html(f'<img class="flow" alt="{html.escape(title)}" '
                f'src="data:image/svg+xml;base64,{data}">')


def _through(pool: str, comes: Sequence[Band], goes: Sequence[Band]) -> int:
    return max(sum(band.amount for band in side if band.pool == pool) for side in (comes, goes))


def _slots(amounts: Sequence[int], scale: float) -> list[float]:
    return [max(amount * scale, SLOT) for amount in amounts]


def _stack(amounts: Sequence[int], scale: float, height: float) -> list[float]:
    """The tops of boxes below each other, each in the middle of its slot."""
    slots = _slots(amounts, scale)
    gap = (height - 2 * TOP - sum(slots)) / (len(slots) + 1)
    return [
        TOP + gap * (n + 1) + sum(slots[:n]) + (slot - max(amount * scale, LEAST)) / 2
        for n, (amount, slot) in enumerate(zip(amounts, slots, strict=True))
    ]


def _side(
    bands: Sequence[Band], tops: dict[str, float], scale: float, height: float, *, left: bool
) -> str:
    outer = LABEL if left else WIDTH - LABEL - NODE
    begin, end = ((LABEL + NODE, WIDTH / 2 - NODE / 2) if left
                  else (WIDTH / 2 + NODE / 2, WIDTH - LABEL - NODE))
    filled = dict.fromkeys(tops, 0.0)
    drawn = []
    for band, top in zip(bands, _stack([b.amount for b in bands], scale, height), strict=True):
        tall = max(band.amount * scale, LEAST)
        inner = tops[band.pool] + filled[band.pool]
        filled[band.pool] += band.amount * scale
        one, other = (top, inner) if left else (inner, top)
        tip = f"{band.label} {band.told}"
        drawn.append(_ribbon(begin, one, end, other, tall, band.way, tip))
        drawn.append(_box(outer, top, tall, band.way))
        at, anchor = (LABEL - 8, "end") if left else (WIDTH - LABEL + 8, "start")
        drawn.append(_words(at, top + tall / 2 - 2, band.label, band.told, anchor))
    return "".join(drawn)


def _ribbon(
    x0: float, y0: float, x1: float, y1: float, tall: float, way: str, tip: str
) -> str:
    middle = (x0 + x1) / 2
    path = (f"M{x0:.1f},{y0:.1f} C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f} "
            f"L{x1:.1f},{y1 + tall:.1f} C{middle:.1f},{y1 + tall:.1f} {middle:.1f},{y0 + tall:.1f} "
            f"{x0:.1f},{y0 + tall:.1f} Z")
    return (f'<path d="{path}" fill="{COLOURS[way]}" fill-opacity="0.32">'
            f"<title>{html.escape(tip)}</title></path>")


def _box(x: float, y: float, tall: float, way: str) -> str:
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{NODE}" height="{tall:.1f}" '
            f'fill="{COLOURS[way]}"></rect>')


def _words(x: float, y: float, label: str, told: str, anchor: str) -> str:
    shown = label if len(label) <= 20 else f"{label[:19]}…"
    second = (f'<tspan x="{x:.1f}" dy="14" font-weight="600">{html.escape(told)}</tspan>'
              if told else "")
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12" '
            f'fill="#24332b"><tspan>{html.escape(shown)}</tspan>{second}</text>')


__all__ = ["Band", "as_picture", "flow_svg"]
