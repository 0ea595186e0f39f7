"""Every shipped rule is a test case of its own."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from zoning.codes.project_kinds import project_kinds
from zoning.codes.reader import quota_kinds
from zoning.rules.book import RuleBook
from zoning.rules.model import BLANK_MARKS, SHIPPED_MARKS, Rule, contains, exact
from zoning.rules.shipped import shipped, shipped_texts
from zoning.scenario.land import LANDS
from zoning.scenario.model import PATHS
from zoning.scenario.words import AUTHORITIES

COUNTY = "CN/32/3206/320623"
DEMO_DAY = date(2019, 6, 30)
KEY_KINDS = ("energy", "transport", "water", "military")
TWO_QUOTAS = ("plan_quota", "offset")
ELSEWHERE = {"CN/32/3202", "CN/32/3204", "CN/32/3207", "CN/32/3209", "CN/32/3211", "CN/32/3212",
             "CN/32/3213", "CN/32/3205/320585", "CN/33/3309", "CN/36", "CN/45/4505"}
"""Places outside the county of which a rule or a price was read; it applies there only."""
BOOK = shipped()


def name(rule: Rule) -> str:
    return f"{rule.id}@{rule.place}@{rule.valid_from}"


@pytest.mark.parametrize("rule", BOOK.rules, ids=name)
def test_shipped_rule_is_sound(rule: Rule) -> None:
    assert re.fullmatch(r"(unit|ledger|zbph|pbf|eco_redline|plan|idle|appr|fee|ugb|zjgg|ind|debit"
                        r"|demo)(\.[a-z0-9_]+)+", rule.id)
    assert contains(rule.place, COUNTY) or rule.place in ELSEWHERE
    assert rule.unit.strip()
    assert re.search(r"[一-鿿]", rule.citation.zh)
    assert re.search(r"[A-Za-z]", rule.citation.en)
    assert not re.search(r"[一-鿿]", rule.citation.en)
    assert rule.valid_from is None or date(1986, 1, 1) <= rule.valid_from <= date(2026, 12, 31)
    marks = rule.confidence.split("/")
    assert rule.is_blank == any(mark in BLANK_MARKS for mark in marks)
    assert set(marks) <= {*SHIPPED_MARKS, *BLANK_MARKS} - {"W"}


@pytest.mark.parametrize("rule", [r for r in BOOK.rules if r.id.startswith("debit.")], ids=name)
def test_debit_rule_names_a_path_a_land_and_quota_kinds(rule: Rule) -> None:
    _, path, land = rule.id.split(".")
    assert path in PATHS
    assert land in LANDS
    assert rule.is_blank or set(rule.value) <= set(quota_kinds())  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", [r for r in BOOK.rules if r.id.endswith("allowed_kinds")],
                         ids=name)
def test_allowed_kinds_are_project_kinds(rule: Rule) -> None:
    assert rule.is_blank or set(rule.value) <= set(project_kinds())  # type: ignore[arg-type]


def test_approvers_are_known_authorities() -> None:
    assert {r.value for r in BOOK.rules if r.id.endswith(".approver") and not r.is_blank} <= {
        *AUTHORITIES}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_has_a_rule_for_construction_land(path: str) -> None:
    rule = BOOK.look_up(f"debit.{path}.construction", on=DEMO_DAY, place=COUNTY)
    assert rule is not None
    assert rule.value == ()


@pytest.mark.parametrize("path", [path for path in PATHS if path != "stock"])
@pytest.mark.parametrize("land", LANDS)
def test_every_path_and_land_has_a_record(path: str, land: str) -> None:
    assert BOOK.look_up(f"debit.{path}.{land}", on=DEMO_DAY, place=COUNTY) is not None


def test_three_control_lines_are_shipped() -> None:
    assert {line.role: line.relation for line in BOOK.lines_at(COUNTY)} == {
        "pbf": "avoid", "eco_redline": "avoid", "ugb": "within"}
    assert BOOK.lines_at("US/DC") == ()


@pytest.mark.parametrize(("rule_id", "on", "value", "article"), [
    ("pbf.allowed_kinds", date(2019, 6, 30), KEY_KINDS, "第十五条"),
    ("pbf.allowed_kinds", date(2020, 1, 1), KEY_KINDS, "第三十五条"),
    ("pbf.approver", date(2019, 12, 31), "state_council", "第十五条"),
    ("zbph.duty", date(2019, 6, 30), True, "第三十一条"),
    ("zbph.duty", date(2020, 1, 1), True, "第三十条"),
    ("plan.duty", date(2019, 6, 30), True, "第四十四条"),
    ("appr.sc_farmland_ha", date(2019, 12, 31), 35, "第四十五条"),
    ("appr.sc_farmland_ha", date(2020, 1, 1), 35, "第四十六条"),
    ("debit.batch.farmland", date(2019, 6, 30), TWO_QUOTAS, "第三十一条"),
    ("debit.batch.farmland", date(2024, 3, 26), TWO_QUOTAS, "第三十条"),
    ("debit.batch.farmland", date(2024, 3, 27), (*TWO_QUOTAS, "boundary_increment"), "第三十条"),
    ("debit.batch.unused", date(2019, 6, 30), ("plan_quota",), "第二条"),
])
def test_the_law_of_the_day_is_found(rule_id: str, on: date, value: object, article: str) -> None:
    rule = BOOK.look_up(rule_id, on=on, place=COUNTY)
    assert rule is not None
    assert rule.value == value
    assert article in rule.citation.zh


@pytest.mark.parametrize("rule_id", [
    "zbph.capacity_per_mu", "eco_redline.allowed_kinds", "ugb.outside_allowed_kinds",
    "debit.linkage_new_site.farmland", "debit.point_supply.farmland", "debit.separate.farmland",
    "zjgg.sell_price", "fee.tax_rate", "fee.qupian", "fee.xzjs_grade", "ind.far_min@2023",
    "plan.diangong.threshold", "appr.unused_land", "zbph.commit_years",
])
def test_what_nobody_verified_stays_blank(rule_id: str) -> None:
    rule_id, _, year = rule_id.partition("@")
    found = [rule for rule in BOOK.history(rule_id)
             if not year or (rule.valid_from and rule.valid_from.year >= int(year))]
    assert found
    assert all(rule.is_blank for rule in found)


def test_before_a_law_there_is_silence() -> None:
    assert BOOK.look_up("pbf.allowed_kinds", on=date(1998, 12, 31), place=COUNTY) is None
    assert BOOK.look_up("idle.fee_rate", on=date(2012, 6, 30), place=COUNTY) is None


def test_digest_is_that_of_the_files() -> None:
    assert shipped().digest == RuleBook(BOOK.rules[::-1], BOOK.lines[::-1]).digest
    assert all(file.endswith(".toml") for file, _ in shipped_texts())


# ── each value as the sources have it ────────────────────────────────────────────────────────


def value(rule_id: str, on: date = date(2025, 6, 30), place: str = COUNTY) -> object:
    rule = BOOK.look_up(rule_id, on=on, place=place)
    return rule.value if rule else "no record"


@pytest.mark.parametrize(("rule_id", "expected"), [
    ("unit.mu_m2", "666.667"), ("ledger.area_decimals", 4),
    ("zbph.components", ("area", "paddy", "capacity")), ("zbph.grade_range", (1, 15)),
    ("zbph.grade_decimals", 1), ("zbph.regime", "writeoff_and_annual_cap"),
    ("zbph.annual_cap", "net_stable_gain_of_previous_year"), ("zbph.paddy_for_paddy", True),
    ("zbph.counts.orchard_forest_loss", True), ("zbph.old_applications", False),
    ("zbph.in_out_balance", "inside_offset"), ("zbph.off_province_approver", "state_council"),
    ("pbf.reclaim_fee_multiplier", 2), ("pbf.replace_max_slope", 25),
    ("pbf.province_share_min", "0.8"), ("pbf.topsoil_stripping", True),
    ("pbf.park_allowed", False), ("zjgg.return_years", 3),
    ("zjgg.xprov_transfer", "allowed"), ("zjgg.equal_area", True),
    ("zjgg.new_site_taking_only", True), ("plan.boundary_year_floor", "0.80"),
    ("plan.supply_rate_floor_5y", "0.60"), ("ugb.nantong_factor", "1.3573"),
    ("idle.not_started_years", 1), ("idle.area_share", "1/3"), ("idle.invest_share", "0.25"),
    ("idle.stop_years", 1), ("idle.fee_rate", "0.20"), ("idle.recover_years", 2),
    ("idle.investigate_days", 30), ("idle.answer_days", 30), ("idle.pay_days", 30),
    ("idle.extend_max", 1), ("idle.temp_use_max", 2), ("idle.default_start", 1),
    ("appr.sc_farmland_ha", 35), ("appr.sc_other_ha", 70), ("appr.pre_notice", 10),
    ("appr.plan_notice", 30), ("appr.post_notice", 15), ("appr.area_tolerance", "0.01"),
    ("appr.forest_national_ha", {"protective": 10, "timber": 35, "other": 70}),
    ("appr.sea_state_ha", {"fill": 50, "enclose": 100, "other": 700}),
    ("appr.jiangsu_city_delegate", "苏政地F"), ("fee.tax_pbf_mult", "1.5"),
    ("fee.tax_transport", 2), ("fee.qupian_review_years", 3),
    ("fee.xzjs", (140, 120, 100, 80, 64, 56, 48, 42, 34, 28, 24, 20, 16, 14, 10)),
    ("ind.office_land_max", "0.07"), ("ind.office_floor_max", "0.15"),
    ("demo.nantong.farmland", "577.17"), ("demo.nantong.pbf", "525.037"),
])
def test_a_value_is_that_of_the_source(rule_id: str, expected: object) -> None:
    found = value(rule_id)
    assert (str(found) if isinstance(expected, str) else found) == expected


@pytest.mark.parametrize(("rule_id", "on", "expected"), [
    ("zbph.regime", date(2024, 12, 31), "project_writeoff"),
    ("zbph.in_out_balance", date(2024, 12, 31), "same_year"),
    ("zbph.counts.orchard_forest_loss", date(2024, 12, 31), False),
    ("plan.earn.pewg_old", date(2020, 6, 1), "0.50"),
    ("plan.earn.pewg_new", date(2020, 6, 1), "0.30"),
    ("plan.earn.idle", date(2020, 12, 31), "0.50"), ("plan.earn.idle", date(2021, 1, 1), None),
    ("plan.min_disposal_rate", date(2020, 6, 1), "0.15"),
    ("plan.national_total", date(2022, 6, 1), 600), ("plan.national_total", date(2023, 6, 1), 650),
    ("plan.national_total", date(2024, 6, 1), 600),
    ("plan.new_land_for_housing", date(2026, 3, 16), "not_in_principle"),
    ("plan.new_land_for_housing", date(2026, 3, 15), "no record"),
    ("ugb.outside_park_allowed", date(2026, 2, 28), False),
    ("ugb.positive_opt_cases", date(2026, 2, 28), 7),
    ("zjgg.xprov_transfer", date(2026, 1, 1), None), ("zjgg.sell_price", date(2020, 1, 1), None),
    ("pbf.reserve_zone_first", date(2025, 10, 1), True),
    ("pbf.reserve_zone_first", date(2025, 9, 30), "no record"),
    ("ind.building_coef_min", date(2023, 6, 25), "0.30"),
    ("ind.building_coef_min", date(2023, 6, 26), None),
    ("appr.pre_notice", date(2021, 8, 31), "no record"),
])
def test_a_value_counts_on_its_days_only(rule_id: str, on: date, expected: object) -> None:
    found = value(rule_id, on)
    assert (str(found) if isinstance(expected, str) else found) == expected


FAR_2008 = {
    "13": "1.0", "14": "1.0", "15": "1.0", "16": "1.0", "17": "0.8", "18": "1.0", "19": "1.0",
    "20": "0.8", "21": "0.8", "22": "0.8", "23": "0.8", "24": "1.0", "25": "0.5", "26": "0.6",
    "27": "0.7", "28": "0.8", "29": "0.8", "30": "1.0", "31": "0.7", "32": "0.6", "33": "0.6",
}


@pytest.mark.parametrize(("code", "least"), FAR_2008.items())
def test_floor_area_ratio_of_2008_by_industry(code: str, least: str) -> None:
    table = value("ind.far_min", date(2023, 6, 25))
    assert isinstance(table, dict)
    assert set(table) == set(FAR_2008)
    assert str(table[code]) == least


@pytest.mark.parametrize(("city", "letter"), [
    ("3206", "F"), ("3207", "G"), ("3209", "J"), ("3211", "L"), ("3212", "M"), ("3213", "N"),
    ("3202", "B"), ("3204", "D"),
])
def test_letter_of_a_delegated_approval_is_that_of_the_city(city: str, letter: str) -> None:
    assert value("appr.jiangsu_city_delegate", place=f"CN/32/{city}") == f"苏政地{letter}"


@pytest.mark.parametrize(("found", "expected"), [
    (3, 3), ("1/3", Fraction(1, 3)), (Decimal("0.25"), Fraction(1, 4)), (True, None),
    ("8-40", None), ("a/b", None), (None, None), ((1, 2), None),
])
def test_a_number_of_a_rule_is_exact(found: object, expected: object) -> None:
    assert exact(found) == expected
