"""What is handed over reads as it was written, or is not handed over."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from out_county import hostile_scenario
from report_examples import PROVENANCE
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box
from test_layers_round_trip import plots, polygons, texts

from zoning.errors import LayerError, UsageError
from zoning.layers.crs import zone
from zoning.layers.read import read_layer
from zoning.layers.txt import Plot, parse_txt
from zoning.layers.txt_dialects import DIALECTS
from zoning.layers.txt_handing import KEPT, hand_over, require_same
from zoning.report.names import LONGEST, appear, file_name, inside
from zoning.workspace import open_desk, read_scenario
from zoning.workspace.handing import Profile, site_points, write_boundary_txt, write_points
from zoning.workspace.sites import ShownSite, feature_sites, paper_zone, project_sites

ZONE = zone(40, prefixed=True)
SQUARE = box(40_519_000, 3_573_000, 40_519_100, 3_573_100)


def site(shape: Polygon | MultiPolygon, name: str = "甲 地块", site_id: str = "S1") -> ShownSite:
    return ShownSite(site_id, name, shape, round(shape.area * 100), "industry", "0101")


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(st.lists(plots(), min_size=1, max_size=3, unique_by=lambda plot: plot.name),
       st.sampled_from(["gbk", "utf-8", "gb18030"]))
@settings(max_examples=15)
def test_what_is_handed_over_reads_the_same(
    dialect: str, given_plots: list[Plot], encoding: str
) -> None:
    data = hand_over(given_plots, dialect, zone=40, encoding=encoding, unit="局",
                     made_on="2024-06-30")
    read = parse_txt(data).plots
    assert len(read) == len(given_plots)
    for ours, theirs in zip(read, given_plots, strict=True):
        assert all(getattr(ours, name) == getattr(theirs, name) for name in KEPT[dialect])


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_parts_and_holes_are_handed_over(dialect: str) -> None:
    holed = Polygon(SQUARE.exterior.coords,
                    [box(40_519_020, 3_573_020, 40_519_040, 3_573_040).exterior.coords])
    whole = MultiPolygon([holed, translate(SQUARE, 500, 0)])
    data = hand_over([Plot("7", "甲", "工业", "0101", "", Decimal("1.9600"), polygon=whole)],
                     dialect, zone=40)
    read = [plot.polygon for plot in parse_txt(data).plots]
    assert sorted(len(each.interiors) for each in read) == [0, 1]


@given(plots(), st.data())
@settings(max_examples=40)
def test_a_moved_point_is_found_out(plot: Plot, data: st.DataObject) -> None:
    """Any vertex moved by a centimetre or more; a closing point only repeats one."""
    lines = hand_over([plot], "approval", zone=40).decode("gbk").split("\r\n")
    points = {line.split(",")[0]: i for i, line in reversed(list(enumerate(lines)))
              if line.startswith("J")}
    at = data.draw(st.sampled_from(sorted(points.values())))
    number, ring, north, east = lines[at].split(",")
    moved = Decimal(north) + Decimal(data.draw(st.sampled_from(["0.01", "-0.5", "30"])))
    lines[at] = f"{number},{ring},{moved:.3f},{east}"
    with pytest.raises(LayerError):
        require_same("\r\n".join(lines).encode("gbk"), [plot], "approval", zone=40)


def test_a_lost_plot_and_a_changed_text_are_found_out() -> None:
    two = [Plot(n, n, polygon=translate(SQUARE, 200 * i, 0)) for i, n in enumerate("甲乙")]
    data = hand_over(two, "approval", zone=40)
    for other in (two[:1], [two[0], replace(two[1], name="丙")],
                  [two[0], replace(two[1], declared_ha=Decimal(1))]):
        with pytest.raises(LayerError, match="txt_reads_otherwise"):
            require_same(data, other, "approval", zone=40)
    with pytest.raises(UsageError, match="no_such_dialect"):
        hand_over(two, "klingon", zone=40)


def test_a_refused_file_does_not_appear_and_leaves_the_old_one(tmp_path: Path) -> None:
    old = tmp_path / "sites.txt"
    old.write_text("old")
    for bad in (site(SQUARE, "甲,乙"), site(Polygon(), "空"), site(SQUARE, "甲@乙")):
        with pytest.raises(LayerError):
            write_boundary_txt([bad], tmp_path, zone=ZONE, profile=Profile())
    assert [file.name for file in tmp_path.iterdir()] == ["sites.txt"]
    assert old.read_text() == "old"


def test_each_site_has_a_file_of_its_own_where_asked(tmp_path: Path) -> None:
    sites = [site(translate(SQUARE, 200 * i, 0), name, f"S{i}")
             for i, name in enumerate(["甲", "../../丙", "CON", "a" * 300])]
    files = write_boundary_txt(sites, tmp_path, zone=ZONE, profile=Profile(each_apart=True))
    assert len(files) == 4
    assert {file.parent for file in files} == {tmp_path}
    assert sorted(tmp_path.iterdir()) == sorted(files)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@given(polygons(), texts)
@settings(max_examples=12)
def test_boundary_points_read_back(form: str, polygon: Polygon, name: str) -> None:
    assume(polygon.is_valid)
    asked = site(polygon, name)
    with tempfile.TemporaryDirectory() as folder:
        (file,) = write_points([asked], Path(folder), form, zone=ZONE, provenance=PROVENANCE)
        reading = read_layer(file, role="site")
    assert reading.crs.to_epsg() == 4528
    (shape,) = reading.features.geometry
    assert shapely.hausdorff_distance(shape.boundary, polygon.boundary) < 1e-6
    assert len(shape.interiors) == len(polygon.interiors)


@given(polygons())
@settings(max_examples=30)
def test_points_are_numbered_through_and_sides_are_lengths(polygon: Polygon) -> None:
    (plot,) = site_points(site(polygon), ZONE)
    rings = {point.ring for point in plot.points}
    numbers = [point.number for point in plot.points if point.side_mm is not None]
    assert numbers == [f"J{i}" for i in range(1, len(numbers) + 1)]
    for ring in rings:
        mine = [point for point in plot.points if point.ring == ring]
        assert mine[-1].number == mine[0].number
        for here, after in pairwise(mine):
            way = np.hypot(after.north_mm - here.north_mm, after.east_mm - here.east_mm)
            assert here.side_mm == round(float(way))


def test_points_outside_the_zone_are_carried_into_it(tmp_path: Path) -> None:
    workspace, file = hostile_scenario(tmp_path)
    sites = project_sites(open_desk(workspace, file.parent), read_scenario(file), ZONE)
    beside = project_sites(open_desk(workspace, file.parent), read_scenario(file),
                           paper_zone(workspace, 41))
    assert paper_zone(workspace) == ZONE
    assert 41_000_000 < beside[0].shape.bounds[0] < 42_000_000
    assert [each.area_dm2 for each in sites] == [each.area_dm2 for each in beside]
    with pytest.raises(UsageError, match="no_project"):
        project_sites(open_desk(workspace, file.parent), read_scenario(file), ZONE, ["P9"])
    with pytest.raises(LayerError, match="no_feature"):
        feature_sites(workspace, "parcel", ZONE, ["nobody"])


# Names

@given(st.lists(st.text(max_size=120), max_size=6))
def test_any_text_makes_a_file_name_of_its_own(told: list[str]) -> None:
    names: list[str] = []
    for each in told:
        names.append(file_name(each, ".txt", taken=names))
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert Path(name).name == name
        assert not set(name) & set('<>:"/\\|?*\x00\n\r\t')
        assert name not in {".", ".."}
        assert not name.startswith((".", " "))
        assert len(name.encode()) < 255
        assert len(name) <= LONGEST + 10


@pytest.mark.parametrize("told", ["..", "../../etc/passwd", "/etc/passwd", "C:\\x", "a\x00b", "CON",
                                  "nul.txt", "", ".", "x/../../y", "\u202etxt.exe", "\ud800"])
def test_a_file_is_written_inside_the_folder_asked_for(told: str, tmp_path: Path) -> None:
    path = inside(tmp_path, file_name(told, ".txt"))
    appear(path, b"x")
    assert list(tmp_path.iterdir()) == [path]
    assert path.name.casefold() not in {"con.txt", "nul.txt"}


@pytest.mark.parametrize("name", ["../x.txt", "/x.txt", "a/b.txt", ".."])
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="outside"):
        inside(tmp_path, name)


def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "asked").mkdir()
    (tmp_path / "secret").write_text("old")
    (tmp_path / "asked" / "a.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="outside"):
        inside(tmp_path / "asked", "a.txt")
    assert (tmp_path / "secret").read_text() == "old"
