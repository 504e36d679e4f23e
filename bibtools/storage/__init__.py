"""Files on disk: read, replaced whole or not at all, and taken back byte for byte.

People trust this room with a thesis, so the rules are few and hold for every command:

* A file is replaced by `rename` of a finished, synced copy in the same folder (`disk`). Whatever happens before that call
  - interrupt, SIGKILL, full disk - leaves the old file whole; whatever happens after it leaves the new one whole. Rights,
  owner and symbolic links stay; a hard link cannot survive a rename and becomes a file of its own.
* A file that is no longer what was read is never overwritten (`ChangedError`); the comparison is of bytes, not of times.
* Before a file is replaced its old bytes go to the state folder of the user (`history`), never beside the user's file.
  Without that backup nothing is written.
* Several files that belong together (a .bib and the documents that cite it) are written by one `write_all`: all or none,
  and `undo` takes them back together.
* Locks live in the state folder too, so that nothing is left beside the user's file. They order the runs of one user on one
  machine; against everybody else (an editor, another machine) the comparison above stands.

`-` is standard input and output. A device or pipe (`/dev/stdout`, `>(...)`) is written straight through, without backup.
"""

from __future__ import annotations

import os
import stat
import sys
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bibtools.storage import disk, history
from bibtools.storage.disk import StorageError
from bibtools.storage.history import State, lock

__all__ = [
    "ChangedError",
    "Snapshot",
    "State",
    "StorageError",
    "lock",
    "read",
    "save",
    "save_stream",
    "states",
    "undo",
    "write",
    "write_all",
]


class ChangedError(StorageError):
    """The file is not what was read: somebody else wrote to it meanwhile."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it was read. `path` is as the user wrote it, `target` what it resolves to."""

    path: str
    target: Path
    data: bytes
    existed: bool = True

    @property
    def content(self) -> bytes | None:
        """The bytes, None where no file was."""
        return self.data if self.existed else None


@dataclass(frozen=True, slots=True)
class Replacement:
    """One file's step from `old` to `new`; None is "no file"."""

    snapshot: Snapshot
    new: bytes | None

    @property
    def target(self) -> Path:
        return self.snapshot.target


def read(path: str | os.PathLike[str], *, missing: bool = False) -> Snapshot:
    """A file as it is now, or standard input for `-`. With `missing`, a file that is not there is a snapshot without data."""
    name = os.fspath(path)
    if name == "-":
        return Snapshot(name, Path(name), sys.stdin.buffer.read())
    target = disk.resolve(name)
    with ExitStack() as locks:
        if history.known(target):  # a file never written by us has no lock, and reading should leave no trace
            with suppress(StorageError):  # renames are atomic: who cannot lock still reads a whole file
                locks.enter_context(lock(target))
        data = disk.read(name, target)
    if data is None and not missing:
        raise StorageError(f"{name}: there is no such file")
    return Snapshot(name, target, data or b"", data is not None)


def write(snapshot: Snapshot, data: bytes) -> bool:
    """Replace the file that was read, and say whether there was anything to change. After a StorageError nothing is changed."""
    return bool(write_all([(snapshot, data)]))


def save(path: str | os.PathLike[str], data: bytes) -> bool:
    """Write a file whatever stood there (`-o OUT`); what stood there can be had back by `undo`."""
    name = os.fspath(path)
    if name == "-":
        return write(Snapshot(name, Path(name), b""), data)
    return write(read(name, missing=True) if disk.regular(name) else Snapshot(name, disk.resolve(name), b""), data)


IN_MEMORY = 64 << 20  # bytes; an output up to this size can be undone


def save_stream(path: str | os.PathLike[str], pieces: Iterable[bytes]) -> None:
    """`save` for a file that comes in pieces. A large one is never in memory as a whole, and what it replaces is not kept."""
    name = os.fspath(path)
    pieces = iter(pieces)
    begin: list[bytes] = []
    size = 0
    for piece in pieces:
        begin.append(piece)
        size += len(piece)
        if size > IN_MEMORY:
            break
    if size <= IN_MEMORY:
        save(name, b"".join(begin))
        return
    try:
        if name == "-" or not disk.regular(name):
            for piece in chain(begin, pieces):
                _pass_on(name, piece, again=piece is not begin[0])
            return
        target = disk.resolve(name)
        disk.writable(name, target)
        with lock(target):
            temporary = disk.temporary(target)
            history.begun(target, temporary)
            try:
                disk.settle(disk.stage(temporary, target, chain(begin, pieces)), target)
            finally:
                history.finished(target)
    except OSError as error:
        raise StorageError(disk.reason(error, name)) from error


def write_all(pairs: Iterable[tuple[Snapshot, bytes]]) -> tuple[Path, ...]:
    """Replace several files, all or none; returns those that changed. `undo` of one of them takes all back."""
    wanted: dict[Path, Replacement] = {}
    for snapshot, data in pairs:
        if snapshot.path == "-" or not disk.regular(snapshot.path):
            _pass_on(snapshot.path, data)
        elif wanted.setdefault(snapshot.target, Replacement(snapshot, data)).new != data:
            raise StorageError(f"{snapshot.path}: is the same file as {wanted[snapshot.target].snapshot.path}")
    steps = [step for step in wanted.values() if step.new != step.snapshot.content]
    _replace(steps, stack="undo")
    for step in steps:
        history.clear(step.target, "redo")
    return tuple(step.target for step in steps)


