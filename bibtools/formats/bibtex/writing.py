"""From Records to entries, in BibTeX's words or biblatex's.

Classic BibTeX gets the entry types that its styles define (anything else is @misc, its CSL type in ``entrysubtype``), and
biblatex's field names where BibTeX has none of its own: a style ignores what it does not know, and nothing is lost. A date that
year, month and day cannot say (a range, a season, about a year) stands in ``date`` beside the year.

What a dialect cannot carry is not guessed at: `losses` writes the entry, reads it again and names the fields that differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bibtools import arxiv, dates, latex, names
from bibtools.format import WriteOptions
from bibtools.formats.bibtex import reading
from bibtools.formats.bibtex.tables import (
    CLASSIC,
    CLASSIC_FORM,
    ENTRY_TYPES,
    FORM_OF,
    GENRES,
    LANGUAGE_NAMES,
    LANGUAGES,
    SLOTS,
    SUBTYPES,
    THESES,
    Slot,
    number_field,
)
from bibtools.record import Date, Name, Record, filled

__all__ = ["Field", "carriers", "entry", "losses", "write"]

Field = tuple[str, str, bool]  # name, TeX value without delimiters, whether it is source (a macro) instead
UNICODE = WriteOptions()
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
KEY = re.compile(r"[\s,{}\"#%\\~\x00-\x1f\x7f-\x9f]+")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_+./:-]*")
PRINTED = frozenset("howpublished addendum subtitle titleaddon booksubtitle eid key".split())
NOT_WRITTEN = frozenset(("tex-authors", "raw-doi"))
ARTICLES = frozenset("article-journal article-magazine article-newspaper review review-book article".split())
JOURNALS = ("journal", "journaltitle")  # no style writes a journal's name small
NEVER_SMALL = ("container_title_short", "collection_title", "event_title")
DOUBTFUL = re.compile(r"(?<!\\)((?:\\\\)*)([&%#])")


@dataclass(frozen=True, slots=True)
class Target:
    """What a value depends on: the record, the dialect, the entry type, the options."""

    record: Record
    biblatex: bool
    type: str
    ascii: bool


def entry(
    record: Record, dialect: str = "bibtex", options: WriteOptions = UNICODE
) -> tuple[str, str, tuple[Field, ...]]:
    """Type, key and fields of the entry for a record, as `bibfile.AddEntry` takes them."""
    target = Target(record, dialect == "biblatex", entry_type(record, dialect == "biblatex"), options.ascii)
    fields: list[Field] = []
    for slot in SLOTS:
        if getattr(record, slot.field):
            fields += carriers(slot, target)
    fields += roles(record, target)
    subtype = entrysubtype(record, target.type)
    if subtype:
        fields.append(("entrysubtype", subtype, False))
    return target.type, KEY.sub("", record.id) or "unnamed", tuple(with_extra(fields, target))


def entry_type(record: Record, biblatex: bool) -> str:
    """The type that was read where it still fits, else the form of the CSL type."""
    read = record.entry_type.lower()
    fits = re.fullmatch(r"[a-z][a-z0-9_+.:-]*", read) and ENTRY_TYPES.get(read, "document") in (
        record.type,
        "document" if record.type == "article" else record.type,
        "webpage" if record.type == "article" else record.type,
    )
    fits = fits and read not in ("comment", "string", "preamble", "xdata")
    form = read if fits else FORM_OF.get(record.type, "misc")
    if form == "thesis" and (not biblatex or read == "mastersthesis"):
        form = next((name for name, genre in THESES.items() if genre == record.genre), "phdthesis")
    if not biblatex and form in ENTRY_TYPES and form not in CLASSIC:
        return CLASSIC_FORM.get(form, "misc")
    return form


def entrysubtype(record: Record, form: str) -> str:
    """The CSL type where the entry type does not give it back."""
    given = ENTRY_TYPES.get(form, "document")
    if record.type == given or (record.type == "article" and record.arxiv_id and given == "document"):
        return ""
    return next(
        (word for word, kind in SUBTYPES.items() if kind == record.type), record.type if record.type in FORM_OF else ""
    )


def carriers(slot: Slot, target: Target) -> list[Field]:
    """The BibTeX fields that say what a field of the Record says."""
    value = getattr(target.record, slot.field)
    name = field_name(slot, target)
    if not name:
        return []
    if slot.field == "title":
        return titles(target)
    if slot.field == "container_title":
        return containers(name, target)
    special = SPECIAL.get(slot.field)
    if special is not None:
        return special(value, target)
    if slot.kind == "date":
        return [(name, text, False)] if (text := date_text(value)) else []
    if slot.kind == "names":
        return [(name, people(name, value, target), False)]
    if slot.kind == "verbatim":
        return [(name, text, False)] if (text := latex.verbatim(value)) else []
    protect = slot.kind == "title" and slot.field not in NEVER_SMALL
    text = pages(value, target) if slot.kind == "pages" else as_text(name, value, target, title=protect)
    return [(name, text, False)] if text else []


def field_name(slot: Slot, target: Target) -> str:
    """Under which name an entry of this type carries the field; "" when it cannot."""
    kind = target.record.type
    match slot.field:
        case "container_title":
            if kind in ARTICLES and target.type != "misc":
                return slot.written[target.biblatex]
            return "" if target.type in reading.BOOKS else "booktitle"
        case "issue" | "number" | "collection_number":
            if slot.field == number_field(kind):
                return "number"
            return "issue" if slot.field == "issue" else ""
        case "publisher":
            return publisher_name(target)
    return slot.written[target.biblatex]


def publisher_name(target: Target) -> str:
    if target.biblatex:
        if target.type in ("thesis", "report", "mastersthesis", "phdthesis", "techreport"):
            return "institution"
        return "organization" if target.type in ("online", "manual") else "publisher"
    if target.type in THESES:
        return "school"
    return {"techreport": "institution", "manual": "organization"}.get(target.type, "publisher")


def as_text(name: str, value: str, target: Target, *, title: bool = False) -> str:
    """TeX of a text; the TeX it was read from where Unicode could not say all of it."""
    kept = target.record.get_extra(f"tex-{name}")
    if kept and balanced(kept) and not latex.decoded(kept)[1]:
        if value in (reading.title_of(kept), reading.text_of(kept)):
            return kept
    return latex.encode(value, ascii=target.ascii, title=title)


def titles(target: Target) -> list[Field]:
    """The title; in biblatex its parts where they were apart when it was read."""
    record = target.record
    if record.volume_title and target.biblatex and not record.container_title:
        return [
            ("maintitle", as_text("maintitle", record.title, target, title=True), False),
            ("title", as_text("title", record.volume_title, target, title=True), False),
        ]
    return parted("title", record.title, target)


def containers(name: str, target: Target) -> list[Field]:
    record = target.record
    if record.volume_title and target.biblatex and name == "booktitle":
        return [
            ("maintitle", as_text("maintitle", record.container_title, target, title=True), False),
            (name, as_text(name, record.volume_title, target, title=True), False),
        ]
    return parted(name, record.container_title, target)


def parted(name: str, value: str, target: Target) -> list[Field]:
    fields: list[Field] = []
    if target.biblatex:
        for addition, before in reversed(reading.ADDITIONS[name]):
            tex = target.record.get_extra(addition)
            text = reading.title_of(tex) if tex else ""
            for lead in (before, " "):
                if text and value.endswith(lead + text) and balanced(tex):
                    value = value.removesuffix(lead + text)
                    fields.insert(0, (addition, tex, False))
                    break
    return [(name, as_text(name, value, target, title=name not in JOURNALS), False), *fields]


def people(name: str, value: tuple[Name, ...], target: Target) -> str:
    truncated = name == "author" and target.record.authors_truncated
    kept = target.record.get_extra(f"tex-{name}")
    if kept and balanced(kept) and names.parse_list(kept)[0] == value:
        return kept
    return names.format_list(value, truncated, ascii=target.ascii, extended=target.biblatex)


def issued(value: Date, target: Target) -> list[Field]:
    plain = Date(value.parts, value.end, value.season, value.circa, value.literal)
    if target.biblatex:
        text = date_text(plain)
        return (
            [("date", text, False)]
            if dates.parse(text) == plain or not plain.literal
            else [("year", literal(plain), False)]
        )
    if not value.parts:
        return [("year", literal(plain), False)] if plain.literal else [("date", date_text(plain), False)]
    year, *rest = value.parts
    fields: list[Field] = [("year", str(year) if year > 0 else f"{-year} BC", False)]
    if rest and 1 <= rest[0] <= 12:
        fields.append(("month", MONTHS[rest[0] - 1], True))
    if len(rest) > 1:
        fields.append(("day", str(rest[1]), False))
    said = dates.parse(*(tex for _, tex, _ in fields))
    if said != plain:
        fields.append(("date", date_text(plain), False))
    return fields


def date_text(value: Date) -> str:
    return literal(value) if value.literal else dates.edtf(value)


def literal(value: Date) -> str:
    return latex.encode(value.literal)


def pages(value: str, target: Target) -> str:
    return latex.encode(value.replace("–", "\ufdd3"), ascii=target.ascii).replace("\ufdd3", "--").replace("-{}-", "--")


def keywords(value: tuple[str, ...], target: Target) -> list[Field]:
    written = []
    for each in value:
        text = latex.encode(each, ascii=target.ascii)
        written.append(f"{{{text}}}" if "," in text or ";" in text else text)
    return [("keywords", ", ".join(each for each in written if each), False)]


def language(value: str, target: Target) -> list[Field]:
    name = LANGUAGE_NAMES.get(value, value)
    text = latex.encode(name, ascii=target.ascii)
    return [("langid" if target.biblatex and name in LANGUAGES else "language", text, False)] if text else []


def genre(value: str, target: Target) -> list[Field]:
    if value == THESES.get(target.type):
        return []
    if target.biblatex and target.type in ("thesis", "report", "patent"):
        value = next((key for key, genre in GENRES.items() if genre == value), value)
    return [("type", latex.encode(value, ascii=target.ascii), False)]


def arxiv_id(value: str, target: Target) -> list[Field]:
    kept = target.record.get_extra("eprint")
    if kept and arxiv.find_id(kept) != value:
        return [("arxivid", latex.verbatim(value), False)]  # another archive has the field
    archive = "eprinttype" if target.biblatex else "archiveprefix"
    return [("eprint", latex.verbatim(kept or value), False), (archive, "arXiv", False)]


def categories(value: tuple[str, ...], target: Target) -> list[Field]:
    """The primary category; a label that is no category is not written: a wrong one is worse than none."""
    name = "eprintclass" if target.biblatex else "primaryclass"
    return (
        [(name, value[0], False)]
        if value[0] in arxiv.CATEGORIES or re.fullmatch(r"[a-z-]+(\.[A-Za-z-]+)?", value[0])
        else []
    )


SPECIAL: dict[str, Callable[..., list[Field]]] = {
    "issued": issued,
    "keyword": keywords,
    "language": language,
    "genre": genre,
    "arxiv_id": arxiv_id,
    "categories": categories,
}


def roles(record: Record, target: Target) -> list[Field]:
    """Creators that BibTeX has no field for, in biblatex's three free ones."""
    fields: list[Field] = []
    for name, (role, people_) in zip(reading.ROLES, record.other_creators, strict=False):
        fields.append((name, names.format_list(people_, ascii=target.ascii, extended=target.biblatex), False))
        fields.append((name + "type", latex.encode(role), False))
    return fields


