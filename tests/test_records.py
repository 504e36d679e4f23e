"""Our JSON Lines: every record survives, every strange line is told and costs only itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import records
from bibtools.record import Date, Name, Record

from . import strategies


def text(*items: Record) -> str:
    return "".join(records.write(items, WriteOptions()))


@given(strategies.records() | strategies.hostile_records())
@settings(max_examples=100, deadline=None)
def test_every_record_survives_write_read_write(record: Record) -> None:
    written = text(record)
    batch = records.read(written, ReadOptions())
    assert batch.records == (record,)
    assert not batch.problems
    assert text(*batch.records) == written


@given(strategies.hostile_records())
@settings(max_examples=100, deadline=None)
def test_a_record_is_one_line_that_no_terminal_obeys(record: Record) -> None:
    (line,) = text(record).splitlines()
    assert all(each.isprintable() or ord(each) >= 0xA0 for each in line)


def test_only_what_is_filled_is_written() -> None:
    assert text(Record()) == '{"type":"document"}\n'
    record = Record(id="a", type="book", author=(Name(family="Li"),), issued=Date((2020,), end=()))
    assert text(record) == '{"id":"a","type":"book","author":[{"family":"Li"}],"issued":{"parts":[2020],"end":[]}}\n'


def test_lone_surrogates_can_be_written_to_a_file() -> None:
    record = Record(title="a\ud800b")
    assert records.read(text(record).encode().decode(), ReadOptions()).records == (record,)


@given(strategies.libraries())
@settings(max_examples=30, deadline=None)
def test_our_own_output_is_recognised(library: tuple[Record, ...]) -> None:
    written = text(*library)
    assert records.looks_like(written) == bool(library)
    assert not library or records.looks_like(written[:40]) or len(written.partition("\n")[0]) > 40


@pytest.mark.parametrize(
    "head",
    [
        "",
        "@article{a, title={b}}",
        "[]",
        "[1]",
        "5",
        "{}",
        '{"id":"0704.0001","submitter":"x","authors":"y","title":"z"}',
        '{"id":"a","type":"book","container-title":"x"}',
        '{"id":"a","type":"book","DOI":"x"}',
        '{"id":"a","type":"book","issued":{"date-parts":[[2020]]}}',
        '{"id":"a","type":"book","title":7,"author":"me"}',
        '{\n "id":"a",\n "type":"book"\n}',
        "TY  - JOUR\nER  - \n",
    ],
)
def test_other_peoples_texts_are_not_recognised(head: str) -> None:
    assert not records.looks_like(head)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('{"title":"x","colour":"red"}', ("colour", "red")),
        ('{"title":"x","year":2020}', ("year", "2020")),
        ('{"title":"x","author":"Li"}', ("author", "Li")),
        ('{"title":"x","author":["Li"]}', ("author", '["Li"]')),
        ('{"title":"x","author":[{"family":"Li","orcid":"1"}]}', ("author", '[{"family": "Li", "orcid": "1"}]')),
        ('{"title":"x","issued":2020}', ("issued", "2020")),
        ('{"title":"x","issued":{"parts":["2020"]}}', ("issued", '{"parts": ["2020"]}')),
        ('{"title":"x","authors_truncated":"yes"}', ("authors_truncated", "yes")),
        ('{"title":"x","extra":{"a":"b"}}', ("extra", '{"a": "b"}')),
        ('{"title":"x","extra":[["a"]]}', ("extra", '[["a"]]')),
        ('{"title":"x","doi":null}', ("doi", "null")),
        ('{"title":"x","title":"y"}', ("title", "y")),
        ('{"title":"x","origin":"page.txt"}', ("origin", "page.txt")),
    ],
)
def test_what_has_no_place_is_kept_in_extra_and_told(line: str, kept: tuple[str, str]) -> None:
    batch = records.read(line, ReadOptions())
    assert batch.records == (Record(title="x", extra=(kept,)),)
    (problem,) = batch.problems
    assert problem.severity == "warning" and repr(kept[0]) in problem.message


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "5",
        "null",
        '"x"',
        "{",
        '{"title":"x"',
        '{"title":"x',
        "nonsense",
        "{'a': 1}",
        "[" * 100_000,
        '{"a":' * 100_000,
    ]
    + ['{"title":"x"} {"title":"y"}', "\x00", "@book{x}"],
)
def test_a_bad_line_costs_only_itself_and_is_given_back(line: str) -> None:
    batch = records.read(f'{{"title":"one"}}\r\n{line}\n\n{{"title":"two"}}', ReadOptions(source="f"))
    assert [record.title for record in batch.records] == ["one", "two"]
    (problem,) = batch.problems
    assert (problem.severity, problem.text, str(problem.origin)) == ("error", line, "f:2")
    assert batch.records[1].origin.line == 4


def test_numbers_where_text_is_wanted_keep_their_digits() -> None:
    digits = "7" * 6000
    batch = records.read(f'{{"volume":12,"version":1.10,"number":{digits},"issue":NaN,"page":1e999}}', ReadOptions())
    (record,) = batch.records
    assert (record.volume, record.version, record.number, record.issue, record.page) == (
        "12",
        "1.10",
        digits,
        "NaN",
        "1e999",
    )


def test_a_huge_number_of_records_passes_as_a_stream() -> None:
    line = json.dumps({"title": "x"})
    stream = records.read_lines(iter([line + "\n"] * 3), ReadOptions())
    first = next(stream)
    assert isinstance(first, Record) and first.origin.line == 1


def test_a_byte_order_mark_is_no_error() -> None:
    batch = records.read('\ufeff{"title":"x"}\n', ReadOptions())
    assert batch.records == (Record(title="x"),) and not batch.problems
    assert records.looks_like('\ufeff{"title":"x"}\n')
