"""Author lists compared: initials against full names, lists cut short, swapped order, particles, typing errors.

An author list is folded to people: surname without particles and spaces, initials, and the first given name where it is more
than an initial. What a source writes in lower case throughout ("avrim blum") reaches us with the given name as a particle,
and "Blum A." with the two swapped; both are put right here, as only here does it matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from bibtools import fold
from bibtools.record import Name

__all__ = ["EMPTY", "Crowd", "Person", "compare", "crowd"]


class Person(NamedTuple):
    surname: str
    initials: str
    given: str  # the first given name in full, or ""
    parts: tuple[str, ...] = ()  # the words of a surname of several words


class Crowd(NamedTuple):
    people: tuple[Person, ...]
    truncated: bool


EMPTY = Crowd((), False)
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "md", "phd"))
_NOT_PEOPLE = frozenset(
    ("et al", "others", "anonymous", "anon", "no author", "unknown", "etal", "al", "editor", "editors", "in")
)
COLLECTIVE = ("(group)",)  # marks a group; many names of one group have nothing in common, so it never disagrees
_COLLECTIVE = re.compile(
    r"\b(?:group|study|consortium|committee|collaborat\w+|investigators|network|society|association|organi[sz]ation|team"
    r"|institute|university|department|ministry|agency|council|foundation|federation|centers?|centre)\b",
    re.I,
)


def person(name: Name) -> Person | None:
    """The comparison form of a name, ``None`` for "et al", "Anonymous" and a lone initial."""
    if not (name.literal or name.non_dropping_particle or name.dropping_particle):
        words, odd = _family(name.family)
        if not odd:
            initials, whole, group = _given(name.given)
            if not group:
                return Person("".join(words), initials, whole, words if len(words) > 1 else ())
    return _any_person(name)


@lru_cache(maxsize=1 << 16)
def _family(family: str) -> tuple[tuple[str, ...], bool]:
    """The words of a surname, and whether it needs a closer look: initials, a group, "et al"."""
    words = tuple(word for word in fold.surname(Name(family=family)).split() if word not in _SUFFIXES)
    odd = not words or min(map(len, words)) < 2 or (family.isupper() and len(family) <= 3)
    return words, odd or " ".join(words) in _NOT_PEOPLE or bool(_COLLECTIVE.search(family))


@lru_cache(maxsize=1 << 16)
def _given(given: str) -> tuple[str, str, bool]:
    """Initials, the first name where it is more than an initial, and whether this is no person's name."""
    first = fold.words(given)
    if first in (["null"], ["none"], ["nan"]):
        return "", "", False
    whole = first[0] if first and len(first[0]) > 1 and not given.isupper() else ""
    return fold.initials(Name(given=given)), whole, bool(_COLLECTIVE.search(given))


def _any_person(name: Name) -> Person | None:
    if name.literal:
        words = fold.words(name.literal)
        return None if not words or " ".join(words) in _NOT_PEOPLE else Person("".join(words), "", "", COLLECTIVE)
    particles = fold.words(f"{name.dropping_particle} {name.non_dropping_particle}")
    stray = " ".join(word for word in particles if word not in fold.PARTICLES)
    family, given = name.family, f"{name.given} {stray}".strip()
    if _COLLECTIVE.search(f"{name.family} {given}"):
        return Person("".join(fold.words(f"{given} {name.family}")), "", "", COLLECTIVE)
    words = fold.surname(Name(family=family)).split()
    if given and (all(len(word) == 1 for word in words) or _looks_like_initials(family, given)):
        said = fold.words(given)
        letters = [word for word in said if len(word) == 1] + fold.words(family)
        words = [word for word in said if len(word) > 1]
        words, given = (words, " ".join(letters)) if words else (fold.words(family), given)
    words = [word for word in words if word not in _SUFFIXES] or words
    if any(len(word) > 1 for word in words):  # "Santos A": an initial in the surname's field
        given = " ".join([word for word in words if len(word) == 1] + [given]).strip()
        words = [word for word in words if len(word) > 1]
    if not words or " ".join(words) in _NOT_PEOPLE or (len(words[0]) == 1 and words[0].isascii()):
        return None
    initials, whole, _ = _given(given)
    return Person("".join(words), initials, whole, tuple(words) if len(words) > 1 else ())


def _looks_like_initials(family: str, given: str) -> bool:
    """``Smith JA`` read as given name and family name."""
    return family.isupper() and len(family) <= 3 and len(given) > 2 and not given.isupper() and "." not in given


