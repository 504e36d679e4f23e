"""Field F1 and whole references right: author, title, container, volume, issue, pages, year, publisher.

A field is right when its letters and digits are those of the label, case and accents apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from bibtools import fold
from bibtools.record import Record

FIELDS = ("author", "title", "container", "volume", "issue", "pages", "year", "publisher")
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
AND = re.compile(r"\b(?:and others|and|und|et\.? al|et|y|e|u\.a|Eds?|Hrsg)\b\.?|&")


def plain(text: str) -> str:
    return "".join(char for char in fold.text(text) if char.isalnum())


def wanted(gold: Mapping[str, list[str]]) -> dict[str, str]:
    """The values of the fields of a labelled reference; several pieces of one field are joined."""
    found: dict[str, str] = {}
    for field in FIELDS:
        if field == "container":
            text = " ".join(gold.get("journal", []) + gold.get("book", []))
        elif field == "year":
            years = _YEAR.findall(" ".join(gold.get("date", [])))
            text = years[0] if years else ""
        elif field == "author":
            text = letters(" ".join(AND.sub(" ", each) for each in gold.get("author", [])))
        else:
            text = " ".join(gold.get(field, []))
        if value := plain(text):
            found[field] = value
    return found


def given(record: Record) -> dict[str, str]:
    """The values of the fields of a record. Authors are compared by the letters of all their names, in any order."""
    people = [
        f"{name.given} {name.dropping_particle} {name.non_dropping_particle} {name.family} {name.suffix} {name.literal}"
        for name in record.author
    ]
    found = {
        "author": letters(" ".join(people)),
        "title": record.title,
        "container": record.container_title + record.event_title,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.page,
        "year": str(record.issued.year or ""),
        "publisher": record.publisher,
    }
    return {field: value for field, text in found.items() if (value := plain(text))}


def letters(text: str) -> str:
    """The letters of names in the order of the alphabet: whether a surname stands first makes no difference."""
    return "".join(sorted(plain(text)))


class Score:
    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.given: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.whole = self.count = 0

    def add(self, gold: Mapping[str, str], found: Mapping[str, str]) -> None:
        good = True
        for field in FIELDS:
            want, got = gold.get(field, ""), found.get(field, "")
            self.asked[field] += bool(want)
            self.given[field] += bool(got)
            self.right[field] += bool(want) and want == got
            good &= want == got
        self.whole += good
        self.count += 1

    def f1(self, field: str = "") -> float:
        right, given, asked = (
            (self.right[field], self.given[field], self.asked[field])
            if field
            else (self.right.total(), self.given.total(), self.asked.total())
        )
        return 2 * right / (given + asked) if given + asked else 0.0

    def __str__(self) -> str:
        each = " ".join(f"{field} {self.f1(field):.3f}" for field in FIELDS)
        return f"F1 {self.f1():.4f} whole {self.whole / max(1, self.count):.3f} of {self.count} ({each})"


def total(pairs: Iterable[tuple[Mapping[str, str], Mapping[str, str]]]) -> Score:
    score = Score()
    for gold, found in pairs:
        score.add(gold, found)
    return score
