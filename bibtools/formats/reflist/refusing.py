"""What of a pasted list is not read, and the word for it; and whether a text is a list of references at all.

Prose has years and names too. So a text counts as a list where most of its pieces have a year and two of author, title and
venue, each probable, and where hardly a word is left over; a list of one or two references has to be clearer still. Minutes,
addresses and lists of films pass for that piece by piece, so that some of the pieces have to say where a work can be found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bibtools.formats.reflist.cutting import Piece
from bibtools.formats.reflist.fields import Span
from bibtools.formats.reflist.lines import SIGNS

__all__ = ["LEAST", "findable", "passes", "refusal", "worth_a_look"]

LEGAL = re.compile(
    r"\b[A-Z][\w.,'’& ]{1,60}\s+v(?:s)?\.?\s+[A-Z][\w.,'’& ]{1,80},?\s+(?:\d+\s+(?:U\.\s?S\.|F\.(?:\s?(?:2d|3d|"
    r"4th|Supp\.?))?|S\.\s?Ct\.|L\.\s?Ed\.|[A-Z]\.\s?(?:2d|3d))|"
    r"\[\d{4}\]\s|\(\d{4}\)\s+\d+\s+(?:CLR|ALR)|No\.\s\d|\d{4}\s+(?:WL|SCC))|"
    r"\b(?:BGHZ?|BVerfGE?|BVerwGE?|BAGE?|BSGE?|EuGH|OLG|LG|VG|BFH|RGZ)\b.{0,40}\b(?:Urt(?:eil|\.)|Beschl(?:uss|\.)|v(?:om|\.)\s\d|\d+,\s\d+)|"
    r"^\s*\d+\s+(?:U\.\s?S\.\s?C\.|C\.\s?F\.\s?R\.)\s+§|\b(?:Pub\.\s?L\.\s(?:No\.\s)?\d|§§?\s?\d+\w?\s+(?:Abs\.|BGB|StGB|GG|HGB|ZPO))"
)
IBID = re.compile(
    r"\s*(?:ibid(?:em)?\b|ebd\b|ebenda\b|op\.?\s?cit\b|loc\.?\s?cit\b|id\.,?\s+at\s|a\.\s?a\.\s?O\b|idem\b)",
    re.IGNORECASE,
)
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
LETTER = re.compile(r"[^\W\d_]")
YEAR = re.compile(
    r"(?<!\d)(?:1[5-9]|20)\d\d[a-h]?(?!\d)|\bn\.\s?d\.|\bin press\b|\bforthcoming\b|\bto appear\b|\bo\.\s?J\."
)

ENTRY = re.compile(
    r"@[A-Za-z]+\s*[{(]\s*[^\s,{}]+\s*,|^\s*(?:TY|AU|PY)  - |<\?xml|<!DOCTYPE", re.MULTILINE
)  # of another format, broken

ADDRESS = re.compile(r"(?:https?://|www\.|10\.\d{4,9}/)\S+")
CODE = re.compile(r"[={}<>|\\_#*@$~^`]")  # signs of programs and tables

LEAST = 3  # pieces of a list that is known by its content without being clear in every piece
MOST_TOKENS = 160


def refusal(text: str) -> str:
    """Why a piece is not read as a reference, "" where nothing speaks against it."""
    if len(CJK.findall(text)) > 0.3 * max(1, len(LETTER.findall(text))):
        return "Chinese, Japanese and Korean references are not read yet"
    if IBID.match(text):
        return "stands for another reference ('ibid.'); write that one out"
    if LEGAL.search(text[:600]):
        return "legal citations are not read"
    return ""


def worth_a_look(text: str) -> bool:
    """Whether a text can be a list of references at all: quick, so that the model need not be asked about every text."""
    text = text.translate(SIGNS)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or "\0" in text or ENTRY.search(text):
        return False
    if _is_table(lines):
        return False
    bare = ADDRESS.sub("", text)
    if len(CODE.findall(bare)) * 60 > len(bare) or bare.count('("') + bare.count("('") > len(lines) // 3 + 1:
        return False
    years = len(YEAR.findall(text))
    if not years or years * 1200 < len(text):
        return False
    capitals = sum(1 for line in lines if re.search(r"\b[^\W\d_a-z]", line))
    return capitals * 2 > len(lines)


def _is_table(lines: Sequence[str]) -> bool:
    """Whether lines are rows of cells: commas without blanks, or one number of separators in nearly every line."""
    commas = sum(line.count(",") for line in lines)
    if commas >= 2 * len(lines) and 2 * sum(line.count(", ") for line in lines) < commas:
        return True
    for separator in ("\t", ";", "|"):
        counts = [line.count(separator) for line in lines]
        usual = max(set(counts), key=counts.count)
        if usual >= 2 and len(lines) >= 8 and counts.count(usual) >= 0.9 * len(lines):
            return True
    return False


FINDS = ("journal", "book", "publisher", "volume", "number", "genre", "doi", "url")  # any of these says where a work is
BARE_YEAR = re.compile(r"\(?(?:1[5-9]|20)\d\d[a-h]?\)?")


def findable(found: Sequence[Span]) -> bool:
    """Whether a piece surely says who made a work, what or where it is, when it appeared and where it can be found; a place
    counts where a bare year follows it (New York 1985)."""
    sure = [span for span in found if span.sure >= 0.9]
    labels = {span.label for span in sure}
    placed = any(
        one.label == "place" and other.label == "date" and one.end == other.start and BARE_YEAR.fullmatch(other.text)
        for one, other in pairwise(sure)
    )
    return (
        not labels.isdisjoint(("author", "editor"))
        and not labels.isdisjoint(("title", "journal", "book"))
        and "date" in labels
        and (placed or not labels.isdisjoint(FINDS))
    )


def passes(piece: Piece, found: Sequence[Span], words: int, *, clearly: bool = False) -> bool:
    """Whether a piece is a reference: a year, and two of author, title and venue that are probable; ``clearly`` asks more."""
    if not 4 <= words <= MOST_TOKENS or not YEAR.search(piece.text):
        return False
    best: dict[str, float] = {}
    for span in found:
        kind = {"journal": "venue", "book": "venue", "publisher": "maker", "editor": "author"}.get(
            span.label, span.label
        )
        best[kind] = max(best.get(kind, 0.0), span.sure)
    covered = sum(span.end - span.start for span in found) / words
    ordered = bool(found) and found[0].label in ("author", "editor") and found[0].start == 0
    sure = 0.95 if clearly else 0.7 if ordered and covered >= 0.8 and best.get("date", 0.0) >= 0.9 else 0.8
    told = sum(best.get(kind, 0.0) >= sure for kind in ("author", "title", "venue"))
    told += best.get("maker", 0.0) >= sure and best.get("title", 0.0) >= sure and not best.get("venue")
    longest = max((span.end - span.start for span in found if span.label not in ("author", "url")), default=0)
    if clearly:
        rest = max(best.get("pages", 0.0), best.get("volume", 0.0), best.get("doi", 0.0), best.get("maker", 0.0))
        return (
            told >= 2
            and best.get("date", 0.0) >= 0.9
            and best.get("author", 0.0) >= sure
            and rest >= 0.9
            and covered >= 0.8
            and longest <= 45
        )
    placed = best.get("date", 0.0) >= 0.6 or max(best.get("pages", 0.0), best.get("volume", 0.0)) >= 0.8
    return told >= 2 and placed and covered >= 0.55 and longest <= 70
