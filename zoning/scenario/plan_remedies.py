"""What would let a whole plan go: repairs for the projects that are stopped, proven together.

The stopped projects are taken by rank. For each there are the repairs that the search of
`zoning.scenario.remedies` proposes on the branch that those before it left, leaving out a project
that need not go, and doing nothing. No repair may stop a project that went.

First each project gets the most wanted of its repairs, one after the other. Then all combinations
are tried, those left aside that already cost more than the best one known. Where that ends within
`MOST_SEARCHES`, the answer is exact: the cheapest of all that the search proposes. Otherwise the
best one found is told, and that it is not proven. At the end the whole plan is run once more: what
is told is what the engine found, not a sum of promises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from zoning.errors import ScenarioError
from zoning.scenario.actions import Branch, Ground, apply
from zoning.scenario.engine import Law
from zoning.scenario.horizon import Examine, Timeline, horizon
from zoning.scenario.remedies import Search
from zoning.scenario.remedy import Remedy

KINDS = ("wait", "move", "drop", "clear", "buy", "point_supply", "leave_out", "floor")
"""Kinds of repair, the most wanted first; a remedy of two kinds counts as both."""

MOST_SEARCHES = 60
"""So many projects on a branch are searched for repairs at most."""


@dataclass(frozen=True)
class Repair:
    """The repair of one project of a plan; without one, the project whose leaving out lets it go.

    Both are None where nothing lets it go, or doing nothing is cheaper for the plan. `size` is how
    large the project left out is, dm².
    """

    project_id: str
    remedy: Remedy | None = None
    leave_out: str | None = None
    size: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of repair, none for none."""
        if self.remedy:
            return tuple(self.remedy.family.split("+"))
        return ("leave_out",) if self.leave_out else ()


@dataclass(frozen=True)
class PlanRepair:
    """Repairs after which the projects `goes` go within the years.

    `stopped` are those that must go and still do not. `is_exact` says that no combination of what
    the search proposes costs less.
    """

    repairs: tuple[Repair, ...]
    goes: tuple[str, ...]
    stopped: tuple[str, ...]
    is_exact: bool = False


Cost = tuple[int, ...]
"""Projects stopped, projects delayed, repairs of each kind and then their amounts, least wanted
first: compared from the left."""


@dataclass
class _Best:
    """The cheapest combination so far, and how many searches are left."""

    cost: Cost
    repairs: tuple[Repair, ...]
    branch: Branch
    searches: int


