"""What arXiv does: identifiers, categories, author strings, TeX accents, and the parts of its BibTeX export.

The keys and entries that arXiv gives are computed from the raw strings of its records by rules that are sometimes odd
(`A. Abulencia et al. (CDF Collaboration)` is keyed ``al2007...``). A `Record` tells the truth instead (one author, list
cut short), so where the two differ the raw string is kept in ``Record.extra``: ``tex-title``, ``tex-authors``,
``raw-doi``. `raw_title`, `authors_text` and `raw_doi` use it as long as it still belongs to what the record says.

Rules: the published behaviour of arXiv (arxiv-base: authors, tex2utf, taxonomy; arxiv-browse: cite), re-implemented.
"""

from __future__ import annotations

from bibtools.arxiv.authors import Author, author_name, parse_authors, read_authors, split_authors
from bibtools.arxiv.categories import CATEGORIES, canonical, category, is_label
from bibtools.arxiv.metadata import authors_text, key_name, published, raw_doi, raw_title, record
from bibtools.arxiv.tex import text, unicode

__all__ = [
    "CATEGORIES",
    "Author",
    "author_name",
    "authors_text",
    "canonical",
    "category",
    "is_label",
    "key_name",
    "parse_authors",
    "published",
    "raw_doi",
    "raw_title",
    "read_authors",
    "record",
    "split_authors",
    "text",
    "unicode",
]
