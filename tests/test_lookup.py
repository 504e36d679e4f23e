"""`lookup`: the one work that a text surely means, or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools import api, index
from bibtools.cli import main
from bibtools.index import Source
from bibtools.record import Date, Name, Record
from tests.conftest import SAMPLES, SHARED


def work(title: str, people: str, year: int = 2000, **more: str) -> Record:
    author = tuple(
        Name(family=person.split()[-1], given=" ".join(person.split()[:-1])) for person in people.split(", ")
    )
    return Record(title=title, author=author, issued=Date((year,)), **more)  # type: ignore[arg-type]


WORKS = [
    work(
        "Attention Is All You Need",
        "Ashish Vaswani, Noam Shazeer",
        2017,
        arxiv_id="1706.03762",
        container_title="NeurIPS",
    ),
    work("Attention Is All You Need", "Ashish Vaswani, Noam Shazeer", 2017, arxiv_id="1706.03762"),
    work("Attention Is All You Need In Speech Separation", "Cem Subakan", 2021),
    work("Deep Learning", "Yann LeCun, Yoshua Bengio", 2015, container_title="Nature", doi="10.1038/nature14539"),
    work("BERT: Pre-training of Deep Bidirectional Transformers", "Jacob Devlin, Kenton Lee", 2019),
    work("Introduction", "John Smith", 1999),
    work("Introduction", "John Smith", 2005),
    work("Ring lasers: a review", "Anna Klein", 2005),
    work("Homoclinic snaking", "Hadi Susanto, Paul Matthews", 2011),
    work("Grammars of trees", "Serge Boisvert", 1973),
    *(
        work(f"Filler {word} number {n}", f"Some Body{n}")
        for n in range(40)
        for word in ("deep", "grammar", "ring", "review")
    ),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    index.build(folder, "works", [index.Feed(Source("here.jsonl", "records"), WORKS)])
    return folder


def bibtools(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=text)


ANSWERED = [
    ("attention is all you need vaswani", "Attention Is All You Need"),
    ("Vaswani attention is all you need", "Attention Is All You Need"),
    ("Attention is all you need", "Attention Is All You Need"),
    (
        "Vaswani, A., & Shazeer, N. (2017). Attention is all you need. In Proceedings of NIPS, pp. 5998-6008.",
        "Attention Is All You Need",
    ),
    ("A. Vaswani et al., “Attention is all you need,” in Advances, vol. 30, 2017", "Attention Is All You Need"),
    ("arXiv:1706.03762", "Attention Is All You Need"),
    ("https://doi.org/10.1038/nature14539", "Deep Learning"),
    ("deep learning lecun", "Deep Learning"),
    ("LeCun Y, Bengio Y. Deep learning. Nature 2015; 521: 436", "Deep Learning"),
    ("bert devlin", "BERT: Pre-training of Deep Bidirectional Transformers"),
    ("homoclinic snaking matthews", "Homoclinic snaking"),
    ("homoclinik snaking matthews", "Homoclinic snaking"),
]


@pytest.mark.parametrize(("query", "title"), ANSWERED)
def test_a_question_with_a_sure_answer(place: Path, query: str, title: str) -> None:
    (found,) = api.look_up([query], index.open(place))
    assert found.hit is not None, found.reason
    assert found.hit.record.title == title


NOT_ANSWERED = [
    "deep learning for wheat rust lecun",  # another title that begins alike
    "LeCun, Y. Deep learning, wheat and rust detection",
    "homoclinic snaking in continuous and discrete systems, Susanto and Matthews",
    "grammar of trees boisvert",  # no misspelling: both are words
    "ring lasers klein",  # a phrase, not a name, without its subtitle
    "attention is all you need knuth",  # nobody of its authors
    "introduction smith",  # two works fit equally
    "deep learning",  # too short to stand without a name
    "attention need",
    "10.1038/nature99999",
    "zyxwv",
]


@pytest.mark.parametrize("query", NOT_ANSWERED)
def test_a_question_without_a_sure_answer(place: Path, query: str) -> None:
    (found,) = api.look_up([query], index.open(place))
    assert found.hit is None, found.reason
    assert found.reason


def test_a_year_that_differs_is_told(place: Path) -> None:
    run = bibtools("lookup", "Vaswani: Attention is all you need, 2018", "--index", str(place))
    assert run.exit_code == 0
    assert "asked for 2018; the work is of 2017" in run.stderr
    assert "@inproceedings{vaswani2017attention" in run.stdout or "vaswani2017" in run.stdout


def test_the_published_copy_is_the_answer(place: Path) -> None:
    run = bibtools("lookup", "1706.03762", "--index", str(place), "--to", "csljson")
    assert json.loads(run.stdout)[0]["container-title"] == "NeurIPS"


def test_no_answer_is_no_output_and_status_1(place: Path) -> None:
    run = bibtools("lookup", "attention need", "--index", str(place))
    assert (run.exit_code, run.stdout) == (1, "")
    assert "near: Attention Is All You Need (Vaswani and Shazeer, 2017)" in run.stderr


def test_no_question_is_an_error(place: Path) -> None:
    run = bibtools("lookup", " ", "--index", str(place))
    assert run.exit_code == 2
    assert "nothing to look up" in run.stderr


def test_many_questions_by_standard_input(place: Path) -> None:
    run = bibtools(
        "lookup", "-", "--index", str(place), text="bert devlin\n\nnothing like it\ndeep learning lecun\nbert devlin\n"
    )
    assert run.exit_code == 1
    assert run.stdout.count("@") == 2
    assert "2 works found, 1 not" in run.stderr


def test_candidates_are_one_list_a_question(place: Path) -> None:
    words = ["lookup", "attention is all you need", "10.1038/nature14539", "--candidates", "3", "--format", "json"]
    first, second = (json.loads(line) for line in bibtools(*words, "--index", str(place)).stdout.splitlines())
    assert len(first) == 3
    assert [each["work"]["title"] for each in first[:2]] == ["Attention Is All You Need"] * 2
    assert second[0]["how"] == "doi" and second[0]["score"] == 1.0


def test_a_lookup_can_be_merged(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "refs.bib"
    target.write_text((SAMPLES / "refs.bib").read_text())
    found = bibtools("lookup", "bert devlin", "--index", str(place))
    assert bibtools("merge", str(target), "-", text=found.stdout).exit_code == 0
    assert "BERT" in target.read_text()


def test_a_file_of_titles_is_converted(place: Path, tmp_path: Path) -> None:
    titles = tmp_path / "titles.txt"
    titles.write_text("attention is all you need vaswani\nno such title anybody\ndeep learning lecun\n")
    run = bibtools("convert", str(titles), "--from", "titles", "--index", str(place))
    assert run.exit_code == 0
    assert run.stdout.count("@") == 2
    assert f"{titles}:2: error: nothing" in run.stderr
    assert bibtools("convert", str(titles), "--from", "titles", "--index", str(place), "--strict").exit_code == 1


def test_the_key_of_a_bibliography_stays_and_of_a_service_does_not(tmp_path: Path) -> None:
    for name, key in (("bibtex", "mine"), ("crossref", "")):
        index.build(tmp_path / name, "works", [index.Feed(Source("x", name), [WORKS[3].replace(id="mine")])])
        (found,) = api.look_up(["10.1038/nature14539"], index.open(tmp_path / name))
        assert found.hit is not None
        assert api.keyed(found.hit).id == key


def test_without_an_index_the_message_says_what_to_do(tmp_path: Path) -> None:
    run = bibtools("lookup", "anything", "--index", str(tmp_path / "none"))
    assert run.exit_code == 2
    assert "make one with `bibtools index build SOURCE...`" in run.stderr


def test_the_index_can_be_named_in_the_configuration(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".bibtools.toml").write_text(f"index = [{json.dumps(str(place))}]\n")
    monkeypatch.chdir(tmp_path)
    assert bibtools("lookup", "bert devlin").exit_code == 0


@pytest.mark.parametrize(
    "query", ["\x1b[31m evil \x1b[0m", "\x00", "a" * 100_000, "((((", "\\" * 5000, "{" * 5000, "10." * 2000, "١٢٣"]
)
def test_hostile_questions(place: Path, query: str) -> None:
    run = bibtools("lookup", query, "--index", str(place))
    assert run.exit_code in (1, 2)
    assert "\x1b" not in run.output and "Traceback" not in run.output


def test_absent_works_are_not_answered(tmp_path: Path) -> None:
    """Titles of the shared set that the index lacks, with their authors, among 60,000 real works."""
    if not (SHARED / "verify").is_dir():
        pytest.skip("the shared data set is not beside the repository")
    import csv
    import lzma
    import re
    from itertools import islice

    from bibtools import fold

    batch = api.read_inputs([str(SHARED / "verify" / "made.bib")]).batch()
    with (SHARED / "verify" / "made.truth.csv").open(encoding="utf-8") as file:
        absent = {row["key"] for row in csv.DictReader(file) if row["class"] == "absent"}

    def plain(title: str) -> str:
        return re.sub(r"[^a-z0-9]", "", fold.text(title))

    asked = [record for record in batch.records if record.id in absent]
    without = {plain(record.title) for record in asked}
    with lzma.open(SHARED / "works" / "works.jsonl.xz", "rt", encoding="utf-8") as lines:
        values = [json.loads(line) for line in islice(lines, 60_000)]
    works = [
        Record(title=value["t"], author=tuple(Name(family=name.split()[-1]) for name in value["a"] if name.split()))
        for value in values
        if plain(value["t"]) not in without
    ]
    index.build(tmp_path, "works", [index.Feed(Source("x", "records"), works)])
    queries = [f"{record.title} {', '.join(name.surname for name in record.author)}" for record in asked]
    answers = [found for found in api.look_up(queries, index.open(tmp_path)) if found.hit]
    assert len(answers) <= 2, [(found.query, found.hit and found.hit.record.title) for found in answers]
