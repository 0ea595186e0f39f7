"""The year's end and the linkage project areas as tables: what there is against what there must."""

from __future__ import annotations

from collections.abc import Iterable

from zoning.errors import Message
from zoning.report.tables.record import Cell, Column, Table, build, column
from zoning.report.tables.scenario import missing_words
from zoning.scenario.linkage import LinkageBalance
from zoning.scenario.outcome import Quantity, Status
from zoning.scenario.yearly import PromiseLine, YearEnd


def year_ends_table(found: Iterable[YearEnd], promises: Iterable[PromiseLine]) -> Table:
    """The tests of each year's end, then the promises of offset on their days."""
    columns = (column("test_year"), column("test"), _quantity("test_taken"),
               _quantity("test_limit"), _quantity("margin"), column("status", "status"),
               column("missing"))
    rows: list[dict[str, Cell]] = [
        _test(str(end.year), Message(f"report.test.{test.id.replace('.', '_')}"), test.status,
              test.taken, test.limit, test.margin, test.unit, test.missing)
        for end in found for test in end.tests]
    rows += [
        _test(line.on.isoformat(), Message("report.test.promise", {"id": line.promise_id}),
              line.test.status, line.test.taken, line.test.limit, line.test.margin, line.test.unit,
              line.test.missing) for line in promises]
    return build("year_ends", columns, rows, notes=(Message("report.note.year_ends"),))


def linkage_areas_table(areas: Iterable[LinkageBalance]) -> Table:
    """Each linkage project area: return clock, and every test with what is to spare."""
    columns = (column("linkage_area"), column("return_due", "date"), column("test"),
               _quantity("test_have"), _quantity("test_need"), _quantity("margin"),
               column("status", "status"), column("missing"))
    rows = (
        {"linkage_area": area.area_id, "return_due": area.return_by,
         "test": Message(f"report.test.{test.id.replace('.', '_')}"),
         "test_have": _told(test.have, test.unit), "test_need": _told(test.need, test.unit),
         "margin": _told(test.margin, test.unit), "status": test.status,
         "missing": missing_words(test.missing)}
        for area in areas for test in area.tests)
    return build("linkage_areas", columns, rows, notes=(Message("report.note.linkage_areas"),))


def _test(
    year: str, name: Message, status: Status, taken: int | None, limit: int | None,
    margin: int | None, unit: str, missing: tuple[str, ...],
) -> dict[str, Cell]:
    return {"test_year": year, "test": name, "test_taken": _told(taken, unit),
            "test_limit": _told(limit, unit), "margin": _told(margin, unit), "status": status,
            "missing": missing_words(missing)}


def _quantity(key: str) -> Column:
    return column(key, "quantity")


def _told(value: int | None, unit: str) -> Cell:
    return "" if value is None else Quantity(value, unit)


__all__ = ["linkage_areas_table", "year_ends_table"]
