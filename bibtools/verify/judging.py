"""The verdict on an entry, from the known works that it may be and the sources that were asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bibtools.index import terms
from bibtools.record import Record
from bibtools.verify.judgement import Asked, Judgement, Standing, Work

__all__ = ["judge"]

Weigh = Callable[[str], float]


def judge(
    entry: Record, works: Sequence[Work], asked: Sequence[Asked] = (), weigh: Weigh = lambda word: 10.0
) -> Judgement:
    """The verdict on an entry. Pure; never raises on content; the order of works and sources makes no difference.

    ``weigh`` says how rare a word of a title is among the known works (`index.Index.weigh`).
    """
    place = {"file": entry.origin.source, "line": entry.origin.line}

    def judged(standing: Standing, reason: str, found: Sequence[Work] = ()) -> Judgement:
        return Judgement(
            entry.id,
            standing,
            entry,
            works=tuple(found),
            asked=tuple(asked),
            reason=reason,
            **place,  # type: ignore[arg-type]
        )

    title = terms.title_words(entry.title)
    same = [work for work in works if title and terms.title_words(work.record.title) == title]
    if same:
        return judged(Standing.VERIFIED, "a known work has this title", same[:1])
    failed = [each for each in asked if each.failure]
    if failed or not asked:
        reason = f"{failed[0].source} did not answer" if failed else "there is no source to ask"
        return judged(Standing.UNRESOLVED, reason)
    covering = [each for each in asked if each.covers]
    if covering:
        return judged(Standing.NOT_FOUND, f"{covering[0].source} does not know it: {covering[0].covers}")
    return judged(Standing.NOT_CHECKABLE, "no source that was asked has to know it")
