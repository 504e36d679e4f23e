"""Venue names: what tells one from another, and how alike two are.

``J. Clin. Invest.`` is ``Journal of Clinical Investigation`` because each short word begins, or is made of letters in order of,
the next long one; ``JPEN`` because it is the initials. Years, ordinals and "Proceedings of the" are the noise of a series: they
are no part of the name, but the year and the ordinal of a meeting are kept beside it, since CLEF 2018 is not CLEF 2019. A journal
and a meeting of one name (``VLDB J.``, ``VLDB``) are not known to be one venue nor to be two.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from bibtools import fold

__all__ = ["NO_VENUE", "Venue", "is_noise", "likeness", "same_venue", "venue"]

_NOISE = frozenset(
    """the of and in on for to a an at der die das und fur des de la le les et du el y los las di del e il proceedings proc
    procs pre annual annu ann international intl int conference conf symposium symp sympos workshop workshops meeting
    advances lecture notes volume vol part section sec series first second third fourth fifth sixth seventh eighth ninth
    tenth eleventh twelfth thirteenth twentieth electronic resource online print official appear press submitted""".split()
)
_YEAR = re.compile(r"((?:19|20)\d\d)|[a-z]+((?:19|20)\d\d)")
_SHORT_YEAR = re.compile(r"\w\s*['’‘`](\d\d)\b")
_ROMAN = re.compile(r"[a-zA-Z]\s(?=[XVI]{2})(X{0,3}(?:IX|IV|V?I{0,3}))(?<=[XVI])\b(?!\.)")
_ORDINAL_NUMBER = re.compile(r"(\d{1,3})(?:st|nd|rd|th)")
_UNITS = (
    " first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth"
    " seventeenth eighteenth nineteenth"
).split(" ")
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ROUND = {"twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60}
_PLACEHOLDERS = (["n", "a"], ["na"], ["none"], ["null"], ["unknown"], ["unpublished"], ["no", "venue"], ["tba"])
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)?$|(?:twent|thirt|fort|fift)[iy].*")
_JOURNALS = frozenset(
    (
        "journal",
        "j",
        "jour",
        "transactions",
        "trans",
        "letters",
        "lett",
        "magazine",
        "annals",
        "bulletin",
        "revue",
    )
)
_MEETINGS = frozenset(
    ("conference", "conf", "symposium", "symp", "sympos", "workshop", "proceedings", "proc", "meeting")
)


class Venue(NamedTuple):
    joined: str  # all words, the identity of the name
    words: tuple[
        str, ...
    ]  # the words that tell it from other venues; none of "Proceedings of the International Conference"
    initials: str  # of all words
    workshop: bool = False
    kind: str = ""  # "journal" or "meeting" where the name says so
    year: int = 0  # of a meeting: "CLEF 2018"
    ordinal: int = 0  # "Proceedings of the 27th ..."
    parallel: tuple[tuple[str, ...], ...] = ()  # the parts of "name = name in another language"


NO_VENUE = Venue("", (), "")
_NOISE_BEGINNINGS = frozenset(word[:length] for word in _NOISE for length in range(4, len(word)) if len(word) > 5)


def is_noise(word: str) -> bool:
    return word in _NOISE or word in _NOISE_BEGINNINGS or bool(_ORDINAL.match(word))


def _telling(words: list[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not is_noise(word))


def venue(text: str) -> Venue:
    """The comparison form of a venue's name."""
    words = fold.words(text)
    telling = _telling(words)
    parallel = tuple(_telling(fold.words(part)) for part in text.split("=")) if "=" in text else ()
    if not any(word.isalpha() for word in words) or words in _PLACEHOLDERS:
        return NO_VENUE
    kind = "meeting" if not _MEETINGS.isdisjoint(words) else ""
    kind = "journal" if not _JOURNALS.isdisjoint(words) else kind
    initials = "".join(word[0] for word in words)
    year = _year(words) or _short_year(text)
    workshop = "workshop" in words or "workshops" in words
    return Venue(" ".join(words), telling, initials, workshop, kind, year, _ordinal(words) or _roman(text), parallel)


def _year(words: list[str]) -> int:
    """The one year in a name; several ("2001-2002") are none."""
    found = {int(year[1] or year[2]) for word in words if (year := _YEAR.fullmatch(word))}
    return found.pop() if len(found) == 1 else 0


def _short_year(text: str) -> int:
    """``SIGIR '98``"""
    found = _SHORT_YEAR.search(text)
    return (1900 if int(found[1]) > 50 else 2000) + int(found[1]) if found else 0


def _roman(text: str) -> int:
    """``MT Summit XV``: a number of two capitals or more, behind the name; ``Journal de Physique IV`` is another journal too."""
    found = _ROMAN.search(text)
    if not found:
        return 0
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in found[1]]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def _ordinal(words: list[str]) -> int:
    """``27th``, ``twenty seventh``, ``XXVII`` before a meeting's word; 0 when there is none, or more than one."""
    found = {int(number[1]) for word in words if (number := _ORDINAL_NUMBER.fullmatch(word))}
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word in _TENS and after in _UNITS and _UNITS.index(after) < 10:
            found.add(_TENS[word] + _UNITS.index(after))
        elif word in _UNITS[1:] and (not found or found == {0}):
            found.add(_UNITS.index(word))
        elif word in _ROUND:
            found.add(_ROUND[word])
    return found.pop() if len(found) == 1 else 0


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
    return (len(short) >= 5 or (len(short) >= 3 and long.startswith(short[:2]))) and all(
        letter in letters for letter in short
    )


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
    if left.joined == right.joined or (left.words and left.words == right.words):
        return 1.0
    if not left.words or not right.words:
        return NEUTRAL
    if left.kind and right.kind and left.kind != right.kind:
        return 0.2
    acronym = _acronym_of(left, right) or _acronym_of(right, left)
    best = 0.9 if acronym else 0.0
    for one in left.parallel or (left.words,):
        for other in right.parallel or (right.words,):
            if one and other:
                best = max(best, _words_likeness(one, other))
    apart = _one_is_a_journal(left, right) or (left.workshop != right.workshop and not acronym)
    return min(best, NEUTRAL) if apart else best


NEUTRAL = 0.55  # neither alike nor not


def _one_is_a_journal(left: Venue, right: Venue) -> bool:
    """Only one of two names says that it is a journal's, and the other is not its acronym with that letter (``JPEN``)."""
    if (left.kind == "journal") == (right.kind == "journal"):
        return False
    journal, other = (left, right) if left.kind == "journal" else (right, left)
    letters = {word[0] for word in journal.words if word in _JOURNALS}
    short = len(other.words) == 1 and len(other.words[0]) <= 8 and other.words[0] not in journal.words
    return not (short and not letters.isdisjoint(other.words[0]) and _is_subsequence(other.words[0], journal.initials))


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


LIKELY = 0.7  # likeness from which on two names can be one venue's


@lru_cache(maxsize=1 << 14)
def same_venue(left: str, right: str) -> bool:
    """Whether two venue names, as written, can be one venue's; a letter at the end parts two series (Physical Review A and B)."""
    one, two = venue(left), venue(right)
    if _series(one) != _series(two):
        return False
    return left == right or likeness(one, two) >= LIKELY


def _series(name: Venue) -> str:
    last = name.joined.rpartition(" ")[2]
    return last if len(last) == 1 else ""
