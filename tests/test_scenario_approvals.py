"""Real approvals of Jiangsu re-entered as facts: the same authority, path and duties, or undecided.

Areas are in hectares as printed in the approvals; land that an approval does not divide into
classes is entered as farmland and other land of the amounts it gives. Where only the year of an
approval is known, the day is the last of that year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from deciding import LINES, PLENTY, book, finding, ids, judge, only, own_rule, project, site

from zoning.ledger.model import LotBalance
from zoning.measure.facts import Part, SiteFacts
from zoning.messages import LANGUAGES, say
from zoning.rules.book import RuleBook
from zoning.rules.shipped import shipped
from zoning.scenario.design import Design, SeaUse
from zoning.scenario.outcome import ProjectOutcome, Status

RUDONG, HAIAN = "CN/32/3206/320623", "CN/32/3206/320685"
BOOK = shipped()


def dm2(hectares: str) -> int:
    return int(Decimal(hectares) * 1_000_000)


@dataclass(frozen=True)
class Approval:
    """A real approval: number, day, place, path, and hectares as printed."""

    number: str
    on: date
    place: str
    path: str
    total: str
    farmland: str = "0"
    paddy: str = "0"

    @property
    def facts(self) -> SiteFacts:
        dry, rest = dm2(self.farmland) - dm2(self.paddy), dm2(self.total) - dm2(self.farmland)
        parts = [Part("W", "0101", dm2(self.paddy), 0, 50), Part("D", "0103", dry, 0, 50),
                 Part("R", "1202", rest)]
        return site(*(part for part in parts if part.area_dm2))

    @property
    def prefix(self) -> str:
        return self.number.partition("〔")[0]


RUDONG_VILLAGES = Approval("苏政地F〔2024〕32号", date(2024, 8, 10), RUDONG, "batch",
                           "0.1568", "0.1485")
JIANGYAN = Approval("苏政地M〔2025〕1号", date(2025, 3, 14), "CN/32/3212/321204", "batch",
                    "0.8857", "0.8728", "0.4813")
LIYANG = Approval("苏政地D〔2025〕26号", date(2025, 9, 10), "CN/32/3204/320481", "batch",
                  "37.4", "23.9")
RUDONG_NEW_SITE = Approval("苏政地F〔2024〕41号", date(2024, 10, 13), RUDONG, "linkage_new_site",
                           "2.0003")
HAIAN_NEW_SITE = Approval("苏政地F〔2023〕34号", date(2023, 12, 31), HAIAN, "linkage_new_site",
                          "1.6022")
SUQIAN_NEW_SITE = Approval("苏政地N〔2024〕4003号", date(2024, 12, 31), "CN/32/3213",
                           "linkage_new_site", "7.6212", "2.8507")
DAFENG = Approval("苏政地J〔2025〕112号", date(2025, 12, 24), "CN/32/3209/320904", "batch", "")
YIXING = Approval("苏政地B〔2025〕135号", date(2025, 12, 25), "CN/32/3202/320282", "batch", "")
LIANYUNGANG = Approval("苏政地G〔2024〕20号", date(2024, 12, 31), "CN/32/3207", "batch", "")
JURONG = Approval("苏政地L〔2021〕21号", date(2021, 12, 31), "CN/32/3211/321183", "batch", "")
UNMEASURED = (DAFENG, YIXING, LIANYUNGANG, JURONG)
"""Approvals of which number, day and authority were read, and no areas."""
BATCHES = (RUDONG_VILLAGES, JIANGYAN, LIYANG)
NEW_SITES = (RUDONG_NEW_SITE, HAIAN_NEW_SITE, SUQIAN_NEW_SITE)


def decided(real: Approval, rules: RuleBook = BOOK, **design: Any) -> ProjectOutcome:
    asked = project(path=real.path, design=Design(**design))
    return only(judge(real.facts, plenty(real.place), rules, asked, on=real.on, place=real.place))


def plenty(place: str) -> list[LotBalance]:
    return [replace(each, lot=replace(each.lot, account=replace(each.lot.account, place=place)))
            for each in PLENTY]


def told(answer: ProjectOutcome, finding_id: str, language: str = "zh") -> str:
    return say(finding(answer, finding_id).message, language)  # type: ignore[arg-type]


@pytest.mark.parametrize("real", [*BATCHES, *NEW_SITES], ids=lambda each: each.number)
def test_the_city_approves_for_the_province_under_its_letter(real: Approval) -> None:
    answer = decided(real)
    assert f"{real.prefix}〔{real.on.year}〕" in told(answer, "approval.delegate")
    assert "省级人民政府" in told(answer, "approval.taking")


@pytest.mark.parametrize("real", BATCHES, ids=lambda each: each.number)
def test_a_batch_is_converted_and_offsets_its_farmland(real: Approval) -> None:
    answer = decided(real)
    assert finding(answer, "approval.conversion").measured is not None
    assert "授权的机关" in told(answer, "approval.authority")
    needs = {(line.kind, line.component): line.needed for line in answer.needs}
    assert needs["offset", "area"] == dm2(real.farmland)
    assert needs["offset", "paddy"] == dm2(real.paddy)
    assert needs["plan_quota", "agricultural"] == dm2(real.total)
    assert needs["offset", "capacity"] is None  # no source read for the conversion of grades
    assert answer.verdict is Status.UNDECIDED


@pytest.mark.parametrize("real", UNMEASURED, ids=lambda each: each.number)
def test_an_approval_without_areas_is_undecided_and_names_no_authority(real: Approval) -> None:
    unknown = site(Part("X", None, dm2("1"), 0, None))
    answer = only(judge(unknown, plenty(real.place), BOOK, project(path=real.path), on=real.on,
                        place=real.place))
    assert answer.verdict is Status.UNDECIDED
    assert "land_class:parcel=X" in answer.missing
    assert {"approval.taking", "approval.authority", "approval.delegate"}.isdisjoint(ids(answer))
    assert all(line.needed is None for line in answer.needs)


@pytest.mark.parametrize("real", UNMEASURED, ids=lambda each: each.number)
@pytest.mark.parametrize(("total", "farmland"), [("0.2", "0.1"), ("34.9", "34.9"), ("100", "34")])
def test_an_approval_without_areas_has_its_authority_and_duties_whatever_they_were(
    real: Approval, total: str, farmland: str
) -> None:
    """Up to 35 ha of farmland and 70 ha of other land the city signs for the province."""
    answer = decided(replace(real, total=total, farmland=farmland))
    assert f"{real.prefix}〔{real.on.year}〕" in told(answer, "approval.delegate")
    assert "省级人民政府" in told(answer, "approval.taking")
    assert "授权的机关" in told(answer, "approval.authority")
    needs = {(line.kind, line.component): line.needed for line in answer.needs}
    assert needs["offset", "area"] == dm2(farmland)
    assert ("补充耕地方案" in told(answer, "approval.documents")) is (real.on.year < 2025)
    assert ("offset.annual_cap" in ids(answer)) is (real.on.year >= 2025)


def test_the_new_site_of_suqian_takes_farmland_and_offsets_nothing_by_itself() -> None:
    """苏政地N〔2024〕4003号: taking only, no paragraph on conversion or offset."""
    answer = decided(SUQIAN_NEW_SITE)
    assert {line.kind for line in answer.needs}.isdisjoint({"offset", "plan_quota"})
    assert "补充耕地" not in told(answer, "approval.documents")


def test_jiangyan_compensates_paddy_too() -> None:
    needs = {(line.kind, line.component): line.needed for line in decided(JIANGYAN).needs}
    assert (needs["offset", "area"], needs["offset", "paddy"]) == (8728 * 100, 4813 * 100)


@pytest.mark.parametrize("real", NEW_SITES, ids=lambda each: each.number)
def test_a_new_site_is_undecided_on_quota_since_the_rule_was_not_read(real: Approval) -> None:
    answer = decided(real)
    debit = finding(answer, "quota.debit")
    assert debit.status is Status.UNDECIDED
    assert all("debit.linkage_new_site." in token for token in debit.missing)
    assert "approval.authority" not in ids(answer)


@pytest.mark.parametrize("real", NEW_SITES, ids=lambda each: each.number)
def test_a_new_site_draws_linkage_only_once_a_workspace_says_so(real: Approval) -> None:
    own = BOOK.merged(RuleBook(tuple(
        own_rule(f"debit.linkage_new_site.{land}", ("linkage",), place=real.place)
        for land in ("farmland", "other_agricultural", "unused"))))
    kinds = {line.kind for line in decided(real, own).needs}
    assert kinds == {"linkage"}


def test_papers_of_a_new_site_are_the_plan_of_the_taking() -> None:
    assert "征收土地方案" in told(decided(RUDONG_NEW_SITE), "approval.documents")
    assert "转用方案" not in told(decided(RUDONG_NEW_SITE), "approval.documents")


@pytest.mark.parametrize(("on", "expected"), [
    (date(2021, 10, 1), "补充耕地方案"), (date(2025, 3, 14), "征收土地方案"),
])
def test_papers_of_a_batch(on: date, expected: str) -> None:
    real = Approval("苏政地L〔2021〕21号", on, "CN/32/3211/321183", "batch", "1", "1")
    assert expected in told(decided(real), "approval.documents")
    assert ("补充耕地方案" in told(decided(real), "approval.documents")) is (on.year < 2025)


def test_clocks_of_a_taking_are_statutory_from_september_2021() -> None:
    sentence = told(decided(RUDONG_VILLAGES), "approval.clocks", "en")
    assert "10 working days" in sentence
    assert "30 days" in sentence
    assert "15 working days" in sentence
    early = Approval("", date(2021, 8, 31), RUDONG, "batch", "1", "1")
    assert "approval.clocks" not in ids(decided(early))


def test_where_no_collective_land_is_taken_there_is_no_taking() -> None:
    answer = decided(RUDONG_VILLAGES, takes_collective=False)
    assert {"approval.taking", "approval.clocks", "approval.delegate"}.isdisjoint(ids(answer))


@pytest.mark.parametrize(("farmland", "other", "pbf", "approver"), [
    ("35", "0", "0", "省级人民政府"), ("35.0001", "0", "0", "国务院"),
    ("0", "70", "0", "省级人民政府"), ("0", "70.0001", "0", "国务院"),
    ("1", "0", "0.0001", "国务院"),
])
def test_who_approves_a_taking(farmland: str, other: str, pbf: str, approver: str) -> None:
    parts = [Part("D", "0103", dm2(farmland), 0, 50), Part("R", "1202", dm2(other))]
    facts = site(*(part for part in parts if part.area_dm2), inside={"pbf": dm2(pbf)})
    answer = only(judge(facts, PLENTY, BOOK, on=date(2024, 6, 30)))
    assert approver in told(answer, "approval.taking")
    assert ("approval.delegate" in ids(answer)) is (approver != "国务院")


def test_conversion_by_path() -> None:
    facts = site(Part("D", "0103", dm2("1"), 0, 50))
    separate = only(judge(facts, PLENTY, BOOK, project(path="separate"), on=date(2024, 6, 30)))
    assert "国务院授权的省级人民政府" in told(separate, "approval.authority")
    assert "用地预审" in told(separate, "approval.documents")
    on_pbf = site(Part("D", "0103", dm2("1"), 0, 50), inside={"pbf": 1})
    assert "国务院" in told(only(judge(on_pbf, PLENTY, BOOK, on=date(2024, 6, 30))),
                         "approval.authority")


@pytest.mark.parametrize(("area", "kind", "expected"), [
    ("9.9999", None, "省级林业"), ("10", None, "依林种而定"), ("70", None, "国家林业"),
    ("10", "protective", "国家林业"), ("34", "timber", "省级林业"), ("69", "other", "省级林业"),
])
def test_forest_permit(area: str, kind: str | None, expected: str) -> None:
    facts = site(Part("F", "0301", dm2(area)))
    asked = project(design=Design(forest_kind=kind))  # type: ignore[arg-type]
    answer = only(judge(facts, PLENTY, BOOK, asked, on=date(2024, 6, 30)))
    assert expected in told(answer, "approval.forest")


@pytest.mark.parametrize(("sea", "use", "approver"), [
    (SeaUse(fill_ha=Decimal(50)), "fill", "国务院"),
    (SeaUse(fill_ha=Decimal("49.9")), "fill", "省级人民政府"),
    (SeaUse(enclose_ha=Decimal(100)), "enclose", "国务院"),
    (SeaUse(other_ha=Decimal(699)), "other", "省级人民政府"),
])
def test_sea_use(sea: SeaUse, use: str, approver: str) -> None:
    answer = only(judge(site(Part("R", "1202", 10)), PLENTY, BOOK, project(design=Design(sea=sea)),
                        on=date(2024, 6, 30)))
    assert approver in told(answer, f"approval.sea_{use}")


def test_red_line_and_unused_land_name_who_must_agree() -> None:
    facts = site(Part("U", "1206", 1000), inside={"eco_redline": 10})
    answer = only(judge(facts, PLENTY, BOOK, on=date(2024, 6, 30)))
    assert "省级人民政府" in told(answer, "approval.redline")
    assert "未载明" in told(answer, "approval.unused_land")


def test_approvals_decide_nothing_and_are_told_in_both_languages() -> None:
    facts = site(Part("F", "0301", dm2("80")), Part("U", "1206", 1000), inside={"pbf": 10},
                 loaded=LINES)
    asked = project(kind="energy", path="separate",
                    design=Design(sea=SeaUse(fill_ha=Decimal(1)), is_park=True))
    for on in (date(2019, 6, 30), date(2024, 6, 30), date(2026, 3, 16)):
        for each in only(judge(facts, PLENTY, book(), asked, on=on)).findings:
            if each.id.startswith("approval."):
                assert each.status is Status.INFO
                assert all(say(each.message, language) for language in LANGUAGES)
