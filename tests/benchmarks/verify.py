"""How often `verify` is right: labelled references against an index of known works.

    python -m tests.benchmarks.verify INDEX [--made INDEX_WITHOUT_ABSENT] [--shared ../shared] [--list]

INDEX holds the works of `shared/works`, INDEX_WITHOUT_ABSENT the same without those of `made.holdout.txt`:

    python ../shared/works/to_records.py ../shared/works/works.jsonl.xz all.jsonl && bibtools index build all.jsonl --to INDEX

An alarm is a verdict that says that something is wrong. What decides is how often sound references are alarmed: those that the
index holds, clean or with honest variation, and above all those that it does not hold.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bibtools import api, index
from bibtools.format import ReadOptions
from bibtools.formats import bibtex
from bibtools.index import Index, terms
from bibtools.record import Record
from bibtools.verify import Judgement, Standing

FALSE = (Standing.DIFFERS, Standing.MISMATCH, Standing.CHIMERA)
VERSIONS = ("arxiv_version_mismatch", "preprint_as_published")  # labels of which other-version is evidence too
NAMED = {  # what a damaged field is called in a finding
    "year": {"issued"},
    "venue": {"container_title"},
    "author": {"author"},
    "title": {"title"},
    "doi": {"doi"},
    "eprint": {"arxiv_id", "doi"},
}


def as_bib(rows: Iterable[Mapping[str, object]]) -> str:
    """References of HALLMARK as a .bib."""
    entries = []
    for row in rows:
        fields = row["fields"]
        assert isinstance(fields, dict)
        inner = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if name != "abstract")
        entries.append(f"@{row['bibtex_type']}{{{row['bibtex_key']},\n{inner}}}\n")
    return "\n".join(entries)


def records_of(text: str) -> list[Record]:
    return list(bibtex.read(text, ReadOptions()).records)


def judged(records: Sequence[Record], known: Index) -> dict[str, Judgement]:
    start = time.process_time()
    found = api.verify(records, known).judgements
    spent = time.process_time() - start
    print(f"  {len(records):,} entries, {spent:.1f} CPU s, {1000 * spent / max(1, len(records)):.2f} ms each")
    return {each.key: each for each in found}


def shown(judgement: Judgement) -> str:
    entry = judgement.entry
    head = (
        f"{judgement.key} {judgement.standing}: {entry.title[:70]} | {entry.container_title[:40]} {entry.issued.year}"
    )
    lines = [f"      {each.rule}: {each.cited[:80]} <> {each.known[:80]}" for each in judgement.findings]
    return "\n".join([f"    {head} | {judgement.reason[:100]}", *lines])


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} = {part / max(whole, 1):.4f}"


def hallmark(path: Path, known: Index, listed: bool) -> None:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    print(f"{path.name}")
    found = judged(records_of(as_bib(rows)), known)
    valid = [row for row in rows if row["label"] == "VALID"]
    wrong = [row for row in rows if row["label"] != "VALID"]
    held = [row for row in valid if holds(known, str(row["fields"].get("title", "")))]
    alarmed = [row for row in held if found[row["bibtex_key"]].standing in FALSE]
    print(f"  valid, held: alarmed {share(len(alarmed), len(held))}")
    for row in alarmed:
        print(shown(found[row["bibtex_key"]]))
    absent = [row for row in valid if row not in held]
    accused = [row for row in absent if found[row["bibtex_key"]].standing in FALSE]
    print(f"  valid, not held: accused {share(len(accused), len(absent))}")
    for row in accused:
        print(shown(found[row["bibtex_key"]]))
    print(f"  valid: {dict(Counter(found[row['bibtex_key']].standing.value for row in valid))}")
    missed = [row for row in wrong if found[row["bibtex_key"]].standing is Standing.VERIFIED]
    positive = [row for row in wrong if _is_evidence(found[row["bibtex_key"]], str(row["hallucination_type"]))]
    print(f"  wrong: not called verified {share(len(wrong) - len(missed), len(wrong))}")
    print(f"  wrong: positive evidence {share(len(positive), len(wrong))}")
    by_type: dict[str, Counter[str]] = defaultdict(Counter)
    for row in wrong:
        by_type[row["hallucination_type"]][found[row["bibtex_key"]].standing.value] += 1
    for name, counts in sorted(by_type.items()):
        print(f"    {name:24} {dict(counts)}")
    if listed:
        for row in missed:
            print(row["hallucination_type"], row["explanation"][:100])
            print(shown(found[row["bibtex_key"]]))


def _is_evidence(judgement: Judgement, label: str) -> bool:
    return judgement.standing in FALSE or (judgement.standing is Standing.OTHER_VERSION and label in VERSIONS)


def holds(known: Index, title: str) -> bool:
    words = "".join(terms.title_words(title))
    return any("".join(terms.title_words(hit.record.title)) == words for hit in known.search(Record(title=title)))


def made(folder: Path, known: Index, listed: bool) -> None:
    truth = {row["key"]: row for row in csv.DictReader((folder / "made.truth.csv").open(encoding="utf-8"))}
    print("made.bib")
    found = judged(records_of((folder / "made.bib").read_text(encoding="utf-8")), known)
    by_class: dict[str, list[Judgement]] = defaultdict(list)
    for key, row in truth.items():
        by_class[row["class"]].append(found[key])
    for name, judgements in by_class.items():
        counts = Counter(each.standing.value for each in judgements)
        alarms = [each for each in judgements if each.standing in FALSE]
        wanted = {field for key in truth if truth[key]["class"] == name for field in truth[key]["fields_wrong"].split()}
        exact = [
            each for each in judgements if _exactly(each, truth[each.key]["fields_wrong"].split()) and each in alarms
        ]
        line = f"  {name:16} alarmed {share(len(alarms), len(judgements))}"
        if wanted and name not in ("chimera", "invented"):
            line += f", exactly the damaged field {share(len(exact), len(judgements))}"
        print(f"{line}  {dict(counts)}")
        right = {"chimera": Standing.CHIMERA, "wrong-doi": Standing.MISMATCH, "wrong-arxiv": Standing.MISMATCH}.get(
            name
        )
        if not wanted:
            odd = alarms
        elif right:
            odd = [each for each in judgements if each.standing is not right]
        else:
            odd = [each for each in judgements if each not in exact]
        if listed or not wanted:
            for each in odd[:60] if name != "invented" else []:
                print(shown(each))


def _exactly(judgement: Judgement, wrong: Sequence[str]) -> bool:
    named = {each.field for each in judgement.findings}
    return bool(named) and all(NAMED[field] & named for field in wrong) and named <= set().union(*map(NAMED.get, wrong))  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--made", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--list", action="store_true", help="list what was missed")
    given = parser.parse_args()
    verify = given.shared / "verify"
    known = index.open(given.index)
    hallmark(verify / "hallmark" / "dev_public.jsonl", known, given.list)
    hallmark(verify / "hallmark" / "stress_test.jsonl", known, False)
    if given.made:
        made(verify, index.open(given.made), given.list)


if __name__ == "__main__":
    main()
