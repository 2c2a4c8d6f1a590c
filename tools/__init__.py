"""The build: small scripts that the Makefile calls, one step each."""

import sys
from pathlib import Path

# This tree's library, whatever is installed: a copied or moved checkout never runs another's code.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
