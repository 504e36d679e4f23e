"""Which entries of a large file a merge needs to look at: the few that could be one of the sources, found in the raw text.

Making a Record of every entry costs twenty times what opening the file costs. So the text itself is asked, cheaply and
generously: an entry is near a source when it has two of the rarest words of its title and much of what either title tells (or
nearly all of one, where the other has a subtitle more), or its DOI, arXiv number or key, or the beginning of an abstract that
came without title. Whether it is the same work is for `match` to say. Entries spread over the file come along, so that the
matcher still sees how common words and names are there.

Small files are not worth it: they are looked at whole (`WHOLE`). How common a word is, is told by a sample of the titles. Titles
are compared as bytes: `bytes.translate` and `bytes.split` take a fifth of the time of a regular expression.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations
from math import log

from bibtools import fold, identifiers
from bibtools.bibfile.document import Document
from bibtools.record import Record

__all__ = ["WHOLE", "entries_near"]

WHOLE = 5000  # entries up to which a file is looked at whole
RARE = 4  # words of a title, of those that the file has at all, of which two must be there: a misprint does not hide an entry
TRIED = 6  # words among which these are found
FEWEST = 3  # uncommon words that are enough
COMMON = 0.02  # share of the titles that hold a common word
SPREAD = 400  # entries that come along
SAMPLE = 5000  # titles that tell how common a word is
SHARED = 0.4  # of what the words of both titles tell, a rare word telling more: misprinted words may be missing
NEARLY_ALL = 0.8  # of what one title tells: the other may have a subtitle more
TITLE = 240  # characters of a title that are looked at

_WORD = re.compile(r"[^\W_]{3,}")
_MARKUP = str.maketrans("", "", "{}\\\"'`^~$")
_MARKUP_BYTES = b"{}\\\"'`^~$"
_PLAIN = bytes(
    each | 32 if 65 <= each <= 90 else each if each > 127 or chr(each).isalnum() else 32 for each in range(256)
)
_WRAPPED = re.compile(r"[\\%{&;]|[.:')\]]$")  # only then a DOI in the text is not in its normal form
_ARXIV_SIGNS = ("rXiv", "rxiv", "RXIV", "print", "PRINT")  # one of them stands in an entry with an arXiv number


def entries_near(document: Document, sources: Sequence[Record], keys: Iterable[str] = ()) -> list[int]:
    """Places of the entries that a merge of the sources needs to see, in the order of the file; ``keys`` come in any case."""
    count = len(document.layout.entries)
    if count <= WHOLE:
        return list(range(count))
    near = {
        document.by_key[key.lower()]
        for key in (*keys, *(each.id for each in sources))
        if key.lower() in document.by_key
    }
    near.update(range(0, count, max(1, count // SPREAD)))
    near.update(_by_title(document, sources))
    near.update(_by_identifier(document, sources))
    near.update(_by_abstract(document, [each for each in sources if not each.title and each.abstract]))
    return sorted(near)


def _spans(document: Document) -> Iterator[tuple[int, int, int]]:
    """Place, start and end of each entry's text."""
    starts = [each[0] for each in document.layout.entries]
    yield from zip(range(len(starts)), starts, [*starts[1:], len(document.text)], strict=True)


# --- titles ------------------------------------------------------------------------------------------------------------


def _by_title(document: Document, sources: Sequence[Record]) -> set[int]:
    wanted = {frozenset(map(str.encode, _WORD.findall(fold.text(each.title)))) for each in sources if each.title}
    titles = dict(_titles(document))
    telling = _Telling(list(titles.values()))
    tried = {words: _tried(words, telling) for words in wanted}
    places: dict[bytes, set[int]] = {word: set() for words in tried.values() for word in words}
    tried_in = frozenset(places).intersection
    for place, title in titles.items():
        for word in tried_in(title.split()):
            places[word].add(place)
    found: set[int] = set()
    for words, most_telling in tried.items():
        rare = sorted(filter(places.__getitem__, most_telling), key=lambda word: (len(places[word]), word))[:RARE]
        near = set(places[rare[0]]) if len(rare) == 1 else set()
        for one, other in combinations(rare, 2):
            near |= places[one] & places[other]
        told = telling.of(words)
        found.update(place for place in near if _alike(words, told, titles[place].split(), telling))
    return found


def _tried(words: frozenset[bytes], telling: _Telling) -> list[bytes]:
    """The words by which entries are looked for: a common one only where there are too few others that the file has."""
    ordered = sorted(words, key=lambda word: (-telling[word], word))[:TRIED]
    uncommon = [word for word in ordered if not telling.is_common(word)]
    return uncommon if sum(telling.count[word] > 0 for word in uncommon) >= FEWEST else ordered


