"""Run by hand: many seeded plans of faults, edits and killed processes. ``python -m tests.zotero.plans 300``.

Each plan pushes 120 records in processes that are killed (SIGKILL) at random calls, with a fault at every fourth call or so and a
user who edits, trashes and tags meanwhile; then pushes to the end. At the end each record that the user left alone is there
exactly once, and every edit stands.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.zotero.conftest import Bench, paper
from tests.zotero.server import ZoteroServer
from zotero_bridge.client import ZoteroError

COUNT = 120
KINDS = ("drop before", "drop after", "500", "500 after", "502", "503", "429", "garbage", "backoff")


def push_in_a_process(server: ZoteroServer, directory: Path, volume: str, at: int, after: bool) -> bool:
    """A forked push, killed at the given call, before or after the server has acted; returns whether it died so."""
    plain = server.fault
    child: list[int] = []

    def fault(call: int, method: str, path: str) -> str:
        if call < at or not child:
            return plain(call, method, path)
        if not after:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child[0], signal.SIGKILL)
        else:
            server.before_write = lambda library: os.kill(child[0], signal.SIGKILL)
        return "drop before" if not after else "drop after" if method == "POST" else plain(call, method, path)

    server.fault = fault
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(ZoteroError):
            Bench(server, directory).push([paper(number, volume=volume) for number in range(COUNT)])
        os._exit(0)
    child.append(pid)
    _, status = os.waitpid(pid, 0)
    server.fault = plain
    server.before_write = lambda library: None
    return os.WIFSIGNALED(status)


def meddle(server: ZoteroServer, chance: random.Random, done: dict[str, dict[str, Any]], trashed: set[str]) -> None:
    """What the user does between two pushes."""
    for item in server.alive():
        dice = chance.random()
        if dice < 0.1:
            done[item["key"]] = {"title": f"Edited {chance.random()}"}
            server.edit(item["key"], **done[item["key"]], tags=[*item["tags"], {"tag": "mine"}])
        elif dice < 0.13:
            server.trash(item["key"])
            trashed.add(item["citationKey"])


def one_plan(seed: int) -> tuple[int, list[str]]:
    """Deaths, and what went wrong."""
    chance = random.Random(seed)
    often = chance.choice((0.0, 0.1, 0.25, 0.4))
    done: dict[str, dict[str, Any]] = {}
    trashed: set[str] = set()
    deaths = 0
    with ZoteroServer() as server, tempfile.TemporaryDirectory() as directory:
        server.fault = lambda call, method, path: chance.choice(KINDS) if chance.random() < often else ""
        for attempt in range(3):
            at = next(server.counter) + chance.randint(1, 8)
            deaths += push_in_a_process(server, Path(directory), str(attempt // 2), at, chance.random() < 0.5)
            meddle(server, chance, done, trashed)
        for _ in range(30):
            with contextlib.suppress(ZoteroError):
                Bench(server, Path(directory)).push([paper(number, volume="1") for number in range(COUNT)])
                break
        else:
            return deaths, ["never done"]
        return deaths, wrong(server, done, trashed)


def wrong(server: ZoteroServer, done: dict[str, dict[str, Any]], trashed: set[str]) -> list[str]:
    found = []
    counts = Counter(item["citationKey"] for item in server.alive())
    expected = {f"author{number}" for number in range(COUNT)} - trashed
    found += [
        f"{name}: {counts[name]} times" for name in expected | counts.keys() if counts[name] != (name in expected)
    ]
    for key, edit in done.items():
        data = server.library.items[key]["data"]
        if data["title"] != edit["title"] or {"tag": "mine"} not in data["tags"]:
            found.append(f"{key}: edit lost")
    return found


def main(plans: int, start: int = 0) -> int:
    begun, deaths, bad = time.monotonic(), 0, 0
    for seed in range(start, start + plans):
        died, problems = one_plan(seed)
        deaths += died
        if problems:
            bad += 1
            print(f"seed {seed}: {problems}", flush=True)
    print(f"{plans} plans, {deaths} processes killed, {bad} went wrong, {time.monotonic() - begun:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
