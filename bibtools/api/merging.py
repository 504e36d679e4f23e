"""Merging and deduplicating: parse, search, link, ask, group, resolve, plan, give keys, edit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bibtools import bibfile, collector, encoding, formats, match, merging
from bibtools.api.choosing import added_as_chosen, offered_as, selected
from bibtools.api.converting import assign_keys
from bibtools.api.following import keys_told, style_of
from bibtools.api.reading import InputError
from bibtools.api.sources import Source, as_batches
from bibtools.bibfile import search
from bibtools.bibfile.companions import NONE, Companions
from bibtools.bibfile.references import REFERENCES, named_keys
from bibtools.change import Alias, Change, Outcome, Plan, Remove, SetField, Status
from bibtools.format import WriteOptions
from bibtools.formats import bibtex
from bibtools.formats.bibtex.reading import entry_records
from bibtools.merging import MergePolicy, threeway
from bibtools.merging import decisions as decided
from bibtools.merging.decisions import Decisions
from bibtools.merging.policy import DEFAULT
from bibtools.normalise import normalise
from bibtools.progress import ticker
from bibtools.record import FIELDS, Batch, Record
from bibtools.verdict import Answer, Linkage, Verdict

__all__ = ["Ask", "Back", "Branches", "MergeResult", "Question", "Quit", "Reply", "dedupe", "merge", "merge_branches"]


class Quit(Exception):  # noqa: N818
    """Raised by a question's answerer to stop asking: what was answered is remembered, nothing is merged."""


class Back(Exception):  # noqa: N818
    """Raised by a question's answerer to be asked the question before again; its answer is forgotten."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two records that may be one work, for a person. ``left`` is the target's where one of them is."""

    left: Record  # the target's record, or the first
    right: Record  # the other
    verdict: Verdict  # why it is not certain
    number: int  # from 1, of
    count: int  # all questions as known by now


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer about two records; None leaves it open. `fields` are fields picked from "left" or "right"."""

    answer: Answer | None = None  # None leaves it open
    fields: Mapping[str, str] = field(default_factory=dict)  # name of a Record's field: "left" or "right"


Ask = Callable[[Question], Reply]
RECORD_FIELDS = frozenset(FIELDS) - {"id"}


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge or dedupe would write, and the plan that says why. Nothing has been written."""

    plan: Plan  # what is done, and why
    data: bytes  # the file as it would be
    before: bytes  # the file as it was
    keys: Mapping[str, str]  # cited key -> the key to cite instead, for the documents
    decisions: Decisions  # what was decided of pairs, now and before
    quit: bool = False  # the answerer stopped: nothing is merged
    dialect: str = "bibtex"  # or "biblatex": whose words the file speaks

    @property
    def text(self) -> str:
        return encoding.decode(self.data).text

    @property
    def changed(self) -> bool:
        return self.data != self.before


