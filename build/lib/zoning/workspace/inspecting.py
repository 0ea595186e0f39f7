"""What is in a file, before anything is imported: layers, columns, and what each may be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zoning.errors import Problem, ZoningError
from zoning.layers.model import GEOMETRY, Reading
from zoning.layers.read import list_layers, read_layer
from zoning.layers.recognise import RoleGuess, guess_roles
from zoning.workspace.data import crs_text


@dataclass(frozen=True)
class InspectedLayer:
    """One layer of a file; `refused` is why it cannot be read, else None."""

    name: str
    features: int
    crs: str | None
    encoding: str | None
    columns: tuple[str, ...]
    guesses: tuple[RoleGuess, ...]
    problems: tuple[Problem, ...] = ()
    refused: ZoningError | None = None


def inspect_file(
    file: Path, *, crs: str | None = None, encoding: str | None = None
) -> tuple[InspectedLayer, ...]:
    """Every layer of a file. Raises LayerError where the file itself cannot be read."""
    return tuple(_inspected(file, name, crs, encoding) for name in list_layers(file))


def _inspected(file: Path, name: str, crs: str | None, encoding: str | None) -> InspectedLayer:
    try:
        reading = read_layer(file, layer=name, crs=crs, encoding=encoding)
    except ZoningError as error:
        return InspectedLayer(name, 0, None, None, (), (), refused=error)
    columns = tuple(str(column) for column in reading.features.columns if column != GEOMETRY)
    return InspectedLayer(name, len(reading.features), _crs(reading), reading.encoding, columns,
                          guess_roles(columns, name), reading.problems)


def _crs(reading: Reading) -> str:
    return crs_text(reading.crs)


__all__ = ["InspectedLayer", "inspect_file"]
