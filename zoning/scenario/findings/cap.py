"""Finding on the annual cap of farmland taken, the second test of the offset from 2025 (以补定占).

The county's share of the cap, and what the year has taken already, are numbers that only the county
knows: rules ``zbph.county_cap_ha`` and ``zbph.county_taken_ha`` of its own file, dated by the year.
A project is held against the cap by itself, whatever other projects of the scenario take.
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


def cap_findings(case: Case) -> tuple[Finding, ...]:
    """One finding where farmland draws offset quota under a regime with a cap; else none."""
    farmland_dm2, debit = case.taken.area_dm2("farmland"), case.debits["farmland"]
    draws = debit is not None and isinstance(debit.value, tuple) and "offset" in debit.value
    if not farmland_dm2 or not draws:
        return ()
    cap, before, regime = case.rule(CAP), case.rule(TAKEN), case.rule(REGIME)
    cap_dm2, before_dm2 = _dm2(cap), _dm2(before)
    known = None not in (cap_dm2, before_dm2)
    test = cap_test(farmland_dm2, taken_before_dm2=before_dm2 or 0,
                    county_cap_dm2=cap_dm2 if known else None, rules=case.rules, on=case.on,
                    place=case.place)
    if test is None or regime is None:
        return ()
    missing = tuple(case.missing(name) for name, value in ((CAP, cap_dm2), (TAKEN, before_dm2))
                    if value is None)
    told = {"farmland": area(farmland_dm2), "before": area(before_dm2 or 0),
            "cap": area(cap_dm2 or 0), "clause": clause(regime)}
    return (Finding(
        "offset.annual_cap", test.status, Message(f"scenario.cap.{test.status.value}", told),
        Quantity(farmland_dm2 + (before_dm2 or 0), "dm2") if known else None,
        None if cap_dm2 is None else Quantity(cap_dm2, "dm2"),
        citations=cite(regime, cap, before), missing=missing,
        margin=None if test.margin is None or test.status is Status.UNDECIDED
        else Quantity(test.margin, "dm2")),)


def _dm2(rule: Rule | None) -> int | None:
    hectares = exact(rule.value) if rule else None
    return None if hectares is None else round_half_up(hectares * DM2_PER_HA)
