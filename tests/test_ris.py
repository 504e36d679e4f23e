"""RIS: what publishers export is understood or kept; what we write comes back but for the losses that are named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from bibtools import api
from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import recognise, ris
from bibtools.formats.ris import meaning
from bibtools.record import Batch, Date, Name, Record

from . import strategies


def write(*records: Record) -> str:
    return "".join(ris.write(records, WriteOptions()))


def read(text: str) -> Batch:
    return ris.read(text, ReadOptions(source="f.ris"))


def one(*lines: str) -> Record:
    """The record of some lines, read without any problem."""
    batch = read("\n".join(["TY  - JOUR", *lines, "ER  - "]))
    assert not batch.problems
    return batch.records[0]


# --- in ---------------------------------------------------------------------------------------------------------------


def test_an_export_of_a_publisher() -> None:
    text = (
        "TY  - JOUR\r\nAU  - Öfele, Karl\r\nAU  - van der Berg, Jan, Jr.\r\nTI  - A title\r\nJO  - J. Chem.\r\nVL  - 12\r\n"
        "IS  - 3\r\nSP  - 100\r\nEP  - 110\r\nPY  - 2006\r\nDA  - 2006/05/03/\r\nDO  - 10.1/x\r\nSN  - 1234-5678\r\n"
        "KW  - one\r\nKW  - two\r\nAB  - First line\r\nsecond line\r\nUR  - https://a.org\r\nER  - \r\n\r\n"
    )
    batch = read(text)
    assert not batch.problems
    record = batch.records[0]
    assert record == Record(
        type="article-journal",
        author=(Name("Öfele", "Karl"), Name("Berg", "Jan", dropping_particle="van der", suffix="Jr.")),
        title="A title",
        container_title="J. Chem.",
        volume="12",
        issue="3",
        page="100–110",
        issued=Date((2006, 5, 3)),
        doi="10.1/x",
        issn="1234-5678",
        keyword=("one", "two"),
        abstract="First line\nsecond line",
        url="https://a.org",
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("AU  - Aristotle", {"author": (Name("Aristotle"),)}),
        ("AU  - Jan Smith", {"author": (Name("Smith", "Jan"),)}),
        ("AU  - World Health Organization,", {"author": (Name(literal="World Health Organization"),)}),
        ("AU  - et al.", {"author": (), "authors_truncated": True}),
        ("A2  - Li, Wei", {"editor": (Name("Li", "Wei"),)}),
        ("A4  - Li, Wei", {"translator": (Name("Li", "Wei"),)}),
        ("T1  - x", {"title": "x"}),
        ("JF  - x", {"container_title": "x"}),
        ("PY  - 2006", {"issued": Date((2006,))}),
        ("PY  - 2006//", {"issued": Date((2006,))}),
        ("Y1  - 2006/05//", {"issued": Date((2006, 5))}),
        ("DA  - 2006/05/03", {"issued": Date((2006, 5, 3))}),
        ("DA  - 2006///Spring", {"issued": Date((2006,), season=1)}),
        ("DA  - 2006-05-03", {"issued": Date((2006, 5, 3))}),
        ("Y2  - 2020/01/02/", {"accessed": Date((2020, 1, 2))}),
        ("SN  - 978-3-16-148410-0", {"isbn": "978-3-16-148410-0"}),
        ("SN  - 1234-567X", {"issn": "1234-567X"}),
        ("SP  - e12", {"page": "e12"}),
        ("SP  - 1-10", {"page": "1-10"}),
        ("AN  - arXiv:2304.01234", {"arxiv_id": "2304.01234"}),
        ("AN  - 12345", {"extra": (("AN", "12345"),)}),
        ("C7  - x", {"extra": (("C7", "x"),)}),
        ("XZ  - x", {"extra": (("XZ", "x"),)}),
        ("CN  - QA76", {"extra": (("call-number", "QA76"),)}),
        ("TI  - ", {"title": ""}),
        ("TI  -", {"title": ""}),
    ],
)
def test_tags(line: str, expected: dict[str, Any]) -> None:
    record = one(line)
    for name, value in expected.items():
        assert getattr(record, name) == value


@pytest.mark.parametrize(
    ("lines", "extra"),
    [
        (["TI  - a", "T1  - b"], (("T1", "b"),)),
        (["UR  - a", "UR  - b"], (("UR", "b"),)),
        (["DO  - a", "DO  - a"], ()),
        (["PY  - 2006", "DA  - 2007/01/02/"], (("DA", "2007/01/02/"),)),
        (["SP  - 1-10", "EP  - 10"], ()),
        (["EP  - 10"], (("EP", "10"),)),
    ],
)
def test_a_second_value_is_kept(lines: list[str], extra: tuple[tuple[str, str], ...]) -> None:
    record = one(*lines)
    assert record.extra == extra or (lines[-1] == "EP  - 10" and ("EP", "10") in record.extra)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["TY  - CONF", "T2  - Proc. X"], {"container_title": "Proc. X", "event_title": ""}),
        (["TY  - CONF", "T2  - ICML", "C3  - Proc. X"], {"container_title": "Proc. X", "event_title": "ICML"}),
        (["TY  - BOOK", "T2  - Lecture Notes"], {"collection_title": "Lecture Notes", "container_title": ""}),
        (["TY  - BOOK", "BT  - The Book"], {"title": "The Book", "container_title": ""}),
        (
            ["TY  - JOUR", "JO  - J. X", "JF  - Journal of X"],
            {"container_title": "Journal of X", "container_title_short": "J. X"},
        ),
        (["TY  - JOUR", "JO  - Nature", "T2  - Nature"], {"container_title": "Nature", "container_title_short": ""}),
        (["TY  - JOUR", "SE  - 101"], {"chapter_number": ""}),
        (["TY  - CHAP", "T2  - The Book", "T3  - LNCS"], {"container_title": "The Book", "collection_title": "LNCS"}),
    ],
)
def test_tags_that_depend_on_others(lines: list[str], expected: dict[str, str]) -> None:
    record = read("\n".join([*lines, "ER  - "])).records[0]
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.parametrize(("kind", "csl"), meaning.TYPES)
def test_every_row_of_the_table_of_types(kind: str, csl: str) -> None:
    assert read(f"TY  - {kind}\nER  - \n").records[0].type == csl
    assert read(write(Record(type=csl))).records[0].type == csl


@pytest.mark.parametrize(("csl", "kind"), meaning.NEAREST.items())
def test_a_type_that_ris_has_not_is_written_as_its_nearest(csl: str, kind: str) -> None:
    record = Record(type=csl, title="x", container_title="y", collection_title="z")
    assert write(record).startswith(f"TY  - {kind}\n")
    assert ris.losses(record) == ("type",)


def test_an_unknown_type_is_kept_and_told() -> None:
    batch = read("TY  - HOLO\nTI  - x\nER  - \n")
    assert batch.records[0].extra == (("TY", "HOLO"),)
    assert "HOLO" in batch.problems[0].message


def test_a_record_without_end_is_read() -> None:
    batch = read("TY  - JOUR\nTI  - a\n\nTY  - BOOK\nTI  - b\n")
    assert [record.title for record in batch.records] == ["a", "b"]
    assert [str(problem.origin) for problem in batch.problems] == ["f.ris:1", "f.ris:4"]


def test_text_between_records_is_told_and_given_back() -> None:
    batch = read("Provider: X\n1.\nTY  - JOUR\nTI  - a\nER  - \n2.\nstray\nTY  - JOUR\nTI  - b\nER  -\n\n")
    assert [(record.title, record.origin.line) for record in batch.records] == [("a", 3), ("b", 8)]
    assert [problem.text for problem in batch.problems] == ["Provider: X\n1.", "2.\nstray"]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends(ends: str) -> None:
    batch = read(f"\ufeffTY  - JOUR{ends}TI  - a{ends}ER  - {ends}")
    assert [record.title for record in batch.records] == ["a"] and not batch.problems


def test_one_blank_in_the_tags_of_a_sloppy_exporter() -> None:
    assert read("TY - JOUR\nTI - a\nER -\n").records[0].title == "a"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "TY  - ",
        "TY  - JOUR",
        "ER  - ",
        "TY  - JOUR\nTY  - JOUR\n",
        "TI  - x",
        "\x00",
        "TY  - \x1b[31m\nER  - ",
    ],
)
def test_strange_texts_never_raise(text: str) -> None:
    read(text)


def test_ten_megabytes_on_one_line() -> None:
    batch = read("TY  - JOUR\nAB  - " + "x" * 10_000_000 + "\nER  - ")
    assert len(batch.records[0].abstract) == 10_000_000


# --- out --------------------------------------------------------------------------------------------------------------


def test_what_is_written() -> None:
    record = Record(
        id="li2020",
        type="paper-conference",
        title="E$^{2}$GAN",
        author=(Name("Li", "Wei"), Name("Berg", "J.", dropping_particle="van"), Name(literal="CERN")),
        authors_truncated=True,
        container_title="Proc. X",
        issued=Date((2020, 5)),
        page="1–10",
    )
    assert write(record) == (
        "TY  - CPAPER\nAU  - Li, Wei\nAU  - van Berg, J.\nAU  - CERN,\nAU  - et al.\nTI  - E<sup>2</sup>GAN\nT2  - Proc. X\n"
        "PY  - 2020\nDA  - 2020/05//\nID  - li2020\nSP  - 1\nEP  - 10\nER  - \n\n"
    )
    assert ris.losses(record) == ("title",)
    assert replace(read(write(record)).records[0], title=record.title) == record


def test_protected_words_are_written_as_words() -> None:
    title = 'The <span class="nocase"><i>E. coli</i> of <span style="font-variant:small-caps;">Li</span></span>'
    shown = 'The <i>E. coli</i> of <span style="font-variant:small-caps;">Li</span>'
    assert f"TI  - {shown}\n" in write(Record(title=title))
    assert ris.losses(Record(title=title)) == ("title",) and ris.losses(Record(title=shown)) == ()


CARRIED = {
    "type": "chapter",
    "title": "A title",
    "title_short": "A",
    "author": (Name("Li", "Wei"), Name("Aristotle"), Name(literal="World Health Organization")),
    "authors_truncated": True,
    "editor": (Name("Li", "Wei", suffix="Jr."),),
    "translator": (Name("Berg", "Jan", dropping_particle="van den"),),
    "collection_editor": (Name("Li", "Wei"),),
    "container_title": "Journal",
    "container_title_short": "J.",
    "collection_title": "Series",
    "volume": "1",
    "issue": "2",
    "number": "3",
    "page": "1–10",
    "chapter_number": "4",
    "edition": "5",
    "number_of_volumes": "6",
    "publisher": "P",
    "publisher_place": "London",
    "genre": "Review",
    "language": "en",
    "issued": Date((2020, 5, 3)),
    "accessed": Date((2021, 1)),
    "doi": "10.1/x",
    "url": "https://a.org",
    "isbn": "978-3-16-148410-0",
    "issn": "1234-5678",
    "pmid": "1",
    "pmcid": "PMC2",
    "arxiv_id": "2304.01234",
    "abstract": "Two lines\nER  - not the end",
    "keyword": ("a", "b, c"),
    "note": "n",
    "annote": "m",
    "extra": (("C7", "x"), ("call-number", "y"), ("XX", "z")),
}


@pytest.mark.parametrize("name", CARRIED)
def test_what_ris_carries(name: str) -> None:
    alone = Record(**{name: CARRIED[name]})
    assert ris.losses(alone) == ()
    assert read(write(alone)).records == (alone,)


def test_what_ris_carries_together() -> None:
    record = Record(id="k", **CARRIED)
    assert ris.losses(record) == ()
    assert read(write(record)).records == (record,)


@pytest.mark.parametrize(
    "date",
    [
        *(
            Date((2020,)),
            Date((2020, 5)),
            Date((-44, 3, 15)),
            Date((2020,), circa=True),
            Date((2020, 1), end=(2020, 3)),
        ),
        *(Date((2020,), end=()), Date((2020,), season=2), Date(literal="in press"), Date((476,))),
    ],
)
def test_every_kind_of_date_comes_back(date: Date) -> None:
    assert read(write(Record(issued=date, accessed=date))).records[0] == Record(issued=date, accessed=date)


@given(strategies.records())
@settings(max_examples=100, deadline=None)
def test_every_record_survives_but_for_the_named_losses(record: Record) -> None:
    batch = read(write(record))
    (back,) = batch.records
    assert not batch.problems
    lost = ris.losses(record)
    assert all(pair in back.extra or f"extra.{pair[0]}" in lost for pair in record.extra)
    names = {name for name in lost if "." not in name}
    assert replace(back, **{name: getattr(record, name) for name in (*names, "extra")}) == record
    written = write(back)
    assert write(*read(written).records) == written
    never = {
        "id",
        "volume",
        "issue",
        "doi",
        "url",
        "abstract",
        "publisher",
        "language",
        "isbn",
        "issn",
        "arxiv_id",
        "pmid",
    }
    marked = {name for name in never if "<" in getattr(record, name) or "$" in getattr(record, name)}
    assert never - marked - {"url"} <= never - set(lost) | marked


@given(strategies.hostile_records())
@settings(max_examples=80, deadline=None)
def test_a_hostile_record_is_still_one_record(record: Record) -> None:
    batch = read(write(record))
    assert len(batch.records) == 1
    assert not [problem for problem in batch.problems if problem.severity == "error"]


@given(strategies.libraries().filter(bool))
@settings(max_examples=30, deadline=None)
def test_our_own_output_is_recognised(library: tuple[Record, ...]) -> None:
    assert [each.name for each in recognise(write(*library))] == ["ris"]


@pytest.mark.parametrize("head", ["", "@book{a}", "Some prose\nTY  - JOUR\nER  - ", "[]", "TYPO - x", "TY  -"])
def test_other_texts_are_not_recognised(head: str) -> None:
    assert not ris.looks_like(head)


def test_placeholders_of_an_unknown_year_and_issue_are_kept_but_believed_by_nobody() -> None:
    record = one("TI  - A thing", "PY  - 0000", "IS  - 9999", "Y1  - 0000///")
    assert (record.issued, record.issue) == (Date(), "")
    assert set(record.extra) == {("PY", "0000"), ("IS", "9999"), ("Y1", "0000///")}


def test_the_date_stands_above_the_older_primary_date() -> None:
    (record,) = api.read_records("TY  - JOUR\nTI  - A\nDA  - 2004/05/06\nY1  - 2003\nER  - \n", from_="ris").records
    assert record.issued.parts == (2004, 5, 6)
    assert record.get_extra("Y1") == "2003"
    (record,) = api.read_records("TY  - JOUR\nTI  - A\nY1  - 2004\nDA  - 2004/05/06\nER  - \n", from_="ris").records
    assert (record.issued.parts, record.extra) == ((2004, 5, 6), ())
