"""Files and folders to the layers in them: what a file is, by its content first.

Nothing is written beside the user's file: archives, and files whose driver would write a side file,
are copied to a temporary folder that is gone when reading is done.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from zoning.errors import LayerError

Kind = Literal["shapefile", "geodatabase", "geoparquet", "txt", "sheet", "drawing", "ogr"]

_REFUSED = (
    (b"\x00\x01\x00\x00Standard", "layers.refused_mdb"),
    (b"AC10", "layers.refused_dwg"),
    (b"7z\xbc\xaf\x27\x1c", "layers.refused_archive"),
    (b"Rar!", "layers.refused_archive"),
    (b"AutoCAD Binary DXF", "layers.refused_binary_dxf"),
    (b"\xd0\xcf\x11\xe0", "layers.refused_office"),
    (b"%PDF", "layers.refused_document"),
)
_REFUSED_SUFFIXES = {
    ".mdb": "layers.refused_mdb", ".accdb": "layers.refused_mdb", ".dwg": "layers.refused_dwg",
    ".vct": "layers.refused_vct", ".7z": "layers.refused_archive", ".rar": "layers.refused_archive",
    ".tgz": "layers.refused_archive", ".tar": "layers.refused_archive",
    ".xls": "layers.refused_office", ".docx": "layers.refused_document",
    ".pdf": "layers.refused_document",
}
_OGR_SUFFIXES = (
    ".gpkg", ".geojson", ".json", ".geojsonl", ".fgb", ".kml", ".gml", ".tab", ".mif",
    ".sqlite", ".ods", ".topojson",
)
_SHEETS = (".csv", ".tsv", ".xlsx")
_OFFICE = (".xlsx", ".ods", ".docx", ".xlsm", ".pptx")
_SIDE_SUFFIXES = (
    ".shp", ".shx", ".dbf", ".prj", ".cpg", ".cst", ".sbn", ".sbx", ".qix", ".qpj", ".shp.xml",
)
_WRITES_BESIDE = (".gml",)
_MAX_UNPACKED = 40 * 1024**3
_MAX_RATIO = 100
_SMALL = 64 * 1024**2
"""Geometry and tables shrink to a tenth at best; what grows a hundredfold is no layer."""
_CHUNK = 1 << 20
_MOST_MEMBERS = 100_000
_LONGEST_NAME = 60
"""Letters of a name in an archive; a Chinese one of this length is 180 bytes long on disk."""


@dataclass(frozen=True)
class Dataset:
    """One dataset on disk: a file, or the folder of a geodatabase."""

    path: Path
    kind: Kind


@contextmanager
def opened(path: Path) -> Iterator[tuple[Dataset, ...]]:
    """The datasets in a file, folder or archive, readable while the context lasts.

    Raises `LayerError` for what is absent, empty, or of a format that cannot be read, and says what
    to ask the sender for.
    """
    if not path.exists():
        raise LayerError("layers.not_found", file=str(path))
    with tempfile.TemporaryDirectory(prefix="zoning-") as scratch:
        found = tuple(_datasets(path, Path(scratch)))
        if not found:
            raise LayerError("layers.nothing_inside", file=path.name)
        yield found


def digest(path: Path, dataset: Dataset) -> str:
    """SHA-256 of a source as the user named it.

    One file: its bytes. A shapefile: its side files one after the other, sorted by name; a
    geodatabase folder: its files in the same way, lock files left out.
    """
    if (path.is_file() and dataset.kind != "shapefile") or (path.is_file() and _is_zip(path)):
        return _hashed([path])
    if dataset.kind == "geodatabase":
        return _hashed(f for f in sorted(dataset.path.rglob("*"))
                       if f.is_file() and f.suffix != ".lock")
    return _hashed(side_files(dataset.path) if dataset.kind == "shapefile" else [dataset.path])


def side_files(shp: Path) -> list[Path]:
    """The files that make up a shapefile, whatever the case of their suffixes, sorted by name."""
    stem = shp.name[: -len(shp.suffix)].casefold()
    names = {stem + suffix for suffix in _SIDE_SUFFIXES}
    return sorted(file for file in shp.parent.iterdir() if file.name.casefold() in names)


def side_file(shp: Path, suffix: str) -> Path | None:
    """One side file of a shapefile by its suffix in lower case; None where it is absent."""
    for file in side_files(shp):
        if file.suffix.casefold() == suffix:
            return file
    return None


def copied_shapefile(shp: Path, folder: Path) -> Path:
    """A copy of a shapefile's side files with suffixes in lower case; the copy of the .shp."""
    for file in side_files(shp):
        shutil.copyfile(file, folder / f"layer{file.suffix.casefold()}")
    return folder / "layer.shp"


