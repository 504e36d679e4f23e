"""Joins the rooms: everything the command line can do, a script can do with these functions.

Reading is the edge's work: here bytes are decoded, formats recognised and records normalised. A file of one record a line
(the arXiv snapshot, our `records`) is never held whole.
"""

from __future__ import annotations

import re
import secrets
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import IO

from bibtools import bibfile, encoding, formats, keys, match, merging, storage
from bibtools import check as checks
from bibtools import preview as previews
from bibtools.change import Alias, Change, Outcome, Plan, Remove, SetField, Status
from bibtools.format import Format, ReadOptions, WriteOptions, collect
from bibtools.formats import bibtex, csljson
from bibtools.formats.bibtex.reading import entry_records
from bibtools.merging import memory as remembered
from bibtools.merging import nearby, threeway
from bibtools.normalise import normalise
from bibtools.record import Batch, Origin, Problem, Record, incomplete
from bibtools.texfiles import bib as citations
from bibtools.verdict import Answer, Verdict

__all__ = [
    "Conversion",
    "InputError",
    "Inputs",
    "MergeResult",
    "Quit",
    "Reply",
    "choose_format",
    "convert",
    "dedupe",
    "merge",
    "merge_branches",
    "preview",
    "read_bytes",
    "read_inputs",
    "read_records",
    "rekey",
    "write_records",
]


class InputError(Exception):
    """An input or an argument that cannot be used; the message is for a person and names the input."""


# --- reading -----------------------------------------------------------------------------------------------------------


def choose_format(text: str, source: str, wanted: str | None = None) -> Format:
    """The format to read a text with: the one asked for, else the only one that recognises the text.

    Raises InputError when the name is unknown, when no format or more than one says "mine" (both are named).
    """
    known = formats.table()
    if wanted is not None:
        if wanted not in known:
            raise InputError(f"unknown format '{wanted}'; the formats are: {', '.join(known)}")
        if known[wanted].read is None and known[wanted].read_lines is None:
            readable = (name for name, each in known.items() if each.read or each.read_lines)
            raise InputError(f"format '{wanted}' can only be written; readable are: {', '.join(readable)}")
        return known[wanted]
    found = formats.recognise(text)
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(f"'{each.name}'" for each in found)
        raise InputError(f"{source}: could be {names}; say which with --from")
    raise InputError(f"{source}: not recognised as any format; say which with --from (see `bibtools formats`)")


def read_bytes(path: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises InputError with the reason the system gives."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def read_records(
    data: bytes | str, *, source: str = "<text>", from_: str | None = None, as_of: date | None = None
) -> Batch:
    """Records of one source in any format, normalised, with what was not understood. Raises InputError only.

    `from_` names the format, else it is recognised from the content. `as_of` is the day a page was taken (default today).
    """
    return _read(data, source, from_, as_of)[1]


def _read(data: bytes | str, source: str, from_: str | None, as_of: date | None) -> tuple[Format | None, Batch]:
    text, problems = _decoded(data, source)
    if not text.strip():
        note = Problem("empty: nothing to read", Origin(source), severity="warning")
        return None, Batch((), (*problems, note))
    chosen = choose_format(text, source, from_)
    options = ReadOptions(source=source, as_of=as_of)
    if chosen.read is not None:
        batch = chosen.read(text, options)
    else:
        assert chosen.read_lines is not None
        batch = collect(chosen.read_lines(text.splitlines(keepends=True), options))
    return chosen, Batch(tuple(normalise(each) for each in batch.records), (*problems, *batch.problems))


