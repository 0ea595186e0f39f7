"""Balance sheets: the book and a scenario as tables, and the workbook of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from zoning.codes.reader import QuotaKind
from zoning.errors import LedgerError, UsageError
from zoning.ledger.amounts import parse_amounts
from zoning.measure.facts import LayerEdition
from zoning.messages import Language
from zoning.report.files import table_csv, table_document
from zoning.report.tables import (
    Provenance,
    Table,
    balance_table,
    credit_table,
    deadlines_table,
    details_table,
    holds_table,
    idle_clocks_table,
    idle_land_table,
    journal_tables,
    linkage_balance_table,
    linkage_table,
    loans_table,
    lots_table,
    money_table,
    offset_table,
    reconcile_table,
    scenario_tables,
    statement_table,
    stock_table,
    usage_table,
)
from zoning.report.xlsx import write_workbook
from zoning.scenario.outcome import Outcome
from zoning.workspace.data import read_features
from zoning.workspace.decide import check, read_scenario
from zoning.workspace.duties import due_in, idle_clocks, linkage_loans, reconcile_book
from zoning.workspace.folder import Workspace
from zoning.workspace.quota import book, today
from zoning.workspace.rules import rule_book

WORKBOOK = "quota-ledger.xlsx"
EXPORTS = ("csv", "json", "xlsx")
LOOK_AHEAD_DAYS = 60
"""How far the sheet of deadlines looks ahead."""


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
    kinds, on = workspace.kinds, today()
    with book(workspace) as quota:
        pools, lots, holds, entries = quota.pools(), quota.lots(), quota.holds(), quota.journal()
        lent = linkage_loans(workspace, quota).loans
        due = due_in(workspace, quota, on=on, within_days=LOOK_AHEAD_DAYS)
        against_land = reconcile_book(workspace, quota)
    by_id = {each.lot.lot_id: each.lot for each in lots}
    stocked = [kind for kind in kinds.values() if any(p.account.kind == kind.code for p in pools)]
    drawn = [kind for kind in stocked if any(each.hold.kind == kind.code for each in holds)]
    return (
        balance_table(pools, kinds=kinds),
        *(stock_table([p for p in pools if p.account.kind == kind.code], kind=kind)
          for kind in stocked),
        *(scenario_tables(outcome, kinds=kinds, classes=workspace.classes) if outcome else ()),
        *((money_table(outcome),) if outcome else ()),
        lots_table(lots, kinds=kinds),
        holds_table(holds, kinds=kinds),
        *(usage_table(entries, by_id, holds, kind=kind) for kind in drawn),
        *(statement_table(entries, by_id, kind=kind) for kind in stocked),
        *(table for kind in stocked
          if (table := credit_table(entries, by_id, kind=kind, events=workspace.events,
                                    limit=credit_of(workspace, kind))).rows),
        *(details_table(entries, by_id, kind=kind) for kind in stocked),
        *journal_tables(entries, by_id, kinds=kinds),
        *([loans_table(lent, kind=kinds["linkage"], on=on)] if lent else ()),
        deadlines_table(due, on=on, kinds=kinds),
        *([reconcile_table(against_land, kinds=kinds)] if against_land.claims else ()),
        *_registers(workspace),
    )


def credit_of(workspace: Workspace, kind: QuotaKind) -> dict[str, int] | None:
    """What may be borrowed of a kind; None where ``zoning.toml`` does not state it.

    Raises LedgerError for a kind or component there is not, UsageError for an amount that is none.
    """
    for each in workspace.config.credit:
        if each.kind not in workspace.kinds:
            raise LedgerError("ledger.unknown_kind", kind=each.kind, allowed=list(workspace.kinds))
    stated = [each for each in workspace.config.credit if each.kind == kind.code]
    return parse_amounts((f"{each.component}={each.amount}" for each in stated), kind) or None


def export_sheets(
    workspace: Workspace, out: Path, kind: str, *, language: Language = "zh"
) -> tuple[Path, ...]:
    """Write every sheet of the book into a folder: one workbook, or a file for each sheet.

    `kind` is ``csv``, ``json`` or ``xlsx``. Returns the files written, in order. Raises UsageError
    for another kind.
    """
    if kind not in EXPORTS:
        raise UsageError("cli.export_kind", found=kind, known=list(EXPORTS))
    out.mkdir(parents=True, exist_ok=True)
    if kind == "xlsx":
        write_sheet(workspace, out / WORKBOOK, language=language)
        return (out / WORKBOOK,)
    files = []
    for number, table in enumerate(sheet_tables(workspace), start=1):
        file = out / f"{number:02d}-{table.id}.{kind}"
        if kind == "csv":
            file.write_text(table_csv(table, language), encoding="utf-8-sig", newline="")
        else:
            told = json.dumps(table_document(table), ensure_ascii=False, indent=1)
            file.write_text(told + "\n", encoding="utf-8")
        files.append(file)
    return tuple(files)


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
        sources=_sources(workspace, outcome),
        rules_sha256=outcome.rules_sha256 if outcome else rule_book(workspace).digest,
        ledger_position=position,
        synthetic=workspace.config.synthetic,
    )


def _sources(workspace: Workspace, outcome: Outcome | None) -> tuple[LayerEdition, ...]:
    """Every layer the workbook shows, and the files that sites were taken from."""
    shown = [LayerEdition(each.role, each.edition, each.sha256)
             for role in workspace.config.roles()
             if (each := workspace.config.current(role)) is not None]
    return tuple(dict.fromkeys((*(outcome.editions if outcome else ()), *shown)))


def _registers(workspace: Workspace) -> tuple[Table, ...]:
    rows = {role: layer_rows(workspace, role)
            for role in ("idle_land", "demolition", "new_site", "offset")
            if workspace.config.current(role)}
    tables: list[Table] = []
    if "idle_land" in rows:
        tables += [idle_land_table(rows["idle_land"]), idle_clocks_table(idle_clocks(workspace))]
    if "demolition" in rows or "new_site" in rows:
        sides = rows.get("demolition", []), rows.get("new_site", [])
        tables += [linkage_table(*sides), linkage_balance_table(*sides)]
    if "offset" in rows:
        tables.append(offset_table(rows["offset"]))
    return tuple(tables)


def layer_rows(workspace: Workspace, role: str) -> Sequence[Mapping[str, object]]:
    """The attributes of a stored layer, a mapping for each feature; absent values are None."""
    features = read_features(workspace, role)
    plain = features.drop(columns=features.geometry.name).astype(object)
    return plain.where(plain.notna(), None).to_dict(orient="records")  # type: ignore[no-any-return]
