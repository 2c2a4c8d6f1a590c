"""Build the HTML of one profile from scratch in `work/`, and swap it in when it is complete."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tools import downloads
from tools.files import fresh_directory, replace_directory
from tools.layout import BuildError, Tree, run
from tools.light import lighten
from tools.publish import publish
from tools.reading import assist
from tools.search import find_first
from tools.stage import stage

_REDIRECT = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="refresh" content="0; url={page}">
    <link rel="icon" href="_static/favicon.svg">
    <title>{title}</title>
  </head>
  <body><main><h1><a href="{page}">{title}</a></h1></main></body>
</html>
"""


def sphinx(source: Path, work: Path) -> Path:
    """Run Jupyter Book with every warning an error; return the directory of pages."""
    program = Path(sys.executable).with_name("jupyter-book")
    call = [str(program), "build", str(source), "--quiet"]
    call += ["--config", str(source / "_config.yml"), "--toc", str(source / "book" / "_toc.yml")]
    call += ["--path-output", str(work), "-W", "-n", "--keep-going"]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}
    environment["DOCUTILSCONFIG"] = ""  # none of the user's settings
    # Warnings come on the other stream. This one names the working directory as the place of the book.
    if (
        subprocess.run(call, check=False, env=environment, stdout=subprocess.DEVNULL).returncode
        != 0
    ):
        raise BuildError("the pages have the faults listed above; the last good ones stay in place")
    return work / "_build" / "html"


def build(tree: Tree, profile: str) -> None:
    """Stage, build, add what is published with the pages, swap."""
    products = tree.build(profile)
    work = fresh_directory(products.root / "work")
    print(
        f"pages of the {profile} profile: Jupyter Book reads {len(tree.names())} notebooks",
        flush=True,
    )
    stage(tree, profile, work / "stage")
    html = sphinx(work / "stage", work / "out")
    downloads.write(tree, html)
    assist(html)
    publish(tree, html)
    find_first(html)
    lighten(html)
    shutil.copy(products.claims, html)
    shutil.copytree(products.data, html / "data")
    config = yaml.safe_load((tree.root / "_config.yml").read_text(encoding="utf-8"))
    page = _REDIRECT.format(page="book/index.html", title=config["title"])
    (html / "index.html").write_text(page, encoding="utf-8")
    replace_directory(html, products.html)
    shutil.rmtree(work)


def main() -> None:
    """Command line: `python -m tools.pages PROFILE`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile")
    build(Tree(), parser.parse_args().profile)


if __name__ == "__main__":
    run(main)
