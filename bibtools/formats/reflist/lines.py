"""The lines of a pasted list, without what a page adds to them, and the joining of lines into one text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["SIGNS", "Line", "heading", "joined", "lines", "parted"]


@dataclass(frozen=True, slots=True)
class Line:
    """``indent`` counts blanks before the text, ``gap`` says whether empty lines or a page's end stand above."""

    number: int  # from 1
    text: str
    indent: int
    gap: int  # 0, EMPTY or PAGE


EMPTY, PAGE = 1, 2


HEADING = re.compile(
    r"(?:\d{1,2}\.?\s+|[IVX]+\.\s+|#+\s*|\*\*)?(?:references?(?: cited| and notes| list)?|bibliograph(?:y|ie|ía|"
    r"ia)|literature(?: cited)?|works cited|"
    r"literatur(?:verzeichnis|liste)?|quellen(?:verzeichnis)?|références(?: bibliographiques)?|referencias|riferimenti|"
    r"cited literature|reference list|selected (?:publications|references)|publications)\s*(?:\*\*)?[:.]?",
    re.IGNORECASE,
)
PAGE_NUMBER = re.compile(
    r"(?:[-–—|·]\s*)?(?:p(?:age|\.)?\s*)?\d{1,4}(?:\s*(?:of|/|von|de)\s*\d{1,4})?(?:\s*[-–—|·])?", re.IGNORECASE
)
RUNNING = re.compile(
    r"\d{1,4}\s+[^\W\d_].*[^\W\d_]|[^\W\d_].*[^\W\d_.,:(]\s+(?!(?:1[5-9]|20)\d\d)\d{1,4}"
)  # a head with its page number
DIGITS = re.compile(r"\d+")
MARKED = re.compile(r"\s*(?:\[[^\]]{1,12}\]|\(?\d{1,4}[.)])\s")
BLANK_SIGNS = dict.fromkeys(
    map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"), " "
)
NOTHING = {ord("\u200b"): None, ord("\ufeff"): None, ord("\u2060"): None, ord("\u200c"): None, ord("\u200e"): None}
LIGATURES = {ord("ﬁ"): "fi", ord("ﬂ"): "fl", ord("ﬀ"): "ff", ord("ﬃ"): "ffi", ord("ﬄ"): "ffl"}
SIGNS = BLANK_SIGNS | NOTHING | LIGATURES


def heading(text: str) -> bool:
    """Whether a line is the heading of a list of references."""
    return len(text) < 60 and HEADING.fullmatch(text.strip()) is not None


def lines(text: str) -> list[Line]:
    """The lines that hold something, page heads, page numbers and the heading of the list left out."""
    return parted(text)[0]


def parted(text: str) -> tuple[list[Line], list[Line]]:
    """The lines of the list, and those that a page added to it: heads and page numbers."""
    text = text.translate(SIGNS).replace("\r\n", "\n").replace("\r", "\n")
    found: list[Line] = []
    gap = 0
    for number, raw in enumerate(text.split("\n"), 1):
        shown = raw.replace("\f", "").expandtabs(8)
        gap = PAGE if "\f" in raw else gap
        content = shown.strip()
        if content:
            found.append(Line(number, content, len(shown) - len(shown.lstrip()), gap))
            gap = 0
        else:
            gap = gap or EMPTY
    while found and heading(found[0].text):
        found = found[1:]
    return _without_furniture(found)


