"""What would let a whole plan go: repairs for the projects that are stopped, proven together.

The stopped projects are taken by rank. Each is repaired on the branch that the repairs before it
left, by the search of `zoning.scenario.remedies`; of what that finds, the first that delays nobody
is kept, by the order of `KINDS`. Before a project is made smaller by standard floor, the smallest
project that need not go is sought whose leaving out lets it go.
At the end the whole plan is run once more: what is told is what the engine found, not a sum of
promises. It is the cheapest that this search tried, not proven best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from zoning.errors import ScenarioError
from zoning.scenario.actions import Branch, Ground, apply
from zoning.scenario.engine import Law
from zoning.scenario.horizon import Examine, Timeline, horizon
from zoning.scenario.remedies import Search
from zoning.scenario.remedy import Remedy

KINDS = ("wait", "move", "drop", "clear", "buy", "point_supply", "floor")
"""Kinds of repair, the most wanted first; a remedy of two kinds stands where its last one does."""


@dataclass(frozen=True)
class Repair:
    """The repair of one project of a plan; without one, the project whose leaving out lets it go.

    Both are None where nothing tried lets it go.
    """

    project_id: str
    remedy: Remedy | None = None
    leave_out: str | None = None


@dataclass(frozen=True)
class PlanRepair:
    """Repairs after which the projects `goes` go within the years.

    `stopped` are those that must go and still do not.
    """

    repairs: tuple[Repair, ...]
    goes: tuple[str, ...]
    stopped: tuple[str, ...]


@dataclass(frozen=True)
class PlanSearch:
    """Repairs for the projects of a branch that must go within the years and cannot."""

    branch: Branch
    years: tuple[int, ...]
    law: Law
    ground: Ground
    examine: Examine

    def repairs(self) -> PlanRepair:
        """Repairs by rank of the stopped projects; none where every project that must go does."""
        branch, found = self.branch, list[Repair]()
        for project_id in self._stopped(branch):
            if self._run(branch).of(project_id).day is not None:
                continue
            repair, branch = self._repaired(branch, project_id)
            found.append(repair)
        going = tuple(each.project_id for each in self._run(branch).going if each.day is not None)
        return PlanRepair(tuple(found), going, self._stopped(branch))

    def _run(self, branch: Branch) -> Timeline:
        return horizon(branch, self.years, self.law.rules, self.examine)

    def _stopped(self, branch: Branch) -> tuple[str, ...]:
        line = self._run(branch)
        ranked = sorted(branch.projects, key=lambda each: each.rank)
        return tuple(each.id for each in ranked
                     if each.must and line.of(each.id).day is None)

    def _repaired(self, branch: Branch, project_id: str) -> tuple[Repair, Branch]:
        search = Search(branch, project_id, self.years, self.law, self.ground, self.examine,
                        is_within=True)
        ordered = sorted(search.remedies(), key=_order)
        floors = [each for each in ordered if "floor" in each.family]
        return (self._by(branch, project_id, [each for each in ordered if each not in floors])
                or self._left_out(branch, project_id) or self._by(branch, project_id, floors)
                or (Repair(project_id), branch))

    def _by(
        self, branch: Branch, project_id: str, remedies: Sequence[Remedy]
    ) -> tuple[Repair, Branch] | None:
        """The first remedy after which a project goes and nobody who went is stopped."""
        for remedy in remedies:
            changed = self._after(branch, remedy)
            if changed is not None and self._keeps(branch, changed, project_id):
                return Repair(project_id, remedy), changed
        return None

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

    def _left_out(self, branch: Branch, project_id: str) -> tuple[Repair, Branch] | None:
        """Leave out the smallest project that need not go and whose quota would do."""
        others = sorted((each for each in branch.projects if not each.must),
                        key=lambda each: (branch.sites[each.id].area_dm2, each.id))
        for other in others:
            fewer = _without(branch, other.id)
            if self._run(fewer).of(project_id).day is not None:
                return Repair(project_id, leave_out=other.id), fewer
        return None


def _order(remedy: Remedy) -> tuple[bool, int, int]:
    last = remedy.family.split("+")
    return bool(remedy.delays), max(KINDS.index(each) for each in last), remedy.cost.value


def _without(branch: Branch, project_id: str) -> Branch:
    kept: Sequence[str] = [each.id for each in branch.projects if each.id != project_id]
    return replace(branch, projects=tuple(each for each in branch.projects if each.id in kept))


__all__ = ["KINDS", "PlanRepair", "PlanSearch", "Repair"]
