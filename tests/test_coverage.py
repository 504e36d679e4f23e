"""What an index surely holds: declared, or told by arXiv's numbers; never by what happens to be there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from bibtools import api, index
from bibtools.cli import main
from bibtools.index import coverage, generations
from bibtools.index.coverage import Scope, covers, parse_scope
from bibtools.index.generations import Declared, Manifest, Source
from bibtools.record import Date, Name, Record
from bibtools.verify.venue_names import is_surely

DATE = "2026-11-21"


def manifest(*scopes: str, months: dict[str, list[int]] | None = None, since: int | None = None) -> Manifest:
    source = Source("/data/dump.jsonl", "records", ("/data/dump.jsonl",), DATE, records=1, months=months or {})
    declared = tuple(Declared(each, (source.name,), DATE) for each in scopes)
    return Manifest("", 1, 1, (source,), since=since, complete=declared)


def paper(year: int = 2018, **more: object) -> Record:
    return Record(**{"type": "article-journal", "title": "A title", "issued": Date((year,)), **more})


def bibtools(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


# --- scopes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("arxiv", Scope("arxiv")),
        ("arXiv:2015-2020", Scope("arxiv", "", 2015, 2020)),
        ("years:1990", Scope("years", "", 1990, 1990)),
        ("years:-1990", Scope("years", "", None, 1990)),
        ("years:1990-", Scope("years", "", 1990, None)),
        ("venue:NeurIPS", Scope("venue", "NeurIPS")),
        ("venue:NeurIPS:2010-2023", Scope("venue", "NeurIPS", 2010, 2023)),
        ("venue: Physical Review: A Journal ", Scope("venue", "Physical Review: A Journal")),
    ],
)
def test_a_scope(text: str, scope: Scope) -> None:
    assert parse_scope(text) == scope
    assert parse_scope(str(scope)) == scope


@pytest.mark.parametrize(
    "text",
    ["", "all", "arxiv:x", "arxiv:20", "arxiv:2020-2015", "arxiv:0000", "years:", "years", "years:-", "years:1990–2020",
     "venue:", "venue::2010", "venue:2010-2012"],
)  # fmt: skip
def test_what_is_no_scope(text: str) -> None:
    with pytest.raises(ValueError, match=r"scope|venue|year"):
        parse_scope(text)


@given(st.text(max_size=30))
def test_any_text_is_a_scope_or_refused(text: str) -> None:
    for each in (text, f"venue:{text}", f"years:{text}", f"arxiv:{text}"):
        try:
            scope = parse_scope(each)
        except ValueError:
            continue
        assert parse_scope(str(scope)) == scope
        assert coverage.phrase(scope)


# --- what is covered ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "record", "reason"),
    [
        ("arxiv", paper(arxiv_id="1804.01234"), "dump.jsonl, of 2026-11-21, is declared complete for arXiv"),
        ("arxiv", paper(arxiv_id="hep-th/9901001"), "arXiv"),
        ("arxiv", paper(doi="10.48550/arXiv.1804.01234"), "arXiv"),
        ("arxiv:2015-2020", paper(container_title="CoRR"), "arXiv, 2015 to 2020"),
        ("arxiv:2015-2020", paper(container_title="arXiv preprint"), "arXiv, 2015 to 2020"),
        ("years:2018", paper(), "papers of 2018"),
        ("years:-2018", paper(type="paper-conference"), "papers to 2018"),
        ("venue:Physical Review A", paper(container_title="Physical Review A"), "Physical Review A"),
        ("venue:CLEF:2010-2020", paper(container_title="Proceedings of CLEF 2018"), "CLEF, 2010 to 2020"),
    ],
)
def test_a_work_that_a_declared_source_would_hold(scope: str, record: Record, reason: str) -> None:
    assert reason in covers([manifest(scope)], record)


@pytest.mark.parametrize(
    ("scope", "record"),
    [
        ("arxiv", paper()),  # a paper of some journal
        ("arxiv", paper(container_title="Physical Review A")),
        ("arxiv", paper(arxiv_id="2611.00001")),  # of a month that was not over
        ("arxiv", paper(2026, container_title="CoRR")),
        ("arxiv:2019-2020", paper(arxiv_id="1804.01234")),
        ("years:2019-", paper()),
        ("years:1990-2030", paper(2026)),  # the year was not over
        ("years:2018", paper(type="book")),
        ("years:2018", paper(type="thesis")),
        ("years:2018", paper(type="webpage")),
        ("years:2018", paper(issued=Date())),
        ("years:2018", paper(issued=Date((2018,), inferred=True))),
        ("venue:Physical Review A", paper(container_title="Physical Review B")),
        ("venue:CLEF", paper(container_title="CLEF Workshop on Images")),
        ("venue:CLEF:2019", paper(container_title="CLEF")),
        ("venue:CLEF", paper()),
        ("venues of a newer version:x", paper()),
    ],
)
def test_a_work_that_it_need_not_hold(scope: str, record: Record) -> None:
    assert covers([manifest(scope)], record) == ""


@pytest.mark.parametrize(
    ("scope", "names", "others"),
    [
        (
            "NeurIPS",
            "NIPS | Advances in Neural Information Processing Systems 30 | Neural Information Processing Systems (NIPS)",
            "NeurIPS Workshop on Looms | Neural Networks | Machine Learning | PMLR | Lecture Notes in Computer Science",
        ),
        (
            "NeurIPS",
            "NIPS",
            "ICONIP: International Conference on Neural Information Processing | NeurIPS Datasets and Benchmarks",
        ),
        (
            "ACL",
            "Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics | ACL 2020",
            "NAACL | EACL | Findings of the Association for Computational Linguistics: EMNLP 2020 | ACL Workshop on Looms",
        ),
        (
            "ACL",
            "ACL",
            "Proceedings of the 2019 Conference of the North American Chapter of the ACL | ACL Student Research Workshop",
        ),
        (
            "ICML",
            "International Conference on Machine Learning",
            "European Conference on Machine Learning | Machine Learning",
        ),
        ("Nature", "Nature", "Nature Communications | Nature Physics | Science"),
        ("Physical Review Letters", "Phys. Rev. Lett. | PRL", "Phys. Rev. A | Physics Letters B"),
    ],
)
def test_a_venue_by_its_other_names(scope: str, names: str, others: str) -> None:
    def covered(name: str) -> bool:
        return bool(covers([manifest(f"venue:{scope}")], paper(2020, container_title=name), is_surely))

    assert [name for name in names.split(" | ") if not covered(name)] == []
    assert [name for name in others.split(" | ") if covered(name)] == []


def test_nothing_is_inferred_from_presence() -> None:
    many = Source(
        "x", "records", (), DATE, records=10_000_000, years={"2018": 10_000_000}, identifiers={"arxiv": 10_000_000}
    )
    assert covers([Manifest("", 1, 1, (many,))], paper(arxiv_id="1804.01234")) == ""


def test_years_that_were_left_out_when_it_was_built() -> None:
    assert covers([manifest("years:2018", since=2019)], paper()) == ""
    assert covers([manifest("arxiv", since=2019)], paper(arxiv_id="1804.01234")) == ""
    assert covers([manifest("arxiv", since=2018)], paper(arxiv_id="1804.01234"))


def test_sources_declared_together_are_one_reason() -> None:
    sources = tuple(Source(f"/data/{name}", "bibtex", (), DATE, records=1) for name in ("a.bib", "b.bib"))
    whole = Manifest("", 2, 1, sources, complete=(Declared("years:2018", ("/data/a.bib", "/data/b.bib"), DATE),))
    (cover,) = coverage.covering([whole], paper())
    assert cover.reason == "a.bib and 1 more, of 2026-11-21, are declared complete for papers of 2018"


# --- the numbers of arXiv -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "value", "covered"),
    [
        ({"2104": [9, 0]}, "2104.00009", True),
        ({"2104": [9, 0]}, "2104.00010", False),  # it may have been cut off there
        ({"2104": [9, 1, 5]}, "2104.00009", False),
        ({"2104": [9000, 0]}, "2104.09001", False),
        ({"2104": [9000, 0], "2105": [9, 0]}, "2104.09001", False),
        ({"2104": [9000, 0], "2105": [9000, 1, 7]}, "2104.09001", False),
        (
            {"2104": [9000, 0], "2105": [9000, 0]},
            "2104.09001",
            True,
        ),  # the next month has begun: there was no such number
        ({"2112": [9000, 0], "2201": [9000, 0]}, "2112.09001", True),
        ({"2611": [9000, 0], "2612": [9000, 0]}, "2611.00001", False),  # not over on the day of the source
        ({"2104": [9, 0]}, "2199.00001", False),
        ({}, "2104.00001", False),
    ],
)
def test_a_number_of_a_month_without_gaps(months: dict[str, list[int]], value: str, covered: bool) -> None:
    assert bool(covers([manifest(months=months)], paper(2021, arxiv_id=value))) is covered


def test_a_preprint_without_a_number_needs_two_whole_years() -> None:
    months = {f"{year:02d}{month:02d}": [9000, 0] for year in (20, 21) for month in range(1, 13)} | {"2201": [9000, 0]}
    asked = paper(2021, container_title="arXiv preprint")
    assert covers([manifest(months=months)], asked).endswith("every arXiv number of 2020 and 2021")
    assert not covers([manifest(months=months)], paper(2020, container_title="arXiv preprint"))
    assert not covers([manifest(months=months)], paper(2021, container_title="Nature"))
    assert not covers([manifest(months={**months, "2007": [9000, 1, 4]})], asked)


numbers = st.lists(st.integers(1, 30), max_size=30)


@given(numbers, numbers)
def test_months_are_the_same_at_once_or_bit_by_bit(first: list[int], then: list[int]) -> None:
    a, b = ([210400000 + each for each in part] for part in (first, then))
    whole = coverage.months([*a, *b])
    assert coverage.months(b, coverage.months(a)) == whole
    if first or then:
        have = {*first, *then}
        gaps = [each for each in range(1, max(have)) if each not in have]
        assert whole == {"2104": [max(have), len(gaps), *gaps]}


def test_a_month_with_many_gaps_is_kept_as_a_count_and_never_becomes_whole_by_accident() -> None:
    few = coverage.months([210400001, 210401000])
    assert few == {"2104": [1000, 998]}
    assert coverage.months([210400500], few)["2104"][1] > 0
    assert coverage.months([210400000 + each for each in range(1, 1001)], few) == {"2104": [1000, 0]}


# --- by the command line --------------------------------------------------------------------------------------------------


def source(folder: Path, *values: str, name: str = "dump.jsonl") -> str:
    path = folder / name
    work = {"author": [{"family": "Lee"}], "issued": {"parts": [2021]}}
    lines = [json.dumps({"title": f"Paper {value}", "arxiv_id": value, **work}) + "\n" for value in values]
    path.write_text("".join(lines))
    return str(path)


def test_building_declares_and_info_shows_it(tmp_path: Path) -> None:
    dump, known = source(tmp_path, "2104.00001", "2104.00002"), str(tmp_path / "known")
    made = bibtools(
        "index", "build", dump, "--to", known, "--complete", "years:1990-2020", "--complete", f"{dump}=venue:CLEF"
    )
    assert made.exit_code == 0, made.output
    shown = bibtools("index", "info", "--index", known).output
    assert "for papers of 1990 to 2020" in shown
    assert "for CLEF" in shown
    (told,) = json.loads(bibtools("index", "info", "--index", known, "--format", "json").output)["indexes"]
    assert [each["scope"] for each in told["complete"]] == ["years:1990-2020", "venue:CLEF"]
    assert told["sources"][0]["months"] == {"2104": [2, 0]}
    opened = index.open(known)
    assert opened.covering(paper(2019))[0].reason.endswith("declared complete for papers of 1990 to 2020")
    assert opened.covering(paper(2021, arxiv_id="2104.00002"))
    assert not opened.covering(paper(2021, arxiv_id="2104.00003"))


def test_an_update_keeps_what_is_declared_and_fills_gaps(tmp_path: Path) -> None:
    dump, known = source(tmp_path, "2104.00001", "2104.00003"), tmp_path / "known"
    api.build_index([dump], known, complete=["arxiv:2021"])
    other = source(tmp_path, "2105.00001", name="other.jsonl")
    made = api.update_index([other], known, complete=["years:2020"])
    assert [(each.scope, len(each.sources)) for each in made.complete] == [("arxiv:2021", 1), ("years:2020", 1)]
    source(tmp_path, "2104.00001", "2104.00002", "2104.00003")
    made = api.update_index([dump], known, complete=["arxiv:2021"])
    assert [each.scope for each in made.complete] == ["years:2020", "arxiv:2021"]
    assert made.sources[0].months == {"2104": [3, 0]}


def test_what_was_declared_ends_with_the_day_it_was_declared_of(tmp_path: Path) -> None:
    dump, known = source(tmp_path, "2104.00001"), tmp_path / "known"
    made = api.build_index([dump], known, complete=["arxiv"])
    assert made.complete[0].date == made.sources[0].date


def test_a_declaration_that_the_numbers_contradict(tmp_path: Path) -> None:
    dump = source(tmp_path, "2104.00001", "2104.00007")
    made = bibtools("index", "build", dump, "--to", str(tmp_path / "known"), "--complete", "arxiv")
    assert "declared complete for arXiv, but 5 numbers are missing in 1 month of it" in made.output
    other = tmp_path / "refs.bib"
    other.write_text("@article{a, title={On the analytical engine}, author={Ada Lovelace}, year=1843}")
    made = bibtools("index", "build", str(other), "--to", str(tmp_path / "known"), "--complete", "arxiv")
    assert "has no arXiv number" in made.output


def test_a_wrong_scope_costs_nothing(tmp_path: Path) -> None:
    dump, known = source(tmp_path, "2104.00001"), tmp_path / "known"
    made = bibtools("index", "build", dump, "--to", str(known), "--complete", "everything")
    assert made.exit_code == 2
    assert "venue:NAME" in made.output
    assert not known.exists()


def test_an_index_from_before_declarations_is_still_read(tmp_path: Path) -> None:
    index.build(
        tmp_path, "works", [index.Feed(Source("a", "records"), [Record(title="A title", author=(Name(family="Lee"),))])]
    )
    generation = generations.current(tmp_path, "works")
    assert generation is not None
    path = generation / generations.MANIFEST
    values = json.loads(path.read_text())
    del values["complete"], values["sources"][0]["months"]
    path.write_text(json.dumps(values))
    assert index.open(tmp_path).covering(paper()) == ()
    assert bibtools("index", "info", "--index", str(tmp_path)).exit_code == 0