def crowd(names: Sequence[Name], truncated: bool) -> Crowd:
    people = tuple(found for found in map(person, names) if found)
    return Crowd(people, truncated or (len(people) < len(names) and person(names[-1]) is None))


def _given_names_agree(left: Person, right: Person) -> bool:
    """Silence agrees; full names must be alike or short forms of one another; initials must begin alike."""
    if not left.initials or not right.initials:
        return True
    if left.initials[0] != right.initials[0]:
        return left.initials == right.initials[::-1] and len(left.initials) > 1
    if left.given and right.given and left.given != right.given:
        short, long = sorted((left.given, right.given), key=len)
        return long.startswith(short[:3]) or OSA.distance(short, long, score_cutoff=2) <= 2
    return True


def alike(left: Person, right: Person) -> float:
    """0 to 1: how well two names can be one person's."""
    if left == right:
        return 1.0
    if left.surname == right.surname:
        return 1.0 if _given_names_agree(left, right) else 0.4
    if _surnames_alike(left, right):
        return 0.85 if _given_names_agree(left, right) else 0.2
    if _swapped(left, right) or _swapped(right, left):
        return 0.9
    return 0.0


def _swapped(left: Person, right: Person) -> bool:
    """``Andrea Carignani`` and ``C. Andrea``, ``Wang Xiaoguang`` and ``Xiaoguang Wang``."""
    return left.given == right.surname and len(left.given) > 2 and left.surname[:1] in right.initials


def _surnames_alike(left: Person, right: Person) -> bool:
    short, long = sorted((left.surname, right.surname), key=len)
    if len(short) < 3:
        return False
    if left.parts or right.parts:
        one, other = set(left.parts or (left.surname,)), set(right.parts or (right.surname,))
        if one <= other or other <= one:
            return True
    allowed = 1 if len(short) < 7 else 2
    return OSA.distance(short, long, score_cutoff=allowed) <= allowed


LIKE = 0.4  # of two names that can be one person's, with a doubt


class Likeness(NamedTuple):
    """How two author lists meet. ``matched`` counts people (a doubtful one as a fraction)."""

    matched: float
    fewer: int
    more: int
    truncated: bool  # one list is said to be, or looks, cut short
    first: float  # how alike the first authors are


SILENT = Likeness(0.0, 0, 0, False, 0.0)


def _without_groups(each: Crowd) -> Crowd:
    return Crowd(tuple(person for person in each.people if person.parts != COLLECTIVE), each.truncated)


def compare(left: Crowd, right: Crowd) -> Likeness:
    """Match people of the shorter list to people of the longer one, same place first."""
    if any(each.parts == COLLECTIVE for each in (*left.people, *right.people)):
        left, right = _without_groups(left), _without_groups(right)
        if not left.people or not right.people:
            return SILENT
    short, long = (left, right) if len(left.people) <= len(right.people) else (right, left)
    fewer, more = len(short.people), len(long.people)
    if short.people == long.people:
        return Likeness(fewer, fewer, more, False, 1.0)
    first = alike(short.people[0], long.people[0])
    matched, in_order, rest, free = _same_place(short.people, long.people)
    if rest and (matched or fewer < 4 or not {each.surname for each in rest}.isdisjoint(each.surname for each in free)):
        in_order = False
        matched += _any_place(rest, free)
    cut = fewer < more and in_order and (short.truncated or fewer >= 3)
    return Likeness(matched, fewer, more, cut or (short.truncated and fewer < more), first)


def _same_place(short: tuple[Person, ...], long: tuple[Person, ...]) -> tuple[float, bool, list[Person], list[Person]]:
    """What people at the same place match, and who is left of each list."""
    matched, rest, free = 0.0, [], list(long[len(short) :])
    for one, other in zip(short, long, strict=False):
        found = alike(one, other)
        if found >= LIKE:
            matched += found
        else:
            rest.append(one)
            free.append(other)
    return matched, not rest, rest, free


def _any_place(rest: list[Person], free: list[Person]) -> float:
    """What the others match, each one person at most; long lists by equal surnames only."""
    matched = 0.0
    brief = len(rest) * len(free) <= 64
    for each in rest:
        others = free if brief else [other for other in free if other.surname == each.surname]
        best, other = max(((alike(each, other), other) for other in others), default=(0.0, each))
        if best >= LIKE:
            matched += best
            free.remove(other)
    return matched
