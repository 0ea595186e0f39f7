"""An official sheet handed in, held against the book cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from running import run, zoning
from schemas import require_valid


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("county") / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    at = ("--workspace", root, "--json")
    for document, amount in (("借1", "3.0001ha"), ("入1", "2ha")):
        zoning("ledger", "post", f"area={amount}", "capacity=900kg", "--kind", "offset",
               "--vintage", "2026", "--document", document, "--type",
               "已借用指标" if document == "借1" else "项目入库指标", *at)
    held = zoning("ledger", "hold", "--kind", "offset", "--project", "=1+1 <b>", "--amount",
                  "area=1ha", *at)["holds"][0]["hold_id"]
    zoning("ledger", "settle", held, "--type", "已归还指标", *at)
    zoning("export", "--out", root / "out", "--workspace", root)
    return root


@pytest.fixture
def paper(county: Path, tmp_path: Path) -> Path:
    """The workbook of the county's book, to be tampered with."""
    copy = tmp_path / "paper.xlsx"
    copy.write_bytes((county / "out" / "quota-ledger.xlsx").read_bytes())
    return copy


def compared(county: Path, paper: Path, *, expect: int) -> dict:
    told = zoning("ledger", "reconcile", "--paper", paper, "--workspace", county, "--json",
                  expect=expect)
    require_valid(told)
    return told


def altered(paper: Path, title: str, change) -> Path:
    """The paper with a sheet changed; formulas become their values, as where a person types."""
    book = load_workbook(paper, data_only=True)
    change(next(each for each in book if each.title.startswith(title)))
    book.save(paper)
    return paper


def test_what_the_book_writes_agrees_with_it_in_every_cell(county, paper):
    """accounting §16"""
    told = compared(county, paper, expect=0)
    assert told["differences"] == []
    for title in ("指标库可用剩余情况", "对账单", "使用台账", "指标明细"):
        assert any(name.startswith(title) for name in told["compared"]), title
    assert any("借用" in name for name in told["compared"])
    assert told["cells"] > 300


@pytest.mark.parametrize("title", ["对账单", "指标库可用剩余情况", "借用"])
def test_a_number_that_differs_is_named_by_its_cell(county, paper, title):
    """accounting §16"""
    place: list[str] = []

    def change(sheet):
        cell = next(cell for row in sheet.iter_rows(min_row=4) for cell in row
                    if type(cell.value) in (int, float) and cell.value > 1000)
        cell.value += 0.01
        place.append(cell.coordinate)

    told = compared(county, altered(paper, title, change), expect=1)
    (part,) = told["differences"]
    assert part["cell"] == place[0]
    assert part["sheet"].startswith(title)
    assert float(part["paper"]) - float(part["book"]) == pytest.approx(0.01)


def test_a_row_left_out_and_one_added_are_named(county, paper):
    """accounting §16"""
    def change(sheet):
        row = next(cell.row for cells in sheet.iter_rows() for cell in cells
                   if cell.value == "已借用指标")
        for cell in sheet[row]:
            if cell.value == "已借用指标":
                cell.value = "调入指标"

    told = compared(county, altered(paper, "对账单", change), expect=1)
    missing, added = (next(part for part in told["differences"] if part[here])
                      for here in ("book", "paper"))
    assert "已借用指标" in missing["book"]
    assert "调入指标" in added["paper"]


def test_rows_in_another_order_are_the_same_paper(county, paper):
    """accounting §16"""
    def change(sheet):
        one, two = (next(cell.row for cells in sheet.iter_rows() for cell in cells
                         if cell.value == name) for name in ("已借用指标", "项目入库指标"))
        for first, second in zip(sheet[one], sheet[two], strict=True):
            first.value, second.value = second.value, first.value

    assert compared(county, altered(paper, "对账单", change), expect=0)["differences"] == []


@pytest.mark.parametrize("hostile", ["=1/0", "x" * 30_000, "1e999", "NaN", "-", "１２",
                                     "'; DROP TABLE entry; --"])
def test_a_hostile_cell_is_a_difference_and_nothing_else(county, paper, hostile):
    """accounting §16"""
    def change(sheet):
        cell = next(cell for row in sheet.iter_rows(min_row=4) for cell in row
                    if type(cell.value) in (int, float) and cell.value > 1000)
        cell.value = hostile

    told = compared(county, altered(paper, "对账单", change), expect=1)
    assert len(told["differences"]) == 1


def test_a_heading_that_is_not_there_is_named(county, paper):
    """accounting §16"""
    def change(sheet):
        cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "数据类型")
        cell.value = "?"

    told = compared(county, altered(paper, "对账单", change), expect=1)
    assert len(told["differences"]) == 1


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04rest", "文".encode()])
def test_no_workbook_and_a_workbook_of_other_sheets_are_refused(county, tmp_path, data):
    file = tmp_path / "x.xlsx"
    file.write_bytes(data)
    code, _, told = run("ledger", "reconcile", "--paper", file, "--workspace", county)
    assert code == 2
    assert "x.xlsx" in told
    zoning("ledger", "template", "--out", file, "--workspace", county)
    code, _, told = run("ledger", "reconcile", "--paper", file, "--workspace", county)
    assert code == 2
    assert "zoning export" in told
