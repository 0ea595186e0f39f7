"""The rows and columns of a portfolio, exact.

Columns are the options that are open (x), the actions (y), and what each group of users draws of a
component of a lot in a slot (u, dm² or kg). Every coefficient is an integer; `floats` gives the
same rows to the solver, scaled by powers of two, which changes no digit.

=========  ==========================================================================
once       Σ x of a project ≤ 1
overlap    Σ x on sites of which only one can be built ≤ 1
draw       what the options of a user need of a component in a slot = Σ u
supply     Σ u of a lot's component ≤ what it has (times y where an action brings it)
borrow     Σ u of next year's lots of a pool drawn this year ≤ limit
hangs      Σ x that hang on an action ≤ y
plot       Σ y that speak for a plot ≤ 1
cap        farmland of the options of a year ≤ cap
budget     200000 · (money of x and y) + 3 · price · u ≤ 200000 · budget
=========  ==========================================================================
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from zoning.portfolio.problem import PRICE_PER_DM2, PRICE_SCALE, Key, Option, Problem, Source

Name = tuple[Any, ...]
"""A row's or column's name: its word, then what it is about."""

DRAW_BITS = 16
"""The solver sees amounts in units of 2^16 (about 1 mu in dm²)."""


@dataclass(frozen=True)
class Row:
    """``least ≤ Σ coefficient · column ≤ most``; None for no limit."""

    name: Name
    entries: tuple[tuple[int, int], ...]
    most: int | None
    least: int | None = None

    def sum_of(self, values: Sequence[int]) -> int:
        """The row's sum for some columns."""
        return sum(coefficient * values[column] for column, coefficient in self.entries)

    def excess(self, values: Sequence[int]) -> int:
        """By how much the row is broken; 0 where it holds."""
        total = self.sum_of(values)
        over = 0 if self.most is None else total - self.most
        under = 0 if self.least is None else self.least - total
        return max(0, over, under)


