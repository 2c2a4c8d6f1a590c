"""Every page of the smoke book, as a reader's browser shows it."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Browser

from tests.browser.conftest import HTML, PAGES, Visit, open_page

CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
#: Two ways to read a page; between them, both places and both colour schemes.
WAYS = [("http", "light"), ("file", "dark")]
#: Each page is opened once a way, on one worker, for all tests that look at it.
VISITS = [
    pytest.param(
        (name, *way), id=f"{name}-{'-'.join(way)}", marks=pytest.mark.xdist_group(f"{name}-{way}")
    )
    for name in PAGES
    for way in WAYS
]


@pytest.fixture(scope="module")
def visit(
    request: pytest.FixtureRequest, browser: Browser, origins: dict[str, str]
) -> Iterator[Visit]:
    name, place, scheme = request.param
    seen = open_page(browser, f"{origins[place]}/{name}", viewport=DESKTOP, color_scheme=scheme)
    yield seen
    seen.page.context.close()


def test_the_book_is_built() -> None:
    assert CHAPTERS, "the smoke book is missing: run `make html PROFILE=smoke`, or `make test`"


@pytest.mark.parametrize("visit", VISITS, indirect=True)
def test_page_loads_whole_and_alone(visit: Visit, origins: dict[str, str]) -> None:
    own = (*origins.values(), "data:")
    assert visit.troubles == []
    assert [url for url in visit.requests if not url.startswith(own)] == []


@pytest.mark.parametrize("visit", VISITS, indirect=True)
def test_nothing_for_axe(visit: Visit) -> None:
    """Every rule in the light; in the dark, which changes colours alone, that of the contrast.

    The parts of a formula that are only seen take their colour from the text around: thousands of boxes, which would
    take the most of the time. What is read of a formula, its MathML, is looked at.
    """
    dark = visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    rules = {"runOnly": {"type": "rule", "values": ["color-contrast"]}} if dark else None
    report = Axe().run(visit.page, context={"exclude": [[".katex-html"]]}, options=rules)
    found = [
        f"{finding['id']} ({finding['impact']}): {node['html'][:150]} {node.get('failureSummary', '')}"
        for finding in report.response["violations"]
        for node in finding["nodes"]
    ]
    assert found == []


@pytest.mark.parametrize("visit", VISITS, indirect=True)
def test_phone_needs_no_sideways_scrolling(visit: Visit) -> None:
    visit.page.set_viewport_size(PHONE)
    width = visit.page.evaluate("document.documentElement.scrollWidth")
    visit.page.set_viewport_size(DESKTOP)
    assert width <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mode_follows_the_system(browser: Browser, origins: dict[str, str], scheme: str) -> None:
    page = open_page(browser, f"{origins['file']}/book/index.html", color_scheme=scheme).page
    assert page.evaluate("document.documentElement.dataset.theme") == scheme


@pytest.mark.parametrize("place", ["http", "file"])
def test_root_leads_to_the_first_page(
    browser: Browser, origins: dict[str, str], place: str
) -> None:
    page = browser.new_page()
    page.goto(f"{origins[place]}/index.html")
    page.wait_for_url("**/book/index.html")
    page.close()


@pytest.mark.parametrize("place", ["http", "file"])
def test_search_finds_a_chapter(browser: Browser, origins: dict[str, str], place: str) -> None:
    seen = open_page(browser, f"{origins[place]}/search.html?q=error")
    hit = seen.page.locator("#search-results li a").first
    hit.wait_for(timeout=180_000)
    # The search goes on fetching summaries; leaving the page would break off what is under way.
    seen.page.wait_for_load_state("networkidle")
    assert seen.troubles == []
    hit.click()
    seen.page.wait_for_url(re.compile(r"/(book|notebooks)/"))
    seen.page.context.close()


def soup(name: str) -> BeautifulSoup:
    return BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def soups() -> dict[str, BeautifulSoup]:
    return {name: soup(name) for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_every_image_has_an_alternative(soups: dict[str, BeautifulSoup], name: str) -> None:
    for image in soups[name].select("img"):
        assert len(image.get("alt", "")) > 10 * bool(image.find_parent("main")), image


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(soups: dict[str, BeautifulSoup], name: str) -> None:
    folder = (HTML / name).parent
    for link in soups[name].select("a[href]"):
        address, _, fragment = str(link["href"]).partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        target = (folder / address).resolve() if address else HTML / name
        assert target.is_file(), f"{name}: {link}"
        if fragment:
            page = soups[target.relative_to(HTML).as_posix()]
            assert page.find(id=fragment) is not None, f"{name}: {link}"


def test_scorecard_leads_to_a_card_for_every_claim(soups: dict[str, BeautifulSoup]) -> None:
    links = soups["book/scorecard.html"].select(".claim a.claim-link")
    cards = [card for name in CHAPTERS for card in soups[name].select(".claim")]
    assert len(links) == len(cards) > 0


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_has_parameters_command_and_download(
    soups: dict[str, BeautifulSoup], name: str
) -> None:
    page = soups[name]
    assert len(page.select("table.parameters tr")) > 1
    assert f"papermill {name.replace('.html', '.ipynb')}" in page.get_text()
    assert any(str(link["href"]).endswith(".ipynb") for link in page.select("a.download"))


@pytest.mark.parametrize("name", PAGES)
def test_no_button_leads_to_a_repository(soups: dict[str, BeautifulSoup], name: str) -> None:
    buttons = ".btn-source-repository-button, .btn-source-edit-button, .btn-source-issues-button"
    assert soups[name].select(buttons) == []
