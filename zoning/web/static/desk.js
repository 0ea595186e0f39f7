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

  function tiles(url, entry, style) {
    var near = L.vectorGrid.protobuf(url + ".pbf", {
      rendererFactory: L.canvas.tile, interactive: false, pane: entry.pane,
      minZoom: entry.vector_from, maxZoom: 22, updateWhenIdle: true, keepBuffer: 2,
      vectorTileLayerStyles: { layer: style }
    });
    var both = [near];
    if (entry.vector_from > entry.first_zoom) {
      both.push(L.tileLayer(url + ".png", {
        pane: entry.pane, maxZoom: entry.vector_from - 1, minZoom: entry.first_zoom }));
    }
    return L.layerGroup(both);
  }

  function deskLayer(entry, palette, map) {
    var made = tiles(entry.url, entry, entry.style ? lineStyle(entry.style, entry.many) : classStyle(palette));
    made.eachLayer(function (layer) { layer.on("load", function () { map.desk.loads += 1; }); });
    return made;
  }

  function themeStyle(colours) {
    return function (properties, zoom) {
      return { fill: true, fillColor: colours[properties.c] || colours[0], fillOpacity: 0.95,
               stroke: true, color: "#26221c", weight: zoom >= 15 ? 1.1 : 0.5, opacity: 0.8 };
    };
  }

  // A theme is some features of a layer in colours of its own; the land below it is dimmed.
  function setTheme(map, theme) {
    var key = theme ? theme.key : "";
    if (map.desk.themeKey === key) { return; }
    var old = map.desk.theme;
    map.desk.themeKey = key;
    map.desk.theme = theme ? tiles("../../theme/" + theme.key + "/{z}/{x}/{y}", {
      vector_from: theme.vector_from, first_zoom: theme.first_zoom, pane: "desk-theme"
    }, themeStyle(theme.colours)).addTo(map) : null;
    if (old) { map.removeLayer(old); }
    map.getPane("desk-0").style.opacity = theme && theme.dim ? 0.3 : 1;
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

  function note(text, kind) {
    var control = L.control({ position: "bottomright" });
    control.onAdd = function () {
      var box = L.DomUtil.create("div", kind);
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
    var isNew = asked && asked !== map.desk.fit && shapes.length;
    if (isNew && !map.desk.stay) {
      map.fitBounds(halo.getBounds(), { maxZoom: 17, padding: [40, 40] });
    }
    if (isNew) { map.desk.stay = false; } // a view that the address names is kept once
    map.desk.fit = asked;
  }

  // ── measuring on the map: lengths and areas of the picture, never statutory ones ──────────
  function geodesicArea(points) {
    var sum = 0, radius = 6371008.8, rad = Math.PI / 180;
    points.forEach(function (here, at) {
      var next = points[(at + 1) % points.length];
      sum += (next.lng - here.lng) * rad * (2 + Math.sin(here.lat * rad) + Math.sin(next.lat * rad));
    });
    return Math.abs(sum * radius * radius / 2);
  }

  function told(map, points, words) {
    var length = 0;
    for (var at = 1; at < points.length; at += 1) { length += map.distance(points[at - 1], points[at]); }
    var line = length >= 1000 ? (length / 1000).toFixed(3) + " km" : length.toFixed(1) + " m";
    if (points.length < 3) { return line; }
    var area = geodesicArea(points);
    return line + " · " + (area / 10000).toFixed(3) + " ha · " + (area * 3 / 2000).toFixed(2) + " " + words.mu;
  }

  function measure(map, words) {
    var points = [], drawn = L.layerGroup().addTo(map), box = null, button = null;
    function show() {
      drawn.clearLayers();
      if (points.length) {
        (points.length > 2 ? L.polygon : L.polyline)(points, {
          color: "#0b4f8a", weight: 2.4, dashArray: "6 4", fillOpacity: 0.08, interactive: false }).addTo(drawn);
        points.forEach(function (point) {
          L.circleMarker(point, { radius: 3.5, color: "#0b4f8a", fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(drawn);
        });
      }
      box.textContent = points.length > 1 ? words.note + " " + told(map, points, words) : words.hint;
    }
    function turn(on) {
      map.desk.measuring = on;
      button.setAttribute("aria-pressed", String(on));
      box.style.display = on ? "block" : "none";
      points = [];
      show();
    }
    // Seen before Leaflet sees it, so that a click that measures chooses no parcel.
    map.getContainer().addEventListener("click", function (event) {
      if (!map.desk.measuring || event.target.closest(".leaflet-control")) { return; }
      event.stopImmediatePropagation();
      if (map.desk.dragged) { map.desk.dragged = false; return; }
      points.push(map.mouseEventToLatLng(event));
      show();
    }, true);
    map.on("dragend", function () { map.desk.dragged = true; });
    map.on("mousedown", function () { map.desk.dragged = false; });
    var control = L.control({ position: "topleft" });
    control.onAdd = function () {
      var bar = L.DomUtil.create("div", "leaflet-bar desk-tools");
      button = L.DomUtil.create("a", "desk-measure", bar);
      button.href = "#";
      button.title = words.title;
      button.setAttribute("role", "button");
      button.setAttribute("aria-label", words.title);
      button.innerHTML = '<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d="M2 14 14 2l4 4L6 18z" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="m5.5 10.500 2 2m.5-4.500 2 2m.5-4.500 2 2" stroke="currentColor"/></svg>';
      box = L.DomUtil.create("div", "desk-measured", map.getContainer());
      box.setAttribute("role", "status");
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(button, "click", function (event) {
        L.DomEvent.preventDefault(event);
        turn(!map.desk.measuring);
      });
      turn(false);
      return bar;
    };
    control.addTo(map);
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && map.desk.measuring) { turn(false); }
    });
  }

  // ── the view is kept in the page's address and for the other pages: ?at=zoom/lat/lng ───────
  function parentPage() {
    try { return window.parent && window.parent.location.href ? window.parent : null; } catch (error) { return null; }
  }

  function viewInAddress() {
    var page = parentPage();
    return page ? new URLSearchParams(page.location.search).get("at") : null;
  }

  function readView(store) {
    var asked = viewInAddress();
    try { asked = asked || window.sessionStorage.getItem(store); } catch (error) { /* a private window */ }
    var found = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(asked || "");
    return found ? found.slice(1).map(Number) : null;
  }

  function keepView(map) {
    var middle = map.getCenter();
    var at = map.getZoom() + "/" + middle.lat.toFixed(5) + "/" + middle.lng.toFixed(5);
    try { window.sessionStorage.setItem(map.desk.store, at); } catch (error) { /* a private window */ }
    var page = parentPage();
    if (!page || !map.desk.moved) { return; }
    var query = new URLSearchParams(page.location.search);
    if (query.get("at") === at) { return; }
    query.set("at", at);
    page.history.replaceState(page.history.state, "",
      page.location.pathname + "?" + query.toString().replace(/%2F/g, "/") + page.location.hash);
  }

  // ── drawings: set by the page on undo, redo and reload; dragged whole by their handle ───────
  function handles(map) {
    var drawn = window.drawnItems;
    if (!drawn || !drawn.eachLayer) { return; }
    var isOn = map.getContainer().classList.contains("desk-drawing");
    var now = isOn ? JSON.stringify(drawn.toGeoJSON()) : "";
    if (now === map.desk.handled) { return; } // one that is being dragged stays in the hand
    map.desk.handled = now;
    map.desk.handles = map.desk.handles || L.layerGroup().addTo(map);
    map.desk.handles.clearLayers();
    if (!isOn) { return; }
    drawn.eachLayer(function (shape) {
      if (!shape.getLatLngs) { return; }
      var handle = L.marker(shape.getBounds().getCenter(), {
        draggable: true, keyboard: false, title: map.desk.words.drag,
        icon: L.divIcon({ className: "desk-handle", html: "\u271b", iconSize: [22, 22] }) });
      var from = null, corners = null;
      handle.on("dragstart", function () { from = handle.getLatLng(); corners = shape.getLatLngs()[0].slice(); });
      handle.on("drag", function () {
        var to = handle.getLatLng(), up = to.lat - from.lat, right = to.lng - from.lng;
        shape.setLatLngs([corners.map(function (p) { return L.latLng(p.lat + up, p.lng + right); })]);
      });
      handle.on("dragend", function () { map.fire("draw:edited", { layers: drawn }); });
      handle.addTo(map.desk.handles);
    });
  }

  function setDrawings(map, draw) {
    if (!draw || map.desk.serial === draw.serial || !window.drawnItems || !window.drawnItems.clearLayers) { return; }
    map.desk.serial = draw.serial;
    window.drawnItems.clearLayers();
    draw.shapes.forEach(function (ring) {
      window.drawnItems.addLayer(L.polygon(ring.map(function (p) { return [p[1], p[0]]; }),
        { color: "#111111", weight: 2, fillColor: "#ffe14d", fillOpacity: 0.25 }));
    });
  }

  function outside(map, shapes) {
    if (map.desk.outside) { map.removeLayer(map.desk.outside); }
    map.desk.outside = L.geoJSON(shapes, { interactive: false, style: {
      color: "#b3261e", weight: 2, dashArray: "6 4", fillColor: "#b3261e", fillOpacity: 0.45 } }).addTo(map);
  }

  function gaps(map, lines) {
    if (map.desk.gaps) { map.removeLayer(map.desk.gaps); }
    map.desk.gaps = L.layerGroup().addTo(map);
    lines.forEach(function (gap) {
      var ends = gap.ends.map(function (p) { return [p[1], p[0]]; });
      L.polyline(ends, { color: "#ffffff", weight: 5, opacity: 0.85, interactive: false }).addTo(map.desk.gaps);
      L.polyline(ends, { color: gap.colour, weight: 2, dashArray: "2 4", interactive: false }).addTo(map.desk.gaps);
      var label = document.createElement("span");
      label.textContent = gap.metres + " m";
      L.marker([(ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2], {
        interactive: false, keyboard: false, icon: L.divIcon({ className: "desk-gap", html: label }) }).addTo(map.desk.gaps);
    });
  }

  window.deskMap = function (map, config) {
    map.desk = { layers: [], loads: 0, marks: null, fit: "", serial: null, themeKey: "", theme: null,
                 measuring: false, words: config.map_words, store: "zoning-view-" + config.county, moved: false,
                 stay: Boolean(viewInAddress()) };
    var page = parentPage();
    if (page) { page.document.documentElement.classList.add("map-alive"); }
    map.attributionControl.setPrefix(false);
    speak(config.words);
    if (config.online) {
      config.online.forEach(function (url) { L.tileLayer(url, { maxZoom: 18 }).addTo(map); });
    }
    config.layers.forEach(function (entry, at) {
      entry.pane = "desk-" + at;
      map.createPane(entry.pane).style.zIndex = 210 + at;
      map.getPane(entry.pane).style.pointerEvents = "none";
      map.desk.layers.push(deskLayer(entry, config.palette, map));
      if (at === 0) { map.createPane("desk-theme").style.zIndex = 210; }
    });
    map.getPane("desk-theme").style.pointerEvents = "none";
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    north().addTo(map);
    measure(map, config.map_words);
    note(config.source, "desk-source").addTo(map);
    if (config.note) { note(config.note, "desk-note").addTo(map); }
    var asked = readView(map.desk.store);
    if (asked) { map.setView([asked[1], asked[2]], asked[0], { animate: false }); }
    map.on("dragstart zoomstart keydown", function () { map.desk.moved = true; });
    map.on("moveend", function () { keepView(map); });
    map.on("keypress", function (event) {
      if (event.originalEvent.key === "Enter") {
        map.fire("click", { latlng: map.getCenter(), originalEvent: event.originalEvent });
      }
    });
    map.on("draw:created draw:edited draw:deleted", function () { setTimeout(function () { handles(map); }, 0); });
  };

  window.deskSet = function (map, state) {
    map.desk.layers.forEach(function (layer, number) {
      var wanted = state.shown.indexOf(number) >= 0;
      if (wanted && !map.hasLayer(layer)) { map.addLayer(layer); }
      if (!wanted && map.hasLayer(layer)) { map.removeLayer(layer); }
    });
    map.getContainer().classList.toggle("desk-drawing", state.drawing);
    setTheme(map, state.theme);
    setDrawings(map, state.draw);
    handles(map);
    gaps(map, state.gaps);
    mark(map, state.marked, state.fit);
    outside(map, state.outside);
    keepView(map);
  };
})();
