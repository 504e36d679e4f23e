"""Identifiers: DOIs, arXiv numbers, PMIDs, ISBNs and addresses of known sites, each a record that holds it and nothing else.

By content only where every line is one (``#`` begins a comment); with ``--from ids`` wherever they stand in a text, each once.
A bare number is none: a PMID needs its label, an arXiv number of the new scheme its point. What such a record is a record of an
index or a service tells; alone it is incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import identifiers
from bibtools.format import Format, ReadOptions, collect
from bibtools.record import Batch, Origin, Problem, Record

__all__ = ["FORMAT", "of_line"]

ARXIV = r"(?:arXiv:\s?)?(?:\d{4}\.\d{4,5}|(?:[a-z-]{4,9})(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?:\s*\[[\w.-]+\])?"
TOKEN = re.compile(
    r"(?P<doi>(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:?\s*)?10\.\d{4,9}/[^\s\"<>]+)|"
    r"(?P<arxiv>(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/\S+|arXiv:\s?\S+)|"
    r"(?P<pmcid>(?:https?://\S*?/)?PMC\d{4,9}/?)|"
    r"(?P<pmid>(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)\d{1,9}/?|PMID:?\s*\d{1,9})|"
    r"(?P<isbn>ISBN(?:-1[03])?:?\s*[\dX][\dXx -]{8,16}[\dXx]|97[89][- ]?\d(?:[- ]?\d){8,9})|"
    r"(?P<url>https?://(?:www\.)?(?:aclanthology\.org/[A-Z0-9]|openreview\.net/(?:forum|pdf)\?id=|semanticscholar\.org/paper/|"
    r"dblp\.(?:org|uni-trier\.de)/rec/|hal\.science/(?:hal|tel)-|papers\.ssrn\.com/|inspirehep\.net/literature/|"
    r"jstor\.org/stable/|zenodo\.org/records?/)\S+)",
    re.IGNORECASE,
)
BARE = re.compile(ARXIV)
TRAILING = ".,;:]}>\"'"


def of_line(line: str) -> Record | None:
    """The record of a line that is one identifier, else None."""
    line = line.strip().strip("<>")
    found = TOKEN.fullmatch(line)
    if found is None:
        number = identifiers.arxiv_id(line) if BARE.fullmatch(line) else ""
        return Record(arxiv_id=number) if number else None
    return _record(found)


def _record(found: re.Match[str]) -> Record | None:
    kind, text = found.lastgroup or "", found[0].rstrip(TRAILING)
    while text.endswith(")") and text.count("(") < text.count(")"):  # of the sentence, not of the identifier
        text = text[:-1].rstrip(TRAILING)
    match kind:
        case "doi":
            doi = identifiers.bare_doi(text)
            number = identifiers.arxiv_id(doi) if identifiers.is_arxiv_doi(doi) else ""
            return Record(doi=doi, arxiv_id=number) if doi else None
        case "arxiv":
            number = identifiers.arxiv_id(text)
            return Record(arxiv_id=number) if number else None
        case "pmid":
            return Record(pmid=re.findall(r"\d+", text)[-1])
        case "pmcid":
            return Record(pmcid=identifiers.pmcid(re.findall(r"PMC\d+", text, re.IGNORECASE)[-1]))
        case "isbn":
            return (
                Record(isbn=re.sub(r"^ISBN(?:-1[03])?:?\s*", "", text, flags=re.IGNORECASE))
                if identifiers.isbns(text)
                else None
            )
        case _:
            return Record(url=text)


def read(text: str, options: ReadOptions) -> Batch:
    return collect(_read(text, options))


def _read(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
    seen: set[Record] = set()
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        whole = of_line(line)
        found = [whole] if whole else [record for match in TOKEN.finditer(line) if (record := _record(match))]
        for record in found:
            if record not in seen:
                yield record.replace(origin=Origin(options.source, number, len(seen)))
                seen.add(record)
    if not seen:
        yield Problem("no DOI, arXiv number, PMID, ISBN or address of a known site in the text", Origin(options.source))


def looks_like(head: str) -> bool:
    lines = [
        line for each in head.removeprefix("\ufeff").splitlines() if (line := each.strip()) and not line.startswith("#")
    ]
    if len(head) >= 65536:
        lines = lines[:-1]  # which may be cut
    return bool(lines) and len(lines[0]) < 300 and all(len(line) < 300 and of_line(line) for line in lines)


FORMAT = Format(
    name="ids",
    summary="DOIs, arXiv numbers, PMIDs, ISBNs, addresses: one a line, or anywhere in a text with --from ids",
    suffixes=(),
    looks_like=looks_like,
    read=read,
)
