"""The work behind the commands: connect, read the files, run, and hand back what became of every record."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx2

from bibtools import __version__, api, bibfile, storage
from bibtools.bibfile.companions import NONE, Companions
from bibtools.formats import bibtex
from bibtools.formats.bibtex import editing
from bibtools.normalise import normalise
from bibtools.record import Problem, Record, incomplete
from zotero_bridge import apikey, groups, local, sync, web
from zotero_bridge import pull as pulling
from zotero_bridge.backend import Access, Backend, Progress
from zotero_bridge.children import NONE as NO_CHILDREN
from zotero_bridge.children import splitter
from zotero_bridge.client import Client, RefusedError, ZoteroError
from zotero_bridge.groups import Tree
from zotero_bridge.index import Library
from zotero_bridge.run import Outcome, Run
from zotero_bridge.state import State, default_directory
from zotero_bridge.sync import Options, Wanted

__all__ = ["Files", "Result", "Settings", "Status", "both_ways", "connect", "pull", "push", "read_files", "status"]

# How a .bib is written: what was read, what it is to be, citation keys that documents may cite, old and new keys.
Write = Callable[[storage.Snapshot, bytes, Mapping[str, str], Mapping[str, str]], None]
MOST_TOLD = 20
DONE = {"created": "unchanged", "updated": "unchanged", "pulled": "unchanged", "added": "unchanged"}  # when run again


@dataclass(frozen=True, slots=True)
class Settings:
    library: str = "user"  # "user", "user:ID" or "group:ID"
    backend: str = "web"
    api_base: str = ""
    key_file: Path | None = None
    state: Path | None = None
    collections: tuple[str, ...] = ()  # paths
    collections_from: str = ""  # the field that names further collections of a record
    recursive: bool = False  # a collection is also what is below it, when pulling
    timeout: float = 60.0
    dry: bool = False
    delete: bool = False
    options: Options = field(default_factory=Options)
    rekey: bool = (
        False  # citation keys of Zotero go into classic BibTeX too, where the old ones do not go on by themselves
    )
    companions: Companions = NONE  # what the .bib files are read with
    upload: bool = False  # send files to Zotero's storage instead of linking them
    notes: bool | None = None  # annotations are child notes; ``None``: as the last time
    note_fields: tuple[str, ...] = ()  # further fields that are
    tell: Callable[[str], None] | None = None  # is given a line before each longer pause


@dataclass(frozen=True, slots=True)
class Files:
    """Records by the absolute path of their file, the digest of each file, and what could not be read."""

    records: Mapping[str, tuple[Record, ...]]
    digests: Mapping[str, str]
    trees: Mapping[str, Tree] = field(default_factory=dict)  # JabRef's groups
    problems: tuple[Problem, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of every record; `refused` says why nothing may be written, where a dry run has found out."""

    outcomes: tuple[Outcome, ...]
    library: str
    server: str
    notes: tuple[str, ...] = ()
    refused: str = ""
    data: bytes = b""  # of a pull: what the file is, or would be
    names: Mapping[str, str] = field(default_factory=dict)  # citation keys that a document may cite -> those of now
    changed_keys: Mapping[str, str] = field(default_factory=dict)
    version: int = 0  # of the library, as far as it is known


def read_files(
    paths: Sequence[str], from_: str | None = None, as_of: date | None = None, companions: Companions = NONE
) -> Files:
    """The records of files in any format; those without a citation key get one."""
    found: dict[str, tuple[Record, ...]] = {}
    digests: dict[str, str] = {}
    trees: dict[str, Tree] = {}
    problems: list[Problem] = []
    failures: list[str] = []
    for path in paths:
        source = os.path.realpath(path) if path != "-" else "-"
        if source in found:
            continue
        try:
            data = api.read_bytes(path)
            batch = api.read_records(data, source=path, from_=from_, as_of=as_of, companions=companions)
        except api.InputError as error:
            failures.append(str(error))
            continue
        problems += batch.problems
        found[source] = _named(batch.records)
        digests[source] = _digest(data)
        trees[source] = groups.tree(data.decode("utf-8", "replace"))
    return Files(found, digests, trees, tuple(problems), tuple(failures))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _named(records: Sequence[Record]) -> tuple[Record, ...]:
    nameless = [each for each in records if not each.id and not incomplete(each)]
    taken = {each.id for each in records if each.id}
    keys = iter(api.assign_keys(nameless, None, taken=taken)) if nameless else iter(())
    return tuple(each if each.id or incomplete(each) else replace(each, id=next(keys)) for each in records)