@collector.relaxed()
def merge(
    target: bytes | str,
    sources: Source | Iterable[Source],
    *,
    source: str = "<target>",
    policy: MergePolicy = DEFAULT,
    key_style: str | None = None,
    ascii: bool = False,  # noqa: A002
    cited: Collection[str] = (),
    decisions: str = "",
    ask: Ask | None = None,
    companions: Companions = NONE,
    omit: Sequence[str] = (),
    fields: Sequence[str] = (),
    keep_extra: bool = False,
) -> MergeResult:
    """Records of any sources into a .bib: what the file would be, byte for byte, and the plan of what changes and why.

    `target` is the file's content (empty for a new one); a source is a text in any format, a `Path`, records or a batch of them.
    `cited` are the keys that documents cite, `decisions` the text of the remembered ones, `ask` is asked where unsure.
    `companions` are read with the target: what they define is known, their keys are in use.
    `omit`, `fields` and `keep_extra` say what of the sources is written, as in `convert`; all of it serves to find the entries.
    """
    wanted = selected(omit, fields)
    document = _bibliography(target, source, companions)
    batch = sum(as_batches(sources), Batch())
    known = _remembered(decisions)
    decided_keys = (ref.key for pair in known.pairs for ref in (pair.left, pair.right))
    near = search.entries_near(document, batch.records, decided_keys)
    chosen = (document.entries[index] for index in near)
    entries = tuple(entry_records(document, source, (entry for entry in chosen if entry.type != "xdata")))
    pool = [*map(normalise, entries), *batch.records]
    linkage, known, stopped = _linked(pool, len(entries), known, ask)
    taken = _keys(document)
    context = merging.Context(written=entries, cited=frozenset(cited), picks=decided.picks(known, pool))
    offered = tuple(offered_as(record, wanted, keep_extra=keep_extra) for record in batch.records)
    plan = merging.plan(
        pool[: len(entries)],
        offered,
        linkage,
        lambda records: assign_keys(records, key_style, taken, style_of(document)),
        policy,
        context,
        batch.problems,
    )
    plan = replace(
        plan,
        outcomes=tuple(replace(told, record=record) for told, record in zip(plan.outcomes, batch.records, strict=True)),
        changes=added_as_chosen(plan.changes, wanted, keep_extra=keep_extra),
    )
    if key_style is None:
        plan = replace(plan, problems=(*plan.problems, *keys_told(document, plan, batch.records)))
    data, plan = _written(document, plan, WriteOptions(ascii=ascii))
    own = {entry[2] for entry in document.layout.entries}
    keys = {old: new for old, new in plan.keys if old not in own}
    return MergeResult(plan, data, document.to_bytes(), keys, known, stopped, bibtex.dialect(document))


@collector.relaxed()
def dedupe(
    data: bytes | str,
    *,
    source: str = "<target>",
    policy: MergePolicy = DEFAULT,
    decisions: str = "",
    ask: Ask | None = None,
    companions: Companions = NONE,
) -> MergeResult:
    """The duplicates within a .bib made one: the file as it would be, and the plan. Other keys stay citable by `ids`."""
    document = _bibliography(data, source, companions)
    entries = bibtex.records(document, source).records
    known = _remembered(decisions)
    pool = list(map(normalise, entries))
    linkage, known, stopped = _linked(pool, len(pool), known, ask)
    referred = named_keys(document, REFERENCES) | document.companions.referred
    context = merging.Context(written=entries, referred=referred, picks=decided.picks(known, pool))
    plan = merging.plan_dedupe(pool, linkage, policy, context)
    written, plan = _written(document, plan, WriteOptions())
    gone = {change.target.index for change in plan.changes if isinstance(change, Remove)}
    staying = {entry.key for entry in document.entries if entry.index not in gone} if gone else set()
    keys = {old: new for old, new in plan.keys if old not in staying}
    return MergeResult(plan, written, document.to_bytes(), keys, known, stopped, bibtex.dialect(document))


def _linked(
    pool: Sequence[Record], target_count: int, known: Decisions, ask: Ask | None
) -> tuple[Linkage, Decisions, bool]:
    """The linkage with what a person decided before, and decides now on the questions that remain."""
    compared = match.comparison(pool, progress=ticker("Comparing"))
    start = target_count if target_count < len(pool) else 0

    def linked() -> Linkage:
        return match.linkage(compared, target_count, decided.answers(known, pool, start))

    linkage = linked()
    open_pairs = [] if ask is None else list(linkage.questions())
    settled: set[tuple[int, int]] = set()
    before: list[
        tuple[Decisions, list[Verdict], set[tuple[int, int]]]
    ] = []  # the state at each question that was answered
    while ask is not None and open_pairs:
        verdict = open_pairs[0]
        left, right = pool[verdict.left], pool[verdict.right]
        try:
            reply = ask(Question(left, right, verdict, len(settled) + 1, len(settled) + len(open_pairs)))
        except Quit:
            return linked(), known, True
        except Back:
            if before:
                known, open_pairs, settled = before.pop()
            continue
        before.append((known, open_pairs, settled))
        settled = {*settled, (verdict.left, verdict.right)}
        open_pairs = open_pairs[1:]
        if reply.answer is not None:
            known = decided.remember(known, left, right, reply.answer, reply.fields.items())
        if reply.answer is Answer.SAME:
            open_pairs = [each for each in linked().questions() if (each.left, each.right) not in settled]
    return (linked() if settled else linkage), known, False


