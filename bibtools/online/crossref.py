"""Crossref: most DOIs of journals, books and proceedings. https://api.crossref.org/swagger-ui/index.html

Up to fifty DOIs at once by ``filter=doi:a,doi:b``; a search by ``query.bibliographic``, one at a time. Answers can take twenty
seconds. With an address of the person in ``mailto`` one is served from the polite pool: lists three a second, single works ten.
DOIs of arXiv (10.48550) are DataCite's and are not asked here. What is not known is 404 with a plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bibtools import identifiers
from bibtools.formats import crossref
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
    path_of,
    works,
)

__all__ = ["SERVICE"]

MOST = 50  # DOIs of one filter
CANDIDATES = 5


def takes(question: Question) -> bool:
    return question.kind != "doi" or not identifiers.is_arxiv_doi(question.value)


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    dois = [each for each in questions if each.kind == "doi"]
    plain = [each for each in dois if "," not in each.value and ":" not in each.value]
    for part in chunks(plain, MOST, lambda each: each.value + "doi:"):
        yield _single(part[0]) if len(part) == 1 else _list(part)
    for question in questions:
        if question.kind != "doi":
            params = _search(question)
            yield Request((question,), "/works", params, listing=True)
        elif question not in plain:
            yield _single(question)


def _single(question: Question) -> Request:
    return Request((question,), f"/works/{path_of(question.value)}")


def _list(questions: tuple[Question, ...]) -> Request:
    wanted = ",".join(f"doi:{each.value}" for each in questions)
    return Request(questions, "/works", (("filter", wanted), ("rows", str(len(questions)))), listing=True)


def _search(question: Question) -> tuple[tuple[str, str], ...]:
    return (("query.bibliographic", question.words), ("rows", str(CANDIDATES)))


def address_of(question: Question) -> str:
    if question.kind == "doi":
        return f"/works/{path_of(question.value)}"
    return address("/works", _search(question))


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    question = request.questions[0]
    if answer.status == 404:
        if "resource not found" not in answer.text.lower():
            raise NotUnderstoodError("404 without Crossref's words")
        if question.kind != "doi":
            raise NotUnderstoodError("no search there")
        return {each: _single(each) for each in request.questions} if request.params else {question: Reply()}
    said = json_of(answer)
    message = said.get("message") if isinstance(said, dict) and said.get("status") == "ok" else None
    if not isinstance(message, dict):
        raise NotUnderstoodError("no message in it")
    if not request.params:
        return by_identifier(request.questions, works(answer.text, crossref.FORMAT, "crossref"), complete=False)
    items, total = message.get("items"), message.get("total-results")
    if not isinstance(items, list) or not isinstance(total, int) or len(items) > max(total, 0):
        raise NotUnderstoodError("no list of works in it")
    records = works(answer.text, crossref.FORMAT, "crossref") if items else ()
    if question.kind == "doi":
        return by_identifier(request.questions, records, complete=len(items) == total)
    if not items and total:
        raise NotUnderstoodError("an empty list of several works")
    return {question: matching(question, records)}


SERVICE = Service(
    name="crossref",
    base="https://api.crossref.org/v1",
    identifiers=frozenset(("doi",)),
    titles=True,
    single=0.1,
    listing=0.34,
    requests=requests,
    read=read,
    address=address_of,
    mailto="mailto",
    takes=takes,
)