@dataclass(frozen=True, eq=False)
class Floats:
    """The rows as the solver takes them; column j is in units of ``unit[j]``."""

    matrix: csr_matrix
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    unit: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Columns by name, with the greatest value of each, and rows. The least value is 0."""

    problem: Problem
    columns: tuple[Name, ...]
    tops: tuple[int, ...]
    rows: tuple[Row, ...]

    @cached_property
    def at(self) -> Mapping[Name, int]:
        """The number of a column."""
        return {name: number for number, name in enumerate(self.columns)}

    @cached_property
    def row(self) -> Mapping[Name, Row]:
        """A row by its name."""
        return {row.name: row for row in self.rows}

    @cached_property
    def whole(self) -> NDArray[np.bool_]:
        """Which columns are yes or no."""
        return np.array([name[0] != "u" for name in self.columns], bool)

    @cached_property
    def units(self) -> NDArray[np.float64]:
        """The unit in which the solver sees each column."""
        return np.where(self.whole, 1.0, float(1 << DRAW_BITS))

    def goal(self, name: str) -> tuple[tuple[int, int], ...]:
        """What a goal counts of each column; every goal is to be as great as can be."""
        return tuple((column, coefficient) for column, each in enumerate(self.columns)
                     if (coefficient := self._counts(name, each)))

    def _counts(self, goal: str, name: Name) -> int:
        problem = self.problem
        if goal == "money":
            return -_money(problem, name)
        if name[0] != "x":
            return 0
        option = problem.options[name[1]]
        if goal == "must":
            return int(problem.tasks[option.task].must)
        if goal == "early":
            return -option.slot
        return option.value if goal == "value" else -problem.saves(option)

    def with_rows(self, more: Iterable[Row]) -> Matrix:
        """The matrix with rows added."""
        return Matrix(self.problem, self.columns, self.tops, (*self.rows, *more))

    def floats(self) -> Floats:
        """The rows for the solver: each scaled by the power of two of its greatest coefficient."""
        rows, columns, values = [], [], []
        least, most = np.full(len(self.rows), -np.inf), np.full(len(self.rows), np.inf)
        for number, row in enumerate(self.rows):
            scaled = [(column, coefficient * float(self.units[column]))
                      for column, coefficient in row.entries]
            top = max((abs(value) for _, value in scaled), default=1.0)
            by = 2.0 ** -int(np.frexp(top)[1])
            rows += [number] * len(scaled)
            columns += [column for column, _ in scaled]
            values += [value * by for _, value in scaled]
            if row.most is not None:
                most[number] = row.most * by
            if row.least is not None:
                least[number] = row.least * by
        shape = len(self.rows), len(self.columns)
        return Floats(csr_matrix((values, (rows, columns)), shape=shape), least, most, self.units)


def matrix_of(problem: Problem, *, forgiven: Iterable[str] = ()) -> Matrix:
    """The matrix of a problem; rules that are `forgiven` close no option."""
    free = frozenset(forgiven)
    options = [number for number, each in enumerate(problem.options) if each.breaks <= free]
    builder = _Builder(problem, options)
    return Matrix(problem, tuple(builder.columns), tuple(builder.tops), tuple(builder.rows()))


class _Builder:
    """Names the columns, then writes the rows."""

    def __init__(self, problem: Problem, options: Sequence[int]) -> None:
        self.problem, self.options = problem, options
        self.columns: list[Name] = [("x", number) for number in options]
        self.columns += [("y", number) for number in range(len(problem.acts))]
        self.tops = [1] * len(self.columns)
        self.needing: dict[Name, list[tuple[int, int]]] = defaultdict(list)
        for column, number in enumerate(options):
            each = problem.options[number]
            for key, amount in each.needs.items():
                if amount:
                    self.needing[each.user, key, each.slot].append((column, amount))
        self.drawn: dict[Name, list[int]] = {name: [] for name in self.needing}
        self._draws()

    def _draws(self) -> None:
        """A column for each lot that a need may be drawn from."""
        lots: dict[Key, list[int]] = defaultdict(list)
        for number, source in enumerate(self.problem.sources):
            for component in source.amounts:
                lots[source.kind, component].append(number)
        for (user, key, slot), drawn in self.drawn.items():
            usable = self.problem.users[user]
            for number in lots[key]:
                source = self.problem.sources[number]
                if number in usable and _is_open(source, slot):
                    drawn.append(len(self.columns))
                    self.columns.append(("u", user, number, key[1], slot))
                    self.tops.append(max(0, source.amounts[key[1]]))

    def rows(self) -> Iterator[Row]:
        """Every row, family by family."""
        for family in (self._once, self._overlap, self._draw, self._supply, self._borrow,
                       self._hangs, self._plot, self._cap, self._budget):
            yield from family()

    def _once(self) -> Iterator[Row]:
        for task, columns in _grouped(self._x(), lambda each: each.task).items():
            yield _at_most(("once", task), columns, 1)

    def _overlap(self) -> Iterator[Row]:
        on_site = _grouped(self._x(), lambda each: (each.task, each.site))
        for number, clique in enumerate(self.problem.cliques):
            columns = [column for site in sorted(clique) for column in on_site.get(site, ())]
            if columns:
                yield _at_most(("overlap", number), columns, 1)

    def _draw(self) -> Iterator[Row]:
        for name, needing in self.needing.items():
            entries = (*needing, *((column, -1) for column in self.drawn[name]))
            yield Row(("draw", *name), entries, 0, 0)

    def _supply(self) -> Iterator[Row]:
        for (lot, component), columns in self._by_lot().items():
            source = self.problem.sources[lot]
            entries = [(column, 1) for column in columns]
            amount: int = max(0, source.amounts[component])
            if source.act is not None:
                entries += [(len(self.options) + source.act, -amount)] if amount else []
                amount = 0
            yield Row(("supply", lot, component), tuple(entries), amount)

    def _by_lot(self) -> dict[tuple[int, str], list[int]]:
        by_lot: dict[tuple[int, str], list[int]] = defaultdict(list)
        for column, name in enumerate(self.columns):
            if name[0] == "u":
                by_lot[name[2], name[3]].append(column)
        return by_lot

    def _borrow(self) -> Iterator[Row]:
        problem = self.problem
        for number, each in enumerate(problem.borrowings):
            for component, limit in each.limits.items():
                columns = [column for column, name in enumerate(self.columns)
                           if name[0] == "u" and name[3] == component
                           and _lends(problem, each.year, name)
                           and (problem.sources[name[2]].kind, problem.sources[name[2]].pool)
                           == (each.kind, each.pool)]
                if columns:
                    yield _at_most(("borrow", number, component), columns, limit)

    def _hangs(self) -> Iterator[Row]:
        for act, columns in _grouped(self._x(), lambda each: each.act).items():
            if act is not None:
                entries = (*((column, 1) for column in columns), (len(self.options) + act, -1))
                yield Row(("hangs", act), entries, 0)

    def _plot(self) -> Iterator[Row]:
        by_plot: dict[str, list[int]] = defaultdict(list)
        for number, act in enumerate(self.problem.acts):
            for plot in act.plots:
                by_plot[plot].append(len(self.options) + number)
        for plot, columns in by_plot.items():
            if len(columns) > 1:
                yield _at_most(("plot", plot), columns, 1)

    def _cap(self) -> Iterator[Row]:
        for year, cap_dm2 in self.problem.caps.items():
            entries = tuple((column, each.farmland_dm2) for column, each in self._x()
                            if each.farmland_dm2 and self.problem.slots[each.slot].year == year)
            if entries:
                yield Row(("cap", year), entries, cap_dm2)

    def _budget(self) -> Iterator[Row]:
        limits = dict(self.problem.budgets_yuan)
        for year, limit in [(0, self.problem.budget_yuan), *limits.items()]:
            if limit is None:
                continue
            entries = tuple((column, coefficient) for column, name in enumerate(self.columns)
                            if year in (0, _year(self.problem, name))
                            and (coefficient := _money(self.problem, name)))
            if entries:
                yield Row(("budget", year), entries, limit * PRICE_SCALE)

    def _x(self) -> Iterator[tuple[int, Option]]:
        return ((column, self.problem.options[number])
                for column, number in enumerate(self.options))


def _money(problem: Problem, name: Name) -> int:
    """The money of a column, in yuan times `PRICE_SCALE`."""
    if name[0] == "x":
        return problem.options[name[1]].money_yuan * PRICE_SCALE
    if name[0] == "y":
        return problem.acts[name[1]].cost_yuan * PRICE_SCALE
    source = problem.sources[name[2]]
    return source.price_yuan * PRICE_PER_DM2 if name[3] == source.first else 0


def _year(problem: Problem, name: Name) -> int:
    if name[0] == "y":
        return problem.acts[name[1]].year
    slot = problem.options[name[1]].slot if name[0] == "x" else name[4]
    return problem.slots[slot].year


def _is_open(source: Source, slot: int) -> bool:
    return source.opens <= slot <= source.closes or slot in source.advance


def _lends(problem: Problem, year: int, name: Name) -> bool:
    """Whether a draw is one in advance, made in a year."""
    return (name[4] in problem.sources[name[2]].advance
            and problem.slots[name[4]].year == year)


def _grouped(columns: Iterable[tuple[int, Option]], by: Any) -> dict[Any, list[int]]:
    groups: dict[Any, list[int]] = defaultdict(list)
    for column, option in columns:
        groups[by(option)].append(column)
    return groups


def _at_most(name: Name, columns: Iterable[int], most: int) -> Row:
    return Row(name, tuple((column, 1) for column in columns), most)


__all__ = ["Floats", "Matrix", "Name", "Row", "matrix_of"]
