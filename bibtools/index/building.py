"""Build an index: records in, a generation on disk out.

Memory is bounded: tantivy writes a segment whenever its buffer is full, and of each record only an eight-byte number is
remembered, by which records that came twice are found at the end. Of two records of one work in one source the newest
stays, then the fuller one, whatever order they came in; so the same sources give the same answers.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from bibtools.index import coverage, generations, stored, terms
from bibtools.index.coverage import Scope
from bibtools.index.generations import Declared, IndexFolderError, Manifest, Source
from bibtools.index.stored import Stored
from bibtools.record import Problem, Record

__all__ = ["Feed", "build", "schema", "update"]

MEMORY = 256_000_000  # bytes of tantivy's buffer: two segments for three million records, and 450 MB for the process
LITTLE = 20_000_000  # bytes of the buffer of an index in memory, of which tantivy wants 15 million at least
COPIES = 1000  # of one work in one source, at most
SHRUNK = 0.5  # a source that has less than this share of the records it had is probably cut off


@dataclass(frozen=True, slots=True)
class Feed:
    """One input: records and problems, as they come.

    Feeds of one ``source.name`` are one source. Where ``identity`` is given it tells by which identifier (kind and value)
    the source knows a record, ``None`` where it has none: of several records with one identity the newest stays, and an
    update adds to the source. Without it an update replaces the source. The iterable may raise IndexFolderError when the
    input turns out to be cut off.
    """

    source: Source
    records: Iterable[Record | Problem]
    identity: Callable[[Record], tuple[str, str] | None] | None = None
    complete: tuple[Scope, ...] = ()  # what the feeds of this run that have the same scope together hold everything of


def schema() -> Any:
    """Terms are not stored, positions not kept: a document is its words, its keys, its source, and the record in bytes."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="basic")
    builder.add_unsigned_field("key", indexed=True)
    builder.add_unsigned_field("source", indexed=True)
    builder.add_bytes_field("record", stored=True)
    return builder.build()


def open_engine(folder: Path | None, made: Any = None) -> Any:
    """tantivy's index in a folder; with a schema a new one, in memory where there is no folder."""
    if folder is None:
        engine = tantivy.Index(made)
    else:
        engine = tantivy.Index(made, path=str(folder)) if made is not None else tantivy.Index.open(str(folder))
    engine.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return engine


def build(
    folder: Path,
    name: str,
    feeds: Iterable[Feed],
    *,
    since: int | None = None,
    force: bool = False,
) -> Manifest:
    """A new index from these inputs and nothing else. Raises IndexFolderError, and the old index stays, when an input is
    empty or has shrunk by half since the last build (unless ``force``)."""
    before = _manifest(folder, name)
    with (
        generations.building(folder, name) as generation,
        _faults(folder / name),
        _writing(open_engine(generation, schema()), since) as writing,
    ):
        writing.take(feeds)
        return writing.finish(generation, before.sources if before else (), force)


def update(
    folder: Path,
    name: str,
    feeds: Iterable[Feed],
    *,
    force: bool = False,
) -> Manifest:
    """The index with these inputs added or renewed: a file that it was built from before is read anew, and records that
    have an identity replace those of the same identity. Everything else stays."""
    with generations.building(folder, name) as generation, _faults(folder / name):
        old = generations.current(folder, name)
        if old is None:
            raise IndexFolderError(f"{folder / name}: no index to update; make it with `bibtools index build`")
        before = generations.read_manifest(old)
        _copy(old, generation)
        with _writing(open_engine(generation), before.since, before.sources) as writing:
            writing.take(feeds)
            return writing.finish(generation, before.sources, force, before.complete)


@contextmanager
def _writing(engine: Any, since: int | None, known: Sequence[Source] = ()) -> Iterator[_Writing]:
    """Ends the engine's threads, which would go on writing into a folder that is about to be removed."""
    writing = _Writing(engine, since, known)
    try:
        yield writing
    except BaseException:
        with suppress(ValueError):
            writing.writer.rollback()
            writing.writer.wait_merging_threads()
        raise


