"""Author lists compared: initials against full names, lists cut short, swapped order, particles, typing errors.

An author list is folded to people: surname without particles and spaces, initials, and the first given name where it is more
than an initial. What a source writes in lower case throughout ("avrim blum") reaches us with the given name as a particle,
and "Blum A." with the two swapped; both are put right here, as only here does it matter. A name in Chinese characters, kana
or Hangul is one word, whether its source parted family and given name or not. Lists in two scripts are compared by what
anyascii makes of them; where that does not agree (it reads Japanese names as Chinese ones) they say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from bibtools import fold
from bibtools.record import Name

__all__ = ["EMPTY", "AuthorList", "Likeness", "Person", "author_list", "compare"]


class Person(NamedTuple):
    surname: str
    initials: str
    given: str  # the first given name in full, or ""
    parts: tuple[str, ...] = ()  # the words of a surname of several words
    capitals: str = ""  # the letters of a given name of four capitals or more: a name (JOHN) or initials (DMCFS)


class AuthorList(NamedTuple):
    people: tuple[Person, ...]
    truncated: bool


EMPTY = AuthorList((), False)
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "md", "phd"))
_NOT_PEOPLE = frozenset(
    ("et al", "others", "anonymous", "anon", "no author", "unknown", "etal", "al", "editor", "editors", "in", "n a", "na", "null",
     "none", "and", "various", "various authors", "unknown author", "s n")
)  # fmt: skip
COLLECTIVE = ("(group)",)  # marks a group; many names of one group have nothing in common, so it never disagrees
_COLLECTIVE = re.compile(
    r"\b(?:group|study|consortium|committee|collaborat\w+|investigators|network|society|association|organi[sz]ation|team"
    r"|institute|university|department|ministry|agency|council|foundation|federation|centers?|centre|corporate|www|https?"
    r"|\w+\.(?:org|com|net|edu))\b",
    re.I,
)
# An ellipsis ends a list that was cut short; "â?¦" is one whose bytes were read in the wrong encoding.
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|â.¦|&hellip;)\s*$")
# UTF-8 read as Latin-1: the second character is the rest of the letter, or "?" where even that is gone.
_TWICE_ENCODED = re.compile("[ÃÅÄ][\x80-\xbf?¡-¿]")
_LOST_LETTER = re.compile("(?<=[^\\W\\d])[?\ufffd]|[?\ufffd](?=[^\\W\\d])")
_ONE_WORD_SCRIPT = re.compile("[\u1100-\u11ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")

# Short forms that do not begin as the name does, or whose beginning tells little. Each group is one name.
_SHORT_FORMS = """
abraham abe avi | albert al bert | alexander alex sasha sandy | andrew andy drew | anthony tony
barbara barb babs | benjamin ben benny | catherine katherine kathryn cathy kathy kate katie
charles chuck charlie | christopher chris kit | daniel dan danny | david dave davy | deborah debbie deb
donald don donnie | dorothy dot | douglas doug | edward ed eddie ned ted teddy
elizabeth liz beth betty betsy lisa eliza | eugene gene | francis frank fran | frederick fred
geoffrey jeffrey jeff geoff | gerald gerry jerry | gregory greg | harold hal harry | henry hank harry
jacob jake | james jim jimmy jamie | jennifer jen jenny | jerome jerry | john jack johnny jon | jonathan jon
joseph joe joey | joshua josh | kenneth ken kenny | lawrence larry | leonard len lenny leo
margaret meg maggie peggy | matthew matt | michael mike mick mickey | nathan nate | nathaniel nat nate
nicholas nick | patricia pat patty trish | patrick pat paddy | pamela pam | peter pete | philip phil
raymond ray | rebecca becky | richard dick rick rich ricky | robert bob rob bobby bert | ronald ron
samuel sam | stephen steven steve | susan sue suzanne | theodore ted theo | thomas tom tommy | timothy tim
victor vic | victoria vicky | vincent vince | walter walt | william bill will billy willy liam
"""
_FORMS_OF: dict[str, frozenset[int]] = {}
for _number, _group in enumerate(re.split(r"[|\n]", _SHORT_FORMS)):
    for _name in _group.split():
        _FORMS_OF[_name] = _FORMS_OF.get(_name, frozenset()) | {_number}


def person(name: Name) -> Person | None:
    """The comparison form of a name, ``None`` for "et al", "Anonymous" and a lone initial."""
    if not (name.literal or name.non_dropping_particle or name.dropping_particle):
        words, odd = _family(name.family)
        if not odd:
            initials, whole, group = _given(name.given)
            if not group:
                return Person("".join(words), initials, whole, words if len(words) > 1 else (), _capitals(name.given))
    return _any_person(name)


@lru_cache(maxsize=1 << 16)
def _family(family: str) -> tuple[tuple[str, ...], bool]:
    """The words of a surname, and whether it needs a closer look: initials, a group, "et al", another script."""
    words = tuple(word for word in fold.surname(Name(family=family)).split() if word not in _SUFFIXES)
    odd = not words or min(map(len, words)) < 2 or (family.isupper() and len(family) <= 3) or "?" in family
    if not family.isascii():
        odd = odd or bool(_ELLIPSIS.search(family) or _TWICE_ENCODED.search(family) or _ONE_WORD_SCRIPT.search(family))
    return words, odd or " ".join(words) in _NOT_PEOPLE or bool(_COLLECTIVE.search(family))


@lru_cache(maxsize=1 << 16)
def _given(given: str) -> tuple[str, str, bool]:
    """Initials, the first name where it is more than an initial, and whether this is no person's name."""
    first = fold.words(given)
    if first in (["null"], ["none"], ["nan"], ["n", "a"]):
        return "", "", False
    whole = first[0] if first and len(first[0]) > 1 and not given.isupper() else ""
    return fold.initials(Name(given=given)), whole, bool(_COLLECTIVE.search(given))


