"""The Chinese font that papers embed: the one named, else one that this machine has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

from zoning.errors import UsageError

VARIABLE = "ZONING_FONT"
"""Environment variable: a font file (TrueType or OpenType, .ttf, .otf, .ttc) to be embedded."""

KNOWN = (
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
     "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
     "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
    ("/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
     "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc"),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",) * 2,
    ("C:/Windows/Fonts/simsun.ttc", "C:/Windows/Fonts/simhei.ttf"),
    ("C:/Windows/Fonts/msyh.ttc", "C:/Windows/Fonts/msyhbd.ttc"),
    ("/System/Library/Fonts/Supplemental/Songti.ttc",) * 2,
    ("/System/Library/Fonts/STHeiti Light.ttc", "/System/Library/Fonts/STHeiti Medium.ttc"),
)
"""Regular and bold, in order of preference."""

NEEDED = "亩公顷永久基本农田"


@dataclass(frozen=True)
class Face:
    """One face of a font file; `index` is its place in a collection."""

    file: Path
    index: int
    name: str


@dataclass(frozen=True)
class Fonts:
    """The faces a paper is set in."""

    regular: Face
    bold: Face


def paper_fonts() -> Fonts:
    """The fonts to embed. Raises UsageError where none has Chinese characters."""
    named = os.environ.get(VARIABLE)
    pairs = ((named, named),) if named else KNOWN
    for regular, bold in pairs:
        if Path(regular).is_file():
            body = face(Path(regular))
            return Fonts(body, face(Path(bold)) if Path(bold).is_file() else body)
    raise UsageError("papers.no_font", variable=VARIABLE, file=named or "-")


@cache
def face(file: Path) -> Face:
    """The face of a file that has simplified Chinese. Raises UsageError where none has."""
    found = list(_faces(file))
    simplified = [each for each in found if each.name.endswith((" SC", " CN"))]
    if not found:
        raise UsageError("papers.no_font", variable=VARIABLE, file=file.name)
    return (simplified or found)[0]


def _faces(file: Path) -> Iterator[Face]:
    try:
        with file.open("rb") as data:
            is_collection = file.suffix.lower() == ".ttc"
            fonts = TTCollection(data, lazy=True).fonts if is_collection else [
                TTFont(data, lazy=True)]
            for index, font in enumerate(fonts):
                letters = font.getBestCmap() or {}
                if all(ord(each) in letters for each in NEEDED):
                    yield Face(file, index, str(font["name"].getBestFamilyName() or file.stem))
    except Exception as error:  # a font library raises whatever a damaged file makes it raise
        raise UsageError("papers.no_font", variable=VARIABLE, file=file.name) from error


__all__ = ["VARIABLE", "Face", "Fonts", "face", "paper_fonts"]
