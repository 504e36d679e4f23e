"""Titles compared by their words, each weighing what it tells: common words little, rare words much.

The judgement rests on the words that are *left over* when equal words, spellings of one word (typing errors, split and joined
words, Roman and Arabic numbers) are taken away. Words left on one side only were omitted: cheap when they are a subtitle or
when the title was cut off, dearer inside. Words left on both sides are a substitution, and one substituted word makes another
title ("Internal Language Model Training / Estimation for ..."). Some words make another work all by themselves: numbers, part
letters, "erratum", "reply".

Weights. A word's weight falls with the number of distinct titles of the file it stands in, on a scale that runs from 1 (a word
met rarely) to .2; function words weigh .1. ``PRIOR`` titles of other work are assumed to have been seen, so that in a file of
two records every word still tells. Titles are generic when they consist of words of genre ("Editorial", "Book reviews").
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bibtools import fold
from bibtools.numerals import roman_numeral

__all__ = ["SILENT", "Conflict", "Title", "TitleMatch", "WordWeights", "compare", "is_opposite", "remnants", "title"]

PRIOR = 1000
# Titles in which a slip is seen once, on the average of the damaged copies of tests/benchmarks/damage.py. A word that is one slip
# in so many titles is ten in ten times as many: with a fixed bound three times as many misspelled copies were missed among
# 1,000,000 records as among 100,000. Up to here nothing depends on the size.
SLIP_ONCE_IN = 100_000
SLIPS_OF_A_WORD = 1000  # a spelling that is so many times rarer than the word is a slip: "ncural" beside "neural"
SUBSTITUTION = 2.4  # cost of a word in place of another, in weights of that word
SLIPS = 78  # indel ratio of what is left over of two titles, above which it is several slips
SPELLING = 72  # indel ratio of titles most of whose words differ, above which the words can be misspelled
SHORTEST_INNER = 3
SHORTEST_REST = 4  # letters of a word that another runs into
SHORTENED = 0.9  # similarity of a title to itself without its subtitle: an omission is not a difference


class Title(NamedTuple):
    joined: str  # the comparison form without spaces: what split words have in common
    words: tuple[str, ...]
    head: int  # how many words stand before a colon, dash, question mark or bracket; 0 when there is no such place


SILENT = Title("", (), 0)

FUNCTION_WORDS = frozenset(
    """a an the of and or in on for to with by from at as is are be was were its it their into between among through via using
    use based toward towards over under upon within without during after before against about can does do how what when why
    this that than not no new some our we
    der die das den dem des ein eine einer und oder in im von zu zur zum mit fur auf aus bei als ist nach uber
    le la les un une des du de et ou en dans pour par sur avec au aux l d el los las y o una con para por del al
    il lo gli i e di da nel della delle dei per su och av att ett och""".split()
)
GENRE_WORDS = frozenset(
    """inside cover editorial editor editors editorials introduction preface foreword prologue epilogue afterword contents
    index book books review reviews letter letters news notes note comment comments commentary reply response discussion
    announcement announcements obituary erratum corrigendum errata correction corrections abstracts abstract issue special
    guest front back matter message welcome acknowledgment acknowledgments acknowledgements title page pages untitled
    program committee committees chair chairs president report column conclusion conclusions summary overview appendix
    bibliography references glossary vorwort einleitung editorische leitartikel rezension rezensionen buchbesprechung
    editoriale introduzione presentation avant propos compte rendu calendar events meeting annual proceedings workshop
    symposium conference panel session keynote tutorial invited perspective perspectives viewpoint opinion interview""".split()
)
MARKERS = frozenset(
    """erratum errata corrigendum corrigenda correction corrections corrected retraction retracted withdrawn withdrawal addendum
    addenda reply replies response rejoinder comment comments commentary discussion protocol editorial supplement supplementary
    supplemental appendix update updated revisited abridged reprint preface foreword letter concern expression publishers
    editors""".split()
)
# How a work was presented: the same title with such a word is an abstract or a demonstration of the paper, not the paper.
PRESENTATIONS = frozenset(
    "abstract abstracts demo demos demonstration demonstrations poster posters tutorial tutorials doctoral keynote".split()
)
RELEASES = frozenset(
    ("version", "revision", "release", "edition", "volume", "part", "chapter", "book", "no", "number", "type", "phase")
)
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}
_NUMBER_WORDS |= {
    word: str(value)
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1
    )
}
_ORDINALS = frozenset("second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split())
_DIGITS_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)$")
_LIGATURE = re.compile("ff[il]?|f[il]")  # lost by programs that read them as one character they do not know
_ROMAN = {roman_numeral(value): str(value) for value in range(1, 21)}
_OPPOSITES = (
    ("hyper", "hypo"), ("inter", "intra"), ("pre", "post"), ("macro", "micro"), ("over", "under"), ("endo", "exo"),
    ("homo", "hetero"), ("mono", "poly"), ("in", "de"), ("ante", "anti"), ("", "un"), ("", "in"), ("", "im"), ("", "non"),
    ("", "de"), ("", "dis"), ("", "fe"), ("", "wo"), ("", "a"), ("", "re"), ("intra", "extra"), ("uni", "multi"),
)  # fmt: skip
# Words that stand in place of one another in titles of two works, however alike they are spelled or however little they weigh.
_COUNTERPARTS = {
    one: other
    for pair in (
        "with without", "before after", "over under", "northern southern", "north south", "eastern western", "east west",
        "men women", "male female", "children adults", "upper lower", "increased decreased",
        "increasing decreasing", "left right", "inner outer", "maternal paternal", "systolic diastolic",
    )
    for one, other in (pair.split(), pair.split()[::-1])
}  # fmt: skip
# Function words that say something about the work: "Towards fair rankings" is not "Fair rankings" where the venues differ.
_MEANINGFUL = frozenset("towards toward without not no before after against under".split())
_NUMBERS = frozenset((*_NUMBER_WORDS, *_ROMAN))
_SEPARATOR = re.compile(r"[:?!]\s|\s[-–—]+\s|—|\.\s+(?=[A-Z])|\s[\[(]")
# Square brackets at the end are what a database added: a language, "Erratum appears in ...", a number of references.
_NOTE = re.compile(r"(?<=\w\w.)\s*\[(?!part|retract|vol|tutorial|demo|poster|[ivx\d]+\])[^\[\]]*\]\s*\.?\s*$", re.I)
# Quotation marks and dashes whose bytes were read in the wrong encoding, once or twice.
_TWICE_ENCODED = re.compile("(?:Ã¢|â)[?€\x80-\xff\u0152-\u2122 ]{1,3}(?:Å[?\x80-\xff])?")
# A letter of another alphabet that became a question mark.
_LOST_LETTER = re.compile("(?<=[^\\W\\d])[?\ufffd](?=[^\\W\\d])")
# A year that ends the author part of a reference which was cut in the wrong place: "Seung (1995). Learning from ...".
_YEAR_FIRST = re.compile(
    r"(?:(?:\S{1,25} ){0,5}[(\[](?:19|20)\d\d[a-z]?[)\]][.,:]?|(?:19|20)\d\d[a-z]?[.,])\s+(?=\S+ \S)"
)


def title(text: str, known: dict[str, str] | None = None) -> Title:
    """The comparison form of a title; ``known`` keeps one copy of each word."""
    if text.endswith(("]", "].")):
        text = _NOTE.sub("", text) or text
    if "â" in text or "Ã" in text:
        text = _TWICE_ENCODED.sub(" ", text)
    if "?" in text or "\ufffd" in text:
        text = _LOST_LETTER.sub("", text)
    if _YEAR_FIRST.match(text):
        text = _YEAR_FIRST.sub("", text)
    words = _units(fold.words(text))
    if known is not None:
        words = [known.setdefault(word, word) for word in words]
    found = _SEPARATOR.search(text.rstrip(" .?!])"), 1)
    head = len(_units(fold.words(text[: found.start()]))) if found else 0
    return Title("".join(words), tuple(words), head if 0 < head < len(words) else 0)


# Scripts written without blanks between words: Thai, Lao, Burmese, Khmer, Japanese kana, Chinese characters.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
)


def _units(words: list[str]) -> list[str]:
    """The words, and in place of a run of a script without blanks its characters two by two, each with the next."""
    if all(map(str.isascii, words)):
        return words
    units: list[str] = []
    for word in words:
        for run in filter(None, _UNSPACED.split(word)):
            if len(run) > 1 and _UNSPACED.match(run):
                units += [run[at : at + 2] for at in range(len(run) - 1)]
            else:
                units.append(run)
    return units


class WordWeights:
    """What each word tells, from 1 (rare) down to .1 (function words)."""

    def __init__(self, frequency: Counter[str], titles: int) -> None:
        self.frequency = frequency
        self.scale = math.log((titles + PRIOR) / 3)
        self.total = titles + PRIOR
        self.slips = max(1.0, self.total / SLIP_ONCE_IN)
        self.known: dict[str, float] = {}

    def is_rare(self, word: str, times: int = 1) -> bool:
        """Whether so few titles have a word that it can be a slip, made so many times in a file of ordinary size."""
        return self.frequency.get(word, 0) <= times * self.slips

    @classmethod
    def of(cls, titles: Iterable[Title]) -> WordWeights:
        """Counted over distinct titles, so that duplicates do not make a word common."""
        frequency: Counter[str] = Counter()
        seen = 0
        for each in titles:
            frequency.update(set(each.words))
            seen += 1
        return cls(frequency, seen)

    def is_slip(self, rarer: str, commoner: str) -> bool:
        """Whether the one can be the other misspelled."""
        rare, common = self.frequency.get(rarer, 0), self.frequency.get(commoner, 0)
        return self.is_rare(rarer, 2) or rare * SLIPS_OF_A_WORD <= common

    def __call__(self, word: str) -> float:
        weight = self.known.get(word)
        if weight is None:
            weight = self.known[word] = self._weigh(word)
        return weight

    def _weigh(self, word: str) -> float:
        if word in FUNCTION_WORDS or (len(word) == 1 and not word.isdigit() and word.isascii()):
            return 0.1
        if len(word) == 2 and word.isascii() and word.isalpha() and self.is_rare(word):
            return 0.2  # a slip, more often than a word
        if word in GENRE_WORDS:
            return 0.25
        idf = math.log(self.total / (self.frequency.get(word, 1) + 2)) / self.scale
        return max(0.2, min(1.0, idf))

    def sum(self, words: Iterable[str]) -> float:
        return sum(map(self, words))


class Conflict(IntEnum):
    """What the words left over of two titles say by themselves."""

    NONE = 0
    NUMBER = 1  # one title has a number, an ordinal or a part letter that the other lacks
    NUMBERS = 2  # each has one that the other lacks
    PRESENTATION = 3  # one says that it is an abstract, a demo or a talk
    RELATED = 4  # one says that it is an erratum, a reply, a supplement


class TitleMatch(NamedTuple):
    similarity: float  # 0 to 1
    says: float  # weight of what both have in common: little for a generic title
    left: tuple[str, ...]  # words left over
    right: tuple[str, ...]
    substituted: float = 0.0  # weight of the words that stand in place of one another
    conflict: Conflict = Conflict(0)
    shortened: bool = False  # one is the other without its subtitle or end
    changed: bool = False  # a telling word of one is spelled otherwise, lacks inside or is another in the other
    respelled: bool = False  # nothing but spellings in common: "CSTUG", "CyrTUG"


def compare(left: Title, right: Title, weights: WordWeights) -> TitleMatch:
    if left.words[-1:] != right.words[-1:]:
        left, right = _without_footnote(left, right), _without_footnote(right, left)
    if left.joined == right.joined:
        return TitleMatch(1.0, min(weights.sum(set(left.words)), weights.sum(set(right.words))), (), ())
    says = common = weights.sum(set(left.words) & set(right.words))
    over_left, over_right = _left_over(left.words, right.words), _left_over(right.words, left.words)
    if over_left and over_right and _worth_spelling(left, right, over_left, over_right):
        says += _pair_spellings(over_left, over_right, weights)
    shortened = _shortened(left, right, over_left, over_right)
    conflict = _conflict(over_left, over_right)
    lost_left, lost_right = weights.sum(over_left), weights.sum(over_right)
    omitted, substituted = abs(lost_left - lost_right), min(lost_left, lost_right)
    cost = omitted * (0.2 if shortened else 0.8) + substituted * SUBSTITUTION
    if shortened and conflict:
        conflict = _conflict_where_cut(over_left + over_right)
    similarity = says / (says + cost) if says else 0.0
    if shortened:
        similarity = max(similarity, SHORTENED)
    if any(_COUNTERPARTS.get(word) in over_right for word in over_left):
        substituted = max(substituted, 1.0)
    changed = says > common or (max(lost_left, lost_right) > 0.15 and not shortened)
    changed |= not _MEANINGFUL.isdisjoint((*over_left, *over_right))
    return TitleMatch(
        similarity, says, tuple(over_left), tuple(over_right), substituted, conflict, shortened, changed, common < 0.2
    )


def remnants(left: Title, right: Title) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The words before and behind, where one title (of ``SHORTEST_INNER`` words or more) stands within the other."""
    short, long = (left, right) if len(left.joined) <= len(right.joined) else (right, left)
    if len(short.words) < SHORTEST_INNER or len(short.joined) < 15:
        return None
    start = long.joined.find(short.joined)
    if start < 0:
        return None
    end, at = start + len(short.joined), 0
    before: list[str] = []
    behind: list[str] = []
    for (
        word
    ) in long.words:  # blanks are lost in scans: an edge may run through a word, but not to tell part I from part II
        first, last = word[: max(0, start - at)], word[max(0, end - at) :]
        if any(rest and rest != word and len(rest) < SHORTEST_REST for rest in (first, last)):
            return None
        if first:
            before.append(first)
        elif last:
            behind.append(last)
        at += len(word)
    return tuple(before), tuple(behind)


