r"""Typeset all mathematics while the pages are built, with KaTeX, so that a page needs no script for it.

Formulas come from the text (Sphinx's math nodes) and from the outputs of cells: there, `\(…\)`, `\[…\]`, `$…$` and
`$$…$$` are formulas, as they are in Jupyter. Each becomes HTML to see and MathML to hear, which also holds the TeX that
is copied. A formula that KaTeX cannot read is a warning that names its page, and warnings end the build.
"""

import atexit
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

_VENDOR = Path(__file__).parents[1] / "_vendor"
_KATEX = _VENDOR / "katex" / "katex.min.js"

#: What the chapters use and KaTeX does not know, by name: none so far.
MACROS: dict[str, str] = {}

# Whatever KaTeX cannot read is an error, not text in red. Letters of any script may stand in formulas.
_SCRIPT = """
function typeset(tex, display, macros) {
  const lenient = code => code === "unicodeTextInMathMode" ? "ignore" : "error";
  try {
    const options = {displayMode: display, output: "htmlAndMathml", strict: lenient, throwOnError: true, macros};
    return JSON.stringify({html: katex.renderToString(tex, options)});
  } catch (error) {
    return JSON.stringify({error: error.message});
  }
}
"""

_BASE = '<span class="katex-base">'
_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_UNTOUCHED = ("code", "pre", "script", "style", "svg", "textarea", "title")
_DELIMITED = re.compile(
    r"\\\((?P<inline>.+?)\\\)|\\\[(?P<block>.+?)\\\]"
    r"|(?<!\\)\$\$(?P<dollars>[^$]+)\$\$|(?<!\\)\$(?P<dollar>[^$\n]+)(?<!\\)\$",
    re.DOTALL,
)


class FormulaError(ValueError):
    """A formula that KaTeX cannot read."""


@cache
def engine() -> Any:
    """Return V8 with KaTeX loaded; fail with one sentence where there is no V8."""
    try:
        from py_mini_racer import MiniRacer

        context = MiniRacer()
    except Exception as error:  # its library may be missing, or unfit for this machine
        raise ExtensionError(
            "mathematics is typeset by the package mini-racer, which does not load in this "
            f"environment ({type(error).__name__}: {error}): install it with `pip install "
            '"mini-racer>=0.14"`, on Linux, macOS or Windows'
        ) from error
    atexit.register(context.close)  # else its threads may keep the program from ending
    context.eval(_KATEX.read_text(encoding="utf-8"))
    context.eval(_SCRIPT)
    return context


@cache
def typeset(tex: str, display: bool = False) -> str:
    r"""Return a formula as HTML and MathML.

    Raises:
        FormulaError: KaTeX cannot read it, for instance for a macro that is not defined.

    Example:
        >>> "<annotation" in typeset(r"\alpha")
        True
    """
    answer = json.loads(engine().call("typeset", tex, display, MACROS))
    if "error" in answer:
        raise FormulaError(answer["error"].removeprefix("KaTeX parse error: "))
    # In HTML the name space is known, and the last semicolon of a style says nothing.
    text = str(answer["html"]).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    return unbroken(text.replace(';">', '">'))


def unbroken(text: str) -> str:
    """Keep what stands in brackets on one line: KaTeX lets lines break after every sign and relation."""
    head, start, body = text.partition('<span class="katex-html" aria-hidden="true">')
    end = "</span>" * (3 if head.startswith('<span class="katex-display">') else 2)
    first, *bases = body.removesuffix(end).split(_BASE)
    if first or len(bases) < 2 or 'newline"' in body or 'katex-tag"' in body:
        return text
    groups: list[list[str]] = [[]]
    depth = 0
    for base in bases:
        groups[-1].append(_BASE + base)
        depth += base.count('class="mopen') - base.count('class="mclose')
        # A bracket with an exponent closes twice: in itself, and as what the exponent stands on.
        depth += base.count('class="mclose"><span class="mclose')
        if depth <= 0:
            groups.append([])
    lines = "".join(
        f'<span class="piece">{"".join(group)}</span>' if len(group) > 1 else "".join(group)
        for group in groups
    )
    return head + start + lines + end


def report(tex: str, error: FormulaError, where: Any) -> str:
    """Warn of a formula; return its source, which stands in its place."""
    shown = " ".join(tex.split())
    logger.warning("the formula %s is not mathematics: %s", shown, error, location=where)
    return f'<span class="formula-fault">{html.escape(shown)}</span>'


