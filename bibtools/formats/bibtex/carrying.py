"""What the fields of a Record are called in an entry, and their values as TeX.

The name depends on the dialect, on the type of the entry (a thesis has a ``school``, a report an ``institution``), and on what
``extra`` holds: a name that is taken there by the lesser of two carriers (``location`` and ``address`` in one entry) is left
to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bibtools import dates, identifiers, latex, names
from bibtools.formats.bibtex import reading
from bibtools.formats.bibtex.tables import GENRES, LANGUAGE_NAMES, THESES, Slot, number_field
from bibtools.record import Date, Name, Record

__all__ = ["Field", "Target", "carriers", "evaluated", "roles", "shows_class", "source_of"]

Field = tuple[str, str, bool]  # name, TeX value without delimiters, whether it is source (a macro) instead
MACRO_OF = {name: macro for macro, name in dates.MONTH_OF_MACRO.items()}
SMALL = frozenset(("title", "volume_title", "genre", "edition"))  # what the standard styles write small
SEASONS = ("Spring", "Summer", "Autumn", "Winter")
ARTICLES = frozenset("article-journal article-magazine article-newspaper review review-book article".split())
JOURNALS = ("journal", "journaltitle")  # no style writes a journal's name small
NEVER_SMALL = ("container_title_short", "collection_title", "event_title")
CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")


@dataclass(frozen=True, slots=True)
class Target:
    """What a value depends on: the record, the dialect, the entry type, the options, and the TeX it was read from."""

    record: Record
    biblatex: bool
    type: str
    ascii: bool
    source: Mapping[str, str] = field(default_factory=dict)


ENTRY_TYPE = "ENTRYTYPE"  # the type among the source's fields, as bibtexparser 1 called it; names of fields are small


def source_of(record: Record) -> Mapping[str, str]:
    """The fields of the entry that a record was read from, the first of each name; none for what is no entry."""
    return dict(reversed(record.origin.fields)) if record.origin.format == "bibtex" else {}


def carriers(slot: Slot, target: Target) -> list[Field]:
    """The BibTeX fields that say what a field of the Record says."""
    value = getattr(target.record, slot.field)
    name = field_name(slot, target)
    if not name:
        return []
    if slot.field in ("title", "container_title"):
        return titles(name, value, target, volume=slot.field == "container_title" or not target.record.container_title)
    special = SPECIAL.get(slot.field)
    if special is not None:
        return special(name, value, target)
    match slot.kind:
        case "date":
            stood = target.source.get(slot.names[0], "")  # with the time of the day
            text = stood if stood and dates.parse(stood) == value else ""
            text = text or (literal(value) if value.literal else dates.edtf(value))
        case "names":
            text = people(value, slot.field == "author" and target.record.authors_truncated, target, slot)
        case "verbatim":
            text = latex.verbatim(value)
            if slot.field == "url" and target.source and "url" not in target.source and is_linked(value, target):
                return []
        case "pages":
            text = pages(value, target)
        case _:
            text = as_text(value, target, slot, title=slot.kind == "title" and slot.field not in NEVER_SMALL)
    return [(name, text, False)] if text else []


def is_linked(address: str, target: Target) -> bool:
    """Whether the source gives an address only within its title, where it is written again."""
    return any("\\href" in tex and address in latex.hrefs(tex) for tex in target.source.values())


def field_name(slot: Slot, target: Target) -> str:
    """Under which name an entry of this type carries the field; "" when it cannot."""
    kind = target.record.type
    if slot.field in ("container_title", "publisher") and (stood := standing_name(slot, target)):
        return stood
    wanted = slot.written[target.biblatex]
    match slot.field:
        case "container_title":
            book = target.type in reading.BOOKS
            wanted = wanted if book or (kind in ARTICLES and target.type != "misc") else "booktitle"
        case "issue" | "number" | "collection_number":
            if slot.field == number_field(kind):
                return "number"
            return "issue" if slot.field == "issue" else ""
        case "publisher":
            wanted = publisher_name(target)
        case "language":
            known = target.record.language in LANGUAGE_NAMES
            wanted = "langid" if known and target.biblatex else "language"
    if slot.kind == "names" or len(slot.names) == 1 or not target.record.extra:
        return wanted
    taken = {name for name, _ in target.record.extra}
    return wanted if wanted not in taken else next((name for name in slot.names if name not in taken), wanted)


def standing_name(slot: Slot, target: Target) -> str:
    """Where BibTeX's own words carried the value: a style prints ``organization`` elsewhere than ``publisher``."""
    if target.biblatex or target.type != target.source.get(ENTRY_TYPE):
        return ""
    value = getattr(target.record, slot.field)
    for name in slot.names:
        if (tex := target.source.get(name, "")) and value in (reading.title_of(tex), reading.text_of(tex)):
            return name if name != "journaltitle" else ""
    return ""


