"""Finding on the annual cap of farmland taken, the second test of the offset from 2025 (以补定占).

The county's share of the cap, and what the year has taken already, are numbers that only the county
knows: rules ``zbph.county_cap_ha`` and ``zbph.county_taken_ha`` of its own file, dated by the year.
What the projects before this one take in the same year counts with it: the cap is one for the year.
"""

from __future__ import annotations

from zoning.errors import Message
from zoning.rules.model import Rule, exact
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.offsets import cap_test
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import area, clause
from zoning.units import DM2_PER_HA, round_half_up

CAP, TAKEN, REGIME = "zbph.county_cap_ha", "zbph.county_taken_ha", "zbph.regime"
ID = "offset.annual_cap"
ASKED = (CAP, TAKEN, REGIME)
"""The rules that the cap is judged by."""


def capped_dm2(case: Case) -> int:
    """The farmland of a project that counts towards the cap of its year: what draws offset."""
    debit = case.debits["farmland"]
    draws = debit is not None and isinstance(debit.value, tuple) and "offset" in debit.value
    return case.taken.area_dm2("farmland") if draws else 0


def cap_findings(case: Case, farmland_dm2: int, others_dm2: int) -> tuple[Finding, ...]:
    """One finding where farmland draws offset quota under a regime with a cap; else none.

    `others_dm2` is the farmland that projects before this one take in the year.
    """
    regime = case.rule(REGIME)
    if not farmland_dm2 or regime is None:
        return ()
    if regime.is_blank:
        return (_unknown_regime(case, farmland_dm2),)
    cap, before = case.rule(CAP), case.rule(TAKEN)
    cap_dm2, before_dm2 = _dm2(cap), _dm2(before)
    known = cap_dm2 is not None and before_dm2 is not None
    earlier_dm2 = (before_dm2 or 0) + others_dm2
    test = cap_test(farmland_dm2, taken_before_dm2=earlier_dm2,
                    county_cap_dm2=cap_dm2 if known else None, rules=case.rules, on=case.on,
                    place=case.place)
    if test is None:
        return ()
    missing = tuple(case.missing(name) for name, value in ((CAP, cap_dm2), (TAKEN, before_dm2))
                    if value is None)
    told = {"farmland": area(farmland_dm2), "before": area(before_dm2 or 0),
            "others": area(others_dm2), "cap": area(cap_dm2 or 0), "clause": clause(regime)}
    return (Finding(
        ID, test.status, Message(f"scenario.cap.{test.status.value}", told),
        Quantity(farmland_dm2 + earlier_dm2, "dm2") if known else None,
        None if cap_dm2 is None else Quantity(cap_dm2, "dm2"),
        citations=cite(regime, cap, before), missing=missing,
        margin=Quantity(test.margin, "dm2") if known and test.margin is not None else None),)


def _unknown_regime(case: Case, farmland_dm2: int) -> Finding:
    """A regime that is in force and that nobody verified may have a cap."""
    told = {"farmland": area(farmland_dm2), "rule": REGIME, "place": case.place}
    return Finding(ID, Status.UNDECIDED, Message("scenario.cap.no_regime", told),
                   citations=cite(case.rule(REGIME)), missing=(case.missing(REGIME),))


def _dm2(rule: Rule | None) -> int | None:
    hectares = exact(rule.value) if rule else None
    return None if hectares is None else round_half_up(hectares * DM2_PER_HA)
