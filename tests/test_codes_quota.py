"""Quota kinds as data: a county adds one in its workspace, with no code (accounting §18)."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import run, zoning
from schemas import require_valid

from zoning.codes.quota import own_quota_kinds
from zoning.codes.reader import quota_kinds
from zoning.errors import InputError
from zoning.messages import LANGUAGES, say

FOREST = """
[[kind]]
code = "forest"
zh = "林地定额"
en = "Forest land quota"
[[kind.component]]
code = "area"
zh = "林地面积"
en = "Forest area"
unit = "dm2"
measured = "area_dm2"
[[kind.component]]
code = "lot"
zh = "蓄积"
en = "Timber"
unit = "kg"
[[kind.pool]]
code = "公益林"
zh = "公益林账户"
en = "Public forest"
"""


def kinds_from(text: str) -> dict[str, object]:
    return dict(own_quota_kinds(text, source="quota.toml", shipped=quota_kinds()))


def faults_of(text: str) -> str:
    with pytest.raises(InputError) as refused:
        kinds_from(text)
    return " ".join(say(refused.value, language) for language in LANGUAGES)


def test_a_countys_kind_stands_after_the_shipped_ones() -> None:
    """accounting §18"""
    assert list(kinds_from(FOREST)) == [*quota_kinds(), "forest"]


def test_a_shipped_kind_may_be_renamed_and_extended_but_not_cut() -> None:
    """accounting §18"""
    whole = ('[[kind]]\ncode = "boundary_increment"\nzh = "增量"\nen = "Increment"\n'
             '[[kind.component]]\ncode = "area"\nzh = "x"\nen = "x"\nunit = "dm2"\n'
             '[[kind.component]]\ncode = "green"\nzh = "y"\nen = "y"\nunit = "dm2"\n')
    assert quota_kinds()["boundary_increment"].component("area").unit == "dm2"
    found = own_quota_kinds(whole, source="x", shipped=quota_kinds())["boundary_increment"]
    assert [each.code for each in found.components] == ["area", "green"]
    assert "area" in faults_of(whole.replace('unit = "dm2"', 'unit = "kg"', 1))


def test_all_faults_of_a_file_are_named_at_once() -> None:
    """accounting §18"""
    told = faults_of('[[kind]]\ncode = "Forest"\nzh = ""\n'
                     '[[kind.component]]\ncode = "a"\nzh = "x"\nen = "x"\nunit = "acre"\n'
                     'colour = 1\n'
                     '[[kind]]\ncode = "b"\nzh = "b"\nen = "b"\n')
    for word in ("Forest", "zh", "en", "acre", "colour", "kind.component"):
        assert word in told


@pytest.mark.parametrize("text", ["", "not toml [", "[[kinds]]\na = 1\n", "kind = 3\n",
                                  FOREST + FOREST, FOREST + "drawn = 3\n"])
def test_a_file_that_is_none_is_refused(text: str) -> None:
    """accounting §18"""
    assert faults_of(text)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    (root / "codes").mkdir()
    (root / "codes" / "quota.toml").write_text(FOREST, encoding="utf-8")
    return root


def test_a_kind_of_the_countys_own_goes_through_the_whole_book(county: Path) -> None:
    """accounting §18: posted, held, settled, listed and on the sheets, with no code."""
    at = ("--workspace", county, "--json")
    require_valid(zoning("ledger", "post", "area=3ha", "lot=900kg", "--kind", "forest", "--pool",
                         "公益林", "--vintage", "2026", "--document", "F1", "--type",
                         "调入指标", *at))
    held = zoning("ledger", "hold", "--kind", "forest", "--project", "P1", "--amount", "area=1ha",
                  "--amount", "lot=100kg", *at)
    zoning("ledger", "settle", held["holds"][0]["hold_id"], "area=0.5ha", *at)
    for listing in ("balance", "journal", "lots", "holds", "deadlines", "linkage"):
        require_valid(zoning("ledger", listing, *at))
    (total, timber) = zoning("ledger", "balance", *at)["totals"]
    assert (total["free"], total["held"], total["used"]) == (
        {"m2": "20000.00"}, {"m2": "5000.00"}, {"m2": "5000.00"})
    assert timber["held"] == {"kg": 100}
    told = zoning("ledger", "balance", "--workspace", county)
    assert "林地定额" in told
    zoning("sheet", "--out", county / "b.xlsx", *at)


def test_the_shipped_workspace_does_not_know_the_countys_kind(tmp_path: Path) -> None:
    """accounting §18"""
    zoning("init", tmp_path / "w", "--place", "CN")
    code, _, told = run("ledger", "post", "area=3ha", "--kind", "forest", "--vintage", "2026",
                        "--document", "F1", "--workspace", tmp_path / "w")
    assert code == 1
    assert "stock_reward" in told


def test_a_faulty_file_leaves_the_book_closed(county: Path) -> None:
    """accounting §18"""
    (county / "codes" / "quota.toml").write_text("[[kind]]\n", encoding="utf-8")
    code, out, told = run("ledger", "balance", "--workspace", county)
    assert (code, out) == (2, "")
    assert "codes/quota.toml" in told
