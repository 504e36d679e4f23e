"""A server, a client to it that does not sleep, and a push as a script would do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bibtools.cli import main
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
        with Client(self.server.base, self.key, timeout=2.0, sleep=self.slept.append) as client:
            backend = Local(client, self.library) if self.server.local else Web(client, self.library)
            backend.access()
            dry = options.pop("dry", False)
            with State(self.directory, backend.server, backend.library) as state:
                run = Run(backend, state, sync.Options(**options), dry, sleep=self.slept.append)
                try:
                    run.prepare()
                    with state.rehearsal() if dry else nullcontext():
                        return work(run)
                finally:
                    self.requests = client.requests

    def push(
        self,
        records: Sequence[Record],
        delete: bool = False,
        collection: str = "",
        source: str = "refs.bib",
        **options: Any,
    ) -> list[Outcome]:
        def work(run: Run) -> list[Outcome]:
            keys = [run.collection(collection)] if collection else []
            return run.push(sync.wanted(records, source, run.schema, lambda record: keys), delete)

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


# --- the command line ---

BIB = """% kept as it is
@article{knuth1984,
  author  = {Knuth, Donald E.},
  title   = {Literate {P}rogramming},
  journal = "The Computer Journal",
  year    = 1984, volume = {27},
  doi     = {10.1093/comjnl/27.2.97},
  mystery = {kept}
}

@misc{vaswani2017, title={Attention Is All You Need}, author={Ashish Vaswani and others},
  eprint={1706.03762}, archivePrefix={arXiv}, year={2017}}
"""
Call = Callable[..., Result]


@pytest.fixture
def call(server: ZoteroServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    monkeypatch.setenv("ZOTERO_API_KEY", "goodkey")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    (tmp_path / "refs.bib").write_text(BIB, encoding="utf-8")

    def run(*words: str, status: int = 0) -> Result:
        where = [] if "--api-base" in words else ["--api-base", server.base, "--state", str(tmp_path / "state")]
        result = CliRunner().invoke(main, ["zotero", *words, *where])
        assert result.exit_code == status, (result.output, result.exception)
        assert "goodkey" not in result.output
        return result

    yield run
    for file in [*(tmp_path / "state").glob("*"), *tmp_path.glob("*.json")]:
        assert b"goodkey" not in file.read_bytes()
        if file.parent.name == "state":
            assert file.stat().st_mode & 0o077 == 0


def item_of(server: ZoteroServer, key: str) -> dict[str, Any]:
    return next(item for item in server.alive() if item.get("citationKey") == key)
