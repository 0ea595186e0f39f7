"""Shapefiles: text encoding and lost index."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import numpy as np

from zoning.errors import Message, Problem, Severity
from zoning.layers.encodings import choose_encoding, decoder
from zoning.layers.ogr import read_raw, redecoded, undecodable
from zoning.layers.sources import copied_shapefile, side_file
from zoning.layers.table import Table, declared_crs, listening, unreadable_file

_HEADER_BYTES = 100
_LONGEST_PRJ = 100_000


def read_shapefile(shp: Path, *, encoding: str | None = None) -> Table:
    """A shapefile with its text decoded, whatever its .cpg says.

    A .shx that is missing or wrong is rebuilt, a .dbf that claims more records than it has is taken
    at its size, and a .prj that nobody understands is left out: in a temporary copy.

    Raises `LayerError` for a file that cannot be read.
    """
    notes = _mendings(shp)
    if not notes:
        return _read(shp, encoding, ())
    with tempfile.TemporaryDirectory(prefix="zoning-") as folder:
        copy = copied_shapefile(shp, Path(folder))
        codes = {note.code for note in notes}
        if "READ007" in codes:
            index = rebuilt_index(copy.read_bytes(), rows=_rows(side_file(shp, ".dbf")))
            copy.with_suffix(".shx").write_bytes(index)
        if "READ009" in codes:
            table = copy.with_suffix(".dbf")
            table.write_bytes(honest_table(table.read_bytes()))
        if "READ010" in codes:
            copy.with_suffix(".prj").unlink()
        return _read(copy, encoding, notes, shown=shp)


def _mendings(shp: Path) -> tuple[Problem, ...]:
    """What has to be mended in a copy before the files can be trusted."""
    index, table, prj = (side_file(shp, suffix) for suffix in (".shx", ".dbf", ".prj"))
    notes = []
    if index is None or not _is_index(index, shp):
        notes.append(("READ007", "layers.index_rebuilt", Severity.NOTE))
    if table is not None and not _is_honest(table):
        notes.append(("READ009", "layers.table_short", Severity.WARNING))
    if prj is not None and not _is_system(prj):
        notes.append(("READ010", "layers.prj_unreadable", Severity.WARNING))
    return tuple(Problem(code, Message(key, {"file": shp.name}), severity)
                 for code, key, severity in notes)


def _is_index(shx: Path, shp: Path) -> bool:
    """Whether an index can be that of a .shp: of one cut short it knows more than is left.

    Records need not stand in order: an edited one is written at the end and its old place left.
    """
    data = shx.read_bytes()
    if len(data) < _HEADER_BYTES or (len(data) - _HEADER_BYTES) % 8:
        return False
    (words,) = struct.unpack(">i", data[24:28])
    entries = np.frombuffer(data[_HEADER_BYTES:], dtype=">i4").reshape(-1, 2).astype(np.int64)
    starts, lengths = entries[:, 0] * 2, entries[:, 1] * 2
    inside = (starts >= _HEADER_BYTES) & (lengths >= 0) & (starts <= _whole_bytes(shp))
    return 2 * words == len(data) and bool(inside.all())


def _whole_bytes(shp: Path) -> int:
    """How long a .shp is, or says that it was."""
    with shp.open("rb") as stream:
        head = stream.read(28)
    declared = 2 * struct.unpack(">i", head[24:28])[0] if len(head) == 28 else 0
    return max(shp.stat().st_size, declared)


def honest_table(dbf: bytes) -> bytes:
    """A .dbf whose header counts the records that are there."""
    header, width = struct.unpack("<HH", dbf[8:12])
    rows = max(0, len(dbf) - header) // width if width else 0
    return dbf[:4] + struct.pack("<I", rows) + dbf[8:]


def _rows(dbf: Path | None) -> int:
    """How many records a .dbf holds; 0 where there is none."""
    if dbf is None:
        return 0
    data = honest_table(dbf.read_bytes()) if dbf.stat().st_size >= 12 else b""
    return int(struct.unpack("<I", data[4:8])[0]) if data else 0


def _is_honest(dbf: Path) -> bool:
    """Whether a .dbf holds about as many records as its header claims; one that is cut may do."""
    with dbf.open("rb") as stream:
        head = stream.read(12)
    if len(head) < 12:
        return True
    rows, header, width = struct.unpack("<IHH", head[4:12])
    return bool(header + (rows - 1) * width <= dbf.stat().st_size)


def _is_system(prj: Path) -> bool:
    data = prj.read_bytes()[:_LONGEST_PRJ].strip(b"\x00 \r\n")
    text = data.decode("utf-8-sig", errors="ignore")
    return bool(not data or declared_crs(text) or text.upper().startswith("LOCAL_CS"))


def rebuilt_index(shp: bytes, *, rows: int = 0) -> bytes:
    """The .shx of a .shp: an offset and a length, in 16-bit words, per record that is complete.

    Where the table has more `rows`, the records that were cut off are named as well: they are read
    without a shape, and nothing of the layer is lost without a word.
    """
    entries = []
    at = _HEADER_BYTES
    while at + 8 <= len(shp):
        (words,) = struct.unpack(">i", shp[at + 4:at + 8])
        if words < 2 or at + 8 + 2 * words > len(shp):
            break
        entries.append(struct.pack(">ii", at // 2, words))
        at += 8 + 2 * words
    entries += [struct.pack(">ii", len(shp) // 2, 2)] * (rows - len(entries))
    length = (_HEADER_BYTES + 8 * len(entries)) // 2
    return shp[:24] + struct.pack(">i", length) + shp[28:_HEADER_BYTES] + b"".join(entries)


def _read(
    shp: Path, encoding: str | None, problems: tuple[Problem, ...], *, shown: Path | None = None
) -> Table:
    with listening() as heard:
        try:
            table = read_raw(shp, None, encoding="ISO-8859-1")
        except (ValueError, RuntimeError, OSError, UnboundLocalError) as error:
            raise unreadable_file(shown or shp, error) from error
    choice = choose_encoding(_foreign_values(table), given=encoding, cpg=_cpg(shp),
                             language_byte=_language_byte(shp))
    decode, failed = decoder(choice.encoding)
    columns = tuple((decode(name), redecoded(values, decode)) for name, values in table.columns)
    told = (*problems, *table.problems, *heard.problems(), *choice.problems,
            *undecodable(failed, choice.encoding))
    return Table(columns, table.geometry, table.crs, choice.encoding, told)


def _foreign_values(table: Table) -> list[bytes]:
    """The distinct values and names that are not ASCII, as the bytes in the file."""
    texts: dict[str, None] = {}
    for name, values in table.columns:
        texts[name] = None
        if values.dtype == object:
            texts.update(dict.fromkeys(v for v in values if isinstance(v, str)))
    return [text.encode("latin-1", errors="replace") for text in texts if not text.isascii()]


def _cpg(shp: Path) -> str | None:
    file = side_file(shp, ".cpg")
    if file is None:
        return None
    text = file.read_bytes()[:64].decode("ascii", errors="ignore")
    return text.strip("\x00 \r\n\t") or None


def _language_byte(shp: Path) -> int | None:
    file = side_file(shp, ".dbf")
    if file is None:
        return None
    with file.open("rb") as stream:
        head = stream.read(30)
    return head[29] if len(head) == 30 else None


__all__ = ["honest_table", "read_shapefile", "rebuilt_index"]
