"""The goals of a portfolio, reached one after the other, each with its proof.

Every goal is solved to its optimum, or as far as time allows, and then kept as a row while the next
is solved. Large problems are first asked as a linear program: its bound holds, and its reduced
costs
say which columns cannot be in a better plan. A good plan is found among the columns near its
optimum; columns that the bound rules out are left out, and what remains is solved with its proof.
What the solver proposes is rounded and every row recomputed in integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from zoning.portfolio.highs import Numbers, Solved, SolverError, Status, Watch, maximise
from zoning.portfolio.large import first_plan, near, part_of, polished
from zoning.portfolio.matrix import Floats, Matrix, Row

LARGE = 400
"""From so many options on, the linear program is asked first."""
GOOD = 0.001
"""The gap that is enough for a large problem."""
NOISE = 1e-9
"""The solver's bounds are trusted to this part."""
SHARES = {"must": 0.6, "value": 0.8, "unused": 0.5, "money": 0.5}
"""How much of the time left a goal may take."""

Goal = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Stage:
    """One goal reached: the best value found, what no plan can exceed, and how far it got.

    Goals are counted so that more is better: quota used and money spent count below zero.
    """

    goal: str
    value: int
    bound: int
    status: Status
    seconds: float = 0.0

    @property
    def gap(self) -> float:
        """How far the value may lie below the best possible, as a part of itself."""
        return (self.bound - self.value) / max(1, abs(self.value))


@dataclass(frozen=True)
class Choice:
    """Columns chosen, in integers, and how good they are, goal by goal."""

    values: tuple[int, ...]
    stages: tuple[Stage, ...]

    def value(self, goal: str) -> int:
        """What a goal reached. Raises KeyError for a goal that was not asked."""
        return {each.goal: each.value for each in self.stages}[goal]


@dataclass(frozen=True)
class Best:
    """The best found for one goal; `values` None where nothing was."""

    status: Status
    bound: int
    values: tuple[int, ...] | None = None
    value: int = 0


def solve_goals(
    matrix: Matrix, watch: Watch, *, gap: float | None = None,
    goals: Sequence[str] | None = None, start: Sequence[int] | None = None,
) -> Choice | None:
    """Reach the goals of a problem in their order; None where there is no plan at all.

    `gap` is the part of a value that it may lie below the best; None asks for the best itself, of
    problems with `LARGE` options and more for `GOOD` enough. Raises SolverError where the solver
    fails.
    """
    gap = enough_gap(matrix, gap)
    asked = tuple(matrix.problem.goals if goals is None else goals)
    stages: list[Stage] = []
    values = tuple(start) if start is not None else None
    skipped = _all_must(matrix) if asked[:1] == ("must",) else None
    if skipped is not None:
        tried = _reach(matrix.with_rows([skipped]), asked[1:], watch, gap, values,
                       [_whole_stage(skipped)])
        if tried is not None:
            return tried
    return _reach(matrix, asked, watch, gap, values, stages)


def enough_gap(matrix: Matrix, gap: float | None) -> float:
    """The gap that is enough where none was asked for."""
    if gap is not None:
        return gap
    return GOOD if is_large(matrix) else 0.0


def is_large(matrix: Matrix) -> bool:
    """Whether so many options are open that the linear program is asked first."""
    return len([name for name in matrix.columns if name[0] == "x"]) >= LARGE


def _all_must(matrix: Matrix) -> Row | None:
    """The row that every project that must go goes; None where none must."""
    entries = matrix.goal("must")
    wanted = sum(each.must for each in matrix.problem.tasks)
    return Row(("goal", "must"), entries, None, wanted) if wanted else None


def _whole_stage(row: Row) -> Stage:
    wanted = row.least or 0
    return Stage("must", wanted, wanted, Status.OPTIMAL)


def _reach(
    matrix: Matrix, goals: Sequence[str], watch: Watch, gap: float,
    values: tuple[int, ...] | None, stages: list[Stage],
) -> Choice | None:
    for number, name in enumerate(goals):
        goal, began = matrix.goal(name), watch.spent
        watch.goal = name
        share = 1.0 if number == len(goals) - 1 else SHARES.get(name, 0.5)
        found = best(matrix, goal, watch, gap=gap, seconds=watch.left * share, start=values)
        if found.values is None and values is None:
            return None
        values = found.values if found.values is not None else values
        assert values is not None
        value = _sum(goal, values)
        stages.append(Stage(name, value, found.bound, found.status if found.values else
                            Status.FEASIBLE_AT_LIMIT, watch.spent - began))
        watch.report(value, found.bound)
        matrix = matrix.with_rows([Row(("goal", name), goal, None, value)])
    return None if values is None else Choice(values, tuple(stages))


