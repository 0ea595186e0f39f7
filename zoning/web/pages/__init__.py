"""The pages: widgets and calls."""
