"""Memo and atlas: self-contained, inert, the same bytes, and what they say is what was decided."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import report_examples as examples
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from out_county import hostile_scenario
from playwright.sync_api import sync_playwright
from test_layers_round_trip import polygons
from web_county import HOSTILE

from zoning.errors import UsageError
from zoning.measure.facts import Part
from zoning.messages import LANGUAGES, text
from zoning.report.layout import clean
from zoning.report.paper import fonts, pdf
from zoning.report.paper.grids import table_grid
from zoning.report.paper.memo import MemoFacts, memo
from zoning.report.paper.model import (
    Code,
    Grid,
    Heading,
    Paper,
    Paragraph,
    ShownLayer,
    SiteMap,
)
from zoning.report.paper.page import MapLibrary, json_in_page, paper_html
from zoning.report.paper.pdf import paper_pdf
from zoning.report.tables.proof import before_after_table, proof_card
from zoning.scenario.outcome import ProjectOutcome, Status
from zoning.web.vendor import map_library
from zoning.workspace import Workspace, check, read_scenario
from zoning.workspace.ground import SITE, outline, window
from zoning.workspace.reports import ReportWish, scenario_paper, write_atlas, write_report

COMMAND = "zoning report hostile.toml --out here.pdf --lang zh"
LIBRARY = MapLibrary("var L = 1;", ".leaflet { background: url(images/x.png) }")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path]:
    return hostile_scenario(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def paper(county: tuple[Workspace, Path]) -> Paper:
    return scenario_paper(*county, wish=ReportWish(), command=COMMAND)


@pytest.fixture(scope="module")
def memo_pdf(paper: Paper) -> bytes:
    return paper_pdf(paper)


class Markup(HTMLParser):
    """The elements of a page, the text outside of scripts, and what the scripts are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] not in {"script", "style"}:
            self.text += data


