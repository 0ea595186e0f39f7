"""Declared areas beside computed ones: which kind they are, and where they are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from zoning.errors import Message, Problem, Severity
from zoning.measure.area import Areas

REVIEW_TOLERANCE = 0.01
"""A review passes a difference of one part in a hundred between survey and declaration."""

SAME_DM2 = 100
SAME_RATIO = 2e-5
"""Two areas are of one kind where they differ by less than 1 m² or 2e-5 of the area."""


def declared_problems(
    ids: Sequence[str], statutory: Areas, plane: Areas | None, declared: Any
) -> tuple[Problem, ...]:
    """What declared areas say beside the computed; dm², declared may have missing values.

    ``ARE001``: declared differs from statutory by more than 1 %. ``ARE002``: the declared areas are
    plane areas, not statutory ones.
    """
    told = np.asarray(declared, dtype=np.float64)
    known = np.isfinite(told)
    if not known.any():
        return ()
    wrong = known & (np.abs(told - statutory) > np.maximum(statutory * REVIEW_TOLERANCE, 1))
    problems = []
    if wrong.any():
        problems.append(_differing(ids, statutory, told, wrong))
    if plane is not None and _same(plane, told, known) and not _same(statutory, told, known):
        problems.append(Problem(
            "ARE002", Message("measure.declared_plane", {"count": int(known.sum())}),
            Severity.NOTE, count=int(known.sum()),
        ))
    return tuple(problems)


def _differing(
    ids: Sequence[str], statutory: Areas, told: npt.NDArray[np.float64],
    wrong: npt.NDArray[np.bool_],
) -> Problem:
    rows = np.flatnonzero(wrong)
    worst = rows[np.argsort(-np.abs(told[rows] - statutory[rows]), kind="stable")][:5]
    names = tuple(str(ids[row]) for row in worst)
    at_risk = int(np.abs(told[rows] - statutory[rows]).sum())
    return Problem(
        "ARE001",
        Message("measure.declared_differs",
                {"count": len(rows), "ids": names, "m2": f"{at_risk / 100:.2f}"}),
        Severity.WARNING, count=len(rows), where=names, area_dm2=at_risk,
    )


def _same(computed: Areas, told: npt.NDArray[np.float64], known: npt.NDArray[np.bool_]) -> bool:
    off = np.abs(computed[known] - told[known])
    return bool((off <= np.maximum(computed[known] * SAME_RATIO, SAME_DM2)).all())