def _decoded(data: bytes | str, source: str) -> tuple[str, tuple[Problem, ...]]:
    if isinstance(data, str):
        return data, ()
    decoded = encoding.decode(data)
    if not decoded.problem:
        return decoded.text, ()
    return decoded.text, (Problem(decoded.problem, Origin(source), severity="warning"),)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Records of several sources, iterable as often as needed; large line-by-line sources are read anew each time.

    `failures` are the inputs that could not be read at all; the others were.
    """

    parts: tuple[Batch | _Lines, ...]
    failures: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Record | Problem]:
        for part in self.parts:
            if isinstance(part, Batch):
                yield from part.records
                yield from part.problems
            else:
                yield from part

    def records(self) -> Iterator[Record]:
        return (each for each in self if isinstance(each, Record))

    def problems(self) -> Iterator[Problem]:
        return (each for each in self if isinstance(each, Problem))

    def batch(self) -> Batch:
        return collect(self)


@dataclass(frozen=True, slots=True)
class _Lines:
    path: str
    format: Format
    as_of: date | None

    def __iter__(self) -> Iterator[Record | Problem]:
        assert self.format.read_lines is not None
        with Path(self.path).open(encoding="utf-8", errors="replace", newline="\n") as lines:
            for each in self.format.read_lines(lines, ReadOptions(source=self.path, as_of=self.as_of)):
                yield normalise(each) if isinstance(each, Record) else each


STREAM_FROM = 8 << 20  # bytes; below it a file is simply read


def read_inputs(paths: Sequence[str], *, from_: str | None = None, as_of: date | None = None) -> Inputs:
    """Every input that can be read, and a message for each that cannot: one unreadable input never hides the others."""
    parts: list[Batch | _Lines] = []
    failures: list[str] = []
    for path in paths:
        try:
            parts.append(
                _stream(path, from_, as_of) or read_records(_whole(path), source=path, from_=from_, as_of=as_of)
            )
        except InputError as error:
            failures.append(str(error))
    return Inputs(tuple(parts), tuple(failures))


def _whole(path: str) -> bytes:
    return read_bytes(path)


def _stream(path: str, from_: str | None, as_of: date | None) -> _Lines | None:
    """A source to be read line by line: a large regular file, UTF-8, in a format of one record a line."""
    if path == "-" or not Path(path).is_file() or Path(path).stat().st_size < STREAM_FROM:
        return None
    try:
        with Path(path).open("rb") as file:
            head = file.read(65536)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    chosen = choose_format(text, path, from_)
    return _Lines(path, chosen, as_of) if chosen.read_lines is not None else None


# --- writing -----------------------------------------------------------------------------------------------------------


def write_records(records: Iterable[Record], to: str = "bibtex", *, ascii: bool = False) -> Iterator[str]:  # noqa: A002
    """Pieces of text that joined are a file in the format; the records keep the ids they have."""
    known = formats.table()
    if to not in known or known[to].write is None:
        writable = ", ".join(name for name, each in known.items() if each.write)
        raise InputError(f"cannot write format '{to}'; writable are: {writable}")
    write = known[to].write
    assert write is not None
    return write(records, WriteOptions(ascii=ascii))


@dataclass(frozen=True, slots=True)
class Conversion:
    """What `convert` gives: `text` in pieces (to be consumed once), and what the person should know."""

    text: Iterator[str]
    keys: tuple[str, ...]
    incomplete: tuple[Record, ...]
    problems: tuple[Problem, ...]
    losses: tuple[
        tuple[str, tuple[str, ...]], ...
    ]  # key, fields that the format cannot carry; when they were asked for


def convert(
    inputs: Inputs | Batch,
    to: str = "bibtex",
    *,
    key_style: str | None = None,
    ascii: bool = False,  # noqa: A002
    losses: bool = False,
) -> Conversion:
    """Records to one bibliography. Records that came with a usable key keep it unless a key style is asked for.

    A record that says nothing to cite it by is not written but handed back in `incomplete` (`records` carries even those).

    The keys are known only when all records have been seen, and the records may be too many to hold: so each is written
    under a stand-in for its key into a spool (on disk when it is large), and the spool is read with the keys put in.
    """
    source = inputs if isinstance(inputs, Inputs) else Inputs((inputs,))
    carried = formats.table()[to].losses if losses and to in formats.table() else None
    naming = _naming(key_style)
    stand_in = f"bibtools-{secrets.token_hex(8)}-"
    problems: list[Problem] = []
    apart: list[Record] = []
    lost: list[tuple[int, tuple[str, ...]]] = []

    def named() -> Iterator[Record]:
        for each in source:
            if isinstance(each, Problem):
                problems.append(each)
            elif to != "records" and incomplete(each):
                apart.append(each)
                problems.append(Problem("no title, author or identifier: not written", each.origin, "warning"))
            else:
                place = naming.see(each)
                record = replace(each, id=f"{stand_in}{place:x}z")
                if carried and (fields := carried(record)):
                    lost.append((place, fields))
                yield record

    spool = tempfile.SpooledTemporaryFile(  # noqa: SIM115  closed by `_with_keys` when it has been read
        8 << 20, "w+", encoding="utf-8", errors="surrogatepass", newline=""
    )
    spool.writelines(write_records(named(), to, ascii=ascii))
    given = naming.settled()
    told = tuple((given[place], fields) for place, fields in lost)
    return Conversion(_with_keys(spool, stand_in, given), given, tuple(apart), tuple(problems), told)


def _with_keys(spool: IO[str], stand_in: str, given: Sequence[str]) -> Iterator[str]:
    pattern = re.compile(stand_in + "([0-9a-f]+)z")
    with spool:
        spool.seek(0)
        while lines := spool.readlines(1 << 20):
            yield pattern.sub(lambda found: given[int(found[1], 16)], "".join(lines))


# What BibTeX, biber and \\cite take as a key; an address (the id of a CSL-JSON export) is not meant as one.
_KEY = re.compile(r"[^\s,{}\\\"#%~()=]+\Z")


@dataclass(slots=True)
class _Naming:
    """Keys for a stream of records: `see` each one, then ask for all."""

    make: Callable[[Record], str]
    keep: bool  # whether a record's own key stays
    used: set[str]  # folded
    own: list[str] = field(default_factory=list)  # "" where a key has to be made
    wanted: list[tuple[str, keys.Rank]] = field(default_factory=list)

    def see(self, record: Record) -> int:
        """Take note of a record; returns its place."""
        own = record.id if self.keep and _KEY.match(record.id) and "://" not in record.id else ""
        if own and own.casefold() not in self.used:
            self.used.add(own.casefold())
            self.own.append(own)
        else:
            self.own.append("")
            self.wanted.append((self.make(record) or "unknown", keys.rank(record)))
        return len(self.own) - 1

    def settled(self) -> tuple[str, ...]:
        made = iter(keys.settle(self.wanted, self.used))
        return tuple(own or next(made) for own in self.own)


def _naming(key_style: str | None, taken: Collection[str] = ()) -> _Naming:
    try:
        make = keys.maker(key_style or "arxiv")
    except ValueError as error:
        raise InputError(str(error)) from error
    return _Naming(make, key_style is None, {each.casefold() for each in taken})


def assign_keys(
    records: Iterable[Record], key_style: str | None = None, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """A key for each record, in order, unlike one another and unlike the taken ones; a usable key that a record has stays.

    Records with the same key of their own (two files cite different papers as `smith`) keep the first and re-key the rest.
    Raises InputError for a key style that does not exist.
    """
    naming = _naming(key_style, taken)
    for record in records:
        naming.see(record)
    return naming.settled()


# --- checking ----------------------------------------------------------------------------------------------------------


def check(
    data: bytes,
    *,
    source: str = "<text>",
    off: Collection[str] = (),
    only: Collection[str] = (),
    duplicates: bool = True,
) -> tuple[checks.Finding, ...]:
    """What is wrong with a .bib, in the order of the file; `duplicates` asks the matcher too."""
    document = bibfile.parse(data, source)
    asked = {"duplicate", "possible-duplicate", "published-twin"} & (set(only) or {"duplicate"} - set(off))
    if not duplicates or not asked:
        return checks.run(checks.Subject(source, document), off, only)
    records = bibtex.records(document, source).records
    verdicts = match.pairs(records)
    return checks.run(checks.Subject(source, document, records, verdicts), off, only)


def check_fix(path: str, *, off: Collection[str] = (), only: Collection[str] = ()) -> int:
    """Mend in place what `check` can mend safely; returns how many findings were mended. The last state can be undone."""
    try:
        snapshot = storage.read(path)
        document = bibfile.parse(snapshot.data, path)
        mended = 0
        for _ in range(4):  # a mended value may show another fault, e.g. a DOI with a prefix and with escapes
            findings = checks.run(checks.Subject(path, document), off, only)
            edits = {
                (each.fix[0].index, type(each.fix[0]), getattr(each.fix[0], "name", "")): each.fix
                for each in findings
                if each.fix
            }
            if not edits:
                break
            document = document.edit([edit for fix in edits.values() for edit in fix])
            mended += len(edits)
        if mended:
            storage.write(snapshot, document.to_bytes())
    except (OSError, storage.StorageError) as error:
        raise InputError(str(error)) from error
    return mended


# --- merging -----------------------------------------------------------------------------------------------------------


class Quit(Exception):  # noqa: N818
    """Raised by a question's answerer to stop asking: what was answered is remembered, nothing is merged."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer about two records; None leaves it open. `fields` are fields picked from "left" or "right"."""

    answer: Answer | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


