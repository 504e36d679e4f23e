"""The files that belong together with a .bib: named by hand, or by the documents that cite it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from bibtools import bibfile
from bibtools.api.citing import Citations
from bibtools.api.reading import InputError, read_bytes
from bibtools.bibfile import Companions

__all__ = ["load_companions"]


def load_companions(
    paths: Iterable[str] = (), targets: Sequence[str] = (), citations: Citations | None = None
) -> Companions:
    """Companions from files named by hand, and from those that documents name, each once and without the targets themselves.

    Raises InputError for a file that is missing, unreadable or no .bib.
    """
    seen = {os.path.realpath(target) for target in targets if target != "-"}
    sources: list[tuple[bytes, str]] = []
    for path in (*paths, *(citations.bibliographies if citations else ())):
        if path == "-" or os.path.realpath(path) in seen:
            continue
        seen.add(os.path.realpath(path))
        data = read_bytes(path)
        document = bibfile.parse(data, path)
        if document.text.strip() and not document.layout.entries and not document.layout.others:
            raise InputError(f"{path}: no entries and no @string; is it a .bib?")
        sources.append((data, path))
    return bibfile.companions(sources)
