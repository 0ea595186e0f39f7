"""What fills a block: farmland with hamlets, ponds, tidal flat. Each yields chunks of cells."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from zoning.demo.cells import (
    Box,
    Chunk,
    Lane,
    Tag,
    chunk,
    divide,
    draw,
    interleave,
    mm,
    upright,
)

LANES = (
    (("1107", 4.0), ("1006", 4.0)),
    (("1006", 4.0),),
    (("1107", 4.5),),
    (("1006", 3.5), ("1107", 4.0)),
)
HOUSES = {"0702": 0.64, "0103": 0.10, "0307": 0.10, "1104": 0.09, "0301": 0.03, "0201": 0.04}
GARDENS = {"0103": 0.46, "0102": 0.16, "0201": 0.11, "1104": 0.12, "0307": 0.09, "0204": 0.06}


def farm(
    rng: np.random.Generator, box: Box, *, paddy: float, hamlets: tuple[bool, bool], scale: float
) -> Iterator[Chunk]:
    """Strips between ditches and field roads, with hamlets along the north side or the middle.

    `paddy` is the chance that a row of strips is paddy; `scale` stretches the strips' widths.
    """
    columns, lanes = interleave(
        rng, box.u0, box.u1, low=260, high=470, between=LANES[rng.integers(len(LANES))]
    )
    yield _upright_lanes(lanes, box.v0, box.v1)
    for u0, u1 in columns:
        yield from _column(rng, Box(u0, box.v0, u1, box.v1), paddy, hamlets, scale)


def _column(
    rng: np.random.Generator, box: Box, paddy: float, hamlets: tuple[bool, bool], scale: float
) -> Iterator[Chunk]:
    north, middle = (wanted and rng.random() < 0.88 for wanted in hamlets)
    if north:
        start = box.v1 - _depth(rng, 84, 104)
        yield from hamlet(rng, Box(box.u0, start, box.u1, box.v1))
        box = box._replace(v1=start)
    if middle:
        start = (box.v0 + box.v1) // mm(2) * mm(1) + _depth(rng, -30, 30)
        stop = start + _depth(rng, 78, 96)
        yield from hamlet(rng, box._replace(v0=start, v1=stop))
        yield from fields(rng, box._replace(v0=stop), paddy=paddy, scale=scale)
        box = box._replace(v1=start)
    yield from fields(rng, box, paddy=paddy, scale=scale)


def fields(
    rng: np.random.Generator, box: Box, *, paddy: float, scale: float
) -> Iterator[Chunk]:
    """Rows of strips with a ditch or field road between the rows."""
    rows, lanes = interleave(
        rng, box.v0, box.v1, low=105, high=190, between=LANES[rng.integers(len(LANES))]
    )
    yield _level_lanes(lanes, box.u0, box.u1)
    for v0, v1 in rows:
        yield strips(rng, box._replace(v0=v0, v1=v1), paddy=paddy, scale=scale)


def strips(rng: np.random.Generator, box: Box, *, paddy: float, scale: float) -> Chunk:
    """One row of farmland strips, mostly of one class, now and then an orchard or a pond."""
    wide = rng.random() < 0.2
    low, high = (56, 100) if wide else (21, 52)
    edges = divide(rng, box.u0, box.u1, low=low * scale, high=high * scale)
    usual, other = ("0101", "0102") if rng.random() < paddy else ("0102", "0101")
    weights = {usual: 0.915, other: 0.04, "0103": 0.015, "1104": 0.008, "0201": 0.01,
               "0301": 0.006, "1202": 0.006}
    if rng.random() < 0.035:
        weights = {("0201", "0301", "0204")[rng.integers(3)]: 0.9, usual: 0.1}
    return upright(Tag.FIELD, edges, box.v0, box.v1, draw(rng, len(edges) - 1, weights))


def hamlet(rng: np.random.Generator, box: Box) -> Iterator[Chunk]:
    """From the north: tree belt, homesteads, village road, gardens and ponds, a ditch."""
    belt = box.v1 - mm(int(rng.integers(5, 10)))
    houses = belt - _depth(rng, 34, 46)
    road, ditch = houses - mm(4.5), box.v0 + mm(3)
    yield chunk(
        Tag.HAMLET, [(box.u0, belt, box.u1, box.v1), (box.u0, road, box.u1, houses)],
        ["0307", "1006"],
    )
    yield chunk(Tag.LANE, [(box.u0, box.v0, box.u1, ditch)], ["1107"])
    edges = divide(rng, box.u0, box.u1, low=19, high=66)
    yield upright(Tag.HAMLET, edges, houses, belt, draw(rng, len(edges) - 1, HOUSES))
    edges = divide(rng, box.u0, box.u1, low=24, high=72)
    yield upright(Tag.HAMLET, edges, ditch, road, draw(rng, len(edges) - 1, GARDENS))


def reclaimed(rng: np.random.Generator, box: Box) -> Iterator[Chunk]:
    """A hamlet that was taken down and made farmland again: broad strips and a ditch."""
    ditch = box.v0 + mm(3)
    yield chunk(Tag.LANE, [(box.u0, box.v0, box.u1, ditch)], ["1107"])
    edges = divide(rng, box.u0, box.u1, low=45, high=95)
    codes = draw(rng, len(edges) - 1, {"0102": 0.6, "0101": 0.4})
    yield upright(Tag.RECLAIMED, edges, ditch, box.v1, codes)


def ponds(rng: np.random.Generator, box: Box) -> Iterator[Chunk]:
    """Aquaculture ponds in rows, with dams between them."""
    columns, lanes = interleave(
        rng, box.u0, box.u1, low=300, high=440, between=(("1006", 5.0), ("1107", 6.0))
    )
    yield _upright_lanes(lanes, box.v0, box.v1)
    for u0, u1 in columns:
        rows, cross = interleave(
            rng, box.v0, box.v1, low=80, high=135,
            between=LANES[2] if rng.random() < 0.5 else (("1006", 4.0),),
        )
        yield _level_lanes(cross, u0, u1)
        for v0, v1 in rows:
            yield from _pond_row(rng, Box(u0, v0, u1, v1))


def _pond_row(rng: np.random.Generator, box: Box) -> Iterator[Chunk]:
    if rng.random() < 0.13:
        yield strips(rng, box, paddy=0.75, scale=1.2)
        return
    places, dams = interleave(
        rng, box.u0, box.u1, low=55, high=100, between=(("1006", 2.5),)
    )
    yield _upright_lanes(dams, box.v0, box.v1)
    edges = np.array(places, dtype=np.int64)
    boxes = np.column_stack((
        edges[:, 0], np.full(len(edges), box.v0), edges[:, 1], np.full(len(edges), box.v1)
    ))
    weights = {"1104A": 0.93, "1202": 0.04, "0404": 0.03}
    yield Chunk(Tag.WATER, boxes, draw(rng, len(edges), weights))


def shore(rng: np.random.Generator, box: Box) -> Iterator[Chunk]:
    """Tidal flat outside the sea wall."""
    edges = divide(rng, box.v0, box.v1, low=260, high=420)
    boxes = [(box.u0, int(a), box.u1, int(b)) for a, b in pairwise(edges)]
    yield chunk(Tag.FLAT, boxes, ["1105"] * len(boxes))


def _depth(rng: np.random.Generator, low: int, high: int) -> int:
    return mm(int(rng.integers(low, high)))


def _upright_lanes(lanes: list[Lane], v0: int, v1: int) -> Chunk:
    boxes = [(lane.start, v0, lane.stop, v1) for lane in lanes]
    return chunk(Tag.LANE, boxes, [lane.code for lane in lanes])


def _level_lanes(lanes: list[Lane], u0: int, u1: int) -> Chunk:
    boxes = [(u0, lane.start, u1, lane.stop) for lane in lanes]
    return chunk(Tag.LANE, boxes, [lane.code for lane in lanes])


__all__ = ["farm", "fields", "hamlet", "ponds", "reclaimed", "shore", "strips"]
