"""Keeping a .bib and a library in step while somebody works on them.

The file is looked at every second and read when it has rested; the library is asked for its version now and then, one request,
and not while the server wants to be left alone. What we write ourselves is no news. A file that lost a part of its entries or
can no longer be read to its end is left alone until it is whole again: it is being saved, or something went wrong.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bibtools import bibfile
from bibtools.formats import bibtex
from zotero_bridge import commands
from zotero_bridge.client import NobodyThereError, ZoteroError
from zotero_bridge.commands import Result, Settings
from zotero_bridge.report import DONE
from zotero_bridge.run import Outcome

__all__ = ["watch"]

INTERVAL = 30.0  # seconds between two questions to the library
LONGEST = 600.0  # after failures
LEAST = 0.9  # of the entries of the last time must still be there

Sync = Callable[[], Result]


@dataclass
class _Watched:
    """What was seen last."""

    path: str
    say: Callable[[str], None]
    stamp: tuple[int, int, int] | None = None
    entries: int = 0
    errors: int = 0
    version: int = 0
    told: set[str] = field(default_factory=set)

    def look(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self.path)  # noqa: PTH116
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def counted(self) -> tuple[int, int]:
        """Entries of the file, and what is wrong with it."""
        document = bibfile.parse(Path(self.path).read_bytes(), self.path)
        problems = bibtex.records(document, self.path).problems
        return len(document.entries), sum(problem.severity == "error" for problem in problems)

    def whole(self) -> bool:
        """Whether the file may be synced; if not, why is told once."""
        try:
            entries, errors = self.counted()
        except OSError as error:
            return self.once(f"{self.path}: {error.strerror}; waiting")
        if errors > self.errors:
            return self.once(f"{self.path}: cannot be read to its end; nothing is synced until it can")
        if entries < LEAST * self.entries:
            return self.once(
                f"{self.path}: {entries:,} entries, there were {self.entries:,}; nothing is synced until they are back "
                "(or `bibtools zotero sync` is run without --watch)"
            )
        return True

    def once(self, line: str) -> bool:
        if line not in self.told:
            self.told.add(line)
            self.say(line)
        return False

    def settled(self, result: Result) -> None:
        """A sync took place: what is there now is no news."""
        self.stamp, self.version = self.look(), result.version
        self.entries, self.errors = self.counted()
        self.told = {line for line in self.told if line.startswith("conflict")}


def watch(
    path: str,
    settings: Settings,
    sync: Callable[[Settings], Result],
    say: Callable[[str], None],
    *,
    interval: float = INTERVAL,
    wait: Callable[[float], None] = time.sleep,
) -> Result | None:
    """Sync, then again whenever a side has changed, until interrupted; returns the last result."""
    settings = replace(settings, delete=False)
    watched = _Watched(path, say)
    result: Result | None = None
    pause, left = interval, 0.0
    try:
        while True:
            news = _resting(watched, wait) if result is None or watched.look() not in (watched.stamp, None) else False
            if result is not None and not news and left <= 0:
                left = pause
                news = _library_changed(result, settings, watched)
            if news or result is None:
                if watched.whole():
                    try:
                        result = sync(settings)
                        watched.settled(result)
                        pause = left = interval
                        _tell(result, watched)
                    except ZoteroError as error:
                        if result is None:
                            raise
                        watched.once(f"{error}; trying again later")
                        pause = left = min(2 * pause, LONGEST)
                elif result is None:
                    raise ZoteroError(f"{path}: not synced")
                else:
                    watched.stamp = watched.look()
            wait(1.0)
            left -= 1.0
    except KeyboardInterrupt:
        return result


def _resting(watched: _Watched, wait: Callable[[float], None]) -> bool:
    """Wait until nobody is writing the file any more."""
    before = watched.look()
    for _ in range(30):
        wait(0.5)
        now = watched.look()
        if now == before and now is not None:
            return True
        before = now
    return False


def _library_changed(result: Result, settings: Settings, watched: _Watched) -> bool:
    try:
        return commands.library_version(result.library, settings, watched.version) > watched.version
    except NobodyThereError as error:
        return watched.once(str(error))
    except ZoteroError as error:
        return watched.once(f"{error}; trying again later")


def _tell(result: Result, watched: _Watched) -> None:
    for line in _lines(result.outcomes):
        if line.startswith("conflict"):
            watched.once(line)
        else:
            watched.say(line)


def _lines(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    for each in outcomes:
        if each.verb in DONE:
            names = ", ".join(name for name, _, _ in each.fields)
            yield f"{each.verb} {each.id}" + (f": {names}" if names else "")
        for name, theirs, ours in each.conflicts:
            yield f"conflict {each.id}: {name}: Zotero has {theirs!r}, the file {ours!r}"
