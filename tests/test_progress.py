"""How far long work is: on a terminal only, one line that leaves nothing behind, and an interruption that changes nothing."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bibtools import api
from bibtools.cli import console
from bibtools.progress import listening, watched

LINES = [
    (("Reading", 45_000, 100_000, 3.0), "Reading 45,000 of 100,000, 15,000 a second, 0:04 left"),
    (("Converting", 1_234_567, 0, 10.0), "Converting 1,234,567, 123,457 a second"),
    (("Reading", 0, 100, 0.0), "Reading 0 of 100"),
    (("Reading", 1, 100_000, 2.0), "Reading 1 of 100,000, 55:33:18 left"),
    (("Comparing", 10, 20, 60.0), "Comparing 10 of 20, 1:00 left"),
    (("Indexing", 3, 20, 6.0, "12 of 40 MB"), "Indexing 12 of 40 MB, 0:34 left"),
]


@pytest.mark.parametrize(("arguments", "line"), LINES)
def test_the_line(arguments: tuple[object, ...], line: str) -> None:
    assert console.progress_line(*arguments) == line  # type: ignore[arg-type]


def test_the_listener_hears_the_beginning_and_the_end_and_the_items_are_the_same() -> None:
    heard: list[tuple[str, int, int]] = []
    with listening(lambda *report: heard.append(report)):
        assert list(watched(range(450), "Reading", 450)) == list(range(450))
    assert heard == [("Reading", number, 450) for number in (0, 200, 400, 450)]
    items = range(3)
    assert watched(items, "Reading") is items


def test_checking_and_converting_report() -> None:
    heard: list[tuple[str, int, int]] = []
    text = "".join(f"@misc{{k{number}, title={{T{number}}}}}\n" for number in range(500))
    with listening(lambda *report: heard.append(report)):
        api.check(text.encode())
        assert "".join(api.convert(api.read_records(text)).text)
    for what in ("Reading", "Checking", "Comparing", "Converting"):
        done = [count for name, count, _ in heard if name == what]
        assert done
        assert done[0] == 0 or what == "Comparing"


RUN = """
import sys
from bibtools.cli import console, main
console.Bar.DELAY = console.Bar.PAUSE = 0
sys.argv[0] = "bibtools"
main()
"""


def on_a_terminal(words: list[str], folder: Path, interrupt_at: bytes = b"", **environment: str) -> tuple[bytes, int]:
    """What a command writes to a terminal, and its status; interrupted when it has written something."""
    master, slave = pty.openpty()
    variables = {
        **os.environ,
        "BIBTOOLS_STATE": str(folder / "state"),
        "TERM": "xterm",
        "COLUMNS": "100",
        **environment,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=slave, env=variables
    )
    os.close(slave)
    seen, sent, end = b"", False, time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([master], [], [], 0.1)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        seen += piece
        if not piece:
            break
        if interrupt_at and not sent and interrupt_at in seen:
            process.send_signal(signal.SIGINT)
            sent = True
    os.close(master)
    return seen, process.wait(timeout=30)


@pytest.fixture
def refs(tmp_path: Path) -> Path:
    path = tmp_path / "refs.bib"
    path.write_text(
        "".join(
            f"@article{{k{number},\n  author = {{A{number} B}},\n  title = {{On the {number}th Engine of Words}},\n"
            f"  journal = {{J}},\n  year = {1900 + number % 100}\n}}\n"
            for number in range(3000)
        )
    )
    return path


def test_a_terminal_shows_it_and_keeps_nothing_of_it(refs: Path) -> None:
    seen, status = on_a_terminal(["check", "refs.bib", "--no-duplicates"], refs.parent)
    assert status == 0
    assert b"Checking 200 of 3,000" in seen
    last = seen.replace(b"\r\n", b"\n").rpartition(b"\x1b[K")[2]
    assert b"Checking" not in last
    assert b"nothing found" in last


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}])
def test_a_dumb_terminal_gets_none(refs: Path, environment: dict[str, str]) -> None:
    seen, _ = on_a_terminal(["check", "refs.bib", "--no-duplicates"], refs.parent, **environment)
    assert b"Checking" not in seen
    assert b"\x1b[K" not in seen


@pytest.mark.parametrize("words", [["check", "refs.bib", "--fix"], ["dedupe", "refs.bib", "--write"]])
def test_an_interruption_is_clean(refs: Path, words: list[str]) -> None:
    before = refs.read_bytes()
    seen, status = on_a_terminal(words, refs.parent, b"Reading 200" if words[0] == "dedupe" else b"Checking 200")
    assert status == 130
    assert b"Traceback" not in seen
    assert b"interrupted" in seen.rpartition(b"\x1b[K")[2]
    assert refs.read_bytes() == before
    assert sorted(path.name for path in refs.parent.iterdir() if path.name != "state") == ["refs.bib"]
