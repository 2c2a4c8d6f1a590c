"""The three lists of packages say the same."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.layout import Tree

ROOT = Tree().root
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base", "lazy-loader": "lazy_loader"}
PIP_ONLY = {"mini-racer"}  # conda-forge has none
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_conda_environment_equals_the_project() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    *conda, pip = environment["dependencies"]
    expected, from_pip = set(), []
    for line in [*PROJECT["dependencies"], *EXTRAS["book"]]:
        requirement = Requirement(line)
        if requirement.name in PIP_ONLY:
            from_pip.append(line)
            continue
        name = CONDA_NAMES.get(requirement.name, requirement.name)
        expected.add((name, str(requirement.specifier)))
    assert pip == {"pip": [*from_pip, "-e ."]}
    found = {(r.name, str(r.specifier)) for r in map(Requirement, conda)}
    versions = str(Requirement("python" + PROJECT["requires-python"]).specifier)
    assert found == expected | {("python", versions), ("pip", "")}


def test_every_requirement_is_pinned_inside_its_range() -> None:
    versions = pinned()
    for line in [*PROJECT["dependencies"], *EXTRAS["book"], *EXTRAS["test"]]:
        requirement = Requirement(line)
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), line


def test_pins_fit_every_platform() -> None:
    assert all(re.fullmatch(r"[\w.]+", version) for version in pinned().values())
