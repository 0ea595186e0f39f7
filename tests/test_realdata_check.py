"""Real parcels of two American places under a rule file of their own: rules are data.

Every area that ``zoning check --json`` and ``zoning sheet`` print is computed a second time here,
from the source text, by closed formulas (`tests.second`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

import second
from running import zoning

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
def dc(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
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
    yield root


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
        assert dm2_of(project["area"]) / 100 in printed
        status = {found["id"]: found["status"] for found in project["findings"]}
        assert status["line.flood"] in ({"fail"} if hits["flood"] else {"pass", "undecided"})
        if hits["historic"]:
            assert status["line.historic"] == "undecided"
            assert any("historic.allowed_kinds" in each for each in project["missing"])


def dm2_of(area: dict[str, str]) -> int:
    whole, _, cents = area["m2"].partition(".")
    return int(whole) * 100 + int(cents)


def areas_in(workbook: Path) -> set[float]:
    book = openpyxl.load_workbook(workbook, data_only=True)
    return {round(cell, 2) for sheet in book for row in sheet.iter_rows(values_only=True)
            for cell in row if isinstance(cell, (int, float)) and not isinstance(cell, bool)}
