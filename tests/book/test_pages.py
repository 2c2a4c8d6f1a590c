"""One sample chapter through the whole build: what its page, scorecard and downloads show."""

import csv
import json
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tests.book.conftest import Copy

pytestmark = pytest.mark.xdist_group("sample-book")  # built once, on one worker


@pytest.fixture(scope="module")
def html(sample_book: Copy) -> Path:
    return sample_book.tree.build("smoke").html


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def chapter(html: Path) -> BeautifulSoup:
    return soup(html / "notebooks" / "01_sample.html")


def test_papers_statements_keep_their_numbers_and_ours_follow_the_chapter(
    chapter: BeautifulSoup,
) -> None:
    titles = [
        title.get_text().strip() for title in chapter.select("div.proof > p.admonition-title")
    ]
    assert titles == [
        "Proposition 1  (Finite data)",
        "Lemma 1.1  (Ours)",
        "Theorem 2  (The paper’s)",
        "Corollary 1.2",
    ]


def test_references_show_the_same_numbers(chapter: BeautifulSoup) -> None:
    links = chapter.select('a[href="#proposition-1"], a[href="#lemma-own"]')
    assert [link.get_text() for link in links] == ["Proposition 1", "Lemma 1.1"]


def test_ids_are_unique(chapter: BeautifulSoup) -> None:
    ids = [tag["id"] for tag in chapter.select("main [id]")]
    assert len(set(ids)) == len(ids)
    assert chapter.find(id="proof").h2.get_text().startswith("1.1. Proof")


def test_parameters_are_shown_with_both_profiles(chapter: BeautifulSoup) -> None:
    rows = [
        [cell.get_text(strip=True) for cell in row.select("td, th")]
        for row in chapter.select("table.parameters tr")
    ]
    assert rows[0] == ["Parameter", "Type", "Default", "Paper", "Smoke", "Valid range"]
    assert rows[1] == ["alphaexponent of the Zipf law", "float", "2.0", "2.0", "3.0", "> 1"]
    assert "papermill notebooks/01_sample.ipynb out.ipynb -p alpha 2.0" in chapter.get_text()


def test_injected_parameters_are_folded_away(chapter: BeautifulSoup) -> None:
    fold = chapter.select_one(".rerun.dropdown")
    assert fold is not None
    assert "alpha = 3.0" in fold.get_text()
    assert chapter.get_text().count("alpha = 3.0") == 1


def test_figure_has_caption_alternative_and_data(chapter: BeautifulSoup, html: Path) -> None:
    figure = chapter.select_one("figure")
    assert figure is not None
    assert figure.img["alt"].startswith("Line that falls")
    assert "Fig. 1.1" in figure.figcaption.get_text()
    link = (
        chapter.find("a", string="Numbers of this figure (CSV)") or chapter.select("a.download")[-1]
    )
    downloaded = (html / "notebooks" / link["href"]).resolve()
    assert downloaded.read_bytes() == (html / "data" / "01_sample" / "law.csv").read_bytes()
    rows = list(csv.DictReader(downloaded.read_text().splitlines()))
    assert [float(row["mass"]) for row in rows] == pytest.approx([1, 1 / 8, 1 / 27])


def test_download_is_the_executed_notebook_in_plain_markdown(
    sample_book: Copy, chapter: BeautifulSoup, html: Path
) -> None:
    link = next(a for a in chapter.select("a.download") if a["href"].endswith(".ipynb"))
    downloaded = json.loads((html / "notebooks" / link["href"]).read_text("utf-8"))
    executed = json.loads(sample_book.tree.build("smoke").executed("01_sample").read_text("utf-8"))
    code = [cell for cell in downloaded["cells"] if cell["cell_type"] == "code"]
    assert code == [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    text = "\n".join("".join(cell["source"]) for cell in downloaded["cells"])
    assert "> **Proposition 1 (Finite data).**" in text
    assert "> **Lemma 1.1 (Ours).**" in text
    assert "{prf:" not in text


def test_executed_notebook_tells_nothing_of_the_machine(sample_book: Copy) -> None:
    text = sample_book.tree.build("smoke").executed("01_sample").read_text(encoding="utf-8")
    assert str(sample_book.root) not in text
    assert '"papermill"' not in text


def test_scorecard_leads_to_the_cards(html: Path, chapter: BeautifulSoup) -> None:
    page = soup(html / "book" / "scorecard.html")
    links = [link["href"] for link in page.select("a.claim-link")]
    assert set(links) == {
        "../notebooks/01_sample.html#claim-model-exponent",
        "../notebooks/01_sample.html#claim-model-no",
    }
    for link in links:
        assert chapter.find(id=link.partition("#")[2]) is not None
    assert "2 claims: 1 reproduced, 0 partly, 0 undecided, 1 not reproduced." in page.get_text()
    heading = page.select_one(".claims").find_previous("h3")
    assert heading.get_text().startswith("A sample")


def test_claims_are_published(sample_book: Copy, html: Path) -> None:
    published = json.loads((html / "claims.json").read_text(encoding="utf-8"))
    assert [claim["id"] for claim in published["claims"]] == ["model.exponent", "model.no"]
    assert (html / "claims.json").read_bytes() == sample_book.tree.build(
        "smoke"
    ).claims.read_bytes()


def test_two_executions_give_the_same_products(sample_book: Copy) -> None:
    products = sample_book.tree.build("smoke")
    files = [
        products.claims,
        products.executed("01_sample"),
        products.data / "01_sample" / "law.csv",
    ]
    before = [path.read_bytes() for path in files]
    products.executed("01_sample").unlink()
    sample_book.make("notebooks")
    assert [path.read_bytes() for path in files] == before


#: What is added to a page, and how it is complained about.
FAULTS = {
    "{prf:ref}`no-such-label`": "no-such-label",
    "[x](no-such-page.md)": "no-such-page",
    "{nothing}`x`": "Unknown interpreted text role",
    r"The text has $a + \nosuchmacro$.": r"Undefined control sequence: \nosuchmacro ",
}


def test_faults_of_pages_are_listed_and_end_the_build(sample_book: Copy, html: Path) -> None:
    """In the text of one page, and in the output of another; the pages of before stay."""
    products = sample_book.tree.build("smoke")
    index, executed = sample_book.root / "book" / "index.md", products.executed("01_sample")
    good = {path: path.read_text(encoding="utf-8") for path in (index, executed)}
    page = (html / "book" / "index.html").read_bytes()
    notebook = nbformat.reads(good[executed], as_version=4)
    output = nbformat.v4.new_output("display_data", data={"text/html": r"$\alsonone$"})
    notebook.cells.append(nbformat.v4.new_code_cell("show()", outputs=[output]))
    try:
        sample_book.append("book/index.md", "\n\n".join(["", *FAULTS, ""]))
        executed.write_text(nbformat.writes(notebook), encoding="utf-8")
        done = sample_book.attempt("html")
    finally:
        for path, text in good.items():
            path.write_text(text, encoding="utf-8")
    assert done.returncode != 0
    lines = done.stderr.splitlines()
    for message in FAULTS.values():
        assert any(message in line and "book/index.md" in line for line in lines), done.stderr
    macro = r"Undefined control sequence: \alsonone "
    assert any(macro in line and "01_sample" in line for line in lines), done.stderr
    assert "Traceback" not in done.stderr
    assert (html / "book" / "index.html").read_bytes() == page
