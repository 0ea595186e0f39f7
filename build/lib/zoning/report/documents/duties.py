"""Documents about duties: deadlines, linkage returns, book against land, official event types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from zoning.codes.events import LedgerEvent
from zoning.codes.reader import QuotaKind
from zoning.ledger.deadlines import Deadline
from zoning.ledger.linkage import Loan, Loans
from zoning.ledger.model import Vector
from zoning.ledger.reconcile import Claim, Difference, Reconciliation
from zoning.report.documents.values import Json, amount, day, known_area
from zoning.report.tables.words import component_unit

Kinds = Mapping[str, QuotaKind]


def deadlines_document(
    due: Iterable[Deadline], *, on: date, within_days: int, kinds: Kinds, position: int
) -> Json:
    """What falls due within some days of a day; `day` is null where it cannot be told."""
    return {
        "document": "deadlines", "ledger_position": position, "on": day(on),
        "within_days": within_days,
        "deadlines": [
            {"matter": each.matter.value, "day": day(each.day), "days_left": each.days_left(on),
             "subject": each.subject, "about": each.about, "kind": each.kind or None,
             "components": _vector(each.kind, each.amounts, kinds),
             "area": known_area(each.area_dm2)}
            for each in due
        ],
    }


def linkage_document(found: Loans, *, on: date, kinds: Kinds, position: int) -> Json:
    """Linkage turnover quota: what was lent, used, returned, and is due when."""
    return {
        "document": "linkage", "ledger_position": position, "on": day(on),
        "lots": [_loan(loan, on, kinds) for loan in found.loans],
        "surplus": [{"lot_id": lot_id, "components": _vector("linkage_return", vector, kinds)}
                    for lot_id, vector in found.surplus.items()],
    }


def reconcile_document(found: Reconciliation, *, kinds: Kinds, position: int) -> Json:
    """What was compared with the land, and every difference."""
    return {
        "document": "reconcile", "ledger_position": position, "compared": len(found.claims),
        "agreeing": found.agreeing,
        "differences": [_difference(each, kinds) for each in found.differences],
    }


def events_document(events: Mapping[str, LedgerEvent]) -> Json:
    """The official names of ledger events and the entry each one makes."""
    return {
        "document": "events",
        "events": [
            {"name": each.name, "en": each.en, "event": each.event, "kinds": list(each.kinds),
             "basis": each.basis, "deducts": each.deducts, "lent": each.lent,
             "reading": each.reading}
            for each in events.values()
        ],
    }


def _vector(kind: str, vector: Vector, kinds: Kinds) -> list[Json]:
    return [{"component": code, "amount": amount(value, component_unit(kinds, kind, code))}
            for code, value in vector.items()]


def _loan(loan: Loan, on: date, kinds: Kinds) -> Json:
    vectors = {"issued": loan.issued, "held": loan.held, "used": loan.used,
               "returned": loan.returned, "outstanding": loan.outstanding,
               "drawable": loan.drawable(on)}
    kind = loan.lot.account.kind
    return {
        "lot_id": loan.lot.lot_id, "place": loan.lot.account.place, "pool": loan.lot.account.pool,
        "vintage": loan.lot.vintage, "document": loan.lot.document,
        "issued_on": day(loan.issued_on), "return_due": day(loan.due),
        "returns": list(loan.returns),
        "components": [
            {"component": component.code,
             **{state: amount(vector.get(component.code, 0), component.unit)
                for state, vector in vectors.items()}}
            for component in kinds[kind].components
        ],
    }


def _difference(found: Difference, kinds: Kinds) -> Json:
    claim: Claim = found.claim
    unit = component_unit(kinds, claim.kind, found.component) if found.component else ""
    return {
        "entry_id": claim.entry_id, "event": claim.event.value, "subject": claim.subject,
        "kind": claim.kind, "reason": found.reason.value, "component": found.component or None,
        "booked": amount(found.booked, unit), "measured": amount(found.measured, unit),
        "difference": amount(found.difference, unit), "rounding": found.is_rounding,
        "polygons": list(found.polygons), "other_entry": found.other,
    }


__all__ = ["deadlines_document", "events_document", "linkage_document", "reconcile_document"]