def _worth_spelling(left: Title, right: Title, over_left: list[str], over_right: list[str]) -> bool:
    """Many words left over on both sides are spellings of one another only if the letters are alike on the whole."""
    if 2 * min(len(over_left), len(over_right)) < min(len(left.words), len(right.words)):
        return True
    return fuzz.ratio(left.joined, right.joined, score_cutoff=SPELLING) > 0


def _canonical(word: str) -> str:
    if word[0].isdigit():
        found = _DIGITS_ORDINAL.match(word)
        return found[1] if found else word
    return _NUMBER_WORDS.get(word) or _ROMAN.get(word) or word


def _pair_spellings(left: list[str], right: list[str], weights: WordWeights) -> float:
    """Take spellings of one word off both lists; return the weight they stand for."""
    said = 0.0
    one, other = "".join(left), "".join(right)
    if one == other or (len(one) != len(other) and _LIGATURE.sub("", one) == _LIGATURE.sub("", other)):
        said = max(weights.sum(left), weights.sum(right))
        left.clear()
        right.clear()
        return min(said, 1.5 * len(left) or said)
    for word in left[:]:
        meaning = _canonical(word)
        match = None
        if meaning != word or word.isdigit() or not _NUMBERS.isdisjoint(right):
            match = next((other for other in right if _canonical(other) == meaning), None)
        if match is None:
            match = _misspelled(word, right, weights)
        if match is not None:
            said += 0.9 * min(weights(word), weights(match)) if match != word else weights(word)
            left.remove(word)
            right.remove(match)
    said += _pair_split_words(left, right, weights) + _pair_split_words(right, left, weights)
    return said + _pair_the_rest(left, right, weights)


