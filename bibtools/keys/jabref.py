"""Citation key patterns in JabRef's language: ``[auth:lower]_[year]-[shorttitle]``.

Text outside brackets stands as it is. A marker in brackets is a special marker (``auth``, ``authors3``, ``shorttitle`` ...)
or the name of a BibTeX field in any case, followed by modifiers (``:lower``, ``:abbr``, ``:truncate8``, ``:(fallback)``).
What does not exist is an error when the pattern is read, not an empty piece in every key.

Source: https://docs.jabref.org/setup/citationkeypatterns. Where JabRef's text and its examples differ (inner capitals of
``[camel]``) capitals are kept: ``JabRef`` stays. Characters that BibTeX cannot have in a key are left out, as JabRef does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from bibtools import dates
from bibtools.keys import words
from bibtools.record import Name, Record

__all__ = ["FIELDS", "MARKERS", "MODIFIERS", "compile_pattern"]

_UNWANTED = re.compile(r"""[{}()\[\],="#%~^'`ʹ\\\s]""")  # JabRef's own list, and white space
_MARKER = re.compile(r"\[((?:[^\[\]\"]|\"(?:\\.|[^\"\\])*\")*)\]")
Step = Callable[[str], str]


def compile_pattern(pattern: str) -> Callable[[Record], str]:
    """The pattern as a function; raises `ValueError` with what is wrong and what there is."""
    pieces: list[str | Callable[[Record], str]] = []
    position = 0
    for match in _MARKER.finditer(pattern):
        pieces += [pattern[position : match.start()], _marker(match[1])]
        position = match.end()
    pieces.append(pattern[position:])
    if any(isinstance(each, str) and ("[" in each or "]" in each) for each in pieces):
        raise ValueError(f"key pattern {pattern!r}: a bracket is not closed")

    def key(record: Record) -> str:
        whole = "".join(each if isinstance(each, str) else each(record) for each in pieces)
        return _UNWANTED.sub("", words.ascii_text(whole))

    return key


def _marker(content: str) -> Callable[[Record], str]:
    name, *modifiers = _split(content)
    value = _value(name.strip())
    steps = [_modifier(each) for each in modifiers]

    def expanded(record: Record) -> str:
        found = value(record)
        for step in steps:
            found = step(found)
        return found

    return expanded


def _split(content: str) -> list[str]:
    """At colons, but not within quotes or parentheses."""
    return re.findall(
        r"(?:^|(?<=:))(?:\((?:[^()])*\)|[^:(\"]*(?:\((?:[^()\"]|\"(?:\\.|[^\"\\])*\")*\))?)(?=:|$)", content
    )


# -- modifiers ----------------------------------------------------------------------------------------------------------


def _modifier(text: str) -> Step:
    if text.startswith("(") and text.endswith(")"):
        return lambda found: found or text[1:-1]
    match = re.fullmatch(r"truncate(\d+)", text)
    if match:
        length = int(match[1])
        return lambda found: found[:length].rstrip()
    match = re.fullmatch(r'regex\(\s*"((?:\\.|[^"\\])*)"\s*,\s*"((?:\\.|[^"\\])*)"\s*\)', text)
    if match:
        return _regex(match[1], match[2])
    if text not in MODIFIERS:
        known = ", ".join(f":{each}" for each in MODIFIERS)
        raise ValueError(f'unknown modifier :{text}: there are {known}, :truncateN, :regex("a","b") and :(fallback)')
    return MODIFIERS[text]


def _regex(pattern: str, replacement: str) -> Step:
    pattern, replacement = (re.sub(r"\\(\\|\")", r"\1", each) for each in (pattern, replacement))
    try:
        compiled = re.compile(pattern)
        compiled.sub(re.sub(r"\$(\d)", r"\\\1", replacement), "")
    except (re.error, IndexError) as error:
        raise ValueError(f"key pattern: regular expression {pattern!r}: {error}") from None
    return lambda found: compiled.sub(re.sub(r"\$(\d)", r"\\\1", replacement), found)


def _each_word(change: Callable[[str, int], str]) -> Step:
    return lambda text: " ".join(change(word, place) for place, word in enumerate(text.split(" ")))


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:].lower()


