"""Large portfolios: the linear program first, then neighbourhoods, then what the bound leaves open.

The linear program's bound holds for every plan. A plan is found among the columns that lose least
in
it: first with the projects that it already decides, then by freeing some projects at a time while
the
others stay, on a model that has only those columns. Columns that the bound rules out for a better
plan are left out of the last solve, whose bound is the proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoning.portfolio.highs import Numbers, Solved, Watch, maximise
from zoning.portfolio.matrix import Floats, Matrix

NEAR = 12
"""How many columns of a project are near the optimum of the linear program."""
FREE = 30
"""How many projects are freed at first."""
TURN_SHARE = 0.03
"""How much of the whole time one turn may take; a second is always allowed."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some columns of a matrix, all others being 0."""

    columns: NDArray[np.int64]
    floats: Floats
    counted: Numbers
    tops: Numbers
    whole: NDArray[np.bool_]
    task: NDArray[np.int64]
    width: int

    def maximum(
        self, watch: Watch, known: Numbers | None, free: Sequence[int] | None, *, gap: float,
        seconds: float,
    ) -> Solved:
        """The best with the projects `free`, the others as `known` has them; None frees all."""
        bottoms, tops = np.zeros(len(self.columns)), self.tops
        start = None
        if known is not None:
            start = known[self.columns]
            if free is not None:
                fixed = (self.task >= 0) & ~np.isin(self.task, free)
                bottoms, tops = np.where(fixed, start, 0.0), np.where(fixed, start, tops)
        found = maximise(self.floats, self.counted, tops, self.whole, watch, gap=gap,
                         seconds=seconds, start=start, bottoms=bottoms)
        if found.values is None:
            return found
        values = np.zeros(self.width)
        values[self.columns] = found.values
        return Solved(found.status, values, found.bound)


def part_of(
    matrix: Matrix, floats: Floats, counted: Numbers, tops: Numbers, chosen: NDArray[np.bool_]
) -> Part:
    """The part of a matrix that has some columns only."""
    columns = np.flatnonzero(chosen)
    fewer = Floats(floats.matrix[:, columns], floats.least, floats.most, floats.unit[columns])
    return Part(columns, fewer, counted[columns], tops[columns], matrix.whole[columns],
                tasks_of(matrix)[columns], len(chosen))


def tasks_of(matrix: Matrix) -> NDArray[np.int64]:
    """The project of every column, -1 for actions and draws."""
    return np.array([matrix.problem.options[name[1]].task if name[0] == "x" else -1
                     for name in matrix.columns], np.int64)


def near(matrix: Matrix, reduced: Numbers, number: int = NEAR) -> NDArray[np.bool_]:
    """The columns of each project that lose least, and all actions and draws."""
    tasks = tasks_of(matrix)
    chosen = tasks < 0
    taken = np.zeros(len(matrix.problem.tasks), int)
    for column in np.argsort(-reduced, kind="stable"):
        task = tasks[column]
        if task >= 0 and taken[task] < number:
            taken[task] += 1
            chosen[column] = True
    return chosen


def first_plan(part: Part, relaxed: Numbers, watch: Watch, seconds: float) -> Numbers | None:
    """A plan that keeps what the linear program decides already; else any near it."""
    sure = np.flatnonzero((part.task >= 0) & (relaxed[part.columns] > 1 - 1e-6))
    decided = set(part.task[sure].tolist())
    known = np.zeros(part.width)
    known[part.columns[sure]] = 1.0
    free = [each for each in range(part.task.max(initial=-1) + 1) if each not in decided]
    found = part.maximum(watch, known, free, gap=1e-4, seconds=seconds)
    if found.values is None:
        found = part.maximum(watch, None, None, gap=1e-2, seconds=seconds)
    return found.values


def polished(
    part: Part, known: Numbers, watch: Watch, until: float, enough: float
) -> Numbers:
    """A plan made better by freeing some projects at a time, until it is worth `enough`."""
    chance = np.random.default_rng(7)
    tasks = np.unique(part.task[part.task >= 0])
    size = min(FREE, len(tasks))
    worth = float(part.counted @ known[part.columns])
    turn = max(1.0, TURN_SHARE * watch.seconds)
    while worth < enough and (left := until - watch.spent) > 0.2 and not watch.stopped.is_set():
        free = chance.choice(tasks, size, replace=False)
        began = watch.spent
        found = part.maximum(watch, known, free.tolist(), gap=1e-5,
                             seconds=min(turn, left))
        if found.values is not None:
            more = float(part.counted @ found.values[part.columns])
            if more > worth + 1e-9:
                known, worth = found.values, more
        took = watch.spent - began
        size = min(len(tasks), size * 5 // 4 + 1) if took < turn / 3 else (
            max(8, size * 4 // 5) if took > turn * 0.9 else size)
        if size == len(tasks) and took < turn / 3:
            break
    return known


__all__ = ["Part", "first_plan", "near", "part_of", "polished", "tasks_of"]