@dataclass(frozen=True)
class PlanSearch:
    """Repairs for the projects of a branch that must go within the years and cannot."""

    branch: Branch
    years: tuple[int, ...]
    law: Law
    ground: Ground
    examine: Examine
    most_searches: int = MOST_SEARCHES
    _options: dict[str, tuple[tuple[Repair, Branch], ...]] = field(
        default_factory=dict, repr=False)

    def repairs(self) -> PlanRepair:
        """The cheapest repairs; none where every project that must go does."""
        stopped = self._stopped(self.branch)
        repairs, branch = self._one_by_one(stopped)
        best = _Best(self._cost(repairs, branch), repairs, branch, self.most_searches)
        self._explore(self.branch, stopped, (), best)
        going = tuple(each.project_id for each in self._run(best.branch).going
                      if each.day is not None)
        return PlanRepair(best.repairs, going, self._stopped(best.branch), best.searches >= 0)

    def _run(self, branch: Branch) -> Timeline:
        return horizon(branch, self.years, self.law.rules, self.examine)

    def _stopped(self, branch: Branch) -> tuple[str, ...]:
        line = self._run(branch)
        ranked = sorted(branch.projects, key=lambda each: each.rank)
        return tuple(each.id for each in ranked
                     if each.must and line.of(each.id).day is None)

    def _goes(self, branch: Branch, project_id: str) -> bool:
        return self._run(branch).of(project_id).day is not None

    # ── one after the other, then all combinations ───────────────────────────────────────────

    def _one_by_one(self, stopped: Sequence[str]) -> tuple[tuple[Repair, ...], Branch]:
        """The most wanted repair of each project on what those before it left."""
        branch, found = self.branch, tuple[Repair, ...]()
        for project_id in stopped:
            if not self._goes(branch, project_id):
                repair, branch = self._of(branch, project_id, found)[0]
                found = (*found, repair)
        return found, branch

    def _explore(
        self, branch: Branch, waiting: Sequence[str], done: tuple[Repair, ...], best: _Best
    ) -> None:
        """Try every way on from some repairs; leave aside what costs more than the best."""
        while waiting and self._goes(branch, waiting[0]):
            waiting = waiting[1:]
        if not waiting:
            cost = self._cost(done, branch)
            if cost < best.cost:
                best.cost, best.repairs, best.branch = cost, done, branch
            return
        best.searches -= repr(done) not in self._options
        if best.searches < 0:
            return
        for repair, after in self._of(branch, waiting[0], done):
            if _cost((*done, repair), 0) < best.cost:
                self._explore(after, waiting[1:], (*done, repair), best)

    def _cost(self, repairs: Sequence[Repair], branch: Branch) -> Cost:
        return _cost(repairs, len(self._stopped(branch)))

    # ── the repairs of one project ───────────────────────────────────────────────────────────

    def _of(
        self, branch: Branch, project_id: str, done: tuple[Repair, ...]
    ) -> tuple[tuple[Repair, Branch], ...]:
        """Every repair of a project with the branch after it, cheapest first, then none."""
        key = repr(done)
        if key not in self._options:
            found = [*self._remedied(branch, project_id), *self._left_out(branch, project_id)]
            found.sort(key=lambda each: _cost((each[0],), 0))
            self._options[key] = (*found, (Repair(project_id), branch))
        return self._options[key]

    def _remedied(self, branch: Branch, project_id: str) -> Iterator[tuple[Repair, Branch]]:
        """The remedies after which a project goes and nobody who went is stopped."""
        search = Search(branch, project_id, self.years, self.law, self.ground, self.examine,
                        is_within=True)
        for remedy in search.remedies():
            changed = self._after(branch, remedy)
            if changed is not None and self._keeps(branch, changed, project_id):
                yield Repair(project_id, remedy), changed

    def _after(self, branch: Branch, remedy: Remedy) -> Branch | None:
        try:
            return reduce(lambda at, action: apply(at, action, self.law, self.ground),
                          remedy.actions, branch)
        except ScenarioError:
            return None

    def _keeps(self, before: Branch, after: Branch, project_id: str) -> bool:
        """Whether a project goes after a change, and everybody who went before goes still."""
        went, goes = self._run(before), self._run(after)
        return goes.of(project_id).day is not None and all(
            goes.of(each.project_id).day is not None for each in went.going if each.day is not None)

    def _left_out(self, branch: Branch, project_id: str) -> Iterator[tuple[Repair, Branch]]:
        """The projects that need not go and whose leaving out lets it go."""
        for other in branch.projects:
            fewer = _without(branch, other.id)
            if not other.must and other.id != project_id and self._goes(fewer, project_id):
                size = branch.sites[other.id].area_dm2
                yield Repair(project_id, leave_out=other.id, size=size), fewer


def _cost(repairs: Sequence[Repair], stopped: int) -> Cost:
    """What some repairs cost, see `Cost`; it never grows less by one repair more."""
    kinds = KINDS[::-1]
    counts = [sum(kind in each.kinds for each in repairs) for kind in kinds]
    amounts = [sum(each.remedy.cost.value if each.remedy else each.size for each in repairs
                   if each.kinds and each.kinds[-1] == kind) for kind in kinds]
    delayed = sum(bool(each.remedy and each.remedy.delays) for each in repairs)
    return (stopped, delayed, *counts, *amounts)


def _without(branch: Branch, project_id: str) -> Branch:
    return replace(branch, projects=tuple(each for each in branch.projects
                                          if each.id != project_id))


__all__ = ["KINDS", "MOST_SEARCHES", "PlanRepair", "PlanSearch", "Repair"]
