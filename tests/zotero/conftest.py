"""A server, a client to it that does not sleep, and a push as a script would do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bibtools.record import Date, Name, Record
from tests.zotero.server import ZoteroServer
from zotero_bridge import sync
from zotero_bridge.client import Client
from zotero_bridge.local import Local
from zotero_bridge.run import Outcome, Run
from zotero_bridge.state import State
from zotero_bridge.web import Web


@pytest.fixture
def server() -> Iterator[ZoteroServer]:
    with ZoteroServer() as running:
        yield running


def paper(number: int, **fields: Any) -> Record:
    """One of many papers, each plainly a work of its own."""
    words = ["amber", "basalt", "cedar", "delta", "ember", "fjord", "garnet", "heather", "indigo", "jasper"]
    title = " ".join(words[int(digit)] for digit in f"{number:05d}")
    given: dict[str, Any] = {
        "id": f"author{number}",
        "type": "article-journal",
        "title": f"{title.capitalize()} in sediments",
        "author": (Name(family=f"Author{number}", given="Ada"),),
        "container_title": "Journal of Layers",
        "issued": Date((2000 + number % 20,)),
        "doi": f"10.5555/layers.{number}",
        "keyword": ("geology",),
    }
    return Record(**{**given, **fields})


class Bench:
    """One user with one state directory."""

    def __init__(self, server: ZoteroServer, directory: Path, library: str = "user", key: str = "goodkey") -> None:
        self.server, self.directory, self.library, self.key = server, directory, library, key
        self.slept: list[float] = []
        self.requests = 0

    def run(self, work: Callable[[Run], Any], **options: Any) -> Any:
        with Client(self.server.base, self.key, timeout=0.5, sleep=self.slept.append) as client:
            backend = Local(client, self.library) if self.server.local else Web(client, self.library)
            backend.access()
            dry = options.pop("dry", False)
            with State(self.directory, backend.server, backend.library) as state:
                run = Run(backend, state, sync.Options(**options), dry, sleep=self.slept.append)
                try:
                    run.prepare()
                    return work(run)
                finally:
                    self.requests = client.requests

    def push(
        self, records: Sequence[Record], delete: bool = False, collection: str = "", **options: Any
    ) -> list[Outcome]:
        def work(run: Run) -> list[Outcome]:
            key = run.collection(collection) if collection else ""
            return run.push(sync.wanted(records, "refs.bib", run.schema, key), delete)

        found: list[Outcome] = self.run(work, **options)
        return found

    def verbs(self, records: Sequence[Record], **options: Any) -> dict[str, int]:
        counts: dict[str, int] = {}
        for outcome in self.push(records, **options):
            counts[outcome.verb] = counts.get(outcome.verb, 0) + 1
        return counts


@pytest.fixture
def bench(server: ZoteroServer, tmp_path: Path) -> Bench:
    return Bench(server, tmp_path / "state")
