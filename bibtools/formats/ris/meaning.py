"""What the tags of RIS mean: the tables, and the few tags whose meaning depends on another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bibtools import dates, identifiers, latex, names
from bibtools.latex.markup import TAGS, pieces
from bibtools.record import FIELDS, Date, Name, Origin, Problem, Record

__all__ = ["from_tags", "losses", "to_tags"]

Tags = Iterable[tuple[str, str]]

TYPES: tuple[tuple[str, str], ...] = (  # RIS, CSL; of several RIS types for one of CSL the first is written
    ("JOUR", "article-journal"),
    ("EJOUR", "article-journal"),
    ("INPR", "article-journal"),
    ("ABST", "article-journal"),
    ("MGZN", "article-magazine"),
    ("NEWS", "article-newspaper"),
    ("CPAPER", "paper-conference"),
    ("CONF", "paper-conference"),
    ("BOOK", "book"),
    ("EBOOK", "book"),
    ("EDBOOK", "book"),
    ("CHAP", "chapter"),
    ("ECHAP", "chapter"),
    ("THES", "thesis"),
    ("RPRT", "report"),
    ("GOVDOC", "report"),
    ("UNPB", "manuscript"),
    ("MANSCPT", "manuscript"),
    ("ELEC", "webpage"),
    ("BLOG", "post-weblog"),
    ("ICOMM", "post"),
    ("COMP", "software"),
    ("DATA", "dataset"),
    ("AGGR", "dataset"),
    ("DBASE", "dataset"),
    ("PAT", "patent"),
    ("STAND", "standard"),
    ("ENCYC", "entry-encyclopedia"),
    ("DICT", "entry-dictionary"),
    ("CLSWK", "classic"),
    ("PAMP", "pamphlet"),
    ("SER", "periodical"),
    ("JFULL", "periodical"),
    ("SLIDE", "speech"),
    ("PCOMM", "personal_communication"),
    ("MPCT", "motion_picture"),
    ("VIDEO", "motion_picture"),
    ("SOUND", "song"),
    ("MUSIC", "musical_score"),
    ("ART", "graphic"),
    ("FIGURE", "figure"),
    ("MAP", "map"),
    ("CASE", "legal_case"),
    ("STAT", "legislation"),
    ("BILL", "bill"),
    ("HEAR", "hearing"),
    ("GEN", "document"),
)
CSL_TYPE = dict(TYPES)
RIS_TYPE = {csl: ris for ris, csl in reversed(TYPES)}
NEAREST = {  # for the types that RIS has not; what is read again is the nearest one, which `losses` says
    "review": "JOUR",
    "review-book": "JOUR",
    "entry": "ENCYC",
    "broadcast": "VIDEO",
    "regulation": "STAT",
    "treaty": "STAT",
    "interview": "PCOMM",
}
SERIES_IN_T2 = frozenset({"book", "classic", "pamphlet", "report", "thesis", "manuscript"})  # what no container holds

TEXT: tuple[tuple[str, str], ...] = (  # tag, field; of several tags for one field the first is written
    ("TI", "title"),
    ("T1", "title"),
    ("CT", "title"),
    ("T2", "container_title"),
    ("JF", "container_title"),
    ("JO", "container_title"),
    ("BT", "container_title"),
    ("J2", "container_title_short"),
    ("JA", "container_title_short"),
    ("J1", "container_title_short"),
    ("T3", "collection_title"),
    ("ST", "title_short"),
    ("AB", "abstract"),
    ("N2", "abstract"),
    ("N1", "note"),
    ("RN", "annote"),
    ("PB", "publisher"),
    ("CY", "publisher_place"),
    ("PP", "publisher_place"),
    ("M3", "genre"),
)
CODES: tuple[tuple[str, str], ...] = (
    ("VL", "volume"),
    ("IS", "issue"),
    ("CP", "issue"),
    ("M1", "number"),
    ("NV", "number_of_volumes"),
    ("SE", "chapter_number"),
    ("ET", "edition"),
    ("LA", "language"),
    ("DO", "doi"),
    ("DI", "doi"),
    ("UR", "url"),
    ("ID", "id"),
)
PEOPLE: tuple[tuple[str, str], ...] = (
    ("AU", "author"),
    ("A1", "author"),
    ("ED", "editor"),
    ("A2", "editor"),
    ("A3", "collection_editor"),
    ("A4", "translator"),
)
EXTRAS: tuple[tuple[str, str], ...] = (("CN", "call-number"), ("DP", "source"), ("DB", "archive"))
NUMBERED = (("arXiv:", "arxiv_id"), ("PMID:", "pmid"), ("PMCID:", "pmcid"))  # within AN
FIELD_OF = dict((*TEXT, *CODES))
PEOPLE_OF = dict(PEOPLE)
TAG_OF_EXTRA = {name: tag for tag, name in EXTRAS}
NO_ISSUE = "9999"  # stands for an unknown issue in exports, as the year `0000` does; Zotero leaves both out
IS_TAG = re.compile(r"(?!TY|ER|UK)[A-Z][A-Z0-9]")
OTHERS = re.compile(r"(?:and |& ?)?(?:others|et\.? ?al\.?),?", re.IGNORECASE)


# --- out --------------------------------------------------------------------------------------------------------------


def to_tags(record: Record) -> tuple[tuple[str, str], ...]:
    """A record as tags and values, the type first."""
    kind = RIS_TYPE.get(record.type) or NEAREST.get(record.type, "GEN")
    tags = [("TY", kind)]
    tags += [(tag, _name_out(name)) for tag, field in _firsts(PEOPLE) for name in _people(record, field)]
    for tag, field in _firsts(TEXT):
        if value := getattr(record, field):
            tags.append((_title_tag(record, CSL_TYPE[kind], tag), _shown(value)))
    if record.event_title and record.container_title and record.type == "paper-conference":
        tags.append(("T2", _shown(record.event_title)))
    for tag, date in (("DA", record.issued), ("Y2", record.accessed)):
        if tag == "DA" and date.parts and date.parts[0] > 0:
            tags.append(("PY", f"{date.parts[0]:04d}"))
        if date and (tag == "Y2" or date != Date(date.parts[:1])):
            tags.append((tag, _date_out(date)))
    tags += [(tag, value) for tag, field in _firsts(CODES) if (value := getattr(record, field))]
    if record.page:
        begin, _, end = record.page.partition("–")
        tags += [("SP", begin)] + ([("EP", end)] if end else [])
    tags += [("SN", value) for value in (record.isbn, record.issn) if value]
    tags += [("AN", prefix + value) for prefix, field in NUMBERED if (value := getattr(record, field))]
    tags += [("KW", each) for each in record.keyword]
    named = [(TAG_OF_EXTRA.get(name, name), value) for name, value in record.extra]
    return (*tags, *((tag, value) for tag, value in named if IS_TAG.fullmatch(tag) and value))


def _shown(text: str) -> str:
    """Without the protection of words: the programs that read RIS know italics and indices, but would show these spans."""
    text = latex.html(text)
    if "nocase" not in text:
        return text
    out, open_tags = [], []
    for kind, value in pieces(text):
        if kind == "open":
            open_tags.append(value)
        name = open_tags.pop() if kind == "close" else value
        if kind == "text":
            out.append(value)
        elif name != "nocase":
            closing = "</span>" if name == "sc" else f"</{name}>"
            out.append(TAGS[name] if kind == "open" else closing)
    return "".join(out)


def _firsts(table: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """The rows that are written: the first of each field."""
    first: dict[str, str] = {}
    for tag, field in table:
        first.setdefault(field, tag)
    return [(tag, field) for field, tag in first.items()]


def _title_tag(record: Record, kind: str, tag: str) -> str:
    if tag == "T2" and kind in SERIES_IN_T2:
        return "BT"
    if tag == "T2" and kind == "paper-conference" and record.event_title:
        return "C3"
    return tag


def _people(record: Record, field: str) -> tuple[Name, ...]:
    people: tuple[Name, ...] = getattr(record, field)
    return (*people, Name(literal="et al.")) if field == "author" and record.authors_truncated else people


def _name_out(name: Name) -> str:
    if name.literal:
        return name.literal if OTHERS.fullmatch(name.literal) else f"{name.literal.rstrip(' ,')},"
    last = " ".join(part for part in (name.dropping_particle or name.non_dropping_particle, name.family) if part)
    parts = [last, name.given, name.suffix]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    if len(parts) == 1 and names.plain(last).family != last:  # "GNU Project" is no Mr Project
        return f"{last},"
    return ", ".join(parts)


def _date_out(date: Date) -> str:
    """``2020/05/03/``; what is more than a day goes behind it as EDTF, what is no date as its words."""
    parts = date.parts if date.parts and date.parts[0] > 0 else ()
    year, month, day = (*(f"{parts[0]:04d}" if parts else "",), *(f"{each:02d}" for each in parts[1:]), "", "")[:3]
    more = date.literal if date.literal else dates.edtf(date) if date != Date(parts) else ""
    return f"{year}/{month}/{day}/{more}"


# --- in ---------------------------------------------------------------------------------------------------------------


class _Reading:
    """One record while its tags are read."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.fields: dict[str, Any] = {}
        self.people: dict[str, list[Name]] = {}
        self.keywords: list[str] = []
        self.pages: dict[str, str] = {}
        self.extra: list[tuple[str, str]] = []
        self.problems: list[Problem] = []

    def put(self, field: str, tag: str, value: str) -> None:
        """Into its field; a second, different value stays in ``extra``."""
        if not self.fields.setdefault(field, value) or self.fields[field] == value:
            self.fields[field] = value
        else:
            self.extra.append((tag, value))


