"""The labelled lines that arXiv's pages, lists and mails share, as a record."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bibtools import arxiv, dates, identifiers
from bibtools.record import Date, Origin, Record

__all__ = ["LABEL", "labelled", "record"]

LABEL = re.compile(
    r"(Title|Authors?|Abstract|Comments?|Subjects?|Categories|Journal[- ]ref(?:erence)?|Report[- ](?:no|number)|(?:Related )?DOI|"
    r"MSC[ -]class(?:es)?|ACM[ -]class(?:es)?|Cite as|License)\s*:[ \t]*(.*)",
    re.IGNORECASE,
)
SUBJECT = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)")
NAMES = {
    "author": "authors",
    "comment": "comments",
    "subject": "subjects",
    "journal reference": "journal-ref",
    "journal ref": "journal-ref",
    "report number": "report-no",
    "report no": "report-no",
    "related doi": "doi",
}


def labelled(lines: Iterable[str]) -> dict[str, str]:
    """The values under their labels; a line without a label continues the value above. Before any label: under ``""``."""
    found: dict[str, list[str]] = {"": []}
    name = ""
    for line in lines:
        label = LABEL.match(line)
        if label:
            name = NAMES.get(label[1].lower(), label[1].lower())
            found.setdefault(name, []).append(label[2].strip())
        else:
            found[name].append(line.strip())
    return {name: " ".join(filter(None, values)) for name, values in found.items()}


def record(
    said: dict[str, str], identifier: str, origin: Origin, issued: Date | None = None, submitted: Date | None = None
) -> Record:
    subjects = said.get("subjects", "")
    categories = SUBJECT.findall(subjects) or said.get("categories", "").split()
    known = ("", "title", "authors", "abstract", "comments", "subjects", "categories", "doi", "cite as", "license")
    extra = tuple((name, value) for name, value in said.items() if name not in known and value)
    doi = identifiers.doi(said.get("doi", ""))
    return arxiv.record(
        identifier=identifier,
        title=said.get("title", ""),
        authors=said.get("authors", ""),
        abstract=re.sub(r"\s*(?:▽ More|△ Less)\s*$", "", said.get("abstract", "")),
        categories=tuple(dict.fromkeys(categories)),
        doi="" if identifiers.is_arxiv_doi(doi) else doi,
        comments=said.get("comments", ""),
        issued=issued or Date(),
        submitted=submitted or Date(),
        extra=extra,
        origin=origin,
    )


def day(text: str) -> Date:
    found = dates.parse(text.strip())
    return found if found.parts and not found.literal else Date()
