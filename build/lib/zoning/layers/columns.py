"""Which source column fills which column of a role: the user's mapping first, then the aliases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from zoning.codes.roles import Personal, Role, RoleField
from zoning.errors import LayerError

_ID_CARD = re.compile(r"\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}")
_PERSONAL_SHARE = 0.8
_LOOKED_AT = 200


@dataclass(frozen=True)
class Pick:
    """A source column and the name that says what it is (its own, or the user's target).

    `mapped` where the user said so.
    """

    source: str
    alias: str
    mapped: bool = False


def pick_columns(
    names: Sequence[str], role: Role, mapping: Mapping[str, str] | None = None
) -> dict[str, Pick]:
    """The source column of each column of a role that has one.

    `mapping` goes from a source column to a column of the role, under that name, an official alias
    or a friendly one; it wins over the aliases. Names are compared without regard to case. One
    source may fill two columns.

    Raises
    ------
    LayerError
        The mapping names a source or a target that is not there, or one target twice.

    """
    picks = _mapped(names, role, mapping or {})
    own = {name.casefold(): name for name in reversed(names)}
    taken = {pick.source for pick in picks.values()}
    for field in role.fields:
        if field.column in picks:
            continue
        for alias in field.aliases:
            source = own.get(alias.casefold())
            if source is not None and source not in taken:
                picks[field.column] = Pick(source, alias)
                break
    return picks


def survey_columns(names: Iterable[str], role: Role) -> tuple[str, ...]:
    """The columns that are fields of the official survey layer of a role."""
    known = {name.casefold() for name in role.survey}
    return tuple(name for name in names if name.casefold() in known)


def require_columns(
    names: Sequence[str], role: Role, picks: Mapping[str, Pick], *, file: str
) -> None:
    """Raise `LayerError` where a layer lacks what its role asks, all columns at once.

    A layer with two survey fields is a survey layer and must have all required columns. A layer
    from elsewhere must be mapped by the user, or use the column names of this program.
    """
    if not role.required:
        return
    official = {field.column: _official_name(field) for field in role.fields}
    have = tuple(names)
    if len(survey_columns(names, role)) >= 2:
        missing = tuple(official[column] for column in role.required if column not in picks)
        if missing:
            raise LayerError("layers.missing_columns", file=file, role=role.code, missing=missing,
                             found=have, example=f"{(have or ('SRC',))[0]}={missing[0]}")
    elif not any(_is_known(column, picks) for column in ("feature_id", "class_code")):
        wanted = tuple(official[column] for column in role.required)
        raise LayerError("layers.foreign_layer", file=file, role=role.code, wanted=wanted,
                         found=have, example=f"{(have or ('SRC',))[0]}={wanted[0]}")


def personal_columns(
    values: Mapping[str, Sequence[object]], known: Personal, *, keep: Iterable[str]
) -> tuple[str, ...]:
    """The columns that hold personal data, by name or because their values look like it.

    By value: most of the non-null ones are identity-card numbers with a right check digit, or
    mobile telephone numbers. Columns in `keep` (those the role uses) are left alone.
    """
    kept = set(keep)
    return tuple(name for name, column in values.items()
                 if name not in kept and (known.has(name) or _looks_personal(column)))


def _mapped(names: Sequence[str], role: Role, mapping: Mapping[str, str]) -> dict[str, Pick]:
    picks: dict[str, Pick] = {}
    for source, target in mapping.items():
        name = _source(names, source)
        field = _field(role, target)
        if field.column in picks:
            raise LayerError("layers.mapped_twice", target=field.column,
                             sources=(picks[field.column].source, name))
        picks[field.column] = Pick(name, _alias(field, target), mapped=True)
    return picks


def _source(names: Sequence[str], source: str) -> str:
    for name in names:
        if name == source:
            return name
    same = [name for name in names if name.casefold() == source.casefold()]
    if len(same) != 1:
        raise LayerError("layers.no_such_source", source=source, have=tuple(names))
    return same[0]


def _field(role: Role, target: str) -> RoleField:
    wanted = target.casefold()
    for field in role.fields:
        if wanted == field.column.casefold():
            return field
    for field in role.fields:
        if wanted in {name.casefold() for name in (*field.aliases, *field.friendly)}:
            return field
    allowed = tuple(name for field in role.fields
                    for name in dict.fromkeys((field.column, *field.aliases, *field.friendly)))
    raise LayerError("layers.no_such_target", target=target, role=role.code, allowed=allowed)


def _alias(field: RoleField, target: str) -> str:
    for alias in (field.column, *field.aliases):
        if alias.casefold() == target.casefold():
            return alias
    return target


def _official_name(field: RoleField) -> str:
    """The official field name of a column: the first alias in capital letters."""
    return next((alias for alias in field.aliases if alias.isupper()), field.column)


def _is_known(column: str, picks: Mapping[str, Pick]) -> bool:
    is_mapped = any(pick.mapped for pick in picks.values())
    pick = picks.get(column)
    return is_mapped or (pick is not None and pick.source.casefold() == column)


def _looks_personal(values: Sequence[object]) -> bool:
    stripped = (str(value).strip() for value in values if value is not None)
    texts = list(islice((text for text in stripped if text), _LOOKED_AT))
    if len(texts) < 3:
        return False
    found = sum(bool(_MOBILE.fullmatch(text)) or _is_id_card(text) for text in texts)
    return found >= _PERSONAL_SHARE * len(texts)


def _is_id_card(text: str) -> bool:
    if not _ID_CARD.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11] == text[17].upper()


__all__ = ["Pick", "personal_columns", "pick_columns", "require_columns", "survey_columns"]
