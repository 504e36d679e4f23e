"""Citation File Format, hayagriva and pandoc's references: YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bibtools import formats
from bibtools.format import ReadOptions, WriteOptions
from bibtools.record import FIELDS, Batch, Date, Name, Problem, Record

from . import accounting, strategies

ADA = Name("Lovelace", "Ada")

CFF = """# a comment
cff-version: 1.2.0
message: Cite it.
title: Engine
type: software
version: 1.10
authors:
  - family-names: Lovelace
    given-names: Ada
    orcid: https://orcid.org/0000-1
  - name: Engine Group
date-released: 2019-03-04
doi: 10.5281/x
keywords: [steam, no]
license: MIT
preferred-citation:
  type: article
  title: On Engines
  authors: [{family-names: Berg, given-names: Jan, name-particle: van der, name-suffix: Jr.}]
  journal: J. Engines
  year: 2018
  month: 5
  start: 1
  end: 9
references:
  - {type: book, title: Looms, publisher: {name: Press, city: London}, isbn: 978-3-16-148410-0}
"""

HAYAGRIVA = """ada:
  type: Article
  title: {value: "On {DNA} Engines", short: Engines}
  author: ["Lovelace, Ada", Engine Group, {name: Berg, given-name: Jan, prefix: van der}]
  date: 2019-03
  page-range: 1-9
  serial-number: {doi: 10.1000/xyz}
  url: {value: "https://a.org", date: 2020-01-02}
  parent: {type: Periodical, title: J. Engines, volume: 7, issue: 2}
  shelf: top
book:
  type: Book
  title: Looms
  editor: Lovelace, Ada
  publisher: {name: Press, location: London}
  affiliated: [{role: translator, names: "Babbage, Charles"}]
  parent: {type: Anthology, title: A Series, volume: 3}
"""

PANDOC = """---
title: A paper
references:
- id: ada
  type: article-journal
  author: [{family: Lovelace, given: Ada}]
  title: On *E. coli* and H~2~O
  issued: {year: 2019, month: 3}
  container-title: J. Engines
- id: b
  type: book
  title: Looms
  issued: 1999
---

