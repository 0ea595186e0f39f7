"""From a branch to a portfolio: which projects may go where, in which slot, on which quota.

The engine examines every site of every project under the law of every slot. What fails closes the
option and is kept by name, so that it can be told what a rule costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from zoning.ledger.model import Lot
from zoning.measure.facts import SiteFacts
from zoning.portfolio.problem import Act, Borrowing, Option, Problem, Slot, Source, Task
from zoning.rules.book import RuleBook
from zoning.rules.model import contains, exact
from zoning.scenario.actions import Branch, Done, Ground, Supply, apply
from zoning.scenario.availability import is_alive, may_use
from zoning.scenario.engine import Examined, Law
from zoning.scenario.findings.cap import CAP, REGIME, TAKEN
from zoning.scenario.horizon import Examine
from zoning.scenario.model import Project, Scenario
from zoning.scenario.money import money_account
from zoning.scenario.outcome import Finding, Status
from zoning.scenario.planned import Action, StartLater
from zoning.scenario.terms import Terms
from zoning.units import DM2_PER_HA, round_half_up

OWN = "own"
"""The label of a project's own site."""


@dataclass(frozen=True)
class Variant:
    """A project as it may be: on a site, perhaps after an action."""

    project: Project
    facts: SiteFacts
    site: str
    act: str | None = None
    value: int | None = None
    given: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Setting:
    """A scenario made ready to be chosen from.

    `branch` has what is decided already; `acts` are the actions to choose among and `dead` those
    that cannot be done. `supplies` are those of `Problem.sources`, in their order.
    """

    scenario: Scenario
    branch: Branch
    variants: tuple[Variant, ...]
    acts: tuple[Action, ...]
    supplies: tuple[Supply, ...]
    problem: Problem
    dead: tuple[Done, ...] = ()
    undecided: Mapping[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)

    def variant(self, option: Option) -> Variant:
        """The variant behind an option."""
        task = self.problem.tasks[option.task].id
        return next(each for each in self.variants
                    if each.project.id == task and each.site == option.site)


def slots_of(
    branch: Branch, years: Sequence[int], changes: Iterable[date],
) -> tuple[Slot, ...]:
    """The last days before something is lost, and of every year; see `problem`."""
    first, last = branch.decision_date, date(years[-1], 12, 31)
    days = {date(year, 12, 31) for year in years}
    days |= {each.lot.expires for each in branch.supplies if each.lot.expires}
    days |= {each.due for each in branch.projects if each.due}
    days |= {each - timedelta(days=1) for each in changes}
    ends = sorted(day for day in days if first <= day <= last)
    return tuple(Slot(start, end) for start, end in zip(
        [first, *(day + timedelta(days=1) for day in ends)], ends, strict=False))


def changes_of(rules: RuleBook, place: str) -> set[date]:
    """The days from which the law at a place is another, or what things cost."""
    counting = [each for each in rules.rules if contains(each.place, place)]
    return {each.valid_from for each in counting if each.valid_from} | {
        each.valid_to + timedelta(days=1) for each in counting if each.valid_to}


def setting_of(
    scenario: Scenario, branch: Branch, others: Sequence[Variant], actions: Sequence[Action],
    law: Law, ground: Ground, examine: Examine, *, cliques: Iterable[frozenset[tuple[str, str]]],
) -> Setting:
    """A portfolio of a branch on which only what is fixed has been done.

    `others` are candidate sites, `actions` what may be chosen besides, `cliques` sites as (project,
    site) on land of which only one can be built on.
    """
    tried = [(action, apply(branch, action, law, ground)) for action in actions
             if not isinstance(action, StartLater)]
    failed = tuple(after.done[-1] for _, after in tried if after.done[-1].status is Status.FAIL)
    able = [(action, after) for action, after in tried
            if after.done[-1].status is not Status.FAIL]
    variants = (*_own(branch), *others, *_acted(branch, others, able, law, ground))
    supplies = (*branch.supplies, *(each for _, after in able
                                    for each in after.supplies[len(branch.supplies):]))
    whole = replace(branch, supplies=supplies)
    slots = slots_of(whole, scenario.horizon, changes_of(law.rules, branch.place))
    maker = _Maker(whole, slots, scenario, variants, law, examine,
                   {action.id: number for number, (action, _) in enumerate(able)})
    problem = maker.problem([_act(action, after, branch) for action, after in able], cliques)
    return Setting(scenario, branch, variants, tuple(action for action, _ in able), supplies,
                   problem, failed, maker.open)


