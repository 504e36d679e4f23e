"""What verify hands to machines and reviewers: GitHub annotations, SARIF, the page."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools.formats.bibtex.labels import field_label, value_label
from bibtools.record import Date, Name, Origin, Record
from bibtools.report import Labels
from bibtools.verify import Asked, Certainty, Finding, Judgement, Standing, Work
from bibtools.verify.output import LEVELS, MEANINGS, as_json, github, sarif, sentence
from bibtools.verify.page import HEADS, to_html
from tests.browser import browser
from tests.conftest import SAMPLES

LABELS = Labels(lambda field, record: field_label(field, record), value_label)
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>" onclick="alert(3)\u202e\x1b[31m\x07'


def work(title: str = "On Engines", year: int = 1843, **more: object) -> Record:
    return Record(
        id="lovelace", type="article-journal", title=title, author=(Name("Lovelace", "Ada"),), issued=Date((year,)),
        container_title="Notes", origin=Origin("refs, old.bib", 3), **more,  # type: ignore[arg-type]
    )  # fmt: skip


KNOWN = Work(work(year=1842, doi="10.1000/engines"), "/data/works.jsonl", "2026-11-01", "title")
YEAR = Finding(
    "issued", "1843", "1842", "/data/works.jsonl", "2026-11-01", Certainty.SURE, "year", "another year", "year", 5, 10
)
PEOPLE = Finding(
    "author", "Lovelace", "Lovelace, Babbage", "", "", Certainty.LIKELY, "author-missing", "an author is missing"
)


def judgement(standing: Standing = Standing.DIFFERS, *findings: Finding, **more: object) -> Judgement:
    given = {"reason": "because", "file": "refs, old.bib", "line": 3, "column": 1, "works": (KNOWN,)} | more
    return Judgement("lovelace", standing, work(), findings, **given)  # type: ignore[arg-type]


EVERY = [judgement(standing, *([YEAR, PEOPLE] if standing is Standing.DIFFERS else [])) for standing in Standing]
ACCEPTED = judgement(Standing.CHIMERA, YEAR, accepted=True)


# --- GitHub -----------------------------------------------------------------------------------------------------------


def test_an_annotation_stands_at_the_field() -> None:
    (one, two) = github([judgement(Standing.DIFFERS, YEAR, PEOPLE)])
    assert one == (
        "::error file=refs%2C old.bib,line=5,col=10,title=differs::lovelace: year: another year: cited 1843, known 1842 "
        "(works.jsonl of 2026-11-01)\n"
    )
    assert "line=3,col=1," in two
    assert "author: an author is missing" in two


def test_github_is_not_told_of_what_is_no_fault() -> None:
    lines = list(github([*EVERY, ACCEPTED]))
    told = {re.search(r"title=([a-z-]+)::", line)[1] for line in lines}  # type: ignore[index]
    assert told == {str(each) for each in LEVELS}
    assert all(line.count("\n") == 1 for line in lines)


def test_an_annotation_is_one_line_whatever_a_title_says() -> None:
    hostile = replace(judgement(Standing.NOT_FOUND), key="a\nb", reason="x\r\n::error::y%", file="a:b,c\n")
    (line,) = github([hostile])
    assert line.count("\n") == 1
    assert line.startswith("::warning file=a%3Ab%2Cc%0A,line=3,")


# --- SARIF ------------------------------------------------------------------------------------------------------------

# The parts of the schema of 2.1.0 that these logs use.
REGION = {
    "type": "object",
    "properties": {"startLine": {"minimum": 1}, "startColumn": {"minimum": 1}},
    "required": ["startLine"],
}
LOCATION = {
    "properties": {
        "physicalLocation": {
            "properties": {
                "artifactLocation": {"properties": {"uri": {"pattern": r"^[!#-;=?-\[\]_a-z~%]*$"}}, "required": ["uri"]},
                "region": REGION,
            },
            "required": ["artifactLocation", "region"],
        }
    },
    "required": ["physicalLocation"],
}  # fmt: skip
TEXT = {"properties": {"text": {"type": "string", "minLength": 1}}, "required": ["text"]}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SUPPRESSION = {"properties": {"kind": {"enum": ["inSource", "external"]}}, "required": ["kind"]}
RESULT = {
    "properties": {
        "ruleId": {"type": "string"},
        "kind": {"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
        "suppressions": {"type": "array", "items": SUPPRESSION},
    },
    "required": ["message"],
    "if": {"properties": {"kind": {"not": {"const": "fail"}}}},
    "then": {"properties": {"level": {"const": "none"}}},
    "additionalProperties": False,
}
RULE = {"properties": {"id": {"type": "string"}, "shortDescription": TEXT}, "required": ["id"]}
DRIVER = {
    "properties": {"name": {"type": "string"}, "rules": {"type": "array", "items": RULE, "uniqueItems": True}},
    "required": ["name"],
}
RUN = {
    "properties": {
        "tool": {"properties": {"driver": DRIVER}, "required": ["driver"]},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
    "required": ["tool"],
    "additionalProperties": False,
}
LOG = {
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string"},
        "runs": {"type": "array", "items": RUN},
    },
    "required": ["version", "runs"],
    "additionalProperties": False,
}


def log(judgements: list[Judgement]) -> dict[str, object]:
    whole = json.loads("".join(sarif(judgements)))
    jsonschema.validate(whole, LOG)
    return dict(whole["runs"][0])


def test_sarif_has_a_result_for_each_finding() -> None:
    run = log([*EVERY, ACCEPTED])
    results: list[dict[str, object]] = run["results"]  # type: ignore[assignment]
    assert [each["ruleId"] for each in results].count("differs") == 2
    assert {each["ruleId"] for each in results} == {str(each) for each in Standing} - {"verified"}
    assert [each for each in results if "suppressions" in each] == results[-1:]
    region = next(each for each in results if each["ruleId"] == "differs")["locations"][0]["physicalLocation"]["region"]  # type: ignore[index]
    assert region == {"startLine": 5, "startColumn": 10}


def test_an_address_is_an_address() -> None:
    run = log([replace(judgement(), file="a b/ü%20<x>\\refs.bib")])
    place = run["results"][0]["locations"][0]["physicalLocation"]  # type: ignore[index]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%BC%2520%3Cx%3E/refs.bib"


def test_nothing_to_say_is_a_log_too() -> None:
    assert log([])["results"] == []


def test_every_verdict_has_its_words() -> None:
    assert set(MEANINGS) == set(HEADS) == set(Standing)
    assert not any("fabricated" in each or "made up" in each for each in MEANINGS.values())


any_text = st.text(max_size=20) | st.just(HOSTILE)


@given(any_text, any_text, any_text, st.sampled_from(list(Standing)), st.booleans())
@settings(max_examples=60)
def test_any_text_comes_out_whole(one: str, two: str, three: str, standing: Standing, accepted: bool) -> None:
    finding = Finding("title", one, two, three, three, rule=two, message=one)
    told = Judgement(
        two, standing, Record(title=one), (finding,), (Work(Record(title=two), three),), (), two, one, accepted=accepted
    )
    for line in github([told]):
        assert line.count("\n") == 1
        assert "\r" not in line
    log([told])
    assert "\n" not in sentence(finding, told)
    check_page(to_html([told], one))


# --- the page ---------------------------------------------------------------------------------------------------------

PLAIN = set("html head meta title style body h1 h2 h3 p nav a section article div bdi del ins ul li code".split())
PLAIN |= {"details", "summary", "span"}


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def check_page(page: str) -> None:
    seen = Seen()
    seen.feed(page)
    assert set(seen.tags) <= PLAIN
    assert not any(name.startswith("on") or name in ("src", "srcdoc", "action") for name in seen.attributes)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page)


def test_the_page_shows_entry_and_work_side_by_side_the_worst_first() -> None:
    page = to_html([*EVERY, ACCEPTED], "refs.bib", LABELS)
    check_page(page)
    assert "<del>1843</del>" in page
    assert "<ins>1842</ins>" in page
    assert "another year" in page
    assert "works.jsonl of 2026-11-01" in page
    assert "journal" in page
    assert "container_title" not in page
    places = [page.index(f'<section id="{each}"') for each in [*MEANINGS, "accepted"]]
    assert places == sorted(places)


def test_what_does_not_differ_is_not_marked() -> None:
    entry = replace(judgement(), entry=work().replace(title="On engines"))
    assert "<del>" not in to_html([entry]).split("</style>")[1]


def test_sources_that_should_know_a_work_are_named() -> None:
    asked = Asked("/data/works.jsonl", "2026-11-01", covers="works.jsonl is declared complete for arXiv")
    page = to_html([judgement(Standing.NOT_FOUND, works=(), asked=(asked,))])
    assert "compared with works.jsonl of 2026-11-01" in page
    assert "is declared complete for arXiv" in page
    assert "no source to ask" in to_html([])


def test_five_thousand_authors_do_not_fill_the_page() -> None:
    many = tuple(Name(f"Family{number}", "A.") for number in range(5000))
    entry, known = work().replace(author=many), work().replace(author=many[::-1])
    begun = time.process_time()
    page = to_html(
        [replace(judgement(Standing.DIFFERS, PEOPLE), entry=entry, works=(Work(known),))], "refs.bib", LABELS
    )
    assert len(page) < 60_000
    assert time.process_time() - begun < 5


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    hostile = replace(judgement(Standing.CHIMERA, YEAR), entry=work(HOSTILE), reason=HOSTILE, key=HOSTILE)
    path = tmp_path / "page.html"
    path.write_text(to_html([*EVERY, hostile, ACCEPTED], HOSTILE, LABELS), encoding="utf-8")
    with browser(tmp_path / "profile") as page:
        page.open(path.as_uri(), tmp_path)
        assert page.run("document.querySelectorAll('script,img').length") == 0
        assert page.run("document.querySelectorAll('article').length") == len(EVERY) - 2 + 1
        assert page.run("getComputedStyle(document.querySelector('.pair')).display") == "grid"
        folded = "[...document.querySelectorAll('details li')].map(e => e.checkVisibility())"
        assert not any(page.run(folded))
        page.send("Emulation.setEmulatedMedia", media="print")
        assert page.run("getComputedStyle(document.querySelector('nav')).display") == "none"
        assert all(page.run(folded))
        assert not [
            event for event in page.events if event.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")
        ]


def test_a_finding_about_a_date_stands_at_the_year(tmp_path: Path) -> None:
    from bibtools import api, index

    (tmp_path / "works.bib").write_text((SAMPLES / "verify" / "works.bib").read_text())
    api.build_index([str(tmp_path / "works.bib")], tmp_path / "known")
    (tmp_path / "refs.bib").write_text(
        "@article{a, month = may, day = 3,\n  year = 1989, title={A note on two problems in connexion with graphs},\n"
        "  author={E. W. Dijkstra}, journal={Numerische Mathematik}, volume=1, pages={269--271}}\n"
    )
    (found,) = api.verify_files([str(tmp_path / "refs.bib")], index.open(tmp_path / "known")).judgements
    assert [(each.label, each.line, each.column) for each in found.findings] == [("year", 2, 3)]


def test_a_protected_word_of_a_title_is_shown_without_its_markup() -> None:
    marked = Finding("title", 'On <span class="nocase">Java</span>', "On $x$ Looms", rule="title")
    assert sentence(marked, judgement()) == "title: differs: cited On Java, known On x Looms"
    (entry,) = json.loads("".join(as_json([judgement(Standing.DIFFERS, marked)])))["entries"]
    assert entry["findings"][0]["cited"] == "On Java"
