"""Which pairs are worth comparing: records that share one of several cheap keys.

Each key alone misses some duplicates, together they miss almost none, and each finds few others: equal title, equal beginning
or end of the title, two of the title's rarest words, first authors and year, place in a volume, identifier, beginning of the
abstract. Records are sorted by key and meet their neighbours within a window; a key that few share gives all its pairs, one
that thousands share (an author called Wang, a title "Editorial") gives each record only its nearest in title, so no value that
all records have in common can make the work explode. A typing error makes a word that stands nowhere else: words met once
make no key, so the four rarest that remain still meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bibtools.match.prepare import Features
from bibtools.match.titles import FUNCTION_WORDS

__all__ = ["candidates"]

Longs = NDArray[np.int64]
Rows = NDArray[np.intp]

TITLE_WINDOW = 64  # duplicates of one work: cora has up to 64 records of one
WINDOW = 10
CROWDED = 4  # times the window: a key that more records share tells little, they meet only their nearest
NEAREST = 2
RARE_WORDS = 4
EDGE = 20  # characters of a title's beginning or end
SHORTEST = 4  # letters of a title that can be another without its subtitle
# Indel ratio of two titles below which another key must save a pair. 58 gives three times the pairs at 250,000 records and no
# more duplicates on the labelled sets, .3 % more where titles are cut and misspelled at once (damage, "scholar").
ALIKE = 70


def candidates(features: Features, split: int | None = None) -> tuple[Rows, Rows]:
    """Pairs of places, left before right in rank. With ``split`` only pairs across: left before that place, right behind."""
    order = (features.rank, _title_order(features))
    strong: list[Longs] = []
    weak: list[Longs] = []
    for keys, owners, window, sure in _keys(features):
        (strong if sure else weak).append(_meet(keys, owners, order, window, split))
    trusted = np.unique(np.concatenate(strong))
    doubtful = np.setdiff1d(np.unique(np.concatenate(weak)), trusted, assume_unique=True)
    left, right = np.divmod(doubtful, features.count)
    kept = doubtful[_titles_alike(features, left, right)]
    left, right = np.divmod(np.union1d(trusted, kept), features.count)
    return left, right


def _title_order(features: Features) -> NDArray[np.uint64]:
    """The beginning of each title as a number that sorts like the text."""
    heads = np.array(
        [each.joined[:8].encode("ascii", "replace").ljust(8, b" ") for each in features.titles], dtype="S8"
    )
    result: NDArray[np.uint64] = heads.view(">u8").astype(np.uint64)[features.title]
    return result


def _meet(
    keys: Longs, owners: Rows, order: tuple[NDArray[np.int32], NDArray[np.uint64]], window: int, split: int | None
) -> Longs:
    """Pairs of owners whose keys are equal: each with ``window`` neighbours on either side, in a crowd with the nearest."""
    rank, title = order
    count = len(rank)
    sequence = np.lexsort((rank[owners], title[owners], keys))
    keys, owners = keys[sequence], owners[sequence]
    found: list[Longs] = []
    for distance in range(1, min(window, len(keys) - 1) + 1):
        if distance == NEAREST + 1:
            keys, owners = _without_crowds(keys, owners, CROWDED * window)
        equal = keys[:-distance] == keys[distance:]
        if not equal.any():
            break
        one, other = owners[:-distance][equal], owners[distance:][equal]
        low, high = np.minimum(one, other), np.maximum(one, other)
        wanted = low != high
        if split is not None:
            wanted &= (low < split) & (high >= split)
        found.append(low[wanted].astype(np.int64) * count + high[wanted])
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _without_crowds(keys: Longs, owners: Rows, most: int) -> tuple[Longs, Rows]:
    """Sorted keys without those that more than so many records share."""
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.append(starts, len(keys)))
    few = np.repeat(sizes <= most, sizes)
    return keys[few], owners[few]


def _mixed(*columns: NDArray[np.int32]) -> Longs:
    """Several columns as one number a row."""
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed.view(np.int64)


def _keys(features: Features) -> Iterator[tuple[Longs, Rows, int, bool]]:
    """Keys, whose they are, how many neighbours they introduce, and whether a pair may skip the look at the titles."""

    def by(*columns: NDArray[np.int32], window: int = WINDOW, sure: bool = False) -> tuple[Longs, Rows, int, bool]:
        filled = np.flatnonzero(np.all([column > 0 for column in columns], axis=0))
        return _mixed(*columns)[filled], filled, window, sure

    surname, pair = _first_authors(features)
    yield by(features.title, window=TITLE_WINDOW, sure=True)
    yield by(features.title, surname, features.year, sure=True)
    yield by(features.title, features.venue, features.first_page, sure=True)
    for identifier in (features.doi, features.arxiv, features.pmid):
        yield by(identifier, sure=True)
    yield by(features.volume, features.first_page, features.year, sure=True)
    yield by(features.isbn)
    yield by(surname, features.year)
    yield by(pair)
    yield from _edges(features)
    yield _rare_words(features)
    yield from _abstracts(features)


def _first_authors(features: Features) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The number of the first surname, and of the first two together."""
    known: dict[object, int] = {}

    def number(key: object) -> int:
        return known.setdefault(key, len(known) + 1)

    first, both = [0], [0]
    for crowd in features.crowds[1:]:
        names = [person.surname for person in crowd.people[:2]]
        first.append(number(names[0]))
        both.append(number(tuple(sorted(names))) if len(names) == 2 else 0)
    return np.array(first, dtype=np.int32)[features.author], np.array(both, dtype=np.int32)[features.author]


