"""Why projects that must go cannot: the least set of rules in conflict, and the cheapest way out.

Rules are named groups: a quota component (``quota:offset.paddy``), a finding of the law
(``line.pbf``), a day (``start:P-01``, ``due:P-01``), land that is given once (``land``), money
(``budget``), the cap of the year (``cap``), plots that are disposed of once (``plots``), and that a
project goes (``must:P-01``). The set is found by the deletion filter of
`zoning.scenario.conflicts`,
every question an exact solve; what the linear program cannot meet is asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zoning.portfolio.highs import Status, Watch, relaxation_conflict
from zoning.portfolio.matrix import Matrix, Name, Row, matrix_of
from zoning.portfolio.problem import Problem
from zoning.portfolio.solve import best
from zoning.scenario.conflicts import least_conflict

LAND, BUDGET, CAP, PLOTS, BORROW = "land", "budget", "cap", "plots", "borrow"


@dataclass(frozen=True)
class Deadlock:
    """Rules that cannot be kept together, none of which can be spared.

    `is_proven` is False where time was up before every question was answered.
    """

    groups: tuple[str, ...]
    is_proven: bool = True


@dataclass(frozen=True)
class WayOut:
    """The least of one thing that has to give for all projects that must go to go.

    `what` is ``quota`` (`more` by kind.component and pool year), ``budget`` (yuan), ``late``
    (slots,
    of projects), ``drop`` (projects left out) or ``law`` (findings set aside). `total` is their
    sum: dm² and kg, yuan, slots, projects, findings.
    """

    what: str
    total: int
    more: tuple[tuple[str, int], ...]
    status: Status = Status.OPTIMAL


def groups_of(problem: Problem) -> tuple[str, ...]:
    """Every rule of a portfolio that may be part of a conflict, those that must go last."""
    found: dict[str, None] = {}
    found |= dict.fromkeys(f"quota:{kind}.{part}" for option in problem.options
                           for kind, part in option.needs)
    musts = {at for at, each in enumerate(problem.tasks) if each.must}
    found |= dict.fromkeys(name for option in problem.options if option.task in musts
                           for name in sorted(option.breaks))
    for word, there in ((LAND, problem.cliques), (CAP, problem.caps),
                        (PLOTS, any(each.plots for each in problem.acts)),
                        (BORROW, problem.borrowings),
                        (BUDGET, problem.budget_yuan is not None or problem.budgets_yuan)):
        if there:
            found[word] = None
    return (*found, *(f"must:{problem.tasks[at].id}" for at in sorted(musts)))


def least_deadlock(problem: Problem, watch: Watch) -> Deadlock | None:
    """The least set of rules in conflict; None where all projects that must go can."""
    asker = _Asker(problem, watch)
    groups = groups_of(problem)
    if asker.can_be_met(groups):
        return None
    hint = [each for each in groups if each in asker.hint(groups)]
    first = hint if hint and not asker.can_be_met(hint) else list(groups)
    return Deadlock(least_conflict(first, asker.can_be_met), not asker.gave_up)


class _Asker:
    """Answers whether some rules can be kept together."""

    def __init__(self, problem: Problem, watch: Watch) -> None:
        self.problem, self.watch = problem, watch
        self.gave_up = False
        self.known: dict[frozenset[str], bool] = {}

    def can_be_met(self, kept: Sequence[str]) -> bool:
        """Whether there is a plan that keeps some rules; where time is up, it is taken that not."""
        key = frozenset(kept)
        if key not in self.known:
            matrix = kept_matrix(self.problem, key)
            found = best(matrix, (), self.watch)
            self.gave_up |= found.status is Status.NONE_AT_LIMIT
            self.known[key] = found.values is not None
        return self.known[key]

    def hint(self, groups: Sequence[str]) -> frozenset[str]:
        """The rules behind an infeasible part of the linear program; none where it is feasible.

        The solver finds an irreducible set of rows, which counts only after it was asked itself.
        """
        return frozenset(_rule_of(self.problem, name)
                         for name in infeasible_rows(kept_matrix(self.problem, groups)))


def kept_matrix(problem: Problem, kept: Collection[str]) -> Matrix:
    """The matrix that keeps some rules and lets go of all others."""
    laws = {name for option in problem.options for name in option.breaks}
    matrix = matrix_of(problem, forgiven=laws - set(kept))
    rows = [row for row in matrix.rows if _is_kept(problem, row, kept)]
    return Matrix(problem, matrix.columns, matrix.tops, (*rows, *_musts(problem, matrix, kept)))


def _is_kept(problem: Problem, row: Row, kept: Collection[str]) -> bool:
    word = row.name[0]
    if word in ("once", "supply"):
        return True
    return _rule_of(problem, row.name) in kept or word == "hangs"


def _rule_of(problem: Problem, name: Name) -> str:
    """The rule that a row stands for."""
    word = name[0]
    if word == "draw":
        return "quota:{}.{}".format(*name[2])
    if word == "supply":
        source = problem.sources[name[1]]
        return f"quota:{source.kind}.{name[2]}"
    if word == "must":
        return f"must:{problem.tasks[name[1]].id}"
    return {"overlap": LAND, "borrow": BORROW, "plot": PLOTS, "cap": CAP,
            "budget": BUDGET}.get(str(word), str(word))


def _musts(problem: Problem, matrix: Matrix, kept: Collection[str]) -> Iterator[Row]:
    """A row for every project that must go; an impossible one where no option is open."""
    for at, task in enumerate(problem.tasks):
        if task.must and f"must:{task.id}" in kept:
            once = matrix.row.get(("once", at))
            yield Row(("must", at), once.entries if once else (), None, 1)


def infeasible_rows(matrix: Matrix) -> list[Name]:
    """The rows of an irreducible infeasible part of the linear program, as the solver has it."""
    numbers = relaxation_conflict(matrix.floats(), np.array(matrix.tops, float))
    return [matrix.rows[each].name for each in numbers]


# ── the cheapest way out ─────────────────────────────────────────────────────────────────────


def ways_out(problem: Problem, watch: Watch) -> Iterator[WayOut]:
    """The least of each kind of relaxation that lets all projects that must go go.

    Those that cannot help by themselves are not told; leaving projects out always does.
    """
    musts = tuple(each for each in groups_of(problem) if each.startswith("must:"))
    for found in (_quota(problem, watch, musts), _budget(problem, watch, musts),
                  _late(problem, watch, musts), _laws(problem, watch, musts),
                  _drop(problem, watch)):
        if found is not None and found.total:
            yield found


def _quota(problem: Problem, watch: Watch, musts: Sequence[str]) -> WayOut | None:
    """The least more quota, by kind, component and year; dm² and kg count alike."""
    kept = {each for each in groups_of(problem) if not each.startswith("quota:")} | set(musts)
    matrix = matrix_of(problem)
    columns, tops, more = list(matrix.columns), list(matrix.tops), []
    rows = []
    for row in matrix.rows:
        if row.name[0] == "draw":
            more.append((len(columns), row.name))
            columns.append(("u", -1, *row.name[1:]))
            tops.append(sum(amount for _, amount in row.entries if amount > 0))
            rows.append(Row(row.name, (*row.entries, (len(columns) - 1, -1)), 0, 0))
            continue
        rows.append(row)
    whole = Matrix(problem, tuple(columns), tuple(tops),
                   (*rows, *_musts(problem, matrix, kept)))
    found = best(whole, tuple((column, -1) for column, _ in more), watch)
    if found.values is None:
        return None
    told: dict[str, int] = {}
    for column, name in more:
        if amount := found.values[column]:
            (kind, part), year = name[2], problem.slots[name[3]].year
            told[f"{kind}.{part}@{year}"] = told.get(f"{kind}.{part}@{year}", 0) + amount
    return WayOut("quota", -found.value, tuple(sorted(told.items())), found.status)


def _budget(problem: Problem, watch: Watch, musts: Sequence[str]) -> WayOut | None:
    """The least more money, over all limits together."""
    if problem.budget_yuan is None and not problem.budgets_yuan:
        return None
    matrix = matrix_of(problem)
    columns, tops, rows, more = list(matrix.columns), list(matrix.tops), [], []
    for row in matrix.rows:
        if row.name[0] == "budget":
            more.append((len(columns), row.name[1]))
            columns.append(("u", -1, -1, "yuan", row.name[1]))
            tops.append(max(1, sum(max(0, each) for _, each in row.entries) // 200_000 + 1))
            rows.append(Row(row.name, (*row.entries, (len(columns) - 1, -200_000)), row.most))
            continue
        rows.append(row)
    whole = Matrix(problem, tuple(columns), tuple(tops), (*rows, *_musts(problem, matrix, musts)))
    found = best(whole, tuple((column, -1) for column, _ in more), watch)
    if found.values is None:
        return None
    return WayOut("budget", -found.value,
                  tuple((f"budget@{year or 'all'}", found.values[column])
                        for column, year in more if found.values[column]), found.status)


def _late(problem: Problem, watch: Watch, musts: Sequence[str]) -> WayOut | None:
    """The fewest projects that go before or after their own days."""
    return _forgiving(problem, watch, musts, "late",
                      lambda name: name.startswith(("start:", "due:")))


def _laws(problem: Problem, watch: Watch, musts: Sequence[str]) -> WayOut | None:
    """The fewest findings set aside; told as what stands in the way, never as advice."""
    return _forgiving(problem, watch, musts, "law",
                      lambda name: not name.startswith(("start:", "due:")))


def _forgiving(
    problem: Problem, watch: Watch, musts: Sequence[str], what: str,
    may: Callable[[str], bool],
) -> WayOut | None:
    free = {name for option in problem.options for name in option.breaks if may(name)}
    if not free:
        return None
    matrix = matrix_of(problem, forgiven=free)
    whole = matrix.with_rows(_musts(problem, matrix, musts))
    goal = tuple((column, -len(problem.options[name[1]].breaks))
                 for column, name in enumerate(matrix.columns)
                 if name[0] == "x" and problem.options[name[1]].breaks)
    found = best(whole, goal, watch)
    if found.values is None:
        return None
    told = [(f"{problem.tasks[problem.options[name[1]].task].id}/{each}", 1)
            for column, name in enumerate(matrix.columns) if found.values[column]
            and name[0] == "x" for each in sorted(problem.options[name[1]].breaks)]
    return WayOut(what, -found.value, tuple(told), found.status)


def _drop(problem: Problem, watch: Watch) -> WayOut | None:
    """The fewest projects that must go and are left out."""
    matrix = matrix_of(problem)
    found = best(matrix, matrix.goal("must"), watch)
    if found.values is None:
        return None
    goes = {problem.options[name[1]].task for column, name in enumerate(matrix.columns)
            if found.values[column] and name[0] == "x"}
    left = [(each.id, 1) for at, each in enumerate(problem.tasks) if each.must and at not in goes]
    return WayOut("drop", len(left), tuple(left), found.status)


__all__ = ["Deadlock", "WayOut", "groups_of", "infeasible_rows", "kept_matrix", "least_deadlock",
           "ways_out"]
