"""What would make a project lawful: repairs found by a stated search, each proven by the engine.

The search, in this order, keeps from every family the cheapest repair that makes the project pass:

1. wait: the day on which it passes by itself, with the lots that fall due till then;
2. leave out parcels (sites of whole parcels): those that touch a line it fails on, then, where
   quota is short, the smallest further one that suffices, or one after the other, largest first;
3. move the site (drawn sites): rings of 5 m to 640 m, 16 directions each, the nearest ring that
   clears the lines, brought back to the metre;
4. clear idle plots: the smallest plot that suffices, or several, largest first;
5. buy exactly what is short of offset or linkage quota;
6. apply for point supply, its conditions being met;
7. rent standard factory floor: the least area of land saved.

4 to 7 are tried on the site as it is, and on the site that 2 or 3 repaired. Every proposal is
applied to the branch and run through the years by the engine; what the engine does not pass is not
proposed. Nothing is proven to be the best: it is the cheapest that this search tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

from zoning.errors import Message, ScenarioError
from zoning.measure.facts import SiteFacts
from zoning.scenario.actions import Branch, Ground, apply
from zoning.scenario.availability import stock
from zoning.scenario.engine import Law, turns
from zoning.scenario.findings.site import shared_findings
from zoning.scenario.horizon import Examine, Going, Timeline, horizon
from zoning.scenario.model import Project, Site
from zoning.scenario.outcome import ProjectOutcome, Quantity, Status
from zoning.scenario.planned import (
    BuyLot,
    ClearIdle,
    Condition,
    DropParcels,
    Move,
    PointSupply,
    StandardFloor,
    StartLater,
)
from zoning.scenario.remedy import Remedy, Step
from zoning.scenario.renewal import earned
from zoning.scenario.words import amount, area

RINGS_M = (5, 10, 20, 40, 80, 160, 320, 640)
DIRECTIONS = 16
FAMILIES = ("wait", "drop", "move", "clear", "buy", "point_supply", "floor")
"""The steps of the search, in its order."""

BOUGHT = ("offset", "linkage")
"""Quota kinds that are bought and sold between counties."""


@dataclass(frozen=True)
class Search:
    """Remedies for one project of a branch, within years.

    `is_within` asks only that the project goes within the years, as a plan does, and not that it
    passes in the first.
    """

    branch: Branch
    project_id: str
    years: tuple[int, ...]
    law: Law
    ground: Ground
    examine: Examine
    is_within: bool = False

    def remedies(self) -> tuple[Remedy, ...]:
        """What would make the project go in the first year; empty where it does.

        Waiting is told where it goes later in the horizon by itself.
        """
        now = self._base.of(self.project_id)
        if self._is_lawful(now):
            return ()
        found = [*self._waiting(now)]
        for site in (None, *self._sites()):
            start = self.branch if site is None else self._after(self.branch, site)
            before = () if site is None else (site,)
            if site is not None and (remedy := self._proven(before)):
                found.append(remedy)
            else:
                found += self._by_quota(start, before)
        return tuple(sorted(found, key=lambda each: [FAMILIES.index(name) for name
                                                     in each.family.split("+")]))

    @cached_property
    def _base(self) -> Timeline:
        return self._run(self.branch)

    def _run(self, branch: Branch) -> Timeline:
        return horizon(branch, self.years, self.law.rules, self.examine)

    def _first(self, branch: Branch) -> Going:
        """The project in the first year."""
        years = self.years if self.is_within else self.years[:1]
        return horizon(branch, years, self.law.rules, self.examine).of(self.project_id)

    def _is_lawful(self, going: Going) -> bool:
        if self.is_within:
            return going.day is not None
        return going.status is Status.PASS and going.year == self.years[0]

    def _after(self, branch: Branch, *steps: Step) -> Branch:
        return reduce(lambda b, step: apply(b, step.action, self.law, self.ground), steps, branch)

    def _passes(self, branch: Branch, *steps: Step) -> bool:
        """Whether the engine passes the project after some steps; faulty sites do not pass."""
        try:
            return self._is_lawful(self._first(self._after(branch, *steps)))
        except ScenarioError:
            return False

    def _proven(self, steps: Sequence[Step]) -> Remedy | None:
        """The remedy of some steps, where the engine passes the project after them."""
        try:
            line = self._run(self._after(self.branch, *steps))
        except ScenarioError:
            return None
        going = line.of(self.project_id)
        if going.day is None or not self._is_lawful(going):
            return None
        last = steps[-1]
        return Remedy(
            "+".join(step.family for step in steps), tuple(step.action for step in steps),
            last.cost, going.day,
            last.message if len(steps) == 1 else Message(
                "decide.remedy.both", {"parts": [step.message for step in steps]}),
            tuple(each for step in steps for each in step.assumes), self._delays(line))

    def _delays(self, line: Timeline) -> tuple[str, ...]:
        return tuple(
            each.project_id for each, base in zip(line.going, self._base.going, strict=True)
            if each.project_id != self.project_id and base.day is not None
            and (each.day is None or each.day > base.day))

    def _name(self, family: str) -> str:
        return f"{family}-{self.project_id}"[:64]

    @property
    def _project(self) -> Project:
        return self.branch.project(self.project_id)

    def _waiting(self, now: Going) -> Iterator[Remedy]:
        if now.day is None or now.status is not Status.PASS:
            return
        action = StartLater(id=self._name("later"), project=self.project_id, start=now.day)
        days = (now.day - self.branch.decision_date).days
        yield Remedy("wait", (action,), Quantity(days, "day"), now.day,
                     Message("decide.remedy.wait", {"day": now.day.isoformat(),
                                                  "lots": list(now.relies_on) or ["—"]}))

    def _sites(self) -> Iterator[Step]:
        """Other sites that clear what the site itself fails on, quota aside."""
        project = self._project
        if project.site.parcels:
            yield from self._fewer_parcels()
        elif project.site.file or project.site.polygon:
            yield from self._moved()

    def _lines_fail(self, facts: SiteFacts) -> bool:
        """Whether a site fails on anything but the sufficiency of quota."""
        found = self.examine(self._project, facts, self.branch.decision_date, self.branch.place)
        taken = self.ground.shared({**self._placed, self.project_id: facts}) if self._placed else {}
        shared = shared_findings(found.case, {}, taken.get(self.project_id, {}))
        return any(each.status is Status.FAIL for each in (*found.findings, *shared))

    @cached_property
    def _placed(self) -> Mapping[str, SiteFacts]:
        """The sites of the projects that go and have their turn before this one."""
        ranked = [each.id for each in sorted(self.branch.projects, key=lambda each: each.rank)]
        return {name: self.branch.sites[name] for name in ranked[:ranked.index(self.project_id)]
                if self._base.of(name).day is not None}

    def _fewer_parcels(self) -> Iterator[Step]:
        parcels = self._project.site.parcels
        if len(parcels) == 1:
            return
        alone = {name: self.ground.facts(self.project_id, Site(parcels=(name,)))
                 for name in parcels}
        touching = tuple(name for name in parcels if self._lines_fail(alone[name]))
        if len(touching) == len(parcels):
            return
        if touching:
            yield self._drop(touching, alone)
        if touching and self._passes(self.branch, self._drop(touching, alone)):
            return
        rest = sorted((name for name in parcels if name not in touching),
                      key=lambda name: (alone[name].area_dm2, name))
        if dropped := self._enough(rest, touching, alone):
            yield self._drop(dropped, alone)

    def _enough(
        self, rest: Sequence[str], touching: tuple[str, ...], alone: dict[str, SiteFacts]
    ) -> tuple[str, ...]:
        """Parcels to leave out until the quota does: one, else several, largest first."""
        for name in rest[:-1] if len(rest) == 1 else rest:
            if self._passes(self.branch, self._drop((*touching, name), alone)):
                return (*touching, name)
        dropped = touching
        for name in rest[:0:-1]:
            dropped = (*dropped, name)
            if self._passes(self.branch, self._drop(dropped, alone)):
                return self._pruned(dropped, touching, alone)
        return ()

    def _pruned(
        self, dropped: tuple[str, ...], touching: tuple[str, ...], alone: dict[str, SiteFacts]
    ) -> tuple[str, ...]:
        """Without the parcels that need not be left out after all, small ones kept out first."""
        for name in dropped[len(touching):]:
            fewer = tuple(each for each in dropped if each != name)
            if fewer and self._passes(self.branch, self._drop(fewer, alone)):
                dropped = fewer
        return dropped

    def _drop(self, names: tuple[str, ...], alone: dict[str, SiteFacts]) -> Step:
        lost_dm2 = sum(alone[name].area_dm2 for name in names)
        action = DropParcels(id=self._name("drop"), project=self.project_id, parcels=names)
        return Step("drop", action, Quantity(lost_dm2, "dm2"), Message(
            "decide.remedy.drop", {"parcels": list(names), "area": area(lost_dm2)}))

    def _moved(self) -> Iterator[Step]:
        if not self._lines_fail(self.branch.sites[self.project_id]):
            return
        for inner, ring in zip((0, *RINGS_M), RINGS_M, strict=False):
            clear = [number for number in range(DIRECTIONS) if self._is_clear(number, ring)]
            if clear:
                nearest = min((self._back(number, inner, ring), number) for number in clear)
                yield self._move(*nearest)
                return

    def _is_clear(self, number: int, metres: int) -> bool:
        east, north = _away(number, metres)
        try:
            facts = self.ground.moved(self.project_id, self._project.site, east, north)
        except ScenarioError:
            return False
        return not self._lines_fail(facts)

    def _back(self, number: int, inner: int, ring: int) -> int:
        """The least metres in one direction, beyond the last ring where nothing was clear."""
        while ring - inner > 1:
            middle = (inner + ring) // 2
            inner, ring = (inner, middle) if self._is_clear(number, middle) else (middle, ring)
        return ring

    def _move(self, metres: int, number: int) -> Step:
        east, north = _away(number, metres)
        action = Move(id=self._name("move"), project=self.project_id, east=east, north=north)
        return Step("move", action, Quantity(metres, "m"), Message(
            "decide.remedy.move", {"metres": metres, "degrees": f"{number * 360 / DIRECTIONS:g}",
                                 "east": f"{east:g}", "north": f"{north:g}"}))

    def _by_quota(self, start: Branch, before: tuple[Step, ...]) -> Iterator[Remedy]:
        answer = self._at_once(start)
        if self._lines_fail(start.sites[self.project_id]):
            return
        short = {(need.kind, need.component): need.shortfall
                 for need in answer.needs if need.shortfall}
        needed = {(need.kind, need.component): need.needed or 0 for need in answer.needs}
        bought = self._bought(short)
        short_plan = any(kind == "plan_quota" for kind, _ in short)
        for family in (self._cleared(start, short, bought), bought and [bought],
                       short_plan and self._point(start, needed, bought), self._floor(start)):
            steps = family or []
            if steps and (remedy := self._proven((*before, *steps))):
                yield remedy

    def _at_once(self, start: Branch) -> ProjectOutcome:
        """The answer for the project on the decision date, when its turn comes."""
        on, place = start.decision_date, start.place
        have = stock((), place=place, on=on, shared=start.shared).with_more(
            each.balance for each in start.supplies if each.day <= on).at(on)
        asked = [self.examine(each, start.sites[each.id], on, place, start.given.get(each.id, ()))
                 for each in start.projects]
        return next(turn.answer for turn in turns(asked, have)
                    if turn.answer.project_id == self.project_id)

    def _pool(self, kind: str) -> str:
        """A pool of the place that the project may use."""
        if self._project.pools:
            return self._project.pools[0]
        return next((each.lot.account.pool for each in self.branch.supplies
                     if (each.lot.account.place, each.lot.account.kind)
                     == (self.branch.place, kind)), kind)

    def _bought(self, short: dict[tuple[str, str], int]) -> Step | None:
        kinds = [kind for kind in BOUGHT if any(each == kind for each, _ in short)]
        if len(kinds) != 1:
            return None
        (kind,) = kinds
        amounts = {code: by for (each, code), by in short.items() if each == kind}
        action = BuyLot(id=self._name("buy"), kind=kind, pool=self._pool(kind), amounts=amounts)
        told = [Message("decide.amount", {"component": self._component(kind, code),
                                        "amount": amount(by, self._unit(kind, code))})
                for code, by in amounts.items()]
        main = next(iter(amounts))
        return Step("buy", action, Quantity(amounts[main], self._unit(kind, main)),
                     Message("decide.remedy.buy", {"amounts": told}))

    def _unit(self, kind: str, code: str) -> str:
        return self.law.quota_kinds[kind].component(code).unit

    def _component(self, kind: str, code: str) -> Message:
        component = self.law.quota_kinds[kind].component(code)
        return Message("scenario.text", {"zh": component.zh, "en": component.en})

    def _cleared(
        self, start: Branch, short: dict[tuple[str, str], int], bought: Step | None
    ) -> list[Step]:
        """Clear idle plots for plan quota; offset that is short too is bought beside it."""
        parts = {code: by for (kind, code), by in short.items() if kind == "plan_quota"}
        if not parts:
            return []
        beside = [bought] if bought else []
        earning = sorted((earns, name) for name, earns in self._earnings(start) if earns)
        for earns, name in earning:
            steps = [self._clear((name,), parts, earns), *beside]
            if earns >= max(parts.values()) and self._passes(start, *steps):
                return steps
        names: tuple[str, ...] = ()
        total = 0
        for earns, name in reversed(earning):
            names, total = (*names, name), total + earns
            steps = [self._clear(names, parts, total), *beside]
            if total >= max(parts.values()) and self._passes(start, *steps):
                return steps
        return []

    def _earnings(self, start: Branch) -> Iterator[tuple[str, int | None]]:
        used = {part.stock_id for facts in start.sites.values() for part in facts.parts}
        for name, plot in self.ground.plots().items():
            if name not in used and ("clear", name) not in start.taken:
                found = earned(plot, self.law.rules, on=start.decision_date, place=start.place)
                yield name, found.plan_dm2

    def _clear(self, names: tuple[str, ...], parts: dict[str, int], earns: int) -> Step:
        granted = {code: by for code, by in parts.items() if code != "total"}
        plots = self.ground.plots()
        size = sum(plots[name].area_dm2 for name in names)
        action = ClearIdle(id=self._name("clear"), plots=names, pool=self._pool("plan_quota"),
                           amounts=granted)
        assumes = tuple(Message("decide.remedy.granted", {
            "component": self._component("plan_quota", code), "area": area(by)})
            for code, by in granted.items())
        return Step("clear", action, Quantity(size, "dm2"), Message(
            "decide.remedy.clear", {"plots": list(names), "area": area(size),
                                  "earned": area(earns)}), assumes)

    def _point(
        self, start: Branch, needed: dict[tuple[str, str], int], bought: Step | None
    ) -> list[Step]:
        amounts = {code: by for (kind, code), by in needed.items() if kind == "plan_quota" and by}
        if self._project.path != "batch" or not amounts:
            return []
        action = PointSupply(
            id=self._name("point"), project=self.project_id, amounts=amounts,
            conditions=(Condition(name="全部条件 all conditions", met=True),))
        step = Step("point_supply", action, Quantity(max(amounts.values()), "dm2"), Message(
            "decide.remedy.point", {"area": area(max(amounts.values()))}),
            (Message("decide.remedy.conditions"),))
        steps = [step, *([bought] if bought else [])]
        return steps if self._passes(start, *steps) else []

    def _floor(self, start: Branch) -> list[Step]:
        whole = start.sites[self.project_id].area_dm2
        if whole < 2 or not self._passes(start, self._saving(whole - 1)):
            return []
        low, high = 0, whole - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._passes(start, self._saving(middle)) \
                else (middle, high)
        return [self._saving(high)]

    def _saving(self, saved_dm2: int) -> Step:
        action = StandardFloor(id=self._name("floor"), project=self.project_id, saves=saved_dm2)
        return Step("floor", action, Quantity(saved_dm2, "dm2"),
                     Message("decide.remedy.floor", {"area": area(saved_dm2)}))


def _away(number: int, metres: int) -> tuple[float, float]:
    """Metres east and north, to the millimetre, in a direction counted clockwise from north."""
    angle = 2 * math.pi * number / DIRECTIONS
    return round(metres * math.sin(angle), 3), round(metres * math.cos(angle), 3)


__all__ = ["BOUGHT", "DIRECTIONS", "RINGS_M", "Remedy", "Search"]
