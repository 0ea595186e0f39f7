"""Years of a plan: when each project can go, what the pools have, what lapses.

Time runs over checkpoints: the decision date, the first day of every later year, and every day in
between on which quota comes in, a project may start, or a rule changes. On each, the projects that
wait take their turns by rank, under the law of that day. A project that no longer fails goes, and
has its quota from then on; a day on which nothing new came is not asked twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Protocol

from zoning.ledger.model import Lot
from zoning.measure.facts import SiteFacts
from zoning.rules.book import RuleBook
from zoning.rules.model import contains
from zoning.scenario.actions import Branch, Supply
from zoning.scenario.availability import Stock, is_alive, stock
from zoning.scenario.engine import Examined, settle, verdict
from zoning.scenario.model import Project
from zoning.scenario.outcome import Finding, ProjectOutcome, Status

NOTHING: frozenset[str] = frozenset()


class Examine(Protocol):
    """Examines a project on a day; the caller may remember what it was asked before."""

    def __call__(
        self, project: Project, facts: SiteFacts, on: date, place: str,
        given: tuple[Finding, ...] = (),
    ) -> Examined:
        """The project under the law of the day."""
        ...


@dataclass(frozen=True)
class Wait:
    """Why a project did not go in a year: the findings that failed on its last day asked.

    `reason` is ``findings``, ``start`` (it may not start yet) or ``due`` (its last day is past).
    """

    year: int
    day: date
    reason: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Going:
    """The first day a project can go, None where not within the horizon, and why not earlier.

    `answer` is the engine's answer on that day, or on the last one asked; None where it was never
    asked. `relies_on` names the inflows and actions, not in the book, whose lots it would draw.
    """

    project_id: str
    day: date | None
    status: Status
    answer: ProjectOutcome | None
    relies_on: tuple[str, ...] = ()
    waits: tuple[Wait, ...] = ()
    examined: Examined | None = field(default=None, repr=False, compare=False)

    @property
    def year(self) -> int | None:
        """The first year it can go."""
        return None if self.day is None else self.day.year


@dataclass(frozen=True)
class YearLine:
    """One component of one pool in one year.

    ``carried + booked + expected = drawn + lapsed + left``. What the book has on the decision date
    is booked in the first year.
    """

    year: int
    kind: str
    component: str
    pool: str
    carried: int
    booked: int
    expected: int
    drawn: int
    lapsed: int
    left: int


@dataclass(frozen=True)
class Wanted:
    """What the projects of a year need of one component: of those that go, of those that wait.

    None where a need cannot be computed.
    """

    year: int
    kind: str
    component: str
    unit: str
    going: int | None
    waiting: int | None


@dataclass(frozen=True)
class Timeline:
    """One run through the years."""

    going: tuple[Going, ...]
    years: tuple[YearLine, ...]
    wanted: tuple[Wanted, ...]

    def of(self, project_id: str) -> Going:
        """The answer for one project. Raises KeyError for an unknown one."""
        return {each.project_id: each for each in self.going}[project_id]


def checkpoints(branch: Branch, years: Sequence[int], rules: RuleBook) -> tuple[date, ...]:
    """The days on which projects are asked, see the module."""
    first, last = branch.decision_date, date(years[-1], 12, 31)
    days = {first, *(date(year, 1, 1) for year in years[1:])}
    days |= {each.day for each in branch.supplies}
    days |= {each.start for each in branch.projects if each.start}
    days |= {*law_changes(rules, branch.place), *conversions(branch)}
    return tuple(sorted(day for day in days if first <= day <= last))


def law_changes(rules: RuleBook, place: str) -> tuple[date, ...]:
    """The days from which the law at a place is another; what things cost decides no verdict."""
    days: set[date] = set()
    for rule in rules.rules:
        if contains(rule.place, place) and not rule.id.startswith("fee."):
            days |= {rule.valid_from} if rule.valid_from else set()
            days |= {rule.valid_to + timedelta(days=1)} if rule.valid_to else set()
    return tuple(sorted(days))


def conversions(branch: Branch) -> frozenset[date]:
    """The days from which stock land of a site counts as construction land."""
    return frozenset(part.converted_on for facts in branch.sites.values() for part in facts.parts
                     if part.converted and part.converted_on)


def horizon(
    branch: Branch,
    years: Sequence[int],
    rules: RuleBook,
    examine: Examine,
    *,
    forgiven: Collection[str] = NOTHING,
) -> Timeline:
    """Run the projects of a branch through the years.

    `forgiven` does not count, to ask what would be without it: the id of a finding, for all or for
    one project (``<project>/<finding>``), and ``start:<project>`` or ``due:<project>``.
    """
    clock = _Clock(branch, examine, frozenset(forgiven))
    days = checkpoints(branch, years, rules)
    changes = conversions(branch).union(law_changes(rules, branch.place))
    lots = {each.lot.lot_id: each.lot for each in branch.supplies}
    lines: list[YearLine] = []
    wanted: list[Wanted] = []
    have = stock((), place=branch.place, on=days[0], shared=branch.shared)
    state = _State(have, {each.id: _Waiting() for each in branch.projects}, {})
    for year in years:
        opening, came, drawn = state.have, dict[_Cell, int](), dict[_Cell, int]()
        came_expected: dict[_Cell, int] = {}
        for day in (each for each in days if each.year == year):
            arrivals = [each for each in branch.supplies if is_alive(each.lot, day)
                        and (each.day == day or (day == days[0] and each.day < day))]
            for each in arrivals:
                _count(came if each.likelihood_1e4 is None else came_expected, each)
            new_law = day in changes or day == days[0] or (day.month, day.day) == (1, 1)
            state = clock.ask(state, day, arrivals, new_law, drawn)
        state = clock.close(state, year)
        wanted += _wanted(state, year, branch)
        lines += _year_lines(year, lots, opening, state.have, came, came_expected, drawn)
        state = replace(state, have=state.have.at(date(year + 1, 1, 1)))
    going = tuple(state.gone.get(each.id) or _never(each, state.waiting[each.id])
                  for each in branch.projects)
    return Timeline(going, tuple(lines), tuple(wanted))


# ── one day ──────────────────────────────────────────────────────────────────────────────────

_Cell = tuple[str, str]


@dataclass(frozen=True)
class _Waiting:
    """A project that has not gone: how it was examined last, and the last answer."""

    examined: Examined | None = None
    answer: ProjectOutcome | None = None
    reason: str = ""
    day: date = date.min
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True)
class _State:
    have: Stock
    waiting: Mapping[str, _Waiting]
    gone: Mapping[str, Going]


@dataclass(frozen=True)
class _Clock:
    branch: Branch
    examine: Examine
    forgiven: frozenset[str]
    by_rank: tuple[Project, ...] = field(init=False)

    def __post_init__(self) -> None:
        ranked = sorted(self.branch.projects, key=lambda each: each.rank)
        object.__setattr__(self, "by_rank", tuple(ranked))

    def ask(
        self, state: _State, day: date, arrivals: Sequence[Supply], new_law: bool,
        drawn: dict[_Cell, int],
    ) -> _State:
        """Let the projects that wait take their turns on a day."""
        have = state.have.at(day).with_more(each.balance for each in arrivals) \
            if arrivals else state.have.at(day)
        waiting, gone = dict(state.waiting), dict(state.gone)
        fresh = {each.lot.account.kind for each in arrivals}
        for project in self.by_rank:
            if project.id not in waiting:
                continue
            known = waiting[project.id]
            if reason := self._too_soon_or_late(project, day):
                waiting[project.id] = replace(known, reason=reason, day=day)
                continue
            if not (new_law or known.examined is None or _needs_any(known.examined, fresh)):
                continue
            is_new = new_law and not (known.examined and known.examined.case.is_same_on(day))
            examined, answer = self._asked(project, known, day, is_new, have)
            if answer is None or self._verdict(answer) is Status.FAIL:
                waiting[project.id] = replace(known, examined=examined, reason="findings", day=day)
                continue
            before = have
            have = have.after({(lot.lot_id, need.component): lot.drawn
                               for need in answer.needs for lot in need.lots},
                              farmland_dm2=examined.capped_dm2, given=examined.land,
                              by=project.id)
            _count_drawn(drawn, before, have)
            gone[project.id] = Going(project.id, day, self._verdict(answer), answer,
                                     self._relies_on(answer), known.waits, examined)
            del waiting[project.id]
        return _State(have, waiting, gone)

    def close(self, state: _State, year: int) -> _State:
        """The end of a year: why each project still waits, by what the pools have then."""
        waiting: dict[str, _Waiting] = {}
        for name, each in state.waiting.items():
            answer = settle(each.examined, state.have)[0] if each.examined else None
            found = self._failing(answer) if each.reason == "findings" else ()
            wait = Wait(year, each.day, each.reason, found)
            waiting[name] = replace(each, answer=answer, waits=(*each.waits, wait))
        return replace(state, waiting=waiting)

    def _too_soon_or_late(self, project: Project, day: date) -> str:
        if f"start:{project.id}" not in self.forgiven and project.start and day < project.start:
            return "start"
        if f"due:{project.id}" not in self.forgiven and project.due and day > project.due:
            return "due"
        return ""

    def _asked(
        self, project: Project, known: _Waiting, day: date, is_new: bool, have: Stock
    ) -> tuple[Examined, ProjectOutcome | None]:
        """The answer of a day, None where it plainly fails.

        Where nothing that was asked of the law has changed, it is examined anew only to go.
        """
        examined = known.examined
        if examined is not None and not is_new:
            if self._plainly_fails(examined, have):
                return examined, None
            answer, _ = settle(examined, have)
            if self._verdict(answer) is Status.FAIL:
                return examined, None
        examined = self.examine(project, self.branch.sites[project.id], day, self.branch.place,
                                self.branch.given.get(project.id, ()))
        if self._plainly_fails(examined, have):
            return examined, None
        return examined, settle(examined, have)[0]

    def _plainly_fails(self, examined: Examined, have: Stock) -> bool:
        """Whether it fails on the law, or needs more than all lots together have."""
        if self.forgiven:
            return False
        return any(each.status is Status.FAIL for each in examined.findings) or any(
            (amount or 0) > have.total(need.kind.code, component)
            for need in examined.needed.needs for component, amount in need.amounts.items())

    def _verdict(self, answer: ProjectOutcome) -> Status:
        return verdict(self._counted(answer)) if self.forgiven else answer.verdict

    def _counted(self, answer: ProjectOutcome) -> Iterator[Finding]:
        return (each for each in answer.findings if each.id not in self.forgiven
                and f"{answer.project_id}/{each.id}" not in self.forgiven)

    def _failing(self, answer: ProjectOutcome | None) -> tuple[Finding, ...]:
        found = self._counted(answer) if answer else ()
        return tuple(each for each in found if each.status is Status.FAIL)

    def _relies_on(self, answer: ProjectOutcome) -> tuple[str, ...]:
        expected = {each.lot.lot_id: each.source for each in self.branch.supplies
                    if each.likelihood_1e4 is not None}
        drawn = (lot.lot_id for need in answer.needs for lot in need.lots)
        return tuple(dict.fromkeys(expected[name] for name in drawn if name in expected))


def _needs_any(examined: Examined, kinds: Collection[str]) -> bool:
    return any(need.kind.code in kinds for need in examined.needed.needs)


def _never(project: Project, waited: _Waiting) -> Going:
    return Going(project.id, None, Status.FAIL, waited.answer, (), waited.waits)


# ── the books of a year ──────────────────────────────────────────────────────────────────────


def _count(cells: dict[_Cell, int], supply: Supply) -> None:
    for component, amount in supply.amounts.items():
        key = supply.lot.lot_id, component
        cells[key] = cells.get(key, 0) + amount


def _count_drawn(cells: dict[_Cell, int], before: Stock, after: Stock) -> None:
    for key, amount in after.left.items():
        if less := before.left.get(key, 0) - amount:
            cells[key] = cells.get(key, 0) + less


def _year_lines(
    year: int, lots: Mapping[str, Lot], opening: Stock, closing: Stock, came: Mapping[_Cell, int],
    came_expected: Mapping[_Cell, int], drawn: Mapping[_Cell, int],
) -> list[YearLine]:
    """The lots of a year by kind, component and pool; what expires by its end lapses."""
    alive = {lot.lot_id for group in closing.at(date(year + 1, 1, 1)).lots.values()
             for lot in group}
    usable = {lot.lot_id for group in opening.lots.values() for lot in group}
    sums: dict[tuple[str, str, str], list[int]] = {}
    for key in closing.left:
        lot_id, component = key
        if lot_id not in usable and key not in came and key not in came_expected:
            continue
        account = lots[lot_id].account
        pool = account.pool if account.place == closing.place else f"{account.place}:{account.pool}"
        row = sums.setdefault((account.kind, component, pool), [0] * 6)
        left = closing.left[key]
        carried = opening.left.get(key, 0) if lot_id in usable else 0
        values = (carried, came.get(key, 0), came_expected.get(key, 0), drawn.get(key, 0),
                  0 if lot_id in alive else left, left if lot_id in alive else 0)
        sums[account.kind, component, pool] = [a + b for a, b in zip(row, values, strict=True)]
    return [YearLine(year, *key, *values) for key, values in sorted(sums.items()) if any(values)]


def _wanted(state: _State, year: int, branch: Branch) -> list[Wanted]:
    going = [each.answer for each in state.gone.values() if each.answer and each.year == year]
    waiting = [state.waiting[each.id].answer for each in branch.projects
               if each.id in state.waiting]
    units: dict[tuple[str, str], str] = {}
    for need in (need for answer in (*going, *waiting) if answer for need in answer.needs):
        units[need.kind, need.component] = need.unit
    return [Wanted(year, *key, unit, _sum(going, key), _sum(waiting, key))
            for key, unit in sorted(units.items())]


def _sum(answers: Iterable[ProjectOutcome | None], key: tuple[str, str]) -> int | None:
    needs = [need.needed for answer in answers if answer for need in answer.needs
             if (need.kind, need.component) == key]
    known = [need for need in needs if need is not None]
    return sum(known) if len(known) == len(needs) else None


__all__ = ["Examine", "Going", "Timeline", "Wait", "Wanted", "YearLine", "checkpoints",
           "horizon", "law_changes"]
