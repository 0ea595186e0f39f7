"""The land a site takes, by class and by what the quota accounts call it.

Field ridges (田坎, the deducted share of a farmland parcel) are agricultural but not farmland.
Stock land whose conversion is approved counts as construction land whatever still grows on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Literal, get_args

from zoning.codes.reader import LandClass, LandClasses
from zoning.measure.facts import Part, SiteFacts
from zoning.scenario.outcome import ClassLine
from zoning.units import MU_PER_DM2, round_half_up, share_out

Land = Literal["farmland", "other_agricultural", "unused", "construction"]
LANDS: tuple[Land, ...] = get_args(Land)
NEW_LANDS: tuple[Land, ...] = LANDS[:3]
"""Land that becomes new construction land."""
RIDGE = "1203"


@dataclass(frozen=True)
class Piece:
    """Some land of one class in one parcel; `land` is None where the class is not known."""

    parcel_id: str
    class_code: str | None
    kind: str | None
    land: Land | None
    area_dm2: int
    converted: bool = False
    paddy: bool = False
    grade_tenths: int | None = None


@dataclass(frozen=True)
class Taken:
    """All land of a site.

    `uncovered_dm2` is land under no parcel, `overlap_dm2` land under several; the pieces and
    `uncovered_dm2` sum to the site's area plus `overlap_dm2`.
    """

    pieces: tuple[Piece, ...]
    uncovered_dm2: int
    overlap_dm2: int

    def area_dm2(self, *lands: Land) -> int:
        """The area of some kinds of land together."""
        return sum(piece.area_dm2 for piece in self.pieces if piece.land in lands)

    @property
    def unknown(self) -> tuple[Piece, ...]:
        """Pieces of unknown class."""
        return tuple(p for p in self.pieces if p.land is None and p.area_dm2)

    @property
    def farmland(self) -> tuple[Piece, ...]:
        """Pieces of farmland, ridges deducted."""
        return tuple(p for p in self.pieces if p.land == "farmland" and p.area_dm2)

    @property
    def paddy_dm2(self) -> int:
        """Farmland that is paddy."""
        return sum(piece.area_dm2 for piece in self.farmland if piece.paddy)

    @property
    def converted_dm2(self) -> int:
        """Stock land whose conversion is approved."""
        return sum(piece.area_dm2 for piece in self.pieces if piece.converted)

    @property
    def is_certain(self) -> bool:
        """Whether every square metre has exactly one known class."""
        return not (self.unknown or self.uncovered_dm2 or self.overlap_dm2)


def land_taken(facts: SiteFacts, classes: LandClasses, on: date | None = None) -> Taken:
    """Sort the parts of a site by kind of land.

    A conversion approved after the day `on` has not happened yet; one without a date has.
    """
    parts = (part if part.converted == is_converted(part, on) else replace(part, converted=False)
             for part in facts.parts)
    pieces = tuple(piece for part in parts for piece in _pieces(part, classes))
    return Taken(pieces, facts.uncovered_dm2, facts.overlap_dm2)


def is_converted(part: Part, on: date | None) -> bool:
    """Whether the land counts as construction land on a day."""
    late = on is not None and part.converted_on is not None and part.converted_on > on
    return part.converted and not late


def class_lines(taken: Taken) -> tuple[ClassLine, ...]:
    """One line per class, by code, unknown land last; the shares sum to 10,000."""
    sums: dict[tuple[str, str | None, bool], int] = defaultdict(int)
    for piece in taken.pieces:
        sums[piece.class_code or "", piece.kind, piece.converted] += piece.area_dm2
    sums["", None, False] += taken.uncovered_dm2
    rows = sorted(((key, area) for key, area in sums.items() if area), key=_class_order)
    areas = [area for _, area in rows]
    shares = share_out(10_000 if rows else 0, areas)
    return tuple(ClassLine(code or None, kind, area, share, converted)
                 for ((code, kind, converted), area), share in zip(rows, shares, strict=True))


def capacity_kg(
    pieces: Iterable[Piece], per_mu: Mapping[str, object], *, linear: bool = False
) -> tuple[int | None, tuple[str, ...]]:
    """Grain capacity of farmland: Σ area × kg per mu by grade, rounded half up once.

    Returns the capacity, None where a parcel's grade is unset or not in the table, and the ids of
    those parcels. With `linear` a grade between two of the table is interpolated between them.
    """
    table, by_grade = _table(tuple(per_mu.items())), dict[int | None, int]()
    for piece in (pieces := tuple(pieces)):
        by_grade[piece.grade_tenths] = by_grade.get(piece.grade_tenths, 0) + piece.area_dm2
    rates = {grade: kg_per_mu(grade, table, linear=linear) for grade in by_grade}
    without = tuple(piece.parcel_id for piece in pieces if rates[piece.grade_tenths] is None)
    if without:
        return None, tuple(dict.fromkeys(without))
    exact = sum((rates[grade] or 0) * area_dm2 for grade, area_dm2 in by_grade.items())
    return round_half_up(exact * MU_PER_DM2), ()


@lru_cache(maxsize=64)
def _table(per_mu: tuple[tuple[str, object], ...]) -> Mapping[int, Fraction]:
    """Kg per mu by grade times ten."""
    return {int(Fraction(grade) * 10): Fraction(str(rate)) for grade, rate in per_mu}


def kg_per_mu(
    grade_tenths: int | None, table: Mapping[int, Fraction], *, linear: bool
) -> Fraction | None:
    """The capacity of one grade; None where it is unset or the table does not give it.

    `table` maps grades times ten to kg per mu.
    """
    if not grade_tenths:
        return None
    if grade_tenths in table or not linear:
        return table.get(grade_tenths)
    below = max((grade for grade in table if grade < grade_tenths), default=None)
    above = min((grade for grade in table if grade > grade_tenths), default=None)
    if below is None or above is None:
        return None
    weight = Fraction(grade_tenths - below, above - below)
    return table[below] * (1 - weight) + table[above] * weight


def _pieces(part: Part, classes: LandClasses) -> Iterator[Piece]:
    found = classes.get(part.class_code)
    if part.converted:
        yield Piece(part.parcel_id, part.class_code, "construction", "construction",
                    part.area_dm2, converted=True)
    elif found is None:
        yield Piece(part.parcel_id, part.class_code, None, None, part.area_dm2)
    elif found.farmland is None:
        yield Piece(part.parcel_id, found.code, found.kind, _land(found), part.area_dm2)
    else:
        ridge_dm2 = round_half_up(Fraction(part.area_dm2 * part.deduct_1e4, 10_000))
        yield Piece(part.parcel_id, found.code, found.kind, "farmland",
                    part.area_dm2 - ridge_dm2, paddy=found.farmland == "paddy",
                    grade_tenths=part.grade_tenths)
        if ridge_dm2:
            yield Piece(part.parcel_id, RIDGE, "agricultural", "other_agricultural", ridge_dm2)


def land_of(found: LandClass) -> Land:
    """What the quota accounts call the land of a class, ridges aside."""
    return "farmland" if found.farmland is not None else _land(found)


def _land(found: LandClass) -> Land:
    return "other_agricultural" if found.kind == "agricultural" else found.kind


def _class_order(row: tuple[tuple[str, str | None, bool], int]) -> tuple[bool, str, bool]:
    (code, kind, converted), _ = row
    return kind is None, code, converted


__all__ = ["LANDS", "NEW_LANDS", "RIDGE", "Land", "Piece", "Taken", "capacity_kg", "class_lines",
           "kg_per_mu", "land_of", "land_taken"]