def _without_furniture(found: list[Line]) -> tuple[list[Line], list[Line]]:
    alike = Counter(_bare(each.text) for each in found)
    seldom = sum(1 for each in found if each.gap == EMPTY) <= max(2, len(found) // 12)  # empty lines are those of pages
    indents = sorted(each.indent for each in found)
    deep = indents[int(0.9 * len(indents))] + 8 if indents else 0
    kept: list[Line] = []
    left: list[Line] = []
    cut = False
    for place, each in enumerate(found):
        after = found[place + 1].gap if place + 1 < len(found) else EMPTY
        if kept and _is_furniture(each, kept[-1], after, alike, seldom, deep):
            left.append(each)
            cut = True
            continue
        # empty lines around a page head are the page's, not the list's
        kept.append(Line(each.number, each.text, each.indent, PAGE if cut and each.gap else each.gap))
        cut = False
    return kept, left


def _is_furniture(line: Line, before: Line, after: int, alike: Mapping[str, int], seldom: bool, deep: int) -> bool:
    """Whether a line is a page number, a head that stands on several pages, or a heading between two parts of a list."""
    edge = bool(line.gap or after)
    text = line.text
    if PAGE_NUMBER.fullmatch(text):
        goes_on = before.text.endswith(("-", "–", "—", ",", "(", ":", "no.", "vol.", "pp.", "p."))
        return edge or not text.isdigit() or line.indent > deep or (not goes_on and before.text.endswith("."))
    if line.gap and heading(text):
        return True
    if MARKED.match(text) or len(text) >= 90:
        return False
    bare = _bare(text)
    if alike[bare] > 1 and len(bare) > 3 and edge and not text.endswith((".", ",")):
        return True
    at_page = PAGE in (line.gap, after) or (seldom and edge)
    return at_page and RUNNING.fullmatch(text) is not None


def _bare(text: str) -> str:
    return DIGITS.sub("", text).strip(" .,-–—|·").lower()


# --- joining ----------------------------------------------------------------------------------------------------------

_HYPHEN = re.compile(r"([^\W\d_]+)[-‐]\Z")
_NEXT = re.compile(r"[^\W\d_]+")
_IN_ADDRESS = re.compile(r"(?:https?://|www\.|\b10\.\d{4,9}/)\S*\Z")
_GOES_ON = re.compile(r"\S*[/=_%&?#]\S*|[\w.-]+\.[a-z]{2,5}[.,]?\Z|[a-z0-9-]+[./]\S*")


def joined(parts: Sequence[str], words: Mapping[str, str]) -> str:
    """Lines as one text: a word that a hyphen broke is put together where that makes a word that is known, or where its parts
    are none; an address goes on without a blank."""
    text = ""
    for part in parts:
        if not text:
            text = part
            continue
        if text.endswith("\u00ad"):
            text = text[:-1] + part
        elif found := _HYPHEN.search(text):
            text = _without_hyphen(text, found[1], part, words)
        elif (re.search(r"\d[-–—]\Z", text) and part[:1].isdigit()) or (
            (address := _IN_ADDRESS.search(text)) and _address_goes_on(address[0], part)
        ):
            text += part
        else:
            text = f"{text} {part}"
    return text.replace("\u00ad", "")


def _without_hyphen(text: str, left: str, part: str, words: Mapping[str, str]) -> str:
    following = _NEXT.match(part)
    if following is None:
        return text + part if part[:1].isdigit() else f"{text} {part}"
    right = following[0]
    if right[0].isupper() or _IN_ADDRESS.search(text):
        return text + part  # Müller-Lüdenscheidt, Monte-Carlo
    if (left + right).lower() in words:
        return text[:-1] + part
    if right in ("und", "and", "oder", "or", "et"):
        return f"{text} {part}"
    if left.lower() in words and right.lower() in words and len(left) > 3 and len(right) > 3:
        return text + part
    return text[:-1] + part


def _address_goes_on(address: str, part: str) -> bool:
    first = part.split()[0] if part.split() else ""
    if address.endswith(("/", "=", "_", "&", "?", "%", "-", "#")):
        return bool(first) and (
            first[0].islower() or first[0].isdigit() or _GOES_ON.fullmatch(first) is not None or len(first) > 12
        )
    if address.endswith("."):
        return first[:1].islower() and _GOES_ON.fullmatch(first) is not None
    return bool(re.fullmatch(r"[a-z0-9][\w.-]*[/=_%&?#]\S*|[/=_%&?#]\S+", first))