def display_source(tex: str) -> str:
    r"""Return what KaTeX reads for a display: paragraphs and `\\` make lines, which are aligned.

    A whole environment is starred, for its automatic numbers would not be those of the book.

    Example:
        >>> display_source(r"a &= b \\ &= c")
        '\\begin{split}a &= b \\\\ &= c\\end{split}'
    """
    tex = re.sub(r"\\(begin|end)\{(align|alignat|equation|gather)\}", r"\\\1{\2*}", tex.strip())
    parts = [part.strip() for part in re.split(r"\n\s*\n", tex) if part.strip()]
    lines = [rf"\begin{{split}}{part}\end{{split}}" if _has_lines(part) else part for part in parts]
    if len(lines) == 1:
        return lines[0]
    return r"\begin{aligned}" + r"\\".join(lines) + r"\end{aligned}"


def _has_lines(tex: str) -> bool:
    r"""Whether `\\` stands in a formula itself, not only in an environment within."""
    environment = re.compile(r"\\begin\{([^}]*)\}(?:(?!\\begin\{).)*?\\end\{\1\}", re.DOTALL)
    while environment.search(tex):
        tex = environment.sub("", tex)
    return r"\\" in tex


def visit_inline(translator: Any, node: nodes.math) -> None:
    """Write an inline formula."""
    tex = node.astext()
    try:
        body = typeset(tex)
    except FormulaError as error:
        body = report(tex, error, node)
    tag = translator.starttag(node, "span", "", CLASS="math notranslate nohighlight")
    translator.body.append(f"{tag}{body}</span>")
    raise nodes.SkipNode


def visit_display(translator: Any, node: nodes.math_block) -> None:
    """Write a display in a box of its own, and beside it its number, which stays when the box scrolls."""
    tex = display_source(node.astext())
    try:
        body = typeset(tex, display=True)
    except FormulaError as error:
        body = report(tex, error, node)
    classes = "math notranslate nohighlight"
    translator.body.append(translator.starttag(node, "div", CLASS=classes))
    translator.body.append(f'<div class="formula">{body}</div>')
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def typeset_html(text: str, where: Any = None) -> str:
    r"""Return HTML in which every delimited formula is typeset, outside of code and scripts.

    Example:
        >>> typeset_html(r"<code>$a$</code> costs 5 $")
        '<code>$a$</code> costs 5 $'
    """
    if "$" not in text and "\\(" not in text and "\\[" not in text:
        return text

    def formula(match: re.Match[str]) -> str:
        kind = str(match.lastgroup)
        tex = html.unescape(match[kind])
        try:
            return typeset(tex, display=kind in ("block", "dollars"))
        except FormulaError as error:
            return report(tex, error, where)

    pieces, untouched = [], ""
    for piece in _TAG.split(text):
        if piece.startswith("<") and (tag := _TAG_NAME.match(piece)):
            closing, name = bool(tag[1]), tag[2].lower()
            if not untouched and not closing and name in _UNTOUCHED:
                untouched = name
            elif closing and name == untouched:
                untouched = ""
        elif not untouched:
            piece = _DELIMITED.sub(formula, piece)
        pieces.append(piece)
    return "".join(pieces)


def outputs(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Typeset the formulas in the HTML outputs of cells, and wherever HTML asks for it."""
    if app.builder.format != "html":
        return
    for node in list(doctree.findall(nodes.raw)):
        if "html" not in node.get("format", "").split():
            continue
        text = node.astext()
        if _in_output(node) or "tex2jax_process" in text:
            where = next((n for n in _ancestors(node) if n.line), None) or page
            new = typeset_html(text, where)
            if new != text:
                node.parent.replace(node, nodes.raw("", new, format="html"))


def _ancestors(node: nodes.Node) -> list[Any]:
    found: list[Any] = [node]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found[:-1]


def _in_output(node: nodes.Node) -> bool:
    return any("cell_output" in parent.get("classes", ()) for parent in _ancestors(node)[1:])


def assets(app: Sphinx, config: Config) -> None:
    """Publish the style sheet, the fonts and the script for copying beside the book's own files."""
    config.html_static_path = [*config.html_static_path, str(_VENDOR)]


def tidy(app: Sphinx, error: Exception | None) -> None:
    """Keep the program that has typeset the pages out of what is published."""
    (Path(app.outdir) / "_static" / "katex" / _KATEX.name).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("config-inited", assets)
    app.connect("doctree-resolved", outputs)
    app.connect("build-finished", tidy)
    app.add_css_file("katex/katex.min.css", priority=400)
    app.add_js_file("katex/copy-tex.min.js", loading_method="defer")
    # V8 runs threads of its own, which do not live on in a forked process.
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
