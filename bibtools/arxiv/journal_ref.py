"""arXiv's ``journal-ref``, free text in which authors say where a paper was published, taken apart where it can be.

Only forms in which every part is known by its place are taken (``Phys. Rev. D 91 (2015) 012003``, ``Astrophys.J.661:19-29,2007``,
``IEEE Trans. Inf. Theory, vol. 53, no. 3, pp. 900-915, March 2007``); everything else stays text: a wrong journal is worse than
none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Published", "parse"]

JOURNAL = r"(?P<journal>[^\W\d_][^\d;()]*?)"
VOLUME = r"(?P<volume>[A-Z]?\d{1,4}[A-Z]?)"
ISSUE = r"(?:\s*\((?P<issue>\d{1,3})\))?"
ANY_ISSUE = r"(?:\s*[(,]?\s*(?:no\.?|num\.?|number|issue|iss\.?|n\.)?\s*(?P<issue>\d{1,3}(?:-\d{1,3})?)\)?)?"
NUMBER = r"[A-Za-z]{0,2}\d{1,7}(?:\.\d{1,5})?[A-Za-z]?"
PAGES = rf"(?:pp?\.?|pages?)?\s*(?P<pages>{NUMBER}(?:\s*-{{1,2}}\s*{NUMBER})?)"
YEAR = r"(?P<year>(?:19|20)\d\d)"
MONTH = r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?\s*)?"
VOL = r"vol(?:ume)?\.?\s*(?P<volume>\d{1,4})(?:\s*,?\s*(?:no|number|issue)\.?\s*(?P<issue>\d{1,3}))?"
LEAD = JOURNAL + r"[\s,.:]*" + VOLUME
END = r"\s*\.?"
FORMS = (
    re.compile(rf"{LEAD}{ANY_ISSUE}\s*\({YEAR}\)[\s,:]*{PAGES}{END}"),  # Phys. Rev. D 91 (2015) 012003
    re.compile(rf"{LEAD}{ISSUE}\s*[,:]\s*{PAGES}\s*[,:]?\s*\({YEAR}\){END}"),  # Phys. Rev. Lett. 95, 226401 (2005)
    re.compile(rf"{LEAD}{ISSUE}\s*:\s*{PAGES}\s*,\s*{YEAR}{END}"),  # Astrophys.J.661:19-29,2007
    re.compile(rf"{JOURNAL},\s*{VOL}\s*,\s*(?:pp?\.?|pages?)\s*{PAGES}\s*,?\s*\(?{MONTH}{YEAR}\)?{END}", re.IGNORECASE),
    re.compile(rf"{JOURNAL},\s*{VOLUME}{ISSUE}\s*[:,]\s*{PAGES},\s*{YEAR}{END}"),  # J. ACM, 54(2):7, 2007
)
NOT_JOURNALS = re.compile(
    r"\b(?:proc(?:eedings|\.|s\b)|conference|conf\.|workshop|symposium|lecture notes|lncs|thesis|book|in\s+press|to\s+appear|"
    r"submitted|accepted|eds?\.|editors?|chapter|in:)|^in\s", re.IGNORECASE,
)  # fmt: skip
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Published:
    journal: str
    volume: str
    issue: str
    pages: str
    year: int


def parse(text: str) -> Published | None:
    """What a reference says, or `None` where it is not one journal, volume, page and year and nothing else."""
    text = " ".join(text.replace("–", "-").split())
    if len(text) > LONGEST or NOT_JOURNALS.search(text) or "\\" in text or "$" in text:
        return None
    for form in FORMS:
        if found := form.fullmatch(text):
            return _published(found)
    return None


def _published(found: re.Match[str]) -> Published | None:
    groups = found.groupdict()
    journal = VOLUME_WORD.sub("", groups["journal"].strip(" ,:"))
    if sum(map(str.isalpha, journal)) < 2 or NUMBER_WORD.search(journal):
        return None
    if found.string.startswith(".", found.end("journal")) and not journal.endswith("."):
        journal += "."
    journal = re.sub(r"\.(?=[A-Za-z&])", ". ", journal)
    volume = groups["volume"]
    if SECTION.match(volume) and journal.endswith("."):  # Phys.Rev.D76 is volume 76 of Phys. Rev. D
        journal, volume = f"{journal} {volume[0]}", volume[1:]
    pages = re.sub(r"\s*-{1,2}\s*", "–", groups["pages"])
    return Published(journal, volume, groups.get("issue") or "", pages, int(groups["year"]))


SECTION = re.compile(r"[A-H]\d")
VOLUME_WORD = re.compile(r"[\s,]*\bvol(?:ume)?\.?$", re.IGNORECASE)
NUMBER_WORD = re.compile(r"\b(?:no|num|number|issue|pp?)\.?$", re.IGNORECASE)
