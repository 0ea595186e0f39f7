"""What a visitor chose, step by step: undo and redo, and one text that says it all.

Pure values. The text goes into the page's address, so that a choice outlives the browser's reload
and the server's restart, and can be sent to a colleague.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

Ring = tuple[tuple[float, float], ...]

DEEPEST = 50
"""So many steps can be taken back."""

LONGEST = 3500
"""A longer text is not put into an address: browsers and proxies cut it."""


@dataclass(frozen=True)
class Choice:
    """A site as chosen: parcels by id, or rings drawn, in degrees of longitude and latitude."""

    parcels: tuple[str, ...] = ()
    rings: tuple[Ring, ...] = ()


@dataclass(frozen=True)
class History:
    """The choice of now, those before it, and those taken back."""

    now: Choice = Choice()
    before: tuple[Choice, ...] = ()
    after: tuple[Choice, ...] = ()
    serial: int = field(default=0, compare=False)

    def with_choice(self, choice: Choice) -> History:
        """The same with a new choice; what was taken back before is forgotten."""
        if choice == self.now:
            return self
        return History(choice, (*self.before, self.now)[-DEEPEST:], (), self.serial)

    def undone(self) -> History:
        """One step back; the same where there is none. The serial tells the map to follow."""
        if not self.before:
            return self
        return History(self.before[-1], self.before[:-1], (self.now, *self.after), self.serial + 1)

    def redone(self) -> History:
        """One step forward again; the same where there is none."""
        if not self.after:
            return self
        return History(self.after[0], (*self.before, self.now), self.after[1:], self.serial + 1)

    def placed(self, choice: Choice) -> History:
        """As `with_choice`, for a choice that the map does not show yet."""
        return replace(self.with_choice(choice), serial=self.serial + 1)


def packed(choice: Choice) -> str | None:
    """A choice as letters for an address: empty for none, None where it is too long."""
    if choice == Choice():
        return ""
    text = json.dumps(asdict(choice), ensure_ascii=False, separators=(",", ":"))
    made = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    return made if len(made) <= LONGEST else None


def unpacked(text: str) -> Choice:
    """The choice of an address; none where the letters are anything else."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        told = json.loads(zlib.decompressobj().decompress(raw, 200_000))
        return Choice(tuple(str(name) for name in told["parcels"]),
                      tuple(_ring(ring) for ring in told["rings"]))
    except (ValueError, KeyError, TypeError, zlib.error, RecursionError):
        return Choice()


def rings_of(drawings: Sequence[Any]) -> tuple[Ring, ...]:
    """The rings of what a map tells as drawn (GeoJSON features), closing points left out."""
    return tuple(
        _ring(each["geometry"]["coordinates"][0][:-1]) for each in drawings
        if each.get("geometry", {}).get("type") == "Polygon")


def _ring(points: Sequence[Sequence[float]]) -> Ring:
    ring = tuple((round(float(point[0]), 7), round(float(point[1]), 7)) for point in points)
    if len(ring) < 3 or not all(abs(x) <= 180 and abs(y) <= 90 for x, y in ring):
        raise ValueError
    return ring


__all__ = ["Choice", "History", "packed", "rings_of", "unpacked"]
