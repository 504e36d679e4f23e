"""Record <-> Zotero item: `write` and `read` are each other's inverse, whatever the Record.

Every type that BibTeX, biblatex and CSL know has a Zotero type. A field goes to the type's own field; where the type has
none, to a line in Extra that Zotero understands (``original-date: 1900``, ``editor: Family || Given``); what has no name at
all, such as a BibTeX field nobody knows, to Better BibTeX's ``tex.<field>: value``.

After writing, the item is read again. Whatever did not come back equal (a guessed year, an entry type that the item type
does not give back, an odd name) is added as ``tex.bibtools-<field>: <mark> <JSON>``. The mark is a checksum of what the plain
reading gives: when someone edits the field in Zotero the mark no longer fits and the edit wins. So the mapping loses nothing
and yet never stands in a person's way. Left out of this are white space and control characters, which Zotero tidies.

Decisions
- A record of arXiv is a ``preprint`` with ``repository`` arXiv and ``archiveID`` arXiv:ID; a published work that has an
  arXiv id keeps its type and has the line ``arXiv: ID``.
- The citation key is the native field where the type has one, else the line ``Citation Key:``; never both. When a library
  has both, the line is believed, as it is by Zotero's exports.
- Notes and unknown Extra lines are one thing: ``note`` is the free text of Extra. ``annote`` is a ``tex.`` line, for a child
  note would be the user's own.
- Words of a title that are protected from a style's lower case are marked for Zotero as whole words, and only those that have
  a capital which citeproc would lower: a mark within a word (``{H}ella{S}wag``) would hide the word from Zotero's search.
- Mathematics in titles is written as Zotero can show it; a title braced as a whole is written plain, as Zotero's own importer
  does, with the line ``tex.protected: title``.
- A CSL type without a Zotero type has the line ``type:``, which is what Zotero itself does.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import Any
from zlib import crc32

from bibtools import dates, identifiers
from bibtools.format import ReadOptions
from bibtools.formats import records
from bibtools.record import Date, Name, Record
from zotero_bridge import creators
from zotero_bridge.extra import Line, join, labelled, parse, quote, unquote
from zotero_bridge.fields import CREATORS, DATES, LINES, NATIVE_EXTRA, TEXTS, TYPES, meaning, native_for, natives
from zotero_bridge.schema import LONGEST_TAG, Item, ItemType, Schema, offline

__all__ = ["item_type", "read", "same_but_space", "write"]

MAPPING = 2  # counted up when `write` makes another item of the same record, so that what was pushed is looked at anew
SPACE = re.compile(r"[ \x00-\x1f\x7f-\x9f\u2028\u2029]+")  # a no-break space is kept by Zotero
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,60}")
WHOLE = re.compile(r'<span class="nocase">((?:(?!</?span).)*)</span>', re.DOTALL)
# a protected part with what is joined to it on both sides, up to blanks and signs
PROTECTED = re.compile(
    r"""((?:(?!<)[\w'-])*(?:<span class="nocase">(?:(?!</?span).)*</span>(?:(?!<)[\w'-])*)+)""", re.DOTALL
)
RENDERED = frozenset(
    "title title_short container_title container_title_short collection_title publisher event_title".split()
)
ARXIV = re.compile(r"(?:arxiv:)?\s*(\d{4}\.\d{4,5}|[a-z][a-z.-]*/\d{7})(?:v\d+)?(?:\s*\[[^\]]*\])?", re.IGNORECASE)
ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
EMPTY: dict[str, Any] = {each.name: each.default for each in fields(Record) if each.compare}
OWN = "tex.bibtools-"
NAME_LISTS = frozenset(field for field, _ in CREATORS)
TEX_NAMES = (  # Record fields without a Zotero field or CSL name: label, field
    ("tex.annote", "annote"),
    ("tex.note", "note"),
    ("tex.referencetype", "entry_type"),
)


# --- Record to item ----------------------------------------------------------------------------------------------------


def item_type(record: Record, schema: Schema) -> str:
    """The Zotero type of a record, of those that the library's schema has."""
    named = record.get_extra("zotero-type")
    if named in schema.csl_types and named not in ("note", "attachment"):
        return named
    bare = record.type in ("article", "document", "manuscript", "webpage") and not record.container_title
    if bare and record.arxiv_id and "preprint" in schema.types:
        return "preprint"
    from_csl = {csl: zotero for zotero, csl in sorted(schema.csl_types.items(), reverse=True)}
    found = TYPES.get(record.type) or from_csl.get(record.type, "document")
    return found if found in schema.types else "document"


