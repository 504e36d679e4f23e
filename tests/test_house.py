"""The house as a whole: the short front door, what starting up costs, formats and commands that join from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bibtools
from bibtools import formats
from tests.conftest import ROOT

HEAVY = {
    "pybtex",
    "pylatexenc",
    "bibtexparser",
    "rapidfuzz",
    "numpy",
    "rispy",
    "citeproc",
    "httpx2",
    "lxml",
    "pyarrow",
    "pyspark",
}


def modules_after(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has imported after some code."""
    script = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_the_front_door_opens_what_it_lists() -> None:
    for name in bibtools.__all__:
        assert getattr(bibtools, name) is not None
    assert sorted(bibtools.__all__) == list(bibtools.__all__)


def test_version_and_help_import_nothing_heavy() -> None:
    start = "from bibtools.cli import main\n"
    for words in (["--version"], ["--help"]):
        code = f"{start}try:\n    main({words})\nexcept SystemExit:\n    pass"
        assert not modules_after(code) & HEAVY


def test_the_table_of_formats_imports_nothing_heavy() -> None:
    assert not modules_after("import bibtools.formats") & HEAVY


def test_every_format_says_what_it_is() -> None:
    for name, each in formats.table().items():
        assert name == each.name
        assert each.summary
        assert each.readable or each.writable


OUTSIDER = """
from bibtools.format import Format
from bibtools.record import Batch, Record

def read(text, options):
    return Batch(tuple(Record(title=line[2:]) for line in text.splitlines() if line))

FORMAT = Format("bullets", "a list of titles", read=read, looks_like=lambda head: head.startswith("* "))
"""


def with_outsider(tmp_path: Path, source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with a package that brings the format `bullets`."""
    (tmp_path / "bullets.py").write_text(source)
    info = tmp_path / "bullets-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bullets\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[bibtools.formats]\nbullets = bullets:FORMAT\n")
    (tmp_path / "list.txt").write_text("* On Engines\n* On Looms\n")
    (tmp_path / "refs.bib").write_text("@misc{a, title={T}}\n")
    return subprocess.run(
        [sys.executable, "-m", "bibtools", *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""},
        cwd=tmp_path,
        check=False,
    )


BROKEN = {
    "import": "import nowhere_at_all\n",
    "syntax": "FORMAT = (\n",
    "something else": "FORMAT = dict\n",
    "looks_like": OUTSIDER.replace('head.startswith("* ")', "1 / 0"),
    "read": OUTSIDER.replace("line[2:]", "1 / 0"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_format_of_another_package_that_fails_costs_nobody_else(tmp_path: Path, fault: str) -> None:
    run = with_outsider(tmp_path, BROKEN[fault], "convert", "refs.bib")
    assert (run.returncode, "Traceback" in run.stderr) == (0, False), run.stderr
    for arguments in (["convert", "list.txt", "--from", "bullets"], ["convert", "refs.bib", "--to", "bullets"]):
        run = subprocess.run(
            [sys.executable, "-m", "bibtools", *arguments],
            capture_output=True,
            text=True,
            env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""},
            cwd=tmp_path,
            check=False,
        )
        if fault == "looks_like" and "--from" in arguments:
            assert "On Looms" in run.stdout
            continue
        assert (run.returncode, "Traceback" in run.stderr, "'bullets'" in run.stderr) == (2, False, True), run.stderr


def test_a_format_of_another_package_joins_by_its_entry_point(tmp_path: Path) -> None:
    run = with_outsider(tmp_path, OUTSIDER, "convert", "list.txt")
    assert run.returncode == 0, run.stderr
    assert "On Engines" in run.stdout
    assert "On Looms" in run.stdout