# Text: not YAML [
"""


def read(name: str, text: str) -> Batch:
    reader = formats.table()[name].read
    assert reader is not None
    return reader(text, ReadOptions(source="f"))


def test_citation_file_format() -> None:
    batch = read("cff", CFF)
    assert not batch.problems
    own, preferred, reference = batch.records
    assert own == Record(
        type="software",
        title="Engine",
        version="1.10",
        author=(ADA, Name(literal="Engine Group")),
        issued=Date((2019, 3, 4)),
        doi="10.5281/x",
        keyword=("steam", "no"),
        extra=(
            ("license", "MIT"),
            ("cff rest", '{"message":"Cite it.","authors":[{"name":"Lovelace","orcid":"https://orcid.org/0000-1"}]}'),
        ),
    )
    assert preferred == Record(
        type="article-journal",
        title="On Engines",
        author=(Name("Berg", "Jan", non_dropping_particle="van der", suffix="Jr."),),
        container_title="J. Engines",
        page="1–9",
        issued=Date((2018, 5)),
    )
    assert reference == Record(
        type="book", title="Looms", publisher="Press", publisher_place="London", isbn="978-3-16-148410-0"
    )
    assert [each.origin.line for each in batch.records] == [2, 17, 26]


def test_hayagriva() -> None:
    batch = read("hayagriva", HAYAGRIVA)
    assert not batch.problems
    article, book = batch.records
    assert article == Record(
        id="ada",
        type="article-journal",
        title='On <span class="nocase">DNA</span> Engines',
        title_short="Engines",
        author=(ADA, Name(literal="Engine Group"), Name("Berg", "Jan", dropping_particle="van der")),
        container_title="J. Engines",
        volume="7",
        issue="2",
        page="1-9",
        issued=Date((2019, 3)),
        accessed=Date((2020, 1, 2)),
        doi="10.1000/xyz",
        url="https://a.org",
        extra=(("hayagriva rest", '{"shelf":"top"}'),),
    )
    assert book == Record(
        id="book",
        type="book",
        title="Looms",
        editor=(ADA,),
        translator=(Name("Babbage", "Charles"),),
        publisher="Press",
        publisher_place="London",
        collection_title="A Series",
        collection_number="3",
    )


@pytest.mark.parametrize(
    ("type_", "parent", "expected"),
    [
        ("article", "periodical", "article-journal"),
        ("article", "newspaper", "article-newspaper"),
        ("article", "proceedings", "paper-conference"),
        ("article", "blog", "post-weblog"),
        ("Entry", "Reference", "entry-encyclopedia"),
        ("article", "", "article-journal"),
        ("anthos", "anthology", "chapter"),
        ("thesis", None, "thesis"),
        ("article", None, "article"),
    ],
)
def test_a_type_depends_on_the_parents(type_: str, parent: str | None, expected: str) -> None:
    outer = "" if parent is None else f", parent: {{title: P{f', type: {parent}' if parent else ''}}}"
    assert read("hayagriva", f"k: {{type: {type_}, title: T{outer}}}").records[0].type == expected


def test_pandoc() -> None:
    batch = read("pandoc", PANDOC)
    assert not batch.problems
    first, second = batch.records
    assert first == Record(
        id="ada",
        type="article-journal",
        title="On <i>E. coli</i> and H<sub>2</sub>O",
        author=(ADA,),
        issued=Date((2019, 3)),
        container_title="J. Engines",
    )
    assert (second.issued, second.origin.line) == (Date((1999,)), 10)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CFF, "cff"),
        (HAYAGRIVA, "hayagriva"),
        (PANDOC, "pandoc"),
        (PANDOC.split("---")[1], "pandoc"),
        ("- id: a\n  type: book\n  title: T\n", "pandoc"),
        ("name: CI\non: [push]\njobs:\n  build: {runs-on: x, type: book}\n", ""),
        ("services:\n  web:\n    image: x\n    type: article\n", ""),
        ("a:\n  type: video\n  size: 3\n", ""),
        ("---\nlayout: post\ntitle: Hello\nid: 3\nreferences: none\n---\nHello.\n", ""),
        ("title: Notes\nid: 1\n", ""),
    ],
)
def test_recognition(text: str, name: str) -> None:
    assert [each.name for each in formats.recognise(text)] == ([name] if name else [])


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
)


@pytest.mark.parametrize("name", ["cff", "hayagriva", "pandoc"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "aliases stand for more than"),
        ("a: " + "[" * 10_000, "nested more than"),
        ("a: &a {b: *a}", "names nothing that is whole"),
        ("a: {type: book, title: 'cut", "not whole YAML"),
        ("a: *nobody", "names nothing"),
        ("\t- :\n  ]", "not whole YAML"),
    ],
)
def test_bombs_and_scraps_are_told(name: str, text: str, message: str) -> None:
    batch = read(name, text)
    assert any(message in each.message for each in batch.problems)


def test_a_cut_file_keeps_what_is_whole() -> None:
    batch = read("hayagriva", HAYAGRIVA + "cut:\n  type: Book\n  title: 'No")
    assert [each.id for each in batch.records] == ["ada", "book"]
    assert [each.severity for each in batch.problems] == ["error", "error"]


@given(
    st.text(max_size=120),
    st.sampled_from([("cff", CFF), ("hayagriva", HAYAGRIVA), ("pandoc", PANDOC)]),
    st.integers(0, 600),
)
def test_reading_never_raises(noise: str, case: tuple[str, str], at: int) -> None:
    name, text = case
    for hostile in (noise, text[:at] + noise + text[at:]):
        assert isinstance(read(name, hostile), Batch)
        formats.table()[name].looks_like(hostile)  # type: ignore[misc]


@pytest.mark.parametrize("name", ["cff", "hayagriva"])
@given(st.lists(strategies.hostile_records(), max_size=3))
def test_what_is_written_is_yaml_and_read_again(name: str, records: list[Record]) -> None:
    each = formats.table()[name]
    assert each.write is not None
    assert each.losses is not None
    text = "".join(each.write(records, WriteOptions()))
    yaml.safe_load(text)
    batch = read(name, text)
    assert not batch.problems
    if name == "hayagriva" and len({record.id for record in records}) < len(records):
        return
    assert len(batch.records) >= len(records)
    for record, back in zip(reversed(records), reversed(batch.records), strict=False):
        lost = each.losses(record)
        if name == "hayagriva":
            lost = (*lost, *(("id",) if not record.id else ()))
        assert all(getattr(record, field) == getattr(back, field) for field in FIELDS if field not in lost)


@pytest.mark.parametrize(
    ("name", "record", "lost"),
    [
        (
            "hayagriva",
            Record(
                id="ada",
                type="article-journal",
                title='On <span class="nocase">DNA</span>',
                author=(ADA, Name(literal="Engine Group")),
                container_title="J. Engines",
                volume="7",
                issue="2",
                page="e12",
                issued=Date((2019, 3)),
                doi="10.1/x",
                issn="1234-5678",
                url="https://a.org",
            ),
            (),
        ),
        (
            "hayagriva",
            Record(
                id="b", type="book", title="T", publisher="P", publisher_place="L", collection_title="S", edition="2"
            ),
            (),
        ),
        ("hayagriva", Record(id="b", type="book", title="T", issued=Date((2019,), (2020,))), ("issued",)),
        ("cff", Record(type="software", title="T", author=(ADA,), version="1.10", issued=Date((2019, 3, 4))), ()),
        (
            "cff",
            Record(type="article-journal", title="T", author=(ADA,), container_title="J", issued=Date((2019,))),
            (),
        ),
        (
            "cff",
            Record(type="article-journal", title="T", author=(ADA,), container_title_short="J"),
            ("container_title_short",),
        ),
    ],
)
def test_losses(name: str, record: Record, lost: tuple[str, ...]) -> None:
    losses = formats.table()[name].losses
    assert losses is not None
    assert losses(record) == lost
    text = "".join(formats.table()[name].write((record,), WriteOptions()))  # type: ignore[misc]
    assert [each.name for each in formats.recognise(text)] == [name]


def test_a_citation_of_a_paper_is_one_record(shared: Path) -> None:
    paper = Record(type="article-journal", title="T", author=(ADA,))
    text = "".join(formats.table()["cff"].write((paper, paper.replace(title="U")), WriteOptions()))  # type: ignore[misc]
    assert [each.title for each in read("cff", text).records] == ["T", "U"]


def leaves(value: Any) -> Any:
    return accounting.json_leaves(value)


def test_every_field_of_real_files_is_kept(shared: Path) -> None:
    for path in sorted((shared / "pages" / "cff").iterdir()):
        text = path.read_text(encoding="utf-8")
        batch = read("cff", text)
        assert not [each for each in batch.problems if isinstance(each, Problem) and each.severity == "error"]
        value = yaml.load(text, Loader=yaml.BaseLoader)
        assert accounting.unsaid(leaves(value), batch, r"/type$|/cff-version$") == [], path.name
