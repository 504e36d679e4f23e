"""Nothing is lost and nothing is doubled, whatever goes wrong: faults at any call, killed processes, two clients at once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.zotero.conftest import Bench, paper
from tests.zotero.server import Fault, ZoteroServer
from zotero_bridge.client import GaveUpError, ZoteroError

FAULTS = ("drop before", "drop after", "500", "500 after", "502", "503", "429", "time out", "garbage", "backoff")


def plan(seed: int, often: float, kinds: tuple[str, ...] = FAULTS) -> Fault:
    """A fault for some calls, by a seed."""
    chance = random.Random(seed)
    return lambda call, method, path: chance.choice(kinds) if chance.random() < often else ""


def assert_each_once(server: ZoteroServer, count: int) -> None:
    found = Counter(item["citationKey"] for item in server.alive())
    assert found == Counter({f"author{number}": 1 for number in range(count)})


def push_to_the_end(bench: Bench, count: int, volume: str = "") -> None:
    """As a person would: again, until it says that it is done."""
    for _ in range(20):
        try:
            bench.push([paper(number, volume=volume) for number in range(count)])
        except ZoteroError:
            continue
        return
    raise AssertionError("never done")


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_each_call_in_turn(fault: str, tmp_path: Path) -> None:
    for at in range(1, 7):
        with ZoteroServer() as server:
            server.hang = 0.55
            server.fault = lambda call, method, path, at=at: fault if call == at else ""  # type: ignore[misc]
            bench = Bench(server, tmp_path / f"{at}")
            push_to_the_end(bench, 60)
            assert_each_once(server, 60)
        if fault == "time out" and at == 4:
            break  # each costs half a second; the calls after it are of the same kinds


def test_five_thousand_records_with_a_fault_at_every_seventh_call(server: ZoteroServer, bench: Bench) -> None:
    kinds = [each for each in FAULTS if each != "time out"]
    server.fault = lambda call, method, path: kinds[call // 7 % len(kinds)] if call % 7 == 0 else ""
    push_to_the_end(bench, 5_000)
    assert_each_once(server, 5_000)
    server.fault = lambda call, method, path: ""
    writes = server.writes
    assert bench.verbs([paper(number) for number in range(5_000)]) == {"unchanged": 5_000}
    assert server.writes == writes


@pytest.mark.parametrize("seed", range(6))
def test_random_faults_while_the_user_edits(seed: int, tmp_path: Path) -> None:
    kinds = tuple(each for each in FAULTS if each != "time out")
    chance = random.Random(seed)
    with ZoteroServer() as server:
        bench = Bench(server, tmp_path)
        push_to_the_end(bench, 80)
        edited = {
            item["key"]: f"Edited {number}" for number, item in enumerate(server.alive()) if chance.random() < 0.2
        }
        left = list(edited)

        def edit_now_and_then(library: object) -> None:
            for _ in range(min(len(left), chance.randint(0, 3))):
                key = left.pop()
                server.edit(key, title=edited[key], tags=[*server.library.items[key]["data"]["tags"], {"tag": "mine"}])

        server.fault = plan(seed, 0.3, kinds)
        server.before_write = edit_now_and_then
        push_to_the_end(bench, 160, volume="2")
        server.before_write = lambda library: None
        push_to_the_end(bench, 160, volume="2")
        assert_each_once(server, 160)
        done = [key for key in edited if key not in left]
        for key in done:
            data = server.library.items[key]["data"]
            assert data["title"] == edited[key]
            assert {"tag": "mine"} in data["tags"]
        assert all(item["volume"] == "2" for item in server.alive())


@pytest.mark.parametrize("seed", range(2))
def test_processes_killed_anywhere_leave_each_record_once(seed: int, tmp_path: Path) -> None:
    with ZoteroServer() as server:
        killed = kill_pushes(server, tmp_path, seed, 150)
        push_to_the_end(Bench(server, tmp_path), 150, volume="3")
        assert_each_once(server, 150)
        assert killed


def kill_pushes(server: ZoteroServer, state: Path, seed: int, count: int) -> int:
    """Start pushes and kill each at a random call; returns how many died."""
    chance = random.Random(seed)
    killed = 0
    for attempt in range(3):
        victim: list[subprocess.Popen[bytes]] = []
        at = next(server.counter) + chance.randint(1, 7)
        kind = chance.choice(("drop before", "drop after"))

        def kill(call: int, method: str, path: str, at: int = at, kind: str = kind, victim=victim) -> str:  # type: ignore[no-untyped-def]
            if call < at or not victim or victim[0].poll() is not None:
                return ""
            if kind == "drop after":  # the write takes place, nobody hears of it
                server.before_write = lambda library: victim[0].kill()
                if method == "POST":
                    return "drop after"
            victim[0].kill()
            return "drop before"

        server.fault = kill
        command = [sys.executable, "-m", "tests.zotero.pushing", server.base, str(state), str(count), str(attempt)]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, env={**os.environ})
        victim.append(process)
        killed += process.wait() < 0
        server.before_write = lambda library: None
    server.fault = lambda call, method, path: ""
    return killed


def test_a_killed_push_goes_on_with_the_keys_that_it_announced(server: ZoteroServer, bench: Bench) -> None:
    def no_answer(call: int, method: str, path: str) -> str:
        return "drop after" if method == "POST" else "503" if server.writes else ""

    server.fault = no_answer
    with pytest.raises(GaveUpError):
        bench.push([paper(number) for number in range(30)])
    assert len(server.library.items) == 30
    server.fault = lambda call, method, path: ""
    server.edit(next(iter(server.library.items)), title="Edited before we knew")
    assert bench.verbs([paper(number) for number in range(30)]) == {"created": 30}
    assert len(server.library.items) == 30
    assert next(iter(server.library.items.values()))["data"]["title"] == "Edited before we knew"


def test_an_item_that_was_made_and_deleted_before_we_looked_is_not_made_again(
    server: ZoteroServer, bench: Bench
) -> None:
    bench.push([paper(0)])
    server.fault = lambda call, method, path: "drop after" if method == "POST" else "503" if server.writes > 1 else ""
    with pytest.raises(GaveUpError):
        bench.push([paper(0), paper(1)])
    server.fault = lambda call, method, path: ""
    server.destroy(next(item["key"] for item in server.alive() if item["citationKey"] == "author1"))
    assert bench.verbs([paper(0), paper(1)]) == {"unchanged": 1, "deleted": 1}


def test_two_clients_that_push_the_same_at_once_make_each_work_once(server: ZoteroServer, tmp_path: Path) -> None:
    one, other = Bench(server, tmp_path / "one"), Bench(server, tmp_path / "other")
    records = [paper(number) for number in range(120)]
    busy: list[bool] = []

    def the_other_comes_between(library: object) -> None:
        if not busy:
            busy.append(True)
            other.push(records[::-1])

    server.before_write = the_other_comes_between
    server.lock = _Unlocked()  # type: ignore[assignment]
    one.push(records)
    assert_each_once(server, 120)


def test_two_clients_that_edit_different_fields_lose_nothing(server: ZoteroServer, tmp_path: Path) -> None:
    one, other = Bench(server, tmp_path / "one"), Bench(server, tmp_path / "other")
    records = [paper(number) for number in range(60)]
    one.push(records)
    other.push(records)
    busy: list[bool] = []

    def the_other_comes_between(library: object) -> None:
        if not busy:
            busy.append(True)
            other.push([paper(number, issue="7") for number in range(60)])

    server.before_write = the_other_comes_between
    server.lock = _Unlocked()  # type: ignore[assignment]
    one.push([paper(number, volume="9") for number in range(60)])
    assert {(item["volume"], item["issue"]) for item in server.alive()} == {("9", "7")}


class _Unlocked:
    """The test's own thread plays the second client within a call of the first; a lock would wait for itself."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def test_a_library_that_never_rests_does_not_starve_us(server: ZoteroServer, bench: Bench) -> None:
    mine = server.add(itemType="book", title="Restless")
    server.before_write = lambda library: server.edit(mine, title=f"Restless {library.version}")
    assert bench.verbs([paper(number) for number in range(10)]) == {"created": 10}


