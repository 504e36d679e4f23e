"""A pasted list cut into references.

A numbered list is cut at the longest chain of growing numbers. Without numbers the lines tell: indents, empty lines, lines
that end before their width, how a line begins, whether the lines up to the next beginning hold a year, and that beginnings
are in alphabetical order. What each counts was fitted to lists laid out in many widths (`tests/benchmarks/refmodel`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bibtools import fold
from bibtools.formats.reflist.lines import Line, joined, lines

__all__ = ["Piece", "Prepared", "cut", "cut_lines", "of_beginning", "of_segment"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One reference: its text on one line, its number or label in the list ("" where it has none), its first line."""

    text: str
    label: str
    line: int


LONGEST = 14  # lines of one reference
MANY = 20_000  # lines from which a list is cut in parts


def cut(text: str, words: Mapping[str, str], weights: Callable[[str], float]) -> list[Piece]:
    """The references of a list. ``words`` are those that the model knows, ``weights`` those of the features of lines."""
    return cut_lines(lines(text), words, weights)


def cut_lines(found: Sequence[Line], words: Mapping[str, str], weights: Callable[[str], float]) -> list[Piece]:
    """The same of lines that are parted already."""
    if not found:
        return []
    if marks := _numbered(found):
        return [each for each in _by_marks(found, marks, words) if each.text]
    starts = [
        part.start + place
        for part in _parts(found)
        for place in Prepared(found[part.start : part.stop], words).best(weights)
    ]
    ends = [*starts[1:], len(found)]
    pieces = []
    for start, end in zip(starts, ends, strict=True):
        label, first = _own_label(found[start].text)
        rest = [each.text for each in found[start + 1 : end]]
        pieces.append(Piece(joined([first, *rest], words), label, found[start].number))
    return pieces


def _parts(found: Sequence[Line]) -> Iterator[range]:
    """Parts of a very long list, so that the sums stay small."""
    for start in range(0, len(found), MANY):
        yield range(start, min(start + MANY, len(found)))


# --- numbered ---------------------------------------------------------------------------------------------------------

STYLES = (
    re.compile(r"\[\s{0,2}(\d{1,4})\s{0,2}\][.:]?\s*"),
    re.compile(r"\((\d{1,4})\)\s*"),
    re.compile(r"(\d{1,4})\.(?!\d)\s*"),
    re.compile(r"(\d{1,4})\)\s?"),
    re.compile(r"(\d{1,4}):\s+"),
    re.compile(r"(\d{1,4})\s+(?=[^\W_]|[-–—\"“„(\[])"),
    re.compile(r"\{(\d{1,4})\}\s?"),
    re.compile(r"(?:\^|<sup>)(\d{1,4})(?:</sup>)?\s?"),
    re.compile(r"([⁰¹²³⁴-⁹]{1,3})\s?"),
)
INLINE = (re.compile(r"(?:(?<=\s)|^)\[(\d{1,4})\]\s?(?=\S)"), re.compile(r"(?:(?<=[.;]\s)|^)\((\d{1,4})\)\s?(?=\S)"))
LABELLED = re.compile(r"\[([A-Za-z][\w+*:.,&' -]{0,30}?\d{2,4}[a-z]?|[A-Z][A-Za-z+*]{1,8})\]:?\s+(?=\S)")
BULLET = re.compile(r"[•·▪◦‣∙●○*–—-]\s+(?=\S)")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
SHARE = 0.6  # of the numbers between the first and the last of a chain that have to be there


@dataclass(frozen=True, slots=True)
class _Mark:
    line: int  # place in the list of lines
    start: int  # of the mark in the line
    end: int
    label: str


