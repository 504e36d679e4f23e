"""Faults of the file as a whole: syntax, repeated keys, references between entries that lead nowhere, twins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import dates
from bibtools.bibfile import Entry, RemoveField
from bibtools.check.finding import Found, Subject
from bibtools.verdict import Answer, Verdict

__all__ = [
    "awkward_keys",
    "dangling_references",
    "duplicates",
    "empty_fields",
    "late_parents",
    "possible_duplicates",
    "published_twins",
    "repeated_fields",
    "repeated_keys",
    "syntax",
    "undefined_macros",
]


def syntax(subject: Subject) -> Iterator[Found]:
    for problem in subject.document.problems:
        if problem.severity == "error":
            yield Found(problem.message, line=problem.origin.line)


def repeated_keys(subject: Subject) -> Iterator[Found]:
    """BibTeX keeps the first of two entries with one key; it compares without regard to case."""
    first: dict[str, int] = {}
    for entry in subject.document.entries:
        folded = entry.key.lower()
        if folded in first:
            yield Found(
                f"repeated key '{entry.key}': the entry in line {first[folded]} holds, this one is ignored", entry
            )
        else:
            first[folded] = entry.line


def repeated_fields(entry: Entry, _subject: Subject) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for field in entry.fields:
        if field.name in seen:
            same = seen[field.name] == field.value
            says = "with the same value" if same else "with another value; BibTeX keeps the first"
            yield Found(f"field '{field.name}' stands twice, {says}", entry, field.line, field.name)
        seen.setdefault(field.name, field.value)


def dangling_references(entry: Entry, subject: Subject) -> Iterator[Found]:
    for field in ("crossref", "xdata", "xref", "related"):
        for key in filter(None, (each.strip() for each in entry.get(field).split(","))):
            if subject.document.find(key) is None:
                yield Found(f"{field} names '{key}', which is not in this file", entry, field=field)


def late_parents(entry: Entry, subject: Subject) -> Iterator[Found]:
    """BibTeX needs a crossref parent to stand after its children (btxdoc, section 2.2); biber does not care."""
    parent = subject.document.find(entry.get("crossref")) if entry.get("crossref") else None
    if parent is not None and parent.index < entry.index:
        yield Found(
            f"crossref parent '{parent.key}' stands before this entry: BibTeX (not biber) needs it after", entry
        )


MONTHS = frozenset(dates.MONTH_MACROS)
_MACRO = re.compile(r"[^\s\"#%'(),={}0-9][^\s\"#%'(),={}]*\Z")


def undefined_macros(entry: Entry, subject: Subject) -> Iterator[Found]:
    """A bare word that no @string defines; BibTeX warns and prints nothing. Styles may define more (jacm, tods ...)."""
    for field in entry.fields:
        if "{" in field.raw or '"' in field.raw:
            continue
        for part in field.raw.split("#"):
            word = part.strip()
            if _MACRO.match(word) and word.lower() not in MONTHS and word.lower() not in subject.document.strings:
                yield Found(f"macro '{word}' is not defined in this file", entry, field.line, field.name)


def awkward_keys(entry: Entry, _subject: Subject) -> Iterator[Found]:
    r"""Characters that \cite, BibTeX or biber cannot take in a key."""
    if not entry.key:
        yield Found("entry without a key: it cannot be cited", entry)
    elif bad := sorted(set(re.findall(r"[\s,\\{}%#~\"]", entry.key))):
        shown = " ".join("a space" if each.isspace() else each for each in bad)
        yield Found(f"key '{entry.key}' holds {shown}: LaTeX will not find it", entry)


def _twins(subject: Subject, answer: Answer, same_version: bool | None) -> Iterator[tuple[Verdict, Found]]:
    entries = subject.document.entries
    for verdict in subject.verdicts:
        if verdict.answer is answer and (same_version is None or verdict.same_version is same_version):
            first, second = sorted((verdict.left, verdict.right))
            one, other = (entries[subject.records[place].origin.index] for place in (first, second))
            yield verdict, Found(f"'{one.key}' in line {one.line}: {verdict.reason}", other)


def duplicates(subject: Subject) -> Iterator[Found]:
    for _, found in _twins(subject, Answer.SAME, True):
        yield Found(f"the same work as {found.message}", found.entry)


def possible_duplicates(subject: Subject) -> Iterator[Found]:
    for _, found in _twins(subject, Answer.UNSURE, None):
        yield Found(f"perhaps the same work as {found.message}", found.entry)


def published_twins(subject: Subject) -> Iterator[Found]:
    for _, found in _twins(subject, Answer.SAME, False):
        yield Found(f"another version of {found.message}", found.entry)


def empty_fields(entry: Entry, _subject: Subject) -> Iterator[Found]:
    for field in entry.fields:
        if not field.value.strip():
            # A repeated field is told elsewhere; removing by name would take the first, which may be the full one.
            alone = sum(each.name == field.name for each in entry.fields) == 1
            fix = (RemoveField(entry.index, field.name),) if alone and _is_literal(field.raw) else ()
            yield Found(f"field '{field.name}' is empty", entry, field.line, field.name, fix)


def _is_literal(raw: str) -> bool:
    return raw[:1] in '{"'
