r"""The rules that look at values. Each is sure of what it rewrites or leaves it: `June/July` is no month, `A-12` no range.

Values made of macros or joined by `#` are somebody's intention and are left alone, as is every value that BibTeX cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from bibtools import dates, identifiers
from bibtools import names as names_of
from bibtools.bibfile import Entry, Field, RemoveField, SetField
from bibtools.bibfile.scanner import Kind
from bibtools.tidy.rule import FieldEdit, Options

__all__ = [
    "dois",
    "duplicate_fields",
    "empty_fields",
    "encoded_urls",
    "max_authors",
    "months",
    "omitted",
    "pages",
    "plain",
    "urls",
]

MACRO = {
    text: macro
    for number, (macro, name) in enumerate(zip(dates.MONTH_MACROS, dates.MONTH_NAMES, strict=True), 1)
    for text in (macro, name.lower(), f"{number}", f"{number:02}")
} | {"sept": "sep"}

DASH = r"\s*(?:-{1,3}|[\u2010-\u2015\u2212]|\\textendash(?:\{\}|\s)|\\textemdash(?:\{\}|\s))\s*"
PAGE = r"(?:[A-Za-z]{1,3}[.:]?)?\d+[A-Za-z]?|[ivxlcdm]+|[IVXLCDM]+"
RANGE = re.compile(rf"({PAGE}){DASH}({PAGE})")

WRAPPED_URL = re.compile(r"(?:\\url\s*\{([^{}]*)\}|<([^<>\s]+)>|URL:?\s+(\S+))")
INHERITING = ("crossref", "xdata", "xref")


def plain(entry: Entry, *names: str) -> Iterator[tuple[Field, str]]:
    """The fields of these names that are one group in braces or quotes, with the text inside as it stands in the file."""
    for name in names:
        field = entry.field(name)
        if field is not None and field.span.kind == Kind.SIMPLE and not field.recovered:
            yield field, field.raw[1:-1]


def duplicate_fields(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    """A field said twice with the same value loses one; two values stay, because only a person knows which is right."""
    if len({field.name for field in entry.fields}) == len(entry.fields):
        return
    rest: dict[str, list[str]] = {}
    for field in entry.fields:
        rest.setdefault(field.name, []).append(" ".join(field.raw.split()))
    for name, values in rest.items():
        while len(values) > 1 and values[0] == values[1]:
            del values[0]
            yield RemoveField(entry.index, name)


def empty_fields(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    """An empty field hides what a parent would give, so in an entry with a parent it stays."""
    names = [field.name for field in entry.fields]
    if any(name in INHERITING for name in names):
        return
    for field in entry.fields:
        if field.span.kind == Kind.SIMPLE and not field.raw[1:-1].strip() and names.count(field.name) == 1:
            yield RemoveField(entry.index, field.name)


def months(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    field = entry.field("month")
    if field is None or field.recovered or field.span.kind not in (Kind.SIMPLE, Kind.NUMBER):
        return
    text = field.raw if field.span.kind == Kind.NUMBER else field.raw[1:-1]
    macro = MACRO.get(text.strip().strip("{}").removesuffix(".").lower())
    if macro:
        yield SetField(entry.index, "month", macro, raw=True)


def pages(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    for field, text in plain(entry, "pages"):
        both = [(RANGE.fullmatch(part.strip()), part) for part in text.split(",")]
        if any(found for found, _ in both):
            whole = [f"{found[1]}--{found[2]}" if found else part.strip() for found, part in both]
            yield from _changed(entry, field, text, (", " if ", " in text else ",").join(whole))


def dois(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    for field, text in plain(entry, "doi"):
        address, _ = identifiers.split_resolver(text.strip())
        bare = identifiers.without_resolver(text.strip())
        if identifiers.is_doi(bare):
            unquoted = unquote(bare) if address else bare
            yield from _changed(entry, field, text, unquoted if _safe(unquoted) else bare)


def urls(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    for field, text in plain(entry, "url"):
        found = WRAPPED_URL.fullmatch(text.strip())
        address = (found[1] or found[2] or found[3] or "").strip() if found else text.strip()
        resolver, rest = identifiers.split_resolver(address)
        yield from _changed(entry, field, text, f"https://doi.org/{rest}" if resolver.startswith("http") else address)


def omitted(entry: Entry, options: Options) -> Iterable[FieldEdit]:
    for field in entry.fields:
        if options.omit.drops(field.name):
            yield RemoveField(entry.index, field.name)


def max_authors(entry: Entry, options: Options) -> Iterable[FieldEdit]:
    """The names after the first so many become `and others`."""
    if not options.max_authors:
        return
    for field, text in plain(entry, "author", "editor"):
        people = names_of.split_list(text)
        if people and people[-1].lower() == "others":
            people.pop()
        if len(people) > options.max_authors:
            yield SetField(entry.index, field.name, " and ".join([*people[: options.max_authors], "others"]))


# RFC 3986, section 2: unreserved, gen-delims, sub-delims and the percent sign of what is encoded already
URL_CHARACTERS = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
ESCAPED = re.compile(r"\\([_%&#~$])|\{\\([_~])\}")


def encoded_urls(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    r"""Characters that an address cannot hold as `%20`; LaTeX's `\_` and `\%` as the characters that they stand for."""
    for field, text in plain(entry, "url"):
        address = ESCAPED.sub(lambda found: found[1] or found[2], text.strip())
        if re.match(r"[a-z][a-z0-9+.-]*://[!-~]*", address, re.IGNORECASE) and "\\" not in address:
            yield from _changed(entry, field, text, URL_CHARACTERS.sub(lambda found: quote(found[0]), address))


def _safe(text: str) -> bool:
    """Whether unescaping brought nothing that TeX or BibTeX would read in another way."""
    return text.isprintable() and not re.search(r"[\\{}\"%#\s]", text)


def _changed(entry: Entry, field: Field, old: str, new: str) -> Iterable[FieldEdit]:
    if new and new.split() != old.split():  # BibTeX drops the white space itself
        yield SetField(entry.index, field.name, new)