def best(
    matrix: Matrix, goal: Goal, watch: Watch, *, gap: float = 0.0, seconds: float | None = None,
    start: Sequence[int] | None = None,
) -> Best:
    """The columns for which a goal is greatest, with the bound that no columns exceed."""
    if not matrix.columns:
        is_met = not any(row.excess(()) for row in matrix.rows)
        return Best(Status.OPTIMAL, 0, ()) if is_met else Best(Status.INFEASIBLE, 0)
    limit = watch.left if seconds is None else min(seconds, watch.left)
    ask = _Ask(matrix, goal, watch, gap, watch.spent + limit)
    if start is not None and any(row.excess(start) for row in matrix.rows):
        start = None
    known = None if start is None else tuple(start)
    if not goal:
        return ask.feasible(known)
    return ask.large(known) if is_large(matrix) else ask.small(known)


@dataclass(frozen=True, eq=False)
class _Ask:
    """One goal asked of one matrix."""

    matrix: Matrix
    goal: Goal
    watch: Watch
    gap: float
    until: float

    def __post_init__(self) -> None:
        matrix = self.matrix
        top = max((abs(each) for _, each in self.goal), default=1)
        scale = 2.0 ** min(0, 10 - math.frexp(float(top))[1])
        counted = np.zeros(len(matrix.columns))
        for column, coefficient in self.goal:
            counted[column] = coefficient * scale
        object.__setattr__(self, "scale", scale)
        object.__setattr__(self, "counted", counted)
        object.__setattr__(self, "floats", matrix.floats())
        object.__setattr__(self, "tops", np.array(matrix.tops, float))

    scale: float = 1.0
    counted: Numbers = None  # type: ignore[assignment]
    floats: Floats = None  # type: ignore[assignment]
    tops: Numbers = None  # type: ignore[assignment]

    @property
    def left(self) -> float:
        return max(0.0, min(self.until - self.watch.spent, self.watch.left))

    def feasible(self, known: tuple[int, ...] | None) -> Best:
        """Any columns at all: nothing counts."""
        if known is not None:
            return Best(Status.OPTIMAL, 0, known)
        return self._told(self.solve(self.tops, None), None)

    def small(self, known: tuple[int, ...] | None) -> Best:
        """The whole at once."""
        return self._told(self.solve(self.tops, known), known)

    def large(self, known: tuple[int, ...] | None) -> Best:
        """By the linear program, the columns near its optimum, and those not ruled out."""
        relaxed = maximise(self.floats, self.counted, self.tops, None, self.watch,
                           seconds=self.left)
        if relaxed.status is Status.INFEASIBLE:
            return Best(Status.INFEASIBLE, 0)
        if relaxed.reduced is None:
            return self._told(Solved(Status.NONE_AT_LIMIT, None, math.inf), known)
        self.watch.report(None, relaxed.bound / self.scale)
        known = self._found(relaxed, known)
        if known is None:
            return self._told(self.solve(self.tops, None), None)
        return self._closed(known, relaxed.reduced, relaxed.bound)

    def _found(self, relaxed: Solved, known: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """A good plan among the columns near the optimum of the linear program."""
        assert relaxed.reduced is not None
        assert relaxed.values is not None
        chosen = near(self.matrix, relaxed.reduced)
        if known is not None:
            chosen |= np.array(known) > 0
        part = part_of(self.matrix, self.floats, self.counted, self.tops, chosen)
        began, whole = self.watch.spent, self.left
        enough = relaxed.bound - self.gap * abs(relaxed.bound)
        with _scaled(self.watch, self.scale, relaxed.bound):
            first = first_plan(part, relaxed.values, self.watch, whole * 0.35)
            known = self._better(known, Solved(Status.WITHIN_GAP, first, relaxed.bound))
            if known is None:
                return None
            more = polished(part, np.array(known, float), self.watch, began + whole * 0.9,
                            enough)
        return self._better(known, Solved(Status.WITHIN_GAP, more, relaxed.bound))

    def _closed(self, known: tuple[int, ...], reduced: Numbers, top: float) -> Best:
        """What is left after the columns that the bound rules out, solved with its proof.

        A plan with such a column is worth no more than is enough already.
        """
        value = _sum(self.goal, known)
        enough = max(value, math.floor(value + self.gap * abs(value)))
        if self._floor(top) <= enough:
            return self._told(Solved(Status.OPTIMAL, None, top), known)
        lost = self.matrix.whole & (self.tops > 0) & (
            top + np.minimum(reduced, 0.0) < (enough + 1) * self.scale - 1e-6 * abs(top))
        tops = np.where(lost & ~(np.array(known) > 0), 0.0, self.tops)
        rest = self.solve(tops, known)
        bound = max(min(rest.bound, top), enough * self.scale)
        return self._told(replace(rest, bound=min(bound, top)), known)

    def solve(
        self, tops: Numbers, known: Sequence[int] | None, *, seconds: float | None = None
    ) -> Solved:
        limit = self.left if seconds is None else min(seconds, self.left)
        start = None
        if known is not None and all(each <= top for each, top in zip(known, tops, strict=True)):
            start = np.array(known, float)
        with _scaled(self.watch, self.scale):
            return maximise(self.floats, self.counted, tops, self.matrix.whole, self.watch,
                            gap=self.gap, seconds=limit, start=start)

    def _better(self, known: tuple[int, ...] | None, found: Solved) -> tuple[int, ...] | None:
        if found.values is None:
            return known
        values = whole_values(self.matrix, self.floats, found.values, self.watch)
        if known is None or _sum(self.goal, values) > _sum(self.goal, known):
            return values
        return known

    def _told(self, found: Solved, known: tuple[int, ...] | None) -> Best:
        values = self._better(known, found)
        bound = self._floor(found.bound)
        if values is None:
            return Best(found.status, bound)
        value = _sum(self.goal, values)
        bound = max(bound, value)
        if bound - value <= 2 * NOISE * abs(value):
            return Best(Status.OPTIMAL, value, values, value)
        within = bound - value <= self.gap * abs(value) * (1 + 1e-6)
        status = Status.WITHIN_GAP if within else Status.FEASIBLE_AT_LIMIT
        return Best(status, bound, values, value)

    def _floor(self, bound: float) -> int:
        """A bound as an integer, on the safe side; at most what all columns together count."""
        limit = sum(max(0, coefficient) * self.matrix.tops[column]
                    for column, coefficient in self.goal)
        if not math.isfinite(bound):
            return limit
        exact = bound / self.scale
        return min(limit, math.floor(exact + max(1e-6, NOISE * abs(exact))))


@contextmanager
def _scaled(watch: Watch, scale: float, top: float | None = None) -> Iterator[None]:
    """Progress told in the units of the goal; the bound is `top` where parts are solved."""
    tell: Callable[..., None] = watch.tell
    watch.tell = lambda each: tell(replace(
        each, value=None if each.value is None else each.value / scale,
        bound=top / scale if top is not None else
        None if each.bound is None else each.bound / scale))
    try:
        yield
    finally:
        watch.tell = tell


def whole_values(
    matrix: Matrix, floats: Floats, values: Numbers, watch: Watch
) -> tuple[int, ...]:
    """The solver's columns in integers: rounded, or drawn anew where rounding breaks a row.

    Raises SolverError where no integers keep every row.
    """
    rounded = _rounded(values)
    if not broken(matrix, rounded):
        return rounded
    fixed = np.where(matrix.whole, np.rint(values), 0.0)
    tops = np.where(matrix.whole, fixed, np.array(matrix.tops, float))
    own = Watch(seconds=60.0, stopped=watch.stopped)
    for whole in (None, np.ones(len(values), bool)):
        again = maximise(floats, np.zeros(len(values)), tops, whole, own, bottoms=fixed)
        if again.values is not None and not broken(matrix, _rounded(again.values)):
            return _rounded(again.values)
    raise SolverError("portfolio.not_whole", rows=broken(matrix, rounded)[:3])


def broken(matrix: Matrix, values: Sequence[int]) -> list[str]:
    """The rows that do not hold, and the columns out of range; every number is an integer."""
    over = [f"{row.name}: {row.excess(values)}" for row in matrix.rows if row.excess(values)]
    return over + [f"{name}: {value}" for name, value, top
                   in zip(matrix.columns, values, matrix.tops, strict=True)
                   if not 0 <= value <= top]


def _rounded(values: Numbers) -> tuple[int, ...]:
    return tuple(int(each) for each in np.rint(values))


def _sum(goal: Goal, values: Sequence[int]) -> int:
    return sum(coefficient * values[column] for column, coefficient in goal)


__all__ = ["Best", "Choice", "Stage", "best", "broken", "enough_gap", "solve_goals",
           "whole_values"]
