"""What a site needs besides its pages."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from tools import cite, publish
from tools.layout import BuildError, Tree

PAGE = "<html><head><title>A</title></head><article><h1>A &amp; B</h1><p>It holds.</p></article>"


def tree(folder: Path, baseurl: str = "", repository: str = "") -> Tree:
    config = {"title": "Book", "html": {"baseurl": baseurl}, "repository": {"url": repository}}
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    (folder / "CITATION.cff").write_text((Tree().root / "CITATION.cff").read_text("utf-8"))
    for name in ("book/api/theory.html", "book/index.html", "notebooks/01_a.html"):
        path = folder / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGE)
    return Tree(folder)


def metas(path: Path) -> dict[str, str]:
    soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    return {str(m.get("name") or m.get("property")): str(m["content"]) for m in soup("meta")}


def test_without_an_address_no_tag_needs_one(tmp_path: Path) -> None:
    publish.publish(tree(tmp_path), tmp_path / "html")
    found = metas(tmp_path / "html/book/api/theory.html")
    assert found["description"] == found["og:description"] == "It holds."
    assert found["og:title"] == "A & B"
    assert not {"og:url", "og:image"} & found.keys()
    assert "canonical" not in (tmp_path / "html/book/api/theory.html").read_text("utf-8")
    assert not (tmp_path / "html/sitemap.xml").exists()
    assert (tmp_path / "html/.nojekyll").is_file()


def test_with_an_address_the_site_has_a_map_and_pictures(tmp_path: Path) -> None:
    publish.publish(tree(tmp_path, "https://a.example/b"), tmp_path / "html")
    found = metas(tmp_path / "html/notebooks/01_a.html")
    assert found["og:url"] == "https://a.example/b/notebooks/01_a.html"
    assert found["og:image"] == "https://a.example/b/_static/preview.png"
    assert (Tree().book / "_static/preview.png").is_file()
    page = (tmp_path / "html/notebooks/01_a.html").read_text("utf-8")
    canonical = '<link rel="canonical" href="https://a.example/b/notebooks/01_a.html" />'
    assert page.count("canonical") == page.count(canonical) == 1
    locations = [
        e.text
        for e in ET.parse(tmp_path / "html/sitemap.xml").iter()
        if e.text and "http" in e.text
    ]
    assert locations == [
        "https://a.example/b/book/api/theory.html",
        "https://a.example/b/book/index.html",
        "https://a.example/b/notebooks/01_a.html",
    ]  # fmt: skip


def test_the_page_for_wrong_addresses_needs_nothing_beside_it(tmp_path: Path) -> None:
    for address, home in (
        ("", "/"),
        ("https://a.example/b/", "https://a.example/b/book/index.html"),
    ):
        publish.publish(tree(tmp_path, address), tmp_path / "html")
        page = BeautifulSoup((tmp_path / "html/404.html").read_text("utf-8"), "html.parser")
        assert page.select("link, script[src], img") == []
        assert [a["href"] for a in page("a")] == [home]


def test_a_description_is_short_and_plain() -> None:
    long = publish.description(f"<article><h1>A</h1><p>{'word, ' * 100}</p></article>")
    assert len(long) <= 161
    assert long.endswith("word …")


def test_bibtex_has_who_what_and_when(tmp_path: Path) -> None:
    citation = yaml.safe_load((Tree().root / "CITATION.cff").read_text("utf-8"))
    text = cite.bibtex(citation, "https://a.example")
    assert text.count("@") == 2
    assert "Cabannes, Vivien and Dohmatob, Elvis and Bietti, Alberto" in text
    assert re.search(r"year\s+= \{2024\}", text)
    assert re.search(r"url\s+= \{https://a.example\}", text)
    assert "{{assocmem contributors}}" in text
    assert "url" not in cite.bibtex(citation)
    assert citation["version"] in text
    assert all(f"{{{citation[key]}" in text for key in ("title",))


def test_a_citation_file_without_a_date_is_refused() -> None:
    citation = yaml.safe_load((Tree().root / "CITATION.cff").read_text("utf-8"))
    del citation["date-released"]
    with pytest.raises(BuildError, match="date-released"):
        cite.bibtex(citation)


def test_errors_are_reported_where_an_address_says(tmp_path: Path) -> None:
    assert "https://a.example/issues" in cite.report("https://a.example/")
    assert "no address" in cite.report("")
