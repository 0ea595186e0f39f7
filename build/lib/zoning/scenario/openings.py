"""What would decide an undecided project: each missing parameter, and what follows either way.

For a parameter whose possible values are few, or whose extremes can be tried, the engine is asked
again as if it were known. Every other parameter stays as it is, so one answer alone may leave the
project undecided still: then it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from zoning.errors import Message
from zoning.measure.facts import LineHit, SiteFacts
from zoning.rules.book import RuleBook
from zoning.rules.model import Rule, Scalar, Text, Value
from zoning.scenario.availability import Stock
from zoning.scenario.engine import Examined, Law, case_of, examine, in_turn, settle, turns
from zoning.scenario.land import LANDS, Land, land_of
from zoning.scenario.model import Project
from zoning.scenario.outcome import ProjectOutcome, Quantity, Status

LEAST, MOST = Decimal(0), Decimal(10) ** 12
GRADES = tuple(str(Decimal(tenths) / 10) for tenths in range(10, 151))
NUMBERS = ("ind.invest_intensity", "zbph.county_cap_ha", "zbph.county_taken_ha")
SHARES = ("ind.building_coef_min", "ind.office_land_max", "ind.office_floor_max")


@dataclass(frozen=True)
class Way:
    """What is found if a parameter says something: the verdict, and findings that would fail.

    `open` counts the parameters that would be missing still.
    """

    answer: Message
    verdict: Status
    failing: tuple[str, ...] = ()
    open: int = 0


@dataclass(frozen=True)
class Opening:
    """A missing parameter, the findings that wait for it, and what each answer would bring.

    `turns_at` is the amount between two answers at which the finding turns, where it can be told:
    what was measured, or what the pools have. `ways` is empty where nothing can be said before the
    parameter is known.
    """

    token: str
    findings: tuple[str, ...]
    ways: tuple[Way, ...] = ()
    turns_at: Quantity | None = None


@dataclass(frozen=True)
class World:
    """The project, its site and the rules as they would be if a parameter were known."""

    answer: Message
    project: Project
    facts: SiteFacts
    rules: RuleBook


@dataclass(frozen=True)
class Asked:
    """A project in its turn: how it was examined, what the pools have, its answer."""

    examined: Examined
    have: Stock
    answer: ProjectOutcome


def asked_in_turn(examined: Sequence[Examined], have: Stock, project_id: str) -> Asked:
    """A project as it is met when its turn comes. Raises KeyError for an unknown one."""
    for turn in turns(in_turn(examined), have):
        if turn.answer.project_id == project_id:
            return Asked(turn.examined, turn.before, turn.answer)
    raise KeyError(project_id)


def openings(asked: Asked, law: Law) -> tuple[Opening, ...]:
    """The parameters that a project waits for, in the order in which the findings name them."""
    return tuple(_opening(asked, token, law) for token in asked.answer.missing)


def _opening(asked: Asked, token: str, law: Law) -> Opening:
    waiting = [each for each in asked.answer.findings if token in each.missing]
    ways = tuple(_way(asked, world, law) for world in _worlds(asked, token, law))
    at = next((each.measured for each in waiting if each.measured), None)
    turns_at = at if len({way.failing for way in ways}) > 1 and _is_number(token) else None
    return Opening(token, tuple(each.id for each in waiting), ways, turns_at)


def _way(asked: Asked, world: World, law: Law) -> Way:
    case = asked.examined.case
    known = replace(law, rules=world.rules)
    found = examine(case_of(world.project, world.facts, known, on=case.on, place=case.place),
                    given=asked.examined.given)
    answer, _ = settle(found, asked.have)
    failing = tuple(each.id for each in answer.findings if each.status is Status.FAIL)
    return Way(world.answer, answer.verdict, failing, len(answer.missing))


# ── what a parameter may say ─────────────────────────────────────────────────────────────────


def _worlds(asked: Asked, token: str, law: Law) -> Iterator[World]:
    kind, _, rest = token.partition(":")
    if made := MAKERS.get(kind):
        yield from made(asked, rest, law)


def _by_rule(asked: Asked, rest: str, _: Law) -> Iterator[World]:
    rule_id = rest.rsplit("@", 2)[0]
    for answer, value in _values(asked, rule_id):
        yield _world(asked, answer, rules=_stated(asked, rule_id, value))


def _values(asked: Asked, rule_id: str) -> Iterator[tuple[Message, Value]]:
    project = asked.examined.case.project
    if rule_id.endswith("allowed_kinds"):
        yield _said("not_allowed"), ()
        yield _said("allowed"), (project.kind,)
    elif rule_id.startswith("debit."):
        for value in _drawn_elsewhere(asked, rule_id.rpartition(".")[2]):
            names = [str(each) for each in value]
            yield _said("draws", kinds=names) if names else _said("draws_nothing"), value
    elif rule_id == "zbph.capacity_per_mu":
        yield _said("least"), dict.fromkeys(GRADES, LEAST)
        yield _said("most"), dict.fromkeys(GRADES, MOST)
    elif rule_id == "ind.far_min":
        code = project.design.industry_code or ""
        yield _said("least"), {code: LEAST}
        yield _said("most"), {code: MOST}
    elif rule_id in NUMBERS or rule_id in SHARES:
        yield _said("least"), LEAST
        yield _said("most"), MOST if rule_id in NUMBERS else Decimal(1)


def _drawn_elsewhere(asked: Asked, land: str) -> list[tuple[Scalar, ...]]:
    """What the same land draws by other paths, as the rules of the day know: the likely answers."""
    case = asked.examined.case
    ids = sorted({rule.id for rule in case.rules.rules
                  if rule.id.startswith("debit.") and rule.id.endswith(f".{land}")})
    found = [rule.value for rule_id in ids
             if (rule := case.rule(rule_id)) and isinstance(rule.value, tuple)]
    return list(dict.fromkeys([(), *found]))


def _by_attribute(asked: Asked, name: str, _: Law) -> Iterator[World]:
    if name != "is_park":
        return
    for key, is_park in (("yes", True), ("no", False)):
        yield _designed(asked, _said(key), is_park=is_park)


def _by_layer(asked: Asked, role: str, _: Law) -> Iterator[World]:
    facts = asked.examined.case.facts
    others = tuple(hit for hit in facts.lines if hit.role != role)
    for key, area_dm2 in (("outside", 0), ("inside", facts.area_dm2)):
        lines = (*others, LineHit(role, area_dm2, area_dm2))
        yield _world(asked, _said(key), facts=replace(facts, lines=lines))


def _by_class(asked: Asked, rest: str, law: Law) -> Iterator[World]:
    """One parcel of unknown class, tried as each kind of land by a class that stands for it."""
    kind, _, parcel = rest.partition("=")
    facts = asked.examined.case.facts
    if kind != "parcel":
        return
    for land, code in _stand_ins(law).items():
        parts = tuple(replace(part, class_code=code) if part.parcel_id == parcel else part
                      for part in facts.parts)
        yield _world(asked, _said(f"land_{land}"), facts=replace(facts, parts=parts))


def _stand_ins(law: Law) -> dict[Land, str]:
    """The first class of each kind of land in the code list."""
    found: dict[Land, str] = {}
    for code, each in law.classes.classes.items():
        found.setdefault(land_of(each), code)
    return {land: found[land] for land in LANDS if land in found}


MAKERS: dict[str, Callable[[Asked, str, Law], Iterator[World]]] = {
    "rule": _by_rule, "attribute": _by_attribute, "layer": _by_layer, "land_class": _by_class,
}
"""How the possible answers of a kind of token are made; of other kinds nothing can be said."""


def _world(
    asked: Asked, answer: Message, *, project: Project | None = None,
    facts: SiteFacts | None = None, rules: RuleBook | None = None,
) -> World:
    case = asked.examined.case
    return World(answer, project or case.project, facts or case.facts, rules or case.rules)


def _designed(asked: Asked, answer: Message, **more: object) -> World:
    project = asked.examined.case.project
    design = project.design.model_copy(update=more)
    return _world(asked, answer, project=project.model_copy(update={"design": design}))


def _stated(asked: Asked, rule_id: str, value: Value) -> RuleBook:
    """The rules with one more, at a place of its own below all others that count here."""
    case = asked.examined.case
    rule = Rule(rule_id, case.place, value, "", Text("设想", "supposed"), "W",
                valid_from=case.on, valid_to=case.on)
    others = tuple(each for each in case.rules.rules
                   if (each.id, each.place) != (rule_id, case.place))
    return RuleBook((*others, rule), case.rules.lines)


def _said(key: str, **params: object) -> Message:
    return Message(f"decide.way.{key}", params)


def _is_number(token: str) -> bool:
    return token.startswith(tuple(f"rule:{name}@" for name in (*NUMBERS, *SHARES, "ind.far_min")))


__all__ = ["Asked", "Opening", "Way", "asked_in_turn", "openings"]
