"""Write what the page on citing shows: BibTeX made from CITATION.cff, and where errors are reported."""

from pathlib import Path
from typing import Any

import yaml

from tools.layout import BuildError, Tree


def _people(entries: list[dict[str, str]]) -> str:
    """Return authors as BibTeX wants them; a group in braces is not taken for first and last name."""
    return " and ".join(
        f"{who['family-names']}, {who['given-names']}"
        if "family-names" in who
        else f"{{{who['name']}}}"
        for who in entries
    )


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    width = max(map(len, fields))
    rows = [f"  {name:{width}} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n" + ",\n".join(rows) + "\n}\n"


def bibtex(citation: dict[str, Any], address: str = "") -> str:
    """Return the entries of the paper and of this companion.

    Args:
        citation: the contents of CITATION.cff.
        address: where the book or its repository is; left out unless given.
    """
    try:
        paper = citation["references"][0]
        where = {
            "author": _people(paper["authors"]),
            "title": paper["title"],
            "booktitle": paper["collection-title"],
            "year": str(paper["year"]),
            "note": ", ".join(entry["value"] for entry in paper.get("identifiers", [])),
        }
        own = {
            "author": _people(citation["authors"]),
            "title": citation["title"],
            "year": str(citation["date-released"])[:4],
            "version": str(citation["version"]),
            "url": address,
            "note": f"Executable companion to {paper['title']}",
        }
    except (KeyError, IndexError) as error:
        raise BuildError(f"CITATION.cff lacks {error}, which the page on citing shows") from error
    return "\n".join(
        [_entry("inproceedings", "cabannes2024scaling", where), _entry("software", "assocmem", own)]
    )


def report(repository: str) -> str:
    """Return the sentence on where errors are reported."""
    if repository:
        return f"Reports are [issues of the repository]({repository.rstrip('/')}/issues)."
    return (
        "This copy of the book names no address of a repository: tell whoever published it, or mend your "
        "copy (`CONTRIBUTING.md` says how) and offer them the commit."
    )


def write(tree: Tree, target: Path) -> None:
    """Write both for the page to include."""
    config = yaml.safe_load((tree.root / "_config.yml").read_text(encoding="utf-8"))
    repository = (config.get("repository") or {}).get("url") or ""
    address = (config.get("html") or {}).get("baseurl") or repository
    citation = yaml.safe_load((tree.root / "CITATION.cff").read_text(encoding="utf-8"))
    (target / "cite.bib").write_text(bibtex(citation, address), encoding="utf-8")
    (target / "report.md").write_text(report(repository) + "\n", encoding="utf-8")
