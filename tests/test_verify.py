"""`verify`: a reference against the known works; a readable table of cases, laws, the command, hostile input."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import api, index
from bibtools.cli import main
from bibtools.index import Source
from bibtools.record import Date, Name, Record
from bibtools.verify import Asked, Judgement, Standing, Work, judge
from bibtools.verify.venue_names import agree
from tests import strategies
from tests.test_match import record

CASES = Path(__file__).parent / "verify_cases.txt"
ASKED = (Asked("known.jsonl", "2026-11-01"),)
PAPER = Record(
    id="x",
    title="Attention is all you need",
    author=(Name(family="Vaswani", given="Ashish"),),
    issued=Date((2017,)),
    type="paper-conference",
    container_title="NeurIPS",
)


def cases() -> Iterator[tuple[str, str, list[Record], Record]]:
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            verdict, note, known, cited = (each.strip() for each in line.split(" | "))
            first, *others = known.split(" + ")
            works = [record(first)]
            works += [record(each.lstrip("~"), works[0] if each.startswith("~") else None) for each in others]
            yield verdict, note, works, record(cited, None if cited.startswith("!") else works[0])


def told(judgement: Judgement) -> str:
    named = sorted({each.field for each in judgement.findings})
    named = named if judgement.standing is not Standing.UNRESOLVED else []
    return f"{judgement.standing}: {', '.join(named)}" if named else str(judgement.standing)


@pytest.mark.parametrize(("verdict", "note", "works", "entry"), [pytest.param(*each, id=each[1]) for each in cases()])
def test_the_table(verdict: str, note: str, works: list[Record], entry: Record) -> None:
    known = [Work(each, "known.jsonl", "2026-11-01") for each in works]
    judgement = judge(entry, known, ASKED)
    assert told(judgement) == verdict, judgement.reason
    assert judge(entry, known[::-1], ASKED) == judgement
    if verdict == "verified":  # and so it is with every known work among unrelated ones
        others = [Work(each, "other.jsonl") for _, _, several, _ in cases() for each in several if each not in works]
        held = judge(entry, [*others, *known], ASKED)
        assert held.standing is Standing.VERIFIED, held.reason


def test_nothing_to_ask_is_no_verdict_on_the_reference() -> None:
    assert judge(PAPER, ()).standing is Standing.UNRESOLVED
    assert judge(PAPER, (), [Asked("known.bib", failure="it is not there")]).standing is Standing.UNRESOLVED


def test_absence_says_something_only_where_a_source_is_complete() -> None:
    assert judge(PAPER, (), [Asked("known.bib")]).standing is Standing.NOT_CHECKABLE
    found = judge(PAPER, (), [Asked("known.bib", covers="it has all of 2017")])
    assert found.standing is Standing.NOT_FOUND
    assert "it has all of 2017" in found.reason
    assert "fabricat" not in found.reason


# --- names of venues --------------------------------------------------------------------------------------------------

ONE = """
Phys. Rev. Lett. = Physical Review Letters = PRL
NIPS = NeurIPS = Advances in Neural Information Processing Systems 30
J. Mach. Learn. Res. = JMLR = Journal of Machine Learning Research
Proc. Natl. Acad. Sci. U.S.A. = PNAS = Proceedings of the National Academy of Sciences of the United States of America
JAMA = Journal of the American Medical Association
J. Am. Chem. Soc. = JACS = Journal of the American Chemical Society
MNRAS = Monthly Notices of the Royal Astronomical Society
ApJ = The Astrophysical Journal = Astrophys. J.
IEEE Trans. Pattern Anal. Mach. Intell. = TPAMI = IEEE Transactions on Pattern Analysis and Machine Intelligence
Proc. CHI = CHI '20: CHI Conference on Human Factors in Computing Systems = CHI
The Web Conference 2019 = WWW = World Wide Web Conference
ICML = Proceedings of the 32nd International Conference on Machine Learning, ICML 2015, Lille, France
Lancet = The Lancet
Proc. Conf. Empir. Meth. Nat. Lang. = Proceedings of the 2011 Conference on Empirical Methods in Natural Language Processing
FAccT = Proceedings of the 2021 ACM Conference on Fairness, Accountability, and Transparency
ICASSP = 2015 IEEE International Conference on Acoustics, Speech and Signal Processing
Communications of the ACM = cacm
Journal of the ACM = JACM
WMT = Proceedings of the Third Conference on Machine Translation: Research Papers
"""
TWO = """
WMT = Machine Translation Summit X
ICML = Proceedings of the 2021 ACM Conference on Fairness, Accountability, and Transparency
NeurIPS = ICML
Nature = Science
Annals of Mathematics = Inventiones Mathematicae
Quarterly Journal of Economics = American Economic Review
ACL = Proceedings of the 2019 Conference of the North American Chapter of the Association for Computational Linguistics
IJCAI 2017 = IJCAI 2018
Computational Linguistics = COLING
"""
UNSAID = """
Lecture Notes in Computer Science = ECCV
CEUR Workshop Proceedings = International Semantic Web Conference
ACM Trans. Graph. = SIGGRAPH
Proc. ACM Program. Lang. = POPL
PMLR = ICML
ICLR Workshop = ICLR
Bioinformatics = arXiv
Proc. Int. Conf. Acoust. Speech = ICASSP
Proc. Int. Conf. Hum. Factors = CHI
"""


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (line, answer)
        for text, answer in ((ONE, True), (TWO, False), (UNSAID, None))
        for line in text.strip().splitlines()
    ],
)
def test_names_of_venues(line: str, answer: bool | None) -> None:
    names = line.split(" = ")
    for one in names:
        assert agree(one, one) is True
        for other in names:
            if one != other:
                assert agree(one, other) is answer, (one, other)


def test_a_small_meeting_that_a_source_names_may_be_beside_the_cited_one() -> None:
    assert agree("AAAI Conference on Artificial Intelligence", "Human Computation") is None
    assert agree("Symposium on Neural Scaling Laws", "NeurIPS") is False


# --- laws -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(entry=strategies.records(), works=st.lists(strategies.records(), max_size=4), seed=st.integers(0, 9))
def test_whatever_is_said_there_is_a_verdict_and_the_order_makes_no_difference(
    entry: Record, works: list[Record], seed: int
) -> None:
    known = [Work(each, "known.jsonl") for each in works]
    found = judge(entry, known, ASKED)
    random.Random(seed).shuffle(known)
    assert judge(entry, known, ASKED) == found


@settings(max_examples=60, deadline=None)
@given(entry=strategies.records())
def test_a_work_that_verifies_itself_is_never_accused(entry: Record) -> None:
    assert not judge(entry, [Work(entry, "known.jsonl")], ASKED).alarming


DAMAGES = {
    "issued": lambda work: work.replace(issued=Date((work.issued.year - 6,))),
    "author": lambda work: work.replace(author=(Name(family="Quist", given="Per"), *work.author[1:])),
    "container_title": lambda work: work.replace(container_title="International Symposium on Unheard Matters"),
    "title": lambda work: work.replace(title=work.title.replace(work.title.split()[-1], "parallelograms")),
}
PLACED = [
    work for _, _, (work, *_), _ in cases() if work.container_title and len(work.title.split()) > 5 and work.doi == ""
]


@pytest.mark.parametrize("field", DAMAGES)
def test_one_damaged_field_is_named_and_no_other(field: str) -> None:
    works = [work for work in PLACED if len(work.author) > 1 and 4 < len(work.container_title) < 60]
    assert len(works) > 8
    for work in works:
        known = work.replace(type="paper-conference")
        assert judge(known, [Work(known, "known.jsonl")], ASKED).standing is Standing.VERIFIED
        found = judge(DAMAGES[field](known), [Work(known, "known.jsonl")], ASKED)
        assert told(found) == f"differs: {field}", (work.title, found.reason)


def test_what_was_completed_is_verified(place: Path) -> None:
    known = index.open(place)
    text = """@article{x, title = {Soil carbon stocks after repeated boreal wildfire},
      author = {Lindqvist, Anna and others}, year = 2009}"""
    done = api.complete_bibliography(text, known)
    assert b"Ecosystems" in done.data
    (found,) = api.verify(api.read_records(done.data).records, known).judgements
    assert found.standing is Standing.VERIFIED


# --- the command ------------------------------------------------------------------------------------------------------


def bibtools(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=text)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    works = [PAPER, *(each for _, _, several, _ in cases() for each in several)]
    index.build(folder, "works", [index.Feed(Source("known.jsonl", "records", date="2026-11-01"), works)])
    return folder


BIB = """@inproceedings{x,
  title = {Attention is all you need},
  author = {Ashish Vaswani},
  year = 2017,
  booktitle = {Advances in Neural Information Processing Systems},
}
"""


def test_the_command_tells_what_is_wrong_and_where(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "refs.bib"
    file.write_text(BIB)
    run = bibtools("verify", str(file), "--index", str(place))
    assert run.exit_code == 0
    assert "1 entry: 1 verified" in run.output
    assert "asked: known.jsonl of 2026-11-01" in run.output
    file.write_text(BIB.replace("2017", "2011"))
    run = bibtools("verify", str(file), "--index", str(place), "--format", "json")
    assert run.exit_code == 1
    (entry,) = json.loads(run.stdout)["entries"]
    assert (entry["key"], entry["verdict"]) == ("x", "differs")
    (finding,) = entry["findings"]
    assert (finding["field"], finding["cited"], finding["known"]) == ("year", "2011", "2017")
    assert (finding["line"], finding["column"]) == (4, 3)


def test_every_output_is_written(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "refs.bib"
    file.write_text(BIB.replace("2017", "2011"))
    for name in ("text", "json", "github", "sarif", "html"):
        made = tmp_path / f"out.{name}"
        run = bibtools("verify", str(file), "--index", str(place), "--format", name, "-o", str(made))
        assert run.exit_code == 1
        assert "2011" in made.read_text(encoding="utf-8")


def test_no_index_is_nobody_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIBTOOLS_INDEX", str(tmp_path / "none"))
    run = bibtools("verify", "-", text=BIB)
    assert run.exit_code == 3
    assert "1 unresolved" in run.output
    assert bibtools("verify", "-", "--index", str(tmp_path / "none"), text=BIB).exit_code == 2


def test_what_a_document_cites(place: Path, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(BIB + BIB.replace("{x,", "{y,").replace("2017", "1999"))
    (tmp_path / "paper.tex").write_text("\\cite{x}\\bibliography{refs}")
    assert bibtools("verify", "--tex", str(tmp_path / "paper.tex"), "--index", str(place)).exit_code == 0
    assert bibtools("verify", str(tmp_path / "refs.bib"), "--index", str(place)).exit_code == 1


def test_an_old_key_that_is_cited_and_one_that_nobody_has(place: Path, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(BIB.replace("2017,", "1999, ids = {old, older},"))
    (tmp_path / "paper.tex").write_text("\\cite{older,nosuch}\\bibliography{refs}")
    run = bibtools("verify", "--tex", str(tmp_path / "paper.tex"), "--index", str(place))
    assert run.exit_code == 1 and "1 differs" in run.output
    assert "nosuch: cited, but in no bibliography" in run.stderr and "older:" not in run.stderr


def test_what_cannot_be_judged_stands_above_what_was_found(place: Path) -> None:
    unknown = "@misc{z, title = {Nobody has to know of this one}}\n"
    run = bibtools("verify", "-", "--index", str(place), text=BIB.replace("2017", "1999") + unknown)
    first, second, _, counts, *_ = run.stdout.splitlines()
    assert "not-checkable [z]" in first and "differs [x]" in second and counts.startswith("2 entries")


def test_one_unreadable_file_does_not_hide_the_others(place: Path, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(BIB)
    run = bibtools("verify", str(tmp_path / "none.bib"), str(tmp_path / "refs.bib"), "--index", str(place))
    assert run.exit_code == 2
    assert "1 verified" in run.output


def test_strict_fails_for_another_version(place: Path) -> None:
    text = """@misc{x, title = {Sparse attention over long genomes}, author = {Roy, Ana and Ito, Ken}, year = 2019,
      eprint = {1904.01234}, archiveprefix = {arXiv}}"""
    assert bibtools("verify", "-", "--index", str(place), text=text).exit_code == 0
    assert bibtools("verify", "-", "--index", str(place), "--strict", text=text).exit_code == 1


def test_the_command_says_what_the_library_says(place: Path, tmp_path: Path) -> None:
    entries = [entry.replace(id=f"k{number}") for number, (_, _, _, entry) in enumerate(cases())]
    file = tmp_path / "refs.jsonl"
    file.write_text("".join(api.write_records(entries, to="records")), encoding="utf-8")
    run = bibtools("verify", str(file), "--index", str(place), "--format", "json")
    said = {each["key"]: each["verdict"] for each in json.loads(run.stdout)["entries"]}
    own = api.verify(entries, index.open(place)).judgements
    assert said == {each.key: str(each.standing) for each in own}
    turned = api.verify(entries[::-1], index.open(place)).judgements
    assert {each.key: each.standing for each in turned} == {each.key: each.standing for each in own}


HOSTILE = (
    "@misc{x, title = {\x1b[2J\x07 ::set-output name=x::y}, author = {A B}}",
    "@misc{<script>, title = {<script>alert(1)</script>}, author = {<b>}, doi = {10.1000/<x>}}",
    "@misc{x, title = {" + "{" * 3000 + "}" * 3000 + "}}",
    "@misc{x, author = {"
    + " and ".join(f"A{n} B{n}" for n in range(10_000))
    + "}, title = {Attention is all you need}}",
    "@misc{x, title = {" + "word " * 20_000 + "}}",
    "@misc{x}",
    "@misc{, title = {}, author = {}, year = {}}",
    "@proceedings{x, title = {Attention is all you need}, year = 2017}",
    "@misc{x, title = {Attention is all you need}, author = {and and and}, year = {MMXVII}, pages = {--}, doi = {10.}}",
    "@phdthesis{x, title = {Attention is all you need}, author = {others}, school = {X}}",
    "@misc{x, title = {Attention is all you need}, eprint = {"
    + "9" * 400
    + "."
    + "9" * 400
    + "}, archiveprefix = {arXiv}}",
    "",
    "\x00\xff",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["text", "json", "github", "sarif", "html"])
def test_hostile_input(text: str, name: str, place: Path) -> None:
    run = bibtools("verify", "-", "--from", "bibtex", "--index", str(place), "--format", name, text=text)
    assert run.exit_code in (0, 1, 2, 3)
    assert run.exception is None or isinstance(run.exception, SystemExit)
    assert "\x1b" not in run.output
    if name == "html":
        assert "<script>alert" not in run.output
