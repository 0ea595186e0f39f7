"""The catalogue is complete: every key in both languages, every key used, every use defined."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from zoning.errors import Message, WorkspaceError
from zoning.messages import LANGUAGES, catalogue, say, text

PACKAGE = Path(__file__).parents[1] / "zoning"
SOURCE = {file: file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")}
ROOMS = sorted({key.split(".")[0] for key in catalogue()})
KEY = re.compile(rf'f?"((?:{"|".join(ROOMS)})\.[a-zA-Z0-9_.{{}}]+)"')


SILENT = {"scenario.line.no_condition"}
"""Says nothing on purpose, in the place of a sentence that may be there."""


def placeholders(template: str, language: str) -> set[str]:
    """The names filled in; a text that comes in both languages is filled in as ``{zh}`` or so."""
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    return {"the language" if name == language else name for name in names}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_message_says_the_same_in_every_language(key: str) -> None:
    told = catalogue()[key]
    assert set(told) == set(LANGUAGES)
    assert key in SILENT or all(sentence.strip() for sentence in told.values())
    assert placeholders(told["zh"], "zh") == placeholders(told["en"], "en")


def used_keys() -> set[str]:
    return {match for source in SOURCE.values() for match in KEY.findall(source)}


def test_every_message_that_is_said_exists() -> None:
    other = (".", ".db", ".toml")
    whole = {key for key in used_keys() if "{" not in key and not key.endswith(other)}
    assert sorted(whole - set(catalogue())) == []


def as_pattern(key: str) -> re.Pattern[str]:
    """A key as it stands in the source: a part in braces, or one added at its end, is anything."""
    fixed = [re.escape(part) for part in re.split(r"\{[^}]*\}", key)]
    return re.compile(".+".join(fixed) + (".+" if key.endswith(".") else ""))


def test_every_message_is_said_somewhere() -> None:
    patterns = [as_pattern(key) for key in used_keys()]
    unused = [key for key in catalogue() if not any(each.fullmatch(key) for each in patterns)]
    assert sorted(unused) == []


def test_text_from_a_file_is_never_formatted_again() -> None:
    told = text("workspace.exists", "en", folder="{folder} {0} %s")
    assert "{folder} {0} %s" in told


def test_a_message_inside_a_message_is_said_in_the_same_language() -> None:
    inner = Message("workspace.not_utf8", {"file": "a.toml"})
    outer = Message("workspace.project_site", {"project": "P1", "reason": inner})
    assert say(inner, "zh") in say(outer, "zh")
    assert say(inner, "en") in say(outer, "en")


def test_an_error_is_said_like_its_message() -> None:
    error = WorkspaceError("workspace.absent", folder="x")
    assert say(error, "zh") == text("workspace.absent", "zh", folder="x")
    assert "workspace.absent" in str(error)
