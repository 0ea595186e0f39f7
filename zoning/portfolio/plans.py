"""Several good plans, what differs between two, and a plan with less than is expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from zoning.portfolio.highs import Watch
from zoning.portfolio.matrix import Matrix, Row
from zoning.portfolio.problem import Problem
from zoning.portfolio.solve import Choice, Stage, best

LOSS = 0.05
"""How much less than the best a good plan may be worth, as a part of it."""
APART = 0.2
"""How many of the projects of a plan another has to place otherwise, as a part of them."""


@dataclass(frozen=True)
class Placed:
    """Where and when a project goes in a plan."""

    task: str
    site: str
    year: int
    value: int


@dataclass(frozen=True)
class Moved:
    """A project that two plans treat otherwise; None where a plan leaves it out."""

    task: str
    before: Placed | None
    after: Placed | None

    @property
    def change(self) -> str:
        """In a word: ``in``, ``out``, ``site``, ``year`` or ``both``."""
        if self.before is None or self.after is None:
            return "in" if self.before is None else "out"
        moved = self.before.site != self.after.site
        return ("both" if self.before.year != self.after.year else "site") if moved else "year"


def placed(problem: Problem, options: Sequence[int]) -> tuple[Placed, ...]:
    """The projects of a plan in the order of the portfolio."""
    found = sorted((problem.options[each] for each in options), key=lambda each: each.task)
    return tuple(Placed(problem.tasks[each.task].id, each.site, problem.slots[each.slot].year,
                        each.value) for each in found)


def difference(before: Sequence[Placed], after: Sequence[Placed]) -> tuple[Moved, ...]:
    """The projects that two plans place otherwise, by id."""
    first, second = ({each.task: each for each in plan} for plan in (before, after))
    return tuple(Moved(name, first.get(name), second.get(name))
                 for name in sorted({*first, *second})
                 if _where(first.get(name)) != _where(second.get(name)))


def _where(each: Placed | None) -> tuple[str, int] | None:
    return None if each is None else (each.site, each.year)


def others(
    matrix: Matrix, choice: Choice, count: int, watch: Watch, *, gap: float = 0.0,
    loss: float = LOSS, apart: float = APART,
) -> Iterator[Choice]:
    """Good plans, the best first, each clearly different from all before it.

    Each is worth at least the best less `loss`, and places at least the part `apart` of the
    projects
    of every earlier plan on another site, or not at all. Ends where there is none; the last one's
    bound says how good a further one could have been.
    """
    known = [choice]
    least = {each.goal: each.value for each in choice.stages if each.goal in ("must", "value")}
    kept = [Row(("goal", name), matrix.goal(name), None,
                value if name == "must" else value - int(loss * abs(value)))
            for name, value in least.items()]
    while len(known) < count and watch.left > 0:
        watch.goal = "value"
        apart_rows = [_apart(matrix, each.values, number, apart)
                      for number, each in enumerate(known)]
        asked = matrix.with_rows([*kept, *apart_rows])
        found = best(asked, matrix.goal("value"), watch, gap=gap)
        if found.values is None:
            return
        known.append(Choice(found.values, (Stage("value", found.value, found.bound,
                                                 found.status, watch.spent),)))
        yield known[-1]


def _apart(matrix: Matrix, values: Sequence[int], number: int, apart: float) -> Row:
    """At most so many projects stay on the site they have in a plan, in whatever year."""
    options = matrix.problem.options
    there = {(options[name[1]].task, options[name[1]].site)
             for name, value in zip(matrix.columns, values, strict=True)
             if value and name[0] == "x"}
    entries = tuple((at, 1) for at, name in enumerate(matrix.columns) if name[0] == "x"
                    and (options[name[1]].task, options[name[1]].site) in there)
    stay = len(there) - max(1, int(apart * len(there)))
    return Row(("apart", number), entries, stay)


def with_less(problem: Problem, tenths: int = 8) -> Problem:
    """The problem with so many tenths of what is expected to come in; what the book has stays.

    What actions bring is left: whether they are done is chosen.
    """
    return replace(problem, sources=tuple(
        replace(each, amounts={part: amount * tenths // 10
                               for part, amount in each.amounts.items()})
        if each.is_expected and each.act is None else each for each in problem.sources))


__all__ = ["APART", "LOSS", "Moved", "Placed", "difference", "others", "placed", "with_less"]
