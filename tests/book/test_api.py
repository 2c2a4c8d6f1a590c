"""The pages of the functions: everything public is there, and what is not explained ends the build."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import assocmem
from tools import api, public
from tools.docstrings import parse, render
from tools.layout import BuildError, Tree

TREE = Tree()
HTML = TREE.build("smoke").html
ENTRIES = public.entries(TREE)


def test_every_public_name_is_an_entry() -> None:
    wings = public.wings(TREE)
    assert "theory" in wings
    found = {entry.path.removeprefix("assocmem.") for entry in ENTRIES}
    for wing in wings:
        assert {f"{wing}.{name}" for name in getattr(assocmem, wing).__all__} <= found
    values = {id(entry.value) for entry in ENTRIES}
    assert [
        name for name in assocmem.__all__
        if name not in wings and id(getattr(assocmem, name)) not in values
    ] == []  # fmt: skip


def test_names_and_anchors_are_unique() -> None:
    assert len({entry.anchor for entry in ENTRIES}) == len(ENTRIES)


def test_every_page_is_built() -> None:
    assert "file: book/api/assocmem" in (TREE.book / "_toc.yml").read_text(encoding="utf-8")
    assert [page for page in public.pages(TREE) if not (HTML / f"{page}.html").is_file()] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.path)
def test_the_built_page_shows_each_name(entry: public.Entry) -> None:
    text = (HTML / f"{entry.page}.html").read_text(encoding="utf-8")
    assert f'<span id="{entry.anchor}"></span><h2>' in text


def test_a_name_without_docstring_ends_the_build() -> None:
    def silent() -> None: ...

    entry = public.Entry("theory", "silent", "assocmem.theory.minimax", silent)
    with pytest.raises(BuildError, match="assocmem.theory.silent is public but not explained"):
        _ = entry.documentation


def test_a_value_without_comment_ends_the_build() -> None:
    entry = public.Entry("theory", "NOTHING", "assocmem.theory.minimax", 1)
    with pytest.raises(BuildError, match="NOTHING is public but not explained"):
        _ = entry.documentation


def test_a_docstring_becomes_a_page_part() -> None:
    text = """Sum :math:`x_i` of ``x``, see `other`.

    .. math::
        a
        = b

    Args:
        x: values,
            shape (n,).

    Returns:
        The sum.

    Source: Theorem 1.

    Example:
        >>> 1 + 1
        2
    """
    shown = render(parse(text), lambda name: f"[{name}]", str.upper)
    assert "Sum $x_i$ of `x`, see [other]." in shown
    assert "$$\na = b\n$$" in shown
    assert "**Arguments**\n\n- `x`: values, shape (n,)." in shown
    assert "**Returns:** The sum." in shown
    assert "**Source:** THEOREM 1." in shown
    assert "```pycon\n>>> 1 + 1\n2\n```" in shown


def section(entry: public.Entry) -> BeautifulSoup:
    page = (HTML / f"{entry.page}.html").read_text(encoding="utf-8")
    start = page.index(f'<span id="{entry.anchor}"></span>')
    return BeautifulSoup(
        page[start : page.index('<div class="whereabouts', start) + 2000], "html.parser"
    )


def test_a_function_leads_to_its_statement_and_test() -> None:
    found = section(next(e for e in ENTRIES if e.path == "assocmem.theory.theorem_1_lower"))
    links = [str(link["href"]) for link in found.select("a")]
    assert "../../notebooks/03_finite_memory.html#theorem-1" in links
    assert "tests/theory/test_finite_memory.py" in found.get_text()


def test_chapters_and_the_functions_that_they_use_lead_to_each_other() -> None:
    used = public.Uses(TREE, ENTRIES).chapters["03_finite_memory"]
    assert len(used) > 5
    page = (HTML / "notebooks/03_finite_memory.html").read_text("utf-8")
    line = page[page.index('<div class="used-here') :].partition("</div>")[0]
    links = re.findall(r'href="([^"]+)"', line)
    assert links == [f"../{entry.page}.html#{entry.anchor}" for entry in used]
    back = [str(link["href"]) for link in section(used[-1]).select("a")]
    assert "../../notebooks/03_finite_memory.html" in back


def test_used_names_are_read_from_code_whatever_the_import() -> None:
    code = "import assocmem\nfrom assocmem.theory import f as g\nassocmem.exact.h(g).k\nother.h"
    assert public.dotted_names(code) >= {"assocmem.theory.f", "assocmem.exact.h"}
    assert not any("other" in name for name in public.dotted_names(code))


def test_a_signature_has_the_types_of_its_source() -> None:
    entry = next(entry for entry in ENTRIES if entry.path == "assocmem.theory.theorem_1_upper")
    assert "weights: Weights," in api.signature(entry)
    assert "beta: float | None = None," in api.signature(entry)


def test_a_small_book_may_do_without(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.book.mkdir()
    tree.notebooks.mkdir()
    (tree.book / "_toc.yml").write_text("root: book/index\n")
    (tmp_path / "src/assocmem").mkdir(parents=True)
    (tmp_path / "src/assocmem/__init__.pyi").write_text("")
    assert api.write(tree, tmp_path / "stage").cells("01_a") == []
    assert not (tmp_path / "stage").exists()