def write(record: Record, schema: Schema | None = None) -> Item:
    """The item of a record, without key, version and collections, ready to be validated."""
    schema = schema or offline()
    item, lines = _plain(record, schema, item_type(record, schema))
    back = _read_plain({**item, "extra": join(lines)}, schema)
    for name, value in _differences(record, back):
        lines.append(labelled(OWN + name, f"{_mark(getattr(back, name))} {_dump(name, value, getattr(back, name))}"))
    if lines:  # known lines first: people look for their own words at the end
        item["extra"] = join([each for each in lines if _known(each)] + [each for each in lines if not _known(each)])
    return item


def _plain(record: Record, schema: Schema, chosen: str) -> tuple[Item, list[Line]]:
    kind = schema.types[chosen]
    item: Item = {"itemType": chosen}
    lines: list[Line] = []
    if schema.csl_types.get(chosen) != record.type and record.type != "document" and chosen != "preprint":
        lines.append(labelled("type", record.type))
    _write_arxiv(record, kind, item, lines)
    _write_texts(record, schema, chosen, item, lines)
    _write_dates(record, schema, chosen, item, lines)
    item["creators"], creator_lines = creators.to_creators(record, kind, schema)
    lines += [labelled(role, value) for role, value in creator_lines]
    if record.id:
        own = native_for("citationKey", schema, chosen)
        if own:
            item[own] = _one_line(record.id)
        else:
            lines.append(labelled("Citation Key", _one_line(record.id)))
    item["tags"] = [
        {"tag": tag} for tag in dict.fromkeys(_one_line(each) for each in record.keyword) if 0 < len(tag) <= LONGEST_TAG
    ]
    _write_extra(record, schema, chosen, item, lines)
    note = parse(record.note.strip("\n"))
    if any(_known(line) or CONTROL.search(line.raw) for line in note):
        lines.append(labelled("tex.note", quote(record.note)))
    elif record.note.strip():
        lines += note
    return item, lines


def _one_line(text: str) -> str:
    return SPACE.sub(" ", text).strip(" ")


def _write_arxiv(record: Record, kind: ItemType, item: Item, lines: list[Line]) -> None:
    if record.arxiv_id and kind.name == "preprint":
        item["repository"] = "arXiv"
        item["archiveID"] = f"arXiv:{record.arxiv_id}"
    elif record.arxiv_id:
        lines.append(labelled("arXiv", record.arxiv_id))


def _write_texts(record: Record, schema: Schema, chosen: str, item: Item, lines: list[Line]) -> None:
    for row in TEXTS:
        text = getattr(record, row.field)
        if row.field == "title" and (whole := WHOLE.fullmatch(text)):
            text = whole.group(1)
            lines.append(labelled("tex.protected", "title"))
        if "<span" in text:
            text = _whole_words(text)
        if row.field in RENDERED and "$" in text:
            text = _rendered(text)
        value = text.strip() if row.field == "abstract" else _one_line(text)
        if not value:
            continue
        own = native_for(row.field, schema, chosen)
        if own and own not in item:
            item[own] = value
        else:
            lines.append(labelled(row.label, quote(value) if row.field == "abstract" else value))


def _whole_words(text: str) -> str:
    """Protection extended to whole words, and left out where citeproc lowers nothing: ``{H}ella{S}wag`` is one word."""
    found: list[str] = []
    for run in PROTECTED.split(text):
        plain = WHOLE.sub(r"\1", run)
        if plain == run or not PROTECTED.fullmatch(run):
            found.append(run)
            continue
        first = not "".join(found).strip()
        lowered = plain[1:] if first else plain
        found.append(f'<span class="nocase">{plain}</span>' if lowered != lowered.lower() else plain)
    return "".join(found)


