"""Complete a bibliography from an index of known works: search, match, plan, edit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bibtools import bibfile, complete, fold, identifiers, match
from bibtools.api.merging import Ask, MergeResult, Question, Quit
from bibtools.api.reading import InputError
from bibtools.api.services import ask_online, with_answers
from bibtools.bibfile import Companions, Document
from bibtools.bibfile.companions import NONE
from bibtools.change import Candidate, Change, Outcome, Plan, SetField, Status, Target
from bibtools.complete import FILLED, Choice, Work
from bibtools.format import WriteOptions
from bibtools.formats import bibtex
from bibtools.formats.bibtex.reading import entry_records
from bibtools.index import Hit, Index
from bibtools.merging import decisions as decided
from bibtools.normalise import normalise
from bibtools.publication import is_preprint
from bibtools.record import Origin, Record
from bibtools.verdict import Answer, Evidence, Verdict

if TYPE_CHECKING:
    from bibtools.api.services import Session

__all__ = ["Completion", "complete_bibliography"]

AT_ONCE = 2000  # entries that are matched in one go
NEAR = 0.8  # score of a known work from which the matcher looks at it

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Completion(MergeResult):
    """What completing would write, the plan that says why, and how many entries nothing is known of; ``unresolved`` are the
    entries of these of which a service that was asked did not answer, and why."""

    unknown: int = 0
    unresolved: tuple[tuple[str, str], ...] = ()


def complete_bibliography(
    data: bytes | str,
    known: Index | None,
    *,
    session: Session | None = None,
    source: str = "<target>",
    fields: Collection[str] = (),
    replaced: Collection[str] = (),
    upgrade: bool = False,
    ascii: bool = False,  # noqa: A002
    decisions: str = "",
    ask: Ask | None = None,
    companions: Companions = NONE,
    progress: Progress = lambda done, total: None,
) -> Completion:
    """The .bib with the gaps of its entries filled from the known works that they surely are. Nothing has been written.

    ``fields`` are names of Record fields to fill (default `complete.FILLED`), ``replaced`` those in which the known value
    takes the place of the entry's; with ``upgrade`` a preprint becomes its publication. ``decisions`` and ``ask`` as in `merge`.
    The services of a ``session`` are asked for the entries that the index does not hold.
    """
    document = bibfile.parse(data, source, companions)
    held = decided.loads(decisions) if decisions.strip() else decided.Decisions()
    if held.problem:
        raise InputError(f"{decided.FILE_NAME}: {held.problem}")
    written = tuple(entry_records(document, source, (each for each in document.entries if each.type != "xdata")))
    options = _Options(frozenset(fields) or FILLED, frozenset(replaced), upgrade)
    asking = _Asking(held, ask)
    outcomes: list[Outcome] = []
    unknown = 0
    silences: dict[int, str] = {}
    if session is not None:
        known, silences = _with_services(written, known, session, options)
    assert known is not None
    unresolved: list[tuple[str, str]] = []
    for place, (entry, stands, works) in enumerate(_with_works(written, known, options, progress)):
        outcome = _outcome(entry, stands, asking.settled(entry, works), options, asking)
        if outcome is None:
            unknown += 1
            unresolved += [(entry.id, silences[place])] if place in silences else []
        else:
            outcomes.append(outcome)
    changes = [change for outcome in outcomes for change in outcome.changes]
    plan = Plan(tuple(outcomes), tuple(changes))
    after, plan = _edited(document, plan, WriteOptions(ascii=ascii))
    dialect = bibtex.dialect(document)
    return Completion(
        plan, after, document.to_bytes(), {}, asking.held, asking.stopped, dialect, unknown, tuple(unresolved)
    )


def _with_services(
    written: Sequence[Record], known: Index | None, session: Session, options: _Options
) -> tuple[Index, dict[int, str]]:
    """The index with what services answer for entries that lack something and that it does not hold; and by the place of the
    entry why a service did not answer."""
    entries = [normalise(each) for each in written]
    open_ = [place for place, entry in enumerate(entries) if _is_open(entry, known, options)]
    answers = ask_online([entries[place] for place in open_], session, beyond=options.upgrade)
    silences = {
        place: "; ".join(dict.fromkeys(map(str, answer.silences)))
        for place, answer in zip(open_, answers, strict=True)
        if answer.silences
    }
    return with_answers(answers, known), silences


def _is_open(entry: Record, known: Index | None, options: _Options) -> bool:
    upgrading = options.upgrade and is_preprint(entry)
    if not entry.title or not (options.replaced or upgrading or complete.lacks(entry, options.fields)):
        return False
    works = _works(entry, known, options.upgrade) if known is not None else []
    return not (any(complete.is_upgrade(entry, work) for work in works) if upgrading else works)


def _with_works(
    written: Sequence[Record], known: Index, options: _Options, progress: Progress
) -> Iterator[tuple[Record, Record, list[Work]]]:
    """Each entry normalised, as it is written, and the known works that it may be, with the matcher's verdict."""
    for start in range(0, len(written), AT_ONCE):
        progress(start, len(written))
        part = written[start : start + AT_ONCE]
        entries = [normalise(each) for each in part]
        works = [_works(entry, known, options.upgrade) for entry in entries]
        yield from zip(entries, part, _judged(entries, works, options), strict=True)
    progress(len(written), len(written))


