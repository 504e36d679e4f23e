"""From the entries of a document to Records.

Every field that the table knows goes to its place in the Record, everything else to ``extra`` under its own name, as raw TeX.
Where two fields carry the same thing (``journaltitle`` and ``journal``) the better one wins and the other is kept in ``extra``.
``subtitle`` and ``titleaddon`` join the title, as every reader of the printed page would cite it, and stay in ``extra`` too, so
that the writer can part them again.

When TeX in a title or a name cannot be told in Unicode without loss (``\\noopsort``, a macro of one's own) the TeX is kept in
``extra`` as ``tex-title``; the writer uses it as long as it still says what the Record says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from bibtools import bibfile, collector, dates, identifiers, latex, names
from bibtools.bibfile import Document, Entry
from bibtools.bibfile.problems import problems
from bibtools.format import ReadOptions
from bibtools.formats.bibtex.inheritance import inherited
from bibtools.formats.bibtex.tables import (
    CLASSIC,
    CLASSIC_FORM,
    ENTRY_TYPES,
    FORM_OF,
    GENRES,
    LANGUAGES,
    ORIGINALS,
    SUBTYPES,
    THESES,
    Slot,
    number_field,
    slot_of,
)
from bibtools.formats.bibtex.unresolved import unresolved
from bibtools.progress import watched
from bibtools.record import CSL_TYPES, Batch, Date, Name, Origin, Record

__all__ = ["looks_like", "read", "record_of", "records", "text_of"]

LOOKS = re.compile(
    r"^[ \t]*@[ \t]*(?:(?:comment|preamble|string)[ \t\r\n]*[{(]|[a-z][\w.:+-]*[ \t\r\n]*[{(][^{}\"=]{0,300}?,)",
    re.I | re.M,
)
ESCAPED = re.compile(r"\\+([_%#&~$])|\{\\(?:textunderscore|_)\s*\}|\\textunderscore\s?")
ADDITIONS = {  # what joins a title: the fields, with what stands before each
    "title": (("subtitle", ": "), ("titleaddon", ". ")),
    "booktitle": (("booksubtitle", ": "), ("booktitleaddon", ". ")),
    "journaltitle": (("journalsubtitle", ": "), ("journaltitleaddon", ". ")),
    "journal": (("journalsubtitle", ": "), ("journaltitleaddon", ". ")),
    "maintitle": (("mainsubtitle", ": "), ("maintitleaddon", ". ")),
}
ROLES = ("editora", "editorb", "editorc")
FREE_ROLES = frozenset(ROLES)
BOOKS = frozenset(
    ("book", "mvbook", "collection", "mvcollection", "proceedings", "mvproceedings", "manual", "booklet", "reference")
)
PARTS = frozenset(("chapter", "paper-conference", "entry-encyclopedia"))
USEPREFIX = re.compile(r"\buseprefix\b(?!\s*=\s*false)")
NOWHERE = Origin()
EPRINT = frozenset(("eprint", "archiveprefix", "eprinttype", "primaryclass", "eprintclass", "arxivid"))


def looks_like(head: str) -> bool:
    """An entry, or a command of BibTeX's own. Code has the same shape: ``@app.route("/", x)``, ``@media print { a, b``; an entry
    in parentheses is one of a known type, and behind the key of one in braces stands a field, its end, or nothing any more."""
    return any(_is_entry(found, head) for found in LOOKS.finditer(head))


BEHIND_KEY = re.compile(r"\s*(?:[^\W\d][^\s={}\"#%'(),:;]*\s*=|[})@,]|%|\Z)")


def _is_entry(found: re.Match[str], head: str) -> bool:
    kind, bracket, _ = re.split(r"([{(])", found[0].strip()[1:].strip(), maxsplit=1)
    kind = kind.strip().lower()
    if kind in ("comment", "preamble", "string"):
        return True
    if bracket == "(" and kind not in ENTRY_TYPES:
        return False
    return BEHIND_KEY.match(head, found.end()) is not None


def read(text: str, options: ReadOptions) -> Batch:
    document = bibfile.parse(text, options.source)
    return records(document, options.source)


def records(document: Document, source: str = "") -> Batch:
    """Every entry as a Record, with what it inherits; its key is the id. ``@xdata`` holds data for others and is no work."""
    faulty: list[Entry] = []

    def entries() -> Iterator[Entry]:
        for entry in watched(document.entries, "Reading", len(document.entries)):
            yield entry
            if entry.type == "xdata" or not entry.sound:
                faulty.append(entry)

    with collector.relaxed():
        found = tuple(entry_records(document, source or document.source, entries()))
        return Batch(found, problems(document, faulty))


def entry_records(document: Document, source: str, entries: Iterable[Entry] | None = None) -> Iterator[Record]:
    """Records of the given entries, else of all: a merge into a large file looks at few of them."""
    lines = document.line_of_entry
    for entry in document.entries if entries is None else entries:
        if entry.type == "xdata":
            continue
        values = entry.values()
        unsound = not entry.sound
        linked = "crossref" in values or "xdata" in values
        missing = unresolved(document, entry, values) if linked or unsound else ()
        repeated = repetitions(entry) if unsound else ()
        if linked:
            values = inherited(document, entry, values)
        origin = Origin(
            source, lines[entry.index], entry.index, "bibtex", (("ENTRYTYPE", entry.type), *values.items(), *repeated)
        )
        record = record_of(entry.type, entry.key, values, origin, repeated)
        yield record.replace(unresolved=missing) if missing else record


def repetitions(entry: Entry) -> tuple[tuple[str, str], ...]:
    """The fields of an entry that stand in it a second time: BibTeX reads the first, biber the last."""
    seen: set[str] = set()
    again = []
    for field in entry.fields:
        if field.name in seen and field.value:
            again.append((field.name, field.value))
        seen.add(field.name)
    return tuple(again)


def record_of(
    entry_type: str,
    key: str,
    values: dict[str, str],
    origin: Origin = NOWHERE,
    repeated: Iterable[tuple[str, str]] = (),
) -> Record:
    """A Record from the fields of an entry, by lower-case name, as BibTeX reads them.

    ``repeated`` are further values of names in ``values``: keywords join the others, the rest is kept in ``extra``.
    """
    made = Making(entry_type, values, tuple(repeated))
    made.fields["id"] = key
    return Record(origin=origin, **made.fields)  # type: ignore[arg-type]


class Making:
    """The fields of one Record while they are found."""

    __slots__ = ("extra", "fields", "ranks", "values")

    def __init__(self, entry_type: str, values: dict[str, str], repeated: tuple[tuple[str, str], ...] = ()) -> None:
        self.values = values
        self.fields: dict[str, object] = {}
        self.extra: list[tuple[str, str]] = []
        self.ranks: dict[str, int] = {}
        csl_type = self.fields["type"] = type_of(entry_type, values)
        table = table_for(csl_type, entry_type in BOOKS)
        for name, value in values.items():
            known = table.get(name)
            if known is None:
                self.extra.append((ORIGINALS[name], text_of(value)) if name in ORIGINALS else (name, value))
            elif value:
                known(self, name, value)
        self.dates()
        if not EPRINT.isdisjoint(values):
            self.eprint()
        self.type(entry_type, csl_type)
        if not FREE_ROLES.isdisjoint(values):
            self.roles()
        if "maintitle" in values:
            self.titles()
        for name, value in repeated:
            self.again(name, value)
        if "url" not in values:
            self.linked()
        if self.extra:
            self.fields["extra"] = tuple([(name, value) for name, value in self.extra if value or name])
        else:
            self.fields.pop("extra", None)

    def put(self, slot: Slot, rank: int, name: str, value: str, read_as: object) -> None:
        """A value into its place; of two that carry the same the better stays and the other is kept in `extra`."""
        standing = self.ranks.get(slot.field)
        if standing is None:
            self.fields[slot.field] = read_as
            self.ranks[slot.field] = rank
        elif rank < standing:
            loser = slot.names[standing]
            if read_as != self.fields[slot.field] or slot.field == "publisher":
                self.extra.append((loser, self.values[loser]))
            self.fields[slot.field] = read_as
            self.ranks[slot.field] = rank
        elif read_as != self.fields[slot.field] or slot.field == "publisher":  # a style prints both
            self.extra.append((name, value))

    def linked(self) -> None:
        """A title that is a link, ``\\href{https://...}{T}``, gives the address of the work."""
        for name in ("title", "booktitle", "journal", "journaltitle"):
            if "\\href" in self.values.get(name, ""):
                self.fields["url"] = latex.hrefs(self.values[name])[0]
                return

    def again(self, name: str, value: str) -> None:
        if name in ("keywords", "keyword"):
            standing = self.fields.get("keyword", ())
            assert isinstance(standing, tuple)
            self.fields["keyword"] = tuple(dict.fromkeys((*standing, *keywords_of(value))))
        elif value != self.values.get(name) and (name, value) not in self.extra:
            self.extra.append((name, value))

    def inexact(self, field: str, value: str) -> None:
        self.extra.append((f"tex-{field.replace('_', '-')}", value))

    def dates(self) -> None:
        values = self.values
        year = values.get("year", "")
        issued = issued_of(values)
        if issued:
            self.fields["issued"] = issued
        if "\\" in year and not latex.decoded(year)[1]:
            self.extra.append(("tex-year", year))
        if "date" in values:
            self.extra += [(name, values[name]) for name in unsaid(issued, values)]

    def eprint(self) -> None:
        """arXiv's eprints have places in the Record; those of other archives stay in `extra` as they are."""
        values = self.values
        archive = (values.get("archiveprefix") or values.get("eprinttype") or "").lower()
        eprint = values.get("eprint", "")
        found = identifiers.arxiv_id(eprint) if eprint and archive in ("", "arxiv") else ""
        if archive == "pubmed" and eprint.isdigit() and "pmid" not in values:
            self.fields["pmid"] = eprint
        elif (eprint and not found) or archive not in ("", "arxiv"):
            self.extra += [(name, values[name]) for name in values if name in EPRINT and name != "arxivid"]
        else:
            if found and eprint != found:
                self.extra.append(("eprint", eprint))
            if category := values.get("primaryclass") or values.get("eprintclass"):
                self.fields["categories"] = tuple(verbatim(category).replace(",", " ").split())
        if other := values.get("arxivid", ""):
            if not found:
                found = identifiers.arxiv_id(other)
            if found != other:
                self.extra.append(("arxivid", other))
        if found:
            self.fields["arxiv_id"] = found
        said = values.get("entrysubtype")
        if self.fields["type"] == "document" and said != "document" and (found or self.fields.get("categories")):
            self.fields["type"] = "article"  # a preprint: arXiv's number, or its class alone, says so

    def type(self, entry_type: str, csl_type: str) -> None:
        if entry_type in THESES:
            self.fields.setdefault("genre", THESES[entry_type])
        csl_type = str(self.fields["type"])
        default = FORM_OF.get(csl_type, "misc")
        same = default == entry_type or (entry_type, default) in (("techreport", "report"), ("phdthesis", "thesis"))
        if "entrysubtype" in self.values and default not in CLASSIC:
            same = same or entry_type == CLASSIC_FORM.get(default, "misc")
        if entry_type == "mastersthesis":
            same = self.fields["genre"] == THESES[entry_type]
        elif entry_type == "thesis":
            same = True
        if not same:
            self.fields["entry_type"] = entry_type

    def roles(self) -> None:
        """``editora`` with a type that says what this person did is a creator in that role."""
        creators = []
        for name in ROLES:
            role, people = self.values.get(name + "type", ""), self.values.get(name, "")
            if role and people:
                parsed, truncated = names.parse_list(people)
                if parsed and not truncated:
                    creators.append((role, parsed))
                    self.extra = [pair for pair in self.extra if pair[0] not in (name, name + "type")]
        if creators:
            self.fields["other_creators"] = tuple(creators)

    def titles(self) -> None:
        """A multi-volume work: its title is the title, that of the volume is `volume_title`."""
        main = self.values.get("maintitle")
        if not main:
            return
        place = "container_title" if "container_title" in self.fields else "title"
        if place == "title" and self.fields["type"] in PARTS:
            self.fields["container_title"] = joined("maintitle", self.values)
            self.extra = [pair for pair in self.extra if pair[0] != "maintitle"]
            return
        self.fields["volume_title"] = self.fields.get(place, "")
        self.fields[place] = joined("maintitle", self.values)
        self.extra = [pair for pair in self.extra if pair[0] != "maintitle"]


Handler = Callable[[Making, str, str], None]


@lru_cache(maxsize=256)
def table_for(csl_type: str, is_book: bool) -> dict[str, Handler]:
    """By BibTeX field, for entries of a type: what is done with its value."""
    table: dict[str, Handler] = {}
    number = number_field(csl_type)
    for name, (rank, slot) in slot_of().items():
        if slot.kind == "date" and name == "date":
            continue
        if name == "number":
            slot, rank = Slot(number, "number", ("number", "issue"), ("number", "number")), 0
        elif name == "issue" and number == "issue":
            slot, rank = Slot("issue", "number", ("number", "issue"), ("number", "number")), 1
        if name in ("eprint", "eprintclass", "primaryclass") or (name == "booktitle" and is_book):
            continue
        table[name] = handler(slot, rank)
    for name in ("date", "year", "month", "day", *EPRINT):
        table[name] = ignored
    table["entrysubtype"] = subtype
    return table


def ignored(made: Making, name: str, value: str) -> None:
    """Read elsewhere, with its neighbours."""


def subtype(made: Making, name: str, value: str) -> None:
    if SUBTYPES.get(value, value) != made.fields["type"]:
        made.extra.append((name, value))


def handler(slot: Slot, rank: int) -> Handler:
    kind = slot.kind
    if kind == "names":
        return names_handler(slot)
    if kind == "title":

        def title(made: Making, name: str, value: str) -> None:
            made.put(slot, rank, name, value, joined(name, made.values) if name in ADDITIONS else title_of(value))
            if "\\" in value and not latex.decoded(value)[1] and made.ranks[slot.field] == rank:
                made.inexact(slot.field, value)

        return title
    reader = doi_of if slot.field == "doi" else READERS[kind]

    def simple(made: Making, name: str, value: str) -> None:
        made.put(slot, rank, name, value, reader(value))

    return simple


def names_handler(slot: Slot) -> Handler:
    def people(made: Making, name: str, value: str) -> None:
        parsed, truncated = names.parse_list(value)
        if "options" in made.values and USEPREFIX.search(made.values["options"]):
            parsed = tuple(map(with_prefix, parsed))
        made.fields[slot.field] = parsed
        if truncated:
            if slot.field == "author":
                made.fields["authors_truncated"] = True
            else:
                made.inexact(slot.field, value)
                return
        if "\\" in value and not latex.decoded(value)[1]:
            made.inexact(slot.field, value)

    return people


def with_prefix(name: Name) -> Name:
    """A name as biblatex's option ``useprefix`` has it: its particle does not drop."""
    if not name.dropping_particle or name.non_dropping_particle:
        return name
    return replace(name, dropping_particle="", non_dropping_particle=name.dropping_particle)


def type_of(entry_type: str, values: dict[str, str]) -> str:
    said = values.get("entrysubtype", "")
    if said and (said in SUBTYPES or said in CSL_TYPES):
        return SUBTYPES.get(said, said)
    return ENTRY_TYPES.get(entry_type, "document")


def issued_of(values: Mapping[str, str]) -> Date:
    """The date of an entry: biblatex's ``date``, else ``year`` with ``month`` and ``day``."""
    get = values.get
    return _issued(get("date", ""), get("year", ""), get("month", ""), get("day", ""))


@lru_cache(maxsize=16384)
def _issued(said: str, year: str, month: str, day: str) -> Date:
    if said and (date := dates.parse(latex.decode(said) if "\\" in said else said)):
        return date
    year, month, day = (latex.decode(tex) if "\\" in tex else tex for tex in (year, month, day))
    if year:
        return dates.parse(year, month, day)
    return Date(literal=" ".join(f"{day} {month}".split()))


def unsaid(date: Date, values: Mapping[str, str]) -> Iterator[str]:
    """Which of year, month and day say something that the date does not."""
    year, month, day = values.get("year", ""), values.get("month", ""), values.get("day", "")
    for name, value, place in (("year", year, 0), ("month", month, 1), ("day", day, 2)):
        if value:
            parsed = dates.parse(year, month if place else "", day if place > 1 else "")
            if parsed.parts != date.parts[: place + 1]:
                yield name


# --- values ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def title_of(tex: str) -> str:
    return latex.unprotected(latex.decode(tex))


@lru_cache(maxsize=65536)
def text_of(tex: str) -> str:
    """Text in which braces protect nothing: names of publishers, notes. An address behind a text is a part of it."""
    text = latex.decode(tex, addresses=True)
    return bare(text) if "<span" in text else text


def bare(text: str) -> str:
    """Without nocase spans; other spans keep their ends."""
    if 'class="nocase"' not in text:
        return text
    open_spans: list[bool] = []
    kept = []
    last = 0
    for mark in re.finditer(r"<span\b[^>]*>|</span>", text):
        if mark[0] == "</span>":
            drop = open_spans.pop() if open_spans else False
        else:
            drop = mark[0] == '<span class="nocase">'
            open_spans.append(drop)
        if drop:
            kept.append(text[last : mark.start()])
            last = mark.end()
    return "".join([*kept, text[last:]])


def joined(name: str, values: dict[str, str]) -> str:
    """A title with its subtitle and what is added to it."""
    text = title_of(values[name])
    for addition, before in ADDITIONS[name]:
        if values.get(addition):
            lead = " " if text.endswith(("?", "!", ":", ".")) else before
            text = f"{text}{lead}{title_of(values[addition])}" if text else title_of(values[addition])
    return text


def verbatim(tex: str) -> str:
    """A value that is no TeX, written as if it were: ``\\_`` is an underscore."""
    if "\\" in tex:
        tex = ESCAPED.sub(lambda found: found[1] or "_", tex)
        if tex.startswith("\\url{") and tex.endswith("}"):
            tex = tex[5:-1]
    return tex.strip(" {}") if "{" in tex and tex.count("{") == tex.count("}") == 1 and tex[0] == "{" else tex


def doi_of(tex: str) -> str:
    return identifiers.without_resolver(verbatim(tex))


@lru_cache(maxsize=65536)
def pages_of(tex: str) -> str:
    text = text_of(tex) if not tex.isascii() or "\\" in tex or "{" in tex or "$" in tex else tex
    return re.sub(r"\s*(?:[-–—]{2,}|–)\s*", "–", text) if "--" in text or "–" in text else text


@lru_cache(maxsize=16384)
def keywords_of(tex: str) -> tuple[str, ...]:
    parts = names.split(tex, ";")
    found = []
    for part in parts if len(parts) > 1 else names.split(tex, ","):
        text = text_of(part.strip())
        if text:
            found.append(text)
    return tuple(dict.fromkeys(found))


def language_of(tex: str) -> str:
    return LANGUAGES.get(tex) or LANGUAGES.get(tex.lower()) or text_of(tex)


def genre_of(tex: str) -> str:
    return GENRES.get(tex) or text_of(tex)


READERS: dict[str, Callable[[str], object]] = {
    "text": text_of,
    "number": text_of,
    "verbatim": verbatim,
    "pages": pages_of,
    "keywords": keywords_of,
    "language": language_of,
    "genre": genre_of,
    "date": dates.parse,
}
