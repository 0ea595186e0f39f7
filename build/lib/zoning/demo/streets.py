"""What fills a block of town or park: a street grid, its lots, and land not yet built on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from zoning.demo.blocks import strips
from zoning.demo.cells import Box, Chunk, Tag, chunk, draw, interleave, mm


class Fabric(NamedTuple):
    """How a street grid is woven: spacing and street width in metres, and what stands there."""

    across: tuple[float, float]
    along: tuple[float, float]
    street: float
    lots: Mapping[str, float]
    vacant: float
    fields: float
    largest: int


PARK = Fabric((230, 340), (180, 270), 18.0,
              {"0601": 0.80, "0508": 0.09, "0809": 0.05, "0810": 0.06}, 0.22, 0.17, 4)
TOWN = Fabric((105, 165), (85, 135), 10.0,
              {"0701": 0.58, "05H1": 0.11, "08H1": 0.05, "08H2": 0.09, "0810": 0.08,
               "0809": 0.03, "0601": 0.03, "1005": 0.02, "0810A": 0.01}, 0.02, 0.03, 3)


def quarter(
    rng: np.random.Generator, box: Box, fabric: Fabric, *, paddy: float, scale: float
) -> Iterator[Chunk]:
    """A street grid: streets as one group, then the land between them."""
    street = (("1004", fabric.street),)
    columns, lanes = interleave(
        rng, box.u0, box.u1, low=fabric.across[0], high=fabric.across[1], between=street
    )
    rows, cross = interleave(
        rng, box.v0, box.v1, low=fabric.along[0], high=fabric.along[1], between=street
    )
    boxes = [(box.u0, lane.start, box.u1, lane.stop) for lane in cross]
    boxes += [(lane.start, v0, lane.stop, v1) for lane in lanes for v0, v1 in rows]
    yield chunk(Tag.STREET, boxes, ["1004"] * len(boxes))
    for u0, u1 in columns:
        for v0, v1 in rows:
            yield from _between(rng, Box(u0, v0, u1, v1), fabric, paddy, scale)


def _between(
    rng: np.random.Generator, box: Box, fabric: Fabric, paddy: float, scale: float
) -> Iterator[Chunk]:
    if rng.random() < fabric.fields:
        ditch = box.v0 + mm(4)
        yield chunk(Tag.LANE, [(box.u0, box.v0, box.u1, ditch)], ["1107"])
        yield strips(rng, box._replace(v0=ditch), paddy=paddy, scale=scale * 1.15)
        return
    if fabric is PARK and rng.random() < 0.3:
        belt = box.v0 + mm(10)
        yield chunk(Tag.HAMLET, [(box.u0, box.v0, box.u1, belt)], ["0810"])
        box = box._replace(v0=belt)
    lots = _lots(rng, box, fabric.largest)
    empty = rng.random(len(lots)) < fabric.vacant
    built = [lot for lot, is_empty in zip(lots, empty, strict=True) if not is_empty]
    vacant = [lot for lot, is_empty in zip(lots, empty, strict=True) if is_empty]
    yield Chunk(Tag.LOT, np.array(built, dtype=np.int64).reshape(-1, 4),
                draw(rng, len(built), dict(fabric.lots)))
    yield Chunk(Tag.VACANT, np.array(vacant, dtype=np.int64).reshape(-1, 4),
                draw(rng, len(vacant), {"1201": 0.62, "0102": 0.3, "0404": 0.08}))


def _lots(rng: np.random.Generator, box: Box, largest: int) -> list[Box]:
    """Cut the land between streets into one to `largest` lots."""
    count = int(rng.integers(1, largest + 1))
    u = _cut(rng, box.u0, box.u1)
    v = _cut(rng, box.v0, box.v1)
    west, east = box._replace(u1=u), box._replace(u0=u)
    if count == 1:
        return [box]
    if count == 2:
        return [west, east]
    if count == 3:
        return [west, east._replace(v1=v), east._replace(v0=v)]
    return [west._replace(v1=v), west._replace(v0=v), east._replace(v1=v), east._replace(v0=v)]


def _cut(rng: np.random.Generator, start: int, stop: int) -> int:
    return start + round((stop - start) * rng.uniform(0.38, 0.62) / 500) * 500
