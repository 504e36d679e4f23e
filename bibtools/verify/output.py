"""Judgements for continuous integration: GitHub annotations and SARIF 2.1.0, each at the field that differs.

Escapes, levels and places are those of `check`. What no source has to know is no fault: GitHub is not told of it, and SARIF has
it as not applicable. An entry that a person has accepted is a suppressed result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from bibtools.check.output import annotation, location, sarif_log
from bibtools.formats.bibtex.labels import field_label
from bibtools.verify.judgement import Certainty, Finding, Judgement, Standing

__all__ = ["MEANINGS", "github", "sarif", "sentence", "source_of"]

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
    cited, known = _short(finding.cited), _short(finding.known)
    values = f"cited {cited or 'nothing'}, known {known}" if known else f"cited {cited}"
    likely = ", likely" if finding.certainty is Certainty.LIKELY else ""
    source = source_of(finding.source, finding.date)
    whole = f"{name}: {said}: {values} ({source}{likely})" if source else f"{name}: {said}: {values}"
    return " ".join(whole.split())


def source_of(name: str, date: str) -> str:
    """A source for a person: a file without its folder, and its day."""
    short = PurePath(name).name or name
    return f"{short} of {date}" if date else short


def _short(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
