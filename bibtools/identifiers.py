"""Identifiers of works, wherever they are written: DOI, arXiv number, ISBN, ISSN, PMID, PMCID.

Every part of bibtools that looks for an identifier in a text, compares two, or removes what people wrap around one asks
here, so that all of them agree on what one is.

Sources of the rules
- DOI: ``10.`` registrant ``/`` suffix, case-insensitive (DOI Handbook, 2.2 and 3.8). Resolver addresses, ``doi:`` and a
  full stop at the end are wrapping. A closing bracket belongs to the DOI only if it was opened there.
- arXiv: https://info.arxiv.org/help/arxiv_identifier.html, old and new scheme. The subject class of the old scheme is no
  part of the number: ``math.AG/0309136`` is ``math/0309136``.
- ISBN: the check digits of ISBN-10 and ISBN-13 (ISBN Users' Manual, 7th edition).
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

__all__ = [
    "ARXIV_IN_TEX",
    "DOI",
    "DOI_IN_TEX",
    "arxiv_id",
    "arxiv_id_of_decimal",
    "bare_doi",
    "doi",
    "is_arxiv_doi",
    "is_doi",
    "is_isbn",
    "isbns",
    "issn",
    "pmcid",
    "split_resolver",
    "without_label",
    "without_resolver",
]

# --- DOI --------------------------------------------------------------------------------------------------------------

DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
DOI_IN_TEX = re.compile(
    r"10\.\d{4,9}(?:[^\s{}\",]|\{[^{}\s]*\})+"
)  # in the source of a .bib, up to the end of its value
_PLAIN_DOI = re.compile(r"10\.[0-9]{4,9}/[A-Za-z0-9./-]*[A-Za-z0-9]")
_RESOLVER = re.compile(r"(?:https?://)?(?:dx\.|www\.)?doi\.org/(?=10\.)", re.IGNORECASE)
_DOI_PREFIX = re.compile(r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:?\s*)(?=10\.)", re.IGNORECASE)
_DOI_WRAPPING = re.compile(r"(?:https?://)?(?:(?:dx\.|www\.)?doi\.org/|(?:info:)?doi[:/]?\s*|doi\s+)?", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)


def doi(text: str) -> str:
    """The normal form (lower case, no wrapping) of the first DOI in a text, ``""`` if there is none."""
    if "10." not in text:
        return ""
    if "%" in text:
        text = unquote(text)
    if "&" in text:
        text = html.unescape(text)
    found = DOI.search(text.replace("\\", "").replace("{", "").replace("}", ""))
    if not found:
        return ""
    bare = found[0].lower().rstrip(".,;:'\"")
    while bare.endswith((")", "]")) and bare.count("(") + bare.count("[") < bare.count(")") + bare.count("]"):
        bare = bare[:-1].rstrip(".,;")
    return bare


def bare_doi(text: str) -> str:
    """The DOI that a text consists of, in its own case, without wrapping; ``""`` if the text is anything else."""
    if _PLAIN_DOI.fullmatch(text):
        return text
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    normal = doi(text)
    for spelling in (text, text.replace("\\", ""), unquote(text)) if normal else ():
        at = spelling.lower().find(normal)
        if at < 0 or len(spelling) != len(spelling.lower()):
            continue
        if _DOI_WRAPPING.fullmatch(spelling[:at].lstrip()) and not spelling[at + len(normal) :].strip(" .,;/"):
            return spelling[at : at + len(normal)]
    return ""


def is_doi(text: str) -> bool:
    """Whether a text is one DOI and nothing else."""
    return DOI.fullmatch(text) is not None


def is_arxiv_doi(text: str) -> bool:
    """Whether a DOI is one of those that arXiv registers for its papers."""
    return _ARXIV_DOI.match(text) is not None


def without_resolver(text: str) -> str:
    """A DOI without a resolver's address or ``doi:`` in front; any other text as it is."""
    return _DOI_PREFIX.sub("", text, count=1) if _DOI_PREFIX.match(text) else text


def split_resolver(text: str) -> tuple[str, str]:
    """The address of a DOI resolver at the beginning of a text, ``""`` if there is none, and the rest."""
    found = _RESOLVER.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


# --- arXiv ------------------------------------------------------------------------------------------------------------

