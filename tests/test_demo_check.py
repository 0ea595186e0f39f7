"""The demo county from its files to the workbook, every area and need computed a second time."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
import second
import shapely
from running import zoning
from schemas import require_valid

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "data" / "parcels"
SCENARIO = ROOT / "scenarios" / "rudong-2019.toml"
PADDY, FARMLAND = {"0101"}, {"0101", "0102", "0103"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo")
    zoning("init", root / "w", "--demo", "--json")
    return root / "w"


@pytest.fixture(scope="module")
def answer(demo: Path) -> dict[str, Any]:
    answer = zoning("check", SCENARIO, "--workspace", demo, "--json", expect=1)
    require_valid(answer)
    return {project["id"]: project for project in answer["projects"]}


@pytest.fixture(scope="module")
def land() -> Any:
    return pyogrio.read_dataframe(SOURCE / "DLTB.shp", encoding="GBK")


@pytest.fixture(scope="module")
def shapes(land: Any) -> Any:
    return [second.zone_40_shape(shape) for shape in land.geometry]


def dm2_of(area: dict[str, str]) -> int:
    whole, _, cents = area["m2"].partition(".")
    return int(whole) * 100 + int(cents)


def line(layer: str) -> Any:
    drawn = pyogrio.read_dataframe(SOURCE / "三线.gdb", layer=layer).geometry
    return shapely.union_all([second.zone_40_shape(shape) for shape in drawn])


def site_of(project: dict[str, Any], land: Any, shapes: Any) -> Any:
    """The site of a project of the scenario, from the files as they lie there."""
    site = project["site"]
    if "parcels" in site:
        ids = set(site["parcels"])
        return shapely.union_all([shape for shape, name in zip(shapes, land.BSM, strict=True)
                                  if name in ids])
    if "file" in site:
        rows = (SCENARIO.parent / site["file"]).read_text(encoding="gbk").splitlines()
        points = [row.split(",") for row in rows if row.count(",") == 3 and row.startswith("J")]
        return shapely.Polygon(second.zone_40_ring([(float(p[3]), float(p[2])) for p in points]))
    if "polygon" in site:
        assert site["crs"] == "EPSG:4528"
        return shapely.Polygon(second.zone_40_ring([*site["polygon"], site["polygon"][0]]))
    file, layer, name = {
        "idle_land": ("存量土地.gpkg", "存量土地", "CLBH"),
        "new_site": ("增减挂钩.gpkg", "建新地块", "DKBH"),
    }[site["layer"]]
    rows = pyogrio.read_dataframe(SOURCE / file, layer=layer)
    wanted = rows[rows[_id_column(rows, site["features"], name)].isin(site["features"])]
    return shapely.union_all([second.zone_40_shape(shape) for shape in wanted.geometry])


def _id_column(rows: Any, ids: list[str], usual: str) -> str:
    return next(column for column in [usual, *rows.columns]
                if column in rows.columns and rows[column].isin(ids).any())


def test_areas_and_lines_of_every_project_are_confirmed(
    answer: dict[str, Any], land: Any, shapes: Any
) -> None:
    projects = tomllib.loads(SCENARIO.read_text(encoding="utf-8"))["project"]
    lines = {"pbf": line("YJJBNTBHTB"), "eco_redline": line("STBHHX"), "ugb": line("CZKFBJ")}
    tree = shapely.STRtree(shapes)
    assert len(projects) == 25
    for project in projects:
        told, site = answer[project["id"]], site_of(project, land, shapes)
        parts = max(1, len(project["site"].get("parcels", [])))
        assert abs(dm2_of(told["area"]) - second.dm2(site.area)) <= parts
        for hit in told["lines"]:
            inside = second.dm2(shapely.intersection(site, lines[hit["role"]]).area)
            assert abs(dm2_of(hit["area"]) - inside) <= parts, (project["id"], hit["role"])
        by_class: dict[str, float] = {}
        for row in tree.query(site, predicate="intersects").tolist():
            area = shapely.intersection(site, shapes[row]).area
            by_class[land.DLBM[row]] = by_class.get(land.DLBM[row], 0) + area
        said: dict[str, int] = {}
        for each in told["classes"]:
            said[each["class_code"]] = said.get(each["class_code"], 0) + dm2_of(each["area"])
        near = {code: second.dm2(area) for code, area in by_class.items() if area > 0.01}
        assert set(said) <= set(by_class)
        for code, area in near.items():
            assert abs(said.get(code, 0) - area) <= max(3, parts), (project["id"], code)
        assert sum(said.values()) == dm2_of(told["area"])


def test_needs_follow_from_the_classes(answer: dict[str, Any]) -> None:
    """Batch projects: the need vector by hand from the land taken that is not yet converted."""
    for project in answer.values():
        if project["path"] != "batch":
            continue
        taken = {kind: sum(dm2_of(each["area"]) for each in project["classes"]
                           if not each["converted"] and wanted(each))
                 for kind, wanted in {
                     "total": lambda c: c["land_kind"] != "construction",
                     "agricultural": lambda c: c["land_kind"] == "agricultural",
                     "farmland": lambda c: c["class_code"] in FARMLAND,
                     "paddy": lambda c: c["class_code"] in PADDY,
                 }.items()}
        needs = {need["kind"]: {each["component"]: each for each in need["components"]}
                 for need in project["needs"]}
        plan, offset = needs["plan_quota"], needs.get("offset", {})
        for component in ("total", "agricultural", "farmland"):
            assert dm2_of(plan[component]["needed"]) == taken[component]
        if offset:
            assert dm2_of(offset["area"]["needed"]) == taken["farmland"]
            assert dm2_of(offset["paddy"]["needed"]) == taken["paddy"]
        for component in (*plan.values(), *offset.values()):
            needed, available, short = (
                each["kg"] if "kg" in each else dm2_of(each)
                for each in (component["needed"], component["available"], component["shortfall"])
            )
            assert short == max(0, needed - available)


def test_capacity_follows_from_the_grade_of_every_patch(
    answer: dict[str, Any], land: Any, shapes: Any
) -> None:
    """Σ area × kg per mu by grade over the farmland taken, rounded once, from the files alone."""
    rules = tomllib.loads((SOURCE / "rules" / "demo.toml").read_text(encoding="utf-8"))["rule"]
    (rates,) = (rule["value"] for rule in rules if rule["id"] == "zbph.capacity_per_mu")
    stock = pyogrio.read_dataframe(SOURCE / "存量土地.gpkg", layer="存量土地")
    converted = shapely.union_all([second.zone_40_shape(shape) for shape in stock.geometry])
    tree, checked = shapely.STRtree(shapes), 0
    for project in tomllib.loads(SCENARIO.read_text(encoding="utf-8"))["project"]:
        needs = {need["kind"]: need["components"] for need in answer[project["id"]]["needs"]}
        if "offset" not in needs:
            continue
        site = shapely.difference(site_of(project, land, shapes), converted)
        exact = Fraction(0)
        for row in tree.query(site, predicate="intersects").tolist():
            if land.DLBM[row] in FARMLAND:
                m2 = shapely.intersection(site, shapes[row]).area * (1 - land.KCXS[row])
                exact += Fraction(m2) * Fraction(rates[str(int(land.GDDB[row]))]) * 3 / 2000
        (told,) = (each["needed"]["kg"] for each in needs["offset"]
                   if each["component"] == "capacity")
        assert abs(told - exact) <= 1
        checked += told > 0
    assert checked >= 6


def test_projects_pass_fail_and_stay_undecided(answer: dict[str, Any]) -> None:
    verdicts = [project["verdict"] for project in answer.values()]
    assert {"pass", "fail", "undecided"} == set(verdicts)
    revived = [project for project in answer.values()
               if any(found["id"] == "quota.none_needed" for found in project["findings"])]
    assert len(revived) >= 8
    for project in revived:
        assert project["needs"] == []
        (told,) = (found["text"] for found in project["findings"]
                   if found["id"] == "quota.none_needed")
        assert "不需要新增指标" in told["zh"]


def test_a_verdict_stays_when_its_own_quota_is_held(
    answer: dict[str, Any], demo: Path, tmp_path: Path
) -> None:
    import shutil

    copy = shutil.copytree(demo, tmp_path / "copy")
    require_valid(zoning("ledger", "hold", SCENARIO, "--workspace", copy, "--json"))
    again = zoning("check", SCENARIO, "--workspace", copy, "--json", expect=1)
    assert {project["id"]: project for project in again["projects"]} == answer
    held = zoning("ledger", "holds", "--workspace", copy, "--json")["holds"]
    first = held[0]["hold_id"]
    require_valid(zoning("ledger", "settle", first, "--workspace", copy, "--json"))
    assert {project["id"]: project for project in zoning(
        "check", SCENARIO, "--workspace", copy, "--json", expect=1)["projects"]} == answer


def test_workbook_agrees_with_the_ledger(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "balance.xlsx"
    require_valid(zoning("sheet", "--scenario", SCENARIO, "--out", out, "--workspace", demo,
                         "--json"))
    balance = zoning("ledger", "balance", "--workspace", demo, "--json")
    require_valid(balance)
    numbers, formulas = (openpyxl.load_workbook(out, data_only=flag) for flag in (True, False))
    first = numbers.worksheets[0]
    cells = {cell for row in first.iter_rows(values_only=True) for cell in row
             if isinstance(cell, (int, float))}
    for pool in balance["pools"]:
        for component in pool["components"]:
            free = component["free"]
            assert (free["kg"] if "kg" in free else float(free["m2"])) in cells
    written = [cell.value for row in formulas.worksheets[0].iter_rows() for cell in row
               if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert any("SUM(" in formula for formula in written)
