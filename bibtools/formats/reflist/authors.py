"""The author list of a reference: names in any order and any mixture, as styles print them.

A list that does not part into names stays one literal name: a wrong cut would make people who do not exist.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bibtools.formats import people
from bibtools.record import Name

__all__ = ["parted", "stays_whole"]

OTHERS = re.compile(
    r"[\s,;&]*(?:\b(?:and|und|et|y|e)\s+)?(?:\bet\.?\s?al\b\.?|\bu\.\s?a\.|\band others\b|\bet coll\b\.?|"
    r"\b[ei] in\.|…|\.\.\.)[\s,.;:]*\Z",
    re.IGNORECASE,
)
ROLE = re.compile(
    r"[\s,(\[]*\b(?:eds?|editors?|hrsg|hg|dirs?|éds?|trans|coords?|comps?)\b\.?[\s)\],.:]*\Z|\A(?:by|von|"
    r"edited by|hrsg\. v(?:on|\.)|eds?\.)\s+",
    re.IGNORECASE,
)
AND = re.compile(r"\s*,?\s*(?:(?<=[\s,.])(?:and|und|et|y|och|en|og|e|i)\s|&(?:amp;)?|\s\+\s)\s*")
LAST = re.compile(r"\s(?:and|und|et|y|e)\s|&")
INITIAL = r"(?:[^\W\d_a-z](?:[hH]|[a-z]{0,2})?\.|[^\W\d_a-z]\b\.?)"
INITIALS = re.compile(
    rf"(?:{INITIAL}[\s.-]*){{1,6}}|[^\W\d_a-z]{{1,4}}|(?:[A-Z]\.?[-–‐])+[A-Z]\.?|(?:[A-Z]\.){{1,5}}[A-Z]?"
)
SUFFIX = re.compile(r"(?:Jr|Sr|jr|sr|II|III|IV|2nd|3rd)\.?")
PARTICLE = re.compile(
    r"(?i:van|von|de|der|den|del|della|di|da|dos|du|la|le|ten|ter|te|zu|zur|al|el|bin|ibn|af|av|vom|do|das|dal|st\.?)|d|y|e"
)
WORD = re.compile(r"[^\W\d_][\w'’ʼ`´.-]*")
ORGANISED = re.compile(
    r"\b(?:Collaborations?|Consortium|Group|Team|Institut\w*|Universit\w+|Laborator\w+|Society|Committee|Association|Foundation|Council|Network|"
    r"Project|Initiative|Department|Agency|Organi[sz]ation|Corporation|Inc|Ltd|GmbH|Center|Centre|Ministry|Bundes\w+|Commission|Bank|Office|"
    r"Bureau|Board|Nations|Union|Government|Federation|Statistics|Press|Service|Verband|Ministerium|Amt|"
    r"Task Force|Program(?:me)?|Collaborators|Investigators|Panel)\b"
)
FOR = re.compile(r"\s*(?:for|on behalf of)\s+(?:the\s+)?|\s*the\s+(?=[A-Z])")  # before the name of a group
MOST = 3000  # characters of a list that is parted


def parted(text: str) -> tuple[tuple[Name, ...], bool]:
    """The names of a list, and whether it was cut short ("et al.")."""
    text = " ".join(text.split()).strip(" ,;:")
    text = re.sub(r"\s+([.,;:])", r"\1", text)
    text = re.sub(r"(?<=[^\W\d_A-Z]{3})(?=[A-Z]\.)", " ", text)  # BrommV.
    text = re.sub(r"(?<=(?<![^\W_])[^\W\d_a-z]\.)(?=[^\W\d_]{2})", " ", text)  # F.Marsili
    text = re.sub(r"(?<=\b[^\W\d_a-z]{2})\.\Z|(?<=\b[^\W\d_a-z]{3})\.\Z", "", text)  # Crick FHC.
    cut = OTHERS.search(text)
    text = text[: cut.start()] if cut else text
    while found := ROLE.search(text):
        text = (text[found.end() :] if found.start() == 0 and found.end() < len(text) else text[: found.start()]).strip(
            " ,;:"
        )
        if not text:
            break
    if not text:
        return (), cut is not None
    names = _names(text) if len(text) <= MOST else None
    if names is None:
        return (people.organisation(text),), cut is not None
    return tuple(names), cut is not None


def stays_whole(names: Sequence[Name]) -> bool:
    """Whether what `parted` gave is a list of people that did not part: one literal name with commas or semicolons in it that
    is no organisation ("Ministry of Health, Rome")."""
    if len(names) != 1 or not re.search(r"[;,]", names[0].literal):
        return False
    chunks = [chunk.strip() for chunk in re.split(r"[;,]", names[0].literal)]
    return ORGANISED.search(names[0].literal) is None or any(_kind(chunk) in "IF" for chunk in chunks)


def _names(text: str) -> list[Name] | None:
    """The names, None where the list does not part into such."""
    if ORGANISED.search(text) and ";" not in text and not INITIALS.fullmatch(text.split()[0]):
        parts = [part.strip() for part in re.split(r",\s|\sand\s|&", text)]
        if (
            len(parts) == 1
            or any(ORGANISED.search(part) is None and _kind(part) == "?" for part in parts)
            or (len(parts) == 2 and "," not in text)
        ):
            return None
    if ";" in text or re.search(r"[^\W\d_.]\s?/\s?[^\W\d_]", text):
        apart = re.split(r"\s*(?:;|/)\s*(?:and\s|und\s|&\s*)?", text)
        return _all([name for whole in apart for part in _by_and(whole) if part.strip(" ,") for name in _between(part)])
    chunks: list[str] = []
    for part in AND.split(f" {text} "):
        chunks += [
            chunk.strip() for chunk in re.split(r",(?:\s+|(?=[^\W\d_]))|\s+[-–—]\s+|:\s+", part) if chunk.strip(" .,")
        ]
    return _of_chunks(chunks)


def _by_and(text: str) -> list[str]:
    """Parts of a piece between semicolons: ``Li, Wei & Roe, Jane``."""
    return AND.split(text) if LAST.search(text) else [text]


def _between(text: str) -> Sequence[Name | None]:
    """The names of a piece between semicolons: one, or a list that a group follows (``Roe J, Li W; ABC Group``)."""
    chunks = [chunk.strip() for chunk in text.split(",") if chunk.strip(" .")]
    kinds = [_kind(chunk) for chunk in chunks]
    several = len(chunks) > 1 and (set(kinds) == {"F"} or (len(chunks) > 3 and set(kinds) <= set("WFI")))
    if several and (names := _of_chunks(chunks)):
        return names
    if len(chunks) > 1 and kinds[0] == "F" and "." not in chunks[0]:
        return [None]  # Roe JA, Li W Jr: several, and no telling who
    return [_one(FOR.sub("", text))]


def _all(names: Sequence[Name | None]) -> list[Name] | None:
    return [name for name in names if name] if names and all(names) else None


def _one(text: str) -> Name | None:
    """One name in either order."""
    text = text.strip(" ,")
    if "," in text:
        family, given = (part.strip() for part in text.split(",", 1))
        return _inverted(family, given) if _kind(family) in "WF" and len(text) < 80 else None
    if ORGANISED.search(text):
        return people.organisation(text)
    return _whole(text)


def _kind(chunk: str) -> str:
    """``I`` initials, ``S`` a suffix, ``F`` a name with initials and a word, ``W`` words, ``?`` something else."""
    if SUFFIX.fullmatch(chunk):
        return "S"
    if INITIALS.fullmatch(chunk):
        return "I"
    words = chunk.split()
    if not words or len(words) > 7 or not all(WORD.fullmatch(word) for word in words):
        return "?"
    inner = [word for word in words if not PARTICLE.fullmatch(word)]
    if not inner or not all(
        word[0].isupper() or not word[0].islower() or re.match(r"[a-z][’'][A-Z]|[a-z]{1,2}[A-Z]", word)
        for word in inner
    ):
        return "?"
    return "F" if len(inner) > 1 and any(INITIALS.fullmatch(word) for word in (inner[0], inner[-1])) else "W"


def _of_chunks(chunks: Sequence[str]) -> list[Name] | None:
    """Names of what stands between commas."""
    kinds = [_kind(chunk) for chunk in chunks]
    for at in range(len(kinds) - 1):  # KIM, S.
        surname = kinds[at] == "I" and chunks[at].isalpha() and len(chunks[at]) > 1
        if surname and kinds[at + 1] == "I" and (not at or kinds[at - 1] != "W"):
            kinds[at] = "W"
    if not chunks or "?" in kinds:
        return _partly(chunks, kinds)
    names: list[Name] = []
    inverted = len(kinds) > 1 and kinds[0] in "WF" and _is_inverted(chunks, kinds)
    at = 0
    while at < len(chunks):
        chunk, kind = chunks[at], kinds[at]
        following = kinds[at + 1] if at + 1 < len(kinds) else ""
        suffix = ""
        if kind in "IS":
            if kind == "S" and names:
                last = names.pop()
                names.append(
                    Name(
                        last.family, last.given, last.non_dropping_particle, last.dropping_particle, chunk, last.literal
                    )
                )
                at += 1
                continue
            if at + 1 == len(chunks) or kinds[at + 1] == "I":
                return None
            if kind == "I" and following == "W" and len(chunks[at + 1].split()) == 1 and len(chunk) > 3 and not names:
                return None
            return None
        if following == "S" and at + 2 < len(kinds) and kinds[at + 2] in "I":
            suffix = chunks[at + 1]
            at += 1
            following = kinds[at + 1]
        if (following == "I" and kind == "W") or (
            inverted
            and kind == "W"
            and following in ("W", "F")
            and _is_family(chunk)
            and (not names or not _natural_words(chunk))
        ):
            name = _inverted(chunk, chunks[at + 1])
            at += 2
        else:
            name = _whole(chunk)
            at += 1
        if name is None:
            return None
        names.append(
            Name(
                name.family,
                name.given,
                name.non_dropping_particle,
                name.dropping_particle,
                suffix or name.suffix,
                name.literal,
            )
        )
    return names


def _is_inverted(chunks: Sequence[str], kinds: Sequence[str]) -> bool:
    """Whether a list begins with ``Last, First``: the first chunk is one surname, the second given names."""
    return (
        _is_family(chunks[0])
        and kinds[1] in "WFI"
        and not (kinds[1] == "F" and INITIALS.fullmatch(chunks[1].split()[0]))
    )


def _is_family(chunk: str) -> bool:
    return len([word for word in chunk.split() if not PARTICLE.fullmatch(word)]) == 1


def _natural_words(chunk: str) -> bool:
    return len(chunk.split()) > 1 and not PARTICLE.fullmatch(chunk.split()[0])


def _partly(chunks: Sequence[str], kinds: Sequence[str]) -> list[Name] | None:
    """A list in which an organisation stands beside people: ``A. Roe and the XYZ Collaboration``."""
    rest = [chunk for chunk, kind in zip(chunks, kinds, strict=True) if kind == "?"]
    if not all(ORGANISED.search(chunk) and len(chunk) < 80 for chunk in rest) or len(rest) == len(chunks):
        return None
    names = _of_chunks([chunk for chunk, kind in zip(chunks, kinds, strict=True) if kind != "?"])
    return None if names is None else [*names, *(people.organisation(chunk.removeprefix("the ")) for chunk in rest)]


def _inverted(family: str, given: str) -> Name | None:
    words = family.split()
    if len(words) > 1 and INITIALS.fullmatch(words[-1]) and not words[-1].isupper():
        return None
    name = people.inverted(f"{family}, {given}")
    return name if not name.literal else None


def _whole(text: str) -> Name | None:
    """``Jane M. Roe``, ``Roe JM``, ``Roe J. M.``; one word alone is a name of one word."""
    words = text.split()
    if len(words) == 1:
        return Name(literal=text) if len(text) > 1 else None
    if len(words) > 7:
        return None
    if ORGANISED.search(text) and (_kind(text) != "F" or ("." not in text and len(words) > 2)):
        return people.organisation(text)
    if "." not in words[0] and len(words[0]) > 1 and INITIALS.fullmatch(words[-1]):
        first = next(place for place in range(1, len(words)) if all(map(INITIALS.fullmatch, words[place:])))
        family = " ".join(words[:first])
        if _is_family(family) or first == len(words) - 1:
            name = people.inverted(f"{family}, {' '.join(words[first:])}")
            return name if not name.literal else None
    if (
        words[0].isupper()
        and words[0].isalpha()
        and len(words[0]) > 2
        and not any(word.isupper() for word in words[1:])
    ):
        return people.inverted(f"{words[0]}, {' '.join(words[1:])}")  # CLARK Hilary
    return people.natural(text)
