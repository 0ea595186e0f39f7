"use strict";
/* Draws the maps of a paper: plane coordinates in metres, nothing fetched, names set as text. */
for (const box of document.querySelectorAll(".map")) {
  const land = JSON.parse(document.getElementById("land-" + box.dataset.of).textContent);
  const frame = [[0, 0], [land.height, land.width]];
  const map = L.map(box, {
    crs: L.CRS.Simple, minZoom: -8, maxZoom: 4, zoomSnap: 0.25, attributionControl: false,
    maxBoundsViscosity: 1,
    scrollWheelZoom: false, preferCanvas: false,
  });
  map.fitBounds(frame, {animate: false, padding: [0, 0]});
  map.setMaxBounds(L.latLngBounds(frame).pad(0.35));
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  const choices = {};
  for (const layer of land.layers) {
    const group = L.layerGroup();
    layer.shapes.forEach((rings, at) => {
      const points = rings.map((ring) => ring.map(([east, north]) => [north / 100, east / 100]));
      const style = layer.style;
      const shape = L.polygon(points, {
        color: style.colour, weight: style.weight, dashArray: style.dash || null,
        stroke: style.weight > 0, fillRule: "evenodd", interactive: Boolean(layer.names[at]),
        fill: Boolean(style.fill || layer.pattern),
        fillColor: layer.pattern ? "url(#" + layer.pattern + ")" : style.fill,
        fillOpacity: layer.pattern ? 0.75 : style.fill_opacity,
      }).addTo(group);
      if (layer.names[at]) {
        const told = document.createElement("span");
        told.textContent = layer.names[at];
        shape.bindTooltip(told, {sticky: !layer.site, permanent: layer.site,
          direction: layer.site ? "center" : "auto", className: layer.site ? "site" : ""});
      }
    });
    group.addTo(map);
    const label = document.createElement("span");
    label.textContent = layer.name;
    choices[label.innerHTML] = group;
  }
  L.control.layers(null, choices, {collapsed: land.layers.length > 3 || box.clientWidth < 600})
    .addTo(map);
  L.control.scale({imperial: false}).addTo(map);
  const place = L.control({position: "bottomright"});
  place.onAdd = () => L.DomUtil.create("div", "place");
  place.addTo(map);
  map.on("mousemove", (event) => {
    place.getContainer().textContent =
      land.words.north + " " + (land.north + event.latlng.lat).toFixed(2) + "　" +
      land.words.east + " " + (land.east + event.latlng.lng).toFixed(2);
  });
}
