"""The README does what it says: every command block runs in a copy of samples/, the Python block runs, the pages are current."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bibtools
from bibtools import bibfile, formats
from bibtools.format import ReadOptions
from tests import api_page
from tests.conftest import ROOT, SAMPLES

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PYTHON = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def environment(tmp_path: Path) -> dict[str, str]:
    bin_folder = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "BIBTOOLS_STATE": str(tmp_path / "state"),
        "NO_COLOR": "1",
        "HOME": str(tmp_path),
    }


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.split("\n")[0][:40])
def test_a_command_block_runs_as_it_stands(block: str, tmp_path: Path) -> None:
    work = tmp_path / "samples"
    shutil.copytree(SAMPLES, work)
    for line in block.splitlines():
        run = subprocess.run(
            ["sh", "-c", line], cwd=work, env=environment(tmp_path), capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, f"{line}\n{run.stdout}\n{run.stderr}"
        assert "Traceback" not in run.stderr


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: "python")
def test_a_python_block_runs_as_it_stands(block: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", block],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "10.1000/182" in run.stdout


@pytest.mark.parametrize("latex", ["none", "incomplete"])
def test_the_demo_runs_to_its_end(latex: str, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("pdflatex", "bibtex") if latex == "incomplete" else ():
        (tools / name).write_text("#!/bin/sh\necho '! LaTeX Error: File `lmodern.sty not found.'; exit 1\n")
        (tools / name).chmod(0o755)
    for name in "sh cat cp cut dirname diff grep head mktemp rm sed tail".split():
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    (tools / "bibtools").symlink_to(Path(sys.executable).parent / "bibtools")
    run = subprocess.run(
        ["sh", str(SAMPLES / "demo.sh")],
        env={**environment(tmp_path), "PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Where to look next" in run.stdout
    assert run.stderr == ""
    assert ("not complete: ! LaTeX Error: File `lmodern.sty" in run.stdout) is (latex == "incomplete")


def test_the_example_at_the_top_is_what_merge_does() -> None:
    before, given, after = re.findall(r"^```bibtex\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    result = bibtools.merge(before, [given])
    assert result.text == after
    assert bibtools.merge(after, [given]).text == after


def test_the_readme_names_every_command() -> None:
    from bibtools.cli import COMMANDS

    for name in COMMANDS:
        assert f"bibtools {name}" in README or name in ("formats",), name


def test_the_readme_names_every_format() -> None:
    section = README.partition("## What it reads")[2].partition("\n## ")[0]
    for name, each in formats.table().items():
        assert f"`{name}`" in section, name
        assert (f"`{name}` w" in section) == (each.readable and each.writable), name


def test_links_in_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_api_page_is_current() -> None:
    assert (ROOT / "API.md").read_text(encoding="utf-8") == api_page.page(), "run: python -m tests.api_page"


def test_every_field_says_what_it_means() -> None:
    assert not re.findall(r"^\|.*\|  \|$", api_page.page(), re.MULTILINE)


def test_everything_public_is_described() -> None:
    page = api_page.page()
    for name in bibtools.__all__:
        assert name == "__version__" or f"`{name}" in page


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def example(heading: str) -> str:
    """The first indented block under a heading of CONTRIBUTING."""
    section = CONTRIBUTING.split(f"## {heading}", 1)[1].split("\n## ")[0]
    lines = [line[4:] for line in section.splitlines() if line.startswith("    ") or not line]
    return "\n".join(lines)


def test_the_format_of_contributing_reads() -> None:
    code = example("A format, as a commit").split("[project.entry-points")[0]
    space: dict[str, Any] = {"__name__": "bullets"}
    exec(compile(code, "bullets.py", "exec", dont_inherit=True), space)  # our own text
    read = space["FORMAT"].read("* On Engines\n\n* On Looms\n", ReadOptions("a.txt"))
    assert [(each.title, str(each.origin)) for each in read.records] == [
        ("On Engines", "a.txt:1"),
        ("On Looms", "a.txt:3"),
    ]


def test_the_rule_of_contributing_speaks() -> None:
    from bibtools.check import values

    code = example("A rule of `check`, as a commit").split("# the row")[0]
    space: dict[str, Any] = dict(vars(values))
    exec(compile("from __future__ import annotations\n" + code, "values.py", "exec", dont_inherit=True), space)
    entry = bibfile.parse(b"@misc{a, note = {read this!!}, title = {quiet}}").entries[0]
    found = [each.message for field in entry.fields for each in space["shouting_note"](field, entry)]
    assert found == ["a note to oneself would be printed"]


def test_the_key_style_of_contributing_makes_keys() -> None:
    from bibtools.keys import styles

    code = example("A key style, as a commit").split("# bibtools/keys/__init__")[0]
    space: dict[str, Any] = dict(vars(styles))
    exec(compile("from __future__ import annotations\n" + code, "styles.py", "exec", dont_inherit=True), space)
    record = bibtools.Record(author=(bibtools.Name("Byron"), bibtools.Name("Ek")), issued=bibtools.Date((2007,)))
    assert space["initials"](record) == "BE07"
