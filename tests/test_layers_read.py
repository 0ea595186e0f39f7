"""Reading files: encodings, containers, lost side files, and formats that are refused."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import struct
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from nasty import (
    not_finite,
    shp_header,
    square,
    survey_layer,
    truncated,
    two_parts,
    write_shapefile,
)
from pyogrio.errors import FeatureError

from zoning.errors import CrsError, LayerError, Problem, ZoningError
from zoning.layers.model import Reading
from zoning.layers.normalise import normalise
from zoning.layers.read import list_layers, read_layer
from zoning.layers.shapefile import read_shapefile, rebuilt_index
from zoning.messages import LANGUAGES, say

SIDE = (".dbf", ".shx", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".xml")


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}


def listing(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.rglob("*")) if file.is_file()}


def refused(path: Path, **options: object) -> str:
    with pytest.raises(ZoningError) as caught:
        read_layer(path, **options)
    for language in LANGUAGES:
        assert say(caught.value, language)
    return caught.value.message.key


def raising(error: Exception):
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_every_real_file_is_read_or_refused_with_a_sentence(realdata: Path) -> None:
    """No other exception, no warning, and every sentence can be said in both languages."""
    began = time.monotonic()
    tried = read = 0
    for path in sorted(realdata.rglob("*")):
        if path.is_dir() or path.suffix in SIDE or path.name == "SOURCE.md":
            continue
        tried += 1
        try:
            reading = read_layer(path)
        except ZoningError as error:
            told = [say(error, language) for language in LANGUAGES]
        else:
            read += 1
            found = normalise(reading, "flood")
            assert len(found.features) + len(found.quarantined) == len(reading.features)
            told = [say(problem.message, language) for language in LANGUAGES
                    for problem in (*reading.problems, *found.problems)]
        assert all(told)
    assert tried > 150
    assert read > 100
    assert time.monotonic() - began < 120


# Text encoding

@pytest.mark.parametrize(("cpg", "language_byte", "code"), [
    (None, 0, "ENC003"), (None, 0x57, "ENC003"), (None, 0x4D, None), ("GBK", 0, None),
    ("936", 0, None), ("UTF-8", 0, "ENC001"), ("UTF-8", 0x4D, "ENC001"), ("nonsense", 0, "ENC001"),
])
def test_gbk_shapefile_reads_right_whatever_it_declares(
    tmp_path: Path, cpg: str | None, language_byte: int, code: str | None
) -> None:
    path = write_shapefile(tmp_path, cpg=cpg, language_byte=language_byte)
    reading = read_layer(path)
    assert set(reading.features["ZLDWMC"]) == {"城东村"}
    assert reading.encoding == "gb18030"
    assert codes(reading.problems) == ({code} if code else set())
    assert reading.crs.to_epsg() == 4528


@pytest.mark.parametrize("cpg", [None, "UTF-8", "65001"])
def test_utf8_shapefile(tmp_path: Path, cpg: str | None) -> None:
    reading = read_layer(write_shapefile(tmp_path, encoding="utf-8", cpg=cpg))
    assert set(reading.features["ZLDWMC"]) == {"城东村"}
    assert reading.encoding == "utf-8"


def test_chinese_field_names_in_gbk(tmp_path: Path) -> None:
    frame = survey_layer().rename(columns={"ZLDWMC": "坐落名称"})
    reading = read_layer(write_shapefile(tmp_path, frame=frame))
    assert set(reading.features["坐落名称"]) == {"城东村"}


def test_value_cut_inside_a_character_costs_one_character(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    table = path.with_suffix(".dbf")
    raw = table.read_bytes()
    at = raw.rindex("城东村".encode("gbk"))
    table.write_bytes(raw[:at + 5] + b" " + raw[at + 6:])
    reading = read_layer(path)
    assert list(reading.features["ZLDWMC"]) == ["城东村", "城东村", "城东�"]
    assert "ENC002" in codes(reading.problems)


def test_encoding_given_by_the_user_wins(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, cpg="UTF-8")
    assert codes(read_layer(path, encoding="GBK").problems) == set()
    assert refused(path, encoding="klingon") == "layers.unknown_encoding"


def test_real_gbk_shapefile_without_declaration(realdata: Path) -> None:
    reading = read_layer(realdata / "format_traps/geotools/chinese_poly.shp")
    assert "黑龙江省" in set(reading.features.iloc[0])
    assert codes(reading.problems) == {"ENC003"}


def test_real_language_byte(realdata: Path) -> None:
    table = read_shapefile(realdata / "mapshaper_formats/dbf/ldid/chinese.shp")
    assert table.encoding == "gb18030"
    assert any("\u4e00" <= letter <= "\u9fff" for _, values in table.columns
               for letter in str(values[0]))
    assert table.problems == ()


# Side files

def test_lost_index_is_rebuilt_elsewhere(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    whole = read_layer(path)
    path.with_suffix(".shx").unlink()
    before = listing(tmp_path)
    reading = read_layer(path)
    assert listing(tmp_path) == before
    assert reading.features.equals(whole.features)
    assert "READ007" in codes(reading.problems)


def test_rebuilt_index_is_the_index(realdata: Path) -> None:
    for path in sorted((realdata / "format_traps").rglob("*.shp")):
        assert rebuilt_index(path.read_bytes()) == path.with_suffix(".shx").read_bytes()


def test_lost_prj_is_asked_about(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, prj=False)
    assert refused(path) == "layers.no_crs"
    assert read_layer(path, crs="4528").crs.to_epsg() == 4528


def test_wrong_prj_is_refused(tmp_path: Path) -> None:
    frame = survey_layer().set_crs(4549, allow_override=True)
    assert refused(write_shapefile(tmp_path, frame=frame)) == "layers.crs_has_prefix"


def test_side_file_stands_for_the_shapefile(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    assert read_layer(path.with_suffix(".dbf")).features.equals(read_layer(path).features)


def test_encrypted_and_empty_and_absent_files_are_refused(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    path.write_bytes(shp_header(magic=12345))
    assert refused(path) == "layers.encrypted_shp"
    path.write_bytes(b"")
    assert refused(path) == "layers.empty_file"
    path.unlink()
    assert refused(path) == "layers.not_found"
    assert refused(path.with_suffix(".dbf")) == "layers.table_only"


def test_truncated_shapefile_costs_one_record(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    truncated(path, 40)
    reading = read_layer(path)
    assert len(reading.features) == 3
    found = normalise(reading, "parcel")
    assert len(found.features) == 2
    assert list(found.quarantined["reason"]) == ["GEO001"]


@pytest.mark.parametrize("index", [True, False])
def test_records_cut_off_are_set_aside_and_not_lost(tmp_path: Path, index: bool) -> None:
    path = write_shapefile(tmp_path)
    path.write_bytes(path.read_bytes()[:300])
    if not index:
        path.with_suffix(".shx").unlink()
    found = normalise(read_layer(path), "parcel")
    assert len(found.features) + len(found.quarantined) == 3
    assert len(found.quarantined) == 2


def test_an_edited_record_at_the_end_is_where_its_index_says(tmp_path: Path) -> None:
    """An editor writes a changed shape at the end and leaves the old one behind."""
    path = write_shapefile(tmp_path)
    whole = read_layer(path)
    data, index = path.read_bytes(), bytearray(path.with_suffix(".shx").read_bytes())
    start, words = struct.unpack(">ii", index[100:108])
    record = data[2 * start:2 * start + 8 + 2 * words]
    struct.pack_into(">i", index, 100, len(data) // 2)
    length = struct.pack(">i", (len(data) + len(record)) // 2)
    path.write_bytes(data[:24] + length + data[28:] + record)
    path.with_suffix(".shx").write_bytes(index)
    reading = read_layer(path)
    assert reading.features.equals(whole.features)
    assert "READ007" not in codes(reading.problems)


def test_source_files_are_not_touched(tmp_path: Path) -> None:
    write_shapefile(tmp_path)
    survey_layer().to_file(tmp_path / "a.gpkg")
    survey_layer().to_crs(4326).to_file(tmp_path / "a.geojson")
    survey_layer().to_file(tmp_path / "a.gdb", driver="OpenFileGDB")
    survey_layer().to_crs(4326).to_file(tmp_path / "a.gml", driver="GML")
    before = listing(tmp_path)
    for name in ("地类图斑.shp", "a.gpkg", "a.geojson", "a.gdb", "a.gml"):
        assert len(read_layer(tmp_path / name).features) == 3
    assert listing(tmp_path) == before


# Containers

def test_geopackage_in_write_ahead_mode_leaves_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    survey_layer().to_file(path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.close()
    before = listing(tmp_path)
    assert len(read_layer(path).features) == 3
    assert listing(tmp_path) == before


def test_geodatabase_layers_are_chosen_by_role(tmp_path: Path) -> None:
    path = tmp_path / "县库.gdb"
    survey_layer().to_file(path, driver="OpenFileGDB", layer="DLTB")
    survey_layer([square(500)]).to_file(path, driver="OpenFileGDB", layer="YJJBNTBHTB", mode="a")
    survey_layer([square(900)]).to_file(path, driver="OpenFileGDB", layer="XZQ", mode="a")
    assert set(list_layers(path)) == {"DLTB", "YJJBNTBHTB", "XZQ"}
    assert len(read_layer(path, role="parcel").features) == 3
    assert len(read_layer(path, role="pbf").features) == 1
    assert len(read_layer(path, layer="xzq").features) == 1
    assert refused(path) == "layers.several_layers"
    assert refused(path, role="ugb") == "layers.several_layers"
    assert refused(path, layer="无") == "layers.no_such_layer"
    packed = Path(shutil.make_archive(str(tmp_path / "县库.gdb"), "zip", path))
    assert len(read_layer(packed, role="parcel").features) == 3
    nested = Path(shutil.make_archive(str(tmp_path / "nested"), "zip", tmp_path, "县库.gdb"))
    ours = read_layer(nested, layer="DLTB").features
    assert ours.equals(read_layer(path, layer="DLTB").features)


def test_layer_name_may_hold_the_official_name(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    survey_layer().to_file(path, layer="DLTB_320623")
    survey_layer([square(500)]).to_file(path, layer="other")
    assert read_layer(path, role="parcel").source.layer == "DLTB_320623"


def test_zip_with_gbk_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = write_shapefile(folder)
    archive = tmp_path / "县.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(folder.iterdir()):
            plain = "某县/" + file.name
            info = zipfile.ZipInfo(plain.encode("gbk").decode("cp437"))
            packed.writestr(info, file.read_bytes())
    raw = bytearray(archive.read_bytes())
    reading = read_layer(archive)
    assert len(reading.features) == 3
    assert reading.source.sha256 == hashlib.sha256(raw).hexdigest()
    assert path.exists()


def test_one_bad_file_of_an_archive_costs_that_file(tmp_path: Path) -> None:
    survey_layer().to_file(tmp_path / "a.gpkg")
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(tmp_path / "a.gpkg", "a.gpkg")
        packed.writestr("说明.xlsx", b"damaged")
        packed.writestr("b.geojson", b"{")
    assert len(read_layer(archive).features) == 3


def test_zip_never_writes_outside(tmp_path: Path) -> None:
    inside = tmp_path / "a.geojson"
    survey_layer().to_crs(4326).to_file(inside)
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../evil.geojson", inside.read_bytes())
    assert len(read_layer(archive).features) == 3
    assert not (tmp_path.parent / "evil.geojson").exists()


def test_folder_of_shapefiles(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    assert list_layers(tmp_path) == ("地类图斑",)
    assert read_layer(tmp_path).features.equals(read_layer(path).features)


def test_digest_of_a_shapefile_covers_its_side_files(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    expected = hashlib.sha256(b"".join(f.read_bytes() for f in sorted(tmp_path.iterdir())))
    first = read_layer(path).source.sha256
    assert first == expected.hexdigest()
    path.with_suffix(".cpg").write_text("GBK")
    assert read_layer(path).source.sha256 != first


@pytest.mark.parametrize(("name", "content", "key"), [
    ("a.mdb", b"\x00\x01\x00\x00Standard Jet DB\x00", "layers.refused_mdb"),
    ("a.accdb", b"\x00\x01\x00\x00Standard ACE DB\x00", "layers.refused_mdb"),
    ("a.dwg", b"AC1032\x00\x00", "layers.refused_dwg"),
    ("a.dat", b"AC1032\x00\x00", "layers.refused_dwg"),
    ("a.vct", b"HeadBegin", "layers.refused_vct"),
    ("a.rar", b"Rar!\x1a\x07", "layers.refused_archive"),
    ("a.xls", b"\xd0\xcf\x11\xe0", "layers.refused_office"),
    ("a.pdf", b"%PDF-1.7", "layers.refused_document"),
    ("a.zip", b"PK\x03\x04broken", "layers.bad_archive"),
    ("a.vrt", b"<OGRVRTDataSource/>", "layers.unknown_format"),
    ("a.geojson", b'{"type": "FeatureCollection", "feat', "layers.unreadable"),
    ("a.gpkg", b"SQLite format 3\x00garbage", "layers.unreadable"),
    ("a.parquet", b"PAR1garbage", "layers.unreadable"),
    ("a.txt", b"hello", "layers.txt_no_plots"),
    ("a.csv", b"a,b\n1,2\n", "layers.table_only"),
])
def test_unusable_files_are_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes, key: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refused(path) == key


# GeoJSON, GeoParquet and others

def geojson(path: Path, geometries: list[object], **extra: object) -> Path:
    features = [{"type": "Feature", "properties": {"n": i}, "geometry": geometry}
                for i, geometry in enumerate(geometries)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **extra}))
    return path


def coordinates(west: float = 121.2) -> list[list[list[float]]]:
    return [[[west, 32.3], [west + 0.001, 32.3], [west + 0.001, 32.301], [west, 32.3]]]


def test_geojson_is_4326_and_its_crs_member_counts(tmp_path: Path) -> None:
    shape = {"type": "Polygon", "coordinates": coordinates()}
    assert read_layer(geojson(tmp_path / "a.geojson", [shape])).crs.to_epsg() == 4326
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4528"}}
    projected = json.loads(shapely.to_geojson(square()))
    path = geojson(tmp_path / "b.geojson", [projected], crs=named)
    reading = read_layer(path)
    assert reading.crs.to_epsg() == 4528
    assert reading.features.geometry.iloc[0].equals(square())


def test_one_bad_geometry_costs_one_record(tmp_path: Path) -> None:
    good = {"type": "Polygon", "coordinates": coordinates()}
    short = {"type": "Polygon", "coordinates": [[[121.2, 32.3], [121.3, 32.3]]]}
    unclosed = {"type": "Polygon", "coordinates": [coordinates()[0][:3]]}
    wrong = {"type": "Polygon", "coordinates": "bad"}
    reading = read_layer(geojson(tmp_path / "a.geojson", [good, short, unclosed, wrong, None]))
    assert list(reading.features.geometry.isna()) == [False, True, True, True, True]
    assert "READ002" in codes(reading.problems)
    assert len(normalise(reading, "site").features) == 1


def test_large_integers_keep_their_digits_beside_nulls(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    shape = {"type": "Polygon", "coordinates": coordinates()}
    features = [{"type": "Feature", "properties": {"BH": value}, "geometry": shape}
                for value in (320623100000000001, None)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert read_layer(path).features["BH"].iloc[0] == "320623100000000001"


def test_property_named_geometry_is_kept_beside_the_geometry(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    shape = {"type": "Polygon", "coordinates": coordinates()}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"geometry": "x"}, "geometry": shape}]}))
    reading = read_layer(path)
    assert list(reading.features["geometry_2"]) == ["x"]
    assert "READ003" in codes(reading.problems)


def without_triggers(path: Path, *statements: str) -> None:
    """Change a GeoPackage behind its back."""
    database = sqlite3.connect(path)
    for (name,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type='trigger'"
    ).fetchall():
        database.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def test_bad_text_in_a_geopackage_costs_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    survey_layer().to_file(path, layer="a")
    without_triggers(path, "UPDATE a SET TBBH = CAST(X'B3C7' AS TEXT) WHERE fid = 2")
    reading = read_layer(path)
    assert list(reading.features["ZLDWMC"]) == ["城东村"] * 3
    assert "\ufffd" in reading.features["TBBH"].iloc[1]


def test_not_a_number_in_a_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with np.errstate(invalid="ignore"):
        survey_layer([not_finite(), square()]).to_parquet(path)
    found = normalise(read_layer(path), "parcel")
    assert list(found.quarantined["reason"]) == ["GEO004"]
    assert len(found.features) == 1


@pytest.mark.parametrize("suffix", ["gpkg", "gdb"])
def test_record_by_record_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    driver = {"gpkg": "GPKG", "gdb": "OpenFileGDB"}[suffix]
    survey_layer([square(100 + i) for i in range(5)]).to_file(path, driver=driver, layer="a")
    bulk = read_layer(path)
    monkeypatch.setattr("zoning.layers.ogr.read_raw", raising(FeatureError("disk image")))
    slow = read_layer(path)
    assert slow.crs == bulk.crs
    assert list(slow.features["BSM"]) == list(bulk.features["BSM"])
    assert slow.features.geometry.geom_equals(bulk.features.geometry).all()


def test_bad_record_costs_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids run with a gap, and one record cannot be formed."""
    path = tmp_path / "a.gpkg"
    survey_layer([square(100 + i) for i in range(5)]).to_file(path, layer="a")
    without_triggers(path, "DELETE FROM a WHERE fid = 2",
                     "UPDATE a SET geom = X'4750FFFF00' WHERE fid = 4")
    monkeypatch.setattr("zoning.layers.ogr.read_raw", raising(FeatureError("disk image")))
    reading = read_layer(path)
    assert len(reading.features) == 4
    assert reading.features.geometry.notna().sum() == 3