@dataclass(frozen=True, slots=True)
class Branches:
    data: bytes  # our file with their changes
    conflicts: tuple[str, ...]  # for a person: "smith2020: year"


def merge_branches(base: bytes, ours: bytes, theirs: bytes, *, marker_size: int = 7) -> Branches:
    """Two versions of a .bib since their common base: our file with their changes, real collisions marked for git."""
    documents = [bibfile.parse(each) for each in (base, ours, theirs)]
    if theirs == base or ours == theirs:
        return Branches(ours, ())
    if ours == base:
        return Branches(theirs, ())
    try:
        found = threeway.three_way(documents[0], documents[1], documents[2], size=marker_size)
        data = documents[1].decoded.encode(found.text)
    except (bibfile.EditError, UnicodeEncodeError) as error:
        raise InputError(f"cannot be merged by entries: {error}") from error
    if not found.conflicts and not threeway.verified(found, documents[1], documents[2]):
        raise InputError("cannot be merged by entries: the result would not read back as it should")
    return Branches(data, found.conflicts)


def _bibliography(data: bytes | str, source: str, companions: Companions) -> bibfile.Document:
    """The document to merge into. Raises InputError for a text that is something else."""
    document = bibfile.parse(data, source, companions)
    if not document.entries and document.text.strip():
        found = [each.name for each in formats.recognise(document.text) if each.name not in ("bibtex", "biblatex")]
        if found:
            raise InputError(
                f"{source}: is '{found[0]}', not a .bib; convert it first, or name a new .bib as the target"
            )
        if "\0" in document.text:
            raise InputError(f"{source}: is not a text file")
    return document


def _remembered(text: str) -> Decisions:
    known = decided.loads(text) if text.strip() else Decisions()
    if known.problem:
        raise InputError(f"{decided.FILE_NAME}: {known.problem}")
    return known


def _keys(document: bibfile.Document) -> set[str]:
    """Every key that can be cited: of an entry, or another name of one."""
    own = {entry[2] for entry in document.layout.entries} | named_keys(document, ("ids",))
    return own | document.companions.keys


def _written(document: bibfile.Document, plan: Plan, options: WriteOptions) -> tuple[bytes, Plan]:
    """The file with the plan's changes. An entry that cannot be changed stays, and the plan tells it as a problem."""
    if not plan.changes:
        return document.to_bytes(), plan
    try:
        return document.edit(bibtex.edits(document, plan.changes, options)).to_bytes(), plan
    except bibfile.EditError:
        pass
    kept: list[Change] = []
    failed: dict[str, str] = {}
    for key, group in _by_entry(plan.changes).items():
        try:
            document.edit(bibtex.edits(document, group, options))
            kept += group
        except bibfile.EditError as error:
            failed[key] = str(error)
    outcomes = tuple(_failed(each, failed[each.key]) if each.key in failed else each for each in plan.outcomes)
    plan = replace(
        plan, outcomes=outcomes, changes=tuple(kept), keys=tuple(pair for pair in plan.keys if pair[1] not in failed)
    )
    return document.edit(bibtex.edits(document, kept, options)).to_bytes(), plan


def _by_entry(changes: Iterable[Change]) -> dict[str, list[Change]]:
    groups: dict[str, list[Change]] = defaultdict(list)
    for each in changes:
        place = (
            each.target.key
            if isinstance(each, SetField | Alias)
            else each.into.key
            if isinstance(each, Remove)
            else each.record.id
        )
        groups[place].append(each)
    return groups


def _failed(outcome: Outcome, why: str) -> Outcome:
    return replace(outcome, status=Status.PROBLEM, key="", changes=(), left=(), why=why)
