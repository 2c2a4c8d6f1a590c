"""Variations: what is run, what is kept of it, and the page that shows it."""

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from assocmem.verdicts.claim import VERDICTS
from tools import robustness, variations
from tools.layout import BuildError, Tree
from tools.parameters import check_values

TREE = Tree()
RUN: dict[str, Any] = {"chapter": "01_model", "special": {"seed": 1}, "error": None, "seconds": 1.5}


def test_every_chapter_has_twenty_seeds_and_eight_settings_that_its_check_accepts() -> None:
    runs = list(variations.plan(TREE))
    for name in TREE.names():
        own = [(special, values) for chapter, special, values in runs if chapter == name]
        seeds = [special["seed"] for special, _ in own if special.keys() == {"seed"}]
        settings = [json.dumps(special) for special, _ in own if special.keys() - {"seed"}]
        if name in variations.WITHOUT_SEED:
            assert len(settings) + 1 == len(own)
        else:
            assert len(set(seeds) - {0}) >= 20
        assert len(set(settings)) == len(settings) >= 8
        for special, values in own:
            check_values(TREE, name, dict(values))
            assert special.items() <= values.items()


def test_a_missing_chapter_is_named(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "book" / "profiles").mkdir()
    (tmp_path / "notebooks" / "01_a.md").touch()
    (tmp_path / "book" / "profiles" / "smoke.yml").write_text("01_a: {}")
    (tmp_path / "book" / "variations.yml").write_text("02_b: {settings: []}")
    with pytest.raises(BuildError, match="expected one entry for each of 01_a"):
        list(variations.plan(Tree(tmp_path)))


@pytest.mark.slow
def test_runs_are_papermill_s_and_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run of the quickest chapter, and one that fails in the middle; the second time nothing runs."""
    runs = [
        ("02_finite_data", {"seed": 5}, {"n_samples": [1, 10, 100, 1000], "trials": 20, "seed": 5})
    ]
    monkeypatch.setattr(variations, "plan", lambda tree: iter(runs))
    (first,) = variations.vary(TREE, tmp_path)
    assert first["error"] is None
    assert first["special"] == {"seed": 5}
    assert len(first["verdicts"]) >= 3
    assert set(first["verdicts"].values()) <= set(VERDICTS)
    assert first["seconds"] > 0
    monkeypatch.setattr(variations, "kernel_environment", lambda *_: 1 / 0)
    assert variations.vary(TREE, tmp_path) == [first]
    runs[0] = ("02_finite_data", {"seed": -5}, {"seed": -5})
    with pytest.raises(BuildError, match="^02_finite_data: seed = -5 is not valid"):
        variations.vary(TREE, tmp_path)


def page(runs: list[dict[str, Any]]) -> BeautifulSoup:
    origin = {"cpu_hours": "0.10", "python": "3.1", "numpy": "2.0", "date": "today"}
    text = robustness.render(
        json.dumps({"origin": origin, "runs": runs}), {"01_model": "Model", "02_b": ""}
    )
    return BeautifulSoup(text, "html.parser")


def test_the_page_has_a_row_a_claim_and_a_column_a_setting() -> None:
    runs = [
        {**RUN, "verdicts": {"a.one": "reproduced", "a.two": "partly"}},
        {**RUN, "special": {"seed": 2}, "verdicts": {"a.one": "undecided", "a.two": "partly"}},
        {**RUN, "special": {"alpha": 1.5}, "verdicts": {"a.two": "not reproduced"}},
        {
            **RUN,
            "special": {"dims": [1, 2]},
            "verdicts": {},
            "error": "RuntimeError: x",
            "seconds": None,
        },
    ]
    found = page(runs)
    heads = [cell.text for cell in found.select("thead th")]
    assert heads == ["Claim", "2 seeds", "alpha = 1.5", "dims = [1, 2]"]
    rows = [[cell.text for cell in row.select("th, td")] for row in found.select("tbody tr")]
    assert rows == [["a.one", "1 ✓ 1 ?", "·", "·"], ["a.two", "2 ≈", "✗", "·"]]
    assert found.select("a")[0]["href"] == "../notebooks/01_model.html#claim-a-one"
    assert [span["aria-label"] for span in found.select("td span[role=img]")][2] == (
        "not reproduced at alpha = 1.5"
    )
    assert "4 runs of twelve chapters with 5 verdicts: 20.0% reproduced, 40.0% partly" in found.text
    assert "1 runs ended in an error" in found.text
    assert "02_b" not in found.text
