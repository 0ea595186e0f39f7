"""The whole plan as cells: the blocks filled, the spines laid between them, no gap anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from zoning.demo.blocks import farm, ponds, reclaimed, shore
from zoning.demo.cells import Box, Cells, Chunk, Tag, chunk, mm
from zoning.demo.layout import RIVER, Layout, Spine, Use
from zoning.demo.streets import PARK, TOWN, quarter

_URBAN = {"1006": "1004", "0307": "0810", "0301": "0810"}
_BUILT = (Use.PARK, Use.TOWN)


def tile(rng: np.random.Generator, layout: Layout, *, scale: float) -> Cells:
    """All cells of a county. `scale` stretches the widths of strips, to steer the count."""
    found: list[Chunk] = []
    blocks: list[int] = []
    for (column, row), use in np.ndenumerate(layout.uses):
        if use == Use.OUTSIDE:
            continue
        chunks = [*_block(rng, layout, column, row, scale)]
        found.extend(chunks)
        blocks.extend([column * layout.uses.shape[1] + row] * len(chunks))
    for number, line in _spine_chunks(layout):
        found.append(line)
        blocks.append(number)
    return _cells(found, blocks)


def _cells(found: list[Chunk], blocks: list[int]) -> Cells:
    counts = np.array([len(one.codes) for one in found])
    return Cells(
        np.concatenate([one.boxes for one in found]),
        np.concatenate([one.codes for one in found]),
        np.repeat([int(one.tag) for one in found], counts),
        np.repeat(np.array(blocks, dtype=np.int64), counts),
        np.repeat(np.arange(len(found), dtype=np.int64), counts),
    )


def _block(
    rng: np.random.Generator, layout: Layout, column: int, row: int, scale: float
) -> Iterator[Chunk]:
    u0, u1 = (int(edge) for edge in layout.columns[column])
    v0, v1 = (int(edge) for edge in layout.rows[row])
    box, use = Box(u0, v0, u1, v1), layout.uses[column, row]
    paddy = float(np.clip(0.62 + 0.45 * np.sin(column * 0.9 + 1.3) * np.cos(row * 0.7), 0.04, 0.96))
    if use == Use.PARK:
        return quarter(rng, box, PARK, paddy=0.3, scale=scale)
    if use == Use.TOWN:
        return quarter(rng, box, TOWN, paddy=0.3, scale=scale)
    if use == Use.PONDS:
        return ponds(rng, box)
    if use == Use.SHORE:
        return shore(rng, box)
    hamlets = layout.hamlet_rows[row]
    if column * layout.uses.shape[1] + row in layout.reclaimed:
        return _reclaimed_farm(rng, box, hamlets, paddy, scale)
    return farm(rng, box, paddy=paddy, hamlets=hamlets, scale=scale)


def _reclaimed_farm(
    rng: np.random.Generator, box: Box, hamlets: tuple[bool, bool], paddy: float, scale: float
) -> Iterator[Chunk]:
    """A farm block whose north hamlet has become farmland again."""
    start = box.v1 - mm(int(rng.integers(86, 104)))
    yield from reclaimed(rng, box._replace(v0=start))
    yield from farm(
        rng, box._replace(v1=start), paddy=paddy, hamlets=(False, hamlets[1]), scale=scale
    )


def _spine_chunks(layout: Layout) -> Iterator[tuple[int, Chunk]]:
    columns, rows = layout.uses.shape
    for column in range(columns):
        for row in range(rows):
            number = column * rows + row
            for line in (_upright(layout, column, row), _level(layout, column, row)):
                if line is not None:
                    yield number, line


def _upright(layout: Layout, column: int, row: int) -> Chunk | None:
    """The spine east of a block, run on over the crossing to its north where it owns that."""
    if not _has_upright(layout, column, row):
        return None
    v0, v1 = (int(edge) for edge in layout.rows[row])
    if _owner(layout, column, row) == "upright":
        v1 = int(layout.rows[row + 1, 0])
    spine = _dressed(layout.upright[column], layout.uses[column:column + 2, row])
    edges = _edges(int(layout.columns[column, 1]), spine)
    boxes = [(a, v0, b, v1) for a, b in pairwise(edges)]
    return chunk(Tag.SPINE, boxes, [code for code, _ in spine.lines])


def _level(layout: Layout, column: int, row: int) -> Chunk | None:
    """The spine north of a block, run on over the crossing to its east where it owns that."""
    if not _has_level(layout, column, row):
        return None
    u0, u1 = (int(edge) for edge in layout.columns[column])
    if _owner(layout, column, row) == "level":
        u1 = int(layout.columns[column + 1, 0])
    spine, tag = layout.level[row], Tag.SPINE
    if spine is RIVER:
        tag = Tag.BANK
    elif layout.uses[column, row] == Use.SHORE or layout.uses[column, row + 1] == Use.SHORE:
        spine, tag = Spine(spine.rank, (("1105", spine.width / 1000),)), Tag.FLAT
    spine = _dressed(spine, layout.uses[column, row:row + 2])
    edges = _edges(int(layout.rows[row, 1]), spine)
    boxes = [(u0, a, u1, b) for a, b in pairwise(edges)]
    return chunk(tag, boxes, [code for code, _ in spine.lines])


def _has_upright(layout: Layout, column: int, row: int) -> bool:
    return column < len(layout.upright) and bool(
        (layout.uses[column:column + 2, row] != Use.OUTSIDE).any()
    )


def _has_level(layout: Layout, column: int, row: int) -> bool:
    return row < len(layout.level) and bool(
        (layout.uses[column, row:row + 2] != Use.OUTSIDE).any()
    )


def _owner(layout: Layout, column: int, row: int) -> str | None:
    """Which spine runs through the crossing north-east of a block; None where none does."""
    if column >= len(layout.upright) or row >= len(layout.level):
        return None
    upright, level = _has_upright(layout, column, row), _has_level(layout, column, row)
    if level and not (upright and layout.upright[column].rank > layout.level[row].rank):
        return "level"
    return "upright" if upright else None


def _dressed(spine: Spine, uses: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Spine:
    """Between two built-up blocks, a field road is a street and a tree belt a park."""
    if not np.isin(uses, _BUILT).all():
        return spine
    return replace(
        spine, lines=tuple((_URBAN.get(code, code), width) for code, width in spine.lines)
    )


def _edges(start: int, spine: Spine) -> list[int]:
    edges = [start]
    for _, width in spine.lines:
        edges.append(edges[-1] + mm(width))
    return edges
