"""Does this reference exist, is it this one, and what in it is wrong? Judged by known works that others hand in.

judgement  what is said of an entry, and what it goes by
judging    the verdict: evidence is weighed from exact identifiers down to people or title alone
retraction  a step behind it: is there a notice about the work?
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bibtools.verify.judgement import ALARMS, Asked, Certainty, Finding, Judgement, Standing, Work

if TYPE_CHECKING:
    from bibtools.verify.judging import judge

__all__ = ["ALARMS", "Asked", "Certainty", "Finding", "Judgement", "Standing", "Work", "judge"]


def __getattr__(name: str) -> object:
    if name == "judge":
        from bibtools.verify.judging import judge

        return judge
    raise AttributeError(f"module 'bibtools.verify' has no attribute {name!r}")
