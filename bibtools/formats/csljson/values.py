"""Values of CSL-JSON, as exporters really write them: text, names, dates."""

from __future__ import annotations

import re
from typing import Any

from bibtools import jsontext
from bibtools.formats.csljson.vocabulary import PART_OF, SEASONS
from bibtools.record import Date, Name, Origin, Problem

__all__ = ["Item", "date", "names", "text"]

DATE_KEYS = frozenset({"date-parts", "season", "circa", "literal", "raw"})
CERTAIN = (None, False, 0, "", "0", "false")  # what `circa` says where it says nothing


class Item:
    """One item while it is read: what is placed, what has no place, and what to tell about it."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.fields: dict[str, Any] = {}
        self.extra: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self.has_derived_url = False

    def keep(self, name: str, value: Any, why: str = "") -> None:
        """Into ``extra`` with it; ``why`` is told unless it is an ordinary thing."""
        if value is None:
            return
        self.extra.append((name, value if isinstance(value, str) else jsontext.dumps(value)))
        if why:
            self.problems.append(Problem(f"{name!r} {why}; kept in extra", self.origin, "warning"))


def text(value: Any) -> str | None:
    """Text, or a number as text, or the one text of a list; nothing is ``""``; `None` for everything else."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and len(value) == 1:
        return text(value[0])
    return None


def _name(value: Any) -> tuple[Name, bool]:
    """A name, and whether it says all that the value says."""
    if isinstance(value, str):
        return Name(literal=value), True
    if not isinstance(value, dict):
        return Name(), False
    family, given = value.get("family"), value.get("given")
    if len(value) == 2 and type(family) is str and type(given) is str and type(value) is dict:  # nearly every name
        return Name(family, given), True
    parts = {PART_OF[key]: found for key, each in value.items() if key in PART_OF and (found := text(each)) is not None}
    whole = type(value) is not jsontext.Repeated and len(parts) == len(value)
    return Name(**parts), whole


def names(item: Item, variable: str, value: Any) -> tuple[Name, ...]:
    """The people of a creator variable: a list, or what should have been one."""
    if value is None:
        return ()
    if isinstance(value, str) and value:
        message = f"{variable!r} is text, not a list of names; taken for the name of an organisation"
        item.problems.append(Problem(message, item.origin, "warning"))
    people = [_name(each) for each in (value if isinstance(value, list) else [value])]
    if not all(whole for _, whole in people):
        item.keep(f"csl.{variable}", value, "holds more than names")
    return tuple(name for name, _ in people if name != Name())


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
        return int(value)
    return value if isinstance(value, int) else None


def _date_parts(value: Any) -> tuple[int, ...] | None:
    """One list of date-parts; ``()`` where nothing is stated, `None` where it is no date."""
    if not isinstance(value, list):
        return None
    while value and value[-1] in (None, "", 0, "0") and value[-1] is not False:
        value = value[:-1]
    numbers = tuple(number for each in value if (number := _number(each)) is not None)
    if len(numbers) < len(value) or len(numbers) > 3 or (numbers and numbers[0] == 0):
        return None
    months = range(1, 13) if len(numbers) == 3 else (*range(1, 17), *range(21, 25))
    return (
        numbers
        if all(each in months for each in numbers[1:2]) and all(1 <= each <= 31 for each in numbers[2:])
        else None
    )


def date(value: Any) -> Date | None:
    """A date variable in any form that the schema (or a known exporter) has; `None` where it is not understood."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return _parsed(str(value))
    if not isinstance(value, dict) or type(value) is jsontext.Repeated or value.keys() - DATE_KEYS:
        return None
    literal, raw, season = text(value.get("literal")), text(value.get("raw")), _season(value.get("season"))
    spans = _spans(value.get("date-parts"))
    if literal is None or raw is None or season is None or spans is None:
        return None
    parts, end = spans
    if len(parts) == 2 and parts[1] > 12:  # a season in the place of the month: 13 to 16 or, as in EDTF, 21 to 24
        season = (parts[1] - 1) % 4 + 1
        parts = parts[:1]
    circa = value.get("circa") not in CERTAIN
    if raw:
        return _parsed(raw) if not (parts or literal) else None
    return Date(parts=parts, end=end, season=season, circa=circa, literal=literal)


def _spans(value: Any) -> tuple[tuple[int, ...], tuple[int, ...] | None] | None:
    """Begin and end of ``date-parts``; `None` where they are not understood."""
    if value is None or value == []:
        return (), None
    if not isinstance(value, list) or len(value) > 2:
        return None
    read = [_date_parts(span) for span in value]
    if len(read) == 1:
        return None if read[0] is None or value[0] == [0] else (read[0], None)
    begin, end = read
    return None if begin is None or end is None else (begin, end)


def _season(value: Any) -> int | None:
    if value in (None, ""):
        return 0
    found = SEASONS.get(value.strip().lower()) if isinstance(value, str) else None
    number = found or _number(value)
    return number if number in (1, 2, 3, 4) else None


def _parsed(text: str) -> Date:
    from bibtools import dates

    return dates.parse(text)
