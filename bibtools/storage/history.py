"""The states that `undo` restores, and the locks: in the user's state folder, readable only by the owner.

One folder for each file, named by a hash of its real path:

    path            the file's path, for people who look
    lock            held while the file is written
    unfinished      the temporary file being written beside the user's file; a later run removes it if this one was killed
    undo-000007.bytes, undo-000007.json      the bytes before a step, and what the step was
    redo-...                                 the same for steps taken back

A state exists once its .json does, and the .json is renamed into place after the bytes are synced.
`BIBTOOLS_STATE` names another folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bibtools.storage import disk
from bibtools.storage.disk import StorageError

__all__ = ["State", "base", "begun", "clear", "digest", "drop", "finished", "known", "lock", "push", "stack"]

DEPTH = 10  # states kept for each file
ROOM = 256 << 20  # bytes kept for each file; the last state is kept whatever its size
PATIENCE = 20.0  # seconds to wait for another run


@dataclass(frozen=True, slots=True)
class State:
    """The bytes before a step. `after` is the digest of what the step wrote, `together` the files of the same step."""

    folder: Path
    stack: str
    number: int
    existed: bool
    size: int
    after: str
    group: str
    together: tuple[str, ...]
    when: str

    @property
    def stem(self) -> Path:
        return self.folder / f"{self.stack}-{self.number:06}"

    def read(self) -> bytes | None:
        """The bytes to restore; None where there was no file."""
        if not self.existed:
            return None
        try:
            return self.stem.with_suffix(".bytes").read_bytes()
        except OSError as error:
            raise StorageError(disk.reason(error, str(self.stem))) from error


def base() -> Path:
    if chosen := os.environ.get("BIBTOOLS_STATE"):
        return Path(chosen).absolute()
    import platformdirs

    return platformdirs.user_state_path("bibtools", appauthor=False)


def digest(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _folder(target: Path) -> Path:
    """On Windows one file has many spellings; `normcase` makes them one."""
    return base() / hashlib.sha256(os.fsencode(os.path.normcase(target))).hexdigest()[:32]


def known(target: Path) -> bool:
    """Whether we ever wrote this file."""
    return (_folder(target) / "lock").exists()


@contextmanager
def lock(path: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a file against other runs of bibtools, for reading, deciding and writing in one piece. May be nested."""
    import filelock

    target = disk.resolve(os.fspath(path))
    folder = _folder(target)
    try:
        base().mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        held = filelock.FileLock(folder / "lock", timeout=PATIENCE, mode=0o600, is_singleton=True)
        held.acquire()
    except filelock.Timeout as error:
        raise StorageError(f"{path}: another run of bibtools holds it; try again when that has ended") from error
    except OSError as error:
        words = disk.reason(error, str(folder))
        raise StorageError(f"{words}; backups are kept there, BIBTOOLS_STATE can name another folder") from error
    try:
        _sweep(folder, target)
        yield
    finally:
        held.release()


def _sweep(folder: Path, target: Path) -> None:
    """What a killed run left beside the user's file, and in here."""
    note = folder / "unfinished"
    try:
        left = Path(os.fsdecode(note.read_bytes()))
    except OSError:
        return
    if left.parent == target.parent and left.name.startswith(".bibtools-"):
        disk.discard(left)
    disk.discard(note)


def begun(target: Path, temporary: Path) -> None:
    _write(_folder(target) / "unfinished", os.fsencode(temporary))


def finished(target: Path) -> None:
    disk.discard(_folder(target) / "unfinished")


def stack(target: Path, name: str) -> tuple[State, ...]:
    """The states of a file, oldest first. A damaged one, or one whose bytes are not there in full, is passed over."""
    folder = _folder(target)
    found: list[State] = []
    for path in sorted(folder.glob(f"{name}-*.json")):
        try:
            saved = json.loads(path.read_bytes())
            state = State(
                folder=folder,
                stack=name,
                number=int(path.stem.removeprefix(f"{name}-")),
                existed=bool(saved["existed"]),
                size=int(saved["size"]),
                after=str(saved["after"]),
                group=str(saved["group"]),
                together=tuple(map(str, saved["together"])),
                when=str(saved["when"]),
            )
            if state.stem.with_suffix(".bytes").stat().st_size == state.size:
                found.append(state)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return tuple(found)


def push(target: Path, name: str, old: bytes | None, new: bytes | None, group: str, together: tuple[str, ...]) -> State:
    """Keep the bytes before a step, synced, before the step is taken. Raises StorageError when there is no room for them."""
    folder = _folder(target)
    before = _happened(stack(target, name), old)
    number = before[-1].number + 1 if before else 1
    when = datetime.now(UTC).isoformat(timespec="seconds")
    state = State(folder, name, number, old is not None, len(old or b""), digest(new), group, together, when)
    saved = {
        "existed": state.existed,
        "size": state.size,
        "after": state.after,
        "group": group,
        "together": together,
        "when": when,
    }
    try:
        _write(folder / "path", os.fsencode(target))
        _write(state.stem.with_suffix(".bytes"), old or b"")
        _write(state.stem.with_suffix(".json"), json.dumps(saved, ensure_ascii=True).encode())
    except OSError as error:
        drop(state)
        words = disk.reason(error, str(folder))
        raise StorageError(f"{words}; without a backup there {target} is not written") from error
    _prune((*before, state))
    return state


def _happened(states: tuple[State, ...], now: bytes | None) -> tuple[State, ...]:
    """The states without those of killed runs, whose step was never taken: their bytes are what the file still holds."""
    while (
        states and states[-1].size == len(now or b"") and states[-1].after != digest(now) and states[-1].read() == now
    ):
        drop(states[-1])
        states = states[:-1]
    return states


def _prune(states: tuple[State, ...]) -> None:
    room = ROOM
    for depth, state in enumerate(reversed(states)):
        room -= state.size
        if depth and (depth >= DEPTH or room < 0):
            drop(state)


def clear(target: Path, name: str) -> None:
    for state in stack(target, name):
        drop(state)


def drop(state: State) -> None:
    disk.discard(state.stem.with_suffix(".json"))
    disk.discard(state.stem.with_suffix(".bytes"))


def _write(path: Path, data: bytes) -> None:
    """Owner-only, synced, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    disk.discard(part)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view[: disk.CHUNK]) :]
        os.fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        disk.discard(part)
        raise
    os.close(descriptor)
    os.replace(part, path)  # noqa: PTH105
