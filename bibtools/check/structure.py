"""Faults of the file as a whole: syntax, repeated keys, references between entries that lead nowhere, duplicates."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from bibtools.bibfile import Document, Entry, Field
from bibtools.bibfile.problems import problems
from bibtools.check.finding import Found, Subject
from bibtools.check.required import PRINTED
from bibtools.verdict import Answer

__all__ = [
    "awkward_keys",
    "control_characters",
    "dangling_references",
    "duplicates",
    "fields_with",
    "late_parents",
    "published_versions",
    "repeated_fields",
    "repeated_keys",
    "syntax",
    "syntax_between",
    "undefined_macros",
    "unsure_duplicates",
]


def syntax(entry: Entry, _subject: Subject) -> Iterator[Found]:
    if not entry.sound and (error := entry.scan.error) is not None:
        yield Found(error[1], entry, entry.document.line_at(error[0]))


def syntax_between(subject: Subject) -> Iterator[Found]:
    """What BibTeX cannot read outside entries: a @string, a @preamble."""
    for problem in problems(subject.document, ()):
        if problem.severity == "error":
            yield Found(problem.message, line=problem.origin.line)


def repeated_keys(subject: Subject) -> Iterator[Found]:
    """BibTeX keeps the first of two entries with one key; it compares without regard to case."""
    first: dict[str, tuple[Document, int]] = {}
    for document in (*subject.before, subject.document):
        for entry in document.entries:
            folded = entry.key.lower()
            if folded in first and document is subject.document:
                other, index = first[folded]
                line = other.line_of_entry[index]
                where = f"in line {line}" if other is document else f"of {other.source}:{line}"
                yield Found(f"duplicate key '{entry.key}': BibTeX uses the entry {where} and ignores this one", entry)
            elif folded:
                first.setdefault(folded, (document, entry.index))


def repeated_fields(entry: Entry, subject: Subject) -> Iterator[Found]:
    if entry.sound:
        return
    seen: dict[str, str] = {}
    for field in entry.fields:
        if field.name in seen:
            same = seen[field.name] == field.value
            values = "the same value" if same else "two values; BibTeX uses the first"
            severity = "note" if same or field.name not in PRINTED else ""
            yield Found(f"two fields '{field.name}' with {values}", entry, field.line, field.name, severity=severity)
        seen.setdefault(field.name, field.value)


REFERRING = ("crossref", "xdata", "xref", "related")


def dangling_references(entry: Entry, subject: Subject) -> Iterator[Found]:
    values = entry.values()
    for name in REFERRING:
        if values.get(name):
            for key in dict.fromkeys(filter(None, map(str.strip, values[name].split(",")))):
                if subject.find(key) is None:
                    field = entry.field(name)
                    line = field.line if field else entry.line
                    yield Found(f"{name} = {key}: no such entry in this file", entry, line, name)


def late_parents(entry: Entry, subject: Subject) -> Iterator[Found]:
    """BibTeX needs a crossref parent behind its children (btxdoc, section 2.2); biber does not care."""
    key = entry.values().get("crossref")
    parent = subject.document.find(key) if key else None
    if parent is not None and parent.index < entry.index and not subject.biblatex:
        yield Found(f"crossref parent '{parent.key}' comes before this entry: BibTeX needs it after", entry)


def undefined_macros(entry: Entry, subject: Subject) -> Iterator[Found]:
    """A bare word that no @string before it defines; BibTeX warns and prints nothing."""
    for field in () if entry.sound else entry.fields:
        for macro in dict.fromkeys(field.undefined):
            message = f"{field.name} = {macro}: no @string defines this macro before line {field.line}"
            yield Found(message, entry, field.line, field.name, severity="" if field.name in PRINTED else "note")


def awkward_keys(entry: Entry, _subject: Subject) -> Iterator[Found]:
    r"""Characters that \cite, BibTeX or biber cannot take in a key."""
    if not entry.key:
        yield Found("entry without a key: it cannot be cited", entry)
    elif bad := sorted(set(re.findall(r"[\s,\\{}%#~\"]", entry.key))):
        shown = " and ".join("a space" if char.isspace() else f"'{char}'" for char in bad)
        yield Found(f"key '{entry.key}' with {shown}: LaTeX cannot cite it", entry)


def _pairs(subject: Subject, answer: Answer, same_version: bool | None) -> Iterator[tuple[str, Entry, str]]:
    """For each entry of the file that repeats earlier ones: the earliest in words, the entry, the reason.

    A repeated key is another rule's finding.
    """
    document, records = subject.document, subject.records
    earliest: dict[int, tuple[int, str]] = {}
    for verdict in subject.verdicts:
        if verdict.answer is answer and same_version in (None, verdict.same_version):
            first, later = sorted((verdict.left, verdict.right))
            if later not in earliest or first < earliest[later][0]:
                earliest[later] = first, verdict.reason
    for later, (first, reason) in earliest.items():
        one, other = records[first], records[later]
        if other.origin.source != document.source or (one.id.lower() == other.id.lower() and other.id):
            continue
        same_file = one.origin.source == document.source
        where = f"in line {one.origin.line}" if same_file else f"of {one.origin}"
        yield f"'{one.id}' {where}", document.entries[other.origin.index], reason


def duplicates(subject: Subject) -> Iterator[Found]:
    for first, later, reason in _pairs(subject, Answer.SAME, True):
        yield Found(f"the same work as {first}: {reason}", later)


def unsure_duplicates(subject: Subject) -> Iterator[Found]:
    known = {entry.index for _, entry, _ in _pairs(subject, Answer.SAME, None)}  # one finding is enough
    for first, later, reason in _pairs(subject, Answer.UNSURE, None):
        if later.index in known:
            continue
        yield Found(f"perhaps the same work as {first}: {reason}", later)


def published_versions(subject: Subject) -> Iterator[Found]:
    for first, later, reason in _pairs(subject, Answer.SAME, False):
        yield Found(f"another version of {first}: {reason}", later)


def fields_with(document: Document, pattern: re.Pattern[str]) -> Iterator[tuple[Entry, Field]]:
    """The fields whose source holds a match, each once: the text is searched, not every field."""
    text = document.text
    starts = [found[0] for found in document.layout.entries]
    at = 0
    while match := pattern.search(text, at):
        at = match.end()
        index = bisect_right(starts, match.start()) - 1
        if index < 0:
            continue
        entry = document.entries[index]
        if match.start() >= entry.end:
            continue
        fields = entry.fields
        number = bisect_right(fields, match.start(), key=lambda field: field.span.start) - 1
        if number >= 0 and match.start() < fields[number].span.end:
            yield entry, fields[number]
            at = max(at, fields[number].span.end)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])


def control_characters(subject: Subject) -> Iterator[Found]:
    data = subject.document.data
    if len(data.translate(None, _CONTROL_BYTES)) == len(data):
        return  # many times faster than the search
    for entry, field in fields_with(subject.document, _CONTROL):
        yield Found(f"{field.name} holds control characters", entry, field.line, field.name)
