"""PubMed: medicine and life sciences, by PMID, DOI or title. https://www.ncbi.nlm.nih.gov/books/NBK25499/

Up to two hundred PMIDs in one request for records; a DOI or a title is searched for first, and the records of what was found are
fetched in a second request. Three requests a second, ten with a key; ``tool`` and ``email`` are to be given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bibtools import identifiers
from bibtools.formats import pubmed_xml
from bibtools.index import terms
from bibtools.online.service import (
    Answer,
    NotUnderstoodError,
    Question,
    Reply,
    Request,
    Service,
    address,
    by_identifier,
    chunks,
    json_of,
    matching,
    works,
)

__all__ = ["SERVICE"]

MOST = 200
CANDIDATES = 5
TOOL = ("tool", "bibtools")
PMID = re.compile(r"[1-9]\d{0,8}")


def takes(question: Question) -> bool:
    if question.kind == "pmid":
        return PMID.fullmatch(question.value) is not None
    return question.kind != "doi" or not identifiers.is_arxiv_doi(question.value)


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    numbered = [each for each in questions if each.kind == "pmid"]
    for part in chunks(numbered, MOST, lambda each: each.value):
        yield _fetch(part, [each.value for each in part])
    for question in questions:
        if question.kind != "pmid":
            yield Request((question,), "/esearch.fcgi", _search(question), listing=True)


def _fetch(questions: tuple[Question, ...], numbers: Sequence[str]) -> Request:
    params = (("db", "pubmed"), ("id", ",".join(numbers)), ("retmode", "xml"), TOOL)
    return Request(questions, "/efetch.fcgi", params, accept="application/xml", listing=True, step="records")


def _search(question: Question) -> tuple[tuple[str, str], ...]:
    if question.kind == "doi":
        term = f'"{question.value}"[doi]'
    elif question.kind == "pmcid":
        term = f"{question.value}[pmcid]"
    else:
        words = " ".join(terms.title_words(question.value))
        term = f"{words}[Title]" if question.kind == "title" else words
    return (("db", "pubmed"), ("term", term), ("retmode", "json"), ("retmax", str(CANDIDATES)), TOOL)


def address_of(question: Question) -> str:
    if question.kind == "pmid":
        return address("/efetch.fcgi", (("db", "pubmed"), ("id", question.value), ("retmode", "xml")))
    return address("/esearch.fcgi", _search(question))


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    if answer.status != 200:
        raise NotUnderstoodError(str(answer.status))
    question = request.questions[0]
    if request.step == "records":
        if "</PubmedArticleSet>" not in answer.text[-200:] and "<PubmedArticleSet/>" not in answer.text[-200:]:
            raise NotUnderstoodError("not a whole set of records")
        records = works(answer.text, pubmed_xml.FORMAT, "pubmed")
        if question.kind in ("title", "text"):
            return {question: matching(question, records)}
        return by_identifier(request.questions, records, complete=question.kind == "pmid")
    said = json_of(answer)
    result = said.get("esearchresult") if isinstance(said, dict) else None
    found = result.get("idlist") if isinstance(result, dict) and "ERROR" not in result else None
    if not isinstance(found, list) or not all(isinstance(each, str) and PMID.fullmatch(each) for each in found):
        raise NotUnderstoodError("no list of numbers in it")
    if not found:
        if str(result.get("count", "")) != "0":  # type: ignore[union-attr]
            raise NotUnderstoodError("an empty list of several works")
        return {question: Reply()}
    return {question: _fetch((question,), found[:CANDIDATES])}


SERVICE = Service(
    name="pubmed",
    base="https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
    identifiers=frozenset(("pmid", "pmcid", "doi")),
    titles=True,
    single=0.34,
    listing=0.34,
    requests=requests,
    read=read,
    address=address_of,
    mailto="email",
    key="api_key",
    faster=0.1,
    takes=takes,
)
