"""What we remember of a library between runs, and the journal of what is about to be written.

One SQLite file per server and library, readable by its owner only; the key is not in it. SQLite because a process can be
killed at any moment: a transaction is there whole or not at all, and is on the disk (``synchronous=FULL``) before the request
that it announces is sent. Only one process at a time uses a file.

- ``items``: the library as last seen, so that a run asks only for what changed since.
- ``links``: which record of which file is which item, and both sides at their last sync (see `compare`).
- ``intents``: the journal: what was about to be created, under which key or write token.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zotero_bridge.client import ZoteroError
from zotero_bridge.schema import Item

__all__ = ["Intent", "Link", "State", "default_directory", "new_key"]

ALPHABET = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"  # as Zotero: no 0, 1, O
TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS links (
    source TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, version INTEGER NOT NULL,
    ours TEXT NOT NULL, theirs TEXT NOT NULL, PRIMARY KEY (source, id, key));
CREATE TABLE IF NOT EXISTS intents (
    source TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, token TEXT NOT NULL, version INTEGER NOT NULL,
    item TEXT NOT NULL);
"""

Values = dict[str, tuple[str, ...]]


def default_directory() -> Path:
    from platformdirs import user_state_path

    return user_state_path("bibtools") / "zotero"


def new_key() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(8))


@dataclass(frozen=True, slots=True)
class Link:
    """A record is an item. `ours` and `theirs` are both sides' values at the last sync."""

    source: str
    id: str
    key: str
    digest: str  # of our item, to see at a glance that nothing changed
    version: int  # of the item when it was last written or adopted
    ours: Values
    theirs: Values


@dataclass(frozen=True, slots=True)
class Intent:
    """About to be created: with `key` where the client chooses keys, else with `token`."""

    source: str
    id: str
    key: str
    token: str
    version: int  # of the library before
    item: Item


class State:
    """An open state file; use as a context manager."""

    def __init__(self, directory: Path, server: str, library: str) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", f"{server} {library}".lower()).strip("-")[:80]
        self.path = directory / f"{name}-{hashlib.sha256(f'{server} {library}'.encode()).hexdigest()[:8]}.db"
        self._lock = FileLock(f"{self.path}.lock", timeout=0, mode=0o600)
        try:
            self._lock.acquire()
        except Timeout:
            raise ZoteroError(f"another bibtools is at work on {library}; wait for it to end") from None
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self.path.chmod(0o600)
            self._db = sqlite3.connect(self.path, isolation_level=None)
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(TABLES)
        except (OSError, sqlite3.Error) as error:
            self._lock.release()
            raise ZoteroError(f"{self.path}: cannot be used as state ({error}); give another --state") from None

    def __enter__(self) -> State:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, and on the disk when it ends."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- facts ---------------------------------------------------------------------------------------------------------

    def fact(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @property
    def version(self) -> int:
        """The library version up to which `items` is complete, 0 when it was never read."""
        return int(self.fact("version") or 0)

    # --- the library as last seen --------------------------------------------------------------------------------------

    def items(self) -> dict[str, Item]:
        return {key: json.loads(data) for key, data in self._db.execute("SELECT key, data FROM items ORDER BY rowid")}

    def keys(self) -> frozenset[str]:
        return frozenset(key for (key,) in self._db.execute("SELECT key FROM items"))

    def put_items(self, items: Iterable[Item], gone: Iterable[str] = (), version: int | None = None) -> None:
        rows = [(each["key"], json.dumps(each, ensure_ascii=False)) for each in items]
        self._db.executemany("INSERT OR REPLACE INTO items VALUES (?, ?)", rows)
        self._db.executemany("DELETE FROM items WHERE key = ?", [(key,) for key in gone])
        if version is not None:
            self.set_fact("version", str(version))

    def forget_items(self) -> None:
        self._db.execute("DELETE FROM items")

    # --- links ---------------------------------------------------------------------------------------------------------

    def links(self) -> list[Link]:
        rows = self._db.execute("SELECT source, id, key, digest, version, ours, theirs FROM links ORDER BY rowid")
        return [
            Link(s, i, key, digest, at, _values(ours), _values(theirs)) for s, i, key, digest, at, ours, theirs in rows
        ]

    def put_link(self, link: Link) -> None:
        row = (
            link.source,
            link.id,
            link.key,
            link.digest,
            link.version,
            json.dumps(link.ours),
            json.dumps(link.theirs),
        )
        self._db.execute("INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def drop_link(self, link: Link) -> None:
        self._db.execute("DELETE FROM links WHERE source = ? AND id = ? AND key = ?", (link.source, link.id, link.key))

    # --- the journal ---------------------------------------------------------------------------------------------------

    def intents(self) -> list[Intent]:
        rows = self._db.execute("SELECT source, id, key, token, version, item FROM intents ORDER BY rowid")
        return [Intent(s, i, key, token, at, json.loads(item)) for s, i, key, token, at, item in rows]

    def announce(self, intents: Iterable[Intent]) -> None:
        """Write down what is about to be created; on the disk when this returns."""
        with self.transaction():
            for each in intents:
                self.fulfil(each.source, each.id)
                row = (each.source, each.id, each.key, each.token, each.version, json.dumps(each.item))
                self._db.execute("INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?)", row)

    def fulfil(self, source: str, record_id: str) -> None:
        """The intent has become an item, or will not."""
        self._db.execute("DELETE FROM intents WHERE source = ? AND id = ?", (source, record_id))


def _values(text: str) -> Values:
    found: dict[str, Any] = json.loads(text)
    return {name: tuple(values) for name, values in found.items()}
