"""The built smoke pages in a real browser."""

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import FLAGS, executable
from tools.layout import Tree

HTML = Tree().build("smoke").html
#: All pages but the root, which only leads to the first of them.
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in [HTML / "search.html", *HTML.glob("book/**/*.html"), *HTML.glob("notebooks/*.html")]
    if path.is_file()
)


@dataclass
class Visit:
    """A page that is open, and what went wrong on the way."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class Quiet(SimpleHTTPRequestHandler):
    """A file server that does not report every request."""

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def http() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(HTML)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = executable()
    assert path is not None, "no browser: run `make browser`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def open_page(browser: Browser, url: str, **options: Any) -> Visit:
    """Open an address in a context of its own and wait until its fonts are there."""
    seen = Visit(browser.new_context(**options).new_page())
    seen.page.set_default_timeout(300_000)  # a loaded machine is slow
    trouble = seen.troubles.append
    seen.page.on("console", lambda m: trouble(m.text) if m.type == "error" else None)
    seen.page.on("pageerror", lambda error: trouble(str(error)))
    seen.page.on("requestfailed", lambda r: trouble(f"failed: {r.url}"))
    seen.page.on("response", lambda r: trouble(f"{r.status}: {r.url}") if r.status >= 400 else None)
    seen.page.on("request", lambda r: seen.requests.append(r.url))
    seen.page.goto(url, wait_until="load")
    seen.page.evaluate("document.fonts.ready.then(() => null)")
    return seen


@pytest.fixture(scope="session")
def origins(http: str) -> dict[str, str]:
    """Address of the pages' root, over http and from the file system."""
    return {"http": http, "file": HTML.as_uri()}