def _works(entry: Record, known: Index, upgrade: bool) -> list[Work]:
    """Known works that agree with an entry, and with ``upgrade`` those that an agreeing one's DOI leads to."""
    if not entry.title:
        return []
    hits = known.search(entry, limit=20)
    found = [_work(hit) for hit in hits if hit.score >= NEAR or hit.how in ("doi", "arxiv")]
    if upgrade and entry.arxiv_id:
        found = _with_publications(entry, found, known)
    return [work for work in found if complete.agree(entry, work.record, work.linked)]


def _with_publications(entry: Record, found: list[Work], known: Index) -> list[Work]:
    """The works, with the publications whose DOI a known copy of the preprint names; where one is named, any other
    publication is no more than a question."""
    named = {identifiers.doi(work.record.doi) for work in found if work.record.arxiv_id == entry.arxiv_id}
    named -= {"", identifiers.doi(entry.doi)}
    works = [
        replace(work, other=bool(named) and identifiers.doi(work.record.doi) not in {*named, ""}) for work in found
    ]
    for doi in sorted(named):
        hits = (hit for hit in known.search(Record(doi=doi), limit=5) if hit.how == "doi")
        works += [_work(hit, linked=True) for hit in hits if not hit.record.arxiv_id]
    return works


def _work(hit: Hit, linked: bool = False) -> Work:
    return Work(hit.record, hit.source.name, hit.source.date, linked=linked)


def _judged(entries: Sequence[Record], works: Sequence[list[Work]], options: _Options) -> list[list[Work]]:
    """The works with the matcher's verdicts. Where none has anything new, the matcher is not asked."""
    asked = [
        any(complete.has_news(entry, work.record, options.fields, options.replaced) for work in found)
        for entry, found in zip(entries, works, strict=True)
    ]
    pool: list[Record] = []
    places: list[list[int]] = []
    for asks, found in zip(asked, works, strict=True):
        places.append([len(pool) + number for number in range(len(found))] if asks else [])
        pool += [work.record for work in found] if asks else []
    left = [place for place, asks in enumerate(asked) if asks]
    verdicts = match.link([entries[place] for place in left], pool).verdicts if pool else ()
    by_pair = {
        (left[each.left], each.right - len(left)): each for each in verdicts if each.left < len(left) <= each.right
    }
    return [
        [_with_verdict(work, by_pair.get((entry, number))) for work, number in zip(found, numbers, strict=True)]
        if asks
        else found
        for entry, (asks, found, numbers) in enumerate(zip(asked, works, places, strict=True))
    ]


def _with_verdict(work: Work, verdict: Verdict | None) -> Work:
    same = verdict is not None and verdict.answer is Answer.SAME
    version = verdict is None or verdict.same_version
    sure = (work.linked or same) and not work.other
    return work if sure == work.sure and version else replace(work, sure=sure, same_version=version)


@dataclass(frozen=True, slots=True)
class _Options:
    fields: frozenset[str]
    replaced: frozenset[str]
    upgrade: bool


