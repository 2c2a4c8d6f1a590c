"""Which files of the library a notebook uses."""

import pytest

from tools.dependencies import code_cells, files
from tools.layout import Tree

PACKAGE = Tree().package


def used(code: str) -> set[str]:
    return {path.relative_to(PACKAGE).as_posix() for path in files(PACKAGE, code)}


def chapter(name: str) -> set[str]:
    text = (Tree().notebooks / f"{name}.md").read_text(encoding="utf-8")
    return used("\n".join(code_cells(text)))


def test_a_name_brings_its_module_what_that_imports_and_the_stubs_on_the_way() -> None:
    assert used("import assocmem as am; am.ZipfTask") == {
        "__init__.py", "__init__.pyi", "py.typed", "model/__init__.py", "model/__init__.pyi",
        "model/task.py", "model/power_sums.py", "arrays.py", "parameters.py",
    }  # fmt: skip


def test_data_belong_to_those_who_use_their_folder() -> None:
    assert "published_grid/data/grid.parquet" in used("import assocmem.published_grid.results")
    assert not any("parquet" in path for path in used("import assocmem.theory.minimax"))


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
def test_no_notebook_leaves_a_doubt(name: str) -> None:
    everything = used("from assocmem import *")
    assert {"sweeps/engine.py", "simulation/normals.py", "theory/minimax.py"} < everything
    assert len(everything - chapter(name)) > 10


def test_a_chapter_does_not_depend_on_wings_that_it_does_not_use() -> None:
    wings = {path.partition("/")[0] for path in chapter("02_finite_data") if "/" in path}
    assert not {"training", "published_grid", "sweeps", "exact"} & wings
    assert {"theory", "simulation", "model", "verdicts", "figures"} <= wings
    assert "figures/grid.py" not in chapter("02_finite_data")