@contextmanager
def _faults(home: Path) -> Iterator[None]:
    """tantivy tells a full disk, like everything else, by ValueError."""
    try:
        yield
    except ValueError as error:
        raise IndexFolderError(f"{home}: the index could not be written: {error}") from error


def in_memory(feeds: Iterable[Feed]) -> tuple[Any, Manifest]:
    """An engine in memory with these inputs, and what it was built from. It declares nothing complete."""
    writing = _Writing(open_engine(None, schema()), None, memory=LITTLE)
    writing.take(feeds)
    writing.writer.commit()
    writing.drop_copies()
    writing.writer.wait_merging_threads()
    writing.engine.reload()
    sources = tuple(tally.told() for tally in writing.tallies.values())
    records = sum(source.records for source in sources)
    return writing.engine, Manifest("", records, 0, sources, fingerprint=terms.fingerprint())


def _manifest(folder: Path, name: str) -> Manifest | None:
    try:
        generation = generations.current(folder, name)
        return generations.read_manifest(generation, any_version=True) if generation else None
    except (IndexFolderError, FileNotFoundError):
        return None


def _copy(old: Path, new: Path) -> None:
    """Segments never change, so they are linked where the disk can do that; what lists them is copied."""
    for each in old.iterdir():
        if each.name.endswith(".lock") or each.name == generations.MANIFEST:
            continue
        if each.suffix == ".json":
            shutil.copyfile(each, new / each.name)
            continue
        try:
            os.link(each, new / each.name)
        except OSError:
            shutil.copyfile(each, new / each.name)


@dataclass(slots=True)
class _Tally:
    """What is known of one source while it is read."""

    source: Source
    number: int
    records: int = 0
    problems: int = 0
    years: Counter[str] = field(default_factory=Counter)
    identifiers: Counter[str] = field(default_factory=Counter)
    marks: array[int] = field(default_factory=lambda: array("Q"))  # of each record, what another copy of it has too
    anchors: array[int] = field(default_factory=lambda: array("Q"))  # the key under which those copies are found
    numbers: array[int] = field(default_factory=lambda: array("L"))  # of arXiv, as `coverage.number` makes them

    @classmethod
    def of(cls, source: Source, number: int) -> _Tally:
        return cls(source, number, source.records, 0, Counter(source.years), Counter(source.identifiers))

    def count(self, record: Record, values: Iterable[tuple[str, str]], change: int) -> None:
        self.records += change
        if record.issued.year:
            self.years[str(record.issued.year)] += change
        for kind, _ in values:
            self.identifiers[kind] += change

    def told(self) -> Source:
        """The source as the manifest has it."""
        return replace(
            self.source,
            records=self.records,
            problems=self.problems,
            years={year: count for year, count in sorted(self.years.items(), key=lambda each: int(each[0])) if count},
            identifiers={kind: count for kind, count in sorted(self.identifiers.items()) if count},
            months=coverage.months(self.numbers, self.source.months),
        )