def told(facts_paper: Paper) -> str:
    """Everything a paper says, as text."""
    parts: list[str] = [facts_paper.title, facts_paper.subtitle]
    for block in facts_paper.blocks:
        if isinstance(block, Heading | Paragraph | Code):
            parts.append(block.text)
        elif isinstance(block, Grid):
            parts += [f"{cell.text} {cell.small}" for row in block.rows for cell in row]
    return "\n".join(parts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_memo_says_everything_that_was_decided(language: str) -> None:
    outcome = examples.priced()
    facts = MemoFacts(outcome, examples.KINDS, examples.CLASSES, examples.PROVENANCE,
                      proof=proof_card(outcome), description="说明")
    made = memo(facts, language)
    whole = told(made)
    for project in outcome.projects:
        assert project.name in whole
        assert text(f"report.status.{project.verdict.value}", language) in whole
        for finding in project.findings:
            assert finding.message.params is not None
            for citation in finding.citations:
                assert citation.rule_id in whole
    assert outcome.rules_sha256 in whole
    assert examples.PROVENANCE.command in whole
    assert all(each.sha256 in whole for each in examples.PROVENANCE.sources)
    chapters = [each.text for each in made.blocks if isinstance(each, Heading) and each.level == 1]
    assert chapters == [text(f"papers.chapter.{key}", language) for key in (
        "summary", "projects", "quota", "proof", "approvals", "clauses", "sources")]
    assert memo(facts, language) == made


@given(examples.OUTCOMES)
@settings(max_examples=30)
def test_quota_after_is_before_less_what_is_drawn(outcome) -> None:
    table = before_after_table(outcome, kinds=examples.KINDS)
    drawn = sum(line.drawn for project in outcome.projects for need in project.needs
                for line in need.pools)
    assert sum(row[table.position("drawn")].value for row in table.rows) == drawn
    for row in table.rows:
        before, less, after = (row[table.position(key)] for key in ("before", "drawn", "after"))
        assert after.value == before.value - less.value


def whole(project: ProjectOutcome) -> ProjectOutcome:
    """The project with its land measured parcel by parcel."""
    facts = project.facts
    part = Part("1", "0101", facts.area_dm2 - facts.uncovered_dm2 + facts.overlap_dm2)
    return replace(project, facts=replace(facts, parts=(part,)))


def test_the_proof_card_finds_land_that_was_lost() -> None:
    project = whole(examples.priced().projects[0])
    outcome = replace(examples.priced(), projects=(project,))
    assert all(each.status is not Status.FAIL for each in proof_card(outcome))
    lost = replace(project, facts=replace(project.facts, area_dm2=project.facts.area_dm2 + 1))
    failing = [each for each in proof_card(replace(outcome, projects=(lost,)))
               if each.status is Status.FAIL]
    assert [each.claim.key for each in failing] == ["papers.proof.area"]
    passed = replace(project, verdict=Status.PASS, findings=(replace(
        project.findings[0], status=Status.FAIL),))
    failing = [each for each in proof_card(replace(outcome, projects=(passed,)))
               if each.status is Status.FAIL]
    assert "papers.proof.verdicts" in [each.claim.key for each in failing]


# HTML

def test_a_page_fetches_nothing_and_runs_two_scripts_by_their_hash(paper: Paper) -> None:
    page = paper_html(paper, map_library())
    found = Markup(page)
    assert "url(" not in re.sub(r'fill="url\(#hatch[^)]*\)"', "", page.split("</style>")[0])
    for tag, attributes in found.tags:
        assert not {"src", "href", "action", "srcset"} & set(attributes), tag
        assert not any(name.startswith("on") for name in attributes)
    scripts = [a for tag, a in found.tags if tag == "script" and "type" not in a]
    assert len(scripts) == 2
    policy = next(a["content"] for tag, a in found.tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert policy.count("'sha256-") == 2


def test_hostile_texts_are_shown_and_do_nothing(paper: Paper) -> None:
    found = Markup(paper_html(paper, LIBRARY))
    assert {tag for tag, _ in found.tags} <= {
        "html", "head", "meta", "title", "style", "body", "svg", "defs", "pattern", "path", "rect",
        "main", "p", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "small",
        "div", "figure", "figcaption", "script", "ul", "li", "pre", "code", "i", "br", "footer"}
    for name in (HOSTILE[0], HOSTILE[1], HOSTILE[6], HOSTILE[7]):
        assert clean(name) in found.text


@given(st.recursive(st.text() | st.integers(), st.lists, max_leaves=8))
def test_json_in_a_page_ends_no_element_and_reads_back(value: object) -> None:
    told_json = json_in_page(value)
    assert not set(told_json) & set("<>&\u2028\u2029")
    assert json.loads(told_json) == value


@given(polygons())
@settings(max_examples=40)
def test_the_land_of_a_page_reads_back(shape: shapely.Polygon) -> None:
    """Shapes to the centimetre, holes and names, in their order."""
    box = window([shape.bounds])
    layer = ShownLayer("甲</script>", SITE, (outline(shape, box),), ("一 & 二",), is_site=True)
    drawn = SiteMap("0", "c", (box[0], box[1]), box[2] - box[0], box[3] - box[1], "s", (layer,))
    page = paper_html(Paper("t", "s", "zh", "2024-01-01", (drawn,)), LIBRARY)
    held = re.search(r'id="land-0">(.*?)</script>', page)
    assert held is not None
    told_land = json.loads(held[1])
    (read,) = told_land["layers"]
    rings = [np.array(ring) / 100 + np.array([told_land["east"], told_land["north"]])
             for ring in read["shapes"][0]]
    again = shapely.Polygon(rings[0], rings[1:])
    assert (read["name"], read["names"]) == ("甲</script>", ["一 & 二"])
    assert shapely.hausdorff_distance(again.boundary, shape.boundary) < 0.0072
    assert len(again.interiors) == len(shape.interiors)
    west, south, east, north = shape.bounds
    assert box[0] < west < east < box[2]
    assert box[1] < south < north < box[3]


@pytest.mark.browser
def test_maps_live_in_the_browser_and_hostile_texts_do_not(
    county: tuple[Workspace, Path], tmp_path: Path
) -> None:
    out = write_report(*county, tmp_path / "memo.html", wish=ReportWish(alternatives=False),
                       library=map_library())
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"),
                                       args=["--no-sandbox"])
        view = browser.new_page()
        asked: list[str] = []
        faults: list[str] = []
        view.on("request", lambda request: asked.append(request.url))
        view.on("pageerror", lambda error: faults.append(str(error)))
        view.on("console", lambda line: faults.append(line.text))
        view.goto(out.as_uri())
        view.wait_for_selector(".map path")
        maps = view.locator(".leaflet-container").count()
        before = view.locator(".map .leaflet-overlay-pane svg").first.bounding_box()
        view.locator(".leaflet-control-zoom-in").first.click()
        view.wait_for_timeout(500)
        after = view.locator(".map .leaflet-overlay-pane svg").first.bounding_box()
        hit = view.evaluate("window.hit || parent.hit || document.querySelectorAll('img').length")
        browser.close()
    assert asked == [out.as_uri()]
    assert faults == []
    assert maps == 4
    assert before != after
    assert hit in (0, None)


# PDF

def test_the_same_input_gives_the_same_bytes(
    county: tuple[Workspace, Path], tmp_path: Path, memo_pdf: bytes
) -> None:
    """HTML twice here; PDF here and by the command line, in a process of its own."""
    workspace, file = county
    pages = [write_report(workspace, file, tmp_path / "here.html", wish=ReportWish(),
                          library=LIBRARY).read_bytes() for _ in range(2)]
    assert pages[0] == pages[1]
    subprocess.run(
        [sys.executable, "-m", "zoning", "--workspace", str(workspace.root), "report", str(file),
         "--out", str(tmp_path / "here.pdf")], check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONHASHSEED": "7"})
    assert (tmp_path / "here.pdf").read_bytes() == memo_pdf
    assert sorted(each.name for each in tmp_path.iterdir()) == ["here.html", "here.pdf"]


def test_a_pdf_embeds_subsets_of_its_chinese_font(memo_pdf: bytes) -> None:
    assert memo_pdf.startswith(b"%PDF-")
    embedded = re.findall(rb"/FontFile[23]? \d+ 0 R", memo_pdf)
    assert len(embedded) == 2
    assert len(re.findall(rb"/BaseFont /MPDF", memo_pdf)) >= 2
    assert b"/ToUnicode" in memo_pdf
    assert len(memo_pdf) < 2_000_000
    assert b"/JavaScript" not in memo_pdf
    assert b"/URI" not in memo_pdf


def test_the_text_of_a_pdf_can_be_searched(memo_pdf: bytes, tmp_path: Path) -> None:
    tool = shutil.which("pdftotext")
    if tool is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have poppler-utils")
        pytest.skip("pdftotext is not installed")
    file = tmp_path / "memo.pdf"
    file.write_bytes(memo_pdf)
    read = subprocess.run([tool, "-raw", str(file), "-"], check=True, capture_output=True,
                          text=True).stdout.replace("\n", "")
    for phrase in ("一、结论", "四、验证卡", "复现命令", "zoning report hostile.toml", "{{7*7}}",
                   "指标使用前后"):
        assert phrase in read


def test_an_atlas_has_a_page_for_each_site(
    county: tuple[Workspace, Path], tmp_path: Path
) -> None:
    workspace, file = county
    scenario = read_scenario(file)
    made = scenario_paper(workspace, file, wish=ReportWish("atlas"), command="c")
    assert sum(isinstance(each, SiteMap) for each in made.blocks) == len(scenario.projects)
    pages = len(re.findall(rb"/Type /Page\b", paper_pdf(made)))
    assert pages == len(scenario.projects) + 1  # the last one names the sources
    out = write_atlas(workspace, "parcel", tmp_path / "land.html", features=list(HOSTILE[:2]),
                      library=LIBRARY)
    found = Markup(out.read_text(encoding="utf-8"))
    assert sum(attributes.get("class") == "map" for _, attributes in found.tags) == 2
    with pytest.raises(UsageError, match="out_kind"):
        write_atlas(workspace, "parcel", tmp_path / "land.docx", library=LIBRARY)
    with pytest.raises(UsageError, match="no_scripts"):
        write_atlas(workspace, "parcel", tmp_path / "land.html", features=[HOSTILE[0]],
                    library=None)


def test_a_machine_without_a_chinese_font_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    for named in (tmp_path / "absent.ttf", tmp_path / "broken.ttf"):
        monkeypatch.setenv(fonts.VARIABLE, str(named))
        with pytest.raises(UsageError, match="no_font"):
            fonts.paper_fonts()
    monkeypatch.delenv(fonts.VARIABLE)
    monkeypatch.setattr(fonts, "KNOWN", (("/nowhere/a.ttc", "/nowhere/b.ttc"),))
    with pytest.raises(UsageError, match="no_font"):
        pdf.paper_pdf(Paper("t", "s", "zh", "2024-01-01", ()))


def test_a_table_without_rows_says_so_in_a_paper() -> None:
    outcome = replace(examples.priced(), projects=())
    found = table_grid(before_after_table(outcome, kinds=examples.KINDS), "zh")
    assert found.rows[0][0].text == "无记录"


def test_a_verdict_of_a_memo_is_the_engines(county: tuple[Workspace, Path], paper: Paper) -> None:
    workspace, file = county
    outcome = check(workspace, read_scenario(file), folder=file.parent)
    tones = [each.tone for each in paper.blocks if isinstance(each, Paragraph)
             and each.tone in {"pass", "fail", "undecided"}]
    assert tones == [each.verdict.value for each in outcome.projects]
