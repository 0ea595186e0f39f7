"""Every shipped rule is a test case of its own."""

from __future__ import annotations

import re
from datetime import date

import pytest

from zoning.codes.project_kinds import project_kinds
from zoning.codes.reader import quota_kinds
from zoning.rules.book import RuleBook
from zoning.rules.model import BLANK_MARKS, SHIPPED_MARKS, Rule
from zoning.rules.shipped import shipped, shipped_texts
from zoning.scenario.land import LANDS
from zoning.scenario.model import PATHS
from zoning.scenario.words import AUTHORITIES

COUNTY = "CN/32/3206/320623"
DEMO_DAY = date(2019, 6, 30)
KEY_KINDS = ("energy", "transport", "water", "military")
TWO_QUOTAS = ("plan_quota", "offset")
BOOK = shipped()


def name(rule: Rule) -> str:
    return f"{rule.id}@{rule.place}@{rule.valid_from}"


@pytest.mark.parametrize("rule", BOOK.rules, ids=name)
def test_shipped_rule_is_sound(rule: Rule) -> None:
    assert re.fullmatch(r"(unit|ledger|zbph|pbf|eco_redline|plan|idle|appr|fee|ugb|zjgg|ind|debit"
                        r"|demo)(\.[a-z0-9_]+)+", rule.id)
    assert rule.place == COUNTY or COUNTY.startswith(rule.place + "/")
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
    "zjgg.sell_price", "fee.tax_rudong",
])
def test_what_nobody_verified_stays_blank(rule_id: str) -> None:
    assert all(rule.is_blank for rule in BOOK.history(rule_id))
    assert BOOK.history(rule_id)


def test_before_a_law_there_is_silence() -> None:
    assert BOOK.look_up("pbf.allowed_kinds", on=date(1998, 12, 31), place=COUNTY) is None
    assert BOOK.look_up("idle.fee_rate", on=date(2012, 6, 30), place=COUNTY) is None


def test_digest_is_that_of_the_files() -> None:
    assert shipped().digest == RuleBook(BOOK.rules[::-1], BOOK.lines[::-1]).digest
    assert all(file.endswith(".toml") for file, _ in shipped_texts())
