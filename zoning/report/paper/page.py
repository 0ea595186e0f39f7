"""A paper as one HTML file: nothing is fetched, every text is escaped, its maps are alive.

The page carries a policy that lets two scripts run, named by their hash: the map library and the
script that draws. A script in somebody's attribute would not run even if it were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from zoning.messages import Language, text
from zoning.report.layout import clean
from zoning.report.paper.model import (
    Code,
    Facts,
    Grid,
    GridCell,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    ShownLayer,
    Signatures,
    SiteMap,
)

_HARMFUL = re.compile("[<>&\u2028\u2029]")
_ADDRESS = re.compile(r"url\([^)]*\)")


@dataclass(frozen=True)
class MapLibrary:
    """The map library as it is shipped: its script and its style sheet."""

    script: str
    style: str


def paper_html(paper: Paper, library: MapLibrary) -> str:
    """The paper as one self-contained page."""
    language = paper.language
    scripts = [library.script, _own("paper.js")]
    body = "\n".join(_SET[type(block)](block, language) for block in paper.blocks)
    policy = ("default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
              f"script-src {' '.join(map(_hash, scripts))}; base-uri 'none'; form-action 'none'")
    stamp = f'<p class="stamp">{_safe(paper.stamp)}</p>' if paper.stamp else ""
    return f"""<!DOCTYPE html>
<html lang="{'zh-CN' if language == 'zh' else 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_safe(paper.title)}</title>
<style>{_ADDRESS.sub('none', library.style)}</style>
<style>{_own('paper.css')}</style>
</head>
<body>
{_patterns(paper)}
<main>
{stamp}<h1>{_safe(paper.title)}</h1>
<p class="subtitle">{_safe(paper.subtitle)}</p>
{body}
<footer>{_safe(paper.foot)}</footer>
</main>
<script>{scripts[0]}</script>
<script>{scripts[1]}</script>
</body>
</html>
"""


def json_in_page(value: object) -> str:
    """JSON that may stand in a page: no character of it can end the element it stands in."""
    told = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", told)


def _safe(told: str) -> str:
    return html.escape(clean(told))


def _hash(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


@cache
def _own(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _heading(block: Heading, _language: Language) -> str:
    return f"<h{block.level + 1}>{_safe(block.text)}</h{block.level + 1}>"


def _paragraph(block: Paragraph, _language: Language) -> str:
    return f'<p class="{block.tone}">{_safe(block.text)}</p>'


def _facts(block: Facts, _language: Language) -> str:
    rows = "".join(f"<tr><th>{_safe(name)}</th><td>{_safe(value)}</td></tr>"
                   for name, value in block.pairs)
    return f'<table class="facts">{rows}</table>'


def _grid(block: Grid, _language: Language) -> str:
    heads = "".join(f"<th>{_safe(head)}</th>" for head in block.heads)
    rows = "".join(
        f'<tr{" class=total" if number in block.totals else ""}>'
        + "".join(_cell(cell, at in block.numeric) for at, cell in enumerate(row)) + "</tr>"
        for number, row in enumerate(block.rows))
    return (f'<div class="wide"><table class="grid"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>")


def _cell(cell: GridCell, is_number: bool) -> str:
    small = f"<small>{_safe(cell.small)}</small>" if cell.small else ""
    kind = " ".join(filter(None, ("num" if is_number else "", cell.tone)))
    return f'<td class="{kind}">{_safe(cell.text)}{small}</td>'


def _map(block: SiteMap, language: Language) -> str:
    told = {
        "width": block.width_m, "height": block.height_m, "east": block.corner[0],
        "north": block.corner[1], "layers": [_layer(layer) for layer in block.layers],
        "words": {key: text(f"papers.map.{key}", language) for key in ("east", "north", "all")},
    }
    legend = "".join(f"<li>{_symbol(layer)}{_safe(layer.name)}</li>" for layer in block.listed)
    return (f'<figure><div class="map" id="map-{_safe(block.key)}" '
            f'data-of="{_safe(block.key)}" style="aspect-ratio:{block.width_m}/{block.height_m}">'
            f'</div><script type="application/json" id="land-{_safe(block.key)}">'
            f"{json_in_page(told)}</script>"
            f"<figcaption>{_safe(block.caption)}　{_safe(block.system)}</figcaption>"
            f'<ul class="legend">{legend}</ul></figure>')


def _layer(layer: ShownLayer) -> dict[str, Any]:
    return {"name": clean(layer.name), "style": asdict(layer.style), "site": layer.is_site,
            "pattern": pattern_id(layer), "names": [clean(name) for name in layer.names],
            "shapes": layer.shapes}


def pattern_id(layer: ShownLayer) -> str:
    """The id of the hatching of a layer in the page; empty where it has none."""
    style = layer.style
    marks = {"/": "r", "\\": "f", "x": "x", "": ""}
    return f"hatch-{marks[style.hatch]}-{style.colour[1:]}" if style.hatch else ""


def _patterns(paper: Paper) -> str:
    found = {pattern_id(layer): layer for block in paper.blocks if isinstance(block, SiteMap)
             for layer in block.layers if layer.style.hatch}
    strokes = {"/": "M-2 8L8-2M-2 2L2-2M4 8L8 4", "\\": "M-2-2L8 8M4-2L8 2M-2 4L2 8"}
    drawn = "".join(
        f'<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path d="{strokes.get(layer.style.hatch, "".join(strokes.values()))}" '
        f'stroke="{layer.style.colour}" stroke-width="0.9" fill="none"/></pattern>'
        for name, layer in sorted(found.items()))
    return ('<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>'
            f"{drawn}</defs></svg>")


def _symbol(layer: ShownLayer) -> str:
    style = layer.style
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    hatch = (f'<rect x="1" y="1" width="22" height="11" fill="url(#{pattern_id(layer)})"/>'
             if style.hatch else "")
    return (f'<svg width="24" height="13"><rect x="1" y="1" width="22" height="11" '
            f'fill="{style.fill or "none"}" fill-opacity="{style.fill_opacity}"/>{hatch}'
            f'<rect x="1" y="1" width="22" height="11" fill="none" stroke="{style.colour}" '
            f'stroke-width="{style.weight}"{dash}/></svg>')


def _code(block: Code, _language: Language) -> str:
    return f"<pre><code>{_safe(block.text)}</code></pre>"


def _signatures(block: Signatures, language: Language) -> str:
    day = _safe(text("papers.memo.sign_day", language))
    return '<div class="sign">' + "".join(
        f"<p>{_safe(role)}：<i></i><br>{day}</p>" for role in block.roles) + "</div>"


def _new_page(_block: NewPage, _language: Language) -> str:
    return '<div class="page"></div>'


_SET: dict[type, Callable[[Any, Language], str]] = {
    Heading: _heading, Paragraph: _paragraph, Facts: _facts, Grid: _grid, SiteMap: _map,
    Code: _code, Signatures: _signatures, NewPage: _new_page,
}

__all__ = ["MapLibrary", "json_in_page", "paper_html", "pattern_id"]
