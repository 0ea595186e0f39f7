"""Plan conformity, industrial standards, shape and boundary: one family, one block of tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from deciding import PLENTY, book, finding, ids, judge, only, project, site
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.errors import ScenarioError
from zoning.measure.facts import Part, SiteFacts, UsePart
from zoning.messages import LANGUAGES, say
from zoning.scenario.design import Design
from zoning.scenario.model import parse_scenario
from zoning.scenario.outcome import Finding, ProjectOutcome, Quantity, Status
from zoning.scenario.words import say_missing

ROAD = Part("F2", "1003", 1_000_000)  # 1 ha of construction land, 15 mu
OLD, NEW = date(2023, 6, 25), date(2023, 6, 26)
AFTER = date(2026, 3, 16)
BOOK = book()


def answer(
    facts: SiteFacts | None = None, *, on: date = NEW, kind: str = "industry",
    rules: Any = None, **design: Any,
) -> ProjectOutcome:
    asked = project(kind=kind, design=Design(**design))
    found = only(judge(facts or site(ROAD), PLENTY, rules or BOOK, asked, on=on))
    for each in found.findings:
        for language in LANGUAGES:
            assert say(each.message, language)
            assert all(say(say_missing(token), language) for token in each.missing)
    return found


def standard(name: str, **more: Any) -> Finding:
    return finding(answer(**more), f"standard.{name}")


# ── standards ────────────────────────────────────────────────────────────────────────────────


def test_nothing_stated_nothing_tested() -> None:
    assert not {each for each in ids(answer()) if each.startswith(("standard", "shape", "plan."))}
    assert not {each for each in ids(answer(kind="commerce", industry_code="26", far=1))
                if each.startswith("standard")}


@pytest.mark.parametrize(("far", "status", "spare"), [
    ("0.6", Status.PASS, 0), ("0.5999", Status.FAIL, -1), ("1.2", Status.PASS, 6000),
])
def test_floor_area_ratio_of_2008(far: str, status: Status, spare: int) -> None:
    found = standard("far", on=OLD, industry_code="26", far=Decimal(far))
    assert (found.status, found.margin) == (status, Quantity(spare, "1e-4"))
    assert found.limit == Quantity(6000, "1e-4")
    assert found.citations[0].rule_id == "ind.far_min"


def test_verdict_is_exact_where_the_shown_number_rounds() -> None:
    found = standard("far", on=OLD, industry_code="26", far=Decimal("0.59999"))
    assert found.measured == Quantity(6000, "1e-4")
    assert found.status is Status.FAIL


def test_table_of_2023_was_not_read_so_it_is_undecided() -> None:
    found = standard("far", on=NEW, industry_code="26", far=2)
    assert found.status is Status.UNDECIDED
    assert found.missing == ("rule:ind.far_min@CN/32/3206/320623@2023-06-26",)


def test_a_workspace_fills_the_table() -> None:
    own = book(ind__far_min={"26": Decimal("0.7")})
    assert standard("far", rules=own, industry_code="26", far=1).status is Status.PASS


def test_without_a_code_the_table_cannot_be_read() -> None:
    found = standard("far", on=OLD, far=2)
    assert found.missing == ("attribute:industry_code",)


def test_a_code_the_table_has_not_is_undecided() -> None:
    assert standard("far", on=OLD, far=2, industry_code="99").status is Status.UNDECIDED


def test_code_asks_for_what_binds() -> None:
    found = answer(on=OLD, industry_code="26")
    assert {each for each in ids(found) if each.startswith("standard")} == {
        "standard.far", "standard.coverage", "standard.office_land_share",
        "standard.office_floor_share"}
    assert finding(found, "standard.far").missing == ("attribute:far",)
    assert found.verdict is Status.UNDECIDED


@pytest.mark.parametrize(("name", "value", "on", "status"), [
    ("coverage", "0.30", OLD, Status.PASS), ("coverage", "0.29", OLD, Status.FAIL),
    ("coverage", "0.90", NEW, Status.UNDECIDED),
    ("office_land_share", "0.07", NEW, Status.PASS),
    ("office_land_share", "0.0701", NEW, Status.FAIL),
    ("office_floor_share", "0.15", NEW, Status.PASS),
    ("office_floor_share", "0.16", NEW, Status.FAIL),
    ("office_floor_share", "0.10", OLD, Status.UNDECIDED),
])
def test_shares(name: str, value: str, on: date, status: Status) -> None:
    assert standard(name, on=on, **{name: Decimal(value)}).status is status


@pytest.mark.parametrize(("wan", "status"), [(7500, Status.PASS), (7499, Status.FAIL)])
def test_investment_per_mu(wan: int, status: Status) -> None:
    own = book(ind__invest_intensity=500)  # 15 mu × 500
    found = standard("investment_wan", rules=own, investment_wan=wan)
    assert (found.status, found.limit) == (status, Quantity(5_000_000, "yuan/mu"))
    assert standard("investment_wan", investment_wan=wan).status is Status.UNDECIDED


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 30_000), st.integers(0, 30_000))
def test_more_floor_never_makes_it_worse(one: int, two: int) -> None:
    low, high = sorted((one, two))
    spare = [standard("far", on=OLD, industry_code="26", far=Decimal(each) / 10_000).margin
             for each in (low, high)]
    assert spare[0] is not None
    assert spare[1] is not None
    assert spare[0].value <= spare[1].value


# ── plan conformity ──────────────────────────────────────────────────────────────────────────


def planned(*parts: tuple[str, int]) -> SiteFacts:
    return replace(site(ROAD), planned_use=tuple(UsePart(*each) for each in parts))


@pytest.mark.parametrize(("parts", "status", "margin"), [
    ((("100101", 1_000_000),), Status.PASS, 0),
    ((("100101", 999_999), ("07", 1)), Status.FAIL, -1),
    ((("100101", 999_999),), Status.UNDECIDED, None),
    ((("07", 400_000),), Status.FAIL, -400_000),
])
def test_planned_use(parts: Any, status: Status, margin: int | None) -> None:
    found = finding(answer(planned(*parts), planned_uses=("1001",)), "plan.conformity")
    assert found.status is status
    assert found.margin == (None if margin is None else Quantity(margin, "dm2"))


def test_planned_use_shows_what_does_not_fit() -> None:
    found = finding(answer(planned(("1001", 999_000), ("07", 1000)), planned_uses=("1001",)),
                    "plan.conformity")
    assert [(each.feature_id, each.area_dm2) for each in found.features] == [("07", 1000)]
    assert found.role == "planned_use"


def test_plan_that_is_not_loaded_is_undecided_only_when_asked() -> None:
    found = finding(answer(planned_uses=("1001",)), "plan.conformity")
    assert found.missing == ("layer:planned_use",)
    assert "plan.conformity" not in ids(answer())


def test_plan_without_a_rule_of_the_day_is_undecided() -> None:
    found = finding(answer(planned(("1001", 1_000_000)), on=date(2021, 8, 31),
                           planned_uses=("1001",)), "plan.conformity")
    assert found.missing == ("rule:plan.conformity@CN/32/3206/320623@2021-08-31",)


# ── shape ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("width_dm", "status"), [
    (500, Status.PASS), (499, Status.FAIL), (None, Status.UNDECIDED),
])
def test_least_width(width_dm: int | None, status: Status) -> None:
    facts = replace(site(ROAD), width_dm=width_dm)
    found = finding(answer(facts, least_width_m=50), "shape.width")
    assert found.status is status
    assert found.margin == (None if width_dm is None else Quantity(width_dm - 500, "dm"))


@pytest.mark.parametrize(("contact_dm", "status"), [
    (1, Status.PASS), (0, Status.FAIL), (None, Status.UNDECIDED),
])
def test_road_access(contact_dm: int | None, status: Status) -> None:
    facts = replace(site(ROAD), road_contact_dm=contact_dm)
    assert finding(answer(facts, road_access=True), "shape.road").status is status


# ── boundary ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("is_park", "inside", "status"), [
    (True, 999_999, Status.FAIL), (True, 1_000_000, Status.PASS),
    (None, 999_999, Status.UNDECIDED), (None, 1_000_000, Status.PASS),
])
def test_no_park_outside_the_boundary(is_park: bool | None, inside: int, status: Status) -> None:
    found = finding(answer(site(ROAD, inside={"ugb": inside}), on=AFTER, is_park=is_park),
                    "boundary.park")
    assert found.status is status
    assert found.margin == Quantity(inside - 1_000_000, "dm2")


def test_park_rule_is_silent_before_its_day_and_where_it_does_not_apply() -> None:
    outside = site(ROAD, inside={"ugb": 0})
    assert "boundary.park" not in ids(answer(outside, on=date(2026, 2, 27), is_park=True))
    assert "boundary.park" not in ids(answer(outside, on=AFTER, is_park=False))
    assert "boundary.park" not in ids(answer(outside, on=AFTER, kind="energy"))


def test_park_without_a_boundary_layer_is_undecided() -> None:
    found = finding(answer(site(ROAD, loaded=("pbf",)), on=AFTER, is_park=True), "boundary.park")
    assert found.missing == ("layer:ugb",)


def test_housing_on_new_land_is_for_the_authorities_to_say() -> None:
    field = site(Part("F1", "0201", 1_000_000))
    found = finding(answer(field, on=AFTER, kind="housing"), "boundary.housing")
    assert found.status is Status.UNDECIDED
    assert found.missing == ("fact:housing_exception",)
    assert "boundary.housing" not in ids(answer(site(ROAD), on=AFTER, kind="housing"))
    assert "boundary.housing" not in ids(answer(field, on=date(2026, 3, 15), kind="housing"))


# ── the file ─────────────────────────────────────────────────────────────────────────────────

FILE = """
[scenario]
id = "S"
name = "测试"
decision_date = 2024-01-01
place = "CN/32/3206/320623"
[[project]]
id = "P"
name = "P"
kind = "industry"
site = { parcels = ["A"] }
design = { industry_code = "26", far = 0.7, planned_uses = ["1001"], sea = { fill_ha = 3 } }
"""


def test_design_is_read_exactly() -> None:
    design = parse_scenario(FILE, source="s.toml").projects[0].design
    assert design.far == Decimal("0.7")
    assert design.planned_uses == ("1001",)
    assert design.sea is not None
    assert design.sea.fill_ha == 3


@pytest.mark.parametrize("wrong", [
    'industry_code = "C26"', "far = -1", "far = nan", "coverage = 1.1", "storeys = 3",
])
def test_design_refuses_what_means_nothing(wrong: str) -> None:
    text = FILE.replace('industry_code = "26", far = 0.7', wrong)
    with pytest.raises(ScenarioError):
        parse_scenario(text, source="s.toml")


# ── the annual cap ───────────────────────────────────────────────────────────────────────────

FIELD = Part("F1", "0103", 1_000_000, 0, 50)  # 1 ha


@pytest.mark.parametrize(("cap", "before", "status", "margin"), [
    (10, 9, Status.PASS, 0), (10, Decimal("9.0001"), Status.FAIL, -100),
    (None, 0, Status.UNDECIDED, None), (10, None, Status.UNDECIDED, None),
])
def test_cap_of_the_year(cap: Any, before: Any, status: Status, margin: int | None) -> None:
    stated = {"zbph__county_cap_ha": cap, "zbph__county_taken_ha": before}
    own = book(**{name: value for name, value in stated.items() if value is not None})
    found = finding(answer(site(FIELD), on=date(2025, 3, 14), rules=own), "offset.annual_cap")
    assert found.status is status
    assert found.margin == (None if margin is None else Quantity(margin, "dm2"))
    assert all(token.startswith("rule:zbph.county_") for token in found.missing)


def test_cap_counts_from_2025_and_for_farmland_that_draws_offset() -> None:
    assert "offset.annual_cap" not in ids(answer(site(FIELD), on=date(2024, 12, 31)))
    assert "offset.annual_cap" not in ids(answer(site(ROAD), on=date(2025, 3, 14)))


def test_cap_is_one_for_the_year_whatever_the_number_of_projects() -> None:
    own = book(zbph__county_cap_ha=Decimal("1.5"), zbph__county_taken_ha=0)
    sites = [site(replace(FIELD, parcel_id=name), site_id=name) for name in ("P-01", "P-02")]
    first, second = judge(sites, PLENTY, own, on=date(2025, 3, 14)).projects
    cap_dm2 = 1_500_000
    assert FIELD.area_dm2 <= cap_dm2 < 2 * FIELD.area_dm2
    assert finding(first, "offset.annual_cap").status is Status.PASS
    found = finding(second, "offset.annual_cap")
    assert (found.status, found.measured) == (Status.FAIL, Quantity(2 * FIELD.area_dm2, "dm2"))
    assert found.margin == Quantity(cap_dm2 - 2 * FIELD.area_dm2, "dm2")


def test_a_project_that_fails_takes_nothing_of_the_cap() -> None:
    own = book(zbph__county_cap_ha=Decimal("1.5"), zbph__county_taken_ha=0)
    sites = [site(replace(FIELD, parcel_id=name), site_id=name, inside={"pbf": each})
             for name, each in (("P-01", 1), ("P-02", 0))]
    first, second = judge(sites, PLENTY, own, on=date(2025, 3, 14)).projects
    assert first.verdict is Status.FAIL
    assert finding(second, "offset.annual_cap").status is Status.PASS
