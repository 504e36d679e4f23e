"""Verify references: ask an index and services for each entry's work, judge, and say where in the file each finding is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bibtools import bibfile
from bibtools.api.reading import InputError, read_bytes, read_records
from bibtools.api.services import ask_online, with_answers
from bibtools.bibfile.companions import NONE, Companions
from bibtools.bibfile.references import listed
from bibtools.formats.bibtex.labels import record_fields
from bibtools.identifiers import arxiv_id_of_decimal
from bibtools.index import Hit, Index
from bibtools.merging import decisions as decided
from bibtools.merging.decisions import Decisions
from bibtools.normalise import normalise
from bibtools.record import Problem, Record
from bibtools.verify import Asked, Finding, Judgement, Standing, Work, judge
from bibtools.verify.candidates import arxiv_written
from bibtools.verify.retraction import noticed
from bibtools.verify.venue_names import is_surely

if TYPE_CHECKING:
    from bibtools.api.services import Answered, Session

__all__ = [
    "Ask",
    "Found",
    "Verification",
    "accept",
    "answered",
    "asking_index",
    "asking_services",
    "verify",
    "verify_files",
]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What a source says of one entry: the works that it may be, and that the source was asked."""

    works: tuple[Work, ...] = ()
    asked: tuple[Asked, ...] = ()


# A source of known works: given entries (normalised), what it says of each, in their order. It never raises: a source that
# does not answer says so in `Asked.failure`.
Ask = Callable[[Sequence[Record]], Sequence[Found]]


@dataclass(frozen=True, slots=True)
class Verification:
    """The judgements, in the order of the entries; of files also what was not understood, which could not be
    read, and which keys nobody has."""

    judgements: tuple[Judgement, ...]
    problems: tuple[Problem, ...] = ()
    failures: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # keys that were asked for and stand in no file

    def count(self, standing: Standing) -> int:
        return sum(1 for each in self.judgements if each.standing is standing)

    def exit_status(self, strict: bool = False) -> int:
        """1 if anything was found, else 3 if a source did not answer or there was none to ask, else 0."""
        strictly = (Standing.OTHER_VERSION, Standing.NOT_FOUND)
        for each in self.judgements:
            if each.alarming or (strict and each.standing in strictly and not each.accepted):
                return 1
        unasked = any(not each.asked or any(one.failure for one in each.asked) for each in self.judgements)
        return 3 if unasked else 0


def answered(verification: Verification, known: Decisions) -> Verification:
    """The verification with those entries marked as accepted of which a person has said that they are right as they stand."""
    marked = (replace(each, accepted=_is_accepted(each, known)) for each in verification.judgements)
    return replace(verification, judgements=tuple(marked))


def _is_accepted(judgement: Judgement, known: Decisions) -> bool:
    if judgement.standing is Standing.VERIFIED:
        return False
    return decided.accepts(known, judgement.entry, judgement.standing, news=Standing.RETRACTED)


def accept(verification: Verification, keys: Iterable[str], known: Decisions) -> Decisions:
    """The decisions with the word that the entries of these keys are right as they stand. An entry that is verified needs none.
    Raises InputError for a key that no entry has."""
    by_key: dict[str, list[Judgement]] = {}
    for judgement in verification.judgements:
        by_key.setdefault(judgement.key, []).append(judgement)
    for key in keys:
        if key not in by_key:
            raise InputError(f"no entry '{key}' to accept")
        for judgement in by_key[key]:
            if judgement.standing is not Standing.VERIFIED:
                known = decided.accept(known, judgement.entry, judgement.standing)
    return known


AT_ONCE = 500


def verify(
    records: Iterable[Record],
    known: Index | None,
    *,
    services: Sequence[Ask] = (),
    progress: Progress = lambda done, total: None,
) -> Verification:
    """A judgement for each record. ``services`` are asked, all of them, for the entries that the index does not verify."""
    written = list(records)
    judgements: list[Judgement] = []
    sources = [asking_index(known)] if known is not None else []
    weigh = known.weigh if known is not None else (lambda word: 10.0)
    for start in range(0, len(written), AT_ONCE):
        progress(start, len(written))
        part = written[start : start + AT_ONCE]
        entries = [normalise(each) for each in part]
        found = _joined([source(entries) for source in sources], len(entries))
        judged = [judge(entry, each.works, each.asked, weigh) for entry, each in zip(entries, found, strict=True)]
        open_ = [place for place, each in enumerate(judged) if each.standing is not Standing.VERIFIED]
        if services and open_:
            left = [entries[place] for place in open_]
            more = _joined([service(left) for service in services], len(left))
            for place, each in zip(open_, more, strict=True):
                both = _both(found[place], each)
                judged[place] = judge(entries[place], both.works, both.asked, weigh)
        judged = [noticed(each, _listed(each, known)) for each in judged]
        judgements += [replace(each, entry=record) for each, record in zip(judged, part, strict=True)]
    progress(len(written), len(written))
    return Verification(tuple(judgements))


def verify_files(
    paths: Sequence[str],
    known: Index | None,
    *,
    services: Sequence[Ask] = (),
    keys: Collection[str] | None = None,
    from_: str | None = None,
    companions: Companions = NONE,
    progress: Progress = lambda done, total: None,
) -> Verification:
    """A judgement for each entry of files of any format ("-" is standard input), with its place in the file: of a .bib line and
    column of each field, of another format the line if it has one. ``keys`` are those that are judged, None for all."""
    sources: dict[str, bytes] = {}
    records: list[Record] = []
    problems: list[Problem] = []
    failures: list[str] = []
    for path in dict.fromkeys(paths):
        try:
            sources[path] = read_bytes(path)
            batch = read_records(sources[path], source=_shown(path), from_=from_, companions=companions)
        except InputError as error:
            failures.append(str(error))
            continue
        records += [each for each in batch.records if keys is None or not _keys(each).isdisjoint(keys)]
        problems += batch.problems
        if not batch.records and any(problem.severity == "error" for problem in batch.problems):
            failures.append(f"{path}: nothing in it could be read")
    found = verify(records, known, services=services, progress=progress)
    missing = sorted(set(keys or ()).difference(*map(_keys, records)))
    places = _Places({_shown(path): data for path, data in sources.items()})
    judged = tuple(map(places.placed, found.judgements))
    return Verification(judged, tuple(problems), tuple(failures), tuple(missing))


