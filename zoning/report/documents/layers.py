"""Documents about layers and files: import, layers, health, area, overlay, files, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from zoning.errors import Problem, ZoningError
from zoning.report.documents.values import Json, area, day, known_area, sentence
from zoning.report.documents.values import problems as told
from zoning.report.tables.areas import AreaRow, LandLeft, SharedLand
from zoning.report.tables.layers import StoredLayer, WorkspaceFacts
from zoning.units import hectares, mu


class Overlay(Protocol):
    """Pairs of features that share land, and what is left of each feature of the first layer."""

    @property
    def pairs(self) -> Sequence[SharedLand]:
        """Every pair that shares land."""

    @property
    def features(self) -> Sequence[LandLeft]:
        """Every feature of the first layer."""


def layers_document(workspace: WorkspaceFacts) -> Json:
    """What a workspace is and which layers it has."""
    return {
        "document": "layers", "name": workspace.name, "place": workspace.place,
        "crs": workspace.crs, "land_classes": workspace.land_classes,
        "synthetic": workspace.synthetic,
        "layers": [_layer(layer) for layer in workspace.layer],
    }


Named = Sequence[tuple[str, str]]
"""Features that could not be measured: the id of each, and the code of its fault."""


def import_document(
    layer: StoredLayer, found: Sequence[Problem] = (), left_out: Named = ()
) -> Json:
    """What an import stored and set aside, and the problems it met."""
    return {"document": "import", "layer": _layer(layer), "problems": told(found),
            "left_out": _named(left_out)}


def health_document(by_role: Mapping[str, Sequence[Problem]]) -> Json:
    """The problems of each role. Areas are not summed: one feature can have several faults."""
    return {
        "document": "health",
        "roles": [{"role": role, "problems": told(found)} for role, found in by_role.items()],
    }


def area_document(
    rows: Sequence[AreaRow], *, source: str, sha256: str, crs: str, encoding: str | None = None,
    problems: Sequence[Problem] = (), left_out: Named = (),
) -> Json:
    """The statutory area of each feature beside the declared and the plane one, and their sums.

    `source` is the file's name. A sum is null where one of its values is unknown.
    """
    return {
        "document": "area", "source": source, "sha256": sha256, "crs": crs, "encoding": encoding,
        "features": [
            {"feature_id": row.feature_id, "name": row.name, **_compared(row)} for row in rows
        ],
        "total": _compared(AreaRow(
            "", sum(row.area_dm2 for row in rows), _sum([row.declared_dm2 for row in rows]), "",
            _sum([row.plane_dm2 for row in rows]),
        )),
        "problems": told(problems), "left_out": _named(left_out),
    }


def overlay_document(
    table: Overlay, *, a: str, b: str,
    problems: tuple[Sequence[Problem], Sequence[Problem]] = ((), ()),
    left_out: tuple[Named, Named] = ((), ()),
) -> Json:
    """The land each pair of features shares, and what of each feature of `a` lies in `b`.

    `a` and `b` are the roles or file names compared; `problems` and `left_out` are those of each.
    """
    return {
        "document": "overlay", "a": a, "b": b,
        "pairs": [
            {"a_id": pair.a_id, "b_id": pair.b_id, "area": area(pair.area_dm2)}
            for pair in table.pairs
        ],
        "features": [
            {"a_id": row.a_id, "area": area(row.area_dm2), "inside": area(row.inside_dm2),
             "outside": area(row.outside_dm2), "overlap": area(row.overlap_dm2)}
            for row in table.features
        ],
        "total": {
            "area": area(sum(row.area_dm2 for row in table.features)),
            "inside": area(sum(row.inside_dm2 for row in table.features)),
            "outside": area(sum(row.outside_dm2 for row in table.features)),
            "shared": area(sum(pair.area_dm2 for pair in table.pairs)),
        },
        "problems": {name: told(found) for name, found in zip("ab", problems, strict=True)},
        "left_out": {name: _named(found) for name, found in zip("ab", left_out, strict=True)},
    }


def written_document(command: str, *, path: str, sha256: str, size: int) -> Json:
    """A file or folder that a command wrote: ``sheet``, ``report``, ``init``; `size` in bytes."""
    return {"document": "written", "command": command, "path": path, "sha256": sha256,
            "bytes": size}


def files_document(command: str, files: Sequence[tuple[str, int, str]]) -> Json:
    """The files that a command wrote: path, size in bytes, SHA-256."""
    return {"document": "files", "command": command,
            "files": [{"path": path, "bytes": size, "sha256": sha256}
                      for path, size, sha256 in files]}


def error_document(error: ZoningError) -> Json:
    """A refused request, as the sentence that would stand on the terminal."""
    return {
        "document": "error", "type": type(error).__name__, "key": error.message.key,
        "text": sentence(error), "exit_code": error.exit_code,
    }


def _named(features: Named) -> list[Json]:
    return [{"feature_id": name, "code": code} for name, code in features]


def _layer(layer: StoredLayer) -> Json:
    return {
        "role": layer.role, "edition": layer.edition, "source": layer.source,
        "source_layer": layer.source_layer, "sha256": layer.sha256, "crs": layer.crs,
        "encoding": layer.encoding, "features": layer.features, "area": area(layer.area_dm2),
        "quarantined": {"features": layer.quarantined, "area": known_area(layer.quarantined_dm2)},
        "dropped": list(layer.dropped), "imported": day(layer.imported),
    }


def _compared(row: AreaRow) -> Json:
    declared = row.declared_dm2
    return {
        "area": area(row.area_dm2), "ha": format(hectares(row.area_dm2), "f"),
        "mu": format(mu(row.area_dm2), "f"), "declared": known_area(declared),
        "difference": None if declared is None else area(row.area_dm2 - declared),
        "plane": known_area(row.plane_dm2),
    }


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
