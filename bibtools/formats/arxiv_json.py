"""The public metadata snapshot of arXiv: one JSON object a line, several gigabytes, so it is read line by line.

``authors`` is arXiv's raw string and decides; ``authors_parsed``, which the snapshot adds, is used only where the string
is missing. ``issued`` is the day of the highest version, by which arXiv dates and keys a paper, ``submitted`` that of the
first; the days between are not kept. Fields without a place in the Record go to ``extra`` under their own names.

Source: the field names of https://www.kaggle.com/datasets/Cornell-University/arxiv.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from bibtools import arxiv, dates, identifiers
from bibtools.format import Format, ReadOptions, collect
from bibtools.record import Batch, Date, Origin, Problem, Record

__all__ = ["FORMAT", "record_of"]

_KNOWN = frozenset("id title authors abstract categories doi comments versions update_date authors_parsed".split())
_STAMP = re.compile(r"(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})")


def read_lines(lines: Iterable[str], options: ReadOptions) -> Iterator[Record | Problem]:
    """Each line's record, or what is wrong with it."""
    place = 0
    for number, line in enumerate(lines, 1):
        line = line.strip(" \t\r\n\ufeff\x00")
        if not line:
            continue
        found = _line(line, Origin(options.source, number, place))
        place += isinstance(found, Record)
        yield found


def read(text: str, options: ReadOptions) -> Batch:
    return collect(read_lines(re.split(r"\r\n|\r|\n", text), options))


def _line(line: str, origin: Origin) -> Record | Problem:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply or no number"
        return Problem(f"not a line of arXiv metadata: {reason}", origin, text=line)
    if not isinstance(values, dict) or not (_text(values, "id") or _text(values, "title")):
        return Problem("not a line of arXiv metadata: an object with id or title was expected", origin, text=line)
    return record_of(values, origin)


def record_of(values: dict[str, Any], origin: Origin) -> Record:
    """The record of a line's values."""
    first, last = _versions(values.get("versions"))
    stated = dates.parse(_text(values, "update_date"))
    issued = last or stated
    identifier = _text(values, "id")
    extra = [(name, _plain(value)) for name, value in values.items() if name not in _KNOWN]
    if stated != issued:
        extra.append(("update_date", _text(values, "update_date")))
    return arxiv.record(
        identifier=identifiers.arxiv_id(identifier) or identifier,
        title=_text(values, "title"),
        authors=_text(values, "authors") or _joined(values.get("authors_parsed")),
        abstract=_text(values, "abstract"),
        categories=tuple(_text(values, "categories").split()),
        doi=_text(values, "doi"),
        comments=_text(values, "comments"),
        issued=issued,
        submitted=first,
        extra=tuple(pair for pair in extra if pair[1]),
        origin=origin,
    )


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _plain(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _versions(versions: Any) -> tuple[Date, Date]:
    """The days of the first and of the highest version."""
    if not isinstance(versions, list):
        return Date(), Date()
    days = [(_number(each.get("version")), _day(each.get("created"))) for each in versions if isinstance(each, dict)]
    days = [each for each in days if each[1]]
    if not days:
        return Date(), Date()
    return min(days, key=lambda each: each[0])[1], max(days, key=lambda each: each[0])[1]


def _number(version: Any) -> int:
    digits = re.sub(r"\D", "", version)[:6] if isinstance(version, str) else ""
    return int(digits) if digits else 0


def _day(created: Any) -> Date:
    return _dated(created) if isinstance(created, str) else Date()


@lru_cache(maxsize=16384)  # papers of one second are many: arXiv announces in batches
def _dated(created: str) -> Date:
    match = _STAMP.search(created)
    if not match:
        found = dates.parse(created)
        return found if found.parts else Date()
    parts = (int(match[3]), dates.MONTHS.index(match[2]) + 1, int(match[1]))
    return Date(parts) if dates.valid(*parts) else Date()


def _joined(parsed: Any) -> str:
    """An author string from ``[[key name, forenames, suffix, ...], ...]``."""
    if not isinstance(parsed, list):
        return ""
    names = ([part for part in each[:3] if isinstance(part, str)] for each in parsed if isinstance(each, list))
    return ", ".join(" ".join(filter(None, (*each[1:2], *each[:1], *each[2:3]))) for each in names)


_ID = re.compile(r'"id"\s*:\s*"')
_FIRST = re.compile(r'\{\s*"(?:id|submitter|authors|title|abstract|categories|doi|versions|update_date)"\s*:')
_AUTHORS = re.compile(r'"authors"\s*:\s*(?:"|null)|"authors_parsed"\s*:\s*\[')
_OTHERS = re.compile(
    r'"(?:submitter|journal-ref|report-no|update_date|comments)"\s*:|"categories"\s*:\s*"|"versions"\s*:\s*\['
)


def looks_like(text: str) -> bool:
    """The first line is an object with arXiv's fields; it may be cut, long as author lists are."""
    first = text.lstrip("\ufeff \t\r\n").split("\n", 1)[0]
    return _FIRST.match(first) is not None and all(each.search(first) for each in (_ID, _AUTHORS, _OTHERS))


FORMAT = Format(
    name="arxiv-json",
    summary="arXiv metadata snapshot (JSON Lines)",
    suffixes=(".jsonl", ".json"),
    looks_like=looks_like,
    read=read,
    read_lines=read_lines,
)
