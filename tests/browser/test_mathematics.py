"""Every formula of the smoke book comes typeset, fits its column or scrolls, and gives its TeX when copied."""

import re

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from benchmarks.pages import served, visit
from tests.browser.conftest import HTML, PAGES, open_page

CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]
RAW = re.compile(r"\\\(|\\\[|\$[^$]+\$|\\(?:frac|sum|alpha|begin|mathbb|mathcal|leq|log)\b")
DISPLAYS = """boxes => boxes.map(box => ({
  id: box.parentElement.id,
  wide: box.scrollWidth > box.clientWidth + 1,
  edge: box.matches(".more-left, .more-right"),
  focusable: box.tabIndex === 0,
}))"""


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {name: (HTML / name).read_text(encoding="utf-8") for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_no_formula_is_left_as_source(texts: dict[str, str], name: str) -> None:
    page = BeautifulSoup(texts[name], "html.parser")
    main = page.select_one("main")
    assert main is not None
    for formula in main.select(".math"):
        assert formula.select_one(".katex-html") is not None, formula
        assert formula.select_one("math annotation") is not None, formula
    for hidden in main.select("script, style, pre, code, .katex"):
        hidden.decompose()
    assert RAW.findall(main.get_text()) == []
    assert main.select(".formula-fault, .katex-error, merror") == []


@pytest.mark.parametrize("name", PAGES)
def test_no_script_for_mathematics_is_loaded(texts: dict[str, str], name: str) -> None:
    scripts = re.findall(r'<script[^>]*src="([^"]+)"', texts[name])
    assert not [src for src in scripts if re.search("mathjax|katex|fontawesome", src, re.I)]
    assert "MathJax" not in texts[name]


def test_claims_tables_and_numbers_are_typeset(texts: dict[str, str]) -> None:
    chapters = [BeautifulSoup(texts[name], "html.parser") for name in CHAPTERS]
    assert any(chapter.select(".claim .katex math") for chapter in chapters)
    numbered = [
        eqno.get_text() for chapter in chapters for eqno in chapter.select("div.math .eqno")
    ]
    assert len(numbered) > 40
    assert all(re.match(r"\(\d+\.\d+\)", number) for number in numbered)
    assert len(set(numbered)) == len(numbered)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    return open_page(browser, HTML.as_uri() + "/book/index.html").page


@pytest.mark.parametrize("name", CHAPTERS)
def test_displays_fit_a_desktop_and_scroll_on_a_phone(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 1300, "height": 900})
    page.goto(f"{HTML.as_uri()}/{name}")
    page.evaluate("document.fonts.ready.then(() => null)")
    boxes = page.locator(".formula").evaluate_all(DISPLAYS)
    assert boxes
    assert [box["id"] for box in boxes if box["wide"]] == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    for box in page.locator(".formula").evaluate_all(DISPLAYS):
        assert box["edge"] == box["focusable"] == box["wide"], box


def test_a_copied_proposition_gives_its_tex(page: Page) -> None:
    page.goto(f"{HTML.as_uri()}/notebooks/02_finite_data.html")
    copied = page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.getElementById("proposition-1"));
          window.getSelection().removeAllRanges();
          window.getSelection().addRange(range);
          let text = null;
          document.addEventListener("copy", e => { text = e.clipboardData.getData("text/plain"); });
          document.execCommand("copy");
          return text;
        }"""
    )
    assert r"$$\mathbb" in copied
    assert r"$\alpha > 1$" in copied


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_and_stands_still(browser: Browser, name: str) -> None:
    # a paint between two files that a loaded machine delays is no shift of the page: one of three
    with served(HTML) as root:
        for _ in range(3):
            seen = visit(browser, f"{root}/{name}", throttle=1)
            assert seen.kilobytes <= 1000
            assert seen.requests <= 20
            if seen.shift <= 0.05:
                return
    pytest.fail(f"shifts by {seen.shift:.3f}")
