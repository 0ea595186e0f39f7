"""Shapefiles: text encoding and lost index."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

from zoning.errors import Message, Problem, Severity
from zoning.layers.encodings import choose_encoding, decoder
from zoning.layers.ogr import read_raw, redecoded, undecodable
from zoning.layers.sources import copied_shapefile, side_file
from zoning.layers.table import Table, listening, unreadable_file

_HEADER_BYTES = 100


def read_shapefile(shp: Path, *, encoding: str | None = None) -> Table:
    """A shapefile with its text decoded, whatever its .cpg says.

    A missing .shx is rebuilt in a temporary copy. Raises `LayerError` for a file that cannot be
    read.
    """
    if side_file(shp, ".shx") is not None:
        return _read(shp, encoding, ())
    with tempfile.TemporaryDirectory(prefix="zoning-") as folder:
        copy = copied_shapefile(shp, Path(folder))
        copy.with_suffix(".shx").write_bytes(rebuilt_index(copy.read_bytes()))
        message = Message("layers.index_rebuilt", {"file": shp.name})
        note = Problem("READ007", message, Severity.NOTE)
        return _read(copy, encoding, (note,), shown=shp)


def rebuilt_index(shp: bytes) -> bytes:
    """The .shx of a .shp: an offset and a length, in 16-bit words, per record that is complete."""
    entries = []
    at = _HEADER_BYTES
    while at + 8 <= len(shp):
        (words,) = struct.unpack(">i", shp[at + 4:at + 8])
        if words < 2 or at + 8 + 2 * words > len(shp):
            break
        entries.append(struct.pack(">ii", at // 2, words))
        at += 8 + 2 * words
    length = (_HEADER_BYTES + 8 * len(entries)) // 2
    return shp[:24] + struct.pack(">i", length) + shp[28:_HEADER_BYTES] + b"".join(entries)


def _read(
    shp: Path, encoding: str | None, problems: tuple[Problem, ...], *, shown: Path | None = None
) -> Table:
    with listening() as heard:
        try:
            table = read_raw(shp, None, encoding="ISO-8859-1")
        except (ValueError, RuntimeError, OSError) as error:
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


__all__ = ["read_shapefile", "rebuilt_index"]
