"""The printed book: contents that tell the right page, links, an outline, solutions at the end; and pages alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.browser.conftest import HTML, open_page
from tools import pdf
from tools.layout import BuildError, Tree

PAGE = """<html><head><link rel="stylesheet" href="{up}_static/style.css"></head><body>
<article class="bd-article"><section id="a"><h1>{title}</h1>{body}</section></article></body></html>"""
SOLUTION = (
    '<p>Task of {0}.</p><div class="solution dropdown admonition"><p>Answer to {0}.</p></div>'
    '<details><summary>Folded</summary><p>Unfolded of {0}.</p></details>'
)  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    root = tmp_path_factory.mktemp("printed")
    (root / "_config.yml").write_text("title: A book\nauthor: nobody\n")
    (root / "book").mkdir()
    (root / "book/_toc.yml").write_text(
        "root: book/index\nchapters:\n- file: notebooks/01_one\n- file: notebooks/02_two\n- file: book/api/x\n"
    )
    html = root / "build/smoke/html"
    link = '<p><a href="../notebooks/02_two.html#eq">see</a> <a href="../claims.json">data</a></p>'
    bodies = {
        "book/index": ("Index", link),
        "notebooks/01_one": ("One", SOLUTION.format("one") + "<p>Filled.</p>" * 120),
        "notebooks/02_two": ("Two", '<p id="eq">Equation.</p>' + SOLUTION.format("two")),
    }
    for name, (title, body) in bodies.items():
        (html / name).parent.mkdir(parents=True, exist_ok=True)
        (html / f"{name}.html").write_text(PAGE.format(up="../", title=title, body=body))
    (html / "_static").mkdir()
    (html / "_static/style.css").write_text((Tree().book / "_static/print.css").read_text("utf-8"))
    (html / "index.html").write_text("")
    return Tree(root)


@pytest.fixture(scope="module")
def printed(tree: Tree) -> PdfReader:
    # in a process of its own: the browser of the other tests has a loop that a second may not enter
    call = (
        "import sys, pathlib; from tools import layout, pdf;"
        "print(pdf.build(layout.Tree(pathlib.Path(sys.argv[1])), 'smoke'))"
    )
    run = subprocess.run(
        [sys.executable, "-c", call, tree.root],
        cwd=Tree().root, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return PdfReader(run.stdout.splitlines()[-1])


def texts(printed: PdfReader) -> list[str]:
    return [page.extract_text() for page in printed.pages]


def test_contents_tell_the_page_of_each_chapter(printed: PdfReader) -> None:
    pages = texts(printed)
    rows = {"1. One": "One", "2. Two": "Two", "Solutions": "Solutions"}
    lines = pages[1].splitlines()
    for row, heading in rows.items():
        place = next(i for i, line in enumerate(lines) if line.strip().startswith(row))
        number = int(
            (lines[place] + " " + " ".join(lines[place + 1 : place + 2])).split()[len(row.split())]
        )
        assert pages[number - 1].strip().startswith(heading), (row, number)


def test_solutions_are_at_the_end_and_folds_are_open(printed: PdfReader) -> None:
    pages = texts(printed)
    assert "Answer to one." in pages[-1]
    assert "Answer to two." in pages[-1]
    assert not any("Answer" in page for page in pages[:-1])
    assert any("Unfolded of two." in page for page in pages)


def test_the_outline_has_the_chapters_and_links_stay_inside(printed: PdfReader) -> None:
    titles = json.dumps([str(getattr(entry, "title", "")) for entry in printed.outline])
    assert all(title in titles for title in ("Index", "One", "Two", "Solutions"))
    addresses = [
        str(note.get_object().get("/A", {}).get("/URI", ""))
        for page in printed.pages
        for note in page.get("/Annots", [])
    ]
    assert addresses
    assert not [address for address in addresses if address]
    assert printed.metadata is not None
    assert printed.metadata.title == "A book"


def test_there_must_be_pages(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="run `make html` first"):
        pdf.build(Tree(tmp_path), "smoke")


@pytest.mark.parametrize("wanted", [False, True])
def test_a_page_alone_prints_whole(browser: Browser, tmp_path: Path, wanted: bool) -> None:
    seen = open_page(browser, f"{HTML.as_uri()}/notebooks/03_finite_memory.html")
    page = seen.page
    page.locator(".proof-choice button").click()  # fold them all
    page.locator(".print-choice input").set_checked(wanted)
    page.pdf(path=tmp_path / "page.pdf", format="A4", print_background=True)
    pages = texts(PdfReader(tmp_path / "page.pdf"))
    text = " ".join(" ".join(pages).split())
    assert "Proof of Theorem 1." in text
    assert "Click to" not in text
    assert ("Solution to Exercise 3.1" in text) == wanted
    if wanted:
        assert "Solution to" not in " ".join(pages[:-3])
    page.emulate_media(media="print")
    cut = page.locator("main .formula, main pre, main table").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 2 && one.offsetParent).length"
    )
    assert cut == 0
    page.context.close()
