"""What is wrong with a .bib, with the matcher asked for its twins; and mending what is safe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bibtools import bibfile, match, storage
from bibtools import check as checks
from bibtools.api.reading import InputError
from bibtools.formats import bibtex

__all__ = ["check", "check_fix"]


def check(
    data: bytes,
    *,
    source: str = "<text>",
    off: Collection[str] = (),
    only: Collection[str] = (),
    duplicates: bool = True,
) -> tuple[checks.Finding, ...]:
    """What is wrong with a .bib, in the order of the file; `duplicates` asks the matcher too."""
    document = bibfile.parse(data, source)
    asked = {"duplicate", "possible-duplicate", "published-twin"} & (set(only) or {"duplicate"} - set(off))
    if not duplicates or not asked:
        return checks.run(checks.Subject(source, document), off, only)
    records = bibtex.records(document, source).records
    verdicts = match.pairs(records)
    return checks.run(checks.Subject(source, document, records, verdicts), off, only)


def check_fix(path: str, *, off: Collection[str] = (), only: Collection[str] = ()) -> int:
    """Mend in place what `check` can mend safely; returns how many findings were mended. The last state can be undone."""
    try:
        snapshot = storage.read(path)
        document = bibfile.parse(snapshot.data, path)
        mended = 0
        for _ in range(4):  # a mended value may show another fault, e.g. a DOI with a prefix and with escapes
            findings = checks.run(checks.Subject(path, document), off, only)
            fixes = {(fix.index, type(fix), fix.name): fix for each in findings for fix in each.fix}
            if not fixes:
                break
            before = document
            document = _applied(document, list(fixes.values()))
            if document is before:
                break
            mended += len(fixes)
        if mended:
            storage.write(snapshot, document.to_bytes())
    except (OSError, storage.StorageError) as error:
        raise InputError(str(error)) from error
    return mended


def _applied(document: bibfile.Document, fixes: Sequence[checks.Fix]) -> bibfile.Document:
    """All fixes, but for those that the document refuses because the file would no longer read as it did."""
    try:
        return document.edit(fixes)
    except bibfile.EditError:
        if len(fixes) == 1:
            return document
        half = len(fixes) // 2
        return _applied(_applied(document, fixes[:half]), fixes[half:])
