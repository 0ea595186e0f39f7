from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import report_examples as examples
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_tables import all_tables

from zoning.errors import UsageError
from zoning.report import layout, sheet_plan
from zoning.report.layout import clean
from zoning.report.tables import (
    AreaRow,
    area_table,
    balance_table,
    build,
    column,
    overlay_table,
    stock_table,
)
from zoning.report.xlsx import sheet_names, write_workbook

KINDS = examples.KINDS
TIES = [0, 1, 5, 9, 10, 30, 50, 70, 90, 110, 150, 250, 1_234_550, 12_345_550, 99_999_950,
        123_456_789, 999_999_999_950, 10**13 - 50, 10**13 + 10]
"""Areas whose 公顷 or 亩 lie on a half of the last decimal shown, small and large."""

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
 oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def workbook(tables, *, language="zh", provenance=examples.PROVENANCE) -> bytes:
    file = io.BytesIO()
    write_workbook(tables, file, language=language, provenance=provenance)
    return file.getvalue()


def opened(data: bytes, *, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def cells(book: openpyxl.Workbook) -> dict[tuple[str, str], openpyxl.cell.Cell]:
    return {(sheet.title, cell.coordinate): cell
            for sheet in book for row in sheet.iter_rows() for cell in row
            if cell.value is not None}


def formulas(data: bytes) -> dict[tuple[str, str], str]:
    return {at: cell.value for at, cell in cells(opened(data)).items() if cell.data_type == "f"}


def recalculated(data: bytes, folder: Path) -> bytes:
    """The workbook as LibreOffice calculates it, all stored formula values forgotten before."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have LibreOffice")
        pytest.skip("LibreOffice is not installed")
    user, out = folder / "profile" / "user", folder / "out"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    (folder / "book.xlsx").write_bytes(_with_wrong_values(data))
    subprocess.run(
        [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--convert-to", "xlsx", "--outdir", str(out), str(folder / "book.xlsx")],
        check=True, capture_output=True, timeout=180,
    )
    return (out / "book.xlsx").read_bytes()


def _with_wrong_values(data: bytes) -> bytes:
    """Every stored formula value replaced by one that is certainly wrong."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"</f><v>[^<]*</v>", b"</f><v>-987654</v>", content)
            new.writestr(name, content)
    return target.getvalue()


def decimals(number_format: str) -> int:
    """How many decimals of a value a format shows; two more for percent."""
    shown = re.search(r"0\.(0+)", number_format)
    return (len(shown[1]) if shown else 0) + (2 if number_format.endswith("%") else 0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_workbook_has_a_sheet_per_table_and_says_where_it_comes_from(language):
    tables = all_tables()[:3]
    book = opened(workbook(tables, language=language))
    assert len(book.sheetnames) == 4
    told = [cell.value for row in book.worksheets[-1].iter_rows() for cell in row]
    assert examples.SHA in told
    assert "zoning check scenarios/rudong-2019.toml" in told
    assert any("synthetic" in str(value) or "合成" in str(value) for value in told)


def test_same_input_gives_the_same_bytes(tmp_path):
    data = workbook(all_tables())
    assert workbook(all_tables()) == data
    write_workbook(all_tables(), tmp_path / "book.xlsx", provenance=examples.PROVENANCE)
    assert (tmp_path / "book.xlsx").read_bytes() == data
    told = opened(data).properties
    assert told.created == told.modified
    assert told.created.date() == date(2019, 6, 30)


def test_other_day_gives_other_bytes():
    later = replace(examples.PROVENANCE, made_on=date(2020, 1, 1))
    digests = {hashlib.sha256(workbook([], provenance=p)).digest()
               for p in (examples.PROVENANCE, later)}
    assert len(digests) == 2


def test_cells_of_the_area_sheet():
    """m² is a number, 公顷 and 亩 formulas on it, totals sums of m²."""
    data = workbook([area_table(examples.area_rows())])
    sheet, shown = opened(data).worksheets[0], opened(data, values=True).worksheets[0]
    assert [cell.value for cell in sheet[7]] == [
        "1", "地块一", 320_000.5, "=ROUND(C7/10000,4)", "=ROUND(C7*3/2000,4)",
        320_000, "=ROUND(F7/10000,4)", "=ROUND(C7-F7,2)", 320_101.31]
    assert [cell.value for cell in sheet[9]] == [
        "合计", None, "=ROUND(SUM(C7:C8),2)", "=ROUND(C9/10000,4)", "=ROUND(C9*3/2000,4)",
        "=ROUND(SUM(F7:F8),2)", "=ROUND(F9/10000,4)", "=ROUND(SUM(H7:H8),2)",
        "=ROUND(SUM(I7:I8),2)"]
    assert [cell.value for cell in shown[9]][2:] == [
        443_456, 44.3456, 665.184, 443_455.5, 44.3456, 0.5, 443_595.7]
    assert [cell.number_format for cell in sheet[7]][2:5] == [
        "#,##0.00", "#,##0.0000", "#,##0.0000"]


def test_page_is_set_for_print():
    sheet = opened(workbook([stock_table(examples.balances(), kind=KINDS["offset"])])).worksheets[0]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToWidth in {None, 1}  # 1 is what a file leaves out
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_area == "'指标库可用剩余情况（占补平衡指标）'!$A$1:$R$7"
    assert sheet.print_title_rows == "$3:$5"
    assert sheet.freeze_panes == "B6"
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value} == {"宋体"}


def test_heading_is_merged_by_group_and_by_unit():
    sheet = opened(workbook([stock_table(examples.balances(), kind=KINDS["offset"])])).worksheets[0]
    merged = {str(span): sheet[str(span).partition(":")[0]].value
              for span in sheet.merged_cells.ranges if span.min_row >= 3}
    assert merged == {
        "A3:A5": "序号", "B3:B5": "行政区", "C3:C5": "指标池",
        "D3:H3": "可用", "I3:M3": "入库", "N3:R3": "出库",
        "D4:E4": "耕地数量", "F4:G4": "水田规模", "I4:J4": "耕地数量", "K4:L4": "水田规模",
        "N4:O4": "耕地数量", "P4:Q4": "水田规模",
    }
    assert [sheet.cell(5, col).value for col in range(4, 9)] == ["m²", "公顷", "m²", "公顷", "公斤"]


def test_heading_of_mixed_amounts_stands_over_its_conversions():
    sheet = opened(workbook([balance_table(examples.balances(), kinds=KINDS)])).worksheets[0]
    assert "F4:H4" in {str(span) for span in sheet.merged_cells.ranges}
    assert [sheet.cell(5, col).value for col in (6, 7, 8)] == ["数量", "公顷", "亩"]


def test_rows_are_high_enough_for_text_that_wraps():
    rows = [AreaRow("x", 1), AreaRow("x" * 100, 1), AreaRow("亩" * 9_999, 1)]
    sheet = opened(workbook([area_table(rows)])).worksheets[0]
    assert [sheet.row_dimensions[row].height for row in (6, 7, 8)] == [None, 45, 408]


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.id)
def test_heading_covers_every_cell_once(table):
    plan = sheet_plan.lay_out(table, "zh")
    covered = [(row, col) for top, left, bottom, right, _ in sheet_plan.heading_spans(plan)
               for row in range(top, bottom + 1) for col in range(left, right + 1)]
    assert sorted(covered) == [
        (row, col) for row in range(len(plan.heading)) for col in range(len(plan.fields))]


