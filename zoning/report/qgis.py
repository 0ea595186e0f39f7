"""A map project for QGIS, as XML: layers of one GeoPackage drawn as the app draws them.

Styles come from `zoning.report.drawing`, the palette of the map pages. Nothing is read and no
program is called: the same layers give the same bytes. Paths inside are relative, so the folder
may be moved.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from zoning.report.drawing import Style
from zoning.report.layout import clean

VERSION = "3.22.0"
PIXEL_MM = 0.2646
TICK = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the archive: none, so that the same project has the same bytes."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ClassStyle:
    """One class of a layer drawn by class: its code, its label, its colour."""

    code: str
    label: str
    colour: str


@dataclass(frozen=True)
class ProjectLayer:
    """A layer of the GeoPackage: its table, its title, its look, and where it comes from.

    `classes` colour the features by `class_column`; else `style` draws all alike. `metadata` has
    the keys ``source``, ``sha256``, ``edition``, ``date``, ``licence`` and ``abstract``.
    """

    table: str
    title: str
    crs_wkt: str
    authority: str
    extent: Box
    style: Style | None = None
    classes: tuple[ClassStyle, ...] = ()
    class_column: str = "class_code"
    is_shown: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict)


def project_archive(layers: Sequence[ProjectLayer], *, title: str, package: str) -> bytes:
    """A ``.qgz``: the project as QGIS keeps it, over a GeoPackage that lies beside it.

    `layers` are named from the lowest to the highest on the map.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("project.qgs", TICK)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, project_xml(layers, title=title, package=package))
    return file.getvalue()


def project_xml(layers: Sequence[ProjectLayer], *, title: str, package: str) -> bytes:
    """The project as XML."""
    root = ET.Element("qgis", version=VERSION, projectname=clean(title))
    _text(root, "title", title)
    crs = ET.SubElement(root, "projectCrs")
    _crs(crs, layers[0])
    _tree(root, layers, package)
    _canvas(root, layers)
    held = ET.SubElement(root, "projectlayers")
    for layer in reversed(layers):
        held.append(_layer(layer, package))
    held = ET.SubElement(root, "properties")
    _text(ET.SubElement(held, "Paths"), "Absolute", "false", type="bool")
    _text(ET.SubElement(held, "SpatialRefSys"), "ProjectionsEnabled", "1", type="int")
    return _bytes(root, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>")


def style_xml(layer: ProjectLayer) -> str:
    """The style of a layer alone (QML), as a GeoPackage keeps it for programs that open it."""
    root = ET.Element("qgis", version=VERSION, styleCategories="Symbology")
    root.append(_renderer(layer))
    return _bytes(root, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>").decode()


def _bytes(root: ET.Element, doctype: str) -> bytes:
    ET.indent(root, " ")
    return f"{doctype}\n{ET.tostring(root, encoding='unicode')}\n".encode()


def _tree(root: ET.Element, layers: Sequence[ProjectLayer], package: str) -> None:
    tree = ET.SubElement(root, "layer-tree-group")
    ET.SubElement(tree, "customproperties")
    for layer in reversed(layers):
        ET.SubElement(tree, "layer-tree-layer", id=_id(layer), name=clean(layer.title),
                      source=_source(layer, package), providerKey="ogr", expanded="0",
                      checked="Qt::Checked" if layer.is_shown else "Qt::Unchecked")


def _canvas(root: ET.Element, layers: Sequence[ProjectLayer]) -> None:
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    _text(canvas, "units", "meters")
    extent = ET.SubElement(canvas, "extent")
    boxes = [layer.extent for layer in layers]
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), (
            *(min(box[i] for box in boxes) for i in (0, 1)),
            *(max(box[i] for box in boxes) for i in (2, 3))), strict=True):
        _text(extent, name, repr(float(value)))
    destination = ET.SubElement(canvas, "destinationsrs")
    _crs(destination, layers[0])


def _layer(layer: ProjectLayer, package: str) -> ET.Element:
    node = ET.Element("maplayer", type="vector", geometry="Polygon", wkbType="MultiPolygon",
                      autoRefreshEnabled="0", hasScaleBasedVisibilityFlag="0")
    _text(node, "id", _id(layer))
    _text(node, "datasource", _source(layer, package))
    _text(node, "layername", layer.title)
    _crs(ET.SubElement(node, "srs"), layer)
    _metadata(node, layer)
    _text(node, "provider", "ogr", encoding="UTF-8")
    node.append(_renderer(layer))
    _text(node, "blendMode", "0")
    _text(node, "layerOpacity", "1")
    return node


