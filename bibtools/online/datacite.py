"""DataCite: DOIs of data, software and preprints, arXiv's (10.48550) and Zenodo's among them. https://support.datacite.org/docs/api

One DOI a request, a thousand requests in five minutes with an address in User-Agent; a search by title. What is not known is
404 with a list of errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bibtools.formats import datacite
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
    doi_of,
    json_of,
    matching,
    path_of,
    works,
)

__all__ = ["SERVICE"]

IDENTIFIERS = frozenset(("doi", "arxiv"))
CANDIDATES = 5
MEDIA = "application/vnd.api+json"


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    for question in questions:
        if question.kind in IDENTIFIERS:
            yield Request((question,), f"/dois/{path_of(doi_of(question))}", accept=MEDIA)
        else:
            yield Request((question,), "/dois", _search(question), accept=MEDIA, listing=True)


def _search(question: Question) -> tuple[tuple[str, str], ...]:
    words = " ".join(terms.title_words(question.value))
    query = f'titles.title:"{words}"' if question.kind == "title" else words
    return (("query", query), ("page[size]", str(CANDIDATES)))


def address_of(question: Question) -> str:
    if question.kind in IDENTIFIERS:
        return f"/dois/{path_of(doi_of(question))}"
    return address("/dois", _search(question))


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    question = request.questions[0]
    said = json_of(answer)
    if answer.status == 404:
        if question.kind not in IDENTIFIERS or not isinstance(said, dict) or not isinstance(said.get("errors"), list):
            raise NotUnderstoodError("404 without DataCite's words")
        return {question: Reply()}
    if not isinstance(said, dict) or "data" not in said:
        raise NotUnderstoodError("no data in it")
    data = said["data"]
    if question.kind in IDENTIFIERS:
        if not isinstance(data, dict):
            raise NotUnderstoodError("a list where one work was asked for")
        return by_identifier(request.questions, works(answer.text, datacite.FORMAT, "datacite"), complete=False)
    if not isinstance(data, list):
        raise NotUnderstoodError("no list of works in it")
    return {question: matching(question, works(answer.text, datacite.FORMAT, "datacite") if data else ())}


SERVICE = Service(
    name="datacite",
    base="https://api.datacite.org",
    identifiers=IDENTIFIERS,
    titles=True,
    single=0.3,
    listing=0.3,
    requests=requests,
    read=read,
    address=address_of,
)
