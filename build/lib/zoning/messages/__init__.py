"""The catalogue: every sentence a person sees, in Chinese and English.

One TOML file per room beside this module; each key holds ``zh`` and ``en``, filled by name with
`str.format`. Parameters are inserted as text and never formatted again, so a brace in somebody's
attribute stays a brace.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from zoning.errors import Message, ZoningError

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def say(message: Message | ZoningError, language: Language = "zh") -> str:
    """The sentence of a message or error in one language.

    A parameter that is itself a `Message` is said in the same language. Raises KeyError for an
    unknown key or a missing parameter.
    """
    if isinstance(message, ZoningError):
        message = message.message
    told = {name: _said(value, language) for name, value in message.params.items()}
    return catalogue()[message.key][language].format(**told)


def text(key: str, language: Language = "zh", /, **params: object) -> str:
    """The sentence of a key in one language."""
    return say(Message(key, params), language)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All messages: dotted key → language → template."""
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            found.update(_flat("", tomllib.loads(file.read_text(encoding="utf-8"))))
    return found


def _flat(prefix: str, node: Mapping[str, object]) -> dict[str, Mapping[str, str]]:
    flat: dict[str, Mapping[str, str]] = {}
    for name, value in node.items():
        key = f"{prefix}.{name}" if prefix else name
        if not isinstance(value, Mapping):
            raise TypeError(f"message {key} is not a table of languages")
        if set(value) <= set(LANGUAGES):
            flat[key] = {str(k): str(v) for k, v in value.items()}
        else:
            flat.update(_flat(key, value))
    return flat


def _said(value: object, language: Language) -> object:
    if isinstance(value, Message):
        return say(value, language)
    if isinstance(value, (list, tuple)):
        between = "、" if language == "zh" else ", "
        return between.join(str(_said(item, language)) for item in value)
    return value
