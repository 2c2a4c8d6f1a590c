"""Show the "repository" and "edit" buttons exactly where `_config.yml` holds an address for them.

"Edit" leads to the source of a page: a chapter is staged as a notebook but written in Markdown, and the pages of the
functions are made from docstrings, so that there is no one file to edit.
"""

from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config


def buttons(theme_options: Mapping[str, Any]) -> dict[str, bool]:
    """Return the theme's switches for the buttons."""
    configured = bool(theme_options.get("repository_url"))
    return {"use_repository_button": configured, "use_edit_page_button": configured}


def apply(app: Sphinx, config: Config) -> None:
    """Set the switches before the theme reads them."""
    config.html_theme_options |= buttons(config.html_theme_options)


def source_suffix(page: str, suffix: str) -> str:
    """Return the suffix of a page's source in the repository, "" where it has none.

    Example:
        >>> source_suffix("notebooks/01_model", ".ipynb"), source_suffix("book/api/theory", ".md")
        ('.md', '')
    """
    if page.startswith("book/api/"):
        return ""
    return ".md" if page.startswith("notebooks/") else suffix


def lead_to_source(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Say where the source is before the theme makes its links."""
    if context.get("page_source_suffix"):
        context["page_source_suffix"] = source_suffix(page, context["page_source_suffix"])


#: Icons that the pages draw themselves, for the theme's, whose font is not loaded.
_ICONS = {
    "source-buttons": "fa-solid fa-code-branch",
    "source-repository-button": "fa-solid fa-code-branch",
    "source-edit-button": "fa-solid fa-pen",
    "source-issues-button": "fa-solid fa-lightbulb",
}


def drawn(buttons: list[dict[str, Any]]) -> None:
    """Give the buttons for the source, and those within them, icons that are drawn."""
    for button in buttons:
        if button.get("label") in _ICONS:
            button["icon"] = _ICONS[button["label"]]
        drawn(button.get("buttons", []))


def draw(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Change the icons after the theme has made its buttons."""
    drawn(context.get("header_buttons", []))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", apply)
    app.connect("html-page-context", lead_to_source, priority=100)
    app.connect("html-page-context", draw, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