def _rendered(text: str) -> str:
    """Mathematics as Zotero can show it (``E<sup>2</sup>GAN``), or as it was when that says less."""
    from bibtools import latex

    shown = latex.html(text)
    return text if "\\" in shown or "$" in shown else shown


def _write_dates(record: Record, schema: Schema, chosen: str, item: Item, lines: list[Line]) -> None:
    for row in DATES:
        date: Date = getattr(record, row.field)
        if not date:
            continue
        value = _one_line(_date_text(date))
        own = native_for(row.field, schema, chosen)
        if own and (own != "accessDate" or re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
            item[own] = value
        elif value:
            lines.append(labelled(row.label, value))


SEASONS = ("", "Spring", "Summer", "Autumn", "Winter")


def _date_text(date: Date) -> str:
    """A date as text that Zotero understands: ISO 8601, ``Spring 2020``, ``2020-05/2020-06``, or the words of the source."""
    if date.literal:
        return date.literal
    if date.season and date.parts and date.end is None and not date.circa:
        return f"{SEASONS[date.season]} {date.parts[0]}" if 0 < date.season < 5 else dates.edtf(date)
    if date.parts and date.end is None and not date.circa and date.parts[0] > 0:
        return "-".join(f"{part:0{4 if place == 0 else 2}d}" for place, part in enumerate(date.parts))
    return dates.edtf(date)


def _write_extra(record: Record, schema: Schema, chosen: str, item: Item, lines: list[Line]) -> None:
    if record.authors_truncated:
        lines.append(labelled("tex.authors-truncated", "yes"))
    for label, field in TEX_NAMES:
        if field != "note" and getattr(record, field):
            lines.append(labelled(label, quote(getattr(record, field))))
    if record.categories:
        lines.append(labelled("tex.primaryclass", quote(record.categories[0])))
    if len(record.categories) > 1:
        lines.append(labelled("tex.categories", quote(" ".join(record.categories))))
    native, labelled_names = _write_pairs(record, schema, chosen, item, lines)
    natural = [name for name in (*(name for name, _ in NATIVE_EXTRA), "zotero-type") if name in native] + labelled_names
    names = [name for name, _ in record.extra]
    if natural != names and sorted(natural) == sorted(names) and all(PLAIN_NAME.fullmatch(name) for name in names):
        lines.append(labelled("tex.extra-order", " ".join(names)))


def _write_pairs(
    record: Record, schema: Schema, chosen: str, item: Item, lines: list[Line]
) -> tuple[set[str], list[str]]:
    """Each pair of ``extra`` in its place; returns the names that have a native field and those that have a line."""
    native: set[str] = set()
    named: list[str] = []
    fields_of = dict(NATIVE_EXTRA)
    for name, value in record.extra:
        plain = bool(value) and value == _one_line(value)
        own = native_for(f"extra:{name}", schema, chosen) if name in fields_of else ""
        spellings = {other for other, _ in record.extra if other.lower() == name.lower()}
        if name == "zotero-type" and value == chosen and name not in native:
            native.add(name)
        elif own and own not in item and plain:
            item[own] = value
            native.add(name)
        elif name in LINES and plain:
            lines.append(labelled(LINES[name], value))
            named.append(name)
        elif PLAIN_NAME.fullmatch(name) and len(spellings) == 1 and f"tex.{name.lower()}" not in _RESERVED:
            lines.append(labelled(f"tex.{name}", quote(value)))
            named.append(name)
    return native, named


_RESERVED = frozenset(
    (
        "tex.protected",
        "tex.extra-order",
        *(label for label, _ in TEX_NAMES),
        "tex.authors-truncated",
        "tex.primaryclass",
        "tex.categories",
    )
)


# --- item to Record ----------------------------------------------------------------------------------------------------


def read(item: Item, schema: Schema | None = None) -> Record:
    """The record of an item, as the server gives its ``data``."""
    schema = schema or offline()
    plain = _read_plain(item, schema)
    found: dict[str, Any] = {}
    for line in parse(str(item.get("extra", ""))):
        name = line.label.removeprefix(OWN)
        if line.label.startswith(OWN) and name in EMPTY:
            mark, _, value = line.value.partition(" ")
            if mark == _mark(getattr(plain, name)):
                found.update(_load(name, value, getattr(plain, name)))
    return replace(plain, **found)


def _known(line: Line) -> bool:
    return bool(line.label and (line.label.lower().startswith("tex.") or meaning(line.label)))


def _read_plain(item: Item, schema: Schema) -> Record:
    kind = schema.types.get(str(item.get("itemType")), ItemType("document", ()))
    lines = parse(str(item.get("extra", "")))
    said: dict[str, list[str]] = {}
    for line in lines:
        if line.label and not line.label.lower().startswith("tex."):
            said.setdefault(meaning(line.label), []).append(line.value)
    found: dict[str, Any] = {"type": schema.csl_types.get(kind.name, "document")}
    if said.get("type") and said["type"][0] in TYPES | dict.fromkeys(schema.csl_types.values(), ""):
        found["type"] = said["type"][0]
    key = native_for("citationKey", schema, kind.name)
    found["id"] = (said.get("citationKey") or [str(item.get(key, ""))])[0]
    _read_arxiv(item, said, kind, found)
    _read_fields(item, said, schema, kind, found)
    role_lines = [(what[5:], value) for what, values in said.items() if what.startswith("role:") for value in values]
    found.update(creators.from_creators(item.get("creators") or [], role_lines, kind, schema))
    found["keyword"] = tuple(str(each.get("tag", "")) for each in item.get("tags") or ())
    found["extra"] = tuple(_read_extra(item, said, schema, kind))
    _read_tex(lines, found)
    if "note" not in found:
        found["note"] = "\n".join(line.raw for line in lines if not _known(line)).strip("\n")
    return Record(**found)


def _read_arxiv(item: Item, said: dict[str, list[str]], kind: ItemType, found: dict[str, Any]) -> None:
    archived = ARXIV.fullmatch(str(item.get("archiveID", "")).strip()) if kind.name == "preprint" else None
    if archived and str(item.get("repository", "")).strip().lower() in ("arxiv", ""):
        found["arxiv_id"] = archived.group(1)
    elif said.get("arxiv"):
        line = ARXIV.fullmatch(said["arxiv"][0])
        found["arxiv_id"] = line.group(1) if line else said["arxiv"][0]


def _read_fields(item: Item, said: dict[str, list[str]], schema: Schema, kind: ItemType, found: dict[str, Any]) -> None:
    arxiv = kind.name == "preprint" and "arxiv_id" in found and not said.get("arxiv")
    places = natives(schema, kind.name)
    for row in (*TEXTS, *DATES):
        own = places.get(row.field, "")
        value = str(item.get(own, "") or "") if own else ""
        if arxiv and own in ("repository", "archiveID"):
            value = ""
        if not value and row.field in said:
            value = unquote(said[row.field][0]) if row.field == "abstract" else said[row.field][0]
        if not value:
            continue
        if row in DATES:
            found[row.field] = _date(value)
        else:
            found[row.field] = identifiers.without_resolver(value) if row.field == "doi" else value


def _date(text: str) -> Date:
    plain = ISO.fullmatch(text)
    if plain:
        return Date(tuple(int(part) for part in plain.groups() if part))
    return dates.parse(text) if text else Date()


def _read_extra(item: Item, said: dict[str, list[str]], schema: Schema, kind: ItemType) -> list[tuple[str, str]]:
    found = []
    places = natives(schema, kind.name)
    taken = {places[row.field] for row in (*TEXTS, *DATES) if row.field in places}
    for name, _ in NATIVE_EXTRA:
        own = places.get(f"extra:{name}")
        if own and own not in taken and item.get(own):
            found.append((name, str(item[own])))
        if f"extra:{name}" in said:
            found += [(name, value) for value in said[f"extra:{name}"]]
    usual = TYPES.get(schema.csl_types.get(kind.name, ""))
    if usual and usual != kind.name:
        found.append(("zotero-type", kind.name))
    return found


def _read_tex(lines: tuple[Line, ...], found: dict[str, Any]) -> None:
    fields_of = dict(TEX_NAMES)
    for line in lines:
        lower = line.label.lower()
        if (what := meaning(line.label)).startswith("line:"):
            found["extra"] = (*found["extra"], (what[5:], line.value))
        if not lower.startswith("tex.") or lower.startswith(OWN):
            continue
        value = unquote(line.value)
        if lower in fields_of:
            found[fields_of[lower]] = value
        elif lower == "tex.authors-truncated":
            found["authors_truncated"] = value == "yes"
        elif lower == "tex.protected" and value == "title":
            found["title"] = f'<span class="nocase">{found["title"]}</span>'
        elif lower == "tex.primaryclass":
            found["categories"] = (value, *found.get("categories", ())[1:])
        elif lower == "tex.categories":
            found["categories"] = tuple(value.split())
        elif lower != "tex.extra-order":
            found["extra"] = (*found["extra"], (line.label[4:], value))
    for line in lines:
        if line.label.lower() == "tex.extra-order":
            found["extra"] = _ordered(found["extra"], line.value.split())


def _ordered(pairs: tuple[tuple[str, str], ...], names: list[str]) -> tuple[tuple[str, str], ...]:
    """The pairs in the order of the names, as far as there are such; the others after them."""
    left = list(pairs)
    found = []
    for name in names:
        if pair := next((each for each in left if each[0] == name), None):
            left.remove(pair)
            found.append(pair)
    return (*found, *left)


# --- what does not come back by itself ---------------------------------------------------------------------------------


def same_but_space(left: object, right: object) -> bool:
    """Whether two values of a Record field differ in white space and control characters at most."""
    return left == right or _spaceless(left) == _spaceless(right)


def _spaceless(value: object) -> object:
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, tuple):
        return tuple(_spaceless(each) for each in value)
    if isinstance(value, Name | Date):
        return tuple(_spaceless(getattr(value, each.name)) for each in fields(value))
    return value


