"""Given which records are the same work, what to do: a plan of changes, decided before anything is done.

The package is not called `merge` because `bibtools.merge` is the function that people call (`api.merging`), and a package cannot
have both.

`policy` is what a person wants, `group` which records make one entry, `resolve` what they come to, `plan` the changes and what
becomes of every record; `combine` what one entry takes from one record, `fields` and `bundle` one function for each choice
between two values, `decisions` what a person has said of pairs before, `threeway` the git merge driver's.
"""

from __future__ import annotations

from bibtools.merging.plan import plan, plan_dedupe
from bibtools.merging.policy import MergePolicy, OnUnsure, Side, Versions
from bibtools.merging.pool import Context

__all__ = ["Context", "MergePolicy", "OnUnsure", "Side", "Versions", "plan", "plan_dedupe"]
