"""Judgements for people and machines: text, JSON, GitHub annotations, SARIF 2.1.0, each at the field that differs.

Escapes, levels and places are those of `check`. What no source has to know is no fault: GitHub is not told of it, and SARIF has
it as not applicable. An entry that a person has accepted is a suppressed result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath

from bibtools import jsontext, latex
from bibtools.check.output import annotation, location, sarif_log
from bibtools.formats.bibtex.labels import field_label, value_label
from bibtools.report.markup import Labels
from bibtools.verify.judgement import NOBODY_HAS_TO_KNOW, Asked, Certainty, Finding, Judgement, Standing, Work

__all__ = ["MEANINGS", "OUTPUTS", "as_json", "github", "sarif", "sentence", "source_of", "text"]

# What each verdict means, for people; the order is that of what is worst.
MEANINGS = {
    Standing.RETRACTED: "A notice was found: the work was retracted or withdrawn, or is of concern.",
    Standing.MISMATCH: "The DOI, arXiv number or ISBN belongs to another work.",
    Standing.CHIMERA: "The title is one known work's, the authors and venue are another's.",
    Standing.DIFFERS: "The work is known, and fields of the entry differ from it.",
    Standing.NOT_FOUND: "A source that should know the work was asked and does not.",
    Standing.OTHER_VERSION: "The work is right, but cited as a preprint while published, or the reverse.",
    Standing.UNRESOLVED: "Several works fit equally, or a source did not answer.",
    Standing.NOT_CHECKABLE: "No source that was asked has to know the work.",
    Standing.VERIFIED: "The work is known, and every field that is claimed agrees.",
}
LEVELS = {
    Standing.RETRACTED: "error",
    Standing.MISMATCH: "error",
    Standing.CHIMERA: "error",
    Standing.DIFFERS: "error",
    Standing.NOT_FOUND: "warning",
    Standing.OTHER_VERSION: "note",
    Standing.UNRESOLVED: "note",
}
LONGEST = 300  # characters of a value that are shown


def text(judgements: Sequence[Judgement]) -> Iterator[str]:
    """A line for each entry that is not verified, under it one for each finding; at the end the counts, and who was asked.

    What could not be judged comes first, so that what was found stands together, just above the counts.
    """
    told = (each for each in judgements if each.standing is not Standing.VERIFIED and not each.accepted)
    for judgement in sorted(told, key=lambda each: each.standing not in UNKNOWN):
        place = f"{judgement.file}:{judgement.line}: " if judgement.line else f"{judgement.file}: "
        key = f" [{judgement.key}]" if judgement.key else ""
        about = f": {_short(latex.plain(judgement.entry.title))}" if judgement.entry.title else ""
        yield _line(f"{place}{judgement.standing}{key}{about}")
        for finding in judgement.findings:
            yield _line(f"  {sentence(finding, judgement)}")
        usual = judgement.standing is Standing.NOT_CHECKABLE and judgement.reason == NOBODY_HAS_TO_KNOW
        if not usual and (not judgement.findings or judgement.standing is Standing.UNRESOLVED):
            yield _line(f"  {judgement.reason or MEANINGS[judgement.standing]}")
    yield _line(_counted(judgements))
    asked, failed = _asked(judgements)
    yield _line(f"asked: {', '.join(asked) or 'nobody'}")
    if failed:
        yield _line(f"no answer: {', '.join(failed)}")
    unknown = sum(each.standing in UNKNOWN for each in judgements)
    if unknown:
        why = f"unresolved, or {NOBODY_HAS_TO_KNOW}"
        yield _line(f"{_entries(unknown)} could not be judged ({why}): that says nothing against them")


UNKNOWN = (Standing.NOT_CHECKABLE, Standing.UNRESOLVED)
MOST_ASKED = 6  # sources that are named


def _line(words: str) -> str:
    indent = "  " if words.startswith("  ") else ""
    return f"{indent}{' '.join(words.split())}\n"


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _counted(judgements: Sequence[Judgement]) -> str:
    counts = Counter(each.standing for each in judgements if not each.accepted)
    accepted = sum(each.accepted for each in judgements)
    said = [f"{counts[standing]:,} {standing}" for standing in (*MEANINGS,)[::-1] if counts[standing]]
    told = ", ".join(said + ([f"{accepted:,} accepted"] if accepted else []))
    return f"{_entries(len(judgements))}: {told}" if told else _entries(0)


def _asked(judgements: Sequence[Judgement]) -> tuple[list[str], list[str]]:
    """The sources that were asked, with their dates; and those that did not answer, with the reason."""
    asked = dict.fromkeys(one for each in judgements for one in each.asked)
    answered = dict.fromkeys(source_of(each.source, each.date) for each in asked if not each.failure)
    failed = dict.fromkeys(f"{each.source} ({each.failure})" for each in asked if each.failure)
    names = list(answered)
    more = [f"{len(names) - MOST_ASKED:,} more"] if len(names) > MOST_ASKED else []
    return names[:MOST_ASKED] + more, list(failed)


def as_json(judgements: Sequence[Judgement]) -> Iterator[str]:
    """One object: ``{"version": 1, "entries": [...]}``, every entry in the order of the input, one a line."""
    yield '{"version": 1, "entries": ['
    for number, judgement in enumerate(judgements):
        yield ("," if number else "") + "\n" + jsontext.dumps(_as_value(judgement))
    yield "\n]}\n"


def _as_value(judgement: Judgement) -> dict[str, object]:
    return {
        "key": judgement.key,
        "verdict": str(judgement.standing),
        "findings": [_finding_value(each, judgement) for each in judgement.findings],
        "work": _work_value(judgement.works[0]) if judgement.works else None,
        "works": [_work_value(each) for each in judgement.works],
        "asked": [_asked_value(each) for each in judgement.asked],
        "reason": judgement.reason,
        "accepted": judgement.accepted,
        "file": judgement.file,
        "line": judgement.line,
        "column": judgement.column,
    }


def _finding_value(finding: Finding, judgement: Judgement) -> dict[str, object]:
    return {
        "field": finding.label or field_label(finding.field, judgement.entry),
        "cited": _plain(finding, finding.cited),
        "known": _plain(finding, finding.known),
        "source": finding.source,
        "date": finding.date,
        "certainty": str(finding.certainty),
        "rule": finding.rule,
        "message": finding.message,
        "line": finding.line,
        "column": finding.column,
    }


def _work_value(work: Work) -> dict[str, object]:
    record = work.record
    people = record.author or record.editor
    return {
        "title": latex.plain(record.title),
        "author": [f"{name.given} {name.surname}".strip() for name in people[:MOST_PEOPLE]],
        "year": record.issued.year,
        "venue": latex.plain(record.container_title),
        "doi": record.doi,
        "arxiv": record.arxiv_id,
        "source": work.source,
        "date": work.date,
    }


MOST_PEOPLE = 100


def _asked_value(asked: Asked) -> dict[str, object]:
    return {"source": asked.source, "date": asked.date, "covers": asked.covers, "failure": asked.failure}


def html(judgements: Sequence[Judgement]) -> Iterator[str]:
    """A page for a reviewer."""
    from bibtools.verify.page import to_html

    files = list(dict.fromkeys(each.file for each in judgements if each.file))
    more = f" and {len(files) - 3:,} more" if len(files) > 3 else ""
    labels = Labels(lambda field, record: field_label(field, record), value_label)
    yield to_html(judgements, ", ".join(files[:3]) + more, labels)


def github(judgements: Sequence[Judgement]) -> Iterator[str]:
    """A workflow command for each finding."""
    for judgement in judgements:
        if judgement.standing in LEVELS and not judgement.accepted:
            for line, column, message in _places(judgement):
                yield annotation(LEVELS[judgement.standing], judgement.file, line, judgement.standing, message, column)


def sarif(judgements: Sequence[Judgement]) -> Iterator[str]:
    """One log; a result for each finding, and one for each entry of which something is to say without one."""
    rules = [
        {
            "id": str(standing),
            "shortDescription": {"text": MEANINGS[standing]},
            "defaultConfiguration": {"level": LEVELS.get(standing, "none")},
        }
        for standing in MEANINGS
        if standing is not Standing.VERIFIED
    ]
    yield sarif_log(rules, [result for judgement in judgements for result in _results(judgement)])


def _results(judgement: Judgement) -> Iterator[dict[str, object]]:
    if judgement.standing is Standing.VERIFIED:
        return
    level = LEVELS.get(judgement.standing, "none")
    for line, column, message in _places(judgement):
        result: dict[str, object] = {
            "ruleId": str(judgement.standing),
            "kind": "fail" if level != "none" else "notApplicable",
            "level": level,
            "message": {"text": message},
            "locations": [location(judgement.file, line, column)],
        }
        if judgement.accepted:
            result["suppressions"] = [
                {"kind": "external", "justification": "a person has said that this entry is right"}
            ]
        yield result


def _places(judgement: Judgement) -> Iterator[tuple[int, int, str]]:
    """Line, column and words of each finding; of the entry, where it has none."""
    key = f"{judgement.key}: " if judgement.key else ""
    for finding in judgement.findings:
        place = (finding.line, finding.column) if finding.line else (judgement.line, judgement.column)
        yield *place, f"{key}{sentence(finding, judgement)}"
    if not judgement.findings:
        yield judgement.line, judgement.column, f"{key}{judgement.reason or MEANINGS[judgement.standing]}"


def sentence(finding: Finding, judgement: Judgement) -> str:
    """A finding in one line: the field by its name in the file, what is cited, what is known, and from where."""
    name = finding.label or field_label(finding.field, judgement.entry)
    said = finding.message or "differs"
    cited, known = (_short(_plain(finding, value)) for value in (finding.cited, finding.known))
    values = f"cited {cited or 'nothing'}, known {known}" if known else f"cited {cited}"
    likely = ", likely" if finding.certainty is Certainty.LIKELY else ""
    source = source_of(finding.source, finding.date)
    whole = f"{name}: {said}: {values} ({source}{likely})" if source else f"{name}: {said}: {values}"
    return " ".join(whole.split())


MARKED = frozenset({"title", "container_title", "collection_title"})  # fields whose text has markup


def _plain(finding: Finding, value: str) -> str:
    return latex.plain(value) if finding.field in MARKED else value


def source_of(name: str, date: str) -> str:
    """A source for a person: a file without its folder, and its day."""
    short = PurePath(name).name or name
    return f"{short} of {date}" if date else short


def _short(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"


OUTPUTS: dict[str, Callable[[Sequence[Judgement]], Iterator[str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
    "html": html,
}
