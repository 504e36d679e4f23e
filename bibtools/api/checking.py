"""`check` a .bib, duplicates included, and fix what can be fixed safely."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence

from bibtools import bibfile, collector, match, storage
from bibtools import check as checks
from bibtools.api.reading import InputError
from bibtools.bibfile.companions import NONE, Companions
from bibtools.formats.bibtex.reading import entry_records
from bibtools.progress import ticker, watched
from bibtools.record import Record

__all__ = ["check", "check_fix", "check_together"]

MATCHED = frozenset(("duplicate", "unsure-duplicate", "published-twin"))  # the rules that ask the matcher


def check(
    data: bytes | bibfile.Document,
    *,
    source: str = "<text>",
    off: Collection[str] = (),
    only: Collection[str] = (),
    duplicates: bool = True,
    companions: Companions = NONE,
) -> tuple[checks.Finding, ...]:
    """What is wrong with a .bib, in the order of the file; `duplicates` asks the matcher too.

    `companions` are other files of the same bibliography: what they define is not missing here.
    """
    document = data if isinstance(data, bibfile.Document) else bibfile.parse(data, source, companions)
    return check_together([document], off=off, only=only, duplicates=duplicates)


@collector.relaxed()
def check_together(
    documents: Sequence[bibfile.Document],
    *,
    off: Collection[str] = (),
    only: Collection[str] = (),
    duplicates: bool = True,
) -> tuple[checks.Finding, ...]:
    """What is wrong with several files that are one bibliography: keys and works are compared across them.

    Their companions are those that they were read with. The findings come file by file.
    """
    asked = duplicates and bool((MATCHED & set(only) if only else MATCHED) - set(off))
    examinations = [
        checks.Examination(checks.Subject(document.source, document, before=documents[:number]), off, only)
        for number, document in enumerate(documents)
    ]
    records = [record for examination in examinations for record in _examined(examination, asked)]
    verdicts = match.dedupe(records, progress=ticker("Comparing")).verdicts if records else ()
    return tuple(finding for examination in examinations for finding in examination.findings(records, verdicts))


def _examined(examination: checks.Examination, asked: bool) -> Iterator[Record]:
    """The records of a file for the matcher, if it is asked; its entries are examined on the way."""
    document = examination.subject.document

    def entries() -> Iterator[bibfile.Entry]:
        for entry in watched(document.entries, "Checking", len(document.entries)):
            yield entry
            examination.entry(entry)

    if asked:
        yield from entry_records(document, document.source, entries())
    else:
        deque(entries(), maxlen=0)


def check_fix(
    path: str, *, off: Collection[str] = (), only: Collection[str] = (), companions: Companions = NONE
) -> int:
    """Fix in place what `check` can fix safely; returns how many findings were fixed. `undo` takes it back."""
    try:
        snapshot = storage.read(path)
        document = bibfile.parse(snapshot.data, path, companions)
        fixed = 0
        for _ in range(4):  # a fixed value may show another fault, e.g. a DOI with a prefix and with escapes
            findings = checks.run(checks.Subject(path, document), off, only)
            fixes = {(fix.index, type(fix), fix.name): fix for finding in findings for fix in finding.fix}
            if not fixes:
                break
            before = document
            document = _applied(document, list(fixes.values()))
            if document is before:
                break
            fixed += len(fixes)
        if fixed:
            storage.write(snapshot, document.to_bytes())
    except (OSError, storage.StorageError) as error:
        raise InputError(str(error)) from error
    return fixed


def _applied(document: bibfile.Document, fixes: Sequence[checks.Fix]) -> bibfile.Document:
    """All fixes, but for those that the document refuses because the file would no longer read as it did."""
    try:
        return document.edit(fixes)
    except bibfile.EditError:
        if len(fixes) == 1:
            return document
        half = len(fixes) // 2
        return _applied(_applied(document, fixes[:half]), fixes[half:])