def undo(path: str | os.PathLike[str], *, redo: bool = False, force: bool = False) -> tuple[Path, ...]:
    """Take the last step back (or, with `redo`, take the last undo back), with the files written in the same step.

    Bytes that nobody but the last step wrote are the condition: a file edited since is refused unless `force` is given, and
    then what stood there is kept for `redo`. Returns the files restored.
    """
    name = os.fspath(path)
    source, sink = ("redo", "undo") if redo else ("undo", "redo")
    with ExitStack() as locks:
        locks.enter_context(lock(disk.resolve(name)))
        snapshot = read(name, missing=True)
        state = _last(snapshot, source)
        if state is None:
            raise StorageError(f"{name}: there is nothing to {'redo' if redo else 'undo'}")
        group = [(snapshot, state)]
        for other in sorted(set(state.together) - {str(snapshot.target)}):
            locks.enter_context(lock(Path(other)))
            beside = read(other, missing=True)
            last = _last(beside, source)
            if last is not None and last.group == state.group:
                group.append((beside, last))
        for snapshot, last in group:
            if not force and history.digest(snapshot.content) != last.after:
                raise ChangedError(
                    f"{snapshot.path}: was changed after the step to take back; --force takes it back all the same"
                )
        _replace([Replacement(snapshot, last.read()) for snapshot, last in group], stack=sink, group=state.group)
        for _, last in group:
            history.drop(last)
    return tuple(snapshot.target for snapshot, _ in group)


def states(path: str | os.PathLike[str]) -> tuple[State, ...]:
    """The steps that `undo` can take back, the last one first."""
    return tuple(reversed(history.stack(disk.resolve(os.fspath(path)), "undo")))


def _last(snapshot: Snapshot, stack: str) -> State | None:
    """The last step that would change anything. A run killed between backup and rename leaves a step that never happened."""
    for state in reversed(history.stack(snapshot.target, stack)):
        if state.read() != snapshot.content:
            return state
        history.drop(state)
    return None


def _replace(steps: Sequence[Replacement], stack: str, group: str = "") -> None:
    """Stage everything, back everything up, compare everything, and only then rename; put back what was renamed if one fails."""
    if not steps:
        return
    ordered = sorted(steps, key=lambda step: step.target)  # one order for all runs, or two of them wait for each other
    group = group or uuid.uuid4().hex
    together = tuple(str(step.target) for step in ordered)
    staged: list[tuple[Replacement, Path | None]] = []
    kept: list[State] = []
    with ExitStack() as locks:
        for step in ordered:
            locks.enter_context(lock(step.target))
            disk.writable(step.snapshot.path, step.target)
        try:
            for step in ordered:
                _compare(step.snapshot)
                staged.append((step, _stage(step)))
            for step in ordered:
                kept.append(history.push(step.target, stack, step.snapshot.content, step.new, group, together))
            for step, temporary in staged:
                _compare(step.snapshot)
                disk.settle(temporary, step.target)
        except BaseException as error:
            _put_back(staged)
            for state in kept:
                history.drop(state)
            if isinstance(error, OSError):
                raise StorageError(f"{disk.reason(error, ordered[0].snapshot.path)}; nothing was written") from error
            raise
        finally:
            for step, temporary in staged:
                disk.discard(temporary)
                history.finished(step.target)


def _stage(step: Replacement) -> Path | None:
    if step.new is None:
        return None
    temporary = disk.temporary(step.target)
    try:
        history.begun(step.target, temporary)
        return disk.stage(temporary, step.target, step.new)
    except OSError as error:
        history.finished(step.target)
        raise StorageError(f"{disk.reason(error, step.snapshot.path)}; nothing was written") from error


def _put_back(staged: Sequence[tuple[Replacement, Path | None]]) -> None:
    """After a failure: the old bytes for every file that had its new ones already."""
    for step, temporary in staged:
        replaced = temporary is None or not temporary.exists()
        if replaced and disk.read(step.snapshot.path, step.target) == step.new:
            old = step.snapshot.content
            disk.settle(None if old is None else disk.stage(disk.temporary(step.target), step.target, old), step.target)


def _compare(snapshot: Snapshot) -> None:
    if disk.resolve(snapshot.path) != snapshot.target or disk.read(snapshot.path, snapshot.target) != snapshot.content:
        raise ChangedError(f"{snapshot.path}: was changed by someone else since it was read; nothing was written")


def _pass_on(path: str, data: bytes, again: bool = False) -> None:
    if path == "-":
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # the reader went away: `bibtools ... | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):  # noqa: PTH116
            raise StorageError(f"{path}: is a folder")
        with open(path, "ab" if again else "wb") as stream:  # noqa: PTH123
            stream.write(data)
    except OSError as error:
        raise StorageError(disk.reason(error, path)) from error
