"""Balance sheets: the book and a scenario as tables, and the workbook of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from zoning.codes.reader import quota_kinds
from zoning.errors import UsageError
from zoning.messages import Language
from zoning.report.tables import (
    Provenance,
    Table,
    balance_table,
    holds_table,
    idle_land_table,
    journal_tables,
    linkage_balance_table,
    linkage_table,
    lots_table,
    offset_table,
    scenario_tables,
    stock_table,
)
from zoning.report.xlsx import write_workbook
from zoning.scenario.outcome import Outcome
from zoning.workspace.data import read_features
from zoning.workspace.decide import check, read_scenario
from zoning.workspace.desk import rule_book
from zoning.workspace.folder import Workspace
from zoning.workspace.quota import book, today


def write_sheet(
    workspace: Workspace, out: Path, *, scenario: Path | None = None, language: Language = "zh",
    made_on: date | None = None,
) -> None:
    """Write the quota balance sheets as a workbook; with a scenario, its verdicts too.

    The file is written beside and renamed. Raises UsageError for another extension than .xlsx.
    """
    if out.suffix.lower() != ".xlsx":
        raise UsageError("cli.out_kind", file=out.name, known=[".xlsx"])
    outcome = None
    if scenario is not None:
        outcome = check(workspace, read_scenario(scenario), folder=scenario.parent)
    draft = out.with_name(f".{out.name}.new")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_workbook(sheet_tables(workspace, outcome), draft, language=language,
                       provenance=provenance(workspace, outcome, scenario, out, made_on))
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def sheet_tables(workspace: Workspace, outcome: Outcome | None = None) -> tuple[Table, ...]:
    """The sheets of the balance workbook, in order."""
    kinds = quota_kinds()
    with book(workspace) as quota:
        pools, lots, holds, entries = quota.pools(), quota.lots(), quota.holds(), quota.journal()
    by_id = {each.lot.lot_id: each.lot for each in lots}
    stocked = [kind for kind in kinds.values() if any(p.account.kind == kind.code for p in pools)]
    return (
        balance_table(pools, kinds=kinds),
        *(stock_table([p for p in pools if p.account.kind == kind.code], kind=kind)
          for kind in stocked),
        *(scenario_tables(outcome, kinds=kinds, classes=workspace.classes) if outcome else ()),
        lots_table(lots, kinds=kinds),
        holds_table(holds, kinds=kinds),
        *journal_tables(entries, by_id, kinds=kinds),
        *_registers(workspace),
    )


def provenance(
    workspace: Workspace, outcome: Outcome | None, scenario: Path | None, out: Path,
    made_on: date | None = None,
) -> Provenance:
    """What a workbook of this workspace was computed from, and the command that makes it again."""
    extra = f" --scenario {scenario.name}" if scenario else ""
    with book(workspace) as quota:
        position = quota.position()
    return Provenance(
        made_on=made_on or today(),
        command=f"zoning sheet{extra} --out {out.name}",
        place=outcome.place if outcome else workspace.config.place,
        decision_date=outcome.decision_date if outcome else None,
        sources=outcome.editions if outcome else (),
        rules_sha256=outcome.rules_sha256 if outcome else rule_book(workspace).digest,
        ledger_position=position,
        synthetic=workspace.config.synthetic,
    )


def _registers(workspace: Workspace) -> tuple[Table, ...]:
    rows = {role: _attributes(workspace, role)
            for role in ("idle_land", "demolition", "new_site", "offset")
            if workspace.config.current(role)}
    tables: list[Table] = []
    if "idle_land" in rows:
        tables.append(idle_land_table(rows["idle_land"]))
    if "demolition" in rows or "new_site" in rows:
        sides = rows.get("demolition", []), rows.get("new_site", [])
        tables += [linkage_table(*sides), linkage_balance_table(*sides)]
    if "offset" in rows:
        tables.append(offset_table(rows["offset"]))
    return tuple(tables)


def _attributes(workspace: Workspace, role: str) -> Sequence[Mapping[str, object]]:
    features = read_features(workspace, role)
    plain = features.drop(columns=features.geometry.name).astype(object)
    return plain.where(plain.notna(), None).to_dict(orient="records")  # type: ignore[no-any-return]
