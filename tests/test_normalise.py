"""Normalising: one form for one fact, the second time nothing, and not a word lost."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings

from bibtools import normalise
from bibtools.record import Name, Record

from . import strategies


def done(**given_fields: Any) -> Record:
    return normalise.normalise(Record(**given_fields))


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("A  title\n of\ttwo lines ", "A title of two lines"),
        ("e\u0301te\u0301", "été"),
        ("red \x1b[31malert\x1b[0m", "red alert"),
        ("\x1b]0;owned\x07title", "title"),
        ("nul\x00 bell\x07 c1\x9b", "nul bell c1"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("\ufeffmark", "mark"),
        ("no\u00a0break", "no\u00a0break"),
        (
            "joined \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "joined \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\ufa19戸 compatibility", "\ufa19戸 compatibility"),
        ("E$^{2}$GAN 15%-20% {Braces} <i>E. coli</i> &amp;", "E$^{2}$GAN 15%-20% {Braces} <i>E. coli</i> &amp;"),
        ("Ends in a stop.", "Ends in a stop."),
    ],
)
def test_text(given_text: str, expected: str) -> None:
    assert done(title=given_text).title == expected


def test_an_abstract_keeps_its_paragraphs() -> None:
    assert done(abstract=" One  line \r\n\r\n another\tline ").abstract == "One line\n\nanother line"


def test_keys_and_extra_are_left_alone() -> None:
    record = Record(id="e\u0301  x", extra=(("file", "/a  b/e\u0301.pdf"), ("tex-title", "A  {B}")))
    assert normalise.normalise(record) is record


@pytest.mark.parametrize(
    ("doi", "expected"),
    [
        ("10.1000/XyZ", "10.1000/XyZ"),
        ("https://doi.org/10.1000/XyZ", "10.1000/XyZ"),
        ("http://dx.doi.org/10.1000/xyz.", "10.1000/xyz"),
        ("doi: 10.1000/xyz", "10.1000/xyz"),
        ("DOI 10.1000/xyz", "10.1000/xyz"),
        (
            "https://doi.org/10.1002/(SICI)1097(1998)17:15%3C1661::AID%3E3.0.CO;2-2",
            "10.1002/(SICI)1097(1998)17:15<1661::AID>3.0.CO;2-2",
        ),
        ("10.1002/(SICI)1097(1998)17:15<1661::AID>3.0.CO;2-2", "10.1002/(SICI)1097(1998)17:15<1661::AID>3.0.CO;2-2"),
        (r"10.1007/978-3\_4", "10.1007/978-3_4"),
        ("10.1000/a and 10.1000/b", "10.1000/a and 10.1000/b"),
        ("see 10.1000/a", "see 10.1000/a"),
        ("not a doi", "not a doi"),
    ],
)
def test_doi(doi: str, expected: str) -> None:
    assert done(doi=doi).doi == expected


@pytest.mark.parametrize(
    ("record", "doi"),
    [
        (Record(url="https://doi.org/10.1000/xyz"), "10.1000/xyz"),
        (Record(url="https://doi.org/10.1000/xyz", doi="10.1/other"), "10.1/other"),
        (Record(url="https://example.org/?q=10.1000/xyz"), ""),
    ],
)
def test_a_doi_is_taken_over_from_a_resolver(record: Record, doi: str) -> None:
    made = normalise.normalise(record)
    assert (made.doi, made.url) == (doi, record.url)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Record(arxiv_id="arXiv:2304.01234"), "2304.01234"),
        (Record(doi="10.48550/arXiv.2304.01234"), "2304.01234"),
        (Record(url="https://arxiv.org/pdf/hep-th/9901001v2"), "hep-th/9901001"),
        (Record(number="arXiv:2304.01234"), "2304.01234"),
        (Record(note="arXiv:2304.01234 [cs]"), "2304.01234"),
        (Record(container_title="arXiv preprint arXiv:2304.01234"), "2304.01234"),
        (Record(container_title="CoRR", volume="abs/1706.03762"), "1706.03762"),
        (Record(note="Comment on arXiv:2304.01234"), ""),
        (Record(note="2304.01234"), ""),
        (Record(volume="2304", number="1234"), ""),
        (Record(doi="10.1000/2304.01234"), ""),
    ],
)
def test_arxiv_identifiers(record: Record, expected: str) -> None:
    assert normalise.normalise(record).arxiv_id == expected


def test_the_version_of_an_arxiv_identifier_is_kept() -> None:
    record = done(arxiv_id="2304.01234v3 [cs.CL]")
    assert (record.arxiv_id, record.categories) == ("2304.01234", ("cs.CL",))
    assert record.extra == (("eprint", "2304.01234v3 [cs.CL]"),)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("1-10", "1–10"),
        ("1--10", "1–10"),
        ("1 -- 10", "1–10"),
        ("1—10", "1–10"),
        ("1\u221210", "1–10"),
        ("101-9", "101–9"),
        ("S1-S5", "S1–S5"),
        ("1134B-1140B", "1134B–1140B"),
        ("iv-xii", "iv–xii"),
        ("1, 5-7, 9--11", "1, 5–7, 9–11"),
        ("1-1--1-10", "1-1–1-10"),
        ("17-3", "17-3"),
        ("A-1", "A-1"),
        ("e1002-3", "e1002-3"),
        ("A1-B2", "A1-B2"),
        ("1-2-3", "1-2-3"),
        ("1–", "1–"),
        ("25+", "25+"),
    ],
)
def test_pages(page: str, expected: str) -> None:
    assert done(page=page).page == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("isbn", "ISBN 3-16-148410-x", "3-16-148410-X"),
        ("isbn", "978\u20113161484100", "978-3161484100"),
        ("isbn", "ISBN", "ISBN"),
        ("issn", "ISSN: 0378-5955", "0378-5955"),
        ("pmid", "PMID: 123", "123"),
        ("pmcid", "pmc123", "PMC123"),
        ("pmcid", "123", "PMC123"),
        ("url", "<https://a.org/b\\_c>", "https://a.org/b_c"),
        ("keyword", ("LLM", " LLM ", "", "llm"), ("LLM", "llm")),
        ("isbn", "ISBN-13: 978-3-16-148410-0", "978-3-16-148410-0"),
        ("issn", "issn-1", "issn-1"),
        ("pmid", "PMID unknown", "PMID unknown"),
        ("author", (Name(family=" Li "), Name(), Name(literal="CERN")), (Name(family="Li"), Name(literal="CERN"))),
    ],
)
def test_other_fields(field: str, value: Any, expected: Any) -> None:
    assert getattr(done(**{field: value}), field) == expected


@pytest.mark.parametrize("last", [Name(literal="others"), Name(family="Others"), Name(literal="et al.")])
def test_nobody_is_called_others(last: Name) -> None:
    record = done(author=(Name(family="Li"), last))
    assert record.author == (Name(family="Li"),) and record.authors_truncated


def test_somebody_may_be() -> None:
    author = (Name(family="Others", given="Mary"),)
    assert done(author=author).author == author


@given(strategies.records() | strategies.hostile_records())
@settings(max_examples=150, deadline=None)
def test_the_second_time_changes_nothing(record: Record) -> None:
    once = normalise.normalise(record)
    assert normalise.normalise(once) is once


@given(strategies.records())
@settings(max_examples=100, deadline=None)
def test_no_letter_or_digit_is_lost(record: Record) -> None:
    """Over the texts that no step rewrites on purpose; identifiers, authors called "others" have their own cases above."""
    made = normalise.normalise(record)
    for each in fields(Record):
        value = getattr(record, each.name)
        if isinstance(value, str) and each.name not in (
            "doi",
            "url",
            "arxiv_id",
            "page",
            "isbn",
            "issn",
            "pmid",
            "pmcid",
        ):
            assert [c for c in getattr(made, each.name) if c.isalnum()] == [c for c in value if c.isalnum()]
    assert set(record.extra) <= set(made.extra)
    assert set(made.keyword) == set(record.keyword)
    assert made.id == record.id and made.issued == record.issued


@pytest.mark.parametrize("step", normalise.STEPS)
def test_a_step_has_nothing_to_do_on_an_ordinary_record(step: normalise.Step) -> None:
    record = Record(id="a", title="Plain", author=(Name("Li", "Wei"),), doi="10.1/x", page="1–2", keyword=("a", "b"))
    assert step(record) is record
    assert step(replace(record, title="x")) == replace(record, title="x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<https://example.org/a>", "https://example.org/a"),
        ("<<URL:https://example.org/a>>", "https://example.org/a"),
        (r"https://example.org/a\_b\%20c", "https://example.org/a_b%20c"),
        (r"https://example.org/a\\&b", "https://example.org/a&b"),
        (r"https://example.org/a\b", r"https://example.org/a\b"),
        ("<>", ""),
    ],
)
def test_a_url_stands_bare(given: str, expected: str) -> None:
    once = normalise.url(Record(url=given))
    assert once.url == expected
    assert normalise.url(once) is once


def test_ten_megabytes_on_one_line() -> None:
    for filler in ("a ", "-", "1-", "arxiv:", "10.1/", "\x1b[", "&", "%41"):
        long = filler * (2_000_000 // len(filler))
        done(title=long, doi=long, page=long, arxiv_id=long, note=long, isbn=long)
