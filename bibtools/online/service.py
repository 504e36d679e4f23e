"""What a service is: a value, not a base class. Each service is a file that says how it wants to be asked and what it answers.

A question is one identifier or one title. `requests` puts questions together into as few requests as the service allows,
`read` takes an answer apart again into a reply for each question, or a further request that a question needs. Whatever an
answer leaves out is no reply: that a service does not know a work is said only where its answer says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from bibtools import identifiers, jsontext
from bibtools.format import Format, ReadOptions
from bibtools.index import terms
from bibtools.jsontext import NotJSONError
from bibtools.normalise import normalise
from bibtools.record import Problem, Record

__all__ = [
    "Answer",
    "NotUnderstoodError",
    "Question",
    "Reply",
    "Request",
    "Service",
    "address",
    "by_identifier",
    "chunks",
    "doi_of",
    "json_of",
    "matching",
    "path_of",
    "usable",
    "works",
]

MOST_ADDRESS = 6000  # characters of an address: servers refuse longer ones with 414


class NotUnderstoodError(ValueError):
    """An answer that is not what this service answers; what was asked remains open."""


@dataclass(frozen=True, slots=True)
class Question:
    """One identifier in its normal form (``kind`` is ``doi``, ``arxiv``, ``pmid``, ``pmcid`` or ``dblp``), or a title
    (``title``, with a surname of its authors) or a text that a person typed (``text``)."""

    kind: str
    value: str
    surname: str = ""

    @property
    def words(self) -> str:
        """The title with the surname, as one text."""
        return f"{self.value} {self.surname}".strip()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service says to one question: the works it has for it. ``matched`` tells that the one asked for is among them;
    ``unregistered`` that the identifier is not registered at all."""

    records: tuple[Record, ...] = ()
    matched: bool = False
    unregistered: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request for the questions it answers. ``listing`` tells the requests that cost a service more."""

    questions: tuple[Question, ...]
    path: str
    params: tuple[tuple[str, str], ...] = ()
    content: bytes = b""  # of a POST, JSON
    accept: str = "application/json"
    listing: bool = False
    step: str = ""  # which of several requests for one question it is


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: status, headers with names in lower case, text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def media(self) -> str:
        """The media type, in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


