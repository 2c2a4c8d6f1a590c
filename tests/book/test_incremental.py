"""An edit executes exactly what depends on it; the slow steps are stubs that write down their names."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.book.conftest import STUBS, Copy, copy_sources

MODULE = "src/assocmem/figures/extra.py"
DEEPER = "src/assocmem/model/deeper.py"
#: As few chapters as tell what an edit reaches; the last two of them use the wing `training`.
KEPT = ("01_model", "02_finite_data", "08_gradient", "12_learned_embeddings")
TRAINED = KEPT[2:]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A finished build in which the first notebook alone uses `extra`, which uses `deeper`."""
    copy = Copy(tmp_path_factory.mktemp("template"), STUBS)
    copy_sources(copy.root)
    for path in (copy.root / "notebooks").iterdir():
        if path.stem not in KEPT:
            path.unlink()
    first = copy.root / "notebooks" / f"{copy.tree.names()[0]}.md"
    copy.append("notebooks/99_other.md", first.read_text())  # "it alone" needs two
    entries = copy.profile()
    copy.set_profile({**{name: entries[name] for name in KEPT}, "99_other": {}})
    copy.append(MODULE, "from assocmem.model.deeper import value\n")
    copy.append(DEEPER, "value = 1\n")
    cell = "\n```{code-cell} ipython3\nfrom assocmem.figures.extra import value\n```\n"
    copy.append(f"notebooks/{first.name}", cell)
    assert copy.make("html") == sorted([*copy.tree.names(), "pages"])
    return copy


@pytest.fixture
def built(template: Copy, tmp_path: Path) -> Copy:
    """A copy of the finished build, with the times of its files."""
    shutil.copytree(template.root, tmp_path / "tree")
    return Copy(tmp_path / "tree", STUBS)


def test_nothing_changed_executes_nothing(built: Copy) -> None:
    assert built.make("book") == []


def test_new_times_alone_execute_nothing(built: Copy) -> None:
    for path in built.root.rglob("*"):
        if "build" not in path.parts and path.is_file():
            path.touch()
    assert built.make("html") == []


def test_edited_notebook_is_executed_alone(built: Copy) -> None:
    name = built.tree.names()[-1]
    built.append(f"notebooks/{name}.md", "\nOne more sentence.\n")
    assert built.make("html") == [name, "pages"]


def test_edited_profile_entry_executes_its_notebook_alone(built: Copy) -> None:
    name = built.tree.names()[-1]
    entries = built.profile()
    entries[name] = {**entries[name], "seed": 77}
    built.set_profile(entries)
    assert built.make("html") == [name, "pages"]


@pytest.mark.parametrize("path", [MODULE, DEEPER])
def test_edited_module_executes_its_dependents(built: Copy, path: str) -> None:
    built.append(path, "# a remark\n")
    assert built.make("html") == [built.tree.names()[0], "pages"]


def test_edited_wing_executes_the_chapters_that_use_it(built: Copy) -> None:
    built.append("src/assocmem/training/optimizers.py", "# a remark\n")
    assert built.make("html") == [*TRAINED, "pages"]


@pytest.mark.parametrize("path", ["constraints.txt", "src/assocmem/__init__.pyi"])
def test_pinned_versions_and_public_names_execute_everything(built: Copy, path: str) -> None:
    built.append(path, "# a remark\n")
    assert built.make("html") == sorted([*built.tree.names(), "pages"])


@pytest.mark.parametrize(
    "path",
    [
        "book/index.md",
        "_config.yml",
        "book/_toc.yml",
        "book/_ext/paper_numbers.py",
        "tools/stage.py",
    ],
)
def test_edited_prose_builds_the_pages_alone(built: Copy, path: str) -> None:
    built.append(path, "\n# a remark\n")
    assert built.make("html") == ["pages"]


def test_lost_product_is_made_again(built: Copy) -> None:
    name = built.tree.names()[0]
    built.tree.build("smoke").executed(name).unlink()
    assert built.make("html") == [name, "pages"]


def test_failed_notebook_leaves_no_product_and_the_others_are_kept(built: Copy) -> None:
    first, *others = built.tree.names()
    built.append("constraints.txt", "# a remark\n")
    marker = built.root / f"fail-{first}"
    marker.touch()
    products = built.tree.build("smoke")
    products.executed(first).unlink()
    assert built.attempt("-k", "html").returncode != 0
    assert built.log() == sorted([first, *others])
    assert not products.executed(first).exists()
    marker.unlink()
    assert built.make("html") == [first, "pages"]


def test_side_by_side_gives_the_same_as_one_by_one(built: Copy) -> None:
    before = built.tree.build("smoke").claims.read_bytes()
    built.make("clean")
    assert built.make("-j2", "html") == sorted([*built.tree.names(), "pages"])
    assert built.tree.build("smoke").claims.read_bytes() == before


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"77_nowhere": {}}, "there is no notebook '77_nowhere'"),
        ({"FIRST": {"no_such_parameter": 1}}, "has no parameter no_such_parameter"),
        ({"FIRST": {"seed": "one"}}, "seed = 'one' is not valid; valid range: ≥ 0"),
        ({"FIRST": 3}, "must be a mapping"),
        ({"FIRST": "DROP"}, "no entry for"),
    ],
)
def test_wrong_profile_ends_the_build_before_any_work(
    built: Copy, entries: dict[str, object], message: str
) -> None:
    first = built.tree.names()[0]
    wrong = built.profile() | {key.replace("FIRST", first): value for key, value in entries.items()}
    built.set_profile({key: value for key, value in wrong.items() if value != "DROP"})
    built.append("constraints.txt", "# a remark: all would be executed\n")
    done = built.attempt("html")
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert built.log() == []


def test_unknown_profile_is_named(copy: Copy) -> None:
    done = copy.attempt("html", "PROFILE=huge")
    assert "no profile 'huge'" in done.stderr


def test_wrong_interpreter_is_named_before_any_work(copy: Copy) -> None:
    fake = copy.root / "python2"
    fake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 2.7 || exit 1\n')
    fake.chmod(0o755)
    call = ["make", "notebooks", "VENV=venv", f"BASE_PYTHON={fake}"]
    done = subprocess.run(call, cwd=copy.root, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Python 3.11, 3.12, 3.13 or 3.14 is needed" in done.stderr
    assert "Python 2.7" in done.stderr
    assert not (copy.root / "venv").exists()
