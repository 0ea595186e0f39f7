"""Linkage project areas (增减挂钩项目区): balance, vintage, return clock, what may still be drawn.

国土资发〔2008〕138号 as far as it was seen: demolition and new site of equal area, farmland not
reduced, quota returned within three years. What was not read (that quota may not be used twice,
that as much farmland is returned as quota was issued) is not tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from zoning.dates import add_years
from zoning.ledger.model import Vector
from zoning.rules.book import RuleBook
from zoning.rules.model import exact
from zoning.scenario.outcome import Status
from zoning.scenario.words import missing_fact, missing_rule

COMPONENTS = ("area", "paddy", "capacity")


@dataclass(frozen=True)
class LinkageArea:
    """One project area: quota issued, used and asked for, and what demolition gave back.

    `vintage` is the year in its name (``21挂``). Vectors have area, paddy (dm²) and capacity (kg).
    `issued_on` is when the turnover quota was issued, None where unknown: then its clock is, too.
    `reclaimed_dm2` is demolition land reclaimed and accepted, `reclaimed_farmland_dm2` the farmland
    of it; `new_site_dm2` and `new_site_farmland_dm2` are what the new sites take. Each is None
    where some plot does not tell it.
    """

    area_id: str
    vintage: int
    issued: Vector
    used: Vector = field(default_factory=dict)
    asked: Vector = field(default_factory=dict)
    issued_on: date | None = None
    reclaimed_dm2: int | None = 0
    reclaimed_farmland_dm2: int | None = 0
    new_site_dm2: int | None = 0
    new_site_farmland_dm2: int | None = 0


@dataclass(frozen=True)
class LinkageTest:
    """One test of a project area: what there is against what there must be, to spare or short."""

    id: str
    status: Status
    have: int | None
    need: int | None
    unit: str = "dm2"
    missing: tuple[str, ...] = ()

    @property
    def margin(self) -> int | None:
        """What there is to spare, negative where short."""
        return None if self.have is None or self.need is None else self.have - self.need


@dataclass(frozen=True)
class LinkageBalance:
    """Where a project area stands on a day.

    `left` is what remains after what was used and is asked for, negative components being short;
    `drawable` the same, never below zero, and nothing once the quota is overdue. `return_by` is the
    last day of its clock. `owed_dm2` is quota used and not yet given back by reclaimed land.
    """

    area_id: str
    left: Vector
    drawable: Vector
    return_by: date | None
    is_overdue: bool | None
    owed_dm2: int | None
    tests: tuple[LinkageTest, ...]


def linkage_balance(
    area: LinkageArea, rules: RuleBook, *, on: date, place: str
) -> LinkageBalance:
    """The balance of one project area on a day.

    Quota is overdue when the clock has run out and more was used than given back. Where the clock
    is not known, that is told as unknown and drawing is not stopped by it.
    """
    left = {name: area.issued.get(name, 0) - area.used.get(name, 0) - area.asked.get(name, 0)
            for name in COMPONENTS}
    return_by, missing = _return_by(area, rules, on, place)
    used_dm2 = area.used.get("area", 0)
    owed_dm2 = 0 if not used_dm2 else (
        None if area.reclaimed_dm2 is None else max(0, used_dm2 - area.reclaimed_dm2))
    if owed_dm2 is None:
        missing = (*missing, missing_fact(f"accepted:{area.area_id}"))
    overdue = _is_overdue(on, return_by, owed_dm2)
    drawable = {name: 0 if overdue else max(0, amount) for name, amount in left.items()}
    tests = (*_components(left, area), _return(overdue, area, missing),
             _equal_area(area, rules, on, place), _farmland(area, rules, on, place))
    return LinkageBalance(area.area_id, left, drawable, return_by, overdue, owed_dm2, tests)


def _is_overdue(on: date, return_by: date | None, owed_dm2: int | None) -> bool | None:
    """Whether quota is out after its clock; None where the clock or what is owed is not known."""
    if owed_dm2 == 0 or (return_by is not None and on <= return_by):
        return False
    return None if return_by is None or owed_dm2 is None else True


def _return_by(
    area: LinkageArea, rules: RuleBook, on: date, place: str
) -> tuple[date | None, tuple[str, ...]]:
    rule = rules.look_up("zjgg.return_years", on=area.issued_on or on, place=place)
    years = exact(rule.value) if rule else None
    if area.issued_on is None:
        return None, (missing_fact(f"issued_on:{area.area_id}"),)
    if years is None:
        return None, (missing_rule("zjgg.return_years", place, area.issued_on),)
    return add_years(area.issued_on, int(years)), ()


def _components(left: Mapping[str, int], area: LinkageArea) -> tuple[LinkageTest, ...]:
    return tuple(
        LinkageTest(f"linkage.{name}", Status.FAIL if left[name] < 0 else Status.PASS,
                    area.issued.get(name, 0), area.used.get(name, 0) + area.asked.get(name, 0),
                    "kg" if name == "capacity" else "dm2")
        for name in COMPONENTS
    )


def _return(
    overdue: bool | None, area: LinkageArea, missing: tuple[str, ...]
) -> LinkageTest:
    if overdue is None:
        return LinkageTest("linkage.return", Status.UNDECIDED, area.reclaimed_dm2,
                           area.used.get("area", 0), missing=missing)
    status = Status.FAIL if overdue else Status.PASS
    return LinkageTest("linkage.return", status, area.reclaimed_dm2, area.used.get("area", 0))


def _equal_area(area: LinkageArea, rules: RuleBook, on: date, place: str) -> LinkageTest:
    """New sites take no more than demolition gives (拆旧 and 建新 of equal area)."""
    return _at_least("linkage.equal_area", "zjgg.equal_area", area.reclaimed_dm2,
                     area.new_site_dm2, rules, on, place)


def _farmland(area: LinkageArea, rules: RuleBook, on: date, place: str) -> LinkageTest:
    return _at_least("linkage.farmland", "zjgg.farmland_not_reduced", area.reclaimed_farmland_dm2,
                     area.new_site_farmland_dm2, rules, on, place)


def _at_least(
    test_id: str, rule_id: str, have: int | None, need: int | None, rules: RuleBook, on: date,
    place: str,
) -> LinkageTest:
    if have is None or need is None:
        side = "reclaimed" if have is None else "new_site"
        return LinkageTest(test_id, Status.UNDECIDED, have, need, missing=(missing_fact(side),))
    rule = rules.look_up(rule_id, on=on, place=place)
    if rule is None or rule.value is not True:
        return LinkageTest(test_id, Status.UNDECIDED, have, need,
                           missing=(missing_rule(rule_id, place, on),))
    return LinkageTest(test_id, Status.PASS if have >= need else Status.FAIL, have, need)


__all__ = ["COMPONENTS", "LinkageArea", "LinkageBalance", "LinkageTest", "linkage_balance"]
