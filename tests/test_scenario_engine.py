from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date

import pytest
from deciding import (
    DAY,
    LINES,
    PLACE,
    PLENTY,
    book,
    finding,
    ids,
    judge,
    lot,
    only,
    own_rule,
    project,
    scenario,
    site,
)

from zoning.codes.reader import Component, QuotaKind, land_classes, quota_kinds
from zoning.errors import Message, RuleBookError, ScenarioError
from zoning.measure.facts import LayerEdition, Part, SiteFacts
from zoning.messages import LANGUAGES, say
from zoning.rules.book import RuleBook
from zoning.rules.model import ControlLine, Text
from zoning.rules.shipped import shipped
from zoning.scenario.engine import run
from zoning.scenario.outcome import LotLine, NeedLine, ProjectOutcome, Status

PADDY = Part("F1", "0101", 2_000_000, 0, 50)  # 2 ha, 30 mu of grade 5
ROAD = Part("F2", "1003", 1_000_000)
REVIVED = Part("F3", "0101", 500_000, stock_id="XZ-1", converted=True)
AFTER = date(2024, 6, 30)
OUTSIDE = {"ugb": 0}


def amounts(answer: ProjectOutcome) -> dict[tuple[str, str], int | None]:
    return {(line.kind, line.component): line.needed for line in answer.needs}


def need(answer: ProjectOutcome, kind: str, component: str) -> NeedLine:
    (line,) = (each for each in answer.needs if (each.kind, each.component) == (kind, component))
    return line


def every_sentence(answer: ProjectOutcome) -> list[str]:
    return [say(each.message, language) for each in answer.findings for language in LANGUAGES]


# ── the sum of it ────────────────────────────────────────────────────────────────────────────


def test_site_with_enough_quota_passes() -> None:
    answer = only(judge(site(PADDY, ROAD)))
    assert answer.verdict is Status.PASS
    assert answer.missing == ()
    assert amounts(answer) == {
        ("plan_quota", "total"): 2_000_000, ("plan_quota", "agricultural"): 2_000_000,
        ("plan_quota", "farmland"): 2_000_000, ("offset", "area"): 2_000_000,
        ("offset", "paddy"): 2_000_000, ("offset", "capacity"): 33_000,
    }


def test_other_land_needs_plan_quota_only() -> None:
    parts = (Part("F1", "0201", 300), Part("F2", "1206", 50), Part("F3", "0702", 7))
    answer = only(judge(site(*parts)))
    assert amounts(answer) == {("plan_quota", "total"): 350, ("plan_quota", "agricultural"): 300,
                               ("plan_quota", "farmland"): 0}


def test_outcome_names_what_it_rests_on() -> None:
    edition = LayerEdition("parcel", "2019", "ab")
    facts = SiteFacts("P-01", 10, (Part("F1", "1003", 10),), 0, 0, (), (edition,))
    outcome = run(scenario(project()), {"P-01": facts}, (), book(), land_classes(), quota_kinds(),
                  ledger_position=7)
    assert outcome.editions == (edition,)
    assert outcome.rules_sha256 == book().digest
    assert outcome.ledger_position == 7
    assert (outcome.decision_date, outcome.place) == (DAY, PLACE)


def test_project_without_facts_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no_facts"):
        run(scenario(project()), {}, (), book(), land_classes(), quota_kinds())


def test_every_sentence_can_be_said_in_both_languages() -> None:
    sites = (
        site(PADDY, ROAD, REVIVED, inside={"pbf": 9, "ugb": 5}),
        site(Part("F9", None, 10), uncovered_dm2=5, overlap_dm2=1, loaded=()),
        site(REVIVED), site(ROAD), site(),
    )
    paths = ("batch", "separate", "linkage_new_site", "point_supply", "stock")
    kinds = ("industry", "energy")
    for facts in sites:
        for path in paths:
            for kind in kinds:
                for on in (DAY, AFTER):
                    told = every_sentence(only(judge(facts, PLENTY[:1], None,
                                                     project(path=path, kind=kind), on=on)))
                    assert all("{" not in each and "None" not in each for each in told)


def test_project_kind_stands_for_itself_without_names() -> None:
    outcome = run(scenario(project()), {"P-01": site(PADDY, inside={"pbf": 5})}, PLENTY, book(),
                  land_classes(), quota_kinds())
    assert "industry项目不得占用" in say(finding(only(outcome), "line.pbf").message)


