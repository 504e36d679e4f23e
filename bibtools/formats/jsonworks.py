"""Works in the JSON of services: found in whatever an answer wraps them in, recognised by keys of their own, read one by one.

A text is one work, a list, an answer that encloses works, or JSON Lines (any size: read line by line). A cut text costs its
last work. What a service says and no field holds is kept, as one JSON object, in ``extra`` under ``<service> rest``: a name
that no .bib takes for a field, since nobody wants Crossref's bookkeeping in a .bib; ``records`` carries it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from bibtools import jsontext
from bibtools.format import Format, LineReader, Reader, ReadOptions, collect
from bibtools.formats.draft import Draft
from bibtools.jsontext import NotJSONError
from bibtools.record import Batch, Origin, Problem, Record

__all__ = ["Held", "as_list", "as_map", "as_text", "json_format", "left_over", "name_of_rest"]

Work = dict[str, Any]
Held = Callable[[Any], Iterable[Any]]  # the works that a value encloses; the value itself when it is one
Fill = Callable[[Draft, Work], None]  # takes out of the work what it places; the rest is kept
EMPTY: tuple[Any, ...] = (None, "", [], {})


def as_text(value: Any) -> str:
    """A text or a number as text; ``""`` for everything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def as_map(value: Any) -> Work:
    return value if isinstance(value, dict) else {}


def left_over(values: Work, *drop: str) -> Work:
    """What of an object says something and is not placed."""
    return {key: value for key, value in values.items() if key not in drop and value not in EMPTY}


def name_of_rest(service: str) -> str:
    """The name in ``extra`` of what has no field."""
    return f"{service} rest"


# --- recognising ------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{},]', re.DOTALL)
CLOSING = {"[": "]", "{": "}"}
DEEPEST = jsontext.DEEPEST


def closed(text: str) -> tuple[str, int]:
    """A cut JSON text ended after its last whole value, and where it was cut; ``("", 0)`` where nothing is whole."""
    stack: list[str] = []
    last: tuple[int, tuple[str, ...]] = (0, ())
    for token in TOKEN.finditer(text):
        mark = token[0]
        if mark in CLOSING:
            stack.append(CLOSING[mark])
            if len(stack) > DEEPEST:
                break
        elif mark == "," or mark in "]}":
            if mark != "," and (not stack or stack.pop() != mark):
                break
            at = token.start() if mark == "," else token.end()
            last = (at, tuple(stack))
            if not stack:
                break
    at, still_open = last
    return (text[:at] + "".join(reversed(still_open)), at) if at else ("", 0)


@lru_cache(maxsize=4)  # every format that speaks JSON asks for the same head
def head_value(head: str) -> Any:
    """The first value of a text that may be cut; `None` where it is no JSON."""
    at = jsontext.skip(head, 1 if head.startswith("\ufeff") else 0)
    if head[at : at + 1] not in ("{", "["):
        return None
    try:
        return jsontext.decode_at(head, at)[0]
    except NotJSONError as error:
        if not error.cut:
            return None
    try:
        return jsontext.loads(closed(head[at:])[0])
    except NotJSONError:
        return None


# --- reading ----------------------------------------------------------------------------------------------------------


NEXT = re.compile(r"(?:\},\s*|\n[ \t]*)(?=\{)")
MOST_TRIES = 200  # places behind a broken work where the next may begin


def _values(text: str, is_one: Callable[[Any], bool]) -> Iterator[tuple[int, Any]]:
    """Offset and value of every JSON value of a text (of a list its members); a broken one is its error and a text."""
    at = jsontext.skip(text, 1 if text.startswith("\ufeff") else 0)
    listed = text[at : at + 1] == "["
    at = jsontext.skip(text, at + listed)
    while at < len(text) and not (listed and text[at] == "]"):
        try:
            value, end = jsontext.decode_at(text, at)
        except NotJSONError as error:
            end = len(text) if error.cut else _resumed(text, max(at, error.at), is_one)
            yield at, (error, text[at:end])
            at = end
            continue
        yield at, value
        at = jsontext.skip(text, end)
        if listed and text[at : at + 1] == ",":
            at = jsontext.skip(text, at + 1)
        elif listed and text[at : at + 1] not in ("]", "{"):
            yield at, (NotJSONError("the JSON ends too early", at, at >= len(text)), text[at:])
            return
    behind = jsontext.skip(text, at + 1)
    if listed and behind < len(text):
        yield behind, (NotJSONError("more text behind the list", behind), text[behind:])


