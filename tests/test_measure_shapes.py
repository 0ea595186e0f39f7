"""Shapes that people see: held to the area of the edges wherever GEOS draws them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS
from running import run, zoning

from zoning.errors import MeasureError
from zoning.layers.repair import Layer, changes_of
from zoning.measure import shape
from zoning.measure.criteria import land_inside
from zoning.measure.redrawn import require_drawn_right

EAST, NORTH, CRS40 = 40_613_000.0, 3_575_700.0, CRS.from_epsg(4528)
ZONING = Path(__file__).parents[1] / "zoning"
SET_OPERATIONS = re.compile(
    r"shapely\.(intersection|union|union_all|difference|symmetric_difference|unary_union|"
    r"intersection_all|coverage_union|coverage_union_all|clip_by_rect)\(")
KNOWN = {
    "demo": "drawn for the synthetic county, and read like any file",
    "layers/repair.py": "held to the edges by measure/redrawn before it is shown or stored",
    "measure/shape.py": "where shapes are drawn and checked",
    "measure/lengths.py": "lengths: how far a border runs along a road",
    "measure/recheck.py": "a second opinion on a found site; both numbers are compared there",
    "measure/redrawn.py": "a union is held to the edges before it is handed over",
    "workspace/ground.py": "features cut to the window of a printed map",
    "web/views/search.py": "outlines marked on the map: no area is told of them",
    "web/mvt.py": "a feature cut to the square of the screen it is drawn in",
    "workspace/care.py": "whether a feature meets the county at all: no area",
}
"""Who calls GEOS for a set operation, and what holds the result."""


def test_every_user_of_set_operations_is_known() -> None:
    users = {str(file.relative_to(ZONING)) for file in ZONING.rglob("*.py")
             if SET_OPERATIONS.search(file.read_text(encoding="utf-8"))}
    unknown = {user for user in users if user not in KNOWN and user.split("/")[0] not in KNOWN}
    assert unknown == set()
    assert {name for name in KNOWN if not any(user.startswith(name) for user in users)} == set()


def box(x: float, y: float = 0, side: float = 100) -> Any:
    return shapely.box(EAST + x, NORTH + y, EAST + x + side, NORTH + y + side)


def repaired(name: str, shapes: list[Any]) -> tuple[Any, ...]:
    layer = Layer([str(row) for row in range(len(shapes))], np.array(shapes), CRS40)
    return changes_of(name, layer)


OVERLAPPING = [box(0), box(50), box(75, 50)]
SLIVER = [box(0), shapely.box(EAST + 100, NORTH, EAST + 100.005, NORTH + 100), box(100.005)]


@pytest.mark.parametrize(("name", "shapes"), [("cut_overlaps", OVERLAPPING),
                                              ("merge_slivers", SLIVER)])
def test_repairs_that_draw_right_pass(name: str, shapes: list[Any]) -> None:
    changes = repaired(name, shapes)
    assert any(change.less or change.joined for change in changes)
    require_drawn_right(changes, CRS40)


@pytest.mark.parametrize(("name", "engine", "shapes"), [
    ("cut_overlaps", "difference", OVERLAPPING), ("merge_slivers", "union", SLIVER)])
def test_a_repair_that_loses_land_is_an_error_with_both_numbers(
    name: str, engine: str, shapes: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapely, engine, lambda *_args, **_options: box(0, side=10))
    changes = repaired(name, shapes)
    monkeypatch.undo()
    with pytest.raises(MeasureError) as caught:
        require_drawn_right(changes, CRS40)
    told = caught.value.message
    assert told.key == "measure.wrong_shape"
    assert told.params["drawn"] == "100.0000"
    assert float(str(told.params["computed"])) > 2000


def test_the_map_of_changed_land_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"
    zoning("init", root)
    for year, shapes in (("2019", [box(0)]), ("2020", [box(30), box(-70)])):
        file = tmp_path / f"{year}.gpkg"
        gpd.GeoDataFrame({"BSM": [f"{year}{i}" for i in range(len(shapes))], "TBMJ": 1.0,
                          "DLBM": ["0101", "0601"][:len(shapes)] if year == "2020" else ["1101"]},
                         geometry=shapes, crs=CRS40).to_file(file)
        zoning("import", file, "--role", "parcel", "--edition", year, "--workspace", root,
               "--json")
    out = tmp_path / "changed.geojson"
    words = ("editions", "2019", "2020", "--out", out, "--workspace", root, "--lang", "en")
    code, _, err = run(*words)
    assert code == 0, err
    drawn = gpd.read_file(out)
    assert len(drawn) == 2
    out.unlink()
    monkeypatch.setattr(shape.shapely, "intersection", lambda *_a, **_o: shapely.box(0, 0, 1, 1))
    code, _, err = run(*words)
    monkeypatch.undo()
    assert code == 2
    assert "1.0000" in err
    assert not out.exists()


def test_land_inside_is_counted_once_and_without_geos(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("intersection", "union_all", "difference", "union"):
        monkeypatch.setattr(shapely, name, None)
    found = land_inside([box(0), box(500)], [box(50), box(60), box(900)])
    assert found == pytest.approx([5000.0, 0.0])
    assert land_inside([box(0)], []).tolist() == [0.0]