Requests = Callable[[Sequence[Question]], Iterator[Request]]
Read = Callable[[Request, Answer], Mapping[Question, Reply | Request]]


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is asked. ``single`` and ``listing`` are the seconds between two requests of the kind, as its own pages
    say; what its headers say counts more."""

    name: str
    base: str
    identifiers: frozenset[str]  # kinds
    titles: bool  # whether it can be asked by title
    single: float
    listing: float
    requests: Requests
    read: Read
    address: Callable[[Question], str]  # the address of one question alone, under which its reply is kept
    mailto: str = ""  # the parameter that takes the person's address; it stands in User-Agent in any case
    key: str = ""  # the parameter that takes a key, or with a colon behind it the header
    key_needed: bool = False
    faster: float = 0.0  # seconds between two requests with a key, where that is another rate
    redirects: frozenset[str] = field(default_factory=frozenset)  # other hosts that it may lead to
    takes: Callable[[Question], bool] = lambda question: True
    family: str = ""  # whose rate it is, where several hosts share one
    fixed: bool = False  # no header makes it faster
    warning: str = ""  # what a person should know who names it

    def can(self, question: Question) -> bool:
        """Whether it can be asked this. An identifier that would lead elsewhere on a server is none."""
        if question.kind not in ("title", "text") and {".", ".."} & set(question.value.split("/")):
            return False
        if question.kind in ("title", "text"):
            return self.titles and self.takes(question)
        return question.kind in self.identifiers and self.takes(question)


def path_of(value: str) -> str:
    """An identifier as a part of an address; slashes stay, as the services have them in theirs."""
    return quote(value, safe="/:()")


def address(path: str, params: Sequence[tuple[str, str]] = ()) -> str:
    return f"{path}?{urlencode(params)}" if params else path


def chunks(questions: Sequence[Question], most: int, text: Callable[[Question], str]) -> Iterator[tuple[Question, ...]]:
    """Questions in groups of at most ``most`` whose texts together make no address too long."""
    part: list[Question] = []
    size = 0
    for question in questions:
        length = 3 * len(text(question))
        if part and (len(part) == most or size + length > MOST_ADDRESS):
            yield tuple(part)
            part, size = [], 0
        part.append(question)
        size += length
    if part:
        yield tuple(part)


# --- reading an answer ------------------------------------------------------------------------------------------------


def json_of(answer: Answer) -> object:
    """The JSON value of an answer. Raises NotUnderstoodError where it is none, cut or nested too deeply."""
    try:
        return jsontext.loads(answer.text.removeprefix("\ufeff"))
    except NotJSONError as error:
        raise NotUnderstoodError(str(error)) from None


def works(text: str, known: Format, service: str) -> tuple[Record, ...]:
    """The works in a text of a format, normalised. Raises NotUnderstoodError where a part of it is none: half an answer is
    taken for none, or what it leaves out would be taken for not known."""
    options = ReadOptions(source=service)
    if known.read is None:
        raise NotUnderstoodError(f"{known.name} is not read")
    batch = known.read(text, options)
    fault = next((each for each in batch.problems if isinstance(each, Problem) and each.severity == "error"), None)
    if fault is not None:
        raise NotUnderstoodError(fault.message)
    return tuple(normalise(record) for record in batch.records)


def usable(record: Record) -> bool:
    """Whether a work says what it is: without title or people it can prove nothing."""
    return bool(record.title) and bool(terms.title_words(record.title))


def by_identifier(
    questions: Sequence[Question], records: Sequence[Record], complete: bool = True
) -> dict[Question, Reply]:
    """The works of an answer, each for the question whose identifier it has. Questions without one are answered with nothing
    where the answer is ``complete``; else they are left out."""
    found: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        for value in terms.identifier_values(record):
            found.setdefault(value, []).append(record)
    replies: dict[Question, Reply] = {}
    for question in questions:
        mine = tuple(found.get(identifier(question), ()))
        if any(map(usable, mine)):
            replies[question] = Reply(tuple(filter(usable, mine)), matched=True)
        elif not mine and complete:
            replies[question] = Reply()
    return replies


def doi_of(question: Question) -> str:
    """The DOI of a question: of an arXiv number the one that arXiv registers for it."""
    return question.value if question.kind == "doi" else f"10.48550/arxiv.{question.value}"


def identifier(question: Question) -> tuple[str, str]:
    """Kind and value as `terms.identifier_values` gives them: a DOI of arXiv is an arXiv number."""
    if question.kind == "doi" and identifiers.is_arxiv_doi(question.value):
        return "arxiv", identifiers.arxiv_id(question.value).lower()
    return question.kind, question.value


def matching(question: Question, records: Sequence[Record]) -> Reply:
    """The works that a search found; whether one of them has the title asked for."""
    kept = tuple(filter(usable, records))
    title = terms.title_words(question.value)
    if question.kind == "text":
        return Reply(kept, matched=any(_within(terms.title_words(each.title), title) for each in kept))
    whole, head = "".join(title), terms.head(question.value)
    return Reply(kept, matched=any(_is_title(each.title, whole, head) for each in kept))


def _is_title(title: str, whole: str, head: str) -> bool:
    """Whether a title is the one asked for, or one of the two lacks the subtitle."""
    mine = "".join(terms.title_words(title))
    return mine in (whole, head) or terms.head(title) == whole


def _within(title: Sequence[str], text: Sequence[str]) -> bool:
    """Whether all words of a title stand in a text one after the other."""
    return bool(title) and f" {' '.join(title)} " in f" {' '.join(text)} "