def _pair_the_rest(left: list[str], right: list[str], weights: WordWeights) -> float:
    """Several slips at once: what is left reads alike as a whole, and on one side is no known word."""
    if len(left) + len(right) < 3 or not left or not right or not all(map(str.isalpha, left + right)):
        return 0.0
    rare = any(all(map(weights.is_rare, side)) for side in (left, right))
    if not rare or fuzz.ratio("".join(left), "".join(right)) < SLIPS:
        return 0.0
    said = 0.8 * min(weights.sum(left), weights.sum(right))
    left.clear()
    right.clear()
    return said


_MISREAD = str.maketrans("01358", "olesb")


def _misspelled(word: str, others: list[str], weights: WordWeights) -> str | None:
    """A word of the other title that this one is a spelling of. Two words that both stand in several titles and do not begin
    alike are two words (hypertension, hypotension), however near."""
    letters = word.isalpha()
    for other in others:
        if abs(len(word) - len(other)) > 3 or (word[0] != other[0] and word[-1] != other[-1]):
            continue
        short, long = (word, other) if len(word) <= len(other) else (other, word)
        if not (letters and other.isalpha()):
            if (letters or other.isalpha()) and _misread(word, other):
                return other
            continue
        if "rn" in word + other and _misread(word, other):
            return other
        if len(short) > 3 and len(short) != len(long) and _LIGATURE.sub("", short) == _LIGATURE.sub("", long):
            return other
        rarer, commoner = sorted((word, other), key=lambda each: weights.frequency.get(each, 0))
        if len(short) < 4:
            known = word in FUNCTION_WORDS or other in FUNCTION_WORDS or len(long) == 4
            if (
                known
                and weights.is_rare(rarer)
                and len(short) > 1
                and word not in _ROMAN
                and other not in _ROMAN
                and len(long) > 1
                and OSA.distance(word, other, score_cutoff=1) <= 1
            ):
                return other
            continue
        allowed = (1 if len(short) < 6 else 2 if len(short) < 11 else 3) + (
            weights.is_rare(rarer) and 4 < len(short) < 6
        )
        if OSA.distance(word, other, score_cutoff=allowed) > allowed:
            continue
        if is_opposite(word, other) or _COUNTERPARTS.get(word) == other:
            continue
        if weights.is_slip(rarer, commoner) or word[: max(3, len(short) - 3)] == other[: max(3, len(short) - 3)]:
            return other
    return None


