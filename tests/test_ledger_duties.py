"""Deadlines, returns, land, sheets and seals from the command line (accounting §11-§16)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
from running import run, zoning
from schemas import require_valid

PLACE = "CN/32/3206/320623"


def square(east: float, side: float) -> shapely.Polygon:
    return shapely.box(613000 + east, 3575000, 613000 + east + side, 3575000 + side)


def layer(file: Path, rows: list[dict[str, object]]) -> Path:
    geopandas.GeoDataFrame(rows, geometry="geometry", crs=4549).to_file(file)
    return file


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("duties")
    root = folder / "w"
    zoning("init", root, "--place", PLACE)
    offsets = layer(folder / "offset.gpkg", [
        {"feature_id": "B-1", "paddy_m2": 400.0, "capacity_kg": 900, "geometry": square(0, 100)},
        {"feature_id": "B-2", "paddy_m2": 0.0, "capacity_kg": 10, "geometry": square(200, 50)}])
    idle = layer(folder / "idle.gpkg", [
        {"feature_id": "CL-1", "name": "厂区", "stock_kind": "idle", "start_due": "2025-07-01",
         "supplied_on": None, "geometry": square(0, 50)},
        {"feature_id": "CL-2", "name": "", "stock_kind": "supplied_unused", "start_due": None,
         "supplied_on": "2024-07-01", "geometry": square(100, 50)},
        {"feature_id": "CL-3", "name": "", "stock_kind": "supplied_unused", "start_due": None,
         "supplied_on": None, "geometry": square(200, 50)},
        {"feature_id": "CL-4", "name": "", "stock_kind": "approved_unsupplied", "start_due": None,
         "supplied_on": None, "geometry": square(300, 50)}])
    for role, file in (("offset", offsets), ("idle_land", idle)):
        zoning("import", file, "--role", role, "--workspace", root, "--json")
    return root


def ask(space: Path, *words: str, expect: int = 0) -> dict[str, object]:
    answer = zoning("ledger", *words, "--workspace", space, "--json", expect=expect)
    require_valid(answer)
    return answer  # type: ignore[no-any-return]


def lend(space: Path, area: str = "area=5ha") -> str:
    made = ask(space, "post", area, "--kind", "linkage", "--vintage", "2024", "--document", "挂1",
               "--document-date", "2024-03-01", "--effective", "2024-03-05", "--type",
               "周转指标下达")
    return made["entries"][0]["postings"][0]["lot_id"]  # type: ignore[index,no-any-return]


def test_linkage_is_lent_used_and_returned_in_time(space: Path) -> None:
    """accounting §13: the whole life of a lot, with the years of the shipped rule."""
    lot = lend(space)
    (listed,) = [each for each in ask(space, "lots")["lots"] if each["lot_id"] == lot]
    assert listed["expires"] == "2027-03-01"
    held = ask(space, "hold", "--kind", "linkage", "--project", "N1", "--amount", "area=3ha",
               "--lot", lot, "--effective", "2024-06-01")["holds"][0]["hold_id"]
    ask(space, "settle", held, "--effective", "2024-07-01")
    ask(space, "post", "area=1ha", "--kind", "linkage_return", "--vintage", "2026", "--document",
        "验1", "--effective", "2026-05-01", "--type", "周转指标归还", "--origin", f"lot/{lot}")
    (loan,) = [each for each in ask(space, "linkage", "--on", "2026-06-01")["lots"]
               if each["lot_id"] == lot]
    area = loan["components"][0]
    assert loan["return_due"] == "2027-03-01"
    assert (area["used"], area["returned"], area["outstanding"], area["drawable"]) == tuple(
        {"m2": each} for each in ("30000.00", "10000.00", "20000.00", "20000.00"))
    due = ask(space, "deadlines", "--on", "2027-01-15", "--within", "60")["deadlines"]
    assert {(each["matter"], each["days_left"]) for each in due if each["subject"] == lot} == {
        ("linkage", 45), ("lot", 45)}
    late = ask(space, "linkage", "--on", "2027-03-02")["lots"]
    assert [each["components"][0]["drawable"]["m2"] for each in late
            if each["lot_id"] == lot] == ["0.00"]


def test_returned_quota_cannot_be_held(space: Path) -> None:
    """accounting §13"""
    ask(space, "post", "area=1ha", "--kind", "linkage_return", "--vintage", "2026", "--document",
        "验2", "--type", "周转指标归还")
    code, out, told = run("ledger", "hold", "--kind", "linkage_return", "--project", "N2",
                          "--amount", "area=1ha", "--workspace", space)
    assert (code, out) == (1, "")
    assert "已归还" in told


def test_idle_clocks_follow_from_the_start_and_the_rules(space: Path) -> None:
    """accounting §14"""
    found = ask(space, "deadlines", "--on", "2026-06-01", "--within", "60")["deadlines"]
    idle = [(each["subject"], each["matter"], each["day"]) for each in found
            if each["subject"].startswith("idle_land/")]
    assert sorted(idle, key=str) == [
        ("idle_land/CL-1", "idle", "2026-07-01"), ("idle_land/CL-2", "idle", "2026-07-01"),
        ("idle_land/CL-3", "idle", None), ("idle_land/CL-3", "recover", None)]
    assert "到期提醒" in zoning("ledger", "deadlines", "--on", "2026-06-01", "--workspace", space)


def test_the_book_is_compared_with_the_land(space: Path) -> None:
    """accounting §15"""
    areas = {each["feature_id"]: each["area"]["m2"] for each in zoning(
        "area", space.parent / "offset.gpkg", "--json")["features"]}
    exact = ask(space, "post", f"area={areas['B-1']}m2", "paddy=400m2", "capacity=900kg", "--kind",
                "offset", "--vintage", "2026", "--document", "D", "--origin", "offset/B-1")
    before = ask(space, "reconcile")
    assert (before["compared"], before["agreeing"], before["differences"]) == (1, 1, [])
    ask(space, "post", "area=0.26ha", "--kind", "offset", "--vintage", "2026", "--document", "E",
        "--origin", "offset/B-2", "--origin", "demolition/C-1")
    held = ask(space, "hold", "--kind", "offset", "--project", "P1", "--amount", "area=1m2",
               "--lot", exact["entries"][0]["postings"][0]["lot_id"])["holds"][0]["hold_id"]
    ask(space, "settle", held, "--polygon", "offset/B-9")
    found = ask(space, "reconcile", expect=1)["differences"]
    assert [(each["reason"], each["component"]) for each in found] == [
        ("no_layer", None), ("amount", "area"), ("amount", "capacity"), ("no_polygon", None)]
    gap = round(2600 - float(areas["B-2"]), 2)
    assert found[1]["difference"]["m2"] == f"{gap:.2f}"
    assert "账地核对差异" in zoning("ledger", "reconcile", "--workspace", space, expect=1)


def test_the_sheets_are_exported_in_three_forms(space: Path, tmp_path: Path) -> None:
    """accounting §16: the same tables, the same numbers."""
    names = {}
    for form in ("csv", "json", "xlsx"):
        made = zoning("export", "--out", tmp_path / form, "--format", form, "--workspace", space,
                      "--json")
        names[form] = [Path(each["path"]).stem for each in made["files"]]
    assert names["csv"] == names["json"]
    for wanted in ("balance", "stock_offset", "details_linkage", "usage_linkage", "loans",
                   "idle_land", "idle_clocks", "deadlines", "reconcile"):
        assert any(name.endswith(f"-{wanted}") for name in names["csv"]), wanted
    for file in (tmp_path / "json").iterdir():
        require_valid(json.loads(file.read_text(encoding="utf-8")))
    (details,) = (tmp_path / "csv").glob("*details_linkage.csv")
    with details.open(encoding="utf-8-sig", newline="") as told:
        rows = list(csv.reader(told))
    at = next(i for i, title in enumerate(rows[0]) if "建新区面积 (m²)" in title)
    assert rows[-1][at] == "20000.00"
    book = openpyxl.load_workbook(tmp_path / "xlsx" / "quota-ledger.xlsx")
    page = next(book[name] for name in book.sheetnames if name.startswith("周转指标归还"))
    assert page.print_title_rows
    assert any(str(cell.value).startswith("=") for row in page.iter_rows() for cell in row)
    code, _, told_en = run("export", "--out", tmp_path, "--format", "pdf", "--workspace",
                           space)
    assert code == 2
    assert "pdf" in told_en


def test_a_book_is_sealed_verified_and_restored(space: Path, tmp_path: Path) -> None:
    """accounting §11, §12: the commands."""
    ask(space, "seal", "2024-12-31", "--note", "年结")
    assert len(ask(space, "periods")["periods"]) == 1
    sound = ask(space, "verify")
    assert sound["sound"]
    file = tmp_path / "journal.jsonl"
    ask(space, "export-journal", "--out", str(file))
    ask(space, "verify", "--file", str(file), "--known", f"{sound['position']}:{sound['head']}")
    ask(space, "backup", "--out", str(tmp_path / "copy.db"))
    other = tmp_path / "other"
    zoning("init", other, "--place", PLACE)
    assert ask(other, "restore", str(file))["head"] == sound["head"]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    assert not ask(space, "verify", "--file", str(file), expect=1)["sound"]
    assert run("ledger", "verify", "--known", "x", "--workspace", space)[0] == 2