def _own(branch: Branch) -> tuple[Variant, ...]:
    return tuple(Variant(each, branch.sites[each.id], OWN, None, None,
                         branch.given.get(each.id, ())) for each in branch.projects)


def _acted(
    branch: Branch, others: Sequence[Variant], able: Sequence[tuple[Action, Branch]], law: Law,
    ground: Ground,
) -> list[Variant]:
    """Projects as actions would make them; point supply on each of the project's sites."""
    found = []
    for action, after in able:
        for name in action.projects:
            found.append(_after(after, name, action, f"{OWN}+{action.id}"))
            if action.do != "point_supply":
                continue
            for each in others:
                if each.project.id == name:
                    there = branch.with_project(each.project, each.facts)
                    found.append(_after(apply(there, action, law, ground), name, action,
                                        f"{each.site}+{action.id}", each.value))
    return found


def _after(
    after: Branch, name: str, action: Action, site: str, value: int | None = None
) -> Variant:
    return Variant(after.project(name), after.sites[name], site, action.id, value,
                   after.given.get(name, ()))


def _act(action: Action, after: Branch, branch: Branch) -> Act:
    new = {plot for plot in after.taken if plot not in branch.taken}
    return Act(action.id, action.do, action.cost_yuan or 0,
               (action.on or branch.decision_date).year,
               tuple(sorted(f"{what}:{plot}" for what, plot in new)))


