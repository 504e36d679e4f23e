"""Semantic Scholar: works of all fields, with the identifiers of other services. https://api.semanticscholar.org/api-docs/graph

Up to 500 identifiers in one POST, the answer in their order with null for what is not known; the best match of a title, 404 where
there is none. One request a second with a key; without one mostly 429.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bibtools.formats import semantic_scholar
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

MOST = 500
FIELDS = "externalIds,title,authors,year,venue,publicationVenue,journal,publicationDate,publicationTypes"
LABELS = {"doi": "DOI", "arxiv": "ARXIV", "pmid": "PMID", "pmcid": "PMCID"}


def name(question: Question) -> str:
    value = question.value.removeprefix("PMC") if question.kind == "pmcid" else question.value
    return f"{LABELS[question.kind]}:{value}"


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    named = [each for each in questions if each.kind in LABELS]
    for start in range(0, len(named), MOST):
        part = tuple(named[start : start + MOST])
        content = json.dumps({"ids": [name(each) for each in part]}).encode()
        yield Request(part, "/paper/batch", (("fields", FIELDS),), content, listing=True)
    for question in questions:
        if question.kind not in LABELS:
            yield Request((question,), "/paper/search/match", _match(question), listing=True)


def _match(question: Question) -> tuple[tuple[str, str], ...]:
    return (("query", question.value), ("fields", FIELDS))


def address_of(question: Question) -> str:
    if question.kind in LABELS:
        return address(f"/paper/{path_of(name(question))}", (("fields", FIELDS),))
    return address("/paper/search/match", _match(question))


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    said = json_of(answer)
    question = request.questions[0]
    if question.kind not in LABELS:
        return {question: _matched(question, answer, said)}
    if answer.status != 200 or not isinstance(said, list) or len(said) != len(request.questions):
        raise NotUnderstoodError("not one answer for each identifier")
    return {each: reply for each, work in zip(request.questions, said, strict=True) if (reply := _reply(work))}


def _reply(work: Any) -> Reply | None:
    """The reply to one identifier; None where the work cannot be read."""
    if work is None:
        return Reply()
    try:
        records = tuple(filter(usable, works(json.dumps(work), semantic_scholar.FORMAT, "semanticscholar")))
    except NotUnderstoodError:
        return None
    return Reply(records, matched=True) if records else None


def _matched(question: Question, answer: Answer, said: Any) -> Reply:
    if answer.status == 404:
        if isinstance(said, dict) and "not found" in str(said.get("error", "")).lower():
            return Reply()
        raise NotUnderstoodError("404 without Semantic Scholar's words")
    if not isinstance(said, dict) or not isinstance(said.get("data"), list):
        raise NotUnderstoodError("no data in it")
    return matching(question, works(answer.text, semantic_scholar.FORMAT, "semanticscholar") if said["data"] else ())


SERVICE = Service(
    name="semanticscholar",
    base="https://api.semanticscholar.org/graph/v1",
    identifiers=frozenset(LABELS),
    titles=True,
    single=1.0,
    listing=1.0,
    requests=requests,
    read=read,
    address=address_of,
    key="x-api-key:",
    key_needed=True,
)
