"""What one author list is to another: the same people up to form, cut short, with somebody missing, added, moved or replaced.

Two names are one person's by `match.authors`, and more leniently where a reproach would hang on it: a surname that changed
with its given name unchanged, an index's number behind a name ("Li 0001"), a name of one part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from bibtools import fold
from bibtools.match import authors
from bibtools.match.authors import AuthorList, Person
from bibtools.record import Name, Record

__all__ = ["SILENT", "Meeting", "People", "meet", "people_of"]


class Meeting(StrEnum):
    SILENT = "silent"  # one of the two names nobody, or a group only
    SAME = "same"
    CUT = "cut"  # the entry, or the source, says that more people follow, and those that it names fit
    MISSING = "missing"  # somebody that is known is not named, and the entry does not say that more follow
    ADDED = "added"  # somebody is named who is not known
    ORDER = "order"  # another one comes first; behind the first, sources and versions have people in any order
    REPLACED = "replaced"  # some people are others
    OTHER = "other"  # nobody is the same


SILENT = Meeting.SILENT
SUFFIXES = frozenset("jr sr ii iii iv".split())
MOST = 200  # people that are compared; of longer lists the first
LARGE = 30  # people from which on a list that is shorter is taken for one that was cut


class People(NamedTuple):
    listed: AuthorList
    words: tuple[frozenset[str], ...] = ()  # of each name, whatever its order


class Relation(NamedTuple):
    meeting: Meeting
    matched: int = 0
    cited: tuple[str, ...] = ()  # surnames that only the entry has
    known: tuple[str, ...] = ()  # surnames that only the known work has
    size: int = 0  # people of the entry
    of: int = 0  # people of the known work
    doubtful: int = 0  # people that share a surname and not the given name


NOBODY = Relation(Meeting.SILENT)


def people_of(record: Record) -> People:
    names = record.author or record.editor
    if not names:
        return People(authors.EMPTY)
    kept = tuple(map(_plain, names[:MOST]))
    listed = authors.author_list(kept, record.authors_truncated or len(names) > MOST)
    pairs = [(found, name) for name in kept if (found := authors.person(name))]
    pairs = [(found, name) for found, name in pairs if found.parts != authors.COLLECTIVE]
    people = tuple(found for found, _ in pairs)
    return People(AuthorList(people, listed.truncated), tuple(_words(name) for _, name in pairs))


@lru_cache(maxsize=1 << 14)
def _words(name: Name) -> frozenset[str]:
    return frozenset(fold.words(f"{name.given} {name.surname}")) - SUFFIXES


def _plain(name: Name) -> Name:
    """DBLP numbers namesakes: "Wei Li 0001" is read as a family name 0001. "and" is left of a list that
    was parted wrongly."""
    if name.literal and " " not in name.literal.strip():  # a person of one name: "Mausam"
        name = Name(family=name.literal.strip())
    if name.given.startswith("and "):
        name = replace(name, given=name.given[4:])
    elif name.given == "and":
        name = replace(name, given="")
    if (name.family.isdigit() or name.family == "and") and name.given:
        given, _, family = name.given.rpartition(" ")
        return Name(family=family, given=given)
    return name


def _is_one(cited: Person, known: Person, words: tuple[frozenset[str], frozenset[str]]) -> bool:
    if words[0] == words[1] and len(words[0]) > 1:  # the family name first, or a middle name taken for it
        return True
    if _is_turned(cited, known, words[1]) or _is_turned(known, cited, words[0]):
        return True
    return authors.alike(cited, known) >= authors.CERTAIN or _is_one_leniently(cited, known)


def _is_one_leniently(cited: Person, known: Person) -> bool:
    one, other = cited.surname, known.surname
    if min(len(one), len(other)) >= 5 and (one.startswith(other) or other.startswith(one)):
        return True
    if cited.given and known.given and {one, cited.given} == {other, known.given}:
        return True
    whole, wanted = sorted(cited.given + one), sorted(known.given + other)
    return bool(cited.given and known.given) and whole == wanted


def _is_turned(short: Person, full: Person, words: frozenset[str]) -> bool:
    """Whether one is the other with given and family name in each other's place, an initial for one: "L. Fei-Fei"."""
    own = frozenset(short.parts or (short.surname,))
    return short.initials == full.surname[:1] and len(short.surname) > 2 and own == words - {full.surname}