def _wanted(
    run: Run, settings: Settings, records: Sequence[Record], source: str, collections: Sequence[str], tree: Tree
) -> tuple[list[Wanted], list[Outcome]]:
    """What to push, and the records that say nothing to cite them by."""
    whole = [each for each in records if not incomplete(each)]
    apart = [Outcome(source, each.id, "incomplete", why=str(each.origin)) for each in records if incomplete(each)]
    personal = run.backend.library.startswith("user")
    split = splitter(
        _folder(source),
        linked=personal,
        upload=settings.upload and run.backend.chooses_keys,
        note_fields=_note_fields(run, settings),
    )

    def within(record: Record) -> Sequence[str]:
        named = groups.paths(record, settings.collections_from, tree) if settings.collections_from else ()
        return tuple(dict.fromkeys((*collections, *map(run.nested_collection, named))))

    return sync.wanted(whole, source, run.schema, within, split), apart


def _folder(source: str) -> str:
    """Where the paths of a file begin."""
    return str(Path(source).parent if source != "-" else Path.cwd())


def _note_fields(run: Run, settings: Settings) -> tuple[str, ...]:
    """The fields that are child notes. Once they were, they stay so: else they would go to Extra beside the notes."""
    asked = [*(("annote", "annotation") if settings.notes else ()), *settings.note_fields]
    if settings.notes is None:
        asked = [*run.state.fact("notes").split(), *asked]
    fields = tuple(dict.fromkeys(asked))
    run.state.set_fact("notes", " ".join(fields))
    return fields


def _with_children(run: Run, settings: Settings) -> None:
    run.children = frozenset(("attachment", "note") if _note_fields(run, settings) else ("attachment",))
    run.load_children()


def _told_of_files(wanted: Sequence[Wanted]) -> list[str]:
    """Files that lead nowhere, and files that a group cannot hold: told, never fatal."""
    lost = [f"{each.id}: the file {path!r} is not there" for each in wanted for path in each.belongings.missing]
    if len(lost) > MOST_TOLD:
        lost = [*lost[:MOST_TOLD], f"... and {len(lost) - MOST_TOLD:,} more files that are not there"]
    unheld = sum(len(each.belongings.unheld) for each in wanted)
    group = f"{unheld:,} files stay in Extra: a group cannot hold links to files of this computer; --upload sends them"
    return [*lost, *([group] if unheld else [])]


@contextmanager
def connect(
    settings: Settings, progress: Progress, transport: httpx2.BaseTransport | None = None, *, write: bool = True
) -> Iterator[tuple[Run, Access]]:
    """A run on the library, permissions checked first, the library read. The state is locked until the end."""
    key = apikey.read(settings.key_file if _has_key(settings) else None, os.environ)
    base = settings.api_base or (local.DEFAULT_BASE if settings.backend == "local" else web.DEFAULT_BASE)
    with Client(base, key, transport=transport, timeout=settings.timeout, tell=settings.tell) as client:
        backend = _backend(client, settings)
        access = backend.access()
        if not access.read or (write and not settings.dry and not access.write):
            raise RefusedError(f"library {backend.library}: nothing was written, {access.why}", 403)
        with State(settings.state or default_directory(), backend.server, backend.library) as state:
            run = Run(backend, state, settings.options, settings.dry, progress)
            run.prepare()
            with state.rehearsal() if settings.dry else nullcontext():
                yield run, access


def _has_key(settings: Settings) -> bool:
    """A key file that a local Zotero is to fill need not be there yet."""
    return bool(settings.key_file and (settings.backend == "web" or settings.key_file.exists()))


def _backend(client: Client, settings: Settings) -> Backend:
    if settings.backend == "web":
        if not client.key:
            raise ZoteroError(
                f"no API key: set {apikey.VARIABLE} or give --key-file (zotero.org/settings/keys makes one)"
            )
        return web.Web(client, settings.library)
    file = settings.key_file

    def remember(key: str) -> None:
        if file:
            apikey.keep(file, key)

    return local.Local(client, settings.library, remember)


