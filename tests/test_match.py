"""Matching: the readable table of pairs, and the laws that hold whatever the records are."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import match, merging
from bibtools.change import Status
from bibtools.cli.match import match as command
from bibtools.merging import MergePolicy
from bibtools.record import Date, Name, Record
from bibtools.verdict import Answer, Linkage, Verdict

CASES = Path(__file__).parent / "match_cases.txt"
FIELDS = {
    "t": "title", "j": "container_title", "v": "volume", "n": "issue", "p": "page", "d": "doi", "k": "type", "e": "edition",
    "b": "publisher", "x": "arxiv_id", "i": "isbn", "s": "abstract", "u": "url", "h": "genre",
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
    assert len(notes) >= 320
    assert len(set(notes)) == len(notes)


def test_pairs_and_explain_agree_on_the_whole_table() -> None:
    for _, note, left, right in cases():
        explained = match.explain((left, right), 0, 1)
        listed = match.dedupe((left, right)).verdicts
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
    first, second = match.dedupe(records), match.dedupe(shuffled)
    assert by_id(records, first.verdicts) == by_id(shuffled, second.verdicts)
    groups = {frozenset(records[each].id for each in group) for group in first.clusters}
    assert groups == {frozenset(shuffled[each].id for each in group) for group in second.clusters}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_an_unrelated_record_changes_no_verdict(seed: int) -> None:
    records = library(seed)
    stranger = Record(id="stranger", title="Quantised vortices of helium", author=(Name(family="Onsager", given="L."),))
    before, after = match.dedupe(records).verdicts, match.dedupe([*records, stranger]).verdicts
    assert {each[:2] for each in by_id(records, before)} == {each[:2] for each in by_id([*records, stranger], after)}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_copies_are_found_and_works_stay_apart(seed: int) -> None:
    records = library(seed)
    groups = match.dedupe(records).clusters
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
    for verdict in match.dedupe(records).verdicts:
        assert verdict.left < verdict.right < len(records)
        assert verdict.reason
        again = match.explain(records, verdict.left, verdict.right)
        assert (again.score, again.evidence[:2]) == (verdict.score, verdict.evidence[:2])


def test_nothing_and_one_record() -> None:
    assert match.dedupe([]) == Linkage(0)
    assert match.dedupe([Record(title="Alone")]) == Linkage(1)
    assert match.link([], []) == Linkage(0)


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
    assert len([each for each in match.dedupe(records).verdicts if each.answer is Answer.SAME]) == 26


def test_a_field_on_which_all_agree_does_not_make_the_work_explode() -> None:
    from bibtools.match.blocking import candidates
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
    groups = match.dedupe(records).clusters
    assert all(not {0, 1} <= set(group) for group in groups)


def test_an_empty_title_links_nothing() -> None:
    records = [same_work(1), same_work(2), replace(same_work(1), id="none", title="", page="", volume="", doi="")]
    assert all(2 not in (each.left, each.right) for each in match.dedupe(records).verdicts)


def test_a_persons_answer_rules_the_groups() -> None:
    records = [same_work(1), replace(same_work(1), id="b"), replace(same_work(1), id="c"), same_work(9)]
    assert match.dedupe(records).clusters == ((0, 1, 2),)
    apart = match.dedupe(records, {(0, 2): Answer.DIFFERENT})
    assert all(not {0, 2} <= set(group) for group in apart.clusters)
    joined = match.dedupe(records, {(2, 3): Answer.SAME})
    assert {2, 3} <= set(next(group for group in joined.clusters if 3 in group))


# --- every route gives one answer


def routes(left: Record, right: Record) -> dict[str, str]:
    """What each way of asking says of two records."""
    explained = match.explain((left, right), 0, 1)

    def answer(linkage: Linkage) -> str:
        assert len(linkage.verdicts) <= 1
        found = linkage.verdicts[0].answer if linkage.verdicts else Answer.DIFFERENT
        assert (found is Answer.SAME) == (linkage.clusters == ((0, 1),))
        assert bool(linkage.questions()) == (found is Answer.UNSURE)
        return str(found)

    policy = MergePolicy()
    plan = merging.plan([left], [right], match.link([left], [right]), lambda new: ["new"] * len(new), policy)
    status = plan.outcomes[0].status
    merged = {Status.ADDED: "different", Status.UNSURE: "unsure"}.get(status, "same")
    if plan.outcomes[0].why.startswith("a second published version") or status is Status.INCOMPLETE:
        merged = str(explained.answer)  # one work, but two versions that are kept apart; or nothing to write
    return {
        "explain": str(explained.answer),
        "explain, the other way round": str(match.explain((right, left), 0, 1).answer),
        "dedupe": answer(match.dedupe((left, right))),
        "link": answer(match.link([left], [right])),
        "link, the other way round": answer(match.link([right], [left])),
        "merge": merged,
    }


def test_every_route_gives_one_answer_on_the_whole_table() -> None:
    for _, note, left, right in cases():
        left, right = replace(left, id="a"), replace(right, id="b")
        assert len(set(routes(left, right).values())) == 1, (note, routes(left, right))


@settings(max_examples=40, deadline=None)
@given(WILD, WILD)
def test_every_route_gives_one_answer_on_any_two_records(left: Record, right: Record) -> None:
    found = routes(replace(left, id="a"), replace(right, id="b"))
    assert len(set(found.values())) == 1, found


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_linking_two_files_says_what_deduplicating_both_says(seed: int) -> None:
    records = library(seed)
    random.Random(seed).shuffle(records)
    half = len(records) // 2
    whole, linked = match.dedupe(records), match.link(records[:half], records[half:])
    assert whole.clusters == linked.clusters
    across = {verdict for verdict in whole.verdicts if verdict.left < half <= verdict.right}
    assert across <= set(linked.verdicts)


def test_scores_do_not_depend_on_the_seed_of_hashing() -> None:
    code = (
        "import sys; sys.path.insert(0, '.'); from tests.test_match import library; from bibtools import match\n"
        "for seed in (1, 2, 3):\n"
        "    print([(v.left, v.right, v.score, str(v.answer)) for v in match.dedupe(library(seed, 80)).verdicts])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=Path(__file__).parent.parent,
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert len(outputs) == 1


def test_a_question_is_asked_once_for_two_groups() -> None:
    one = same_work(1)
    copies = [replace(one, id="a"), replace(one, id="b")]
    others = [replace(each, id=each.id + "2", issued=Date(parts=(2004,)), volume="", page="") for each in copies]
    linkage = match.dedupe([*copies, *others])
    assert linkage.clusters == ((0, 1), (2, 3))
    assert len(linkage.questions()) == 1


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
        ("respiratory", 0.99, 0.999),
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


def test_an_abstract_alone_joins_the_group_of_the_record_that_has_it() -> None:
    abstract = "Voices that speak at once are told from one another by a list of the people who are known to be there."
    entry = same_work(1)
    records = [entry, replace(entry, id="page", abstract=abstract), Record(abstract=abstract)]
    assert match.dedupe(records).clusters == ((0, 1, 2),)