def _edges(features: Features) -> Iterator[tuple[Longs, Rows, int, bool]]:
    for edge in (slice(0, EDGE), slice(-EDGE, None)):
        keys = np.array([hash(each.joined[edge]) for each in features.titles], dtype=np.int64)
        filled = np.flatnonzero(features.title)
        yield keys[features.title[filled]], filled, WINDOW, edge.start == 0


def _rare_words(features: Features) -> tuple[Longs, Rows, int, bool]:
    """Every two of the rarest words of a title that stand in another title too."""
    frequency = features.weights.frequency
    keys: list[int] = []
    owners: list[int] = []
    for place, each in enumerate(features.titles):
        words = [
            (frequency[word], word) for word in set(each.words) if frequency[word] > 1 and word not in FUNCTION_WORDS
        ]
        words.sort()
        rare = sorted(word for _, word in words[:RARE_WORDS])
        made = [hash(two) for two in combinations(rare, 2)] if len(rare) > 1 else [hash(word) for word in rare]
        keys += made
        owners += [place] * len(made)
    return _for_records(
        np.array(keys, dtype=np.int64), np.array(owners, dtype=np.intp), features.title, len(features.titles)
    )


def _for_records(keys: Longs, owners: Rows, column: NDArray[np.int32], values: int) -> tuple[Longs, Rows, int, bool]:
    """Keys of values as keys of the records that have those values."""
    counts = np.bincount(owners, minlength=values)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    per_record = counts[column]
    records = np.repeat(np.arange(len(column)), per_record)
    within = np.arange(len(records)) - np.repeat(np.cumsum(per_record) - per_record, per_record)
    return keys[np.repeat(starts[column], per_record) + within], records, WINDOW, False


def _abstracts(features: Features) -> Iterator[tuple[Longs, Rows, int, bool]]:
    filled = np.flatnonzero(features.abstract)
    for edge in (slice(0, 50), slice(70, 120)):
        keys = np.array(
            [hash(each[edge]) if len(each) > edge.start else 0 for each in features.abstracts], dtype=np.int64
        )
        chosen = keys[features.abstract[filled]]
        yield chosen[chosen != 0], filled[chosen != 0], WINDOW, True


def _titles_alike(features: Features, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Whether the titles' letters are alike enough to look closer; a missing title does not speak against a pair."""
    one, other = features.title[left], features.title[right]
    codes, back = np.unique(one.astype(np.int64) * len(features.titles) + other, return_inverse=True)
    first, second = np.divmod(codes, len(features.titles))
    texts = [each.joined for each in features.titles]
    scores = process.cpdist(
        [texts[place] for place in first.tolist()],
        [texts[place] for place in second.tolist()],
        scorer=fuzz.ratio,
        score_cutoff=ALIKE,
        dtype=np.uint8,
    )
    kept = (scores > 0) | (first == 0) | (second == 0)
    for place in np.flatnonzero(~kept).tolist():
        short, long = sorted((texts[first[place]], texts[second[place]]), key=len)
        kept[place] = len(short) >= SHORTEST and long.startswith(short)
    alike: NDArray[np.bool_] = kept[back]
    return alike