Ask = Callable[[Record, Record, Verdict], Reply]
RECORD_FIELDS = frozenset(each.name for each in fields(Record)) - {"origin", "id"}


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


def merge(
    target: bytes | str,
    sources: Iterable[Batch | Record | bytes | str],
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
) -> MergeResult:
    """Records of any sources into a .bib: what the file would be, byte for byte, and the plan of what changes and why.

    `target` is the file's content (empty for a new one); a source is a text in any format, records or a batch of them.
    `cited` are the keys that documents cite, `memory` the text of the remembered verdicts, `ask` is asked where unsure.
    """
    document = _bibliography(target, source)
    batch = sum((_as_batch(each) for each in sources), Batch())
    held = _remembered(memory)
    spoken_of = (each.key for said in held.said for each in (said.left, said.right))
    places = nearby.entries_near(document, batch.records, spoken_of)
    chosen = (document.entries[place] for place in places)
    entries = tuple(entry_records(document, source, (each for each in chosen if each.type != "xdata")))
    pool = [*(normalise(each) for each in entries), *batch.records]
    verdicts = _linked(pool, len(entries))
    verdicts, held, stopped = _judged(pool, verdicts, held, ask, len(entries))
    options = _options(versions, on_ambiguous, prefer, prefer_fields, key_style, pool, held, document, cited)
    plan = merging.plan(
        pool[: len(entries)],
        batch.records,
        verdicts,
        match.clusters(pool, verdicts),
        options,
        batch.problems,
        written=entries,
    )
    data, plan = _written(document, plan, WriteOptions(ascii=ascii))
    known = {found[2] for found in document.layout.entries}
    return MergeResult(
        plan, data, document.to_bytes(), {old: new for old, new in plan.keys if old not in known}, held, stopped
    )


