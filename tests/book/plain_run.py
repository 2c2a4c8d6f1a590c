"""Run a chapter in plain Python, and print what it shows: `python -m tests.book.plain_run NAME`."""

import json
import sys
import warnings

from tools import profiles
from tools.layout import Tree
from tools.plain import bundles

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name = sys.argv[1]
    print(json.dumps(bundles(Tree(), name, profiles.load(Tree(), "smoke")[name])))
