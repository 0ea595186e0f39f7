"""How wrong the land-class map or an expected inflow may be before an answer flips: margins.

Exact by asking the engine again: the least land of one class that would have to be another before
the verdict on its project changes, and the least of an expected inflow that has to come before the
first years of the plan are others. Both are sought by halving: where an answer flips more than once
on the way, the flip told is one of them, with the engine's word on both of its sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from zoning.measure.facts import Part, SiteFacts
from zoning.rules.book import RuleBook
from zoning.scenario.actions import Branch, Supply
from zoning.scenario.availability import Stock
from zoning.scenario.engine import Turn, turns
from zoning.scenario.horizon import Examine, Timeline, horizon
from zoning.scenario.outcome import Status


@dataclass(frozen=True)
class ClassMargin:
    """How much of a site's land mapped as one class may truly be another, dm².

    `spare_dm2` may be, without any verdict changing; one unit more, and the verdicts of `flips`
    change. None where even all of it, `mapped_dm2`, changes none.
    """

    project_id: str
    mapped: str
    truly: str
    mapped_dm2: int
    spare_dm2: int | None
    flips: tuple[tuple[str, Status], ...] = ()


@dataclass(frozen=True)
class InflowMargin:
    """How little of an expected inflow may come, one component by itself, in its unit.

    With `least` of the `expected` amount the first years are those of the plan; one unit less, and
    those of `delays` are others. 0 where it need not come at all.
    """

    source: str
    kind: str
    component: str
    unit: str
    expected: int
    least: int
    delays: tuple[str, ...] = ()


def class_margins(
    branch: Branch, doubted: Iterable[tuple[str, str]], have: Stock, examine: Examine
) -> tuple[ClassMargin, ...]:
    """The margin of every site that has land of a doubted class; pairs are (mapped, truly)."""
    pairs = tuple(dict.fromkeys(pair for pair in doubted if pair[0] != pair[1]))
    base = _judged(branch, have, examine)
    return tuple(_class_margin(branch, each.id, pair, base, have, examine)
                 for each in branch.projects for pair in pairs
                 if _mapped_dm2(branch.sites[each.id], pair[0]))


def inflow_margins(
    branch: Branch, years: Sequence[int], rules: RuleBook, examine: Examine,
    units: Mapping[tuple[str, str], str],
) -> tuple[InflowMargin, ...]:
    """The margin of every component of every supply that is not in the book.

    `units` are those of (quota kind, component).
    """
    base = horizon(branch, years, rules, examine)
    return tuple(
        _inflow_margin(branch, each, component, base,
                       lambda at: horizon(at, years, rules, examine),
                       units[each.lot.account.kind, component])
        for each in branch.supplies if each.likelihood_1e4 is not None
        for component, amount in each.amounts.items() if amount)


def mistaken(facts: SiteFacts, mapped: str, truly: str, area_dm2: int) -> SiteFacts:
    """A site of which so much land mapped as one class is another, its first parts first."""
    parts: list[Part] = []
    for part in facts.parts:
        is_meant = part.class_code == mapped and not part.converted
        less = min(area_dm2, part.area_dm2) if is_meant else 0
        area_dm2 -= less
        parts += [replace(part, class_code=truly, area_dm2=less)] if less else []
        parts += [replace(part, area_dm2=part.area_dm2 - less)] if less < part.area_dm2 else []
    return replace(facts, parts=tuple(parts))


def _class_margin(
    branch: Branch, project_id: str, pair: tuple[str, str], base: Sequence[Turn], have: Stock,
    examine: Examine,
) -> ClassMargin:
    facts = branch.sites[project_id]
    mapped_dm2 = _mapped_dm2(facts, pair[0])

    def flipped(area_dm2: int) -> tuple[tuple[str, Status], ...]:
        site = mistaken(facts, *pair, area_dm2)
        other = _judged(replace(branch, sites={**branch.sites, project_id: site}), have, examine)
        return tuple((two.answer.project_id, two.answer.verdict)
                     for one, two in zip(base, other, strict=True)
                     if one.answer.verdict is not two.answer.verdict)

    if not flipped(mapped_dm2):
        return ClassMargin(project_id, *pair, mapped_dm2, None)
    spare = _last_same(lambda by: bool(flipped(by)), mapped_dm2)
    return ClassMargin(project_id, *pair, mapped_dm2, spare, flipped(spare + 1))


def _inflow_margin(
    branch: Branch, supply: Supply, component: str, base: Timeline,
    run: Callable[[Branch], Timeline], unit: str,
) -> InflowMargin:
    amount, account = supply.amounts[component], supply.lot.account

    def delayed(less: int) -> tuple[str, ...]:
        came = replace(supply, amounts={**supply.amounts, component: amount - less})
        line = run(replace(branch, supplies=tuple(
            came if each is supply else each for each in branch.supplies)))
        return tuple(one.project_id for one, two in zip(base.going, line.going, strict=True)
                     if (one.year, one.status) != (two.year, two.status))

    if not delayed(amount):
        return InflowMargin(supply.source, account.kind, component, unit, amount, 0)
    spare = _last_same(lambda by: bool(delayed(by)), amount)
    return InflowMargin(supply.source, account.kind, component, unit, amount, amount - spare,
                        delayed(spare + 1))


def _judged(branch: Branch, have: Stock, examine: Examine) -> tuple[Turn, ...]:
    return turns((examine(each, branch.sites[each.id], branch.decision_date, branch.place,
                          branch.given.get(each.id, ())) for each in branch.projects), have)


def _mapped_dm2(facts: SiteFacts, mapped: str) -> int:
    return sum(part.area_dm2 for part in facts.parts
               if part.class_code == mapped and not part.converted)


def _last_same(flips: Callable[[int], bool], flipping: int) -> int:
    """The last amount before one at which it flips, given an amount at which it does."""
    good, bad = 0, flipping
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if flips(middle) else (middle, bad)
    return good


__all__ = ["ClassMargin", "InflowMargin", "class_margins", "inflow_margins", "mistaken"]
