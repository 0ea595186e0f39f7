"""Run a scenario: pure, deterministic, the same answer to the byte for the same input.

Projects take their turn in order of rank. One that passes, or is undecided, reserves what it would
draw, so that the next sees what is really left; one that fails reserves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from zoning.codes.project_kinds import ProjectKind
from zoning.codes.reader import LandClasses, QuotaKind
from zoning.errors import ScenarioError
from zoning.ledger.model import LotBalance
from zoning.measure.facts import LayerEdition, SiteFacts
from zoning.rules.book import RuleBook
from zoning.scenario.availability import Draw, Stock, draw, stock
from zoning.scenario.findings.approvals import approval_findings
from zoning.scenario.findings.case import Case
from zoning.scenario.findings.lines import line_findings
from zoning.scenario.findings.quota import quota_findings, quota_needs
from zoning.scenario.findings.site import site_findings
from zoning.scenario.land import class_lines, land_taken
from zoning.scenario.model import Project, Scenario
from zoning.scenario.outcome import Finding, Outcome, ProjectOutcome, Status

NO_KINDS: Mapping[str, ProjectKind] = {}


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
) -> Outcome:
    """Judge every project of a scenario.

    `facts` holds the measured site of each project by its id; `lots` is the book at the decision
    date; `kinds` are the quota kinds; `project_kinds` give the kinds their names (a code stands for
    itself without). Projects are answered in the order of the scenario. Nothing given is changed.

    Raises ScenarioError for a project without facts, RuleBookError for a debit rule that names an
    unknown quota kind.
    """
    _require_facts(scenario, facts)
    have = stock(lots, place=scenario.place, on=scenario.decision_date)
    answers: dict[str, ProjectOutcome] = {}
    for project in _in_turn(scenario.projects):
        case = Case(project, facts[project.id], land_taken(facts[project.id], classes,
                                                              scenario.decision_date),
                    scenario.decision_date, scenario.place, rules, kinds, project_kinds)
        answers[project.id], have = _judge(case, have)
    return Outcome(
        scenario.id, scenario.name, scenario.decision_date, scenario.place,
        tuple(answers[project.id] for project in scenario.projects),
        _editions(facts[project.id] for project in scenario.projects),
        rules.digest, ledger_position,
    )


def verdict(findings: Iterable[Finding]) -> Status:
    """Fail outweighs undecided, undecided outweighs pass; facts decide nothing."""
    states = {finding.status for finding in findings}
    return next((s for s in (Status.FAIL, Status.UNDECIDED) if s in states), Status.PASS)


def _judge(case: Case, have: Stock) -> tuple[ProjectOutcome, Stock]:
    needed = quota_needs(case)
    drawn = draw(case.project, needed.needs, have)
    findings = (*site_findings(case), *line_findings(case), *needed.findings,
                *quota_findings(case, needed.needs, drawn.lines), *approval_findings(case))
    answer = _answer(case, findings, drawn)
    return answer, have if answer.verdict is Status.FAIL else have.after(drawn.drawn)


def _answer(case: Case, findings: tuple[Finding, ...], drawn: Draw) -> ProjectOutcome:
    open_findings = [each for each in findings if each.status is Status.UNDECIDED]
    missing = tuple(dict.fromkeys(token for each in open_findings for token in each.missing))
    project = case.project
    return ProjectOutcome(project.id, project.name, project.kind, project.path,
                          verdict(findings), case.facts, class_lines(case.taken), findings,
                          drawn.lines, missing)


def _in_turn(projects: Sequence[Project]) -> list[Project]:
    return sorted(projects, key=lambda project: project.rank)


def _require_facts(scenario: Scenario, facts: Mapping[str, SiteFacts]) -> None:
    without = [project.id for project in scenario.projects if project.id not in facts]
    if without:
        raise ScenarioError("scenario.no_facts", projects=without)


def _editions(facts: Iterable[SiteFacts]) -> tuple[LayerEdition, ...]:
    found = {edition for each in facts for edition in each.editions}
    return tuple(sorted(found, key=lambda each: (each.role, each.edition, each.sha256)))


__all__ = ["run", "verdict"]