def is_opposite(word: str, other: str) -> bool:
    """Words that differ in a prefix that turns the meaning round."""
    return any(
        word.removeprefix(one) == other.removeprefix(two)
        for pair in _OPPOSITES
        for one, two in (pair, pair[::-1])
        if word.startswith(one) and other.startswith(two)
    )


def _misread(word: str, other: str) -> bool:
    """``Irnp0rtant`` is ``important`` to a machine that reads."""
    one, two = (each.translate(_MISREAD).replace("rn", "m") for each in (word, other))
    return one == two or (min(len(one), len(two)) > 4 and OSA.distance(one, two, score_cutoff=1) <= 1)


def _pair_split_words(whole: list[str], split: list[str], weights: WordWeights) -> float:
    said = 0.0
    for word in whole[:]:
        for place in range(len(split) - 1):
            together = split[place] + split[place + 1]
            lost = len(together) < len(word) and _LIGATURE.sub("", word) == together  # "e-ciently": efficiently
            if together == word or lost or (len(word) > 7 and OSA.distance(together, word, score_cutoff=1) <= 1):
                said += weights(word)
                whole.remove(word)
                del split[place : place + 2]
                break
    return said


def _tells_apart(word: str) -> bool:
    if word.isalpha():
        return word in MARKERS or word in _ORDINALS or (word in _ROMAN and word != "i")
    return any(map(str.isdigit, word))


