"""Site search beside general solvers and region growing, in one run.

``python -m bench.siting [--sizes 1000,10000,…] [--seeds 3] [--planted 100] [--peers]``:
counties of Voronoi parcels (8 mu each, alike costs, a fifth forbidden), sites of 270 to 300 mu.

* the search, budgets none, loose (1.2 times what the best site uses) and tight (0.7 times): gap,
  seconds, processor seconds; loose asks for gap 0, tight for 1 %
* planted optima: found exactly, how many of how many
* peers: the flow model (Shirabe 2005) and the cut loop in HiGHS, whole county, at growing sizes
  until one does not prove its optimum in time; region growing from every parcel (what Locate
  Regions does), by how much its best site costs more
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator

import highspy
import numpy as np

from zoning.siting.model import Demand, Land, Search, value_of
from zoning.siting.search import ready, search
from zoning.siting.synthetic import county, plant, usual_demand, without_budgets

GIVEN_UP = 120.0


def clock(work: Callable[[], Search]) -> tuple[Search, float, float]:
    start, before = time.perf_counter(), os.times()
    found = work()
    after = os.times()
    busy = after.user + after.system - before.user - before.system
    return found, time.perf_counter() - start, busy


def told(name: str, n: int, seed: int, found: Search, wall: float, busy: float) -> None:
    gap = f"{found.sites[0].gap:.3%}" if found.sites else "–"
    print(f"| {name} | {n:,} | {seed} | {found.status.value} | {gap} | {wall:.2f} | {busy:.2f} |",
          flush=True)


def budgets_of(land: Land, share: float) -> Demand:
    """Budgets as a share of what the best site without budgets uses; at least a fiftieth."""
    free = search(land, usual_demand(budgets=(1 << 50, 1 << 50)), gap=0.01, seconds=20).sites[0]
    least = usual_demand().area_min_dm2 // 50
    return usual_demand(budgets=tuple(max(least, int(used * share)) for used in free.used))


def ours(n: int, seeds: int, limit: float) -> None:
    for seed in range(1, seeds + 1):
        land = county(n, seed).land
        bare = without_budgets(land)
        told("none", n, seed, *clock(lambda: search(bare, usual_demand(), seconds=limit)))  # noqa: B023
        for name, share, gap in (("loose", 1.2, 0.0), ("tight", 0.7, 0.01)):
            asked = budgets_of(land, share)
            told(name, n, seed, *clock(
                lambda: search(land, asked, gap=gap, seconds=limit)))  # noqa: B023


def planted(n: int, times: int) -> None:
    right, seconds = 0, 0.0
    bases = [without_budgets(county(n, seed).land) for seed in range(1 if n > 50_000 else 5)]
    for seed in range(times):
        land, asked, site = plant(bases[seed % len(bases)], usual_demand(), seed)
        found, wall, _ = clock(lambda: search(land, asked, seconds=60))  # noqa: B023
        right += bool(found.sites) and found.sites[0].parcels == site and (
            found.status.value == "optimal")
        seconds += wall
    print(f"planted, {n:,}: {right} of {times} exact and proven, {seconds / times:.2f} s each",
          flush=True)


# ── peers ────────────────────────────────────────────────────────────────────────────────────


def edges(land: Land) -> Iterator[tuple[int, int, int]]:
    for i in range(len(land)):
        for j, length in land.borders.of(i).items():
            if i < j:
                yield i, j, length


class Model:
    """Σ c x + λ P(x), area in its range: the part that both models share."""

    def __init__(self, land: Land, asked: Demand) -> None:
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.land, self.n = land, len(land)
        self.unit = 1e6
        inner = np.array([sum(land.borders.of(i).values()) for i in range(self.n)])
        cost = land.cost + asked.per_dm * (land.borders.perimeter_dm - inner)
        for i in range(self.n):
            self.solver.addVar(0.0, float(land.open[i]))
            self.solver.changeColCost(i, float(cost[i]) / self.unit)
            self.solver.changeColIntegrality(i, highspy.HighsVarType.kInteger)
        self.row(asked.area_min_dm2 / 1e6, asked.area_max_dm2 / 1e6, range(self.n),
                 land.area_dm2 / 1e6)
        for i, j, length in edges(land):
            z = self.variable(0.0, 1.0, asked.per_dm * length / self.unit)
            self.row(0.0, np.inf, (z, i, j), (1.0, -1.0, 1.0))
            self.row(0.0, np.inf, (z, i, j), (1.0, 1.0, -1.0))

    def variable(self, low: float, high: float, cost: float = 0.0, *, whole: bool = False) -> int:
        at = int(self.solver.getNumCol())
        self.solver.addVar(low, high)
        self.solver.changeColCost(at, cost)
        if whole:
            self.solver.changeColIntegrality(at, highspy.HighsVarType.kInteger)
        return at

    def row(self, low: float, high: float, at: object, values: object) -> None:
        columns = np.fromiter(at, np.int32)  # type: ignore[call-overload]
        self.solver.addRow(low, high, len(columns), columns, np.asarray(values, np.float64))

    def run(self, seconds: float) -> bool:
        """Whether the optimum of the model was proven in time."""
        self.solver.setOptionValue("time_limit", max(0.1, seconds))
        self.solver.run()
        return self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal

    def chosen(self) -> list[int]:
        values = np.array(self.solver.getSolution().col_value[:self.n])
        return np.flatnonzero(values > 0.5).tolist()


def flow_model(land: Land, asked: Demand) -> bool:
    """Shirabe (2005): one sink, every chosen parcel sends a unit to it through chosen parcels."""
    model = Model(land, asked)
    most = int(asked.area_max_dm2 / np.quantile(land.area_dm2, 0.02))
    sinks = [model.variable(0, 1, whole=True) for _ in range(model.n)]
    model.row(1, 1, sinks, np.ones(model.n))
    out: list[list[int]] = [[] for _ in range(model.n)]
    into: list[list[int]] = [[] for _ in range(model.n)]
    for i, j, _ in edges(land):
        for a, b in ((i, j), (j, i)):
            arc = model.variable(0, most)
            out[a].append(arc)
            into[b].append(arc)
    for i in range(model.n):
        model.row(-np.inf, 0, (sinks[i], i), (1.0, -1.0))
        model.row(-np.inf, 0, (*into[i], i), (*[1.0] * len(into[i]), -float(most)))
        model.row(0, np.inf, (*out[i], *into[i], i, sinks[i]),
                  (*[1.0] * len(out[i]), *[-1.0] * len(into[i]), -1.0, float(most)))
    return model.run(GIVEN_UP)


def cut_loop(land: Land, asked: Demand) -> bool:
    """Solve, forbid every piece that stands alone by a cut around it, solve again."""
    model, end = Model(land, asked), time.perf_counter() + GIVEN_UP
    while time.perf_counter() < end:
        if not model.run(end - time.perf_counter()):
            return False
        pieces = pieces_of(land, model.chosen())
        if len(pieces) == 1:
            return True
        for piece in pieces:
            rim = {j for i in piece for j in land.borders.of(i)} - piece
            for other in pieces:
                if other is not piece:
                    i, j = min(piece), min(other)
                    model.row(-1, np.inf, (*sorted(rim), i, j), (*[1.0] * len(rim), -1.0, -1.0))
    return False


def pieces_of(land: Land, chosen: list[int]) -> list[set[int]]:
    left, found = set(chosen), []
    while left:
        todo = [left.pop()]
        piece = set(todo)
        while todo:
            near = {j for j in land.borders.of(todo.pop()) if j in left}
            left -= near
            piece |= near
            todo += near
        found.append(piece)
    return found


def region_growing(land: Land, asked: Demand, tries: int) -> int | None:
    """The best of greedy regions grown from parcels spread over the county."""
    best = None
    for seed in np.flatnonzero(land.open)[::max(1, len(land) // tries)].tolist():
        site, area = {seed}, int(land.area_dm2[seed])
        while area < asked.area_min_dm2:
            rim = {j for i in site for j in land.borders.of(i)
                   if land.open[j] and area + land.area_dm2[j] <= asked.area_max_dm2} - site
            if not rim:
                break
            step = min(sorted(rim), key=lambda j: _rate(land, asked, site, j))
            site.add(step)
            area += int(land.area_dm2[step])
        rows = sorted(site)
        if area >= asked.area_min_dm2:
            value = value_of(land, asked, rows)
            best = value if best is None else min(best, value)
    return best


def _rate(land: Land, asked: Demand, site: set[int], j: int) -> float:
    own = land.borders.of(j)
    more = int(land.borders.perimeter_dm[j]) - 2 * sum(own[k] for k in own if k in site)
    return float((land.cost[j] + asked.per_dm * more) / land.area_dm2[j])


def peers() -> None:
    asked = usual_demand()
    for name, solve in (("flow model in HiGHS", flow_model), ("cut loop in HiGHS", cut_loop)):
        for n in (200, 500, 1000, 2000, 4000):
            land = without_budgets(county(n, 1).land)
            start, before = time.perf_counter(), os.times()
            proven = solve(land, asked)
            busy = os.times().user - before.user
            print(f"{name}, n = {n:,}: {'proven' if proven else 'given up'}, "
                  f"{time.perf_counter() - start:.1f} s, {busy:.1f} s of processor", flush=True)
            if not proven:
                break
    for n in (1000, 10_000, 100_000):
        for seed in (1, 2, 3):
            land = without_budgets(county(n, seed).land)
            (best,) = search(land, asked, gap=0.01, seconds=30).sites
            start = time.perf_counter()
            grown = region_growing(land, asked, 1000)
            worse = "none found" if grown is None else f"{grown / best.value - 1:+.1%}"
            print(f"region growing from 1,000 seeds, n = {n:,}, seed {seed}: {worse} "
                  f"({time.perf_counter() - start:.1f} s); the search's bound is {best.gap:.2%} "
                  "below its site", flush=True)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--sizes", default="1000,10000,100000,400000")
    ask.add_argument("--seeds", type=int, default=3)
    ask.add_argument("--seconds", type=float, default=30.0)
    ask.add_argument("--planted", type=int, default=100)
    ask.add_argument("--peers", action="store_true")
    given = ask.parse_args()
    ready()
    print(f"load {os.getloadavg()[0]:.1f}")
    sizes = [int(each) for each in given.sizes.split(",") if each]
    print("| budgets | parcels | seed | status | gap | s | processor s |")
    print("|---|---|---|---|---|---|---|")
    for n in sizes:
        ours(n, given.seeds, given.seconds)
    for n in sizes:
        if given.planted:
            planted(n, given.planted)
    if given.peers:
        peers()


if __name__ == "__main__":
    main()
