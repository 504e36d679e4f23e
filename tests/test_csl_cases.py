"""biblatex to CSL-JSON as pandoc reads it: 62 cases of its test suite, and every difference judged.

Compared without what differs on purpose everywhere:

* case: pandoc turns English titles to sentence case; we keep the author's, since no rule tells every proper noun;
* ``nocase`` spans: pandoc drops those that its sentence case makes needless; we keep the author's case, so we keep them all
  (that none of pandoc's is missing is checked);
* straight and typographic apostrophes; ``custom``, which pandoc does not write.

`JUDGED` lists what else differs, by case and variable. The list only shrinks: a difference that is not listed fails, and so does
a listed one that is gone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bibtools.format import ReadOptions
from bibtools.formats import bibtex, csljson
from bibtools.normalise import normalise

from .conftest import SHARED

CASES = SHARED / "csl" / "biblatex-to-csl.jsonl"

INVENTED = "pandoc makes a short title of what stands before a colon or a subtitle; we invent none"
DROPPED = "pandoc drops the author's own short title of a volume; we drop nothing"
AND = "pandoc reads a list; in a file that may be BibTeX, 'Simon and Schuster' is one publisher, so the words stay as written"
OPTIONS = "pandoc obeys options={url=false}; that is about printing with biblatex, the data are true all the same"
PERIODICAL = "CSL has the type periodical; pandoc makes an article of the issue"
ONE_VALUE = "pandoc joins a second field to this one; ours keeps it apart, in custom"

JUDGED: dict[tuple[str, str], str] = {
    ("biblatex-article", "issue"): ONE_VALUE,
    ("biblatex-article", "note"): ONE_VALUE,
    ("biblatex-article", "title-short"): INVENTED,
    ("biblatex-baez-online", "title-short"): INVENTED,
    ("biblatex-ctan", "title-short"): INVENTED,
    ("biblatex-geer", "title-short"): INVENTED,
    ("biblatex-incollection-2", "title-short"): INVENTED,
    ("biblatex-sarfraz", "title-short"): INVENTED,
    ("biblatex-title-and-shorttitle", "title-short"): INVENTED,
    ("biblatex-westfahl-frontier", "title-short"): INVENTED,
    ("biblatex-wilde", "title-short"): INVENTED,
    ("biblatex-yoon", "title-short"): INVENTED,
    ("biblatex-knuth-ct-a", "title-short"): DROPPED,
    ("biblatex-knuth-ct-c", "title-short"): DROPPED,
    ("biblatex-nietzsche-ksa1", "title-short"): DROPPED,
    ("biblatex-gaonkar-in", "publisher-place"): AND,
    ("biblatex-iliad", "publisher-place"): AND,
    ("biblatex-incollection-2", "publisher-place"): AND,
    ("biblatex-nietzsche-historie", "publisher"): AND,
    ("biblatex-nietzsche-historie", "publisher-place"): AND,
    ("biblatex-nietzsche-ksa1", "publisher"): AND,
    ("biblatex-nietzsche-ksa1", "publisher-place"): AND,
    ("biblatex-piccato", "publisher-place"): AND,
    ("biblatex-westfahl-frontier", "publisher-place"): AND,
    ("biblatex-options-url-false-doi-false", "URL"): OPTIONS,
    ("biblatex-options-url-false-doi-false", "DOI"): OPTIONS,
    ("biblatex-jcg", "type"): PERIODICAL,
    ("biblatex-jcg", "title"): PERIODICAL,
    ("biblatex-jcg", "container-title"): PERIODICAL,
}

NOCASE = re.compile(r'<span class="nocase">(.*?)</span>')


def load() -> list[dict[str, Any]]:
    if not CASES.is_file():
        return []
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def folded(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True).replace("’", "'").replace("‘", "'")
    return re.sub(r'<span class=\\"nocase\\">|</span>', "", text).lower()


def items(source: str) -> dict[str, dict[str, Any]]:
    records = bibtex.read(source, ReadOptions()).records
    return {record.id: csljson.to_csl(normalise(record)) for record in records}


def differing(case: dict[str, Any]) -> set[str]:
    """The variables in which some item differs; `items` where an item is missing or too many."""
    ours, theirs = items(case["input"]), {item["id"]: item for item in case["expected_rich"]}
    if ours.keys() != theirs.keys():
        return {"items"}
    found = set()
    for key, expected in theirs.items():
        got = {name: value for name, value in ours[key].items() if name != "custom"}
        found |= {name for name in got.keys() | expected.keys() if folded(got.get(name)) != folded(expected.get(name))}
    return found


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in load()])
def test_as_pandoc_reads_it_but_for_what_is_judged(case: dict[str, Any]) -> None:
    assert differing(case) == {variable for name, variable in JUDGED if name == case["name"]}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in load()])
def test_no_protected_word_of_pandocs_is_unprotected_here(case: dict[str, Any]) -> None:
    ours = items(case["input"])
    for expected in case["expected_rich"]:
        got = json.dumps(ours[expected["id"]], ensure_ascii=False).replace('\\"', '"').replace("’", "'")
        text = json.dumps(expected, ensure_ascii=False).replace('\\"', '"').replace("’", "'")
        protected = " ".join(NOCASE.findall(got))
        assert all(word in protected for word in NOCASE.findall(text))


def test_every_judged_case_exists(shared: Path) -> None:
    assert {name for name, _ in JUDGED} <= {case["name"] for case in load()}
