"""Several works in one reference, as lists in physics and chemistry have them: ``... 19, 1264 (1967); A. Roe, ...``.

A reference is cut behind a year, at a semicolon or before ``(b)``, and each part is labelled by itself. A part that has authors,
a place where it was published and a date of its own is a reference. One that has no authors ("; Phys. Rev. D 5, 1412 (1972)")
is another publication of the work before: it is told and not read. Nothing of two works is ever mixed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bibtools.formats.reflist.cutting import Piece
from bibtools.formats.reflist.model import Labelled, Model
from bibtools.formats.reflist.tokens import tokenise

__all__ = ["apart"]

CUT = re.compile(
    r"(?<=[\d)\]])[.,]?\s*(?:;\s*(?:\(?[b-h]\)\s*)?|\s\(?[b-h]\)\s*)(?=[^\W\d_a-z]|[\"“„])|"
    r"(?<=[\d)\]])[.,]?\s*;\s*(?=(?:van|von|de|der|den|di|da|la)\s)"
)
DATED = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)[^;]{0,30}\Z")
LONGEST = 6000  # characters of a reference that is cut
FIRST = re.compile(r"\A\(?a\)\s*")
WHERE = frozenset(("journal", "book", "title"))


def apart(pieces: Sequence[Piece], known: Model) -> tuple[list[Piece], dict[int, str]]:
    """The pieces, those of several works cut, and for the places of some in the result the text of another publication."""
    candidates = {place: parts for place, piece in enumerate(pieces) if len(parts := _parts(piece.text)) > 1}
    if not candidates:
        return list(pieces), {}
    texts = [part for parts in candidates.values() for part in parts]
    labels = iter(known.label([tokenise(text) for text in texts], range(len(texts))))
    result: list[Piece] = []
    rest: dict[int, str] = {}
    for place, piece in enumerate(pieces):
        parts = candidates.get(place, [])
        found = [next(labels) for _ in parts]
        if not parts or not _is_published(found[0]):
            result.append(piece)
            continue
        groups = [[parts[0]]]
        others = [""]
        for part, labelled in zip(parts[1:], found[1:], strict=True):
            if _is_published(labelled) and "author" in _sure(labelled):
                groups.append([part])
                others.append("")
            elif _is_published(labelled) and {"volume", "pages"} & set(labelled.labels):
                others[-1] = f"{others[-1]}; {part}" if others[-1] else part
            elif others[-1]:
                others[-1] = f"{others[-1]}; {part}"
            else:
                groups[-1].append(part)
        for group, other in zip(groups, others, strict=True):
            if other:
                rest[len(result)] = other
            whole = piece.text if len(groups) == 1 and not other else "; ".join(group)
            result.append(Piece(whole, piece.label, piece.line))
    return result, rest


def _parts(text: str) -> list[str]:
    """Where a reference may hold another: behind a year, outside of quotation marks."""
    if len(text) > LONGEST or (";" not in text and ") " not in text):
        return [text]
    cuts = [
        found
        for found in CUT.finditer(text)
        if DATED.search(text[: found.start()]) and text[: found.start()].count("“") <= text[: found.start()].count("”")
    ]
    parts: list[str] = []
    start = 0
    for found in cuts:
        parts.append(text[start : found.start()])
        start = found.end()
    parts.append(text[start:])
    if len(parts) > 1:
        parts[0] = FIRST.sub("", parts[0])
    return parts


def _sure(labelled: Labelled) -> set[str]:
    return {label for label, sure in zip(labelled.labels, labelled.sure, strict=True) if sure >= 0.6}


def _is_published(labelled: Labelled) -> bool:
    """Whether a part has a date and a place where it was published, or a title."""
    labels = _sure(labelled)
    return "date" in labels and bool(WHERE & labels)
