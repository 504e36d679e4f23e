"""Formats of tagged lines other than RIS: PubMed, EndNote/Refer, Web of Science, Ovid, Inspec, the RePEc mails.

`lines` cuts a text into records of tags; each format is a table of tags and the few whose meaning needs a function. A tag
without a place is kept in ``extra`` under ``<format> <tag>``, a name that no .bib takes for a field.
"""

from bibtools.formats.tagged.enw import FORMAT as ENW
from bibtools.formats.tagged.inspec import FORMAT as INSPEC
from bibtools.formats.tagged.nbib import FORMAT as NBIB
from bibtools.formats.tagged.ovid import FORMAT as OVID
from bibtools.formats.tagged.repec import FORMAT as REPEC
from bibtools.formats.tagged.wos import FORMAT as WOS

__all__ = ["ENW", "INSPEC", "NBIB", "OVID", "REPEC", "WOS"]
