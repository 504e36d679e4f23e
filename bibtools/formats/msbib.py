"""Word's sources (``Sources.xml``, "Manage sources"): read and written.

Source: ECMA-376 part 1, 22.6 (bibliography). A person has Last, First and Middle; JabRef's ``BIBTEX_`` elements are read too.
Writing keeps every field that Word has; what has none is named by `losses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from bibtools import dates, latex
from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.xmlworks import root_of, take, take_all, without_illegal, xml_format
from bibtools.record import FIELDS, Date, Name, Record

__all__ = ["FORMAT", "losses", "write"]

TYPES: tuple[tuple[str, str], ...] = (  # Word, CSL; of several for one of CSL the first is written
    ("JournalArticle", "article-journal"),
    ("ArticleInAPeriodical", "article-magazine"),
    ("ConferenceProceedings", "paper-conference"),
    ("Book", "book"),
    ("BookSection", "chapter"),
    ("Report", "report"),
    ("InternetSite", "webpage"),
    ("DocumentFromInternetSite", "article"),
    ("ElectronicSource", "software"),
    ("Patent", "patent"),
    ("Case", "legal_case"),
    ("Film", "motion_picture"),
    ("SoundRecording", "song"),
    ("Performance", "performance"),
    ("Interview", "interview"),
    ("Art", "graphic"),
    ("Misc", "document"),
)
CSL = dict(TYPES)
WORD = {csl: word for word, csl in reversed(TYPES)} | {
    "thesis": "Report",
    "manuscript": "Misc",
    "dataset": "ElectronicSource",
}
TEXT: tuple[tuple[str, str], ...] = (  # of several elements for one field the first is written
    ("Tag", "id"),
    ("Title", "title"),
    ("ShortTitle", "title_short"),
    ("JournalName", "container_title"),
    ("PeriodicalTitle", "container_title"),
    ("BookTitle", "container_title"),
    ("ConferenceName", "container_title"),
    ("InternetSiteTitle", "container_title"),
    ("PublicationTitle", "container_title"),
    ("BIBTEX_Series", "collection_title"),
    ("Volume", "volume"),
    ("Issue", "issue"),
    ("Pages", "page"),
    ("Edition", "edition"),
    ("NumberVolumes", "number_of_volumes"),
    ("ChapterNumber", "chapter_number"),
    ("Publisher", "publisher"),
    ("Institution", "publisher"),
    ("ThesisType", "genre"),
    ("Medium", "medium"),
    ("Version", "version"),
    ("PatentNumber", "number"),
    ("URL", "url"),
    ("DOI", "doi"),
    ("Comments", "note"),
    ("BIBTEX_Abstract", "abstract"),
    ("City", "publisher_place"),
)
ROLES = (
    ("Author", "author"),
    ("Editor", "editor"),
    ("Translator", "translator"),
    ("BookAuthor", "container_author"),
    ("Artist", "author"),
    ("Inventor", "author"),
    ("Interviewee", "author"),
    ("Director", "director"),
    ("Composer", "composer"),
    ("Performer", "performer"),
    ("Interviewer", "interviewer"),
    ("ProducerName", "producer"),
    ("Compiler", "compiler"),
    ("Counsel", "counsel"),
)
CONTAINER = {  # where the container of a type is written
    "article-magazine": "PeriodicalTitle",
    "paper-conference": "ConferenceName",
    "chapter": "BookTitle",
    "webpage": "InternetSiteTitle",
    "article": "InternetSiteTitle",
    "software": "PublicationTitle",
}
ORDER = ("id", "title", "container_title")
NUMBER = re.compile(r":?\s*(ISBN|ISSN|DOI)\s*:?\s*(\S.*)", re.IGNORECASE)


def fill(draft: Draft, element: Element) -> None:
    kind = element.find("SourceType")
    word = (kind.text or "").strip() if kind is not None else ""
    entry = take(element, "BIBTEX_Entry")
    draft.fields["type"] = CSL.get(word, "document")
    if kind is not None and word in CSL:
        kind.clear()
    draft.keep("entry-type", entry if entry not in ("", "article", "book") else "")
    if element.find("ThesisType") is not None and word == "Report":
        draft.fields["type"] = "thesis"
    for tag, field in TEXT:
        for text in take_all(element, tag):
            draft.put(field, text, tag)
    _people(draft, element)
    for tag in ("StateProvince", "CountryRegion"):
        place = take(element, tag)
        if place:
            draft.fields["publisher_place"] = ", ".join(filter(None, (draft.get("publisher_place"), place)))
    for field, suffix in (("issued", ""), ("accessed", "Accessed")):
        year, month, day = (take(element, tag + suffix) for tag in ("Year", "Month", "Day"))
        whole = dates.parse(year, month, day)
        if whole:
            draft.fields[field] = whole
        elif month or day:
            draft.keep(f"month{suffix.lower()}", f"{day} {month}".strip())
    draft.put_date("accessed", take(element, "Accessed"), "Accessed")
    for text in take_all(element, "StandardNumber"):
        _number(draft, text)
    draft.add_keywords(re.split("[;,]", take(element, "BIBTEX_KeyWords")))


def _number(draft: Draft, text: str) -> None:
    found = NUMBER.fullmatch(text.strip())
    if not found:
        draft.put_number(text, "StandardNumber") if re.fullmatch(r"[\dXx -]{9,17}", text.strip()) else draft.keep(
            "StandardNumber", text
        )
    elif found[1].upper() == "DOI":
        draft.put("doi", found[2], "doi")
    else:
        draft.put(found[1].lower(), found[2], "StandardNumber")


def _people(draft: Draft, element: Element) -> None:
    roles = dict(ROLES)
    for outer in element.findall("Author"):
        for list_ in outer:
            role = roles.get(list_.tag, list_.tag.lower())
            draft.add(role, (people.organisation(text) for text in take_all(list_, "Corporate")))
            for person in list_.findall("NameList/Person"):
                given = " ".join(filter(None, (take(person, "First"), take(person, "Middle"))))
                draft.add(role, (Name(take(person, "Last"), given),))


# --- out --------------------------------------------------------------------------------------------------------------


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/bibliography"
    yield '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    yield f'<b:Sources SelectedStyle="" xmlns:b="{space}" xmlns="{space}">\n'
    for record in records:
        yield _source(record)
    yield "</b:Sources>\n"


def _source(record: Record) -> str:
    lines = [_tag("SourceType", WORD.get(record.type, "Misc"))]
    done = set()
    for tag, field in TEXT:
        value = getattr(record, field)
        if field == "container_title":
            tag = CONTAINER.get(record.type, tag)
        if field == "publisher" and record.type in ("thesis", "report"):
            tag = "Institution"
        if field == "number" and record.type != "patent":
            continue
        if value and field not in done:
            done.add(field)
            lines.append(_tag(tag, value))
    lines += [*_dated(record.issued, ""), *_dated(record.accessed, "Accessed")]
    lines += [
        _tag("StandardNumber", f"{name.upper()}: {value}")
        for name in ("isbn", "issn")
        if (value := getattr(record, name))
    ]
    lines.append(_tag("BIBTEX_KeyWords", "; ".join(record.keyword)))
    lines.append(_creators(record))
    return "<b:Source>\n" + "".join(f"{line}\n" for line in lines if line) + "</b:Source>\n"


def _tag(tag: str, text: str) -> str:
    return f"<b:{tag}>{escape(without_illegal(latex.plain(text)))}</b:{tag}>" if text else ""


def _dated(date: Date, suffix: str) -> list[str]:
    if not date.parts:
        return [_tag(f"Year{suffix}", date.literal)] if date else []
    year, *rest = date.parts
    return [
        _tag(f"{tag}{suffix}", str(value)) for tag, value in zip(("Year", "Month", "Day"), (year, *rest), strict=False)
    ]


def _creators(record: Record) -> str:
    lists = []
    done = set()
    for tag, role in ROLES:
        names = getattr(record, role, None) or dict(record.other_creators).get(role, ())
        if names and role not in done:
            done.add(role)
            lists.append(_list(tag, names))
    return f"<b:Author>{''.join(lists)}</b:Author>" if lists else ""


def _list(tag: str, names: tuple[Name, ...]) -> str:
    """People or one organisation: Word has no list of both, so an organisation among people stands as a last name."""
    if len(names) == 1 and names[0].literal:
        return f"<b:{tag}>{_tag('Corporate', names[0].literal)}</b:{tag}>"
    people_ = "".join(
        f"<b:Person>{_tag('Last', each.surname)}{_tag('First', _given(each))}</b:Person>" for each in names
    )
    return f"<b:{tag}><b:NameList>{people_}</b:NameList></b:{tag}>"


def _given(name: Name) -> str:
    return ", ".join(filter(None, (name.given, name.suffix)))


def losses(record: Record) -> tuple[str, ...]:
    """The fields that say something else, or nothing, when the record was written and is read again."""
    assert FORMAT.read is not None
    (back,) = FORMAT.read("".join(write((record,), WriteOptions())), ReadOptions()).records
    back = replace(back, origin=record.origin)
    return tuple(name for name in FIELDS if getattr(back, name) != getattr(record, name))


FORMAT = xml_format(
    name="msbib",
    summary="sources of Microsoft Word (Sources.xml)",
    wanted=frozenset(("Source",)),
    fill=fill,
    looks_like=lambda head: root_of(head)[0] == "Sources" and "officeDocument/2006/bibliography" in head,
    write=write,
    losses=losses,
)
