"""Mutants: what is changed and what is not, how they end, and what the summary says of the survivors."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.layout import Tree
from tools.mutants import (
    FOLDERS,
    REASONS,
    SUMMARY,
    UNKNOWN,
    Folder,
    read_reasons,
    render,
)
from tools.mutations import Mutant, find

SAMPLE = '''"""A text with 1 and -1."""

LIMIT: int = 3


@dataclass(frozen=True)
class Thing:
    size: Literal[7] = 7

    @property
    def large(self) -> bool:
        """A text with 2."""
        if not self.size > 4 and self.size != 5:
            raise ValueError(f"{self.size + 1} is not large" + "at all")
        return min(self.size, abs(-1.5)) in range(2)


def work(xs, ys=(0.5,), *, keep=True):
    check(xs)
    assert xs[1:] == ys
    ψ = "ψ" if keep else None; total = 0  # Greek letters take two bytes
    total += xs[:2].max() ** 2.0
    return [x / y for x, y in zip(xs, ys, strict=True) if x]
'''


def changes(text: str) -> dict[int, set[str]]:
    """What the lines of a source become."""
    found: dict[int, set[str]] = {}
    for mutant in find("a/b.py", text):
        assert mutant.before == " ".join(text.splitlines()[mutant.line - 1].split())
        compile(mutant.text, "b.py", "exec")
        found.setdefault(mutant.line, set()).add(mutant.after)
    return found


def test_code_changes_and_texts_and_declarations_do_not() -> None:
    assert changes(SAMPLE) == {
        3: {"LIMIT: int = 4", "LIMIT: int = 2"},
        8: {"size: Literal[7] = 8", "size: Literal[7] = 6"},
        13: {
            "if self.size > 4 and self.size != 5:",
            "if not self.size >= 4 and self.size != 5:",
            "if not self.size <= 4 and self.size != 5:",
            "if not self.size > 5 and self.size != 5:",
            "if not self.size > 3 and self.size != 5:",
            "if not self.size > 4 or self.size != 5:",
            "if not self.size > 4 and self.size == 5:",
            "if not self.size > 4 and self.size != 6:",
            "if not self.size > 4 and self.size != 4:",
        },
        15: {
            "return max(self.size, abs(-1.5)) in range(2)",
            "return min(self.size, float(-1.5)) in range(2)",
            "return min(self.size, abs(1.5)) in range(2)",
            "return min(self.size, abs(-1.5)) not in range(2)",
            "return min(self.size, abs(-1.5)) in range(3)",
            "return min(self.size, abs(-1.5)) in range(1)",
            "return None",
        },
        18: {"def work(xs, ys=(0.55,), *, keep=True):", "def work(xs, ys=(0.5,), *, keep=False):"},
        19: {"pass"},
        21: {
            'ψ = "ψ" if not (keep) else None; total = 0 # Greek letters take two bytes',
            'ψ = "ψ" if keep else None; total = 1 # Greek letters take two bytes',
        },
        22: {
            "total -= xs[:2].max() ** 2.0",
            "total += xs[:].max() ** 2.0",
            "total += xs[:3].max() ** 2.0",
            "total += xs[:1].max() ** 2.0",
            "total += xs[:2].min() ** 2.0",
            "total += xs[:2].max() * 2.0",
            "total += xs[:2].max() ** 3.0",
            "total += xs[:2].max() ** 1.0",
        },
        23: {
            "return [x * y for x, y in zip(xs, ys, strict=True) if x]",
            "return [x / y for x, y in zip(xs, ys, strict=True) if not (x)]",
            "return None",
        },
    }


def test_large_numbers_are_halved_and_small_ones_move_by_one() -> None:
    assert changes("x = 0, 1, 9.0\ny = 10\nz = 60.0\n") == {
        1: {"x = 1, 1, 9.0", "x = 0, 2, 9.0", "x = 0, 0, 9.0", "x = 0, 1, 10.0", "x = 0, 1, 8.0"},
        2: {"y = 5"},
        3: {"z = 30.0"},
    }


def test_nothing_becomes_what_it_is() -> None:
    assert changes("def f():\n    return None\n\n\ndef g():\n    return\n") == {}


def test_a_mutant_knows_its_function_by_the_line_that_python_knows() -> None:
    places = {m.line: (m.function, m.first) for m in find("a/b.py", SAMPLE)}
    assert places[3] == ("", 0)
    assert places[8] == ("Thing", 0)
    assert places[13] == ("Thing.large", 10)  # with its decorator
    assert places[18] == ("work", 18)


def test_a_mutant_keeps_its_key_where_its_line_moves_and_equal_lines_have_two() -> None:
    text = "def f(x):\n    x += 1\n    x += 1\n"
    keys = [mutant.key for mutant in find("a/b.py", text)]
    assert len(set(keys)) == len(keys) == 6
    assert [mutant.key for mutant in find("a/b.py", "import math\n\n\n" + text)] == keys


def test_the_summary_counts_the_dead_and_explains_the_others() -> None:
    mutants = [Mutant("theory/a.py", "f", 1, line, "x", f"y{line}", "") for line in range(1, 5)]
    outcomes = {m.key: (code, 60.0) for m, code in zip(mutants, (1, 0, -27, 5), strict=True)}
    reasons = {mutants[1].key: "No test can tell."}
    page = render({"theory": mutants}, {"theory": outcomes}, reasons)
    assert "| `theory` | 4 | 50.0% | 1 | 2 | 1 | 4 |" in page
    assert "- No test can tell.\n  - line 2: `x` → `y2`\n" in page
    assert f"- {UNKNOWN}\n  - line 4: `x` → `y4`\n" in page
    assert "y1" not in page


def test_every_reason_is_for_a_mutant_that_there_is() -> None:
    keys = {mutant.key for name in FOLDERS for mutant in Folder(Tree(), name).mutants()}
    reasons = read_reasons((Tree().root / REASONS).read_text())
    assert sorted(set(reasons) - keys) == []
    assert all(reasons.values())


def test_the_summary_of_the_project_lists_every_survivor() -> None:
    """Each has a reason, and of all mutants together 95 % die."""
    page = (Tree().root / SUMMARY).read_text(encoding="utf-8")
    rows = [[cell.strip(" `%") for cell in row.split("|")] for row in page.splitlines()]
    rows = [row for row in rows if len(row) > 6 and row[1] in FOLDERS]
    assert [row[1] for row in rows] == list(FOLDERS)
    assert sum(int(row[5]) for row in rows) == page.count("\n  - line ")
    assert [row[6] for row in rows] == ["0"] * len(FOLDERS)
    assert UNKNOWN not in page
    assert sum(int(row[5]) for row in rows) <= 0.05 * sum(int(row[2]) for row in rows)


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """Folders with one function and one test each, the tool, and no reasons."""
    root = Tree().root
    shutil.copytree(
        root / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(root / "pyproject.toml", tmp_path)
    package = tmp_path / "src" / "assocmem"
    for name in FOLDERS:
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
        (package / name / "part.py").write_text("def double(x):\n    return 2 * x\n")
        (tmp_path / "tests" / name).mkdir(parents=True)
        (tmp_path / "tests" / name / "test_part.py").write_text(
            f"from assocmem.{name}.part import double\n\n\ndef test_it():\n    assert double(0) == 0\n"
        )
    (package / "__init__.py").touch()
    (tmp_path / "tests" / "oracles.py").touch()
    (tmp_path / REASONS).write_text("alive = []\n")
    return tmp_path


def attempt(root: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    # nothing is imported ahead, which is for speed alone: these tests need none of it
    program = "from tools import mutants; mutants._AHEAD = (); mutants.run(mutants.main)"
    return subprocess.run(
        [sys.executable, "-c", program, "--jobs", "1"],
        cwd=root, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


def test_tests_kill_mutants_and_reasons_let_them_live(small_tree: Path) -> None:
    """0 is no good test for `2 * x`: nobody sees that 3 * 0 = 0, but 2 / 0 is seen by all."""
    done = attempt(small_tree)
    assert done.returncode == 1
    assert "some mutants live without a reason" in done.stderr
    assert (small_tree / SUMMARY).read_text().count(f"- {UNKNOWN}\n  - line 2: `return 2 * x`") == 4
    for name in FOLDERS:
        (kept,) = (small_tree / "build" / "mutants").glob(f"{name}-outcomes-*.json")
        codes = {
            key.split("\n")[-1]: code for key, (code, _) in json.loads(kept.read_text()).items()
        }
        assert codes == {"return 2 / x": 1, "return None": 1, "return 3 * x": 0, "return 1 * x": 0}

    entry = "[[alive]]\nfile = '{}/part.py'\nfunction = 'double'\nbefore = 'return 2 * x'\n"
    entry += "after = ['return 3 * x', 'return 1 * x']\nreason = 'Only 0 is tried.'\n"
    (small_tree / REASONS).write_text("".join(entry.format(name) for name in FOLDERS))
    done = attempt(small_tree)
    assert done.returncode == 0, done.stderr
    assert "to go" not in done.stdout  # all results are kept
    assert "| `theory` | 4 | 50.0% | 0 | 2 | 0 |" in done.stdout

    for name in FOLDERS:
        with (small_tree / "tests" / name / "test_part.py").open("a") as stream:
            stream.write("    assert double(1) == 2\n")
    done = attempt(small_tree)
    assert done.returncode == 0, done.stderr
    assert "| `theory` | 4 | 100.0% | 0 | 0 | 0 |" in done.stdout

    (small_tree / "tests" / "exact" / "test_part.py").write_text("def test_it():\n    assert 0\n")
    done = attempt(small_tree)
    assert "tests/exact fails without a change" in done.stderr
