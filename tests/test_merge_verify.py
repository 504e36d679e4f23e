"""`merge --verify`: what the index knows of the entries that are added; it never blocks a merge, unless --strict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools.cli import main
from tests.conftest import SAMPLES
from tests.test_verify_report import check_page

TARGET = "@article{own, title={On the analytical engine}, author={Ada Lovelace}, journal={Notes}, year=1843}\n"
RIGHT = (
    "@article{right, title={A note on two problems in connexion with graphs}, author={Dijkstra, E. W.}, "
    "journal={Numerische Mathematik}, volume=1, pages={269--271}, year=1959}\n"
)
WRONG = (
    "@article{wrong, title={Time, clocks, and the ordering of events in a distributed system}, author={Leslie Lamport}, "
    "journal={Communications of the ACM}, volume=21, number=7, year=1978, doi={10.1007/BF01386390}}\n"
)


def bibtools(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in words])


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("known")
    made = bibtools("index", "build", SAMPLES / "verify" / "works.bib", "--to", folder)
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "refs.bib").write_text(TARGET)
    (tmp_path / "right.bib").write_text(RIGHT)
    (tmp_path / "both.bib").write_text(RIGHT + WRONG)
    return tmp_path / "refs.bib"


def test_what_is_added_is_verified_and_merged(target: Path, known: Path) -> None:
    done = bibtools("merge", target, target.parent / "both.bib", "--verify", "--index", known)
    assert done.exit_code == 0, done.output
    assert "identifier-mismatch" in done.output
    assert "lovelace" not in done.output.split("verified, what is added")[1].lower()
    assert "{wrong," in target.read_text()
    again = bibtools("merge", target, target.parent / "both.bib", "--verify", "--index", known)
    assert "what is added" not in again.output


def test_the_reports_have_it(target: Path, known: Path) -> None:
    folder = target.parent
    reports = [folder / "plan.json", folder / "plan.html"]
    words = [word for each in reports for word in ("--report", each)]
    assert (
        bibtools("merge", target, folder / "both.bib", "--dry-run", "--verify", "--index", known, *words).exit_code == 0
    )
    told = json.loads(reports[0].read_text())
    assert told["version"] == 2
    assert [each["verdict"] for each in told["verification"]["entries"]] == ["verified", "identifier-mismatch"]
    page = reports[1].read_text()
    check_page(page)
    assert 'id="verification"' in page
    assert target.read_text() == TARGET


def test_strict_writes_nothing_where_something_was_found(target: Path, known: Path) -> None:
    done = bibtools("merge", target, target.parent / "both.bib", "--verify", "--index", known, "--strict")
    assert done.exit_code == 1
    assert "nothing was written" in done.output
    assert target.read_text() == TARGET
    assert (
        bibtools("merge", target, target.parent / "right.bib", "--verify", "--index", known, "--strict").exit_code == 0
    )
    assert "{right," in target.read_text()


def test_without_an_index_the_merge_goes_on(target: Path, tmp_path: Path) -> None:
    done = bibtools("merge", target, target.parent / "both.bib", "--verify", "--index", tmp_path / "nowhere")
    assert done.exit_code == 0
    assert "not verified: " in done.output
    assert "{wrong," in target.read_text()
