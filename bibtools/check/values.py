"""Values that look wrong: identifiers, years, pages, names, text damaged on its way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bibtools import identifiers
from bibtools.bibfile import Entry, Field, SetField
from bibtools.check.finding import Found, Rule, Subject
from bibtools.check.structure import fields_with

__all__ = ["PER_FIELD", "arxiv_years", "mojibake"]


def _fix(entry: Entry, field: Field, value: str) -> tuple[SetField, ...]:
    """A new value, unless macros or `#` stand in the source: then the person decides."""
    return (SetField(entry.index, field.name, value),) if field.raw[:1] in '{"' and "#" not in field.raw else ()


_SHORT_DOI = re.compile(r"10/[a-z0-9]{3,10}")  # shortdoi.org
_ADDRESS = re.compile(r"https?://[^\s/]+/(?:doi/)?(?=10\.)", re.IGNORECASE)  # a publisher's own resolver


def bad_doi(field: Field, entry: Entry) -> Iterator[Found]:
    """A DOI is `10.` registrant `/` suffix (DOI Handbook, section 2.2)."""
    value = field.value.strip()
    bare = _ADDRESS.sub("", identifiers.without_resolver(value), count=1)
    if not identifiers.is_doi(bare.replace("\\", "")) and not _SHORT_DOI.fullmatch(value):
        yield Found(f"'{value}' is not a DOI", entry, field.line, field.name)
    elif bare != value:
        fix = _fix(entry, field, bare) if not re.search(r"[?#]", bare) else ()
        yield Found("doi with an address in front: styles add it again", entry, field.line, field.name, fix)


_LETTERS = re.compile(r"[^\W\d_]+")


def capital_title(field: Field, entry: Entry) -> Iterator[Found]:
    value = field.value
    words = _LETTERS.findall(re.sub(r"\$[^$]*\$|\\[a-zA-Z]+", " ", value))
    long = [word for word in words if len(word) > 3]
    if len(words) >= 4 and len(long) >= 3 and all(word.isupper() for word in words if word.upper() != word.lower()):
        yield Found(f"{field.name} in capitals", entry, field.line, field.name)


_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def misplaced_others(field: Field, entry: Entry) -> Iterator[Found]:
    people = _AND.split(field.value.strip())
    others = [index for index, person in enumerate(people) if person.strip().lower() == "others"]
    if others and others != [len(people) - 1]:
        kept = [person for person in people if person.strip().lower() != "others"]
        moved = _fix(entry, field, " and ".join([*kept, "others"]))
        yield Found(f"{field.name}: 'and others' is not at the end of the list", entry, field.line, field.name, moved)


def spelled_et_al(field: Field, entry: Entry) -> Iterator[Found]:
    value = field.value.rstrip()
    found = re.search(r"\bet\.?~?\s?al\b\.?\Z", value[-20:])  # blanks are compressed
    before = value[: found.start() - len(value[-20:])].rstrip(", \t\n") if found else ""
    before = re.sub(r"(?:\A|\s)and\Z", "", before).rstrip(", \t\n")
    if found and before:
        fixed = _fix(entry, field, before + " and others")
        yield Found(
            f"{field.name}: BibTeX reads 'et al.' as a name, write 'and others'", entry, field.line, field.name, fixed
        )


def _outside_braces(value: str) -> str:
    """The text with every braced group shrunk to `{}`: what BibTeX looks at when it separates names."""
    if "{" not in value:
        return value
    depth, kept = 0, []
    for char in value:
        if char == "{":
            depth += 1
        if depth == 0 or (depth == 1 and char in "{}"):
            kept.append(char)
        if char == "}":
            depth = max(0, depth - 1)
    return "".join(kept)


_EXTENDED = re.compile(r"(?:\A|,)\s*(?:family|given|prefix|suffix|useprefix|[a-z]+-i|nameformat|sortingnamekey\w*)\s*=")
_SUFFIX = re.compile(r"(?:jr|sr|junior|senior|[ivx]+|[0-9](?:st|nd|rd|th)|ph\.?d|m\.?d|esq|s\.?j)\b", re.IGNORECASE)
_PERSON = re.compile(r"(?:[^\W\d_a-z][\w.'’{}\\-]*|von|van|der|den|de|da|di|du|del|la|le|ter|ten|bin|ibn|al|el)\Z")


def _is_person(text: str) -> bool:
    """A personal name of two to four words; `Ernst` or `Bureau of Labor` is none."""
    words = text.replace(",", " ").replace("~", " ").split()
    return 2 <= len(words) <= 4 and all(_PERSON.match(word) for word in words)


def split_authors(field: Field, entry: Entry) -> Iterator[Found]:
    """Names separated by something other than ` and `: the whole list becomes one strange person."""
    value = field.value
    for person in _AND.split(_outside_braces(value)):
        if person.count(",") < 2 and ";" not in person and "&" not in person:
            continue
        person = person.strip().rstrip(",;").strip()
        parts = [part.strip() for part in person.split(",")]
        if _EXTENDED.search(person):
            continue
        if ";" in re.sub(r"&#?\w+;", "", person):
            fault = ";"
        elif (halves := re.split(r"\s\\?&\s", person)) and len(halves) > 1 and all(map(_is_person, halves)):
            fault = "&"
        elif len(parts) > 3 or (len(parts) == 3 and all(map(_is_person, parts)) and not _SUFFIX.match(parts[1])):
            fault = ","
        else:
            continue
        yield Found(f"{field.name}: names separated by '{fault}' (BibTeX needs ' and ')", entry, field.line, field.name)
        return


def odd_year(field: Field, entry: Entry) -> Iterator[Found]:
    """Years that a person would not mean; `in press`, `19xx`, ranges and EDTF are left alone."""
    value = field.value.strip()
    if re.fullmatch(r"\d{1,9}", value):
        if not 1000 <= int(value) <= date.today().year + 2:
            yield Found(f"is {value} the year?", entry, field.line, field.name)
    elif re.fullmatch(r"\d{5,}.*", value):
        yield Found(f"'{value}' is not a year", entry, field.line, field.name)


def escaped_url(field: Field, entry: Entry) -> Iterator[Found]:
    r"""A backslash before `_ % & # ~` becomes part of the address where \url prints it verbatim (hyperref's does not)."""
    value = field.value
    fixed = value
    if "\\" in value or "$" in value:
        fixed = re.sub(r"\\([_%&#])", r"\1", value).replace("{\\_}", "_").replace("\\~{}", "~").replace("$\\sim$", "~")
    if fixed != value:
        fix = _fix(entry, field, fixed)
        yield Found(f"LaTeX escapes in {field.name}", entry, field.line, field.name, fix, severity="note")
    elif re.search(r"%25[0-9A-Fa-f]{2}", value):
        yield Found(f"{field.name} is percent-encoded twice", entry, field.line, field.name)


_ENTITY = re.compile(r"\\?&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});")


def double_escaped(field: Field, entry: Entry) -> Iterator[Found]:
    value = field.value
    if "&" in value and _ENTITY.search(value):
        fixed = re.sub(r"\\?&amp;", r"\\&", value)
        fix = _fix(entry, field, fixed) if not _ENTITY.search(fixed) else ()
        yield Found(f"HTML entity in {field.name}", entry, field.line, field.name, fix)
    elif "\\" in value and re.search(r"\\textbackslash\s*(?:\{\})?\s*\\?[&%#_${}]|\\\\[&%#_$](?!\\)", value):
        yield Found(f"{field.name} is escaped twice", entry, field.line, field.name)


_SPECIAL = re.compile(r"[&%#_]")
_NOT_TEXT = (
    re.compile(  # an escaped character; mathematics; arguments that are not typeset; entities, reported elsewhere
        r"\\(?:url|href|path|nolinkurl|cite\w*|ref|label|verb|detokenize|ensuremath|texttt|doi)\s*\{[^{}]*\}"
        r"|\\\(.*?\\\)|\\\[.*?\\\]|\\.|\$\$.*?\$\$|\$[^$]*\$|&(?:\w+|#\w+);",
        re.DOTALL,
    )
)


def bare_special(field: Field, entry: Entry) -> Iterator[Found]:
    """`& % # _` outside mathematics stop LaTeX, or comment out the rest of the line."""
    value = field.value
    if _SPECIAL.search(value) and not field.recovered:
        found = sorted(set(_SPECIAL.findall(_NOT_TEXT.sub("", value))))
        if found:
            shown = " ".join(f"\\{char}" for char in found)
            yield Found(
                f"bare {' '.join(found)} in {field.name} stops LaTeX: write {shown}", entry, field.line, field.name
            )


_MISREAD = "\ufffd\u00c2\u00c3\u00c4\u00c5\u00c6\u00c8\u00e2"  # how a lead byte of UTF-8 looks in Windows-1252
_MOJIBAKE = re.compile(
    f"[{_MISREAD[1:]}][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122\u20ac]"
)


def mojibake(subject: Subject) -> Iterator[Found]:
    """UTF-8 that was once read as Windows-1252: `Ã©` for `é`. Fixed only when the whole value decodes back."""
    text = subject.document.text
    if text.isascii() or not any(char in text for char in _MISREAD):
        return
    for entry, field in fields_with(subject.document, _LOST):
        yield Found(f"{field.name} lost characters (U+FFFD)", entry, field.line, field.name)
    for entry, field in fields_with(subject.document, _MOJIBAKE):
        value = field.value
        try:
            fixed = value.encode("cp1252").decode("utf-8")
        except UnicodeError:
            fixed = ""
        fix = _fix(entry, field, fixed) if fixed and not _MOJIBAKE.search(fixed) else ()
        yield Found(f"{field.name} was decoded with the wrong encoding", entry, field.line, field.name, fix)


_LOST = re.compile("\ufffd")
_RANGE = re.compile(r"(?<![\w.:/–—-])(\d+)\s*[-–—]+\s*(\d+)(?![\w.:/–—-])")


def _backward(pages: str) -> list[str]:
    return [
        f"{first}-{last}"
        for first, last in _RANGE.findall(pages)
        if len(first) == len(last) and first > last  # as long as each other, digits compare as numbers
    ]


def backward_pages(field: Field, entry: Entry) -> Iterator[Found]:
    """`210--190`; shortened ranges (`1234--45`), lettered pages and pages of chapters (`3-1--3-20`) are fine."""
    for pages in _backward(field.value):
        yield Found(f"pages run backwards: {pages}", entry, field.line, field.name)


_ISBN = re.compile(r"(?<![\dXx])\d(?:[ \-‐‑–]?\d)*(?:[ \-‐‑–]?[Xx])?(?![\dXx])")


def bad_isbn(field: Field, entry: Entry) -> Iterator[Found]:
    """The check digit of ISBN-10 and ISBN-13 (ISBN Users' Manual). A value may hold several, with words between them."""
    value = field.value
    numbers = [
        part for part in re.split(r"[,;/|()]|\s+(?=97[89])|\s+and\s+|(?<=[\dXx])\s+(?=\d[\d-]{9,})", value) if part
    ]
    for number in numbers:
        for found in _ISBN.findall(number):
            digits = re.sub(r"[^0-9X]", "", found.upper())
            if len(digits) not in (10, 13):
                if len(digits) > 4:  # a shorter one is part of the words: "Vol. 2"
                    yield Found(f"'{found}' is not an ISBN: 10 or 13 digits", entry, field.line, field.name)
                    return
            elif not identifiers.is_isbn(digits):
                yield Found(f"'{found}' is not an ISBN: its check digit is wrong", entry, field.line, field.name)
                return


_VENUE = ("booktitle", "publisher", "school", "institution", "series", "volume", "number", "pages")


def arxiv_years(entry: Entry, _subject: Subject) -> Iterator[Found]:
    """A new-style arXiv number has the year and month of version 1: what was published nowhere else cannot be older.

    What was printed in a journal may have been posted years later, so an entry with a venue is left alone.
    """
    eprint = entry.values().get("eprint")
    found = re.match(r"(\d\d)(\d\d)\.\d{4,5}\Z", identifiers.arxiv_id(eprint)) if eprint else None
    if not found:
        return
    year = re.search(r"\b(1[89]|20)\d\d\b", entry.get("year") or entry.get("date"))
    journal = entry.get("journal") or entry.get("journaltitle")
    printed = (journal and "rxiv" not in journal.lower()) or any(entry.get(name) for name in _VENUE)
    if year and not printed and int(year[0]) < 2000 + int(found[1]):
        yield Found(f"year is {year[0]}, but arXiv:{found[0]} was posted in 20{found[1]}", entry, field="year")


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

LINKS = frozenset({"url", "doi", "eprint"})

_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]?[a-z]")  # of a title that is not in capitals