def _datasets(path: Path, scratch: Path) -> Iterator[Dataset]:
    if path.is_dir():
        yield from _in_folder(path, scratch)
    elif _is_zip(path) and path.suffix.casefold() not in _OFFICE:
        folder = Path(tempfile.mkdtemp(dir=scratch, suffix=".gdb"))
        _unpack(path, folder)
        yield from _in_folder(folder, scratch)
    elif _starts(path, b"\x1f\x8b"):
        yield _file(_gunzipped(path, scratch), scratch)
    else:
        yield _file(path, scratch)


def _in_folder(folder: Path, scratch: Path) -> Iterator[Dataset]:
    if any(folder.glob("*.gdbtable")):
        yield Dataset(_named_gdb(folder, scratch), "geodatabase")
        return
    for item in sorted(folder.iterdir()):
        if item.is_dir():
            yield from _in_folder(item, scratch)
        elif _is_dataset(item):
            yield _file(item, scratch)


def _named_gdb(folder: Path, scratch: Path) -> Path:
    """The folder of a geodatabase, copied where its name does not end in .gdb as GDAL asks."""
    if folder.suffix.casefold() == ".gdb":
        return folder
    return shutil.copytree(folder, Path(tempfile.mkdtemp(dir=scratch)) / f"{folder.name}.gdb")


def _is_dataset(file: Path) -> bool:
    suffix = file.suffix.casefold()
    known = suffix in (".shp", ".parquet", ".geoparquet", ".dxf", *_SHEETS, *_OGR_SUFFIXES)
    is_txt = suffix == ".txt" and "地块坐标" in _text_head(file)
    return (known or is_txt) and not file.name.startswith((".", "__MACOSX"))


def _file(path: Path, scratch: Path) -> Dataset:
    suffix = path.suffix.casefold()
    with path.open("rb") as stream:
        head = stream.read(100)
    if not head:
        raise LayerError("layers.empty_file", file=path.name)
    if suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        return _shapefile(path)
    for magic, key in _REFUSED:
        if magic in head[:24] if magic.startswith(b"\x00\x01") else head.startswith(magic):
            raise LayerError(key, file=path.name)
    if suffix in _REFUSED_SUFFIXES:
        raise LayerError(_REFUSED_SUFFIXES[suffix], file=path.name)
    if head.startswith(b"PAR1"):
        return Dataset(path, "geoparquet")
    if head.startswith(b"SQLite format 3"):
        return Dataset(_without_journal(path, head, scratch), "ogr")
    if suffix == ".txt" or (suffix == "" and "地块坐标" in _text_head(path)):
        return Dataset(path, "txt")
    if suffix in _SHEETS or suffix == ".dxf":
        return Dataset(path, "drawing" if suffix == ".dxf" else "sheet")
    if suffix not in _OGR_SUFFIXES and not head.lstrip().startswith(b"{"):
        raise LayerError("layers.unknown_format", file=path.name)
    return Dataset(_copied(path, scratch) if suffix in _WRITES_BESIDE else path, "ogr")


