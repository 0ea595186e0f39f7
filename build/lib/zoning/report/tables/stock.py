"""Stock land on a day: where each plot stands, and what disposing of it earns and frees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zoning.errors import Message
from zoning.report.tables.areas import HA_AND_MU
from zoning.report.tables.record import Table, build, column
from zoning.report.tables.words import named
from zoning.scenario.idle import Disposal, IdleClock
from zoning.scenario.renewal import Earned
from zoning.scenario.words import say_missing


@dataclass(frozen=True)
class StockRow:
    """One plot of stock land; `clock` is None for land that was never supplied."""

    plot_id: str
    stock_kind: str | None
    area_dm2: int
    clock: IdleClock | None
    earned: Earned | None
    disposal: Disposal | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The tokens that its clock, its disposal and its earnings wait for."""
        found = [*(self.clock.missing if self.clock else ()),
                 *(self.disposal.missing if self.disposal else ()),
                 *(self.earned.missing if self.earned else ())]
        return tuple(dict.fromkeys(found))


def stock_land_table(rows: Iterable[StockRow]) -> Table:
    """One row per plot, by kind: state, the days that matter, plan quota earned."""
    columns = (
        column("feature"), column("stock_kind"), column("area", "area", also=HA_AND_MU),
        column("idle_state"), column("base_date", "date"), column("idle_on", "date"),
        column("recover_on", "date"), column("ways"), column("fee_yuan", "int"),
        column("earns", "area"), column("missing"),
    )
    cells = (
        {"feature": row.plot_id, "stock_kind": named("stock_kind", row.stock_kind),
         "area": row.area_dm2,
         "idle_state": Message(f"report.idle.{row.clock.state.value}") if row.clock else None,
         "base_date": row.clock.base if row.clock else None,
         "idle_on": row.clock.idle_on if row.clock else None,
         "recover_on": row.clock.recover_on if row.clock else None,
         "ways": ways_words(row.disposal),
         "fee_yuan": row.disposal.fee_yuan if row.disposal else None,
         "earns": row.earned.plan_dm2 if row.earned else None,
         "missing": tuple(say_missing(token) for token in row.missing)}
        for row in rows
    )
    return build("stock_land", columns, cells, totals=("area", "earns"), total_by=("stock_kind",),
                 notes=(Message("report.note.unknown_total"), Message("report.note.idle")))


def ways_words(disposal: Disposal | None) -> tuple[Message, ...]:
    """The lawful ways of disposal in words; none where none is open yet."""
    return tuple(Message(f"report.way.{way}") for way in (disposal.ways if disposal else ()))


__all__ = ["StockRow", "stock_land_table", "ways_words"]
