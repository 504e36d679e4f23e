"""Identifiers as an input: alone by content, anywhere in a text when asked for, complete from an index."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bibtools import api, formats
from bibtools.cli import main
from bibtools.format import ReadOptions
from bibtools.formats import ids
from bibtools.record import Batch, Record, incomplete

LINES: list[tuple[str, Record]] = [
    ("10.1000/xyz", Record(doi="10.1000/xyz")),
    ("doi:10.1000/xyz.", Record(doi="10.1000/xyz")),
    ("https://doi.org/10.1000/XYZ(1)", Record(doi="10.1000/XYZ(1)")),
    ("https://doi.org/10.48550/arXiv.1901.00001", Record(doi="10.48550/arXiv.1901.00001", arxiv_id="1901.00001")),
    ("1901.00001", Record(arxiv_id="1901.00001")),
    ("arXiv:1901.00001v2 [cs.CL]", Record(arxiv_id="1901.00001")),
    ("https://arxiv.org/pdf/1901.00001v2", Record(arxiv_id="1901.00001")),
    ("math.AG/0309136", Record(arxiv_id="math/0309136")),
    ("PMID: 123456", Record(pmid="123456")),
    ("https://pubmed.ncbi.nlm.nih.gov/123456/", Record(pmid="123456")),
    ("PMC1234567", Record(pmcid="PMC1234567")),
    ("ISBN 3-16-148410-X", Record(isbn="3-16-148410-X")),
    ("978-3-16-148410-0", Record(isbn="978-3-16-148410-0")),
    ("https://aclanthology.org/2023.acl-long.1/", Record(url="https://aclanthology.org/2023.acl-long.1/")),
    ("https://openreview.net/forum?id=abc", Record(url="https://openreview.net/forum?id=abc")),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_line(line: str, expected: Record) -> None:
    assert ids.of_line(line) == expected
    assert incomplete(expected)


@pytest.mark.parametrize(
    "line", ["123456", "978-3-16-148410-1", "see 10.1000/xyz", "https://example.org", "2024.12", "", "10.1000", "a/b"]
)
def test_what_is_none(line: str) -> None:
    assert ids.of_line(line) is None


def read(text: str) -> Batch:
    return ids.read(text, ReadOptions(source="f"))


def test_a_list_is_recognised_by_content() -> None:
    text = "# mine\n" + "\n".join(line for line, _ in LINES) + "\n"
    assert [each.name for each in formats.recognise(text)] == ["ids"]
    assert [each.replace() for each in read(text).records] == list(dict.fromkeys(record for _, record in LINES))
    assert not formats.recognise(text + "and a word of prose\n")


def test_anywhere_in_a_text_each_once() -> None:
    text = "Read (https://doi.org/10.1000/xyz), arXiv:1901.00001 and\nagain doi:10.1000/xyz; not 10.1 or 123.\n"
    batch = read(text)
    assert [(each.doi, each.arxiv_id, each.origin.line) for each in batch.records] == [
        ("10.1000/xyz", "", 1),
        ("", "1901.00001", 1),
    ]
    assert [each.severity for each in read("nothing").problems] == ["error"]


@given(st.text(max_size=200))
def test_reading_never_raises(noise: str) -> None:
    assert isinstance(read(noise), Batch)


def test_alone_they_are_incomplete_and_an_index_completes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("known.bib").write_text(
        "@article{k, title={On Engines}, author={Lovelace, Ada}, doi={10.1000/xyz}, year=1843}\n"
    )
    Path("ids.txt").write_text("10.1000/xyz\n10.1000/unknown\n")
    runner = CliRunner()
    alone = runner.invoke(main, ["convert", "ids.txt", "--incomplete", "rest.jsonl"])
    assert "@" not in alone.stdout
    assert Path("rest.jsonl").read_text().count("10.1000") == 2
    assert runner.invoke(main, ["index", "build", "known.bib", "--to", "index"]).exit_code == 0
    found = runner.invoke(main, ["convert", "ids.txt", "--from", "ids", "--index", "index"])
    assert "On Engines" in found.stdout
    assert "unknown" not in found.stdout


def test_complete_records_stay_as_they_are() -> None:
    batch = api.read_records("@misc{a, url={https://a.org}}")
    assert not incomplete(batch.records[0])
