"""Answers that are kept: a question that was answered is not asked again for a while.

One SQLite file in the user's own place, readable by nobody else. An answer is found by method and address, without the
person's address and without keys; what is kept is the works as they were read, compressed. A work that was found is believed
for 30 days, that there is none for one day; that a service did not answer is never kept. Each answer is written at once, so an
interrupted run asks nothing twice. The same file gives out turns, so that two processes together keep to a service's rate.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import records as records_format
from bibtools.online.service import Reply
from bibtools.record import Origin

__all__ = ["DAY", "KeptAnswers", "KeptError", "Summary", "default_file", "opened", "remove"]

DAY = 86_400.0  # seconds
FOUND, NOT_FOUND = 30 * DAY, DAY  # how long an answer is believed
VERSION = 1  # of the table; answers of another version are not believed
LARGEST = 64 << 20  # bytes of one answer, unpacked
BUSY = 20.0  # seconds that a process waits for another one that writes
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS answers (address TEXT PRIMARY KEY, service TEXT NOT NULL, state TEXT NOT NULL,
    at REAL NOT NULL, works BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS turns (service TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
    f"PRAGMA user_version = {VERSION}",
)


class KeptError(Exception):
    """The file of kept answers cannot be used; the message names it and what can be done."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is kept of one service. ``oldest`` and ``newest`` are days."""

    service: str
    found: int
    not_found: int
    expired: int
    oldest: str
    newest: str


def default_file(environment: Mapping[str, str]) -> Path:
    """The user's own file; ``BIBTOOLS_ONLINE_ANSWERS`` names another."""
    given = environment.get("BIBTOOLS_ONLINE_ANSWERS")
    return Path(given) if given else Path(platformdirs.user_cache_dir("bibtools", appauthor=False)) / "answers.sqlite"


class KeptAnswers:
    """The file of kept answers, open."""

    def __init__(self, path: Path) -> None:
        """Raises KeptError where the file cannot be made or belongs to somebody else."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(path, flags, 0o600)
            try:
                held = os.fstat(descriptor)
                if not stat.S_ISREG(held.st_mode) or (os.name == "posix" and held.st_uid != os.geteuid()):
                    raise KeptError(f"{path}: is not a file of yours; kept answers are not used")
                if os.name == "posix" and held.st_mode & 0o077:
                    os.fchmod(descriptor, 0o600)
            finally:
                os.close(descriptor)
            self._db = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
            if self._version() not in (0, VERSION):
                raise KeptError(f"{path}: was kept by another version of bibtools; `bibtools online forget` removes it")
            for statement in _SCHEMA:
                self._db.execute(statement)
        except OSError as error:
            raise KeptError(f"{path}: {error.strerror or error}; answers are not kept") from None
        except sqlite3.Error as error:
            raise KeptError(f"{path}: {error}; `bibtools online forget` removes it") from None

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        self._db.close()

    def get(self, address: str, now: float) -> tuple[Reply, str] | None:
        """The reply to a question and the day it was given; None where it is not kept or no longer believed."""
        try:
            row = self._db.execute("SELECT state, at, works FROM answers WHERE address = ?", (address,)).fetchone()
            if row is None or not 0 <= now - row[1] + DAY / 24 <= (FOUND if row[0] == "found" else NOT_FOUND):
                return None
            unpacking = zlib.decompressobj()
            text = unpacking.decompress(row[2], LARGEST).decode("utf-8")
            batch = records_format.FORMAT.read_lines  # one work a line
            assert batch is not None
            works = tuple(batch(text.splitlines(keepends=True), ReadOptions()))
        except (sqlite3.Error, zlib.error, UnicodeDecodeError, TypeError):
            return None
        found = tuple(work.replace(origin=Origin()) for work in works if hasattr(work, "title"))  # type: ignore[union-attr]
        if len(found) != len(works):
            return None
        return Reply(found, matched=row[0] == "found", unregistered=row[0] == "unregistered"), day(row[1])

    def put(self, replies: Sequence[tuple[str, str, Reply]], now: float) -> None:
        """Keep replies: address, service, reply. What cannot be written is not kept, and the run goes on."""
        write = records_format.FORMAT.write
        assert write is not None
        rows = []
        for address, service, reply in replies:
            text = "".join(write((work.replace(origin=Origin()) for work in reply.records), WriteOptions()))
            state = "unregistered" if reply.unregistered else "found" if reply.matched else "not found"
            rows.append((address, service, state, now, zlib.compress(text.encode("utf-8", "replace"), 6)))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def turn(self, service: str, interval: float, now: float) -> float:
        """The moment at which the next request may be sent to a service; it is then taken. Other processes are counted."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            row = self._db.execute("SELECT at FROM turns WHERE service = ?", (service,)).fetchone()
            at = max(now, row[0] + interval) if row and abs(row[0] - now) < 100 * interval + 60 else now
            self._db.execute("INSERT OR REPLACE INTO turns VALUES (?, ?)", (service, at))
            self._db.execute("COMMIT")
        except (sqlite3.Error, TypeError):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            return now
        return float(at)

    def drop_old(self, now: float) -> None:
        """Remove what is no longer believed."""
        try:
            self._db.execute(
                f"DELETE FROM answers WHERE ? - at > CASE state WHEN 'found' THEN {FOUND} ELSE {NOT_FOUND} END", (now,)
            )
        except sqlite3.Error:
            return  # another process holds the file; the next run does it

    def summary(self, now: float) -> list[Summary]:
        rows = self._db.execute(
            "SELECT service, sum(state = 'found'), sum(state != 'found'), "
            f"sum(? - at > CASE state WHEN 'found' THEN {FOUND} ELSE {NOT_FOUND} END), min(at), max(at) "
            "FROM answers GROUP BY service ORDER BY service",
            (now,),
        )
        return [
            Summary(service, found, unknown, expired, day(first), day(last))
            for service, found, unknown, expired, first, last in rows
        ]

    def forget(self, services: Sequence[str] = ()) -> int:
        """Remove what is kept, of these services or of all; how many answers that were."""
        if services:
            marks = ",".join("?" * len(services))
            count = self._db.execute(f"DELETE FROM answers WHERE service IN ({marks})", tuple(services)).rowcount
        else:
            count = self._db.execute("DELETE FROM answers").rowcount
        self._db.execute("VACUUM")  # nothing of what was kept remains on the disk
        return count


@contextmanager
def opened(path: Path) -> Iterator[KeptAnswers]:
    """The file of kept answers, closed afterwards. Raises KeptError; whatever is wrong with the file is one."""
    answers = KeptAnswers(path)
    try:
        yield answers
    except sqlite3.Error as error:
        raise KeptError(f"{path}: {error}; `bibtools online forget` removes it") from None
    finally:
        answers.close()


def remove(path: Path) -> None:
    """Remove a file of kept answers that cannot be read, and what SQLite has beside it."""
    for each in (path, *(path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm"))):
        each.unlink(missing_ok=True)


def day(at: float) -> str:
    """The day of a moment, UTC."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()
