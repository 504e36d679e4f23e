"""What people read about the project agrees with the project: changelog, citation, workflow, stability, decisions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import bibtools
from bibtools.merging import decisions
from tests.conftest import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def versions() -> dict[str, str]:
    """The text of the changelog by version, the newest first."""
    parts = re.split(r"^## (.+)$", CHANGELOG, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_changelog_is_by_version_the_newest_first() -> None:
    names = list(versions())
    released = names[1:] if names[0] == "Unreleased" else names
    numbers = [
        tuple(map(int, re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?: - \d{4}-\d\d-\d\d)?", name).groups())) for name in released
    ]  # type: ignore[union-attr]
    assert numbers == sorted(numbers, reverse=True)
    assert released[0].split(" ")[0] == bibtools.__version__


@pytest.mark.parametrize("version", versions())
def test_a_version_says_what_was_added_changed_deprecated_fixed(version: str) -> None:
    lead, *parts = re.split(r"^### (.+)$", versions()[version], flags=re.MULTILINE)
    kinds, texts = parts[::2], parts[1::2]
    assert not lead.strip()
    assert kinds == [kind for kind in KINDS if kind in kinds] != []
    for text in texts:
        changes = re.split(r"^- ", text.strip(), flags=re.MULTILINE)
        assert changes[0] == ""
        assert changes[1:]
        assert all(change.strip().endswith(".") for change in changes[1:])


def test_the_citation_names_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [bibtools.__version__]


def test_the_workflow_tries_every_python_that_is_promised() -> None:
    workflow = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    tried = re.findall(r"3\.\d+", re.findall(r"python: \[(.*)\]", workflow)[0])
    assert f">={tried[0]}" == PYPROJECT["project"]["requires-python"]
    assert all(f"{name}-latest" in workflow for name in ("ubuntu", "macos", "windows"))


STABILITY = (ROOT / "docs/stability.md").read_text(encoding="utf-8")


def test_what_is_stable_is_there() -> None:
    from bibtools.change import Plan
    from bibtools.report import plan

    assert f'"format": "{plan.FORMAT}"' in STABILITY
    assert '"version": 2' in plan.to_json(Plan()) and '"version": 2' in STABILITY
    assert decisions.FILE_NAME in STABILITY
    for group in PYPROJECT["project"]["entry-points"]:
        assert group in STABILITY


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_in_the_docs_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
    for name in re.findall(r"`((?:tests|docs|bibtools)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", ["SECURITY.md", "CONTRIBUTING.md", "README.md", "LICENSE", "CITATION.cff"])
def test_a_page_that_people_look_for_is_there(page: str) -> None:
    assert (ROOT / page).read_text(encoding="utf-8").strip()


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!you want|---|floor)(.+?) \| (.+) \|$", CONTRIBUTING.split("| you want |")[1], re.MULTILINE)


@pytest.mark.parametrize(("wish", "touched"), ROWS, ids=[wish[:40] for wish, _ in ROWS])
def test_what_the_table_of_requests_names_is_there(wish: str, touched: str) -> None:
    """Each path is a file or folder, and each table is defined in the file that it is said to be in."""
    for name, path in re.findall(r"`([A-Z_]+)`[^`|]* of `([\w./]+\.py)`", touched):
        assert re.search(rf"^{name}\b\s*[:=]", located(path).read_text(encoding="utf-8"), re.MULTILINE), (name, path)
    for path in re.findall(r"`([\w./]+(?:\.py|\.txt|/))`", touched):
        assert located(path).exists(), path


def located(path: str) -> Path:
    return ROOT / path if path.startswith(("tests/", "zotero_bridge/")) else ROOT / "bibtools" / path


def test_the_floors_are_those_of_the_contract() -> None:
    table = CONTRIBUTING.split("| floor | rooms |")[1].split("\n\n")[0]
    told = [set(re.findall(r"`(\w+)/?`", line)) for line in table.splitlines()[2:]]
    contract = PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = [set(re.findall(r"\w+", layer)) - {"__main__"} for layer in contract]
    assert all(any(rooms <= floor for floor in floors) for rooms in told)


HOOKS = re.split(r"^- id: ", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.split("\n")[0])
def test_a_hook_runs_a_command_that_is_there(hook: str, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from bibtools.cli import main

    (entry,) = re.findall(r"^  entry: bibtools (.+)$", hook, re.MULTILINE)
    assert re.findall(r"^  language: (.+)$", hook, re.MULTILINE) == ["python"]
    assert CliRunner().invoke(main, [*entry.split(), "--help"]).exit_code == 0
    assert f"{{id: {hook.split(chr(10))[0]}}}" in (ROOT / "README.md").read_text(encoding="utf-8")