def _repaired(text: str) -> str:
    """A name without the ellipsis of a list cut short and without lost letters (``M?ller``), and with letters that were encoded
    twice put right."""
    text = _ELLIPSIS.sub("", text)

    def letter(found: re.Match[str]) -> str:
        try:
            return found[0].encode("latin-1").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return ""

    return _LOST_LETTER.sub("", _TWICE_ENCODED.sub(letter, text))


def _any_person(name: Name) -> Person | None:
    if _ONE_WORD_SCRIPT.search(name.family + name.literal):
        whole = "".join(fold.words(f"{name.family} {name.given} {name.literal}"))
        return Person(whole, "", "") if whole else None
    if name.literal:
        words = fold.words(_repaired(name.literal))
        return None if not words or " ".join(words) in _NOT_PEOPLE else Person("".join(words), "", "", COLLECTIVE)
    particles = fold.words(f"{name.dropping_particle} {name.non_dropping_particle}")
    stray = " ".join(word for word in particles if word not in fold.PARTICLES)
    family, given = _repaired(name.family), f"{_repaired(name.given)} {stray}".strip()
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
    return Person("".join(words), initials, whole, tuple(words) if len(words) > 1 else (), _capitals(given))


def _capitals(given: str) -> str:
    return given.lower() if len(given) > 3 and given.isupper() and given.isalpha() and given.isascii() else ""


def _looks_like_initials(family: str, given: str) -> bool:
    """``Smith JA`` read as given name and family name."""
    return family.isupper() and len(family) <= 3 and len(given) > 2 and not given.isupper() and "." not in given


def author_list(names: Sequence[Name], truncated: bool) -> AuthorList:
    people = tuple(found for found in map(person, names) if found)
    ended = names[-1]
    cut = bool(_ELLIPSIS.search(ended.family or ended.literal) or _ELLIPSIS.search(ended.given))
    return AuthorList(people, truncated or cut or (len(people) < len(names) and person(ended) is None))


def _given_names_agree(left: Person, right: Person) -> bool:
    """Silence agrees; full names must be alike or short forms of one another; initials must begin alike."""
    if not left.initials or not right.initials:
        return True
    if left.given and right.given and left.given != right.given:
        if not _FORMS_OF.get(left.given, _NONE).isdisjoint(_FORMS_OF.get(right.given, _NONE)):
            return True
        short, long = sorted((left.given, right.given), key=len)
        begins = left.initials[0] == right.initials[0]
        if begins and (long.startswith(short[:3]) or OSA.distance(short, long, score_cutoff=2) <= 2):
            return True
        return left.initials == right.initials[::-1] and len(left.initials) > 1
    if left.initials[0] != right.initials[0]:
        return left.initials == right.initials[::-1] and len(left.initials) > 1
    return True


_NONE: frozenset[int] = frozenset()


def alike(left: Person, right: Person) -> float:
    """0 to 1: how well two names can be one person's."""
    if left == right:
        return 1.0
    if left.surname == right.surname:
        return 1.0 if _given_names_agree(left, right) else LIKE
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
CERTAIN = 0.85  # of two names that are one person's


class Likeness(NamedTuple):
    """How two author lists meet. ``matched`` counts people (a doubtful one as a fraction)."""

    matched: float
    fewer: int
    more: int
    truncated: bool  # one list is said to be, or looks, cut short
    first: float  # how alike the first authors are


SILENT = Likeness(0.0, 0, 0, False, 0.0)


def _without_groups(authors: AuthorList) -> AuthorList:
    return AuthorList(tuple(person for person in authors.people if person.parts != COLLECTIVE), authors.truncated)


def _is_ascii(authors: AuthorList) -> bool:
    """Whether the folded surnames are Latin; folding has taken the accents off."""
    return all(person.surname.isascii() for person in authors.people)


