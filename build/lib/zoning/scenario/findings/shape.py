"""Findings on the shape of a site: its least width, and whether it meets a road.

No rule read sets either; the demand is the project's own, so nothing is said unless it is asked.
"""

from __future__ import annotations

import math

from zoning.errors import Message
from zoning.scenario.findings.case import Case
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import metres, missing_fact, missing_layer


def shape_findings(case: Case) -> tuple[Finding, ...]:
    """Width and road, each where the project asks for it."""
    found = (_width(case), _road(case))
    return tuple(each for each in found if each is not None)


def _width(case: Case) -> Finding | None:
    wanted = case.project.design.least_width_m
    if wanted is None:
        return None
    wanted_dm = math.ceil(wanted * 10)
    limit, width_dm = Quantity(wanted_dm, "dm"), case.facts.width_dm
    if width_dm is None:
        return Finding("shape.width", Status.UNDECIDED,
                       Message("scenario.shape.width_unknown", {"limit": metres(wanted_dm)}),
                       limit=limit, missing=(missing_fact("width"),))
    status = Status.PASS if width_dm >= wanted_dm else Status.FAIL
    params = {"width": metres(width_dm), "limit": metres(wanted_dm)}
    return Finding("shape.width", status, Message(f"scenario.shape.width_{status.value}", params),
                   Quantity(width_dm, "dm"), limit, margin=Quantity(width_dm - wanted_dm, "dm"))


def _road(case: Case) -> Finding | None:
    if not case.project.design.road_access:
        return None
    contact_dm = case.facts.road_contact_dm
    if contact_dm is None:
        return Finding("shape.road", Status.UNDECIDED, Message("scenario.shape.road_unknown"),
                       missing=(missing_layer("road"),))
    status = Status.PASS if contact_dm > 0 else Status.FAIL
    message = Message(f"scenario.shape.road_{status.value}", {"length": metres(contact_dm)})
    return Finding("shape.road", status, message, Quantity(contact_dm, "dm"), Quantity(0, "dm"),
                   margin=Quantity(contact_dm, "dm"))