def publisher_name(target: Target) -> str:
    if target.biblatex:
        if target.type in ("thesis", "report", "mastersthesis", "phdthesis", "techreport"):
            return "institution"
        return "organization" if target.type in ("online", "manual") else "publisher"
    if target.type in THESES:
        return "school"
    return {"techreport": "institution", "manual": "organization"}.get(target.type, "publisher")


# --- text --------------------------------------------------------------------------------------------------------------


def kept_tex(target: Target) -> Iterator[str]:
    """The TeX of texts that Unicode could not say in full, as the reader kept it."""
    for name, tex in target.record.extra:
        if name.startswith("tex-") and name != "tex-authors" and latex.balanced(tex) and not latex.decoded(tex)[1]:
            yield tex


def as_text(value: str, target: Target, slot: Slot, *, title: bool = False) -> str:
    """TeX of a text: that which it was read from where it says more, or would print otherwise."""
    made = latex.encode(value, ascii=target.ascii, title=title)
    for name in slot.names if target.source else ():
        tex = target.source.get(name, "")
        if not tex or tex == made or value not in (reading.title_of(tex), reading.text_of(tex)):
            continue
        if slot.field not in SMALL and latex.decoded(tex)[1]:
            break
        plainer = latex.encode(value, ascii=target.ascii)
        if tex == plainer:
            return tex
        if latex.decoded(tex)[1]:
            if latex.print_alike(tex, made):
                break
            if latex.print_alike(tex, plainer):
                return plainer
        return latex.repaired(tex, ascii=target.ascii) or made
    for tex in kept_tex(target):
        if value in (reading.title_of(tex), reading.text_of(tex)):
            return tex
    return made


def titles(name: str, value: str, target: Target, *, volume: bool) -> list[Field]:
    """A title; that of a multi-volume work with the title of the volume."""
    if volume and target.record.volume_title:
        return [*split_title("maintitle", value, target), *split_title(name, target.record.volume_title, target)]
    return split_title(name, value, target)


TITLES = {  # by the field that is written, where its text may have been read from
    "title": Slot("title", "title", ("title", "maintitle"), ("title", "title")),
    "maintitle": Slot("title", "title", ("maintitle", "title"), ("maintitle", "maintitle")),
    "booktitle": Slot("container_title", "title", ("booktitle", "maintitle"), ("booktitle", "booktitle")),
    "journal": Slot("container_title", "title", ("journaltitle", "journal", "booktitle"), ("journal", "journal")),
    "journaltitle": Slot("container_title", "title", ("journaltitle", "journal"), ("journal", "journaltitle")),
}


def split_title(name: str, value: str, target: Target) -> list[Field]:
    """A title, in biblatex without the subtitle and the addition that were apart when it was read."""
    fields: list[Field] = []
    if target.biblatex:
        for addition, before in reversed(reading.ADDITIONS[name]):
            tex = target.record.get_extra(addition)
            text = reading.title_of(tex) if tex and latex.balanced(tex) else ""
            lead = next((lead for lead in (before, " ") if text and value.endswith(lead + text)), "")
            if lead:
                value = value.removesuffix(lead + text)
                fields.insert(0, (addition, tex, False))
    return [(name, as_text(value, target, TITLES[name], title=name not in JOURNALS), False), *fields]


