"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

It needs nothing but Python itself, since it runs before anything is installed.
"""

import re
import tomllib
from pathlib import Path


def lowest(requirements: list[str]) -> list[str]:
    """Return `name==version` for each requirement `name>=version,…`.

    Example:
        >>> lowest(["numpy>=2.0", "jupyter-book>=1.0.4,<2", "pandas-stubs"])
        ['numpy==2.0', 'jupyter-book==1.0.4']
    """
    found = (re.match(r"([\w.-]+)>=([\w.]+)", requirement) for requirement in requirements)
    return [f"{match[1]}=={match[2]}" for match in found if match]


def main() -> None:
    """Command line: `python tools/lowest.py`."""
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    print("\n".join(lowest(tomllib.loads(text)["project"]["dependencies"])))


if __name__ == "__main__":
    main()
