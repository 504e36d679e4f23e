"""Complete a bibliography from an index of known works: search, match, plan, edit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bibtools import bibfile, complete, fold, match
from bibtools.api.joining import Ask, MergeResult, Quit
from bibtools.api.reading import InputError
from bibtools.bibfile import Companions, Document
from bibtools.bibfile.companions import NONE
from bibtools.change import Candidate, Change, Outcome, Plan, SetField, Status, Target
from bibtools.complete import FILLED, Choice, Work
from bibtools.format import WriteOptions
from bibtools.formats import bibtex
from bibtools.formats.bibtex.reading import entry_records
from bibtools.index import Hit, Index
from bibtools.merging import memory as remembered
from bibtools.normalise import normalise
from bibtools.record import Origin, Record
from bibtools.verdict import Answer, Evidence, Verdict

__all__ = ["Completion", "complete_bibliography"]

AT_ONCE = 2000  # entries that are matched in one go
NEAR = 0.8  # score of a known work from which the matcher looks at it

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Completion(MergeResult):
    """What completing would write, the plan that says why, and how many entries the index has nothing of."""

    unknown: int = 0


def complete_bibliography(
    data: bytes | str,
    known: Index,
    *,
    source: str = "<target>",
    fields: Collection[str] = (),
    replaced: Collection[str] = (),
    upgrade: bool = False,
    ascii: bool = False,  # noqa: A002
    memory: str = "",
    ask: Ask | None = None,
    companions: Companions = NONE,
    progress: Progress = lambda done, total: None,
) -> Completion:
    """The .bib with the gaps of its entries filled from the known works that they surely are. Nothing has been written.

    ``fields`` are names of Record fields to fill (default `complete.FILLED`), ``replaced`` those in which the known value
    takes the place of the entry's; with ``upgrade`` a preprint becomes its publication. ``memory`` and ``ask`` as in `merge`.
    """
    document = bibfile.parse(data, source, companions)
    held = remembered.loads(memory) if memory.strip() else remembered.Memory()
    if held.problem:
        raise InputError(f"{remembered.FILE_NAME}: {held.problem}")
    written = tuple(entry_records(document, source, (each for each in document.entries if each.type != "xdata")))
    asking = _Asking(held, ask)
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    unknown = 0
    wanted = frozenset(fields) or FILLED
    for entry, stands, works in _with_works(written, known, upgrade, progress):
        works = asking.settled(entry, works)
        agreeing = [work for work in works if work.sure]
        choice = complete.choose(entry, works, wanted, replaced, upgrade) if works else Choice()
        choice = asking.asked(entry, choice)
        if choice.work is not None:
            found = _changes(stands, entry, choice.work, wanted, replaced)
            changes += found
            status = Status.UPDATED if found else Status.UNCHANGED
            outcomes.append(Outcome(_shown(choice.work), status, entry.id, stands, found))
        elif choice.unsure:
            record = _shown(choice.unsure[0])
            candidate = Candidate(stands, entry.id, str(Answer.UNSURE), 0.0, reason=choice.why)
            outcomes.append(Outcome(record, Status.AMBIGUOUS, "", stands, candidates=(candidate,), why=choice.why))
        elif agreeing:
            outcomes.append(Outcome(_shown(agreeing[0]), Status.UNCHANGED, entry.id, stands))
        else:
            unknown += 1
    plan = Plan(tuple(outcomes), tuple(changes))
    after, plan = _edited(document, plan, WriteOptions(ascii=ascii))
    return Completion(plan, after, document.to_bytes(), {}, asking.held, asking.stopped, unknown)


def _with_works(
    written: Sequence[Record], known: Index, upgrade: bool, progress: Progress
) -> Iterator[tuple[Record, Record, list[Work]]]:
    """Each entry normalised, as it is written, and the known works that it may be, with the matcher's verdict."""
    for start in range(0, len(written), AT_ONCE):
        progress(start, len(written))
        part = written[start : start + AT_ONCE]
        entries = [normalise(each) for each in part]
        works = [_works(entry, known, upgrade) for entry in entries]
        yield from zip(entries, part, _judged(entries, works), strict=True)
    progress(len(written), len(written))


def _works(entry: Record, known: Index, upgrade: bool) -> list[Work]:
    """Known works that agree with an entry, and with ``upgrade`` those that an agreeing one's DOI leads to."""
    if not entry.title:
        return []
    found = [_work(hit) for hit in known.search(entry, limit=20) if hit.score >= NEAR or hit.how in ("doi", "arxiv")]
    if upgrade and entry.arxiv_id:
        dois = {
            fold.doi(work.record.doi) for work in found if work.record.arxiv_id == entry.arxiv_id and work.record.doi
        }
        for doi in sorted(dois - {"", fold.doi(entry.doi)}):
            hits = (hit for hit in known.search(Record(doi=doi), limit=5) if hit.how == "doi")
            found += [replace(_work(hit), linked=True) for hit in hits if not hit.record.arxiv_id]
    return [work for work in found if complete.agree(entry, work.record, work.linked)]


def _work(hit: Hit) -> Work:
    return Work(hit.record.replace(id=""), hit.source.name, hit.source.date)


def _judged(entries: Sequence[Record], works: Sequence[list[Work]]) -> list[list[Work]]:
    """The works with the matcher's verdicts. Each entry is held against works of its own, a copy where two entries share one:
    in a file without duplicates a record has one partner only."""
    pool: list[Record] = []
    owners: list[tuple[int, int]] = []
    for place, found in enumerate(works):
        for number, work in enumerate(found):
            pool.append(work.record)
            owners.append((place, number))
    verdicts = {(each.left, each.right): each for each in match.pairs(entries, pool)} if pool else {}
    judged = [[replace(work, sure=work.linked) for work in found] for found in works]
    for position, (place, number) in enumerate(owners):
        verdict = verdicts.get((place, position))
        work = works[place][number]
        sure = work.linked or (verdict is not None and verdict.answer is Answer.SAME)
        judged[place][number] = replace(work, sure=sure, same_version=verdict is None or verdict.same_version)
    return judged


def _changes(
    written: Record, entry: Record, work: Work, fields: Collection[str], replaced: Collection[str]
) -> tuple[SetField, ...]:
    target = Target(entry.id, written.origin.index)
    values = complete.filled(entry, work, fields, replaced)
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

    def __init__(self, held: remembered.Memory, ask: Ask | None) -> None:
        self.held, self.ask, self.stopped = held, ask, False

    def settled(self, entry: Record, works: list[Work]) -> list[Work]:
        """The works with what was answered before: "same" makes one sure, "different" takes it away."""
        if not self.held.said or not works:
            return works
        pool = [entry, *(work.record for work in works)]
        verdicts = [Verdict(0, place, Answer.UNSURE, 0.0) for place in range(1, len(pool))]
        said = {each.right: each.answer for each in remembered.apply(self.held, pool, verdicts, 1) if each.left == 0}
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
                reply = self.ask(entry, work.record, Verdict(0, 1, Answer.UNSURE, 0.0, told, work.same_version))
            except Quit:
                self.stopped = True
                return choice
            if reply.answer is not None:
                self.held = remembered.remember(self.held, entry, work.record, reply.answer, reply.fields.items())
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
