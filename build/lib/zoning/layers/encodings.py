"""The text encoding of a .dbf: declared, recognised, or guessed and said so.

Order: the encoding the user gave; the .cpg file; the language byte 0x4D (GBK); strict UTF-8; then
GB18030, which contains GBK and GB2312, or cp1252 where accents stand among plain letters. A
declaration that does not fit the bytes is set aside.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from zoning.errors import LayerError, Message, Problem, Severity

_LANGUAGE_BYTES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5",
                   0x13: "cp932", 0x7B: "cp932", 0x4E: "cp949", 0x79: "cp949"}
_CODE_PAGES = {"936": "gb18030", "54936": "gb18030", "65001": "utf-8", "950": "big5"}
_FALLBACK = "gb18030"
_WESTERN = "cp1252"
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_PUNCTUATION = "（），。、：；“”《》〔〕—"
_SHOWN = 40
_SINGLE_BYTE = 200
"""A code of one byte a character knows at least this many of the 256 bytes."""


@dataclass(frozen=True)
class Choice:
    """An encoding, and what has to be said about how it was found."""

    encoding: str
    problems: tuple[Problem, ...] = ()


def choose_encoding(
    values: Sequence[bytes], *, given: str | None, cpg: str | None, language_byte: int | None
) -> Choice:
    """The encoding of the byte values of a table (ASCII ones tell nothing and may be left out).

    Raises `LayerError` for an encoding given by the user that does not exist.
    """
    if given is not None:
        codec = codec_of(given)
        if codec is None:
            raise LayerError("layers.unknown_encoding", encoding=given)
        return Choice(codec)
    if cpg is not None:
        return _by_cpg(values, cpg)
    if language_byte in _LANGUAGE_BYTES:
        return Choice(_LANGUAGE_BYTES[language_byte])
    return _guessed(values)


def codec_of(name: str) -> str | None:
    """The Python codec of an encoding name or code page number; GBK becomes GB18030."""
    digits = re.search(r"\d{3,5}", name)
    plain = name.strip().casefold()
    if plain in ("gbk", "gb2312", "cp936", "ansi 936"):
        return "gb18030"
    if digits and (plain == digits[0] or plain.startswith(("ansi", "oem"))):
        plain = _CODE_PAGES.get(digits[0], f"cp{digits[0]}")
    try:
        return codecs.lookup(plain).name
    except (LookupError, ValueError):  # ValueError: a name with a zero byte
        return None


def decoder(encoding: str) -> tuple[Callable[[str], str], list[str]]:
    """A function that turns Latin-1 text into what its bytes mean, and the list of its failures.

    The bytes of a value that the encoding does not know become U+FFFD and the value is added to the
    list. Equal values are decoded once.
    """
    known: dict[str, str] = {}
    failed: list[str] = []

    def decode(text: str) -> str:
        if text.isascii():
            return text
        if text not in known:
            raw = text.encode("latin-1", errors="replace")
            try:
                known[text] = raw.decode(encoding)
            except UnicodeDecodeError:
                known[text] = raw.decode(encoding, errors="replace")
                failed.append(known[text])
        return known[text]

    return decode, failed


def _by_cpg(values: Sequence[bytes], cpg: str) -> Choice:
    codec = codec_of(cpg)
    failures = _failures(values, codec) if codec else len(values)
    if codec and not failures:
        return Choice(codec, _doubts(values, codec, cpg))
    other = _guessed(values).encoding
    if codec and failures <= _failures(values, other):
        return Choice(codec)
    params = {"declared": cpg.strip()[:_SHOWN], "used": other, "sample": _sample(values, other)}
    problem = Problem("ENC001", Message("layers.cpg_wrong", params), Severity.WARNING)
    return Choice(other, (problem,))


def _doubts(values: Sequence[bytes], codec: str, cpg: str) -> tuple[Problem, ...]:
    """A single-byte declaration never fails; say so where the bytes read as Chinese throughout."""
    if len(bytes(range(256)).decode(codec, errors="ignore")) < _SINGLE_BYTE or not values:
        return ()
    if _failures(values, _FALLBACK) or not all(_is_chinese(value) for value in values):
        return ()
    params = {"declared": cpg.strip()[:_SHOWN], "sample": _sample(values, codec),
              "chinese": _sample(values, _FALLBACK)}
    return (Problem("ENC004", Message("layers.cpg_doubtful", params), Severity.WARNING),)


def _is_chinese(value: bytes) -> bool:
    marks = (mark for mark in value.decode(_FALLBACK) if ord(mark) > 0x7F)
    return all("\u4e00" <= mark <= "\u9fff" or mark in _PUNCTUATION for mark in marks)


def _guessed(values: Sequence[bytes]) -> Choice:
    if not values:
        return Choice("utf-8")
    encoding = "utf-8" if not _failures(values, "utf-8") else _FALLBACK
    if encoding == _FALLBACK and _is_western(values):
        encoding = _WESTERN
    params = {"used": encoding, "sample": _sample(values, encoding)}
    return Choice(encoding, (Problem("ENC003", Message("layers.encoding_guessed", params),
                                     Severity.NOTE),))


def _is_western(values: Sequence[bytes]) -> bool:
    """Accents among letters: most high bytes stand alone, as those of a Chinese character do not.

    A word of Chinese has its high bytes in pairs; ``Græs`` and ``Écija`` have one among plain ones.
    """
    alone = sum(len(_ALONE.findall(value)) for value in values)
    high = sum(byte > 0x7F for value in values for byte in value)
    return 2 * alone > high and not _failures(values, _WESTERN)


def _failures(values: Iterable[bytes], encoding: str) -> int:
    return sum(not _decodes(value, encoding) for value in values)


def _decodes(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _sample(values: Sequence[bytes], encoding: str) -> str:
    return values[0].decode(encoding, errors="replace")[:_SHOWN] if values else ""


__all__ = ["Choice", "choose_encoding", "codec_of", "decoder"]
