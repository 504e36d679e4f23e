"""The work behind the commands: connect, read the files, run, and hand back what became of every record."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import httpx2

from bibtools import api, bibfile, storage
from bibtools.bibfile.companions import NONE, Companions
from bibtools.formats import bibtex
from bibtools.record import Problem, Record, incomplete
from zotero_bridge import apikey, local, sync, web
from zotero_bridge import pull as pulling
from zotero_bridge.backend import Access, Backend, Progress
from zotero_bridge.client import Client, RefusedError, ZoteroError
from zotero_bridge.index import Library
from zotero_bridge.run import Outcome, Run
from zotero_bridge.schema import Schema
from zotero_bridge.state import Link, State, default_directory
from zotero_bridge.sync import Options, Wanted

__all__ = ["Files", "Settings", "Status", "both_ways", "connect", "pull", "push", "read_files", "status", "to_wanted"]


@dataclass(frozen=True, slots=True)
class Settings:
    library: str = "user"  # "user", "user:ID" or "group:ID"
    backend: str = "web"
    api_base: str = ""
    key_file: Path | None = None
    state: Path | None = None
    collection: str = ""
    timeout: float = 60.0
    dry: bool = False
    options: Options = field(default_factory=Options)
    companions: Companions = NONE  # what the .bib files are read with


@dataclass(frozen=True, slots=True)
class Files:
    """Records by the absolute path of their file, and what could not be read."""

    records: Mapping[str, tuple[Record, ...]]
    problems: tuple[Problem, ...]
    failures: tuple[str, ...]


def read_files(
    paths: Sequence[str], from_: str | None = None, as_of: date | None = None, companions: Companions = NONE
) -> Files:
    """The records of files in any format; those without a citation key get one."""
    found: dict[str, tuple[Record, ...]] = {}
    problems: list[Problem] = []
    failures: list[str] = []
    for path in paths:
        read = api.read_inputs([path], from_=from_, as_of=as_of, companions=companions)
        batch = read.batch()
        failures += read.failures
        problems += batch.problems
        found[os.path.realpath(path) if path != "-" else "-"] = _named(batch.records)
    return Files(found, tuple(problems), tuple(failures))


def _named(records: Sequence[Record]) -> tuple[Record, ...]:
    nameless = [each for each in records if not each.id and not incomplete(each)]
    keys = (
        iter(api.assign_keys(nameless, None, taken={each.id for each in records if each.id})) if nameless else iter(())
    )
    return tuple(each if each.id or incomplete(each) else replace(each, id=next(keys)) for each in records)


def to_wanted(files: Files, schema: Schema, collection: str) -> tuple[list[Wanted], list[Outcome]]:
    """What to push, and the records that say nothing to cite them by."""
    found: list[Wanted] = []
    apart: list[Outcome] = []
    for source, records in files.records.items():
        found += sync.wanted([each for each in records if not incomplete(each)], source, schema, collection)
        apart += [Outcome(source, each.id, "incomplete", why=str(each.origin)) for each in records if incomplete(each)]
    return found, apart


@contextmanager
def connect(
    settings: Settings, progress: Progress, transport: httpx2.BaseTransport | None = None, *, write: bool = True
) -> Iterator[tuple[Run, Access]]:
    """A run on the library, permissions checked first. The state is locked until the end."""
    key = apikey.read(settings.key_file if _has_key(settings) else None, os.environ)
    base = settings.api_base or (local.DEFAULT_BASE if settings.backend == "local" else web.DEFAULT_BASE)
    with Client(base, key, transport=transport, timeout=settings.timeout) as client:
        backend = _backend(client, settings)
        access = backend.access()
        if not access.read or (write and not settings.dry and not access.write):
            raise RefusedError(f"library {backend.library}: nothing was written, {access.why}", 403)
        with State(settings.state or default_directory(), backend.server, backend.library) as state:
            yield Run(backend, state, settings.options, settings.dry, progress), access


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


def push(
    files: Files,
    settings: Settings,
    progress: Progress,
    *,
    delete: bool = False,
    transport: httpx2.BaseTransport | None = None,
) -> tuple[list[Outcome], str, str]:
    """Push; returns what became of every record, the library and the server."""
    with connect(settings, progress, transport) as (run, _):
        run.prepare()
        collection = run.collection(settings.collection) if settings.collection else ""
        wanted, apart = to_wanted(files, run.schema, collection)
        return apart + run.push(wanted, delete), run.backend.library, run.backend.server


@dataclass(frozen=True, slots=True)
class Status:
    access: Access
    server: str
    library: str
    schema: int
    items: int
    linked: int
    unfinished: int  # creations announced by a run that was interrupted
    outcomes: tuple[Outcome, ...]


def status(
    files: Files, settings: Settings, progress: Progress, transport: httpx2.BaseTransport | None = None
) -> Status:
    """Who we are, what we may, and what a push would do; writes nothing."""
    with connect(replace(settings, dry=True), progress, transport, write=False) as (run, access):
        run.prepare()
        collection = run.collection(settings.collection) if settings.collection else ""
        wanted, apart = to_wanted(files, run.schema, collection)
        outcomes = (*apart, *run.push(wanted)) if wanted else ()
        counts = len(run.state.keys()), len(run.state.links()), len(run.state.intents())
        return Status(access, run.backend.server, run.backend.library, run.schema.version, *counts, outcomes)


# --- into a .bib -------------------------------------------------------------------------------------------------------


def pull(
    path: str, settings: Settings, progress: Progress, transport: httpx2.BaseTransport | None = None
) -> tuple[list[Outcome], str, str, bytes]:
    """Items of a library into a .bib; returns also what the file is, or would be, afterwards."""
    snapshot = storage.read(path, missing=True)
    source = os.path.realpath(path)
    with connect(settings, progress, transport, write=False) as (run, _):
        run.prepare()
        collection = run.find_collection(settings.collection) if settings.collection else ""
        library, links = Library(run.state.items(), run.schema), _links(run, source)
        ids = frozenset(each.id for each in _wanted(snapshot.data, source, run.schema, settings.companions))
        keys, _ = pulling.to_pull(library, links, ids, collection, again=True)
        merged = _merge(snapshot.data, source, library, keys, settings)
        if not settings.dry and path != "-":
            storage.write(snapshot, merged.data)
            _link_placed(run, library, merged, source, settings.companions)
        return list(merged.outcomes), run.backend.library, run.backend.server, merged.data


def both_ways(
    path: str,
    settings: Settings,
    progress: Progress,
    decide: pulling.Decide,
    *,
    delete: bool = False,
    transport: httpx2.BaseTransport | None = None,
) -> tuple[list[Outcome], str, str]:
    """First what Zotero has new goes into the file, then what the file has new goes to Zotero."""
    source = os.path.realpath(path)
    with connect(settings, progress, transport) as (run, _):
        run.prepare()
        collection = run.collection(settings.collection) if settings.collection else ""
        snapshot = storage.read(path)
        changes, settled = _known(run, snapshot.data, source, decide, settings.companions)
        library, links = Library(run.state.items(), run.schema), _links(run, source)
        data = pulling.write_known(snapshot.data, source, changes, settings.companions)
        ids = frozenset(each.id for each in _wanted(data, source, run.schema, settings.companions))
        keys, apart = pulling.to_pull(library, links, ids, collection, again=False)
        merged = _merge(data, source, library, keys, settings)
        if not settings.dry:
            storage.write(snapshot, merged.data)
            _link_known(run, library, changes, merged.data, source, settings.companions)
            _link_placed(run, library, merged, source, settings.companions)
        run.options = replace(settings.options, ours_win=settled)
        wanted, incompletes = to_wanted(_files(merged.data, source, settings.companions), run.schema, collection)
        if settings.dry:  # what would be new in the file comes from Zotero: no need to plan its way back
            added = {each.id for each in merged.outcomes if each.verb == "added"}
            wanted = [each for each in wanted if each.id not in added]
        pushed = run.push(wanted, delete)
        found = [*_pulled(changes, source), *merged.outcomes, *apart, *incompletes, *pushed]
        return _once(found), run.backend.library, run.backend.server


def _files(data: bytes, source: str, companions: Companions) -> Files:
    batch = api.read_records(data, source=source, companions=companions)
    return Files({source: _named(batch.records)}, batch.problems, ())


def _wanted(data: bytes, source: str, schema: Schema, companions: Companions) -> list[Wanted]:
    return to_wanted(_files(data, source, companions), schema, "")[0] if data.strip() else []


def _links(run: Run, source: str) -> list[Link]:
    return [link for link in run.state.links() if link.source == source]


def _merge(data: bytes, source: str, library: Library, keys: Sequence[str], settings: Settings) -> pulling.Merged:
    options = settings.options
    return pulling.merge_new(
        data,
        source,
        library,
        keys,
        prefer=options.prefer,
        ambiguous=options.ambiguous,
        versions=options.versions,
        companions=settings.companions,
    )


def _known(
    run: Run, data: bytes, source: str, decide: pulling.Decide, companions: Companions
) -> tuple[list[pulling.FileChange], frozenset[str]]:
    """What known entries take from Zotero; the ids of those for which the file's side of a conflict was chosen."""
    library = Library(run.state.items(), run.schema)
    document = bibfile.parse(data, source, companions)
    standing = {each.origin.index: each for each in bibtex.records(document, source).records}
    wanted = [each for each in _wanted(data, source, run.schema, companions) if each.record.origin.index in standing]
    records = [standing[each.record.origin.index] for each in wanted]
    changes, settled = pulling.known_changes(records, wanted, library, _links(run, source), decide)
    return changes, frozenset(name for name, _ in settled)