# ── land ─────────────────────────────────────────────────────────────────────────────────────


def test_unknown_class_is_undecided_and_names_the_parcels() -> None:
    answer = only(judge(site(PADDY, Part("F7", "9999", 10), Part("F8", None, 5))))
    assert answer.verdict is Status.UNDECIDED
    assert finding(answer, "site.class_unknown").status is Status.UNDECIDED
    assert set(answer.missing) == {"land_class:parcel=F7", "land_class:parcel=F8"}
    assert all(line.needed is None and line.status is Status.UNDECIDED for line in answer.needs)
    assert {line.kind for line in answer.needs} == {"plan_quota", "offset"}


def test_long_list_of_parcels_is_cut_in_the_sentence_only() -> None:
    parts = [Part(f"F{number}", None, 10) for number in range(7)]
    answer = only(judge(site(*parts)))
    assert len(answer.missing) == 7
    told = say(finding(answer, "site.class_unknown").message)
    assert "7 个图斑（F0、F1、F2、F3、F4、…" in told


def test_uncovered_land_is_undecided_with_its_area() -> None:
    answer = only(judge(site(PADDY, uncovered_dm2=150)))
    assert answer.verdict is Status.UNDECIDED
    assert answer.missing == ("land_class:uncovered=1.50",)


def test_land_counted_twice_is_undecided() -> None:
    answer = only(judge(site(PADDY, ROAD, overlap_dm2=150)))
    assert answer.verdict is Status.UNDECIDED
    assert finding(answer, "site.overlap").missing == ("land_class:twice=1.50",)


def test_site_without_area_is_undecided() -> None:
    answer = only(judge(site()))
    assert answer.verdict is Status.UNDECIDED
    assert "site:empty" in answer.missing


# ── control lines ────────────────────────────────────────────────────────────────────────────


def test_industry_on_basic_farmland_fails_with_share_and_clause() -> None:
    answer = only(judge(site(PADDY, inside={"pbf": 500_000})))
    found = finding(answer, "line.pbf")
    assert answer.verdict is found.status is Status.FAIL
    assert (found.share_1e4, found.role, found.features[0].feature_id) == (2500, "pbf", "pbf-1")
    assert [each.rule_id for each in found.citations] == ["pbf.allowed_kinds"]
    assert "第十五条" in say(found.message)
    assert "5000.00 平方米（0.5000 公顷，合 7.5000 亩），占 25.00%" in say(found.message)


def test_energy_on_basic_farmland_names_condition_and_approver() -> None:
    answer = only(judge(site(PADDY, inside={"pbf": 5}), PLENTY, None, project(kind="energy")))
    found = finding(answer, "line.pbf")
    assert found.status is Status.INFO
    assert answer.verdict is Status.PASS
    assert "国务院" in say(found.message)
    assert "国家重点建设项目" in say(found.message)
    assert [each.rule_id for each in found.citations] == ["pbf.allowed_kinds", "pbf.approver"]


def test_approver_that_nobody_states_is_told() -> None:
    rules = book(eco_redline__allowed_kinds=("industry",))
    found = finding(only(judge(site(PADDY, inside={"eco_redline": 5}), PLENTY, rules)),
                    "line.eco_redline")
    assert found.status is Status.INFO
    assert "规则库未载明" in say(found.message)


def test_blank_rule_of_a_line_is_undecided_and_named() -> None:
    answer = only(judge(site(PADDY, inside={"eco_redline": 5})))
    assert answer.verdict is Status.UNDECIDED
    assert answer.missing == (f"rule:eco_redline.allowed_kinds@{PLACE}@2019-06-30",)


def test_line_rule_not_in_force_is_undecided() -> None:
    answer = only(judge(site(Part("F1", "1003", 10), inside={"pbf": 5}), on=date(1998, 1, 1)))
    assert finding(answer, "line.pbf").status is Status.UNDECIDED
    assert "没有生效的规则" in say(finding(answer, "line.pbf").message)


def test_line_that_is_not_touched_passes_without_any_rule() -> None:
    answer = only(judge(site(PADDY)))
    assert {finding(answer, f"line.{role}").status for role in LINES} == {Status.PASS}


@pytest.mark.parametrize("role", LINES)
def test_line_that_was_not_loaded_proves_nothing(role: str) -> None:
    loaded = [each for each in LINES if each != role]
    answer = only(judge(site(PADDY, loaded=loaded)))
    assert finding(answer, f"line.{role}").status is Status.UNDECIDED
    assert answer.missing == (f"layer:{role}",)


