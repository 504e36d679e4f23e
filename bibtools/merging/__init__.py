"""Given which records are the same work, what to do: a plan of changes, decided before anything is done.

The room is not called `merge` because `bibtools.merge` is the function that people call (`api.merge`), and a package cannot
have both.

`plan` decides who goes where, `combine` what one entry takes from a record, `fields` and `bundle` hold one function for each
choice between two values, `versions` knows preprint from published, `same` when two values say one thing, `memory` what a
person has said before.
"""

from __future__ import annotations

from bibtools.merging.combine import Preference
from bibtools.merging.plan import Options, dedupe, plan

__all__ = ["Options", "Preference", "dedupe", "plan"]
