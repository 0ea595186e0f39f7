"""Area adjustment (平差): areas made to sum to a control total, with the residual shown.

The rule of the survey's software: with a residual of d units of 0.01 m² over n parts, every part
takes ⌊d/n⌋ and the d mod n largest take one more; the sign is that of the residual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoning.errors import LayerError

REVIEW_SHARE = 100
"""A residual beyond one hundredth of the control total is no rounding: a review would refuse it."""


@dataclass(frozen=True)
class Adjustment:
    """Parts before and after, dm². `residual_dm2` is control less sum: what was shared out."""

    control_dm2: int
    sum_dm2: int
    corrections: tuple[int, ...]
    adjusted: tuple[int, ...]

    @property
    def residual_dm2(self) -> int:
        """Control less sum, dm²."""
        return self.control_dm2 - self.sum_dm2

    @property
    def is_beyond_review(self) -> bool:
        """Whether the residual is more than one hundredth of the control total."""
        return abs(self.residual_dm2) * REVIEW_SHARE > self.control_dm2


def adjusted(parts_dm2: Sequence[int], control_dm2: int) -> Adjustment:
    """Parts corrected so that they sum to the control total exactly.

    Equal parts take the odd unit in their order. Raises `LayerError` where there are no parts, or
    a part would become negative.
    """
    if not parts_dm2:
        raise LayerError("layers.nothing_to_adjust")
    residual = control_dm2 - sum(parts_dm2)
    sign = 1 if residual >= 0 else -1
    each, more = divmod(abs(residual), len(parts_dm2))
    corrections = [sign * each] * len(parts_dm2)
    largest = sorted(range(len(parts_dm2)), key=lambda i: (-parts_dm2[i], i))
    for i in largest[:more]:
        corrections[i] += sign
    made = [part + correction for part, correction in zip(parts_dm2, corrections, strict=True)]
    if min(made) < 0:
        raise LayerError("layers.adjustment_too_large", residual=f"{residual / 100:.2f}",
                         smallest=f"{min(parts_dm2) / 100:.2f}", count=len(parts_dm2))
    return Adjustment(control_dm2, sum(parts_dm2), tuple(corrections), tuple(made))


__all__ = ["Adjustment", "adjusted"]
