"""Site search: the cheapest connected site of whole parcels, with a proof.

Arrays in, records out. Parcels and their borders come in as integers (`model.Land`), the demand as
`model.Demand`; out comes `model.Search`: sites, bounds and the certificate of what closed what.
Model, sources and what is proven: ``docs/optimisation.md``.

* `model`: records   * `cover`: windows on the county   * `flow`: pushes on the borders
* `dual`: bounds of a window   * `branch`: branch and bound   * `greedy`: first sites
* `search`: the driver   * `replay`: the certificate checked   * `synthetic`: counties for tests
"""
