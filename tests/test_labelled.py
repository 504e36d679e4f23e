"""The scores on labelled data are computed as they say, and the data becomes the .bib that it means."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bibtools import api
from tests.benchmarks import labelled


@pytest.mark.parametrize(
    ("found", "true", "expected"),
    [
        ([], [], (1.0, 1.0, 1.0)),
        ([], [("a", "b")], (0.0, 1.0, 0.0)),
        ([("a", "b")], [], (0.0, 0.0, 1.0)),
        ([("a", "b"), ("b", "c")], [("a", "b", "c")], (1.0, 1.0, 1.0)),
        ([("a", "b"), ("c", "d")], [("b", "a"), ("e", "f")], (0.5, 0.5, 0.5)),
    ],
)
def test_pairs_are_closed_and_compared(
    found: list[tuple[str, ...]], true: list[tuple[str, ...]], expected: tuple[float, float, float]
) -> None:
    assert labelled.scores(labelled.closed(found), labelled.closed(true)) == expected


def test_rows_become_entries() -> None:
    rows = [
        {
            "ID": "id_1",
            "ENTRYTYPE": "article",
            "title": "R&D {in} 5 % of\n_cases_ ~",
            "author": "Lee, A and Ray, B",
            "doi": "",
        }
    ]
    (record,) = api.read_records(labelled.bibliography(rows)).records
    assert (record.id, record.title) == ("id_1", "R&D in 5 % of _cases_ ~")
    assert [name.family for name in record.author] == ["Lee", "Ray"]


def test_a_set_is_scored_by_the_whole_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        ("1", "On the slicing of bread in large bakeries", "Lee, Ann", "2001", "11", "1-10"),
        ("2", "On the Slicing of Bread in Large Bakeries", "Lee, A", "2001", "11", "1-10"),
        ("3", "A history of ovens", "Ray, Bo", "1999", "4", "20-30"),
    ]
    folder = tmp_path / "kitchen"
    folder.mkdir()
    with (folder / labelled.RECORDS).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("ID", "title", "author", "year", "volume", "pages"), *rows])
    (folder / labelled.LABELS).write_text('merged_ids\n"1;2"\n', encoding="utf-8")
    monkeypatch.setattr(labelled, "SETS", {"kitchen": ("", "")})
    monkeypatch.setattr("sys.argv", ["labelled", "--data", str(tmp_path)])
    assert labelled.main() == 0
    assert capsys.readouterr().out.splitlines()[1].split() == "kitchen 3 1 1.000 1.000 1.000 0 0".split()