@pytest.mark.parametrize("text", examples.INJECTIONS)
def test_attribute_text_is_never_a_formula(text):
    rows = [AreaRow(text, 1, name=text)]
    data = workbook([area_table(rows)],
                    provenance=replace(examples.PROVENANCE, command=text, place=text))
    found = [cell for cell in cells(opened(data)).values() if cell.value == clean(text)]
    assert len(found) == 4
    assert {cell.data_type for cell in found} == {"s"}
    assert all(cell.hyperlink is None for cell in found)
    assert not re.search("HYPERLINK|cmd", "".join(formulas(data).values()))


def test_text_that_no_cell_can_hold_is_cut():
    data = workbook([area_table([AreaRow("x" * 40_000, 1)])])
    assert len(opened(data).worksheets[0]["A6"].value) == 32_767


def test_days_before_the_calendar_of_spreadsheets_stay_text():
    table = build("lots", [column("expires", "date")],
                  [{"expires": date(1899, 12, 31)}, {"expires": date(2019, 12, 31)}, {}])
    sheet = opened(workbook([table])).worksheets[0]
    early, late, unknown = (sheet.cell(row, 1) for row in (3, 4, 5))
    assert early.value == "1899-12-31"
    assert (late.value.date(), late.number_format) == (date(2019, 12, 31), "yyyy-mm-dd")
    assert unknown.value is None