_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
)
_OLD = rf"(?P<archive>{'|'.join(_ARCHIVES.split())})(?:\.[A-Za-z-]{{2,12}})?/(?P<old>\d{{2}}(?:0[1-9]|1[0-2])\d{{3}})"
_NEW = r"(?P<new>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})"
_END = r"(?:v\d{1,3})?(?![\d/])"
_PREFIXED = re.compile(
    r"(?:arxiv\.org/[a-z]{2,8}/|10\.48550/|\barxiv[:.\s]|\barxiv preprint[:\s]|(?<![\w/])abs/)"
    rf"\s*(?:arxiv[:.]\s*)?(?:{_NEW}|{_OLD}){_END}",
    re.IGNORECASE,
)
_BARE = re.compile(rf"\s*{_NEW}{_END}\s*(?:\[[A-Za-z.-]{{2,20}}\])?\s*")
_OLD_BARE = re.compile(rf"(?<![\w/.-]){_OLD}{_END}")
# What may be an arXiv number, anywhere in the source of a .bib: for a quick search, `arxiv_id` decides.
ARXIV_IN_TEX = re.compile(r"(?<!\d)\d{4}\.\d{4,5}(?!\d)|[a-z-]+(?:\.[A-Z]{2})?/\d{7}")


def arxiv_id(text: str) -> str:
    """The arXiv number in a URL, DOI, eprint field or text, without version; ``""`` when there is none.

    A bare number such as ``2304.01234`` counts only when nothing else is there.
    """
    match = _BARE.fullmatch(text[:200]) or _PREFIXED.search(text) or _OLD_BARE.search(text)
    if not match:
        return ""
    groups = match.groupdict()
    return groups.get("new") or f"{groups['archive'].lower()}/{groups['old']}"


_DECIMAL = re.compile(r"(\d{3,4})\.(\d{1,17})")


def arxiv_id_of_decimal(text: str) -> str:
    """The arXiv number that a spreadsheet read as a decimal: ``704.34`` is 0704.3400, ``1702.0221800000002`` is 1702.02218.
    ``""`` where it cannot be one. Numbers have four digits behind the point until 2014, five since (arXiv's scheme)."""
    found = _DECIMAL.fullmatch(text.strip())
    if not found:
        return ""
    month, digits = found[1].zfill(4), 4 if int(found[1]) < 1501 else 5
    number = f"{float('0.' + found[2]):.{digits}f}"
    rounded_up = not number.startswith("0.")
    return "" if rounded_up else arxiv_id(f"{month}.{number[2:]}")


# --- ISBN, ISSN, PubMed -----------------------------------------------------------------------------------------------

_ISBN = re.compile(r"(?<![\dxX])(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dxX](?![\dxX])")
_ISSN = re.compile(r"(?<![\dXx-])\d{4}-?\d{3}[\dXx](?![\dXx-])")
_LABEL = re.compile(r"(?:isbn|e?issn|pmid)(?:-1[03])?[:\s]*(?=[\dXx][\dXx\s\u2010-\u2015\u2212-]+$)", re.IGNORECASE)


def is_isbn(digits: str) -> bool:
    """Whether 10 or 13 digits (the last of 10 may be ``X``), without hyphens, are an ISBN with a right check digit."""
    if len(digits) == 10 and digits[:9].isdecimal() and (digits[9].isdecimal() or digits[9] == "X"):
        values = [10 if digit == "X" else int(digit) for digit in digits]
        return sum((10 - position) * value for position, value in enumerate(values)) % 11 == 0
    return len(digits) == 13 and digits.isdecimal() and _ean_sum(digits) % 10 == 0


def _ean_sum(digits: str) -> int:
    return sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))


def isbns(text: str) -> tuple[str, ...]:
    """Every ISBN in a text as 13 digits, whether written with 10 or 13; one with a wrong check digit is left out."""
    found: list[str] = []
    for spelled in _ISBN.findall(text):
        digits = spelled.replace("-", "").replace(" ", "").upper()
        if not is_isbn(digits):
            continue
        if len(digits) == 10:
            digits = "978" + digits[:9]
            digits += str(-_ean_sum(digits) % 10)
        if digits not in found:
            found.append(digits)
    return tuple(found)


def issn(text: str) -> str:
    """The first ISSN in a text as it is written, ``""`` if there is none. The check digit is not looked at."""
    found = _ISSN.search(text)
    return found[0] if found else ""


def without_label(text: str) -> str:
    """An ISBN, ISSN or PMID without its own name in front: ``ISBN-13: 978-...``; any other text as it is."""
    return _LABEL.sub("", text, count=1) if _LABEL.match(text) else text


def pmcid(text: str) -> str:
    """``PMC`` and the number, from any spelling of a PubMed Central identifier; ``""`` if the text is none."""
    found = re.fullmatch(r"(?:pmcid[:\s]*)?(?:pmc)?(\d+)", text, re.IGNORECASE)
    return f"PMC{found[1]}" if found else ""
