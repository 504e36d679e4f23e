"""One file replaced whole: staged beside it, synced, renamed over it.

POSIX promises that `rename` is atomic within a file system, hence "beside it". The folder is synced too, or a power cut may
bring the old name back. All calls go through `os`, so that the tests can break each one of them.
"""

from __future__ import annotations

import errno
import os
import stat
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = [
    "StorageError",
    "discard",
    "read",
    "reason",
    "regular",
    "resolve",
    "settle",
    "stage",
    "temporary",
    "writable",
]

CHUNK = 1 << 22


class StorageError(Exception):
    """A file that cannot be read or written; the message is for a person and names the file."""


def reason(error: OSError, path: str) -> str:
    """What went wrong, in plain words, with the file's name."""
    words = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file would be larger than this system allows",
        errno.EACCES: "no permission",
        errno.EPERM: "no permission",
        errno.EROFS: "the file system is read-only",
        errno.EISDIR: "is a folder",
        errno.ELOOP: "symbolic links that lead in a circle",
        errno.ENAMETOOLONG: "the name is too long",
        errno.ENOTDIR: "there is no such folder",
        errno.ENOENT: "there is no such folder",
    }
    return f"{path}: {words.get(error.errno or 0) or error.strerror or error}"


def resolve(path: str) -> Path:
    """The file that a path means, symbolic links followed, whether or not it exists."""
    if "\0" in path or not path:
        raise StorageError(f"{path!r}: is not the name of a file")
    try:
        return Path(os.path.realpath(path))
    except OSError as error:
        raise StorageError(reason(error, path)) from error


def regular(path: str) -> bool:
    """Whether a path is a plain file, or could become one."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116
    except FileNotFoundError:
        return True
    except (OSError, ValueError) as error:
        raise StorageError(
            reason(error, path) if isinstance(error, OSError) else f"{path!r}: is not a file name"
        ) from error


def read(path: str, target: Path) -> bytes | None:
    """The bytes of a file, None where there is none. A file that someone is writing in place is read again until it rests."""
    for _ in range(5):
        try:
            with open(target if regular(path) else path, "rb") as stream:  # noqa: PTH123
                before = os.fstat(stream.fileno())
                data = stream.read()
                after = os.fstat(stream.fileno())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(reason(error, path)) from error
        if not stat.S_ISREG(before.st_mode) or (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, len(data)):
            return data
    raise StorageError(f"{path}: somebody is writing to it; try again")


def writable(path: str, target: Path) -> None:
    """Raise, before any work, for what `rename` would do although the user forbade it, or could not do."""
    if not target.parent.is_dir():
        raise StorageError(f"{path}: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise StorageError(f"{path}: the folder {target.parent} is read-only; nothing was written")
    if target.exists() and not os.access(target, os.W_OK):
        raise StorageError(f"{path}: the file is read-only; nothing was written")


def temporary(target: Path) -> Path:
    """A name beside the file that nobody has; short, because the file's own name may be as long as the system allows."""
    return target.with_name(f".bibtools-{uuid.uuid4().hex[:16]}.tmp")


def stage(staged: Path, target: Path, data: bytes | Iterable[bytes]) -> Path:
    """Write data, whole or in pieces, to a new file with the rights of the target, and sync it."""
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        try:
            for piece in (data,) if isinstance(data, bytes) else data:
                view = memoryview(piece)
                while view:
                    view = view[os.write(descriptor, view[:CHUNK]) :]
            _rights(staged, target)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        discard(staged)
        raise
    return staged


def _rights(staged: Path, target: Path) -> None:
    """Owner, group, permissions and extended attributes of the target, as far as this user may give them."""
    try:
        old = os.stat(target)  # noqa: PTH116
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(staged, 0o666 & ~mask)  # noqa: PTH101
        return
    new = os.stat(staged)  # noqa: PTH116
    mode = stat.S_IMODE(old.st_mode)
    if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.chown(staged, old.st_uid if old.st_uid != new.st_uid else -1, old.st_gid)
        except OSError:
            try:
                os.chown(staged, -1, old.st_gid)
            except OSError:  # another group must not gain the rights of the old one
                mode = (mode & ~0o070) | ((mode & 0o007) << 3)
            mode &= 0o777
    os.chmod(staged, mode)  # noqa: PTH101
    if hasattr(os, "listxattr"):
        for name in _attributes(target):
            with suppress(OSError):  # one that only the system may set
                os.setxattr(staged, name, os.getxattr(target, name))


def _attributes(target: Path) -> list[str]:
    try:
        return os.listxattr(target)
    except OSError:
        return []  # a file system without them


def settle(staged: Path | None, target: Path) -> None:
    """The one moment at which the file changes: a finished file takes its name, or (None) the file goes."""
    try:
        if staged is None:
            target.unlink(missing_ok=True)
        else:
            _replace(staged, target)
    except OSError as error:
        raise StorageError(f"{reason(error, str(target))}; nothing was written") from error
    _sync_folder(target.parent)


SHARED = (5, 32)  # Windows: access denied, sharing violation


def _replace(staged: Path, target: Path) -> None:
    """`os.replace`. On Windows a file that an editor, a virus scanner or an indexer has open at this moment cannot be
    replaced: they let go within a second, so it is tried again."""
    for pause in (0.02, 0.05, 0.1, 0.3, 0.5):
        try:
            os.replace(staged, target)  # noqa: PTH105
        except PermissionError as error:
            if getattr(error, "winerror", 0) not in SHARED:
                raise
            time.sleep(pause)
        else:
            return
    os.replace(staged, target)  # noqa: PTH105


def _sync_folder(folder: Path) -> None:
    """The file is in place already; Windows cannot open a folder, and some network file systems cannot sync one."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def discard(staged: Path | None) -> None:
    """Remove a staged file that is no longer needed, if it is still there."""
    if staged is not None:
        try:
            os.unlink(staged)  # noqa: PTH108
        except OSError:
            return