def _numbered(found: Sequence[Line]) -> list[_Mark]:
    """Where references begin by their marks; none where the list has no marks that make a chain."""
    best: list[_Mark] = []
    for style in STYLES:
        marks = [_Mark(place, 0, at.end(), at[1]) for place, each in enumerate(found) if (at := style.match(each.text))]
        best = max(best, _chain(marks), key=len)
    for style in INLINE:
        marks = [
            _Mark(place, at.start(), at.end(), at[1])
            for place, each in enumerate(found)
            for at in style.finditer(each.text)
        ]
        chain = _chain(marks)
        if len(chain) > len(best) + 1:
            best = chain
    labelled = [
        _Mark(place, 0, at.end(), at[1]) for place, each in enumerate(found) if (at := LABELLED.match(each.text))
    ]
    if len(labelled) > max(1, len(best)) and labelled[0].line == 0:
        return labelled
    bullets = [_Mark(place, 0, at.end(), "") for place, each in enumerate(found) if (at := BULLET.match(each.text))]
    if len(bullets) > max(1, len(best)) and bullets[0].line == 0:
        return bullets
    if len(best) < 2 or best[0].line > max(3, len(found) // 10):
        return []
    return best if len(found) <= 8 * len(best) + 3 else []


def _chain(marks: Sequence[_Mark]) -> list[_Mark]:
    """The longest sequence of marks whose numbers grow by one (now and then by a few more, where one is lost)."""
    best: dict[int, tuple[float, int]] = {}  # number -> score and place of the best chain that ends with it
    came: list[int] = []
    ends: list[tuple[float, int]] = []
    for place, mark in enumerate(marks):
        number = int(mark.label.translate(RAISED))
        score, before = 1.0 if number == 1 else 0.5, -1
        for step in range(1, 5):
            if (known := best.get(number - step)) and known[0] + 1 - 0.7 * (step - 1) > score:
                score, before = known[0] + 1 - 0.7 * (step - 1), known[1]
        came.append(before)
        if number not in best or score >= best[number][0]:
            best[number] = (score, place)
        ends.append((score, place))
    if not ends:
        return []
    place = max(ends)[1]
    chain: list[_Mark] = []
    while place >= 0:
        chain.append(marks[place])
        place = came[place]
    chain.reverse()
    span = int(chain[-1].label.translate(RAISED)) - int(chain[0].label.translate(RAISED)) + 1
    return chain if len(chain) >= SHARE * span else []


def _by_marks(found: Sequence[Line], marks: Sequence[_Mark], words: Mapping[str, str]) -> Iterator[Piece]:
    if marks[0].line or marks[0].start:  # what stands above is no part of the first reference
        above = [each.text for each in found[: marks[0].line]] + [found[marks[0].line].text[: marks[0].start]]
        yield Piece(joined([each for each in above if each], words), "", found[0].number)
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        if after is not None and after.line == mark.line:
            parts = [found[mark.line].text[mark.end : after.start]]
        else:
            last = after.line if after else len(found)
            parts = [found[mark.line].text[mark.end :], *(each.text for each in found[mark.line + 1 : last])]
            if after is not None and after.start:
                parts.append(found[after.line].text[: after.start])
        yield Piece(
            joined([each.strip() for each in parts if each.strip()], words), mark.label, found[mark.line].number
        )


def _own_label(text: str) -> tuple[str, str]:
    """The mark of a single reference, and its text without it."""
    for style in (*STYLES[:4], LABELLED):
        if at := style.match(text):
            return (
                (at[1], text[at.end() :])
                if text[at.end() :].strip() and not re.match(r"(?:1[5-9]|20)\d\d", at[1])
                else ("", text)
            )
    if at := BULLET.match(text):
        return "", text[at.end() :]
    return "", text


# --- not numbered -----------------------------------------------------------------------------------------------------

YEAR = re.compile(
    r"(?<![\d/.-])(?:1[6-9]|20)\d\d[a-h]?(?![\d/-])|\b(?:n\.d\.|in press|forthcoming|to appear|o\.\s?J\.|im Druck)"
)
PAGES = re.compile(r"\d+\s?[-–—−]\s?\d+|\bpp?\.\s?\d|\bS\.\s?\d")
SURNAME_FIRST = re.compile(
    r"(?:(?:van|von|de|der|den|del|di|da|la|le|ten|ter)\s){0,3}[^\W\d_a-z][\w'’-]+(?:\s[^\W\d_a-z][\w'’-]+)?,\s*(?:[^\W\d_a-z]\.|[^\W\d_a-z][\w'’-]+)"
)
INITIALS_FIRST = re.compile(
    r"(?:[^\W\d_a-z]\.[-\s]?){1,4}(?:(?:van|von|de|der|den|di|da|la)\s){0,2}[^\W\d_a-z][\w'’-]+"
)
BARE_INITIALS = re.compile(r"[^\W\d_a-z][\w'’-]+\s[^\W\d_a-z]{1,3}[,.:;]")
TWO_NAMES = re.compile(r"[^\W\d_a-z][\w'’-]+\s(?:[^\W\d_a-z]\.?\s)?[^\W\d_a-z][\w'’-]+(?:,|\sand\s|\sund\s|\.)")
DASHES = re.compile(r"[-–—_]{2,}|———|[–—]{1,3}[,.\s]")
ORGANISATION = re.compile(r"[A-Z][A-Z0-9&/-]{1,9}[\s,.(]")


def of_beginning(
    found: Sequence[Line], place: int, words: Mapping[str, str], width: int, levels: tuple[int, int]
) -> list[str]:
    """What speaks for or against a reference's beginning at a line."""
    line = found[place]
    text = line.text
    before = found[place - 1] if place else None
    low, high = levels
    indent = "one" if low == high else "low" if line.indent - low < 2 else "high"
    features = ["all", f"indent={indent}", f"gap={line.gap}", f"indent={indent},gap={line.gap}"]
    first = text.split(" ", 1)[0]
    form = (
        "dashes" if DASHES.match(text)
        else "surname" if SURNAME_FIRST.match(text)
        else "initials" if INITIALS_FIRST.match(text)
        else "bare" if BARE_INITIALS.match(text)
        else "names" if TWO_NAMES.match(text)
        else "org" if ORGANISATION.match(text)
        else "small" if text[:1].islower()
        else "digit" if text[:1].isdigit()
        else "capital" if text[:1].isupper()
        else "other"
    )  # fmt: skip
    known = words.get(first.strip(".,;:()").lower(), "")[:3] or "?"
    year = YEAR.search(text)
    early = "none" if year is None else "early" if year.start() < 70 else "late"
    features += [
        f"form={form}",
        f"word={known}",
        f"form={form},word={known}",
        f"year={early}",
        f"form={form},year={early}",
    ]
    if before is not None:
        last = before.text[-1]
        ending = (
            "stop" if last in ".!?" else "comma" if last == "," else "digit" if last.isdigit() else "hyphen" if last in "-‐\u00ad"
            else "closed" if last in ")]>”»\"" else "mark" if last in ";:&(/" else "word"
        )  # fmt: skip
        if ending == "stop" and re.search(r"(?:^|[\s.(-])\w{1,3}\.$", before.text):
            ending = "short"
        behind = len(before.text) + before.indent
        fits = behind + 1 + len(first) <= width
        filled = (
            "full"
            if behind > 0.92 * width
            else "near"
            if behind > 0.8 * width
            else "part"
            if behind > 0.55 * width
            else "brief"
        )
        features += [
            f"after={ending}", f"fits={fits}", f"filled={filled}", f"after={ending},fits={fits}", f"form={form},after={ending}",
            f"form={form},fits={fits}", f"form={form},after={ending},fits={fits}", f"after={ending},filled={filled}",
            f"indent={indent},fits={fits}", f"form={form},indent={indent}",
        ]  # fmt: skip
        if YEAR.search(before.text[-12:]):
            features.append(f"after-year,form={form}")
        if PAGES.search(before.text[-16:]):
            features.append(f"after-pages,form={form}")
    return features


def of_segment(
    found: Sequence[Line], start: int, end: int, years: Sequence[int], pages: Sequence[int], order: Sequence[str]
) -> list[str]:
    """What speaks for or against the lines from ``start`` up to ``end`` being one reference."""
    count = end - start
    inside = years[end] - years[start]
    size = (
        "1"
        if count == 1
        else "2"
        if count == 2
        else "3"
        if count == 3
        else "4-5"
        if count < 6
        else "6-8"
        if count < 9
        else "9+"
    )
    features = [
        f"lines={size}",
        f"years={min(inside, 3)}",
        f"lines={size},years={min(inside, 2)}",
        f"pages={min(pages[end] - pages[start], 2)}",
    ]
    if end < len(found):
        one, other = order[start], order[end]
        features.append(
            "order=" + ("same" if one == other else "up" if one < other else "down") if one and other else "order=none"
        )
    return features


UNWRAPPED = 140  # signs of a line from which a list was not wrapped: its lines end where references end


def _unwrapped(found: Sequence[Line], place: int, width: int) -> float:
    """What speaks for a beginning where lines are not wrapped: the line before ends with a stop and short of the width."""
    text, before = found[place].text, found[place - 1].text
    ended = before.endswith((".", "!", "?", ")")) or re.search(r"(?:https?://|doi)\S+\Z", before) is not None
    opened = not text[0].islower() and re.match(r"(?:https?://|doi|www\.|10\.\d{4})", text, re.IGNORECASE) is None
    return (
        4.0
        if place and width >= UNWRAPPED and ended and opened and len(before) + 1 + len(text.split(" ", 1)[0]) <= width
        else 0.0
    )


class Prepared:
    """The features of a list's lines, worked out once."""

    def __init__(self, found: Sequence[Line], words: Mapping[str, str]) -> None:
        lengths = sorted(len(each.text) + each.indent for each in found)
        width = lengths[min(len(lengths) - 1, int(0.97 * len(lengths)))]
        indents = sorted(each.indent for each in found)
        low, high = indents[len(indents) // 50], indents[-1 - len(indents) // 10]
        levels = (low, high if high - low > 1 else low)
        self.found = found
        self.years, self.pages = [0], [0]
        for each in found:
            self.years.append(self.years[-1] + len(YEAR.findall(each.text)))
            self.pages.append(self.pages[-1] + bool(PAGES.search(each.text)))
        self.order = [fold.text(re.split(r"[\s,.:]", each.text.lstrip("\"“„«‘'(["), maxsplit=1)[0]) for each in found]
        self.unwrapped = [_unwrapped(found, place, width) for place in range(len(found))]
        self.lines = [of_beginning(found, place, words, width, levels) for place in range(len(found))]

    def segment(self, start: int, end: int) -> list[str]:
        return of_segment(self.found, start, end, self.years, self.pages, self.order)

    def features(self, starts: Sequence[int]) -> list[str]:
        """All features of one way to cut the list."""
        names: list[str] = []
        for start, end in zip(starts, [*starts[1:], len(self.found)], strict=True):
            names += self.segment(start, end)
            if start:
                names += self.lines[start]
        return names

    def best(self, weights: Callable[[str], float]) -> list[int]:
        """The lines at which references begin, by the best sum of weights."""
        count = len(self.found)
        first = [sum(map(weights, names)) + self.unwrapped[place] for place, names in enumerate(self.lines)]
        first[0] = 0.0
        best = [0.0] + [float("-inf")] * count
        came = [0] * (count + 1)
        known: dict[tuple[str, ...], float] = {}
        for end in range(1, count + 1):
            for start in range(max(0, end - LONGEST), end):
                names = tuple(self.segment(start, end))
                if (here := known.get(names)) is None:
                    here = known[names] = sum(map(weights, names))
                score = best[start] + first[start] + here
                if score > best[end]:
                    best[end], came[end] = score, start
        starts: list[int] = []
        place = count
        while place:
            place = came[place]
            starts.append(place)
        return starts[::-1]