def pages(value: str, target: Target) -> str:
    return latex.encode(re.sub("--+", "–", value), ascii=target.ascii).replace("–", "--")


def keywords(name: str, value: tuple[str, ...], target: Target) -> list[Field]:
    written = []
    for each in value:
        text = latex.encode(each, ascii=target.ascii)
        written.append(f"{{{text}}}" if "," in text or ";" in text else text)
    return [(name, ", ".join(each for each in written if each), False)]


def language(name: str, value: str, target: Target) -> list[Field]:
    text = latex.encode(LANGUAGE_NAMES.get(value, value), ascii=target.ascii)
    return [(name, text, False)] if text else []


def genre(name: str, value: str, target: Target) -> list[Field]:
    if value == THESES.get(target.type) and not target.source.get("type"):
        return []
    if target.biblatex and target.type in ("thesis", "report", "patent"):
        value = next((key for key, genre in GENRES.items() if genre == value), value)
    return [(name, as_text(value, target, GENRE), False)]


GENRE = Slot("genre", "genre", ("type",), ("type", "type"))


# --- people ------------------------------------------------------------------------------------------------------------


def people(value: tuple[Name, ...], truncated: bool, target: Target, slot: Slot) -> str:
    for name in slot.names:
        tex = target.source.get(name, "")
        same = tex and names.shows_more(tex) and names.parse_list(tex) == (value, truncated)
        if same and (kept := latex.repaired(tex, ascii=target.ascii)):
            return kept
    for name, tex in target.record.extra:
        if (
            name.startswith("tex-")
            and name != "tex-authors"
            and latex.balanced(tex)
            and names.parse_list(tex)[0] == value
        ):
            return tex
    return names.format_list(value, truncated, ascii=target.ascii, biblatex=target.biblatex)


def roles(target: Target) -> list[Field]:
    """Creators that BibTeX has no field for, in biblatex's three free ones."""
    fields: list[Field] = []
    for name, (role, creators) in zip(reading.ROLES, target.record.other_creators, strict=False):
        fields.append((name, names.format_list(creators, ascii=target.ascii, biblatex=target.biblatex), False))
        fields.append((name + "type", latex.encode(role), False))
    return fields


# --- dates -------------------------------------------------------------------------------------------------------------


def issued(name: str, value: Date, target: Target) -> list[Field]:
    """The first way of writing a date that reads as this date."""
    plain = Date(value.parts, value.end, value.season, value.circa, value.literal)
    source = target.source
    if target.biblatex and "date" in source and reading.issued_of(source) == plain:
        return [(name, source["date"], False)]
    in_words = not target.biblatex or plain.literal  # biber reads no date in words
    if source and in_words and "date" not in source and reading.issued_of(source) == plain:
        return as_printed(source, target)
    return [*_issued(plain, target.record.get_extra("tex-year") if target.record.extra else "", target.biblatex)]


@lru_cache(maxsize=16384)
def _issued(plain: Date, kept: str, biblatex: bool) -> tuple[Field, ...]:
    modern: list[Field] = [("date", literal(plain) if plain.literal else dates.edtf(plain), False)]
    classic = year_month_day(plain, kept)
    words: list[Field] = [("year", literal(plain), False)]
    ways = [classic, classic + modern, modern, words] if plain.parts or plain.end else [words]
    if biblatex and not kept and plain.parts and not plain.literal:
        ways = [modern, *ways]
    return tuple(next((way for way in ways if way and reads_as(way) == plain), ways[0] or modern))


def as_printed(source: Mapping[str, str], target: Target) -> list[Field]:
    """Year, month and day in the words of the entry, so that they print as they printed; month names become macros."""
    fields: list[Field] = []
    for name in ("year", "month", "day"):
        if tex := source.get(name, ""):
            text = latex.repaired(tex, ascii=target.ascii) or latex.encode(tex)
            macros = with_macros(text) if name == "month" else ""
            fields.append((name, macros or text, bool(macros)))
    return fields


