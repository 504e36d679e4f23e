"""Labelled references, right and wrong: services that hold some works, and an index of the same works, give the same verdicts.
Skipped where the labels are not beside the repository."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from bibtools import api, index
from bibtools.api.verifying import asking_services
from bibtools.online.session import Options, Session
from bibtools.record import Record
from tests.conftest import ROOT
from tests.online.papers import Paper
from tests.online.server import ArxivServer, Clock, CrossrefServer

LABELS = ROOT.parent / "shared" / "verify" / "hallmark" / "dev_public.jsonl"
COUNT = 90


def references() -> list[tuple[Record, bool]]:
    """Some references with their labels, in an order that is always the same."""
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    random.Random(11).shuffle(rows)
    found = []
    for number, row in enumerate(rows[:COUNT]):
        fields = ",\n".join(f"  {name} = {{{value}}}" for name, value in row["fields"].items() if value)
        (record,) = api.read_records(f"@{row['bibtex_type']}{{k{number},\n{fields}\n}}", from_="bibtex").records
        found.append((record, row["label"] == "VALID"))
    return found


def paper(record: Record) -> Paper:
    return Paper(
        record.title, tuple((name.family or name.literal, name.given) for name in record.author), record.issued.year or 2000,
        doi=record.doi.lower(), arxiv=record.arxiv_id, venue=record.container_title, volume=record.volume,
        pages=record.page.replace("–", "-"), kind="proceedings-article",
    )  # fmt: skip


@pytest.mark.skipif(not LABELS.exists(), reason="no labelled references beside the repository")
def test_services_and_an_index_of_the_same_works_give_the_same_verdicts(tmp_path: Path, clock: Clock) -> None:
    labelled = references()
    records = [record for record, _ in labelled]
    works = [paper(record) for record, valid in labelled if valid]
    published = [each for each in works if each.doi and "48550" not in each.doi]
    preprints = [each for each in works if each.arxiv]
    with CrossrefServer(published, clock=clock) as crossref, ArxivServer(preprints, clock=clock) as arxiv:
        items = [crossref.work(each) for each in published]
        (tmp_path / "c.json").write_text(
            json.dumps({"status": "ok", "message": {"total-results": len(items), "items": items}})
        )
        sources = [str(tmp_path / "c.json")]
        if preprints:
            (tmp_path / "a.xml").write_text(arxiv.feed([arxiv.entry(each) for each in preprints], len(preprints)))
            sources.append(str(tmp_path / "a.xml"))
        api.build_index(sources, tmp_path / "known")
        offline = api.verify(records, index.open(tmp_path / "known")).judgements
        environment = {
            "BIBTOOLS_ONLINE_ANSWERS": str(tmp_path / "answers.sqlite"),
            "BIBTOOLS_ONLINE_CROSSREF_URL": crossref.base,
            "BIBTOOLS_ONLINE_ARXIV_URL": arxiv.base,
        }
        options = Options(("crossref", "arxiv"), "reader@example.org")
        with Session(options, agent="bibtools/0", environment=environment, clock=clock, sleep=clock.sleep) as session:
            online = api.verify(records, None, services=[asking_services(session)]).judgements
        assert not crossref.complaints + arxiv.complaints
    assert [(each.key, each.standing) for each in online] == [(each.key, each.standing) for each in offline]
    alarmed = [each.key for each, (_, valid) in zip(online, labelled, strict=True) if valid and each.alarming]
    assert len(alarmed) <= 1
