"""Answers that are kept: not asked again, by nobody else readable, without keys and addresses."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from bibtools.online.asking import Wanted, wanted
from bibtools.online.kept import DAY, KeptAnswers, KeptError
from bibtools.online.session import OnlineError
from bibtools.record import Record
from tests.online.conftest import MAILTO, Opened
from tests.online.papers import LEARNING, QUANTUM
from tests.online.server import Clock, CrossrefServer

ONE, OTHER = wanted(Record(doi=LEARNING.doi)), wanted(Record(doi=QUANTUM.doi))
NONE = wanted(Record(doi="10.5555/none"))


def test_the_same_question_is_asked_once(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        first = opened(server).ask([ONE, OTHER, NONE])
        asked = len(server.calls)
        again = opened(server).ask([NONE, ONE])
        assert len(server.calls) == asked
        assert again == (first[2], first[0])


@pytest.mark.parametrize(("work", "days"), [(ONE, 30), (NONE, 1)])
def test_a_work_is_believed_for_thirty_days_that_there_is_none_for_one(
    work: Wanted, days: int, opened: Opened, clock: Clock
) -> None:
    with CrossrefServer(clock=clock) as server:
        opened(server).ask([work])
        clock.at += (days - 0.1) * DAY
        opened(server).ask([work])
        assert len(server.calls) == 1
        clock.at += 0.2 * DAY
        opened(server).ask([work])
        assert len(server.calls) == 2


def test_that_a_service_did_not_answer_is_never_kept(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        server.fault = lambda number: "503"
        assert opened(server).ask([ONE])[0].unresolved
        server.fault = lambda number: ""
        assert opened(server).ask([ONE])[0].settled


def test_offline_uses_kept_answers_only(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        opened(server).ask([ONE])
        kept, other = opened(server, offline=True).ask([ONE, OTHER])
        assert len(server.calls) == 1
    assert kept.settled
    assert other.unresolved == "crossref did not answer (not asked: --offline, and nothing is kept)"


def test_an_interrupted_run_goes_on_where_it_was(opened: Opened, clock: Clock) -> None:
    works = [wanted(Record(title=f"Title number {number}", doi=f"10.1234/a:{number}")) for number in range(30)]

    class Interrupting:
        def __init__(self) -> None:
            self.left = 12

        def __call__(self, seconds: float) -> None:
            clock.sleep(seconds)
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt

    with CrossrefServer(clock=clock) as server:
        session = opened(server, ids_only=True)
        session.askers[0].client._sleep = Interrupting()
        with pytest.raises(KeyboardInterrupt):
            session.ask(works)
        before = list(server.asked)
        opened(server, ids_only=True).ask(works)
        assert 0 < len(before) < 30
        assert sorted(server.asked) == sorted(f"10.1234/a:{number}" for number in range(30))


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_nobody_else_can_read_them_and_no_address_or_key_is_in_them(
    opened: Opened, clock: Clock, answers: Path
) -> None:
    with CrossrefServer(clock=clock) as server:
        opened(server).ask([ONE, NONE])
    assert stat.S_IMODE(answers.stat().st_mode) == 0o600
    assert stat.S_IMODE(answers.parent.stat().st_mode) == 0o700
    whole = b"".join(each.read_bytes() for each in answers.parent.iterdir())
    assert MAILTO.encode() not in whole and b"mailto" not in whole
    (address,) = sqlite3.connect(answers).execute("SELECT address FROM answers WHERE state = 'found'").fetchone()
    assert address == f"GET {server.base}/works/{LEARNING.doi}"


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_costs_nothing_but_asking(content: bytes, opened: Opened, clock: Clock, answers: Path) -> None:
    answers.parent.mkdir()
    answers.write_bytes(content)
    with CrossrefServer(clock=clock) as server:
        session = opened(server)
        assert session.ask([ONE])[0].settled
        assert bool(session.problem) == bool(content)


def test_a_damaged_answer_is_asked_again(opened: Opened, clock: Clock, answers: Path) -> None:
    with CrossrefServer(clock=clock) as server:
        opened(server).ask([ONE])
        with sqlite3.connect(answers) as db:
            db.execute("UPDATE answers SET works = ?", (b"\x00\x01",))
        assert opened(server).ask([ONE])[0].settled
        assert len(server.calls) == 2


def test_a_link_is_not_followed(answers: Path) -> None:
    answers.parent.mkdir()
    (answers.parent / "victim").write_text("mine")
    answers.symlink_to(answers.parent / "victim")
    with pytest.raises(KeptError):
        KeptAnswers(answers)
    assert (answers.parent / "victim").read_text() == "mine"


def test_two_processes_share_the_file_and_the_pace(answers: Path) -> None:
    both = [KeptAnswers(answers), KeptAnswers(answers)]
    turns = [both[number % 2].turn("host", 3.0, 1000.0) for number in range(6)]
    assert turns == [1000.0, 1003.0, 1006.0, 1009.0, 1012.0, 1015.0]


def test_two_sessions_at_once(opened: Opened, clock: Clock, answers: Path) -> None:
    """Threads with a session of their own each write into one file; nothing is lost and nothing fails."""
    from bibtools.online.service import Reply

    def keep(start: int) -> None:
        mine = KeptAnswers(answers)
        for number in range(start, start + 40):
            mine.put([(f"GET x/{number}", "crossref", Reply((Record(title=f"T {number}"),), matched=True))], 1000.0)
        mine.close()

    KeptAnswers(answers).close()
    threads = [threading.Thread(target=keep, args=(start,)) for start in (0, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = KeptAnswers(answers)
    assert all(held.get(f"GET x/{number}", 1000.0) for number in range(80))


def test_forget(opened: Opened, clock: Clock, answers: Path) -> None:
    with CrossrefServer(clock=clock) as server:
        opened(server).ask([ONE, NONE])
    held = KeptAnswers(answers)
    (told,) = held.summary(clock())
    assert (told.service, told.found, told.not_found, told.expired) == ("crossref", 1, 1, 0)
    assert held.forget(["arxiv"]) == 0
    assert held.forget() == 2
    assert not held.summary(clock())


@pytest.mark.parametrize("mailto", ["me", "a@b\r\nX: y", "a b@c.d", "<a@b.c>", "a@b.c, d@e.f"])
def test_what_is_no_mail_address_is_not_sent(mailto: str, opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server, pytest.raises(OnlineError):
        opened(server, mailto=mailto)


def test_what_is_too_old_is_removed(opened: Opened, clock: Clock, answers: Path) -> None:
    with CrossrefServer(clock=clock) as server:
        opened(server).ask([ONE, NONE])
        clock.at += 2 * DAY
        opened(server)
    (told,) = KeptAnswers(answers).summary(clock())
    assert (told.found, told.not_found) == (1, 0)