def _transliterated(authors: AuthorList) -> AuthorList:
    from anyascii import anyascii

    def latin(text: str) -> str:
        return "".join(fold.words(anyascii(text)))

    people = (
        Person(latin(person.surname), latin(person.initials)[:1], "", tuple(map(latin, person.parts)))
        for person in authors.people
    )
    return AuthorList(tuple(people), authors.truncated)


def compare(left: AuthorList, right: AuthorList) -> Likeness:
    """Match people of the shorter list to people of the longer one: those who are surely one person first, at the same position
    before any other, then those who may be one."""
    if any(person.parts == COLLECTIVE for person in (*left.people, *right.people)):
        left, right = _without_groups(left), _without_groups(right)
        if not left.people or not right.people:
            return SILENT
    if left.people != right.people and _is_ascii(left) != _is_ascii(right):
        found = _compared(_transliterated(left), _transliterated(right))
        return found if found.matched > 0.5 * found.fewer else SILENT
    found = _compared(left, right)
    if found.matched < 0.8 * found.more and left.people and right.people:
        for one, other in ((left, right), (right, left)):
            if unfolded := _unfolded(one, other):
                found = max(found, _compared(unfolded, other), key=lambda likeness: likeness.matched / likeness.more)
        if found.matched < 0.5 * found.fewer and _crosswise(left, right):
            found = found._replace(matched=CERTAIN * found.fewer, first=CERTAIN)
    return found


def _unfolded(authors: AuthorList, other: AuthorList) -> AuthorList | None:
    """``ASEOS Navathe`` where the other list has Savasere, A., Omiecinski, E. and Navathe, S.: the initials of those who were
    folded into one name by a program that read a reference. ``None`` where that is not so."""
    people: list[Person] = []
    at, changed = 0, False
    for person in authors.people:
        known = (place for place in range(at, len(other.people)) if other.people[place].surname == person.surname)
        place = next(known, None)
        if place is None:
            people.append(person)
            continue
        skipped, at = other.people[at:place], place + 1
        letters = (
            "".join(before.initials[:1] + before.surname[:1] for before in skipped) + other.people[place].initials[:1]
        )
        said = person.capitals or person.initials
        if 3 <= len(letters) <= len(said) <= 2 * len(letters) and _in_order(letters, said):
            people += [*skipped, other.people[place]]
            changed = True
        else:
            people.append(person)
    return AuthorList(tuple(people), authors.truncated) if changed else None


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _crosswise(left: AuthorList, right: AuthorList) -> bool:
    """``AnHai D, Jayant M`` and ``Doan A, Madhavan J``: given names taken for surnames, of two people or more."""
    pairs = list(zip(left.people, right.people, strict=False))
    return len(pairs) > 1 and all(
        one.surname != other.surname
        and bool(one.initials and other.initials)
        and one.surname[0] == other.initials[0]
        and other.surname[0] == one.initials[0]
        for one, other in pairs
    )


def _compared(left: AuthorList, right: AuthorList) -> Likeness:
    short, long = (left, right) if len(left.people) <= len(right.people) else (right, left)
    fewer, more = len(short.people), len(long.people)
    if short.people == long.people:
        return Likeness(fewer, fewer, more, False, 1.0)
    first = alike(short.people[0], long.people[0])
    matched, rest, free = _match_by_position(short.people, long.people, CERTAIN)
    in_order = not rest
    if rest and len(free) > more - fewer:
        by_surname = not {person.surname for person in rest}.isdisjoint(person.surname for person in free)
        if matched or fewer < 4 or by_surname:
            matched += _match_remaining(rest, free, CERTAIN)
            doubtful, rest, free = _match_by_position(tuple(rest), tuple(free), LIKE)
            in_order = not rest and in_order
            matched += doubtful + _match_remaining(rest, free, LIKE)
        else:
            doubtful, rest, _ = _match_by_position(tuple(rest), tuple(free), LIKE)
            matched += doubtful
    cut = fewer < more and in_order and (short.truncated or fewer >= 3)
    return Likeness(matched, fewer, more, cut or (short.truncated and fewer < more), first)


def _match_by_position(
    short: tuple[Person, ...], long: tuple[Person, ...], bar: float
) -> tuple[float, list[Person], list[Person]]:
    """What people at the same position match, and who is left of each list."""
    matched, rest, free = 0.0, [], []
    for one, other in zip(short, long, strict=False):
        found = alike(one, other)
        if found >= bar:
            matched += found
        else:
            rest.append(one)
            free.append(other)
    return matched, rest, free + list(long[len(short) :])


def _match_remaining(rest: list[Person], free: list[Person], bar: float) -> float:
    """What the others match, each one person at most, and taken off both lists; long lists by equal surnames only."""
    matched = 0.0
    brief = len(rest) * len(free) <= 64
    for one in rest[:]:
        others = free if brief else [other for other in free if other.surname == one.surname]
        best, partner = max(((alike(one, other), other) for other in others), default=(0.0, one))
        if best >= bar:
            matched += best
            rest.remove(one)
            free.remove(partner)
    return matched