def _outcome(entry: Record, written: Record, works: list[Work], options: _Options, asking: _Asking) -> Outcome | None:
    """What becomes of one entry, None where no known work is it."""
    if not works:
        return None
    choice = asking.asked(entry, complete.choose(entry, works, options.fields, options.replaced, options.upgrade))
    if choice.work is not None:
        found = _changes(written, entry, choice.work, options)
        status = Status.UPDATED if found else Status.UNCHANGED
        return Outcome(_shown(choice.work), status, entry.id, written, found)
    if choice.unsure:
        candidate = Candidate(written, entry.id, str(Answer.UNSURE), 0.0, reason=choice.why)
        record = _shown(choice.unsure[0])
        return Outcome(record, Status.UNSURE, "", written, candidates=(candidate,), why=choice.why)
    return Outcome(_shown(works[0]), Status.UNCHANGED, entry.id, written)


def _changes(written: Record, entry: Record, work: Work, options: _Options) -> tuple[SetField, ...]:
    target = Target(entry.id, written.origin.index)
    values = complete.filled(entry, work, options.fields, options.replaced)
    return tuple(
        SetField(target, name, getattr(written, name), new, why)
        for name, (new, why) in values.items()
        if getattr(written, name) != new
    )


def _shown(work: Work) -> Record:
    """The work as the report names it: by where it comes from."""
    return work.record.replace(origin=Origin(work.source))


# --- a person's answers -----------------------------------------------------------------------------------------------


class _Asking:
    """What a person said before and says now."""

    def __init__(self, held: decided.Decisions, ask: Ask | None) -> None:
        self.held, self.ask, self.stopped = held, ask, False

    def settled(self, entry: Record, works: list[Work]) -> list[Work]:
        """The works with what was answered before: "same" makes one sure, "different" takes it away."""
        if not self.held.pairs or not works:
            return works
        pool = [entry, *(work.record for work in works)]
        said = {right: answer for (left, right), answer in decided.answers(self.held, pool, 1).items() if left == 0}
        answers = [said.get(place, Answer.UNSURE) for place in range(1, len(pool))]
        if Answer.SAME in answers:  # a person chose: the others are not asked about again
            return [
                replace(work, sure=True) for work, answer in zip(works, answers, strict=True) if answer is Answer.SAME
            ]
        return [work for work, answer in zip(works, answers, strict=True) if answer is not Answer.DIFFERENT]

    def asked(self, entry: Record, choice: Choice) -> Choice:
        if self.ask is None or self.stopped or choice.work is not None:
            return choice
        for work in choice.unsure:
            told = (Evidence("index", 0.0, choice.why),)
            try:
                verdict = Verdict(0, 1, Answer.UNSURE, 0.0, told, work.same_version)
                reply = self.ask(Question(entry, work.record, verdict, 1, len(choice.unsure)))
            except Quit:
                self.stopped = True
                return choice
            if reply.answer is not None:
                self.held = decided.remember(self.held, entry, work.record, reply.answer, reply.fields.items())
            if reply.answer is Answer.SAME:
                return Choice(work)
        return choice


# --- edits ------------------------------------------------------------------------------------------------------------

JOURNALS = frozenset(("journal", "journaltitle", "booktitle"))


def _edited(document: Document, plan: Plan, options: WriteOptions) -> tuple[bytes, Plan]:
    """The file with the plan's changes. An entry that cannot be changed stays, and the plan tells it as a problem."""
    if not plan.changes:
        return document.to_bytes(), plan
    macros = {fold.text(value): name for name, value in document.strings.items() if fold.text(value)}

    def edits(changes: Iterable[Change]) -> tuple[bibfile.Edit, ...]:
        made = bibtex.edits(document, tuple(changes), options)
        return tuple(_with_macro(edit, macros) for edit in made) if macros else made

    try:
        return document.edit(edits(plan.changes)).to_bytes(), plan
    except bibfile.EditError:
        pass
    kept: list[Change] = []
    outcomes: list[Outcome] = []
    for outcome in plan.outcomes:
        try:
            document.edit(edits(outcome.changes))
            kept += outcome.changes
            outcomes.append(outcome)
        except bibfile.EditError as error:
            outcomes.append(replace(outcome, status=Status.PROBLEM, changes=(), why=str(error)))
    return document.edit(edits(kept)).to_bytes(), replace(plan, outcomes=tuple(outcomes), changes=tuple(kept))


def _with_macro(edit: bibfile.Edit, macros: dict[str, str]) -> bibfile.Edit:
    """A venue that a macro of the file stands for is written as that macro."""
    if isinstance(edit, bibfile.SetField) and edit.name.lower() in JOURNALS and not edit.raw:
        macro = macros.get(fold.text(edit.value))
        if macro:
            return replace(edit, value=macro, raw=True)
    return edit