MODIFIERS: dict[str, Step] = {
    "abbr": lambda text: "".join(word[0] for word in re.split(r"[\s-]+", text) if word),
    "lower": str.lower,
    "upper": str.upper,
    "capitalize": _each_word(lambda word, place: _capitalised(word)),
    "titlecase": _each_word(
        lambda word, place: word.lower() if place and word.lower() in words.JABREF else _capitalised(word)
    ),
    "sentencecase": lambda text: text[:1].upper() + text[1:].lower(),
    "camel": lambda text: "".join(word[:1].upper() + word[1:] for word in text.split()),
}


# -- markers ------------------------------------------------------------------------------------------------------------


def _value(name: str) -> Callable[[Record], str]:
    plain = name.removeprefix("pure")
    if plain != name and plain.startswith("auth"):
        marker = _names_marker(plain)
        if marker:
            return lambda record: marker(record.author)
    found = _names_marker(name)
    if found:
        return lambda record: found(words.creators(record))
    editors = _names_marker(name.replace("edtr", "auth").replace("editor", "author")) if name[:2] == "ed" else None
    if editors:
        return lambda record: editors(record.editor)
    if name in MARKERS:
        return MARKERS[name]
    match = re.fullmatch(r"(keywords?)(\d+)", name)
    if match:
        return _keywords(match[1], int(match[2]))
    if name.lower() in FIELDS:
        return FIELDS[name.lower()]
    if re.fullmatch(r"[A-Z][A-Z-]*", name):  # JabRef writes fields in capitals; any field of the entry may be named
        return lambda record: record.get_extra(name.lower())
    raise ValueError(
        f"unknown marker [{name}]: there are auth, authN, authIniN, auth.etal, authEtAl, authors, authorsN, authshort, "
        f"authorsAlpha, authorLast, authForeIni (edtr... for editors), {', '.join(MARKERS)}, keywordN and the fields "
        f"{', '.join(FIELDS)}; other fields in capitals"
    )


def _last(name: Name) -> str:
    return name.literal or name.family or name.given


def _names_marker(name: str) -> Callable[[tuple[Name, ...]], str] | None:
    """The marker of author names, applied to any list of names."""
    match = re.fullmatch(r"(auth|authIni|authors)(\d+)(?:_(\d+))?", name)
    if not match:
        return _NAMES.get(name)
    kind, number, place = match[1], int(match[2]), int(match[3] or 1)
    if kind == "auth":
        return lambda names: _last(names[place - 1]).replace(" ", "")[:number] if 0 < place <= len(names) else ""
    if match[3]:
        return None
    if kind == "authIni":
        return lambda names: _beginnings(names, number)
    return lambda names: "".join(map(_last, names[:number])) + ("EtAl" if len(names) > number else "")


def _beginnings(names: tuple[Name, ...], number: int) -> str:
    """Of each last name as many letters as fit, ``number`` in all."""
    if not names:
        return ""
    share, more = divmod(number, len(names))
    return "".join(_last(each)[: share + (place < more)] for place, each in enumerate(names))


def _alpha(names: tuple[Name, ...]) -> str:
    """As BibTeX's alpha style labels: three letters of one name, an initial each of two to four, three and ``+``."""
    if len(names) == 1:
        return _last(names[0])[:3]
    shown = names if len(names) <= 4 else names[:3]
    return "".join(_last(each)[:1] for each in shown) + ("+" if len(names) > 4 else "")


def _short(names: tuple[Name, ...]) -> str:
    if len(names) == 1:
        return _last(names[0])
    return "".join(_last(each)[:1] for each in names[:3]) + ("+" if len(names) > 3 else "")


def _pair(names: tuple[Name, ...], between: str, more: str) -> str:
    if len(names) > 2:
        return _last(names[0]) + more
    return between.join(map(_last, names))


def _initial(names: Iterable[Name]) -> str:
    return next((each.given[:1] for each in names), "")