def _result(run: Run, access: Access, outcomes: Sequence[Outcome], **more: object) -> Result:
    made = "would be made" if run.dry else "made"
    notes = (*(f"collection '{path}' {made}" for path in dict.fromkeys(run.made)), *run.notes)
    refused = "" if access.write else f"library {run.backend.library}: nothing can be written, {access.why}"
    more["version"] = max(run.state.version, run.written)
    return Result(tuple(outcomes), run.backend.library, run.backend.server, notes, refused, **more)  # type: ignore[arg-type]


# --- what was done before ----------------------------------------------------------------------------------------------


def _print(command: str, run: Run, settings: Settings, digests: Mapping[str, str]) -> str:
    """What a run's outcome depends on: when it is the same as at the last run's end, there is nothing to do."""
    options = (
        settings.collections,
        settings.collections_from,
        settings.recursive,
        settings.delete,
        settings.rekey,
        settings.notes,
        repr(settings.options),
    )
    beside = [_digest(document.to_bytes()) for document in settings.companions.documents]
    parts = (beside, __version__, command, run.state.version, run.schema.version, sorted(digests.items()), options)
    return _digest(json.dumps(parts).encode())


def _done_before(command: str, run: Run, settings: Settings, digests: Mapping[str, str]) -> list[Outcome] | None:
    """The outcomes of the last run when neither the files nor the library have changed since; else ``None``."""
    found = json.loads(run.state.fact(_fact(command, digests)) or "{}")
    if settings.upload or found.get("print") != _print(command, run, settings, digests) or run.state.intents():
        return None
    return [_outcome(row) for row in found["outcomes"]]


def _outcome(row: dict[str, Any]) -> Outcome:
    tables = {n: tuple(tuple(cells) for cells in row.get(n, ())) for n in ("fields", "conflicts", "kept", "left")}
    return Outcome(**{**row, **tables, "others": tuple(row.get("others", ()))})


def _remember_done(
    command: str, run: Run, settings: Settings, digests: Mapping[str, str], outcomes: Sequence[Outcome]
) -> None:
    told = {each.id for each in outcomes if each.verb in ("conflict", "rekeyed") or each.conflicts}
    unseen = command == "sync" and not run.state.unsettled(digests) <= told  # came while we wrote: for the next run
    if run.dry or unseen or any(each.verb == "failed" for each in outcomes):
        return
    later = list(dict.fromkeys(_once([_later(each) for each in outcomes if each.verb != "trash"])))
    always = ("source", "id", "verb")
    rows = [{name: value for name, value in asdict(each).items() if value or name in always} for each in later]
    text = json.dumps({"print": _print(command, run, settings, digests), "outcomes": rows})
    run.state.set_fact(_fact(command, digests), text)


def _fact(command: str, digests: Mapping[str, str]) -> str:
    return f"done {command} " + _digest("\n".join(sorted(digests)).encode())[:16]


def _later(outcome: Outcome) -> Outcome:
    """What will be said of a record when nothing has happened since."""
    verb = DONE.get(outcome.verb)
    return Outcome(outcome.source, outcome.id, verb, outcome.key, left=outcome.left) if verb else outcome


# --- to Zotero ---------------------------------------------------------------------------------------------------------


def push(files: Files, settings: Settings, progress: Progress, transport: httpx2.BaseTransport | None = None) -> Result:
    """Push; returns what became of every record."""
    with connect(settings, progress, transport) as (run, access):
        return _result(run, access, _pushed(run, files, settings))


def _pushed(run: Run, files: Files, settings: Settings) -> list[Outcome]:
    before = _done_before("push", run, settings, files.digests)
    if before is not None:
        return before
    collections = [run.collection(path) for path in settings.collections]
    wanted: list[Wanted] = []
    outcomes: list[Outcome] = []
    for source, records in files.records.items():
        found, apart = _wanted(run, settings, records, source, collections, files.trees.get(source, Tree()))
        wanted += found
        outcomes += apart
    if any(each.belongings is not NO_CHILDREN for each in wanted):
        _with_children(run, settings)
    run.notes += _told_of_files(wanted)
    outcomes += run.push(wanted, settings.delete)
    _remember_done("push", run, settings, files.digests, outcomes)
    return outcomes


@dataclass(frozen=True, slots=True)
class Status:
    access: Access
    server: str
    library: str
    schema: int
    items: int
    linked: int
    unfinished: int  # creations announced by a run that was interrupted
    would: Result | None


