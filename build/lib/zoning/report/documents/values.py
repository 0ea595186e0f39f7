"""The values that JSON documents are made of.

An area is ``{"m2": "12345.67"}``, a capacity ``{"kg": 1200}``, a share a decimal string of four
places, a day an ISO date, a sentence an object with both languages. Unknown is null.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from zoning.errors import Message, Problem, ZoningError
from zoning.layers.repair import OFFERED
from zoning.measure.facts import FeatureHit, LayerEdition
from zoning.messages import LANGUAGES, say
from zoning.scenario.outcome import Quantity
from zoning.units import m2

Json = dict[str, Any]


def area(area_dm2: int) -> Json:
    """An area in m² as a decimal string with two places."""
    return {"m2": format(m2(area_dm2), "f")}


def known_area(area_dm2: int | None) -> Json | None:
    """An area, or null where it is unknown."""
    return None if area_dm2 is None else area(area_dm2)


def amount(value: int | None, unit: str) -> Json | None:
    """A quantity by its unit; one that is neither land, weight nor share names its unit."""
    if value is None:
        return None
    if unit == "dm2":
        return area(value)
    if unit == "kg":
        return {"kg": value}
    return {"share": share(value)} if unit == "1e-4" else {"value": value, "unit": unit}


def quantity(told: Quantity | None) -> Json | None:
    """A `Quantity`, or null."""
    return None if told is None else amount(told.value, told.unit)


def share(ten_thousandths: int) -> str:
    """A share as a decimal string: 1234 is ``0.1234``."""
    whole, part = divmod(abs(ten_thousandths), 10_000)
    return f"{'-' if ten_thousandths < 0 else ''}{whole}.{part:04d}"


def known_share(ten_thousandths: int | None) -> str | None:
    """A share, or null where it is unknown."""
    return None if ten_thousandths is None else share(ten_thousandths)


def sentence(message: Message | ZoningError) -> Json:
    """A message in every language."""
    return {language: say(message, language) for language in LANGUAGES}


def day(value: date | None) -> str | None:
    """An ISO date, or null."""
    return None if value is None else value.isoformat()


def problems(found: Iterable[Problem]) -> list[Json]:
    """Faults in somebody's data, each with the land at risk."""
    return [
        {"code": problem.code, "severity": problem.severity.value,
         "text": sentence(problem.message), "count": problem.count, "where": list(problem.where),
         "area": known_area(problem.area_dm2), "boxes": [list(box) for box in problem.boxes],
         "repair": OFFERED.get(problem.code)}
        for problem in found
    ]


def editions(found: Iterable[LayerEdition]) -> list[Json]:
    """The layers a result was computed from."""
    return [{"role": e.role, "edition": e.edition, "sha256": e.sha256} for e in found]


def hits(found: Iterable[FeatureHit]) -> list[Json]:
    """Features with the area shared with each."""
    return [{"feature_id": hit.feature_id, "area": area(hit.area_dm2)} for hit in found]