def test_tolerance_of_a_line_is_a_rule() -> None:
    rules = book(pbf__tolerance_dm2=5)
    at = only(judge(site(PADDY, inside={"pbf": 5}), PLENTY, rules))
    above = only(judge(site(PADDY, inside={"pbf": 6}), PLENTY, rules))
    assert finding(at, "line.pbf").status is Status.PASS
    assert "容差" in say(finding(at, "line.pbf").message)
    assert finding(above, "line.pbf").status is Status.FAIL


@pytest.mark.parametrize(("allowed", "status"), [
    (("industry",), Status.INFO), ((), Status.FAIL), (None, Status.UNDECIDED),
])
def test_land_outside_a_line_to_stay_within(allowed: object, status: Status) -> None:
    rules = book() if allowed is None else book(ugb__outside_allowed_kinds=allowed)
    answer = only(judge(site(PADDY, inside={"ugb": 1_500_000}), PLENTY, rules))
    found = finding(answer, "line.ugb")
    assert found.status is status
    assert found.measured is not None
    assert found.measured.value == 500_000


def test_line_of_another_country_is_judged_by_its_own_rule_file() -> None:
    line = ControlLine("flood", "US/DC", Text("洪泛区", "flood area"), "avoid")
    own = tuple(own_rule(rule_id, value, place="US/DC") for rule_id, value in (
        ("flood.allowed_kinds", ("water",)), ("debit.batch.farmland", ()),
        ("debit.batch.other_agricultural", ()), ("debit.batch.unused", ()),
        ("debit.batch.construction", ())))
    rules = shipped().merged(RuleBook(own, (line,)))
    facts = site(Part("SSL-1", None, 100), inside={"flood": 5}, loaded=("flood",))
    wet = only(judge(facts, (), rules, place="US/DC"))
    dry = only(judge(site(Part("SSL-1", None, 100), uncovered_dm2=4, loaded=("flood",)), (), rules,
                     place="US/DC"))
    assert wet.verdict is Status.FAIL
    assert {each for each in ids(wet) if each.startswith("line.")} == {"line.flood"}
    assert dry.verdict is Status.PASS
    assert finding(dry, "quota.none_needed").status is Status.PASS
    assert finding(dry, "site.class_unknown").status is Status.INFO


# ── quota ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("parts", "path"), [
    ((ROAD,), "batch"), ((REVIVED,), "batch"), ((ROAD, REVIVED), "stock"),
    ((REVIVED,), "linkage_new_site"), ((ROAD,), "separate"), ((ROAD,), "point_supply"),
])
def test_existing_construction_land_needs_no_new_quota(parts: tuple[Part, ...], path: str) -> None:
    answer = only(judge(site(*parts), (), None, project(path=path)))
    found = finding(answer, "quota.none_needed")
    assert answer.verdict is found.status is Status.PASS
    assert answer.needs == ()
    assert "不需要新增指标" in say(found.message)
    assert "no new quota is needed" in say(found.message, "en")
    assert [each.rule_id for each in found.citations] == [f"debit.{path}.construction"]


def test_revived_land_is_named_with_its_plots() -> None:
    found = finding(only(judge(site(REVIVED, ROAD))), "site.converted")
    assert found.role == "idle_land"
    assert [(each.feature_id, each.area_dm2) for each in found.features] == [("XZ-1", 500_000)]


def test_stock_path_on_land_not_yet_converted_fails() -> None:
    answer = only(judge(site(PADDY, ROAD), PLENTY, None, project(path="stock")))
    assert answer.verdict is Status.FAIL
    assert finding(answer, "quota.stock_path").measured is not None
    assert answer.needs == ()


def test_stock_path_on_land_of_unknown_class_is_undecided() -> None:
    answer = only(judge(site(ROAD, uncovered_dm2=5), PLENTY, None, project(path="stock")))
    assert answer.verdict is Status.UNDECIDED
    assert "quota.none_needed" not in ids(answer)


@pytest.mark.parametrize("path", ["linkage_new_site", "point_supply", "separate"])
def test_blank_debit_rule_is_undecided_and_named(path: str) -> None:
    answer = only(judge(site(PADDY), PLENTY, None, project(path=path)))
    assert answer.verdict is Status.UNDECIDED
    assert answer.missing == (f"rule:debit.{path}.farmland@{PLACE}@2019-06-30",)


