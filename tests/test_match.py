"""Matching: the readable table of pairs, and the laws that hold whatever the records are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import match
from bibtools.cli.match import match as command
from bibtools.record import Date, Name, Record
from bibtools.verdict import Answer, Verdict

CASES = Path(__file__).parent / "match_cases.txt"
FIELDS = {
    "t": "title", "j": "container_title", "v": "volume", "n": "issue", "p": "page", "d": "doi", "k": "type", "e": "edition",
    "b": "publisher", "x": "arxiv_id", "i": "isbn", "s": "abstract",
    "vt": "volume_title", "nv": "number_of_volumes", "r": "version",
}  # fmt: skip


def people(text: str) -> tuple[Name, ...]:
    return tuple(person(each.strip()) for each in text.rstrip("+ ").split("&") if each.strip())


def person(text: str) -> Name:
    family, comma, given_name = text.partition(", ")
    return Name(family=family, given=given_name) if comma else Name(literal=text)


def record(text: str, like: Record | None = None) -> Record:
    """A record as a line of the table says it; `like` gives the fields it does not name."""
    found = like or Record(type="article-journal")
    for part in filter(None, (each.strip() for each in text.lstrip("! ").split("; "))):
        letter, _, value = part.rstrip(";").partition("=")
        if letter == "a":
            found = replace(found, author=people(value), authors_truncated=value.endswith("+"))
        elif letter == "g":
            found = replace(found, editor=people(value))
        elif letter == "y":
            found = replace(found, issued=Date(parts=(int(value),)) if value else Date())
        else:
            found = replace(found, **{FIELDS[letter]: value})
    return found


def cases() -> Iterator[tuple[str, str, Record, Record]]:
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            verdict, note, left, right = (each.strip() for each in line.split(" | "))
            first = record(left)
            yield verdict, note, first, record(right, None if right.startswith("!") else first)


def told(verdict: Verdict) -> str:
    return "version" if verdict.answer is Answer.SAME and not verdict.same_version else str(verdict.answer)


EXPECTED = {"same?": {"same", "unsure"}, "apart": {"unsure", "different"}}


@pytest.mark.parametrize(("expected", "note", "left", "right"), [pytest.param(*each, id=each[1]) for each in cases()])
def test_every_pair_of_the_table(expected: str, note: str, left: Record, right: Record) -> None:
    for records in ((left, right), (right, left)):
        verdict = match.explain(records, 0, 1)
        assert told(verdict) in EXPECTED.get(expected, {expected}), f"{verdict.score} {verdict.reason}"


def test_the_table_is_large_and_its_notes_are_unique() -> None:
    notes = [note for _, note, _, _ in cases()]
    assert len(notes) >= 150
    assert len(set(notes)) == len(notes)


def test_pairs_and_explain_agree_on_the_whole_table() -> None:
    for _, note, left, right in cases():
        explained = match.explain((left, right), 0, 1)
        listed = match.pairs((left, right))
        if explained.answer is Answer.DIFFERENT:
            assert not listed, note
        else:
            assert [(each.answer, each.score) for each in listed] == [(explained.answer, explained.score)], note


# --- laws


def library(seed: int, works: int = 25) -> list[Record]:
    """Distinct works with a few copies each."""
    draw = random.Random(seed)
    words = (
        "amber basalt cedar delta ermine fjord glacier heron isotope juniper krill lichen moraine nectar osprey".split()
    )
    families = ["Adler", "Brandt", "Castro", "Dufour", "Eriksen", "Fontana", "Garcia", "Hoffmann"]
    made = []
    for number in range(works):
        author = tuple(Name(family=each, given="Ada Mary") for each in draw.sample(families, draw.randint(1, 3)))
        work = Record(
            id=f"work{number}",
            type="article-journal",
            title=" ".join(draw.sample(words, 6)),
            author=author,
            container_title=draw.choice(("Journal of Ecology", "Polar Science")),
            volume=str(draw.randint(1, 40)),
            page=f"{draw.randint(1, 300)}",
            issued=Date(parts=(draw.randint(1980, 2020),)),
        )
        made.append(work)
        for copy in range(draw.randint(0, 2)):
            short = tuple(replace(each, given="A.") for each in author)
            made.append(replace(work, id=f"work{number}c{copy}", author=short, page="" if copy else work.page))
    return made


def by_id(records: list[Record], verdicts: tuple[Verdict, ...]) -> set[tuple[frozenset[str], str, float]]:
    return {(frozenset((records[v.left].id, records[v.right].id)), str(v.answer), v.score) for v in verdicts}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_order_of_the_records_does_not_matter(seed: int) -> None:
    records = library(seed)
    shuffled = records[:]
    random.Random(seed).shuffle(shuffled)
    first, second = match.pairs(records), match.pairs(shuffled)
    assert by_id(records, first) == by_id(shuffled, second)
    groups = {frozenset(records[each].id for each in group) for group in match.clusters(records, first)}
    assert groups == {frozenset(shuffled[each].id for each in group) for group in match.clusters(shuffled, second)}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_an_unrelated_record_changes_no_verdict(seed: int) -> None:
    records = library(seed)
    stranger = Record(id="stranger", title="Quantised vortices of helium", author=(Name(family="Onsager", given="L."),))
    before, after = match.pairs(records), match.pairs([*records, stranger])
    assert {each[:2] for each in by_id(records, before)} == {each[:2] for each in by_id([*records, stranger], after)}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_copies_are_found_and_works_stay_apart(seed: int) -> None:
    records = library(seed)
    groups = match.clusters(records, match.pairs(records))
    works = [{records[each].id.split("c")[0] for each in group} for group in groups]
    assert all(len(each) == 1 for each in works)
    assert sum(len(each) for each in groups) == sum(
        len(copies) for copies in _copies(records).values() if len(copies) > 1
    )


def _copies(records: list[Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in records:
        found.setdefault(each.id.split("c")[0], []).append(each.id)
    return found


TEXT = st.text(max_size=30) | st.sampled_from(
    ["", "Editorial", "1", "12-9", "II", "\x1b[31m", "𝔘", "a" * 3000, "$x$ & <i>"]
)
WILD = st.builds(
    lambda title, family, given_name, page, volume, doi, abstract, year: Record(
        title=title, author=(Name(family=family, given=given_name),), page=page, volume=volume, issue=page, doi=doi,
        abstract=abstract, container_title=volume, edition=page, isbn=doi, issued=Date(parts=(year,)) if year else Date(),
    ),
    TEXT, TEXT, TEXT, TEXT, TEXT, TEXT | st.just("10.1000/x"), TEXT, st.sampled_from([0, 1999, 2000, -44]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(WILD, max_size=8))
def test_no_record_is_too_wild(records: list[Record]) -> None:
    for verdict in match.pairs(records):
        assert verdict.left < verdict.right < len(records)
        assert verdict.reason
        again = match.explain(records, verdict.left, verdict.right)
        assert (again.score, again.evidence[:2]) == (verdict.score, verdict.evidence[:2])


def test_nothing_and_one_record() -> None:
    assert match.pairs([]) == ()
    assert match.pairs([Record(title="Alone")]) == ()
    assert match.pairs([], []) == ()
    assert match.clusters([], []) == ()


def same_work(number: int, **change: object) -> Record:
    return replace(
        Record(
            id=str(number),
            title=f"Mapping of rare habitats by kites in {chr(97 + number % 26) * 5}land",
            author=(Name(family=f"Ortega{chr(97 + number % 26)}", given="Luis"), Name(family="Ivers", given="Ruth")),
            container_title="Ibis",
            volume="7",
            page=str(100 + number),
            issued=Date(parts=(2001,)),
        ),
        **change,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("field", ["issue", "volume"])
def test_a_serial_number_in_a_field_neither_vetoes_nor_hides(field: str) -> None:
    records = [same_work(number // 2, **{field: str(number)}) for number in range(52)]
    assert len([each for each in match.pairs(records) if each.answer is Answer.SAME]) == 26


def test_a_field_on_which_all_agree_does_not_make_the_work_explode() -> None:
    from bibtools.match.candidates import candidates
    from bibtools.match.prepare import prepare

    records = [replace(same_work(number), title=f"{number} editorial", page="1") for number in range(3000)]
    left, _ = candidates(prepare(records))
    assert len(left) < 100 * len(records)


def test_no_chaining_through_a_poor_record() -> None:
    """A record without year and place fits both the conference paper and the journal article; they must not be joined by it."""
    paper = Record(
        id="paper", type="paper-conference", title="Bounds on the sample complexity of learning with noisy labels",
        author=(Name(family="Haussler", given="D."), Name(family="Kearns", given="M.")),
        container_title="Conference on Learning Theory", page="61-74", issued=Date(parts=(1991,)),
    )  # fmt: skip
    article = replace(
        paper, id="article", type="article-journal", container_title="Machine Learning Journal", page="83-113", volume="14",
        issued=Date(parts=(1994,)),
    )  # fmt: skip
    poor = replace(paper, id="poor", container_title="", page="", issued=Date())
    records = [paper, article, poor]
    groups = match.clusters(records, match.pairs(records))
    assert all(not {0, 1} <= set(group) for group in groups)


def test_an_empty_title_links_nothing() -> None:
    records = [same_work(1), same_work(2), replace(same_work(1), id="none", title="", page="", volume="", doi="")]
    assert all(2 not in (each.left, each.right) for each in match.pairs(records))


def test_a_persons_verdict_rules_the_groups() -> None:
    records = [same_work(1), replace(same_work(1), id="b"), replace(same_work(1), id="c")]
    verdicts = match.pairs(records)
    assert match.clusters(records, verdicts) == ((0, 1, 2),)
    apart = [replace(each, answer=Answer.DIFFERENT) if {each.left, each.right} == {0, 2} else each for each in verdicts]
    assert all(not {0, 2} <= set(group) for group in match.clusters(records, apart))
    joined = [*verdicts, Verdict(2, 3, Answer.SAME, 0.0)]
    assert match.clusters([*records, same_work(9)], joined) == ((0, 1, 2, 3),)


# --- two files


def test_linking_compares_across_only_and_counts_places_from_each_file() -> None:
    left = [same_work(1), replace(same_work(1), id="copy"), same_work(2)]
    right = [same_work(5), same_work(2)]
    assert [(each.left, each.right) for each in match.pairs(left, right)] == [(2, 1)]


def test_a_clean_file_gives_one_partner_at_most() -> None:
    left = [same_work(number) for number in range(20)]
    right = [replace(each, id="r" + each.id, page="") for each in left]
    right.append(replace(left[3], id="near", author=left[3].author[:1], page="", volume="", container_title=""))
    same = [each for each in match.pairs(left, right) if each.answer is Answer.SAME]
    assert len({each.left for each in same}) == len(same) == 20
    assert all(each.left == each.right for each in same)


def test_a_file_with_duplicates_may_give_several_partners() -> None:
    left = [same_work(number) for number in range(10)]
    right = [replace(each, id=f"{each.id}{copy}") for each in left for copy in "ab"]
    same = [each for each in match.pairs(left, right) if each.answer is Answer.SAME]
    assert len(same) >= 20 - 1 or len({each.right for each in same}) == 20


# --- words and command


def test_reasons_are_words() -> None:
    verdict = match.explain([same_work(1), same_work(1, page="", volume="8")], 0, 1)
    assert "same title" in verdict.reason
    assert "same 2 authors" in verdict.reason
    assert "volumes 7 and 8" in verdict.reason


BIB = """
@article{one, author = {Ortega, Luis and Ivers, Ruth}, title = {Mapping of rare habitats by kites}, journal = {Ibis},
  year = 2001, pages = {1--9}}
