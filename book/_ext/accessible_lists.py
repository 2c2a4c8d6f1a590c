"""Drop the role that docutils gives to a bibliography.

It calls the box of all entries a "list" and its entries something else than list items, which leaves a screen reader
with an empty list.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def mend(body: str) -> str:
    """Return the HTML of a page without the role."""
    return body.replace('<div role="list" class="citation-list">', '<div class="citation-list">')


def apply(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Mend a page before it is written."""
    if "body" in context:
        context["body"] = mend(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", apply)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
