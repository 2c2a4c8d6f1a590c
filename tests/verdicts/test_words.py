"""The words of the book's claims: found by id, overruled where a claim has its own, filled with numbers."""

import re
from pathlib import Path

import pytest

from assocmem.verdicts import Estimate, Mutant, claim_at_most, claim_between, claim_equal
from assocmem.verdicts.words import Words, catalogue, describe

ROOT = Path(__file__).parents[2]
FOUND = Estimate(0.5, 0.4, 0.6, level=0.99)


def test_a_claim_of_the_book_needs_only_its_numbers() -> None:
    words = catalogue()["thm1.lower"]
    claim = claim_between("thm1.lower", observed=[FOUND], low=0, mutant={"low": 1})
    assert (claim.statement, claim.source) == (words.statement, words.source)
    assert (claim.mutant, claim.published) == (words.mutant, words.published)
    assert str(words.rule) in claim.rule
    assert (claim.verdict, claim.mutant_verdict) == ("reproduced", "not reproduced")


def test_own_words_come_first() -> None:
    wrong = Mutant("mine", low=1)
    claim = claim_between("thm1.lower", "Mine.", observed=[FOUND], low=0, rule="so", mutant=wrong)
    assert (claim.statement, claim.mutant) == ("Mine.", "mine")
    assert claim.source == catalogue()["thm1.lower"].source
    assert "so" in claim.rule


def test_places_in_the_words_are_filled() -> None:
    claim = claim_at_most(
        "own.claim", "At d = <d>, $a < b$.", "Here, N = <n>", bound=1, observed=FOUND,
        mutant=Mutant("half, at <d>", bound=0.3), published="<n>", words={"d": 7, "n": 9},
    )  # fmt: skip
    assert (claim.statement, claim.source) == ("At d = 7, $a < b$.", "Here, N = 9")
    assert (claim.mutant, claim.published) == ("half, at 7", "9")
    with pytest.raises(ValueError, match=r"words = \{'d': 7\} is not valid.*<n>"):
        Words("<d> and <n>").filled({"d": 7})


def test_a_claim_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match=r"statement = None .* 'own\.claim' has none"):
        claim_equal("own.claim", expected=1, observed=FOUND, tolerance=1, mutant={"expected": 2})
    with pytest.raises(ValueError, match="mutant = None"):
        claim_at_most("own.claim", "So.", "Here", bound=1, observed=FOUND, mutant={"bound": 0})
    with pytest.raises(ValueError, match="rule = None"):
        claim_between(
            "own.claim", "So.", "Here", observed=[FOUND], low=0, mutant=Mutant("x", low=1)
        )
    assert describe("own.claim", Words("So.", "Here", "wrong"), {}) == Words("So.", "Here", "wrong")


def test_every_entry_says_what_a_claim_needs() -> None:
    for id, words in catalogue().items():
        assert words.statement, id
        assert words.source, id
        assert words.mutant, id


def test_the_catalogue_has_each_id_once() -> None:
    heads = [
        line
        for file in (ROOT / "src/assocmem/verdicts/words").glob("*.toml")
        for line in re.findall(r'^\["(.+)"\]$', file.read_text(encoding="utf-8"), re.M)
    ]
    assert sorted(heads) == sorted(catalogue())
