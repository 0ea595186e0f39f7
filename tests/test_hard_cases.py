"""Hard cases, each once a way to a wrong answer: a truncated line, an order, a word for none."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
import shapely
from running import run, zoning
from schemas import require_valid

CM_120 = 4549
WEST, SOUTH = 613000.0, 3575000.0
RULES = """
[[rule]]
id = "pbf.allowed_kinds"
place = "CN/32/3206/320623"
value = []
unit = "project kind"
citation = { zh = "测试用规则", en = "Rule made for this test" }
confidence = "W"
"""


def box(x: float, y: float, size: float = 100) -> shapely.Polygon:
    return shapely.box(WEST + x, SOUTH + y, WEST + x + size, SOUTH + y + size)


def write(file: Path, rows: list[dict[str, Any]], crs: int = CM_120) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    frame = geopandas.GeoDataFrame(rows, geometry="geometry", crs=crs)
    pyogrio.write_dataframe(frame, file, encoding="UTF-8" if file.suffix == ".shp" else None)
    return file


@pytest.fixture
def space(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    zoning("init", root, "--place", "CN/32/3206/320623")
    parcels = [{"BSM": name, "DLBM": code, "TBMJ": 9996.85, "geometry": box(x, 0)}
               for name, code, x in (("A", "0601", 0), ("B", "0101", 100))]
    zoning("import", write(tmp_path / "p" / "DLTB.shp", parcels), "--role", "parcel",
           "--workspace", root, "--json")
    (root / "rules").mkdir()
    (root / "rules" / "own.toml").write_text(RULES, encoding="utf-8")
    return root


def scenario(folder: Path, site: str) -> Path:
    file = folder / "s.toml"
    file.write_text(
        '[scenario]\nid = "s"\nname = "s"\ndecision_date = 2019-12-20\n'
        'place = "CN/32/3206/320623"\n[[project]]\nid = "P1"\nname = "P1"\nkind = "industry"\n'
        f"site = {site}\n", encoding="utf-8")
    return file


def project(space: Path, file: Path, code: int = 0) -> dict[str, Any]:
    answer = zoning("check", file, "--workspace", space, "--json", expect=code)
    require_valid(answer)
    return dict(answer["projects"][0])


def finding(told: dict[str, Any], finding_id: str) -> dict[str, Any]:
    return next(each for each in told["findings"] if each["id"] == finding_id)


def test_a_truncated_line_proves_nothing(space: Path, tmp_path: Path) -> None:
    """Records that lost their coordinates may lie anywhere: no site is clear of the line."""
    lines = [{"BSM": f"L{i}", "geometry": box(1000 + 200 * i, 0)} for i in range(40)]
    file = write(tmp_path / "l" / "YJJBNTBHTB.shp", lines)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 3])
    code, out, _ = run("import", file, "--role", "pbf", "--workspace", space, "--json")
    if code == 2:
        return
    assert json.loads(out)["layer"]["quarantined"]["features"] > 0
    told = project(space, scenario(tmp_path, '{ parcels = ["A"] }'))
    assert finding(told, "line.pbf")["status"] == "undecided"


@pytest.mark.parametrize("turned", [False, True])
def test_stock_land_that_contradicts_itself_is_undecided_in_any_order(
    space: Path, tmp_path: Path, turned: bool
) -> None:
    rows = [{"CLBH": "i1", "PZWH": "批〔2015〕1号", "geometry": box(100, 0)},
            {"CLBH": "i2", "PZWH": None, "geometry": box(100, 0)}]
    file = write(tmp_path / "i" / "stock.gpkg", rows[::-1] if turned else rows)
    zoning("import", file, "--role", "idle_land", "--map", "CLBH=id", "--workspace", space,
           "--json")
    told = project(space, scenario(tmp_path, '{ parcels = ["B"] }'))
    assert told["verdict"] == "undecided"
    assert finding(told, "site.stock_conflict")["status"] == "undecided"


@pytest.mark.parametrize(("approval", "day", "converted"), [
    ("批〔2015〕1号", "2015-01-01", True), ("无", None, False), ("/", None, False),
    ("待批", None, False), ("批〔2020〕1号", "2020-06-30", False), ("批〔2015〕1号", None, True),
])
def test_land_is_converted_by_a_document_of_before_the_decision(
    space: Path, tmp_path: Path, approval: str, day: str | None, converted: bool
) -> None:
    rows = [{"CLBH": "i1", "PZWH": approval, "PZRQ": day, "geometry": box(100, 0)}]
    file = write(tmp_path / "i" / "stock.gpkg", rows)
    zoning("import", file, "--role", "idle_land", "--map", "CLBH=id", "--workspace", space,
           "--json")
    code, out, _ = run("check", scenario(tmp_path, '{ parcels = ["B"] }'), "--workspace", space,
                       "--json")
    assert code in (0, 1)
    (line,) = json.loads(out)["projects"][0]["classes"]
    assert line["converted"] is converted


@pytest.mark.parametrize("crs", ["EPSG:2364", "EPSG:9999", "EPSG:4267", "EPSG:4528"])
def test_a_drawn_site_is_held_to_the_same_coordinate_systems(
    space: Path, tmp_path: Path, crs: str
) -> None:
    """Xian 80, a code of nothing, another datum, and an easting of zone 41 said to be zone 40."""
    ring = [[x + (41_000_000 if crs == "EPSG:4528" else 0), y]
            for x, y in box(0, 0).exterior.coords[:-1]]
    if crs == "EPSG:4267":
        ring = [[121.2, 32.3], [121.21, 32.3], [121.21, 32.31]]
    code, out, told = run("check", scenario(tmp_path, f'{{ polygon = {ring}, crs = "{crs}" }}'),
                          "--workspace", space)
    assert code == 2, told
    assert out == ""
    assert "P1" in told
    assert "Traceback" not in told


def test_imports_at_the_same_time_are_all_kept(space: Path, tmp_path: Path) -> None:
    from zoning.workspace import import_layer, open_workspace

    file = write(tmp_path / "z" / "zone.gpkg", [{"BSM": "Z", "geometry": box(0, 0)}])
    workspace = open_workspace(space)
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda n: import_layer(workspace, file, f"zone{n}"), range(5)))
    roles = open_workspace(space).config.roles()
    assert {f"zone{n}" for n in range(5)} <= set(roles)


def test_a_file_cannot_make_the_program_go_to_the_network(tmp_path: Path) -> None:
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Listening)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        href = f"http://127.0.0.1:{server.server_port}/crs.wkt"
        for kind, name in (("link", "href"), ("url", "url")):
            document = {
                "type": "FeatureCollection", "crs": {"type": kind, "properties": {name: href}},
                "features": [{"type": "Feature", "properties": {},
                              "geometry": json.loads(shapely.to_geojson(box(0, 0, 1)))}],
            }
            file = tmp_path / f"{kind}.geojson"
            file.write_text(json.dumps(document), encoding="utf-8")
            run("area", file)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


def test_a_western_declaration_over_chinese_text_is_told(space: Path, tmp_path: Path) -> None:
    rows = [{"BSM": "1", "DLBM": "0101", "TBMJ": 1.0, "DLMC": "水田", "geometry": box(0, 0)}]
    folder = tmp_path / "g"
    folder.mkdir()
    frame = geopandas.GeoDataFrame(rows, geometry="geometry", crs=CM_120)
    pyogrio.write_dataframe(frame, folder / "DLTB.shp", encoding="GBK")
    (folder / "DLTB.cpg").write_text("ISO-8859-1", encoding="ascii")
    answer = zoning("import", folder / "DLTB.shp", "--role", "parcel", "--workspace", space,
                    "--json")
    told = [each for each in answer["problems"] if each["code"] == "ENC004"]
    assert "水田" in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize("value", ["1e999999999", "1e-999999999", "12345678901234567890123"])
def test_a_number_no_land_can_have_is_refused_in_a_rule(space: Path, tmp_path: Path,
                                                         value: str) -> None:
    rule = RULES.replace("pbf.allowed_kinds", "appr.sc_farmland_ha").replace("[]", value)
    (space / "rules" / "huge.toml").write_text(rule, encoding="utf-8")
    code, _, told = run("check", scenario(tmp_path, '{ parcels = ["A"] }'), "--workspace", space)
    assert code == 2
    assert "appr.sc_farmland_ha" in told


def test_a_book_that_is_gone_is_not_replaced_by_an_empty_one(space: Path, tmp_path: Path) -> None:
    (space / "ledger.db").unlink()
    for words in (("ledger", "balance"), ("check", scenario(tmp_path, '{ parcels = ["A"] }'))):
        code, _, told = run(*words, "--workspace", space)
        assert code in (1, 2)
        assert told.strip()
    assert not (space / "ledger.db").exists()


def test_a_failed_init_leaves_nothing(tmp_path: Path) -> None:
    code, _, told = run("init", tmp_path / "d", "--demo", "--size", "300")
    assert code == 2
    assert "2000" in told
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("words", [
    ("check",), ("layers", "--nonsense"), ("import", "x"), ("ledger", "reverse", "9" * 30),
    ("ledger", "balance", "--known-at", "0001-01-01T00:00:00"),
    ("import", "DLTB.shp", "--role", "../x"), ("ledger", "journal", "--since", "9" * 25),
])
def test_whatever_goes_wrong_is_one_document_and_a_sentence(
    space: Path, words: tuple[str, ...]
) -> None:
    code, out, told = run(*words, "--workspace", space, "--json", "--lang", "en")
    assert code in (1, 2)
    document = json.loads(out)
    require_valid(document)
    assert document["text"]["en"] in told
    assert "Traceback" not in told


def test_the_version_is_told() -> None:
    code, out, _ = run("--version")
    assert (code, out.strip()) == (0, "0.1.0")


def test_a_zip_that_grows_a_hundredfold_is_refused(tmp_path: Path) -> None:
    import zipfile

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 80_000_000)
    code, _, told = run("area", bomb)
    assert code == 2
    assert "bomb.zip" in told
