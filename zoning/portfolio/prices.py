"""What one more of a quota changes, and for how many that holds; and what unlocks most.

The best plan as a function of an amount is a staircase. Its steps are found one by one: the least
more that makes a better plan possible is a problem of its own, solved exactly, and so is the best
plan there. The price that the linear program gives is told as a hint and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from zoning.portfolio.highs import Status, Watch
from zoning.portfolio.matrix import Matrix, Row, matrix_of
from zoning.portfolio.problem import Key, Problem, Source
from zoning.portfolio.solve import Best, Choice, best

MU_DM2 = 66_667
"""One mu, rounded up to whole dm²."""
STEP = {"dm2": MU_DM2, "kg": 1_000}
"""What one more is: a mu of land, a tonne of grain capacity."""


@dataclass(frozen=True)
class Step:
    """From `more` on (in the unit of the component) the goal is worth `gain` more."""

    more: int
    gain: int


@dataclass(frozen=True)
class Price:
    """What more of one component of a pool's quota of a year changes.

    `gain` is what one more mu (tonne) makes of the goal, which holds up to `holds`; None: however
    much more. `steps` are all steps that were found up to the first beyond one more. `spare` is
    what could be missing without loss. Where `status` is not optimal, time was up: what is told was
    found, and more may be possible.
    """

    kind: str
    component: str
    pool: str
    year: int
    unit: str
    goal: str
    gain: int
    holds: int | None
    steps: tuple[Step, ...] = ()
    spare: int | None = None
    status: Status = Status.OPTIMAL


@dataclass(frozen=True)
class Unlocked:
    """Actions to finish next, and what they set free: the goal's gain, and the projects."""

    acts: tuple[int, ...]
    gain: int
    tasks: tuple[int, ...]
    status: Status = Status.OPTIMAL


def cells(problem: Problem) -> tuple[tuple[str, str, str, int], ...]:
    """Every kind, component, pool and year of a portfolio's horizon that some option draws on."""
    needed = {key for option in problem.options for key in option.needs}
    pools = dict.fromkeys((each.kind, each.pool) for each in problem.sources if each.act is None)
    return tuple((kind, component, pool, year) for kind, pool in pools
                 for component in _parts(problem, kind) if (kind, component) in needed
                 for year in problem.years)


def prices(
    problem: Problem, choice: Choice, watch: Watch, *, asked: Sequence[tuple[str, str, str, int]],
) -> Iterator[Price]:
    """The prices of some cells, one after the other, as long as there is time."""
    goal = open_goal(problem, choice)
    for cell in asked:
        if watch.left <= 0:
            return
        yield _Cell(problem, choice, goal, watch, cell).price()


def open_goal(problem: Problem, choice: Choice) -> str:
    """The goal that prices are told in: projects that must go where some do not, else the next."""
    wanted = sum(each.must for each in problem.tasks)
    if any(each.goal == "must" and each.value < wanted for each in choice.stages):
        return "must"
    return next((each.goal for each in choice.stages if each.goal != "must"), "must")


@dataclass(frozen=True, eq=False)
class _Cell:
    """One component of one pool in one year, and the problem with more of it."""

    problem: Problem
    choice: Choice
    goal: str
    watch: Watch
    cell: tuple[str, str, str, int]

    def price(self) -> Price:
        kind, component, pool, year = self.cell
        unit = self.problem.units.get((kind, component), "dm2")
        one, base = STEP[unit], self.choice.value(self.goal)
        steps, ended = [], Status.OPTIMAL
        ceiling = self.at(None)
        now = base
        while ceiling.value > now and ceiling.values is not None:
            more, status = self.least_more(now + 1)
            if more is None:
                ended = status
                break
            found = self.at(more)
            if found.values is None:
                ended = Status.FEASIBLE_AT_LIMIT
                break
            ended = found.status if found.status is not Status.OPTIMAL else ended
            now = found.value
            steps.append(Step(more, now - base))
            if more > one:
                break
        ended = ceiling.status if ceiling.status is not Status.OPTIMAL else ended
        within = [each for each in steps if each.more <= one]
        beyond = next((each.more for each in steps if each.more > one), None)
        return Price(kind, component, pool, year, unit, self.goal,
                     within[-1].gain if within else 0, beyond, tuple(steps),
                     self.spare(base), ended)

    def at(self, more: int | None) -> Best:
        """The best of the goal with so much more; None: more than all could need."""
        matrix = self.matrix(self.need() if more is None else more)
        return best(matrix, matrix.goal(self.goal), self.watch)

    def least_more(self, wanted: int) -> tuple[int | None, Status]:
        """The least more with which the goal reaches a value."""
        matrix = self.matrix(self.need())
        goal = Row(("wanted",), matrix.goal(self.goal), None, wanted)
        lot = len(self.problem.sources)
        drawn = tuple((at, -1) for at, name in enumerate(matrix.columns)
                      if name[0] == "u" and name[2] == lot)
        found = best(matrix.with_rows([goal]), drawn, self.watch)
        if found.values is None or found.status is not Status.OPTIMAL:
            return None, Status.FEASIBLE_AT_LIMIT
        return -found.value, found.status

    def spare(self, base: int) -> int | None:
        """How much of the year's own lots the goal does not need; None without such lots."""
        kind, component, pool, year = self.cell
        lots = [at for at, each in enumerate(self.problem.sources)
                if (each.kind, each.pool) == (kind, pool) and each.act is None
                and each.opens < len(self.problem.slots)
                and self.problem.slots[each.opens].year == year and each.amounts.get(component)]
        if not lots:
            return None
        matrix = self.matrix(0)
        kept = Row(("wanted",), matrix.goal(self.goal), None, base)
        drawn = tuple((at, -1) for at, name in enumerate(matrix.columns)
                      if name[0] == "u" and name[2] in lots and name[3] == component)
        found = best(matrix.with_rows([kept]), drawn, self.watch)
        if found.values is None or found.status is not Status.OPTIMAL:
            return None
        have: int = sum(self.problem.sources[each].amounts[component] for each in lots)
        return have + found.value

    def need(self) -> int:
        """More than all projects could draw of the component."""
        kind, component = self.cell[:2]
        most: dict[int, int] = {}
        for option in self.problem.options:
            amount = option.needs.get((kind, component), 0)
            most[option.task] = max(most.get(option.task, 0), amount)
        return sum(most.values())

    def matrix(self, more: int) -> Matrix:
        """The problem with a lot more, that comes and lapses as the pool's lots of the year do."""
        held = [Row(("goal", each.goal), (), None, each.value) for each in self.choice.stages]
        matrix = matrix_of(with_more(self.problem, self.cell, more))
        before = [each for each in held if _rank(self.problem, each) < self._rank()]
        return matrix.with_rows(replace(each, entries=matrix.goal(each.name[1]))
                                for each in before)

    def _rank(self) -> int:
        return self.problem.goals.index(self.goal)


