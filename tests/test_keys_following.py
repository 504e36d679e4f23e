"""New entries get keys like those that stand in the file."""

from __future__ import annotations

import pytest

from bibtools import api
from bibtools.keys import make
from bibtools.keys.following import Followed, followed, patterns
from bibtools.record import Date, Name, Record

WORKS = [
    ("Knuth", "Literate Programming", 1984),
    ("Lamport", "Time, Clocks, and the Ordering of Events", 1978),
    ("Vaswani", "Attention Is All You Need", 2017),
    ("Doe", "On the Memory of Bees", 2001),
    ("Roe", "Measuring What Cannot Be Measured", 1999),
    ("Bee", "The Dance of the Honey", 2010),
]
TOGETHER = Record(
    type="article", title="Together With Others", author=(Name("Li", "Wei"), Name("Wu", "Ann")), issued=Date((2020,))
)


def records(style: str) -> list[Record]:
    made = [Record(title=title, author=(Name(name, "A."),), issued=Date((year,))) for name, title, year in WORKS]
    return [each.replace(id=make(each, style)) for each in [*made, TOGETHER]]


@pytest.mark.parametrize(
    "style",
    [
        "arxiv", "arxiv-2020", "scholar", "acl", "bbt", "[auth][year]", "[auth:lower][year]", "[auth:lower][shortyear]",
        "[auth]:[year]", "[auth]_[year]", "[auth:lower]-[year]", "[authEtAl][year]", "[authors][year]",
        "[authorsAlpha][shortyear]",
        "[auth:lower]_[veryshorttitle:lower]_[year]", "[auth][year][veryshorttitle]", "[auth][year]_[veryshorttitle]",
        "[auth:lower][year][shorttitle]",
    ],
)  # fmt: skip
def test_a_pattern_that_all_keys_share_is_known(style: str) -> None:
    found = followed(records(style))
    assert found is not None
    assert found.share == 1
    assert [make(each, found.style) for each in records(style)] == [each.id for each in records(style)]


def test_every_pattern_that_is_tried_can_be_made() -> None:
    for pattern in patterns("auth", ["", ":"]):
        assert make(TOGETHER, pattern)


def test_a_habit_takes_five_entries_and_four_in_five() -> None:
    some = records("[auth][year]")
    assert followed(some[:4]) is None
    assert followed(some[:5]) == Followed("[auth][year]", 1.0)
    assert followed([*some[:4], some[4].replace(id="x")]) == Followed("[auth][year]", 0.8)
    assert followed([*some[:3], some[3].replace(id="y"), some[4].replace(id="x")]) is None
    assert followed([each.replace(id=f"ref{place}") for place, each in enumerate(some)]) is None
    lettered = [*some[:5], some[0].replace(id=some[0].id + "b")]
    assert followed(lettered) == Followed("[auth][year]", 1.0)


TARGET = "".join(
    f"@article{{{name}{year},\n  author = {{{name}, A.}},\n  title = {{{title}}},\n  year = {{{year}}}\n}}\n\n"
    for name, title, year in WORKS
)
PAGE = "CLAug 19, 2024\n\nSpeech in the Wild\n\nAnn Smith, Cee Dee et al.\n\nWe study speech.\n\n"
OTHER = "CLAug 20, 2024\n\nA Wholly Different Matter of Sound\n\nAnn Smith, Eff Gee et al.\n\nWe study sound.\n\n"


def keys(result: api.MergeResult) -> list[str]:
    return [line.partition("{")[2].rstrip(",") for line in result.text.splitlines() if line.startswith("@")][
        len(WORKS) :
    ]


def test_new_entries_of_a_merge_follow_the_file() -> None:
    batch = api.read_records(PAGE)
    result = api.merge(TARGET, [batch])
    assert keys(result) == ["Smith2024"]
    assert any(
        "1 new key follows the file: [auth][year], as 100 % of its keys do" in str(each)
        for each in result.plan.problems
    )
    assert not api.merge(result.data, [batch]).plan.changes
    assert keys(api.merge(TARGET, [batch], key_style="scholar")) == ["smith2024speech"]
    assert keys(api.merge(TARGET.replace("Knuth1984", "x").replace("Doe2001", "y"), [batch])) == ["smith2024speechwild"]


def test_the_order_of_the_sources_does_not_matter() -> None:
    one, two = api.read_records(PAGE), api.read_records(OTHER)
    there, back = api.merge(TARGET, [one, two]), api.merge(TARGET, [two, one])
    named = [{each.title: each.id for each in api.read_records(result.data).records} for result in (there, back)]
    assert named[0] == named[1]
    assert set(keys(there)) == {"Smith2024", "Smith2024a"}


def test_an_entry_that_has_a_key_keeps_it() -> None:
    entry = "@article{mine, title={On Something Else Entirely}, author={Zed, A.}, year=2020}"
    result = api.merge(TARGET, [entry])
    assert keys(result) == ["mine"]
    assert not result.plan.problems
