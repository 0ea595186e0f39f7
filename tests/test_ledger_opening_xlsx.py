"""An opening book as a workbook: written, filled in, read back; faults by cell (accounting §16)."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from running import run, zoning
from schemas import require_valid

from zoning.codes.events import ledger_events
from zoning.codes.reader import quota_kinds
from zoning.errors import InputError
from zoning.ledger.model import MAX_AMOUNT, Account, Inflow, Lot, Voucher
from zoning.ledger.opening import inflow_types
from zoning.ledger.opening_xlsx import TITLES, read_opening, write_opening
from zoning.messages import LANGUAGES, say

KINDS = quota_kinds()
WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff；"),
               min_size=1, max_size=12).filter(str.strip)
DAYS = st.dates(date(1950, 1, 1), date(2200, 1, 1))


@st.composite
def inflows(draw: st.DrawFn) -> Inflow:
    kind = draw(st.sampled_from(sorted(KINDS)))
    effective = draw(DAYS)
    document = draw(WORD)
    lot = Lot(draw(st.just("") | WORD), Account(draw(WORD), kind, draw(WORD)),
              draw(st.integers(1949, 9999)), document, draw(st.none() | DAYS),
              tuple(draw(st.lists(WORD, max_size=3))),
              draw(st.none() | DAYS.filter(lambda day: day >= effective)),
              draw(st.none() | st.integers(0, 10**9)), tuple(draw(st.lists(WORD, max_size=2))),
              draw(st.just("") | WORD))
    amounts = draw(st.dictionaries(st.sampled_from([c.code for c in KINDS[kind].components]),
                                   st.integers(1, MAX_AMOUNT), min_size=1))
    official = draw(st.just("") | st.sampled_from(inflow_types(KINDS[kind], ledger_events())))
    return Inflow(lot, amounts, Voucher(effective, official, document, key=draw(WORD)))


LARGEST = Inflow(
    Lot("", Account("0", "linkage", "0"), 1949, "0"),
    {"area": MAX_AMOUNT, "paddy": 1, "capacity": MAX_AMOUNT},
    Voucher(date(2000, 1, 1), document="0", key="0"),
)


@settings(max_examples=60, deadline=None)
@example([LARGEST])
@given(st.lists(inflows(), min_size=1, max_size=4, unique_by=lambda each: each.voucher.key))
def test_what_is_written_is_read_back(found: list[Inflow]) -> None:
    """accounting §16"""
    data = write_opening(found, kinds=KINDS)
    read = read_opening(data, source="x.xlsx", kinds=KINDS)
    order = list(KINDS)
    assert list(read) == sorted(found, key=lambda each: order.index(each.lot.account.kind))


def filled(rows: list[dict[str, Any]], *, sheet: str = "占补平衡指标") -> bytes:
    workbook = openpyxl.load_workbook(io.BytesIO(write_opening((), kinds=KINDS)))
    page = workbook[sheet]
    titles = {cell.value: cell.column for cell in page[1]}
    for number, row in enumerate(rows, start=2):
        for title, value in row.items():
            page.cell(number, titles[title], value)
    told = io.BytesIO()
    workbook.save(told)
    return told.getvalue()


GOOD = {"行政区": "CN/32", "指标池": "county", "年度": 2026, "文号": "D1",
        "生效日": date(2026, 1, 2), "耕地数量（公顷）": 1.2345, "粮食产能（公斤）": 900}


def test_a_row_filled_in_by_hand_is_read() -> None:
    """accounting §16"""
    (inflow,) = read_opening(filled([GOOD]), source="x.xlsx", kinds=KINDS)
    assert inflow.lot.account == Account("CN/32", "offset", "county")
    assert inflow.amounts == {"area": 1_234_500, "capacity": 900}
    assert inflow.voucher.effective == date(2026, 1, 2)


def faults(data: bytes, language: str = "zh") -> str:
    with pytest.raises(InputError) as refused:
        read_opening(data, source="x.xlsx", kinds=KINDS)
    assert all(say(refused.value, each) for each in LANGUAGES)
    return say(refused.value, language)  # type: ignore[arg-type]


def cell_of(title: str, row: int) -> str:
    page = openpyxl.load_workbook(io.BytesIO(write_opening((), kinds=KINDS)))["占补平衡指标"]
    (found,) = (cell.coordinate for cell in page[1] if cell.value == title)
    return f"占补平衡指标!{found.rstrip('1')}{row}"


def test_all_faulty_cells_are_named_at_once() -> None:
    """accounting §16"""
    wrong = {**GOOD, "年度": "next", "生效日": "soon", "耕地数量（公顷）": -1,
             "业务类型": "挂钩指标", "文号": None}
    told = faults(filled([GOOD, wrong]))
    for title in ("年度", "生效日", "耕地数量（公顷）", "业务类型", "文号"):
        assert cell_of(title, 3) in told
    assert "next" in told
    assert "调入指标" in told
    assert cell_of("年度", 2) not in told


def test_half_a_kilogram_and_an_expiry_before_the_start_are_named() -> None:
    """accounting §1, §16"""
    told = faults(filled([{**GOOD, "粮食产能（公斤）": 0.5},
                          {**GOOD, "到期日": date(2025, 1, 1)}]))
    assert cell_of("粮食产能（公斤）", 2) in told
    assert cell_of("到期日", 3) in told


@pytest.mark.parametrize(("title", "value"), [
    ("耕地数量（公顷）", True), ("耕地数量（公顷）", "NaN"), ("耕地数量（公顷）", "1e400"),
    ("耕地数量（公顷）", "#REF!"), ("粮食产能（公斤）", "１,０"), ("单位成本（元）", 10**20),
    ("单位成本（元）", True), ("年度", 2026.5), ("生效日", 46027), ("生效日", "2026-02-30"),
    ("文号", True)])
def test_a_hostile_cell_is_named(title: str, value: object) -> None:
    """accounting §16"""
    assert cell_of(title, 2) in faults(filled([{**GOOD, title: value}]))


def test_a_formula_nobody_calculated_is_no_empty_cell() -> None:
    """accounting §16: else the lot would come in without its paddy, and nobody would know."""
    told = faults(filled([{**GOOD, "水田规模（公顷）": "=O2/2"}]))
    assert cell_of("水田规模（公顷）", 2) in told
    assert "=O2/2" in told


def test_the_same_row_twice_is_named() -> None:
    """accounting §16"""
    assert "占补平衡指标!A3" in faults(filled([GOOD, GOOD]))
    keyed = [{**GOOD, "记账键": "a"}, {**GOOD, "记账键": "b"}]
    assert len(read_opening(filled(keyed), source="x.xlsx", kinds=KINDS)) == 2


def test_unknown_sheets_and_headings_are_named() -> None:
    """accounting §16"""
    workbook = openpyxl.load_workbook(io.BytesIO(filled([GOOD])))
    workbook.create_sheet("森林")
    workbook["占补平衡指标"].cell(1, 40, "颜色")
    del workbook["增减挂钩指标"]
    told = io.BytesIO()
    workbook.save(told)
    said = faults(told.getvalue(), "en")
    assert "森林" in said
    assert "占补平衡指标!AN1" in said


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nonsense", b"text"])
def test_a_file_that_is_no_workbook_is_refused(data: bytes) -> None:
    """accounting §16"""
    assert "x.xlsx" in faults(data)


def test_the_template_alone_brings_nothing_in() -> None:
    """accounting §16"""
    assert "x.xlsx" in faults(write_opening((), kinds=KINDS))
    assert set(TITLES) < set(Lot.__dataclass_fields__) | {"place", "pool"} | set(
        Voucher.__dataclass_fields__)


def test_a_workbook_is_posted_from_the_command_line(tmp_path: Path) -> None:
    """accounting §16: all or nothing, and once."""
    space = tmp_path / "w"
    zoning("init", space, "--place", "CN/32")
    at = ("--workspace", space, "--json")
    require_valid(zoning("ledger", "template", "--out", tmp_path / "t.xlsx", *at))
    book = tmp_path / "book.xlsx"
    book.write_bytes(filled([GOOD, {**GOOD, "年度": "?"}]))
    code, _, told = run("ledger", "post", "--opening", book, *at)
    assert code == 2
    assert cell_of("年度", 3) in told
    assert zoning("ledger", "journal", *at)["entries"] == []
    book.write_bytes(filled([GOOD]))
    first = zoning("ledger", "post", "--opening", book, *at)
    require_valid(first)
    assert zoning("ledger", "post", "--opening", book, *at) == first
    assert len(zoning("ledger", "journal", *at)["entries"]) == 1
