"""Documents about closed periods and the check of the whole journal."""

from __future__ import annotations

from collections.abc import Iterable

from zoning.ledger.seals import Period
from zoning.ledger.verify import Verification
from zoning.report.documents.values import Json, day, sentence


def periods_document(found: Iterable[Period]) -> Json:
    """Closed periods in their order, each with its seal."""
    return {
        "document": "periods",
        "periods": [
            {"number": each.number, "first_day": day(each.first_day),
             "last_day": day(each.last_day), "entry_id": each.entry_id,
             "recorded": each.recorded.isoformat(), "note": each.note, "head": each.head,
             "digest": each.digest}
            for each in found
        ],
    }


def verification_document(found: Verification) -> Json:
    """What a check of the journal came to: the last link that fits, and the first that does not."""
    fault = found.fault
    return {
        "document": "verification", "sound": found.is_sound, "position": found.position,
        "periods": found.periods, "head": found.head,
        "fault": None if fault is None else {
            "entry_id": fault.entry_id, "text": sentence(fault.message)},
    }


__all__ = ["periods_document", "verification_document"]
