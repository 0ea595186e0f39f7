"""Made-up portfolios of any size, for tests and measurements; the same seed gives the same."""

from __future__ import annotations

from datetime import date

import numpy as np

from zoning.portfolio.problem import Act, Key, Option, Problem, Slot, Source, Task

MU = 66_667
LASTS = {"plan_quota": 0, "offset": 99, "linkage": 2, "boundary_increment": 99}
"""How many years a lot can be drawn after that of its inflow; a second pool's one year longer."""
KINDS: dict[str, tuple[str, ...]] = {
    "plan_quota": ("total", "agricultural", "farmland"), "offset": ("area", "paddy", "capacity"),
    "linkage": ("area", "paddy", "capacity"), "boundary_increment": ("total",)}
UNITS: dict[Key, str] = {(kind, each): "kg" if each == "capacity" else "dm2"
                         for kind, parts in KINDS.items() for each in parts}


def synthetic(
    tasks: int = 200, sites: int = 50, years: int = 5, pools: int = 8, *, seed: int = 1,
    acts: int = 20, must: float = 0.05, scarcity: float = 0.45, overlap: float = 0.3,
) -> Problem:
    """Make a portfolio.

    `pools` are kinds of quota times two pools each; `scarcity` is the part of all needs that there
    is quota for, `overlap` the share of sites that lie on another's land.
    """
    chance = np.random.default_rng(seed)
    slots = tuple(Slot(date(2026 + t, 1, 1), date(2026 + t, 12, 31)) for t in range(years))
    options, wanted = _options(chance, tasks, sites, years)
    sources = _sources(chance, pools, years, acts, wanted, scarcity)
    users = _users(sources)
    musts = chance.random(tasks) < must
    costs = chance.integers(200_000, 5_000_000, acts)
    return Problem(
        slots, tuple(Task(f"P{i:03}", bool(musts[i])) for i in range(tasks)), options, sources,
        users, tuple(Act(f"A{i:02}", "clear_idle", int(costs[i])) for i in range(acts)),
        _cliques(chance, tasks, sites, overlap),
        budget_yuan=int(0.6 * tasks * 20_000_000), units=UNITS,
        firsts={kind: parts[0] for kind, parts in KINDS.items()})


def _options(
    chance: np.random.Generator, tasks: int, sites: int, years: int
) -> tuple[tuple[Option, ...], dict[Key, int]]:
    options, wanted = [], dict[Key, int]()
    for task in range(tasks):
        size = int(chance.integers(20, 200)) * MU
        worth = int(size / MU * chance.uniform(5, 20))
        linkage, user = chance.random() < 0.15, int(chance.integers(0, 2))
        for site in range(sites):
            area = int(size * chance.uniform(0.9, 1.2))
            farmland, inside = int(area * chance.beta(2, 2)), chance.random() < 0.5
            needs = _needs(chance, area, farmland, bool(linkage), bool(inside))
            money = int(area / MU * chance.uniform(60_000, 240_000))
            value = int(worth * chance.uniform(0.8, 1.2))
            options += [Option(task, f"s{site}", year, value * (20 - year) // 20, needs, user,
                               money)
                        for year in range(years)]
            for key, amount in needs.items():
                wanted[key] = wanted.get(key, 0) + amount // sites
    return tuple(options), wanted


def _needs(
    chance: np.random.Generator, area: int, farmland: int, linkage: bool, inside: bool
) -> dict[Key, int]:
    paddy = int(farmland * chance.uniform(0, 1))
    kg = int(farmland / MU * chance.integers(500, 1200))
    vector = {"area": farmland, "paddy": paddy, "capacity": kg}
    needs: dict[Key, int] = {}
    if linkage:
        needs |= {("linkage", name): amount for name, amount in vector.items()}
    else:
        needs |= {("plan_quota", "total"): area,
                  ("plan_quota", "agricultural"): int((area + farmland) / 2),
                  ("plan_quota", "farmland"): farmland}
        needs |= {("offset", name): amount for name, amount in vector.items()}
    if inside:
        needs["boundary_increment", "total"] = area
    return needs


def _sources(
    chance: np.random.Generator, pools: int, years: int, acts: int, wanted: dict[Key, int],
    scarcity: float,
) -> tuple[Source, ...]:
    kinds = list(KINDS)
    sources = []
    for pool in range(pools):
        kind, second = kinds[pool % len(kinds)], pool // len(kinds)
        per = max(1, pools // len(kinds))
        for year in range(years):
            share = scarcity / per / years * chance.uniform(0.7, 1.3)
            amounts = {name: int(wanted.get((kind, name), 0) * share * chance.uniform(0.95, 1.05))
                       for name in KINDS[kind]}
            closes = min(years - 1, year + LASTS[kind] + second)
            sources.append(Source(f"L{pool}-{year}", kind, f"pool{pool}", year, closes, amounts,
                                  first=KINDS[kind][0], is_expected=year > 0))
    for act in range(acts):
        kind = kinds[act % 3]
        share = scarcity * chance.uniform(0.002, 0.02)
        amounts = {name: int(wanted.get((kind, name), 0) * share) for name in KINDS[kind]}
        sources.append(Source(f"A{act:02}", kind, "acts", int(chance.integers(0, years)), years - 1,
                              amounts, act=act, first=KINDS[kind][0]))
    return tuple(sources)


def _users(sources: tuple[Source, ...]) -> tuple[frozenset[int], ...]:
    """Those who may draw on every pool, and those who may not on the last of each kind."""
    last = {each.kind: each.pool for each in sources if each.act is None}
    pools = {(each.kind, each.pool) for each in sources if each.act is None}
    several = {kind for kind in last if sum(each == kind for each, _ in pools) > 1}
    every = frozenset(range(len(sources)))
    fewer = frozenset(i for i, each in enumerate(sources)
                      if each.kind not in several or each.pool != last[each.kind])
    return every, fewer


def _cliques(
    chance: np.random.Generator, tasks: int, sites: int, overlap: float
) -> tuple[frozenset[tuple[int, str]], ...]:
    found, last = [], tasks * sites
    for _ in range(int(last * overlap / 4)):
        numbers = chance.choice(last, size=min(last, int(chance.integers(2, 7))), replace=False)
        found.append(frozenset((int(each) // sites, f"s{int(each) % sites}") for each in numbers))
    return tuple(found)


__all__ = ["KINDS", "MU", "UNITS", "synthetic"]
