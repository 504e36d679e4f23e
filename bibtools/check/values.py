"""Values that look wrong: identifiers, years, pages, names, text damaged on its way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bibtools import identifiers
from bibtools.bibfile import Entry, Field, SetField
from bibtools.check.finding import Found, Rule, Subject

__all__ = ["PER_FIELD", "arxiv_years"]


def _fix(entry: Entry, field: Field, value: str) -> tuple[SetField, ...]:
    """A new value, unless macros or `#` stand in the source: then the person decides."""
    return (SetField(entry.index, field.name, value),) if field.raw[:1] in '{"' and "#" not in field.raw else ()


def bad_doi(field: Field, entry: Entry) -> Iterator[Found]:
    """A DOI is `10.` registrant `/` suffix (DOI Handbook, section 2.2)."""
    bare = identifiers.without_resolver(field.value.strip())
    if not identifiers.is_doi(bare.replace("\\", "")):
        yield Found(f"'{field.value}' is not a DOI", entry, field.line, field.name)
    elif bare != field.value:
        yield Found(
            "DOI with a prefix: styles put the address in front again",
            entry,
            field.line,
            field.name,
            _fix(entry, field, bare),
        )


_LETTERS = re.compile(r"[^\W\d_]+")


def capital_title(field: Field, entry: Entry) -> Iterator[Found]:
    words = _LETTERS.findall(re.sub(r"\$[^$]*\$|\\[a-zA-Z]+", " ", field.value))
    long = [word for word in words if len(word) > 3]
    if len(words) >= 4 and len(long) >= 3 and all(word.isupper() for word in words if word.upper() != word.lower()):
        yield Found("title in capitals", entry, field.line, field.name)


_AND = re.compile(r"\s+and\s+")


def misplaced_others(field: Field, entry: Entry) -> Iterator[Found]:
    people = _AND.split(field.value.strip())
    others = [place for place, person in enumerate(people) if person.strip().lower() == "others"]
    if others and others != [len(people) - 1]:
        kept = [person for person in people if person.strip().lower() != "others"]
        moved = _fix(entry, field, " and ".join([*kept, "others"]))
        yield Found("'and others' is not the end of the list", entry, field.line, field.name, moved)


def spelled_et_al(field: Field, entry: Entry) -> Iterator[Found]:
    value = field.value.rstrip()
    found = re.search(r"\bet\.?~?\s?al\b\.?\Z", value[-20:])  # blanks are compressed
    before = value[: found.start() - len(value[-20:])].rstrip(", \t\n") if found else ""
    before = re.sub(r"(?:\A|\s)and\Z", "", before).rstrip(", \t\n")
    if found and before:
        mended = _fix(entry, field, before + " and others")
        yield Found("'et al.' is taken for a name: BibTeX writes 'and others'", entry, field.line, field.name, mended)


def _outside_braces(value: str) -> str:
    """The text with every braced group shrunk to `{}`: what BibTeX looks at when it parts names."""
    depth, kept = 0, []
    for char in value:
        if char == "{":
            depth += 1
        if depth == 0 or (depth == 1 and char in "{}"):
            kept.append(char)
        if char == "}":
            depth = max(0, depth - 1)
    return "".join(kept)


def split_authors(field: Field, entry: Entry) -> Iterator[Found]:
    """Names parted by something other than ` and `: the whole list becomes one strange person."""
    for person in _AND.split(_outside_braces(field.value)):
        parts = [part.strip() for part in person.split(",")]
        if ";" in re.sub(r"&\w+;", "", person):
            fault = ";"
        elif re.search(r"\s\\?&\s", person):
            fault = "&"
        elif len(parts) > 3 or (len(parts) == 3 and all(" " in part for part in parts)):
            fault = ","
        else:
            continue
        yield Found(f"names parted by '{fault}' instead of 'and'", entry, field.line, field.name)
        return


def odd_year(field: Field, entry: Entry) -> Iterator[Found]:
    """Years that a person would not mean; `in press`, ranges and EDTF are left alone."""
    value = field.value.strip()
    if re.fullmatch(r"\d{1,9}", value):
        if not 1000 <= int(value) <= date.today().year + 2:
            yield Found(f"year {value} is outside reason", entry, field.line, field.name)
    elif re.fullmatch(r"\d{2,3}[?xX]+|\d{5,}.*", value):
        yield Found(f"year '{value}' is not a year", entry, field.line, field.name)


def escaped_url(field: Field, entry: Entry) -> Iterator[Found]:
    r"""\url and biblatex print these verbatim: a backslash before `_ % & # ~` becomes part of the address."""
    value = field.value
    mended = re.sub(r"\\([_%&#])", r"\1", value).replace("{\\_}", "_").replace("\\~{}", "~").replace("$\\sim$", "~")
    if mended != value:
        yield Found("LaTeX escapes inside an address", entry, field.line, field.name, _fix(entry, field, mended))
    elif re.search(r"%25[0-9A-Fa-f]{2}", value):
        yield Found("address is percent-encoded twice", entry, field.line, field.name)


_ENTITY = re.compile(r"\\?&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});")


def double_escaped(field: Field, entry: Entry) -> Iterator[Found]:
    if _ENTITY.search(field.value):
        mended = re.sub(r"\\?&amp;", r"\\&", field.value)
        fix = _fix(entry, field, mended) if not _ENTITY.search(mended) else ()
        yield Found("HTML entity in the text", entry, field.line, field.name, fix)
    elif re.search(r"\\textbackslash\s*(?:\{\})?\s*\\?[&%#_${}]|\\\\[&%#_$](?!\\)", field.value):
        yield Found("text is escaped twice", entry, field.line, field.name)


def bare_special(field: Field, entry: Entry) -> Iterator[Found]:
    """`& % # _` outside mathematics stop LaTeX, or comment out the rest of the line."""
    bare = re.sub(r"\\.|\$[^$]*\$|\\(?:url|href|path)\{[^{}]*\}", "", field.value, flags=re.DOTALL)
    if found := sorted(set(re.findall(r"[&%#_]", bare))):
        yield Found(f"bare {' '.join(found)}: LaTeX stops here", entry, field.line, field.name)


_MOJIBAKE = re.compile(
    "[\u00c2\u00c3\u00c4\u00c5\u00c6\u00c8\u00e2][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122\u20ac]"
)


def mojibake(field: Field, entry: Entry) -> Iterator[Found]:
    """UTF-8 that was once read as Windows-1252: `Ã©` for `é`. Mended only when the whole value decodes back."""
    if "\ufffd" in field.value:
        yield Found("characters were lost (U+FFFD)", entry, field.line, field.name)
    elif _MOJIBAKE.search(field.value):
        try:
            mended = field.value.encode("cp1252").decode("utf-8")
        except UnicodeError:
            mended = ""
        fix = _fix(entry, field, mended) if mended and not _MOJIBAKE.search(mended) else ()
        yield Found("text was decoded with the wrong encoding", entry, field.line, field.name, fix)


def backward_pages(field: Field, entry: Entry) -> Iterator[Found]:
    """`210--190`; shortened ranges (`1234--45`) and lettered pages are fine."""
    for first, last in re.findall(r"(?<![\w.])(\d+)\s*[-–—]+\s*(\d+)(?![\w.])", field.value):
        if len(first) == len(last) and int(first) > int(last):
            yield Found(f"pages run backwards: {first}-{last}", entry, field.line, field.name)


def bad_isbn(field: Field, entry: Entry) -> Iterator[Found]:
    """The check digit of ISBN-10 and ISBN-13 (ISBN Users' Manual)."""
    for isbn in re.split(r"[,;\s]+(?=\d)", field.value.strip()):
        digits = re.sub(r"[^0-9Xx]", "", re.sub(r"\(.*?\)", "", isbn)).upper()
        if not identifiers.is_isbn(digits):
            yield Found(f"'{isbn}' is not an ISBN: its check digit is wrong", entry, field.line, field.name)
            return


def control_characters(field: Field, entry: Entry) -> Iterator[Found]:
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", field.raw):
        yield Found("control characters in the text", entry, field.line, field.name)


def arxiv_years(entry: Entry, _subject: Subject) -> Iterator[Found]:
    """A new-style arXiv number says year and month of version 1: no entry for it can be older than that."""
    number = identifiers.arxiv_id(entry.get("eprint")) if entry.get("eprint") else ""
    found = re.match(r"(\d\d)(\d\d)\.\d{4,5}\Z", number)
    year = re.search(r"\b(1[89]|20)\d\d\b", entry.get("year") or entry.get("date"))
    if found and year and int(year[0]) < 2000 + int(found[1]):
        yield Found(f"arXiv:{number} was posted in 20{found[1]}, but the year is {year[0]}", entry, field="year")


TITLES = frozenset({"title", "booktitle", "maintitle"})
NAMES = frozenset({"author", "editor", "translator"})
TEXT = frozenset(
    {
        *TITLES,
        *NAMES,
        "subtitle",
        "journal",
        "journaltitle",
        "series",
        "publisher",
        "institution",
        "school",
        "organization",
        "address",
    }
)

PER_FIELD = (
    Rule(
        "bad-doi",
        "warning",
        "A DOI that is not one, or carries an address in front.",
        field=bad_doi,
        names=frozenset({"doi"}),
    ),
    Rule("capital-title", "warning", "A title in capitals.", field=capital_title, names=TITLES),
    Rule("misplaced-others", "error", "'and others' before the end of a list.", field=misplaced_others, names=NAMES),
    Rule("et-al", "error", "'et al.' in a list of names.", field=spelled_et_al, names=NAMES),
    Rule("split-authors", "error", "Names parted by ',', ';' or '&'.", field=split_authors, names=NAMES),
    Rule("odd-year", "warning", "A year outside reason.", field=odd_year, names=frozenset({"year"})),
    Rule(
        "escaped-url",
        "warning",
        "LaTeX escapes or double encoding in an address.",
        field=escaped_url,
        names=frozenset({"url", "doi", "eprint"}),
    ),
    Rule("double-escaped", "warning", "HTML entities, or text escaped twice.", field=double_escaped, names=TEXT),
    Rule("bare-special", "error", "A bare & % # _ outside mathematics.", field=bare_special, names=TEXT - NAMES),
    Rule("mojibake", "warning", "Text decoded with the wrong encoding.", field=mojibake),
    Rule(
        "backward-pages",
        "warning",
        "A page range that runs backwards.",
        field=backward_pages,
        names=frozenset({"pages"}),
    ),
    Rule("bad-isbn", "warning", "An ISBN with a wrong check digit.", field=bad_isbn, names=frozenset({"isbn"})),
    Rule("control-character", "error", "Control characters in a value.", field=control_characters),
)
