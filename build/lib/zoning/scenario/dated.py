"""One scenario under the rules of two days: which findings differ, and by which clause.

Only the law changes: the sites are the same measured sites, and the pools hold what they hold on
the scenario's own day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from zoning.ledger.model import LotBalance
from zoning.scenario.outcome import Finding, Outcome, ProjectOutcome, Status


@dataclass(frozen=True)
class FindingChange:
    """A finding of one project that the two days answer differently; None where it is not made."""

    project_id: str
    finding_id: str
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True)
class DatedDifference:
    """What changes between two days, and the verdicts on both."""

    first: date
    second: date
    verdicts: tuple[tuple[str, Status, Status], ...]
    changes: tuple[FindingChange, ...]


def undying(lots: Sequence[LotBalance], on: date) -> tuple[LotBalance, ...]:
    """The lots alive on a day as lots that never expire, so that two days see the same pools."""
    alive = (each for each in lots if each.lot.expires is None or on <= each.lot.expires)
    return tuple(replace(each, lot=replace(each.lot, expires=None)) for each in alive)


def dated_difference(first: Outcome, second: Outcome) -> DatedDifference:
    """Compare two outcomes of the same projects, in the order of the first.

    A finding differs where its status, amounts, sentence or clause does. The period of validity of
    a clause alone is no difference: a law re-enacted with another article is.
    """
    later = {each.project_id: each for each in second.projects}
    pairs = [(each, later[each.project_id]) for each in first.projects]
    return DatedDifference(
        first.decision_date, second.decision_date,
        tuple((one.project_id, one.verdict, two.verdict) for one, two in pairs),
        tuple(change for one, two in pairs for change in _changes(one, two)),
    )


def _changes(one: ProjectOutcome, two: ProjectOutcome) -> list[FindingChange]:
    before, after = ({each.id: each for each in answer.findings} for answer in (one, two))
    names = dict.fromkeys([*before, *after])
    return [FindingChange(one.project_id, name, before.get(name), after.get(name))
            for name in names if _told(before.get(name)) != _told(after.get(name))]


def _told(finding: Finding | None) -> object:
    if finding is None:
        return None
    clauses = tuple((each.rule_id, each.place, each.source) for each in finding.citations)
    missing = tuple(token.rpartition("@")[0] or token for token in finding.missing)
    return finding.status, finding.measured, finding.limit, finding.share_1e4, clauses, missing


__all__ = ["DatedDifference", "FindingChange", "dated_difference", "undying"]
