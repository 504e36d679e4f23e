"""Identifiers: found in any wrapping, compared in one form, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import identifiers, numerals


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10.1000/XYZ", "10.1000/xyz"),
        ("https://doi.org/10.1000/xyz.", "10.1000/xyz"),
        ("http://dx.doi.org/10.1000%2Fxyz", "10.1000/xyz"),
        ("doi: 10.1000/xyz", "10.1000/xyz"),
        (r"10.1007/978-3-540-\_1", "10.1007/978-3-540-_1"),
        (r"10.1007/3-540{\_}1", "10.1007/3-540_1"),
        (
            "10.1002/(SICI)1097-4571(199505)46:4<265::AID-ASI4>3.0.CO;2-R",
            "10.1002/(sici)1097-4571(199505)46:4<265::aid-asi4>3.0.co;2-r",
        ),
        ("(doi:10.1016/S0140-6736(05)12345-6)", "10.1016/s0140-6736(05)12345-6"),
        ("10.1000.10/123456", "10.1000.10/123456"),
        ("see section 10.2", ""),
        ("", ""),
    ],
)
def test_doi(value: str, expected: str) -> None:
    assert identifiers.doi(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0-306-40615-2", ("9780306406157",)),
        ("978-0-306-40615-7", ("9780306406157",)),
        ("0306406152 (pbk.), 978-0-306-40615-7 (hbk.)", ("9780306406157",)),
        ("0-8044-2957-X", ("9780804429573",)),
        ("0-306-40615-3", ()),
        ("", ()),
    ],
)
def test_isbns(value: str, expected: tuple[str, ...]) -> None:
    assert identifiers.isbns(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://arxiv.org/abs/2304.01234v2", "2304.01234"),
        ("http://www.arxiv.org/pdf/1706.03762v5.pdf", "1706.03762"),
        ("arXiv:2304.01234", "2304.01234"),
        ("2304.01234v1 [cs.CL]", "2304.01234"),
        ("10.48550/arXiv.2304.01234", "2304.01234"),
        ("https://doi.org/10.48550/ARXIV.2304.01234", "2304.01234"),
        ("see arXiv preprint arXiv:1706.03762.", "1706.03762"),
        ("abs/1706.03762", "1706.03762"),
        ("hep-th/9901001v3", "hep-th/9901001"),
        ("math.AG/0309136", "math/0309136"),
        ("http://arxiv.org/abs/cond-mat/0102536", "cond-mat/0102536"),
        ("2304.01234", "2304.01234"),
        ("arXiv:2304.012345", ""),  # no such number
        ("1234.5678", ""),  # month 34
        ("10.1000/2304.01234", ""),
        ("version 2304.01234 of the manual", ""),
        ("", ""),
    ],
)
def test_identifiers_are_found_wherever_they_are_written(text: str, expected: str) -> None:
    assert identifiers.arxiv_id(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://doi.org/10.1000/Xyz.", "10.1000/Xyz"),
        ("<doi:10.1000/Xyz>", "10.1000/Xyz"),
        ("info:doi/10.1000/182", "10.1000/182"),
        ("https://doi.org/10.1000%2F182", "10.1000/182"),
        ("10.1000/a and 10.1000/b", ""),
        ("see 10.1000/182", ""),
        ("", ""),
    ],
)
def test_a_doi_keeps_its_own_case_when_it_is_all_that_is_said(text: str, expected: str) -> None:
    assert identifiers.bare_doi(text) == expected


@pytest.mark.parametrize(
    ("text", "address", "bare"),
    [
        ("https://dx.doi.org/10.1000/182", "https://dx.doi.org/", "10.1000/182"),
        ("doi.org/10.1000/182", "doi.org/", "10.1000/182"),
        ("DOI: 10.1000/182", "", "10.1000/182"),
        ("doi 10.1000/182", "", "10.1000/182"),
        ("https://doi.org/handbook", "", "https://doi.org/handbook"),
        ("10.1000/182", "", "10.1000/182"),
    ],
)
def test_what_stands_before_a_doi(text: str, address: str, bare: str) -> None:
    assert identifiers.split_resolver(text)[0] == address
    assert identifiers.without_resolver(text) == bare


@pytest.mark.parametrize(
    ("text", "expected"),
    [("PMC123", "PMC123"), ("pmcid: PMC123", "PMC123"), ("123", "PMC123"), ("PMC", ""), ("PMC12a", "")],
)
def test_pmcid(text: str, expected: str) -> None:
    assert identifiers.pmcid(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ISSN 1234-567x", "1234-567x"),
        ("ISBN-13: 978-0", "978-0"),
        ("PMID:19008416", "19008416"),
        ("isbn of it", "isbn of it"),
    ],
)
def test_a_number_without_its_name(text: str, expected: str) -> None:
    assert identifiers.without_label(text) == expected


def test_the_number_of_digits_of_an_isbn() -> None:
    assert identifiers.is_isbn("9780306406157")
    assert identifiers.is_isbn("080442957X")
    assert not any(map(identifiers.is_isbn, ("", "X", "0804429570", "978030640615", "97803064061571", "²²²²²²²²²²")))


FINDERS = [
    identifiers.doi, identifiers.bare_doi, identifiers.arxiv_id, identifiers.isbns, identifiers.issn, identifiers.pmcid,
    identifiers.without_label, identifiers.without_resolver, identifiers.split_resolver, identifiers.is_isbn,
]  # fmt: skip
PIECES = st.sampled_from(
    "10.1000/ doi: https://doi.org/ arXiv: 2304.01234 978 - X () %2F &amp; é".split() + [" ", "\x00", "<", ">"]
)


@pytest.mark.parametrize("find", FINDERS, ids=lambda find: find.__name__)
@given(text=st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_no_text_is_too_odd(find: Callable[[str], object], text: str) -> None:
    find(text)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_the_normal_form_of_a_doi_is_its_own_normal_form(text: str) -> None:
    normal = identifiers.doi(text)
    assert identifiers.doi(normal) == normal


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("i", 1),
        ("iv", 4),
        ("xiv", 14),
        ("xlix", 49),
        ("xcix", 99),
        ("ccc", 300),
        ("iiii", 0),
        ("vx", 0),
        ("", 0),
        ("mix", 0),
    ],
)
def test_roman_numerals(word: str, value: int) -> None:
    assert numerals.roman(word) == value


def test_roman_numerals_there_and_back() -> None:
    for value in range(1, 400):
        assert numerals.roman(numerals.roman_numeral(value)) == value
