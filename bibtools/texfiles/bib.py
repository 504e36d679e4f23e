"""Citation keys inside a .bib: renamed with all that refers to them, and followed to what a document needs of the file.

`bibfile.references` says which fields hold keys. Keys are compared without regard to case, as BibTeX
does; where a file has two that differ in case only, the exact one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bibtools.bibfile import Document, Edit, Entry, RemoveField, SetField, SetKey, scanner
from bibtools.bibfile.references import REFERENCES, entries_with_keys, listed
from bibtools.bibfile.scanner import Kind
from bibtools.texfiles.naming import lookup

__all__ = ["Extract", "Renaming", "extract", "nearest", "rename"]

ENCODING_LINE = re.compile(r"[ \t]*%[ \t]*encoding:[^\r\n]*", re.IGNORECASE)


# --- new keys ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Renaming:
    """`changed` maps old keys to new; `names` maps every key and alias that a document may cite, changed or not."""

    edits: tuple[Edit, ...]
    changed: Mapping[str, str]
    names: Mapping[str, str]


def rename(document: Document, keys: Sequence[str], *, keep_ids: bool = True) -> Renaming:
    """The edits that give every entry a key (in the order of `entries`), with all that refers to it inside the file.

    With `keep_ids` the old key goes to biblatex's `ids`, so that it can still be cited, unless another entry has it now.
    """
    names: dict[str, str] = {}
    for entry, new in zip(document.entries, keys, strict=True):
        names.setdefault(entry.key, new)
    first = dict(names)
    holding = entries_with_keys(document)
    for index in holding:
        for alias in listed(document.entries[index].get("ids")):
            names.setdefault(alias, keys[index])
    new_name = lookup(names)
    used = {key.lower() for key in keys}
    edits: list[Edit] = []
    for entry, new in zip(document.entries, keys, strict=True):
        if new != entry.key:
            edits.append(SetKey(entry.index, new))
        for name in REFERENCES if entry.index in holding else ():
            value = entry.get(name)
            moved = re.sub(r"[^\s,][^,]*?(?=\s*(?:,|\Z))", lambda found: new_name(found[0]) or found[0], value)
            if moved != value:
                edits.append(SetField(entry.index, name, moved))
        if keep_ids and new != entry.key and first.get(entry.key) == new:
            edits += _aliases(entry, entry.index in holding, used)
    changed = {old: new for old, new in first.items() if old != new and old}
    return Renaming(tuple(edits), changed, names)


def _aliases(entry: Entry, holding: bool, used: set[str]) -> Iterator[Edit]:
    """The `ids` that an entry needs when its key changes; none may be a key of the file."""
    old = listed(entry.get("ids")) if holding else []
    ids = list(old)
    if entry.key and not re.search(r"[\s,{}\"%#]", entry.key):
        ids.append(entry.key)
    kept = [key for number, key in enumerate(ids) if key.lower() not in used and key not in ids[:number]]
    if kept != old:
        yield SetField(entry.index, "ids", ", ".join(kept)) if kept else RemoveField(entry.index, "ids")


# --- what a document needs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Extract:
    """`data` is a .bib of its own. `missing` are cited keys that no entry has; `lost` are (entry, missing parent)."""

    data: bytes
    keys: tuple[str, ...]
    missing: tuple[str, ...]
    lost: tuple[tuple[str, str], ...] = ()


def extract(
    documents: Sequence[Document], keys: Iterable[str], *, everything: bool = False, order: str = "cited"
) -> Extract:
    """Only what is cited: entries as they stand, their parents, the macros they use, and every @preamble.

    `order` is "cited" (parents behind their children, as BibTeX demands) or "file". Several files are searched in turn.
    """
    finder = _Finder(documents)
    found: dict[tuple[int, int], None] = {}
    missing: dict[str, None] = {}
    for key in keys:
        if (position := finder.find(key)) is None:
            missing[key] = None
        else:
            found[position] = None
    if everything:
        found |= dict.fromkeys(finder.all())
    lost: list[tuple[str, str]] = []
    crossrefs: set[tuple[int, int]] = set()
    queue = list(found)
    for position in queue:  # grows while parents are found
        entry = finder.entry(position)
        for name in REFERENCES:
            for key in listed(entry.get(name)):
                parent = finder.find(key)
                if parent is None:
                    lost.append((entry.key, key))
                    continue
                if name == "crossref":
                    crossrefs.add(parent)
                if parent not in found:
                    found[parent] = None
                    queue.append(parent)
    positions = sorted(found) if order == "file" else sorted(found, key=lambda position: position in crossrefs)
    return Extract(
        _written(documents, positions),
        tuple(finder.entry(position).key for position in positions),
        tuple(missing),
        tuple(lost),
    )


class _Finder:
    """Entries of several files by key: the exact one, else the one BibTeX takes for the same, else an alias; first file first."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.exact: dict[str, tuple[int, int]] = {}
        self.folded: dict[str, tuple[int, int]] = {}
        self.aliases: dict[str, tuple[int, int]] | None = None
        for number, document in enumerate(documents):
            for entry in document.entries:
                self.exact.setdefault(entry.key, (number, entry.index))
                self.folded.setdefault(scanner.lower(entry.key), (number, entry.index))

    def entry(self, position: tuple[int, int]) -> Entry:
        return self.documents[position[0]].entries[position[1]]

    def find(self, key: str) -> tuple[int, int] | None:
        found = self.exact.get(key) or self.folded.get(scanner.lower(key))
        if found is None:
            if self.aliases is None:
                self.aliases = self._aliases()
            found = self.aliases.get(key)
        return found

    def _aliases(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for number, document in enumerate(self.documents):
            for index in sorted(entries_with_keys(document)):
                for alias in listed(document.entries[index].get("ids")):
                    found.setdefault(alias, (number, index))
        return found

    def all(self) -> Iterator[tuple[int, int]]:
        """Each entry that can be cited, once, in the order of the files."""
        return iter(sorted(self.folded.values()))


def _written(documents: Sequence[Document], positions: Sequence[tuple[int, int]]) -> bytes:
    """The entries with the definitions of macros that hold where they stood: at the top, or, where a macro is defined anew,
    right before the entry that reads it so."""
    eol = documents[0].style.eol if documents else "\n"
    definitions = [_Definitions(document) for document in documents]
    for number, definition in enumerate(
        definitions
    ):  # a macro of another file: the nearest before, as BibTeX reads them
        definition.elsewhere = [*reversed(definitions[:number]), *definitions[number + 1 :]]
    current: dict[str, str] = {}
    top: list[str] = []
    body: list[str] = []
    anew = False
    head = ENCODING_LINE.match(documents[0].text) if len(documents) == 1 else None
    if head:
        top.append(head[0])
    for number in sorted({number for number, _ in positions}):
        for source, at in definitions[number].preambles:
            top += [definition for _, definition in definitions[number].needed(source, at, current)]
            top.append(source)
    for number, index in positions:
        entry = documents[number].entries[index]
        for field in entry.fields:
            if field.span.kind == Kind.EXPRESSION:
                needed = definitions[number].needed(field.raw, entry.start, current)
                anew = anew or not all(fresh for fresh, _ in needed)
                (body if anew else top).extend(definition for _, definition in needed)
        body.append(entry.raw)
    return _encoded(documents, (eol + eol).join([*top, *body]) + eol if top or body else "")


def _encoded(documents: Sequence[Document], text: str) -> bytes:
    """In the encoding of the files if they have one in common, else in UTF-8."""
    kinds = {(document.decoded.encoding, document.decoded.errors, document.decoded.bom) for document in documents}
    if len(kinds) == 1:
        try:
            return replace(documents[0].decoded, text=text).encode(text)
        except UnicodeEncodeError:
            pass
    return text.encode("utf-8", "surrogateescape")


class _Definitions:
    """The @string commands of a file by macro, in order, and its @preambles."""

    def __init__(self, document: Document) -> None:
        self.by_name: dict[str, list[tuple[int, str, str]]] = {}
        self.elsewhere: list[_Definitions] = []
        self.preambles: list[tuple[str, int]] = []
        text = document.text
        for scan in document.layout.others:
            source = text[scan.start : scan.end]
            if scan.kind == "preamble":
                self.preambles.append((source, scan.start))
            elif scan.kind == "string" and (name := scanner.FIELD_NAME.match(text, scan.key_start, scan.body_end)):
                value = text[name.end() : scan.body_end]
                self.by_name.setdefault(scanner.lower(name[1]), []).append((scan.start, source, value))

    def needed(
        self, source: str, at: int, current: dict[str, str], pending: tuple[tuple[int, str, str], ...] = ()
    ) -> list[tuple[bool, str]]:
        """The definitions, those they need first, that a value at an offset uses and that do not hold yet, each with whether
        its macro is met for the first time. ``pending`` are definitions that wait for these: files may define each other's."""
        found: list[tuple[bool, str]] = []
        for word in _macros(source):
            name = scanner.lower(word)
            owner, known = self._defined(name, at)
            if known is None or current.get(name) == known[1] or known in pending:
                continue
            start, definition, value = known
            found += owner.needed(value, start, current, (*pending, known))
            found.append((name not in current, definition))
            current[name] = definition
        return found

    def _defined(self, name: str, at: int) -> tuple[_Definitions, tuple[int, str, str] | None]:
        """The definition of a macro that holds at an offset, and where it is."""
        before = [definition for definition in self.by_name.get(name, ()) if definition[0] < at]
        if before:
            return self, before[-1]
        owner = next((other for other in self.elsewhere if name in other.by_name), self)
        return owner, owner.by_name[name][-1] if owner is not self else None


def _macros(source: str) -> Iterator[str]:
    """The words of a value outside of braces and quotes."""
    bare: list[str] = []
    depth, quoted = 0, False
    for piece in re.split(r'([{}"])', source):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth -= 1
        elif piece == '"' and not depth:
            quoted = not quoted
        elif not depth and not quoted:
            bare.append(piece)
    return (found[0] for found in scanner.WORD.finditer(" # ".join(bare)))


def nearest(key: str, keys: Sequence[str], limit: int = 3) -> tuple[str, ...]:
    """The keys that somebody may have meant, best first."""
    from rapidfuzz import fuzz, process

    folded = [known.casefold() for known in keys]
    ranked = process.extract(key.casefold(), folded, scorer=fuzz.ratio, limit=limit, score_cutoff=60)
    return tuple(keys[number] for _, _, number in ranked)
