"""What a source says against what was read from it: every leaf is in a field, in ``extra``, or in a problem's text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from bibtools import dates, fold
from bibtools.formats import marked
from bibtools.record import Batch, Date, Name, filled

MONTHS = (
    "january february march april may june july august september october november december".split(),
    [each.lower() for each in dates.MONTHS],
)


def words(text: str) -> set[str]:
    plain = re.sub(r"<[^<>]{1,80}>", " ", marked.text(text))
    return set(re.findall(r"[^\W_]+", fold.composed(plain).lower()))


def said(batch: Batch) -> set[str]:
    """Every word of every record and problem; of dates their numbers and months in each way of writing them."""
    found = set("http https www dx doi org arxiv abs".split())  # of addresses that are an identifier now
    for record in batch.records:
        for _, value in filled(record):
            for text in _texts(value):
                found |= words(text)
    for problem in batch.problems:
        found |= words(problem.text) | words(problem.message)
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Name):
        yield " ".join(
            (
                value.given,
                value.dropping_particle,
                value.non_dropping_particle,
                value.family,
                value.suffix,
                value.literal,
            )
        )
        yield (value.family + value.given).replace(" ", "").replace(".", "")
        yield value.given.replace(" ", "").replace(".", "")
    elif isinstance(value, Date):
        yield value.literal
        for parts in (value.parts, value.end or ()):
            yield " ".join(f"{each} {each:02d}" for each in parts)
            yield "".join(f"{each:02d}" for each in parts)
            if len(parts) > 1:
                yield " ".join(names[parts[1] - 1] for names in MONTHS)
        yield ("", "spring", "summer", "autumn fall", "winter")[value.season]
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


def json_leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from json_leaves(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from json_leaves(inner, path)
    elif value is not None and not isinstance(value, bool):
        yield path, str(value)


def xml_leaves(element: Element, path: str = "") -> Iterator[tuple[str, str]]:
    here = f"{path}/{element.tag.rpartition('}')[2]}"
    for name, value in element.attrib.items():
        yield f"{here}/@{name}", value
    yield here, element.text or ""
    for child in element:
        yield from xml_leaves(child, here)
        yield here, child.tail or ""


def unsaid(leaves: Iterable[tuple[str, str]], batch: Batch, mapped: str = r"(?!)") -> list[tuple[str, str]]:
    """The leaves of which a word is nowhere; ``mapped`` matches paths whose words a table turns into others."""
    known = said(batch)
    whole = " ".join(known)
    return [
        (path, text)
        for path, text in leaves
        if text.strip()
        and not re.search(mapped, path)
        and not all(word in known or (len(word) > 3 and word in whole) for word in words(text))
    ]
