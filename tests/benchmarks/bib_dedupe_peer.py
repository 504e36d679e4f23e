"""bib-dedupe on a .bib, as its README says to use it: the peer of `make bench`."""

from __future__ import annotations

from pathlib import Path


def run(path: str) -> None:
    import pandas
    from bib_dedupe.bib_dedupe import block, match, prep

    from bibtools import bibfile

    with Path(path).open("rb") as file:
        document = bibfile.parse(file.read())
    names = ("author", "title", "year", "journal", "volume", "number", "pages", "abstract", "doi")
    rows = [
        {"ID": each.key, "ENTRYTYPE": each.type, **{name: each.get(name) for name in names}}
        for each in document.entries
    ]
    match(block(prep(pandas.DataFrame(rows), cpu=1), cpu=1), cpu=1)
