"""How soon a page of the book stands: time, bytes, requests and shifts of the layout, in Chromium on a slowed machine.

Two folders of built pages are compared, page by page: those whose mathematics is typeset by the reader's browser, and
those that come typeset. The processor is throttled, as a phone would be; the network is the machine's own, with text
compressed as web servers do it.
"""

import argparse
import fnmatch
import functools
import gzip
import platform
import statistics
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from tools.browser import FLAGS, executable

OUT = Path(__file__).with_name("pages.md")
_TEXT = (".html", ".css", ".js", ".svg", ".json")

# Where the browser typesets, its promise tells when all formulas stand; where they come typeset, they stand with the
# text and the fonts. Two frames later they are painted.
_WATCH = """
window.seen = {shift: 0};
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.seen.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
document.addEventListener("DOMContentLoaded", async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  requestAnimationFrame(() => requestAnimationFrame(() => { window.seen.math = performance.now(); }));
});
window.addEventListener("load", () => setTimeout(() => { window.seen.load = performance.now(); }));
"""
_SCROLL = """
async () => {
  const step = window.innerHeight;
  for (let y = 0; y < document.documentElement.scrollHeight; y += step) {
    window.scrollTo({top: y, behavior: "instant"});
    await new Promise(done => setTimeout(done, 60));
  }
  return window.seen.shift;
}
"""


class Numbers(NamedTuple):
    """What one visit shows; times in milliseconds, shifts as Chromium scores them.

    The work is the time that the page's main thread was busy: unlike the others, it does not depend on what else the
    machine does, nor on the throttle.
    """

    mathematics: float
    loaded: float
    work: float
    kilobytes: float
    requests: float
    shift: float


class Server(SimpleHTTPRequestHandler):
    """A silent server of files, which compresses text."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def send_head(self) -> Any:
        """Send a compressed text, and anything else as it is."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in _TEXT or not path.is_file():
            return super().send_head()
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path.name))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; yield its address."""
    handler = functools.partial(Server, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def visit(browser: Browser, address: str, throttle: float, width: int = 1300) -> Numbers:
    """Open a page with an empty cache and return what it took; then scroll through it for late shifts."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(300_000)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    sizes: list[float] = []
    # What stands in the page itself (data:) is no request, though the browser tells of it.
    within: set[str] = set()

    def begun(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("data:"):
            within.add(event["requestId"])

    def ended(event: dict[str, Any]) -> None:
        if event["requestId"] not in within:
            sizes.append(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", begun)
    session.on("Network.loadingFinished", ended)
    page.add_init_script(_WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_function("window.seen.math && window.seen.load")
    math, load = page.evaluate("[window.seen.math, window.seen.load]")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    taken = (metrics["TaskDuration"] * 1000, sum(sizes) / 1000, len(sizes))
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    shift = page.evaluate(_SCROLL)
    context.close()
    return Numbers(math, load, *taken, shift)


def measure(
    folders: list[Path], pages: list[str], throttle: float, repeat: int
) -> list[dict[str, Numbers]]:
    """Return the least of each page in each folder; visits to the folders alternate."""
    path = executable()
    found: list[dict[str, Numbers]] = [{} for _ in folders]
    with sync_playwright() as playwright, ExitStack() as stack:
        roots = [stack.enter_context(served(folder)) for folder in folders]
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for page in pages:
            rounds = [
                [visit(browser, f"{root}/{page}", throttle) for root in roots]
                for _ in range(repeat)
            ]
            for numbers, visits in zip(found, zip(*rounds, strict=True), strict=True):
                numbers[page] = Numbers(*map(min, zip(*visits, strict=True)))
        browser.close()
    return found


def table(old: dict[str, Numbers], new: dict[str, Numbers]) -> str:
    """Return the comparison as Markdown; ratios are old over new."""
    lines = [
        "| page | mathematics stands (s) | ratio | loaded (s) | ratio | work (s) | ratio | kB | requests | shift |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for page in new:
        a, b = old[page], new[page]
        times = list(zip(a[:3], b[:3], strict=True))
        ratios.append([before / after for before, after in times])
        cells = [page.removesuffix(".html")]
        for (before, after), ratio in zip(times, ratios[-1], strict=True):
            cells += [f"{before / 1e3:.2f} → {after / 1e3:.2f}", f"{ratio:.1f}×"]
        cells += [
            f"{before:.0f} → {after:.0f}" for before, after in zip(a[3:5], b[3:5], strict=True)
        ]
        lines.append("| " + " | ".join([*cells, f"{a.shift:.3f} → {b.shift:.3f}"]) + " |")
    middle = [f"**{statistics.median(column):.1f}×**" for column in zip(*ratios, strict=True)]
    return "\n".join([*lines, f"| **median** | | {' | | '.join(middle)} | | | |"])


def common_pages(folders: list[Path]) -> list[str]:
    """Return the pages that all folders have."""
    found = [
        {path.relative_to(folder).as_posix() for path in folder.glob("*/*.html")}
        for folder in folders
    ]
    shared = set.intersection(*found)
    return sorted(page for page in shared if page.startswith(("book/", "notebooks/")))


def main() -> None:
    """Command line: `python -m benchmarks.pages OLD NEW`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--match", default="*", help="only pages that fit this pattern")
    parser.add_argument("--throttle", type=float, default=4.0)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    folders = [given.old, given.new]
    pages = fnmatch.filter(common_pages(folders), given.match)
    old, new = measure(folders, pages, given.throttle, given.repeat)
    text = (
        "# Pages in a browser\n\n"
        "Pages typeset by the reader's browser → pages that come typeset (`python -m benchmarks.pages OLD NEW`).\n"
        f"Chromium with an empty cache and a processor slowed {given.throttle:g} times, window of 1300 × 900, "
        f"the least of {given.repeat} visits, text compressed; {platform.machine()}, {platform.system()}. "
        "Bytes and requests are those until everything has loaded; shifts also those while scrolling to the end.\n\n"
        f"{table(old, new)}\n"
    )
    OUT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
