"""The least set of demands that cannot be met together.

A demand is a named group: a finding of the law (``line.pbf``, ``quota.offset``), a day
(``start:P-01``, ``due:P-01``), or that a project goes at all (``must:P-01``). A set is a conflict
where it cannot be met; it is least where leaving out any one of its demands makes it possible.
It is found by a deletion filter: leave out a group, and leave it out for good where the rest is a
conflict still. That no demand of it can be spared does not make it the smallest: where there are
few enough smaller sets, all of them are asked, and the conflict is the smallest, `is_smallest`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from zoning.rules.book import RuleBook
from zoning.scenario.actions import Branch
from zoning.scenario.horizon import Examine, Timeline, horizon
from zoning.scenario.outcome import Finding, Status

CanBeMet = Callable[[Sequence[str]], bool]
MOST_ASKED = 2000
"""So many smaller sets are asked at most before a conflict is told as one that may not be least."""


@dataclass(frozen=True)
class Conflict:
    """Demands that cannot be met together, none of which can be spared.

    `findings` are the failing findings of the law among them, one for each project they stop.
    `is_smallest` says that no conflict of fewer demands was left when it was found: all were asked.
    """

    demands: tuple[str, ...]
    findings: tuple[tuple[str, Finding], ...] = ()
    is_smallest: bool = False


def least_conflict(demands: Sequence[str], can_be_met: CanBeMet) -> tuple[str, ...]:
    """A least conflict among some demands, in their order; empty where all can be met.

    Larger pieces are left out first, to ask less often; the last pass asks for each demand alone,
    and is repeated until nothing more can be spared.
    """
    if can_be_met(demands):
        return ()
    kept, size = list(demands), max(1, len(demands) // 2)
    while True:
        before = len(kept)
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + size:]
            if can_be_met(rest):
                at += size
            else:
                kept = rest
        if size == 1 and len(kept) == before:
            return tuple(kept)
        size = max(1, size // 2)


def smallest_conflict(
    demands: Sequence[str], can_be_met: CanBeMet, *, most: int = MOST_ASKED,
    met: set[frozenset[str]] | None = None,
) -> tuple[tuple[str, ...], bool]:
    """A least conflict, and whether none has fewer demands; empty and true where all can be met.

    Every smaller set is asked, the smallest first, where there are no more than `most` of them.
    `met` are sets known to be possible, which are not asked again; those found are added.
    """
    met = set() if met is None else met
    found = least_conflict(demands, can_be_met)
    if sum(math.comb(len(demands), size) for size in range(1, len(found))) > most:
        return found, False
    for size in range(1, len(found)):
        for fewer in combinations(demands, size):
            if frozenset(fewer) in met:
                continue
            if not can_be_met(fewer):
                return fewer, True
            met.add(frozenset(fewer))
    return found, True


def all_conflicts(
    demands: Sequence[str], can_be_met: CanBeMet, *, shared: Callable[[str], bool] = lambda _: False
) -> tuple[tuple[str, ...], ...]:
    """The demands of `conflicts_found`."""
    return tuple(each for each, _ in conflicts_found(demands, can_be_met, shared=shared))


def conflicts_found(
    demands: Sequence[str], can_be_met: CanBeMet, *, shared: Callable[[str], bool] = lambda _: False
) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Least conflicts one after the other, until what is left over can be met; see the module.

    Demands that are `shared` may be part of several conflicts, the others of one: where conflicts
    overlap, those told are the ones the filter meets first. Repairing all that are told makes the
    rest possible.
    """
    found: list[tuple[tuple[str, ...], bool]] = []
    left, met = list(demands), set[frozenset[str]]()
    while (answer := smallest_conflict(left, can_be_met, met=met))[0]:
        conflict, _ = answer
        found.append(answer)
        own = [each for each in conflict if not shared(each)] or conflict
        left = [each for each in left if each not in own]
    return tuple(found)


def plan_conflicts(
    branch: Branch, years: Sequence[int], rules: RuleBook, examine: Examine
) -> tuple[Conflict, ...]:
    """Why the projects that must go cannot all go within the years."""
    asked = _by_farmland(branch, examine, (each.id for each in branch.projects if each.must))
    wanted = replace(branch, projects=tuple(each for each in branch.projects if each.must))
    laws = law_demands(wanted, years, rules, examine)
    demands = (*laws, *(f"must:{each}" for each in asked))

    def can_be_met(kept: Sequence[str]) -> bool:
        going = [each for each in wanted.projects if f"must:{each.id}" in kept]
        line = horizon(replace(wanted, projects=tuple(going)), years, rules, examine,
                       forgiven=[each for each in laws if each not in kept])
        return all(each.day is not None for each in line.going)

    found = conflicts_found(demands, can_be_met, shared=lambda each: each in laws)
    return _told(found, wanted, years, rules, examine)