def test_a_library_that_changes_between_pages_is_read_whole(server: ZoteroServer, tmp_path: Path) -> None:
    keys = [server.add(itemType="journalArticle", title=paper(n).title, DOI=paper(n).doi) for n in range(250)]
    gone: list[str] = []

    def meddle(call: int, method: str, path: str) -> str:
        if "start=100" in path and not gone:
            gone.append(keys[3])
            server.destroy(keys[3])  # everything after it moves up by one: an item falls between two pages
        return ""

    server.fault = meddle
    outcomes = Bench(server, tmp_path).verbs([paper(number) for number in range(250)])
    assert outcomes == {"updated": 249, "created": 1}
    assert len(server.alive()) == 250


def test_a_give_up_says_so_and_what_to_do(server: ZoteroServer, bench: Bench) -> None:
    server.fault = lambda call, method, path: "503"
    with pytest.raises(GaveUpError, match=r"gave up after 8 attempts.*run the command again"):
        bench.push([paper(1)])


def test_backoff_and_retry_after_are_obeyed(server: ZoteroServer, bench: Bench) -> None:
    server.fault = lambda call, method, path: {2: "backoff", 4: "429"}.get(call, "")
    bench.push([paper(1)])
    assert any(4 < pause <= 5 for pause in bench.slept)
    assert 1 in bench.slept


@pytest.mark.parametrize("code", [409, 413, 400])
def test_what_the_server_refuses_of_one_record_is_reported_for_it(
    server: ZoteroServer, bench: Bench, code: int
) -> None:
    from tests.zotero.server import Refuse

    plain = server._validate

    def picky(library: object, data: dict[str, object]) -> None:
        if data.get("citationKey") == "author3":
            raise Refuse(code, "not this one")
        plain(library, data)  # type: ignore[arg-type]

    server._validate = picky  # type: ignore[method-assign,assignment]
    outcomes = {each.id: each for each in bench.push([paper(number) for number in range(5)])}
    assert outcomes["author3"].verb == "failed"
    assert f"({code}): not this one" in outcomes["author3"].why
    assert len(server.alive()) == 4
