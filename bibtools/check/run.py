"""The table of rules, and running them over a file."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial

from bibtools.bibfile import Document
from bibtools.check import required, structure, values
from bibtools.check.finding import Finding, Rule, Subject

__all__ = ["RULES", "run"]

RULES: tuple[Rule, ...] = (
    Rule("syntax", "error", "Something BibTeX cannot read.", structure.syntax),
    Rule("repeated-key", "error", "Two entries with one key.", structure.repeated_keys),
    Rule("awkward-key", "error", "A key that LaTeX cannot cite.", structure.awkward_keys),
    Rule("repeated-field", "warning", "A field that stands twice in an entry.", structure.repeated_fields),
    Rule("empty-field", "note", "A field without a value.", structure.empty_fields),
    Rule("missing-field", "error", "A field the entry type requires is missing.", required.missing_fields),
    Rule("unknown-type", "warning", "An entry type that no style knows.", required.unknown_types),
    Rule(
        "dangling-reference",
        "error",
        "crossref, xdata, xref or related to a key that is not there.",
        structure.dangling_references,
    ),
    Rule("late-parent", "warning", "A crossref parent before its child.", structure.late_parents),
    Rule("undefined-macro", "warning", "A macro that no @string defines.", structure.undefined_macros),
    Rule("duplicate", "warning", "Two entries for one work.", structure.duplicates),
    Rule("possible-duplicate", "note", "Two entries that may be one work.", structure.possible_duplicates),
    Rule("published-twin", "note", "A preprint beside its published version.", structure.published_twins),
    Rule("arxiv-year", "warning", "A year before the arXiv number's.", values.arxiv_years),
    *(
        Rule(name, level, text, partial(values.per_field, names, look))
        for name, level, text, names, look in values.PER_FIELD
    ),
)

_OFF = re.compile(r"%[ \t]*bibtools:[ \t]*off(-next)?[ \t]+([\w ,-]+)")


def run(subject: Subject, off: Collection[str] = (), only: Collection[str] = ()) -> tuple[Finding, ...]:
    """Everything the rules find, in the order of the file."""
    off_file, off_next = _switches(subject.document)
    findings = []
    for rule in RULES:
        if rule.name in off or rule.name in off_file or (only and rule.name not in only):
            continue
        for found in rule.find(subject):
            entry = found.entry
            if entry is not None and rule.name in off_next.get(entry.index, ()):
                continue
            line = found.line or (entry.line if entry else 0)
            key = entry.key if entry else ""
            findings.append(Finding(subject.source, line, rule.name, rule.severity, found.message, key, found.fix))
    return tuple(sorted(findings, key=lambda each: (each.line, each.rule, each.message)))


def _switches(document: Document) -> tuple[set[str], dict[int, set[str]]]:
    """Rules that comments turn off: for the file, and by the index of the entry that follows."""
    text = document.data.decode("latin-1")
    whole: set[str] = set()
    following: dict[int, set[str]] = {}
    starts = [(entry.line, entry.index) for entry in document.entries]
    for found in _OFF.finditer(text):
        names = set(re.split(r"[ ,]+", found[2].strip()))
        if not found[1]:
            whole |= names
            continue
        line = len(re.findall(r"\r\n|\r|\n", text[: found.start()])) + 1
        after = next((index for start, index in starts if start > line), None)
        if after is not None:
            following.setdefault(after, set()).update(names)
    return whole, following
