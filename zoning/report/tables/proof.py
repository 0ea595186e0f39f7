"""What a scenario's answer proves of itself: the proof card, and quota before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zoning.codes.reader import QuotaKind
from zoning.errors import Message
from zoning.report.tables.record import Cell, Derived, Table, build, column
from zoning.report.tables.words import component_name, named, pool_name, quota_name
from zoning.scenario.outcome import NeedLine, Outcome, ProjectOutcome, Quantity, Status
from zoning.units import m2

Kinds = Mapping[str, QuotaKind]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class ProofLine:
    """A claim, what was found, and whether it holds."""

    claim: Message
    found: Message
    status: Status


def before_after_table(outcome: Outcome, *, kinds: Kinds) -> Table:
    """Each pool and component: free before the first project, drawn by all, free after.

    What is drawn is what the projects would draw in their turns; nothing is posted by this.
    """
    columns = (
        column("kind"), column("component"), column("pool"), column("unit"),
        column("before", "amount", title=Message("papers.column.before"), also=("ha",)),
        column("drawn", "amount"),
        column("after", "amount", title=Message("papers.column.after"), also=("ha",),
               derived=Derived(("before",), ("drawn",))),
    )
    rows = [_pool_row(key, *found, kinds) for key, found in _pools(outcome).items()]
    return build("before_after", columns, rows, title=Message("papers.title.before_after"),
                 notes=(Message("papers.note.before_after"),))


def proof_card(outcome: Outcome) -> tuple[ProofLine, ...]:
    """What anybody can check again: areas conserved, quota never overdrawn, the basis named."""
    return (*_areas(outcome), *_drawn(outcome), *_basis(outcome))


def _areas(outcome: Outcome) -> Iterator[ProofLine]:
    for project in outcome.projects:
        facts = project.facts
        parts = sum(part.area_dm2 for part in facts.parts)
        whole = parts + facts.uncovered_dm2 - facts.overlap_dm2
        yield _line(
            Message("papers.proof.area", {"project": project.project_id}),
            Message("papers.proof.area_found", {
                "parts": f"{m2(parts):,}", "uncovered": f"{m2(facts.uncovered_dm2):,}",
                "overlap": f"{m2(facts.overlap_dm2):,}", "area": f"{m2(facts.area_dm2):,}"}),
            whole == facts.area_dm2)


def _drawn(outcome: Outcome) -> Iterator[ProofLine]:
    """No pool is drawn below zero, no need draws more than it needs, no verdict is too good."""
    pools = _pools(outcome)
    over = [key for key, (before, drawn, _) in pools.items() if drawn > before]
    yield _line(Message("papers.proof.overdrawn"),
                Message("papers.proof.overdrawn_found", {"pools": len(pools), "over": len(over)}),
                not over)
    unequal = [each for each in outcome.projects if any(not _adds_up(need) for need in each.needs)]
    yield _line(Message("papers.proof.needs"),
                Message("papers.proof.needs_found", {
                    "needs": sum(len(each.needs) for each in outcome.projects),
                    "unequal": len(unequal)}),
                not unequal)
    wrong = [each for each in outcome.projects if not _is_worst(each)]
    yield _line(Message("papers.proof.verdicts"),
                Message("papers.proof.verdicts_found", {"projects": len(outcome.projects),
                                                        "wrong": len(wrong)}),
                not wrong)


def _basis(outcome: Outcome) -> Iterator[ProofLine]:
    yield ProofLine(Message("papers.proof.basis"),
                    Message("papers.proof.basis_found", {
                        "rules": outcome.rules_sha256, "position": outcome.ledger_position,
                        "layers": len(outcome.editions)}), Status.INFO)


def _adds_up(need: NeedLine) -> bool:
    """A need states its shortfall right, and draws no more than it needs."""
    if need.needed is None:
        return need.status is not Status.PASS
    drawn = sum(line.drawn for line in need.pools)
    return need.shortfall == max(0, need.needed - need.available) and drawn <= need.needed


def _is_worst(project: ProjectOutcome) -> bool:
    """A project passes only where no finding fails or is open."""
    found = {each.status for each in project.findings}
    if project.verdict is Status.PASS:
        return not found & {Status.FAIL, Status.UNDECIDED}
    return project.verdict in found


def _pools(outcome: Outcome) -> dict[Key, tuple[int, int, str]]:
    """Kind, component and pool → free before the first turn, drawn by all, unit."""
    found: dict[Key, tuple[int, int, str]] = {}
    for project in outcome.projects:
        for need in project.needs:
            for line in need.pools:
                key = need.kind, need.component, line.pool
                before, drawn, unit = found.get(key, (line.available, 0, need.unit))
                found[key] = max(before, line.available), drawn + line.drawn, unit
    return found


def _pool_row(key: Key, before: int, drawn: int, unit: str, kinds: Kinds) -> dict[str, Cell]:
    kind, component, pool = key
    return {"kind": quota_name(kinds, kind), "component": component_name(kinds, kind, component),
            "pool": pool_name(kinds, kind, pool), "unit": named("unit", unit),
            "before": Quantity(before, unit), "drawn": Quantity(drawn, unit)}


def _line(claim: Message, found: Message, holds: bool) -> ProofLine:
    return ProofLine(claim, found, Status.PASS if holds else Status.FAIL)


__all__ = ["ProofLine", "before_after_table", "proof_card"]
