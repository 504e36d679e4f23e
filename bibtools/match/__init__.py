"""Which records are the same work, and how do we know?

`pairs` gives verdicts on the pairs worth a look, `explain` on any pair, `clusters` the groups that a merge may join.
"""

from __future__ import annotations

from bibtools.match.judge import clusters, explain, pairs

__all__ = ["clusters", "explain", "pairs"]
