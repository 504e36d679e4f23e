"""Journal names abbreviated by ISO 4 or in full, and back.

The other form of a name stays in the entry, so that nothing is lost and the way back needs no table: the full name in
`fjournal`, as MathSciNet writes it, and an abbreviation that ISO 4 would not give in `shortjournal`, as biblatex has it.
A journal given by a macro is changed in its @string. The words come from the list of the ISSN centre (LTWA) in pyiso4; its
rival `iso4` raises an error on a word that two languages abbreviate differently, and needs WordNet.

A full name is taken from `fjournal`, from other entries of the file or of its companions, and only where one full name fits
the abbreviation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache, partial

from bibtools import latex
from bibtools.bibfile import Document, Edit, Entry, Field, RemoveField, SetField, SetString, scanner
from bibtools.bibfile.scanner import Kind, lower
from bibtools.record import Origin, Problem
from bibtools.tidy.rule import Options

__all__ = ["journals"]

JOURNAL = ("journal", "journaltitle")
ABBREVIATED = re.compile(r"\w\.(?=\s|\Z|[-,:;(])")
PREPRINTS = re.compile(r"rxiv|preprint|ssrn|\bcorr\b", re.IGNORECASE)

Edits = tuple[Edit, ...]


def journals(document: Document, options: Options) -> tuple[list[Edits], list[Problem]]:
    """The edits, those that belong together in one tuple, and the names that stay because no full one is known."""
    if not options.journals:
        return [], []
    work = _Abbreviate(document) if options.journals == "abbreviate" else _Full(document)
    edits: list[Edits] = []
    macros: dict[str, list[tuple[Entry, Field]]] = defaultdict(list)
    mixed = _made_of_others(document)  # and macros that are used for something else too
    for entry in document.entries:
        if entry.scan.error is not None:
            continue
        for field in entry.fields:
            if field.name not in JOURNAL or field.recovered or field is not entry.field(field.name):
                if field.span.kind == Kind.EXPRESSION:
                    mixed.update(map(lower, re.findall(r"[^\s#{}\"]+", field.raw)))
            elif field.span.kind == Kind.SIMPLE:
                edits += work.changed(entry, field, field.raw[1:-1], partial(SetField, entry.index, field.name))
            elif lower(field.raw) in document.strings:
                macros[lower(field.raw)].append((entry, field))
            elif field.span.kind == Kind.EXPRESSION:
                mixed.update(map(lower, re.findall(r"[^\s#{}\"]+", field.raw)))
    for macro, users in macros.items():
        found = list(_macro(work, document, macro, users))
        if macro not in mixed:
            edits += found
        elif found:
            field = users[0][1]
            why = f"{field.name} = {macro} stays: another field uses this macro too"
            work.problems.append(Problem(why, Origin(document.source, field.line, users[0][0].index), "note"))
    return edits, work.problems


def _made_of_others(document: Document) -> set[str]:
    """Macros that are not one text in their @string, and those that they are made of."""
    found: set[str] = set()
    for scan in document.layout.others:
        name = scanner.MACRO_NAME.match(document.text, scan.key_start, scan.body_end) if scan.kind == "string" else None
        if name is not None:
            start = scanner.skip(document.text, name.end())
            kind, end, _ = scanner.scan_value(document.text, start, scan.body_end)
            if kind != Kind.SIMPLE:
                found.add(lower(name[1]))
                found.update(map(lower, re.findall(r"[^\s#{}\"]+", document.text[start:end])))
    return found


def _macro(work: _Work, document: Document, macro: str, users: list[tuple[Entry, Field]]) -> Iterable[Edits]:
    """The @string, with the other form of the name in every entry that uses it; all or none."""
    value = document.strings[macro]
    found = [list(work.changed(entry, field, value, partial(SetString, macro))) for entry, field in users]
    if all(found) and len({edits[0][0] for edits in found}) == 1:
        yield tuple(dict.fromkeys(edit for groups in found for group in groups for edit in group))


class _Work:
    """What abbreviating and writing in full have in common."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def changed(self, entry: Entry, field: Field, source: str, put: Callable[[str], Edit]) -> Iterable[Edits]:
        raise NotImplementedError


