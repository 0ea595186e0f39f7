"""Documents about layers and files: import, layers, health, area, overlay, files, errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from zoning.errors import Problem, ZoningError
from zoning.report.documents.values import Json, area, known_area, problems, sentence
from zoning.report.tables.areas import AreaRow, LandLeft, SharedLand
from zoning.units import hectares, mu


class SourceFile(Protocol):
    """A layer as it was handed over: the file's name, the layer inside it, the digest."""

    @property
    def name(self) -> str:
        """The file or folder name, without its path."""

    @property
    def layer(self) -> str:
        """The layer inside it."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""


@dataclass(frozen=True)
class LayerSummary:
    """A layer of a workspace in numbers.

    `crs` is the name of its reference system, `area_dm2` the sum of its features' statutory areas.
    """

    role: str
    edition: str
    source: SourceFile
    crs: str
    features: int
    area_dm2: int
    encoding: str | None = None
    dropped: tuple[str, ...] = ()


def layers_document(layers: Iterable[LayerSummary]) -> Json:
    """What is in a workspace."""
    return {"document": "layers", "layers": [_summary(layer) for layer in layers]}


def import_document(
    layer: LayerSummary,
    *,
    mapping: Mapping[str, str],
    quarantined: int,
    quarantined_dm2: int | None,
    found: Sequence[Problem] = (),
) -> Json:
    """What an import stored, what it set aside, how columns were mapped (source to target)."""
    return {
        "document": "import", "layer": _summary(layer),
        "mapping": [{"source": source, "target": target} for source, target in mapping.items()],
        "quarantined": {"features": quarantined, "area": known_area(quarantined_dm2)},
        "problems": problems(found),
    }


def health_document(by_role: Mapping[str, Sequence[Problem]]) -> Json:
    """The problems of each role. Areas are not summed: one feature can have several faults."""
    return {
        "document": "health",
        "roles": [{"role": role, "problems": problems(found)} for role, found in by_role.items()],
    }


def area_document(
    rows: Sequence[AreaRow], *, source: SourceFile, crs: str, found: Sequence[Problem] = ()
) -> Json:
    """The statutory area of each feature beside the declared one, and their sums.

    A sum of declared areas is null where a feature declares none.
    """
    declared = [row.declared_dm2 for row in rows if row.declared_dm2 is not None]
    declared_dm2 = sum(declared) if len(declared) == len(rows) else None
    return {
        "document": "area", "source": _source(source), "crs": crs,
        "features": [
            {"feature_id": row.feature_id, "name": row.name,
             **_compared(row.area_dm2, row.declared_dm2)}
            for row in rows
        ],
        "total": _compared(sum(row.area_dm2 for row in rows), declared_dm2),
        "problems": problems(found),
    }


def overlay_document(
    pairs: Sequence[SharedLand], features: Sequence[LandLeft], *, a: str, b: str
) -> Json:
    """The land each pair of features shares, and what of each feature of `a` lies in `b`.

    `a` and `b` are the roles or file names compared.
    """
    return {
        "document": "overlay", "a": a, "b": b,
        "pairs": [
            {"a_id": pair.a_id, "b_id": pair.b_id, "area": area(pair.area_dm2)} for pair in pairs
        ],
        "features": [
            {"a_id": row.a_id, "area": area(row.area_dm2), "inside": area(row.inside_dm2),
             "outside": area(row.outside_dm2), "overlap": area(row.overlap_dm2)}
            for row in features
        ],
        "total": {
            "area": area(sum(row.area_dm2 for row in features)),
            "inside": area(sum(row.inside_dm2 for row in features)),
            "outside": area(sum(row.outside_dm2 for row in features)),
            "shared": area(sum(pair.area_dm2 for pair in pairs)),
        },
    }


def written_document(command: str, *, path: str, sha256: str, size: int) -> Json:
    """A file or folder that a command wrote: ``sheet``, ``report``, ``init``; `size` in bytes."""
    return {"document": "written", "command": command, "path": path, "sha256": sha256,
            "bytes": size}


def error_document(error: ZoningError) -> Json:
    """A refused request, as the sentence that would stand on the terminal."""
    return {
        "document": "error", "type": type(error).__name__, "key": error.message.key,
        "text": sentence(error), "exit_code": error.exit_code,
    }


def _source(source: SourceFile) -> Json:
    return {"name": source.name, "layer": source.layer, "sha256": source.sha256}


def _summary(layer: LayerSummary) -> Json:
    return {
        "role": layer.role, "edition": layer.edition, "source": _source(layer.source),
        "crs": layer.crs, "encoding": layer.encoding, "features": layer.features,
        "area": area(layer.area_dm2), "dropped": list(layer.dropped),
    }


def _compared(area_dm2: int, declared_dm2: int | None) -> Json:
    difference = None if declared_dm2 is None else area_dm2 - declared_dm2
    return {
        "area": area(area_dm2), "ha": format(hectares(area_dm2), "f"),
        "mu": format(mu(area_dm2), "f"), "declared": known_area(declared_dm2),
        "difference": known_area(difference),
    }
