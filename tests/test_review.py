"""The review page: what it shows, that nothing in it is obeyed, and that its answers come back, in a real browser."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools.change import Add, Outcome, Plan, SetField, Status, Target
from bibtools.cli import main
from bibtools.formats.bibtex.labels import field_label, value_label
from bibtools.record import Date, Name, Origin, Record
from bibtools.report import Labels, review
from bibtools.verdict import Answer, Evidence, Verdict
from tests.browser import browser

LABELS = Labels(lambda field, record: field_label(field, record), value_label)
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>" onclick="alert(3)\u202e'


def record(key: str, title: str, year: int, **more: object) -> Record:
    return Record(
        id=key, type="article-journal", title=title, author=(Name("Lovelace", "Ada"),), issued=Date((year,)),
        origin=Origin(f"{key}.bib", 3), **more,  # type: ignore[arg-type]
    )  # fmt: skip


VERDICT = Verdict(0, 1, Answer.UNSURE, 6.5, (Evidence("title", 3, "titles differ in “looms”"),))
ASKED = [
    review.Asked(
        record("mine", "On Engines", 1843, container_title="Notes"),
        record("theirs", "On Engines and Looms", 1844),
        VERDICT,
    ),
    review.Asked(record("second", HOSTILE, 1843), record("other", "Plain", 1843), VERDICT),
]
NEW = record("new", "Something new", 1900)
PLAN = Plan(
    outcomes=(
        Outcome(
            record("x", "Known", 1800),
            Status.UPDATED,
            "known",
            record("known", "Known", 1800),
            (SetField(Target("known", 0), "container_title", "", HOSTILE, "was missing"),),
        ),
        Outcome(NEW, Status.ADDED, "new"),
    ),
    changes=(Add(NEW),),
)


def page(asked: list[review.Asked] = ASKED) -> str:
    return review.to_html(PLAN, asked, "refs.bib", review.digest(b"text", PLAN, asked), LABELS)


def test_the_page_shows_every_change_and_question_in_the_words_of_the_file() -> None:
    text = page()
    for word in (
        "On Engines",
        "Looms</ins>",
        "Something new",
        "journal",
        "year",
        "titles differ",
        "score 6.5",
        "known",
    ):
        assert word in text
    assert "container_title" not in re.sub(r'data-field="[^"]*"', "", text)
    assert "issued" not in re.sub(r'data-field="[^"]*"', "", text)


def test_what_a_title_says_is_text() -> None:
    text = page()
    assert "<script>alert" not in text
    assert "<img" not in text
    assert 'onclick="' not in text
    assert "\u202e" not in text
    assert text.count("<script>") == 1
    assert "default-src 'none'" in text


def test_the_digest_depends_on_the_target_the_plan_and_the_questions() -> None:
    found = {
        review.digest(b"text", PLAN, ASKED),
        review.digest(b"other", PLAN, ASKED),
        review.digest(b"text", Plan(PLAN.outcomes[:1]), ASKED),
        review.digest(b"text", PLAN, ASKED[:1]),
    }
    assert len(found) == 4
    assert review.digest(b"text", PLAN, ASKED) == review.digest(b"text", PLAN, list(ASKED))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"format": "x"}', '{"format": "bibtools answers", "version": 2, "digest": "", "answers": {}}',
     '{"format": "bibtools answers", "version": 1, "digest": "", "answers": {"a": {"answer": "perhaps"}}}',
     '{"format": "bibtools answers", "version": 1, "digest": "", "answers": []}', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(review.AnswersError):
        review.loads(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_title_makes_a_page_of_text(left: str, right: str) -> None:
    asked = [review.Asked(record("a", left, 1), record("b", right, 2), VERDICT)]
    text = page(asked)
    assert re.findall(r"<(?:script|img|iframe|a|link)\b", text) == ["<script"]


def test_in_a_browser(tmp_path: Path) -> None:
    file = tmp_path / "review.html"
    file.write_text(page(), encoding="utf-8")
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    with browser(tmp_path / "profile") as tab:
        tab.open(file.as_uri(), downloads)
        assert tab.run("document.getElementById('status').textContent") == "0 of 2 answered"
        tab.run("document.querySelector('button[value=same]').click()")
        tab.run("document.querySelector('[data-field=issued][data-side=right]').click()")
        tab.key("n")
        tab.key("d")
        assert tab.run("document.getElementById('status').textContent") == "2 of 2 answered"
        tab.key("w")
        saved = downloads / "answers.json"
        end = time.monotonic() + 20
        while not saved.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        requests = [
            event["params"]["request"]["url"]
            for event in tab.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        assert {address.partition(":")[0] for address in requests} <= {"file", "blob", "data"}
        refused = [event for event in tab.events if event.get("method") == "Log.entryAdded"]
        assert not refused, refused
        assert not [event for event in tab.events if event.get("method") == "Page.javascriptDialogOpening"]
    found = review.loads(saved.read_text(encoding="utf-8"))
    assert found.digest == review.digest(b"text", PLAN, ASKED)
    assert found.pairs == {
        review.identity(ASKED[0].left, ASKED[0].right): (Answer.SAME, {"issued": "right"}),
        review.identity(ASKED[1].left, ASKED[1].right): (Answer.DIFFERENT, {}),
    }
    assert json.loads(saved.read_text())["version"] == 1


# --- the commands -----------------------------------------------------------------------------------------------------

FLOW = """@misc{flow,
  author = {Zhiyong Zhang and Huaizu Jiang and Hanumant Singh},
  title = {{NeuFlow}: Real-time, High-accuracy Optical Flow Estimation on Robots Using Edge Devices},
  year = {2024}
}
"""
KNUTH = """@book{knuth84,
  author = {Donald E. Knuth},
  title = {The {TeX}book},
  publisher = {Addison-Wesley},
  year = 1984
}
"""
COLLEAGUE = """@misc{z25,
  author = {Zhang, Z. and Jiang, H. and Singh, H.},
  title = {{NeuFlow}: Real-Time, High-Accuracy Optical Flow on Robots},
  year = 2025
}
""" + KNUTH.replace("knuth84", "k").replace("year = 1984", "year = 1984,\n  isbn = {0-201-13448-9}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIBTOOLS_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    Path("refs.bib").write_text(FLOW + KNUTH)
    Path("colleague.bib").write_text(COLLEAGUE)
    Path("both.bib").write_text(FLOW + COLLEAGUE)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def chosen(page: str, answer: str, of_changes: str = "") -> Path:
    """The file that the page saves when every question gets one answer, and every change another."""
    text = Path(page).read_text(encoding="utf-8")
    questions = text[text.index("id='questions'") :].partition("</section>")[0]
    pairs = {key: {"answer": of_changes} for key in re.findall(r'data-pair="(\w+)"', text)} if of_changes else {}
    pairs |= {key: {"answer": answer} for key in re.findall(r'data-pair="(\w+)"', questions)}
    state = re.search(r'data-digest="(\w+)"', text)
    assert state
    path = Path("answers.json")
    path.write_text(json.dumps({"format": "bibtools answers", "version": 1, "digest": state[1], "answers": pairs}))
    return path


@pytest.mark.parametrize(("answer", "entries"), [("same", 2), ("different", 3)])
def test_merge_reviewed(folder: Path, answer: str, entries: int) -> None:
    before = Path("refs.bib").read_bytes()
    made = run("merge", "refs.bib", "colleague.bib", "--review", "page.html")
    assert made.exit_code == 0, made.output
    assert "1 question" in made.stderr
    assert Path("refs.bib").read_bytes() == before
    answers = chosen("page.html", answer)
    done = run("merge", "refs.bib", "colleague.bib", "--answers", str(answers))
    assert done.exit_code == 0, done.output
    after = Path("refs.bib").read_text()
    assert after.count("@") == entries
    assert "0-201-13448-9" in after
    again = run("merge", "refs.bib", "colleague.bib")
    assert Path("refs.bib").read_text() == after, again.stderr


def test_dedupe_reviewed(folder: Path) -> None:
    assert run("dedupe", "both.bib", "--review", "page.html").exit_code == 0
    done = run("dedupe", "both.bib", "--write", "--answers", str(chosen("page.html", "same")))
    assert done.exit_code == 0, done.output
    assert Path("both.bib").read_text().count("@") == 2


def test_a_merge_that_the_person_declines_does_not_happen(folder: Path) -> None:
    assert run("merge", "refs.bib", "colleague.bib", "--review", "page.html").exit_code == 0
    done = run("merge", "refs.bib", "colleague.bib", "--answers", str(chosen("page.html", "different", "different")))
    assert done.exit_code == 0, done.output
    after = Path("refs.bib").read_text()
    assert after.startswith(FLOW + KNUTH.rstrip("\n"))
    assert after.count("@book") == 2


@pytest.mark.parametrize("changed", ["refs.bib", "colleague.bib"])
def test_answers_to_another_state_are_refused(folder: Path, changed: str) -> None:
    run("merge", "refs.bib", "colleague.bib", "--review", "page.html")
    answers = chosen("page.html", "same")
    text = (
        Path(changed).read_text().replace("Knuth", "Knuth, Jr.")
        if changed == "colleague.bib"
        else "% mine\n" + FLOW + KNUTH
    )
    Path(changed).write_text(text)
    before = Path("refs.bib").read_bytes()
    refused = run("merge", "refs.bib", "colleague.bib", "--answers", str(answers))
    assert refused.exit_code == 2
    assert "--review" in refused.stderr
    assert Path("refs.bib").read_bytes() == before


def test_answers_that_were_applied_are_refused_the_second_time(folder: Path) -> None:
    run("merge", "refs.bib", "colleague.bib", "--review", "page.html")
    answers = str(chosen("page.html", "same"))
    assert run("merge", "refs.bib", "colleague.bib", "--answers", answers).exit_code == 0
    after = Path("refs.bib").read_bytes()
    assert run("merge", "refs.bib", "colleague.bib", "--answers", answers).exit_code == 2
    assert Path("refs.bib").read_bytes() == after


def test_choose_save_and_apply_in_a_browser(folder: Path) -> None:
    run("merge", "refs.bib", "colleague.bib", "--review", "page.html")
    with browser(folder / "profile") as tab:
        tab.open((folder / "page.html").as_uri(), folder)
        tab.run("document.querySelector('#questions button[value=same]').click()")
        tab.run("document.querySelector('[data-field=title][data-side=right]').click()")
        tab.run("document.getElementById('save').click()")
        saved = folder / "page.answers.json"
        end = time.monotonic() + 20
        while not saved.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
    done = run("merge", "refs.bib", "colleague.bib", "--answers", str(saved))
    assert done.exit_code == 0, done.output
    after = Path("refs.bib").read_text()
    assert after.count("@") == 2
    assert "Optical Flow on Robots}" in after