def _link_known(
    run: Run,
    library: Library,
    changes: Sequence[pulling.FileChange],
    data: bytes,
    source: str,
    companions: Companions,
) -> None:
    now = {each.id: each for each in _wanted(data, source, run.schema, companions)}
    links = {link.id: link for link in _links(run, source)}
    with run.state.transaction():
        for change in changes:
            run.state.drop_link(links[change.id])
            run.state.put_link(pulling.linked(now[change.id], links[change.id], library, change.key, change.names))


def _link_placed(run: Run, library: Library, merged: pulling.Merged, source: str, companions: Companions) -> None:
    now = {each.id: each for each in _wanted(merged.data, source, run.schema, companions)}
    links = {link.id: link for link in _links(run, source)}
    with run.state.transaction():
        for key, name in merged.placed.items():
            if name in now and (name not in links or library.current(links[name].key) == key):
                run.state.put_link(pulling.first_link(now[name], library, key, links.get(name), run.schema))


def _pulled(changes: Sequence[pulling.FileChange], source: str) -> list[Outcome]:
    return [
        Outcome(
            source,
            change.id,
            "pulled",
            change.key,
            fields=tuple((each.field, str(each.old), str(each.new)) for each in change.changes),
        )
        for change in changes
        if change.changes
    ]


def _once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Without the "unchanged" of a record of which something else is told."""
    told = {(each.source, each.id) for each in outcomes if each.verb != "unchanged"}
    return [each for each in outcomes if each.verb != "unchanged" or (each.source, each.id) not in told]