def _resumed(text: str, at: int, is_one: Callable[[Any], bool]) -> int:
    """Where behind a broken value the next whole one begins; the end of the text if nowhere."""
    for tries, found in enumerate(NEXT.finditer(text, at)):
        if tries == MOST_TRIES:
            break
        try:
            value, _ = jsontext.decode_at(text, found.end())
        except NotJSONError:
            continue
        if is_one(value):
            return found.end()
    return len(text)


def _cut(text: str, error: NotJSONError, held: Held) -> tuple[list[Any], str]:
    """The whole works of an answer that ends too early, and the text that is lost with the last one."""
    if not error.cut:
        return [], text
    ended, at = closed(text)
    try:
        works = list(held(jsontext.loads(ended))) if ended else []
    except NotJSONError:
        works = []
    return works[:-1], text[at:]


def json_format(
    *,
    name: str,
    summary: str,
    is_work: Callable[[Work], bool],
    fill: Fill,
    held: Held,
    accepts: Callable[[Work], bool] | None = None,
    told: Callable[[Any], str] = lambda _: "",
) -> Format:
    """A reading format for the JSON of one service.

    ``held`` gives the works of a value, ``is_work`` knows one by keys of its own (``accepts``, where given, reads more than
    that: works of which an answer shows few fields), ``fill`` places what it holds and takes it out of the dictionary.
    ``told`` may say something about an answer as a whole (how many results it does not hold).
    """
    rest = name_of_rest(name)
    accepted = accepts or is_work

    def looks_like(head: str) -> bool:
        value = head_value(head)
        first = next((each for each in held(value) if isinstance(each, dict)), None) if value is not None else None
        return first is not None and is_work(first)

    def record(work: Any, origin: Origin) -> Iterator[Record | Problem]:
        if not isinstance(work, dict) or not accepted(work):
            severity = "warning" if work is None else "error"  # how services say "not found"
            text = work if isinstance(work, str) else jsontext.dumps(work)
            yield Problem(f"no work of {name}", origin, severity, text)
            return
        draft = Draft(origin)
        fill(draft, work)
        if remaining := left_over(work):
            draft.keep(rest, jsontext.dumps(remaining, compact=True))
        yield draft.record()
        yield from draft.problems

    def is_one(value: Any) -> bool:
        return any(isinstance(each, dict) and accepted(each) for each in held(value))

    def stream(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
        line, counted, index = 1, 0, 0
        for at, value in _values(text, is_one):
            line, counted = line + text.count("\n", counted, at), at
            if isinstance(value, tuple):
                error, broken = value
                works, lost = _cut(broken, error, held)
            else:
                works, error, lost = list(held(value)), None, ""
                if said := told(value):
                    yield Problem(said, Origin(options.source, line), "note")
            for work in works:
                for found in record(work, Origin(options.source, line, index)):
                    index += isinstance(found, Record)
                    yield found
            if error is not None:
                place = line + text.count("\n", at, max(at, error.at))
                yield Problem(str(error), Origin(options.source, place, index), text=lost)

    def read_lines(lines: Iterable[str], options: ReadOptions) -> Iterator[Record | Problem]:
        """JSON Lines one by one; a text whose first line is not a whole value is held and read as one."""
        index = 0
        remaining = iter(lines)
        for number, raw in enumerate(remaining, 1):
            line = raw.strip(" \t\r\n\ufeff\x00")
            if not line:
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                if not index:
                    yield from stream("\n" * (number - 1) + raw + "".join(remaining), options)
                    return
                yield Problem(
                    f"not a line of JSON: {str(error)[:100]}", Origin(options.source, number, index), text=line
                )
                continue
            if said := told(value):
                yield Problem(said, Origin(options.source, number), "note")
            for work in held(value):
                for found in record(work, Origin(options.source, number, index)):
                    index += isinstance(found, Record)
                    yield found

    def read(text: str, options: ReadOptions) -> Batch:
        return collect(read_lines(re.split(r"(?<=\n)", text), options))

    line_reader: LineReader = read_lines
    reader: Reader = read
    return Format(
        name=name,
        summary=summary,
        suffixes=(".json", ".jsonl"),
        looks_like=looks_like,
        read=reader,
        read_lines=line_reader,
    )


def enclosed(value: Any, *paths: tuple[str, ...]) -> Iterator[Any]:
    """The works at the first path that leads somewhere, of a list each member's; the value itself where none does."""
    for member in value if isinstance(value, list) else (value,):
        for path in paths:
            inner = member
            for key in path:
                inner = inner.get(key) if isinstance(inner, dict) else None
            if inner is not None:
                yield from chain(inner if isinstance(inner, list) else (inner,))
                break
        else:
            yield member
