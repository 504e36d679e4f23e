"""The text of a Record in its pieces: plain text, mathematics, inline tags (see `bibtools.record` for the form).

A dollar that opens no mathematics is a dollar; ``\\$`` is one everywhere, for the rare text in which a bare one would be
misread. A tag that is not closed in order is text. Mathematics ends at the next dollar outside braces or not at all: were
a dollar that cannot close skipped, "costs $5, and $y$" would be one formula.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bibtools.latex.mathematics import as_html, as_text
from bibtools.latex.tables import SUBSCRIPTS, SUPERSCRIPTS, script

__all__ = ["TAGS", "Piece", "html", "pieces", "plain"]

TAGS: dict[str, str] = {
    "i": "<i>",
    "b": "<b>",
    "sub": "<sub>",
    "sup": "<sup>",
    "sc": '<span style="font-variant:small-caps;">',
    "nocase": '<span class="nocase">',
}
MARK = re.compile(
    r"""(?P<escape>\\.)|(?P<dollar>\$)|<(?P<simple>i|b|sub|sup)>|(?P<sc><span\ style="font-variant:\s?small-caps;?">)
    |(?P<nocase><span\ class="nocase">)|</(?P<close>i|b|sub|sup|span)>""",
    re.VERBOSE | re.DOTALL,
)
HAS_MARK = re.compile(r"\\|\$|</?(?:i|b|su[bp]|span)\b")
LONGEST_FORMULA = 4000
MOST_UNCLOSED = (
    50  # so many dollars that open a brace without end, and no further one is looked at: ten megabytes of "${"
)


class Piece(NamedTuple):
    kind: str  # "text", "math" (value without dollars), "open" or "close" (value: a name of TAGS)
    value: str


def pieces(text: str) -> list[Piece]:
    """The text in order; the tags are balanced."""
    if not HAS_MARK.search(text):
        return [Piece("text", text)] if text else []
    found: list[Piece] = []
    unclosed = 0
    open_tags: list[tuple[str, int]] = []
    start = position = 0
    while (mark := MARK.search(text, position)) is not None:
        position = mark.end()
        if mark["escape"]:
            continue
        if mark["dollar"]:
            piece, end = formula(text, mark.start()) if unclosed < MOST_UNCLOSED else (None, position)
            unclosed += piece is None and end < 0
        else:
            piece, end = tag(mark, open_tags), position
        if piece is None:
            continue
        if mark.start() > start:
            found.append(Piece("text", text[start : mark.start()]))
        if piece.kind == "open":
            open_tags.append((piece.value, len(found)))
        elif piece.kind == "close":
            open_tags.pop()
        found.append(piece)
        start = position = end
    if start < len(text):
        found.append(Piece("text", text[start:]))
    for name, index in open_tags:
        found[index] = Piece("text", TAGS[name])
    return found


def formula(text: str, start: int) -> tuple[Piece | None, int]:
    """The mathematics that the dollar at ``start`` opens, and where it ends; -1 when no end was found in reach."""
    width = 2 if text.startswith("$$", start) else 1
    first = start + width
    depth = 0
    position = first
    limit = min(len(text), first + LONGEST_FORMULA)
    while position < limit:
        char = text[position]
        if char == "\\":
            position += 1
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                return None, start
        elif char == "$" and depth == 0:
            inner = text[first:position]
            after = text[position + width : position + width + 1]
            fits = inner and (width == 2 or not (inner[0].isspace() or inner[-1].isspace() or after.isdigit()))
            if fits and text.startswith("$" * width, position):
                return Piece("math", inner.strip() if width == 2 else inner), position + width
            return None, start
        position += 1
    return None, -1


def tag(mark: re.Match[str], open_tags: list[tuple[str, int]]) -> Piece | None:
    if mark["simple"]:
        return Piece("open", mark["simple"])
    if mark["sc"]:
        return Piece("open", "sc")
    if mark["nocase"]:
        return Piece("open", "nocase")
    name = open_tags[-1][0] if open_tags else ""
    fits = name in ("sc", "nocase") if mark["close"] == "span" else name == mark["close"]
    return Piece("close", name) if fits else None


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Without markup and mathematical dollars; raised and lowered text in Unicode's characters where all of them exist."""
    if not HAS_MARK.search(text):
        return text
    levels: list[tuple[str, list[str]]] = [("", [])]
    for kind, value in pieces(text):
        if kind == "open":
            levels.append((value, []))
        elif kind == "close":
            name, inner = levels.pop()
            joined = "".join(inner)
            table = SUPERSCRIPTS if name == "sup" else SUBSCRIPTS if name == "sub" else {}
            levels[-1][1].append(script(joined, table) or joined)
        else:
            levels[-1][1].append(as_text(value) if kind == "math" else value.replace("\\$", "$"))
    return "".join(part for _, level in levels for part in level)


@lru_cache(maxsize=4096)
def html(text: str) -> str:
    """The text as CSL-JSON has it: the inline tags, and mathematics as tags and Unicode too."""
    if not HAS_MARK.search(text):
        return text
    closing = {name: "</span>" if opening.startswith("<span") else f"</{name}>" for name, opening in TAGS.items()}
    out = []
    for kind, value in pieces(text):
        if kind == "open":
            out.append(TAGS[value])
        elif kind == "close":
            out.append(closing[value])
        else:
            out.append(as_html(value) if kind == "math" else value.replace("\\$", "$"))
    return "".join(out)