class _Abbreviate(_Work):
    def changed(self, entry: Entry, field: Field, source: str, put: Callable[[str], Edit]) -> Iterable[Edits]:
        title = _plain(source)
        if not title or ABBREVIATED.search(title) or PREPRINTS.search(title):
            return
        if _plain(entry.get("fjournal")) not in ("", title):
            return  # an abbreviation without a full stop
        own = entry.get("shortjournal")
        short = own if own else _written(abbreviated(title), source)
        if _plain(short) != title:
            yield put(short), SetField(entry.index, "fjournal", source)


class _Full(_Work):
    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.known: dict[str, dict[str, str]] = defaultdict(dict)  # by the abbreviation: full names by their plain text
        self.reported: set[str] = set()
        for entry in (entry for known in (document, *document.companions.documents) for entry in known.entries):
            values = entry.values()
            for name in JOURNAL:
                if title := values.get(name):
                    self._know(_plain(title), title)
                    if full := values.get("fjournal"):
                        self.known[_key(_plain(title))].setdefault(_plain(full), full)
                    if short := values.get("shortjournal"):
                        self.known[_key(_plain(short))].setdefault(_plain(title), title)

    def _know(self, title: str, source: str) -> None:
        if title and not ABBREVIATED.search(title):
            self.known[_key(abbreviated(title))].setdefault(title, source)

    def changed(self, entry: Entry, field: Field, source: str, put: Callable[[str], Edit]) -> Iterable[Edits]:
        title = _plain(source)
        full = entry.field("fjournal")
        names = self.known.get(_key(title), {})
        if full is not None and full.value and full.span.kind == Kind.SIMPLE:
            name = full.raw[1:-1]
        elif not ABBREVIATED.search(title):
            return
        elif len(names) == 1:
            (name,) = names.values()
        else:
            self._report(title, field, len(names))
            return
        edits: list[Edit] = [put(name)] if _plain(name) != title else []
        if full is not None:
            edits.append(RemoveField(entry.index, "fjournal"))
        if edits and _plain(name) != title and abbreviated(_plain(name)) != title and not entry.get("shortjournal"):
            edits.append(SetField(entry.index, "shortjournal", source))
        if edits:
            yield tuple(edits)

    def _report(self, title: str, field: Field, count: int) -> None:
        if title not in self.reported:
            self.reported.add(title)
            why = f"{count} full names fit" if count else "no full name is known (--with FILE gives more)"
            origin = Origin(self.document.source, field.line, field.entry.index)
            self.problems.append(Problem(f"{field.name} '{title}' stays: {why}", origin, "note"))


def _plain(source: str) -> str:
    return latex.plain(latex.decode(source)).strip()


def _written(title: str, like: str) -> str:
    """A name as TeX, in ASCII where the other form of it is."""
    return latex.encode(title, ascii=like.isascii())


def _key(title: str) -> str:
    """Abbreviations are compared without case, dots and commas."""
    return " ".join(re.findall(r"\w+", title.casefold()))


@lru_cache(maxsize=65536)
def abbreviated(title: str) -> str:
    """The abbreviation of a full name by ISO 4. Raises ImportError where pyiso4 is not installed."""
    from pyiso4.ltwa import Abbreviate

    if len(title) > 500 or not re.search(r"[^\W\d_]", title):
        return title
    try:
        return str(_list(Abbreviate.create)(title, remove_part=False)) or title
    except (IndexError, KeyError, TypeError, ValueError):  # pyiso4 stumbles over some rare characters
        return title


@lru_cache(maxsize=1)
def _list(create: Callable[[], Callable[..., str]]) -> Callable[..., str]:
    return create()