def test_workspace_fills_a_blank_debit_rule() -> None:
    rules = book(debit__linkage_new_site__farmland=("linkage",))
    answer = only(judge(site(PADDY, ROAD), PLENTY, rules, project(path="linkage_new_site")))
    assert answer.verdict is Status.PASS
    assert amounts(answer) == {("linkage", "area"): 2_000_000, ("linkage", "paddy"): 2_000_000,
                               ("linkage", "capacity"): 33_000}


def test_new_site_without_farmland_asks_for_no_capacity() -> None:
    rules = book(debit__linkage_new_site__other_agricultural=("linkage",))
    answer = only(judge(site(Part("F5", "0201", 10)), PLENTY, rules,
                        project(path="linkage_new_site")))
    assert amounts(answer) == {("linkage", "area"): 10, ("linkage", "paddy"): 0,
                               ("linkage", "capacity"): 0}


def test_blank_for_one_kind_of_land_keeps_the_other_kinds_open() -> None:
    rules = book(debit__separate__other_agricultural=("plan_quota",))
    answer = only(judge(site(PADDY, Part("F5", "0201", 10)), PLENTY, rules,
                        project(path="separate")))
    assert answer.verdict is Status.UNDECIDED
    assert [line.needed for line in answer.needs] == [None, None, None]


def test_law_before_its_day_is_not_applied() -> None:
    answer = only(judge(site(PADDY), on=date(2001, 1, 1)))
    assert answer.verdict is Status.UNDECIDED
    assert f"rule:debit.batch.farmland@{PLACE}@2001-01-01" in answer.missing


def test_shipped_book_leaves_capacity_undecided() -> None:
    answer = only(judge(site(PADDY), PLENTY, shipped()))
    assert answer.verdict is Status.UNDECIDED
    assert answer.missing == (f"rule:zbph.capacity_per_mu@{PLACE}@2019-06-30",)
    assert need(answer, "offset", "area").status is Status.PASS
    assert need(answer, "offset", "capacity").needed is None
    assert finding(answer, "quota.offset").missing == answer.missing
    assert finding(answer, "quota.plan_quota").missing == ()


def test_farmland_without_grade_is_undecided_and_named() -> None:
    answer = only(judge(site(Part("F1", "0103", 10), PADDY)))
    assert answer.missing == ("grade:F1",)


def test_grade_with_a_decimal_needs_a_rule() -> None:
    odd = Part("F1", "0103", 2_000_000, 0, 54)
    assert only(judge(site(odd))).missing == ("grade:F1",)
    answer = only(judge(site(odd), PLENTY, book(zbph__capacity_between_grades="linear")))
    assert need(answer, "offset", "capacity").needed == 31_800


def test_shortfall_is_told_per_component() -> None:
    lots = (lot("plan_quota", {"total": 2_000_000, "agricultural": 2_000_000,
                               "farmland": 1_999_999}, "L1"), PLENTY[1])
    answer = only(judge(site(PADDY), lots))
    line = need(answer, "plan_quota", "farmland")
    assert (line.available, line.shortfall, line.status) == (1_999_999, 1, Status.FAIL)
    assert need(answer, "plan_quota", "total").status is Status.PASS
    assert answer.verdict is Status.FAIL
    assert "缺 0.01 平方米" in say(finding(answer, "quota.plan_quota").message)


def test_components_are_never_traded() -> None:
    rich = lot("offset", {"area": 10**12, "paddy": 0, "capacity": 10**12}, "L2")
    answer = only(judge(site(PADDY), (PLENTY[0], rich)))
    assert need(answer, "offset", "paddy").shortfall == 2_000_000


@pytest.mark.parametrize(("more", "available"), [
    ({}, 10), ({"expires": DAY}, 10), ({"expires": date(2019, 6, 29)}, 0),
    ({"uses": ("industry",)}, 10), ({"uses": ("housing",)}, 0), ({"place": "CN/32"}, 0),
    ({"place": PLACE + "/zone"}, 0),
])
def test_lot_counts_only_for_its_place_day_and_uses(
    more: dict[str, object], available: int
) -> None:
    lots = (lot("plan_quota", {"total": 10}, "L1", **more),)  # type: ignore[arg-type]
    assert need(only(judge(site(PADDY), lots)), "plan_quota", "total").available == available


