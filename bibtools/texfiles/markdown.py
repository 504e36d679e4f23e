r"""Citation keys in pandoc's Markdown (R Markdown, Quarto): `@key`, `[see @a, p. 3; -@b]`, `@{any key}`.

Source: pandoc's manual, "Citation syntax": a key begins with a letter, digit or `_` and goes on with alphanumerics and single
internal punctuation; anything else needs braces. An `@` behind a letter or digit is an e-mail address, behind a backslash it
is text; code (fenced, indented, in back-quotes), HTML comments and URLs hold no citations. LaTeX commands in the text count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from bibtools.texfiles import tex
from bibtools.texfiles.citation import Citation

__all__ = ["citations", "written"]

KEY = r"\w(?:\w|[:.#$%&\-+?<>~/](?=\w))*+"
CITATION = re.compile(rf"\\.|(?<!\w)@(?:\{{(?P<braced>[^{{}}\r\n]+)\}}|(?P<plain>{KEY}|\*))", re.DOTALL)
BARE = re.compile(KEY)
FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})(.*)")
MARKER = re.compile(r"[ ]{0,3}(?:[-*+]|\(?(?:\d{1,9}|[A-Za-z]|[ivxlcdm]{1,6}|#)[.)]|[:~]|\(@\w*\)|\[\^[^\]]+\]:)(?=\s)")
INLINE = re.compile(
    r"\\.|@\{[^{}\r\n]+\}|(?P<ticks>`+)|(?P<comment><!--)|(?P<url>\b[A-Za-z][A-Za-z0-9+.\-]*://[^\s<>\"')\]}]+|<[A-Za-z][^<>\s]*>)",
    re.DOTALL,
)
CROSS_REFERENCE = re.compile(
    r"(?:fig|tbl|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|tip|nte|wrn|imp|cau)[-:]"
)


def citations(text: str) -> Iterator[Citation]:
    """Every key cited in a Markdown text, first those of Markdown, then those of LaTeX commands in it."""
    masked = _masked(text)
    head = _head(text)
    found = [
        Citation(
            found["braced"] or found["plain"],
            *found.span("braced" if found["braced"] else "plain"),
            "@",
            known=found.start() >= head and not CROSS_REFERENCE.match(found["braced"] or found["plain"]),
        )
        for found in CITATION.finditer(masked)
        if found["braced"] or found["plain"]
    ]
    found += tex.citations(masked.replace("%", " "))
    return iter(found)


def written(key: str, text: str, citation: Citation) -> str:
    """A key as it must be written at the place of a citation: in braces where it cannot stand without."""
    if citation.command != "@" or text[citation.start - 1] == "{" or BARE.fullmatch(key):
        return key
    return f"{{{key}}}"


def _head(text: str) -> int:
    """The end of the YAML metadata at the top: an `@` there may be anything."""
    found = re.compile(r"\ufeff?---[ \t]*\r?\n.*?\n(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)", re.DOTALL).match(text)
    return found.end() if found else 0


def _masked(text: str) -> str:
    """The text with code, comments and addresses blanked, every other character at its place."""
    pieces: list[str] = []
    last = 0
    lines = _code_lines(text)
    for start, end in (*lines, (len(text), len(text))):
        pieces.append(_inline(text[last:start]))
        pieces.append(_blank(text[start:end]))
        last = end
    return "".join(pieces)


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _inline(text: str) -> str:
    pieces: list[str] = []
    last = position = 0
    runs: dict[int, list[int]] | None = None
    comments = True
    while found := INLINE.search(text, position):
        position = found.end()
        if found["ticks"]:
            if runs is None:
                runs = _tick_runs(text)
            closing = next(iter(_after(runs.get(len(found["ticks"]), []), position)), -1)
            if closing < 0:
                continue
            position = closing + len(found["ticks"])
        elif found["comment"]:
            closing = text.find("-->", position) if comments else -1
            if closing < 0:
                comments = False
                continue
            position = closing + 3
        elif not found["url"]:
            continue
        pieces += [text[last : found.start()], _blank(text[found.start() : position])]
        last = position
    pieces.append(text[last:])
    return "".join(pieces)


def _tick_runs(text: str) -> dict[int, list[int]]:
    """Where runs of back-quotes begin, by their length: code ends at the next run as long as the one that opened it."""
    runs: dict[int, list[int]] = {}
    for ticks in re.finditer(r"`+", text):
        runs.setdefault(len(ticks[0]), []).append(ticks.start())
    return runs


def _after(positions: list[int], position: int) -> list[int]:
    at = bisect_left(positions, position)
    return positions[at : at + 1]


def _code_lines(text: str) -> list[tuple[int, int]]:
    """Spans of fenced and indented code blocks."""
    found: list[tuple[int, int]] = []
    lines = [(line.start(), line[0]) for line in re.finditer(r"[^\n]*\n|[^\n]+\Z", text)]
    head = _head(text)
    closers = _closers(lines)
    blank, in_list, number = True, False, 0
    while number < len(lines):
        start, line = lines[number]
        fence = FENCE.match(line) if start >= head else None
        if fence and not (fence[1][0] == "`" and "`" in fence[2]):
            closing = next((at for at in _after(closers[fence[1][0]], number + 1) if at), 0)
            while closing and len(FENCE.match(lines[closing][1])[1]) < len(fence[1]):  # type: ignore[index]
                closing = next(iter(_after(closers[fence[1][0]], closing + 1)), 0)
            if closing:
                found.append((start, lines[closing][0] + len(lines[closing][1])))
                number, blank = closing + 1, True
                continue
        number += 1
        if not line.strip():
            blank = True
            continue
        indented = line.startswith(("    ", "\t"))
        if indented and blank and not in_list and start >= head:
            found.append((start, start + len(line)))
            continue  # `blank` stays: the block goes on
        if MARKER.match(line):
            in_list = True
        elif blank and not line.startswith((" ", "\t")):
            in_list = False
        blank = False
    return found


def _closers(lines: list[tuple[int, str]]) -> dict[str, list[int]]:
    closers: dict[str, list[int]] = {"`": [], "~": []}
    for number, (_, line) in enumerate(lines):
        fence = FENCE.match(line)
        if fence and not fence[2].strip():
            closers[fence[1][0]].append(number)
    return closers
