"""Labelled reference strings as token sequences, with one set of labels for all sources.

A source marks "vol. 7," or "7", "In Proc. of X," or "Proc. of X": what only announces a field is outside of it here.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bibtools.formats.reflist.tokens import Tokens, tokenise

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "references"
SETS = ("anystyle-core", "anystyle-good", "anystyle-bad", "anystyle-ugly", "grobid", "generated")
# Without anystyle-ugly, whose labels are wrong too often: with it every other set is labelled worse.
FITTED = ("anystyle-core", "anystyle-good", "anystyle-bad", "grobid", "generated")

LABELS = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "title": "title",
    "journal": "journal",
    "container-title": "book",
    "collection-title": "series",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "date": "date",
    "publisher": "publisher",
    "location": "place",
    "doi": "doi",
    "url": "url",
    "genre": "genre",
    "edition": "edition",
    "note": "note",
    "number-id": "number",
}
LONG = frozenset(("author", "editor", "translator", "title", "journal", "book", "series", "publisher", "place", "note"))

ANNOUNCING = {
    "volume": re.compile(
        r"(?i)v|vol|vols|volume|volumes|bd|band|tome|t|jg|jahrgang|n|no|nr|number|issue|iss|heft|h|num"
    ),
    "pages": re.compile(r"(?i)p|pp|pg|pgs|page|pages|s|ss|seite|seiten|pag|págs?|str"),
    "book": re.compile(r"(?i)in|en|dans|em|im"),
    "journal": re.compile(r"(?i)in|en|dans|em|im"),
    "series": re.compile(r"(?i)coll|of|series|volume"),
    "editor": re.compile(
        r"(?i)in|ed|eds|edn|edt|editor|editors|edited|by|hrsg|hg|herausgegeben|von|dir|dirs|éd|éds|édit|a|cura|di|dans|arg|"
        r"red|coord|coords|compiled|comp|sous|la|direction|de|par"
    ),
    "translator": re.compile(r"(?i)trans|transl|translated|by|tr|trad|translator|übers|übersetzt|von|traduit|par|de"),
    "doi": re.compile(r"(?i)doi|https|http|dx|org"),
    "url": re.compile(r"(?i)url|available|at|from|retrieved|online|in|verfügbar|unter"),
}
_ALWAYS = frozenset(
    "ed eds editor editors hrsg hg dir edited herausgegeben éd éds trans trad transl translated".split()
)


@dataclass(frozen=True)
class Example:
    tokens: Tokens
    labels: tuple[str, ...]
    group: str
    set: str
    gold: dict[str, list[str]]


def number_of(text: str) -> float:
    """A number in [0, 1) that is always the same for a text: how held-out parts are chosen."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


def label(string: str, segments: list[list[Any]], source: str) -> tuple[Tokens, list[str]]:
    segments = sorted(segments, key=lambda each: each[2])
    if segments and segments[0][0] == "number" and segments[0][2] == 0:
        cut = segments[0][3]
        while cut < len(string) and string[cut] in " .)]:":
            cut += 1
        string = string[cut:]
        segments = [[name, text, start - cut, end - cut] for name, text, start, end in segments[1:]]
    tokens = tokenise(string)
    labels = ["O"] * len(tokens.words)
    has_author = any(each[0] == "author" for each in segments)
    for name, _, start, end in segments:
        if name in ("other", "translator") and start == 0 and not has_author and source == "generated":
            name = "author"
        called = LABELS.get(name)
        if called is None:
            continue
        inside = [i for i, (a, b) in enumerate(tokens.spans) if a < end and b > start]
        _mark(tokens, labels, inside, called, split=source.startswith("anystyle"))
    return tokens, labels


_INITIAL_WORD = re.compile(r"[^\W\d_]\Z")


def _mark(tokens: Tokens, labels: list[str], inside: list[int], called: str, *, split: bool) -> None:
    announcing = ANNOUNCING.get(called)
    words = tokens.words
    if split and called in ("volume", "pages", "date", "issue") and _glued(tokens, labels, inside, called):
        return
    if called in ("volume", "issue", "pages"):
        numbers = [i for i in inside if not (announcing or ANNOUNCING["volume"]).fullmatch(words[i])]
        if called == "volume" and split:
            digits = [i for i in numbers if any(char.isdigit() for char in words[i])]
            if len(digits) >= 2 and re.search(
                r"[(,/:]|no|\s", tokens.text[tokens.spans[digits[0]][1] : tokens.spans[digits[1]][0]]
            ):
                for i in numbers:
                    if i <= digits[0]:
                        labels[i] = "volume"
                labels[digits[1]] = "issue"
                return
        for i in numbers:
            labels[i] = called
        return
    if announcing:
        while (
            inside
            and announcing.fullmatch(words[inside[0]])
            and (called != "editor" or tokens.gaps[inside[0] + 1].strip() != "." or words[inside[0]].lower() in _ALWAYS)
        ):
            inside = inside[1:]
        while (
            inside
            and called in ("editor", "translator")
            and announcing.fullmatch(words[inside[-1]])
            and words[inside[-1]].lower() in _ALWAYS | {"by"}
        ):
            inside = inside[:-1]
    for place, i in enumerate(inside):
        labels[i] = called if called not in LONG else ("I-" if place else "B-") + called


_YEAR = re.compile(r"(?:1[5-9]|20)\d\d[a-h]?")


def _glued(tokens: Tokens, labels: list[str], inside: list[int], called: str) -> bool:
    """Marks ``2012;380(9859):2095-128``, which a source that parts words at blanks has as one field."""
    text = tokens.text[tokens.spans[inside[0]][0] : tokens.spans[inside[-1]][1]] if inside else ""
    if not re.search(r"\d\)?[;:]\s?[A-Za-z]?\d", text):
        return False
    last = ""
    for place, i in enumerate(inside):
        word, gap = tokens.words[i], tokens.gaps[i] if place else ""
        digits = any(char.isdigit() for char in word)
        if (_YEAR.fullmatch(word) and last in ("", "date") and (called != "pages" or ";" in tokens.gaps[i + 1])) or (
            not digits and called == "date" and last in ("", "date")
        ):
            last = "date"
        elif not digits:
            continue
        elif ";" in gap or (last in ("", "date") and ":" not in gap and called != "date"):
            last = "volume"
        elif "(" in gap and last == "volume":
            last = "issue"
        elif ":" in gap:
            last = "pages"
        labels[i] = last = last or called
    return True


def load(name: str, folder: Path = SHARED) -> Iterator[Example]:
    with lzma.open(folder / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            if raw["string"].startswith("@"):  # a style that prints BibTeX
                continue
            tokens, labels = label(raw["string"], raw["segments"], name)
            if not tokens.words or not any(each != "O" for each in labels):
                continue
            gold: dict[str, list[str]] = {}
            start = 0
            while start < len(labels):
                kind = labels[start].removeprefix("B-").removeprefix("I-")
                end = start + 1
                while end < len(labels) and labels[end].removeprefix("I-") == kind:
                    end += 1
                if kind != "O":
                    gold.setdefault(kind, []).append(tokens.text[tokens.spans[start][0] : tokens.spans[end - 1][1]])
                start = end
            yield Example(tokens, tuple(labels), raw.get("group", raw["id"]), name, gold)
