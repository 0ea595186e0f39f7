"""File names made from data, and files that appear whole, inside the folder that was asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from zoning.errors import UsageError

LONGEST = 80
"""Characters of a name without its suffix: four bytes each stay below the 255 of a file system."""
LONGEST_BYTES = 200

_REFUSED = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_name(told: str, suffix: str, *, taken: Iterable[str] = ()) -> str:
    """A name that every file system takes, from any text; different from those `taken`.

    Separators, control characters and what Windows refuses become ``_``; names of its devices, and
    names that begin or end with a dot or a blank, are changed; case does not make names different.
    """
    plain = _REFUSED.sub("_", unicodedata.normalize("NFC", told)).strip(" .")[:LONGEST]
    plain = plain.encode()[:LONGEST_BYTES].decode(errors="ignore").strip(" .") or "_"
    if _DEVICES.fullmatch(plain):
        plain = f"_{plain}"
    used = {each.casefold() for each in taken}
    name, count = f"{plain}{suffix}", 1
    while name.casefold() in used:
        count += 1
        name = f"{plain}-{count}{suffix}"
    return name


def inside(folder: Path, name: str) -> Path:
    """The path of a file of this name in a folder.

    Raises UsageError where the name leads elsewhere, or a link of the name does.
    """
    path = folder / name
    if Path(name).name != name or not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError("report.outside", name=name, folder=str(folder))
    return path


def appear(path: Path, data: bytes, *, check: Callable[[Path], None] | None = None) -> Path:
    """Write a file beside its place, have it checked there, and only then give it its name.

    Whatever the check raises, the file does not appear and an older one stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new"[-120:])
    try:
        draft.write_bytes(data)
        if check is not None:
            check(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


__all__ = ["appear", "file_name", "inside"]
