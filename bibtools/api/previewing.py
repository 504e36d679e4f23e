"""How a bibliography will print."""

from __future__ import annotations

from collections.abc import Iterable

from bibtools import preview as previews
from bibtools.format import WriteOptions
from bibtools.formats import bibtex, csljson
from bibtools.record import Record

__all__ = ["preview"]


LINKS = frozenset(("crossref", "xref", "xdata", "ids", "related"))  # what a Record has inherited already


def preview(records: Iterable[Record], style: str = "plain", to: str = "text") -> str:
    """The bibliography as a style prints it, as "text", an "html" page or "markdown". Raises preview.PreviewError.

    `style` is a .bst or .csl file, or a name that TeX or citeproc-py knows. Keys do not matter: they may be missing or repeated.
    """
    chosen = previews.find_style(style)
    if chosen.engine == "csl":
        return previews.render(previews.print_csl([csljson.to_csl(record) for record in records], chosen), to)
    keyed = (
        record.replace(id=f"r{number}", extra=tuple(pair for pair in record.extra if pair[0] not in LINKS))
        for number, record in enumerate(records)
    )
    return previews.render(
        previews.print_bibtex("".join(bibtex.write(keyed, WriteOptions(), dialect="bibtex")), chosen), to
    )
