"""Amounts, names and missing parameters as messages, for findings and whoever shows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from zoning.codes.project_kinds import ProjectKind
from zoning.codes.reader import Component, QuotaKind
from zoning.errors import Message
from zoning.rules.model import Rule, Text
from zoning.units import hectares, m2, mu

AUTHORITIES = ("state_council", "province", "city", "county", "plan_approver_or_delegate",
               "state_council_or_authorised_province", "unknown")

FACTS = ("start_due", "built", "invested", "cause", "monitored", "price", "approved_on",
         "issued_on", "accepted", "offset_cap", "farmland_year", "land_classes", "width",
         "housing_exception", "tax_exempt_use", "linkage_new_land_fee", "reclaimed", "new_site")
"""Facts that have words of their own."""


@lru_cache(maxsize=4096)
def area(area_dm2: int) -> Message:
    """An area in m² (two decimals), 公顷 (four) and 亩 (four)."""
    return Message("scenario.amount.area", {"m2": str(m2(area_dm2)), "ha": str(hectares(area_dm2)),
                                            "mu": str(mu(area_dm2))})


def amount(value: int, unit: str) -> Message:
    """An amount in the unit of its component: ``dm2`` as an area, ``kg`` as a mass."""
    return area(value) if unit == "dm2" else Message("scenario.amount.mass", {"kg": str(value)})


def share(value_1e4: int) -> str:
    """A share in ten-thousandths as per cent: ``12.34%``."""
    return f"{Decimal(value_1e4).scaleb(-2)}%"


def bilingual(text: Text | ProjectKind | QuotaKind | Component) -> Message:
    """A name or citation that carries both languages itself."""
    return Message("scenario.text", {"zh": text.zh, "en": text.en})


def authority(code: str) -> Message | str:
    """The name of an approving authority; a name that is no known code stands for itself."""
    return Message(f"scenario.authority.{code}") if code in AUTHORITIES else code


def clause(rule: Rule) -> Message:
    """The citation of a rule with its id."""
    return Message("scenario.clause", {"citation": bilingual(rule.citation), "rule": rule.id})


def missing_rule(rule_id: str, place: str, on: date) -> str:
    """The token of a rule that is blank or not in force at a place on a day."""
    return f"rule:{rule_id}@{place}@{on.isoformat()}"


def missing_layer(role: str) -> str:
    """The token of a layer that the workspace does not have."""
    return f"layer:{role}"


def missing_feature(role: str, feature_id: str) -> str:
    """The token of a feature of a layer whose geometry is faulty, so that its land is unknown."""
    return f"feature:{role}/{feature_id}"


def missing_class(what: str) -> str:
    """The token of land whose class is not known.

    `what` is ``parcel=<id>``, ``uncovered=<m²>``, ``twice=<m²>`` or ``inside_ugb``.
    """
    return f"land_class:{what}"


def missing_grade(parcel_id: str) -> str:
    """The token of a farmland parcel without a usable grade."""
    return f"grade:{parcel_id}"


def missing_attribute(name: str) -> str:
    """The token of something that the project's design does not state."""
    return f"attribute:{name}"


def missing_fact(name: str) -> str:
    """The token of something about the case that no layer, rule or design tells."""
    return f"fact:{name}"


def metres(length_dm: int) -> Message:
    """A length in metres with one decimal."""
    return Message("scenario.amount.length", {"m": str(Decimal(length_dm).scaleb(-1))})


def say_missing(token: str) -> Message:
    """A missing parameter, from its token, as words for a person."""
    kind, _, rest = token.partition(":")
    if kind == "rule":
        rule, place, on = rest.rsplit("@", 2)
        return Message("scenario.missing.rule", {"rule": rule, "place": place, "date": on})
    if kind == "fact" and rest.partition(":")[0] in FACTS:
        name, _, of = rest.partition(":")
        return Message(f"scenario.fact.{name}", {"of": of} if of else {})
    if kind == "land_class":
        kind, _, rest = rest.partition("=")
    return Message(f"scenario.missing.{kind}", {"name": rest})


__all__ = [
    "AUTHORITIES", "FACTS", "amount", "area", "authority", "bilingual", "clause", "metres",
    "missing_attribute", "missing_class", "missing_fact", "missing_feature", "missing_grade",
    "missing_layer", "missing_rule", "say_missing", "share",
]
