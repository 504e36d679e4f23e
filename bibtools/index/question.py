"""What is asked of an index: a record, or any text that a person would paste into a search box."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bibtools import identifiers, latex
from bibtools.index import terms
from bibtools.record import Record

__all__ = ["Question", "of_record", "of_text"]

LONGEST = 4000  # characters of a text that are looked at: a pasted reference, not a page
_PMID = re.compile(r"\bpmid[:\s]*(\d{1,9})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\d{3,9}\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
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
        return [("title", "title", title), ("head", "head", title), *shorter]


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
    return Question(
        tuple(found), tuple(terms.title_words(rest)), terms.head(rest), (), int(years[-1]) if years else None, free=True
    )
