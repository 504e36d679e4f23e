"""Questions on the terminal: what is shown, what each key does, and that answers are kept when one stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools.cli import main, questions
from bibtools.record import Date, Name, Record

TARGET = """@article{survey,
  author = {Liu, Yang and Qiu, Changzhen and Zhang, Zhiyong},
  title = {Deep Learning for {3D} Human Pose Estimation and Mesh Recovery: {A} Survey},
  journal = {Neurocomputing},
  year = {2024}
}

@misc{flow,
  author = {Zhiyong Zhang and Huaizu Jiang and Hanumant Singh},
  title = {{NeuFlow}: Real-time, High-accuracy Optical Flow Estimation on Robots Using Edge Devices},
  year = {2024},
  eprint = {2403.10425},
  archiveprefix = {arXiv}
}
"""
SOURCE = """@article{l25,
  author = {Liu, Yang and Qiu, Changzhen and Zhang, Zhiyong},
  title = {Deep Learning for Human Pose Estimation and Mesh Recovery},
  journal = {Neurocomputing},
  year = 2025
}

@misc{z25,
  author = {Zhang, Z. and Jiang, H. and Singh, H.},
  title = {{NeuFlow}: Real-Time, High-Accuracy Optical Flow on Robots},
  year = 2025,
  abstract = {LONG}
}
""".replace("LONG", "A network that is quick and exact. " * 60)
DECISIONS = ".bibtools-verdicts.json"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIBTOOLS_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")
    monkeypatch.chdir(tmp_path)
    Path("refs.bib").write_text(TARGET)
    Path("colleague.bib").write_text(SOURCE)
    return tmp_path


def ask(keys: str) -> Result:
    return CliRunner().invoke(main, ["merge", "refs.bib", "colleague.bib", "--interactive"], input=keys)


def test_a_question_fits_the_screen_in_the_words_of_the_file() -> None:
    shown = ask("k\nk\n").stderr
    first = shown[shown.index("1 of 2") : shown.index("2 of 2")]
    second = shown[shown.index("2 of 2") :]
    assert "survey (refs.bib:1)" in first
    assert "l25 (colleague.bib:1)" in first
    assert "* title" in first
    assert "* year" in first
    assert "the same: entry type @article; author Yang Liu and" in first
    for word in ("container_title", "issued", "nocase", "<span", "arxiv_id", "{3D}"):
        assert word not in shown
    assert len(second.partition("[s]ame")[0].splitlines()) < 30
    assert max(map(len, shown.rpartition("[s]ame")[0].splitlines())) <= 100


def test_every_key() -> None:
    assert "the same work: the two become one entry" in ask("?\nq\n").stderr
    assert "this is the first question" in ask("b\nq\n").stderr
    same = ask("s\nk\n")
    assert same.exit_code == 0, same.output
    assert Path("refs.bib").read_text().count("@") == 2
    assert "survey" in Path(DECISIONS).read_text() or "deep learning" in Path(DECISIONS).read_text()


def test_different_is_not_asked_again_and_skipped_is() -> None:
    ask("d\nk\n")
    again = ask("k\n").stderr
    assert "1 of 1" in again
    assert "z25" in again
    assert "l25 (" not in again.partition("[s]ame")[0]


def test_back_forgets_the_answer_before() -> None:
    result = ask("d\nb\nk\nd\n")
    assert result.stderr.count("1 of 2") == 2
    kept = Path(DECISIONS).read_text()
    assert "neuflow" in kept
    assert "deep learning" not in kept


@pytest.mark.parametrize("stop", ["q\n", ""])
def test_answers_given_are_kept_when_one_stops(stop: str) -> None:
    result = ask("d\n" + stop)
    assert result.exit_code == 0
    assert "deep learning" in Path(DECISIONS).read_text()
    assert Path("refs.bib").read_text() == TARGET


def test_an_interruption_stops_like_q(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bibtools", "merge", "refs.bib", "colleague.bib", "--interactive"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write("d\n")
    process.stdin.flush()
    seen = ""
    end = time.monotonic() + 60
    while "2 of 2" not in seen and time.monotonic() < end:
        seen += process.stderr.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert "your answers are remembered" in rest
    assert "deep learning" in Path(DECISIONS).read_text()
    assert Path("refs.bib").read_text() == TARGET


def test_picked_fields_are_taken() -> None:
    result = ask("p\n2\n2\nk\n")
    assert "Keep 1 or 2" in result.stderr
    assert "title = {Deep Learning for Human Pose Estimation" in Path("refs.bib").read_text()


def test_values_that_are_shown_alike_do_not_differ() -> None:
    one = Record(title='On <span class="nocase">DNA</span>', author=(Name("Berg", "Ann"),), issued=Date((2000,)))
    other = Record(title="On DNA", author=(Name("Berg", "Ann"),), issued=Date((2001,)))
    assert questions.differing(one, other) == ["issued"]
