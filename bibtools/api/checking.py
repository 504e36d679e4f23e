"""`check` a .bib, duplicates included, and fix what can be fixed safely."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bibtools import bibfile, match, storage
from bibtools import check as checks
from bibtools.api.reading import InputError
from bibtools.formats import bibtex

__all__ = ["check", "check_fix"]


def check(
    data: bytes | bibfile.Document,
    *,
    source: str = "<text>",
    off: Collection[str] = (),
    only: Collection[str] = (),
    duplicates: bool = True,
    beside: Sequence[bibfile.Document] = (),
) -> tuple[checks.Finding, ...]:
    """What is wrong with a .bib, in the order of the file; `duplicates` asks the matcher too.

    `beside` are other files of the same bibliography: what they define is not missing here.
    """
    document = data if isinstance(data, bibfile.Document) else bibfile.parse(data, source)
    asked = {"duplicate", "possible-duplicate", "published-twin"} & (set(only) or {"duplicate"} - set(off))
    if not duplicates or not asked:
        return checks.run(checks.Subject(source, document, beside=beside), off, only)
    records = bibtex.records(document, source).records
    verdicts = match.pairs(records)
    return checks.run(checks.Subject(source, document, records, verdicts, beside), off, only)


def check_fix(path: str, *, off: Collection[str] = (), only: Collection[str] = ()) -> int:
    """Fix in place what `check` can fix safely; returns how many findings were fixed. `undo` takes it back."""
    try:
        snapshot = storage.read(path)
        document = bibfile.parse(snapshot.data, path)
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
