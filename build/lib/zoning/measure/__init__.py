"""MEASURE: statutory areas and overlays; geometry ends here."""
