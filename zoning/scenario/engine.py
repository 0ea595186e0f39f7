"""Run a scenario: pure, deterministic, the same answer to the byte for the same input.

Projects take their turn in order of rank. One that passes, or is undecided, reserves what it would
draw, so that the next sees what is really left; one that fails reserves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from zoning.codes.project_kinds import ProjectKind
from zoning.codes.reader import LandClasses, QuotaKind
from zoning.errors import ScenarioError
from zoning.ledger.model import LotBalance
from zoning.measure.facts import LayerEdition, SiteFacts
from zoning.rules.book import RuleBook
from zoning.scenario.availability import NOTHING_SHARED, Draw, Shared, Stock, draw, stock
from zoning.scenario.findings.approvals import approval_findings
from zoning.scenario.findings.boundary import boundary_findings
from zoning.scenario.findings.cap import ASKED as CAP_RULES
from zoning.scenario.findings.cap import cap_findings, capped_dm2
from zoning.scenario.findings.case import Case
from zoning.scenario.findings.lines import line_findings
from zoning.scenario.findings.quota import Needs, quota_findings, quota_needs
from zoning.scenario.findings.shape import shape_findings
from zoning.scenario.findings.site import land_named, shared_findings, site_findings
from zoning.scenario.findings.standards import standard_findings
from zoning.scenario.findings.use import use_findings
from zoning.scenario.land import class_lines, land_taken
from zoning.scenario.model import Project, Scenario
from zoning.scenario.money import land_account, with_quota
from zoning.scenario.outcome import (
    ClassLine,
    Finding,
    MoneyAccount,
    Outcome,
    ProjectOutcome,
    Status,
)

NO_KINDS: Mapping[str, ProjectKind] = {}

Family = Callable[[Case], tuple[Finding, ...]]
BEFORE_QUOTA: tuple[Family, ...] = (
    site_findings, line_findings, boundary_findings, use_findings, standard_findings,
    shape_findings,
)
AFTER_QUOTA: tuple[Family, ...] = (approval_findings,)
"""Families of findings that do not ask the pools, in the order in which they are told."""


@dataclass(frozen=True)
class Law:
    """What projects are judged by, whatever the day: rules and code lists."""

    rules: RuleBook
    classes: LandClasses
    quota_kinds: Mapping[str, QuotaKind]
    project_kinds: Mapping[str, ProjectKind]


@dataclass(frozen=True)
class Examined:
    """A project under the law of a day: everything that does not depend on what the pools have."""

    case: Case
    needed: Needs
    before: tuple[Finding, ...]
    after: tuple[Finding, ...]
    given: tuple[Finding, ...] = ()

    @cached_property
    def classes(self) -> tuple[ClassLine, ...]:
        """The land of the site by class."""
        return class_lines(self.case.taken)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings so far; those on quota and on the cap of the year come with `settle`."""
        return (*self.before, *self.needed.findings, *self.after)

    @cached_property
    def land(self) -> Mapping[tuple[str, str], str]:
        """The land it takes whole, by layer and feature."""
        return land_named(self.case)

    @cached_property
    def costs(self) -> MoneyAccount:
        """What it costs whatever lots it draws."""
        return land_account(self.case)

    @cached_property
    def capped_dm2(self) -> int:
        """The farmland that counts towards the cap of its year."""
        return capped_dm2(self.case)


def run(
    scenario: Scenario,
    facts: Mapping[str, SiteFacts],
    lots: Sequence[LotBalance],
    rules: RuleBook,
    classes: LandClasses,
    kinds: Mapping[str, QuotaKind],
    *,
    project_kinds: Mapping[str, ProjectKind] = NO_KINDS,
    ledger_position: int = 0,
    shared: Shared = NOTHING_SHARED,
) -> Outcome:
    """Judge every project of a scenario.

    `facts` holds the measured site of each project by its id; `lots` is the book at the decision
    date; `kinds` are the quota kinds; `project_kinds` give the kinds their names (a code stands for
    itself without). `shared` is the land that sites have in common, by area. Projects are answered
    in the order of the scenario. Nothing given is changed.

    Raises ScenarioError for a project without facts, RuleBookError for a debit rule that names an
    unknown quota kind.
    """
    require_facts(scenario, facts)
    law = Law(rules, classes, kinds, project_kinds)
    on, place = scenario.decision_date, scenario.place
    examined = [examine(case_of(project, facts[project.id], law, on=on, place=place))
                for project in scenario.projects]
    return conclude(scenario, turns(examined, stock(lots, place=place, on=on, shared=shared)),
                    rules_sha256=rules.digest, ledger_position=ledger_position)


def case_of(
    project: Project, facts: SiteFacts, law: Law, *, on: date, place: str
) -> Case:
    """A project on a day at a place, with the land its site takes."""
    return Case(project, facts, land_taken(facts, law.classes, on), on, place, law.rules,
                law.quota_kinds, law.project_kinds)


