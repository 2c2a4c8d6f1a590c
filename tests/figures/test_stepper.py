import base64
import struct
from typing import Any

import matplotlib.pyplot as plt
import pytest
from bs4 import BeautifulSoup

from assocmem.figures import stepper
from assocmem.figures.stepper import show_steps


def shown(monkeypatch: pytest.MonkeyPatch, texts: list[str], **changes: Any) -> BeautifulSoup:
    bundles: list[dict[str, str]] = []
    monkeypatch.setattr(stepper, "display", bundles.append)
    figures = (plt.figure(figsize=(1 + k, 1)) for k in range(changes.pop("count", len(texts))))
    show_steps(figures, changes.get("name", "steps"), "Step:", texts)
    return BeautifulSoup(bundles[0]["text/html"], "html.parser")


def test_the_first_frame_is_shown_and_the_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(monkeypatch, ['a "quoted" <one>', "two", "three"])
    images = page.select(".stepper-frames > img")
    assert [image["alt"] for image in images] == ['a "quoted" <one>', "two", "three"]
    assert [image.has_attr("hidden") for image in images] == [False, True, True]
    assert not plt.get_fignums()
    widths = []
    for image in images:
        kind, data = str(image["src"]).split(",")
        assert kind == "data:image/png;base64"
        widths.append(struct.unpack(">I", base64.b64decode(data)[16:20])[0])
    assert widths == sorted(set(widths))


def test_the_slider_has_a_label_and_a_place_for_each_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(monkeypatch, ["one", "two", "three"], name="memory-steps")
    (slider,), (label,) = page.select("input"), page.select("label")
    assert label["for"] == slider["id"] == "memory-steps"
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "2", "0")


def test_the_same_figures_give_the_same_page(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(shown(monkeypatch, ["one", "two"])) == str(shown(monkeypatch, ["one", "two"]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"texts": ["one"]}, "^alternatives = .* is not valid; valid range"),
        ({"name": "1 2"}, "^name = .* is not valid; valid range"),
        ({"count": 3}, "shorter than argument 1"),
        ({"count": 1}, "longer than argument 1"),
    ],
)
def test_what_does_not_fit_is_refused(
    changes: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=message):
        shown(monkeypatch, **{"texts": ["one", "two"], **changes})
    plt.close("all")
