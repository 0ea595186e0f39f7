"""Entry of the app: its pages, its own files and map tiles. `zoning serve` does the same."""

import streamlit as st

from zoning.web.server import PAGES, SETTINGS, middleware, routes

app = st.App(PAGES, routes=routes(), middleware=middleware())

if __name__ == "__main__":
    app.run(config=dict(SETTINGS))
