"""`verify`: a reference against the known works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools import index
from bibtools.cli import main
from bibtools.index import Source
from bibtools.record import Date, Name, Record
from bibtools.verify import Asked, Standing, Work, judge

PAPER = Record(
    id="x",
    title="Attention is all you need",
    author=(Name(family="Vaswani", given="Ashish"),),
    issued=Date((2017,)),
)


def test_nothing_to_ask_is_no_verdict_on_the_reference() -> None:
    assert judge(PAPER, ()).standing is Standing.UNRESOLVED
    assert judge(PAPER, (), [Asked("known.bib", failure="it is not there")]).standing is Standing.UNRESOLVED


def test_absence_says_something_only_where_a_source_is_complete() -> None:
    assert judge(PAPER, (), [Asked("known.bib")]).standing is Standing.NOT_CHECKABLE
    assert judge(PAPER, (), [Asked("known.bib", covers="all of 2017")]).standing is Standing.NOT_FOUND


def test_a_work_verifies_itself() -> None:
    assert judge(PAPER, [Work(PAPER, "known.bib")], [Asked("known.bib")]).standing is Standing.VERIFIED


def bibtools(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=text)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    index.build(folder, "works", [index.Feed(Source("known.jsonl", "records", date="2026-11-01"), [PAPER])])
    return folder


BIB = """@misc{x,
  title = {Attention is all you need},
  author = {Ashish Vaswani},
  year = 2017,
}
"""


def test_the_command_tells_what_is_wrong_and_where(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "refs.bib"
    file.write_text(BIB)
    run = bibtools("verify", str(file), "--index", str(place))
    assert run.exit_code == 0
    assert "1 entry: 1 verified" in run.output
    assert "asked: known.jsonl of 2026-11-01" in run.output
    file.write_text(BIB.replace("2017", "2011"))
    run = bibtools("verify", str(file), "--index", str(place), "--format", "json")
    assert run.exit_code == 1
    (entry,) = json.loads(run.stdout)["entries"]
    assert (entry["key"], entry["verdict"]) == ("x", "differs")
    (finding,) = entry["findings"]
    assert (finding["field"], finding["cited"], finding["known"]) == ("year", "2011", "2017")
    assert (finding["line"], finding["column"]) == (4, 3)


def test_no_index_is_nobody_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIBTOOLS_INDEX", str(tmp_path / "none"))
    run = bibtools("verify", "-", text=BIB)
    assert run.exit_code == 3
    assert "1 unresolved" in run.output
    assert bibtools("verify", "-", "--index", str(tmp_path / "none"), text=BIB).exit_code == 2