def with_extra(fields: list[Field], target: Target) -> Iterator[Field]:
    """The fields, then what `extra` adds under names that are free."""
    taken = set()
    for name, value, raw in fields:
        if value and name not in taken:
            taken.add(name)
            yield name, value, raw
    known = reading.table_for(target.record.type, target.type in reading.BOOKS)
    for name, value in target.record.extra:
        plain = name.lower()
        if name in NOT_WRITTEN or name.startswith("tex-") or plain in taken or absorbed(name, target):
            continue
        if not FIELD_NAME.fullmatch(plain) or (plain in ("crossref", "xdata") and not value):
            continue
        if known.get(plain) in (reading.ignored, reading.subtype) and plain not in (
            "eprint",
            "eprinttype",
            "eprintclass",
        ):
            continue
        taken.add(plain)
        yield plain, extra_value(plain, value), False


def absorbed(name: str, target: Target) -> bool:
    """Subtitles that the written title holds already."""
    return (
        any(
            name == addition
            and whole in ("title", *(("booktitle", "journaltitle") if target.record.container_title else ()))
            for whole, additions in reading.ADDITIONS.items()
            for addition, _ in additions
        )
        and not target.biblatex
    )


def extra_value(name: str, value: str) -> str:
    """Raw TeX as it was read; what comes from elsewhere is made safe."""
    value = latex.clean(value)
    if not balanced(value):
        return latex.encode(value)
    return DOUBTFUL.sub(r"\1\\\2", value) if name in PRINTED and "\\url" not in value and "$" not in value else value


