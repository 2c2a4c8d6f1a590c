"""The words of the book's claims, one file a chapter, so that a notebook holds their numbers only."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files

from assocmem.parameters import refuse

_PLACE = re.compile(r"<([a-z]\w*)>")


@dataclass(frozen=True)
class Words:
    """What a claim says, where, and what it would have failed at; None for what is not given.

    Args:
        statement: what is claimed, one sentence; ``$…$`` is mathematics.
        source: where it is claimed: a statement, figure or equation of the paper, or of this book.
        mutant: the wrong law that must fail, a phrase.
        rule: what makes a case true, where the claim is about many cases.
        published: the value published for the same quantity, if there is one.
    """

    statement: str | None = None
    source: str | None = None
    mutant: str | None = None
    rule: str | None = None
    published: str | None = None

    def over(self, others: "Words") -> "Words":
        """These words, and the others where these are not given.

        Example:
            >>> Words("Mine.").over(Words("Theirs.", "Here")).source
            'Here'
        """
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(others, **{name: text for name, text in own.items() if text is not None})

    def filled(self, values: Mapping[str, object]) -> "Words":
        """The words with ``<name>`` replaced by the value of that name.

        Raises:
            ValueError: for a place without a value.

        Example:
            >>> Words("At d = <d>.").filled({"d": 100}).statement
            'At d = 100.'
        """

        def value(place: re.Match[str]) -> str:
            if place[1] not in values:
                raise refuse("words", dict(values), f"a value for each of {place[0]} …")
            return str(values[place[1]])

        texts = {field.name: getattr(self, field.name) for field in fields(self)}
        return Words(**{n: _PLACE.sub(value, text) for n, text in texts.items() if text})


@cache
def catalogue() -> Mapping[str, Words]:
    """The words of every claim of the book, by its id.

    Example:
        >>> "thm1.lower" in catalogue()
        True
    """
    found: dict[str, Words] = {}
    for file in sorted(files("assocmem.verdicts").joinpath("words").iterdir(), key=str):
        for id, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if id in found:
                raise refuse("id", id, f"one claim (it is in {file.name} and in another file)")
            found[id] = Words(**entry)
    return found


def describe(id: str, own: Words, values: Mapping[str, object]) -> Words:
    """The words of a claim: its own, and the catalogue's where it has none.

    Args:
        id: name of the claim.
        own: what was said where the claim is made.
        values: what stands for each ``<name>``.

    Raises:
        ValueError: for a claim that says nothing of its own and is not in the catalogue.
    """
    words = own.over(catalogue().get(id, Words()))
    for name in ("statement", "source", "mutant"):
        if not getattr(words, name):
            raise refuse(name, None, f"a text, as {id!r} has none in assocmem/verdicts/words")
    return words.filled(values)
