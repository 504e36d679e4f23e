"""Records to items of CSL-JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bibtools import jsontext
from bibtools.format import WriteOptions
from bibtools.formats.csljson.vocabulary import (
    CODES,
    DATES,
    EXTRAS,
    NAME_PARTS,
    NAMES,
    ROLES,
    TEXT,
    WORDS,
    eprint_url,
    is_others,
    jurisdiction,
    localised,
    recorded,
    shown,
    split_keywords,
)
from bibtools.record import CSL_TYPES, Date, Name, Record


def _name_out(name: Name) -> dict[str, str]:
    if name.family and name.given and not (name.literal or name.suffix or name.surname != name.family):
        return {"family": name.family, "given": name.given}  # nearly every name
    return {variable: value for part, variable in NAME_PARTS.items() if (value := getattr(name, part))}


def _date_out(date: Date) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if date.parts or date.end is not None:
        spans = (date.parts,) if date.end is None else (date.parts, date.end)
        made["date-parts"] = [list(span) or [0] for span in spans]  # an open end is [0]
    if date.season:
        made["season"] = date.season
    if date.circa:
        made["circa"] = True
    if date.literal:
        made["literal"] = date.literal
    return made


def _creators_out(record: Record, item: dict[str, Any], custom: dict[str, Any]) -> None:
    for name, variable in NAMES.items():
        if people := getattr(record, name):
            item[variable] = [_name_out(each) for each in people]
    if record.authors_truncated:
        custom["authors-truncated"] = True
    elif is_others(*record.author[-1:]):
        custom["authors-truncated"] = False
    beyond = []
    for role, people in record.other_creators:
        if role in ROLES and role not in item:
            item[role] = [_name_out(each) for each in people]
        else:
            beyond.append([role, [_name_out(each) for each in people]])
    if beyond:
        custom["creators"] = beyond


def _extras_out(record: Record, item: dict[str, Any], custom: dict[str, Any]) -> None:
    """Schema variables under their own names; as soon as one pair is something else, all pairs in `custom` (their order)."""
    everything = True
    for name, value in record.extra:
        if name in EXTRAS and name not in item and value:
            item[name] = value
        else:
            everything = False
    if not everything:
        custom["extra"] = [list(pair) for pair in record.extra]


def to_csl(record: Record) -> dict[str, Any]:
    """The record as an item of CSL-JSON, valid by the official schema."""
    item: dict[str, Any] = {"id": record.id, "type": record.type if record.type in CSL_TYPES else "document"}
    custom: dict[str, Any] = {}
    if item["type"] != record.type:
        custom["type"] = record.type
    if record.entry_type:
        custom["entry-type"] = record.entry_type
    if record.arxiv_id:
        custom["arxiv-id"] = record.arxiv_id
    if record.categories:
        custom["arxiv-categories"] = list(record.categories)
    _texts_out(record, item, custom)
    _creators_out(record, item, custom)
    for name, variable in DATES.items():
        date: Date = getattr(record, name)
        if made := _date_out(date):
            item[variable] = made
        if date.inferred:
            custom.setdefault("inferred", []).append(variable)
    if not record.url and (url := eprint_url(record)):
        item["URL"], custom["derived"] = url, ["URL"]
    if record.keyword:
        item["keyword"] = ", ".join(record.keyword)
        if split_keywords(item["keyword"]) != record.keyword:
            custom["keyword"] = list(record.keyword)
    _extras_out(record, item, custom)
    if custom:
        item["custom"] = custom
    return item


def _texts_out(record: Record, item: dict[str, Any], custom: dict[str, Any]) -> None:
    """Prose and codes; what they said before, where that does not follow from what they say now."""
    source_text = {}
    said = vars(record)
    for name, variable in TEXTS:
        if value := said.get(name):
            key = key_of_words(record, name) if name in KEYED else ""
            item[variable] = localised(key, record.language) if key else shown(variable, value)
            if recorded(variable, item[variable]) != value:
                source_text[variable] = value
    if record.type == "patent" and record.publisher_place and not record.get_extra("jurisdiction"):
        source_text["publisher-place"] = record.publisher_place
        item["jurisdiction"] = jurisdiction(item.pop("publisher-place"))
    if source_text:
        custom["source-text"] = source_text


TEXTS = tuple((TEXT | CODES).items())
KEYED = frozenset(("status", "collection_title", "genre"))


def key_of_words(record: Record, name: str) -> str:
    """The key of biblatex that a field consists of (``inpress``, a series that is a number), "" for plain words."""
    value: str = getattr(record, name)
    if name == "status":
        return value if value in WORDS else ""
    if name == "collection_title":
        numbered = value.isdecimal() and len(value) < 4 and record.type.startswith("article")
        return value if value in WORDS or numbered else ""
    if name != "genre" or not record.language or record.origin.format != "bibtex":
        return ""
    source = dict(reversed(record.origin.fields))
    stated = source.get("type") or {"mastersthesis": "mathesis"}.get(source["ENTRYTYPE"], source["ENTRYTYPE"])
    return stated if stated in WORDS and not record.language.lower().startswith("en") else ""


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    """A list with one variable a line, so that a version control system shows what changed."""
    before = "[\n"
    for record in records:
        yield f"{before}  {{\n{jsontext.lines(to_csl(record), '    ')}\n  }}"
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def losses(record: Record) -> tuple[str, ...]:
    """Nothing that this program cannot read back, thanks to ``custom``."""
    return ()