def balanced(tex: str) -> bool:
    depth = 0
    for char in re.findall(r"[{}]", tex):
        depth += 1 if char == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def write(records: Iterable[Record], options: WriteOptions, dialect: str = "bibtex") -> Iterator[str]:
    """Entry after entry, a blank line between them."""
    between = ""
    for record in records:
        type_, key, fields = entry(record, dialect, options)
        lines = [f"  {name} = {value if raw else f'{{{value}}}'}" for name, value, raw in fields]
        yield f"{between}@{type_}{{{key},\n" + ",\n".join(lines) + ("\n}\n" if lines else "}\n")
        between = "\n"


def losses(record: Record, dialect: str = "bibtex") -> tuple[str, ...]:
    """The fields that reading the written entry would not give back; of ``extra`` the single names."""
    back = again(record, dialect)
    lost = []
    for name, value in filled(record):
        if name == "extra":
            kept = dict(back.extra)
            lost += [f"extra.{key}" for key, text in record.extra if kept.get(key) != text]
        elif getattr(back, name) != value:
            lost.append(name)
    return tuple(lost)


def again(record: Record, dialect: str) -> Record:
    """The record as it would be read from the entry written for it."""
    type_, key, fields = entry(record, dialect)
    values: dict[str, str] = {}
    for name, value, raw in fields:
        values.setdefault(name, MONTH_NAMES[value] if raw else " ".join(value.split()))
    return replace(reading.record_of(type_, key, values), origin=record.origin)


MONTH_NAMES = {macro: dates.MONTHS[place] for place, macro in enumerate(MONTHS)}
