import json
import math
import re
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from assocmem.display import FIGURE_MIME
from assocmem.figures import interactive
from assocmem.figures.interactive import (
    explore,
    explore_html,
    explore_script,
    interactive_figures,
)


def root(page: str) -> Any:
    return BeautifulSoup(page, "html.parser").select_one(".explore")


def test_every_figure_has_a_module_that_needs_no_other() -> None:
    names = interactive_figures()
    assert {"memory", "storage", "budget", "learning", "unseen", "frames"} == set(names)
    for name in names:
        script = explore_script(name)
        assert script.count(f'register("{name}"') == 1
        assert not re.search(r"^(import|export) ", script, re.MULTILINE)
        assert script.count("function register(") == 1
        assert "</script" not in script
        assert not re.search(r"https?://(?!www\.w3\.org/)", script)
        assert len(script) < 60_000


def test_values_travel_as_they_are() -> None:
    data = pd.DataFrame({"a": [1, 2], "b": [0.5, np.inf]})
    page = explore_html(
        "storage", data={"table": data, "array": np.eye(2)}, tokens=math.inf, name_="<&\"'$x$>"
    )
    values = json.loads(root(page)["data-values"])
    assert values == {
        "start": {"tokens": "inf", "name_": "<&\"'$x$>"},
        "data": {"table": {"a": [1, 2], "b": [0.5, "inf"]}, "array": [[1.0, 0.0], [0.0, 1.0]]},
    }


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("storrage", {}, "^name = 'storrage' is not valid; valid range: one of budget, "),
        ("shared", {}, "^name = 'shared' is not valid"),
        ("storage", {"data": {"a": [1, {2}]}}, r"^data\['a'\]\[1\] = \{2\} is not valid"),
        ("storage", {"dim": math.nan}, r"^start\['dim'\] = nan is not valid"),
        ("storage", {"data": -math.inf}, "^data = -inf is not valid"),
    ],
)
def test_what_it_cannot_show_is_refused(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explore_html(name, **changes)


def test_a_cell_shows_it_with_picture_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr(interactive, "display", bundles.append)
    figure = plt.figure(figsize=(3, 2))
    explore("storage", picture=figure, alt='a "U"', numbers=("cut", {"P": [1, 2]}), dim=100)
    assert not plt.get_fignums()
    (bundle,) = bundles
    found = root(bundle["text/html"])
    image = found.select_one(".explore-picture > img")
    assert image["alt"] == 'a "U"'
    assert image["src"].startswith("data:image/svg+xml;base64,")
    assert 200 < int(image["width"]) < 320
    assert "explore-bare" not in found["class"]
    assert bundle["image/svg+xml"].endswith("</svg>\n")
    assert bundle[FIGURE_MIME] == {"name": "cut", "csv": "P\n1\n2\n"}
    assert bundle["text/plain"] == "<interactive figure: storage>"


def test_without_a_picture_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr(interactive, "display", bundles.append)
    explore("unseen")
    assert set(bundles[0]) == {"text/html", "text/plain"}
    assert "explore-bare" in root(bundles[0]["text/html"])["class"]


def test_the_same_call_gives_the_same_page() -> None:
    assert explore_html("storage", dim=3) == explore_html("storage", dim=3)
