"""Text copied from pages that list papers: one file a site, known by marks that only its pages have.

A text is claimed where at least three papers are found by a site's own marks (a page of one arXiv paper: by its labels). What
stands between papers (menus, counts, buttons) is told once, with its text.
"""

from bibtools.formats.copied.acl_anthology import FORMAT as ACL_ANTHOLOGY
from bibtools.formats.copied.arxiv_list import FORMAT as ARXIV_LIST
from bibtools.formats.copied.arxiv_mail import FORMAT as ARXIV_MAIL
from bibtools.formats.copied.arxiv_page import FORMAT as ARXIV_PAGE
from bibtools.formats.copied.arxiv_search import FORMAT as ARXIV_SEARCH
from bibtools.formats.copied.dblp_page import FORMAT as DBLP_PAGE
from bibtools.formats.copied.google_scholar import FORMAT as GOOGLE_SCHOLAR
from bibtools.formats.copied.hal import FORMAT as HAL
from bibtools.formats.copied.inspire import FORMAT as INSPIRE
from bibtools.formats.copied.openreview import FORMAT as OPENREVIEW
from bibtools.formats.copied.orcid import FORMAT as ORCID
from bibtools.formats.copied.researchgate import FORMAT as RESEARCHGATE
from bibtools.formats.copied.semantic_scholar import FORMAT as SEMANTIC_SCHOLAR

__all__ = ["ALL"]

ALL = (
    ARXIV_LIST,
    ARXIV_SEARCH,
    ARXIV_PAGE,
    ARXIV_MAIL,
    DBLP_PAGE,
    GOOGLE_SCHOLAR,
    SEMANTIC_SCHOLAR,
    OPENREVIEW,
    ACL_ANTHOLOGY,
    HAL,
    INSPIRE,
    ORCID,
    RESEARCHGATE,
)
