"""What a workbook was computed from, as a record and as its last sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from zoning.errors import Message
from zoning.measure.facts import LayerEdition
from zoning.report.tables.record import Cell, Table, build, column
from zoning.report.tables.words import named


@dataclass(frozen=True)
class Provenance:
    """Everything needed to compute the same workbook again.

    `made_on` is written into the file as its date; it is given, never taken from a clock, so that
    the same input gives the same bytes. `ledger_position` is the id of the last entry counted.
    """

    made_on: date
    command: str
    place: str = ""
    decision_date: date | None = None
    sources: tuple[LayerEdition, ...] = ()
    rules_sha256: str = ""
    ledger_position: int | None = None
    synthetic: bool = False

    def with_command(self, command: str) -> Provenance:
        """The same, made by another command."""
        return replace(self, command=command)


def provenance_table(provenance: Provenance) -> Table:
    """The provenance sheet: one row per fact, one per source layer with edition and SHA-256."""
    facts: list[tuple[str, Cell, Cell]] = [
        ("place", provenance.place or None, None),
        ("decision_date", _iso(provenance.decision_date), None),
        ("made_on", _iso(provenance.made_on), None),
        ("rules", None, provenance.rules_sha256 or None),
        ("ledger_position", _text(provenance.ledger_position), None),
        ("command", provenance.command, None),
    ]
    rows: list[dict[str, Cell]] = [
        {"item": Message(f"report.provenance.{key}"), "value": value, "sha256": digest}
        for key, value, digest in facts
    ]
    rows += [
        {"item": Message("report.provenance.source"), "value": named("role", source.role),
         "edition": source.edition, "sha256": source.sha256}
        for source in provenance.sources
    ]
    columns = (column("item"), column("value"), column("edition"), column("sha256"))
    synthetic = (Message("report.note.synthetic"),) if provenance.synthetic else ()
    return build("provenance", columns, rows,
                 notes=(*synthetic, Message("report.note.area_law")))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _text(position: int | None) -> str | None:
    return None if position is None else str(position)
