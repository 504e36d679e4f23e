"""papis: the ``info.yaml`` of a document, and ``papis export --format json``.

Source: https://papis.readthedocs.io/en/latest/info_file.html. The keys are BibTeX's, the values Unicode; ``author_list`` has the
names in parts. ``ref`` is the citation key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bibtools import dates, jsontext
from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import people, yamlworks
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, json_format, left_over, name_of_rest
from bibtools.record import Batch, Name, Origin, Problem, Record

__all__ = ["FORMAT"]

TYPES = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "proceedings": "book",
    "book": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "online": "webpage",
    "preprint": "article",
    "software": "software",
    "dataset": "dataset",
    "misc": "document",
}
TEXT: tuple[tuple[str, str], ...] = (
    ("ref", "id"),
    ("title", "title"),
    ("journal", "container_title"),
    ("booktitle", "container_title"),
    ("full_journal_title", "container_title"),
    ("series", "collection_title"),
    ("volume", "volume"),
    ("number", "issue"),
    ("issue", "issue"),
    ("pages", "page"),
    ("edition", "edition"),
    ("chapter", "chapter_number"),
    ("publisher", "publisher"),
    ("school", "publisher"),
    ("institution", "publisher"),
    ("address", "publisher_place"),
    ("language", "language"),
    ("abstract", "abstract"),
    ("doi", "doi"),
    ("url", "url"),
    ("isbn", "isbn"),
    ("issn", "issn"),
    ("note", "note"),
)
OWN = frozenset(("author_list", "papis_id", "files", "ref", "doc_url", "time-added", "citations"))


def is_work(work: Work) -> bool:
    return "title" in work and len(OWN & work.keys()) >= 2


def fill(draft: Draft, work: Work) -> None:
    kind = as_text(work.get("type"))
    draft.fields["type"] = TYPES.get(kind, "document")
    if kind in TYPES:
        del work["type"]
    listed = as_list(work.pop("author_list", None))
    author = as_text(work.pop("author", None))
    parts = [(as_text(as_map(each).get("family")), as_text(as_map(each).get("given"))) for each in listed]
    if any(family for family, _ in parts):
        draft.add("author", (Name(family, given) for family, given in parts if family))
        more = [left_over(as_map(each), "family", "given") for each in listed]
        work["author_list"] = more if any(more) else []
    else:
        draft.add("author", (people.natural(each) for each in re.split(r"\s+and\s+|\s*;\s*", author) if each))
    editors = re.split(r"\s+and\s+", as_text(work.pop("editor", None)))
    draft.add("editor", (people.natural(each) for each in editors if each))
    for key, field in TEXT:
        if text := as_text(work.get(key)):
            draft.put(field, text, key)
            del work[key]
    year, month = as_text(work.pop("year", None)), as_text(work.pop("month", None))
    if found := dates.parse(year, month):
        draft.fields["issued"] = found
    if as_text(work.get("archiveprefix")).lower() == "arxiv" and (number := as_text(work.pop("eprint", None))):
        draft.put("arxiv_id", number, "eprint")
        del work["archiveprefix"]
    tags = work.pop("tags", None)
    draft.add_keywords(tags.split() if isinstance(tags, str) else map(as_text, as_list(tags)))
    for file in as_list(work.pop("files", None)):
        draft.keep("file", as_text(file))


def held(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else (value,)


JSON = json_format(
    name="papis", summary="papis", held=held, is_work=is_work, accepts=lambda work: "title" in work, fill=fill
)


def read(text: str, options: ReadOptions) -> Batch:
    if text.lstrip("\ufeff \r\n\t")[:1] in ("{", "["):
        assert JSON.read is not None
        return JSON.read(text, options)
    return collect(_yaml(text, options))


def _yaml(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
    index = 0
    for document in yamlworks.values(text, options.source):
        if isinstance(document, Problem):
            yield document
            continue
        for work in as_list(document):
            origin = Origin(options.source, getattr(work, "line", 0), index)
            if not isinstance(work, dict):
                yield Problem("no document of papis: a mapping was expected", origin, text=str(work)[:2000])
                continue
            draft = Draft(origin)
            fill(draft, work)
            if remaining := left_over(work):
                draft.keep(name_of_rest("papis"), jsontext.dumps(remaining, compact=True))
            index += 1
            yield draft.record()
            yield from draft.problems


def looks_like(head: str) -> bool:
    assert JSON.looks_like is not None
    if head.lstrip("\ufeff \r\n\t")[:1] in ("{", "["):
        return JSON.looks_like(head)
    if "title:" not in head or not re.search(r"^(?:author_list|papis_id|files):", head, re.MULTILINE):
        return False
    return isinstance(found := yamlworks.head_value(head), dict) and is_work(found)


FORMAT = Format(
    name="papis",
    summary="papis: info.yaml, or its export as JSON",
    suffixes=(),
    looks_like=looks_like,
    read=read,
)
