"""Files that mean harm, or were damaged on the way: refused with a sentence, nothing written."""

from __future__ import annotations

import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nasty import shp_header, survey_layer, write_shapefile

from zoning.errors import ZoningError
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.messages import LANGUAGES, say

ROOT = Path(__file__).parents[1]


def refused(path: Path, **options: object) -> str:
    with pytest.raises(ZoningError) as caught:
        read_layer(path, **options)
    assert all(say(caught.value, language) for language in LANGUAGES)
    return caught.value.message.key


# Bombs

def test_a_zip_that_grows_a_thousandfold_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b"0" * 200_000_000)
    assert refused(path) == "layers.archive_too_large"


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(100_001):
            archive.writestr(f"{i}", b"")
    assert refused(path) == "layers.archive_too_large"


def test_a_gzip_bomb_is_refused_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson.gz"
    path.write_bytes(gzip.compress(b" " * 200_000_000))
    assert refused(path) == "layers.archive_too_large"


def test_a_gzip_of_one_layer_is_read(tmp_path: Path) -> None:
    survey_layer().to_crs(4490).to_file(tmp_path / "a.geojson")
    path = tmp_path / "b.geojson.gz"
    path.write_bytes(gzip.compress((tmp_path / "a.geojson").read_bytes()))
    assert len(read_layer(path).features) == 3
    path.write_bytes(path.read_bytes()[:-20])
    assert refused(path) == "layers.bad_archive"


def test_a_workbook_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"<a/>" * 50_000_000)
    assert refused(path) == "layers.archive_too_large"


def test_a_cell_far_out_is_no_reason_to_fill_the_memory(tmp_path: Path) -> None:
    path, buffer = tmp_path / "a.xlsx", io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.save(buffer)
    with zipfile.ZipFile(buffer) as sound, zipfile.ZipFile(path, "w") as made:
        for member in sound.infolist():
            data = sound.read(member).replace(b'r="A1"', b'r="XFD1048576"')
            made.writestr(member, data.replace(b'<row r="1"', b'<row r="1048576"'))
    assert refused(path) in ("layers.sheet_too_large", "layers.table_only")


def test_entities_that_multiply_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    path.write_text(f'<!DOCTYPE k [<!ENTITY l0 "lol">{lol}]><kml xmlns="x">&l11;</kml>',
                    encoding="utf-8")
    assert refused(path)


# Paths

@pytest.mark.parametrize("name", ["../../evil.geojson", "/tmp/zoning-evil.geojson",
                                  "..\\..\\evil.geojson", "C:\\evil.geojson",
                                  "a/../../../evil.geojson"])
def test_no_member_leaves_the_folder(tmp_path: Path, name: str) -> None:
    survey_layer().to_crs(4490).to_file(tmp_path / "a.geojson")
    path = tmp_path / "in" / "a.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, (tmp_path / "a.geojson").read_bytes())
    assert len(read_layer(path).features) == 3
    assert not Path("/tmp/zoning-evil.geojson").exists()
    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == {"a.geojson", "a.zip"}


def test_a_link_in_an_archive_is_a_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(path) == "layers.unreadable"


# Headers that claim

def test_a_shapefile_that_claims_ten_gigabytes(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    data = bytearray(path.read_bytes())
    data[24:28] = struct.pack(">i", 2_000_000_000)
    data[104:108] = struct.pack(">i", 2_000_000_000)
    path.write_bytes(data)
    found = normalise(read_layer(path, encoding="gbk"), "parcel")
    assert len(found.features) + len(found.quarantined) <= 3


def test_a_table_that_claims_four_thousand_million_rows(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    table = path.with_suffix(".dbf")
    data = table.read_bytes()
    table.write_bytes(data[:4] + struct.pack("<I", 0xFFFFFFF0) + data[8:])
    reading = read_layer(path)
    assert len(reading.features) == 3
    assert set(reading.features["ZLDWMC"]) == {"城东村"}
    assert "READ009" in {problem.code for problem in reading.problems}


def test_an_index_that_claims_is_rebuilt(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    whole = read_layer(path)
    index = path.with_suffix(".shx")
    data = index.read_bytes()
    for wrong in (data[:24] + struct.pack(">i", 2_000_000_000) + data[28:],
                  data[:100] + struct.pack(">ii", 2_000_000_000, 50) + data[108:], data[:60]):
        index.write_bytes(wrong)
        reading = read_layer(path)
        assert reading.features.equals(whole.features)
        assert "READ007" in {problem.code for problem in reading.problems}


def test_a_prj_that_nobody_understands_is_asked_about(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path)
    for text in (b'PROJCS["x', b"\xff\xfe\x00", b"hello"):
        path.with_suffix(".prj").write_bytes(text)
        assert refused(path) == "layers.no_crs"
        reading = read_layer(path, crs=4528)
        assert "READ010" in {problem.code for problem in reading.problems}


def test_a_header_without_records(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    path.write_bytes(shp_header(9994))
    assert refused(path)


def test_a_parquet_file_that_grows_beyond_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    survey_layer().to_parquet(path)
    geo = pq.read_schema(path).metadata
    rows = 60_000_000
    table = pa.table({"geometry": pa.nulls(rows, pa.binary())}).replace_schema_metadata(geo)
    pq.write_table(table, path)
    assert path.stat().st_size < 1_000_000
    assert refused(path) == "layers.too_large"


# Whatever else: a short run of the fuzzer

def test_damaged_files_never_leave_a_trace() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.fuzz", "--cases", "600", "--seed", "20261123",
         "--workers", "2"], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    answer = json.loads(found.stdout)
    assert answer["failures"] == []
    assert found.returncode == 0
    assert sum(answer["outcomes"].values()) == 600
    read = sum(count for name, count in answer["outcomes"].items() if name.endswith(" read"))
    assert 50 < read < 550
