"""Layer roles as data: official layer names, columns with their aliases, personal columns.

The list is ``roles.toml`` beside this module. A role name that is not in it (a control line of a
rule file, such as ``flood``) is allowed and takes the generic fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

FieldType = Literal[
    "text", "code", "area", "coefficient", "grade", "integer", "number", "date", "choice"
]


@dataclass(frozen=True)
class RoleField:
    """One column of a normalised layer and the source names it is known by.

    `aliases` are in order of preference; `friendly` names are understood in a mapping only, because
    as a source name they say too little (``area`` has no unit). An area is in `unit` unless `units`
    names another for the alias; `range` bounds an integer; `values` translates a choice.
    """

    column: str
    type: FieldType
    aliases: tuple[str, ...]
    friendly: tuple[str, ...] = ()
    unit: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    range: tuple[int, int] | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    def unit_of(self, alias: str) -> str:
        """The unit of an area under this source name; the unit of the field for any other."""
        known = {name.casefold(): unit for name, unit in self.units.items()}
        return known.get(alias.casefold(), self.unit)


@dataclass(frozen=True)
class Role:
    """What a layer is for. `required` columns bind only an official survey layer."""

    code: str
    zh: str
    en: str
    layers: tuple[str, ...]
    fields: tuple[RoleField, ...]
    required: tuple[str, ...] = ()
    survey: tuple[str, ...] = ()

    def field(self, column: str) -> RoleField:
        """The field of a target column. Raises KeyError where the role has none."""
        return {known.column: known for known in self.fields}[column]


@dataclass(frozen=True)
class Personal:
    """Names, and words within names, of columns that hold personal data."""

    names: tuple[str, ...]
    words: tuple[str, ...]

    def has(self, column: str) -> bool:
        """Whether a column is personal by its name."""
        known = {name.casefold() for name in self.names}
        return column.casefold() in known or any(word in column for word in self.words)


def role(code: str) -> Role:
    """The role of a code; for an unknown code a role of that name with the generic fields."""
    known = roles().get(code)
    return known or Role(code, code, code, (code,), _generic())


@cache
def roles() -> Mapping[str, Role]:
    """The shipped roles, by code, in the order of the file."""
    document = _document()
    return {row["code"]: _role(row, document) for row in document["role"]}


@cache
def personal() -> Personal:
    """The personal columns that are left out on import."""
    row = _document()["personal"]
    return Personal(tuple(row["names"]), tuple(row["words"]))


@cache
def _generic() -> tuple[RoleField, ...]:
    return tuple(_field(row) for row in _document()["generic"]["field"])


def _role(row: Mapping[str, Any], document: Mapping[str, Any]) -> Role:
    shared = document[row["extends"]]["field"] if "extends" in row else []
    fields = {known.column: known for known in _generic()}
    fields |= {own["column"]: _field(own) for own in [*shared, *row.get("field", [])]}
    return Role(row["code"], row["zh"], row["en"], tuple(row["layers"]), tuple(fields.values()),
                tuple(row["required"]), tuple(row["survey"]))


def _field(row: Mapping[str, Any]) -> RoleField:
    bounds: Sequence[int] | None = row.get("range")
    return RoleField(
        row["column"], row["type"], tuple(row["aliases"]), tuple(row.get("friendly", ())),
        row.get("unit", ""),
        row.get("units", {}), (bounds[0], bounds[1]) if bounds else None, row.get("values", {}),
    )


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads((files("zoning.codes") / "roles.toml").read_text(encoding="utf-8"))


__all__ = ["FieldType", "Personal", "Role", "RoleField", "personal", "role", "roles"]
