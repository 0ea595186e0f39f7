"""How wrong the numbers may be before a verdict flips.

Margins are exact: the engine is asked again on changed pools until the last amount that changes
nothing is found. The simulation counts answers over samples that the caller draws; there is no
chance in here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from zoning.measure.facts import SiteFacts
from zoning.rules.book import RuleBook
from zoning.scenario.actions import Branch
from zoning.scenario.availability import Amounts, Stock
from zoning.scenario.doubts import ClassMargin, InflowMargin
from zoning.scenario.engine import Examined, Turn, turns
from zoning.scenario.horizon import Examine, horizon
from zoning.scenario.outcome import Status


@dataclass(frozen=True)
class Margin:
    """How much one component may change on a day before a verdict does, in its unit.

    `spare` may be lost, or needed more, without any verdict changing; one unit more, and the
    verdicts of `loses` change. None where even all of it may go. `wanting` is the least that has to
    come in before the verdicts of `gains` change; None where no such amount was found.
    """

    kind: str
    component: str
    unit: str
    available: int
    spare: int | None
    loses: tuple[str, ...]
    wanting: int | None
    gains: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """One state the world may be in: which of what is expected came, and true land classes."""

    came: frozenset[str]
    classes: Mapping[str, str]


@dataclass(frozen=True)
class Odds:
    """How often a project went in which year, out of `samples`; `never` in none of them.

    `statuses` counts pass and undecided among those it went in, and fail.
    """

    project_id: str
    samples: int
    years: tuple[tuple[int, int], ...]
    never: int
    statuses: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Sensitivity:
    """Margins on the decision date, and the odds over the years.

    `classes` are the margins of the land-class map, `inflows` those of what is expected.
    `seed` and `samples` make the odds again; `uncertain` counts parcels whose class is in doubt.
    """

    scenario_id: str
    name: str
    margins: tuple[Margin, ...]
    odds: tuple[Odds, ...]
    seed: int
    samples: int
    uncertain: int
    sources: tuple[tuple[str, int], ...]
    rules_sha256: str = ""
    ledger_position: int = 0
    classes: tuple[ClassMargin, ...] = ()
    inflows: tuple[InflowMargin, ...] = ()


def margins(examined: Sequence[Examined], have: Stock) -> tuple[Margin, ...]:
    """The margin of every component that the projects need, as the pools stand on a day."""
    base = turns(examined, have)
    needed = {(need.kind, need.component): need.unit
              for turn in base for need in turn.answer.needs}
    return tuple(_margin(examined, have, base, kind, component, unit)
                 for (kind, component), unit in needed.items())


def _margin(
    examined: Sequence[Examined], have: Stock, base: Sequence[Turn], kind: str, component: str,
    unit: str,
) -> Margin:
    there = {lot.lot_id: max(0, have.left.get((lot.lot_id, component), 0))
             for lot in have.lots.get(kind, ())}
    total = sum(there.values())

    def flipped(change: int) -> tuple[str, ...]:
        less = _less(there, component, -change) if change < 0 else _more(there, component, change)
        return _changed(base, turns(examined, have.after(less)))

    lost = total if total and flipped(-total) else None
    spare = None if lost is None else _last_without(lambda by: bool(flipped(-by)), lost)
    short = sum(need.shortfall for turn in base for need in turn.answer.needs
                if (need.kind, need.component) == (kind, component))
    wanting = None
    if there and short and flipped(short):
        wanting = _last_without(lambda by: bool(flipped(by)), short) + 1
    return Margin(kind, component, unit, total, spare,
                  () if spare is None else flipped(-spare - 1), wanting,
                  () if wanting is None else flipped(wanting))


def _last_without(flips: Callable[[int], bool], flipping: int) -> int:
    """The last amount from 0 before one at which it flips, given an amount at which it does."""
    good, bad = 0, flipping
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if flips(middle) else (middle, bad)
    return good


def _less(there: Mapping[str, int], component: str, by: int) -> Amounts:
    """An amount taken from lots, those that are drawn last first."""
    taken: dict[tuple[str, str], int] = {}
    for lot_id, free in list(there.items())[::-1]:
        part = min(free, by)
        taken[lot_id, component] = part
        by -= part
    return taken


def _more(there: Mapping[str, int], component: str, by: int) -> Amounts:
    last = list(there)[-1]
    return {(last, component): -by}


def _changed(base: Iterable[Turn], other: Iterable[Turn]) -> tuple[str, ...]:
    return tuple(one.answer.project_id for one, two in zip(base, other, strict=True)
                 if one.answer.verdict is not two.answer.verdict)


def odds(
    branch: Branch, years: Sequence[int], rules: RuleBook, examine: Examine,
    samples: Iterable[Sample],
) -> tuple[Odds, ...]:
    """Count in which year each project goes over samples of what is expected and what is mapped."""
    counted: dict[str, Counter[int]] = {each.id: Counter() for each in branch.projects}
    statuses: dict[str, Counter[str]] = {each.id: Counter() for each in branch.projects}
    number = 0
    for sample in samples:
        number += 1
        for going in horizon(sampled(branch, sample), years, rules, examine).going:
            counted[going.project_id][going.year or 0] += 1
            statuses[going.project_id][going.status.value] += 1
    return tuple(
        Odds(name, number, tuple((year, years_of[year]) for year in years), years_of[0],
             tuple((status.value, statuses[name][status.value]) for status in TOLD))
        for name, years_of in counted.items()
    )


TOLD = (Status.PASS, Status.UNDECIDED, Status.FAIL)


def sampled(branch: Branch, sample: Sample) -> Branch:
    """The branch as it would be in one state of the world."""
    supplies = tuple(each for each in branch.supplies
                     if each.likelihood_1e4 is None or each.source in sample.came)
    sites = {name: reclassed(facts, sample.classes) for name, facts in branch.sites.items()}
    return replace(branch, supplies=supplies, sites=sites)


def reclassed(facts: SiteFacts, classes: Mapping[str, str]) -> SiteFacts:
    """A site whose parcels have other land classes, by parcel id."""
    if not any(part.parcel_id in classes for part in facts.parts):
        return facts
    return replace(facts, parts=tuple(
        replace(part, class_code=classes.get(part.parcel_id, part.class_code))
        for part in facts.parts))


__all__ = ["Margin", "Odds", "Sample", "Sensitivity", "margins", "odds", "reclassed", "sampled"]