PER_FIELD = (
    Rule(
        "bad-doi",
        "warning",
        "A DOI that is none, or has an address in front.",
        field=bad_doi,
        names=frozenset({"doi"}),
        suspect=lambda value: not identifiers.is_doi(value),
    ),
    Rule(
        "capital-title",
        "note",
        "A title in capitals.",
        field=capital_title,
        names=TITLES,
        suspect=lambda value: not _WORD.search(value),
    ),
    Rule(
        "misplaced-others",
        "error",
        "'and others' before the end of a list.",
        field=misplaced_others,
        names=NAMES,
        suspect=lambda value: "others" in value.lower(),
    ),
    Rule(
        "et-al",
        "error",
        "'et al.' in a list of names.",
        field=spelled_et_al,
        names=NAMES,
        suspect=lambda value: "al" in value[-6:],
    ),
    Rule(
        "split-authors",
        "error",
        "Names separated by ',', ';' or '&'.",
        field=split_authors,
        names=NAMES,
        suspect=lambda value: ";" in value or "&" in value or any(name.count(",") > 1 for name in value.split(" and ")),
    ),
    Rule(
        "odd-year",
        "warning",
        "A year outside reason.",
        field=odd_year,
        names=frozenset({"year"}),
        suspect=lambda value: len(value) != 4 or value[:2] not in ("19", "20"),
    ),
    Rule(
        "escaped-url",
        "warning",
        "LaTeX escapes or double encoding in an address.",
        field=escaped_url,
        names=LINKS,
        suspect=lambda value: "\\" in value or "$" in value or "%25" in value,
    ),
    Rule(
        "double-escaped",
        "warning",
        "HTML entities, or text escaped twice.",
        field=double_escaped,
        names=TEXT,
        suspect=lambda value: "&" in value or "\\\\" in value or "\\textback" in value,
    ),
    Rule(
        "bare-special",
        "error",
        "A bare & % # _ outside mathematics.",
        field=bare_special,
        names=TEXT - NAMES,
        suspect=lambda value: "&" in value or "_" in value or "%" in value or "#" in value,
    ),
    Rule(
        "backward-pages",
        "warning",
        "Pages that run backwards.",
        field=backward_pages,
        names=frozenset({"pages"}),
        suspect=_backward,
    ),
    Rule(
        "bad-isbn",
        "warning",
        "An ISBN with a wrong check digit.",
        field=bad_isbn,
        names=frozenset({"isbn"}),
    ),
)
