"""The documents say what is so: commands of the tutorial run, paragraphs cited exist."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from running import run

from zoning.cli.main import app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def commands(file: Path) -> list[tuple[list[str], int]]:
    """The ``$`` lines of a document, with the exit code its remark tells."""
    lines = re.findall(r"^\$ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    told = [line.partition("#") for line in lines]
    return [(shlex.split(line), int((re.findall(r"exit (\d)", remark) or ["0"])[0]))
            for line, _, remark in told]


def test_the_tutorial_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for words, expected in commands(DOCS / "tutorial.md"):
        if words[0] == "mkdir":
            Path(words[-1]).mkdir(parents=True, exist_ok=True)
        elif words[0] == "cp":
            shutil.copyfile(words[1], words[2])
        else:
            assert words[0] == "zoning"
            code, _, told = run(*words[1:])
            assert code == expected, f"{words}: {told}"
    assert (tmp_path / "out" / "tutorial" / "balance.xlsx").stat().st_size > 10_000


def test_every_paragraph_a_test_cites_exists() -> None:
    for word, document in (("accounting", "accounting.md"), ("method", "method.md")):
        headings = set(re.findall(r"^#+ *§(\d+)", (DOCS / document).read_text(encoding="utf-8"),
                                  re.MULTILINE))
        assert headings
        for test in (ROOT / "tests").glob("test_*.py"):
            cited = re.findall(rf"{word} §(\d+)", test.read_text(encoding="utf-8"), re.IGNORECASE)
            assert set(cited) <= headings, test.name


def test_links_between_documents_lead_somewhere() -> None:
    for file in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_every_command_is_in_the_readme_or_the_tutorial() -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8") + (DOCS / "tutorial.md").read_text(
        encoding="utf-8")
    names = [command.name or command.callback.__name__ for command in app.registered_commands
             if command.callback is not None]
    assert [name for name in names if f"zoning {name}" not in told] == []