def _rank(problem: Problem, row: Row) -> int:
    return problem.goals.index(row.name[1])


def with_more(problem: Problem, cell: tuple[str, str, str, int], more: int) -> Problem:
    """A problem with one more lot of a pool in a year, open to those who may use the pool."""
    kind, component, pool, year = cell
    like = [at for at, each in enumerate(problem.sources)
            if (each.kind, each.pool) == (kind, pool) and each.act is None]
    slots = [at for at, slot in enumerate(problem.slots) if slot.year == year]
    same = [at for at in like if problem.sources[at].opens in slots]
    before = [at for at in like if problem.sources[at].opens <= slots[-1]] or like
    model = same[0] if same else max(before, key=lambda at: problem.sources[at].closes)
    source = problem.sources[model]
    opens = source.opens if same else slots[0]
    closes = source.closes if source.closes >= slots[0] else slots[-1]
    new = Source("+", kind, pool, opens, max(closes, opens), {component: more},
                 first=source.first)
    number = len(problem.sources)
    return replace(
        problem, sources=(*problem.sources, new),
        users=tuple(each | {number} if model in each else each for each in problem.users))


def unlock_chain(problem: Problem, watch: Watch, *, goal: str = "value") -> Iterator[Unlocked]:
    """Which actions that bring quota to finish first: each step sets most free for one more.

    Where no single one sets anything free, the fewest that do together are one step. Ends where no
    more actions raise the goal.
    """
    matrix = matrix_of(problem)
    acts = [at for at, name in enumerate(matrix.columns)
            if name[0] == "y" and any(each.act == name[1] for each in problem.sources)]
    done: list[int] = []
    entries = matrix.goal(goal)
    now = best(_allowing(matrix, acts, done, 0), entries, watch)
    size = 1
    while now.values is not None and len(done) + size <= len(acts) and watch.left > 0:
        found = best(_allowing(matrix, acts, done, size), entries, watch)
        if found.values is None or found.value <= now.value:
            size += 1
            continue
        more = [at for at in acts if at not in done and found.values[at]
                and _is_used(matrix, found.values, at)]
        free = _tasks(matrix, found.values) - _tasks(matrix, now.values)
        yield Unlocked(tuple(matrix.columns[at][1] for at in more), found.value - now.value,
                       tuple(sorted(free)), found.status)
        done, now, size = [*done, *more], found, 1


def _allowing(matrix: Matrix, acts: Sequence[int], done: Sequence[int], more: int) -> Matrix:
    """At most so many actions besides those that are done."""
    rest = tuple((at, 1) for at in acts if at not in done)
    return matrix.with_rows([Row(("allowed",), rest, more)])


def _is_used(matrix: Matrix, values: Sequence[int], act: int) -> bool:
    number = matrix.columns[act][1]
    return any(value and name[0] == "u" and matrix.problem.sources[name[2]].act == number
               for name, value in zip(matrix.columns, values, strict=True))


def _tasks(matrix: Matrix, values: Sequence[int]) -> set[int]:
    return {matrix.problem.options[name[1]].task
            for name, value in zip(matrix.columns, values, strict=True)
            if value and name[0] == "x"}


def _parts(problem: Problem, kind: str) -> tuple[str, ...]:
    named: list[Key] = list(problem.units) or [
        (each.kind, part) for each in problem.sources for part in each.amounts]
    return tuple(dict.fromkeys(part for each, part in named if each == kind))


__all__ = ["STEP", "Price", "Step", "Unlocked", "cells", "open_goal", "prices", "unlock_chain",
           "with_more"]
