"""The table of rules, and running them over a file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from bibtools.bibfile import Document
from bibtools.check import required, structure, values
from bibtools.check.finding import Finding, Found, Rule, Subject

__all__ = ["RULES", "run"]

RULES: tuple[Rule, ...] = (
    Rule("syntax", "error", "Something BibTeX cannot read.", whole=structure.syntax),
    Rule("repeated-key", "error", "Two entries with one key.", whole=structure.repeated_keys),
    Rule("awkward-key", "error", "A key that LaTeX cannot cite.", entry=structure.awkward_keys),
    Rule("repeated-field", "warning", "A field that stands twice in an entry.", entry=structure.repeated_fields),
    Rule("empty-field", "note", "A field without a value.", entry=structure.empty_fields),
    Rule("missing-field", "error", "A field the entry type requires is missing.", entry=required.missing_fields),
    Rule("unknown-type", "warning", "An entry type that no style knows.", entry=required.unknown_types),
    Rule(
        "dangling-reference",
        "error",
        "crossref, xdata, xref or related to no entry.",
        entry=structure.dangling_references,
    ),
    Rule("late-parent", "warning", "A crossref parent before its child.", entry=structure.late_parents),
    Rule("undefined-macro", "warning", "A macro that no @string defines.", entry=structure.undefined_macros),
    Rule("duplicate", "warning", "Two entries for one work.", whole=structure.duplicates),
    Rule("possible-duplicate", "note", "Two entries that may be one work.", whole=structure.possible_duplicates),
    Rule("published-twin", "note", "A preprint beside its published version.", whole=structure.published_twins),
    Rule("arxiv-year", "warning", "A year before the arXiv number's.", entry=values.arxiv_years),
    *values.PER_FIELD,
)

_OFF = re.compile(r"%[ \t]*bibtools:[ \t]*off(-next)?[ \t]+([\w ,-]+)")


def run(subject: Subject, off: Collection[str] = (), only: Collection[str] = ()) -> tuple[Finding, ...]:
    """Everything the rules find, in the order of the file."""
    off_file, off_next = _switches(subject.document)
    rules = [
        each for each in RULES if each.name not in off and each.name not in off_file and (not only or each.name in only)
    ]
    findings = []
    for rule, found in _found(subject, rules):
        entry = found.entry
        if entry is None or rule.name not in off_next.get(entry.index, ()):
            line = found.line or (entry.line if entry else 0)
            key = entry.key if entry else ""
            findings.append(Finding(subject.source, line, rule.name, rule.severity, found.message, key, found.fix))
    return tuple(sorted(findings, key=lambda each: (each.line, each.rule, each.message)))


def _found(subject: Subject, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Found]]:
    for rule in rules:
        if rule.whole:
            yield from ((rule, found) for found in rule.whole(subject))
    by_entry = [(rule, rule.entry) for rule in rules if rule.entry]
    named: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in rule.names:
            named.setdefault(name, []).append(rule)
    unnamed = [rule for rule in rules if rule.field and not rule.names]
    if not by_entry and not named and not unnamed:
        return
    for entry in subject.document.entries:
        for rule, look in by_entry:
            yield from ((rule, found) for found in look(entry, subject))
        for field in entry.fields:
            for rule in (*named.get(field.name, ()), *unnamed):
                if field.value and rule.field:
                    yield from ((rule, found) for found in rule.field(field, entry))


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