def examine(case: Case, *, given: tuple[Finding, ...] = ()) -> Examined:
    """Judge everything but the pools. `given` are findings stated from outside, told first.

    The rules of the cap are asked too, so that the case knows all that its verdict rests on.
    """
    for rule_id in CAP_RULES:
        case.rule(rule_id)
    before = (*given, *(each for family in BEFORE_QUOTA for each in family(case)))
    return Examined(case, quota_needs(case), before,
                    tuple(each for family in AFTER_QUOTA for each in family(case)), given)


def settle(examined: Examined, have: Stock) -> tuple[ProjectOutcome, Stock]:
    """The verdict against what the pools have, and what they have after it."""
    case, needed = examined.case, examined.needed
    drawn = draw(case.project, needed.needs, have)
    shared = shared_findings(case, have.given, have.taken_of(case.project.id))
    findings = (*examined.before, *shared, *needed.findings,
                *quota_findings(case, needed.needs, drawn.lines),
                *cap_findings(case, examined.capped_dm2, have.farmland_dm2), *examined.after)
    answer = _answer(examined, findings, drawn)
    if answer.verdict is Status.FAIL:
        return answer, have
    return answer, have.after(drawn.drawn, farmland_dm2=examined.capped_dm2,
                              given=examined.land, by=case.project.id)


@dataclass(frozen=True)
class Turn:
    """One project's turn at the pools: what they had before it and after it, and the answer."""

    examined: Examined
    before: Stock
    answer: ProjectOutcome
    after: Stock


def turns(
    examined: Iterable[Examined], have: Stock, known: Sequence[Turn] = ()
) -> tuple[Turn, ...]:
    """Let projects take their turns at the pools, by rank.

    `known` are turns taken before: where the same project meets the same pools again, the same
    answer stands and is not worked out anew.
    """
    found: list[Turn] = []
    for number, each in enumerate(in_turn(examined)):
        turn = known[number] if number < len(known) else None
        if turn is None or turn.examined is not each or turn.before != have:
            answer, after = settle(each, have)
            priced = replace(answer, money=with_quota(each.costs, answer.needs, have.by_id))
            turn = Turn(each, have, priced, after)
        found.append(turn)
        have = turn.after
    return tuple(found)


def conclude(
    scenario: Scenario, taken: Sequence[Turn], *, rules_sha256: str = "", ledger_position: int = 0,
    is_planned: bool = False,
) -> Outcome:
    """The outcome of a scenario whose projects have taken their turns.

    `is_planned` says that its inflows and actions are in it; else the outcome names them.
    """
    answers = {turn.answer.project_id: turn.answer for turn in taken}
    ordered = tuple(answers[project.id] for project in scenario.projects)
    return Outcome(
        scenario.id, scenario.name, scenario.decision_date, scenario.place, ordered,
        _editions(each.facts for each in ordered), rules_sha256, ledger_position,
        () if is_planned else scenario.planned,
    )


def in_turn(examined: Iterable[Examined]) -> list[Examined]:
    """Projects by rank; equal ranks in the order of the scenario."""
    return sorted(examined, key=lambda each: each.case.project.rank)


def verdict(findings: Iterable[Finding]) -> Status:
    """Fail outweighs undecided, undecided outweighs pass; facts decide nothing."""
    states = {finding.status for finding in findings}
    return next((s for s in (Status.FAIL, Status.UNDECIDED) if s in states), Status.PASS)


def _answer(examined: Examined, findings: tuple[Finding, ...], drawn: Draw) -> ProjectOutcome:
    open_findings = [each for each in findings if each.status is Status.UNDECIDED]
    missing = tuple(dict.fromkeys(token for each in open_findings for token in each.missing))
    case, project = examined.case, examined.case.project
    return ProjectOutcome(project.id, project.name, project.kind, project.path,
                          verdict(findings), case.facts, examined.classes, findings,
                          drawn.lines, missing)


def require_facts(scenario: Scenario, facts: Mapping[str, SiteFacts]) -> None:
    """Raise ScenarioError naming the projects whose site was not measured."""
    without = [project.id for project in scenario.projects if project.id not in facts]
    if without:
        raise ScenarioError("scenario.no_facts", projects=without)


def _editions(facts: Iterable[SiteFacts]) -> tuple[LayerEdition, ...]:
    found = {edition for each in facts for edition in each.editions}
    return tuple(sorted(found, key=lambda each: (each.role, each.edition, each.sha256)))


__all__ = [
    "AFTER_QUOTA", "BEFORE_QUOTA", "Examined", "Law", "Turn", "case_of", "conclude", "examine",
    "in_turn", "require_facts", "run", "settle", "turns", "verdict",
]