def _without_footnote(title: Title, other: Title) -> Title:
    """A title without the footnote marks 1, 2, ... that a PDF's text has behind it, where the other title has no number there."""
    words = title.words
    count = next((count for count in range(1, 5) if words[-count:] == tuple(map(str, range(1, count + 1)))), 0)
    if not count or len(words) - count < 3 or words[-count - 1] in RELEASES or _tells_apart(other.words[-1]):
        return title
    kept = words[:-count]
    return Title("".join(kept), kept, title.head if title.head < len(kept) else 0)


def _conflict(left: list[str], right: list[str]) -> Conflict:
    """Numbers, parts and markers that only one title has."""
    if not MARKERS.isdisjoint(left) or not MARKERS.isdisjoint(right):
        return Conflict.RELATED
    if PRESENTATIONS.isdisjoint(left) != PRESENTATIONS.isdisjoint(right):
        return Conflict.PRESENTATION
    apart_left, apart_right = any(map(_tells_apart, left)), any(map(_tells_apart, right))
    letters_left = [word for word in left if len(word) == 1]
    letters_right = [word for word in right if len(word) == 1]
    if (apart_left or letters_left) and (apart_right or letters_right):
        return Conflict.NUMBERS
    return Conflict.NUMBER if apart_left or apart_right else Conflict.NONE


