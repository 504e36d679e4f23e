"""The table of rules, and running them over a file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace

from bibtools.bibfile import Document, Entry
from bibtools.check import required, structure
from bibtools.check import values as of_values
from bibtools.check.finding import Finding, Found, Rule, Subject
from bibtools.progress import watched
from bibtools.record import Record
from bibtools.verdict import Verdict

__all__ = ["RULES", "Examination", "run"]

RULES: tuple[Rule, ...] = (
    Rule("syntax", "error", "Something BibTeX cannot read.", entry=structure.syntax, whole=structure.syntax_between),
    Rule("repeated-key", "error", "Two entries with one key.", whole=structure.repeated_keys),
    Rule("awkward-key", "error", "A key that LaTeX cannot cite.", entry=structure.awkward_keys),
    Rule("empty-entry", "error", "An entry of which BibTeX prints nothing.", entry=required.empty_entries),
    Rule("repeated-field", "warning", "Two fields with one name in an entry.", entry=structure.repeated_fields),
    Rule("empty-field", "note", "A field without a value.", entry=required.empty_fields),
    Rule("missing-field", "warning", "A field the entry type requires is missing.", entry=required.missing_fields),
    Rule("unknown-type", "warning", "An entry type that no style knows.", entry=required.unknown_types),
    Rule(
        "dangling-reference",
        "warning",
        "crossref, xdata, xref or related to an entry that is not here.",
        entry=structure.dangling_references,
    ),
    Rule("late-parent", "warning", "A crossref parent before its child (BibTeX only).", entry=structure.late_parents),
    Rule("undefined-macro", "warning", "A macro that no @string defines.", entry=structure.undefined_macros),
    Rule("duplicate", "warning", "Two entries for one work.", whole=structure.duplicates),
    Rule("unsure-duplicate", "note", "Two entries that may be one work.", whole=structure.unsure_duplicates),
    Rule("published-twin", "note", "A preprint beside its published version.", whole=structure.published_versions),
    Rule("arxiv-year", "warning", "A preprint dated before its arXiv number.", entry=of_values.arxiv_years),
    Rule("mojibake", "warning", "Text decoded with the wrong encoding.", whole=of_values.mojibake),
    Rule("control-character", "error", "Control characters in a value.", whole=structure.control_characters),
    *of_values.PER_FIELD,
)

_OFF = re.compile(r"%[ \t]*bibtools:[ \t]*off(-next)?[ \t]+([\w ,-]+)")


class Examination:
    """The rules over one file: `entry` for each of its entries, in any order, then `findings`.

    Who reads the entries for another purpose gives them here as they come, so that their text is read once.
    """

    def __init__(self, subject: Subject, off: Collection[str] = (), only: Collection[str] = ()) -> None:
        self.subject = subject
        off_file, self.off_next = _switches(subject.document)
        chosen = (rule for rule in RULES if rule.name not in off and (not only or rule.name in only))
        self.rules = [rule for rule in chosen if rule.name not in off_file]
        self.by_entry = [(rule, rule.entry) for rule in self.rules if rule.entry]
        self.by_field: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for name in rule.names:
                self.by_field.setdefault(name, []).append(rule)
        self.found: list[tuple[Rule, Found]] = []

    def entry(self, entry: Entry) -> None:
        for rule, look in self.by_entry:
            for found in look(entry, self.subject):
                self.found.append((rule, found))
        suspects = [
            (rule, name)
            for name, value in entry.values().items()
            for rule in self.by_field.get(name, ())
            if value and rule.suspect(value)
        ]
        for rule, name in suspects:
            for field in entry.fields:
                if field.name == name and field.value and rule.field:
                    self.found += [(rule, found) for found in rule.field(field, entry)]

    def findings(self, records: Sequence[Record] = (), verdicts: Sequence[Verdict] = ()) -> tuple[Finding, ...]:
        """Everything found, in the order of the file; with the matcher's verdicts on records if it was asked."""
        subject = replace(self.subject, records=records, verdicts=verdicts)
        whole = [(rule, found) for rule in self.rules if rule.whole for found in rule.whole(subject)]
        findings = []
        for rule, found in self.found + whole:
            entry = found.entry
            if entry is None or rule.name not in self.off_next.get(entry.index, ()):
                line = found.line or (entry.line if entry else 0)
                key = entry.key if entry else ""
                severity = found.severity or rule.severity
                findings.append(Finding(subject.source, line, rule.name, severity, found.message, key, found.fix))
        return tuple(sorted(findings, key=lambda finding: (finding.line, finding.rule, finding.message)))


def run(subject: Subject, off: Collection[str] = (), only: Collection[str] = ()) -> tuple[Finding, ...]:
    """Everything the rules find in a file, in its order."""
    examination = Examination(subject, off, only)
    for entry in watched(subject.document.entries, "Checking", len(subject.document.entries)):
        examination.entry(entry)
    return examination.findings(subject.records, subject.verdicts)


def _switches(document: Document) -> tuple[set[str], dict[int, set[str]]]:
    """Rules that comments turn off: for the file, and by the index of the entry that follows."""
    whole: set[str] = set()
    following: dict[int, set[str]] = {}
    starts = [found[0] for found in document.layout.entries]
    for found in _OFF.finditer(document.text) if "bibtools:" in document.text else ():
        names = set(re.split(r"[ ,]+", found[2].strip()))
        if not found[1]:
            whole |= names
            continue
        after = bisect_right(starts, found.end())
        if after < len(starts):
            following.setdefault(after, set()).update(names)
    return whole, following
