"""Names of people as sources write them in plain text, without TeX: ``Ada Lovelace``, ``Lovelace, Ada``, ``Lovelace A``.

`bibtools.names` reads the names of a .bib, where backslashes and braces mean something; here they are letters like others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bibtools import names
from bibtools.record import Name

__all__ = ["inverted", "listed", "natural", "organisation", "with_initials"]

SUFFIX = re.compile(r"(?:,\s*|\s+)(Jr\.?|Sr\.?|II|III|IV|2nd|3rd)$")
INITIALS = re.compile(r"(?:[A-ZÀ-ÖØ-Þ]\.?[- ]?){1,5}")
OTHERS = re.compile(r"(?:and |& ?)?(?:others|et\.? ?al\.?)", re.IGNORECASE)


def organisation(text: str) -> Name:
    return Name(literal=" ".join(text.split()))


@lru_cache(maxsize=65536)
def natural(text: str) -> Name:
    """``Ada K. Lovelace``, ``Jan van der Berg``, ``Sammy Davis Jr.``; one that has a comma is taken for inverted."""
    text = " ".join(text.split())
    found = SUFFIX.search(text)
    if found and "," not in text[: found.start()] and " " in text[: found.start()]:
        name = natural(text[: found.start()])
        return Name(name.family, name.given, dropping_particle=name.dropping_particle, suffix=found[1])
    return inverted(text) if "," in text else names.plain(text)


@lru_cache(maxsize=65536)
def inverted(text: str) -> Name:
    """``Lovelace, Ada``, ``Lovelace, Ada, Jr.``, ``Davis, Jr., Sammy``; without a comma as `natural`, with a trailing one an
    organisation (EndNote's rule)."""
    text = " ".join(text.split())
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1:
        return names.plain(text)
    if len(parts) == 2 and not parts[1]:
        return Name(literal=parts[0])
    suffix = ""
    if len(parts) == 3:
        at = 1 if SUFFIX.fullmatch(f" {parts[1]}") else 2
        suffix = parts.pop(at)
    if len(parts) != 2 or not parts[0]:
        return Name(literal=text.rstrip(" ,"))
    last = names.plain(f"{parts[0]}, {parts[1] or 'X'}")
    return Name(last.family, parts[1], dropping_particle=last.dropping_particle, suffix=suffix)


@lru_cache(maxsize=65536)
def with_initials(text: str) -> Name:
    """``Lovelace AK`` as PubMed, Web of Science and Ovid write it: the last word is the initials; else as `natural`."""
    text = " ".join(text.split())
    if "," in text:
        return inverted(text)
    found = SUFFIX.search(text)
    suffix = found[1] if found else ""
    head, _, last = (text[: found.start()] if found else text).rpartition(" ")
    if head and INITIALS.fullmatch(last):
        return Name(head, last, suffix=suffix)
    return natural(text)


def listed(people: Iterable[str], *, inverted_form: bool = False) -> tuple[tuple[Name, ...], bool]:
    """Names of a list, and whether it ends in "et al."."""
    read = inverted if inverted_form else natural
    found = [text for each in people if (text := each.strip())]
    cut = bool(found) and OTHERS.fullmatch(found[-1]) is not None
    return tuple(map(read, found[:-1] if cut else found)), cut
