"""Blocking: which pairs are worth comparing, namely records that share one of several cheap keys.

Each key alone misses some duplicates, together they miss almost none, and each gives few other pairs: equal title, equal
beginning or end of the title, two of the title's rarest words, first authors and year, position in a volume, identifier,
beginning of the abstract. Records are sorted by key and compared with their neighbours within a window; a small block gives all
its pairs, of one that thousands share (an author called Wang, a title "Editorial") each record is compared with its nearest in
title only, so no value that all records have in common can make the work explode. A typing error makes a word that is in no
other title: words met once make no key, and the four rarest that remain still do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bibtools.match.authors import AuthorList
from bibtools.match.pairs import Bools
from bibtools.match.prepare import Features
from bibtools.match.titles import FUNCTION_WORDS, Title

__all__ = [
    "ALL_PAIRS", "TITLE_WINDOW", "Identities", "Keys", "Looks", "Strength", "candidates", "first_authors", "keys_of",
    "neighbours", "title_order", "worth_comparing",
]  # fmt: skip

Longs = NDArray[np.int64]
Numbers = NDArray[np.int32] | Longs
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
MIN_TITLE_RATIO = 70
# The same for two that share neither first author nor year. Of such pairs nearly all are another work with a title of the
# same pattern; they were nine tenths of all pairs weighed, and the only ones whose share grew with the file.
MIN_RATIO_UNRELATED = 85
ALL_PAIRS = 60  # records of a file whose every pair is compared
BATCH = 1 << 19  # titles compared in one call


class Strength(IntEnum):
    """What sharing a blocking key is worth: a pair; a pair unless the two are unrelated; a comparison of the titles first."""

    STRONG = 0
    TITLE_PREFIX = 1  # the titles begin alike
    WEAK = 2


Keys = tuple[Longs, Rows, int, Strength]


@dataclass(frozen=True, slots=True)
class Identities:
    """Columns of numbers that are equal where the values are, 0 where nothing is said: the numbers of `Features` within one
    process, hashes of the values where several share the work."""

    title: Numbers
    venue: Numbers
    surname: Numbers  # of the first author
    both: Numbers  # of the first two authors' surnames


@dataclass(frozen=True, slots=True)
class Looks:
    """What the first look at two records rests on: a row a record, ``title`` the number of one of ``texts``."""

    texts: Sequence[str]  # titles without blanks; the first is the empty one
    title: Numbers
    heads: NDArray[np.uint64]
    surname: Numbers
    year: Numbers


def candidates(features: Features) -> tuple[Rows, Rows]:
    """Pairs of record numbers, lower number first. In a file of few records every pair is one."""
    if features.count <= ALL_PAIRS:
        left, right = np.triu_indices(features.count, 1)
        return left.astype(np.intp), right.astype(np.intp)
    first = first_authors(features.author_lists, {})
    surname, both = (np.array(column, dtype=np.int32)[features.author] for column in first)
    heads = title_order(features.titles)[features.title]
    looks = Looks([title.joined for title in features.titles], features.title, heads, surname, features.year)
    met: dict[Strength, list[Longs]] = {trust: [] for trust in Strength}
    for keys, owners, window, trust in keys_of(features, Identities(features.title, features.venue, surname, both)):
        met[trust].append(_pairs_within_blocks(keys, owners, (features.rank, heads), window, trust))
    sure, begun, weak = (_distinct(*met[trust]) for trust in Strength)
    begun_alike = begun[worth_comparing(looks, *np.divmod(begun, features.count), Strength.TITLE_PREFIX)]
    weak = np.setdiff1d(weak, _distinct(sure, begun), assume_unique=True)  # what began alike was looked at
    weak = weak[worth_comparing(looks, *np.divmod(weak, features.count), Strength.WEAK)]
    left, right = np.divmod(_distinct(sure, begun_alike, weak), features.count)
    return left, right


def worth_comparing(looks: Looks, left: Rows, right: Rows, strength: Strength) -> Bools:
    """Whether pairs that share a key of this strength are to be compared."""
    if strength is Strength.STRONG:
        return np.ones(len(left), dtype=np.bool_)
    unrelated = _unrelated(looks, left, right)
    sure = ~unrelated if strength is Strength.TITLE_PREFIX else np.zeros(len(left), dtype=np.bool_)
    rest = np.flatnonzero(~sure)
    bar = np.where(unrelated[rest], MIN_RATIO_UNRELATED, MIN_TITLE_RATIO)
    sure[rest] = _titles_alike(looks, left[rest], right[rest], bar)
    return sure


def stable_hash(text: str) -> int:
    """64 bits of BLAKE2b as a signed number: Python's own `hash` of a text differs from run to run."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def _distinct(*codes: Longs) -> Longs:
    """Every code once, in order. By sorting: `np.unique` hashes (numpy 2.3), a hundred times slower on a million numbers."""
    if not codes:
        return np.empty(0, dtype=np.int64)
    every = np.sort(np.concatenate(codes))
    return every[np.concatenate(([True], every[1:] != every[:-1]))] if len(every) else every


