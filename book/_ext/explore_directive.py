"""The directive `explore`: an interactive figure on a page that is no notebook.

Its argument is the name of the figure, its options are the values that the controls start from, as JSON, and its
content is what is shown on paper and where no script runs.

    ```{explore} storage
    :start: {"reduced": true, "stored": 1000}

    Of 1,000 facts …
    ```
"""

import json
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from assocmem.figures.interactive import explore_html

#: Stands for the content while the HTML around it is written.
_HERE = "<!--fallback-->"


class Explore(SphinxDirective):
    """An interactive figure."""

    required_arguments = 1
    option_spec: ClassVar = {"start": directives.unchanged}
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The HTML before the content, the content, and the HTML after it."""
        try:
            start = json.loads(self.options.get("start", "{}"))
            page = explore_html(self.arguments[0], fallback=_HERE, **start)
        except (ValueError, TypeError) as error:
            raise self.error(f"explore: {error}") from error
        before, after = page.split(_HERE)
        content = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, content)
        return [
            nodes.raw("", before, format="html"),
            content,
            nodes.raw("", after, format="html"),
        ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("explore", Explore)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
