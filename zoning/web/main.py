"""The script that Streamlit runs: names the pages and shows the one asked for."""

from __future__ import annotations

import streamlit as st

from zoning.web import session
from zoning.web.shell import page_setup
from zoning.web.views import (
    balance,
    compare,
    data,
    mapping,
    plan,
    portfolio,
    reports,
    rules,
    scenarios,
    search,
    siting,
    start,
)

page_setup()
st.navigation(
    [
        st.Page(mapping.page, title=session.say("web.page_map"), url_path="map", default=True),
        st.Page(data.page, title=session.say("web.page_data"), url_path="data"),
        st.Page(siting.page, title=session.say("web.page_siting"), url_path="siting"),
        st.Page(search.page, title=session.say("web.page_search"), url_path="search"),
        st.Page(scenarios.page, title=session.say("web.page_scenarios"), url_path="scenarios"),
        st.Page(plan.page, title=session.say("web.page_plan"), url_path="plan"),
        st.Page(portfolio.page, title=session.say("portfolio.page.title"), url_path="portfolio"),
        st.Page(compare.page, title=session.say("web.page_compare"), url_path="compare"),
        st.Page(balance.page, title=session.say("web.page_balance"), url_path="balance"),
        st.Page(reports.page, title=session.say("web.page_reports"), url_path="reports"),
        st.Page(rules.page, title=session.say("web.page_rules"), url_path="rules"),
        st.Page(start.page, title=session.say("web.page_start"), url_path="start"),
    ],
    position="top",
).run()
