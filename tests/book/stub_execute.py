"""Stand in for tools.execute: note the name, and leave a notebook with one claim."""

import sys

import nbformat

from tests.book.samples import claim, executed
from tools.files import write_atomically
from tools.layout import Tree

profile, name = sys.argv[1:]
tree = Tree()
with (tree.root / "log").open("a") as log:
    log.write(f"{name}\n")
if (tree.root / f"fail-{name}").exists():
    sys.exit(f"{name} fails, as it was told to")
notebook = executed(claim(id=f"stub{name[:2]}.claim"))
write_atomically(tree.build(profile).executed(name), nbformat.writes(notebook))
