"""Venue names compared: abbreviations word by word, initialisms, parallel names in two languages, series noise.

``J. Clin. Invest.`` is ``Journal of Clinical Investigation`` because each short word begins, or is made of letters in order of,
the next long one; ``JPEN`` because it is the initials. Years, ordinals and "Proceedings of the" are the noise of a series and
are left out. Venues are weak evidence: many names of one venue have nothing in common (``SIGMOD Conference``,
``Management of Data``), which is why pairs that agree in everything else may teach equivalents (see `learned` in `evidence`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz import fuzz

from bibtools import fold

__all__ = ["Venue", "likeness", "venue"]

_NOISE = frozenset(
    """the of and in on for to a an at der die das und fur des de la le les et du el y los las di del e il proceedings proc
    procs pre annual annu ann international intl int conference conf symposium symp sympos workshop workshops meeting
    advances lecture notes volume vol part section sec series first second third fourth fifth sixth seventh eighth ninth
    tenth eleventh twelfth thirteenth twentieth electronic resource online print official appear press submitted""".split()
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)?$|(?:twent|thirt|fort|fift)[iy].*")
_ARCHIVES = frozenset(
    ("corr", "arxiv", "biorxiv", "medrxiv", "ssrn", "chemrxiv", "psyarxiv", "socarxiv", "osf", "preprint", "preprints", "eprint",
     "openreview", "hal", "repec", "zenodo", "techrxiv", "authorea")
)  # fmt: skip


_JOURNALS = frozenset(
    ("journal", "j", "jour", "transactions", "trans", "letters", "magazine", "annals", "bulletin", "revue")
)
_MEETINGS = frozenset(
    ("conference", "conf", "symposium", "symp", "sympos", "workshop", "proceedings", "proc", "meeting")
)


class Venue(NamedTuple):
    joined: str  # all words, the identity of the name
    words: tuple[str, ...]  # the words that tell it from other venues
    initials: str  # of all words
    is_archive: bool
    kind: str = ""  # "journal" or "meeting" where the name says so
    parallel: tuple[tuple[str, ...], ...] = ()  # the parts of "name = name in another language"


_NOISE_BEGINNINGS = frozenset(word[:length] for word in _NOISE for length in range(4, len(word)) if len(word) > 5)


def _is_noise(word: str) -> bool:
    return word in _NOISE or word in _NOISE_BEGINNINGS or bool(_ORDINAL.match(word))


def _telling(words: list[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not _is_noise(word))


def venue(text: str) -> Venue:
    """The comparison form of a venue's name."""
    words = fold.words(text)
    telling = _telling(words) or tuple(words)
    parallel = tuple(_telling(fold.words(part)) for part in text.split("=")) if "=" in text else ()
    if not any(word.isalpha() for word in words):
        return Venue("", (), "", False)
    archive = any(word in _ARCHIVES for word in telling[:2]) and len(telling) <= 4
    kind = "meeting" if not _MEETINGS.isdisjoint(words) else ""
    kind = "journal" if not _JOURNALS.isdisjoint(words) else kind
    return Venue(" ".join(words), telling, "".join(word[0] for word in words), archive, kind, parallel)


def _is_subsequence(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _acronym_of(short: Venue, long: Venue) -> bool:
    """``ICIS``, ``STOC``: initials of the other's words in order, of every telling word among them."""
    telling = "".join(word[0] for word in long.words)
    return len(telling) > 1 and any(
        3 <= len(word) <= 8 and _is_subsequence(word, long.initials) and _is_subsequence(telling, word)
        for word in short.words[:2]
    )


def _abbreviates(short: str, long: str) -> bool:
    """``invest`` or ``invstgn`` for ``investigation``: begins alike and all its letters follow in order."""
    if not long.startswith(short[0]):
        return False
    if long.startswith(short):
        return True
    letters = iter(long)
    return len(short) >= 3 and long.startswith(short[:2]) and all(letter in letters for letter in short)


def _aligned(short: tuple[str, ...], long: tuple[str, ...]) -> int:
    """How many words of the shorter name find, in order, a word of the longer that they abbreviate or equal."""
    found, place = 0, 0
    for word in short:
        for ahead in range(place, len(long)):
            if _abbreviates(word, long[ahead]) or _abbreviates(long[ahead], word):
                found, place = found + 1, ahead + 1
                break
    return found


def likeness(left: Venue, right: Venue) -> float:
    """0 (nothing in common) to 1 (the same name)."""
    if left.joined == right.joined or left.words == right.words:
        return 1.0
    if left.kind and right.kind and left.kind != right.kind:
        return 0.2
    if _acronym_of(left, right) or _acronym_of(right, left):
        return 0.9
    best = 0.0
    for one in left.parallel or (left.words,):
        for other in right.parallel or (right.words,):
            if one and other:
                best = max(best, _words_likeness(one, other))
    return best


def _words_likeness(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    if len(short) == 1 and len(short[0]) > 2:
        word = short[0]
        initials = "".join(each[0] for each in long)
        if len(long) > 1 and (word in initials or initials in word) and len(initials) >= 3:
            return 0.95
        if word in long:
            return 0.9 if len(long) <= 3 else 0.75
    found = _aligned(short, long)
    if found == len(short):
        return 1.0 if len(short) == len(long) else 0.95 if len(short) > 1 or len(long) < 3 else 0.8
    spelled = fuzz.ratio("".join(left), "".join(right)) / 100
    return max(found / len(short) * 0.65, spelled if spelled > 0.85 else 0.0)
