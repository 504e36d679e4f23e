"""Word classes: how often a word stands in each field, counted in labelled references and in records of known works.

A class is one digit per field: 0 hardly, 1 at times, 2 often, 3 nearly always (the field's share of the word's rates, each
rate relative to all words of that field). Words of fewer than `LEAST` counts have none.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bibtools.formats.reflist.tokens import tokenise
from bibtools.record import Record
from tests.benchmarks.refmodel.data import Example, number_of

FIELDS = ("family", "given", "title", "venue", "publisher", "place")
LEAST = 3
WORD = re.compile(r"[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*")
IN_LABELS = {
    "title": "title",
    "journal": "venue",
    "book": "venue",
    "series": "venue",
    "publisher": "publisher",
    "place": "place",
}


def of_works(path: Path, share: float) -> dict[str, Counter[str]]:
    """Counts in records (our JSON Lines) of names, titles and venues; ``share`` of the lines, chosen by their content."""
    found: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    seen_venues: Counter[str] = Counter()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if number_of(line[:200]) >= share:
                continue
            record = json.loads(line)
            for name in record.get("author", ())[:8]:
                for part in ("family", "given"):
                    found[part].update(set(_words(name.get(part, ""))))
            found["title"].update(set(_words(record.get("title", ""))))
            venue = record.get("container_title", "")
            seen_venues[venue] += 1
            if seen_venues[venue] <= 3:
                found["venue"].update(set(_words(venue)))
    return found


def of_records(records: Iterable[Record]) -> dict[str, Counter[str]]:
    """Counts in the entries of bibliographies; what stands in many entries counts thrice."""
    found: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    seen: Counter[tuple[str, str]] = Counter()
    for record in records:
        for name in record.author + record.editor:
            found["family"].update(set(_words(name.family)))
            found["given"].update(set(_words(name.given)))
        for field, attribute in OF_RECORD:
            value = getattr(record, attribute)
            seen[field, value] += 1
            if value and seen[field, value] <= 3:
                found[field].update(set(_words(value)))
    return found


OF_RECORD = (
    ("title", "title"),
    ("venue", "container_title"),
    ("venue", "collection_title"),
    ("publisher", "publisher"),
    ("place", "publisher_place"),
)


def of_examples(examples: Iterable[Example]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    seen: Counter[tuple[str, str]] = Counter()
    for example in examples:
        for label, texts in example.gold.items():
            if (field := IN_LABELS.get(label)) is None:
                continue
            for text in texts:
                seen[label, text] += 1
                if seen[label, text] <= 3:
                    found[field].update(set(_words(text)))
    return found


def _words(text: str) -> Iterator[str]:
    return (word.lower() for word in tokenise(text).words if WORD.fullmatch(word))


def classes(counts: Iterable[tuple[float, dict[str, Counter[str]]]], most: int) -> dict[str, str]:
    """The class of each of the commonest words; each source of counts has a weight."""
    total: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    for weight, source in counts:
        for field, words in source.items():
            for word, count in words.items():
                total[field][word] += count * weight  # type: ignore[assignment]
    sums = {field: sum(words.values()) or 1 for field, words in total.items()}
    rates: dict[str, dict[str, float]] = {}
    totals: Counter[str] = Counter()
    for field, words in total.items():
        for word, count in words.items():
            rates.setdefault(word, {})[field] = count / sums[field]
            totals[word] += count  # type: ignore[assignment]
    weight_of = {word: sum(by.values()) for word, by in rates.items() if totals[word] >= LEAST}
    chosen = sorted(weight_of, key=lambda word: (-weight_of[word], word))[:most]
    return {word: _class(rates[word]) for word in sorted(chosen)}


def _class(by: dict[str, float]) -> str:
    whole = sum(by.values())
    shares = (by.get(field, 0.0) / whole for field in FIELDS)
    return "".join("0" if share < 0.04 else "1" if share < 0.25 else "2" if share < 0.6 else "3" for share in shares)