def test_heights_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    survey_layer([shapely.force_3d(square(), 5.0)]).to_parquet(path)
    reading = read_layer(path)
    assert not reading.features.geometry.has_z.any()
    assert "READ005" in codes(reading.problems)


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_geoparquet_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.parquet"
    frame = survey_layer([two_parts()])
    frame.to_parquet(path, geometry_encoding=encoding)
    reading = read_layer(path)
    assert reading.crs.to_epsg() == 4528
    assert reading.features.geometry.iloc[0].equals(two_parts())


def test_geoparquet_with_null_crs_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    survey_layer().set_crs(None, allow_override=True).to_parquet(path)
    assert refused(path) == "layers.no_crs"
    assert read_layer(path, crs=4528).crs.to_epsg() == 4528


def test_parquet_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    assert refused(path) == "layers.no_geo_metadata"


@pytest.mark.parametrize("driver", ["FlatGeobuf", "KML", "GML", "GeoJSONSeq"])
def test_other_formats(tmp_path: Path, driver: str) -> None:
    suffix = {"FlatGeobuf": "fgb", "KML": "kml", "GML": "gml", "GeoJSONSeq": "geojsonl"}[driver]
    path = tmp_path / f"a.{suffix}"
    survey_layer().to_crs(4326).to_file(path, driver=driver)
    reading = read_layer(path, crs=4326 if driver == "KML" else None)
    assert len(reading.features) == 3
    assert ("CRS004" in codes(reading.problems)) is (driver == "KML")


