"""Where an index is kept, and how it is replaced whole or not at all.

    FOLDER/NAME/current           the name of the generation that is asked, one line; replaced by rename
    FOLDER/NAME/g000007/          a generation: tantivy's files and `manifest.json`
    FOLDER/NAME/lock              held by the one process that builds

A new generation grows beside the one that is asked, and the small file `current` is replaced when it is whole: a folder
cannot be swapped for another at once, and Windows does not move one whose files are open. Whatever happens before that
leaves the old index as it was; generations that nobody points to are removed by the next build. A reader that opens a
generation just while it is removed reads `current` again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from bibtools.index import terms

__all__ = [
    "Declared",
    "IndexFolderError",
    "Manifest",
    "Source",
    "current",
    "default_folder",
    "names",
    "read_manifest",
    "remove",
]

VERSION = 1  # of the folder's layout and of the stored records
NOTICES = "retraction-watch"  # the format whose records are notices about works
CURRENT, MANIFEST, LOCK = "current", "manifest.json", "lock"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_GENERATION = re.compile(r"g\d{6,9}")


class IndexFolderError(Exception):
    """An index that cannot be read or written; the message names the folder and what can be done."""


@dataclass(frozen=True, slots=True)
class Source:
    """What an index was built from: one file, or all files of a service's format.

    ``years`` counts records by year of publication; ``date`` is the day the newest file was last changed. ``months`` tells of
    each month of arXiv (``2104``) the highest number, how many lower ones are missing, and which, where they are few.
    """

    name: str
    format: str
    files: tuple[str, ...] = ()
    date: str = ""
    records: int = 0
    problems: int = 0
    years: dict[str, int] = field(default_factory=dict)
    identifiers: dict[str, int] = field(default_factory=dict)
    months: dict[str, list[int]] = field(default_factory=dict)

    @property
    def has_works(self) -> bool:
        """Whether it knows works. A list of retractions does not: what it says of a work is found by identifiers alone, and
        nothing is known to exist because it was retracted."""
        return self.format != NOTICES


@dataclass(frozen=True, slots=True)
class Declared:
    """That sources together hold everything of a scope (`coverage`), as of a day."""

    scope: str
    sources: tuple[str, ...]  # by name
    date: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `index info` tells of a generation."""

    built: str  # ISO 8601, UTC
    records: int
    size: int  # bytes on disk
    sources: tuple[Source, ...]
    since: int | None = None
    engine: str = ""
    version: int = VERSION
    fingerprint: str = ""
    complete: tuple[Declared, ...] = ()


def default_folder() -> Path:
    """The user's own place for indexes; ``BIBTOOLS_INDEX`` names another."""
    given = os.environ.get("BIBTOOLS_INDEX")
    return Path(given) if given else Path(platformdirs.user_data_dir("bibtools", appauthor=False)) / "index"


def checked_name(name: str) -> str:
    """The name of an index, which is a folder's. Raises IndexFolderError for one that is no plain name."""
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise IndexFolderError(f"'{name}' cannot name an index: letters, digits, '.', '_' and '-' only, at most 64")
    return name


