"""The two seed pages with blank lines, read a second time by a few naive lines: every field of every paper is the same."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from bibtools import api
from bibtools.record import Record

MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
LABEL = re.compile(rf"(\d+\.\d)?([A-Z-]+?)((?:{MONTH}) \d+)(, \d{{4}})?(Code)?")


def naive(text: str) -> list[tuple[object, ...]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    papers: list[tuple[object, ...]] = []
    for place, line in enumerate(lines):
        if found := LABEL.fullmatch(line):
            score, label, day, year, code = found.groups()
            date = datetime.strptime(day + (year or ", 2026"), "%b %d, %Y")
            title, authors = lines[place + 1], lines[place + 2]
            names = tuple(authors.removesuffix(" et al.").split(", "))
            cut = authors.endswith(" et al.")
            parts = (date.year, date.month, date.day)
            papers.append((title, names, cut, parts, not year, label, score or "", bool(code), lines[place + 3][:60]))
    return papers


def ours(record: Record) -> tuple[object, ...]:
    names = tuple(f"{name.given} {name.surname}".strip() for name in record.author)
    label = record.categories[0].split(".")[-1].upper()
    date, score = record.issued, record.get_extra("score")
    code = record.get_extra("code") == "yes"
    cut = record.authors_truncated
    return (record.title, names, cut, date.parts, date.inferred, label, score, code, record.abstract[:60])


@pytest.mark.parametrize(("name", "count"), [("000_dc6233bfa785d74b.txt", 50), ("003_04fbd0c03f2bee53.txt", 24)])
def test_every_field_of_every_paper(shared: Path, name: str, count: int) -> None:
    text = (shared / "seeds" / name).read_text(encoding="utf-8")
    batch = api.read_records(text, as_of=datetime(2026, 11, 20).date())
    expected = naive(text)
    assert len(expected) == count
    found = [ours(each) for each in batch.records]
    # What is TeX on the page (`10\%`) is text in the Record, but for mathematics.
    assert found == [
        tuple(v.replace("\\%", "%") if isinstance(v, str) and "$" not in v else v for v in row) for row in expected
    ]
