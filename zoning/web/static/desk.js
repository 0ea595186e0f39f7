/* The desk's map: layers from the app's own tiles, styles as numbers, nothing from anywhere else.
 *
 * Python calls deskMap(map, config) once when the map is made, and deskSet(map, state) from the
 * feature group whenever something on the page changes: the live map obeys and is never rebuilt.
 */
(function () {
  "use strict";
  // VectorGrid 1.3.0 calls this; Leaflet 1.8 dropped it.
  L.DomEvent.fakeStop = L.DomEvent.fakeStop || function () {};

  var HATCH = 8; // divides 256, so that hatching runs on from tile to tile

  function hatch(style) {
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = HATCH;
    var ink = canvas.getContext("2d");
    ink.strokeStyle = style.colour;
    ink.lineWidth = 1;
    ink.beginPath();
    for (var at = -HATCH; at <= HATCH; at += HATCH) {
      if (style.hatch !== "\\") { ink.moveTo(at - 1, HATCH + 1); ink.lineTo(at + HATCH + 1, -1); }
      if (style.hatch !== "/") { ink.moveTo(at - 1, -1); ink.lineTo(at + HATCH + 1, HATCH + 1); }
    }
    ink.stroke();
    return ink.createPattern(canvas, "repeat");
  }

  function classStyle(palette) {
    return function (properties, zoom) {
      var colour = palette[properties.c] || palette[0];
      return {
        fill: true, fillColor: colour, fillOpacity: 1,
        stroke: true, color: zoom >= 15 ? "#5c5648" : colour,
        weight: zoom >= 17 ? 0.8 : zoom >= 15 ? 0.45 : 0.5, opacity: zoom >= 15 ? 0.75 : 1
      };
    };
  }

  function lineStyle(style, many) {
    var pattern = style.hatch ? hatch(style) : null;
    return function (properties, zoom) {
      var afar = many && zoom < 16, thin = !afar ? 1 : zoom < 14 ? 0.25 : 0.5;
      var drawn = {
        stroke: true, color: style.colour, weight: style.weight * thin, opacity: afar ? 0.7 : 0.95,
        dashArray: style.dash || null, fill: Boolean(pattern || style.fill_opacity),
        fillColor: pattern || style.fill, fillOpacity: pattern ? 0.55 : style.fill_opacity
      };
      // a light casing keeps lines legible over any class colour
      var casing = { stroke: true, color: "#ffffff", weight: style.weight + 2, opacity: 0.65, fill: false };
      return style.weight >= 2 ? [casing, drawn] : drawn;
    };
  }

  function deskLayer(entry, palette, map) {
    var near = L.vectorGrid.protobuf(entry.url + ".pbf", {
      rendererFactory: L.canvas.tile, interactive: false, pane: entry.pane,
      minZoom: entry.vector_from, maxZoom: 22, updateWhenIdle: true, keepBuffer: 2,
      vectorTileLayerStyles: { layer: entry.style ? lineStyle(entry.style, entry.many) : classStyle(palette) }
    });
    var both = [near];
    if (entry.vector_from > entry.first_zoom) {
      both.push(L.tileLayer(entry.url + ".png", { pane: entry.pane, maxZoom: entry.vector_from - 1,
                                                  minZoom: entry.first_zoom }));
    }
    both.forEach(function (layer) { layer.on("load", function () { map.desk.loads += 1; }); });
    return L.layerGroup(both);
  }

  function north() {
    var control = L.control({ position: "topright" });
    control.onAdd = function () {
      var box = L.DomUtil.create("div", "desk-north");
      box.innerHTML = '<svg viewBox="0 0 24 36" width="22" height="33" aria-hidden="true">' +
        '<path d="M12 9 L19 33 L12 28 Z" fill="#26342e"/>' +
        '<path d="M12 9 L5 33 L12 28 Z" fill="#fff" stroke="#26342e" stroke-width="1"/>' +
        '<text x="12" y="7.5" text-anchor="middle" font-size="8.5" font-weight="700" fill="#26342e">N</text></svg>';
      return box;
    };
    return control;
  }

  function note(text) {
    var control = L.control({ position: "bottomright" });
    control.onAdd = function () {
      var box = L.DomUtil.create("div", "desk-note");
      box.textContent = text;
      return box;
    };
    return control;
  }

  function speak(words) {
    if (!L.drawLocal) { return; }
    Object.keys(words).forEach(function (path) {
      var steps = path.split("."), last = steps.pop(), node = L.drawLocal;
      steps.forEach(function (step) { node = node[step]; });
      node[last] = words[path];
    });
  }

  function mark(map, shapes, fit) {
    if (map.desk.marks) { map.removeLayer(map.desk.marks); }
    function outline(style) {
      return L.geoJSON(shapes, { interactive: false, style: style });
    }
    var halo = outline({ color: "#ffffff", weight: 6, opacity: 0.9, fill: false });
    map.desk.marks = L.featureGroup([
      halo, outline({ color: "#111111", weight: 2.4, fillColor: "#ffe14d", fillOpacity: 0.35 })
    ]).addTo(map);
    var asked = fit ? JSON.stringify(shapes) : "";
    if (asked && asked !== map.desk.fit && shapes.length) {
      map.fitBounds(halo.getBounds(), { maxZoom: 17, padding: [40, 40] });
    }
    map.desk.fit = asked;
  }

  window.deskMap = function (map, config) {
    map.desk = { layers: [], loads: 0, marks: null, fit: "" };
    map.attributionControl.setPrefix(false);
    speak(config.words);
    config.layers.forEach(function (entry, at) {
      entry.pane = "desk-" + at;
      map.createPane(entry.pane).style.zIndex = 210 + at;
      map.getPane(entry.pane).style.pointerEvents = "none";
      map.desk.layers.push(deskLayer(entry, config.palette, map));
    });
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    north().addTo(map);
    if (config.note) { note(config.note).addTo(map); }
  };

  window.deskSet = function (map, state) {
    map.desk.layers.forEach(function (layer, number) {
      var wanted = state.shown.indexOf(number) >= 0;
      if (wanted && !map.hasLayer(layer)) { map.addLayer(layer); }
      if (!wanted && map.hasLayer(layer)) { map.removeLayer(layer); }
    });
    map.getContainer().classList.toggle("desk-drawing", state.drawing);
    mark(map, state.marked, state.fit);
  };
})();