def _unrelated(looks: Looks, left: Rows, right: Rows) -> Bools:
    """Pairs that share neither the first author nor the year, though both are known."""
    pairs = ((column[left], column[right]) for column in (looks.surname, looks.year))
    differ = [(one != other) & (one != 0) & (other != 0) for one, other in pairs]
    unrelated: Bools = differ[0] & differ[1]
    return unrelated


def title_order(titles: Sequence[Title]) -> NDArray[np.uint64]:
    """The beginning of each title as a number that sorts like the text."""
    heads = np.array([title.joined[:8].encode()[:8].ljust(8, b" ") for title in titles], dtype="S8")
    return heads.view(">u8").astype(np.uint64)


def _pairs_within_blocks(
    keys: Longs, owners: Rows, order: tuple[NDArray[np.int32], NDArray[np.uint64]], window: int, strength: Strength
) -> Longs:
    """Pairs of owners whose keys are equal, as one number each."""
    rank, title = order
    count = len(rank)
    keys, owners = _shared(keys, owners)
    sequence = np.lexsort((rank[owners], title[owners], keys))
    keys, owners = keys[sequence], owners[sequence]
    found: list[Longs] = []
    for one, other in neighbours(keys, owners, _sizes(keys), window, strength):
        low, high = np.minimum(one, other), np.maximum(one, other)
        wanted = low != high
        found.append(low[wanted].astype(np.int64) * count + high[wanted])
    return _distinct(*found)


def neighbours(keys: Longs, owners: Rows, sizes: Rows, window: int, strength: Strength) -> Iterator[tuple[Rows, Rows]]:
    """The owners of equal keys: each with ``window`` neighbours on either side, with fewer where more share the key, in a large
    block with the nearest.

    ``keys`` are in order, and those of equal keys in the order of title and rank; ``sizes`` says of each key how many share it,
    also where only a piece of them is here.
    """
    for distance in range(1, min(window, len(keys) - 1) + 1):
        if distance > NEAREST:
            most = CROWDED * window if strength is Strength.STRONG else CROWDED * window * NEAREST // distance
            few = sizes <= most
            if not few.all():
                keys, owners, sizes = keys[few], owners[few], sizes[few]
        equal = keys[:-distance] == keys[distance:]
        if not equal.any():
            return
        yield owners[:-distance][equal], owners[distance:][equal]


def _shared(keys: Longs, owners: Rows) -> tuple[Longs, Rows]:
    """Without the keys that stand alone, most of them in a large file: what is left is sorted by more than the key."""
    sequence = np.argsort(keys)
    keys, owners = keys[sequence], owners[sequence]
    equal = keys[1:] == keys[:-1]
    shared = np.zeros(len(keys), dtype=np.bool_)
    shared[1:] |= equal
    shared[:-1] |= equal
    return keys[shared], owners[shared]


def _sizes(keys: Longs) -> Rows:
    """For each of the sorted keys how many are equal to it."""
    starts = (
        np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, dtype=np.intp)
    )
    sizes = np.diff(np.append(starts, len(keys)))
    return np.repeat(sizes, sizes)


def _mixed(*columns: Numbers) -> Longs:
    """Several columns as one number a row."""
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed.view(np.int64)


def keys_of(features: Features, known: Identities) -> Iterator[Keys]:
    """Keys, whose they are, how many neighbours they introduce, and whether a pair may skip the look at the titles.

    Always as many of these in the same order; keys of two of them have nothing to do with each other.
    """

    def by(*columns: Numbers, window: int = WINDOW, sure: bool = False) -> Keys:
        filled = np.flatnonzero(np.all([column > 0 for column in columns], axis=0))
        return _mixed(*columns)[filled], filled, window, Strength.STRONG if sure else Strength.WEAK

    yield by(known.title, window=TITLE_WINDOW, sure=True)
    yield by(known.title, known.surname, features.year, sure=True)
    yield by(known.title, known.venue, features.first_page, sure=True)
    for identifier in (features.doi, features.arxiv, features.pmid):
        yield by(identifier, sure=True)
    yield by(features.volume, features.first_page, features.year, sure=True)
    yield by(features.isbn)
    yield by(known.surname, features.year)
    yield by(known.both)
    yield from _edges(features)
    yield _rare_words(features)
    yield from _abstracts(features)


