"""Scaling laws for associative memories, executable: the module behind every notebook of the book.

`ZipfTask` is the data, `fill`, `frequency` and `threshold` are the weights of the associations,
`simulate_errors` measures the error of memories that store them with random embeddings,
`expected_errors` gives it by the exact law, and `train` lets memories learn. Here is what one types
every day; all else is in the wing that it belongs to, as `assocmem.theory.theorem_1_upper`.
"""

from pathlib import Path as _Path
from typing import Any as _Any

import lazy_loader as _lazy_loader

_load, __dir__, __all__ = _lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> _Any:
    """Import what a name stands for; of a name that a wing has, say which."""
    if name == "__version__":
        from importlib.metadata import version

        return version("assocmem")
    try:
        return _load(name)
    except AttributeError:
        wings = sorted(stub.parent.name for stub in _Path(__file__).parent.glob("*/__init__.pyi"))
        homes = [f"assocmem.{wing}.{name}" for wing in wings if name in _load(wing).__all__]
        hint = f"; it is {homes[0]}" if homes else ""
        raise AttributeError(f"module 'assocmem' has no attribute {name!r}{hint}") from None
