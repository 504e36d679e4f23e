"""Identifiers of arXiv papers, old and new, wherever they are written."""

from __future__ import annotations

import re

__all__ = ["find_id"]

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


def find_id(text: str) -> str:
    """The arXiv identifier in a URL, DOI, eprint field or text, without version; ``""`` when there is none.

    A bare number such as ``2304.01234`` counts only when nothing else is there. ``math.AG/0309136`` is ``math/0309136``.
    """
    match = _BARE.fullmatch(text[:200]) or _PREFIXED.search(text) or _OLD_BARE.search(text)
    if not match:
        return ""
    groups = match.groupdict()
    return groups.get("new") or f"{groups['archive'].lower()}/{groups['old']}"
