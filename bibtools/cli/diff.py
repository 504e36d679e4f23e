"""Unified diffs of files with a million lines.

difflib compares every line with every equal one, and a .bib has `  year = 2020,` thousands of times. So lines that occur
once on both sides are paired first (they are many: each entry's first line), the longest run of pairs in the same order is
kept (patience sorting, after Bram Cohen's patience diff), and difflib only sees what lies between two of these.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

__all__ = ["unified"]

Opcode = tuple[str, int, int, int, int]
SMALL = 4000  # lines beyond which even a gap is not compared but replaced


def unified(old: str, new: str, name: str, context: int = 2) -> Iterator[str]:
    """The lines of a unified diff, each with its line end; nothing where the texts are the same."""
    a, b = _lines(old), _lines(new)
    for number, group in enumerate(_Paired(_opcodes(a, b)).get_grouped_opcodes(context)):
        if not number:
            yield f"--- a/{name}\n"
            yield f"+++ b/{name}\n"
        yield f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@\n"
        for tag, a_start, a_end, b_start, b_end in group:
            if tag == "equal":
                yield from _marked(" ", a[a_start:a_end])
                continue
            yield from _marked("-", a[a_start:a_end])
            yield from _marked("+", b[b_start:b_end])


class _Paired(SequenceMatcher[str]):
    """difflib's grouping over stretches found here."""

    def __init__(self, codes: list[Opcode]) -> None:
        super().__init__(None, "", "", autojunk=False)
        self.codes = codes

    def get_opcodes(self) -> list[Opcode]:  # type: ignore[override]
        return self.codes


def _lines(text: str) -> list[str]:
    """Lines that end in LF only: a CR is part of the line, so that a diff shows when line ends change."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> str:
    length = end - start
    first = start + 1 if length else start
    return f"{first}" if length == 1 else f"{first},{length}"


def _opcodes(a: list[str], b: list[str]) -> list[Opcode]:
    """Equal and unequal stretches in turn, as difflib gives them."""
    codes: list[Opcode] = []
    at_a = at_b = 0
    for next_a, next_b in [*_anchors(a, b), (len(a), len(b))]:
        if next_a < at_a or next_b < at_b:
            continue  # inside a stretch that was equal from an earlier anchor on
        codes += _between(a, b, at_a, next_a, at_b, next_b)
        at_a, at_b = next_a, next_b
        while at_a < len(a) and at_b < len(b) and a[at_a] == b[at_b]:
            at_a, at_b = at_a + 1, at_b + 1
        codes.append(("equal", next_a, at_a, next_b, at_b))
    return _joined(codes)


def _between(a: list[str], b: list[str], a_start: int, a_end: int, b_start: int, b_end: int) -> Iterator[Opcode]:
    if a_end - a_start + b_end - b_start > SMALL:
        yield "replace", a_start, a_end, b_start, b_end
        return
    matcher = SequenceMatcher(None, a[a_start:a_end], b[b_start:b_end], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        yield tag, i + a_start, j + a_start, k + b_start, m + b_start


def _joined(codes: list[Opcode]) -> list[Opcode]:
    """Neighbours of one kind as one, empty ones left out."""
    joined: list[Opcode] = []
    for tag, i, j, k, m in codes:
        if i == j and k == m:
            continue
        kind = "equal" if tag == "equal" else "replace"
        if joined and joined[-1][0] == kind:
            joined[-1] = (kind, joined[-1][1], j, joined[-1][3], m)
        else:
            joined.append((kind, i, j, k, m))
    return joined


def _anchors(a: list[str], b: list[str]) -> list[tuple[int, int]]:
    """Places of lines that are unique on both sides, the longest row of them that rises on both."""
    in_a, in_b = Counter(a), Counter(b)
    place = {line: number for number, line in enumerate(b) if in_b[line] == 1}
    pairs = [(number, place[line]) for number, line in enumerate(a) if in_a[line] == 1 and line in place]
    tails: list[int] = []  # the smallest last place of a row of each length, and the pair it belongs to
    last: list[int] = []
    before: list[int] = []
    for number, (_, b_place) in enumerate(pairs):
        length = bisect_left(tails, b_place)
        tails[length : length + 1] = [b_place]
        last[length : length + 1] = [number]
        before.append(last[length - 1] if length else -1)
    row: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        row.append(pairs[at])
        at = before[at]
    return row[::-1]