def dedupe(
    data: bytes | str,
    *,
    source: str = "<target>",
    versions: str = "upgrade",
    prefer: str = "target",
    memory: str = "",
    ask: Ask | None = None,
) -> MergeResult:
    """The duplicates within a .bib made one: the file as it would be, and the plan. Other keys stay citable by `ids`."""
    document = _bibliography(data, source)
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


def _bibliography(data: bytes | str, source: str) -> bibfile.Document:
    """The document to merge into. Raises InputError for a text that is something else."""
    document = bibfile.parse(data, source)
    if not document.entries and document.text.strip():
        found = [each.name for each in formats.recognise(document.text) if each.name not in ("bibtex", "biblatex")]
        if found:
            raise InputError(
                f"{source}: is '{found[0]}', not a .bib; convert it first, or name a new .bib as the target"
            )
        if "\0" in document.text:
            raise InputError(f"{source}: is not a text file")
    return document


def _as_batch(source: Batch | Record | bytes | str) -> Batch:
    if isinstance(source, Batch):
        return source
    return Batch((source,)) if isinstance(source, Record) else read_records(source)


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
        assign=lambda records, used: assign_keys(records, key_style, used),
        taken=_keys(document),
        cited=frozenset(cited),
    )


def _keys(document: bibfile.Document) -> set[str]:
    """Every key that can be cited: of an entry, or another name of one."""
    return {found[2] for found in document.layout.entries} | _listed(document, ("ids",))


def _referred(document: bibfile.Document) -> set[str]:
    """Keys that entries of the file refer to: an entry with such a key cannot go without breaking its child."""
    return _listed(document, ("crossref", "xref", "xdata", "related", "entryset"))


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


# --- preview -----------------------------------------------------------------------------------------------------------

LINKS = frozenset(("crossref", "xref", "xdata", "ids", "related"))  # what a Record has inherited already


def preview(records: Iterable[Record], style: str = "plain", to: str = "text") -> str:
    """The bibliography as a style prints it, as "text", an "html" page or "markdown". Raises preview.PreviewError.

    `style` is a .bst or .csl file, or a name that TeX or citeproc-py knows. Keys do not matter: they may be missing or repeated.
    """
    chosen = previews.find_style(style)
    if chosen.engine == "csl":
        return previews.render(previews.print_csl([csljson.to_csl(each) for each in records], chosen), to)
    keyed = (
        replace(each, id=f"r{number}", extra=tuple(pair for pair in each.extra if pair[0] not in LINKS))
        for number, each in enumerate(records)
    )
    return previews.render(
        previews.print_bibtex("".join(bibtex.write(keyed, WriteOptions(), dialect="bibtex")), chosen), to
    )


# --- new keys ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """`changed` maps old keys to new; `names` maps every key and alias that a document may cite, changed or not."""

    document: bibfile.Document
    changed: Mapping[str, str]
    names: Mapping[str, str]


KEPT_KEYS = frozenset(("xdata", "set", "control", "ieeetranbstctl", "mpcontrol"))  # named in styles and preambles


def rekey(document: bibfile.Document, key_style: str = "arxiv", *, keep_ids: bool = True) -> Rekeyed:
    """The document with a key of the style for every entry that says enough for one, and all that refers to it inside the file.

    A second time changes nothing. Raises ValueError for an unknown style, EditError where a key cannot be written.
    """
    keys.maker(key_style)
    found: dict[int, Record] = {}
    for record in bibtex.records(document, document.source).records:
        plain = replace(record, id="", extra=tuple(pair for pair in record.extra if pair[0] not in KEY_FIELDS))
        if document.entries[record.origin.index].type not in KEPT_KEYS and not incomplete(plain):
            found.setdefault(record.origin.index, normalise(plain))
    given = [entry.key for entry in document.entries]
    taken = [key for index, key in enumerate(given) if index not in found]
    for index, key in zip(found, keys.assign(found.values(), key_style, taken), strict=True):
        given[index] = key
    renaming = citations.rename(document, given, keep_ids=keep_ids)
    return Rekeyed(document.edit(renaming.edits), renaming.changed, renaming.names)


KEY_FIELDS = frozenset(("ids", *citations.REFERENCES))
