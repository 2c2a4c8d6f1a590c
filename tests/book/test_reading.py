"""Proofs that fold, names for switches, explanations and the names that the search knows."""

import doctest

import pytest

from tools import (
    api,
    commonmark,
    docstrings,
    downloads,
    markup,
    numbers,
    public,
    publish,
    reading,
    search,
)

STATEMENT = (
    '<div class="proof lemma admonition" id="lemma-a"><p class="admonition-title">'
    '<span class="caption-number">Lemma 1.1 </span></p></div>'
)
PROOF = '<div class="proof admonition" id="proof-1">\n<p>Proof. {}</p><div>x</div></div>'


@pytest.mark.parametrize(
    "module",
    [api, commonmark, docstrings, downloads, markup, numbers, public, publish, reading, search],
)
def test_examples_in_the_tools_run(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_a_proof_is_open_and_bears_the_name_of_its_statement() -> None:
    page = reading.foldable_proofs(f"{STATEMENT}\n{PROOF.format('So.')}tail")
    assert '<details class="proof-fold" open><summary aria-label="Proof of Lemma 1.1">' in page
    assert page.endswith("<p>So.</p><div>x</div></details></div>tail")
    assert page.index("Fold all proofs") < page.index("lemma-a")


def test_a_proof_that_says_of_what_is_named_by_it() -> None:
    page = reading.foldable_proofs(
        STATEMENT + "<p>Text.</p>" + PROOF.format("of Lemma 9\n<b>1</b>")
    )
    assert '<summary aria-label="Proof of Lemma 9"><span>Proof of Lemma 9.</span></summary>' in page
    assert "<p><b>1</b></p>" in page


def test_a_page_without_proofs_has_no_button() -> None:
    assert reading.foldable_proofs(STATEMENT) == STATEMENT


def test_switches_have_names_of_their_own() -> None:
    fold = '<details class="hide"><summary aria-label="Toggle hidden content"></summary></details>'
    figure = '<figure class="align-default"><span class="caption-number">Fig. 1.2 </span></figure>'
    page = reading.named_switches(f"<h2>Claims</h2>{fold}{fold}{fold}{figure}")
    for name in ("Claims", "Claims, 2", "Fig. 1.2"):
        assert f'aria-label="Show the code of {name}"' in page
    assert "Toggle" not in page


def test_what_a_claim_would_have_failed_at_is_named_by_the_claim() -> None:
    card = '<div class="claim" id="claim-a-{0}"><details><summary>x</summary></details></div>'
    page = reading.named_switches(card.format("b") + card.format("c"))
    assert 'aria-label="Would have failed at, for a-b"' in page
    assert 'aria-label="Would have failed at, for a-c"' in page


def test_what_stands_on_another_page_is_brought_along() -> None:
    link = '<article><a class="reference internal" href="b.html#lemma-a">Lemma</a></article>'
    pages = {"notebooks/a.html": link, "notebooks/b.html": STATEMENT}
    found = reading.explained_references("notebooks/a.html", pages)
    assert found.startswith('<template data-reference="b.html#lemma-a"><div class="proof')
    assert "id=" not in found
    assert reading.explained_references("notebooks/b.html", pages) == ""


NOTATION = """<tr class="row-odd"><th>Symbol</th></tr><tr class="row-even"><td>
<annotation encoding="application/x-tex">\\alpha \\in A</annotation></td>
<td><code><span class="pre">alpha</span></code></td><td><p>exponent</p></td></tr>"""


def test_symbols_that_stand_alone_are_explained() -> None:
    page = '<annotation encoding="application/x-tex">\\alpha &gt; 1</annotation>'
    assert 'data-symbols="\\alpha"' in reading.explained_symbols(page, NOTATION)
    assert reading.explained_symbols(page.replace("alpha", "beta"), NOTATION) == ""


def test_the_search_knows_symbols_by_sign_word_and_code() -> None:
    (entry,) = search.symbol_entries(NOTATION)
    assert entry.keys == ["alpha"]
    assert (entry.page, entry.anchor) == ("book/notation", "#symbol-1")
    assert '<tr class="row-even" id="symbol-1">' in search.named_rows(NOTATION)
