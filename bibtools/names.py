"""Personal names: a BibTeX name or list to `Name`, and back.

Names are split as bibtex(1) splits them (Patashnik, "Designing BibTeX Styles", section 4; bibtex.web, `name_scan_for_and`
to `von_name_ends_and_last_name_starts_stuff`), by own code: a plain ``Last, First`` or ``First Last`` needs no parser, and
for the rest pybtex, the closest of all, still fails on ``{\\o}ystein Foo Bar`` and on a trailing comma.

Decisions, where we differ from bibtex on purpose:

* a hyphen joins. bibtex also separates at it, so that ``Muhammad al-Khwarizmi`` has the von part "al" and the name can
  never be written again; biber joins as we do;
* an accent without braces around it, ``\\'{A}d\\'{a}m``, stands on a capital letter; bibtex sees the small d behind it and takes
  Ádám for a von part;
* a blank behind a backslash parts words; to bibtex the backslash belongs to the word before it;
* a name of four or more comma-separated parts, which bibtex cuts off with an error, keeps them all in the given name.

A name wholly in braces is an organisation: ``literal``. The von part becomes the dropping particle (biblatex's default,
``useprefix=false``; pandoc does the same) and both particles count in `Name.surname`. biblatex's extended format,
``family=..., given=..., prefix=..., useprefix=true``, is read, and written by `format_extended` for what BibTeX's own form
cannot say. "others" at the end of a list is no name but a list cut short; "et al." and "et alii" are taken for the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial

from bibtools import latex
from bibtools.record import Name

__all__ = ["carries", "format", "format_extended", "format_list", "parse", "parse_list", "shows_more", "split"]

PLAIN = re.compile(r"[^\\{}$~=,\s]+(?: [^\\{}$~=,\s]+)*(?:, [^\\{}$~=,\s]+(?: [^\\{}$~=,\s]+)*)?")
AND = re.compile(r"(?<=[\s}])and(?=[\s{])|[{}\\]", re.IGNORECASE)
AND_PLAIN = re.compile(r"\s+and\s+", re.IGNORECASE)
ORDINARY = re.compile(r"[A-Z][A-Za-z0-9.]*(?:[ -][A-Z][A-Za-z0-9.]*)*")  # one that needs nothing
SMALL_START = re.compile(r"(?:^| )[^A-Z]")
OTHERS = re.compile(r"(?:others|et\.?\s+al(?:\.|ii|ia)?)", re.IGNORECASE)
CUT_SHORT = re.compile(r"(.*[^\s,]),?\s+et\.?\s+al\.?", re.IGNORECASE | re.DOTALL)
EXTENDED = re.compile(r"\s*\"?(family|given|prefix|suffix|useprefix|[a-z]+-i)\s*=", re.IGNORECASE)
SEPARATORS = " \t\r\n~"
BRACE = re.compile(r"[{}]")
INITIAL = re.compile(r"(?:(?<=[\s~{-])|^)[^\x00-\x7f](?![\u0300-\u036f])")
LABEL = 3  # bytes of a family name in the labels of alpha.bst
# control sequences that are letters for BibTeX: their case is the case of the name part
LETTERS = frozenset(["i", "j", "o", "O", "l", "L", "oe", "OE", "ae", "AE", "aa", "AA", "ss"])


def parse_list(text: str) -> tuple[tuple[Name, ...], bool]:
    """The names of a list joined by ``and``, and whether it ends in ``and others``."""
    return parsed_list(without_control_blanks(text).strip())


def without_control_blanks(text: str) -> str:
    """``Günter P.\\ Wagner``: a blank behind a backslash parts words like any other."""
    return CONTROL_BLANK.sub(" ", text) if "\\" in text else text


CONTROL_BLANK = re.compile(r"(?<!\\)\\[ \t\r\n]")


@lru_cache(maxsize=65536)
def parsed_list(text: str) -> tuple[tuple[Name, ...], bool]:
    parts = split_list(text)
    cut = 0
    while parts and OTHERS.fullmatch(parts[-1]):
        parts.pop()
        cut += 1
    if parts and (last := CUT_SHORT.fullmatch(parts[-1])):
        parts[-1] = last[1]
        cut += 1
    return tuple(map(parse, parts)), cut > 0


FURTHER = re.compile(r"(?:^|[\s~,])[a-z]+-|-[a-z]|\\|\{[^\\]")


def shows_more(tex: str) -> bool:
    """Whether a list says things that names as we write them do not: braces within a name, a small letter behind a hyphen."""
    if "\\" not in tex and "{" not in tex and "-" not in tex:
        return False
    return FURTHER.search(ACCENTED.sub("", tex)) is not None


ACCENTED = re.compile(
    r"""\{\\(?:['`^"~=.](?:[A-Za-z]|\{[A-Za-z]\}|\{?\\[ij]\}?)|[Hckruvdb](?:\{[A-Za-z]\}| [A-Za-z])|[A-Za-z]{1,2})\}"""
)


def split_list(text: str) -> list[str]:
    """Cut at every ``and`` that stands outside braces between blanks; empty names are left out."""
    if "{" not in text and "}" not in text:
        parts = AND_PLAIN.split(text)
        if text[:4].lower() == "and " or text[-4:].lower() == " and":
            parts = [re.sub(r"^and\s|\sand$", "", part, flags=re.IGNORECASE) for part in parts]
    else:
        parts = []
        depth = start = 0
        for found in AND.finditer(text):
            mark = found[0]
            if mark == "{":
                depth += 1
            elif mark == "}":
                depth = max(0, depth - 1)
            elif mark != "\\" and depth == 0 and text[found.start() - 1].isspace() and text[found.end()].isspace():
                parts.append(text[start : found.start()])
                start = found.end()
        parts.append(text[start:])
    return [part for each in parts if (part := each.strip()) and part.lower() != "and"]


@lru_cache(maxsize=262144)
def parse(text: str) -> Name:
    """One name, BibTeX's or plain."""
    text = without_control_blanks(text).strip()
    if PLAIN.fullmatch(text) and "--" not in text:
        return plain(text)
    if "=" in text and EXTENDED.match(text):
        return extended(text)
    parts = [part.strip(SEPARATORS) for part in split(text, ",")]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    if len(parts) == 1:
        return without_comma(parts[0])
    given = [" ".join(parts[2:])] if len(parts) > 2 else [parts[1]]
    suffix = parts[1] if len(parts) > 2 else ""
    tokens = tokenize(parts[0])
    if not tokens:
        return Name(literal=decode(text))
    cut = von_end(tokens)
    return made(tokens[:cut], tokens[cut:], given, suffix)


def plain(text: str) -> Name:
    """A name of words and at most one comma; nothing in it is TeX."""
    last, comma, first = text.partition(", ")
    if comma:
        if not has_lower(last):
            return Name(family=last, given=first)
        words = last.split(" ")
        cut = von_end(words)
        return Name(family=" ".join(words[cut:]), dropping_particle=" ".join(words[:cut]), given=first)
    if not has_lower(text):
        first, _, last = text.rpartition(" ")
        return Name(family=last, given=first)
    words = text.split(" ")
    start, cut = von_span(words)
    return Name(
        family=" ".join(words[cut:]), dropping_particle=" ".join(words[start:cut]), given=" ".join(words[:start])
    )


def has_lower(text: str) -> bool:
    """Whether a word begins in lower case, roughly: a false alarm only costs time."""
    return SMALL_START.search(text) is not None


def without_comma(text: str) -> Name:
    tokens = tokenize(text)
    if not tokens:
        return Name(literal=decode(text)) if text else Name()
    if len(tokens) == 1 and is_group(tokens[0]):
        return Name(literal=decode(tokens[0][1:-1]))
    start, cut = von_span(tokens)
    return made(tokens[start:cut], tokens[cut:], tokens[:start], "")


def von_span(tokens: Sequence[str]) -> tuple[int, int]:
    """Where the von part begins and ends in a name without comma; the last token is never in it."""
    start = next((place for place, token in enumerate(tokens[:-1]) if is_von(token)), len(tokens) - 1)
    return start, start + von_end(tokens[start:])


def von_end(tokens: Sequence[str]) -> int:
    """The von part goes up to the last lower-case token before the last token."""
    return max((place + 1 for place, token in enumerate(tokens[:-1]) if is_von(token)), default=0)


@lru_cache(maxsize=65536)
def is_von(token: str) -> bool:
    """Whether the first letter outside braces, or in a special character, is small."""
    depth = place = 0
    while place < len(token):
        char = token[place]
        if depth == 0 and token.startswith("{\\", place):
            return special_is_small(token, place + 2)
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif depth == 0 and char == "\\":
            return next((letter.islower() for letter in latex.decode(token[place:]) if letter.isalpha()), False)
        elif depth == 0 and char.isalpha():
            return char.islower()
        place += 1
    return False


def special_is_small(token: str, place: int) -> bool:
    """Of a special character: the case of its control sequence when that is a letter, else of its first letter."""
    name = re.compile(r"[A-Za-z]*").match(token, place)
    assert name is not None
    if name[0] in LETTERS:
        return name[0][0].islower()
    depth = 1
    for char in token[max(name.end(), place + 1) :] if not name[0] else token[name.end() :]:
        if char.isalpha():
            return char.islower()
        depth += (char == "{") - (char == "}")
        if depth == 0:
            break
    return False


def split(text: str, separators: str) -> list[str]:
    """Cut at separators outside braces; unbalanced closing braces do not count."""
    parts: list[str] = []
    depth = start = 0
    for place, char in enumerate(text):
        if char == "{":
            depth += 1
        elif char == "}":
            depth = max(0, depth - 1)
        elif depth == 0 and char in separators and not (char in " ~" and text[place - 1 : place] == "\\"):
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return parts


def tokenize(text: str) -> list[str]:
    return [token for token in split(text, SEPARATORS) if token]


def is_group(token: str) -> bool:
    """Braces around the whole, and no special character: an organisation, or words that belong together."""
    if not (token.startswith("{") and token.endswith("}")) or token.startswith("{\\"):
        return False
    depth = 0
    for place, brace in ((found.start(), found[0]) for found in BRACE.finditer(token)):
        depth += 1 if brace == "{" else -1
        if depth == 0:
            return place == len(token) - 1
    return False


def made(von: Sequence[str], last: Sequence[str], first: Sequence[str], suffix: str) -> Name:
    if not von and not any(first) and not suffix and len(last) == 1 and is_group(last[0]):
        return Name(literal=decode(last[0][1:-1]))
    return Name(
        family=decode(" ".join(last)),
        given=decode(" ".join(first)),
        dropping_particle=decode(" ".join(von)),
        suffix=decode(suffix),
    )


def decode(tex: str) -> str:
    """A part of a name: no spans, and a tie is a blank."""
    text = latex.decode(tex)
    if "<span" in text:
        text = text.replace('<span class="nocase">', "").replace("</span>", "")
    return text.replace("\u00a0", " ").replace("\u2009", " ").strip()


def extended(text: str) -> Name:
    """biblatex's extended name format (manual, section 3.4)."""
    values: dict[str, str] = {}
    for part in quoted_parts(text):
        name, equals, value = part.partition("=")
        if equals:
            value = value.strip()
            inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
            values[name.strip().lower()] = decode(inner[1:-1] if is_group(inner) else inner)
    family, prefix = values.get("family", ""), values.get("prefix", "")
    if not family and not values.get("given"):
        return Name(literal=decode(text))
    useprefix = values.get("useprefix", "").lower() in ("true", "1")
    return Name(
        family=family,
        given=values.get("given", ""),
        non_dropping_particle=prefix if useprefix else "",
        dropping_particle="" if useprefix else prefix,
        suffix=values.get("suffix", ""),
    )


def quoted_parts(text: str) -> list[str]:
    """Cut at commas, but for those between quotation marks, which stand around a value or around a whole part."""
    parts: list[str] = []
    for part in split(text, ","):
        if parts and parts[-1].count('"') % 2:
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    whole = (part.strip() for part in parts)
    return [part[1:-1] if len(part) > 1 and part[0] == part[-1] == '"' else part for part in whole]


def format(name: Name, *, ascii: bool = False, eight_bit: bool = False) -> str:  # noqa: A001, A002
    """BibTeX's form, TeX: ``von Last, Jr, First``; an organisation in braces.

    ``eight_bit`` is for bibtex(1), which counts bytes: a letter that a style may cut in two (an initial, the third byte of a
    label) is written as a command.
    """
    return formatted(name, ascii, eight_bit)


@lru_cache(maxsize=65536)
def formatted(name: Name, to_ascii: bool, eight_bit: bool) -> str:
    if name.family and name.given and is_ordinary(name):
        return f"{name.family}, {name.given}"
    write = partial(part, to_ascii=to_ascii, eight_bit=eight_bit)
    if name.literal:
        return whole(latex.encode(name.literal, ascii=to_ascii))
    von = " ".join(filter(None, (write(name.dropping_particle, von=True), write(name.non_dropping_particle, von=True))))
    last = " ".join(filter(None, (joined_to_next(von), write(name.family, family=True))))
    given, suffix = write(name.given), write(name.suffix)
    if not last:
        return f"{{{given}}}" if given else ""
    if not given and not suffix:
        again, cut = parse_list(last)
        same = (
            not cut
            and len(again) == 1
            and again[0].surname == name.surname
            and not (again[0].given or again[0].literal)
        )
        return last if same else whole(latex.encode(name.surname, ascii=to_ascii))
    return f"{last}, {suffix}, {given or '{}'}" if suffix else f"{last}, {given}"


def joined_to_next(von: str) -> str:
    """A particle that ends in a hyphen stands close to the family name, though BibTeX parts the two (as Better BibTeX does)."""
    return von + NO_BLANK if von.endswith(("-", "‐")) else von


NO_BLANK = "{\\aftergroup\\ignorespaces}"


def is_ordinary(name: Name) -> bool:
    """A family name and a given name that `part` would write as they are, and nothing else."""
    if name.literal or name.suffix or name.dropping_particle or name.non_dropping_particle:
        return False
    both = f"{name.family} {name.given}"
    return ORDINARY.fullmatch(both) is not None and "and" not in both.lower()


def whole(tex: str) -> str:
    """In braces that hold it together: a group that begins with a command would be a letter to BibTeX."""
    return f"{{{{}}{tex}}}" if tex.startswith("\\") else f"{{{tex}}}"


def part(text: str, *, to_ascii: bool, eight_bit: bool, von: bool = False, family: bool = False) -> str:
    """A part of a name, in braces where bibtex would cut it otherwise."""
    if not text or (ORDINARY.fullmatch(text) and "and" not in text.lower()):
        return text
    written = latex.encode(text, ascii=to_ascii)
    if eight_bit and not written.isascii():
        written = in_bytes(written, family)
    if not written:
        return ""
    if "," in text or re.search(r"(?i)(?:^|\s)and(?:\s|$)", text) or EXTENDED.match(written):
        return f"{{{written}}}"
    words = tokenize(written)
    if not von and len(words) > 1 and any(is_von(word) for word in words[:-1]):
        return f"{{{written}}}"
    return written


def in_bytes(tex: str, family: bool) -> str:
    """TeX in which no letter that bibtex may take alone has more than one byte, as far as LaTeX has commands."""
    if family:
        size = 0
        for place, char in enumerate(tex[:LABEL]):
            width = len(char.encode("utf-8", "replace"))
            if char in "\\{" or size >= LABEL:
                break
            if size + width > LABEL:
                tex = tex[:place] + latex.command(char) + tex[place + 1 :]
                break
            size += width
    return INITIAL.sub(lambda found: latex.command(found[0]), tex)


def format_extended(name: Name, *, ascii: bool = False) -> str:  # noqa: A002
    """biblatex's extended form, for a particle that its writing does not show or that does not drop."""
    prefix = name.non_dropping_particle or name.dropping_particle
    parts = [("family", name.family), ("given", name.given), ("prefix", prefix), ("suffix", name.suffix)]
    written = [f"{label}={quoted(latex.encode(value, ascii=ascii))}" for label, value in parts if value]
    if prefix:
        written.append(f"useprefix={'true' if name.non_dropping_particle else 'false'}")
    return ", ".join(written)


def quoted(value: str) -> str:
    return f"{{{value}}}" if "," in value or "=" in value or value[:1] == '"' or " and " in f" {value} " else value


def format_list(
    names: Sequence[Name],
    truncated: bool = False,
    *,
    ascii: bool = False,  # noqa: A002
    biblatex: bool = False,
) -> str:
    """A list joined by ``and``, for bibtex(1) or in biblatex's form where BibTeX's does not say all."""
    each = (shortest(name, ascii=ascii) if biblatex else formatted(name, ascii, True) for name in names)
    written = [one for one in each if one]
    return " and ".join([*written, "others"] if truncated else written)


def shortest(name: Name, *, ascii: bool) -> str:  # noqa: A002
    simple = format(name, ascii=ascii)
    return simple if name.literal or parse(simple) == name else format_extended(name, ascii=ascii)


def carries(name: Name) -> bool:
    """Whether BibTeX's own form gives the name back as it is."""
    return parse(format(name)) == name
