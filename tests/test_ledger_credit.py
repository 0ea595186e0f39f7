"""Quota borrowed and given back: the sheet, and the credit that ``zoning.toml`` states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import run, zoning


@pytest.fixture
def county(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    at = ("--workspace", root, "--json")
    zoning("ledger", "post", "area=3ha", "capacity=900kg", "--kind", "offset", "--vintage", "2026",
           "--document", "借1", "--type", "已借用指标", *at)
    held = zoning("ledger", "hold", "--kind", "offset", "--project", "归还", "--amount", "area=1ha",
                  *at)["holds"][0]["hold_id"]
    zoning("ledger", "settle", held, "--type", "已归还指标", *at)
    return root


def state(county: Path, kind: str, component: str = "area") -> None:
    with (county / "zoning.toml").open("a", encoding="utf-8") as file:
        file.write(f'[[credit]]\nkind = "{kind}"\ncomponent = "{component}"\namount = "5ha"\n')


def test_the_sheet_says_what_may_be_borrowed_and_what_is_owed(
    county: Path, tmp_path: Path
) -> None:
    """accounting §16"""
    state(county, "offset")
    zoning("export", "--out", tmp_path / "out", "--format", "json", "--workspace", county)
    (file,) = (tmp_path / "out").glob("*-credit_offset.json")
    table = json.loads(file.read_text(encoding="utf-8"))
    (cells,) = table["rows"]
    row = dict(zip((each["key"] for each in table["columns"]), cells, strict=True))
    told = {key: row[key] for key in ("credit_area", "can_borrow_area", "unpaid_area")}
    assert told == {"credit_area": {"m2": "50000.00"}, "can_borrow_area": {"m2": "20000.00"},
                    "unpaid_area": {"m2": "20000.00"}}
    assert row["credit_paddy"] is row["owed_by_province_area"] is None


@pytest.mark.parametrize(("kind", "component"), [("ofset", "area"), ("offset", "aera")])
def test_a_credit_of_nothing_there_is_is_refused_by_name(
    county: Path, tmp_path: Path, kind: str, component: str
) -> None:
    """accounting §16"""
    state(county, kind, component)
    code, _, told = run("sheet", "--out", tmp_path / "b.xlsx", "--workspace", county)
    assert code != 0
    assert (kind if component == "area" else component) in told
    assert not (tmp_path / "b.xlsx").exists()
