"""The document of a portfolio: plans with their proof, prices, chain, conflicts, less coming in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zoning.portfolio.answer import Answer, Portfolio
from zoning.portfolio.conflicts import WayOut
from zoning.portfolio.plans import Moved, Placed
from zoning.portfolio.prices import Price, Unlocked
from zoning.portfolio.problem import PRICE_SCALE
from zoning.portfolio.realise import Agreement
from zoning.portfolio.solve import Stage
from zoning.report.documents.plan import Units
from zoning.report.documents.values import Json, amount, day, editions
from zoning.scenario.horizon import YearLine


def portfolio_document(
    found: Portfolio, *, units: Units, since: Sequence[Moved] | None = None
) -> Json:
    """Everything a portfolio answered; `since` is the difference from an earlier answer."""
    scenario, less = found.scenario, found.less
    return {
        "document": "portfolio", "scenario": {"id": scenario.id, "name": scenario.name},
        "decision_date": day(scenario.decision_date), "place": scenario.place,
        "years": list(scenario.horizon), "asked": _asked(found),
        "choices": {"options": len(found.setting.problem.options),
                    "sites": len(found.setting.variants),
                    "actions": len(found.setting.acts)},
        "must_go": found.must_go,
        "plans": [_plan(found, each, units) for each in found.plans],
        "prices": [_price(each) for each in found.board], "prices_whole": found.board_whole,
        "unlock": [_unlocked(found, each) for each in found.chain],
        "less": None if less is None else {
            "share": f"0.{found.wish.less_tenths}000", "still_goes": list(found.held),
            "plan": _plan(found, less, units)},
        "conflict": None if found.deadlock is None else {
            "rules": list(found.deadlock.groups), "is_proven": found.deadlock.is_proven},
        "ways_out": [_way(each) for each in found.ways],
        "since": None if since is None else [_moved(each) for each in since],
        "dead_actions": [each.action_id for each in found.setting.dead],
        "seconds": round(found.seconds, 3), "editions": editions(found.editions),
        "rules_sha256": found.rules_sha256, "ledger_position": found.ledger_position,
    }


def _asked(found: Portfolio) -> Json:
    wish, terms = found.wish, found.scenario.portfolio
    return {"plans": wish.count, "gap": None if wish.gap is None else format(
        wish.gap, ".6f"), "seconds": wish.seconds,
            "loss": format(wish.loss, ".4f"), "apart": format(wish.apart, ".4f"),
            "goals": ["must", *terms.goals, "early"], "budget_yuan": terms.budget_yuan}


def _plan(found: Portfolio, answer: Answer, units: Units) -> Json:
    carried = answer.carried
    going = {each.project_id: each for each in carried.timeline.going}
    return {
        "goals": [_stage(each) for each in answer.choice.stages],
        "projects": [{**_placed(each), "day": day(going[each.task].day),
                      "status": going[each.task].status.value,
                      "relies_on": list(going[each.task].relies_on)} for each in answer.placed],
        "left_out": [each.id for each in found.scenario.projects
                     if each.id not in {there.task for there in answer.placed}],
        "actions": [found.setting.problem.acts[each].id for each in carried.chosen.acts],
        "quota": [_year(each, units) for each in carried.timeline.years],
        "money": {"low_yuan": carried.costs.low_yuan, "high_yuan": carried.costs.high_yuan,
                  "open": carried.costs.open},
        "agreement": [_agreement(each) for each in carried.agreements], "way": carried.way,
        "difference": [_moved(each) for each in answer.moved],
    }


def _stage(stage: Stage) -> Json:
    scale = PRICE_SCALE if stage.goal == "money" else 1
    return {"goal": stage.goal, "value": _counted(stage.value, scale),
            "bound": _counted(stage.bound, scale), "gap": format(stage.gap, ".6f"),
            "status": stage.status.value, "seconds": round(stage.seconds, 3)}


def _counted(value: int, scale: int) -> str:
    """A goal as a decimal string; money is kept in parts of a yuan."""
    if scale == 1:
        return str(value)
    cents = (abs(value) * 100 + scale // 2) // scale
    return f"{'-' if value < 0 and cents else ''}{cents // 100}.{cents % 100:02d}"


def _placed(each: Placed) -> dict[str, Any]:
    return {"id": each.task, "site": each.site, "year": each.year, "value": each.value}


def _moved(each: Moved) -> Json:
    return {"id": each.task, "change": each.change,
            "before": None if each.before is None else _placed(each.before),
            "after": None if each.after is None else _placed(each.after)}


def _year(line: YearLine, units: Mapping[tuple[str, str], str]) -> Json:
    unit = units[line.kind, line.component]
    return {"year": line.year, "kind": line.kind, "component": line.component, "pool": line.pool,
            **{name: amount(getattr(line, name), unit)
               for name in ("carried", "booked", "expected", "drawn", "lapsed", "left")}}


def _agreement(each: Agreement) -> Json:
    return {"name": each.name, "solver": str(each.proposed), "engine": str(each.engine),
            "slack": each.slack, "agrees": each.holds}


def _price(each: Price) -> Json:
    return {"kind": each.kind, "component": each.component, "pool": each.pool, "year": each.year,
            "goal": each.goal, "gain": each.gain, "holds": amount(each.holds, each.unit),
            "steps": [{"more": amount(step.more, each.unit), "gain": step.gain}
                      for step in each.steps],
            "spare": amount(each.spare, each.unit), "status": each.status.value}


def _unlocked(found: Portfolio, each: Unlocked) -> Json:
    problem = found.setting.problem
    return {"actions": [problem.acts[act].id for act in each.acts], "gain": each.gain,
            "projects": [problem.tasks[task].id for task in each.tasks],
            "status": each.status.value}


def _way(each: WayOut) -> Json:
    return {"what": each.what, "total": str(each.total), "status": each.status.value,
            "more": [{"name": name, "amount": str(more)} for name, more in each.more]}


__all__ = ["portfolio_document"]
