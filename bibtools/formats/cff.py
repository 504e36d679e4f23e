"""Citation File Format, the CITATION.cff of software on GitHub and Zenodo: read and written.

Source: https://github.com/citation-file-format/citation-file-format/blob/main/schema-guide.md, version 1.2.0. A file holds the
software (or data) itself, the citation its authors prefer, and references: a record each. A head that says no more than its
preferred citation does is not another work.

Writing: the first record is the work itself if it is software or data, else its preferred citation; the others are references.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bibtools import dates, jsontext
from bibtools.format import Format, ReadOptions, WriteOptions, collect
from bibtools.formats import people, yamlworks
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, left_over, name_of_rest
from bibtools.record import FIELDS, Batch, Date, Name, Origin, Problem, Record

__all__ = ["FORMAT", "losses", "read", "write"]

TYPES: tuple[tuple[str, str], ...] = (  # CFF, CSL; of several for one of CSL the first is written
    ("article", "article-journal"),
    ("magazine-article", "article-magazine"),
    ("newspaper-article", "article-newspaper"),
    ("conference-paper", "paper-conference"),
    ("unpublished", "article"),
    ("book", "book"),
    ("monograph", "book"),
    ("edited-work", "book"),
    ("proceedings", "book"),
    ("conference", "book"),
    ("thesis", "thesis"),
    ("report", "report"),
    ("government-document", "report"),
    ("manual", "report"),
    ("software", "software"),
    ("software-code", "software"),
    ("software-container", "software"),
    ("software-executable", "software"),
    ("software-virtual-machine", "software"),
    ("dataset", "dataset"),
    ("data", "dataset"),
    ("database", "dataset"),
    ("website", "webpage"),
    ("blog", "post-weblog"),
    ("standard", "standard"),
    ("patent", "patent"),
    ("map", "map"),
    ("encyclopedia", "entry-encyclopedia"),
    ("dictionary", "entry-dictionary"),
    ("manuscript", "manuscript"),
    ("pamphlet", "pamphlet"),
    ("personal-communication", "personal_communication"),
    ("film-broadcast", "motion_picture"),
    ("video", "motion_picture"),
    ("sound-recording", "song"),
    ("music", "musical_score"),
    ("art", "graphic"),
    ("hearing", "hearing"),
    ("legal-case", "legal_case"),
    ("statute", "legislation"),
    ("legal-rule", "regulation"),
    ("bill", "bill"),
    ("serial", "periodical"),
    ("slides", "speech"),
    ("generic", "document"),
)
CSL = dict(TYPES)
WORD = {csl: word for word, csl in reversed(TYPES)} | {"chapter": "generic"}
TEXT: tuple[tuple[str, str], ...] = (
    ("title", "title"),
    ("abbreviation", "title_short"),
    ("journal", "container_title"),
    ("collection-title", "container_title"),
    ("volume-title", "volume_title"),
    ("volume", "volume"),
    ("issue", "issue"),
    ("number", "number"),
    ("edition", "edition"),
    ("version", "version"),
    ("number-volumes", "number_of_volumes"),
    ("section", "chapter_number"),
    ("pages", "number_of_pages"),
    ("thesis-type", "genre"),
    ("medium", "medium"),
    ("status", "status"),
    ("doi", "doi"),
    ("url", "url"),
    ("isbn", "isbn"),
    ("issn", "issn"),
    ("pmcid", "pmcid"),
    ("abstract", "abstract"),
    ("notes", "note"),
)
PEOPLE = (
    ("authors", "author"),
    ("editors", "editor"),
    ("translators", "translator"),
    ("editors-series", "collection_editor"),
)
PERSON = (
    ("family-names", "family"),
    ("given-names", "given"),
    ("name-particle", "non_dropping_particle"),
    ("name-suffix", "suffix"),
)
DATED = (
    ("date-released", "issued"),
    ("date-published", "issued"),
    ("issue-date", "issued"),
    ("date-accessed", "accessed"),
)


def read(text: str, options: ReadOptions) -> Batch:
    return collect(_read(text, options))


def _read(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
    index = 0
    for document in yamlworks.values(text, options.source):
        if isinstance(document, Problem):
            yield document
            continue
        if not isinstance(document, dict):
            yield Problem(
                "no Citation File Format: a mapping was expected", Origin(options.source), text=str(document)[:200]
            )
            continue
        preferred = as_map(document.pop("preferred-citation", None))
        references = as_list(document.pop("references", None))
        works: list[Any] = [*([preferred] if preferred else []), *references]
        if not (preferred and _repeats(document, preferred)):
            works.insert(0, document)
        for work in works:
            origin = Origin(options.source, getattr(work, "line", 0), index)
            if not isinstance(work, dict):
                yield Problem("a reference is no mapping", origin, text=str(work))
                continue
            draft = Draft(origin)
            _fill(draft, work, head=work is document)
            if remaining := left_over(work):
                draft.keep(name_of_rest("cff"), jsontext.dumps(remaining, compact=True))
            index += 1
            yield draft.record()
            yield from draft.problems


MESSAGE = "If you use this work, please cite it as below."  # a file must have one; ours
HEAD = frozenset(("cff-version", "message", "title", "authors"))


def _repeats(head: Work, preferred: Work) -> bool:
    return set(head) <= HEAD and all(head.get(key) == preferred.get(key) for key in ("title", "authors"))


def _fill(draft: Draft, work: Work, *, head: bool) -> None:
    kind = as_text(work.pop("type", "software" if head else ""))
    draft.fields["type"] = CSL.get(kind, "document")
    if kind not in CSL:
        draft.keep("cff type", kind)
    if head:
        work.pop("cff-version", None)
        if work.get("message") == MESSAGE:
            del work["message"]
    for key, field in TEXT:
        value = work.get(key)
        if isinstance(value, str):
            draft.put(field, as_text(work.pop(key)), key)
    for key, role in PEOPLE:
        work[key] = _people(draft, role, work.pop(key, None))
    for key, field in DATED:
        draft.put_date(field, as_text(work.pop(key, None)), key)
    year, month = as_text(work.pop("year", None)), as_text(work.pop("month", None))
    if found := dates.parse(year, month):
        draft.put_parsed("issued", found, f"{year}-{month}".strip("-"), "year")
    draft.put_date("original_date", as_text(work.pop("year-original", None)), "year-original")
    begin, end = as_text(work.pop("start", None)), as_text(work.pop("end", None))
    draft.put("page", f"{begin}–{end}" if begin and end and begin != end else begin or end, "pages")
    for key, field in (("publisher", "publisher"), ("institution", "publisher"), ("conference", "event_title")):
        entity = as_map(work.get(key))
        draft.put(field, as_text(entity.pop("name", None)), key)
        if key == "publisher":
            draft.put("publisher_place", as_text(entity.pop("city", None)), "city")
    draft.add_keywords(as_text(each) for each in as_list(work.pop("keywords", None)))
    for language in as_list(work.pop("languages", None)):
        draft.put("language", as_text(language), "languages")
    _identifiers(draft, work)
    for key in ("repository-code", "repository", "repository-artifact", "license"):
        if isinstance(work.get(key), str):
            draft.keep(key, as_text(work.pop(key)))


def _identifiers(draft: Draft, work: Work) -> None:
    remaining = []
    for each in as_list(work.pop("identifiers", None)):
        entry = as_map(each)
        kind, value = as_text(entry.get("type")), as_text(entry.get("value"))
        if kind in ("doi", "url") and draft.get(kind) in ("", value):
            draft.put(kind, value, kind)
            if not left_over(entry, "type", "value"):
                continue
        remaining.append(each)
    work["identifiers"] = remaining


def _people(draft: Draft, role: str, value: Any) -> list[Any]:
    remaining = []
    for each in as_list(value):
        person = as_map(each)
        parts = {field: text for key, field in PERSON if (text := as_text(person.pop(key, None)))}
        entity = as_text(person.pop("name", None))
        if parts:
            draft.add(role, (Name(**parts),))
        elif entity or isinstance(each, str):
            draft.add(role, (people.organisation(entity or each),))
        else:
            draft.add(role, (people.organisation(as_text(person.pop("alias", None))),))
        if more := left_over(person):
            remaining.append({"name": entity or parts.get("family", ""), **more})
    return remaining


# --- out --------------------------------------------------------------------------------------------------------------


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    works = iter(records)
    first = next(works, None)
    if first is None:
        return
    own = first.type in ("software", "dataset")
    head: Work = {"cff-version": "1.2.0", "message": MESSAGE}
    if own:
        head |= _work(first)
    else:
        head |= {"title": first.title or "untitled", "authors": _written(first.author) or [{"name": "unknown"}]}
        head["preferred-citation"] = {**_work(first), "title": head["title"], "authors": head["authors"]}
    yield yamlworks.dumped(head)
    for place, record in enumerate(works):
        lines = yamlworks.dumped([_work(record)]).splitlines()
        yield ("references:\n" if not place else "") + "".join(f"  {line}\n" for line in lines)


def _work(record: Record) -> Work:
    work: Work = {"type": WORD.get(record.type, "generic")}
    container = "journal" if record.type.startswith("article") else "collection-title"
    for key, field in TEXT:
        if field == "container_title" and key != container:
            continue
        if value := getattr(record, field):
            work[key] = value
    for key, role in PEOPLE:
        if names := getattr(record, role):
            work[key] = _written(names)
    if record.publisher:
        key = "institution" if record.type in ("thesis", "report") else "publisher"
        work[key] = {"name": record.publisher}
        if record.publisher_place and key == "publisher":
            work[key]["city"] = record.publisher_place
    if record.event_title:
        work["conference"] = {"name": record.event_title}
    work |= _dated(record.issued, own=record.type in ("software", "dataset"))
    if record.accessed.parts and len(record.accessed.parts) == 3:
        work["date-accessed"] = dates.edtf(record.accessed)
    if record.page:
        begin, _, end = record.page.partition("–")
        work |= {"start": begin} | ({"end": end} if end else {})
    if record.keyword:
        work["keywords"] = list(record.keyword)
    if record.language:
        work["languages"] = [record.language]
    for name, value in record.extra:
        if name in ("repository-code", "repository", "repository-artifact", "license"):
            work.setdefault(name, value)
    return work


def _dated(date: Date, *, own: bool) -> Work:
    if not date.parts or date.parts[0] < 0:
        return {}
    year, *rest = date.parts
    if len(rest) == 2:
        return {"date-released" if own else "date-published": f"{year:04d}-{rest[0]:02d}-{rest[1]:02d}"}
    return {"year": year} | ({"month": rest[0]} if rest else {})


def _written(names: tuple[Name, ...]) -> list[Work]:
    return [{key: text for key, field in PERSON if (text := getattr(each, field))} if not each.literal else {"name": each.literal}
            for each in map(_undropped, names)]  # fmt: skip


def _undropped(name: Name) -> Name:
    """CFF knows one kind of particle."""
    particle = name.non_dropping_particle or name.dropping_particle
    return replace(name, non_dropping_particle=particle, dropping_particle="") if particle else name


def losses(record: Record) -> tuple[str, ...]:
    """The fields that say something else, or nothing, when the record was written and is read again."""
    found = read("".join(write((record,), WriteOptions())), ReadOptions()).records
    back = found[-1] if found else Record()
    return tuple(name for name in FIELDS if getattr(back, name) != getattr(record, name))


def looks_like(head: str) -> bool:
    return "cff-version" in head and isinstance(found := yamlworks.head_value(head), dict) and "cff-version" in found


FORMAT = Format(
    name="cff",
    summary="Citation File Format (CITATION.cff)",
    suffixes=(".cff",),
    looks_like=looks_like,
    read=read,
    write=write,
    losses=losses,
)
