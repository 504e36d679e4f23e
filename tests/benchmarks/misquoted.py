"""References made of known works: quoted honestly, damaged in one field, or of works that the index does not hold.

    python -m tests.benchmarks.misquoted INDEX --held WORKS.jsonl --absent OTHERS.jsonl [--seed N] [--list]

Both files are in our format `records`; INDEX holds the works of the first and none of the second (built of a sample that leaves
them out). What is printed: alarms on honest quotations of held works and, what matters most, of absent ones; and of each damage
how often it was named, and nothing else with it.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bibtools import api, index
from bibtools.format import ReadOptions, collect
from bibtools.formats import records as our_format
from bibtools.record import Date, Name, Record
from bibtools.verify import Judgement, Standing
from tests.benchmarks import damage
from tests.benchmarks.verify import FALSE, share, shown

Change = Callable[[Record, random.Random, Sequence[Record]], Record]


def _same(_: Record, __: random.Random, ___: Sequence[Record]) -> Record:
    return _


def honest(change: damage.Damage) -> Change:
    return lambda record, draw, _: change(record, draw)


def year_beside(record: Record, draw: random.Random, _: Sequence[Record]) -> Record:
    year = record.issued.year
    return record.replace(issued=Date((year + draw.choice((-1, 1)),))) if year else record


def without_identifiers(record: Record, _: random.Random, __: Sequence[Record]) -> Record:
    return record.replace(doi="", arxiv_id="")


def family_first(record: Record, _: random.Random, __: Sequence[Record]) -> Record:
    turned = tuple(Name(family=name.given or name.family, given=name.family) for name in record.author[:1])
    return record.replace(author=turned + record.author[1:])


def without_subtitle(record: Record, _: random.Random, __: Sequence[Record]) -> Record:
    head, colon, _rest = record.title.partition(": ")
    return record.replace(title=head) if colon and len(head.split()) > 3 else record


def short_venue(record: Record, draw: random.Random, _: Sequence[Record]) -> Record:
    return damage.abbreviated_venue(record, draw) if record.container_title else record


def in_series(record: Record, draw: random.Random, _: Sequence[Record]) -> Record:
    series = draw.choice(("Lecture Notes in Computer Science", "CEUR Workshop Proceedings", "PMLR"))
    return record.replace(container_title=series) if record.container_title else record


HONEST: dict[str, Change] = {
    "as it is": _same,
    "initials": honest(damage.initials),
    "and others": honest(damage.et_al),
    "capitals": honest(damage.capitals),
    "accents lost": honest(damage.plain_letters),
    "braces": honest(damage.as_tex),
    "year beside": year_beside,
    "no identifier": without_identifiers,
    "no venue": honest(damage.no_venue),
    "family first": family_first,
    "no subtitle": without_subtitle,
    "short venue": short_venue,
    "series": in_series,
}


def wrong_year(record: Record, draw: random.Random, _: Sequence[Record]) -> Record:
    year = record.issued.year or 2000
    return record.replace(issued=Date((year + draw.choice((-7, -5, -4, -3, 3, 4, 6)),)))


def wrong_venue(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    named = [each.container_title for each in others if each.container_title]
    return record.replace(container_title=draw.choice(named))


def other_people(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    return record.replace(author=draw.choice(others).author)


def one_other(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    people = list(record.author)
    people[draw.randrange(len(people))] = draw.choice(others).author[0]
    return record.replace(author=tuple(people))


def one_missing(record: Record, draw: random.Random, _: Sequence[Record]) -> Record:
    gone = draw.randrange(len(record.author))
    return record.replace(author=record.author[:gone] + record.author[gone + 1 :])


def one_more(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    return record.replace(author=record.author + draw.choice(others).author[:1])


def other_word(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    words = record.title.split()
    places = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    new = [word for word in draw.choice(others).title.split() if len(word) > 4 and word.isalpha()]
    if places and new:
        words[draw.choice(places)] = draw.choice(new)
    return record.replace(title=" ".join(words))


def other_doi(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    return record.replace(doi=draw.choice([each.doi for each in others if each.doi]))


def other_number(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    return record.replace(arxiv_id=draw.choice([each.arxiv_id for each in others if each.arxiv_id]))


def chimera(record: Record, draw: random.Random, others: Sequence[Record]) -> Record:
    other = draw.choice([each for each in others if each.container_title])
    return other.replace(id=record.id, title=record.title, doi="", arxiv_id="")


# What is damaged: which records it can be, how, the verdict that is asked for, the field that should be named.
Case = tuple[Callable[[Record], object], Change, Standing, str]
DAMAGES: dict[str, Case] = {
    "year": (lambda each: each.issued.year, wrong_year, Standing.DIFFERS, "issued"),
    "venue": (lambda each: each.container_title, wrong_venue, Standing.DIFFERS, "container_title"),
    "other people": (lambda each: each.author, other_people, Standing.DIFFERS, "author"),
    "one other": (lambda each: len(each.author) > 1, one_other, Standing.DIFFERS, "author"),
    "one missing": (lambda each: len(each.author) > 1, one_missing, Standing.DIFFERS, "author"),
    "one more": (lambda each: each.author, one_more, Standing.DIFFERS, "author"),
    "title word": (lambda each: len(each.title.split()) > 4, other_word, Standing.DIFFERS, "title"),
    "doi": (lambda each: each.doi, other_doi, Standing.MISMATCH, "doi"),
    "arxiv": (lambda each: each.arxiv_id, other_number, Standing.MISMATCH, "arxiv_id"),
    "chimera": (lambda each: each.container_title, chimera, Standing.CHIMERA, "title"),
}


def read(path: Path) -> list[Record]:
    with path.open(encoding="utf-8") as lines:
        assert our_format.FORMAT.read_lines is not None
        found = collect(our_format.FORMAT.read_lines(lines, ReadOptions())).records
    numbered = (each for each in found if not any(name.family.isdigit() for name in each.author))
    return [each for each in numbered if each.title and "$" not in each.title and each.author and each.issued.year]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--held", type=Path, required=True)
    parser.add_argument("--absent", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--each", type=int, default=300, help="references of each damage, of held works")
    parser.add_argument("--list", action="store_true", help="list what went wrong")
    given = parser.parse_args()
    known = index.open(given.index)
    held, absent = read(given.held), read(given.absent)

    def judged(records: Sequence[Record]) -> Sequence[Judgement]:
        start = time.process_time()
        found = api.verify(records, known).judgements
        milliseconds = 1000 * (time.process_time() - start) / max(1, len(records))
        print(f"   {milliseconds:5.2f} ms", end=" ")
        return found

    def quoted(records: Sequence[Record], what: str) -> None:
        draw = random.Random(given.seed)
        total: Counter[str] = Counter()
        for name, change in HONEST.items():
            found = judged([change(each, draw, held) for each in records])
            alarms = [each for each in found if each.standing in FALSE and each.alarming]
            total.update(each.standing.value for each in found)
            print(f"{what}, {name:14} alarmed {share(len(alarms), len(found))}")
            for each in alarms[:40] if given.list else []:
                print(shown(each))
        print(f"{what}: {dict(total)}")

    quoted(absent, "absent")
    quoted(held[: len(absent) // 3], "held")
    draw = random.Random(given.seed)
    for name, (can, change, standing, field) in DAMAGES.items():
        chosen = [each for each in held if can(each)][: given.each]
        found = judged([change(each, draw, held) for each in chosen])
        right = [each for each in found if each.standing is standing]
        exact = [each for each in right if {one.field for one in each.findings} <= {field, "author"} and each.findings]
        print(f"{name:14} {standing} {share(len(right), len(found))}, that field alone {share(len(exact), len(found))}")
        for each in found if given.list else []:
            if each not in exact:
                print(shown(each))


if __name__ == "__main__":
    main()