def _may_be_one(cited: Person, known: Person) -> bool:
    """At one place of two lists: a surname that changed, another way to write a name from another script."""
    if cited.surname == known.surname:
        return True
    if cited.given and cited.given == known.given and len(cited.given) > 2:
        return True
    allowed = 2 if min(len(cited.surname), len(known.surname)) > 4 else 1
    if cited.surname[:1] == known.surname[:1] and cited.initials[:1] == known.initials[:1]:
        return OSA.distance(cited.surname, known.surname, score_cutoff=allowed + 1) <= allowed + 1
    return False


def meet(cited: People, known: People) -> Relation:
    """What the people of an entry are to those of a known work."""
    mine, theirs = cited.listed.people, known.listed.people
    if not mine or not theirs:
        return NOBODY
    if mine == theirs:
        return Relation(Meeting.SAME, len(mine), size=len(mine), of=len(theirs))
    if _is_group(mine) != _is_group(theirs):
        return NOBODY
    likeness = authors.compare(cited.listed, known.listed)
    if likeness == authors.SILENT:
        return NOBODY
    pairs, doubtful = _paired(mine, theirs, cited.words, known.words)
    if likeness.matched > likeness.more - 0.3 and len(pairs) < likeness.more:  # what only the matcher knows to undo
        return Relation(Meeting.SAME, likeness.fewer, size=len(mine), of=len(theirs))
    rest = [person for place, person in enumerate(mine) if place not in pairs]
    unnamed = [person for place, person in enumerate(theirs) if place not in pairs.values()]
    found = Relation(
        Meeting.SAME,
        len(pairs),
        tuple(person.surname for person in rest),
        tuple(person.surname for person in unnamed),
        len(mine),
        len(theirs),
        doubtful,
    )
    return found._replace(meeting=_meeting(found, cited, known, pairs))


def _is_group(people: Sequence[Person]) -> bool:
    """Whether a list is one name of one part, such as that of a company: people beside it contradict nothing."""
    return len(people) == 1 and not people[0].initials


def _meeting(found: Relation, cited: People, known: People, pairs: dict[int, int]) -> Meeting:
    if found.matched == 0 or (found.matched == found.doubtful and not found.doubtful == found.size == found.of):
        return Meeting.OTHER
    if found.cited and found.known:
        cut = known.listed.truncated and len(pairs) >= found.of
        return Meeting.CUT if cut else Meeting.REPLACED
    if found.cited:
        run_together = {word for words in known.words for word in words}.issuperset(found.cited)
        return Meeting.CUT if known.listed.truncated or run_together else Meeting.ADDED
    if found.known:
        cut = cited.listed.truncated or known.listed.truncated or found.of >= LARGE
        return Meeting.CUT if cut else Meeting.MISSING
    places = [pairs[place] for place in sorted(pairs)]
    if places[0] == 0 or places == sorted(places) or _is_sorted(cited.listed.people) or _is_sorted(known.listed.people):
        return Meeting.SAME
    return Meeting.ORDER


def _is_sorted(people: Sequence[Person]) -> bool:
    """Whether a list is in the order of the alphabet, as some services sort it: then its order says nothing."""
    surnames = [person.surname for person in people]
    return surnames == sorted(surnames)


Words = Sequence[frozenset[str]]


def _paired(
    mine: Sequence[Person], theirs: Sequence[Person], own_words: Words, their_words: Words
) -> tuple[dict[int, int], int]:
    """Which person of the entry is which of the known work, by place; and how many of them with a doubt."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for place, (one, other) in enumerate(zip(mine, theirs, strict=False)):
        if _is_one(one, other, (own_words[place], their_words[place])):
            pairs[place] = place
            taken.add(place)
    by_surname: dict[str, list[int]] = {}
    for place, person in enumerate(theirs):
        by_surname.setdefault(person.surname, []).append(place)
    brief = len(mine) * len(theirs) <= 900
    for place, one in enumerate(mine):
        if place in pairs:
            continue
        others = range(len(theirs)) if brief else by_surname.get(one.surname, ())
        free = (each for each in others if each not in taken)
        partner = next(
            (each for each in free if _is_one(one, theirs[each], (own_words[place], their_words[each]))), None
        )
        if partner is not None:
            pairs[place] = partner
            taken.add(partner)
    doubtful = 0
    for place, one in enumerate(mine):
        if place in pairs:
            continue
        same = [each for each in by_surname.get(one.surname, ()) if each not in taken]
        at = place if place < len(theirs) and place not in taken and _may_be_one(one, theirs[place]) else None
        partner = at if at is not None else same[0] if same else None
        if partner is not None:
            pairs[place] = partner
            taken.add(partner)
            doubtful += 1
    return pairs, doubtful
