"""arXiv: preprints, by number. https://info.arxiv.org/help/api/user-manual.html and https://info.arxiv.org/help/api/tou.html

One request in three seconds on one connection, over all its services together; up to a hundred numbers in one ``id_list``. A
number that it does not have is left out of the answer and of ``totalResults``; a malformed one makes the whole request an error
(status 200 or 400, an entry whose title is Error).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bibtools import identifiers
from bibtools.formats import arxiv_atom
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
    matching,
    works,
)

__all__ = ["FAMILY", "PAUSE", "SERVICE"]

FAMILY = "arxiv.org"  # all its services share one rate
PAUSE = 3.0  # seconds between two requests, over all services of arXiv
MOST = 100
CANDIDATES = 10
MANY = 5  # numbers of which one at least is known as a rule: arXiv now and then answers with an empty feed, and is asked again
HALVES = 6  # words from which half a title is enough to search by
MOST_TERMS = 12  # words of a title that are searched
ATOM = "application/atom+xml"
TOTAL = "<opensearch:totalResults"


def number(question: Question) -> str:
    return question.value if question.kind == "arxiv" else identifiers.arxiv_id(question.value).lower()


def takes(question: Question) -> bool:
    """Numbers as arXiv writes them: any other would spoil the request for its neighbours."""
    if question.kind in ("title", "text"):
        return bool(terms.title_words(question.value))
    found = number(question)
    return bool(found) and identifiers.arxiv_id(f"arXiv:{found}").lower() == found


def requests(questions: Sequence[Question]) -> Iterator[Request]:
    numbered = [each for each in questions if each.kind in ("arxiv", "doi")]
    for part in chunks(numbered, MOST, number):
        yield Request(part, "/query", _numbers(part), accept=ATOM, listing=True)
    for question in questions:
        if question not in numbered:
            yield Request((question,), "/query", _search(question), accept=ATOM, listing=True)


def _numbers(questions: Sequence[Question]) -> tuple[tuple[str, str], ...]:
    listed = ",".join(dict.fromkeys(map(number, questions)))
    return (("id_list", listed), ("max_results", str(len(questions))))


def _search(question: Question) -> tuple[tuple[str, str], ...]:
    """All words of a text that a person typed, anywhere. Of a title of some length the words of one half, or of the other, in the
    title: a word that is wrong spoils only one of them."""
    field = "ti" if question.kind == "title" else "all"
    words = [word for word in terms.title_words(question.value) if len(word) > 1][:MOST_TERMS]
    words = words or terms.title_words(question.value)[:1]
    query = " AND ".join(f"{field}:{word}" for word in words)
    if question.kind == "title" and len(words) >= HALVES:
        half = len(words) // 2
        parts = (" AND ".join(f"{field}:{word}" for word in part) for part in (words[:half], words[half:]))
        query = " OR ".join(f"({part})" for part in parts)
    return (("search_query", query), ("max_results", str(CANDIDATES)))


def address_of(question: Question) -> str:
    return address("/query", _search(question) if question.kind in ("title", "text") else _numbers([question]))


def read(request: Request, answer: Answer) -> Mapping[Question, Reply | Request]:
    if answer.status != 200 or TOTAL not in answer.text or "</feed>" not in answer.text[-200:]:
        raise NotUnderstoodError("no whole feed")
    records = works(answer.text, arxiv_atom.FORMAT, "arxiv")  # an entry titled Error is a fault there
    question = request.questions[0]
    if question.kind in ("title", "text"):
        return {question: matching(question, records)}
    if not records and len(request.questions) >= MANY and not request.step:
        return dict.fromkeys(request.questions, replace(request, step="again"))
    total = answer.text.partition(TOTAL)[2].partition(">")[2].partition("<")[0].strip()
    return by_identifier(request.questions, records, complete=total == str(len(records)))


SERVICE = Service(
    name="arxiv",
    base="https://export.arxiv.org/api",
    identifiers=frozenset(("arxiv", "doi")),
    titles=True,
    single=PAUSE,
    listing=PAUSE,
    requests=requests,
    read=read,
    address=address_of,
    takes=takes,
    family=FAMILY,
    fixed=True,
)
