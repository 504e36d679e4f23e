"""What a person should know about a .bib file's syntax, in the order of the file, each with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bibtools.bibfile import scanner
from bibtools.record import Origin, Problem

if TYPE_CHECKING:
    from bibtools.bibfile.document import Document, Entry

__all__ = ["problems"]


def problems(document: Document, entries: Iterable[Entry]) -> tuple[Problem, ...]:
    """What is wrong with a file. ``entries`` are those that may be faulty: who has read all of them knows which."""
    found: list[tuple[int, Problem]] = []

    def add(at: int, message: str, severity: str = "error", text: str = "", index: int = 0) -> None:
        found.append((at, document.problem(at, message, severity, text, index)))

    if document.decoded.problem:
        found.append((-1, Problem(document.decoded.problem, Origin(document.source, 1), "warning")))
    for at, message in document.layout.notes:
        add(at, message, "warning")
    for entry in entries:
        if not entry.sound:
            for at, message, severity, text in of_fields(entry):
                add(at, message, severity, text, entry.index)
    first: dict[str, int] = {}
    for index, (start, _, given, _, _) in enumerate(document.layout.entries):
        key = scanner.lower(given)
        if key in first:
            line = document.line_of_entry[first[key]]
            add(start, f"key {given} is repeated (first in line {line})", "warning", "", index)
        first.setdefault(key, index)
    for scan in document.layout.others:
        source = document.text[scan.start : scan.end]
        if scan.kind == "text":
            add(scan.start, "BibTeX takes this @ for the beginning of an entry", "warning", source)
        elif scan.kind != "comment" and (error := scanner.definition_error(document.text, scan)) is not None:
            add(error[0], f"@{scan.kind}: {error[1]}", "error", source)
    return tuple(problem for _, problem in sorted(found, key=lambda pair: pair[0]))


def of_fields(entry: Entry) -> Iterator[tuple[int, str, str, str]]:
    """Offset, message, severity and source of what is to be said of one entry alone."""
    error = entry.scan.error
    if error is not None:
        yield error[0], f"{entry.key or 'an entry'}: {error[1]}", "error", entry.raw
    seen: set[str] = set()
    for field in entry.fields:
        if field.name in seen:
            message = (
                f"{entry.key}: field {field.name} is repeated; BibTeX reads the first, biber the last; both are kept"
            )
            yield field.span.name_start, message, "warning", field.raw
        seen.add(field.name)
        for name in field.undefined:
            yield field.span.start, f"{entry.key}: macro {name} is not defined", "warning", ""
