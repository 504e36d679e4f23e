"""`bibtools set`: the field asked for changes, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools.cli import main

TEXT = "% mine\n@misc{k,\n  title = {A},\n  note = {old},\n}\n@misc{l, title={B}}\n"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIBTOOLS_STATE", str(tmp_path / "state"))
    file = tmp_path / "a.bib"
    file.write_text(TEXT)
    return file


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["set", *map(str, words)])


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (["note=new"], TEXT.replace("{old}", "{new}")),
        (["note="], TEXT.replace("  note = {old},\n", "")),
        (["absent="], TEXT),
        (["note=a=b"], TEXT.replace("{old}", "{a=b}")),
        (["note=jan", "--raw"], TEXT.replace("{old}", "jan")),
        (["doi=10.1/x"], TEXT.replace("{old},\n", "{old},\n  doi = {10.1/x},\n")),
    ],
)
def test_only_what_was_asked_for_changes(path: Path, words: list[str], after: str) -> None:
    for _ in range(2):
        assert run(path, "K", *words).exit_code == 0
        assert path.read_text() == after


@pytest.mark.parametrize(
    "words", [["nokey", "a=b"], ["k", "no assignment"], ["k", "a b=c"], ["k", "note={open"], ["k", "note=x", "=y"]]
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(path: Path, words: list[str]) -> None:
    result = run(path, *words)
    assert result.exit_code == 2
    assert result.stderr
    assert path.read_text() == TEXT
