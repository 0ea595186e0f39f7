"""Problems found at import, kept beside the layer so that its health can be told later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoning.errors import Message, Problem, Severity


def write_problems(file: Path, problems: Sequence[Problem]) -> None:
    """Write problems as JSON; `read_problems` reads them back."""
    rows = [
        {"code": each.code, "message": _plain(each.message), "severity": each.severity.value,
         "count": each.count, "where": list(each.where), "area_dm2": each.area_dm2,
         "boxes": [list(box) for box in each.boxes]}
        for each in problems
    ]
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def read_problems(file: Path) -> tuple[Problem, ...]:
    """Problems written by `write_problems`."""
    rows = json.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Problem(row["code"], _message(row["message"]), Severity(row["severity"]), row["count"],
                tuple(row["where"]), row["area_dm2"],
                tuple((w, s, e, n) for w, s, e, n in row.get("boxes", ())))
        for row in rows
    )


def _plain(message: Message) -> dict[str, Any]:
    return {"key": message.key,
            "params": {name: _plain_value(value) for name, value in message.params.items()}}


def _plain_value(value: object) -> Any:
    if isinstance(value, Message):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_plain_value(each) for each in value]
    return value if isinstance(value, (int, float, str, type(None))) else str(value)


def _message(row: Mapping[str, Any]) -> Message:
    return Message(row["key"], {name: _value(value) for name, value in row["params"].items()})


def _value(value: Any) -> object:
    if isinstance(value, dict):
        return _message(value)
    return [_value(each) for each in value] if isinstance(value, list) else value
