"""hayagriva's YAML, the bibliography of Typst: read and written.

Source: https://github.com/typst/hayagriva/blob/main/docs/file-format.md. What holds a work is its ``parent``, which may have a
parent of its own (a series); the type of a work depends on the parent's. Words in braces keep their case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bibtools import dates, jsontext, latex
from bibtools.format import Format, ReadOptions, WriteOptions, collect
from bibtools.formats import people, yamlworks
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, left_over, name_of_rest
from bibtools.latex.markup import pieces
from bibtools.record import FIELDS, Batch, Date, Name, Origin, Problem, Record

__all__ = ["FORMAT", "losses", "read", "write"]

TYPES = {  # hayagriva's type alone
    "article": "article",
    "chapter": "chapter",
    "entry": "entry",
    "anthos": "chapter",
    "report": "report",
    "thesis": "thesis",
    "web": "webpage",
    "scene": "motion_picture",
    "artwork": "graphic",
    "patent": "patent",
    "case": "legal_case",
    "newspaper": "periodical",
    "legislation": "legislation",
    "manuscript": "manuscript",
    "original": "document",
    "post": "post",
    "misc": "document",
    "performance": "performance",
    "periodical": "periodical",
    "proceedings": "book",
    "book": "book",
    "blog": "webpage",
    "reference": "book",
    "conference": "event",
    "anthology": "book",
    "repository": "software",
    "thread": "post",
    "video": "motion_picture",
    "audio": "song",
    "exhibition": "event",
}
WITHIN = {  # the type and that of the parent
    ("article", "periodical"): "article-journal",
    ("article", "newspaper"): "article-newspaper",
    ("article", "proceedings"): "paper-conference",
    ("article", "conference"): "paper-conference",
    ("article", "blog"): "post-weblog",
    ("entry", "reference"): "entry-encyclopedia",
    ("entry", "blog"): "post-weblog",
}
USUAL = {
    "article": "periodical",
    "chapter": "book",
    "entry": "reference",
    "anthos": "anthology",
}  # of a parent without type
WRITTEN: dict[str, tuple[str, str]] = {  # CSL: type, type of the parent that has the container's title
    "article-journal": ("article", "periodical"),
    "article-magazine": ("article", "periodical"),
    "article-newspaper": ("article", "newspaper"),
    "paper-conference": ("article", "proceedings"),
    "article": ("article", "repository"),
    "book": ("book", "anthology"),
    "chapter": ("chapter", "book"),
    "entry": ("entry", "reference"),
    "entry-encyclopedia": ("entry", "reference"),
    "entry-dictionary": ("entry", "reference"),
    "thesis": ("thesis", "book"),
    "report": ("report", "book"),
    "webpage": ("web", "web"),
    "post-weblog": ("entry", "blog"),
    "post": ("post", "thread"),
    "software": ("repository", "repository"),
    "dataset": ("repository", "repository"),
    "patent": ("patent", "book"),
    "legal_case": ("case", "book"),
    "legislation": ("legislation", "book"),
    "manuscript": ("manuscript", "book"),
    "motion_picture": ("video", "video"),
    "song": ("audio", "audio"),
    "graphic": ("artwork", "exhibition"),
    "performance": ("performance", "performance"),
    "periodical": ("periodical", "periodical"),
}
TEXT: tuple[tuple[str, str], ...] = (
    ("volume", "volume"),
    ("issue", "issue"),
    ("edition", "edition"),
    ("volume-total", "number_of_volumes"),
    ("page-total", "number_of_pages"),
    ("chapter", "chapter_number"),
    ("genre", "genre"),
    ("language", "language"),
    ("abstract", "abstract"),
    ("note", "note"),
    ("annote", "annote"),
)
KEPT = (("archive", "archive"), ("archive-location", "archive_location"), ("call-number", "call-number"))
NUMBERS = (
    ("doi", "doi"),
    ("isbn", "isbn"),
    ("issn", "issn"),
    ("pmid", "pmid"),
    ("pmcid", "pmcid"),
    ("arxiv", "arxiv_id"),
)
ROLES = {
    "translator": "translator",
    "collaborator": "contributor",
    "cast-member": "performer",
    "composer": "composer",
    "director": "director",
    "illustrator": "illustrator",
    "producer": "producer",
    "narrator": "narrator",
    "organizer": "organizer",
    "founder": "founder",
    "compiler": "compiler",
    "holder": "holder",
    "commentator": "commentator",
}
BRACED = re.compile(r"\{([^{}]*)\}")


def read(text: str, options: ReadOptions) -> Batch:
    return collect(_read(text, options))


def _read(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
    index = 0
    for document in yamlworks.values(text, options.source):
        if isinstance(document, Problem):
            yield document
            continue
        for key, entry in document.items() if isinstance(document, dict) else (("", document),):
            origin = Origin(options.source, getattr(entry, "line", 0), index)
            if not isinstance(entry, dict):
                yield Problem(f"'{key}' is no entry", origin, text=str(entry))
                continue
            draft = Draft(origin)
            draft.put("id", key, "key")
            _fill(draft, entry)
            if remaining := left_over(entry):
                draft.keep(name_of_rest("hayagriva"), jsontext.dumps(remaining, compact=True))
            index += 1
            yield draft.record()
            yield from draft.problems


def _fill(draft: Draft, entry: Work) -> None:
    parents = [each for each in as_list(entry.pop("parent", None)) if isinstance(each, dict)]
    kind = as_text(entry.pop("type", None)).lower()
    outer = (as_text(parents[0].pop("type", None)).lower() or USUAL.get(kind, "")) if parents else ""
    type_ = WITHIN.get((kind, outer)) or TYPES.get(kind, "document")
    draft.fields["type"] = type_
    if kind not in TYPES:
        draft.keep("hayagriva type", kind)
    _own(draft, entry, "title", "title_short")
    if parents:
        first, *others = parents
        series = type_ in ("book", "report", "thesis")
        _parent(draft, first, "collection_title" if series else "container_title")
        for each in others:
            each.pop("type", None)
            _parent(draft, each, "collection_title")
        if remaining := [found for each in parents if (found := left_over(each))]:
            entry["parent"] = remaining


def _title(value: Any) -> tuple[str, str]:
    """A title and its short form; braces keep the case of words."""
    if isinstance(value, dict):
        short = value.pop("short", None)
        whole = as_text(value.pop("value", None))
        if value.pop("verbatim", "") == "true":
            return f'<span class="nocase">{whole}</span>' if whole else "", _title(short)[0]
        return _title(whole)[0], _title(short)[0]
    return BRACED.sub(r'<span class="nocase">\1</span>', as_text(value)), ""


def _own(draft: Draft, entry: Work, title: str, short: str) -> None:
    """What an entry and, below it, its parent say in the same way."""
    text, brief = _title(entry.pop("title", None))
    draft.put(title, text if title == "title" else latex.plain(text), "title")
    draft.put(short, brief, "title-short")
    draft.add("author" if title == "title" else "container_author", _people(entry.pop("author", None)))
    draft.add("editor", _people(entry.pop("editor", None)))
    for group in as_list(entry.pop("affiliated", None)):
        role = as_text(as_map(group).get("role")).lower()
        draft.add(ROLES.get(role, role or "contributor"), _people(as_map(group).get("names")))
    draft.put_date("issued", as_text(entry.pop("date", None)), "date")
    for key, field in TEXT:
        value = entry.get(key)
        if isinstance(value, str | dict):
            draft.put(
                field,
                _title(entry.pop(key))[0]
                if field in ("abstract", "note", "annote", "genre")
                else as_text(entry.pop(key)),
                key,
            )
    draft.put("page", as_text(entry.pop("page-range", None)), "page-range")
    publisher = entry.pop("publisher", None)
    if isinstance(publisher, dict):
        draft.put("publisher_place", _title(publisher.pop("location", None))[0], "location")
        draft.put("publisher", _title(publisher.pop("name", None))[0], "publisher")
    else:
        draft.put("publisher", _title(publisher)[0], "publisher")
    draft.put("publisher", _title(entry.pop("organization", None))[0], "organization")
    draft.put("publisher_place", _title(entry.pop("location", None))[0], "location")
    url = entry.pop("url", None)
    if isinstance(url, dict):
        draft.put_date("accessed", as_text(url.get("date")), "url date")
        url = url.get("value")
    draft.put("url", as_text(url), "url")
    serial = entry.get("serial-number")
    if isinstance(serial, dict):
        for key, field in NUMBERS:
            draft.put(field, as_text(serial.pop(key, None)), key)
        draft.put("number", as_text(serial.pop("serial", None)), "serial")
    elif serial is not None:
        draft.put("number", as_text(entry.pop("serial-number")), "serial-number")
    for key, name in KEPT:
        if isinstance(entry.get(key), str):
            draft.keep(name, as_text(entry.pop(key)))


def _parent(draft: Draft, parent: Work, field: str) -> None:
    """The work that holds another; and the series that holds that one."""
    outer = [each for each in as_list(parent.pop("parent", None)) if isinstance(each, dict)]
    short = "container_title_short" if field == "container_title" else "collection_title_short"
    if draft.get(field):
        draft.keep(field.replace("_", "-"), _title(parent.pop("title", None))[0])
    if field == "collection_title" and "volume" in parent:
        draft.put("collection_number", as_text(parent.pop("volume")), "volume")
    brief = Draft(draft.origin)
    _own(brief, parent, field, short)
    for name, value in brief.fields.items():
        match name:
            case "type":
                continue
            case "collection_title_short":
                draft.keep("collection-title-short", value)
            case "issued" | "accessed":
                draft.put_parsed(name, value, dates.edtf(value) or value.literal, name)
            case "other_creators":
                for role, names in value:
                    draft.add(role, names)
            case _ if isinstance(value, str):
                draft.put(name, value, f"parent {name}")
            case _:
                draft.add(name, value)
    draft.extra += brief.extra
    for each in outer:
        each.pop("type", None)
        _parent(draft, each, "collection_title")
    if remaining := [found for each in outer if (found := left_over(each))]:
        parent["parent"] = remaining


def _people(value: Any) -> Iterator[Name]:
    for each in as_list(value):
        if isinstance(each, dict):
            prefix, suffix = as_text(each.get("prefix")), as_text(each.get("suffix"))
            yield Name(
                as_text(each.get("name")), as_text(each.get("given-name")), dropping_particle=prefix, suffix=suffix
            )
        elif text := as_text(each):
            yield (
                people.inverted(text)
                if "," in text
                else people.organisation(text)
                if " " in text
                else Name(family=text)
            )


# --- out --------------------------------------------------------------------------------------------------------------


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    for place, record in enumerate(records):
        yield ("\n" if place else "") + yamlworks.dumped({record.id or f"work{place + 1}": _entry(record)})


def _entry(record: Record) -> Work:
    kind, outer = WRITTEN.get(record.type, ("misc", "book"))
    entry: Work = {
        "type": kind,
        "title": _shown(record.title),
        "author": _named(record.author),
        "date": _dated(record.issued),
    }
    if record.title_short and record.title:
        entry["title"] = {"value": _shown(record.title), "short": _shown(record.title_short)}
    entry |= {key: getattr(record, field) for key, field in TEXT}
    entry["page-range"] = record.page.replace("–", "-") if re.fullmatch(r"\w+–\w+", record.page) else record.page
    entry["url"] = {"value": record.url, "date": _dated(record.accessed)} if record.accessed.parts else record.url
    entry["serial-number"] = _full({key: getattr(record, field) for key, field in NUMBERS} | {"serial": record.number})
    affiliated = [("translator", record.translator), *record.other_creators]
    entry["affiliated"] = [{"role": role, "names": _named(names)} for role, names in affiliated if names]
    entry |= {key: record.get_extra(name) for key, name in KEPT}
    publisher = _full({"name": _shown(record.publisher), "location": _shown(record.publisher_place)})
    series = _full({"type": outer, "title": _shown(record.collection_title), "volume": record.collection_number})
    series = series if "title" in series else {}
    within = kind in ("book", "report", "thesis") or not record.container_title
    if within:
        entry |= {"editor": _named(record.editor), "publisher": publisher, "parent": series}
        return _full(entry)
    parent: Work = {"type": outer, "title": _shown(record.container_title), "author": _named(record.container_author)}
    if record.container_title_short:
        parent["title"] = {"value": parent["title"], "short": _shown(record.container_title_short)}
    parent |= {"editor": _named(record.editor), "publisher": publisher, "parent": series}
    for key in ("volume", "issue"):
        parent[key] = entry.pop(key)
    if record.type == "article-journal":
        numbers = entry["serial-number"]
        parent["serial-number"] = {"issn": numbers.pop("issn")} if "issn" in numbers else {}
    entry["parent"] = _full(parent)
    return _full(entry)


def _full(value: Work) -> Work:
    return {key: inner for key, inner in value.items() if inner not in ("", [], {}, ())}


def _shown(text: str) -> str:
    """Words whose case is protected stand in braces; other tags, which hayagriva has not, are left out."""
    if "<" not in text:
        return text
    out, opened = [], []
    for kind, value in pieces(text):
        if kind == "open":
            opened.append(value)
            out.append("{" if value == "nocase" else "")
        elif kind == "close":
            out.append("}" if opened.pop() == "nocase" else "")
        else:
            out.append(f"${value}$" if kind == "math" else latex.plain(value))
    return "".join(out)


def _named(names: tuple[Name, ...]) -> list[Any]:
    found: list[Any] = []
    for each in names:
        particle = each.dropping_particle or each.non_dropping_particle
        if each.literal and "," not in each.literal and " " in each.literal:
            found.append(each.literal)
        else:
            parts = {
                "name": each.family or each.literal,
                "given-name": each.given,
                "prefix": particle,
                "suffix": each.suffix,
            }
            found.append(_full(parts))
    return found


def _dated(date: Date) -> str:
    """hayagriva's dates are years, months or days, with a ``~`` for about."""
    if not date.parts or not 0 < date.parts[0] <= 9999:
        return ""
    return dates.edtf(Date(date.parts, circa=date.circa))


def losses(record: Record) -> tuple[str, ...]:
    """The fields that say something else, or nothing, when the record was written and is read again."""
    found = read("".join(write((record,), WriteOptions())), ReadOptions()).records
    back = found[0] if found else Record()
    return tuple(name for name in FIELDS if getattr(back, name) != getattr(record, name))


OWN = frozenset(
    "title author date parent url serial-number page-range editor publisher organization affiliated".split()
)


def looks_like(head: str) -> bool:
    """A mapping of mappings, each of a type of hayagriva's."""
    if "type" not in head or not isinstance(found := yamlworks.head_value(head), dict):
        return False
    entries = list(found.values())[:20]
    entries = entries if len(entries) < 2 else [each for each in entries if each != ""]
    return bool(entries) and all(
        isinstance(each, dict) and str(each.get("type")).lower() in TYPES and bool(OWN & each.keys())
        for each in entries
    )


FORMAT = Format(
    name="hayagriva",
    summary="hayagriva's YAML, for Typst",
    suffixes=(".yml", ".yaml"),
    looks_like=looks_like,
    read=read,
    write=write,
    losses=losses,
)
