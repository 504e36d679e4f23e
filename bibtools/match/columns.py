"""Records as rows that can travel: every value folded as `prepare` does, with a number that any machine would give it.

Where several machines share the work, none knows the numbers of `Features`: a value is told by its identity, 63 bits of BLAKE2b
(0 says nothing). Of values that are compared by more than equality (titles, authors, venues, abstracts) the folded text goes with
it. `Features` made of such rows (`features_of`) are weighed like any others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bibtools.match import blocking, prepare
from bibtools.match.authors import EMPTY, AuthorList, Person
from bibtools.match.prepare import Features
from bibtools.match.titles import SILENT, Title, WordWeights
from bibtools.record import Record
from bibtools.venues import NO_VENUE, venue

__all__ = [
    "IDENTIFIED", "NUMBERS", "TEXTS", "Distinct", "Texts", "author_identity", "author_text", "authors_of", "distinct",
    "features_of", "identity", "titles_of", "travelling",
]  # fmt: skip

Longs = NDArray[np.int64]

# Columns of identities of values of which only equality matters.
IDENTIFIED = ("doi", "arxiv", "pmid", "isbn", "volume", "issue", "first_page", "last_page", "edition", "volume_title")
# Columns of identities whose values travel as texts, and the columns of these.
TEXTS = {"title": "words", "author": "people", "venue": "venue_text", "abstract": "abstract_text"}
# Columns of plain numbers. ``flags`` has a bit for each of `prepare.FLAGS`; ``head`` belongs to the title.
NUMBERS = ("year", "first_number", "last_number", "kind", "flags", "head", "surname", "both")
_SIGN = np.uint64(1 << 63)


def identity(text: str) -> int:
    """The number of a value, from 1 to 2**63 - 1."""
    return blocking.stable_hash(text) & 0x7FFF_FFFF_FFFF_FFFF or 1


def signed(hashes: NDArray[np.uint64]) -> Longs:
    """Unsigned numbers as signed ones in the same order."""
    return (hashes ^ _SIGN).view(np.int64)


def author_text(authors: AuthorList) -> str:
    """An author list as a text of its own; folded names hold no control characters."""
    people = (
        "\x1f".join((each.surname, each.initials, each.given, each.capitals, *each.parts)) for each in authors.people
    )
    return ("+" if authors.truncated else "-") + "\x1e".join(people)


def authors_of(text: str) -> AuthorList:
    """The author list that `author_text` made this of."""
    people = []
    for each in text[1:].split("\x1e") if len(text) > 1 else ():
        surname, initials, given, capitals, *parts = each.split("\x1f")
        people.append(Person(surname, initials, given, tuple(parts), capitals))
    return AuthorList(tuple(people), text[:1] == "+")


def author_identity(authors: AuthorList) -> int:
    return identity(author_text(authors))


def travelling(records: Sequence[Record]) -> dict[str, Longs | list[str]]:
    """The columns of `IDENTIFIED`, `TEXTS` (identities and texts) and `NUMBERS`; ``rank``, by which records are put in order,
    ``content``, a hash of what identifies them without their keys, and ``whole`` and ``said``, the `full_digests`."""
    spelled: list[Title] = []
    folded, rows, hashes = prepare.fold_all(records, spelled=spelled)
    number = {name: rows[:, place] for place, name in enumerate(prepare.COLUMNS)}
    lists = folded.author_lists.values
    authors = [author_text(each) for each in lists]
    values: dict[str, list[str]] = {
        "title": [f"{each.joined}\n{each.head}" for each in folded.titles.values],
        "author": authors,
        "venue": [each.joined for each in folded.venues.values],
        "abstract": folded.abstracts.values,
        "doi": folded.dois.values,
    }
    values |= dict.fromkeys(("arxiv", "pmid", "isbn", "volume_title"), folded.identifiers.values)
    values |= dict.fromkeys(("volume", "issue", "first_page", "last_page", "edition"), folded.numbers.values)
    made: dict[str, Longs | list[str]] = {}
    hashed: dict[int, Longs] = {}
    for name, texts in values.items():
        if id(texts) not in hashed:
            hashed[id(texts)] = np.array([0, *map(identity, texts[1:])], dtype=np.int64)
        made[name] = hashed[id(texts)][number[name]]
    texts_of = {
        "author": ["", *authors[1:]],
        "venue": [text.encode("utf-8", "replace").decode() for text in folded.venue_texts],
        "abstract": folded.abstracts.values,
    }
    for name, texts in texts_of.items():
        made[TEXTS[name]] = [texts[place] for place in number[name].tolist()]
    made["words"] = [" ".join(each.words) for each in spelled]
    first, both = blocking.first_authors(lists, identity)
    full = np.array([prepare.full_digests(each) for each in records], dtype=np.uint64).reshape(-1, 2).view(np.int64)
    flags = sum((number[name].astype(np.int64) << place for place, name in enumerate(prepare.FLAGS)), np.int64(0))
    heads = np.array([each.head for each in folded.titles.values], dtype=np.int64)
    return made | {
        **{name: number[name].astype(np.int64) for name in ("year", "first_number", "last_number", "kind")},
        "flags": np.asarray(flags, dtype=np.int64),
        "head": heads[number["title"]],
        "surname": np.array(first, dtype=np.int64)[number["author"]],
        "both": np.array(both, dtype=np.int64)[number["author"]],
        "rank": signed(hashes[1]),
        "content": signed(hashes[0]),
        "whole": full[:, 0],
        "said": full[:, 1],
    }


@dataclass(frozen=True, slots=True)
class Distinct:
    """A column of identities by its distinct values: for each row the value's number (0 is silence), and for each number but
    that a row which has the value."""

    number: NDArray[np.int32]
    row: NDArray[np.intp]


def distinct(*identities: Longs) -> list[Distinct]:
    """Columns that have their values in common; the rows of the second column follow those of the first."""
    column = np.concatenate([np.zeros(1, dtype=np.int64), *identities])
    _, first, inverse = np.unique(column, return_index=True, return_inverse=True)
    numbers: NDArray[np.int32] = inverse.astype(np.int32)
    row = first[1:] - 1
    found, start = [], 1
    for each in identities:
        found.append(Distinct(numbers[start : start + len(each)], row))
        start += len(each)
    return found


Texts = Callable[[str, NDArray[np.intp]], list[str]]  # the values of a column of texts in these rows


def titles_of(words: Sequence[str], heads: Sequence[int]) -> list[Title]:
    """Titles of their words, after the silent one."""
    made = [SILENT]
    for text, head in zip(words, heads, strict=True):
        split = tuple(text.split(" "))
        made.append(Title("".join(split), split, head))
    return made


def features_of(rows: Mapping[str, Longs], texts: Texts, frequency: Mapping[str, int], titles: int) -> Features:
    """Rows as `Features`. ``frequency`` says in how many of all ``titles`` each word of these stands, where in more than one."""
    count = len(rows["rank"])
    silent = np.zeros(count, dtype=np.int64)
    number = {name: distinct(rows.get(name, silent))[0] for name in TEXTS}
    text = {name: texts(text_name, number[name].row) for name, text_name in TEXTS.items()}
    heads = rows.get("head", silent)[number["title"].row].tolist()
    flags = rows.get("flags", silent)
    columns: dict[str, Any] = {name: number[name].number for name in TEXTS}
    columns |= {name: rows.get(name, silent) for name in IDENTIFIED}
    columns |= {name: rows.get(name, silent).astype(np.int32) for name in NUMBERS[:4]}
    columns |= {name: (flags >> place & 1).astype(np.bool_) for place, name in enumerate(prepare.FLAGS)}
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(rows["rank"], kind="stable")] = np.arange(count, dtype=np.int32)
    return Features(
        count=count,
        titles=titles_of(text["title"], heads),
        author_lists=[EMPTY, *map(authors_of, text["author"])],
        venues=[NO_VENUE, *map(venue, text["venue"])],
        abstracts=["", *text["abstract"]],
        weights=WordWeights(Counter(frequency), titles),
        keys=[],
        content=rows.get("content", silent).view(np.uint64),
        rank=rank,
        **columns,
    )
