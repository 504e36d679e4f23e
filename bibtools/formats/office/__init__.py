"""Documents of Word and LibreOffice: the works that Zotero, Mendeley or EndNote cite in them, and Word's own sources.

Such programs keep what they cite in the fields of the document, as CSL-JSON or EndNote's XML. A document without fields has a
list of references at most, which is text: it is told how many lines it has, and given with the problem.
"""

from bibtools.formats.office.docx import FORMAT as DOCX
from bibtools.formats.office.odt import FORMAT as ODT

__all__ = ["DOCX", "ODT"]
