"""Write a dBASE table the way a survey bureau does: GBK text, fixed widths, no code page named.

The date stamp is fixed and byte 29 (language driver) is zero, so the same table gives the same
bytes, and a reader must find out the encoding by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_STAMP = (119, 12, 31)
"""31 December 2019, year counted from 1900."""


class Field(NamedTuple):
    """One column: name, type (C text, N number), width in bytes, decimals."""

    name: str
    kind: str
    width: int
    decimals: int = 0


def write_dbf(path: Path, frame: pd.DataFrame, fields: Sequence[Field]) -> None:
    """Write the columns of `frame` named by `fields`; missing values become blanks.

    Raises ValueError where a value does not fit its width.
    """
    row = np.dtype([("deleted", "S1")] + [(each.name, f"S{each.width}") for each in fields])
    table = np.empty(len(frame), dtype=row)
    table["deleted"] = b" "
    for each in fields:
        table[each.name] = _cells(frame[each.name], each)
    with path.open("wb") as file:
        file.write(_header(len(frame), row.itemsize, fields))
        data = table.view(np.uint8)
        file.write(data.tobytes())
        file.write(b"\x1a")


def _header(count: int, row_bytes: int, fields: Sequence[Field]) -> bytes:
    size = 32 + 32 * len(fields) + 1
    head = bytearray(32)
    head[0:4] = bytes((3, *_STAMP))
    head[4:8] = count.to_bytes(4, "little")
    head[8:10] = size.to_bytes(2, "little")
    head[10:12] = row_bytes.to_bytes(2, "little")
    return bytes(head) + b"".join(_describe(each) for each in fields) + b"\r"


def _describe(field: Field) -> bytes:
    part = bytearray(32)
    name = field.name.encode("ascii")
    part[0:len(name)] = name
    part[11:12] = field.kind.encode("ascii")
    part[16], part[17] = field.width, field.decimals
    return bytes(part)


def _cells(column: pd.Series, field: Field) -> NDArray[np.bytes_]:
    """The column as bytes padded with spaces: text to the left, numbers to the right."""
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    encoded = [_encoded(value, field) for value in distinct]
    encoded.append(b" " * field.width)
    found: NDArray[np.bytes_] = np.array(encoded, dtype=f"S{field.width}")[codes]
    return found


def _encoded(value: object, field: Field) -> bytes:
    if field.kind == "N":
        text = f"{value:{field.width}.{field.decimals}f}".encode("ascii")
    else:
        text = str(value).encode("gbk").ljust(field.width)
    if len(text) != field.width:
        raise ValueError(f"{field.name}: {value!r} needs {len(text)} bytes, has {field.width}")
    return text
