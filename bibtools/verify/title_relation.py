"""What one title is to another: the same, the same but for a subtitle or a slip of spelling, near, or another.

A title that is near may be a misquoted one or another work's by the same people ("X for English", "X for French"); the words
alone do not tell. So this room only says which words differ; `judging` asks for evidence beside the title before it says that
a title is wrong. Parts, numbers, replies and errata are other works by the rules of `match`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache
from operator import ne
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bibtools.index import terms
from bibtools.match import titles

__all__ = ["Kin", "Title", "TitleRelation", "relate", "speak_alike", "title"]

Weigh = Callable[[str], float]


class Kin(IntEnum):
    """From nothing in common to the same."""

    OTHER = 0
    NEAR = 1  # most words are common, some differ
    SHORT = 2  # one is the other without its subtitle
    SPELLED = 3  # the same but for slips of spelling
    SAME = 4  # but for case, accents, punctuation and markup


class Title(NamedTuple):
    text: str
    words: tuple[str, ...]
    joined: str
    head: str  # joined words before the subtitle; "" where there is none
    form: titles.Title


class TitleRelation(NamedTuple):
    """``slip``: spelled otherwise in a way that is no other form of the same word, but a slip of one of the two."""

    kin: Kin
    cited: tuple[str, ...] = ()  # words that only the entry has
    known: tuple[str, ...] = ()  # words that only the known work has
    common: int = 0  # words of both
    likeness: float = 0.0  # of the letters, 0 to 1
    slip: bool = False
    replaced: int = (
        -1
    )  # places at which another word stands, where both have as many words as they are written; else -1


OTHER = TitleRelation(Kin.OTHER)
SAME = TitleRelation(Kin.SAME, likeness=1.0)
ALIKE = 0.6  # likeness of letters below which two titles are not near
INFLECTED = ("s", "es", "ed", "d", "ing", "e", "al", "ic")
LITTLE = frozenset("a an the".split())
_QUOTES = re.compile(r"\\?textquote(?:dbl)?(?:left|right)?")  # run into the next word, TeX does not know it
_STYLE = re.compile(
    r"\\(?:mbox|mathscr|mathcal|mathbb|mathrm|textrm|textit)(?![A-Z])"
)  # whose braces a source has lost
_TAG = re.compile(r"</?(?:span|i|b|sub|sup)\b[^<>]{0,80}>")
_NO_WEIGHTS = titles.WordWeights(Counter(), 0)


@lru_cache(maxsize=1 << 12)
def title(text: str) -> Title:
    plain = _TAG.sub("", _QUOTES.sub(" ", _STYLE.sub("", text)))
    words = tuple(terms.title_words(plain))
    return Title(text, words, "".join(words), terms.head(plain), titles.title(plain))


def relate(cited: Title, known: Title, weigh: Weigh) -> TitleRelation:
    """What the cited title is to the known one."""
    if not cited.joined or not known.joined:
        return OTHER
    if cited.joined == known.joined:
        return SAME._replace(common=len(cited.words))
    likeness = fuzz.ratio(cited.joined, known.joined) / 100
    short = _shortened(cited, known) or _is_cut_at_head(cited, known)
    if likeness < ALIKE and not short:
        return OTHER
    found = titles.compare(cited.form, known.form, _NO_WEIGHTS)
    if found.conflict:
        return OTHER
    if short:
        return TitleRelation(Kin.SHORT, found.left, found.right, len(set(cited.words) & set(known.words)), likeness)
    left, right = _left_over(cited.words, known.words)
    common = len(cited.words) - len(left)
    if _is_form(left, right) or _is_cut_in_word(cited, known) or _lost_accents(cited, known):
        return TitleRelation(Kin.SPELLED, left, right, common, likeness)
    if _is_slip_of(left, right, weigh):
        return TitleRelation(Kin.SPELLED, left, right, common, likeness, True)
    near = common >= 2 and likeness >= ALIKE and common >= len(left) and common >= len(right)
    replaced = _replaced(cited.text, known.text) if near else -1
    return TitleRelation(Kin.NEAR if near else Kin.OTHER, left, right, common, likeness, replaced=replaced)


def _replaced(cited: str, known: str) -> int:
    one, other = ([" ".join(terms.title_words(word)) for word in text.split()] for text in (cited, known))
    return sum(map(ne, one, other)) if len(one) == len(other) else -1


def _shortened(one: Title, other: Title) -> bool:
    """Whether one is the other's title before its subtitle, or both begin alike and have another subtitle form."""
    return (one.head == other.joined and bool(other.joined)) or (other.head == one.joined and bool(one.joined))


_SEPARATOR = re.compile(r"[:?!.;(\[]\s|\s[-–—(\[]|—")


def _is_cut_at_head(one: Title, other: Title) -> bool:
    """Whether the shorter ends where the longer has a colon, dash or bracket."""
    short, long = (one, other) if len(one.joined) < len(other.joined) else (other, one)
    if not long.joined.startswith(short.joined):
        return False
    ends = (found.start() + 1 for found in _SEPARATOR.finditer(long.text))
    return any("".join(terms.title_words(long.text[:end])) == short.joined for end in ends)