def status(
    files: Files, settings: Settings, progress: Progress, transport: httpx2.BaseTransport | None = None
) -> Status:
    """Who we are, what we may, and what a push would do; writes nothing."""
    with connect(replace(settings, dry=True), progress, transport, write=False) as (run, access):
        counts = len(run.state.keys()), len(run.state.links()), len(run.state.intents())
        would = _result(run, access, _pushed(run, files, settings)) if files.records else None
        return Status(access, run.backend.server, run.backend.library, run.schema.version, *counts, would)


# --- into a .bib -------------------------------------------------------------------------------------------------------


class _Page:
    """A .bib as it is at the moment: its records as written, and what of them is to be pushed."""

    def __init__(self, run: Run, settings: Settings, data: bytes, source: str, collections: Sequence[str]) -> None:
        self.data, self.collections = data, collections
        document = bibfile.parse(data, source, settings.companions)
        batch = bibtex.records(document, source)
        self.dialect = editing.dialect(document)
        named = _named([normalise(each) for each in batch.records])
        self.wanted, self.incomplete = _wanted(run, settings, named, source, collections, groups.tree(document.text))
        as_written = {each.origin.index: each for each in batch.records}
        self.records = [as_written[each.record.origin.index] for each in self.wanted]
        self.by_id = {each.id: each for each in self.wanted}
        self.digests = {each.id: each.digest for each in self.wanted}


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a .bib took from Zotero."""

    page: _Page
    outcomes: tuple[Outcome, ...]
    renamed: pulling.Renamed


def _take(
    run: Run, page: _Page, source: str, settings: Settings, collections: set[str], decide: pulling.Decide, again: bool
) -> _Taken:
    """What Zotero has new into a page, and into what is remembered; nothing is written to the disk."""
    state, options = run.state, settings.options
    run.follow_moved(page.wanted)
    _with_children(run, settings)
    library = run.library()
    links = [link for link in state.links() if link.source == source]
    rekey = settings.rekey or page.dialect == "biblatex"
    changes = pulling.known_changes(page.records, page.wanted, library, links, decide, rekey, _folder(source))
    own = page.collections

    def turned(data: bytes) -> _Page:
        return page if data == page.data else _Page(run, settings, data, source, own)

    page = turned(pulling.written(page.data, source, changes, settings.companions))
    renamed = pulling.renamed(page.data, source, changes, settings.companions)
    page = turned(renamed.data)
    by_id = {link.id: link for link in links}
    with state.transaction():
        for change in changes:
            if change.names or change.dismissed:
                state.drop_link(by_id[change.id])
                now = page.by_id[change.new_id or change.id]
                state.put_link(pulling.linked(now, by_id[change.id], library, change))
    links = [link for link in state.links() if link.source == source]
    keys, apart = pulling.to_pull(library, links, page.digests, collections, state.judged(), source, again=again)
    how = {"prefer": options.prefer, "on_unsure": options.on_unsure, "versions": options.versions}
    how["companions"] = settings.companions
    merged = pulling.merge_new(page.data, source, library, keys, page.digests, **how)  # type: ignore[arg-type]
    page = turned(merged.data)
    added = {each.key for each in merged.outcomes if each.verb == "added"}
    linked = {link.id for link in links if library.current(link.key)}
    with state.transaction():
        for judged in merged.left:
            state.put_judged(judged)
        for key, name in merged.placed.items():
            if name in page.by_id and name not in linked:
                linked.add(name)
                state.put_link(pulling.first_link(page.by_id[name], library, key, key in added))
                state.drop_judged(source, name)
    run.notes += _not_in_the_file(run, library, collections)
    return _Taken(page, (*_pulled(changes, source), *merged.outcomes, *apart), renamed)


def _not_in_the_file(run: Run, library: Library, collections: set[str]) -> list[str]:
    """How many notes and attachments of the items concerned a .bib does not hold."""
    notes = attachments = 0
    for key, below in run.state.children().items():
        within = not collections or collections & set(library.items.get(key, {}).get("collections") or ())
        for child in below if library.alive(key) and within else ():
            if not child.get("deleted"):
                notes += child.get("itemType") == "note" and "note" not in (run.children or ())
                said = child.get("linkMode") == "linked_file" or child.get("url", "") == library.items[key].get("url")
                attachments += child.get("itemType") == "attachment" and not said
    counts = [f"{count:,} {name}" for count, name in ((notes, "notes"), (attachments, "attachments")) if count]
    return [f"{', '.join(counts)} are not in the .bib"] if counts else []


def pull(
    path: str,
    settings: Settings,
    progress: Progress,
    decide: pulling.Decide = lambda name, conflict: "",
    transport: httpx2.BaseTransport | None = None,
    write: Write | None = None,
) -> Result:
    """Items of a library into a .bib; nothing is written to Zotero."""
    settings = replace(settings, collections_from="")  # which would make collections
    snapshot = storage.read(path, missing=True)
    source = os.path.realpath(path)
    with connect(settings, progress, transport, write=False) as (run, access):
        collections = _found_collections(run, settings)
        with run.state.rehearsal() if path == "-" and not settings.dry else nullcontext():
            page = _Page(run, settings, snapshot.data, source, ())
            taken = _take(run, page, source, settings, collections, decide, again=True)
            if not settings.dry and path != "-":
                (write or _alone)(snapshot, taken.page.data, taken.renamed.names, taken.renamed.changed)
        return replace(_pull_result(run, access, taken), refused="")


def _found_collections(run: Run, settings: Settings) -> set[str]:
    found = (run.find_collection(path, recursive=settings.recursive) for path in settings.collections)
    return set().union(*found)


def _alone(snapshot: storage.Snapshot, data: bytes, names: Mapping[str, str], changed: Mapping[str, str]) -> None:
    storage.write(snapshot, data)


def _pull_result(run: Run, access: Access, taken: _Taken, more: Sequence[Outcome] = ()) -> Result:
    renamed = taken.renamed
    return _result(
        run,
        access,
        _once((*taken.outcomes, *more)),
        data=taken.page.data,
        names=renamed.names,
        changed_keys=renamed.changed,
    )


def library_version(library: str, settings: Settings, since: int, transport: httpx2.BaseTransport | None = None) -> int:
    """The version of a library by one request; for who has synced with it a while ago, and may therefore ask."""
    key = apikey.read(settings.key_file if _has_key(settings) else None, os.environ)
    base = settings.api_base or (local.DEFAULT_BASE if settings.backend == "local" else web.DEFAULT_BASE)
    with Client(base, key, transport=transport, timeout=settings.timeout, tell=settings.tell, attempts=3) as client:
        return _backend(client, replace(settings, library=library)).version(since)


def both_ways(
    path: str,
    settings: Settings,
    progress: Progress,
    decide: pulling.Decide = lambda name, conflict: "",
    transport: httpx2.BaseTransport | None = None,
    write: Write | None = None,
) -> Result:
    """First what Zotero has new goes into the file, then what the file has new goes to Zotero."""
    source = os.path.realpath(path)
    with connect(settings, progress, transport) as (run, access):
        snapshot = storage.read(path)
        before = _done_before("sync", run, settings, {source: _digest(snapshot.data)})
        if before is not None:
            return _result(run, access, before)
        collections = [run.collection(each) for each in settings.collections]
        within = set(collections)
        page = _Page(run, settings, snapshot.data, source, collections)
        taken = _take(run, page, source, settings, within, decide, again=False)
        page = taken.page
        if not settings.dry:
            (write or _alone)(snapshot, taken.page.data, taken.renamed.names, taken.renamed.changed)
        pushed = run.push(page.wanted, settings.delete)
        outcomes = _once((*taken.outcomes, *page.incomplete, *pushed))
        _remember_done("sync", run, settings, {source: _digest(page.data)}, outcomes)
        return replace(_pull_result(run, access, taken), outcomes=tuple(outcomes))


def _pulled(changes: Sequence[pulling.FileChange], source: str) -> list[Outcome]:
    found = []
    for change in changes:
        fields = [(each.field, sync.said(each.old), sync.said(each.new)) for each in change.changes]
        if change.new_id:
            fields.insert(0, ("citationKey", change.id, change.new_id))
        if fields:
            found.append(Outcome(source, change.new_id or change.id, "pulled", change.key, fields=tuple(fields)))
        if change.why:
            found.append(Outcome(source, change.id, "rekeyed", change.key, change.why))
    return found


def _once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Without the "unchanged" of a record of which something else is told."""
    told = {(each.source, each.id) for each in outcomes if each.verb != "unchanged"}
    return [each for each in outcomes if each.verb != "unchanged" or (each.source, each.id) not in told]
