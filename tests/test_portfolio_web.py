"""Pictures of a plan, work beside the page, and the page's parts, without a browser."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from datetime import date

from zoning.errors import UsageError
from zoning.portfolio.highs import Progress, Watch
from zoning.web.jobs import Job
from zoning.web.solving import start
from zoning.web.timeline import Bar, Year, timeline_svg, years_svg
from zoning.workspace.search import SiteSearch

NASTY = "<script>alert(1)</script>&\"'"
SVG = "{http://www.w3.org/2000/svg}"


def test_a_bar_runs_from_the_day_a_project_goes() -> None:
    drawn = timeline_svg([Bar("A", "first", date(2026, 1, 1), "pass", must=True),
                          Bar("B", "later", date(2027, 7, 2), "undecided"),
                          Bar("C", "left out", None, "out")], (2026, 2027), title="Plan")
    bars = [float(each.attrib["x"]) for each in ET.fromstring(drawn).iter(f"{SVG}rect")]
    assert len(bars) == 2
    assert bars[0] == 250.0
    assert 250 + 325 < bars[1] < 250 + 650


def test_words_are_never_markup() -> None:
    drawn = timeline_svg([Bar(NASTY, NASTY, None, "out")], (2026,), title=NASTY)
    assert "<script>" not in drawn
    assert ET.fromstring(drawn).find(f"{SVG}title").text == NASTY


def test_columns_of_a_year_are_on_one_scale() -> None:
    drawn = years_svg([Year(2026, {"booked": 100, "drawn": 60, "left": 40}),
                       Year(2027, {"carried": 40, "lapsed": 40})],
                      {"booked": "in", "drawn": "used", "left": "left", "carried": "carried",
                       "lapsed": "lapsed"}, title="Quota")
    heights = [float(each.attrib["height"]) for each in ET.fromstring(drawn).iter(f"{SVG}rect")
               if each.attrib["width"] == "42"]
    assert heights == [170.0, 102.0, 68.0, 68.0, 68.0]


def test_nothing_to_draw_is_empty() -> None:
    assert timeline_svg([], (2026,), title="") == ""
    assert years_svg([Year(2026, {})], {}, title="") == ""


def test_work_beside_the_page_tells_and_stops() -> None:
    def work(watch: Watch) -> str:
        watch.tell(Progress("value", 1.0, 2.0, 0.1))
        watch.stopped.wait(30)
        return "as far as it got"

    job = Job(work, Watch()).start()
    assert job.is_running
    while job.last is None:
        time.sleep(0.01)
    job.stop()
    job.wait(30)
    assert (job.found, job.error, job.is_running) == ("as far as it got", None, False)


def test_work_that_fails_is_a_sentence() -> None:
    def refused(_: Watch) -> None:
        raise UsageError("decide.no_project", project="P", have=[])

    def broken(_: Watch) -> None:
        raise ZeroDivisionError

    for work, key in ((refused, "decide.no_project"), (broken, "cli.unexpected")):
        job = Job(work, Watch()).start()
        job.wait(30)
        assert job.error is not None
        assert job.error.message.key == key


def test_a_search_that_fails_in_any_way_tells_its_error() -> None:
    """A page that finds neither an answer nor an error would show nothing at all."""
    def broken(_watch: object) -> SiteSearch:
        raise ZeroDivisionError("planted")

    solve = start(broken)
    assert solve.thread is not None
    solve.thread.join(10)
    assert solve.answer is None
    assert solve.error is not None
    assert "planted" in str(solve.error)
