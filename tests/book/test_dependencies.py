"""Which modules a notebook uses, on a package of four."""

from pathlib import Path

import pytest

from tools.dependencies import Package, code_cells
from tools.layout import Tree

SOURCES = {
    "__init__": "from assocmem.one import First\nfrom .two import second\nfrom . import four\n",
    "one": "from assocmem.two import second\nclass First: ...\n",
    "two": "second = 2\n",
    "three": "import assocmem.one\nfrom assocmem import four\n",
    "four": "import numpy\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    for name, text in SOURCES.items():
        (tmp_path / f"{name}.py").write_text(text)
    return Package(tmp_path)


ALL = "four one three two"


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("from assocmem import First", "one two"),
        ("from assocmem import second", "two"),
        ("from assocmem import second as s, four", "four two"),
        ("from assocmem.three import x", "four one three two"),
        ("import assocmem.two", "two"),
        ("import assocmem.two as t", "two"),
        ("import assocmem\nassocmem.second", "two"),
        ("import assocmem as am\nam.First(am.four.x)", "four one two"),
        ("import assocmem as am\nf(am)", ALL),
        ("from assocmem import *", ALL),
        ("from assocmem import unheard_of", ALL),
        ("def broken(", ALL),
        ("import numpy\nfrom assocmemory import First", ""),
        ("import assocmemory.two", ""),
    ],
)
def test_modules_used(package: Package, code: str, used: str) -> None:
    files = [path.stem for path in package.files(iter([code]))]
    assert files == sorted(["__init__", *used.split()])


def test_other_files_belong_to_every_notebook(package: Package) -> None:
    (package.directory / "words.csv").write_text("a\n")
    assert package.directory / "words.csv" in package.files(iter([]))


def test_code_cells_are_found_without_options_and_magics() -> None:
    text = """# Title

```{code-cell} ipython3
:tags: [parameters]

alpha: float = 2.0
```

```python
not_a_cell = 1
```

````{note}
```{code-cell} ipython3
---
mystnb:
  figure:
    name: x
---
%matplotlib inline
import assocmem
```
````
"""
    assert [cell.strip() for cell in code_cells(text)] == ["alpha: float = 2.0", "import assocmem"]


@pytest.mark.parametrize("name", Tree().names())
def test_no_notebook_leaves_a_doubt(name: str, tmp_path: Path) -> None:
    package = Package(Tree().package)
    package.modules["doubt"] = tmp_path / "doubt.py"  # used only where everything is
    package.modules["doubt"].touch()
    text = (Tree().notebooks / f"{name}.md").read_text(encoding="utf-8")
    assert package.modules["doubt"] not in package.files(code_cells(text))
