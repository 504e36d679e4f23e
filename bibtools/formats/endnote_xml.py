"""EndNote's XML, which EndNote, Bookends, Rayyan and Covidence write and read.

Source: EndNote's own exports and RSXML.dtd. Types are numbers with a name beside them; the number decides. `style` elements carry
italics, bold, raised and lowered text; the rest of what they say (font, size) is left out. Fields that only EndNote has keep
their names in ``extra``.

Writing: every field with a place in EndNote; what has none is named by `losses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from bibtools import dates, identifiers, latex
from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.xmlworks import cleared, root_of, shown, take, take_all, without_illegal, xml_format
from bibtools.latex.markup import pieces
from bibtools.record import FIELDS, Date, Name, Record

__all__ = ["FORMAT", "losses", "write"]

TYPES: tuple[tuple[int, str, str], ...] = (  # number, name, CSL; of several for one of CSL the first is written
    (17, "Journal Article", "article-journal"),
    (43, "Electronic Article", "article-journal"),
    (19, "Magazine Article", "article-magazine"),
    (23, "Newspaper Article", "article-newspaper"),
    (6, "Book", "book"),
    (28, "Edited Book", "book"),
    (44, "Electronic Book", "book"),
    (5, "Book Section", "chapter"),
    (60, "Electronic Book Section", "chapter"),
    (47, "Conference Paper", "paper-conference"),
    (10, "Conference Proceedings", "paper-conference"),
    (32, "Thesis", "thesis"),
    (27, "Report", "report"),
    (46, "Government Document", "report"),
    (34, "Unpublished Work", "article"),
    (36, "Manuscript", "manuscript"),
    (12, "Web Page", "webpage"),
    (56, "Blog", "post-weblog"),
    (9, "Computer Program", "software"),
    (59, "Dataset", "dataset"),
    (45, "Online Database", "dataset"),
    (55, "Aggregated Database", "dataset"),
    (25, "Patent", "patent"),
    (58, "Standard", "standard"),
    (53, "Encyclopedia", "entry-encyclopedia"),
    (52, "Dictionary", "entry-dictionary"),
    (20, "Map", "map"),
    (61, "Music", "musical_score"),
    (21, "Film or Broadcast", "motion_picture"),
    (3, "Audiovisual Material", "motion_picture"),
    (2, "Artwork", "graphic"),
    (37, "Figure", "figure"),
    (7, "Case", "legal_case"),
    (31, "Statute", "legislation"),
    (50, "Legal Rule or Regulation", "regulation"),
    (4, "Bill", "bill"),
    (14, "Hearing", "hearing"),
    (26, "Personal Communication", "personal_communication"),
    (49, "Classical Work", "classic"),
    (51, "Ancient Text", "classic"),
    (24, "Pamphlet", "pamphlet"),
    (57, "Serial", "periodical"),
    (13, "Generic", "document"),
)
CSL = {number: csl for number, _, csl in TYPES}
NAMED = {name: csl for _, name, csl in TYPES}
NUMBER = {csl: (number, name) for number, name, csl in reversed(TYPES)}
PEOPLE = (("authors", "author"), ("secondary-authors", "editor"), ("tertiary-authors", "collection_editor"))
TEXT: tuple[tuple[str, str], ...] = (
    ("titles/title", "title"),
    ("titles/short-title", "title_short"),
    ("volume", "volume"),
    ("number", "issue"),
    ("issue", "issue"),
    ("pages", "page"),
    ("edition", "edition"),
    ("num-vols", "number_of_volumes"),
    ("section", "chapter_number"),
    ("pub-location", "publisher_place"),
    ("publisher", "publisher"),
    ("electronic-resource-num", "doi"),
    ("language", "language"),
    ("abstract", "abstract"),
    ("notes", "note"),
    ("research-notes", "annote"),
    ("work-type", "genre"),
    ("report-id", "number"),
    ("label", "id"),
)
OWN = frozenset(
    "accession-num call-num label auth-address caption remote-database-name remote-database-provider orig-pub reprint-edition "
    "reviewed-item custom1 custom2 custom3 custom4 custom5 custom6 custom7 misc1 misc2 misc3".split()
)
SERIES = frozenset(("book", "report", "thesis", "classic", "pamphlet"))  # what no container holds
FACES = {"italic": "i", "bold": "b", "superscript": "sup", "subscript": "sub"}


def fill(draft: Draft, element: Element) -> None:
    for style in element.iter("style"):
        face = next((FACES[word] for word in style.get("face", "").split() if word in FACES), "")
        style.attrib.clear()
        style.tag = face or "style"
    app = element.find("source-app")
    if app is not None and app.get("name") == "bibtools":
        for own in [each for each in element if each.tag in ("database", "source-app", "rec-number")]:
            element.remove(own)
    kind = element.find("ref-type")
    name = kind.get("name", "") if kind is not None else ""
    digits = shown(kind) if kind is not None else ""
    known = CSL.get(int(digits[:4])) if digits.isascii() and digits.isdigit() else None
    draft.fields["type"] = type_ = known or NAMED.get(name or digits, "document")
    if kind is not None and (known or name in NAMED):
        kind.clear()
    for list_, role in PEOPLE:
        draft.add(role, (_person(text) for text in take_all(element, f"contributors/{list_}/author")))
    draft.add("translator", (_person(text) for text in take_all(element, "contributors/subsidiary-authors/author")))
    for path, field in TEXT:
        draft.put(field, take(element, path), path.rpartition("/")[2])
    _containers(draft, element, type_)
    _dates(draft, element)
    _numbers(draft, take(element, "isbn"))
    for url in (*take_all(element, "urls/related-urls/url"), *take_all(element, "urls/web-urls/url")):
        draft.put("url", url, "url")
    for url in take_all(element, "urls/pdf-urls/url"):
        draft.keep("file", url)
    draft.add_keywords(take_all(element, "keywords/keyword"))
    for child in element:
        if child.tag in OWN:
            draft.keep(child.tag, cleared(child))


def _numbers(draft: Draft, text: str) -> None:
    """An ISBN and an ISSN in one text; what else it says (another edition's, "Electronic") is kept with them."""
    found = STANDARD.findall(text)
    for number in found:
        if not draft.get("isbn" if identifiers.isbns(number) or len(number) > 9 else "issn"):
            draft.put_number(number, "isbn")
    placed = "".join(filter(None, (draft.get("isbn"), draft.get("issn"))))
    if not found or re.sub(r"[\s;,]", "", text) != placed:
        draft.keep("endnote-xml isbn", text)


STANDARD = re.compile(r"(?<![\w-])(?:97[89][- ]?)?\d{1,5}(?:-?\d+){1,3}-?[\dXx](?![\w-])")


def _person(text: str) -> Name:
    return people.inverted(text) if "," in text else people.natural(text)


def _containers(draft: Draft, element: Element, type_: str) -> None:
    second, third = take(element, "titles/secondary-title"), take(element, "titles/tertiary-title")
    journal, short = take(element, "periodical/full-title"), take(element, "periodical/abbr-1")
    container = "collection_title" if type_ in SERIES else "container_title"
    draft.put(container, second, "secondary-title")
    draft.put(container, journal, "periodical")
    draft.put("collection_title", third, "tertiary-title")
    if short != draft.get(container):
        draft.put("container_title_short", short, "abbr-1")
    for path in ("titles/alt-title", "alt-periodical/full-title", "alt-periodical/abbr-1"):
        text = take(element, path)
        if text not in (draft.get(container), draft.get("container_title_short")):
            draft.put("container_title_short", text, "alt-title") if type_ not in SERIES else draft.keep(
                "alt-title", text
            )


def _dates(draft: Draft, element: Element) -> None:
    year, days = take(element, "dates/year"), take_all(element, "dates/pub-dates/date")
    draft.put_date("issued", year, "year")
    for day in days:
        whole = day if year and year in day else f"{day} {year}".strip()
        if dates.parse(whole).literal and year:
            draft.keep("date", day)
        else:
            draft.put_date("issued", whole, "date")
    draft.put_date("accessed", take(element, "access-date"), "access-date")


# --- out --------------------------------------------------------------------------------------------------------------


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
    for number, record in enumerate(records, 1):
        yield _record(record, number)
    yield "</records></xml>\n"


def _record(record: Record, number: int) -> str:
    type_number, type_name = NUMBER.get(record.type, (13, "Generic"))
    lines = [
        '<database name="bibtools">bibtools</database>',
        '<source-app name="bibtools">bibtools</source-app>',
        f"<rec-number>{number}</rec-number>",
        f'<ref-type name="{type_name}">{type_number}</ref-type>',
        _around(
            "contributors",
            *(_people(list_, getattr(record, role)) for list_, role in PEOPLE),
            _people("subsidiary-authors", record.translator),
        ),
        _titles(record),
    ]
    if record.type not in SERIES:
        lines.append(
            _around(
                "periodical", _tag("full-title", record.container_title), _tag("abbr-1", record.container_title_short)
            )
        )
    for path, field in TEXT:
        if "/" not in path and path not in ("issue",):
            lines.append(_tag(path, getattr(record, field)))
    lines.append(_around("keywords", *(_tag("keyword", each) for each in record.keyword)))
    lines.append(_dated(record.issued))
    lines.append(_tag("isbn", "; ".join(filter(None, (record.isbn, record.issn)))))
    lines.append(_around("urls", _around("related-urls", _tag("url", record.url))))
    lines.append(_tag("access-date", dates.edtf(record.accessed) if record.accessed.parts else record.accessed.literal))
    for name, value in record.extra:
        if name in OWN and name != "label":
            lines.append(_tag(name, value))
    return "<record>\n" + "".join(f"{line}\n" for line in lines if line) + "</record>\n"


def _around(tag: str, *inner: str) -> str:
    joined = "".join(inner)
    return f"<{tag}>{joined}</{tag}>" if joined else ""


def _tag(tag: str, text: str) -> str:
    return f"<{tag}>{_styled(text)}</{tag}>" if text else ""


STYLES = {"i": "italic", "b": "bold", "sub": "subscript", "sup": "superscript"}


def _styled(text: str) -> str:
    """CSL's inline tags as EndNote's styles; the protection of words, which EndNote has not, is left out."""
    out, opened = [], []
    for kind, value in pieces(latex.html(text)):
        if kind == "open":
            opened.append(value)
            out.append(f'<style face="{STYLES[value]}">' if value in STYLES else "")
        elif kind == "close":
            out.append("</style>" if opened.pop() in STYLES else "")
        else:
            out.append(escape(without_illegal(value)))
    return "".join(out)


def _people(list_: str, names: tuple[Name, ...]) -> str:
    return _around(list_, *(_tag("author", _name(each)) for each in names))


def _name(name: Name) -> str:
    if name.literal:
        return f"{name.literal.rstrip(' ,')},"
    last = " ".join(part for part in (name.dropping_particle or name.non_dropping_particle, name.family) if part)
    if not name.given and not name.suffix and " " not in last:
        return last
    return ", ".join([last, name.given, name.suffix] if name.suffix else [last, name.given])


def _titles(record: Record) -> str:
    second = record.collection_title if record.type in SERIES else record.container_title
    third = "" if record.type in SERIES else record.collection_title
    return _around(
        "titles",
        _tag("title", record.title),
        _tag("secondary-title", second),
        _tag("tertiary-title", third),
        _tag("short-title", record.title_short),
    )


def _dated(date: Date) -> str:
    if not date:
        return ""
    year = f"{date.year}" if date.year is not None else ""
    more = date.literal or (dates.edtf(date) if date != Date(date.parts[:1]) else "")
    return _around("dates", _tag("year", year), _around("pub-dates", _tag("date", more)))


def losses(record: Record) -> tuple[str, ...]:
    """The fields that say something else, or nothing, when the record was written and is read again."""
    assert FORMAT.read is not None
    (back,) = FORMAT.read("".join(write((record,), WriteOptions())), ReadOptions()).records
    back = replace(back, origin=record.origin)
    return tuple(name for name in FIELDS if getattr(back, name) != getattr(record, name))


def looks_like(head: str) -> bool:
    name, _ = root_of(head)
    return name in ("xml", "records") and "<record" in head and "<ref-type" in head


FORMAT = xml_format(
    name="endnote-xml",
    summary="EndNote's XML",
    wanted=frozenset(("record",)),
    fill=fill,
    looks_like=looks_like,
    write=write,
    losses=losses,
)
