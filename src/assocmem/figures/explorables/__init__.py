"""The interactive figures: modules for browsers, which `assocmem.figures.interactive` puts together."""

from pathlib import Path

#: Where the modules are.
FOLDER = Path(__file__).parent