def project_conflicts(
    branch: Branch, project_id: str, years: Sequence[int], rules: RuleBook, examine: Examine
) -> tuple[Conflict, ...]:
    """Why one project cannot go within the years: laws, days, and others that draw before it.

    ``must:<other>`` says that the quota would do were it not for that other project.
    """
    others = _by_farmland(branch, examine, (each.id for each in branch.projects
                                            if each.id != project_id))
    one = replace(branch, projects=(branch.project(project_id),))
    laws = law_demands(one, years, rules, examine, beside=branch)

    def can_be_met(kept: Sequence[str]) -> bool:
        going = tuple(each for each in branch.projects
                      if each.id == project_id or f"must:{each.id}" in kept)
        line = horizon(replace(branch, projects=going), years, rules, examine,
                       forgiven=[_of(project_id, each) for each in laws if each not in kept])
        return line.of(project_id).day is not None

    found = conflicts_found((*laws, *(f"must:{each}" for each in others)), can_be_met,
                            shared=lambda each: each.startswith("must:"))
    return _told(found, one, years, rules, examine, branch)


def _by_farmland(branch: Branch, examine: Examine, names: Iterable[str]) -> tuple[str, ...]:
    """Projects, those that take least farmland first: a conflict of few large ones is left."""
    def taken_dm2(name: str) -> tuple[int, int]:
        facts = branch.sites[name]
        found = examine(branch.project(name), facts, branch.decision_date, branch.place,
                        branch.given.get(name, ()))
        return found.case.taken.area_dm2("farmland"), facts.area_dm2

    return tuple(sorted(names, key=taken_dm2))


def _of(project_id: str, law: str) -> str:
    """A law as it concerns one project."""
    return law if law.endswith(f":{project_id}") else f"{project_id}/{law}"


def law_demands(
    branch: Branch, years: Sequence[int], rules: RuleBook, examine: Examine,
    *, beside: Branch | None = None,
) -> tuple[str, ...]:
    """The laws and days that stop the projects of a branch, alone or beside others, in any year."""
    demands: list[str] = []
    names = {each.id for each in branch.projects}
    while True:
        own = demands if beside is None else [_of(name, each) for each in demands
                                              for name in names]
        line = horizon(beside or branch, years, rules, examine, forgiven=own)
        more = [each for each in _stopping(line, names, branch) if each not in demands]
        if not more:
            return tuple(demands)
        demands += more


def _stopping(line: Timeline, names: Collection[str], branch: Branch) -> list[str]:
    found: dict[str, None] = {}
    for going in line.going:
        if going.project_id not in names or going.day is not None:
            continue
        for wait in going.waits:
            found |= dict.fromkeys(each.id for each in wait.findings)
        days = branch.project(going.project_id)
        found |= dict.fromkeys(f"{word}:{going.project_id}" for word in ("start", "due")
                               if getattr(days, word) is not None)
    return list(found)


def _told(
    conflicts: Sequence[tuple[tuple[str, ...], bool]], asked: Branch, years: Sequence[int],
    rules: RuleBook, examine: Examine, beside: Branch | None = None,
) -> tuple[Conflict, ...]:
    """The conflicts with the findings behind them, as they stand where nothing is forgiven."""
    line = horizon(beside or asked, years, rules, examine)
    names = {each.id for each in asked.projects}
    failing = [(going.project_id, finding) for going in line.going if going.project_id in names
               and going.answer and going.day is None for finding in going.answer.findings
               if finding.status is Status.FAIL]
    return tuple(
        Conflict(demands, tuple((name, finding) for name, finding in failing
                                if finding.id in demands
                                and (beside is not None or f"must:{name}" in demands)),
                 is_smallest)
        for demands, is_smallest in conflicts
    )


__all__ = ["Conflict", "all_conflicts", "conflicts_found", "law_demands", "least_conflict",
           "plan_conflicts", "project_conflicts", "smallest_conflict"]
