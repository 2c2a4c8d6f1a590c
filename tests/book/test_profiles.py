"""Profiles: numbers as people write them, and mistakes that are named before any work."""

from pathlib import Path

import pytest

from tools.layout import BuildError, Tree
from tools.parameters import check_values
from tools.profiles import load, read


def test_numbers_as_people_write_them() -> None:
    text = "{a: 1e3, b: 15e-1, c: 1000.0, d: 2E1, e: .5e1, f: [1e2, 3], g: 1e, h: .inf, i: 1_0e}"
    found = read(text, "x.yml")
    assert found == {
        "a": 1000.0, "b": 1.5, "c": 1000.0, "d": 20.0, "e": 5.0, "f": [100.0, 3], "g": "1e",
        "h": float("inf"), "i": "1_0e",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  b: 1\na:\n  c: 2\n", r"^x\.yml, line 3: .*the key 'a' stands there twice"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", r"^x\.yml, line 4: .*the key 'b' stands there twice"),
        ("a: [1, 2\nb: 3\n", r"^x\.yml, line \d: this is no valid YAML: "),
        ("a: b: c\n", r"^x\.yml, line 1: this is no valid YAML: mapping values are not allowed"),
        ("\ta: 1\n", r"^x\.yml, line 1: this is no valid YAML: "),
        ("a: \x00\n", r"^x\.yml: this is no valid YAML: "),
    ],
)
def test_a_broken_file_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        read(text, "x.yml")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "book" / "profiles").mkdir(parents=True)
    (tmp_path / "book" / "profiles" / "odd.yml").write_bytes("a: {ä: 1}".encode("latin-1"))
    with pytest.raises(BuildError, match=r"profiles/odd\.yml: this is no text in UTF-8"):
        load(Tree(tmp_path), "odd")


@pytest.mark.parametrize("profile", ["paper", "smoke"])
def test_the_values_of_a_profile_pass_the_first_check_of_their_chapter(profile: str) -> None:
    tree = Tree()
    for name, values in load(tree, profile).items():
        check_values(tree, name, values)


def test_a_value_of_a_wrong_type_is_named() -> None:
    with pytest.raises(BuildError, match=r"^02_finite_data: trials = 'many' is not valid; valid"):
        check_values(Tree(), "02_finite_data", {"trials": "many"})
    assert check_values(Tree(), "02_finite_data", {"trials": 2e1})["trials"] == 20