def test_named_pools_limit_and_open_higher_places() -> None:
    lots = (lot("plan_quota", {"total": 10}, "L1", pool="county"),
            lot("plan_quota", {"total": 20}, "L2", pool="reserve"),
            lot("plan_quota", {"total": 40}, "L3", pool="省级", place="CN/32"),
            lot("plan_quota", {"total": 80}, "L4", pool="省级", place="CN/33"))
    answer = only(judge(site(PADDY), lots, None, project(pools=("reserve", "省级"))))
    line = need(answer, "plan_quota", "total")
    assert [(pool.pool, pool.available, pool.drawn) for pool in line.pools] == [
        ("CN/32:省级", 40, 40), ("reserve", 20, 20)]


def test_lots_are_drawn_in_the_order_of_the_quota_book() -> None:
    """The earliest expiry first, then the oldest: accounting §5, so that a hold draws the same."""
    lots = (lot("plan_quota", {"total": 10}, "L1", pool="a"),
            lot("plan_quota", {"total": 10}, "L2", pool="b", expires=date(2019, 12, 31)),
            lot("plan_quota", {"total": 10}, "L3", pool="c", uses=("industry",)))
    small = Part("F1", "1206", 15)
    line = need(only(judge(site(small), lots)), "plan_quota", "total")
    assert {pool.pool: pool.drawn for pool in line.pools} == {"a": 5, "b": 10, "c": 0}
    assert line.lots == (LotLine("L2", 10), LotLine("L1", 5))


# ── the increment inside the boundary ────────────────────────────────────────────────────────


@pytest.mark.parametrize(("inside", "parts", "needed"), [
    ({}, (PADDY, ROAD), 2_000_000),
    ({"ugb": 1_500_000}, (PADDY,), 1_500_000),
    (OUTSIDE, (PADDY,), 0),
    ({"ugb": 1_500_000}, (PADDY, ROAD), None),
])
def test_increment_counts_new_land_inside_the_boundary(
    inside: dict[str, int], parts: tuple[Part, ...], needed: int | None
) -> None:
    rules = book(ugb__outside_allowed_kinds=("industry",))
    answer = only(judge(site(*parts, inside=inside), PLENTY, rules, on=AFTER))
    assert need(answer, "boundary_increment", "area").needed == needed
    assert ("land_class:inside_ugb" in answer.missing) == (needed is None)


def test_increment_needs_the_boundary_layer() -> None:
    answer = only(judge(site(PADDY, loaded=("pbf", "eco_redline")), on=AFTER))
    assert need(answer, "boundary_increment", "area").needed is None
    assert finding(answer, "quota.boundary_increment").missing == ("layer:ugb",)


def test_increment_was_no_quota_in_2019() -> None:
    assert {line.kind for line in only(judge(site(PADDY))).needs} == {"plan_quota", "offset"}


def test_quota_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(RuleBookError, match="unknown_quota"):
        judge(site(PADDY), PLENTY, book(debit__batch__farmland=("carbon",)))


def test_component_nobody_can_count_is_undecided() -> None:
    trees = QuotaKind("wetland", "湿地指标", "Wetland quota",
                      (Component("area", "面积", "Area", "dm2"),
                       Component("trees", "树木", "Trees", "kg")))
    rules = book(debit__batch__farmland=("wetland",))
    answer = only(run(scenario(project()), {"P-01": site(PADDY)}, (), rules, land_classes(),
                      {"wetland": trees}))
    assert "component:wetland.trees" in answer.missing
    assert amounts(answer) == {("wetland", "area"): 2_000_000, ("wetland", "trees"): None}


# ── projects take turns ──────────────────────────────────────────────────────────────────────


def two(first: ProjectOutcome | None = None, **more: object) -> list[ProjectOutcome]:
    sites = [site(PADDY, site_id="P-01", **more), site(PADDY, site_id="P-02")]  # type: ignore[arg-type]
    lots = (lot("plan_quota", {"total": 3_000_000, "agricultural": 10**9, "farmland": 10**9}),
            PLENTY[1])
    return list(judge(sites, lots).projects)


def test_passing_project_reserves_what_it_draws() -> None:
    first, second = two()
    assert (first.verdict, second.verdict) == (Status.PASS, Status.FAIL)
    assert need(second, "plan_quota", "total").available == 1_000_000