def from_tags(tags: Tags, origin: Origin) -> tuple[Record, tuple[Problem, ...]]:
    """The record that tags give; never raises."""
    tags = tuple((tag, value) for tag, value in tags if value)
    kind = next((value for tag, value in tags if tag == "TY"), "")
    reading = _Reading(origin)
    reading.fields["type"] = CSL_TYPE.get(kind.upper(), "document")
    if kind.upper() not in CSL_TYPE:
        reading.extra.append(("TY", kind)) if kind else None
        reading.problems.append(Problem(f"unknown type {kind!r}", origin, "warning"))
    present = {tag for tag, _ in tags}
    readers = {"SN": _number, "AN": _accession, "PY": _year, "Y1": _year, "DA": _date, "Y2": _accessed}
    order = {"DA": 1, "Y1": 2}  # the year first; the date says more, and stands above the older primary date
    for tag, value in sorted(tags, key=lambda pair: order.get(pair[0], 0)):
        if tag in ("TY", "ER"):
            continue
        if tag in readers:
            readers[tag](reading, tag, value)
        elif tag in PEOPLE_OF:
            _person(reading, PEOPLE_OF[tag], value)
        elif tag == "KW":
            reading.keywords += [each.strip() for each in value.split("\n") if each.strip()]
        elif tag in ("SP", "EP") and tag not in reading.pages:
            reading.pages[tag] = value
        elif tag == "IS" and value.strip() == NO_ISSUE:
            reading.extra.append((tag, value))
        elif (field := _title_field(tag, reading.fields["type"], present)) is not None:
            reading.put(field, tag, value)
        else:
            reading.extra.append((dict(EXTRAS).get(tag, tag), value))
    return _finished(reading)


