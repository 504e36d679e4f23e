"""Ask services about works: identifiers first, titles only where no identifier settles it; each question once.

The services are asked in the order in which they are named. An identifier is asked of one after the other until one knows it; a
title only of those works for which no answer has that title. What was answered before and is kept is not asked again. A service
that gives no usable answer leaves a silence, which is not the same as an answer that the work is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from bibtools import identifiers, progress
from bibtools.index import terms
from bibtools.index.fitting import FURNITURE
from bibtools.index.question import of_text
from bibtools.latex import markup
from bibtools.online.client import Client, SilentError
from bibtools.online.kept import KeptAnswers, day
from bibtools.online.service import NotUnderstoodError, Question, Reply, Request
from bibtools.publication import is_preprint
from bibtools.record import Record

__all__ = ["Answered", "Asker", "Silence", "Tally", "Wanted", "Works", "ask", "doubts", "wanted", "wanted_text"]

LONGEST_TITLE = 300  # characters that are sent
ALIKE = 90  # ratio of two titles of works that share an identifier, as in completing
MOST_STEPS = 3  # requests that one question may need
FEW = 10  # works below which shares say nothing
SILENT, UNKNOWN = 0.2, 0.3  # shares of works above which something is wrong with the set-up, and not with the works
NOT_ASKED = frozenset(("isbn",))  # kinds of identifiers by which no service here is asked


@dataclass(frozen=True, slots=True)
class Wanted:
    """A work that is asked about: its identifiers, and its title with a surname. ``free`` is a text that a person typed, in
    which the title is not told from the rest."""

    identifiers: tuple[tuple[str, str], ...]
    title: str = ""
    surname: str = ""
    free: bool = False
    preprint: bool = False  # it is cited as a preprint, and a preprint settles it
    beyond: bool = False  # ask by title even where an identifier settles it: a preprint whose publication is looked for


@dataclass(frozen=True, slots=True)
class Silence:
    """A service that gave no usable answer: ``str`` says so for a person."""

    service: str
    why: str

    def __str__(self) -> str:
        return f"{self.service} did not answer ({self.why})"


@dataclass(frozen=True, slots=True)
class Works:
    """Works that a service answered with on a day."""

    service: str
    day: str
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the services said of one work. ``found``: one of them has it, by identifier and title; ``settled``: in the version
    that is cited. ``unregistered`` are DOIs of which doi.org says that they are not registered, which nothing else proves."""

    works: tuple[Works, ...] = ()
    silences: tuple[Silence, ...] = ()
    found: bool = False
    settled: bool = False
    unregistered: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()  # services that answered at least one question about it, and the day

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(record for each in self.works for record in each.records)

    @property
    def unresolved(self) -> str:
        """Why nothing can be said of it: a service was silent and nothing settles it; ``""`` where that is not so."""
        if self.settled or not self.silences:
            return ""
        return "; ".join(dict.fromkeys(map(str, self.silences)))


