"""The engine carries a proposed plan out, and every number is compared.

The projects that were chosen, on their sites and after their actions, are run through the years
like
any branch. They first may go as early in their slot as they can; where that leaves too little for a
later one, on the slot's last day; and where the order of the book's lots stands in the way, drawing
on the pools that the proposal names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from zoning.portfolio.highs import SolverError
from zoning.portfolio.matrix import Matrix
from zoning.portfolio.options import Setting
from zoning.portfolio.problem import Key, Option, Problem
from zoning.portfolio.solve import Choice
from zoning.scenario.actions import Branch, Ground, Supply, apply
from zoning.scenario.costs import PlanCosts, plan_costs
from zoning.scenario.engine import Law
from zoning.scenario.horizon import Examine, Timeline, horizon
from zoning.scenario.model import Project

WAYS = ("early", "late", "pools")


@dataclass(frozen=True)
class Chosen:
    """What a choice means: options and actions by number, and draws by user, lot, part, slot."""

    options: tuple[int, ...]
    acts: tuple[int, ...]
    draws: Mapping[tuple[int, int, str, int], int]


@dataclass(frozen=True)
class Agreement:
    """One number of the proposal beside the engine's."""

    name: str
    proposed: int
    engine: int
    slack: int = 0

    @property
    def holds(self) -> bool:
        """Whether they agree; `slack` is what rounding of parts may make of it."""
        return abs(self.proposed - self.engine) <= self.slack


@dataclass(frozen=True)
class Carried:
    """A plan as the engine carried it out: the years, the money, the numbers compared."""

    chosen: Chosen
    branch: Branch
    timeline: Timeline
    costs: PlanCosts
    agreements: tuple[Agreement, ...]
    way: str


def chosen_of(matrix: Matrix, choice: Choice | Sequence[int]) -> Chosen:
    """The columns that are chosen, by what they mean; actions that nothing hangs on are not."""
    values = choice.values if isinstance(choice, Choice) else choice
    found = [(name, value) for name, value in zip(matrix.columns, values, strict=True) if value]
    options = tuple(name[1] for name, _ in found if name[0] == "x")
    draws = {(name[1], name[2], name[3], name[4]): value
             for name, value in found if name[0] == "u"}
    needed = {matrix.problem.options[each].act for each in options}
    needed |= {matrix.problem.sources[lot].act for _, lot, _, _ in draws}
    return Chosen(options, tuple(name[1] for name, _ in found
                                 if name[0] == "y" and name[1] in needed), draws)


def carry_out(
    setting: Setting, chosen: Chosen, law: Law, ground: Ground, examine: Examine
) -> Carried:
    """Run a plan in the engine.

    Raises SolverError where it does not carry out every project in its slot with its quota.
    """
    faults: list[str] = []
    for way in WAYS:
        branch = proposal(setting, chosen, law, ground, way)
        line = horizon(branch, setting.scenario.horizon, law.rules, examine)
        faults = _faults(setting.problem, chosen, line)
        if not faults:
            costs = plan_costs(line, (each.lot for each in branch.supplies), branch.done)
            return Carried(chosen, branch, line, costs,
                           _agreements(setting.problem, chosen, line, costs), way)
    raise SolverError("portfolio.disagrees", projects=faults[:8])


def proposal(
    setting: Setting, chosen: Chosen, law: Law, ground: Ground, way: str = "early"
) -> Branch:
    """The branch that a plan makes: actions done, projects on their sites, in their slots."""
    options = sorted((setting.problem.options[each] for each in chosen.options),
                     key=lambda each: (each.slot, len(setting.problem.users[each.user]),
                                       each.task))
    goes = {setting.problem.tasks[each.task].id for each in options}
    base = setting.branch
    branch = replace(base, supplies=tuple(_lent(setting, chosen)),
                     projects=tuple(each for each in base.projects if each.id in goes),
                     sites={name: facts for name, facts in base.sites.items() if name in goes})
    for act in chosen.acts:
        branch = apply(branch, setting.acts[act], law, ground)
    named = _pools(setting.problem, chosen) if way == "pools" else {}
    for rank, option in enumerate(options, start=1):
        variant = setting.variant(option)
        project = _placed(setting.problem, option, variant.project, rank, way)
        if option.task in named:
            project = project.model_copy(update={"pools": named[option.task]})
        branch = branch.with_project(project, variant.facts)
        branch = replace(branch, given={**branch.given, project.id: variant.given})
    return branch


def _placed(problem: Problem, option: Option, project: Project, rank: int, way: str) -> Project:
    slot = problem.slots[option.slot]
    first = slot.first if way == "early" else slot.day
    start = max(first, project.start or date.min)
    due = min(slot.day, project.due or date.max)
    return project.model_copy(update={"rank": rank, "start": min(start, due), "due": due})


