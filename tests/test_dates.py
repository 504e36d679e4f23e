"""Dates: EDTF, BibTeX's fields, what people write, and days whose year the page left out."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bibtools import dates
from bibtools.record import Date

EDTF = [
    ("2020", Date((2020,))),
    ("2020-05", Date((2020, 5))),
    ("2020-05-03", Date((2020, 5, 3))),
    ("2020-05/2020-06", Date((2020, 5), (2020, 6))),
    ("2020/..", Date((2020,), ())),
    ("../2020", Date((), (2020,))),
    ("2020~", Date((2020,), circa=True)),
    ("2020-21", Date((2020,), season=1)),
    ("2020-24", Date((2020,), season=4)),
    ("-0043", Date((-44,))),
    ("0000", Date((-1,))),
    ("Y17000", Date((17000,))),
]


@pytest.mark.parametrize(("text", "expected"), EDTF)
def test_edtf_is_read_and_written(text: str, expected: Date) -> None:
    assert dates.parse(text) == expected
    assert dates.edtf(expected) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-05-03T10:00:00Z", Date((2020, 5, 3))),
        ("2020?", Date((2020,), circa=True)),
        ("2004-06-XX", Date((2004, 6))),
        ("199X", Date((1990,), (1999,))),
        ("1998--99", Date((1998,), (1999,))),
        ("1999-2000", Date((1999,), (2000,))),
        ("June 3, 2020", Date((2020, 6, 3))),
        ("3 June 2020", Date((2020, 6, 3))),
        ("3rd of May 1998", Date((1998, 5, 3))),
        ("May/June 2020", Date((2020, 5), (2020, 6))),
        ("June 3--5, 2020", Date((2020, 6, 3), (2020, 6, 5))),
        ("28 June -- 2 July 2008", Date((2008, 6, 28), (2008, 7, 2))),
        ("Tue, 1 Nov 1994 18:57:48 GMT", Date((1994, 11, 1))),
        ("Spring 2020", Date((2020,), season=1)),
        ("44 BC", Date((-44,))),
        ("c. 1850", Date((1850,), circa=True)),
        ("[1850]", Date((1850,))),
        ("13/6/2020", Date((2020, 6, 13))),
        ("3.6.2020", Date((2020, 6, 3))),
        ("20200603", Date((2020, 6, 3))),
        ("1 de mayo de 2020", Date((2020, 5, 1))),
        ("Février 2020", Date((2020, 2))),
    ],
)
def test_what_people_write_is_understood(text: str, expected: Date) -> None:
    assert dates.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["to appear", "3/6/2020", "2020-02-30", "30 Feb 2020", "2020-13", "May 98", "2005a", "n.d."]
)
def test_what_has_no_single_meaning_keeps_its_words(text: str) -> None:
    assert dates.parse(text) == Date(literal=text)


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        ("2020", "jun", "", Date((2020, 6))),
        ("2020", "June", "", Date((2020, 6))),
        ("2020", "6", "", Date((2020, 6))),
        ("2020", "1~jan", "", Date((2020, 1, 1))),
        ("2020", "jan", "1", Date((2020, 1, 1))),
        ("2020", "may--jun", "", Date((2020, 5), (2020, 6))),
        ("2020", "Spring", "", Date((2020,), season=1)),
        ("2020", "June 3--5", "", Date((2020, 6, 3), (2020, 6, 5))),
        ("2020-05", "may", "", Date((2020, 5))),
        ("2020", "Michaelmas", "", Date((2020,), literal="Michaelmas 2020")),
        ("2020", "13", "", Date((2020,), literal="13 2020")),
        ("to appear", "jun", "", Date(literal="jun to appear")),
        ("", "", "", Date()),
    ],
)
def test_the_fields_of_bibtex(year: str, month: str, day: str, expected: Date) -> None:
    assert dates.parse(year, month, day) == expected


@pytest.mark.parametrize(("number", "name"), list(enumerate(dates.MONTHS, 1)))
def test_every_month_is_itself(number: int, name: str) -> None:
    full = date(2020, number, 1).strftime("%B")
    for each in (name, name.upper(), name.lower(), name + ".", full, str(number), f"{number:02d}"):
        assert dates.month_number(each) == number
    assert dates.parse(f"{full} 2020") == Date((2020, number))


@pytest.mark.parametrize(
    ("month", "day", "year"),
    [
        (6, 3, 2026),
        (11, 20, 2026),  # the day itself
        (11, 21, 2025),  # the day after
        (12, 31, 2025),
        (1, 1, 2026),
        (2, 29, 2024),  # the last leap year
        (2, 28, 2026),
    ],
)
def test_a_day_without_year_lies_in_the_latest_year_that_fits(month: int, day: int, year: int) -> None:
    assert dates.infer_year(month, day, date(2026, 11, 20)) == Date((year, month, day), inferred=True)


@pytest.mark.parametrize(
    ("month", "day", "not_before"), [(6, 3, 2027), (12, 31, 2026), (2, 29, 2025), (2, 30, 1), (13, 1, 1), (4, 31, 1)]
)
def test_a_guess_that_the_page_refutes_is_not_made(month: int, day: int, not_before: int) -> None:
    guess = dates.infer_year(month, day, date(2026, 11, 20), not_before)
    assert not guess.parts
    assert guess.inferred
    assert guess.literal.endswith(f" {day}")


def test_the_year_one_is_no_place_to_fall_off() -> None:
    assert not dates.infer_year(2, 29, date(1, 6, 1)).parts
    assert dates.infer_year(5, 1, date(1, 6, 1)) == Date((1, 5, 1), inferred=True)


@given(st.dates(), st.dates())
def test_an_inferred_day_is_never_in_the_future(day: date, as_of: date) -> None:
    parts = dates.infer_year(day.month, day.day, as_of).parts
    if parts:
        found = date(parts[0], parts[1], parts[2])
        assert (found.month, found.day) == (day.month, day.day)
        assert found <= as_of


_PARTS = st.one_of(
    st.tuples(st.integers(-9999, 9999).filter(bool)),
    st.tuples(st.integers(1, 9999), st.integers(1, 12)),
    st.dates().map(lambda each: (each.year, each.month, each.day)),
)


@given(_PARTS, st.one_of(st.none(), st.just(()), _PARTS), st.booleans())
def test_every_date_survives_edtf(parts: tuple[int, ...], end: tuple[int, ...] | None, circa: bool) -> None:
    value = Date(parts, end, circa=circa)
    assert dates.parse(dates.edtf(value)) == value


@settings(max_examples=300)
@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=5))
@example("٢٠٢٠", "", "")
@example("²0²0-01", "", "")
@example("2020", "²", "")
@example("/" * 50, "", "")
def test_reading_never_raises_and_never_loses_a_year_that_was_not_understood(year: str, month: str, day: str) -> None:
    found = dates.parse(year, month, day)
    assert found or not re.sub(r"[{}~\\,\s]", "", year + month + day)


def test_a_text_of_ten_million_characters_is_no_date() -> None:
    assert dates.parse("2020 " * 2_000_000).literal.startswith("2020 2020")
