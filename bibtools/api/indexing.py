"""Files into an index of known works: opened whatever they are compressed with, recognised by content, read as a stream."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bibtools import index
from bibtools.api.reading import InputError, choose_format, read_records
from bibtools.format import ReadOptions
from bibtools.index import IndexFolderError, Manifest, Source
from bibtools.normalise import normalise
from bibtools.record import Problem, Record

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["build_index", "update_index"]

HEAD = 1 << 16  # characters by which a format is recognised
DAMAGED = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile, zstd.ZstdError)
TOLD_EVERY = 500  # records between two calls of progress

# By what a service knows its works: files of one such format are one source, and of two records of one number the newest
# stays. Every other file is a source by itself.
IDENTITIES = {
    "arxiv-json": "arxiv_id",
    "arxiv-atom": "arxiv_id",
    "arxiv-oai": "arxiv_id",
    "crossref": "doi",
    "datacite": "doi",
    "openalex": "doi",
    "semantic-scholar": "doi",
    "dblp-xml": "id",
    "dblp": "id",
}
RENEWS = {"arxiv-oai": "arxiv-json"}  # formats whose records are those of another one, which they renew
KINDS = {"arxiv_id": "arxiv", "doi": "doi", "id": "id"}  # the names that identifiers have in the index

Progress = Callable[[int, int, int], None]  # bytes read, bytes in all, records


def build_index(
    inputs: Sequence[str],
    folder: Path,
    name: str = "works",
    *,
    from_: str | None = None,
    since: int | None = None,
    force: bool = False,
    complete: Sequence[str] = (),
    progress: Progress = lambda done, total, records: None,
) -> Manifest:
    """An index from these files and folders and nothing else; what the folder has under this name is replaced at the end.

    Raises InputError for an input that cannot be read or recognised and IndexFolderError for one that is empty, cut off or
    has shrunk by half (unless ``force``); the old index then stands.

    ``complete`` declares what the inputs together hold everything of: ``arxiv``, ``arxiv:2015-2020``, ``years:1990-2020``,
    ``venue:NeurIPS:2010-2023``; or one of them alone, as ``INPUT=arxiv``. Only there may `verify` say that a work was not found.
    Raises InputError for a scope that is none.
    """
    feeds = _feeds(inputs, from_, force, complete, progress)
    return index.build(folder, name, feeds, since=since, force=force)


def update_index(
    inputs: Sequence[str],
    folder: Path,
    name: str = "works",
    *,
    from_: str | None = None,
    force: bool = False,
    complete: Sequence[str] = (),
    progress: Progress = lambda done, total, records: None,
) -> Manifest:
    """The index with these inputs added, or renewed where it has them already. Raises as `build_index`."""
    return index.update(folder, name, _feeds(inputs, from_, force, complete, progress), force=force)


def renew_index(pages: Sequence[Path], origin: str, day: str, folder: Path, name: str, progress: Progress) -> Manifest:
    """The index with the pages of a harvest from an address, as of a day. Raises as `build_index`."""
    watch = _Watch(progress, sum(_size(str(page)) for page in pages))
    feeds = [_feed(str(page), "arxiv-oai", False, (), watch) for page in pages]
    named = [replace(feed, source=replace(feed.source, files=(origin,), date=day)) for feed in feeds]
    return index.update(folder, name, named)


def _feeds(
    inputs: Sequence[str], from_: str | None, force: bool, complete: Sequence[str], progress: Progress
) -> list[index.Feed]:
    """Every input is opened and recognised before the first is read: a mistyped name must not cost an hour."""
    scopes = _scopes(complete, inputs)
    paths = [(path, scopes[each]) for each in inputs for path in _files(each)]
    watch = _Watch(progress, sum(_size(path) for path, _ in paths))
    return [_feed(path, from_, force, declared, watch) for path, declared in paths]


def _scopes(complete: Sequence[str], inputs: Sequence[str]) -> dict[str, tuple[index.Scope, ...]]:
    """What is declared of each input."""
    found: dict[str, tuple[index.Scope, ...]] = dict.fromkeys(inputs, ())
    for text in complete:
        given = max((each for each in inputs if text.startswith(f"{each}=")), key=len, default="")
        try:
            scope = index.parse_scope(text.removeprefix(f"{given}=") if given else text)
        except ValueError as error:
            raise InputError(str(error)) from None
        for each in [given] if given else inputs:
            found[each] = (*found[each], scope)
    return found


def _files(path: str) -> list[str]:
    """A file, or all files of a folder, as services part their data."""
    if not os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises for a name that is too long)
        return [path]
    found = sorted(
        str(each)
        for each in Path(path).rglob("*")
        if each.is_file() and not any(part.startswith(".") for part in each.relative_to(path).parts)
    )
    if not found:
        raise InputError(f"{path}: no files in this folder")
    return found


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


@dataclass(slots=True)
class _Watch:
    """How far the reading is, in bytes of the files as they are on disk."""

    progress: Progress
    total: int
    done: int = 0
    records: int = 0
    told: float = field(default_factory=time.monotonic)

    def tell(self, at: int) -> None:
        self.progress(self.done + at, self.total, self.records)


def _feed(path: str, from_: str | None, force: bool, declared: tuple[index.Scope, ...], watch: _Watch) -> index.Feed:
    with _opened(path) as (stream, _):
        head = _head(stream, path)
    if not head.strip():
        if force:
            return index.Feed(Source(str(Path(path).absolute()), "", (path,)), ())
        raise IndexFolderError(f"{path}: empty; nothing was changed (--force takes it all the same)")
    chosen = choose_format(head, path, from_)
    shown = str(Path(path).absolute())
    identity = IDENTITIES.get(chosen.name)
    source = Source(RENEWS.get(chosen.name, chosen.name) if identity else shown, chosen.name, (shown,), _day(path))
    records = _unbroken(_records(path, chosen.name, watch), path, force)
    return index.Feed(source, records, _identity(identity) if identity else None, declared)


def _identity(name: str) -> Callable[[Record], tuple[str, str] | None]:
    kind = KINDS[name]

    def identity(record: Record) -> tuple[str, str] | None:
        value = getattr(record, name)
        return (kind, value.lower()) if value else None

    return identity


def _day(path: str) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(Path(path).stat().st_mtime))


def _records(path: str, name: str, watch: _Watch) -> Iterator[Record | Problem]:
    """The normalised records of one file. A format of one record a line, or of XML, is never held whole."""
    chosen = choose_format("", path, name)
    with _opened(path) as (stream, at):
        if chosen.read_lines is None:
            batch = read_records(stream.read(), source=path, from_=name)
            found: Iterable[Record | Problem] = (*batch.records, *batch.problems)
        else:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="\n")
            found = chosen.read_lines(text, ReadOptions(source=path))
        for each in found:
            if isinstance(each, Record):
                watch.records += 1
                if watch.records % TOLD_EVERY == 0:
                    watch.tell(at())
                yield normalise(each) if chosen.read_lines is not None else each
            else:
                yield each
    watch.done += _size(path)
    watch.tell(0)


def _unbroken(records: Iterable[Record | Problem], path: str, force: bool) -> Iterator[Record | Problem]:
    """The same, and a refusal when the input was cut off: compressed data that stops, a last line half there."""
    last: Record | Problem | None = None
    line = 0
    try:
        for each in records:
            last = each if isinstance(each, Record) or each.severity == "error" else last
            line = max(line, each.origin.line if isinstance(each, Record) else 0)
            yield each
    except DAMAGED as error:
        if not force:
            raise IndexFolderError(f"{path}: damaged or cut off ({error}); {_KEPT}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    if isinstance(last, Problem) and last.origin.line >= line and not force:
        raise IndexFolderError(f"{path}: looks cut off: {last.message}, at its end; {_KEPT}")


_KEPT = "nothing was changed (--force takes it all the same)"


# --- compressed files -------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: str) -> Iterator[tuple[Any, Callable[[], int]]]:
    """The unpacked bytes of a file, and a function that tells how many packed ones have been read."""
    if path == "-":
        raise InputError("standard input cannot be indexed: save it to a file")
    with ExitStack() as opened:
        try:
            raw = opened.enter_context(Path(path).open("rb"))
            yield opened.enter_context(_unpacked(raw, path)), raw.tell
        except zipfile.BadZipFile as error:
            raise IndexFolderError(f"{path}: damaged or cut off ({error}); {_KEPT}") from error
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}") from error


def _unpacked(raw: Any, path: str) -> Any:
    magic = raw.peek(6)[:6]
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(raw)
    if magic.startswith(b"\xfd7zXZ"):
        return lzma.LZMAFile(raw)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return zstd.ZstdFile(raw)
    if magic.startswith(b"PK\x03\x04"):
        return _member(raw, path)
    return nullcontext(raw)


def _member(raw: Any, path: str) -> Any:
    """The one file of a zip archive, as which arXiv's snapshot is handed out."""
    archive = zipfile.ZipFile(raw)
    members = [name for name in archive.namelist() if not name.endswith("/")]
    if len(members) != 1:
        raise InputError(f"{path}: an archive of {len(members)} files; unpack it and name the files")
    try:
        return archive.open(members[0])
    except (NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be unpacked: {error}") from error


def _head(stream: Any, path: str) -> str:
    """The beginning of a file as text, by which it is recognised."""
    from bibtools import encoding

    try:
        data = stream.read(HEAD)
    except DAMAGED as error:
        raise IndexFolderError(f"{path}: damaged or cut off ({error}); {_KEPT}") from error
    text = encoding.decode(data).text if data[:4] != b"\xef\xbb\xbf" else data.decode("utf-8-sig", "replace")
    return text.lstrip("\ufeff")