@dataclass(slots=True)
class Tally:
    """What a run asked of one service."""

    asked: int = 0  # questions
    kept: int = 0  # of them answered from what is kept
    found: int = 0
    silent: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Asker:
    """One service with what is needed to ask it. Without a client only kept answers are used."""

    name: str
    client: Client
    kept: KeptAnswers | None = None
    offline: bool = False
    tally: Tally = field(default_factory=Tally)
    replies: dict[Question, tuple[Reply, str] | Silence] = field(default_factory=dict)

    def ask(self, questions: Iterable[Question], told: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Every question that it can be asked and has not been, once; `replies` has what came of it."""
        service = self.client.service
        new = [each for each in dict.fromkeys(questions) if each not in self.replies and service.can(each)]
        self.tally.asked += len(new)
        for question in new:
            if (held := self._held(question)) is not None:
                self.replies[question] = held
                self.tally.kept += 1
                self.tally.found += held[0].matched
        left = [each for each in new if each not in self.replies]
        if self.offline:
            self._silent(left, "not asked: --offline, and nothing is kept")
            return
        for request in service.requests(left):
            self._send(request)
            told(sum(each in self.replies for each in new), len(new))

    def _held(self, question: Question) -> tuple[Reply, str] | None:
        return self.kept.get(self._address(question), self.client.now()) if self.kept else None

    def _address(self, question: Question) -> str:
        return f"GET {self.client.base}{self.client.service.address(question)}"

    def _send(self, request: Request, steps: int = MOST_STEPS) -> None:
        """Send a request and file what is answered. One that a service refuses is parted, so that one odd identifier costs
        its neighbours nothing."""
        try:
            answer = self.client.send(request)
        except SilentError as error:
            if error.refused and len(request.questions) > 1:
                half = len(request.questions) // 2
                for part in (request.questions[:half], request.questions[half:]):
                    for smaller in self.client.service.requests(part):
                        self._send(smaller, steps)
            else:
                self._silent(request.questions, error.why)
            return
        try:
            replies = dict(self.client.service.read(request, answer))
        except NotUnderstoodError as error:
            why = f"answer not understood: {error}"
            self.client.spoiled(why)
            self._silent(request.questions, why)
            return
        self._file(request, replies, steps)

    def _file(self, request: Request, replies: Mapping[Question, Reply | Request], steps: int) -> None:
        now = self.client.now()
        done = [(each, reply) for each, reply in replies.items() if isinstance(reply, Reply)]
        for question, reply in done:
            self.replies[question] = (reply, day(now))
            self.tally.found += reply.matched
        if self.kept and done:
            self.kept.put([(self._address(each), self.name, reply) for each, reply in done], now)
        for following in dict.fromkeys(each for each in replies.values() if isinstance(each, Request)):
            if steps > 1:
                self._send(following, steps - 1)
        self._silent((each for each in request.questions if each not in self.replies), "its answer left this one out")

    def _silent(self, questions: Iterable[Question], why: str) -> None:
        for question in questions:
            if question not in self.replies:
                self.replies[question] = Silence(self.name, self.client.clean(why))
                self.tally.silent += 1
                self.tally.reasons[why] = self.tally.reasons.get(why, 0) + 1


# --- what is asked ----------------------------------------------------------------------------------------------------


def wanted(record: Record, *, beyond: bool = False) -> Wanted:
    """What may be asked about a record: identifiers, title and one surname. Nothing else of it is ever sent."""
    people = record.author or record.editor
    found = [each for each in terms.identifier_values(record) if each[0] not in NOT_ASKED]
    if (key := _dblp_key(record.url)) and ("dblp", key) not in found:
        found.append(("dblp", key))
    surname = markup.plain(people[0].family or people[0].literal)[:80] if people else ""
    return Wanted(tuple(found), plain(record.title), surname, preprint=is_preprint(record), beyond=beyond)


def wanted_text(text: str) -> Wanted:
    """What may be asked about a text that a person typed or pasted."""
    question = of_text(text)
    found = tuple(each for each in question.identifiers if each[0] not in NOT_ASKED)
    if key := _dblp_key(text):
        found = (*found, ("dblp", key))
    says = any(word not in FURNITURE and not any(map(str.isdigit, word)) for word in question.words)
    return Wanted(found, " ".join(question.words)[:LONGEST_TITLE] if says else "", free=True)


def _dblp_key(text: str) -> str:
    """The key of a record of DBLP in an address."""
    for host in ("dblp.org/rec/", "dblp.uni-trier.de/rec/"):
        _, found, rest = text.partition(host)
        key = rest.split("?")[0].split("#")[0].split()[0].removesuffix(".html").removesuffix(".bib") if rest else ""
        if found and key.count("/") == 2 and key.replace("/", "").replace("-", "").replace("_", "").isalnum():
            return key
    return ""


def plain(title: str) -> str:
    """A title as it is sent: without markup, on one line."""
    return " ".join(markup.plain(title).split())[:LONGEST_TITLE]


def _questions(work: Wanted) -> Iterator[Question]:
    for kind, value in work.identifiers:
        yield Question(kind, value)


def _title(work: Wanted) -> Question | None:
    if not terms.title_words(work.title):
        return None
    return Question("text", work.title) if work.free else Question("title", work.title, work.surname)


# --- asking -----------------------------------------------------------------------------------------------------------


def ask(works: Sequence[Wanted], askers: Sequence[Asker], *, ids_only: bool = False) -> tuple[Answered, ...]:
    """What the services say of each work, in the order of the works. With ``ids_only`` no title is sent."""
    asked: list[list[Question]] = [list(_questions(work)) for work in works]
    _by_identifier([question for questions in asked for question in questions], askers)
    _follow(asked, askers)
    for asker in () if ids_only else askers:
        open_ = [place for place, work in enumerate(works) if work.beyond or not _settled(work, asked[place], askers)]
        titles = {place: title for place in open_ if (title := _title(works[place])) is not None}
        asker.ask(titles.values(), progress.ticker(f"Asking {asker.name}"))
        for place, title in titles.items():
            if title not in asked[place]:
                asked[place].append(title)
        _follow(asked, askers)
    return tuple(_answered(work, questions, askers) for work, questions in zip(works, asked, strict=True))


def _follow(asked: list[list[Question]], askers: Sequence[Asker]) -> None:
    """Ask for the publications that preprints name which were found."""
    following: list[Question] = []
    for questions in asked:
        more = [Question("doi", doi) for doi in dict.fromkeys(_published(questions, askers))]
        following += more
        questions += more
    _by_identifier(following, askers)


def _by_identifier(questions: Sequence[Question], askers: Sequence[Asker]) -> None:
    """Each identifier of one service after the other, until one knows it."""
    for asker in askers:
        open_ = [each for each in questions if not any(_found(each, other) for other in askers)]
        asker.ask(open_, progress.ticker(f"Asking {asker.name}"))


def _found(question: Question, asker: Asker) -> bool:
    reply = asker.replies.get(question)
    return isinstance(reply, tuple) and reply[0].matched


def _records(question: Question, askers: Sequence[Asker]) -> Iterator[Record]:
    for asker in askers:
        reply = asker.replies.get(question)
        if isinstance(reply, tuple):
            yield from reply[0].records


def _published(questions: Sequence[Question], askers: Sequence[Asker]) -> Iterator[str]:
    """DOIs of publications that preprints name which are the work, and that have not been asked for."""
    mine = set(questions)
    for question in questions:
        if question.kind in ("arxiv", "title"):
            for record in _matched(question, askers):
                doi = identifiers.doi(record.doi) if _is_preprint(record) else ""
                if doi and not identifiers.is_arxiv_doi(doi) and Question("doi", doi) not in mine:
                    yield doi


def _settled(work: Wanted, questions: Sequence[Question], askers: Sequence[Asker], any_version: bool = False) -> bool:
    """Whether an answer is this work: it has the title, or the identifier where no title is known. A preprint settles a work
    only where that is what is cited (or, of ``any_version``, always)."""
    for question in questions:
        by_title = question.kind in ("title", "text")
        for record in _matched(question, askers) if by_title else _records(question, askers):
            # of a text that a person typed, whether the rest of it fits is for who asks
            same = not work.title or work.free or _alike(work.title, record.title)
            if same and (any_version or not work.title or work.free or work.preprint or not _is_preprint(record)):
                return True
    return False


def _is_preprint(record: Record) -> bool:
    """Whether a work is told as a preprint: arXiv names the DOI of its publication, but not where that is."""
    return is_preprint(record) or bool(record.arxiv_id and record.type == "article" and not record.container_title)


def _matched(question: Question, askers: Sequence[Asker]) -> Iterator[Record]:
    for asker in askers:
        if _found(question, asker):
            yield from _records(question, [asker])


def _alike(one: str, other: str) -> bool:
    """Whether two titles of works that share an identifier are of one work: equal, but for a subtitle or spelling."""
    left, right = terms.title_words(one), terms.title_words(other)
    if not left or not right:
        return False
    mine, theirs = "".join(left), "".join(right)
    heads = {terms.head(one), terms.head(other)} - {""}
    numbers = [[word for word in words if any(map(str.isdigit, word))] for words in (left, right)]
    return (
        mine == theirs
        or bool({mine, theirs} & heads)
        or (numbers[0] == numbers[1] and fuzz.ratio(mine, theirs) >= ALIKE)
    )


def _answered(work: Wanted, questions: Sequence[Question], askers: Sequence[Asker]) -> Answered:
    groups: dict[tuple[str, str], dict[Record, None]] = {}
    silences: dict[Silence, None] = {}
    unregistered: dict[str, None] = {}
    services: dict[str, str] = {}
    for question in questions:
        known = any(_found(question, asker) for asker in askers)
        for asker in askers:
            reply = asker.replies.get(question)
            if isinstance(reply, Silence):
                if not known:
                    silences[reply] = None
            elif reply is not None:
                services[asker.name] = max(reply[1], services.get(asker.name, ""))
                if reply[0].unregistered and question.kind == "doi":
                    unregistered[question.value] = None
                for record in reply[0].records:
                    groups.setdefault((asker.name, reply[1]), {})[record] = None
    found = tuple(Works(service, when, tuple(records)) for (service, when), records in groups.items())
    return Answered(
        found,
        tuple(silences),
        _settled(work, questions, askers, any_version=True),
        _settled(work, questions, askers),
        tuple(unregistered),
        tuple(services.items()),
    )


def doubts(answers: Sequence[Answered]) -> list[str]:
    """What a person should know before believing what was not found: shares of silences and of not found that say more of
    the set-up than of the works."""
    told = []
    count = len(answers)
    if count >= FEW:
        silent = sum(bool(each.silences) for each in answers)
        unknown = sum(not each.found and not each.silences and bool(each.asked) for each in answers)
        if silent > SILENT * count:
            told.append(f"services did not answer for {silent:,} of {count:,} works: {_BROKEN}")
        if unknown > UNKNOWN * count:
            told.append(f"{unknown:,} of {count:,} works were not found: {_BROKEN}")
    return told


_BROKEN = "the set-up looks broken (network, proxy, key, service); do not take these for works that do not exist"
