"""The search over all windows: sweep, first sites, stages of branch and bound, certificate.

Bounds are best first: the least bound over the windows still open is a bound of the whole county at
any time. Stages close all windows to within 4 %, 1 % and nothing of the best site. Windows go in
batches with the same best value, so that two threads give the answer of one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from zoning.siting.branch import Bars, desk, solve
from zoning.siting.cover import Window, members, outside, window
from zoning.siting.greedy import first_site, sweep
from zoning.siting.model import (
    Borders,
    Closed,
    Demand,
    Floats,
    Ints,
    Land,
    Search,
    SearchSite,
    Status,
    Watch,
    perimeter_dm,
    value_of,
)
from zoning.siting.table import UNKNOWN, Piece, Table, prepare

STAGES = (0.04, 0.01)
BATCH = 16
SEEDS = 24
COVERS = 16
SAMPLE = 12
NODES_A_SECOND = 1500
"""A low guess, to end near the time limit."""

Accept = Callable[[tuple[int, ...]], bool]
"""A further test of a site, true of every larger one where it is true of a part (a least width)."""


def search(
    land: Land, demand: Demand, *, count: int = 1, overlap: float = 0.0, gap: float = 0.0,
    seconds: float = 60.0, threads: int = 2, accept: Accept | None = None,
    watch: Watch | None = None,
) -> Search:
    """The `count` cheapest sites, each sharing at most `overlap` of its area with those before.

    Ends where the gap of each is at most `gap`, or after about `seconds` in all. Every site has its
    own bound, given those before it. A site that `accept` refuses is not taken, nor any part of it.
    `watch` tells how far it is, and stops it.
    """
    ready()
    begun = time.perf_counter()
    sites: list[SearchSite] = []
    known: list[Piece] | None = None
    with ThreadPoolExecutor(threads) as pool:
        while True:
            started = time.perf_counter()
            table = prepare(land, _apart(demand, len(sites), overlap), sites, overlap, known,
                            deadline=begun + seconds)
            table.watch = watch or table.watch
            table.watch.sites = len(sites)
            status = run(table, gap, pool, accept)
            if not table.best:
                bound = None if status is Status.INFEASIBLE else table.bound()
                return Search(tuple(sites), status, bound, overlap,
                              time.perf_counter() - begun, certificate(table))
            sites.append(_site(table, status, time.perf_counter() - started))
            if len(sites) == count:
                return Search(tuple(sites), status, sites[-1].bound, overlap,
                              time.perf_counter() - begun)
            known = table.pieces


@cache
def ready() -> None:
    """Compile the kernels on one parcel, so that no time limit pays for it."""
    one = np.ones(1, np.int64)
    corner = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    land = Land(one, one * 50, one.reshape(1, 1),
                Borders(np.array([0, 0]), one[:0], one[:0], one * 34), np.full(1, 0.5),
                np.full(1, 0.5), np.full(1, 0.8), np.array([0, 3]), corner, one == 1, one == 1)
    table = prepare(land, Demand(40, 60, 1, (1,), 9.0), [], 0.0, None,
                    deadline=time.perf_counter() + 3600)
    with ThreadPoolExecutor(1) as pool:
        run(table, 0.0, pool, None)
        for piece in table.pieces:
            _solve(table, 0.0, [], np.zeros((0, 3)), piece)


def _apart(demand: Demand, before: int, overlap: float) -> Demand:
    """The demand with one more budget for each site before: its land that may be taken again."""
    limits = (int(overlap * demand.area_min_dm2),) * before
    return replace(demand, budgets=(*demand.budgets, *limits)) if overlap else demand


# ── the run ──────────────────────────────────────────────────────────────────────────────────


def run(table: Table, gap: float, pool: ThreadPoolExecutor, accept: Accept | None) -> Status:
    """Sweep, find first sites, then close windows stage by stage."""
    _sweep(table, pool, table.pieces[::SAMPLE])
    _first_sites(table, pool, accept)
    _sweep(table, pool, table.pieces)
    _first_sites(table, pool, accept)
    _tell(table)
    for slack in (*(s for s in STAGES if s > gap), gap):
        if not _stage(table, slack, pool, accept):
            break
    return _status(table, gap)


def _status(table: Table, gap: float) -> Status:
    if not table.best:
        return Status.INFEASIBLE if table.bound() >= table.top else Status.NONE_AT_LIMIT
    left = table.value - table.bound()
    if left <= 0:
        return Status.OPTIMAL
    within = left <= gap * abs(table.value)
    return Status.WITHIN_GAP if within else Status.FEASIBLE_AT_LIMIT


def _target(table: Table) -> int:
    """What prices climb to: the best value, or a guess before there is one."""
    if table.best:
        return table.value
    bound = min((p.bound for p in table.pieces if UNKNOWN < p.bound < table.top), default=0)
    price = float(table.pieces[0].prices[0]) if table.pieces else 0.0
    return max(int(price / table.ask.scale * table.ask.area_min * 1.5), bound + abs(bound) // 10)


def _sweep(table: Table, pool: ThreadPoolExecutor, pieces: Sequence[Piece]) -> None:
    """Prices alone, for windows that are not closed yet."""
    target = _target(table)
    todo = [piece for piece in pieces if piece.bound < target]
    chunks = [todo[k::8] for k in range(8) if todo[k::8]]

    def work(chunk: list[Piece]) -> None:
        where = np.array([piece.cell for piece in chunk])
        prices = np.array([piece.prices for piece in chunk])
        place = table.place()
        found, empty = sweep(table.ground, table.grid, table.ask, where, prices, place,
                             table.scratch.item, target * table.ask.scale)
        for number, piece in enumerate(chunk):
            if empty[number]:
                piece.bound, piece.by = table.top, "empty"
                continue
            low = _unscaled(int(found[number]), table.ask.scale)
            if low > piece.bound:
                piece.bound, piece.by, piece.prices = low, "knapsack", prices[number].copy()

    list(pool.map(work, chunks))


def _unscaled(bound: int, scale: int) -> int:
    """The least whole cost that a scaled bound leaves."""
    return -(-bound // scale)


def _first_sites(table: Table, pool: ThreadPoolExecutor, accept: Accept | None) -> None:
    """Greedy growth, destroy and repair, in the windows with the least bounds."""
    todo = sorted((p for p in table.pieces if UNKNOWN < p.bound < table.value),
                  key=lambda p: p.bound)[:SEEDS]
    target = _target(table) * table.ask.scale

    def work(piece: Piece) -> tuple[int, tuple[int, ...]]:
        w = _window(table, piece)
        value, mark = first_site(w, table.ask, piece.prices.copy(), target,
                                 table.land.corner_start, table.land.corner)
        return int(value), tuple(np.sort(w.item[mark == 1]).tolist())

    for value, parcels in pool.map(work, todo):
        if parcels:
            _offer(table, value // table.ask.scale, parcels, accept)


def _window(table: Table, piece: Piece) -> Window:
    place = table.place()
    item = table.scratch.item
    count = members(table.ground, table.grid, np.array(piece.cell), table.demand.radius_m, item)
    return window(table.ground, item[:count].copy(), place)


def _offer(table: Table, value: int, parcels: tuple[int, ...], accept: Accept | None) -> bool:
    """Keep a site that is better; bar one that the further test refuses. True unless barred."""
    if value >= table.value:
        return True
    if accept is not None and not accept(parcels):
        row = np.zeros((1, len(table.land)), np.bool_)
        row[0, list(parcels)] = True
        table.barred = row if not len(table.barred) else np.concatenate((table.barred, row))
        return False
    table.best, table.value = parcels, value
    return True


def _stage(
    table: Table, slack: float, pool: ThreadPoolExecutor, accept: Accept | None
) -> bool:
    """Close all windows to within `slack` of the best value; False where the time is up.

    Windows of a batch do not meet, so that each may pass over what those before it have closed.
    """
    while not table.late:
        slack = slack if table.best else 0.0
        limit = table.value - int(slack * abs(table.value))
        todo = sorted((p for p in table.pieces if p.bound < limit), key=_order)
        if not todo:
            return True
        batch = _scattered(todo, 3 * table.demand.radius_m)
        closed = [p for p in table.pieces if p.bound >= limit and p.by != "empty"]
        where = np.array([p.cell for p in closed]).reshape(-1, 3)
        done = list(pool.map(partial(_solve, table, slack, closed, where), batch))
        for piece, found in zip(batch, done, strict=True):
            _note(table, piece, found, accept)
        _tell(table)
    return False


def _tell(table: Table) -> None:
    """Say how far the search is."""
    bound = table.bound()
    table.watch.value = table.value if table.best else None
    table.watch.bound = bound if UNKNOWN < bound < table.top else None


def _scattered(todo: Sequence[Piece], apart: float) -> list[Piece]:
    """The first few windows that do not meet each other."""
    chosen: list[Piece] = []
    for piece in todo:
        if all(max(abs(piece.cell[0] - other.cell[0]), abs(piece.cell[1] - other.cell[1])) >= apart
               for other in chosen):
            chosen.append(piece)
        if len(chosen) == BATCH:
            break
    return chosen


@dataclass(frozen=True)
class Found:
    """What one look at a window gave."""

    value: int
    parcels: tuple[int, ...]
    bound: int
    nodes: int
    through: tuple[Piece, ...]


def _note(table: Table, piece: Piece, found: Found, accept: Accept | None) -> None:
    refused = found.parcels and not _offer(table, found.value, found.parcels, accept)
    piece.nodes += found.nodes
    bound = min((other.bound for other in found.through), default=found.bound)
    bound = min(bound, found.bound)
    if not refused and bound > piece.bound:
        piece.bound, piece.through = bound, tuple(other.cell for other in found.through)
        piece.by = "cut" if found.nodes == 1 else "branch"
    if found.nodes >= piece.node_limit:
        piece.node_limit *= 4


def _order(piece: Piece) -> tuple[int, int, tuple[float, float, float]]:
    return piece.node_limit, piece.bound, piece.cell


def _solve(
    table: Table, slack: float, closed: Sequence[Piece], where: Floats, piece: Piece
) -> Found:
    """Branch and bound in one window; sites within windows closed before are passed over."""
    if table.late:
        return Found(table.value, (), piece.bound, 0, ())
    w = _window(table, piece)
    near = _nearest(piece, where, table.demand.radius_m)
    beyond = outside(table.ground, table.grid, w.item, where[near], table.demand.radius_m,
                     table.place(), table.scratch.item)
    scale = table.ask.scale
    d = desk(len(w.item), len(table.ask.budget))
    bars = Bars(table.land.corner_start, table.land.corner, table.barred, beyond)
    value, bound, nodes = solve(w, table.ask, piece.prices, table.value * scale, slack,
                                _nodes(table, piece), d, bars)
    parcels = tuple(np.sort(w.item[d.best == 1]).tolist())
    return Found(int(value) // scale, parcels, _unscaled(int(bound), scale), int(nodes),
                 tuple(closed[k] for k in near))


def _nodes(table: Table, piece: Piece) -> int:
    """How many nodes to allow: fewer where the time is nearly up."""
    left = table.deadline - time.perf_counter()
    return max(50, min(piece.node_limit, int(left * NODES_A_SECOND)))


def _nearest(piece: Piece, where: Floats, reach: float) -> Ints:
    """The cells closed before whose windows overlap most with this one."""
    apart = np.hypot(where[:, 0] - piece.cell[0], where[:, 1] - piece.cell[1])
    order = np.argsort(apart, kind="stable")[:COVERS]
    found: Ints = order[apart[order] < reach]
    return found


def _site(table: Table, status: Status, seconds: float) -> SearchSite:
    parcels = table.best
    chosen = list(parcels)
    own = len(table.land.quota[0]) if len(table.land) else 0
    used = table.land.quota[chosen].sum(axis=0)[:own]
    return SearchSite(
        parcels, value_of(table.land, table.demand, parcels), min(table.bound(), table.value),
        status, int(table.land.area_dm2[chosen].sum()),
        perimeter_dm(table.land.borders, parcels), tuple(map(int, used)), seconds,
        certificate(table))


def certificate(table: Table) -> tuple[Closed, ...]:
    """How each window was closed, and with what bound; in the order of the cells."""
    scale = table.ask.scale
    return tuple(
        Closed(*piece.cell, piece.by if piece.bound >= table.bound() else "open", piece.bound,
               piece.nodes, piece.prices[0] / scale, tuple((piece.prices[1:] / scale).tolist()),
               piece.through)
        for piece in sorted(table.pieces, key=lambda each: each.cell))