def _finished(reading: _Reading) -> tuple[Record, tuple[Problem, ...]]:
    people = {field: tuple(each) for field, each in reading.people.items()}
    begin, end = reading.pages.get("SP", ""), reading.pages.get("EP", "")
    if end and (not begin or "–" in begin or end == begin):
        if end != begin:
            reading.extra.append(("EP", end))
        end = ""
    page = f"{begin}–{end}" if end else begin
    if reading.fields.get("container_title_short") == reading.fields.get("container_title"):
        reading.fields.pop("container_title_short", None)
    record = Record(
        **reading.fields,
        **people,  # type: ignore[arg-type]
        page=page,
        keyword=tuple(reading.keywords),
        extra=tuple(reading.extra),
        origin=reading.origin,
    )
    return record, tuple(reading.problems)


def _title_field(tag: str, kind: str, present: set[str]) -> str | None:
    """The field of a tag; what some of them mean depends on the type and on which others there are."""
    if kind in SERIES_IN_T2:
        if tag == "T2" and "T3" not in present:
            return "collection_title"
        if tag == "BT" and not present & {"TI", "T1", "CT"}:
            return "title"
    if kind == "paper-conference" and "C3" in present and tag in ("T2", "C3"):
        return "event_title" if tag == "T2" else "container_title"
    if tag == "JO" and present & {"T2", "JF"}:
        return "container_title_short"
    if tag == "SE" and kind.startswith("article"):
        return None  # EndNote's start page
    return FIELD_OF.get(tag)