def _shortened(left: Title, right: Title, over_left: list[str], over_right: list[str]) -> bool:
    """One title is the head of the other, or the other cut off, or the other without what stands before its colon."""
    swap = len(left.words) > len(right.words)
    short, long, odd, rest = (right, left, over_right, over_left) if swap else (left, right, over_left, over_right)
    if odd == [short.words[-1]] and len(odd[0]) > 2 and any(word.startswith(odd[0]) for word in rest):
        odd.clear()  # cut within a word
    kept = len(short.words)
    if odd or kept == len(long.words):
        return False
    if long.joined.startswith(short.joined) or set(rest) <= set(long.words[kept - 1 :]) - set(long.words[: kept - 1]):
        return kept >= 5 or len(short.joined) >= 30 or 0 < long.head <= kept
    head = set(long.words[: long.head])
    return kept >= 3 and 0 < len(long.words) - kept <= long.head and head - FUNCTION_WORDS <= set(rest) <= head


def _conflict_where_cut(rest: list[str]) -> Conflict:
    """What a shortened title lacks begins with a number or marker: "NeuFlow" and "NeuFlow v2", "X" and "X: reply"."""
    telling = [word for word in rest if word not in FUNCTION_WORDS] or rest
    edges = {rest[0], rest[-1], telling[0], telling[-1]}  # "Online appendix to: ..."
    if not MARKERS.isdisjoint(edges) or "protocol" in rest:
        return Conflict.RELATED
    if not PRESENTATIONS.isdisjoint(edges):
        return Conflict.PRESENTATION
    if rest[0] in RELEASES and len(rest) > 1 and _tells_apart(rest[1]):
        return Conflict.NUMBERS
    part = (
        rest[0] in _ROMAN or rest[0] in _ORDINALS or _DIGITS_ORDINAL.match(rest[0])
    )  # "X, II: actions by product groups"
    return Conflict.NUMBER if part or (any(map(_tells_apart, rest[:2])) and len(rest) < 3) else Conflict.NONE


def _left_over(words: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    """The words that the other title lacks, or has fewer times."""
    known = set(others)
    over = [word for word in words if word not in known]
    if len(known) < len(others) or len(set(words)) < len(words):
        for word in dict.fromkeys(words):  # in order: what is left over is compared from the first on
            if word in known and word not in FUNCTION_WORDS:
                over += [word] * (words.count(word) - others.count(word))
    return over
