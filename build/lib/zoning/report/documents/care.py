"""Documents about the care of layers: inspect, repair, adjust, editions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from zoning.errors import Problem, ZoningError
from zoning.report.documents.values import Json, area, known_area, sentence
from zoning.report.documents.values import problems as told
from zoning.report.tables.care import AdjustedArea, ClassChanged, ClassFlow, Repaired


class Guess(Protocol):
    """A role that a layer may have."""

    @property
    def role(self) -> str:
        """The role."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that speak for it."""

    @property
    def by_name(self) -> bool:
        """Whether the layer's name does."""


class Inspected(Protocol):
    """One layer of a file."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def features(self) -> int:
        """How many records it has."""

    @property
    def crs(self) -> str | None:
        """Its system; None where it cannot be read."""

    @property
    def encoding(self) -> str | None:
        """The encoding of its text."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns."""

    @property
    def guesses(self) -> Sequence[Guess]:
        """What it may be, the likeliest first."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What was noticed while reading."""

    @property
    def refused(self) -> ZoningError | None:
        """Why it cannot be read."""


def inspect_document(file: str, layers: Sequence[Inspected]) -> Json:
    """What is in a file; a layer that cannot be read says why."""
    return {
        "document": "inspect", "file": file,
        "layers": [
            {"name": layer.name, "features": layer.features, "crs": layer.crs,
             "encoding": layer.encoding, "columns": list(layer.columns),
             "roles": [{"role": guess.role, "columns": list(guess.columns),
                        "by_name": guess.by_name} for guess in layer.guesses],
             "problems": told(layer.problems),
             "refused": None if layer.refused is None else sentence(layer.refused)}
            for layer in layers
        ],
    }


def repair_document(
    role: str, edition: str, lines: Sequence[Repaired], *, before_dm2: int, after_dm2: int,
    applied: bool, undone: bool = False,
) -> Json:
    """What repairs change, or changed; after an undo the layer as it is again."""
    return {
        "document": "repair", "role": role, "edition": edition, "applied": applied,
        "undone": undone, "before": area(before_dm2), "after": area(after_dm2),
        "changes": [
            {"repair": line.repair, "feature_id": line.feature_id,
             "before": known_area(line.before_dm2), "after": area(line.after_dm2),
             "parts": line.parts}
            for line in lines
        ],
    }


def adjust_document(
    role: str, edition: str, rows: Sequence[AdjustedArea], *, control_dm2: int, sum_dm2: int,
    beyond_review: bool,
) -> Json:
    """Areas adjusted to a control total; the residual is control less sum."""
    return {
        "document": "adjust", "role": role, "edition": edition, "control": area(control_dm2),
        "sum": area(sum_dm2), "residual": area(control_dm2 - sum_dm2),
        "beyond_review": beyond_review,
        "features": [
            {"feature_id": row.feature_id, "group": row.group, "area": area(row.area_dm2),
             "correction": area(row.correction_dm2), "adjusted": area(row.adjusted_dm2)}
            for row in rows
        ],
    }


def editions_document(
    role: str, a: str, b: str, *, by_kind: Sequence[ClassChanged],
    by_class: Sequence[ClassChanged], flows: Sequence[ClassFlow], overlap_dm2: int,
    system: str, out: str | None = None,
) -> Json:
    """Two editions compared; an empty code is land that one of them has not."""
    return {
        "document": "editions", "role": role, "a": a, "b": b, "land_classes": system,
        "kinds": [_change(row) for row in by_kind],
        "classes": [_change(row) for row in by_class],
        "flows": [{"from": flow.before or None, "to": flow.after or None,
                   "area": area(flow.area_dm2)} for flow in flows],
        "overlap": area(overlap_dm2), "out": out,
    }


def _change(row: ClassChanged) -> dict[str, Any]:
    return {"code": row.code, "before": area(row.before_dm2), "after": area(row.after_dm2),
            "lost": area(row.lost_dm2), "gained": area(row.gained_dm2),
            "net": area(row.after_dm2 - row.before_dm2)}


__all__ = ["adjust_document", "editions_document", "inspect_document", "repair_document"]
