"""LaTeX as it stands in bibliographies, to the text of a Record and back, and that text for people and for CSL.

``decode(encode(text)) == text`` but for: ``\\%`` and its like (taken for escaped already), runs of blanks (BibTeX makes
them one), control characters (removed), what would break a document inside mathematics (``%``, ``#``, ``&``, lone escaped
braces, ``\\Q``: repaired), display mathematics (one dollar is enough), with ``ascii`` the single quotation marks ‘ ’ (TeX has
` and ') and letters of other scripts inside mathematics, and with ``title`` the nocase spans around protected words (see
`unprotected`).
"""

from bibtools.latex.casing import print_alike
from bibtools.latex.decoding import decode, decoded, hrefs
from bibtools.latex.encoding import balanced, clean, command, encode, repaired, unprotected, verbatim
from bibtools.latex.markup import html, plain
from bibtools.latex.proper import proper_words, protected

__all__ = [
    "balanced",
    "clean",
    "command",
    "decode",
    "decoded",
    "encode",
    "hrefs",
    "html",
    "plain",
    "print_alike",
    "proper_words",
    "protected",
    "repaired",
    "unprotected",
    "verbatim",
]
