"""Print the book: all pages in one document with contents, page numbers and an outline, solutions at the end.

The built pages are joined into one, which Chromium prints twice: the first print tells on which page each chapter
begins, for the contents.
"""

import argparse
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import yaml
from pypdf import PdfReader, PdfWriter

from tools.files import fresh_directory
from tools.layout import BuildError, Products, Tree, run
from tools.markup import end_of
from tools.numbers import plain
from tools.public import FOLDER
from tools.stage import toc_pages

_ARTICLE = re.compile(r'<article class="bd-article[^>]*>')
_ID = re.compile(r'(\s(?:id|for|aria-labelledby|aria-describedby|name))="([^"]+)"')
_HREF = re.compile(r'\shref="([^"]*)"')
_SOURCE = re.compile(r'\ssrc="([^":]+)"')
_HEADING = re.compile(r"<h1>(.*?)</h1>", re.S)
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_RULES = """
  body { margin: 0; background: #fff; }
  main { max-width: none; padding: 0; }
  section.page { break-before: page; }
  section.page > section > h1, .page > h1, .cover h1 { display: block !important; }
  .cover { height: 240mm; display: flex; flex-direction: column; justify-content: center; text-align: center; }
  .contents ol { list-style: none; padding: 0; }
  .contents li { display: flex; gap: 0.5em; margin: 0.25rem 0; }
  .contents li a { flex: 1; }
  .solution.dropdown { display: block !important; }
"""
#: Take to the end what exercises have as solutions, open what folds, and drop what only works on a screen.
_ARRANGE = """() => {
  const end = document.getElementById("solutions");
  for (const page of document.querySelectorAll("section.page")) {
    const found = [...page.querySelectorAll(".solution")];
    if (!found.length) continue;
    const title = document.createElement("h2");
    title.textContent = page.dataset.title;
    end.append(title, ...found);
  }
  if (!end.querySelector(".solution")) end.remove();
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  document.querySelectorAll("img").forEach((image) => { image.loading = "eager"; });
  document.querySelectorAll("script, template, button, form").forEach((node) => node.remove());
  return Promise.all([
    document.fonts.ready,
    ...[...document.images].map((image) => image.decode().catch(() => null)),
  ]).then(() => null);
}"""
_FOOTER = (
    '<div style="width:100%;text-align:center;font:9px sans-serif;color:#555">'
    '<span class="pageNumber"></span></div>'
)


@dataclass(frozen=True)
class Page:
    """One page of the book: its name without suffix, its title and its article."""

    name: str
    title: str
    body: str


def pages(tree: Tree, products: Products) -> Iterator[Page]:
    """Yield the built pages in the order of the contents, but for those of the functions."""
    toc = yaml.safe_load((tree.book / "_toc.yml").read_text(encoding="utf-8"))
    for name in toc_pages(toc):
        if name.startswith(f"{FOLDER}/"):
            continue
        text = (products.html / f"{name}.html").read_text(encoding="utf-8")
        start = _ARTICLE.search(text)
        heading = _HEADING.search(text)
        if start is None or heading is None:
            raise BuildError(f"{name}.html has no article to print")
        body = text[start.end() : end_of(text, start.start()) - len("</article>")]
        number = re.match(r"notebooks/0*(\d+)_", name)
        title = f"{number[1]}. {plain(heading[1])}" if number else plain(heading[1])
        yield Page(name, title, body)


def own(name: str) -> str:
    """Return the prefix of the ids of a page, which are unique in their page only."""
    return re.sub(r"\W", "-", name)


def joined(page: Page, names: set[str], root: Path) -> str:
    """Return a page as a part of the whole: ids and links tell its page, pictures are found from anywhere."""

    def identifier(match: re.Match[str]) -> str:
        return f'{match[1]}="{own(page.name)}--{match[2]}"'

    def link(match: re.Match[str]) -> str:
        address, _, fragment = match[1].partition("#")
        if re.match(r"[a-z]+:", address):
            return match[0]
        target = normpath(join(dirname(page.name), address)) if address else f"{page.name}.html"
        name = target.removesuffix(".html")
        if name not in names:
            return ""  # a file beside the pages, which paper cannot open
        return f' href="#{own(name)}{f"--{fragment}" if fragment else ""}"'

    def source(match: re.Match[str]) -> str:
        return f' src="{(root / normpath(join(dirname(page.name), match[1]))).as_uri()}"'

    body = _SOURCE.sub(source, _HREF.sub(link, _ID.sub(identifier, page.body)))
    title = html.escape(page.title, quote=True)
    return f'<section class="page" id="{own(page.name)}" data-title="{title}">{body}</section>'


