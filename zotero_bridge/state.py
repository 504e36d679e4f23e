"""What we remember of a library between runs, and the journal of what is about to be written.

One SQLite file per server and library, readable by its owner only; the key is not in it. SQLite because a process can be
killed at any moment: a transaction is there whole or not at all, and is on the disk (``synchronous=FULL``) before the request
that it announces is sent. Only one process at a time uses a file.

- ``items``: the library as last seen, so that a run asks only for what changed since.
- ``children``: its attachments and notes, once they matter, up to a version of their own.
- ``links``: which record of which file is which item, and both sides at their last sync (see `compare`).
- ``judged``: records that were found to have no item, and why none was made: so they are not matched again while nothing
  has changed, and what was unsure once does not become new because the item in question has another record now.
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

__all__ = ["Intent", "Judged", "Link", "State", "default_directory", "new_key"]

ALPHABET = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"  # as Zotero: no 0, 1, O
TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS children (key TEXT PRIMARY KEY, parent TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS links (
    source TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, version INTEGER NOT NULL,
    ours TEXT NOT NULL, theirs TEXT NOT NULL, PRIMARY KEY (source, id, key));
CREATE TABLE IF NOT EXISTS judged (
    source TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, verb TEXT NOT NULL, why TEXT NOT NULL,
    others TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (source, id));
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
    """A record is an item. `ours` and `theirs` are what of each side has been carried over to the other, or settled.

    What one side has changed and the other not taken is therefore not in it, however often it was seen: it stays a change.
    """

    source: str
    id: str
    key: str
    digest: str  # of our item when all that it says was settled, else "": to see at a glance that nothing changed
    version: int  # of Zotero's item when all that it says was settled, else 0
    ours: Values
    theirs: Values


@dataclass(frozen=True, slots=True)
class Judged:
    """A record without an item: `verb` is why, `others` the items in question, `version` the library's when it was judged."""

    source: str
    id: str
    digest: str
    verb: str
    why: str
    others: tuple[str, ...]
    version: int


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
            self._rehearsing = False
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
        if self._rehearsing:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """What is remembered here is forgotten at the end: a dry run goes the same way as a real one."""
        self._db.execute("BEGIN IMMEDIATE")
        self._rehearsing = True
        try:
            yield
        finally:
            self._rehearsing = False
            self._db.execute("ROLLBACK")

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

    # --- attachments and notes -----------------------------------------------------------------------------------------

    @property
    def children_version(self) -> int:
        return int(self.fact("children-version") or 0)

    def children(self) -> dict[str, list[Item]]:
        """By the key of the parent."""
        found: dict[str, list[Item]] = {}
        for parent, data in self._db.execute("SELECT parent, data FROM children ORDER BY rowid"):
            found.setdefault(parent, []).append(json.loads(data))
        return found

    def child_keys(self) -> frozenset[str]:
        return frozenset(key for (key,) in self._db.execute("SELECT key FROM children"))

    def put_children(self, items: Iterable[Item], gone: Iterable[str] = (), version: int | None = None) -> None:
        rows = [(i["key"], str(i.get("parentItem") or ""), json.dumps(i, ensure_ascii=False)) for i in items]
        self._db.executemany("INSERT OR REPLACE INTO children VALUES (?, ?, ?)", rows)
        self._db.executemany("DELETE FROM children WHERE key = ?", [(key,) for key in gone])
        if version is not None:
            self.set_fact("children-version", str(version))

    # --- links ---------------------------------------------------------------------------------------------------------

    def links(self) -> list[Link]:
        rows = self._db.execute("SELECT source, id, key, digest, version, ours, theirs FROM links ORDER BY rowid")
        return [
            Link(s, i, key, digest, at, _values(ours), _values(theirs)) for s, i, key, digest, at, ours, theirs in rows
        ]

    def sources(self) -> frozenset[str]:
        return frozenset(str(source) for (source,) in self._db.execute("SELECT DISTINCT source FROM links"))

    def unsettled(self, sources: Iterable[str]) -> set[str]:
        """Ids of linked records whose item says something that was not carried over."""
        rows = [self._db.execute("SELECT id FROM links WHERE source = ? AND version = 0", (each,)) for each in sources]
        return {str(record_id) for found in rows for (record_id,) in found}

    def unseen(self) -> list[str]:
        """Keys of linked items that were in no list of the library."""
        rows = self._db.execute("SELECT DISTINCT key FROM links WHERE key NOT IN (SELECT key FROM items) ORDER BY key")
        return [str(key) for (key,) in rows]

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

    def rename_source(self, old: str, new: str) -> None:
        """A file has moved: what is known of its records is known under its new path."""
        with self.transaction():
            for table in ("links", "judged", "intents"):
                self._db.execute(f"UPDATE OR REPLACE {table} SET source = ? WHERE source = ?", (new, old))

    # --- records without an item ---------------------------------------------------------------------------------------

    def judged(self) -> dict[tuple[str, str], Judged]:
        rows = self._db.execute("SELECT source, id, digest, verb, why, others, version FROM judged")
        return {
            (s, i): Judged(s, i, digest, verb, why, tuple(json.loads(others)), at)
            for s, i, digest, verb, why, others, at in rows
        }

    def put_judged(self, judged: Judged) -> None:
        row = (
            judged.source,
            judged.id,
            judged.digest,
            judged.verb,
            judged.why,
            json.dumps(judged.others),
            judged.version,
        )
        self._db.execute("INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def drop_judged(self, source: str, record_id: str) -> None:
        self._db.execute("DELETE FROM judged WHERE source = ? AND id = ?", (source, record_id))

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
