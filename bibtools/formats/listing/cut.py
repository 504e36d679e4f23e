"""Where the title ends and the authors begin, on a line that runs them together: ``...State SpacesJane Roe, Li Wu et al.``

Nothing marks the cut, so it is chosen by evidence, never by the last capital alone. A candidate is a place within a word
where a personal name could begin; what speaks for it or against it is counted by `features`: the shape of the name on the
right (initials, particles, inner capitals), the shape of the title's last word on the left, whether the other authors look
like names, and what the rest of the page knows: names seen elsewhere, words seen in other titles and abstracts. The weights
of the features were fitted by maximum likelihood to titles and authors of public bibliographies
(`tests/benchmarks/compact_cut.py` measures them on lines they were not fitted to).

The lines of a page are solved together, twice: what the first pass found with confidence is evidence in the second.

Reading from the right, ``· affiliation`` and ``et al.`` come off first; "et al." is written after three authors, so then
the number of authors is known, and otherwise it is one to three (more only where the page shows more).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bibtools.formats.listing.evidence import (
    Candidate,
    Line,
    Page,
    features,
    is_organisation,
    left_class,
    looks_like_name,
    token_class,
)
from bibtools.formats.listing.weights import WEIGHTS

__all__ = [
    "Page",
    "Split",
    "candidates",
    "features",
    "is_author_line",
    "is_organisation",
    "left_class",
    "looks_like_name",
    "parse_line",
    "split",
    "split_lines",
    "token_class",
]

_ET_AL = re.compile(r",?\s+et\.?\s+al\.?$")
_OPENING = "-‐–&@([{\\`“‘«„¿¡"  # a title does not end with one of these
_ELISION = re.compile(r"(?:^|[^\w'’])[^\W\d_]?['’]$")  # O' and d', and the quotation mark that opens
_LONGEST_NAME = 120  # characters; what is left of them is title for certain
_MOST_AUTHORS = 3


@dataclass(frozen=True, slots=True)
class Split:
    """A line taken apart. ``margin`` is how much better (in nats) this cut is than the next best one; ``capitals`` counts the
    places within the word that is cut where a name could begin."""

    title: str
    authors: tuple[str, ...]
    truncated: bool = False
    affiliation: str = ""
    margin: float = 0.0
    capitals: int = 1


# -- the pieces of a line -----------------------------------------------------------------------------------------------


def parse_line(text: str) -> Line:
    text = text.strip()
    affiliation = ""
    head, dot, tail = text.rpartition(" · ")
    if dot and len(tail) <= 200:
        text, affiliation = head.rstrip(), tail.strip()
    match = _ET_AL.search(text[-20:])
    if match:
        text = text[: len(text) - len(match[0])]
    starts = [0, *(each.end() for each in re.finditer(r", ", text))]
    return Line(text, tuple(starts), match is not None, affiliation)


def candidates(line: Line, page: Page) -> Iterator[Candidate]:
    """Places where the first author may begin, with the authors that would follow."""
    last = len(line.starts) - 1
    following: list[str] = []
    for place in range(last, -1, -1):
        segment = line.segment(place)
        count = len(following) + 1
        if count > _MOST_AUTHORS and not all(map(looks_like_name, following[-2:])):
            return
        if not (line.truncated and count < _MOST_AUTHORS <= last + 1):
            offset = line.starts[place]
            names = tuple(reversed(following))
            for at in _joins(segment, page):
                yield Candidate(offset + at, (segment[at:], *names))
        following.append(segment)
        if count >= _MOST_AUTHORS and (line.truncated or count > 10_000):
            return


def _joins(segment: str, page: Page) -> Iterator[int]:
    """Places in a segment where a name may begin right after another character."""
    first = max(1, len(segment) - _LONGEST_NAME)
    for at in range(first, len(segment)):
        left, right = segment[at - 1], segment[at]
        if left.isspace() or right.isspace():
            continue
        if right.isupper() or right.istitle():
            if left not in _OPENING and not (left in "'’" and _ELISION.search(segment[max(0, at - 4) : at])):
                yield at
        elif right.isalpha() and ((not left.isalnum() and left in '?!)]}"”$.:') or segment[at:] in page.names):
            yield at


def is_author_line(text: str) -> bool:
    """Whether a line holds nothing but names: all of them look so, or most of several (``Wen qi Wei``)."""
    line = parse_line(text)
    names = [line.segment(place) for place in range(len(line.starts))]
    good = sum(map(looks_like_name, names))
    return good == len(names) or (2 * good > len(names) and all(len(each.split()) <= 5 for each in names))


# -- choosing -----------------------------------------------------------------------------------------------------------


def _score(found: dict[str, float]) -> float:
    return sum(WEIGHTS.get(name, 0.0) * value for name, value in found.items())


def _best(line: Line, page: Page) -> tuple[Candidate | None, float]:
    scored = [(_score(features(line, each, page)), -each.at, each) for each in candidates(line, page)]
    if not scored:
        return None, 0.0
    scored.sort(key=lambda each: each[:2], reverse=True)
    margin = scored[0][0] - scored[1][0] if len(scored) > 1 else 10.0
    return scored[0][2], margin


def split(text: str, page: Page | None = None) -> Split:
    """One line by itself, or with what a page knows."""
    line = parse_line(text)
    candidate, margin = _best(line, page or Page())
    return _split(line, candidate, margin)


def _split(line: Line, candidate: Candidate | None, margin: float) -> Split:
    if candidate is None:
        return Split(line.text, (), line.truncated, line.affiliation, -math.inf)
    title = line.text[: candidate.at].rstrip()
    begin = line.text.rfind(" ", 0, candidate.at) + 1
    end = line.text.find(" ", candidate.at)
    word = line.text[begin : end if end >= 0 else len(line.text)]
    return Split(title, candidate.names, line.truncated, line.affiliation, margin, len(_INNER_CAPITAL.findall(word)))


_INNER_CAPITAL = re.compile(r"(?<=[^\W_])(?=[A-Z][^\W\d_A-Z])|(?<=[a-z])(?=[A-Z])")


def split_lines(texts: Sequence[str], prose: Iterable[str] = ()) -> tuple[Split, ...]:
    """The lines of one page; ``prose`` is what else stands on it (abstracts), which knows the words of its titles."""
    lines = [parse_line(each) for each in texts]
    certain = Page()
    for each in prose:
        certain.add_words(each)
    for line in lines:
        for name in _certain_names(line):
            certain.add_name(name)
    first = [_best(line, certain) for line in lines]
    knows = Page(Counter(certain.names), Counter(certain.given), Counter(certain.family), Counter(certain.words))
    for line, (candidate, margin) in zip(lines, first, strict=True):
        if candidate is not None and margin > CONFIDENT:
            knows.add_name(candidate.names[0])
            knows.add_words(line.text[: candidate.at])
    result = []
    for line, (candidate, margin) in zip(lines, first, strict=True):
        mine = candidate is not None and margin > CONFIDENT
        if mine and candidate is not None:
            result.append(_split(line, candidate, margin))
            continue
        second, margin = _best(line, knows)
        result.append(_split(line, second, margin))
    return tuple(result)


CONFIDENT = 4.0


def _certain_names(line: Line) -> Iterator[str]:
    """Authors that stand between commas on a truncated line are names whatever the cut is."""
    last = len(line.starts) - 1
    if line.truncated and last >= 2:
        yield from (line.segment(last - 1), line.segment(last))
    elif last >= 1 and looks_like_name(line.segment(last)) and not list(_joins(line.segment(last), Page())):
        yield line.segment(last)