def _differences(record: Record, back: Record) -> list[tuple[str, Any]]:
    return [
        (name, getattr(record, name))
        for name in EMPTY
        if not same_but_space(getattr(record, name), getattr(back, name))
    ]


def _dump(name: str, value: Any, plain: Any) -> str:
    """A value as JSON; of a list of names that reads back in part, only the names that do not, by their places."""
    if value == EMPTY[name]:
        return "{}"
    if name == "title" and "<span" in value and "{" not in value and "}" not in value:
        braced = WHOLE.sub(r"{\1}", value)
        if "<span" not in braced:  # nothing but protected words: as a .bib writes it
            return f"tex {json.dumps(braced, ensure_ascii=True)}"
    whole = json.loads(records.line(replace(Record(), **{name: value})))[name]
    if name in NAME_LISTS and len(value) == len(plain):
        pairs = enumerate(zip(value, plain, strict=True))
        whole = {place: whole[place] for place, (one, other) in pairs if not same_but_space(one, other)}
    return json.dumps(whole, ensure_ascii=True)


def _load(name: str, text: str, plain: Any) -> dict[str, Any]:
    """What `_dump` was given; nothing when it is not that."""
    try:
        if name == "title" and text.startswith("tex "):
            braced = json.loads(text[4:])
            return {name: re.sub(r"\{([^{}]*)\}", r'<span class="nocase">\1</span>', braced)}
        value = json.loads(text)
        if value == {}:
            return {name: EMPTY[name]}
        if name in NAME_LISTS and isinstance(value, dict):
            names = list(plain)
            for place, each in value.items():
                names[int(place)] = Name(**each)
            return {name: tuple(names)}
    except (ValueError, TypeError, IndexError):
        return {}
    batch = records.read(f'{{"{name}":{text}}}', ReadOptions())
    if len(batch.records) != 1 or batch.problems:
        return {}
    return {name: getattr(batch.records[0], name)}


def _mark(value: object) -> str:
    """A checksum of a value that survives what Zotero tidies: order of tags, case, hyphens, white space."""
    return f"{crc32(' '.join(sorted(_leaves(value))).encode()):08x}"


def _leaves(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [leaf for each in value for leaf in _leaves(each)]
    if isinstance(value, Name | Date):
        return [leaf for each in fields(value) for leaf in _leaves(getattr(value, each.name))]
    return [text] if (text := "".join(filter(str.isalnum, str(value).casefold()))) else []