def _left_over(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words, in order, that are not in the other title, each counted as often as it stands there."""
    left, right = Counter(one), Counter(other)
    return _rest(one, left - right), _rest(other, right - left)


def _rest(words: tuple[str, ...], counts: Counter[str]) -> tuple[str, ...]:
    found = []
    for word in words:
        if counts[word] > 0:
            counts[word] -= 1
            found.append(word)
    return tuple(found)


def _is_form(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether what is left over of two titles is one text in two forms: joined or parted words, an article, British and
    American spelling, abbreviations."""
    mine, theirs = ([_american(word) for word in words if word not in LITTLE] for words in (left, right))
    return "".join(mine) == "".join(theirs) or _abbreviates(mine, theirs) or _abbreviates(theirs, mine)


def _abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether words stand for longer ones: "MT" for "machine translation", "nets" for "networks"."""
    if len(short) == 1 and len(long) > 1:
        return short[0] == "".join(word[0] for word in long)
    cut = [word.removesuffix("s") for word in short]
    return len(cut) == len(long) > 0 and all(
        len(word) >= 3 and full.startswith(word) for word, full in zip(cut, long, strict=True)
    )


def _american(word: str) -> str:
    for british, american in (("our", "or"), ("is", "iz"), ("ys", "yz"), ("re", "er"), ("ll", "l"), ("ae", "e")):
        word = word.replace(british, american)
    return word


_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "ø": "oe"})
_ACCENTED = re.compile(r"[^\x00-\x7f]")


def _lost_accents(one: Title, other: Title) -> bool:
    """Whether one is the other with its accented letters gone ("Schrdinger") or spelled out ("Schroedinger")."""
    for accented, plain in ((one, other), (other, one)):
        if not accented.text.isascii():
            forms = (_ACCENTED.sub("", accented.text), accented.text.translate(_SPELLED_OUT))
            if any("".join(terms.title_words(form)) == plain.joined for form in forms):
                return True
    return False


def _is_cut_in_word(one: Title, other: Title) -> bool:
    """Whether one is the other without its last letters, as a source that cuts them off has it."""
    short, long = sorted((one.joined, other.joined), key=len)
    return len(short) >= 12 and long.startswith(short) and len(long) - len(short) <= 3 and short[-1:].isalpha()


def _is_slip_of(left: tuple[str, ...], right: tuple[str, ...], weigh: Weigh) -> bool:
    """Whether what is left over is one text with slips: an ending, a letter or two, in words that are no other known words."""
    left = tuple(word for word in left if word not in LITTLE)
    right = tuple(word for word in right if word not in LITTLE)
    one, other = "".join(left), "".join(right)
    if not one or not other or any(map(str.isdigit, one + other)):
        return False
    if len(left) != len(right):
        return min(len(one), len(other)) >= 8 and OSA.distance(one, other, score_cutoff=2) <= 2
    return all(_is_slip(word, wanted, weigh) for word, wanted in zip(left, right, strict=True))


def _is_slip(word: str, wanted: str, weigh: Weigh) -> bool:
    if word == wanted:
        return True
    short, long = (word, wanted) if len(word) < len(wanted) else (wanted, word)
    if len(short) >= 4 and long.startswith(short) and long[len(short) :] in INFLECTED:
        return True
    allowed = 0 if len(short) < 4 else 1 if len(short) < 6 else 2
    if not allowed or OSA.distance(word, wanted, score_cutoff=allowed) > allowed or titles.is_opposite(word, wanted):
        return False
    unknown = weigh("") - 0.01
    return weigh(word) >= unknown or weigh(wanted) >= unknown  # no known work has it: it is no word that was meant


_ENGLISH = frozenset("the of and for to with by from at are using via based towards toward its how what".split())
_FOREIGN = titles.FUNCTION_WORDS - frozenset(
    """a an the of and or in on for to with by from at as is are be was were its it their into between among through via using
    use based toward towards over under upon within without during after before against about can does do how what when why
    this that than not no new some our we per i out des""".split()
)


COMMON = 4.0  # weights below the rarest: a word of some fifty known works or more


def speak_alike(one: Sequence[str], other: Sequence[str], weigh: Weigh) -> bool:
    """Whether two titles are surely of the known works' language: neither has function words of another one, and each has
    English ones, a word of the other, or only words that many known works have."""
    words = {*one, *other}
    if not words.isdisjoint(_FOREIGN) or not all(map(str.isascii, words)):
        return False
    if any(len(word) > 3 for word in set(one) & set(other)):
        return True
    most = weigh("") - COMMON
    return all(
        not _ENGLISH.isdisjoint(each) or all(weigh(word) <= most for word in each if len(word) > 3)
        for each in (one, other)
    )
