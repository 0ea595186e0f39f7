"""Official event types as data: a county adds its own in its workspace (accounting §18)."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from running import run, zoning
from schemas import require_valid
from test_codes_quota import FOREST

from zoning.codes.events import LedgerEvent, ledger_events
from zoning.codes.own_events import own_ledger_events
from zoning.errors import InputError
from zoning.messages import LANGUAGES, say

EVENTS = """
[[event]]
name = "林地定额下达"
en = "Forest quota allotted"
event = "inflow"
kinds = ["forest"]
[[event]]
name = "使用林地审核同意"
en = "Use of forest land agreed"
event = "settle"
kinds = ["forest"]
[[event]]
name = "林地定额收回"
en = "Forest quota taken back"
event = "expire"
kinds = ["forest"]
deducts = true
"""


def read(text: str) -> dict[str, LedgerEvent]:
    return own_ledger_events(text, source="e.toml", shipped=ledger_events(), kinds=("forest",))


def faults_of(text: str) -> str:
    with pytest.raises(InputError) as refused:
        read(text)
    return " ".join(say(refused.value, language) for language in LANGUAGES)


def test_a_countys_types_stand_after_the_shipped_ones() -> None:
    """accounting §18"""
    found = read(EVENTS)
    assert list(found)[:len(ledger_events())] == list(ledger_events())
    assert found["林地定额收回"].deducts
    assert {each.basis for each in list(found.values())[-3:]} == {"county"}


def test_all_faults_of_the_types_are_named_at_once() -> None:
    """accounting §18"""
    told = faults_of('[[event]]\nname = "挂钩指标"\nen = ""\nevent = "gift"\nbasis = "form"\n'
                     'kinds = ["swamp"]\n[[event]]\nname = "x"\nen = "x"\nevent = "hold"\n'
                     'lent = true\n[[event]]\nname = "x"\nen = "x"\nevent = "hold"\nkinds = 3\n'
                     'deducts = 1\n[[event]]\n')
    for word in ("挂钩指标", "gift", "basis", "swamp", "lent", "name, ", "twice", "deducts"):
        assert word in told, word


@pytest.mark.parametrize("text", ["", "not toml [", "[[events]]\na = 1\n", "event = 3\n",
                                  "event = [1]\n", EVENTS + EVENTS,
                                  EVENTS.replace('["forest"]', "[[1], {a = 1}]"),
                                  EVENTS.replace('"林地定额下达"', "[1]"),
                                  EVENTS.replace('"inflow"', "{a = 1}")])
def test_a_file_of_no_types_is_refused(text: str) -> None:
    """accounting §18"""
    assert faults_of(text)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    (root / "codes").mkdir()
    (root / "codes" / "quota.toml").write_text(FOREST, encoding="utf-8")
    (root / "codes" / "ledger_events.toml").write_text(EVENTS, encoding="utf-8")
    return root


def test_forest_land_goes_through_the_book_under_the_countys_own_names(
    county: Path, tmp_path: Path
) -> None:
    """accounting §18: posted, held, settled, taken back, listed and on the sheets, with no code."""
    at = ("--workspace", county, "--json")
    lot = zoning("ledger", "post", "area=3ha", "lot=900kg", "--kind", "forest", "--pool", "公益林",
                 "--vintage", "2026", "--document", "F1", "--type", "林地定额下达", *at)
    held = zoning("ledger", "hold", "--kind", "forest", "--project", "P1", "--amount", "area=1ha",
                  *at)["holds"][0]["hold_id"]
    zoning("ledger", "settle", held, "area=0.5ha", "--type", "使用林地审核同意", *at)
    zoning("ledger", "expire", lot["entries"][0]["postings"][0]["lot_id"], "area=1ha", "--type",
           "林地定额收回", *at)
    (area, _) = zoning("ledger", "balance", *at)["totals"]
    assert [area[state]["m2"] for state in ("free", "held", "used", "lapsed")] == [
        "10000.00", "5000.00", "5000.00", "10000.00"]
    events = zoning("ledger", "events", *at)
    require_valid(events)
    assert events["events"][-1]["name"] == "林地定额收回"
    told = zoning("ledger", "balance", "--workspace", county)
    assert "林地定额" in told
    assert "林地面积" in told
    zoning("sheet", "--out", tmp_path / "b.xlsx", *at)
    sheets = openpyxl.load_workbook(tmp_path / "b.xlsx")
    cells = {str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row}
    assert {"林地定额下达", "林地定额收回", "林地面积"} <= {c.split("（")[0] for c in cells} | cells


def test_an_opening_workbook_takes_the_countys_types_and_names_a_bad_one(
    county: Path, tmp_path: Path
) -> None:
    """accounting §16 §18"""
    file = tmp_path / "opening.xlsx"
    zoning("ledger", "template", "--out", file, "--workspace", county, "--json")
    book = openpyxl.load_workbook(file)
    sheet = book["林地定额"]
    titles = [cell.value for cell in sheet[1]]
    row = {"行政区": "CN/32/3206/320623", "指标池": "公益林", "年度": 2026, "文号": "=1+1",
           "生效日": "2026-01-05", "业务类型": "林地定额下达", "林地面积（公顷）": 2.5}
    for title, value in row.items():
        cell = sheet.cell(2, titles.index(title) + 1, value)
        cell.data_type = "s" if isinstance(value, str) else "n"
    book.save(file)
    zoning("ledger", "post", "--opening", file, "--workspace", county, "--json")
    (lot,) = zoning("ledger", "lots", "--workspace", county, "--json")["lots"]
    assert lot["document"] == "=1+1"
    sheet.cell(2, titles.index("业务类型") + 1, "使用林地审核同意")
    book.save(file)
    code, _, told = run("ledger", "post", "--opening", file, "--workspace", county, "--lang", "en")
    assert code == 2
    assert "林地定额!" in told
    assert "林地定额下达" in told


def test_a_faulty_file_of_types_leaves_the_book_closed(county: Path) -> None:
    """accounting §18"""
    (county / "codes" / "ledger_events.toml").write_text("[[event]]\n", encoding="utf-8")
    code, out, told = run("ledger", "balance", "--workspace", county)
    assert (code, out) == (2, "")
    assert "codes/ledger_events.toml" in told
