"""OpenAlex: works of all fields. https://docs.openalex.org/how-to-use-the-api/rate-limits-and-authentication

Fifty DOIs at once by ``filter=doi:a|b``; searches are billed against the budget of a key (needed since February 2026), which the
headers tell: where nothing remains, nothing more is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bibtools.formats import openalex
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
    doi_of,
    json_of,
    matching,
    path_of,
    works,
)

__all__ = ["SERVICE"]

MOST = 50
CANDIDATES = 5


def takes(question: Question) -> bool:
    """What can stand in a filter, where a bar and a comma part values."""
    return question.kind in ("title", "text") or not set("|,!") & set(doi_of(question))


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    numbered = [each for each in questions if each.kind in ("doi", "arxiv")]
    for part in chunks(numbered, MOST, doi_of):
        wanted = "|".join(dict.fromkeys(map(doi_of, part)))
        yield Request(part, "/works", (("filter", f"doi:{wanted}"), ("per-page", str(MOST))), listing=True)
    for question in questions:
        if question not in numbered:
            yield Request((question,), "/works", _search(question), listing=True)


def _search(question: Question) -> tuple[tuple[str, str], ...]:
    words = " ".join(terms.title_words(question.value))
    if question.kind == "title":
        return (("filter", f"title.search:{words}"), ("per-page", str(CANDIDATES)))
    return (("search", words), ("per-page", str(CANDIDATES)))


def address_of(question: Question) -> str:
    if question.kind in ("title", "text"):
        return address("/works", _search(question))
    return f"/works/doi:{path_of(doi_of(question))}"


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    said = json_of(answer)
    results = said.get("results") if isinstance(said, dict) and answer.status == 200 else None
    meta = said.get("meta") if isinstance(said, dict) else None
    count = meta.get("count") if isinstance(meta, dict) else None
    if not isinstance(results, list) or not isinstance(count, int) or len(results) > count:
        raise NotUnderstoodError("no list of results in it")
    records = works(answer.text, openalex.FORMAT, "openalex") if results else ()
    question = request.questions[0]
    if question.kind in ("title", "text"):
        if count and not results:
            raise NotUnderstoodError("an empty list of several works")
        return {question: matching(question, records)}
    named = {each.doi.lower(): each for each in records if each.doi}
    replies = dict(by_identifier(request.questions, records, complete=len(results) == count))
    for each in request.questions:  # a preprint that OpenAlex has under its DOI of arXiv
        if (record := named.get(doi_of(each))) is not None and record.title:
            replies[each] = Reply((record,), matched=True)
    return replies


SERVICE = Service(
    name="openalex",
    base="https://api.openalex.org",
    identifiers=frozenset(("doi", "arxiv")),
    titles=True,
    single=0.1,
    listing=0.1,
    requests=requests,
    read=read,
    address=address_of,
    mailto="mailto",
    key="api_key",
    key_needed=True,
    takes=takes,
)