class _Maker:
    """Examines variants and writes them down as options."""

    def __init__(
        self, branch: Branch, slots: tuple[Slot, ...], scenario: Scenario,
        variants: Sequence[Variant], law: Law, examine: Examine, acts: Mapping[str, int],
    ) -> None:
        self.branch, self.slots, self.scenario, self.law = branch, slots, scenario, law
        self.variants, self.examine, self.acts = variants, examine, acts
        self.users: dict[frozenset[int], int] = {}
        self.known: dict[object, int] = {}
        self.open: dict[tuple[int, str], tuple[str, ...]] = {}

    def problem(
        self, acts: Sequence[Act], cliques: Iterable[frozenset[tuple[str, str]]]
    ) -> Problem:
        scenario, kinds = self.scenario, self.law.quota_kinds
        tasks = tuple(Task(each.id, each.must) for each in self.branch.projects)
        number = {each.id: at for at, each in enumerate(tasks)}
        options = tuple(self._options(number))
        terms = scenario.portfolio
        return Problem(
            self.slots, tasks, options,
            tuple(self._source(each, terms) for each in self.branch.supplies),
            tuple(self.users), tuple(acts),
            tuple(frozenset((number[name], site) for name, site in each) for each in cliques),
            annual_caps(self.law.rules, self.branch.place, self.slots),
            tuple(Borrowing(each.kind, each.pool, each.year, each.amounts)
                  for each in terms.borrow),
            terms.budget_yuan, {int(year): yuan for year, yuan in terms.budgets_yuan.items()},
            {(kind.code, each.code): each.unit for kind in kinds.values()
             for each in kind.components},
            {kind.code: kind.components[0].code for kind in kinds.values()},
            ("must", *terms.goals, "early"))

    def _options(self, number: Mapping[str, int]) -> Iterable[Option]:
        for variant in self.variants:
            for slot, each in enumerate(self.slots):
                yield self._option(number[variant.project.id], variant, slot, each)

    def _option(self, task: int, variant: Variant, slot: int, when: Slot) -> Option:
        examined = self.examine(variant.project, variant.facts, when.day, self.branch.place,
                                variant.given)
        if missing := tuple(dict.fromkeys(
                token for each in examined.findings if each.status is Status.UNDECIDED
                for token in each.missing)):
            self.open[task, variant.site] = missing
        needs = {(need.kind.code, code): amount for need in examined.needed.needs
                 for code, amount in need.amounts.items() if amount}
        return Option(
            task, variant.site, slot, self._worth(variant, when), needs,
            self._user(variant.project), money_account(examined.case).high_yuan,
            examined.capped_dm2, None if variant.act is None else self.acts[variant.act],
            self._breaks(variant.project, examined, when))

    def _worth(self, variant: Variant, when: Slot) -> int:
        project = variant.project
        worth = project.value if variant.value is None else variant.value
        return max(0, worth - project.later * (when.year - self.slots[0].year))

    def _user(self, project: Project) -> int:
        key = project.kind, project.pools
        if key not in self.known:
            usable = frozenset(
                at for at, each in enumerate(self.branch.supplies)
                if may_use(project, each.lot, self.branch.place))
            self.known[key] = self.users.setdefault(usable, len(self.users))
        return self.known[key]

    def _breaks(self, project: Project, examined: Examined, when: Slot) -> frozenset[str]:
        """The rules an option breaks: failing findings, and the project's own days."""
        found = {each.id for each in examined.findings if each.status is Status.FAIL}
        if project.start and project.start > when.day:
            found.add(f"start:{project.id}")
        if project.due and project.due < max(when.first, project.start or when.first):
            found.add(f"due:{project.id}")
        return frozenset(found)

    def _source(self, supply: Supply, terms: Terms) -> Source:
        lot = supply.lot
        slots = range(len(self.slots))
        opens = next((at for at in slots if self.slots[at].day >= supply.day), len(self.slots))
        closes = max((at for at in slots if is_alive(lot, self.slots[at].day)), default=-1)
        is_expected = supply.likelihood_1e4 is not None
        act = self.acts.get(supply.source)
        lent = act is None and is_expected
        advance = tuple(at for at in slots if at < opens and lent and any(
            (each.kind, each.pool, each.year) ==
            (lot.account.kind, lot.account.pool, self.slots[at].year)
            and supply.day.year == each.year + 1 for each in terms.borrow))
        first = self.law.quota_kinds[lot.account.kind].components[0].code
        return Source(lot.lot_id, lot.account.kind, _pool(lot, self.branch.place), opens, closes,
                      dict(supply.amounts), act, self._price(supply), first, advance,
                      is_expected)

    def _price(self, supply: Supply) -> int:
        """The price of a mu; none where the action that brings the lot has its own."""
        return 0 if supply.source in self.acts else supply.lot.unit_cost_yuan or 0


def annual_caps(rules: RuleBook, place: str, slots: Sequence[Slot]) -> dict[int, int]:
    """The farmland that may still be taken in each year that has a known cap, dm²."""
    caps: dict[int, int] = {}
    for slot in slots:
        regime, cap, taken = (rules.look_up(name, on=slot.day, place=place)
                              for name in (REGIME, CAP, TAKEN))
        cap_ha, taken_ha = (exact(each.value) if each else None for each in (cap, taken))
        if regime and "cap" in str(regime.value) and cap_ha is not None and taken_ha is not None:
            caps[slot.year] = max(0, round_half_up((cap_ha - taken_ha) * DM2_PER_HA))
    return caps


def _pool(lot: Lot, at: str) -> str:
    account = lot.account
    return account.pool if account.place == at else f"{account.place}:{account.pool}"


__all__ = ["OWN", "Setting", "Variant", "annual_caps", "changes_of", "setting_of", "slots_of"]