def _lent(setting: Setting, chosen: Chosen) -> list[Supply]:
    """The supplies of the branch; what is drawn in advance comes in that much earlier."""
    early: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (_, lot, component, slot), amount in chosen.draws.items():
        if slot in setting.problem.sources[lot].advance:
            early[lot, slot][component] += amount
    found = []
    for lot, supply in enumerate(setting.branch.supplies):
        lent = {slot: dict(parts) for (at, slot), parts in early.items() if at == lot}
        less = {code: amount - sum(parts.get(code, 0) for parts in lent.values())
                for code, amount in supply.amounts.items()}
        found.append(replace(supply, amounts=less) if lent else supply)
        for slot, parts in sorted(lent.items()):
            before = replace(supply.lot, lot_id=f"{supply.lot.lot_id}~{slot}")
            found.append(replace(supply, lot=before, amounts=parts,
                                 day=setting.problem.slots[slot].first))
    return found


def _pools(problem: Problem, chosen: Chosen) -> dict[int, tuple[str, ...]]:
    """The pools that each project draws on: its user's draws of the slot, given out in turn."""
    left = dict(chosen.draws.items())
    named: dict[int, dict[str, None]] = defaultdict(dict)
    for number in chosen.options:
        option = problem.options[number]
        for (kind, component), amount in option.needs.items():
            short = amount
            for key, there in list(left.items()):
                source = problem.sources[key[1]]
                if (key[0], key[2], key[3], source.kind) == (option.user, component, option.slot,
                                                             kind) and (taken := min(short, there)):
                    left[key], short = there - taken, short - taken
                    named[option.task][source.pool.rsplit(":", 1)[-1]] = None
    return {task: tuple(pools) for task, pools in named.items()}


def _faults(problem: Problem, chosen: Chosen, line: Timeline) -> list[str]:
    """Projects that the engine does not let go in their slot, and quota drawn otherwise."""
    found = []
    for number in chosen.options:
        option = problem.options[number]
        slot, name = problem.slots[option.slot], problem.tasks[option.task].id
        going = line.of(name)
        if going.day is None or not slot.first <= going.day <= slot.day:
            found.append(name)
    engine = _engine_drawn(line)
    return found or [f"{key}: {amount} / {engine.get(key, 0)}"
                     for key, amount in _drawn(problem, chosen).items()
                     if amount != engine.get(key, 0)]


def _drawn(problem: Problem, chosen: Chosen) -> dict[tuple[int, str, str], int]:
    """What the options need, by year, kind and component."""
    total: dict[tuple[int, str, str], int] = defaultdict(int)
    for number in chosen.options:
        option = problem.options[number]
        for (kind, component), amount in option.needs.items():
            total[problem.slots[option.slot].year, kind, component] += amount
    return dict(total)


def _engine_drawn(line: Timeline) -> dict[tuple[int, str, str], int]:
    total: dict[tuple[int, str, str], int] = defaultdict(int)
    for each in line.years:
        total[each.year, each.kind, each.component] += each.drawn
    return dict(total)


def _agreements(
    problem: Problem, chosen: Chosen, line: Timeline, costs: PlanCosts
) -> tuple[Agreement, ...]:
    """Projects, value, quota by component, money: the proposal beside the engine."""
    options = [problem.options[each] for each in chosen.options]
    goes = {each.project_id: each for each in line.going if each.day is not None}
    value = sum(option.value for option in options
                if problem.slots[option.slot].year == goes[problem.tasks[option.task].id].year)
    proposed, engine = _by_key(_drawn(problem, chosen)), _by_key(_engine_drawn(line))
    lines = sum(len(each.lines) for each in costs.projects.values())
    return (
        Agreement("projects", len(options), len(goes)),
        Agreement("value", sum(each.value for each in options), value),
        *(Agreement(f"{kind}.{part}", amount, engine.get((kind, part), 0))
          for (kind, part), amount in sorted(proposed.items())),
        Agreement("money_yuan", proposed_yuan(problem, chosen), costs.high_yuan, lines))


def proposed_yuan(problem: Problem, chosen: Chosen) -> int:
    """The money of a choice: projects, actions and the price of what is drawn."""
    total = sum(problem.options[each].money_yuan for each in chosen.options)
    total += sum(problem.acts[each].cost_yuan for each in chosen.acts)
    priced = sum(amount * 3 * problem.sources[lot].price_yuan
                 for (_, lot, component, _), amount in chosen.draws.items()
                 if component == problem.sources[lot].first)
    return total + (priced + 100_000) // 200_000


def _by_key(by_year: Mapping[tuple[int, str, str], int]) -> dict[Key, int]:
    total: dict[Key, int] = defaultdict(int)
    for (_, kind, component), amount in by_year.items():
        total[kind, component] += amount
    return dict(total)


__all__ = ["Agreement", "Carried", "Chosen", "carry_out", "chosen_of", "proposal",
           "proposed_yuan"]
