"""How wrong the land-class map or an expected inflow may be before an answer flips."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from deciding import site
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import BOOK, EXAMINE, YEARS, all_of, branch, run, supply

from zoning.codes.reader import quota_kinds
from zoning.measure.facts import Part
from zoning.scenario.availability import stock
from zoning.scenario.doubts import class_margins, inflow_margins, mistaken
from zoning.scenario.engine import turns
from zoning.scenario.outcome import Status

DRY = Part("F1", "0103", 1_000_000, 0, 50)
POND = Part("F2", "1104", 500_000)
NEXT = date(2020, 3, 1)
UNITS = {(code, each.code): each.unit for code, kind in quota_kinds().items()
         for each in kind.components}
PLAN = [all_of("plan_quota", 10**9, lot_id="Q"), all_of("boundary_increment", 10**9, lot_id="B")]


def offset(area_dm2: int, **more: object):
    return supply("offset", {"area": area_dm2, "paddy": 10**9, "capacity": 10**9}, lot_id="O",
                  **more)


def have(at):
    return stock((), place=at.place, on=at.decision_date).with_more(
        each.balance for each in at.supplies).at(at.decision_date)


def test_land_mapped_as_pond_may_be_farmland_as_far_as_the_offset_goes() -> None:
    graded = replace(POND, grade_tenths=50)
    at = branch([site(DRY, graded)], [*PLAN, offset(1_200_000)])
    (found,) = class_margins(at, [("1104", "0103"), ("1104", "1104")], have(at), EXAMINE)
    assert (found.mapped_dm2, found.spare_dm2) == (500_000, 200_000)
    assert found.flips == (("P-01", Status.FAIL),)


def test_farmland_without_a_grade_would_leave_the_verdict_open() -> None:
    at = branch([site(DRY, POND)], [*PLAN, offset(10**9)])
    (found,) = class_margins(at, [("1104", "0103")], have(at), EXAMINE)
    assert (found.spare_dm2, found.flips) == (0, (("P-01", Status.UNDECIDED),))


def test_a_map_that_cannot_change_a_verdict_has_no_margin() -> None:
    at = branch([site(DRY, POND)], [*PLAN, offset(10**9)])
    (found,) = class_margins(at, [("0103", "0102")], have(at), EXAMINE)
    assert (found.spare_dm2, found.flips) == (None, ())


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1_600_000))
def test_margin_of_a_class_is_where_the_engine_turns(area_dm2: int) -> None:
    at = branch([site(DRY, replace(POND, grade_tenths=50))], [*PLAN, offset(area_dm2)])
    (found,) = class_margins(at, [("1104", "0103")], have(at), EXAMINE)

    def verdict(mistake_dm2: int) -> Status:
        facts = mistaken(at.sites["P-01"], "1104", "0103", mistake_dm2)
        (turn,) = turns([EXAMINE(at.projects[0], facts, at.decision_date, at.place)], have(at))
        return turn.answer.verdict

    if found.spare_dm2 is None:
        assert verdict(found.mapped_dm2) is verdict(0)
    else:
        assert verdict(found.spare_dm2) is verdict(0)
        assert verdict(found.spare_dm2 + 1) is not verdict(0)


def test_least_of_an_expected_inflow_is_told_with_who_would_wait() -> None:
    late = all_of("offset", 0, NEXT, lot_id="E-20", likelihood_1e4=6000)
    late = replace(late, amounts={"area": 2_000_000, "paddy": 5, "capacity": 10**9})
    at = branch([site(DRY)], [*PLAN, offset(300_000), late])
    assert run(at).going[0].year == 2020
    found = {each.component: each
             for each in inflow_margins(at, YEARS, BOOK, EXAMINE, UNITS)}
    assert (found["area"].least, found["area"].delays) == (700_000, ("P-01",))
    assert (found["paddy"].least, found["paddy"].delays) == (0, ())
    assert found["capacity"].least == 0


def test_a_mistake_keeps_the_land_of_a_site() -> None:
    facts = site(DRY, POND, replace(POND, parcel_id="F3", converted=True))
    wrong = mistaken(facts, "1104", "0103", 200_000)
    assert sum(part.area_dm2 for part in wrong.parts) == facts.area_dm2
    assert [part.class_code for part in wrong.parts] == ["0103", "0103", "1104", "1104"]
