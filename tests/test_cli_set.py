"""`bibtools set`: the field asked for changes, and nothing else."""

from __future__ import annotations

import re
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


TWO_NAMES = [  # the fields of the entry, what is asked for, the fields after it
    ("date = {2019-05-03}", "year=2020", "date = {2020-05-03}"),
    ("date = {2019/2020}", "year=2020", "date = {2020}"),
    ("date = {-0044-03}", "year=2020", "date = {2020-03}"),
    ("date = {2019-05-03}, year = 2019", "year=2020", "date = {2019-05-03}, year = 2020"),
    ("year = 2019", "date=2020-03-04", "year = 2020, month = mar, day = 4"),
    ("year = 2019", "date=2020-13", "year = 2020"),
    ("year = 2019", "date=2020/2021", "year = 2019, date = {2020/2021}"),
    ("journaltitle = {X}", "journal=Y", "journaltitle = {Y}"),
    ("location = {X}", "address=Y", "location = {Y}"),
]


@pytest.mark.parametrize(("before", "asked", "after"), TWO_NAMES)
def test_of_two_names_of_one_field_the_one_that_is_there_changes(
    path: Path, before: str, asked: str, after: str
) -> None:
    path.write_text(f"@book{{k, title = {{T}}, {before}}}")
    result = run(path, "k", asked)
    assert path.read_text() == f"@book{{k, title = {{T}}, {after}}}"
    assert not re.search(rf"\b{asked.partition('=')[0]} =", before + after) or "k has" not in result.stderr


@pytest.mark.parametrize(
    "words", [["nokey", "a=b"], ["k", "no assignment"], ["k", "a b=c"], ["k", "note={open"], ["k", "note=x", "=y"]]
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(path: Path, words: list[str]) -> None:
    result = run(path, *words)
    assert result.exit_code == 2
    assert result.stderr
    assert path.read_text() == TEXT