def _shapefile(path: Path) -> Dataset:
    shp = path if path.suffix.casefold() == ".shp" else side_file(path, ".shp")
    if shp is None:
        key = "layers.table_only" if path.suffix.casefold() == ".dbf" else "layers.no_shp"
        raise LayerError(key, file=path.name)
    with shp.open("rb") as stream:
        head = stream.read(4)
    if head != b"\x00\x00\x27\x0a":
        raise LayerError("layers.encrypted_shp" if head else "layers.empty_file", file=shp.name)
    return Dataset(shp, "shapefile")


def _without_journal(path: Path, head: bytes, scratch: Path) -> Path:
    """The file itself, or a copy where SQLite would write journal files beside it."""
    if head[18:20] != b"\x02\x02":
        return path
    folder = Path(tempfile.mkdtemp(dir=scratch))
    for side in (path, path.with_name(f"{path.name}-wal")):
        if side.exists():
            shutil.copyfile(side, folder / side.name)
    return folder / path.name


def _copied(path: Path, scratch: Path) -> Path:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    for side in (path, path.with_suffix(".xsd"), path.with_suffix(".gfs")):
        if side.exists():
            shutil.copyfile(side, folder / side.name)
    return folder / path.name


def require_modest(path: Path) -> None:
    """Raise `LayerError` where a zip file says it holds more than it can honestly hold."""
    with _archive(path) as archive:
        _members(archive, path)


def _is_zip(path: Path) -> bool:
    return _starts(path, b"PK\x03\x04")


def _starts(path: Path, magic: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
            zlib.error, struct.error, UnicodeError) as error:
        raise LayerError("layers.bad_archive", file=path.name, detail=str(error)[:300]) from error


def _members(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    unpacked = sum(member.file_size for member in members)
    if unpacked > _most(path) or len(members) > _MOST_MEMBERS:
        raise LayerError("layers.archive_too_large", file=path.name)
    return members


def _most(path: Path) -> int:
    """How many bytes a packed file may grow to."""
    return min(_MAX_UNPACKED, max(_SMALL, path.stat().st_size * _MAX_RATIO))


def _unpack(path: Path, folder: Path) -> None:
    """Unpack an archive; names without the UTF-8 flag are GBK, and none leaves the folder."""
    with _archive(path) as archive:
        for member in _members(archive, path):
            target = folder / _safe_name(member)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain, _CHUNK)


def _gunzipped(path: Path, scratch: Path) -> Path:
    """The one file in a gzip file, in the scratch folder, under its own name."""
    plain = Path(tempfile.mkdtemp(dir=scratch)) / (path.stem or "unnamed")
    left = _most(path)
    try:
        with gzip.open(path) as packed, plain.open("wb") as out:
            while chunk := packed.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise LayerError("layers.archive_too_large", file=path.name)
                out.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise LayerError("layers.bad_archive", file=path.name, detail=str(error)[:300]) from error
    return plain


def _safe_name(member: zipfile.ZipInfo) -> Path:
    name = member.filename
    if not member.flag_bits & 0x800:
        raw = name.encode("cp437", errors="replace")
        name = raw.decode("gb18030", errors="replace")
    plain = name.replace("\\", "/").replace("\x00", "")
    parts = [part[-_LONGEST_NAME:] for part in PurePosixPath(plain).parts
             if part not in ("/", "..", ".") and not part.endswith(":")]
    return Path(*parts) if parts else Path("unnamed")


def _text_head(file: Path) -> str:
    with file.open("rb") as stream:
        head = stream.read(4096)
    for encoding in ("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "gb18030"):
        text = head.decode(encoding, errors="ignore")
        if "地块坐标" in text:
            return text
    return ""


def _hashed(paths: Sequence[Path] | Iterator[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
    return found.hexdigest()


__all__ = [
    "Dataset", "Kind", "copied_shapefile", "digest", "opened", "require_modest", "side_file",
    "side_files",
]
