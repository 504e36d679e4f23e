"""CSL-JSON: what we write is valid and comes back; what others write is understood or kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import csljson, recognise
from bibtools.record import Batch, Date, Name, Record

from . import strategies


def write(*records: Record) -> str:
    return "".join(csljson.write(records, WriteOptions()))


def read(text: str) -> Batch:
    return csljson.read(text, ReadOptions(source="f.json"))


def one(**item: Any) -> Record:
    """The record of an item read without any problem."""
    batch = read(json.dumps([item]))
    assert not batch.problems
    return batch.records[0]


@pytest.fixture(scope="session")
def schema(shared: Path) -> Any:
    import jsonschema

    definition = json.loads((shared / "csl" / "csl-data.json").read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(definition)


# --- out --------------------------------------------------------------------------------------------------------------


def test_mathematics_becomes_tags_and_comes_back() -> None:
    record = Record(title="E$^{2}$GAN", abstract="costs $5 or $10")
    item = csljson.to_csl(record)
    assert item["title"] == "E<sup>2</sup>GAN"
    assert item["abstract"] == "costs $5 or $10"
    assert read(write(record)).records == (record,)


def test_an_edit_of_the_variable_wins_over_what_custom_remembers() -> None:
    item = csljson.to_csl(Record(title="E$^{2}$GAN", keyword=("a, b", "c"), extra=(("source", "x"), ("q", "y"))))
    item["title"], item["keyword"], item["source"] = "E2GAN", "d", "z"
    record = read(json.dumps([item])).records[0]
    assert (record.title, record.keyword, record.extra) == ("E2GAN", ("d",), (("source", "z"), ("q", "y")))


def test_a_cut_author_list_is_said_in_custom_and_nobody_is_called_others() -> None:
    record = Record(author=(Name(family="Li"),), authors_truncated=True)
    item = csljson.to_csl(record)
    assert item["author"] == [{"family": "Li"}]
    assert item["custom"] == {"authors-truncated": True}


def test_an_arxiv_paper_has_a_url_that_the_record_does_not_get_back() -> None:
    record = Record(arxiv_id="2304.01234", categories=("cs.CL", "cs.AI"))
    assert csljson.to_csl(record)["URL"] == "https://arxiv.org/abs/2304.01234"
    assert read(write(record)).records == (record,)
    stated = replace(record, url="https://arxiv.org/abs/2304.01234")
    assert read(write(stated)).records == (stated,)


@pytest.mark.parametrize(
    ("date", "variable"),
    [
        (Date((2020,)), {"date-parts": [[2020]]}),
        (Date((2020, 2, 29)), {"date-parts": [[2020, 2, 29]]}),
        (Date((2020, 1), end=(2020, 3)), {"date-parts": [[2020, 1], [2020, 3]]}),
        (Date((2020,), end=()), {"date-parts": [[2020], [0]]}),
        (Date((), end=(2020,)), {"date-parts": [[0], [2020]]}),
        (Date((-877,), circa=True), {"date-parts": [[-877]], "circa": True}),
        (Date((2020,), season=3), {"date-parts": [[2020]], "season": 3}),
        (Date(literal="in press"), {"literal": "in press"}),
    ],
)
def test_dates(date: Date, variable: dict[str, Any]) -> None:
    assert csljson.to_csl(Record(issued=date))["issued"] == variable
    assert one(id="x", type="book", issued=variable).issued == date


def test_an_empty_library_is_an_empty_list() -> None:
    assert write() == "[]\n"
    assert read("[]\n") == Batch()


@given(strategies.records() | strategies.hostile_records())
@settings(max_examples=100, deadline=None)
def test_every_record_survives_write_read_write(record: Record) -> None:
    written = write(record)
    batch = read(written)
    lost = csljson.losses(record)
    assert replace(batch.records[0], **{name: getattr(record, name) for name in lost}) == record
    assert write(*batch.records) == written


@given(library=strategies.libraries(), hostile=strategies.hostile_records())
@settings(max_examples=60, deadline=None)
def test_all_output_is_valid_by_the_official_schema(schema: Any, library: tuple[Record, ...], hostile: Record) -> None:
    schema.validate(json.loads(write(*library, hostile)))


@given(strategies.libraries().filter(bool))
@settings(max_examples=30, deadline=None)
def test_our_own_output_is_recognised(library: tuple[Record, ...]) -> None:
    assert csljson.looks_like(write(*library))
    assert csljson.looks_like(write(*library)[:120])


# --- in: what exporters do --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"volume": 12, "page": 7, "version": 1.5}, {"volume": "12", "page": "7", "version": "1.5"}),
        ({"title": None, "author": None, "issued": None, "keyword": None}, {}),
        ({"ISSN": ["1234-5678"], "container-title": ["Nature"]}, {"issn": "1234-5678", "container_title": "Nature"}),
        ({"shortTitle": "s", "journalAbbreviation": "J."}, {"title_short": "s", "container_title_short": "J."}),
        ({"shortTitle": "s", "title-short": "s"}, {"title_short": "s"}),
        ({"shortTitle": "a", "title-short": "b"}, {"title_short": "b", "extra": (("shortTitle", "a"),)}),
        ({"event": "ICML", "doi": "10.1/x"}, {"event_title": "ICML", "doi": "10.1/x"}),
        ({"id": 5}, {"id": "5"}),
        ({"id": "http://zotero.org/users/1/items/A", "citation-key": "li2020"}, {"id": "li2020"}),
        ({"author": [{"literal": "CERN"}]}, {"author": (Name(literal="CERN"),)}),
        ({"author": {"family": "Li"}}, {"author": (Name(family="Li"),)}),
        ({"author": ["Li Wei"]}, {"author": (Name(literal="Li Wei"),)}),
        ({"author": [{"family": "Li"}, {"literal": "others"}]}, {"authors_truncated": True}),
        ({"author": [{"family": "Li"}, {"family": "et al."}]}, {"author": (Name(family="Li"),)}),
        ({"illustrator": [{"family": "Li"}]}, {"other_creators": (("illustrator", (Name(family="Li"),)),)}),
        ({"keyword": "a; b, c"}, {"keyword": ("a", "b, c")}),
        ({"keyword": "a,b"}, {"keyword": ("a", "b")}),
        ({"keyword": ["a", "b"]}, {"keyword": ("a", "b")}),
        ({"issued": {"date-parts": [["2020", "05"]]}}, {"issued": Date((2020, 5))}),
        ({"issued": {"date-parts": [[2020, 0, 0]]}}, {"issued": Date((2020,))}),
        ({"issued": {"date-parts": [[None]]}}, {"issued": Date()}),
        ({"issued": {"date-parts": [[2020, 21]]}}, {"issued": Date((2020,), season=1)}),
        ({"issued": {"date-parts": [[2020]], "season": "Winter"}}, {"issued": Date((2020,), season=4)}),
        ({"issued": {"date-parts": [[2020]], "circa": "true"}}, {"issued": Date((2020,), circa=True)}),
        ({"archive": "a", "source": "s"}, {"extra": (("archive", "a"), ("source", "s"))}),
        ({"whatever": {"a": [1, 2.5]}}, {"extra": (("whatever", '{"a": [1, 2.5]}'),)}),
        ({"custom": {"short_id": "xyz"}}, {"extra": (("custom.short_id", "xyz"),)}),
        ({"custom": {"authors-truncated": "yes"}}, {"authors_truncated": False}),
    ],
)
def test_what_exporters_write(item: dict[str, Any], expected: dict[str, Any]) -> None:
    record = one(**{"type": "book", **item})
    for name, value in expected.items():
        assert getattr(record, name) == value


@pytest.mark.parametrize("text", ["2020-05-03", 2020, {"raw": "May 2020"}])
def test_dates_as_text(text: Any) -> None:
    assert one(id="a", type="book", issued=text).issued.year == 2020


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("title", ["a", "b"], ("title", '["a", "b"]')),
        ("title", {"a": "b"}, ("title", '{"a": "b"}')),
        ("title", True, ("title", "true")),
        ("author", 5, ("csl.author", "5")),
        ("author", [{"family": "Li", "ORCID": "0"}], ("csl.author", '[{"family": "Li", "ORCID": "0"}]')),
        ("issued", [2020], ("issued", "[2020]")),
        ("issued", {"date-parts": [[2020, 17]]}, ("issued", '{"date-parts": [[2020, 17]]}')),
        ("issued", {"date-parts": [[2020, 2, 3, 4]]}, ("issued", '{"date-parts": [[2020, 2, 3, 4]]}')),
        ("issued", {"date-parts": [["soon"]]}, ("issued", '{"date-parts": [["soon"]]}')),
        ("issued", {"date-parts": [[0]]}, ("issued", '{"date-parts": [[0]]}')),
        ("issued", {"date-parts": 5}, ("issued", '{"date-parts": 5}')),
        ("issued", {"date-parts": [[2020]], "zone": "UTC"}, ("issued", '{"date-parts": [[2020]], "zone": "UTC"}')),
        ("id", ["a", "b"], ("id", '["a", "b"]')),
        ("type", 5, ("type", "5")),
        ("keyword", {}, ("keyword", "{}")),
    ],
)
def test_what_has_the_wrong_shape_is_kept_and_told(key: str, value: Any, kept: tuple[str, str]) -> None:
    batch = read(json.dumps([{"id": "x", "type": "book", key: value}]))
    assert batch.records[0].extra == (kept,)
    (problem,) = batch.problems
    assert problem.severity == "warning" and str(problem.origin) == "f.json:1"


def test_a_key_given_twice_is_kept_and_told() -> None:
    batch = read('[{"id":"x","type":"book","title":"a","title":"b"}]')
    assert (batch.records[0].title, batch.records[0].extra) == ("a", (("title", "b"),))
    assert len(batch.problems) == 1


def test_an_unknown_type_is_told_and_comes_back() -> None:
    batch = read('[{"id":"x","type":"hologram"}]')
    assert batch.records[0].type == "hologram" and "hologram" in batch.problems[0].message
    assert csljson.to_csl(batch.records[0])["type"] == "document"


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["others", "2020"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["family", "literal", "date-parts", "season", "raw", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["id", "type", "title", "author", "editor", "issued", "keyword", "custom", "DOI", "event", "guest", "new"]
)
CUSTOM = st.dictionaries(
    st.sampled_from(["type", "keyword", "extra", "creators", "derived", "inferred", "source-text", "arxiv-id", "mine"]),
    NESTED,
)


@given(st.dictionaries(KEYS, NESTED, max_size=5), CUSTOM)
@settings(max_examples=150, deadline=None)
def test_wrong_types_in_every_position_never_raise_and_writing_is_stable(
    schema: Any, item: dict[str, Any], custom: Any
) -> None:
    batch = read(json.dumps([{"custom": custom, **item}]))
    assert len(batch.records) == 1
    written = write(*batch.records)
    schema.validate(json.loads(written))
    assert read(written).records == batch.records


# --- in: texts ----------------------------------------------------------------------------------------------------------

A, B, C = ({"id": key, "type": "book", "title": key.upper()} for key in "abc")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([A, B]),
        "\ufeff \n" + json.dumps([A, B], indent=4),
        json.dumps({"items": [A, B]}),
        json.dumps({"references": [A, B], "nocite": "x"}),
        json.dumps({"a": A, "b": {"type": "book", "title": "B"}}),
        json.dumps(A) + "\n" + json.dumps(B),
        json.dumps([A]) + json.dumps([B]),
        json.dumps([A, B]).replace("}, {", "} {"),
        json.dumps([A, B]).replace("}]", "},]"),
    ],
)
def test_whatever_holds_the_items_together(text: str) -> None:
    batch = read(text)
    assert [record.title for record in batch.records] == ["A", "B"]
    assert not batch.problems


@pytest.mark.parametrize("cut", [1, 2, 10, 30])
def test_a_cut_file_keeps_the_items_before_the_cut(cut: int) -> None:
    whole = write(*(Record(id=key, title=key) for key in "abc"))
    last = whole.rindex("  {")
    batch = read(whole[: last + cut])
    assert [record.id for record in batch.records] == ["a", "b"]
    (problem,) = batch.problems
    assert "ends too early" in problem.message
    assert problem.origin.line >= 12
    assert problem.text == whole[last : last + cut].strip() or cut == 1


def test_a_broken_item_costs_only_itself() -> None:
    text = (
        '[\n{"id":"a","type":"book"},\n{"id":"b",,"author":[{"family":"x"},{"family":"y"}]},\n{"id":"c","type":"book"}]'
    )
    batch = read(text)
    assert [record.id for record in batch.records] == ["a", "c"]
    (problem,) = batch.problems
    assert problem.origin.line == 3 and '"b",,' in problem.text and '"c"' not in problem.text


@pytest.mark.parametrize("text", ["[1]", "null", '"x"', "[[]]", "[null, true]"])
def test_what_is_no_object_is_told(text: str) -> None:
    batch = read(text)
    assert not batch.records and batch.problems


def test_many_values_that_are_no_items_are_one_problem() -> None:
    batch = read('[1, 2,\n{"id":"a","type":"book"},\n' + "3," * 100_000 + "4]")
    assert [record.id for record in batch.records] == ["a"]
    assert [(str(problem.origin), len(problem.text)) for problem in batch.problems] == [
        ("f.json:1", 4),
        ("f.json:3", 300_001),
    ]


@pytest.mark.parametrize(
    "text",
    ["nonsense", "@book{a}", "{'id': 1}", "[" * 200_000, '{"a":' * 200_000, '[{"a":[' * 20_000, "[" + "},{" * 100_000]
    + ['[{"a":' + "[" * 150 + "]" * 150 + "}]", "\x00", "[1 2]", '[{"id":"a"', '["\ud800"]', '[{"id":"x" "type":"y"}]'],
)
def test_hostile_texts_are_told(text: str) -> None:
    batch = read(text)
    assert not batch.records
    assert batch.problems and all(problem.text for problem in batch.problems)


def test_huge_numbers_and_not_a_number() -> None:
    digits = "9" * 6000
    batch = read(f'[{{"id":{digits},"type":"book","volume":1e999,"issue":NaN,"page":-Infinity,"version":1.10}}]')
    record = batch.records[0]
    assert (record.id, record.volume, record.issue, record.page) == (digits, "1e999", "NaN", "-Infinity")
    assert record.version == "1.10"


def test_every_item_knows_its_line() -> None:
    batch = read(json.dumps([A, B], indent=1))
    assert [(record.origin.line, record.origin.index) for record in batch.records] == [(2, 0), (7, 1)]


@pytest.mark.parametrize(
    "head",
    [
        json.dumps([A]),
        json.dumps(A, indent=2),
        json.dumps({**A, "DOI": "10.1/x"}),
        json.dumps({"items": [A]}),
        json.dumps({"a": A}),
        '[{"id":"x","type":"article-journal","DOI":"10.1/x","abstract":"cut he',
    ],
)
def test_csl_json_is_recognised(head: str) -> None:
    assert csljson.looks_like(head)
    assert [each.name for each in recognise(head)] == ["csljson"]


@pytest.mark.parametrize(
    "head",
    [
        "",
        "[1, 2]",
        "nonsense",
        "{}",
        '[{"key":"A","version":1,"library":{"type":"user"},"data":{"itemType":"book","DOI":"x"}}]',
        '{"id":"0704.0001","submitter":"a","authors":"b","title":"c","versions":[{"version":"v1"}]}',
        '{"id":"a","type":"book","title":"A"}\n',
        "@book{a, title={[]}}",
        "[see notes]",
    ],
)
def test_other_texts_are_not_recognised(head: str) -> None:
    assert not csljson.looks_like(head)


@pytest.mark.parametrize("at", range(24, 150, 3))
def test_our_own_output_cut_anywhere_is_recognised(at: int) -> None:
    record = Record(id="a", type="book", title="é\u2028", authors_truncated=True, issued=Date((2020,)), doi="10.1/x")
    assert csljson.looks_like(write(record)[: 20 + at])


@given(strategies.libraries(), st.integers(0, 5000))
@settings(max_examples=50, deadline=None)
def test_a_file_cut_anywhere_keeps_every_whole_item(library: tuple[Record, ...], at: int) -> None:
    whole = write(*library)
    cut = whole[: min(at, len(whole))]
    batch = read(cut)
    complete = sum(len(write(*library[:count])) - 3 <= len(cut) for count in range(1, len(library) + 1))
    assert batch.records[:complete] == library[:complete]
    assert len(batch.records) <= complete + 1 and (batch.problems or len(cut) >= len(whole) - 3 or not cut)


@given(strategies.libraries().map(lambda library: write(*library)), st.data())
@settings(max_examples=80, deadline=None)
def test_damaged_texts_never_raise(text: str, data: st.DataObject) -> None:
    for _ in range(3):
        at = data.draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + data.draw(st.sampled_from(["", '"', "{", "}", "[", "]", ",", ":", "\\", "\n", "x", "1e5"]))
            + text[at + 1 :]
        )
    batch = read(text)
    assert isinstance(batch, Batch)
    for problem in batch.problems:
        assert problem.severity == "warning" or problem.text or "ends too early" in problem.message


@given(strategies.hostile())
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_without_raising(text: str) -> None:
    for candidate in (text, "[" + text, "{" + text, '[{"id":"' + text):
        csljson.looks_like(candidate)
        read(candidate)
