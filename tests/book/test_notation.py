"""Notation: every symbol of a chapter is in `book/notation.md`, or defined in the chapter where it comes first.

A symbol counts as defined where a relation follows it (`$a = …$`, `$x \\in …$`), where it is bound (`\\sum_x`), where
it stands alone behind a word (`the rate $\\theta$`), and where one of these comes within the next lines ("…, with
$a = …$").
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.layout import Tree

GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho varrho sigma tau phi varphi "
    "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell"
).replace(" ", "|")
LETTER = rf"\\(?:{GREEK})(?![A-Za-z])|(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])"
DECORATED = rf"\\(?:hat|bar|tilde|mathcal|mathbb|mathbf|mathsf|dot)\s*\{{?\s*(?:\\(?:{GREEK})\b|[A-Za-z])\}}?"
SYMBOL = re.compile(f"{DECORATED}|{LETTER}")
#: Words inside of a formula, which are no symbols.
WORDS = re.compile(
    r"\\(?:text|textrm|textstyle|mathrm|operatorname\*?|label|begin|end|tag)\s*\{[^{}]*\}"
)
SUFFIX = r"(?:_\{[^{}]*\}|_\\?\w+|\^\{[^{}]*\}|\^\\?\w+|'|\([^()]*\)|\}|\\,|\s)*"
RELATION = (
    r"(?::?=|\\(?:in|sim|simeq|asymp|approx|geq|leq|neq|to|mapsto|subseteq|equiv|propto|gg|ll|leftarrow)\b|[<>,|]"
    r"|\\dots)"
)
FOLLOWED = re.compile(SUFFIX + r"\s*" + RELATION)
BOUND = re.compile(r"\\(?:sum|max|min|prod|sup|inf|arg|lim|int)\S*?[_{(]\s*\{?\s*[^}]*$")
#: Indices, the number e, d of an integral, O of Landau, and what every reader of a proof knows.
USUAL = {*"ijkmnedO", r"\pi", r"\Gamma", r"\zeta", r"\mathbbE", r"\mathbbP", r"\mathbbR", r"\mathcalN"}  # fmt: skip


def plain(symbol: str) -> str:
    """A symbol however it is typed: `\\hat{q}` and `\\hat q`."""
    return re.sub(r"[{}\s]", "", symbol)


def formulas(text: str) -> Iterator[tuple[str, str, str]]:
    """The formulas of a page, with some text before and behind each."""
    text = re.sub(r"^---\n.*?^---\n", "", text, count=1, flags=re.S | re.M)
    text = re.sub(r"^```+\{code-cell\}.*?^```+$", "", text, flags=re.S | re.M)
    text = re.sub(r"`[^`\n]*`", " ", text)
    for match in re.finditer(r"\$\$(.+?)\$\$|\$([^$]+?)\$", text, flags=re.S):
        body = WORDS.sub(" ", match[1] or match[2])
        start, end = match.span()
        yield text[max(0, start - 60) : start], body, text[end : end + 300]


def listed(page: str) -> set[str]:
    """The symbols in the first column of the table."""
    rows = re.findall(r"^\| (\$.*?) \|", page, flags=re.M)
    cells = [formula for row in rows for formula in re.findall(r"\$([^$]+)\$", row)]
    return {plain(symbol) for cell in cells for symbol in SYMBOL.findall(cell)}


def undefined(text: str, known: set[str]) -> list[str]:
    """Symbols that are neither known nor defined where they come first, with that place."""
    seen, found = set(known), []
    for before, formula, after in formulas(text):
        for match in SYMBOL.finditer(formula):
            symbol = plain(match[0])
            if symbol in seen:
                continue
            seen.add(symbol)
            head, tail = formula[: match.start()], formula[match.end() :]
            bare = not head.strip(r"\| (") and re.fullmatch(SUFFIX + r"[\\|]*", tail)
            alone = bare and re.search(r"[A-Za-z)*]\W{0,3}\s$", before)
            listing = re.search(r"[,={]\s*$", head)
            integrated = r"\int" in head and re.search(r"d\s*" + re.escape(match[0]), tail)
            later = integrated or re.search(
                re.escape(match[0]) + FOLLOWED.pattern, f"{tail} {after}"
            )
            if not (FOLLOWED.match(tail) or BOUND.search(head[-25:]) or alone or listing or later):
                found.append(f"{symbol} in {' '.join(formula.split())[:60]}")
    return found


@pytest.mark.parametrize("name", Tree().names())
def test_every_symbol_is_defined_before_it_is_used(name: str) -> None:
    known = listed((Tree().book / "notation.md").read_text(encoding="utf-8")) | USUAL
    text = (Tree().notebooks / f"{name}.md").read_text(encoding="utf-8")
    assert undefined(text, known) == []


def test_what_is_not_defined_is_found() -> None:
    text = r"Take $a = 1$, the rate $\theta$ and $\sum_z z$. Then $\hat{b} c \leq a$, with $c = 2$."
    assert undefined(text, {"a"}) == [r"\hatb in \hat{b} c \leq a"]
    assert undefined(text, {r"\hatb"}) == []
    assert undefined(r"Now $2 \sigma + 1$.", set()) == [r"\sigma in 2 \sigma + 1"]


def test_the_table_lists_a_symbol_once_and_only_once() -> None:
    """One letter, one meaning: two rows for one symbol would be two meanings."""
    page = Path(Tree().book / "notation.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\$.*?) \|", page, flags=re.M)
    heads = [re.split(r"\$[,;]|\$ \(", row)[0] for row in rows]
    assert len(set(heads)) == len(heads)
