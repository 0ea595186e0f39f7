"""Area as an integer number of 0.01 m² (one square decimetre, dm²), and its display units.

Inside the program an area is always an ``int`` of dm²: the precision of TBMJ, the area field of the
land survey. Names that hold one end in ``_dm2``. mu (亩 = 2000/3 m²) and hectare exist only for
reading and writing. Rounding is half away from zero, once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

DM2_PER_M2 = 100
DM2_PER_HA = 1_000_000
MU_PER_DM2 = Fraction(15, 1_000_000)
"""1 亩 = 2000/3 m², so one dm² is 0.000015 亩 exactly."""

AREA_UNITS = {
    "m2": Fraction(DM2_PER_M2),
    "ha": Fraction(DM2_PER_HA),
    "mu": 1 / MU_PER_DM2,
    "dm2": Fraction(1),
}
"""How many dm² one unit holds."""


def dm2_from_m2(value: float | Decimal | Fraction | str) -> int:
    """Round an area in m² to dm², half away from zero.

    A float is taken at its shortest decimal form, so ``0.005`` rounds as a person reads it.
    Raises ``ValueError`` for NaN and infinity.
    """
    return dm2_from(value, "m2")


def dm2_from(value: float | Decimal | Fraction | str, unit: str) -> int:
    """Round an area given in ``m2``, ``ha``, ``mu`` or ``dm2`` to dm², half away from zero.

    Raises ``ValueError`` for NaN, infinity and text that is no number, ``KeyError`` for a unit that
    is not in `AREA_UNITS`.
    """
    return round_half_up(_exact(value) * AREA_UNITS[unit])


def round_half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves away from zero."""
    numerator, denominator = value.as_integer_ratio()
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def m2(area_dm2: int) -> Decimal:
    """An area in m², exact, with two decimals."""
    return Decimal(area_dm2).scaleb(-2)


def hectares(area_dm2: int, *, places: int = 4) -> Decimal:
    """An area in 公顷, rounded half up to the four decimals of official tables."""
    return _rounded(Fraction(area_dm2, DM2_PER_HA), places)


def mu(area_dm2: int, *, places: int = 4) -> Decimal:
    """An area in 亩 (2000/3 m²), rounded half up."""
    return _rounded(area_dm2 * MU_PER_DM2, places)


def share_out(total: int, weights: Sequence[float]) -> list[int]:
    """Split an integer total in proportion to weights, so that the parts sum to it exactly.

    Largest remainder: every part is the floor or the ceiling of its exact share; equal remainders
    go to the larger weight, then to the earlier position. The sum of `weights` need not equal
    `total`.

    Raises
    ------
    ValueError
        A weight is negative, NaN or infinite, or all are zero while the total is not.

    """
    exact = [_exact(weight) for weight in weights]
    if any(weight < 0 for weight in exact):
        raise ValueError(f"weights must not be negative, found {min(weights)}")
    whole = sum(exact, Fraction(0))
    if whole == 0:
        if total:
            raise ValueError(f"nothing to share {total} over: all weights are zero")
        return [0] * len(exact)
    shares = [total * weight / whole for weight in exact]
    parts = [math.floor(share) for share in shares]
    by_need = sorted(
        range(len(parts)), key=lambda i: (parts[i] - shares[i], -exact[i], i)
    )
    for i in by_need[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _exact(value: float | Decimal | Fraction | str) -> Fraction:
    try:
        return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    except OverflowError as error:
        raise ValueError(f"{value} is not a finite number") from error


def _rounded(value: Fraction, places: int) -> Decimal:
    return Decimal(round_half_up(value * 10**places)).scaleb(-places)


__all__ = [
    "AREA_UNITS", "DM2_PER_HA", "DM2_PER_M2", "MU_PER_DM2", "dm2_from",
    "dm2_from_m2", "hectares", "m2", "mu", "round_half_up", "share_out",
]