class _Telling(dict[bytes, float]):
    """What each word tells: the rarer in a sample of the titles the more."""

    def __init__(self, titles: Sequence[bytes]) -> None:
        sample = titles[:: max(1, len(titles) // SAMPLE)]
        self.size = len(sample)
        self.count = Counter(word for title in sample for word in set(title.split()))

    def __missing__(self, word: bytes) -> float:
        value = self[word] = log((1 + self.size) / (1 + self.count[word]) + 1)
        return value

    def is_common(self, word: bytes) -> bool:
        return self.count[word] > COMMON * self.size

    def of(self, words: Iterable[bytes]) -> float:
        return sum(map(self.__getitem__, words))


def _alike(words: frozenset[bytes], wanted: float, title: Sequence[bytes], telling: _Telling) -> bool:
    shared = telling.of(words.intersection(title))
    said = telling.of({word for word in title[:-1] if len(word) > 2})  # the last one is the name of the next field
    return shared >= SHARED * max(said, wanted) or shared >= NEARLY_ALL * min(said, wanted)


def _titles(document: Document) -> Iterator[tuple[int, bytes]]:
    """Place and the words of each entry's title, in lower case and without what TeX adds; accents off where there are any."""
    text, find = document.text, document.text.find
    for place, start, end in _spans(document):
        at = _value_of_title("itle", text, start, end) or _value_of_title("ITLE", text, start, end)
        if at:
            stop = find("=", at, min(at + TITLE, end))
            title = text[at : stop if stop >= 0 else min(at + TITLE, end)]
            if not title.isascii():
                title = fold.text(title.translate(_MARKUP))
            yield place, title.encode("utf-8", "surrogatepass").translate(_PLAIN, _MARKUP_BYTES)


def _value_of_title(name: str, text: str, start: int, end: int) -> int:
    """Where the value of the field `title` (not `booktitle`) begins in an entry, 0 when there is none."""
    at = text.find(name, start, end)
    while at >= 0:
        equals = text.find("=", at + 4, at + 24)
        if equals >= 0 and not (text[at - 2].isalnum() or text[at - 2] in "-_") and not text[at + 4 : equals].strip():
            return equals + 1
        at = text.find(name, at + 4, end)
    return 0


# --- identifiers and abstracts -----------------------------------------------------------------------------------------


def _by_identifier(document: Document, sources: Sequence[Record]) -> set[int]:
    """Looked for in the whole text at once: most entries have an identifier, hardly any has one that is wanted."""
    numbers = {each.arxiv_id.lower() for each in sources if each.arxiv_id}
    dois = {identifiers.doi(each.doi) for each in sources if each.doi} | {
        f"10.48550/arxiv.{number}" for number in numbers
    }
    starts = [each[0] for each in document.layout.entries]
    places = (*_with_doi(document.text, dois - {""}), *_with_number(document.text, starts, numbers))
    return {bisect_right(starts, at) - 1 for at in places} - {-1}


def _with_doi(text: str, dois: Collection[str]) -> Iterator[int]:
    """Where one of the DOIs stands."""
    for found in identifiers.DOI_IN_TEX.finditer(text) if dois else ():
        doi = found[0].lower()
        if doi in dois or (_WRAPPED.search(doi) and identifiers.doi(doi) in dois):
            yield found.start()


def _with_number(text: str, starts: Sequence[int], numbers: Collection[str]) -> Iterator[int]:
    """Where one of the arXiv numbers may stand: few are looked for themselves, many in the entries that have any."""
    if len(numbers) <= len(_ARXIV_SIGNS):
        for number in numbers:
            yield from _occurrences(text, number)
        return
    near = {bisect_right(starts, at) - 1 for sign in _ARXIV_SIGNS for at in _occurrences(text, sign)} - {-1}
    for place in near:
        end = starts[place + 1] if place + 1 < len(starts) else len(text)
        for each in identifiers.ARXIV_IN_TEX.findall(text, starts[place], end):
            if each.lower() in numbers or identifiers.arxiv_id(f"arXiv:{each}").lower() in numbers:
                yield starts[place]


def _occurrences(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _by_abstract(document: Document, sources: Sequence[Record]) -> set[int]:
    if not sources:
        return set()
    wanted = {tuple(fold.words(each.abstract[:300])[:5]) for each in sources}
    text, find = document.text, document.text.find
    found: set[int] = set()
    for place, start, end in _spans(document):
        at = find("bstract", start, end)
        if at >= 0:
            value = text[at + 7 : min(at + 300, end)].lstrip(' \t\r\n={"').translate(_MARKUP)
            if tuple(fold.words(value)[:5]) in wanted:
                found.add(place)
    return found