def test_table_without_rows_says_so():
    sheet = opened(workbook([area_table([])])).worksheets[0]
    assert sheet["A6"].value == "无记录"


def test_table_that_no_sheet_can_hold_is_refused_and_nothing_written(tmp_path, monkeypatch):
    table = overlay_table([*examples.PAIRS, *examples.PAIRS, *examples.PAIRS])
    for limit, fits in ((15, True), (14, False)):
        monkeypatch.setattr(sheet_plan, "MAX_ROWS", limit)
        file = tmp_path / f"{limit}.xlsx"
        with nullcontext() if fits else pytest.raises(UsageError, match="rows=15, limit=14"):
            write_workbook([table], file, provenance=examples.PROVENANCE)
        assert file.exists() == fits


@given(st.lists(examples.TEXTS, max_size=6))
def test_sheet_names_are_what_a_spreadsheet_takes(titles):
    names = sheet_names([*titles, "History", "a" * 40, "A" * 40])
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert all(name == name.strip("'") and name.casefold() != "history" for name in names)


@settings(max_examples=20)
@given(examples.BALANCES)
def test_any_stock_sheet_opens_with_values_that_agree(balances):
    table = stock_table(balances, kind=KINDS["offset"])
    book = opened(workbook([table]), values=True)
    shown = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=6)]
    base = [i for i, field in enumerate(layout.fields(table)) if field.unit in {"m2", "kg"}]
    told = [[round(row[i] * (100 if layout.fields(table)[i].unit == "m2" else 1)) for i in base]
            for row in shown[: len(table.rows)]]
    assert told == [list(row[3:]) for row in table.rows]


def test_libreoffice_calculates_what_we_wrote(tmp_path):
    """Every formula of every sheet, with the stored values spoiled first."""
    ties = [AreaRow(str(area), area, area // 3) for area in TIES]
    data = workbook([*all_tables(), area_table(ties)])
    ours, theirs = cells(opened(data, values=True)), cells(
        opened(recalculated(data, tmp_path), values=True))
    at_formulas = formulas(data)
    assert len(at_formulas) > 200
    wrong = {
        at: (formula, ours[at].value, theirs[at].value) for at, formula in at_formulas.items()
        if round(theirs[at].value, decimals(ours[at].number_format)) != ours[at].value
    }
    assert not wrong
    checks = [at for at, formula in at_formulas.items() if formula.count("-") == 4]
    assert checks
    assert all(theirs[at].value == 0 for at in checks)


def test_libreoffice_shows_what_a_changed_value_changes(tmp_path):
    """The sums are live: another number in a row, other totals."""
    book = opened(workbook([area_table(examples.area_rows())]))
    book.worksheets[0]["C7"] = 1_000_000
    file = io.BytesIO()
    book.save(file)
    sheet = opened(recalculated(file.getvalue(), tmp_path), values=True).worksheets[0]
    assert (sheet["C9"].value, sheet["D9"].value, sheet["H7"].value) == (
        1_123_455.5, 112.3456, 680_000)