def test_failing_project_reserves_nothing() -> None:
    first, second = two(inside={"pbf": 1})
    assert (first.verdict, second.verdict) == (Status.FAIL, Status.PASS)


def test_undecided_project_reserves_what_is_known() -> None:
    first, second = two(inside={"eco_redline": 1})
    assert (first.verdict, second.verdict) == (Status.UNDECIDED, Status.FAIL)


def test_rank_decides_the_turn_and_the_file_the_order_of_answers() -> None:
    sites = [site(PADDY, site_id="P-01"), site(PADDY, site_id="P-02")]
    lots = (lot("plan_quota", {"total": 3_000_000, "agricultural": 10**9, "farmland": 10**9}),
            PLENTY[1])
    outcome = judge(sites, lots, None, project("P-01", rank=2), project("P-02", rank=1))
    assert [(each.project_id, each.verdict) for each in outcome.projects] == [
        ("P-01", Status.FAIL), ("P-02", Status.PASS)]


def test_inputs_are_not_changed() -> None:
    free = {"total": 3_000_000, "agricultural": 10**9, "farmland": 10**9}
    lots = (lot("plan_quota", free), PLENTY[1])
    before = copy.deepcopy((free, lots))
    judge(site(PADDY), lots)
    assert (free, lots) == before


# ── approvals ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("parts", "inside", "approver"), [
    ((Part("F1", "0103", 35_000_000, 0, 50),), {}, "省级人民政府"),
    ((Part("F1", "0103", 35_000_001, 0, 50),), {}, "国务院"),
    ((Part("F1", "0702", 70_000_000),), {}, "省级人民政府"),
    ((Part("F1", "0702", 70_000_001),), {}, "国务院"),
    ((Part("F1", "0103", 10, 0, 50),), {"pbf": 1}, "国务院"),
])
def test_taking_is_approved_by_size_and_basic_farmland(
    parts: tuple[Part, ...], inside: dict[str, int], approver: str
) -> None:
    found = finding(only(judge(site(*parts, inside=inside))), "approval.taking")
    assert found.status is Status.INFO
    assert approver in say(found.message)


def test_conversion_is_told_with_its_clause() -> None:
    with_farm = finding(only(judge(site(PADDY))), "approval.conversion")
    without = finding(only(judge(site(ROAD))), "approval.conversion")
    assert "第四十四条" in say(with_farm.message)
    assert "不涉及农用地" in say(without.message)


def test_approvals_are_silent_where_the_land_is_not_known() -> None:
    answer = only(judge(site(ROAD, uncovered_dm2=5)))
    assert not {each for each in ids(answer) if each.startswith("approval.")}
    unmapped = only(judge(site(ROAD, loaded=("ugb",))))
    assert "approval.taking" not in ids(unmapped)


def test_every_finding_id_is_used_once_per_project() -> None:
    answer = only(judge(site(PADDY, ROAD, REVIVED, inside={"pbf": 5})))
    assert len(ids(answer)) == len(answer.findings)
    assert all(isinstance(each.message, Message) for each in answer.findings)


def test_a_faulty_feature_of_a_line_near_the_site_leaves_it_undecided() -> None:
    """A line that cannot be drawn proves nothing; a hit on the sound rest still fails."""
    clear, touched = (
        replace(facts, lines=tuple(replace(hit, faulty=("bad",)) if hit.role == "pbf" else hit
                                   for hit in facts.lines))
        for facts in (site(Part("A", "0601", 50_000)),
                      site(Part("A", "0601", 50_000), inside={"pbf": 100}))
    )
    unsure = finding(only(judge(clear)), "line.pbf")
    assert unsure.status is Status.UNDECIDED
    assert unsure.missing == ("feature:pbf/bad",)
    assert finding(only(judge(touched)), "line.pbf").status is Status.FAIL


def test_a_layer_that_no_rule_defines_decides_nothing() -> None:
    """What somebody loaded is not passed over: a hit is undecided and names the missing line."""
    hit = site(Part("A", "0601", 50_000), inside={"flood": 100}, loaded=(*LINES, "flood"))
    clear = site(Part("A", "0601", 50_000), loaded=(*LINES, "flood"))
    unsure = finding(only(judge(hit)), "line.flood")
    assert unsure.status is Status.UNDECIDED
    assert unsure.missing[0].startswith("rule:line.flood@")
    assert finding(only(judge(clear)), "line.flood").status is Status.INFO