class _Writing:
    """Records into an engine, and at the end the manifest."""

    def __init__(self, engine: Any, since: int | None, known: Sequence[Source] = (), memory: int = MEMORY) -> None:
        self.engine, self.since = engine, since
        self.writer = engine.writer(heap_size=memory, num_threads=1)
        self.schema = engine.schema
        self.tallies = {source.name: _Tally.of(source, number) for number, source in enumerate(known)}
        self.old = engine.searcher() if known else None  # what the former generation holds
        self.replaced: set[int] = set()
        self.read: set[str] = set()  # sources that this run has begun to read
        self.declared: dict[Scope, dict[str, str]] = {}  # what this run declares complete: sources and their dates

    def take(self, feeds: Iterable[Feed]) -> None:
        for feed in feeds:
            tally = self._tally(feed)
            for scope in feed.complete if feed.source.has_works else ():
                dates = self.declared.setdefault(scope, {})
                name, date = feed.source.name, feed.source.date
                dates[name] = max(dates.get(name, date), date)
            for each in feed.records:
                if isinstance(each, Problem):
                    tally.problems += each.severity == "error"
                else:
                    self._add(each, tally, feed.identity(each) if feed.identity else None)

    def _tally(self, feed: Feed) -> _Tally:
        """The tally of a feed's source. A file that is in the index already is read anew: its old records go."""
        name = feed.source.name
        tally = self.tallies.get(name)
        if tally is None:
            tally = self.tallies[name] = _Tally(feed.source, len(self.tallies))
        elif name in self.read or feed.identity:
            files = tuple(dict.fromkeys([*tally.source.files, *feed.source.files]))
            tally.source = replace(tally.source, files=files, date=max(tally.source.date, feed.source.date))
        else:
            # tantivy-py 0.27 makes of a number a term of the wrong type in `delete_documents_by_term`: nothing is deleted
            self.writer.delete_documents_by_query(tantivy.Query.term_query(self.schema, "source", tally.number))
            tally = self.tallies[name] = _Tally(feed.source, tally.number)
        self.read.add(name)
        return tally

    def _add(self, record: Record, tally: _Tally, identity: tuple[str, str] | None) -> None:
        year = record.issued.year
        if self.since and year and year < self.since:
            return
        content = stored.encode(record)
        anchor = self._put(record, content, tally, terms.key(*identity) if identity else None)
        if anchor is not None:
            tally.anchors.append(anchor)
            tally.marks.append(anchor if identity else _mark(content))

    def _put(self, record: Record, content: bytes, tally: _Tally, identity: int | None) -> int | None:
        """Write a record; the key under which copies of it are found, None where there is nothing to ask for it by."""
        values = terms.identifier_values(record)
        if not tally.source.has_works:
            return self._put_notice(record, content, tally, values)
        words = terms.title_words(record.title) if record.title else []
        keys = [terms.key(kind, value) for kind, value in values]
        if words:
            keys += terms.title_keys(record.title, words)
        if identity is not None and identity not in keys:
            keys.append(identity)
        if not keys:
            return None
        if identity is not None and self.old is not None:
            self._replace(identity, tally)
        self._write(words + terms.surnames(record.author or record.editor), keys, content, tally, record)
        tally.count(record, values, +1)
        tally.numbers.extend(
            found for kind, value in values if kind == "arxiv" and (found := coverage.number(value)) is not None
        )
        return keys[0] if identity is None else identity

    def _put_notice(
        self, record: Record, content: bytes, tally: _Tally, values: Sequence[tuple[str, str]]
    ) -> int | None:
        """A notice is found by the identifiers of the work alone, under keys of its own: it is no known work."""
        keys = [terms.notice_key(kind, value) for kind, value in values]
        if not keys:
            return None
        self._write([], keys, content, tally, record)
        tally.count(record, values, +1)
        return keys[0]

    def _write(self, words: Sequence[str], keys: Sequence[int], content: bytes, tally: _Tally, record: Record) -> None:
        document = tantivy.Document()
        document.add_text("words", " ".join(words))
        for key in keys:
            document.add_unsigned("key", key)
        document.add_unsigned("source", tally.number)
        document.add_bytes("record", stored.with_head(content, tally.number, record.id))
        self.writer.add_document(document)

    def _replace(self, key: int, tally: _Tally) -> None:
        """What the former generation has under an identity goes when its source brings it again."""
        assert self.old is not None
        if key in self.replaced or not self.old.doc_freq("key", key):
            return
        self.replaced.add(key)
        query = self._under(key, tally.number)
        for _, address in self.old.search(query, limit=COPIES, count=False).hits:
            record = stored.decode(stored.parse(self.old.doc(address).get_first("record")))
            tally.count(record, terms.identifier_values(record), -1)
        self.writer.delete_documents_by_query(query)

    def _under(self, key: int, number: int) -> Any:
        """The documents of a source that have a key."""
        parts = (("key", key), ("source", number))
        must = [(tantivy.Occur.Must, tantivy.Query.term_query(self.schema, name, value)) for name, value in parts]
        return tantivy.Query.boolean_query(must)

    def finish(
        self, generation: Path, before: Sequence[Source], force: bool, declared: Sequence[Declared] = ()
    ) -> Manifest:
        """Commit, drop the copies, write the manifest; ``declared`` is what the former one says of sources that stay."""
        if not force:
            self._refuse(before)
        self.writer.commit()
        self.drop_copies()
        self.writer.garbage_collect_files()
        self.writer.wait_merging_threads()
        manifest = Manifest(
            built=datetime.now(UTC).isoformat(timespec="seconds"),
            records=sum(tally.records for tally in self.tallies.values() if tally.source.has_works),
            size=generations.disk_size(generation),
            sources=tuple(tally.told() for tally in self.tallies.values()),
            since=self.since,
            engine=f"tantivy {version('tantivy')}",
            fingerprint=terms.fingerprint(),
            complete=self._complete(declared),
        )
        generations.write_manifest(generation, manifest)
        return manifest

    def _complete(self, before: Sequence[Declared]) -> tuple[Declared, ...]:
        """What is declared now, in place of what was declared of the same sources and scope before."""
        made = [Declared(str(scope), tuple(dates), min(dates.values())) for scope, dates in self.declared.items()]
        kept = [
            old
            for old in before
            if not any(old.scope == new.scope and set(old.sources) <= set(new.sources) for new in made)
        ]
        return (*kept, *made)

    def _refuse(self, before: Sequence[Source]) -> None:
        had = {source.name: source.records for source in before}
        for name, tally in self.tallies.items():
            if name not in self.read:
                continue
            if not tally.records:
                raise IndexFolderError(f"{name}: no works in it; nothing was changed (--force takes it all the same)")
            if tally.records < SHRUNK * had.get(name, 0):
                raise IndexFolderError(
                    f"{name}: has {tally.records:,} works, the index {had[name]:,} of it; is it cut off? "
                    "Nothing was changed (--force takes it all the same)"
                )

    def drop_copies(self) -> None:
        """Of records that came more than once in a source, one stays."""
        again: list[tuple[_Tally, int, bool]] = []
        for tally in self.tallies.values():
            again += ((tally, anchor, identified) for anchor, identified in _repeated(tally.marks, tally.anchors))
        if not again:
            return
        self.engine.reload()
        searcher = self.engine.searcher()
        for tally, anchor, identified in again:
            query = self._under(anchor, tally.number)
            hits = searcher.search(query, limit=COPIES, count=False).hits
            copies = [stored.parse(searcher.doc(address).get_first("record")) for _, address in hits]
            staying = _newest(copies, identified)
            if len(staying) == len(copies):
                continue
            self.writer.delete_documents_by_query(query)
            for each in copies:
                record = stored.decode(each)
                tally.count(record, terms.identifier_values(record), -1)
            for each in staying:
                self._put(stored.decode(each), each.content, tally, anchor if identified else None)
        self.writer.commit()


def _mark(content: bytes) -> int:
    """What two records that say the same have in common."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")


def _repeated(marks: array[int], anchors: array[int]) -> list[tuple[int, bool]]:
    """The anchors of the marks that occur more than once, sorted, and whether the mark is an identity."""
    if len(marks) < 2:
        return []
    numbers, keys = np.frombuffer(marks, dtype=np.uint64), np.frombuffer(anchors, dtype=np.uint64)
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    same = order[1:][ordered[1:] == ordered[:-1]]
    return sorted({(int(keys[place]), bool(numbers[place] == keys[place])) for place in same})


def _newest(copies: Sequence[Stored], identified: bool) -> list[Stored]:
    """One of each group of copies: all of them where they have one identity, else those that say the same."""
    best: dict[bytes, tuple[tuple[object, ...], Stored]] = {}
    for each in copies:
        issued = stored.decode(each).issued.parts
        rank = (issued, len(each.fields), each.content, each.id)
        group = b"" if identified else each.content
        if group not in best or best[group][0] < rank:
            best[group] = (rank, each)
    return [each for _, each in best.values()]
