"""Merging and deduplicating: read, match, plan, edit, and put the parts together again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bibtools import bibfile, collector, encoding, formats, match, merging
from bibtools.api.choosing import added_as_chosen, selected
from bibtools.api.converting import assign_keys
from bibtools.api.following import keys_told, style_of
from bibtools.api.reading import InputError
from bibtools.api.sources import Source, as_batches
from bibtools.bibfile.companions import NONE, Companions
from bibtools.bibfile.references import REFERENCES
from bibtools.change import Alias, Change, Outcome, Plan, Remove, SetField, Status
from bibtools.format import WriteOptions
from bibtools.formats import bibtex
from bibtools.formats.bibtex.reading import entry_records
from bibtools.merging import memory as remembered
from bibtools.merging import nearby, threeway
from bibtools.normalise import normalise
from bibtools.record import FIELDS, Batch, Record
from bibtools.verdict import Answer, Verdict

__all__ = ["Branches", "MergeResult", "Quit", "Reply", "dedupe", "merge", "merge_branches"]


class Quit(Exception):  # noqa: N818
    """Raised by a question's answerer to stop asking: what was answered is remembered, nothing is merged."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer about two records; None leaves it open. `fields` are fields picked from "left" or "right"."""

    answer: Answer | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


Ask = Callable[[Record, Record, Verdict], Reply]
RECORD_FIELDS = frozenset(FIELDS) - {"id"}


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge or dedupe would write, and the plan that says why. Nothing has been written."""

    plan: Plan
    data: bytes
    before: bytes
    keys: Mapping[str, str]  # cited key -> the key to cite instead, for the documents
    memory: remembered.Memory
    quit: bool = False

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
    versions: str = "upgrade",
    on_ambiguous: str = "skip",
    prefer: str = "target",
    prefer_fields: Mapping[str, str] | None = None,
    key_style: str | None = None,
    ascii: bool = False,  # noqa: A002
    cited: Collection[str] = (),
    memory: str = "",
    ask: Ask | None = None,
    companions: Companions = NONE,
    omit: Sequence[str] = (),
    fields: Sequence[str] = (),
    keep_extra: bool = False,
) -> MergeResult:
    """Records of any sources into a .bib: what the file would be, byte for byte, and the plan of what changes and why.

    `target` is the file's content (empty for a new one); a source is a text in any format, a `Path`, records or a batch of them.
    `cited` are the keys that documents cite, `memory` the text of the remembered verdicts, `ask` is asked where unsure.
    `companions` are read with the target: what they define is known, their keys are in use.
    `omit`, `fields` and `keep_extra` say what of the sources is written, as in `convert`; all of it serves to find the entries.
    """
    wanted = selected(omit, fields)
    document = _bibliography(target, source, companions)
    batch = sum(as_batches(sources), Batch())
    held = _remembered(memory)
    spoken_of = (each.key for said in held.said for each in (said.left, said.right))
    places = nearby.entries_near(document, batch.records, spoken_of)
    chosen = (document.entries[place] for place in places)
    entries = tuple(entry_records(document, source, (each for each in chosen if each.type != "xdata")))
    pool = [*(normalise(each) for each in entries), *batch.records]
    verdicts = _linked(pool, len(entries))
    verdicts, held, stopped = _judged(pool, verdicts, held, ask, len(entries))
    options = _options(versions, on_ambiguous, prefer, prefer_fields, key_style, pool, held, document, cited)
    offered = tuple(bibtex.chosen(each, wanted, keep_extra=keep_extra).record for each in batch.records)
    plan = merging.plan(
        pool[: len(entries)],
        offered,
        verdicts,
        match.clusters(pool, verdicts),
        options,
        batch.problems,
        written=entries,
    )
    plan = replace(
        plan,
        outcomes=tuple(replace(each, record=record) for each, record in zip(plan.outcomes, batch.records, strict=True)),
        changes=added_as_chosen(plan.changes, wanted, keep_extra=keep_extra),
    )
    if key_style is None:
        plan = replace(plan, problems=(*plan.problems, *keys_told(document, plan, batch.records)))
    data, plan = _written(document, plan, WriteOptions(ascii=ascii))
    known = {found[2] for found in document.layout.entries}
    return MergeResult(
        plan, data, document.to_bytes(), {old: new for old, new in plan.keys if old not in known}, held, stopped
    )


@collector.relaxed()
def dedupe(
    data: bytes | str,
    *,
    source: str = "<target>",
    versions: str = "upgrade",
    prefer: str = "target",
    memory: str = "",
    ask: Ask | None = None,
    companions: Companions = NONE,
) -> MergeResult:
    """The duplicates within a .bib made one: the file as it would be, and the plan. Other keys stay citable by `ids`."""
    document = _bibliography(data, source, companions)
    entries = bibtex.records(document, source).records
    held = _remembered(memory)
    pool = [normalise(each) for each in entries]
    verdicts, held, stopped = _judged(pool, match.pairs(pool), held, ask, 0)
    options = _options(versions, "skip", prefer, None, None, pool, held, document, ())
    plan = merging.dedupe(pool, verdicts, match.clusters(pool, verdicts), options, _referred(document), written=entries)
    written, plan = _written(document, plan, WriteOptions())
    gone = [each.target.index for each in plan.changes if isinstance(each, Remove)]
    staying = {each.key for each in document.entries if each.index not in set(gone)}
    return MergeResult(
        plan, written, document.to_bytes(), {old: new for old, new in plan.keys if old not in staying}, held, stopped
    )


@dataclass(frozen=True, slots=True)
class Branches:
    data: bytes
    conflicts: tuple[str, ...]


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


def _remembered(memory: str) -> remembered.Memory:
    held = remembered.loads(memory) if memory.strip() else remembered.Memory()
    if held.problem:
        raise InputError(f"{remembered.FILE_NAME}: {held.problem}")
    return held


def _linked(pool: Sequence[Record], size: int) -> tuple[Verdict, ...]:
    """Verdicts between the sources (from `size` on) and the target before them, and among the sources.

    Between two files the matcher knows that an entry has one partner at most, so it may say more than within one; but what
    goes into one entry must hold together, so such a verdict counts only where no other source is the same as the entry.
    """
    target, sources = pool[:size], pool[size:]
    across = match.pairs(sources, target) if target and sources else ()
    touched = sorted({each.right for each in across})
    few = [*(target[place] for place in touched), *sources]
    places = [*touched, *range(size, len(pool))]
    found: dict[tuple[int, int], Verdict] = {}
    for each in match.pairs(few):
        left, right = sorted((places[each.left], places[each.right]))
        if right >= size:
            found[left, right] = replace(each, left=left, right=right)
    if any(not each.title for each in sources):  # an abstract alone says nothing about the entry of its titled twin
        for each in match.pairs(sources):
            left, right = sorted((each.left + size, each.right + size))
            if each.answer is Answer.SAME and not (pool[left].title and pool[right].title):
                found[left, right] = replace(each, left=left, right=right)
    partners: dict[int, set[int]] = defaultdict(set)
    for (left, right), verdict in found.items():
        if verdict.answer is Answer.SAME:
            partners[left].add(right)
            partners[right].add(left)
    for verdict in across:
        entry, record = verdict.right, verdict.left + size
        known = found.get((entry, record))
        alone = not partners[entry] - {record} and not any(each < size for each in partners[record] - {entry})
        if known is None or (verdict.answer is Answer.SAME and known.answer is not Answer.SAME and alone):
            answer = verdict.answer if alone or verdict.answer is not Answer.SAME else Answer.UNSURE
            found[entry, record] = replace(verdict, left=entry, right=record, answer=answer)
    return tuple(found[pair] for pair in sorted(found))


def _judged(
    pool: Sequence[Record], verdicts: Sequence[Verdict], held: remembered.Memory, ask: Ask | None, within: int
) -> tuple[tuple[Verdict, ...], remembered.Memory, bool]:
    """The verdicts with what a person said before, and says now to the questions that remain."""
    verdicts = remembered.apply(held, pool, verdicts, within)
    if ask is None:
        return verdicts, held, False
    settled = {
        place for each in verdicts if each.answer is Answer.SAME and each.left < within for place in (each.right,)
    }
    stopped = False
    for each in sorted(verdicts, key=lambda each: -each.score):
        if each.answer is not Answer.UNSURE or each.right in settled:
            continue
        left, right = pool[each.left], pool[each.right]
        try:
            reply = ask(left, right, each)
        except Quit:
            stopped = True
            break
        if reply.answer is not None:
            held = remembered.remember(held, left, right, reply.answer, reply.fields.items())
            if reply.answer is Answer.SAME and each.left < within:
                settled.add(each.right)
    return remembered.apply(held, pool, verdicts, within), held, stopped


def _options(
    versions: str,
    on_ambiguous: str,
    prefer: str,
    prefer_fields: Mapping[str, str] | None,
    key_style: str | None,
    pool: Sequence[Record],
    held: remembered.Memory,
    document: bibfile.Document,
    cited: Collection[str],
) -> merging.Options:
    for name, value, known in (
        ("versions", versions, ("upgrade", "link", "keep")),
        ("on_ambiguous", on_ambiguous, ("skip", "add")),
        ("prefer", prefer, ("target", "source")),
    ):
        if value not in known:
            raise InputError(f"{name} is one of {', '.join(known)}, not '{value}'")
    return merging.Options(
        versions=versions,
        on_ambiguous=on_ambiguous,
        prefer=merging.Preference(prefer, dict(prefer_fields or {})),
        picks=remembered.picks(held, pool),
        assign=lambda records, used: assign_keys(records, key_style, used, style_of(document)),
        taken=_keys(document),
        cited=frozenset(cited),
    )


def _keys(document: bibfile.Document) -> set[str]:
    """Every key that can be cited: of an entry, or another name of one."""
    own = {found[2] for found in document.layout.entries} | _listed(document, ("ids",))
    return own | document.companions.keys


def _referred(document: bibfile.Document) -> set[str]:
    """Keys that entries of the file refer to: an entry with such a key cannot go without breaking its child."""
    return _listed(document, REFERENCES) | document.companions.referred


def _listed(document: bibfile.Document, names: Sequence[str]) -> set[str]:
    """The keys in fields that hold a list of them; a file whose text never has such a field is not read for it."""
    held = [name for name in names if _has_field(document.text, name)]
    values = (each.get(name) for name in held for each in document.entries)
    return {key.strip() for value in values if value for key in value.split(",")}


def _has_field(text: str, name: str) -> bool:
    """Whether a field of this name may stand in the text; `str.find`, since a regex takes seconds for a large file."""
    for spelling in (name, name.upper(), name.capitalize()):
        at = text.find(spelling)
        while at >= 0:
            if text[at + len(name) : at + len(name) + 40].lstrip().startswith("="):
                return True
            at = text.find(spelling, at + 1)
    return False


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