def _keys(record: Record) -> set[str]:
    """The key of an entry, and the other names under which it is cited."""
    return {record.id, *listed(record.get_extra("ids"))}


def _shown(path: str) -> str:
    return "<stdin>" if path == "-" else path


class _Places:
    """Where in their files entries and fields stand. A file is parsed when the first finding in it is placed."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self.sources = sources
        self.documents: dict[str, bibfile.Document] = {}

    def placed(self, judgement: Judgement) -> Judgement:
        origin = judgement.entry.origin
        if judgement.standing is Standing.VERIFIED or origin.format not in ("bibtex", "biblatex"):
            return judgement
        if origin.source not in self.documents:
            data = self.sources.get(origin.source)
            if data is None:
                return judgement
            self.documents[origin.source] = bibfile.parse(data, origin.source)
        document = self.documents[origin.source]
        if not 0 <= origin.index < len(document.entries):
            return judgement
        entry = document.entries[origin.index]
        findings = tuple(_placed(finding, entry) for finding in judgement.findings)
        return replace(judgement, findings=findings, line=entry.line, column=_column(document, entry.start))


def _placed(finding: Finding, entry: bibfile.Entry) -> Finding:
    """A finding at its field (of a date at the year); one of a field that the entry inherits has no place of its own."""
    fields = [field for field in entry.fields if finding.field in record_fields(field.name)]
    for field in sorted(fields, key=lambda field: field.name.lower() not in ("year", "date")):
        column = _column(entry.document, field.span.name_start)
        return replace(finding, label=field.name, line=field.line, column=column)
    return finding


def _column(document: bibfile.Document, offset: int) -> int:
    start = max(document.text.rfind("\n", 0, offset), document.text.rfind("\r", 0, offset))
    return offset - start


def _listed(judgement: Judgement, known: Index | None) -> list[Work]:
    """What lists of retractions say of an entry, and of the work that it may be."""
    if known is None:
        return []
    records = [judgement.entry, *(work.record for work in judgement.works)]
    return list(dict.fromkeys(_work(hit) for record in records for hit in known.notices(record)))


def _joined(answers: Sequence[Sequence[Found]], count: int) -> list[Found]:
    joined = [Found()] * count
    for answer in answers:
        joined = [_both(one, other) for one, other in zip(joined, answer, strict=True)]
    return joined


def _both(one: Found, other: Found) -> Found:
    return Found(one.works + other.works, one.asked + other.asked)


def asking_index(known: Index) -> Ask:
    """The index as a source. Each of its sources is told as asked; where it was declared complete for an entry's work, or its
    numbers show it, why it covers that work."""
    dates = {source.name: source.date for source in known.sources}

    def ask(entries: Sequence[Record]) -> Sequence[Found]:
        found = []
        for entry in entries:
            covers = {each.source.name: each.reason for each in known.covering(entry, is_surely)}
            asked = tuple(Asked(name, date, covers.get(name, "")) for name, date in dates.items())
            found.append(Found(_known_works(entry, known), asked))
        return found

    return ask


def asking_services(session: Session) -> Ask:
    """Services as a source: what they answer is looked through as an index is. One that did not answer is told with the reason;
    that doi.org knows no such DOI is the one answer that says a work should be known there."""

    could_be_asked = tuple(Asked(name) for name in session.options.services)  # of an entry that says nothing to ask by

    def ask(entries: Sequence[Record]) -> Sequence[Found]:
        answers = ask_online(entries, session)
        held = with_answers(answers)
        return [
            Found(_known_works(entry, held), tuple(_asked(answer)) or could_be_asked)
            for entry, answer in zip(entries, answers, strict=True)
        ]

    return ask


def _asked(answer: Answered) -> Iterator[Asked]:
    silent = {silence.service: silence.why for silence in answer.silences}
    for service, day in answer.asked:
        covers = ", ".join(f"{doi} is not registered" for doi in answer.unregistered if service == "doi")
        if service not in silent:
            yield Asked(service, day, covers)
    for service, why in silent.items():
        yield Asked(service, failure=why)


LOOKED_AT = 20  # works, for one entry
NEAR = 0.7  # score from which the title is a known one
FITS = 0.86  # score from which title and people are those of one work, so that the people alone need not be asked


def _known_works(entry: Record, known: Index) -> tuple[Work, ...]:
    """The works that an entry may be; where only the title fits, those of its people too."""
    if not entry.title and not entry.author:
        return ()
    hits = known.search(entry, limit=LOOKED_AT)
    if any(hit.score >= NEAR for hit in hits) and not any(hit.score >= FITS for hit in hits):
        hits += known.of_people(entry)  # the title may be one work's, the people another's
    written = arxiv_written(entry)
    if number := arxiv_id_of_decimal(written):  # the index may have it in either form
        hits += tuple(hit for form in (number, written) for hit in known.search(Record(arxiv_id=form)))
    return tuple(map(_work, hits))


def _work(hit: Hit) -> Work:
    return Work(hit.record, hit.source.name, hit.source.date, hit.how)
