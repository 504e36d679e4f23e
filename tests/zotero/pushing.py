"""A push in a process of its own, to be killed: ``python -m tests.zotero.pushing BASE STATE COUNT [VOLUME]``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.zotero.conftest import paper
from zotero_bridge import sync
from zotero_bridge.client import Client
from zotero_bridge.run import Run
from zotero_bridge.state import State
from zotero_bridge.web import Web


def main(base: str, state: str, count: str, volume: str = "") -> None:
    with Client(base, "goodkey", timeout=2.0, sleep=lambda seconds: None) as client:
        backend = Web(client, "user")
        backend.access()
        with State(Path(state), backend.server, backend.library) as opened:
            run = Run(backend, opened, sleep=lambda seconds: None)
            run.prepare()
            records = [paper(number, volume=volume) for number in range(int(count))]
            run.push(sync.wanted(records, "refs.bib", run.schema))


if __name__ == "__main__":
    main(*sys.argv[1:])