def names(folder: Path) -> list[str]:
    """The indexes in a folder, sorted. An index that has never been finished is none."""
    try:
        return sorted(each.name for each in folder.iterdir() if (each / CURRENT).is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise IndexFolderError(f"{folder}: {error.strerror or error}") from error


def current(folder: Path, name: str) -> Path | None:
    """The generation that is asked, None where no index of this name is."""
    try:
        generation = (folder / name / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise IndexFolderError(f"{folder / name}: {error.strerror or error}") from error
    if not _GENERATION.fullmatch(generation):
        raise IndexFolderError(f"{folder / name / CURRENT}: does not name a generation; build the index anew")
    return folder / name / generation


def read_manifest(generation: Path, *, any_version: bool = False) -> Manifest:
    """The manifest of a generation. Raises IndexFolderError where it is damaged or, unless ``any_version``, of another
    version of bibtools: then the words of a question would not be the words of the index."""
    path = generation / MANIFEST
    again = "build it anew with `bibtools index build`"
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        sources = tuple(map(_source, values.pop("sources")))
        declared = tuple(_declared(each) for each in values.pop("complete", ()))
        found = Manifest(**values, sources=sources, complete=declared)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise IndexFolderError(f"{path}: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise IndexFolderError(f"{path}: damaged, or of a newer version of bibtools; {again}") from error
    if not any_version and not is_usable(found):
        raise IndexFolderError(f"{generation.parent}: was built by another version of bibtools; {again}")
    return found


def _source(values: dict[str, Any]) -> Source:
    found = Source(**{**values, "files": tuple(map(str, values["files"]))})
    whole = [
        found.records,
        *found.years.values(),
        *found.identifiers.values(),
        *(n for each in found.months.values() for n in each),
    ]
    if not all(isinstance(each, str) for each in (found.name, found.format, found.date)):
        raise TypeError("a text was expected")
    if not all(isinstance(each, int) for each in whole) or not all(len(each) > 1 for each in found.months.values()):
        raise TypeError("a number was expected")
    return found


def _declared(values: dict[str, Any]) -> Declared:
    return Declared(str(values["scope"]), tuple(map(str, values["sources"])), str(values["date"]))


def is_usable(manifest: Manifest) -> bool:
    """Whether this version of bibtools finds in the index what is in it."""
    return (manifest.version, manifest.fingerprint) == (VERSION, terms.fingerprint())


def write_manifest(generation: Path, manifest: Manifest) -> None:
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    _write_synced(generation / MANIFEST, text)


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def building(folder: Path, name: str) -> Iterator[Path]:
    """An empty folder for the next generation, which becomes the current one when the block ends without an exception.

    Raises IndexFolderError when another process builds the same index, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    home = folder / checked_name(name)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise IndexFolderError(f"{home}: another process is building this index; wait for it to end") from None
    except OSError as error:
        raise IndexFolderError(f"{home}: {error.strerror or error}") from error
    try:
        old = _forgiving_current(folder, name)
        _sweep(home, old)
        generation = home / f"g{_last_number(home) + 1:06d}"
        generation.mkdir()
        try:
            yield generation
            pointer = home / f"{CURRENT}.new"
            _write_synced(pointer, generation.name + "\n")
            pointer.replace(home / CURRENT)
        except BaseException:
            shutil.rmtree(generation, ignore_errors=True)
            raise
        _sweep(home, generation)
    except OSError as error:
        raise IndexFolderError(f"{error.filename or home}: {error.strerror or error}") from error
    finally:
        lock.release()
        if not (home / CURRENT).exists():  # nothing was ever built here
            with suppress(OSError):
                (home / LOCK).unlink(missing_ok=True)
                home.rmdir()


def _forgiving_current(folder: Path, name: str) -> Path | None:
    try:
        return current(folder, name)
    except IndexFolderError:
        return None


def _generations(home: Path) -> list[Path]:
    return sorted(each for each in home.iterdir() if _GENERATION.fullmatch(each.name))


def _last_number(home: Path) -> int:
    return max((int(each.name[1:]) for each in _generations(home)), default=0)


def _sweep(home: Path, kept: Path | None) -> None:
    """Remove generations that nobody points to; one that a reader holds open on Windows stays until the next build."""
    for each in _generations(home):
        if each != kept:
            shutil.rmtree(each, ignore_errors=True)


def remove(folder: Path, name: str) -> bool:
    """Remove an index; whether there was one. The pointer goes first, so that no reader finds half an index."""
    home = folder / checked_name(name)
    if not (home / CURRENT).is_file():
        return False
    from filelock import FileLock, Timeout

    try:
        with FileLock(home / LOCK, timeout=0):
            (home / CURRENT).unlink()
            _sweep(home, None)
        (home / LOCK).unlink(missing_ok=True)
        for rest in home.glob(f"{CURRENT}*"):
            rest.unlink()
        home.rmdir()
    except Timeout:
        raise IndexFolderError(f"{home}: another process is building this index; wait for it to end") from None
    except OSError as error:
        if (home / CURRENT).exists():
            raise IndexFolderError(f"{home}: {error.strerror or error}") from error
    return True


def disk_size(generation: Path) -> int:
    return sum(each.stat().st_size for each in generation.iterdir() if each.is_file())
