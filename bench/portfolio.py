"""Large portfolios: ours beside the plain model in HiGHS (scipy's `milp`) and greedy by density.

``python -m bench.portfolio [PROJECTS SITES YEARS POOLS [SECONDS]]`` makes a portfolio (by default
200
× 50 × 5 × 8), asks each for the greatest value within the time, and prints values, bounds, gaps,
wall
and processor seconds, and the load of the machine. All gaps are against the best bound of the run.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from zoning.portfolio.highs import Watch
from zoning.portfolio.matrix import Matrix, matrix_of
from zoning.portfolio.problem import Option, Problem
from zoning.portfolio.solve import broken, solve_goals
from zoning.portfolio.synthetic import synthetic

SEEDS = (1, 2, 3)


def timed(name: str, work: Callable[[], tuple[float | None, float | None]]) -> tuple[
        str, float | None, float | None, float, float]:
    """Value, bound, wall and processor seconds of one piece of work."""
    wall, busy = time.perf_counter(), time.process_time()
    value, bound = work()
    return name, value, bound, time.perf_counter() - wall, time.process_time() - busy


def ours(matrix: Matrix, seconds: float, gap: float) -> tuple[float, float]:
    """The value stage of the ranked goals; every row is checked in integers."""
    found = solve_goals(matrix, Watch(seconds=seconds / 0.999), gap=gap, goals=("must", "value"))
    assert found is not None
    assert not broken(matrix, found.values)
    stage = found.stages[-1]
    return stage.value, stage.bound


def plain(matrix: Matrix, seconds: float, gap: float) -> tuple[float | None, float | None]:
    """The same rows handed to scipy's `milp` at once, those that must go as a row."""
    floats = matrix.floats()
    counted, must = np.zeros(len(matrix.columns)), np.zeros(len(matrix.columns))
    for column, each in matrix.goal("value"):
        counted[column] = -each
    for column, each in matrix.goal("must"):
        must[column] = each
    wanted = sum(each.must for each in matrix.problem.tasks)
    found = milp(counted * floats.unit, integrality=matrix.whole.astype(int),
                 bounds=Bounds(0, np.array(matrix.tops) / floats.unit),
                 constraints=[LinearConstraint(floats.matrix, floats.least, floats.most),
                              LinearConstraint(must, wanted, np.inf)],
                 options={"time_limit": seconds, "mip_rel_gap": gap})
    bound = None if found.mip_dual_bound is None else -found.mip_dual_bound
    return (None if found.fun is None else -found.fun), bound


def greedy(problem: Problem) -> tuple[float, None]:
    """Those that must go first, then by value for the scarcest share of quota."""
    left = {(lot, part): amount for lot, each in enumerate(problem.sources) if each.act is None
            for part, amount in each.amounts.items()}
    there: dict[tuple[str, str], int] = {}
    for (lot, part), amount in left.items():
        key = problem.sources[lot].kind, part
        there[key] = there.get(key, 0) + amount

    def density(option: Option) -> tuple[bool, float]:
        share = max((each / max(1, there.get(key, 0)) for key, each in option.needs.items()),
                    default=0.0)
        return problem.tasks[option.task].must, option.value / max(share, 1e-9)

    cliques: dict[tuple[int, str], list[int]] = {}
    for number, clique in enumerate(problem.cliques):
        for each in clique:
            cliques.setdefault(each, []).append(number)
    gone, built, money, value = set[int](), set[int](), 0, 0
    limit = problem.budget_yuan if problem.budget_yuan is not None else sys.maxsize
    for option in sorted(problem.options, key=density, reverse=True):
        land = cliques.get((option.task, option.site), [])
        if option.task in gone or built.intersection(land) or money + option.money_yuan > limit:
            continue
        drawn = drawn_by(problem, option, left)
        if drawn is None:
            continue
        for key, amount in drawn.items():
            left[key] -= amount
        gone.add(option.task)
        built.update(land)
        money, value = money + option.money_yuan, value + option.value
    return value, None


def drawn_by(
    problem: Problem, option: Option, left: dict[tuple[int, str], int]
) -> dict[tuple[int, str], int] | None:
    """What an option would draw, lots that end soonest first; None where there is too little."""
    drawn: dict[tuple[int, str], int] = {}
    for (kind, part), need in option.needs.items():
        lots = [at for at in problem.users[option.user] if (at, part) in left
                and problem.sources[at].kind == kind
                and problem.sources[at].opens <= option.slot <= problem.sources[at].closes]
        short = need
        for at in sorted(lots, key=lambda each: problem.sources[each].closes):
            drawn[at, part] = min(short, left[at, part])
            short -= drawn[at, part]
        if short:
            return None
    return drawn


def main(words: Sequence[str]) -> None:
    """Print a table for every seed."""
    sizes = tuple(map(int, words[:4])) or (200, 50, 5, 8)
    seconds = float(words[4]) if len(words) > 4 else 30.0
    print(f"{' × '.join(map(str, sizes))}, {seconds:.0f} s each, load {os.getloadavg()[0]:.1f}, "
          f"{os.cpu_count()} cores")
    for seed in SEEDS[:int(words[5]) if len(words) > 5 else len(SEEDS)]:
        problem = synthetic(*sizes, seed=seed)
        matrix = matrix_of(problem)
        rows = [timed("zoning", lambda m=matrix: ours(m, seconds, 0.001)),
                timed("plain model, scipy milp", lambda m=matrix: plain(m, seconds, 0.001)),
                timed("greedy by density", lambda p=problem: greedy(p))]
        best = min(bound for _, _, bound, _, _ in rows if bound is not None)
        print(f"seed {seed}: {len(problem.options)} options, {len(matrix.rows)} rows, "
              f"{len(matrix.columns)} columns, best bound {best:,.0f}, "
              f"load {os.getloadavg()[0]:.1f}")
        for name, value, bound, wall, busy in rows:
            gap = "none found" if value is None else f"{(best - value) / max(1, value):.3%}"
            told = "—" if bound is None else f"{bound:,.0f}"
            shown = "—" if value is None else f"{value:,.0f}"
            print(f"  {name:<26} value {shown:>10}  bound {told:>10}  gap {gap:>10}  "
                  f"wall {wall:6.1f} s  processor {busy:6.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
