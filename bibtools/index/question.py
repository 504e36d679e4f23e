"""What is asked of an index: a record, or any text that a person would paste into a search box."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, chain

from bibtools import identifiers, latex
from bibtools.index import terms
from bibtools.record import Record

__all__ = ["Question", "of_record", "of_text"]

LONGEST = 4000  # characters of a text that are looked at: a pasted reference, not a page
MOST_WORDS = 200
MOST_SPANS = 40
SHORTEST = 3  # words of a title that is looked for within a text
_PMID = re.compile(r"\bpmid[:\s]*(\d{1,9})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\d{3,9}\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_PUNCTUATION = re.compile(r"""((?:[.,;:?!"“”«»()\[\]\n]+\s*)+)""")
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Question:
    """``free`` is a text in which title, people and year are not told apart; all its words are then in ``words``."""

    identifiers: tuple[tuple[str, str], ...]  # kind and normal form
    words: tuple[str, ...]
    head: str = ""  # the title without its subtitle, without spaces; "" where it has none
    people: tuple[str, ...] = ()
    year: int | None = None
    free: bool = False
    breaks: frozenset[int] = frozenset()  # of a text: the words before which it has punctuation
    colons: frozenset[int] = frozenset()  # those before which it has a colon
    spans: tuple[str, ...] = ()  # what stands between punctuation and may be a whole title, without spaces

    @property
    def title(self) -> str:
        """The whole title without spaces."""
        return "".join(self.words)

    @property
    def titles(self) -> list[tuple[str, str, str]]:
        """How a work is found (`Hit.how`), under which kind of key, and its value: the same title, or the same but for a
        subtitle that one of the two lacks."""
        title = self.title
        if not title:
            return []
        shorter = [("head", "title", self.head)] if self.head else []
        spans = [("title", "title", span) for span in self.spans if span != title]
        return [("title", "title", title), ("head", "head", title), *shorter, *spans]


def of_record(record: Record) -> Question:
    return Question(
        tuple(terms.identifier_values(record)),
        tuple(terms.title_words(record.title)) if record.title else (),
        terms.head(record.title),
        tuple(terms.surnames(record.author or record.editor)),
        record.issued.year,
    )


def of_text(text: str) -> Question:
    """Identifiers wherever they are in the text; the words of the rest. LaTeX is decoded."""
    text = text[:LONGEST].strip()
    found: list[tuple[str, str]] = []
    rest = text
    arxiv = identifiers.arxiv_id(text)
    doi = identifiers.doi(text)
    if doi and not identifiers.is_arxiv_doi(doi):
        found.append(("doi", doi))
        rest = re.sub(re.escape(doi), " ", rest, flags=re.IGNORECASE)
    if arxiv:
        found.append(("arxiv", arxiv.lower()))
        rest = re.sub(re.escape(arxiv) + r"(?:v\d+)?", " ", rest, flags=re.IGNORECASE)
    for isbn in identifiers.isbns(text):
        found.append(("isbn", isbn))
    if pmid := _PMID.search(text):
        found.append(("pmid", pmid[1]))
    if pmcid := _PMCID.search(text):
        found.append(("pmcid", pmcid[0].upper()))
    rest = _ADDRESS.sub(" ", rest)
    if "\\" in rest or "{" in rest:
        rest = latex.decode(rest)
    years = _YEAR.findall(rest)
    pieces = _PUNCTUATION.split(rest)
    inner = [terms.title_words(piece) for piece in pieces[::2]]
    starts = [0, *accumulate(map(len, inner))]
    behind_colon = [place for place, mark in enumerate(pieces[1::2], 1) if mark.strip() == ":"]
    colons = {starts[place] for place in behind_colon}
    return Question(
        identifiers=tuple(found),
        words=tuple(chain.from_iterable(inner))[:MOST_WORDS],
        head=terms.head(rest),
        year=int(years[-1]) if years else None,
        free=True,
        breaks=frozenset(starts[1:]) - colons,
        colons=frozenset(colons),
        spans=_spans(inner),
    )


def _spans(pieces: list[list[str]]) -> tuple[str, ...]:
    """Up to three neighbouring pieces of a reference that together have the length of a title, the longest pieces first."""
    found: dict[str, int] = {}
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + 3, len(pieces)) + 1):
            words = list(chain.from_iterable(pieces[start:end]))
            if SHORTEST <= len(words) <= terms.MOST_WORDS:
                found.setdefault("".join(words), max(map(len, pieces[start:end])))
    return tuple(sorted(found, key=lambda span: -found[span])[:MOST_SPANS])
