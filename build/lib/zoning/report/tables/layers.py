"""What a workspace holds, and what is wrong with it, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from zoning.errors import Message, Problem
from zoning.report.tables.areas import HA_AND_MU
from zoning.report.tables.record import Table, build, column
from zoning.report.tables.words import named


class StoredLayer(Protocol):
    """One edition of one layer of a workspace: its source and its size.

    `area_dm2` is the sum of its features' statutory areas; `quarantined_dm2` is None where the
    features set aside cannot be measured.
    """

    @property
    def role(self) -> str:
        """What the layer is."""

    @property
    def edition(self) -> str:
        """Its year or name."""

    @property
    def source(self) -> str:
        """The file it came from, without its path."""

    @property
    def source_layer(self) -> str | None:
        """The layer inside that file."""

    @property
    def sha256(self) -> str:
        """The digest of the file."""

    @property
    def crs(self) -> str:
        """Its coordinate system."""

    @property
    def encoding(self) -> str | None:
        """The encoding its attributes were read in; None where the format fixes it."""

    @property
    def features(self) -> int:
        """How many features are stored."""

    @property
    def area_dm2(self) -> int:
        """The sum of their areas."""

    @property
    def quarantined(self) -> int:
        """How many features were set aside."""

    @property
    def quarantined_dm2(self) -> int | None:
        """The area of those."""

    @property
    def dropped(self) -> tuple[str, ...]:
        """Personal columns that were left out."""

    @property
    def imported(self) -> date:
        """The day of the import."""


class WorkspaceFacts(Protocol):
    """What a workspace says about itself."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def place(self) -> str:
        """The path of its place, nation first."""

    @property
    def crs(self) -> str | None:
        """Its coordinate system; None before the first import."""

    @property
    def land_classes(self) -> str:
        """The land-class system of its parcels."""

    @property
    def synthetic(self) -> bool:
        """Whether its data are made up."""

    @property
    def layer(self) -> Sequence[StoredLayer]:
        """Its layers, in the order of import."""


def layers_table(workspace: WorkspaceFacts) -> Table:
    """The layers of a workspace: role, edition, source, features, area."""
    columns = (
        column("role", title=Message("report.column.layer")), column("edition"), column("source"),
        column("crs"), column("count", "int"),
        column("area", "area", also=HA_AND_MU), column("quarantined", "int"), column("dropped"),
        column("imported", "date"),
    )
    rows = (
        {"role": named("role", layer.role), "edition": layer.edition, "source": layer.source,
         "crs": layer.crs, "count": layer.features, "area": layer.area_dm2,
         "quarantined": layer.quarantined, "dropped": layer.dropped, "imported": layer.imported}
        for layer in workspace.layer
    )
    synthetic = (Message("report.note.synthetic"),) if workspace.synthetic else ()
    return build("layers", columns, rows, notes=(*synthetic, Message("report.note.statutory")))


def problems_table(found: Mapping[str, Sequence[Problem]]) -> Table:
    """The problems of each role with the land at risk; unknown where it cannot be measured."""
    columns = (
        column("role", title=Message("report.column.layer")), column("code"), column("severity"),
        column("occurrences", "int"),
        column("at_risk", "area", also=("ha",)), column("problem"), column("where"),
    )
    rows = (
        {"role": named("role", role), "code": problem.code,
         "severity": named("severity", problem.severity.value), "occurrences": problem.count,
         "at_risk": problem.area_dm2, "problem": problem.message, "where": problem.where}
        for role, problems in found.items() for problem in problems
    )
    return build("problems", columns, rows, notes=(Message("report.note.at_risk"),))
