"""The demo county's files: formats as a bureau's, the committed copy, rules and scenarios."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from zoning.demo import DEFAULT_PARCELS, DEFAULT_SEED, LAYERS, generate, write_county
from zoning.demo.dbf import Field, write_dbf
from zoning.demo.write import BOOK, FIELDS, LINES, RULES, SITE, SURVEY
from zoning.layers.txt import parse_txt
from zoning.ledger.opening import parse_opening
from zoning.rules.book import RuleBook
from zoning.rules.parse import parse_rules
from zoning.rules.shipped import shipped
from zoning.scenario.model import Scenario, parse_scenario
from zoning.units import DM2_PER_HA

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "data" / "parcels"
SCENARIOS = ROOT / "scenarios"
SAME_BYTES = [SITE, BOOK, RULES, *(f"DLTB{suffix}" for suffix in (".shp", ".shx", ".dbf", ".prj"))]
ID_OF = {"parcel": "BSM", "idle_land": "DKBH", "new_site": "DKBH", "demolition": "DKBH",
         "offset": "DKBH"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    write_county(generate(parcels=DEFAULT_PARCELS, seed=DEFAULT_SEED), folder)
    return folder


def _read(folder: Path, file: str, layer: str | None) -> gpd.GeoDataFrame:
    encoding = "GBK" if file == SURVEY else None
    return pyogrio.read_dataframe(folder / file, layer=layer, encoding=encoding)


# ── formats ──────────────────────────────────────────────────────────────────────────────────


def test_survey_is_zone_prefixed_with_nothing_that_names_its_encoding(written: Path) -> None:
    assert not (written / "DLTB.cpg").exists()
    table = (written / "DLTB.dbf").read_bytes()
    assert table[29] == 0
    assert "CGCS2000_3_Degree_GK_Zone_40" in (written / "DLTB.prj").read_text(encoding="ascii")
    frame = _read(written, SURVEY, None)
    assert frame.crs.to_epsg() == 4528
    assert list(frame.columns) == [*(field.name for field in FIELDS), "geometry"]
    assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    assert (frame["BZ"].str.startswith("演示数据")).all()


def test_survey_read_without_encoding_is_mojibake_and_no_error(written: Path) -> None:
    frame = pyogrio.read_dataframe(written / SURVEY)
    assert "水田" not in set(frame["DLMC"])
    assert "水田".encode("gbk").decode("latin-1") in set(frame["DLMC"])


def test_lines_have_their_official_layer_names(written: Path) -> None:
    names = {name for name, _ in pyogrio.list_layers(written / LINES)}
    assert names == {"YJJBNTBHTB", "STBHHX", "CZKFBJ"}


def test_every_layer_reads_back_valid_in_the_county_system(written: Path) -> None:
    for role, file, layer in LAYERS:
        frame = _read(written, file, layer)
        assert len(frame), role
        assert frame.crs.to_epsg() == 4528, role
        assert frame.geometry.is_valid.all(), role


def test_site_is_a_gbk_txt_that_declares_its_area(written: Path) -> None:
    data = (written / SITE).read_bytes()
    assert b"\r\n" in data
    text = parse_txt(data)
    plot, = text.plots
    assert text.encoding.lower() in ("gbk", "gb18030")
    assert plot.polygon is not None
    assert plot.polygon.is_valid
    assert float(plot.declared_ha or 0) * 10_000 == pytest.approx(plot.polygon.area, rel=5e-4)


def test_dbf_pads_blanks_and_refuses_what_does_not_fit(tmp_path: Path) -> None:
    frame = gpd.pd.DataFrame({"A": ["水田", None], "N": [1.5, float("nan")]})
    write_dbf(tmp_path / "t.dbf", frame, (Field("A", "C", 6), Field("N", "N", 8, 2)))
    table = (tmp_path / "t.dbf").read_bytes()
    assert table.endswith("水田".encode("gbk") + b"      1.50" + b" " * 15 + b"\x1a")
    with pytest.raises(ValueError, match="A"):
        write_dbf(tmp_path / "t.dbf", frame, (Field("A", "C", 3),))


# ── the committed copy ───────────────────────────────────────────────────────────────────────


def test_committed_county_is_small_and_says_it_is_synthetic() -> None:
    total = sum(file.stat().st_size for file in COMMITTED.rglob("*") if file.is_file())
    assert total <= 12_000_000
    text = (COMMITTED / "README.md").read_text(encoding="utf-8")
    assert "虚构" in text
    assert "synthetic" in text


@pytest.mark.parametrize("name", SAME_BYTES)
def test_committed_file_is_what_the_generator_writes(written: Path, name: str) -> None:
    assert (COMMITTED / name).read_bytes() == (written / name).read_bytes()


@pytest.mark.parametrize(("role", "file", "layer"), LAYERS)
def test_committed_layer_holds_the_same_features(
    written: Path, role: str, file: str, layer: str | None
) -> None:
    old, new = _read(COMMITTED, file, layer), _read(written, file, layer)
    assert old.drop(columns="geometry").equals(new.drop(columns="geometry"))
    assert shapely.equals_identical(old.geometry.to_numpy(), new.geometry.to_numpy()).all()


# ── book, rules, scenarios ───────────────────────────────────────────────────────────────────


def test_opening_book_is_readable_and_names_existing_plots() -> None:
    inflows = parse_opening((COMMITTED / BOOK).read_text(encoding="utf-8"))
    files = {role: (file, layer) for role, file, layer in LAYERS}
    known = {role: set(_read(COMMITTED, *files[role])["DKBH"]) for role in ("demolition", "offset")}
    assert {inflow.lot.account.kind for inflow in inflows} == {
        "plan_quota", "point_supply", "offset", "linkage", "boundary_increment"}
    for inflow in inflows:
        assert "演示" in inflow.lot.document
        for origin in inflow.lot.origin:
            role, plot = origin.split("/")
            assert plot in known[role]


def test_demo_rules_are_sound_and_all_marked_as_assumptions() -> None:
    file = parse_rules((COMMITTED / RULES).read_text(encoding="utf-8"), source=RULES)
    shipped().merged(RuleBook(file.rules, file.lines))
    assert file.rules
    for rule in file.rules:
        assert rule.place == "CN/32/3206/320623/demo"
        assert rule.confidence == "W"
        assert rule.citation.zh == "演示假设，未经核实"


def test_capacity_of_the_plots_follows_the_demo_rule() -> None:
    file = parse_rules((COMMITTED / RULES).read_text(encoding="utf-8"), source=RULES)
    per_mu, = (rule.value for rule in file.rules if rule.id == "zbph.capacity_per_mu")
    patches = _read(COMMITTED, SURVEY, None).set_index("BSM")
    for row in _read(COMMITTED, "补充耕地.gpkg", "补充耕地").itertuples():
        of = patches.loc[row.TBBSM.split(",")]
        rate = of["GDDB"].map(lambda grade: float(per_mu[str(int(grade))]))
        assert abs(row.LSCN - (of["TBMJ"] * 0.0015 * rate).sum()) < 1.01


@pytest.fixture(params=["rudong-2019", "rudong-2026"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    file = SCENARIOS / f"{request.param}.toml"
    return parse_scenario(file.read_text(encoding="utf-8"), source=file.name)


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    files = {role: (file, layer) for role, file, layer in LAYERS}
    return {role: set(_read(COMMITTED, *files[role])[column]) for role, column in ID_OF.items()}


def test_scenario_names_only_what_exists(
    scenario: Scenario, known: dict[str, set[str]]
) -> None:
    for project in scenario.projects:
        site = project.site
        named = set(site.parcels) | set(site.features)
        assert named <= known[site.layer or "parcel"], project.id
        if site.file:
            assert (SCENARIOS / site.file).read_bytes() == (COMMITTED / SITE).read_bytes()


def test_scenario_of_the_demo_year_has_25_projects_by_every_path() -> None:
    file = SCENARIOS / "rudong-2019.toml"
    scenario = parse_scenario(file.read_text(encoding="utf-8"), source=file.name)
    assert len(scenario.projects) == 25
    assert {project.path for project in scenario.projects} == {
        "batch", "separate", "linkage_new_site", "point_supply", "stock"}
    assert all("演示" in project.name for project in scenario.projects)


def test_new_site_of_the_scenario_fits_the_linkage_lots() -> None:
    inflows = parse_opening((COMMITTED / BOOK).read_text(encoding="utf-8"))
    linkage = sum(i.amounts["area"] for i in inflows if i.lot.account.kind == "linkage")
    plots = _read(COMMITTED, "增减挂钩.gpkg", "建新地块")
    assert plots["DKMJ"].sum() * DM2_PER_HA < linkage
