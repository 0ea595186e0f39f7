"""The documents of plans: years, conflicts and remedies, differences, margins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import tomli_w

from zoning.report.documents.scenario import finding_document, money_document
from zoning.report.documents.values import (
    Json,
    amount,
    area,
    day,
    editions,
    known_area,
    quantity,
    sentence,
    share,
)
from zoning.scenario.actions import Done
from zoning.scenario.compare import Change, Difference, Value
from zoning.scenario.conflicts import Conflict
from zoning.scenario.costs import PlanCosts
from zoning.scenario.doubts import ClassMargin, InflowMargin
from zoning.scenario.horizon import Going, Timeline, Wait, Wanted, YearLine
from zoning.scenario.offsets import OffsetTest
from zoning.scenario.openings import Opening
from zoning.scenario.outcome import Quantity
from zoning.scenario.plan_remedies import PlanRepair
from zoning.scenario.planned import Action
from zoning.scenario.plans import Plan
from zoning.scenario.remedy import Remedy
from zoning.scenario.sensitivity import Margin, Odds, Sensitivity
from zoning.scenario.words import say_missing
from zoning.scenario.yearly import PromiseLine, YearEnd

Units = Mapping[tuple[str, str], str]


def plan_document(plan: Plan, *, units: Units) -> Json:
    """The years of a scenario; `units` are those of the quota components."""
    return {
        "document": "plan", "scenario": {"id": plan.scenario_id, "name": plan.name},
        "decision_date": day(plan.decision_date), "place": plan.place, "years": list(plan.years),
        "book": _timeline(plan.book, units), "expected": _timeline(plan.expected, units),
        "actions": [_done(each) for each in plan.done],
        "sources": [{"id": name, "likelihood": share(likely)} for name, likely in plan.sources],
        "editions": editions(plan.editions), "rules_sha256": plan.rules_sha256,
        "ledger_position": plan.ledger_position, "money": _costs(plan.costs),
        "year_ends": [_year_end(each) for each in plan.year_ends],
        "promises": [_promise(each) for each in plan.promises],
    }


def _costs(costs: PlanCosts) -> Json:
    return {"low_yuan": costs.low_yuan, "high_yuan": costs.high_yuan, "open": costs.open,
            "projects": [{"id": name, **money_document(account)}
                         for name, account in costs.projects.items()],
            "actions": [{"id": name, "cost_yuan": cost} for name, cost in costs.actions]}


def _year_end(end: YearEnd) -> Json:
    return {"year": end.year, "planned": amount(end.planned_dm2, "dm2"),
            "tests": [_offset_test(test) for test in end.tests]}


def _promise(line: PromiseLine) -> Json:
    return {"id": line.promise_id, "project": line.project_id, "day": day(line.on),
            "test": _offset_test(line.test)}


def _offset_test(test: OffsetTest) -> Json:
    return {"id": test.id, "status": test.status.value, "taken": amount(test.taken, test.unit),
            "limit": amount(test.limit, test.unit), "margin": amount(test.margin, test.unit),
            "missing": list(test.missing)}


def why_document(
    plan: Plan, project: str | None, conflicts: Iterable[Conflict], remedies: Iterable[Remedy],
    *, openings: Iterable[Opening] = (), repair: PlanRepair | None = None,
) -> Json:
    """Why a project, or a plan where `project` is None, cannot go, and what would help.

    `openings` are what would decide one project, `repair` what would let the plan go.
    """
    return {
        "document": "why", "scenario": {"id": plan.scenario_id, "name": plan.name},
        "project": project, "years": list(plan.years),
        "conflicts": [_conflict(each) for each in conflicts],
        "remedies": [_remedy(each) for each in remedies],
        "openings": [_opening(each) for each in openings],
        "repair": _plan_repair(repair) if repair else None,
        "editions": editions(plan.editions), "rules_sha256": plan.rules_sha256,
        "ledger_position": plan.ledger_position,
    }


def compare_document(difference: Difference) -> Json:
    """What changes from one scenario to another."""
    return {"document": "compare", "first": difference.first, "second": difference.second,
            "is_same": not difference.changes,
            "changes": [_change(each) for each in difference.changes]}


def sensitivity_document(found: Sensitivity) -> Json:
    """Margins on the decision date and the odds over the years."""
    return {
        "document": "sensitivity", "scenario": {"id": found.scenario_id, "name": found.name},
        "margins": [_margin(each) for each in found.margins],
        "odds": [_odds(each) for each in found.odds], "seed": found.seed,
        "samples": found.samples, "uncertain_parcels": found.uncertain,
        "sources": [{"id": name, "likelihood": share(likely)} for name, likely in found.sources],
        "class_margins": [_class_margin(each) for each in found.classes],
        "inflow_margins": [_inflow_margin(each) for each in found.inflows],
        "rules_sha256": found.rules_sha256, "ledger_position": found.ledger_position,
    }


def _class_margin(margin: ClassMargin) -> Json:
    return {"project": margin.project_id, "mapped": margin.mapped, "truly": margin.truly,
            "area": area(margin.mapped_dm2), "spare": known_area(margin.spare_dm2),
            "flips": [{"project": name, "verdict": status.value}
                      for name, status in margin.flips]}


def _inflow_margin(margin: InflowMargin) -> Json:
    return {"source": margin.source, "kind": margin.kind, "component": margin.component,
            "expected": amount(margin.expected, margin.unit),
            "least": amount(margin.least, margin.unit), "delays": list(margin.delays)}


def verify_document(
    file: str, sha256: str, differs: Sequence[str], gone: Sequence[str] = ()
) -> Json:
    """Whether an answer was recomputed to the same bytes; else the parts that differ.

    `gone` are things it cites that are no longer there.
    """
    return {"document": "verify", "file": file, "sha256": sha256, "is_same": not differs,
            "differs": list(differs), "gone": list(gone)}


def actions_text(actions: Iterable[Action]) -> str:
    """Actions as a scenario file has them, TOML; amounts are in the unit of their component."""
    return "\n".join(map(_action_text, actions))


def _action_text(action: Action) -> str:
    row = {"do": action.do, **action.model_dump(exclude_defaults=True, exclude_none=True)}
    inner = re.sub(r"^(\[+)", r"\1action.", tomli_w.dumps(row), flags=re.MULTILINE)
    return f"[[action]]\n{inner}"


def _timeline(line: Timeline, units: Units) -> Json:
    return {"projects": [_going(each) for each in line.going],
            "quota": [_year_line(each, units) for each in line.years],
            "wanted": [_wanted(each) for each in line.wanted]}


def _going(going: Going) -> Json:
    return {"id": going.project_id, "first_day": day(going.day), "first_year": going.year,
            "status": going.status.value, "relies_on": list(going.relies_on),
            "waits": [_wait(each) for each in going.waits]}


def _wait(wait: Wait) -> Json:
    return {"year": wait.year, "day": day(wait.day), "reason": wait.reason,
            "findings": [finding_document(each) for each in wait.findings]}


def _year_line(line: YearLine, units: Units) -> Json:
    unit = units[line.kind, line.component]
    return {"year": line.year, "kind": line.kind, "component": line.component, "pool": line.pool,
            **{name: amount(getattr(line, name), unit)
               for name in ("carried", "booked", "expected", "drawn", "lapsed", "left")}}


def _wanted(line: Wanted) -> Json:
    return {"year": line.year, "kind": line.kind, "component": line.component,
            "going": amount(line.going, line.unit), "waiting": amount(line.waiting, line.unit)}


def _done(done: Done) -> Json:
    return {"id": done.action_id, "do": done.do, "status": done.status.value,
            "text": sentence(done.message), "ready": day(done.ready), "cost_yuan": done.cost_yuan,
            "missing": list(done.missing)}


def _conflict(conflict: Conflict) -> Json:
    return {"demands": list(conflict.demands), "is_smallest": conflict.is_smallest,
            "findings": [{"project": name, "finding": finding_document(finding)}
                         for name, finding in conflict.findings]}


def _remedy(remedy: Remedy) -> Json:
    return {
        "family": remedy.family, "text": sentence(remedy.message), "day": day(remedy.day),
        "cost": quantity(remedy.cost), "assumes": [sentence(each) for each in remedy.assumes],
        "delays": list(remedy.delays),
        "actions": [{"id": each.id, "do": each.do} for each in remedy.actions],
        "toml": actions_text(remedy.actions),
    }


def _opening(opening: Opening) -> Json:
    return {"token": opening.token, "text": sentence(say_missing(opening.token)),
            "findings": list(opening.findings), "turns_at": quantity(opening.turns_at),
            "ways": [{"if": sentence(way.answer), "verdict": way.verdict.value,
                      "failing": list(way.failing), "open": way.open} for way in opening.ways]}


def _plan_repair(repair: PlanRepair) -> Json:
    return {"goes": list(repair.goes), "stopped": list(repair.stopped),
            "is_exact": repair.is_exact,
            "repairs": [{"project": each.project_id, "leave_out": each.leave_out,
                         "remedy": _remedy(each.remedy) if each.remedy else None}
                        for each in repair.repairs],
            "toml": actions_text(action for each in repair.repairs if each.remedy
                                 for action in each.remedy.actions)}


def _change(change: Change) -> Json:
    return {"subject": change.subject, "project": change.project or None,
            "item": change.item or None, "field": change.field,
            "before": _value(change.before), "after": _value(change.after)}


def _value(value: Value) -> Json | str | int | None:
    return quantity(value) if isinstance(value, Quantity) else value


def _margin(margin: Margin) -> Json:
    return {"kind": margin.kind, "component": margin.component,
            "available": amount(margin.available, margin.unit),
            "spare": amount(margin.spare, margin.unit), "loses": list(margin.loses),
            "wanting": amount(margin.wanting, margin.unit), "gains": list(margin.gains)}


def _odds(odds: Odds) -> Json:
    return {"project": odds.project_id, "samples": odds.samples,
            "years": [{"year": year, "times": times} for year, times in odds.years],
            "never": odds.never,
            "statuses": [{"status": status, "times": times} for status, times in odds.statuses]}


__all__ = ["actions_text", "compare_document", "plan_document", "sensitivity_document",
           "verify_document", "why_document"]
