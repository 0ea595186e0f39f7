"""Official forms: parts sum to totals as they are shown, in every program that opens them."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import report_examples as examples
from hypothesis import given, settings
from hypothesis import strategies as st
from out_county import hostile_scenario
from test_report_xlsx import (
    cells,
    decimals,
    formulas,
    opened,
    recalculated,
    workbook,
)

from zoning.report.files import table_csv, table_document
from zoning.report.layout import clean, lines
from zoning.report.tables.forms import (
    LandRow,
    LineRow,
    compliance_table,
    land_class_table,
    owner_words,
    shared,
    shared_rows,
    three_class_table,
    three_line_table,
)
from zoning.report.tables.registers_official import (
    demolition_register,
    idle_register,
    linkage_register,
    offset_register,
)
from zoning.workspace import check, read_scenario
from zoning.workspace.forms import form_tables, write_forms

CLASSES = examples.CLASSES
CODES = [*CLASSES.classes, None, "9999"]
AREAS = st.dictionaries(st.sampled_from(CODES), st.integers(0, 10**9), min_size=1, max_size=6)
ROWS = st.lists(st.builds(LandRow, AREAS, examples.TEXTS, examples.TEXTS,
                          st.sampled_from(["", "10", "20", "30", "40"]), examples.TEXTS),
                max_size=5)
UNITS = st.sampled_from(["ha", "mu"])

REGISTER = [
    {"feature_id": "CL-1", "name": "一", "stock_kind": "idle", "approval": "批1",
     "approved_on": "2018-01-02", "area_dm2": 123_456, "project": "甲", "farmland_dm2": 99_999,
     "paddy_dm2": 33_333, "capacity_kg": 120, "year": 2018, "status": "已验收"},
    {"feature_id": "CL-2", "area_dm2": 33, "project": "甲", "farmland_dm2": 51,
     "paddy_dm2": 49, "capacity_kg": 1},
    {"feature_id": "CL-3", "area_dm2": 50, "project": "乙", "farmland_dm2": None,
     "paddy_dm2": 0, "capacity_kg": None},
]


def rounded(area_dm2: int, unit: str) -> int:
    """The whole in ten-thousandths of 公顷 or 亩, half up."""
    exact = Fraction(area_dm2, 100) if unit == "ha" else Fraction(area_dm2 * 15, 100)
    return int((Decimal(exact.numerator) / exact.denominator).quantize(
        Decimal(1), rounding=ROUND_HALF_UP))


def registers():
    return [idle_register(REGISTER), demolition_register(REGISTER, place="县"),
            linkage_register(REGISTER[:2], REGISTER[1:]), offset_register(REGISTER, place="县")]


@given(st.lists(st.integers(0, 10**10), max_size=30), UNITS)
def test_shared_parts_sum_to_the_whole_rounded_once(areas: list[int], unit: str) -> None:
    parts = shared(areas, unit)
    assert sum(parts) == rounded(sum(areas), unit)
    step = Fraction(1, 100) if unit == "ha" else Fraction(15, 100)
    assert all(abs(part - area * step) < 1 for part, area in zip(parts, areas, strict=True))


@given(st.lists(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 10**9)), max_size=6),
       UNITS)
def test_shared_rows_sum_both_ways(rows: list[dict[str, int]], unit: str) -> None:
    found = shared_rows(rows, unit)
    assert [list(row) for row in found] == [list(row) for row in rows]
    whole = sum(sum(row.values()) for row in rows)
    assert sum(sum(row.values()) for row in found) == rounded(whole, unit)
    step = Fraction(1, 100) if unit == "ha" else Fraction(15, 100)
    assert all(abs(found[i][key] - row[key] * step) < 1 for i, row in enumerate(rows)
               for key in row)
    assert all(found[i][key] == 0 for i, row in enumerate(rows) for key in row if not row[key])


@settings(max_examples=40)
@given(ROWS, UNITS, st.booleans())
def test_every_sum_of_a_form_is_the_sum_of_what_is_shown(rows, unit, by_owner) -> None:
    make = land_class_table if by_owner else three_class_table
    table = make(rows, classes=CLASSES, unit=unit)
    at = {each.key: i for i, each in enumerate(table.columns)}
    leaves = [each.key for each in table.columns if each.key in table.totals and not each.derived]
    for row in table.rows:
        assert row[at["whole"]] == sum(row[at[key]] for key in leaves)
        for kind in ("agricultural", "construction", "unused"):
            assert row[at[f"sum_{kind}"]] == sum(
                row[at[key]] for key in leaves if key.startswith(kind))
    shown = lines(table)
    if not rows:
        return
    last = shown[-1]
    assert last.is_total
    whole = sum(sum(row.areas.values()) for row in rows)
    assert last.cells[at["whole"]] == rounded(whole, unit)
    assert sum(row[at["whole"]] for row in table.rows) == rounded(whole, unit)


def test_land_is_put_under_its_kind_and_group() -> None:
    rows = [LandRow({"0101": 1_000_000, "1006": 500_000, "0601": 2_500_000, "1204": 100}, "甲村",
                    owner="30", site="P1"),
            LandRow({"0601": 1_000_000, None: 700}, "县", owner="20", site="P1")]
    table = land_class_table(rows, classes=CLASSES)
    at = {each.key: i for i, each in enumerate(table.columns)}
    first, second = table.rows
    assert (first[at["agricultural_01"]], first[at["agricultural_10"]]) == (10_000, 5_000)
    assert (first[at["construction_06"]], first[at["unused_12"]]) == (25_000, 1)
    assert (first[at["whole"]], second[at["unknown"]]) == (40_001, 7)
    assert [words.key for words in (owner_words(""), owner_words("20"), owner_words("40"))] == [
        "papers.owner.unknown", "papers.owner.state", "papers.owner.collective"]
    assert len(lines(table)) == 5  # two rows, a sum for each kind of owner, all of it


def test_three_lines_and_compliance_of_a_scenario() -> None:
    outcome = examples.priced()
    table = compliance_table(outcome, classes=CLASSES)
    assert [row[0] for row in table.rows] == [each.project_id for each in outcome.projects]
    told = table_csv(table, "zh")
    assert "数据来源" in told
    assert "是" in told
    lined = three_line_table([LineRow("全县", 1_000_000, {"pbf": 333_333}),
                              LineRow("甲", 500_000, {"ugb": 500_000})])
    assert [row[1:] for row in lined.rows] == [(10_000, 0, 3_333, 0), (5_000, 5_000, 0, 0)]


def test_registers_have_the_official_columns_and_leave_the_unknown_open() -> None:
    idle, demolished, linked, offset = registers()
    assert [each.key for each in idle.columns][:5] == [
        "number", "year", "stock_kind", "name", "feature"]
    assert [row[idle.position("area")] for row in idle.rows] == [1_235, 0, 0]
    assert demolished.rows[2][demolished.position("new_farmland")] is None
    assert lines(demolished)[-1].cells[demolished.position("new_farmland")] is None
    by_project = {row[1]: row for row in linked.rows}
    assert by_project["甲"][linked.position("area_left")] == 1_235
    assert by_project["乙"][linked.position("farmland_taken")] is None
    assert lines(offset)[-1].cells[offset.position("capacity")] is None


def test_libreoffice_calculates_the_forms_alike(tmp_path: Path) -> None:
    """Every formula with its stored value spoiled first; grand totals add the subtotals."""
    rows = [LandRow({"0101": 123_456_789, "0201": 55, "1006": 45}, "甲村", owner="30", site="P1"),
            LandRow({"0601": 1_234_550, "1201": 50}, "县", owner="20", site="P2"),
            LandRow({"0103": 51, "0102": 50, None: 49}, "乙村", owner="30", site="P2")]
    tables = [land_class_table(rows, classes=CLASSES, unit=unit) for unit in ("ha", "mu")]
    tables += [three_class_table(rows, classes=CLASSES), *registers(),
               three_line_table([LineRow("全县", 1_000_050, {"pbf": 333_333})])]
    data = workbook(tables)
    ours = cells(opened(data, values=True))
    theirs = cells(opened(recalculated(data, tmp_path), values=True))
    at_formulas = formulas(data)
    assert len(at_formulas) > 200
    wrong = {at: (formula, ours[at].value, theirs[at].value) for at, formula in at_formulas.items()
             if round(theirs[at].value, decimals(ours[at].number_format)) != ours[at].value}
    assert not wrong
    sheet = opened(data, values=True).worksheets[0]
    assert {str(cell.value) for cell in sheet[4]} >= {"农用地", "建设用地", "未利用地"}
    assert sheet.print_area
    assert sheet.page_setup.paperSize == int(sheet.PAPERSIZE_A3)
    grand = sheet[sheet.max_row]
    assert grand[0].value == "合计"
    assert Decimal(str(grand[3].value)) == Decimal(rounded(124_691_589, "ha")).scaleb(-4)


@pytest.mark.parametrize("table", registers(), ids=lambda table: table.id)
def test_a_form_as_csv_and_json_has_exact_values(table) -> None:
    document = table_document(table)
    assert len(document["rows"]) == len(table.rows)
    kinds = {each["kind"] for each in document["columns"]}
    assert "ha" in kinds
    at = next(i for i, each in enumerate(document["columns"]) if each["kind"] == "ha")
    value = document["rows"][0][at]
    assert set(value) == {"ha"}
    assert len(value["ha"].partition(".")[2]) == 4
    assert value["ha"] in table_csv(table, "zh")


def test_forms_of_hostile_data_hold_no_formula_from_it(tmp_path: Path) -> None:
    workspace, file = hostile_scenario(tmp_path)
    outcome = check(workspace, read_scenario(file), folder=file.parent)
    tables = form_tables(workspace, outcome)
    assert {"land_classes", "three_classes", "three_lines", "compliance"} <= {t.id for t in tables}
    out = write_forms(workspace, tmp_path / "out" / "forms.xlsx", scenario=file)
    data = out.read_bytes()
    told = {cell.value for cell in cells(opened(data)).values() if cell.data_type == "s"}
    assert any(clean("<img src=x onerror='parent.hit=1'>") in str(each) for each in told)
    assert not any("hit" in formula for formula in formulas(data).values())
    assert write_forms(workspace, tmp_path / "out" / "forms.xlsx",
                       scenario=file).read_bytes() == data
    assert opened(data).properties.created.date() <= date.today()  # noqa: DTZ011
