"""Formulas become HTML and MathML while the pages are built, or the build ends and says which one does not."""

import builtins
import sys
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from tools.layout import Tree

sys.path.insert(0, str(Tree().book / "_ext"))
import typeset_math


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def test_a_formula_is_seen_heard_and_copied() -> None:
    formula = soup(typeset_math.typeset(r"a < \frac{1}{2}"))
    assert formula.select_one("math mfrac") is not None
    assert formula.select_one(".katex-html")["aria-hidden"] == "true"  # type: ignore[index]
    annotation = formula.select_one('annotation[encoding="application/x-tex"]')
    assert annotation is not None
    assert annotation.get_text() == r"a < \frac{1}{2}"


@pytest.mark.parametrize("tex", [r"\nosuchmacro", r"\frac{1", r"a \\ \end{aligned}", r"x^2^3"])
def test_what_is_no_formula_is_refused(tex: str) -> None:
    with pytest.raises(typeset_math.FormulaError):
        typeset_math.typeset(tex)


def test_paragraphs_and_lines_are_aligned_and_environments_lose_their_own_numbers() -> None:
    source = typeset_math.display_source
    assert source("a") == "a"
    assert source(r"a &= b \\ &= c") == r"\begin{split}a &= b \\ &= c\end{split}"
    assert source("a\n\nb") == r"\begin{aligned}a\\b\end{aligned}"
    cases = r"f = \begin{cases} 1 & a \\ 2 & b \end{cases}"
    assert source(cases) == cases
    assert source(r"\begin{align}a\end{align}") == r"\begin{align*}a\end{align*}"
    for tex in (r"a &= b \\ &= c", "a\n\nb", cases, r"\begin{align}a &= b \\ c &= d\end{align}"):
        assert "katex-display" in typeset_math.typeset(source(tex), display=True)


def test_brackets_stay_on_one_line_and_all_tags_stay_balanced() -> None:
    for tex in (r"a = b (c + d)^2 + e", r"a = \bigl(b + c", r"f(x = y] < 1", "a", r"a \\ b"):
        text = typeset_math.typeset(tex, display=True)
        assert text.count("<span") == text.count("</span>"), tex
    pieces = soup(typeset_math.typeset("a = b (c + d)^2 + e", display=True)).select(".piece")
    assert [piece.get_text().replace("\u200b", "") for piece in pieces] == ["b(c+d)2+"]


def test_formulas_in_outputs_are_found_as_jupyter_finds_them() -> None:
    page = soup(
        typeset_math.typeset_html(
            r"<p>\(a &lt; b\) and $c$, \[d\] $$e$$</p><code>$f$</code><pre>\(g\)</pre>"
            "<script>let h = '$i$';</script> 5 $"
        )
    )
    found = [annotation.get_text() for annotation in page.select("annotation")]
    assert found == ["a < b", "c", "d", "e"]
    assert len(page.select(".katex-display")) == 2
    assert page.code.get_text() == "$f$"  # type: ignore[union-attr]
    assert "'$i$'" in str(page.script)
    assert str(page).endswith(" 5 $")


def test_without_its_engine_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **options: Any) -> Any:
        if name == "py_mini_racer":
            raise ImportError("no V8 here")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ExtensionError, match='no V8 here.*pip install "mini-racer'):
        typeset_math.engine.__wrapped__()