def contents(listed: list[Page], numbers: dict[str, int]) -> str:
    """Return the table of contents, with page numbers where they are known."""
    rows = "".join(
        f'<li><a href="#{own(page.name)}">{html.escape(page.title)}</a>'
        f"<span>{numbers.get(own(page.name), '')}</span></li>"
        for page in listed
    )
    last = f'<li><a href="#solutions">Solutions</a><span>{numbers.get("solutions", "")}</span></li>'
    return f'<section class="page contents"><h1>Contents</h1><ol>{rows}{last}</ol></section>'


def whole(tree: Tree, products: Products, numbers: dict[str, int]) -> str:
    """Return the document that is printed."""
    config = yaml.safe_load((tree.root / "_config.yml").read_text(encoding="utf-8"))
    listed = list(pages(tree, products))
    names = {page.name for page in listed}
    first = products.html / f"{listed[0].name}.html"
    sheet = _SHEET.search(first.read_text(encoding="utf-8"))
    if sheet is None:
        raise BuildError(f"{first.name} has no style sheet")
    style = (products.html / normpath(join(dirname(listed[0].name), sheet[1]))).as_uri()
    title = html.escape(config["title"])
    parts = [joined(page, names, products.html) for page in listed]
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="{style}"><style>@media print {{{_RULES}}}</style></head><body>'
        f'<main class="bd-main"><div class="bd-content"><article class="bd-article">'
        f'<div class="cover"><h1>{title}</h1><p>{html.escape(config["author"])}</p></div>'
        f"{contents(listed, numbers)}{''.join(parts)}"
        '<section class="page" id="solutions"><h1>Solutions</h1></section>'
        "</article></div></main></body></html>"
    )


def first_pages(printed: Path) -> dict[str, int]:
    """Return the page number of each destination that the contents lead to."""
    reader = PdfReader(printed)
    found = {}
    for name, place in reader.named_destinations.items():
        number = reader.get_destination_page_number(place)
        if number is not None:
            found[name.removeprefix("/")] = number + 1
    return found


def chromium(source: Path, target: Path, browser: Any) -> None:
    """Print a document."""
    page = browser.new_page()
    page.set_default_timeout(600_000)
    page.goto(source.as_uri())
    page.evaluate(_ARRANGE)
    page.pdf(
        path=target,
        format="A4",
        print_background=True,
        outline=True,
        tagged=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=_FOOTER,
        margin={"top": "16mm", "bottom": "18mm", "left": "16mm", "right": "16mm"},
    )
    page.close()


def build(tree: Tree, profile: str) -> Path:
    """Print the pages of a profile; return the file."""
    from playwright.sync_api import sync_playwright

    from tools.browser import FLAGS, executable

    products = tree.build(profile)
    if not (products.html / "index.html").is_file():
        raise BuildError(f"there are no pages of the profile {profile}: run `make html` first")
    if (path := executable()) is None:
        raise BuildError("printing needs Chromium: run `make browser`")
    work = fresh_directory(products.root / "print")
    source, printed = work / "book.html", work / "book.pdf"
    numbers: dict[str, int] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for step in ("pages are counted", "pages are printed"):
            print(f"book of the {profile} profile: {step}", flush=True)
            source.write_text(whole(tree, products, numbers), encoding="utf-8")
            chromium(source, printed, browser)
            numbers = first_pages(printed)
        browser.close()
    config = yaml.safe_load((tree.root / "_config.yml").read_text(encoding="utf-8"))
    writer = PdfWriter(clone_from=printed)
    writer.add_metadata({"/Title": config["title"], "/Author": config["author"]})
    target = products.root / "book.pdf"
    writer.write(target)
    return target


def main() -> None:
    """Command line: `python -m tools.pdf PROFILE`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile")
    tree = Tree()
    print(f"book: {build(tree, parser.parse_args().profile).relative_to(tree.root)}")


if __name__ == "__main__":
    run(main)
