"""Every chapter of the book has the anatomy of a chapter, and its smoke run is clean."""

import io
import json
import re
import tomllib
import warnings

import nbformat
import pandas as pd
import pytest

from assocmem.display import CLAIM_MIME, FIGURE_MIME
from tools import profiles
from tools.collect import claims, figures, read
from tools.layout import Tree
from tools.plain import bundles

TREE = Tree()
NAMES = TREE.names()
SMOKE = TREE.build("smoke")


def notebook(name: str) -> nbformat.NotebookNode:
    return nbformat.read(TREE.notebooks / f"{name}.ipynb", as_version=4)


def code(name: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


def text(name: str) -> str:
    return "\n".join(cell.source for cell in notebook(name).cells if cell.cell_type == "markdown")


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def executed(name: str) -> nbformat.NotebookNode:
    if not SMOKE.executed(name).is_file():
        pytest.fail(
            "the smoke notebooks are missing: run `make html PROFILE=smoke`, or `make test`"
        )
    return read(SMOKE, name)


def test_parameters_come_first_and_are_checked_next(name: str) -> None:
    first, second, *_ = code(name)
    assert "parameters" in first.metadata.get("tags", [])
    assert "validate" in second.source


def test_every_figure_has_caption_name_and_alternative_text(name: str) -> None:
    for cell in code(name):
        if "show_figure(" in cell.source:
            settings = cell.metadata.get("mystnb", {})
            assert settings.get("figure", {}).get("caption"), cell.source
            assert settings.get("figure", {}).get("name"), cell.source
            assert settings.get("image", {}).get("alt"), cell.source


def test_every_alternative_text_tells_a_number(name: str) -> None:
    """What a picture shows is more than its subject: who cannot see it wants to know how much."""
    for cell in code(name):
        if alternative := cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
            assert re.search(r"\d", alternative), alternative


def test_three_exercises_have_solutions(name: str) -> None:
    exercises = set(re.findall(r"\{exercise\}[^\n]*\n:label: (\S+)", text(name)))
    solved = set(re.findall(r"\{solution(?:-start)?\} (\S+)", text(name)))
    assert len(exercises) >= 3
    assert solved == exercises


def test_code_is_short(name: str) -> None:
    """What a reader of the chapter reads: no parameters, no solutions, no comments."""
    chapter = chapter_code(name)
    lines = [line.strip() for cell in chapter for line in cell.source.splitlines()]
    code_lines = [line for line in lines if line and not line.startswith("#")]
    assert len(code_lines) <= 120, "longer code belongs in src/assocmem"


def chapter_code(name: str) -> list[nbformat.NotebookNode]:
    """Code cells after the parameters and their check that are not inside a solution."""
    kept, inside = [], False
    for cell in notebook(name).cells:
        if cell.cell_type == "markdown":
            opened = cell.source.rfind("{solution-start}")
            inside = (inside or opened >= 0) and cell.source.rfind("{solution-end}") <= opened
        elif not inside:
            kept.append(cell)
    return kept[2:]


def test_smoke_run_makes_a_claim_and_prints_no_warning(
    name: str, executed: nbformat.NotebookNode
) -> None:
    assert claims(name, executed)
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text


def test_every_claim_could_fail(name: str, executed: nbformat.NotebookNode) -> None:
    """The wrong law beside each claim fails, even with the few trials of the smoke profile."""
    for claim in claims(name, executed):
        assert claim["mutant_verdict"] != "reproduced", claim["id"]
        assert (
            claim["mutant_verdict"] != claim["verdict"] or claim["verdict"] == "not reproduced"
        ), f"{claim['id']} cannot tell its wrong law apart: both are {claim['verdict']}"


def test_every_shown_figure_publishes_its_numbers(
    name: str, executed: nbformat.NotebookNode
) -> None:
    drawn = sum(
        "image/svg+xml" in o.get("data", {}) for c in executed.cells for o in c.get("outputs", [])
    )
    published = figures(name, executed)
    assert drawn == len(published) >= 1
    for figure in published:
        header, *rows = figure.csv.splitlines()
        assert header.count(",") >= 1
        assert rows


def test_a_second_run_without_jupyter_gives_the_same_claims_and_data(
    name: str, executed: nbformat.NotebookNode
) -> None:
    """But for the last digits, which may depend on the number of threads here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again = json.loads(json.dumps(bundles(TREE, name, profiles.load(TREE, "smoke")[name])))
    found = [claim for bundle in again for claim in bundle.get(CLAIM_MIME, [])]
    drawn = [bundle[FIGURE_MIME] for bundle in again if FIGURE_MIME in bundle]
    assert [{"notebook": name, **claim} for claim in found] == claims(name, executed)
    for one, other in zip(drawn, figures(name, executed), strict=True):
        assert one["name"] == other.name
        tables = [pd.read_csv(io.StringIO(csv)) for csv in (one["csv"], other.csv)]
        pd.testing.assert_frame_equal(*tables, rtol=1e-9)


def test_the_words_of_its_claims_are_in_the_file_of_its_name(
    name: str, executed: nbformat.NotebookNode
) -> None:
    """Some claims are made for some parameters only: those stand in the chapter or in the module that it calls."""
    path = TREE.package / "verdicts" / "words" / f"{name[3:]}.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    assert {claim["id"] for claim in claims(name, executed)} <= entries.keys()
    sources = [TREE.notebooks / f"{name}.md", *(TREE.package / "comparisons").glob("*.py")]
    code = "".join(source.read_text(encoding="utf-8") for source in sources)
    for id in entries:
        assert f'"{id}"' in code or id in {claim["id"] for claim in claims(name, executed)}, id
