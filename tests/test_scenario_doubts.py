"""What a sceptical lawyer would try: days, places, thresholds, land twice, blanks for yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from deciding import PLACE, PLENTY, book, finding, ids, judge, lot, only, own_rule, project, site
from planning import all_of, branch, run

from zoning.measure.facts import Part
from zoning.messages import LANGUAGES, say
from zoning.rules.book import RuleBook
from zoning.rules.model import Rule, Text
from zoning.rules.shipped import shipped
from zoning.scenario.design import Design
from zoning.scenario.findings.lines import _distance
from zoning.scenario.model import Site
from zoning.scenario.outcome import Quantity, Status

FARM = Part("F1", "0103", 1_000_000, 0, 50)
ROAD = Part("F2", "1003", 1_000_000)
LAW_2020 = date(2020, 1, 1)


def blank(rule_id: str, place: str = PLACE) -> RuleBook:
    return book().merged(RuleBook((Rule(rule_id, place, None, "", Text("未核实", "?"), "none"),)))


# ── days and places ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rule", shipped().rules, ids=lambda r: f"{r.id}@{r.place}@{r.valid_from}")
def test_every_rule_counts_on_its_first_and_last_day_and_not_beside_them(rule: Rule) -> None:
    at = shipped()
    for day in filter(None, (rule.valid_from, rule.valid_to)):
        found = at.look_up(rule.id, on=day, place=rule.place)
        assert found is not None
        assert found == rule or (rule.is_blank and not found.is_blank)
    if rule.valid_from:
        assert at.look_up(rule.id, on=rule.valid_from - timedelta(1), place=rule.place) != rule
    if rule.valid_to:
        assert at.look_up(rule.id, on=rule.valid_to + timedelta(1), place=rule.place) != rule


def test_a_place_is_compared_by_segments_and_a_nearer_blank_silences_a_farther_value() -> None:
    county = Rule("pbf.allowed_kinds", PLACE, None, "", Text("县", "county"), "none")
    rules = book().merged(RuleBook((county,)))
    facts = site(ROAD, inside={"pbf": 10})
    assert finding(only(judge(facts, PLENTY, book())), "line.pbf").status is Status.FAIL
    assert finding(only(judge(facts, PLENTY, rules)), "line.pbf").status is Status.UNDECIDED
    neighbour = own_rule("pbf.allowed_kinds", ("industry",), place=PLACE[:-1])
    beside = book().merged(RuleBook((neighbour,)))
    assert finding(only(judge(facts, PLENTY, beside)), "line.pbf").status is Status.FAIL


def test_the_law_of_the_decision_day_counts_and_not_of_the_day_before_or_after() -> None:
    facts = site(ROAD, inside={"ugb": 0})
    park = project(design=Design(is_park=True))
    rules = book(ugb__outside_allowed_kinds=("industry",))
    for day, made in ((date(2026, 2, 27), False), (date(2026, 2, 28), True)):
        assert ("boundary.park" in ids(only(judge(facts, PLENTY, rules, park, on=day)))) is made


# ── thresholds ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("stated", "status"), [
    ("0.07", Status.PASS), ("0.0700001", Status.FAIL), ("0.0699999", Status.PASS),
])
def test_a_share_at_its_limit_is_compared_exactly_and_not_as_shown(
    stated: str, status: Status
) -> None:
    asked = project(design=Design(industry_code="27", office_land_share=Decimal(stated)))
    answer = only(judge(site(ROAD), PLENTY, book(), asked, on=date(2023, 7, 1)))
    assert finding(answer, "standard.office_land_share").status is status


@pytest.mark.parametrize(("wan", "status"), [("1500", Status.PASS), ("1499.9999", Status.FAIL)])
def test_investment_per_mu_is_not_rounded_before_it_is_compared(wan: str, status: Status) -> None:
    asked = project(design=Design(industry_code="27", investment_wan=Decimal(wan)))
    rules = book(ind__invest_intensity=100)  # 1 ha is 15 mu
    answer = only(judge(site(ROAD), PLENTY, rules, asked, on=date(2023, 7, 1)))
    assert finding(answer, "standard.investment_wan").status is status


@pytest.mark.parametrize(("wanted", "status"), [("12.3", Status.PASS), ("12.34", Status.FAIL)])
def test_a_demand_on_width_is_never_rounded_down(wanted: str, status: Status) -> None:
    facts = replace(site(ROAD), width_dm=123)
    asked = project(design=Design(least_width_m=Decimal(wanted)))
    found = finding(only(judge(facts, PLENTY, book(), asked)), "shape.width")
    assert found.status is status


def test_one_square_centimetre_is_short() -> None:
    have = [*PLENTY[:1], lot("offset", {"area": 999_999, "paddy": 0, "capacity": 10**9}, "L2"),
            *PLENTY[2:]]
    found = finding(only(judge(site(FARM), have)), "quota.offset")
    assert (found.status, found.margin) == (Status.FAIL, Quantity(-1, "dm2"))


# ── land and quota twice ─────────────────────────────────────────────────────────────────────


def test_land_is_given_once() -> None:
    same = Site(parcels=("A", "B"))
    asked = [project("P-01", rank=1, site=same), project("P-02", rank=2, site=Site(parcels=("B",)))]
    sites = [site(ROAD, site_id=each.id) for each in asked]
    first, second = judge(sites, PLENTY, book(), *asked).projects
    assert (first.verdict, second.verdict) == (Status.PASS, Status.FAIL)
    message = finding(second, "site.shared").message
    assert (message.params["names"], message.params["projects"]) == (["B"], ["P-01"])
    assert all("P-01" in say(message, language) for language in LANGUAGES)
    on_line = site(ROAD, site_id="P-01", inside={"pbf": 5})
    failed, then = judge([on_line, sites[1]], PLENTY, book(), *asked).projects
    assert (failed.verdict, then.verdict) == (Status.FAIL, Status.PASS)


def test_land_given_in_one_year_is_gone_in_the_next() -> None:
    same = Site(layer="idle_land", features=("XZ-1",))
    asked = [project("P-01", rank=1, site=same),
             project("P-02", rank=2, site=same, start=date(2020, 5, 1))]
    line = run(branch([site(ROAD, site_id=each.id) for each in asked], [], *asked))
    assert [each.year for each in line.going] == [2019, None]
    assert [each.id for each in line.of("P-02").waits[-1].findings] == ["site.shared"]


def test_a_lot_is_good_through_its_last_day_and_lapses_with_the_year() -> None:
    have = [all_of(kind, 10**9, lot_id=kind, expires=date(2019, 9, 30))
            for kind in ("plan_quota", "offset")]
    for start, year in ((date(2019, 9, 30), 2019), (date(2019, 10, 1), None)):
        line = run(branch([site(FARM)], have, project(start=start)))
        assert line.going[0].year == year
        assert {each.lapsed + each.drawn for each in line.years if each.year == 2019} == {10**9}


def test_a_lot_that_is_overdrawn_lends_nothing() -> None:
    have = [lot("offset", {"area": -5, "paddy": 0, "capacity": 0}, "L0"), *PLENTY]
    line = next(each for each in only(judge(site(FARM), have)).needs
                if (each.kind, each.component) == ("offset", "area"))
    assert {each.lot_id for each in line.lots} == {"L2"}


def test_more_inflow_may_delay_another_project() -> None:
    """Alone it never does; with others one of a higher rank may now go first."""
    small, large = replace(FARM, area_dm2=400_000), FARM
    sites = [site(large, site_id="P-01"), site(small, site_id="P-02")]
    little = [all_of(kind, 600_000, lot_id=kind) for kind in ("plan_quota",)]
    rest = [all_of("offset", 10**9, lot_id="offset")]
    more = all_of("plan_quota", 400_000, lot_id="E", likelihood_1e4=5000)
    before = run(branch(sites, [*little, *rest]))
    after = run(branch(sites, [*little, *rest, more]))
    assert [each.year for each in before.going] == [None, 2019]
    assert [each.year for each in after.going] == [2019, None]


# ── blanks that look like yes ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("rule_id", "found", "on", "kind"), [
    ("zbph.regime", "offset.annual_cap", date(2025, 3, 1), "industry"),
    ("ugb.outside_park_allowed", "boundary.park", date(2026, 3, 1), "industry"),
    ("plan.new_land_for_housing", "boundary.housing", date(2026, 3, 17), "housing"),
    ("plan.conformity", "plan.conformity", date(2024, 3, 1), "industry"),
    ("pbf.allowed_kinds", "line.pbf", date(2024, 3, 1), "industry"),
    ("debit.batch.farmland", "quota.debit", date(2024, 3, 1), "industry"),
])
def test_a_rule_known_to_exist_and_not_verified_never_passes(
    rule_id: str, found: str, on: date, kind: str
) -> None:
    facts = replace(site(FARM, inside={"pbf": 10}), planned_use=())
    asked = project(kind=kind, design=Design(planned_uses=("07",)))
    answer = only(judge(facts, PLENTY, blank(rule_id), asked, on=on))
    told = finding(answer, found)
    assert told.status is Status.UNDECIDED
    assert f"rule:{rule_id}@{PLACE}@{on.isoformat()}" in told.missing
    assert all(say(told.message, language) for language in LANGUAGES)


def test_an_empty_site_unknown_codes_and_layers_not_loaded_never_pass() -> None:
    for facts in (site(), site(Part("X", "9999", 5)), site(Part("X", "", 5)),
                  site(ROAD, loaded=()), site(ROAD, uncovered_dm2=1), site(ROAD, overlap_dm2=1)):
        assert only(judge(facts)).verdict is not Status.PASS


# ── lengths of lines ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("relation", "told", "expected"), [
    ("avoid", 2_599, 25), ("avoid", -3_901, -40), ("within", -4_099, 40), ("within", 2_401, -25),
])
def test_distance_to_a_line_counts_from_its_wrong_side(
    relation: str, told: int, expected: int
) -> None:
    line, hit = SimpleNamespace(relation=relation), SimpleNamespace(margin_mm=told)
    assert _distance(line, hit) == Quantity(expected, "dm")  # type: ignore[arg-type]
    unmeasured = SimpleNamespace(margin_mm=None)
    assert _distance(line, unmeasured) is None  # type: ignore[arg-type]
