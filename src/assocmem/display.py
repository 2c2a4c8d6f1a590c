"""What a notebook shows beside its text, and the types under which programs find it there again."""

import html
import re
import sys
from collections.abc import Mapping

#: The type under which a claim travels in an executed notebook.
CLAIM_MIME = "application/vnd.assocmem.claim+json"
#: The type under which the numbers of a figure travel in an executed notebook.
FIGURE_MIME = "application/vnd.assocmem.figure+json"


def display(bundle: Mapping[str, object]) -> None:
    """Show one thing in all its forms under the notebook's cell; as text where no notebook runs.

    Args:
        bundle: the forms by MIME type, ``text/plain`` among them.

    Example:
        >>> display({"text/plain": "prop1.exponent: REPRODUCED"})
        prop1.exponent: REPRODUCED
    """
    ipython = sys.modules.get("IPython")  # a notebook has imported it; this module does not need it
    if ipython is None or ipython.get_ipython() is None:
        print(bundle["text/plain"])
    else:
        ipython.display.display(dict(bundle), raw=True)


def say(text: str) -> None:
    """Show a sentence with numbers that were just computed, like the text of the page.

    Args:
        text: the sentence; ``$…$`` is mathematics, ``**…**`` is bold.

    Example:
        >>> say(f"Of 1,000 facts, **{0.021:.1%}** of the questions are lost.")
        Of 1,000 facts, **2.1%** of the questions are lost.
    """
    display({"text/plain": text, "text/html": f'<p class="say">{as_html(text)}</p>'})


def as_html(text: str) -> str:
    """Text as HTML: ``$…$`` as a formula between the delimiters of MathJax, ``**…**`` as bold.

    Example:
        >>> as_html("$a < b$ is **so**")
        '\\\\(a &lt; b\\\\) is <strong>so</strong>'
    """
    formulas = re.sub(r"\$([^$]+)\$", r"\\(\1\\)", html.escape(text, quote=False))
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", formulas)