_NAMES: dict[str, Callable[[tuple[Name, ...]], str]] = {
    "auth": lambda names: _last(names[0]) if names else "",
    "authFirstFull": lambda names: names[0].surname.replace(" ", "") if names else "",
    "authForeIni": _initial,
    "auth.etal": lambda names: _pair(names, ".", ".etal"),
    "authEtAl": lambda names: _pair(names, "", "EtAl"),
    "auth.auth.ea": lambda names: ".".join(map(_last, names[:2])) + (".ea" if len(names) > 2 else ""),
    "authors": lambda names: "".join(map(_last, names)),
    "authorsAlpha": _alpha,
    "authorIni": lambda names: (_last(names[0])[:5] + "".join(_last(each)[:1] for each in names[1:])) if names else "",
    "authorLast": lambda names: _last(names[-1]) if names else "",
    "authorLastForeIni": lambda names: _initial(names[-1:]),
    "authshort": _short,
}


def _title_words(record: Record) -> list[str]:
    """Words of letters and digits; hyphens and slashes part them, other punctuation vanishes."""
    title = re.sub(r"[-‐–—/]", " ", words.plain_title(record))
    found = ("".join(char for char in word if char.isalnum()) for word in title.split())
    return [each for each in found if each]


def _significant(record: Record, count: int) -> list[str]:
    kept = [word for word in _title_words(record) if word.lower() not in words.JABREF]
    return [word[:1].upper() + word[1:] for word in kept[:count]]


def _titled(record: Record) -> str:
    found = _title_words(record)
    return " ".join(
        word if place and word.lower() in words.JABREF else word[:1].upper() + word[1:]
        for place, word in enumerate(found)
    )


def _pages(record: Record, choose: Callable[[list[int]], int]) -> str:
    numbers = [int(each) for each in re.findall(r"\d{1,9}", record.page)]
    return str(choose(numbers)) if numbers else ""


def _keywords(kind: str, number: int) -> Callable[[Record], str]:
    if kind == "keywords":
        return lambda record: "".join(record.keyword[:number])
    return lambda record: record.keyword[number - 1] if 0 < number <= len(record.keyword) else ""


MARKERS: dict[str, Callable[[Record], str]] = {
    "shorttitle": lambda record: " ".join(_significant(record, 3)),
    "shorttitleINI": lambda record: "".join(word[0] for word in _significant(record, 3)),
    "veryshorttitle": lambda record: " ".join(_significant(record, 1)),
    "camel": lambda record: " ".join(word[:1].upper() + word[1:] for word in _title_words(record)),
    "title": _titled,
    "fulltitle": words.plain_title,
    "entrytype": lambda record: record.entry_type or record.type,
    "firstpage": lambda record: _pages(record, min),
    "lastpage": lambda record: _pages(record, max),
    "pageprefix": lambda record: (re.match(r"\D*", record.page) or [""])[0],
    "shortyear": lambda record: words.year(record)[-2:],
    "date": lambda record: "-".join(f"{each:02d}" for each in record.issued.parts),
}


def _month(record: Record) -> str:
    return dates.MONTH_NAMES[record.issued.parts[1] - 1] if len(record.issued.parts) > 1 else ""


FIELDS: dict[str, Callable[[Record], str]] = {
    "author": lambda record: "and".join((each.given + each.surname).replace(" ", "") for each in record.author),
    "editor": lambda record: "and".join((each.given + each.surname).replace(" ", "") for each in record.editor),
    "title": words.plain_title,
    "booktitle": lambda record: record.container_title,
    "journal": lambda record: record.container_title,
    "journaltitle": lambda record: record.container_title,
    "series": lambda record: record.collection_title,
    "year": words.year,
    "month": _month,
    "day": lambda record: str(record.issued.parts[2]) if len(record.issued.parts) > 2 else "",
    "volume": lambda record: record.volume,
    "number": lambda record: record.issue or record.number,
    "issue": lambda record: record.issue,
    "pages": lambda record: record.page,
    "edition": lambda record: record.edition,
    "publisher": lambda record: record.publisher,
    "doi": lambda record: record.doi,
    "eprint": lambda record: record.arxiv_id,
    "isbn": lambda record: record.isbn,
    "issn": lambda record: record.issn,
    "keywords": lambda record: "".join(record.keyword),
    "citationkey": lambda record: record.id,
}