def _metadata(node: ET.Element, layer: ProjectLayer) -> None:
    told = layer.metadata
    held = ET.SubElement(node, "resourceMetadata")
    _text(held, "identifier", told.get("sha256", ""))
    _text(held, "parentidentifier", told.get("source", ""))
    _text(held, "type", "dataset")
    _text(held, "title", layer.title)
    _text(held, "abstract", told.get("abstract", ""))
    _text(held, "license", told.get("licence", ""))
    _text(held, "encoding", "UTF-8")
    _crs(ET.SubElement(held, "crs"), layer)
    dates = ET.SubElement(held, "dates")
    ET.SubElement(dates, "date", type="Created", value=clean(told.get("date", "")))
    _text(held, "history", f"edition {told.get('edition', '')}")


def _renderer(layer: ProjectLayer) -> ET.Element:
    if layer.classes:
        return _by_class(layer)
    node = ET.Element("renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0",
                      forceraster="0")
    symbols = ET.SubElement(node, "symbols")
    symbols.append(_symbol("0", _outlined(layer.style or Style("#555555"))))
    return node


def _by_class(layer: ProjectLayer) -> ET.Element:
    node = ET.Element("renderer-v2", type="categorizedSymbol", attr=layer.class_column,
                      symbollevels="0", enableorderby="0", forceraster="0")
    categories, symbols = ET.SubElement(node, "categories"), ET.SubElement(node, "symbols")
    for number, each in enumerate(layer.classes):
        ET.SubElement(categories, "category", symbol=str(number), value=clean(each.code),
                      label=clean(each.label), render="true")
        symbols.append(_symbol(str(number), [_fill({
            "color": _rgba(each.colour), "style": "solid", "outline_color": "255,255,255,120",
            "outline_width": "0.1", "outline_width_unit": "MM", "outline_style": "solid"})]))
    return node


def _outlined(style: Style) -> list[ET.Element]:
    """The parts of a symbol, the lowest first: filling, hatching, outline."""
    dash = [str(round(float(part) * PIXEL_MM, 2)) for part in style.dash.split()]
    options = {
        "color": _rgba(style.fill or style.colour, style.fill_opacity),
        "style": "solid" if style.fill else "no", "outline_color": _rgba(style.colour),
        "outline_style": "dash" if dash else "solid", "outline_width_unit": "MM",
        "outline_width": str(round(style.weight * PIXEL_MM, 3)),
    }
    angles = {"/": ("45",), "\\": ("135",), "x": ("45", "135"), "": ()}[style.hatch]
    return [_fill(options), *(_hatching(style.colour, angle) for angle in angles)]


def _hatching(colour: str, angle: str) -> ET.Element:
    node = _symbol_layer("LinePatternFill", {"angle": angle, "distance": "2.2",
                                             "distance_unit": "MM"})
    line = _symbol_layer("SimpleLine", {"line_color": _rgba(colour, 0.6), "line_width": "0.26",
                                        "line_width_unit": "MM", "line_style": "solid"})
    node.append(_symbol("@0@0", [line], kind="line"))
    return node


def _symbol(name: str, parts: Iterable[ET.Element], *, kind: str = "fill") -> ET.Element:
    node = ET.Element("symbol", type=kind, name=name, alpha="1", clip_to_extent="1",
                      force_rhr="0")
    node.extend(parts)
    return node


def _fill(options: Mapping[str, str]) -> ET.Element:
    return _symbol_layer("SimpleFill", options)


def _symbol_layer(name: str, options: Mapping[str, str]) -> ET.Element:
    """A symbol layer with its options in both spellings that QGIS 3 has used."""
    node = ET.Element("layer", {"class": name, "enabled": "1", "locked": "0", "pass": "0"})
    held = ET.SubElement(node, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(held, "Option", type="QString", name=key, value=value)
    for key, value in options.items():
        ET.SubElement(node, "prop", k=key, v=value)
    return node


def _crs(node: ET.Element, layer: ProjectLayer) -> None:
    held = ET.SubElement(node, "spatialrefsys", nativeFormat="Wkt")
    ET.SubElement(held, "proj4")
    _text(held, "wkt", layer.crs_wkt)
    _text(held, "authid", layer.authority)


def _id(layer: ProjectLayer) -> str:
    """QGIS gives a new id to a layer whose own has ten characters or fewer."""
    return f"zoning_layer_{layer.table}"


def _source(layer: ProjectLayer, package: str) -> str:
    return f"./{package}|layername={layer.table}"


def _rgba(colour: str, opacity: float = 1.0) -> str:
    parts = [int(colour[at:at + 2], 16) for at in (1, 3, 5)]
    return ",".join(map(str, (*parts, round(255 * opacity))))


def _text(parent: ET.Element, tag: str, told: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = clean(told)


__all__ = ["ClassStyle", "ProjectLayer", "project_archive", "project_xml", "style_xml"]