@article{two, author = {Ortega, L. and Ivers, R.}, title = {Mapping of rare habitats by kites}, journal = {Ibis},
  year = 2001, pages = {1-9}}
@article{three, author = {Chen, P.}, title = {Feathers of early birds}, journal = {Nature}, year = 1998}
"""


@pytest.fixture
def bib(tmp_path: Path) -> Path:
    path = tmp_path / "refs.bib"
    path.write_text(BIB, encoding="utf-8")
    return path


def test_command_shows_pairs_and_writes_csv(bib: Path, tmp_path: Path) -> None:
    shown = CliRunner().invoke(command, [str(bib)])
    assert shown.exit_code == 0
    assert "one two" in shown.stdout
    out = tmp_path / "pairs.csv"
    assert CliRunner().invoke(command, [str(bib), "--pairs", str(out)]).exit_code == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "id1,id2,score,reason"
    assert lines[1].startswith("one,two,")


def test_command_explains_any_pair(bib: Path) -> None:
    shown = CliRunner().invoke(command, [str(bib), "--explain", "one", "three"])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("different")
    assert "different titles" in shown.stdout


def test_command_links_two_files(bib: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.bib"
    other.write_text(BIB.replace("three", "drei"), encoding="utf-8")
    shown = CliRunner().invoke(command, [str(bib), str(other), "--pairs", "-"])
    assert shown.exit_code == 0
    assert "three,drei," in shown.stdout


@pytest.mark.parametrize("words", [["nowhere.bib"], ["--explain", "one", "nobody"]])
def test_command_says_what_is_wrong(bib: Path, words: list[str]) -> None:
    result = CliRunner().invoke(command, words if words == ["nowhere.bib"] else [str(bib), *words])
    assert result.exit_code == 2
    assert "bibtools:" in result.stderr


def test_command_is_safe_for_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "hostile.bib"
    path.write_text(BIB.replace("Mapping", "Mapping \x1b[31m"), encoding="utf-8")
    assert "\x1b" not in CliRunner().invoke(command, [str(path)]).stdout


# --- the labelled sets


@pytest.mark.parametrize(
    ("name", "f1", "precision"),
    [
        ("stroke", 0.997, 0.998),
        ("cytology_screening", 0.998, 0.999),
        ("respiratory", 0.994, 0.999),
        ("cora", 0.87, 0.93),
    ],
)
def test_labelled_sets_keep_their_quality(shared: Path, name: str, f1: float, precision: float, tmp_path: Path) -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("evaluate", shared / "matching" / "evaluate.py")
    assert spec and spec.loader
    evaluate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evaluate)
    out = tmp_path / "pairs.csv"
    result = CliRunner().invoke(command, [str(shared / "matching" / f"{name}.bib"), "--pairs", str(out)])
    assert result.exit_code == 0, result.output
    truth = evaluate.read_pairs(str(shared / "matching" / f"{name}.truth.csv"))
    figures, _ = evaluate.score(truth, evaluate.read_pairs(str(out)))
    assert figures["F1"] >= f1
    assert figures["precision"] >= precision
