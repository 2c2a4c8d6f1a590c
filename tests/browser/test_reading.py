"""What helps readers: search by name, explanations, folded proofs, names of switches, any address."""

import functools
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import HTML, PAGES, open_page

CHAPTER = "notebooks/03_finite_memory.html"
SCRIPTS = HTML.parents[2] / "book" / "_static"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    seen = open_page(browser, f"{HTML.as_uri()}/{CHAPTER}", viewport={"width": 1300, "height": 900})
    yield seen.page
    # what was left before it was whole has failed, and says nothing
    assert [text for text in seen.troubles if not text.startswith("failed: ")] == []
    seen.page.context.close()


# Search


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("Prop 3", "notebooks/05_with_threshold.html#proposition-3"),
        ("prop. 3", "notebooks/05_with_threshold.html#proposition-3"),
        ("Theorem 2", "notebooks/06_minimax.html#theorem-2"),
        ("thm 1", "notebooks/03_finite_memory.html#theorem-1"),
        ("alpha", "book/notation.html#symbol-"),
        ("α", "book/notation.html#symbol-"),
        ("theorem_1_lower", "book/api/theory.html#api-theory-theorem-1-lower"),
        ("chapter 5", "notebooks/05_with_threshold.html"),
        ("(3.1)", "notebooks/03_finite_memory.html#equation-"),
        ("thm1.lower", "notebooks/03_finite_memory.html#claim-thm1-lower"),
        ("fig 2.1", "notebooks/02_finite_data.html#"),
    ],
)
def test_search_leads_to_the_right_page_first(page: Page, typed: str, place: str) -> None:
    page.goto(f"{HTML.as_uri()}/search.html")
    field = page.locator("input[name=q]:visible").first
    field.fill(typed)
    field.press("Enter")
    first = page.locator("#search-results li a").first
    first.wait_for()
    assert place in str(first.evaluate("link => link.href")).replace("?highlight", "#")


def test_search_of_words_still_works(page: Page) -> None:
    page.goto(f"{HTML.as_uri()}/search.html?q=overflow")
    first = page.locator("#search-results li a").first
    first.wait_for()
    assert "03_finite_memory" in str(first.get_attribute("href"))


# Explanations


@pytest.fixture
def chapter(page: Page) -> Page:
    page.goto(f"{HTML.as_uri()}/{CHAPTER}")
    page.evaluate("localStorage.clear()")
    page.reload()
    return page


def test_hover_explains_a_reference_to_another_page(chapter: Page) -> None:
    link = chapter.locator('a[data-explained][href="01_model.html#prop-signal-noise"]').first
    link.hover()
    box = chapter.locator(".explanation")
    box.wait_for()
    assert "Signal and noise" in box.inner_text()
    box.hover()  # it stays while the pointer is on it
    chapter.wait_for_timeout(400)
    assert box.is_visible()
    chapter.keyboard.press("Escape")
    assert box.is_hidden()


def test_focus_explains_an_equation_and_leaving_closes(chapter: Page) -> None:
    link = chapter.locator('a[data-explained][href="#equation-eq-theorem-1-lower"]').first
    link.focus()
    chapter.keyboard.press("Shift+Tab")
    chapter.keyboard.press("Tab")  # focus by keyboard
    box = chapter.locator(".explanation")
    box.wait_for()
    assert box.locator(".katex").count() > 0
    assert link.get_attribute("aria-describedby") == box.get_attribute("id")
    chapter.keyboard.press("Tab")
    assert link.get_attribute("aria-describedby") is None


def test_symbols_are_explained_in_the_words_of_the_notation(chapter: Page) -> None:
    symbol = chapter.locator('[data-symbol="f_*"]').first
    symbol.hover()
    box = chapter.locator(".explanation")
    box.wait_for()
    assert "the right output of a token" in box.inner_text()


def test_a_tap_explains_and_a_tap_elsewhere_closes(browser: Browser) -> None:
    seen = open_page(
        browser,
        f"{HTML.as_uri()}/{CHAPTER}",
        viewport={"width": 390, "height": 844},
        has_touch=True,
    )
    link = seen.page.locator("a[data-explained]").first
    link.tap()
    box = seen.page.locator(".explanation")
    box.wait_for()
    assert seen.page.url.endswith(CHAPTER)
    width = seen.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    seen.page.locator(".bd-article h1").first.tap()
    assert box.is_hidden()
    assert seen.troubles == []
    seen.page.context.close()