def _person(reading: _Reading, field: str, value: str) -> None:
    if field == "author" and OTHERS.fullmatch(value):
        reading.fields["authors_truncated"] = True
        return
    reading.people.setdefault(field, []).append(_name(value))


def _name(value: str) -> Name:
    parts = [each.strip() for each in " ".join(value.split()).split(",")]
    if len(parts) == 2 and not parts[1]:
        return Name(literal=parts[0])
    if len(parts) > 3 or not parts[0]:
        return Name(literal=value.rstrip(" ,"))
    if len(parts) == 1:
        return names.plain(parts[0])
    last = names.plain(f"{parts[0]}, {parts[1] or 'X'}")
    return Name(last.family, parts[1], last.non_dropping_particle, last.dropping_particle, "".join(parts[2:]))


def _number(reading: _Reading, tag: str, value: str) -> None:
    """``SN`` is an ISBN or an ISSN; what is neither (a slip of the pen) goes by the type."""
    serial = identifiers.issn(value) or reading.fields["type"].startswith("article")
    reading.put("issn" if serial and not identifiers.isbns(value) else "isbn", tag, value)


def _accession(reading: _Reading, tag: str, value: str) -> None:
    for prefix, field in NUMBERED:
        if value.lower().startswith(prefix.lower()) and (rest := value[len(prefix) :].strip()):
            return reading.put(field, tag, rest)
    reading.extra.append((tag, value))
    return None


def _year(reading: _Reading, tag: str, value: str) -> None:
    found = _date_in(value)
    if found and "issued" not in reading.fields:
        reading.fields["issued"] = found
    elif not found or found.parts != reading.fields["issued"].parts[: len(found.parts)]:
        reading.extra.append((tag, value))


def _date(reading: _Reading, tag: str, value: str) -> None:
    """``DA`` makes the year of ``PY`` exact; where the two disagree both are kept, the year counts."""
    found, year = _date_in(value), reading.fields.get("issued", Date())
    if found and (not year or (found.year in (year.year, None) and (found.parts or not found.literal))):
        reading.fields["issued"] = found
    elif found != year:
        reading.extra.append((tag, value))


def _accessed(reading: _Reading, tag: str, value: str) -> None:
    if (found := _date_in(value)) and "accessed" not in reading.fields:
        reading.fields["accessed"] = found
    else:
        reading.extra.append((tag, value))


def _date_in(value: str) -> Date | None:
    """``year/month/day/words``, each of which may be missing, or any other form that `dates` knows."""
    if not value.strip(" 0/"):
        return None  # `0000` stands for an unknown year in exports
    head = re.fullmatch(r"\s*(\d{1,4})?\s*/\s*(\d{1,2})?\s*/\s*(\d{1,2})?\s*(?:/(.*))?", value, re.DOTALL)
    if not head:
        return dates.parse(value.strip().strip("/")) or None
    year, month, day = (int(each or 0) for each in head.group(1, 2, 3))
    words = (head[4] or "").strip()
    parts = tuple(each for each in ((year, month, day) if month else (year,)) if each)
    if not dates.valid(year or 2000, month or 1, day or 1):
        return None
    if not words:
        return Date(parts) if year else None
    said = dates.parse(words)
    if said and not said.literal and said.year is not None and said.year == (year or said.year):
        return said
    if year and f"{year:04d}" in words:
        return Date(parts, literal=words)  # as `_date_out` writes what was not understood but for its year
    season = dates.parse(f"{words} {year:04d}") if year and not month else Date()
    return season if season.season else (Date(literal=words) if not year else None)


# --- losses -----------------------------------------------------------------------------------------------------------


def losses(record: Record) -> tuple[str, ...]:
    """The fields that say something else, or nothing, when the record was written and is read again."""
    from bibtools.formats.ris import lines

    (chunk,) = lines.chunks(lines.text(to_tags(record)))
    back, _ = from_tags(chunk.tags, record.origin)
    lost = [name for name in FIELDS if getattr(back, name) != getattr(record, name)]
    if "extra" not in lost:
        return tuple(lost)
    extra = [f"extra.{name}" for name, value in record.extra if (name, value) not in back.extra]
    return (*(name for name in lost if name != "extra"), *extra)
