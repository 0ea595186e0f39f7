"""Real parcels of two American places under a rule file of their own: rules are data.

Every area that ``zoning check --json`` and ``zoning sheet`` print is computed a second time here,
from the source text, by closed formulas (`tests.second`).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import second
import shapely
from running import zoning
from schemas import require_valid

DC_RULES = """
[[line]]
role = "flood"
place = "US/DC"
zh = "特别洪水危险区"
en = "Special flood hazard area"
relation = "avoid"

[[line]]
role = "historic"
place = "US/DC"
zh = "历史街区"
en = "Historic district"
relation = "avoid"

[[rule]]
id = "flood.allowed_kinds"
place = "US/DC"
value = ["water"]
unit = "project kind"
citation = { zh = "测试用规则", en = "Rule made for this test" }
confidence = "W"

[[rule]]
id = "historic.allowed_kinds"
place = "US/DC"
unit = "project kind"
citation = { zh = "未核实", en = "Not verified" }
confidence = "none"
"""


@pytest.fixture(scope="module")
def dc(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the DC parcels, flood areas and historic districts."""
    root, source = tmp_path_factory.mktemp("dc"), realdata / "dc_planning"
    zoning("init", root, "--name", "DC", "--place", "US/DC")
    (root / "rules").mkdir()
    (root / "rules" / "dc.toml").write_text(DC_RULES, encoding="utf-8")
    inside = ("--workspace", root, "--json")
    zoning("import", source / "parcel-lots.geojson", "--role", "parcel", "--map",
           "SSL=parcel_id", "--edition", "2016", *inside)
    floods = "community-rating-system-special-flood-hazard-areas.geojson"
    zoning("import", source / floods, "--role", "flood", "--map", "OBJECTID=id", *inside)
    zoning("import", source / "historic-districts.geojson", "--role", "historic",
           "--map", "OBJECTID=id", *inside)
    return root


@pytest.fixture(scope="module")
def lots(realdata: Path) -> dict[str, Any]:
    rows = second.features(realdata / "dc_planning" / "parcel-lots.geojson")
    return {row["properties"]["SSL"]: second.shape(row["geometry"]) for row in rows
            if second.is_sound(row["geometry"])}


def line_union(realdata: Path, name: str) -> Any:
    rows = second.features(realdata / "dc_planning" / name)
    return shapely.union_all([second.shape(row["geometry"]) for row in rows
                              if second.is_sound(row["geometry"])])


def scenario(projects: dict[str, list[str]]) -> str:
    head = '[scenario]\nid = "dc"\nname = "DC"\ndecision_date = 2016-08-16\nplace = "US/DC"\n'
    rows = [f'[[project]]\nid = "{name}"\nname = "{name}"\nkind = "housing"\n'
            f"site = {{ parcels = {json.dumps(ids)} }}\n" for name, ids in projects.items()]
    return head + "\n".join(rows)


def test_every_area_of_a_check_is_confirmed(
    dc: Path, lots: dict[str, Any], realdata: Path, tmp_path: Path
) -> None:
    flood = line_union(realdata, "community-rating-system-special-flood-hazard-areas.geojson")
    historic = line_union(realdata, "historic-districts.geojson")
    wet = [name for name, shape in lots.items() if shapely.intersects(shape, flood)][:12]
    old = [name for name, shape in lots.items() if shapely.intersects(shape, historic)][:12]
    dry = [name for name, shape in lots.items()
           if not shapely.intersects(shape, flood) and not shapely.intersects(shape, historic)][:3]
    projects = {f"P{i}": [name] for i, name in enumerate([*wet, *old, *dry])}
    file = tmp_path / "dc.toml"
    file.write_text(scenario(projects), encoding="utf-8")

    answer = zoning("check", file, "--workspace", dc, "--json", expect=1)
    sheet = tmp_path / "dc.xlsx"
    zoning("sheet", "--scenario", file, "--out", sheet, "--workspace", dc, "--json")
    printed = areas_in(sheet)

    assert len(answer["projects"]) == len(projects)
    for project in answer["projects"]:
        shape = lots[projects[project["id"]][0]]
        site_dm2 = second.dm2(shape.area)
        assert abs(dm2_of(project["area"]) - site_dm2) <= 1
        hits = {line["role"]: dm2_of(line["area"]) for line in project["lines"]}
        assert abs(hits["flood"] - second.dm2(shapely.intersection(shape, flood).area)) <= 1
        assert abs(hits["historic"] - second.dm2(shapely.intersection(shape, historic).area)) <= 1
        for area_dm2 in (dm2_of(project["area"]), *hits.values()):
            assert round(area_dm2 / 100, 2) in printed
        status = {found["id"]: found["status"] for found in project["findings"]}
        assert status["line.flood"] in ({"fail"} if hits["flood"] else {"pass", "undecided"})
        if hits["historic"]:
            assert status["line.historic"] == "undecided"
            assert any("historic.allowed_kinds" in each for each in project["missing"])


