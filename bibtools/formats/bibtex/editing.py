"""Changes of a library as edits of its document: which BibTeX field of which entry has to say what.

A field of the Record is written where the entry carries it already (``journal`` or ``journaltitle``, ``year`` or ``date``),
else under the name of the file's dialect. Where the entry already says the same in other words (LaTeX for Unicode, another
dash) nothing is edited.
"""

from __future__ import annotations
