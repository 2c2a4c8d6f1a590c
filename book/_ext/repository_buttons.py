"""Show the "repository" and "edit" buttons exactly where `_config.yml` holds an address for them."""

from collections.abc import Mapping
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config


def buttons(theme_options: Mapping[str, Any]) -> dict[str, bool]:
    """Return the theme's switches for the buttons."""
    configured = bool(theme_options.get("repository_url"))
    return {"use_repository_button": configured, "use_edit_page_button": configured}


def apply(app: Sphinx, config: Config) -> None:
    """Set the switches before the theme reads them."""
    config.html_theme_options |= buttons(config.html_theme_options)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", apply)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
