"""Code lists as data: land classes, quota kinds, layer roles; see `zoning.codes.reader`."""