def test_the_datum_of_a_kml_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    survey_layer().to_crs(4326).to_file(path, driver="KML")
    assert refused(path) == "layers.kml_datum"
    packed = tmp_path / "a.kmz"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "doc.kml")
    assert refused(packed) == "layers.kml_datum"
    assert len(read_layer(packed, crs=4326).features) == 3


def test_empty_layer_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    survey_layer().iloc[:0].to_file(path)
    reading = read_layer(path)
    assert len(reading.features) == 0
    assert "READ008" in codes(reading.problems)
    assert len(normalise(reading, "parcel").features) == 0


# Real files of many formats

@pytest.mark.parametrize(("name", "epsg", "features"), [
    ("at_block/inspire_referenzen_2021_polygon.gpkg.zip", 31287, 100),
    ("ch/lwb_nutzungsflaechen_v2_0_lv95.gpkg", 2056, 100),
    ("cz/bd51ec4dea8697946b9a570a6b7c9fe587e2f8334cee74778d2339da43178d38", 4258, 100),
    ("de_sh/Feldbloecke_2026_GPKG.zip", 4647, 100),
    ("dk/Marker_2026.zip", 25832, 100),
    ("es_cat/Cultius_DUN2023_GPKG.zip", 25831, 100),
    ("ie/GSAA_2024.zip", 4258, 100),
    ("us_ca_scm/i15_crop_mapping_2023_provisional_20241127.gdb.zip", 4269, 100),
])
def test_national_releases(realdata: Path, name: str, epsg: int, features: int) -> None:
    reading = read_layer(realdata / "fiboa_formats" / name)
    assert reading.crs.to_epsg() == epsg
    assert len(reading.features) == features
    assert not reading.features.geometry.has_z.any()


