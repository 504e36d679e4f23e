"""Files that are read together with a .bib and never edited: BibTeX's ``\\bibliography{strings,refs,crossrefs}``.

They give macros, parents (``crossref``, ``xdata``) and keys that are in use. BibTeX reads its files in their order, so that a
macro must be defined before it is used; here the order of companions does not matter, since they are named by hand. What
the file itself defines comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from bibtools.bibfile.references import REFERENCES, named_keys

if TYPE_CHECKING:
    from bibtools.bibfile.document import Document, Entry

__all__ = ["NONE", "Companions", "companions"]


@dataclass(frozen=True, slots=True)
class Companions:
    """The documents beside a .bib. ``macros`` maps names in lower case to values, ``keys`` are in the case of their files."""

    documents: tuple[Document, ...] = ()  # in the order given
    macros: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # what their @strings define

    def __bool__(self) -> bool:
        return bool(self.documents)

    def find(self, key: str) -> Entry | None:
        """The first entry with a key, as BibTeX compares keys; its values are those of its own document."""
        return next((found for document in self.documents if (found := document.find(key)) is not None), None)

    def without(self, document: Document) -> Companions:
        """The companions that a file of the group has: the others."""
        others = tuple(other for other in self.documents if other.source != document.source)
        macros = {name: value for other in reversed(others) for name, value in other.strings.items()}
        return Companions(others, MappingProxyType(macros))

    @property
    def keys(self) -> frozenset[str]:
        """Every key that an entry has, and every other name of one."""
        found = {entry[2] for document in self.documents for entry in document.layout.entries}
        return frozenset(found.union(*(named_keys(document, ("ids",)) for document in self.documents)))

    @property
    def referred(self) -> frozenset[str]:
        """The keys that entries name as their parents or relatives: they must not go, or change, in another file."""
        return frozenset[str]().union(*(named_keys(document, REFERENCES) for document in self.documents))


NONE = Companions()


def companions(sources: Iterable[tuple[bytes | str, str]]) -> Companions:
    """Companions from content and name of each file."""
    from bibtools.bibfile.document import parse

    sources = list(sources)
    macros: dict[str, str] = {}
    for _ in range(min(2, len(sources))):  # the second time a macro may use one of a file behind its own
        documents = tuple(parse(data, source, Companions((), MappingProxyType(macros))) for data, source in sources)
        macros = {name: value for document in reversed(documents) for name, value in document.strings.items()}
    return Companions(documents, MappingProxyType(macros)) if sources else NONE