def test_scripts_are_small() -> None:
    assert (SCRIPTS / "explain.js").stat().st_size < 6000


# Proofs and switches


def test_proofs_fold_together_and_the_choice_is_remembered(chapter: Page) -> None:
    proofs = chapter.locator(".proof-fold")
    button = chapter.locator(".proof-choice button")
    assert chapter.locator(".proof-fold[open]").count() == proofs.count() > 1
    button.click()
    assert chapter.locator(".proof-fold[open]").count() == 0
    chapter.reload()
    assert chapter.locator(".proof-fold[open]").count() == 0
    assert button.inner_text() == "Show all proofs"
    proofs.first.locator("summary").focus()
    chapter.keyboard.press("Enter")
    assert chapter.locator(".proof-fold[open]").count() == 1
    assert button.inner_text() == "Fold all proofs"
    button.click()
    button.click()
    assert chapter.locator(".proof-fold[open]").count() == proofs.count()


def test_a_link_into_a_folded_proof_opens_it(chapter: Page) -> None:
    chapter.locator(".proof-choice button").click()
    chapter.evaluate("location.hash = '#equation-eq-duel'")
    chapter.locator("#equation-eq-duel").wait_for(state="visible")


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("notebooks/")])
def test_switches_have_names_of_their_own(page: Page, name: str) -> None:
    page.goto(f"{HTML.as_uri()}/{name}")
    switches = "main summary, main button.toggle-button, main .proof-choice button"
    names = page.locator(switches).evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label') || one.textContent.trim())"
    )
    assert len(set(names)) == len(names) > 0, names
    assert not [text for text in names if "Toggle" in text or "Click" in text]


def test_without_script_all_proofs_are_open(browser: Browser) -> None:
    seen = open_page(browser, f"{HTML.as_uri()}/{CHAPTER}", java_script_enabled=False)
    assert seen.page.locator(".proof-fold:not([open])").count() == 0
    assert seen.page.locator(".proof-choice").is_hidden()
    seen.page.context.close()


# Any address


class Below(SimpleHTTPRequestHandler):
    """Serves the pages under /some/repo/ as a static host does, with its 404 page."""

    def translate_path(self, path: str) -> str:
        address = path.partition("?")[0].partition("#")[0]
        if not address.startswith("/some/repo/"):
            return str(HTML / "does-not-exist")
        return super().translate_path("/" + address.removeprefix("/some/repo/"))

    def send_error(self, code: int, message: Any = None, explain: Any = None) -> None:
        body = (HTML / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def below() -> Iterator[str]:
    handler = functools.partial(Below, directory=str(HTML))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/some/repo/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_every_link_holds_below_a_folder_of_a_host(below: str) -> None:
    wanted, done = {below}, set()
    broken = []
    while wanted:
        url = wanted.pop()
        done.add(url)
        try:
            with urllib.request.urlopen(url) as answer:
                kind, body = answer.headers.get_content_type(), answer.read()
        except urllib.error.HTTPError as error:
            broken.append(f"{error.code} {url}")
            continue
        if kind != "text/html":
            continue
        text = re.sub(rb"<(script|pre|template)\b.*?</\1>", b"", body, flags=re.S)
        for found in re.findall(rb'\b(?:href|src|url)=(?:"|)([^"#?> ]+)', text):
            address = urljoin(url, found.decode()).replace("&amp;", "&")
            if address.startswith("http://127.0.0.1") and address not in done:
                wanted.add(address)
    assert broken == []
    assert len([url for url in done if url.endswith(".html")]) > len(PAGES) - 2


def test_a_wrong_address_leads_home_from_any_depth(browser: Browser, below: str) -> None:
    page = browser.new_page()
    for wrong in ("nothing.html", "notebooks/no/such/page.html"):
        page.goto(below + wrong)
        assert page.locator("h1").inner_text() == "There is no such page here"
        page.wait_for_function("document.getElementById('home').href.includes('/some/repo/')")
        page.locator("#home").click()
        page.wait_for_url("**/some/repo/book/index.html")
    page.close()


def test_pages_say_what_they_are_about() -> None:
    descriptions = [
        re.search(r'<meta name="description" content="([^"]+)"', (HTML / name).read_text("utf-8"))
        for name in PAGES
        if name != "search.html"
    ]
    assert all(descriptions)
    assert not any("<" in found[1] or "$" in found[1] for found in descriptions if found)
    assert Path(HTML / ".nojekyll").is_file()
