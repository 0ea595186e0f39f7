"""Areas of unions and of three layers at once, from the edges alone.

`kernel` answers for a pair. Where features of a layer overlap each other, or a site, a parcel and a
line meet, the question is about the land itself: what covers it, and what covers it first. Here the
common box is cut into slabs at every vertex and every crossing; between two neighbouring edges of a
slab nothing changes, and the trapezoid there is counted to what covers it. An edge taken in the
wrong order because two heights agree to the last bit encloses no area, so nothing can fail.

This is a second computation: it shares the selection of edges with `kernel`, not the formula. Its
sums are compared with those of `kernel` wherever both are known (`overlay.agreed`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zoning.measure.cells import edges_in
from zoning.measure.compiled import compiled, over_rows
from zoning.measure.flat import Flat, Floats, Indices
from zoning.measure.kernel import Room, height, pair_area, room_for

FLOOR = -1
"""Owner of the lower side of the box: what lies below it is not looked at."""


class Covered(NamedTuple):
    """Land of each task inside the candidates: `total` of each, and what it covers `first`.

    Both run as the candidates do. The `first` of a task sum to the union of its candidates.
    """

    total: Floats
    first: Floats


class Task(NamedTuple):
    """Questions about land: that of feature ``rows_p[i]``, where it lies in ``rows_s[i]``.

    A row of −1 in `rows_s` asks for the whole feature. Task `i` has the candidates
    ``candidates[offsets[i]:offsets[i + 1]]``, earlier ones first.
    """

    rows_s: Indices
    rows_p: Indices
    offsets: Indices
    candidates: Indices


def covered(s: Flat, p: Flat, b: Flat, task: Task) -> Covered:
    """How much of features of `p`, cut to features of `s`, the candidates of `b` cover."""
    found = Covered(np.zeros(len(task.candidates)), np.zeros(len(task.candidates)))
    over_rows(_rows, len(task.rows_p), s, p, b, task, found, least=256)
    return found


class _Edges(NamedTuple):
    """Edges of one task relative to its box, left to right: ends, sign, and whose they are."""

    ends: Floats
    owner: Indices


@compiled
def _rows(start: int, stop: int, s: Flat, p: Flat, b: Flat, task: Task, found: Covered) -> None:
    room = room_for(max(s.room[0], p.room[0], b.room[0]))
    for row in range(start, stop):
        first, last = task.offsets[row], task.offsets[row + 1]
        if first < last:
            _one(s, task.rows_s[row], p, task.rows_p[row], b, task.candidates[first:last], room,
                 Covered(found.total[first:last], found.first[first:last]))


@compiled
def _one(
    s: Flat, i: int, p: Flat, j: int, b: Flat, candidates: Indices, room: Room, found: Covered
) -> None:
    """One task. Owners in the sweep: 0 the feature, 1 the site, 2 and up the candidates."""
    if i < 0 and len(candidates) == 1:  # a pair: the other formula is faster
        found.total[0] = pair_area(p, j, b, candidates[0], room)
        found.first[0] = found.total[0]
        return
    box = p.boxes[j].copy()
    if i >= 0:
        _cut(box, s.boxes[i])
    narrowed = _narrow(box, b.boxes, candidates)
    if not (box[0] < box[2] and box[1] < box[3]):
        return
    size = 0
    for turn in range(2):
        edges = _Edges(np.empty((size, 5)), np.empty(size, dtype=np.int64))
        through, size = 0, 0
        for at in range(len(candidates)):
            passing, size = _gather(b, candidates[at], box, 2 + at, room.of_b, edges, size)
            through += passing
        if through == 0 and not narrowed:
            if turn == 0:
                continue
            _whole(s, i, p, j, edges, room, found)
            return
        if i >= 0:
            _, size = _gather(s, i, box, 1, room.of_b, edges, size)
        _, size = _gather(p, j, box, 0, room.of_b, edges, size)
        size = _append(edges, size, FLOOR, 0.0, 0.0, box[2] - box[0], 0.0)
    _sweep(edges, i >= 0, found)


@compiled
def _cut(box: Floats, other: Floats) -> None:
    for side in range(2):
        box[side] = max(box[side], other[side])
        box[2 + side] = min(box[2 + side], other[2 + side])


@compiled
def _narrow(box: Floats, boxes: Floats, candidates: Indices) -> bool:
    """Cut a box to what the boxes of the candidates span; whether that takes anything off."""
    frame = boxes[candidates[0]].copy()
    for at in range(1, len(candidates)):
        for side in range(2):
            frame[side] = min(frame[side], boxes[candidates[at], side])
            frame[2 + side] = max(frame[2 + side], boxes[candidates[at], 2 + side])
    taken = bool(frame[0] > box[0] or frame[1] > box[1] or frame[2] < box[2] or frame[3] < box[3])
    _cut(box, frame)
    return taken


@compiled
def _whole(
    s: Flat, i: int, p: Flat, j: int, edges: _Edges, room: Room, found: Covered
) -> None:
    """No edge of a candidate passes through the box: each covers all of it or nothing."""
    winding = np.zeros(2 + len(found.total), dtype=np.int64)
    for k in range(len(edges.owner)):
        winding[edges.owner[k]] += int(edges.ends[k, 4])
    area = -1.0
    for at in range(len(found.total)):
        if winding[2 + at] > 0:
            first = area < 0.0
            if first:
                area = pair_area(p, j, s, i, room) if i >= 0 else p.areas[j]
            found.total[at] = area
            found.first[at] = area if first else 0.0


@compiled
def _gather(
    flat: Flat, row: int, box: Floats, owner: int, listed: Indices, edges: _Edges, count: int
) -> tuple[int, int]:
    """Append the edges of a feature that matter in a box, if there is room; how many pass through.

    Edges above the box become level ones along its top: one for each that spans the west side, and
    one from where a chain of them begins or ends inside to the east side.
    """
    width, top = box[2] - box[0], box[3] - box[1]
    found, above = edges_in(
        flat.xy, flat.rings, flat.layout, flat.cell_starts, flat.cell_edges, flat.boxes, row,
        (box[0], box[1], box[2], box[3]), listed)
    for _ in range(abs(above)):
        count = (_append(edges, count, owner, width, top, 0.0, top) if above > 0
                 else _append(edges, count, owner, 0.0, top, width, top))
    for at in range(found):
        k = listed[at]
        start, end = flat.xy[k, 0] - box[0], flat.xy[k + 1, 0] - box[0]
        rise, fall = flat.xy[k, 1] - box[1], flat.xy[k + 1, 1] - box[1]
        left, right = min(max(start, 0.0), width), min(max(end, 0.0), width)
        if left != right:
            count = _append(edges, count, owner, left, height(left, start, rise, end, fall),
                            right, height(right, start, rise, end, fall))
        if flat.xy[k + 1, 1] >= box[3] and 0.0 < end < width:
            count = _append(edges, count, owner, end, top, width, top)
        if flat.xy[k, 1] >= box[3] and 0.0 < start < width:
            count = _append(edges, count, owner, width, top, start, top)
    return found, count


@compiled
def _append(
    edges: _Edges, count: int, owner: int, start: float, rise: float, end: float, fall: float
) -> int:
    if start == end:
        return count
    if count < len(edges.owner):
        edges.owner[count] = owner
        backwards = start > end
        edges.ends[count, 0] = end if backwards else start
        edges.ends[count, 1] = fall if backwards else rise
        edges.ends[count, 2] = start if backwards else end
        edges.ends[count, 3] = rise if backwards else fall
        edges.ends[count, 4] = 1.0 if backwards else -1.0
    return count + 1


@compiled
def _sweep(edges: _Edges, in_site: bool, found: Covered) -> None:
    """Slab by slab from left to right over the edges that span it."""
    ends, size = edges.ends, len(edges.owner)
    stops = np.empty(2 * size)
    for k in range(size):
        stops[2 * k], stops[2 * k + 1] = ends[k, 0], ends[k, 2]
    stops.sort()
    waiting = np.argsort(ends[:, 0])
    active, heights = np.empty(size, dtype=np.int64), np.empty((size, 2))
    winding = np.zeros(2 + len(found.total), dtype=np.int64)
    begun, live = 0, 0
    for at in range(len(stops) - 1):
        west, east = stops[at], stops[at + 1]
        if west == east:
            continue
        kept = 0
        for k in range(live):
            e = active[k]
            if ends[e, 2] > west:
                active[kept] = e
                heights[e, 0] = heights[e, 1]
                kept += 1
        live = kept
        while begun < size and ends[waiting[begun], 0] <= west:
            active[live] = waiting[begun]
            heights[active[live], 0] = ends[active[live], 1]
            live, begun = live + 1, begun + 1
        for k in range(live):
            e = active[k]
            heights[e, 1] = height(east, ends[e, 0], ends[e, 1], ends[e, 2], ends[e, 3])
        _slab(edges, active[:live], heights, in_site, east - west, winding, found)


@compiled
def _slab(
    edges: _Edges, active: Indices, heights: Floats, in_site: bool, width: float,
    winding: Indices, found: Covered,
) -> None:
    """Between two stops: split where two edges cross, then count the trapezoids."""
    _sort(active, heights, 0.0, 1.0)
    crossed = False
    for k in range(len(active) - 1):
        low, high = active[k], active[k + 1]
        crossed |= heights[low, 0] > heights[high, 0] or heights[low, 1] > heights[high, 1]
    if not crossed:
        _trapezoids(edges, active, heights, in_site, 0.0, 1.0, width, winding, found)
        return
    cuts = _crossings(active, heights)
    for at in range(len(cuts) - 1):
        if cuts[at] < cuts[at + 1]:
            _sort(active, heights, cuts[at], cuts[at + 1])
            _trapezoids(edges, active, heights, in_site, cuts[at], cuts[at + 1], width, winding,
                        found)


@compiled
def _crossings(active: Indices, heights: Floats) -> Floats:
    """Where edges of a slab cross, as shares of its width; 0 and 1 with them, in order."""
    count = 2
    cuts = np.empty(2)
    for turn in range(2):
        if turn:
            cuts = np.empty(count)
        cuts[0], cuts[1], count = 0.0, 1.0, 2
        for k in range(len(active)):
            for m in range(k):
                west = heights[active[k], 0] - heights[active[m], 0]
                east = heights[active[k], 1] - heights[active[m], 1]
                if (west < 0.0 < east) or (east < 0.0 < west):
                    if turn:
                        cuts[count] = west / (west - east)
                    count += 1
    cuts.sort()
    return cuts


@compiled
def _sort(active: Indices, heights: Floats, start: float, end: float) -> None:
    """Insertion sort by the height in the middle; the order of the slab before is nearly right."""
    share = (start + end) / 2
    for k in range(1, len(active)):
        moved = active[k]
        mine = heights[moved, 0] + share * (heights[moved, 1] - heights[moved, 0])
        m = k - 1
        while m >= 0:
            other = active[m]
            if heights[other, 0] + share * (heights[other, 1] - heights[other, 0]) <= mine:
                break
            active[m + 1] = other
            m -= 1
        active[m + 1] = moved


@compiled
def _trapezoids(
    edges: _Edges, active: Indices, heights: Floats, in_site: bool, start: float, end: float,
    width: float, winding: Indices, found: Covered,
) -> None:
    """From the highest edge down: what lies between two neighbours counts to what covers it."""
    share, across = (start + end) / 2, (end - start) * width
    winding[:] = 0
    for k in range(len(active) - 1, 0, -1):
        upper, lower = active[k], active[k - 1]
        if edges.owner[upper] == FLOOR:
            return
        winding[edges.owner[upper]] += int(edges.ends[upper, 4])
        if winding[0] <= 0 or (in_site and winding[1] <= 0):
            continue
        tall = (heights[upper, 0] - heights[lower, 0]
                + share * ((heights[upper, 1] - heights[lower, 1])
                           - (heights[upper, 0] - heights[lower, 0])))
        free = True
        for at in range(len(found.total)):
            if winding[2 + at] > 0:
                found.total[at] += tall * across
                if free:
                    found.first[at] += tall * across
                free = False


__all__ = ["Covered", "Task", "covered"]
