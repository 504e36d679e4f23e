"""The report: the same plan as JSON and as a page that nothing hostile can wake up."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import report
from bibtools.change import Add, Candidate, Left, Outcome, Plan, SetField, Status, Target
from bibtools.record import Date, Name, Origin, Problem, Record

EVIL = '</title><script>document.title="WOKEN"</script><img src=x onerror="document.title=1">\x1b[31m\u202e" onclick="x'


def example(title: str = EVIL) -> Plan:
    coming = Record(title=title, author=(Name("Smith", "A."),), abstract="one two four", origin=Origin("page.txt", 3))
    entry = Record(id="k", title="Deep Learning", author=(Name("Smith", "Anna"),), abstract="one two five")
    doubt = Candidate(entry, "k", "unsure", 6.5, (("title", 5.0, "titles nearly equal"),), "titles nearly equal")
    change = SetField(
        Target("k", 0), "container_title", "arXiv preprint", "Proceedings of Depth", "the published version"
    )
    left = Left("issued", Date((2020,)), Date((2021,)), "what stands is kept")
    return Plan(
        (
            Outcome(coming, Status.ADDED, "new"),
            Outcome(coming, Status.UPDATED, "k", entry, (change,), (left,)),
            Outcome(coming, Status.UNCHANGED, "k", entry),
            Outcome(coming, Status.UNSURE, candidates=(doubt,), why="may be an entry that stands"),
            Outcome(Record(abstract=title), Status.INCOMPLETE, why="nothing to cite it by"),
            Outcome(coming, Status.PROBLEM, why="cannot be written"),
        ),
        (Add(coming), change),
        (("old", "k"),),
        (Problem("a page claims more", Origin("page.txt", 1), "note"),),
    )


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_every_record_is_listed_once_under_its_status() -> None:
    told = json.loads(report.to_json(example(), "refs.bib"))
    assert [len(told[str(status)]) for status in Status] == [1] * 6
    assert told["keys"] == {"old": "k"}
    assert told["updated"][0]["changes"] == [
        {
            "field": "container_title",
            "old": "arXiv preprint",
            "new": "Proceedings of Depth",
            "why": "the published version",
        }
    ]
    assert told["updated"][0]["left"][0] | {"value": "2020", "kept": "2021"} == told["updated"][0]["left"][0]
    assert told["unsure"][0]["candidates"][0]["score"] == 6.5
    assert told["unsure"][0]["candidates"][0]["reasons"][0]["reason"] == "titles nearly equal"


def test_the_page_marks_the_words_that_differ() -> None:
    page = report.to_html(example("Deep Learning of Things"))
    assert "<ins>Proceedings of Depth</ins>" in page.replace("</ins><ins>", "").replace("</ins> <ins>", " ")
    assert re.search(r"<ins>[^<]*of", page) and "<ins>four</ins>" in page and "<del>five</del>" in page


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.just(EVIL))
def test_no_text_of_an_input_becomes_markup(text: str) -> None:
    page = report.to_html(example(text), text)
    expected = [tag for tag, _ in Tags(report.to_html(example("plain words"), "x")).seen]
    tags = Tags(page).seen
    marks = ("del", "ins", "h3", "code", "p", "div", "bdi", "br", "span")
    assert [tag for tag, _ in tags if tag not in marks] == [tag for tag in expected if tag not in marks]
    assert not any(name.startswith("on") or name in ("src", "srcdoc") for _, attributes in tags for name in attributes)
    assert not set(page) & {chr(code) for code in (*range(9), *range(0xB, 0x20), 0x7F, 0x202E, 0x2066)}


def test_the_policy_allows_nothing_but_its_own_style() -> None:
    page = report.to_html(example())
    policy = next(each["content"] for tag, each in Tags(page).seen if each.get("http-equiv"))
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    assert "http://" not in page and "https://" not in page and "url(" not in page


def test_an_empty_plan_is_a_page_too() -> None:
    assert "nothing to merge" in report.to_html(Plan())
    assert json.loads(report.to_json(Plan()))["added"] == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((Name("Knuth", "Donald E."), Name(literal="NASA")), "Donald E. Knuth; NASA"),
        (Date((2020, 5)), "2020-05"),
        (Date(literal="no date"), "no date"),
        (("a", "b"), "a; b"),
        ((("code", "yes"), ("file", "x.pdf")), "code: yes; file: x.pdf"),
        (True, "yes"),
        ("", ""),
    ],
)
def test_values_for_people(value: object, expected: str) -> None:
    assert report.shown(value) == expected


def test_the_page_sleeps_in_a_browser(tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium here")
    page = tmp_path / "report.html"
    page.write_text(report.to_html(example(), "refs.bib"), encoding="utf-8")
    quiet = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
    done = subprocess.run(
        [browser, *quiet.split(), "--disable-sync", f"--user-data-dir={tmp_path}/u", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "<title>Merge into refs.bib</title>" in done.stdout
    assert "<script" not in done.stdout and "<img" not in done.stdout
    assert "For you to decide" in done.stdout
