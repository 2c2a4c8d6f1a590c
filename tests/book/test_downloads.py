"""The notebooks that readers download: plain Markdown with the numbers of the pages, still fit for papermill."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tools import downloads, parameters
from tools.commonmark import Converter
from tools.layout import BuildError, Tree
from tools.numbers import Numbers, read

TREE = Tree()
HTML = TREE.build("smoke").html
NAMES = TREE.names()
NUMBERS = Numbers(
    equations={"eq-a": "3.1"},
    blocks={"theorem-1": "Theorem 1", "ex-b": "Exercise 3.1"},
    figures={"fig-c": "Fig. 3.2"},
    titles={"03_x": "A title"},
)


def convert(text: str) -> str:
    return Converter("03_x", NUMBERS, lambda keys, style: f"<{keys} {style}>").convert(text)


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("see {eq}`eq-a`", "see (3.1)"),
        ("by {prf:ref}`theorem-1` and {ref}`ex-b`", "by Theorem 1 and Exercise 3.1"),
        ("{ref}`this one <ex-b>`, {numref}`fig-c`", "this one, Fig. 3.2"),
        ("{doc}`../notebooks/03_x`, {doc}`there <03_x>`", "*A title*, there"),
        ("{cite:t}`k`, {cite:p}`k`", "<k t>, <k p>"),
        ("(label)=\n## Head", "## Head"),
        ("$$\na\n= b\n$$ (eq-a)", r"$$a = b \tag{3.1}$$"),
        ("$$\na \\\\ b\n$$", r"$$\begin{aligned}a \\ b\end{aligned}$$"),
        ("a $x +\ny$ b", "a $x + y$ b"),
        ("```python\n{eq}`eq-a`\n```", "```python\n{eq}`eq-a`\n```"),
        (":::{note}\nText.\n:::", "> **Note.**\n>\n> Text."),
        ("::::{div} a\n:::{tip} My tip\nx\n:::\n::::", "> **My tip.**\n>\n> x"),
        (
            "````{prf:theorem} Name\n:label: theorem-1\n\nLet\n\n$$\na\n$$ (eq-a)\n````",
            "> **Theorem 1 (Name).**\n>\n> Let\n>\n> $$a \\tag{3.1}$$",
        ),
        ("````{prf:proof} of it\nSo.\n````", "> **Proof of it.**\n>\n> So.\n>\n> □"),
        ("````{solution} ex-b\n:class: dropdown\n\nYes.\n````", "> **Solution to Exercise 3.1.**\n>\n> Yes."),
    ],
)  # fmt: skip
def test_myst_becomes_plain(myst: str, plain: str) -> None:
    assert convert(myst) == plain


@pytest.mark.parametrize(
    ("myst", "message"),
    [
        ("```{mermaid}\nx\n```", r"directive \{mermaid\}"),
        ("{kbd}`x`", r"role \{kbd\}"),
        ("{eq}`eq-none`", "no page shows the equation eq-none"),
        ("{ref}`none`", "no page shows none"),
        (":::{note}\nx", "never closed"),
    ],
)
def test_what_has_no_plain_form_ends_the_build(myst: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        convert(myst)


def test_citations_name_people_as_the_page_does() -> None:
    found = downloads.citations((TREE.book / "references.bib").read_text(encoding="utf-8"))
    assert found["cabannes2024scaling"] == ("Cabannes et al.", "2024")


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def path(name: str) -> Path:
    found = list(HTML.glob(f"_downloads/*/{name}.ipynb"))
    assert found, "the smoke book is missing: run `make html PROFILE=smoke`, or `make test`"
    return found[0]


@pytest.fixture(scope="module")
def notebook(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def page(name: str) -> str:
    return (HTML / "notebooks" / f"{name}.html").read_text(encoding="utf-8")


def texts(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_plain_markdown_shows_no_directive(notebook: Any) -> None:
    reader = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, double_inline=True)
    for source in texts(notebook):
        for token in reader.parse(source):
            assert token.type != "code_block", token.content
            if token.type == "fence":
                assert not token.info.startswith("{"), token.info
            for child in token.children or []:
                if child.type == "text":
                    assert not re.search(r"\{[a-z:]+\}|:::|^\([\w-]+\)=", child.content), child
                    assert "$" not in child.content, child


def test_no_formula_is_broken_by_a_quotation(notebook: Any) -> None:
    """Jupyter takes formulas out before it reads quotations: a second line would bring its ">" along."""
    for source in texts(notebook):
        for line in source.splitlines():
            if line.startswith(">"):
                assert len(re.findall(r"(?<!\\)\$", re.sub(r"`[^`]*`", "", line))) % 2 == 0, line


def test_numbers_are_those_of_the_page(notebook: Any, page: str) -> None:
    main = page.partition("<article")[2].partition("</article>")[0]
    text = "\n".join(texts(notebook))
    shown = re.findall(r'<span class="eqno">\(([\d.]+)\)', main)
    assert sorted(re.findall(r"\\tag\{([\d.]+)\}", text)) == sorted(shown)
    captions = re.findall(
        r'<(p|figcaption)\b[^>]*>\s*(?:<p>)?<span class="caption-number">([^<]+)<', main
    )
    assert captions
    for kind, number in captions:
        start = "> **" if kind == "p" else "**"
        assert f"{start}{number.strip()}" in text


def test_first_cell_says_what_this_is(notebook: Any) -> None:
    assert "pip install" in notebook.cells[0].source
    assert "assocmem" in notebook.cells[0].source


def test_it_is_still_a_notebook_with_parameters(name: str, path: Path, notebook: Any) -> None:
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert parameters.read(path) == parameters.read(TREE.notebooks / f"{name}.ipynb")
    executed = nbformat.read(TREE.build("smoke").executed(name), as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code == [cell.source for cell in executed.cells if cell.cell_type == "code"]


def test_every_title_and_block_of_the_book_is_found() -> None:
    found = read(HTML)
    assert {"theorem-1", "theorem-2", "proposition-1", "definition-1"} <= found.blocks.keys()
    assert found.titles.keys() >= set(NAMES)
