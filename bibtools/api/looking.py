"""Look works up in an index: the one that surely answers a question, or what comes near and no answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bibtools import encoding, identifiers, match, notices
from bibtools.api.reading import InputError, Inputs, read_bytes
from bibtools.index import Hit, Index
from bibtools.index.fitting import TITLE_ALONE, Fit, fit
from bibtools.index.question import of_text
from bibtools.index.terms import title_words
from bibtools.notices import Notice
from bibtools.record import Batch, Origin, Problem, Record, filled, incomplete
from bibtools.verdict import Answer

__all__ = [
    "Found",
    "identified",
    "identifier_of",
    "keyed",
    "look_up",
    "notice_about",
    "one_work",
    "read_lines",
    "read_titles",
]

LOOKED_AT = 40  # works, for one question
NEAR = 10  # works that are handed back beside the answer


@dataclass(frozen=True, slots=True)
class Found:
    """What an index says to one question. ``hit`` is the work that surely answers it, None where none does; ``near`` are
    the other works that come near, best first; ``reason`` says why it is the one, or why there is none.

    Where services were asked and nothing was found, ``unresolved`` says which of them did not answer and why: then nobody
    knows whether there is one. ``unregistered`` are DOIs of which doi.org says that they are not registered.
    """

    query: str
    hit: Hit | None
    near: tuple[Hit, ...]
    reason: str
    years: tuple[int, int] | None = None  # asked for, and the work's, where they differ
    unresolved: str = ""
    unregistered: tuple[str, ...] = ()


def look_up(queries: Iterable[str], known: Index, *, near: int = NEAR) -> Iterator[Found]:
    """An answer for each text: a title with an author, an identifier or address, a pasted reference."""
    for query in queries:
        yield _looked_up(query, known, near)


def read_titles(paths: Sequence[str], known: Index) -> Inputs:
    """Files of one title or reference a line, each looked up: the works that surely fit, and a problem for each other
    line. What the work is called in its own bibliography stays its key."""
    return read_lines(paths, lambda lines: look_up(lines, known))


def read_lines(paths: Sequence[str], answers: Callable[[Sequence[str]], Iterable[Found]]) -> Inputs:
    """Files of one question a line, each answered by ``answers``; see `read_titles`."""
    parts: list[Batch] = []
    failures: list[str] = []
    for path in paths:
        try:
            text = encoding.decode(read_bytes(path)).text
        except InputError as error:
            failures.append(str(error))
            continue
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        records: list[Record] = []
        problems: list[Problem] = []
        for (number, line), found in zip(lines, answers([line for _, line in lines]), strict=True):
            origin = Origin(path, number, len(records))
            if found.hit:
                records.append(keyed(found.hit).replace(origin=origin))
            else:
                near = f"; near: {found.near[0].record.title}" if found.near else ""
                problems.append(Problem(f"{found.reason}{near}: {line}", origin, text=line))
        parts.append(Batch(tuple(records), tuple(problems)))
    return Inputs(tuple(parts), tuple(failures))


def identified(read: Inputs, known: Index) -> Inputs:
    """The records that are identifiers alone, as the index knows the works; the others as they are."""
    records: list[Record] = []
    for record in read.records():
        query = identifier_of(record)
        found = next(look_up((query,), known), None) if query and incomplete(record) else None
        records.append(keyed(found.hit).replace(origin=record.origin) if found and found.hit else record)
    return Inputs((Batch(tuple(records), tuple(read.problems())),), read.failures)


def identifier_of(record: Record) -> str:
    """The identifier that says most, as a text that can be looked up; ``""`` where the record has none."""
    arxiv = f"arXiv:{record.arxiv_id}" if record.arxiv_id else ""
    pmid = f"PMID: {record.pmid}" if record.pmid else ""
    return next((each for each in (record.doi, arxiv, pmid, record.pmcid, record.isbn, record.url) if each), "")


def keyed(hit: Hit) -> Record:
    """The work with the key it has in somebody's bibliography; what services call it is no key."""
    return hit.record if hit.source.format in ("bibtex", "biblatex") else hit.record.replace(id="")


def notice_about(found: Found, known: Index | None) -> Notice | None:
    """The notice of retraction, withdrawal or concern that is in force about the work of an answer, or about the DOI that was
    asked for where no work has it; None where none is known."""
    work = found.hit.record if found.hit else Record(doi=identifiers.doi(found.query))
    listed = [each.record for each in known.notices(work)] if known is not None else []
    return notices.in_force(notice for record in (work, *listed) for notice in notices.of(record))


def _looked_up(query: str, known: Index, near: int) -> Found:
    asked = of_text(query)
    hits = known.search(asked, limit=LOOKED_AT, near=True)
    fitting = [(hit, why) for hit in hits if (why := fit(asked, hit.record, known.weigh))]
    if any(why.whole for _, why in fitting):  # a whole title says more than one without its subtitle
        fitting = [(hit, why) for hit, why in fitting if why.whole]
    if not fitting:
        return Found(query, None, hits[:near], "nothing surely fits" if hits else "nothing is alike")
    if not one_work([hit.record for hit, _ in fitting]):
        return Found(query, None, hits[:near], f"{len(fitting)} works fit equally")
    best, why = max(fitting, key=lambda pair: _rank(pair, asked.year))
    others = tuple(hit for hit in hits if all(hit is not same for same, _ in fitting))
    return Found(query, best, others[:near], why.reason, why.years)


def _rank(pair: tuple[Hit, Fit], year: int | None) -> tuple[object, ...]:
    """Of copies of one work: the one of the year asked for, then the published one, then the one that says most."""
    record = pair[0].record
    says = sum(1 for _ in filled(record))
    return (
        year is not None and record.issued.year == year,
        bool(record.container_title),
        says,
        pair[0].source.date,
        repr(record),
    )


def one_work(records: Sequence[Record]) -> bool:
    """Whether records are one work, versions of it included.

    They have the same title and somebody in common already; where the matcher is not sure, only a title of some length
    tells that it is no series of "Introduction" by one author.
    """
    if len(records) < 2:
        return True
    first, *rest = records
    answers = {verdict.right: verdict.answer for verdict in match.link([first], rest).verdicts if verdict.left == 0}
    enough = Answer.UNSURE if len(title_words(first.title)) >= TITLE_ALONE else Answer.SAME
    return all(answers.get(number) in (Answer.SAME, enough) for number in range(1, len(records)))
