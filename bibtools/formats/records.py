r"""``records``: our own JSON Lines, one `Record` a line. The format of ``--incomplete`` and the one that loses nothing.

A line is a JSON object whose keys are the fields of `Record`, in their order; ``type`` always, the others where they differ
from empty. Names and dates are objects of their own fields, ``other_creators`` and ``extra`` lists of pairs::

    {"id":"knuth1984","type":"book","title":"The TeXbook","author":[{"family":"Knuth","given":"Donald E."}],
     "issued":{"parts":[1984]},"extra":[["howpublished","paper"]]}

(on one line). ``origin`` is not written: what is read has the origin of the file it is read from. A field that we do not
know, or whose value has the wrong shape, is kept in ``extra`` under its name and told, so a file of a later version of this
program, or one edited by hand, comes through. One bad line costs that line. Lines end in ``\n`` only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, fields
from typing import Any

from bibtools import jsontext
from bibtools.format import Format, ReadOptions, WriteOptions, collect
from bibtools.record import Batch, Date, Name, Origin, Problem, Record

__all__ = ["FORMAT", "losses", "read", "read_lines", "write"]


class WrongShapeError(ValueError):
    """A value that its field cannot hold."""


# --- values to JSON ---------------------------------------------------------------------------------------------------

DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(Record) if each.compare}
assert MISSING not in DEFAULTS.values()
NAME_PARTS = tuple(each.name for each in fields(Name))
DATE_PARTS: dict[str, Any] = {each.name: each.default for each in fields(Date)}


def _name_out(name: Name) -> dict[str, str]:
    return {part: value for part in NAME_PARTS if (value := getattr(name, part))}


def _date_out(date: Date) -> dict[str, Any]:
    return {part: value for part, empty in DATE_PARTS.items() if (value := getattr(date, part)) != empty}


def _out(value: Any) -> Any:
    """A field's value in JSON's types; tuples are lists to `json` already."""
    if isinstance(value, Date):
        return _date_out(value)
    if isinstance(value, Name):
        return _name_out(value)
    if isinstance(value, tuple):
        return [_out(each) for each in value]
    return value


def line(record: Record) -> str:
    """A record as one line of JSON, without the line's end."""
    present = {
        name: value if isinstance(value, str) else _out(value)
        for name, empty in DEFAULTS.items()
        if (value := getattr(record, name)) != empty or name == "type"
    }
    return jsontext.dumps(present, compact=True)


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    for record in records:
        yield line(record) + "\n"


def losses(record: Record) -> tuple[str, ...]:
    """Nothing: that is what this format is for."""
    return ()


# --- JSON to values ---------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise WrongShapeError


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise WrongShapeError


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise WrongShapeError


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(value))


def _name(value: Any) -> Name:
    if isinstance(value, dict) and type(value) is not jsontext.Repeated and value.keys() <= set(NAME_PARTS):
        return Name(**{part: _text(each) for part, each in value.items()})
    raise WrongShapeError


def _names(value: Any) -> tuple[Name, ...]:
    return tuple(_name(each) for each in _list(value))


def _creators(value: Any) -> tuple[tuple[str, tuple[Name, ...]], ...]:
    return tuple((_text(role), _names(names)) for role, names in _pairs(value))


def _pairs(value: Any) -> list[list[Any]]:
    if all(isinstance(each, list) and len(each) == 2 for each in _list(value)):
        return list(value)
    raise WrongShapeError


def _extra(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((_text(name), _text(each)) for name, each in _pairs(value))


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise WrongShapeError


def _integers(value: Any) -> tuple[int, ...]:
    return tuple(_integer(each) for each in _list(value))


DATE_READERS: dict[str, Callable[[Any], Any]] = {
    "parts": _integers,
    "end": _integers,
    "season": _integer,
    "circa": _flag,
    "literal": _text,
    "inferred": _flag,
}


def _date(value: Any) -> Date:
    if isinstance(value, dict) and type(value) is not jsontext.Repeated and value.keys() <= DATE_READERS.keys():
        return Date(**{part: DATE_READERS[part](each) for part, each in value.items()})
    raise WrongShapeError


def _reader(name: str, default: Any) -> Callable[[Any], Any]:
    if name == "extra":
        return _extra
    if name == "other_creators":
        return _creators
    if name in ("categories", "keyword"):
        return _texts
    by_type: dict[type, Callable[[Any], Any]] = {str: _text, bool: _flag, Date: _date, tuple: _names}
    return by_type[type(default)]


READERS: dict[str, Callable[[Any], Any]] = {name: _reader(name, default) for name, default in DEFAULTS.items()}


def _record(value: dict[str, Any], origin: Origin) -> tuple[Record, list[Problem]]:
    """The record of one object; what does not fit goes to ``extra`` as text, a problem each."""
    known: dict[str, Any] = {}
    unplaced: list[tuple[str, Any, str]] = []
    for name, each in value.items():
        reader = READERS.get(name)
        if reader is None:
            unplaced.append((name, each, "is not a field of a record"))
            continue
        try:
            known[name] = reader(each)
        except WrongShapeError:
            unplaced.append((name, each, "has a value of the wrong shape"))
    again = value.again if isinstance(value, jsontext.Repeated) else ()
    unplaced += [(name, each, "stands twice, the first one counts") for name, each in again]
    rest = tuple((name, each if isinstance(each, str) else jsontext.dumps(each)) for name, each, _ in unplaced)
    problems = [Problem(f"{name!r} {why}; kept in extra", origin, "warning") for name, _, why in unplaced]
    known["extra"] = known.get("extra", ()) + rest
    return Record(**known, origin=origin), problems


def read_lines(lines: Iterable[str], options: ReadOptions) -> Iterator[Record | Problem]:
    """Records and problems as the lines come: a file larger than memory passes through."""
    index = 0
    for number, text in enumerate(lines, 1):
        if not text.strip(" \t\r\n\ufeff"):
            continue
        origin = Origin(options.source, number, index)
        try:
            value = jsontext.loads(text.lstrip("\ufeff") if number == 1 else text)
            if not isinstance(value, dict):
                yield Problem("a line of records is a JSON object", origin, text=text.rstrip("\r\n"))
                continue
            record, problems = _record(value, origin)
        except jsontext.NotJSONError as error:
            yield Problem(str(error), origin, text=text.rstrip("\r\n"))
            continue
        index += 1
        yield record
        yield from problems


def read(text: str, options: ReadOptions) -> Batch:
    return collect(read_lines(text.split("\n"), options))


# --- recognition ------------------------------------------------------------------------------------------------------

CUT_LINE = re.compile(r'\{"(?:id":"(?:[^"\\]|\\.)*",")?type":"[a-z_-]*","(\w+)":[^\n]*\Z')


def looks_like(head: str) -> bool:
    """One object on the first line, all its keys fields of a Record (so no ``container-title``, no ``DOI``: that is CSL)."""
    first, end, _ = head.lstrip("\ufeff \t\r\n").partition("\n")
    if not first.startswith("{"):
        return False
    try:
        value = jsontext.loads(first)
    except jsontext.NotJSONError:
        cut = None if end else CUT_LINE.match(first)
        return cut is not None and cut[1] in READERS
    if not isinstance(value, dict) or not value or not value.keys() <= READERS.keys():
        return False
    try:
        return all(READERS[name](each) is not None for name, each in value.items())
    except WrongShapeError:
        return False


FORMAT = Format(
    name="records",
    summary="our own JSON Lines, one record a line: carries everything",
    suffixes=(".jsonl",),
    looks_like=looks_like,
    read=read,
    read_lines=read_lines,
    write=write,
    losses=losses,
)
