"""doi.org: whether a DOI is registered, and where it is what its agency says of it. https://www.doi.org/doi-handbook/HTML/

The handle is asked first (``/api/handles/``): response code 1 is registered, 100 is not, and nothing else proves that. Where it
is registered its metadata is asked for by content negotiation, which leads to the host of the agency that registered it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bibtools.formats import csljson
from bibtools.online.service import (
    Answer,
    NotUnderstoodError,
    Question,
    Reply,
    Request,
    Service,
    doi_of,
    json_of,
    path_of,
    usable,
    works,
)

__all__ = ["SERVICE"]

CSL = "application/vnd.citationstyles.csl+json"
REGISTERED, NOT_REGISTERED, NO_VALUES = 1, 100, 200  # https://www.handle.net/proxy_servlet.html
AGENCIES = frozenset(("api.crossref.org", "data.crossref.org", "data.crosscite.org", "api.datacite.org", "data.datacite.org",
                      "data.medra.org", "dx.doi.org", "doi.org"))  # fmt: skip


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    for question in questions:
        yield Request((question,), f"/api/handles/{path_of(doi_of(question))}", (("type", "URL"),))


def address_of(question: Question) -> str:
    return f"/{path_of(doi_of(question))}"


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    question = request.questions[0]
    if request.step == "metadata":
        return {question: _work(question, answer)}
    said = json_of(answer)
    if not isinstance(said, dict) or str(said.get("handle", "")).lower() != doi_of(question):
        raise NotUnderstoodError("not the handle that was asked for")
    code = said.get("responseCode")
    if code == NOT_REGISTERED and answer.status == 404:
        return {question: Reply(unregistered=True)}
    if code in (REGISTERED, NO_VALUES) and answer.status == 200:
        return {question: Request((question,), f"/{path_of(doi_of(question))}", accept=CSL, step="metadata")}
    raise NotUnderstoodError("no response code of a handle")


def _work(question: Question, answer: Answer) -> Reply:
    if answer.status == 404:
        return Reply()  # it is registered, and its agency says nothing of it
    if answer.status != 200 or "json" not in answer.media:
        raise NotUnderstoodError("no metadata in it")
    json_of(answer)
    records = tuple(filter(usable, works(answer.text, csljson.FORMAT, "doi")))
    if len(records) != 1 or records[0].doi.lower() not in ("", doi_of(question)):
        raise NotUnderstoodError("not the work that was asked for")
    record = records[0] if records[0].doi else records[0].replace(doi=doi_of(question))
    return Reply((record,), matched=True)


SERVICE = Service(
    name="doi",
    base="https://doi.org",
    identifiers=frozenset(("doi", "arxiv")),
    titles=False,
    single=0.2,
    listing=0.2,
    requests=requests,
    read=read,
    address=address_of,
    redirects=AGENCIES,
)
