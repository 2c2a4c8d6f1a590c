"""Sentences with numbers: how they look where a notebook runs, and where none does."""

import pytest

from assocmem import say
from assocmem.display import as_html


def test_formulas_are_for_mathjax_and_all_else_is_text() -> None:
    assert as_html("$a < b$ & $c$, 5 $") == r"\(a &lt; b\) &amp; \(c\), 5 $"


def test_stars_make_bold() -> None:
    assert as_html("**2.1 %** of $a**b$ * 3") == r"<strong>2.1 %</strong> of \(a**b\) * 3"


def test_outside_of_notebooks_a_sentence_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    say("**2.1 %** are lost.")
    assert capsys.readouterr().out == "**2.1 %** are lost.\n"
