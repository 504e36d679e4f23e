"""Which entries of a large file a merge needs to look at: the few that could be one of the sources, found in the raw text.

Making a Record of every entry costs twenty times what opening the file costs. So the text itself is asked, cheaply and
generously: an entry is near a source when it has two of the rarest words of its title and half of all, or its DOI, arXiv
number or key, or the beginning of an abstract that came without title. Whether it is the same work is for `match` to say.
Entries spread over the file come along, so that the matcher still sees how common words and names are there.

Small files are not worth it: they are looked at whole (`WHOLE`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from math import log

from bibtools import arxiv, fold
from bibtools.bibfile import Document
from bibtools.record import Record

__all__ = ["WHOLE", "entries_near"]

WHOLE = 5000  # entries up to which a file is looked at whole
RARE = 4  # words of a title that are looked for; two must be there, so that a misprint does not hide an entry
SPREAD = 400  # entries that come along
HALF = 0.5  # of what a source's words tell, a rare word telling more: the entry may have others
NEARLY_ALL = 0.8  # of an entry's words: it may have the main title only
TITLE = 240  # characters of a title that are looked at

_WORD = re.compile(r"[^\W_]{3,}")
_MARKUP = str.maketrans("", "", "{}\\\"'`^~$")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"{},]+")
_ARXIV = re.compile(r"(?<!\d)\d{4}\.\d{4,5}(?!\d)|[a-z-]+(?:\.[A-Z]{2})?/\d{7}")


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


def _by_title(document: Document, sources: Sequence[Record]) -> set[int]:
    wanted = [set(_WORD.findall(fold.text(each.title))) for each in sources if each.title]
    vocabulary = frozenset().union(*wanted)
    places: dict[str, list[int]] = defaultdict(list)
    held: dict[int, frozenset[str]] = {}
    length: dict[int, int] = {}
    for place, title in _titles(document):
        spelled = _WORD.findall(title)
        length[place] = len(spelled)
        held[place] = vocabulary.intersection(spelled)
        for word in held[place]:
            places[word].append(place)
    telling = {word: log(len(length) / (1 + len(places[word])) + 1) for word in vocabulary}
    sets: dict[str, set[int]] = {}
    found: set[int] = set()
    for words in wanted:
        rare = sorted(words, key=lambda word: (len(places[word]), word))[:RARE]
        for word in rare:
            if word not in sets:
                sets[word] = set(places[word])
        near = set(places[rare[0]]) if len(rare) == 1 else set()
        for one, other in combinations(rare, 2):
            near |= sets[one] & sets[other]
        enough = HALF * sum(telling[word] for word in words)
        for place in near:
            shared = words & held[place]
            if sum(telling[word] for word in shared) >= enough or len(shared) >= NEARLY_ALL * length[place]:
                found.add(place)
    return found


def _titles(document: Document) -> Iterator[tuple[int, str]]:
    """The beginning of each entry's title, in lower case and without what TeX adds; accents off where there are any."""
    text, find = document.text, document.text.find
    for place, start, end in _spans(document):
        at = _title_at(text, find("itle", start, end), end)
        if at < 0:
            at = _title_at(text, find("ITLE", start, end), end, "ITLE")
        if at >= 0:
            value = text[at : min(at + TITLE, end)]
            title = value[: value.find("=", value.find("=") + 1)].translate(_MARKUP)
            yield place, title.lower() if title.isascii() else fold.text(title)


def _title_at(text: str, at: int, end: int, rest: str = "itle") -> int:
    """The value of a field `title` (not `booktitle`) from a place where its name may stand."""
    while at >= 0:
        before = text[at - 2]
        if not before.isalnum() and before not in "-_" and text[at + 4 : at + 24].lstrip()[:1] == "=":
            return at + 4
        at = text.find(rest, at + 4, end)
    return -1


def _by_identifier(document: Document, sources: Sequence[Record]) -> set[int]:
    dois = {fold.doi(each.doi) for each in sources if each.doi}
    numbers = {each.arxiv_id.lower() for each in sources if each.arxiv_id}
    dois |= {f"10.48550/arxiv.{number}" for number in numbers}
    if not dois and not numbers:
        return set()
    text, find = document.text, document.text.find
    found: set[int] = set()
    for place, start, end in _spans(document):
        if dois and find("10.", start, end) >= 0:
            for each in _DOI.findall(text, start, end):
                if fold.doi(each) in dois:
                    found.add(place)
        if numbers and (
            find("rXiv", start, end) >= 0 or find("rxiv", start, end) >= 0 or find("print", start, end) >= 0
        ):
            for each in _ARXIV.findall(text, start, end):
                if arxiv.find_id(f"arXiv:{each}").lower() in numbers or each.lower() in numbers:
                    found.add(place)
    return found


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
