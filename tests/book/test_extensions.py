"""The Sphinx extensions, by their plain functions or in a little book; test_pages.py sees them at work."""

import io
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tools.layout import Tree

sys.path.insert(0, str(Tree().book / "_ext"))
import accessible_lists
import paper_numbers
import repository_buttons


@pytest.mark.parametrize(
    ("label", "realtype", "number"),
    [
        ("proposition-1", "proposition", 1),
        ("theorem-12", "theorem", 12),
        ("lemma-1", "lemma", 1),
        ("definition-1", "definition", 1),
        ("lemma-1", "theorem", None),
        ("lemma-tail", "lemma", None),
        ("corollary-1", "corollary", None),
        ("my-theorem-1", "theorem", None),
    ],
)
def test_label_decides_whose_number_it_is(label: str, realtype: str, number: int | None) -> None:
    assert paper_numbers.paper_number(label, realtype) == number


def test_own_statements_share_one_counter_that_skips_the_papers() -> None:
    types = {
        "lemma-a": "lemma",
        "proposition-3": "proposition",
        "remark-b": "remark",
        "theorem-1": "theorem",
        "corollary-c": "corollary",
    }
    given = {label: (5, count) for count, label in enumerate(types, start=1)}
    assert paper_numbers.renumber(given, types) == {
        "lemma-a": (5, 1),
        "proposition-3": (3,),
        "remark-b": (5, 2),
        "theorem-1": (1,),
        "corollary-c": (5, 3),
    }


def test_page_without_chapter_number() -> None:
    assert paper_numbers.renumber({"lemma-a": (1,)}, {"lemma-a": "lemma"}) == {"lemma-a": (1,)}


@pytest.mark.parametrize(
    ("options", "shown"),
    [({}, False), ({"repository_url": ""}, False), ({"repository_url": "https://x.example"}, True)],
)
def test_buttons_need_an_address(options: dict[str, str], shown: bool) -> None:
    assert set(repository_buttons.buttons(options).values()) == {shown}


@pytest.mark.parametrize(
    ("page", "staged", "source"),
    [
        ("notebooks/01_model", ".ipynb", ".md"),
        ("book/index", ".md", ".md"),
        ("book/api/theory", ".md", ""),
    ],
)
def test_edit_leads_to_the_source(page: str, staged: str, source: str) -> None:
    assert repository_buttons.source_suffix(page, staged) == source


def test_buttons_have_icons_that_are_drawn() -> None:
    edit = {"label": "source-edit-button", "icon": "fas fa-pencil-alt"}
    other = {"label": "print", "icon": "fas fa-print"}
    group = {"label": "source-buttons", "icon": "fab fa-github", "buttons": [edit]}
    repository_buttons.drawn([group, other])
    assert (group["icon"], edit["icon"]) == ("fa-solid fa-code-branch", "fa-solid fa-pen")
    assert other["icon"] == "fas fa-print"


def test_bibliography_is_no_empty_list() -> None:
    body = '<div role="list" class="citation-list"><div role="doc-biblioentry">x</div></div>'
    assert 'role="list"' not in accessible_lists.mend(body)
    assert accessible_lists.mend('<ul role="list">') == '<ul role="list">'


def figure(text: str, tmp_path: Path) -> str:
    """The page of a little book that holds one interactive figure."""
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(Tree().book / '_ext')!r})\n"
        "extensions = ['explore_directive']\n"
    )
    (tmp_path / "index.rst").write_text(f"Title\n=====\n\n{text}")
    with docutils_namespace():
        out = tmp_path / "out"
        app = Sphinx(tmp_path, tmp_path, out, out, "html", status=None, warning=io.StringIO())
        app.build()
        warned = str(app._warning.getvalue())  # type: ignore[attr-defined]
    assert "explore:" not in warned, warned
    return (out / "index.html").read_text("utf-8")


def test_a_page_without_cells_holds_an_interactive_figure(tmp_path: Path) -> None:
    page = figure(
        '.. explore:: storage\n   :start: {"reduced": true}\n\n   All *thousand*.\n', tmp_path
    )
    found = BeautifulSoup(page, "html.parser").select_one(".explore")
    assert found is not None
    assert '"reduced":true' in str(found["data-values"])
    assert found.select_one(".explore-picture em").get_text() == "thousand"  # type: ignore[union-attr]
    assert found.select_one("script[data-explore=storage]") is not None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (".. explore:: nothing\n", "name = 'nothing' is not valid"),
        (".. explore:: storage\n   :start: {no}\n", "Expecting property name"),
    ],
)
def test_a_figure_that_is_not_there_is_a_warning(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=fault):
        figure(text, tmp_path)