# ── Vermont: 38,000 parcels that overlap each other ──────────────────────────────────────────


@pytest.fixture(scope="module")
def vermont(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("vt")
    zoning("init", root, "--place", "US/VT")
    answer = zoning("import", realdata / "vt_parcels" / "vt_parcels_block.parquet", "--role",
                    "parcel", "--map", "PARCELNUM=id", "--map", "SHAPE_area=declared_m2",
                    "--workspace", root, "--json")
    assert answer["layer"]["features"] == 37_984
    assert answer["layer"]["quarantined"]["features"] == 16
    return root


@pytest.fixture(scope="module")
def blocks(realdata: Path) -> list[tuple[str, Any]]:
    """Parcel number and shape of rows whose number stands once in the file, as it stands there."""
    table = pq.read_table(realdata / "vt_parcels" / "vt_parcels_block.parquet")
    numbers = table["PARCELNUM"].to_pylist()
    once = Counter(number for number in numbers if number)
    rows = zip(numbers, table["geometry"].to_pylist(), strict=True)
    return [(number, shapely.from_wkb(wkb)) for number, wkb in rows
            if number and once[number] == 1 and wkb]


def carried(shape: Any) -> Any:
    return second.shape(json.loads(shapely.to_geojson(shape)))


def test_sum_and_union_of_overlapping_parcels_are_both_told(
    vermont: Path, blocks: list[tuple[str, Any]], tmp_path: Path
) -> None:
    """Two parcels that overlap: what they cover once, what is counted twice, and no verdict."""
    sound = [(number, shape) for number, shape in blocks[:6000] if shape.is_valid]
    shapes = [shape for _, shape in sound]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    pairs: list[tuple[int, int]] = []
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        pair = shapely.union(shapes[a], shapes[b])
        if a < b and not any(pair.intersects(shapes[k]) for each in pairs for k in each):
            pairs.append((a, b))
    pairs = pairs[:4]  # apart from each other: land is given once
    assert len(pairs) == 4
    projects = {f"V{i}": [sound[a][0], sound[b][0]] for i, (a, b) in enumerate(pairs)}
    projects["alone"] = [sound[7][0]]
    file = tmp_path / "vt.toml"
    file.write_text(scenario(projects).replace("US/DC", "US/VT"), encoding="utf-8")
    answer = {each["id"]: each
              for each in zoning("check", file, "--workspace", vermont, "--json")["projects"]}

    sheet = tmp_path / "vt.xlsx"
    require_valid(zoning("sheet", "--scenario", file, "--out", sheet, "--workspace", vermont,
                         "--json"))
    printed = areas_in(sheet)
    for told in answer.values():
        assert round(dm2_of(told["area"]) / 100, 2) in printed
    alone = second.dm2(carried(sound[7][1]).area)
    assert abs(dm2_of(answer["alone"]["area"]) - alone) <= 1
    for number, (a, b) in enumerate(pairs):
        told, one, other = answer[f"V{number}"], carried(shapes[a]), carried(shapes[b])
        assert told["verdict"] == "undecided"
        assert abs(dm2_of(told["area"]) - second.dm2(one.union(other).area)) <= 1
        shared = second.dm2(one.area) + second.dm2(other.area) - second.dm2(one.union(other).area)
        assert abs(dm2_of(told["overlap"]) - shared) <= 2


def test_overlay_of_two_files_conserves_area(realdata: Path) -> None:
    """Historic districts by flood areas, each pair cut again here."""
    folder = realdata / "dc_planning"
    floods = "community-rating-system-special-flood-hazard-areas.geojson"
    answer = zoning("overlay", folder / "historic-districts.geojson", folder / floods, "--json")
    for row in answer["features"]:
        assert dm2_of(row["inside"]) + dm2_of(row["outside"]) == dm2_of(row["area"])
    for total, part in (("inside", "inside"), ("area", "area"), ("outside", "outside")):
        assert dm2_of(answer["total"][total]) == sum(dm2_of(row[part])
                                                     for row in answer["features"])
    historic = [second.shape(row["geometry"]) for row in
                second.features(folder / "historic-districts.geojson")
                if second.is_sound(row["geometry"])]
    flood = line_union(realdata, floods)
    inside = sum(second.dm2(shapely.intersection(shape, flood).area) for shape in historic)
    assert abs(dm2_of(answer["total"]["inside"]) - inside) <= len(historic)


def dm2_of(area: dict[str, str]) -> int:
    whole, _, cents = area["m2"].partition(".")
    return int(whole) * 100 + int(cents)


def areas_in(workbook: Path) -> set[float]:
    book = openpyxl.load_workbook(workbook, data_only=True)
    return {round(cell, 2) for sheet in book for row in sheet.iter_rows(values_only=True)
            for cell in row if isinstance(cell, (int, float)) and not isinstance(cell, bool)}