def test_geopackage_of_several_layers_lists_them(realdata: Path) -> None:
    path = realdata / "fiboa_formats/pt/Continente.gpkg"
    assert refused(path) == "layers.several_layers"
    assert len(read_layer(path, layer="Culturas_Aveiro").features) == 100
    assert "READ008" in codes(read_layer(path, layer="Continente").problems)


def test_arcs_are_told(realdata: Path) -> None:
    for name in ("curvepolygon", "multisurface"):
        reading = read_layer(realdata / f"format_traps/pyogrio/{name}.gpkg")
        assert "READ006" in codes(reading.problems)
        assert reading.features.geometry.iloc[0].area > 0


def test_real_crs_traps(realdata: Path) -> None:
    folder = realdata / "mapshaper_formats"
    for name in ("geopackage/null_crs_gdal.gpkg", "shapefile/polygons.shp"):
        assert refused(folder / name) == "layers.no_crs"
    assert refused(folder / "geopackage/mixed_crs.gpkg") == "layers.several_layers"
    mixed = read_layer(folder / "geopackage/mixed_crs.gpkg", layer="oregon_2269")
    assert mixed.crs.to_epsg() == 2269
    for name in ("auth-code", "unknown", "wkt2"):
        path = folder / f"geoparquet/example-crs_vermont-crs84-{name}.parquet"
        assert refused(path) == "layers.no_geo_metadata"
    utm = read_layer(folder / "geoparquet/example-crs_vermont-utm_geo.parquet")
    assert utm.crs.to_epsg() == 32618
    for kind, count in (("polygon", 4), ("multipolygon", 5)):
        pair = [read_layer(folder / f"geoparquet/data-{kind}-encoding_{encoding}.parquet")
                for encoding in ("native", "wkb")]
        assert len(pair[0].features) == count
        assert pair[0].features.geometry.to_wkb().equals(pair[1].features.geometry.to_wkb())


def test_reading_is_a_frame_in_the_system(realdata: Path) -> None:
    reading = read_layer(str(realdata / "dc_planning/dc-boundary.geojson"))
    assert isinstance(reading, Reading)
    assert isinstance(reading.features, gpd.GeoDataFrame)
    assert reading.features.crs == reading.crs


def test_degrees_declared_as_plane_are_refused(realdata: Path) -> None:
    with pytest.raises(CrsError):
        read_layer(realdata / "dc_planning/dc-boundary.geojson", crs="4549")
    with pytest.raises(LayerError):
        read_layer(realdata / "nowhere.shp")
