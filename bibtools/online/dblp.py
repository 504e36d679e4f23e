"""DBLP: computer science, by key or title. https://dblp.org/faq/How+to+use+the+dblp+search+API.html

Since autumn 2026 its pages stand behind a check for bots, which a program cannot and should not pass: it is asked only where it
is named, and not again in the run once the check answers. A famous title has a hundred hits: a surname is asked with it, and the
title alone where nobody of that name wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bibtools.formats import dblp
from bibtools.index import terms
from bibtools.online.service import (
    Answer,
    NotUnderstoodError,
    Question,
    Reply,
    Request,
    Service,
    address,
    json_of,
    matching,
    path_of,
    usable,
    works,
)

__all__ = ["SERVICE"]

CANDIDATES = 10


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    for question in questions:
        if question.kind == "dblp":
            yield Request((question,), f"/rec/{path_of(question.value)}.xml", accept="application/xml")
        else:
            yield Request((question,), "/search/publ/api", _search(question), listing=True)


def _search(question: Question) -> tuple[tuple[str, str], ...]:
    words = " ".join([*terms.title_words(question.value), *terms.title_words(question.surname)])
    return (("q", words), ("format", "json"), ("h", str(CANDIDATES)))


def address_of(question: Question) -> str:
    if question.kind == "dblp":
        return f"/rec/{path_of(question.value)}.xml"
    return address("/search/publ/api", _search(question))


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    question = request.questions[0]
    if answer.status != 200:
        raise NotUnderstoodError(str(answer.status))
    if question.kind == "dblp":
        records = works(answer.text, dblp.XML, "dblp")
        if len(records) != 1 or not usable(records[0]):
            raise NotUnderstoodError("not the one work that was asked for")
        return {question: Reply(records, matched=True)}
    said = json_of(answer)
    result = said.get("result") if isinstance(said, dict) else None
    hits = result.get("hits") if isinstance(result, dict) else None
    if not isinstance(hits, dict) or not str(hits.get("@total", "")).isdecimal():
        raise NotUnderstoodError("no hits in it")
    if hits["@total"] in ("0", 0):
        if question.surname and not request.step:
            alone = replace(question, surname="")
            return {
                question: Request((question,), "/search/publ/api", _search(alone), listing=True, step="title alone")
            }
        return {question: Reply()}
    if not hits.get("hit"):
        raise NotUnderstoodError("an empty list of several works")
    return {question: matching(question, works(answer.text, dblp.JSON, "dblp"))}


SERVICE = Service(
    name="dblp",
    base="https://dblp.org",
    identifiers=frozenset(("dblp",)),
    titles=True,
    single=1.0,
    listing=1.0,
    requests=requests,
    read=read,
    address=address_of,
    warning="dblp.org stands behind a check for bots and may not answer a program",
)
