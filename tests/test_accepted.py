"""A person's word that an entry is right: kept with the other decisions, used until the entry changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given

from bibtools import api, normalise
from bibtools.api.verifying import Verification, accept, answered
from bibtools.cli import main
from bibtools.merging import decisions as decided
from bibtools.merging.decisions import Decisions, accepts, dumps, loads
from bibtools.record import Date, Name, Record
from bibtools.verdict import Answer
from bibtools.verify import Judgement, Standing
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