def first_authors(
    lists: Sequence[AuthorList], number: dict[object, int] | Callable[[str], int]
) -> tuple[list[int], list[int]]:
    """The number of the first surname of each list, and of the first two together; 0 where there are none."""

    def numbered(*names: str) -> int:
        if isinstance(number, dict):
            return number.setdefault(names, len(number) + 1)
        return number("\n".join(names))

    first, both = [], []
    for authors in lists:
        names = [person.surname for person in authors.people[:2]]
        first.append(numbered(names[0]) if names else 0)
        both.append(numbered(*sorted(names)) if len(names) == 2 else 0)
    return first, both


def _edges(features: Features) -> Iterator[Keys]:
    for edge in (slice(0, EDGE), slice(-EDGE, None)):
        keys = np.array([stable_hash(title.joined[edge]) for title in features.titles], dtype=np.int64)
        filled = np.flatnonzero(features.title)
        yield keys[features.title[filled]], filled, WINDOW, Strength.TITLE_PREFIX if edge.start == 0 else Strength.WEAK


def _rare_words(features: Features) -> Keys:
    """Every two of the rarest words of a title that stand in another title too."""
    frequency = features.weights.frequency
    keys: list[int] = []
    owners: list[int] = []
    for number, title in enumerate(features.titles):
        words = [
            (frequency[word], word) for word in set(title.words) if frequency[word] > 1 and word not in FUNCTION_WORDS
        ]
        words.sort()
        rare = sorted(word for _, word in words[:RARE_WORDS])
        made = (
            [stable_hash("\n".join(two)) for two in combinations(rare, 2)]
            if len(rare) > 1
            else list(map(stable_hash, rare))
        )
        keys += made
        owners += [number] * len(made)
    return _for_records(
        np.array(keys, dtype=np.int64), np.array(owners, dtype=np.intp), features.title, len(features.titles)
    )


def _for_records(keys: Longs, owners: Rows, column: NDArray[np.int32], values: int) -> Keys:
    """Keys of values as keys of the records that have those values."""
    counts = np.bincount(owners, minlength=values)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    per_record = counts[column]
    records = np.repeat(np.arange(len(column)), per_record)
    within = np.arange(len(records)) - np.repeat(np.cumsum(per_record) - per_record, per_record)
    return keys[np.repeat(starts[column], per_record) + within], records, WINDOW, Strength.WEAK


def _abstracts(features: Features) -> Iterator[Keys]:
    filled = np.flatnonzero(features.abstract)
    for edge in (slice(0, 50), slice(70, 120)):
        keys = np.array(
            [stable_hash(text[edge]) if len(text) > edge.start else 0 for text in features.abstracts], dtype=np.int64
        )
        chosen = keys[features.abstract[filled]]
        yield chosen[chosen != 0], filled[chosen != 0], WINDOW, Strength.STRONG


def _titles_alike(looks: Looks, left: Rows, right: Rows, bar: NDArray[np.int64]) -> Bools:
    """Whether the titles' letters are alike enough to look closer; a missing title does not speak against a pair, nor does
    one that is the beginning of the other."""
    texts = looks.texts
    lengths = np.array([len(text) for text in texts], dtype=np.int32)
    kept = (looks.title[left] == 0) | (looks.title[right] == 0)
    one, other = lengths[looks.title[left]], lengths[looks.title[right]]
    short, whole = np.minimum(one, other), one + other
    look = np.flatnonzero(~kept & (200 * short >= bar * whole))
    for start in range(0, len(look), BATCH):
        part = look[start : start + BATCH]
        scores = process.cpdist(
            [texts[place] for place in looks.title[left[part]].tolist()],
            [texts[place] for place in looks.title[right[part]].tolist()],
            scorer=fuzz.ratio,
            score_cutoff=MIN_TITLE_RATIO,
            dtype=np.uint8,
        )
        kept[part] = scores >= bar[part]
    begin_alike = (looks.heads[left] >> np.uint64(32)) == (looks.heads[right] >> np.uint64(32))
    for place in np.flatnonzero(~kept & begin_alike & (short >= SHORTEST)).tolist():
        a, b = texts[looks.title[left[place]]], texts[looks.title[right[place]]]
        kept[place] = a.startswith(b) or b.startswith(a)
    alike: Bools = kept
    return alike
