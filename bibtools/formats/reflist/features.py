"""What the model sees of each word of a reference: attributes, as strings.

`own` are those of a word by itself: its letters, its shape, how often it stands in names, titles, venues. They count for the
word, and a part of them (`SEEN_FROM`) for its neighbours. `around` are those of its place: punctuation, quotation marks and
brackets, the phrase between two stops. The weights were fitted with exactly these functions, so a change here asks for a new
fit (`tests/benchmarks/refmodel`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from bibtools.formats.reflist.tokens import Tokens

__all__ = ["SEEN_FROM", "Setting", "around", "in_setting", "own", "shape"]

SEEN_FROM = {-2: "wk", -1: "wsky", 1: "wsky", 2: "wk"}  # the kinds of attributes (their first letter) seen from there

_DIGITS = re.compile(r"\d")
_SHAPES = str.maketrans({**dict.fromkeys("0123456789", "d")})


@lru_cache(maxsize=65536)
def shape(word: str) -> str:
    """``Xx`` for Berlin, ``X`` for an initial, ``XX`` for NASA, ``dddd`` for 1999, ``d-d`` for a range; at most six signs."""
    if word[:4] in ("http", "www.") or "//" in word:
        return "url"
    if word.startswith("10.") and "/" in word:
        return "doi"
    signs: list[str] = []
    for char in word:
        if char.isdigit():
            sign = "d"
        elif char.isupper():
            sign = "X"
        elif char.isalpha():
            sign = "x"
        else:
            sign = "-" if char in "-‐‑–—−" else "'"
        if sign == "d" or len(signs) < 2 or sign != signs[-1] or sign != signs[-2]:
            signs.append(sign)
    if "d" in signs:
        digits = sum(1 for sign in signs if sign == "d")
        if digits > 4 or "-" in signs:
            merged: list[str] = []
            for sign in signs:
                if not merged or merged[-1] != sign:
                    merged.append(sign)
            signs = merged
            if digits > 4 and len(merged) == 1:
                return "d+" if digits < 7 else "d++"
    else:
        while len(signs) > 2 and signs[-1] == signs[-2] == "x":
            signs.pop()
    return "".join(signs[:6])


_RANGE = re.compile(r"(\d+)[-‐‑–—−]+(\d+)")
_YEAR = re.compile(r"(1[4-9]|20)\d\d[a-h]?")


def _number(word: str) -> str:
    """What kind of number a word is."""
    if _YEAR.fullmatch(word):
        return "year" if word[:2] in ("19", "20") else "old"
    if found := _RANGE.fullmatch(word):
        first, last = found[1], found[2]
        if _YEAR.fullmatch(first) and (_YEAR.fullmatch(last) or len(last) == 2) and int(last[-2:]) > int(first[-2:]):
            return "years"
        if len(first) == len(last) and int(last) > int(first):
            return "pages"
        return "short" if len(last) < len(first) else "range"
    return ""


def own(word: str, classes: Mapping[str, str]) -> list[str]:
    """The attributes of a word by itself. ``classes`` is what is known of words, by their lower-case form."""
    low = word.lower()
    kind = shape(word)
    found = [f"s{kind}"]
    if kind in ("url", "doi"):
        return found
    if number := _number(word):
        found.append(f"y{number}")
    if _DIGITS.search(low):
        if len(low) < 3 and low.isdigit():
            found.append("w" + low)
        return found
    found.append("w" + low)
    known = classes.get(low, "")
    if known:
        found.append("k" + known)
        found.append("c" + kind[:2] + known)
        found.extend(f"g{place}{level}" for place, level in enumerate(known))
    else:
        found.append("k?" + kind[:3])
    for size in (1, 2, 3, 4):
        if len(low) >= size:
            found.append(f"p{low[:size]}")
            found.append(f"x{low[-size:]}")
    return found


# --- the place of a word ----------------------------------------------------------------------------------------------

_BLANKS = re.compile(r"\s+")
OPENING = "“«„‹"
CLOSING = "”»›"
_IN = frozenset(("in", "en", "dans", "em"))


@lru_cache(maxsize=16384)
def gap(text: str) -> str:
    """Punctuation between two words with blanks and quotation marks of one kind, at most five signs."""
    text = _BLANKS.sub(" ", text)
    text = text.replace("“", '"').replace("”", '"').replace("„", '"').replace("''", '"').replace("``", '"')
    text = text.replace("«", '"').replace("»", '"').replace("—", "–").replace("‘", "'").replace("’", "'")
    return text if len(text) <= 5 else text[:3] + "+" + text[-1]


@lru_cache(maxsize=16384)
def _breaks(text: str) -> int:
    """How strongly a gap parts: 0 not at all, 1 as a comma, 2 as a stop."""
    if any(char in ".?!" for char in text):
        return 2 if text.strip() != "." or text[-1:].isspace() or not text else 1
    return 1 if any(char in ',;:()[]"“”„«»‘/' or char in "–—" for char in text) else 0


Setting = tuple[str, str, str, str, str, str, str]


def in_setting(setting: Setting) -> list[str]:
    """The attributes of the punctuation around a word and of the shapes beside it. ``setting`` is the gap before the last
    word, the gaps on both sides, the gap behind the next word, and the shapes of the last word, of the word, of the next."""
    earlier, before, after, later, left, here, right = setting
    return [
        f"b{before}" if left != "^" else "b^",
        f"a{after}" if right != "$" else f"a{after.strip()}$",
        f"B{earlier}|{before}",
        f"A{after}|{later}",
        f"G{before}|{after}",
        f"1{before}|{here}|{after}",
        f"2{left}{before}{here}",
        f"3{here}{after}{right}",
        f"4{left}{before}{here}{after}{right}" if len(here) + len(left) + len(right) < 12 else "4",
    ]


def around(tokens: Tokens) -> Iterator[tuple[Setting, list[str]]]:
    """For each word its setting (see `in_setting`), and the attributes of its place in the text."""
    words, count = tokens.words, len(tokens.words)
    gaps = [gap(each) for each in tokens.gaps]
    shapes = [shape(word) for word in words]
    quotes, brackets = _enclosed(tokens)
    years = [_YEAR.fullmatch(word) is not None for word in words]
    strong, weak = _phrases(tokens, shapes)
    quoted = any(quotes)
    seen_years = seen_in = numbers = seen_quote = 0
    for i in range(count):
        here = shapes[i]
        setting = (
            gaps[i - 1] if i else "^",
            gaps[i],
            gaps[i + 1],
            gaps[i + 2] if i + 2 <= count else "$",
            shapes[i - 1] if i else "^",
            here,
            shapes[i + 1] if i + 1 < count else "$",
        )
        each = [
            f"P{10 * i // count}",
            f"Y{min(seen_years, 2)}{int(years[i])}",
            f"N{min(numbers, 4)}{'d' if 'd' in here else 'w'}",
            f"Q{int(quotes[i])}{int(quoted)}{seen_quote}{brackets[i]}",
            f"I{seen_in}{min(seen_years, 1)}",
            strong[i],
            weak[i],
            f"J{strong[i][:3]}{weak[i]}",
        ]
        if i < 4:
            each.append(f"F{i}")
        if count - i < 4:
            each.append(f"L{count - i}")
        yield setting, each
        if years[i]:
            seen_years += 1
        elif "d" in here:
            numbers += 1
        if quotes[i]:
            seen_quote = 1
        if i and words[i].lower() in _IN and (words[i][0].isupper() or "," in gaps[i] or '"' in gaps[i]):
            seen_in = 1


def _enclosed(tokens: Tokens) -> tuple[list[bool], list[str]]:
    """Whether each word stands within quotation marks, and within which brackets."""
    quotes: list[bool] = []
    brackets: list[str] = []
    straight = tokens.text.count('"')
    inside, opened = False, "."
    for text in tokens.gaps[:-1]:
        for char in text:
            if char in OPENING:
                inside = not (char == "“" and inside and "„" in tokens.text)
            elif char in CLOSING:
                inside = False
            elif char == '"' and straight > 1:
                inside = not inside
            elif char in "([":
                opened = char
            elif char in ")]":
                opened = "."
        quotes.append(inside)
        brackets.append(opened)
    return quotes, brackets


def _phrases(tokens: Tokens, shapes: list[str]) -> tuple[list[str], list[str]]:
    """For each word the phrase it is in, parted by stops and parted by any mark: which one of the text, how long, how many of
    its words begin with a capital, whether it holds initials or numbers."""
    words, count = tokens.words, len(tokens.words)
    strong: list[str] = [""] * count
    weak: list[str] = [""] * count
    for level, into, mark in ((2, strong, "S"), (1, weak, "W")):
        start = place = 0
        for i in range(count):
            ends = i + 1 == count
            if not ends:
                force = _breaks(tokens.gaps[i + 1])
                if force == 2 and len(words[i]) <= (1 if level == 1 else 3) and shapes[i][0] == "X":
                    force = 0 if level == 2 or tokens.gaps[i + 1].strip() == "." else 1  # an initial, an abbreviation
                ends = force >= level
            if ends:
                text = _phrase(words[start : i + 1], shapes[start : i + 1])
                label = f"{mark}{min(place, 5)}{text}"
                for each in range(start, i + 1):
                    into[each] = label
                start = i + 1
                place += 1
    return strong, weak


def _phrase(words: tuple[str, ...], shapes: list[str]) -> str:
    size = len(words)
    length = size if size < 4 else 4 if size < 6 else 5 if size < 9 else 6 if size < 14 else 7
    capitals = sum(1 for each in shapes if each[0] == "X")
    letters = sum(1 for each in shapes if each[0] in "Xx")
    initials = sum(1 for each in shapes if each in ("X", "XX"))
    digits = sum(1 for each in shapes if "d" in each)
    share = 0 if not letters else 1 + (3 * capitals) // letters
    return f"{length}{share}{min(initials, 2)}{min(digits, 2)}"
