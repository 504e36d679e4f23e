"""A person's word that an entry is right: kept with the other decisions, used until the entry changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given

from bibtools import api, normalise
from bibtools.api.verifying import Verification, accept, answered
from bibtools.cli import main
from bibtools.merging import decisions as decided
from bibtools.merging.decisions import Decisions, accepts, dumps, loads
from bibtools.record import Date, Name, Record
from bibtools.verdict import Answer
from bibtools.verify import Judgement, Standing
from tests.conftest import SAMPLES
from tests.strategies import records as any_record

ENTRY = Record(
    id="lovelace", type="article-journal", title="On the Engine", author=(Name("Lovelace", "Ada"), Name("Babbage", "Charles")),
    issued=Date((1843,)), container_title="Notes", volume="3", page="1–9", doi="10.1000/engine",
)  # fmt: skip
KNOWN = decided.accept(Decisions(), ENTRY, "differs")


def test_an_entry_is_accepted_as_it_stands() -> None:
    assert accepts(KNOWN, ENTRY, "differs")
    assert accepts(KNOWN, ENTRY, "chimera")
    assert not accepts(Decisions(), ENTRY, "differs")


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "On the Engines"},
        {"author": ENTRY.author[:1]},
        {"author": ENTRY.author[::-1]},
        {"author": (Name("Lovelace", "A."), ENTRY.author[1])},
        {"author": (), "editor": ENTRY.author},
        {"authors_truncated": True},
        {"issued": Date((1842,))},
        {"container_title": "Memoirs"},
        {"volume": "4"},
        {"page": "1–10"},
        {"doi": "10.1000/other"},
        {"arxiv_id": "2104.00001"},
        {"type": "book"},
    ],
)
def test_a_change_of_any_field_that_is_verified_asks_again(changed: dict[str, object]) -> None:
    assert not accepts(KNOWN, ENTRY.replace(**changed), "differs")


@pytest.mark.parametrize(
    "changed",
    [{"id": "other"}, {"title": "ON THE ENGINE"}, {"note": "x"}, {"keyword": ("a",)}, {"abstract": "y"}],
)
def test_a_key_and_harmless_form_do_not(changed: dict[str, object]) -> None:
    assert accepts(KNOWN, ENTRY.replace(**changed), "differs")


def test_a_later_retraction_is_news() -> None:
    assert not accepts(KNOWN, ENTRY, "retracted", news="retracted")
    assert accepts(decided.accept(KNOWN, ENTRY, "retracted"), ENTRY, "retracted", news="retracted")


def test_the_file_keeps_them_and_what_is_newer() -> None:
    text = dumps(KNOWN)
    assert loads(text) == KNOWN
    assert dumps(loads(text)) == text
    newer = json.dumps({**json.loads(text), "filled": {"a": 1}})
    assert json.loads(dumps(loads(newer)))["filled"] == {"a": 1}
    assert "accepted" not in json.loads(dumps(Decisions()))


@pytest.mark.parametrize(
    "value", [3, {}, [3], [{"key": "a"}], [{"fingerprint": 3}], [{"fingerprint": "x", "key": None}], "x"]
)
def test_what_is_not_understood_is_a_problem_and_not_lost(value: object) -> None:
    text = json.dumps({"format": "bibtools verdicts", "version": 1, "pairs": [], "accepted": value})
    assert loads(text).problem


def test_a_second_answer_takes_the_place_of_the_first() -> None:
    changed = decided.accept(KNOWN, ENTRY.replace(volume="4"), "differs")
    assert len(changed.accepted) == 1
    assert len(decided.accept(KNOWN, ENTRY.replace(title="Another"), "differs").accepted) == 2


def test_a_word_about_a_pair_leaves_them() -> None:
    both = decided.remember(KNOWN, ENTRY, ENTRY.replace(id="b", title="Other"), Answer.DIFFERENT)
    assert both.accepted == KNOWN.accepted
    assert loads(dumps(both)) == both


@given(any_record())
def test_any_record_can_be_accepted(record: Record) -> None:
    known = loads(dumps(decided.accept(Decisions(), record, "differs")))
    assert accepts(known, record, "differs")


def test_reading_it_again_is_no_change() -> None:
    text = "@article{a, title={On the \\'Engine}, author={Ada Lovelace and others}, year=1843, pages={1--9}, journal={Notes}}"
    (one,) = api.read_records(text).records
    known = decided.accept(Decisions(), one, "differs")
    (again,) = api.read_records(text.replace("{On the", "{{On} the").replace("Ada Lovelace", "Lovelace, Ada")).records
    assert accepts(known, again, "differs")
    assert accepts(known, normalise.normalise(one), "differs")


# --- with a verification ------------------------------------------------------------------------------------------------


def verification(standing: Standing = Standing.DIFFERS, entry: Record = ENTRY) -> Verification:
    return Verification(
        (Judgement(entry.id, standing, entry), Judgement("b", Standing.VERIFIED, Record(id="b", title="B")))
    )


@pytest.mark.parametrize("standing", [each for each in Standing if each is not Standing.VERIFIED])
def test_an_accepted_entry_is_no_alarm(standing: Standing) -> None:
    known = accept(verification(standing), ["lovelace"], Decisions())
    told = answered(verification(standing), known)
    assert told.judgements[0].accepted
    assert not told.judgements[1].accepted
    assert not told.judgements[0].alarming
    assert told.judgements[0].standing is standing
    assert not answered(verification(standing, ENTRY.replace(volume="9")), known).judgements[0].accepted


def test_a_verified_entry_needs_no_answer_and_an_unknown_one_has_none() -> None:
    assert accept(verification(), ["b"], Decisions()) == Decisions()
    with pytest.raises(api.InputError, match="no entry 'c'"):
        accept(verification(), ["c"], Decisions())


def test_merge_and_dedupe_keep_them(tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(
        "@article{a, title={A study of gears and engines}, author={Ada Lovelace}, year=1843}\n"
    )
    (tmp_path / "new.bib").write_text(
        "@article{b, title={On the weaving of algebra}, author={Ada Lovelace}, year=1844}\n"
    )
    held = tmp_path / decided.FILE_NAME
    held.write_text(dumps(KNOWN))
    refs = str(tmp_path / "refs.bib")
    for command in (["merge", refs, str(tmp_path / "new.bib")], ["dedupe", refs, "--write"]):
        assert CliRunner().invoke(main, command).exit_code == 0
        assert held.read_text() == dumps(KNOWN)


# --- by the command line --------------------------------------------------------------------------------------------------


@pytest.fixture
def refs(tmp_path: Path) -> Path:
    """A .bib of samples with an index beside it."""
    for name in ("refs.bib", "works.bib", "retractions.csv"):
        (tmp_path / name).write_bytes((SAMPLES / "verify" / name).read_bytes())
    made = bibtools("index", "build", tmp_path / "works.bib", tmp_path / "retractions.csv", "--to", tmp_path / "known")
    assert made.exit_code == 0, made.output
    return tmp_path / "refs.bib"


def bibtools(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in words])


def verify(refs: Path, *more: str | Path) -> dict[str, dict[str, object]]:
    found = bibtools("verify", refs, "--index", refs.parent / "known", "--format", "json", *more)
    assert found.exit_code in (0, 1), found.output
    return {each["key"]: each for each in json.loads(found.stdout)["entries"]}


def test_accepting_by_key_is_remembered_until_the_entry_changes(refs: Path) -> None:
    assert verify(refs)["differs"]["verdict"] == "differs"
    shown = bibtools("verify", refs, "--index", refs.parent / "known", "--accept", "differs,chimera")
    assert "[differs]" not in shown.stdout
    assert "[identifier-mismatch]" in shown.stdout
    held = json.loads((refs.parent / decided.FILE_NAME).read_text())
    assert [each["key"] for each in held["accepted"]] == ["chimera", "differs"]
    told = verify(refs)
    assert told["differs"]["verdict"] == "differs"
    assert told["differs"]["accepted"] is True
    assert not told["identifier-mismatch"].get("accepted")
    refs.write_text(refs.read_text().replace("year = {1983}", "year = {1984}"))
    assert not verify(refs)["differs"].get("accepted")
    assert verify(refs)["chimera"]["accepted"]


def test_what_is_accepted_is_no_alarm(refs: Path) -> None:
    keys = ("differs", "identifier-mismatch", "chimera", "retracted")
    assert bibtools("verify", refs, "--index", refs.parent / "known").exit_code == 1
    accepted = [word for key in keys for word in ("--accept", key)]
    assert bibtools("verify", refs, "--index", refs.parent / "known", *accepted).exit_code == 0
    assert bibtools("verify", refs, "--index", refs.parent / "known").exit_code == 0


def test_answers_in_a_file_of_their_own(refs: Path) -> None:
    own = refs.parent / "mine.json"
    verify(refs, "--accept", "differs", "--answers", own)
    assert not (refs.parent / decided.FILE_NAME).exists()
    assert verify(refs, "--answers", own)["differs"]["accepted"]
    assert not verify(refs)["differs"].get("accepted")


def test_a_key_that_is_not_there(refs: Path) -> None:
    failed = bibtools("verify", refs, "--index", refs.parent / "known", "--accept", "difers")
    assert failed.exit_code == 2
    assert "difers" in failed.output
    assert "differs" in failed.output
    assert not (refs.parent / decided.FILE_NAME).exists()


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"format": "bibtools verdicts", "pairs": [], "accepted": [3]}'])
def test_answers_that_are_not_understood_are_left_alone(refs: Path, text: str) -> None:
    (refs.parent / decided.FILE_NAME).write_text(text)
    failed = bibtools("verify", refs, "--index", refs.parent / "known", "--accept", "differs")
    assert failed.exit_code == 2
    assert (refs.parent / decided.FILE_NAME).read_text() == text
    missing = bibtools("verify", refs, "--index", refs.parent / "known", "--answers", refs.parent / "none.json")
    assert missing.exit_code == 2


def test_the_sample_has_one_of_each_verdict(refs: Path) -> None:
    words = [refs.parent / "works.bib", refs.parent / "retractions.csv", "--to", refs.parent / "known"]
    assert bibtools("index", "build", *words, "--complete", "venue:Numerische Mathematik:1959").exit_code == 0
    assert {key: told["verdict"] for key, told in verify(refs).items()} == {str(each): str(each) for each in Standing}