MONTH_NAME = re.compile(rf"\b({'|'.join(MACRO_OF)})\b")


def with_macros(month: str) -> str:
    """``{10~} # jan``: the names of months as macros, which a style may abbreviate; "" where there is none to replace."""
    if month.startswith("{") and month.endswith("}") and latex.balanced(month[1:-1]):
        month = month[1:-1]
    pieces = MONTH_NAME.split(month)
    if len(pieces) == 1 or not all(map(latex.balanced, pieces)):
        return ""
    pieces[1::2] = [MACRO_OF[name] for name in pieces[1::2]]
    pieces[::2] = [f"{{{text}}}" if text else "" for text in pieces[::2]]
    return " # ".join(filter(None, pieces))


def evaluated(source: str) -> str:
    """What an expression of ours means to BibTeX."""
    return "".join(dates.MONTH_OF_MACRO.get(piece, piece.strip("{}")) for piece in source.split(" # "))


def reads_as(fields: list[Field]) -> Date:
    return reading.issued_of({name: evaluated(tex) if raw else tex for name, tex, raw in fields})


def year_month_day(value: Date, kept: str) -> list[Field]:
    if not value.parts:
        return []
    year, *rest = value.parts
    said = (
        kept
        if kept and latex.balanced(kept) and latex.decode(kept) == str(year)
        else str(year)
        if year > 0
        else f"{-year} BC"
    )
    fields: list[Field] = [("year", said, False)]
    words = value.literal.removesuffix(str(year)).strip()
    if words:
        return [*fields, ("month", latex.encode(words), False)]
    if value.season:
        return [*fields, ("month", SEASONS[value.season - 1], False)]
    if rest and value.end and value.end[0] == year and len(value.end) == len(value.parts):
        return [*fields, ("month", with_macros(span(rest, value.end[1:])), True)]
    if rest and 1 <= rest[0] <= 12:
        fields.append(("month", dates.MONTH_MACROS[rest[0] - 1], True))
        if len(rest) > 1:
            fields.append(("day", str(rest[1]), False))
    return fields


def span(start: Sequence[int], end: Sequence[int]) -> str:
    """Months and days of one year as they print: ``May--June``, ``16--23 July``, ``30 May--2 June``."""
    first, last = (dates.MONTH_NAMES[part[0] - 1] for part in (start, end))
    if len(start) == 1:
        return f"{first}--{last}"
    if start[0] == end[0]:
        return f"{start[1]}--{end[1]} {first}"
    return f"{start[1]} {first}--{end[1]} {last}"


def literal(value: Date) -> str:
    return latex.encode(value.literal)


# --- arXiv -------------------------------------------------------------------------------------------------------------


def arxiv_id(name: str, value: str, target: Target) -> list[Field]:
    kept = target.record.get_extra("eprint")
    if kept and identifiers.arxiv_id(kept) != value:
        return [("arxivid", latex.verbatim(value), False)]  # another archive has the field
    archive = "eprinttype" if target.biblatex else "archiveprefix"
    return [("eprint", latex.verbatim(kept or value), False), (archive, "arXiv", False)]


def categories(name: str, value: tuple[str, ...], target: Target) -> list[Field]:
    """The primary category, beside arXiv's number; a label that is no category is not written: a wrong one is worse than none."""
    return [(name, value[0], False)] if CATEGORY.fullmatch(value[0]) and shows_class(target.record) else []


def shows_class(record: Record) -> bool:
    """Whether a category is written: beside arXiv's number, or where the entry had it without one."""
    return bool(record.arxiv_id) or any(name in ("primaryclass", "eprintclass") for name, _ in record.origin.fields)


SPECIAL: dict[str, Callable[..., list[Field]]] = {
    "issued": issued,
    "keyword": keywords,
    "language": language,
    "genre": genre,
    "arxiv_id": arxiv_id,
    "categories": categories,
}
