"""arXiv's categories, and the labels by which pages call them.

Source: arxiv-base, arxiv/taxonomy/definitions.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["CATEGORIES", "canonical", "category", "is_label"]

_SUBJECTS = {  # active categories by archive
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS PF PL RO SC "
    "SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "nlin": "AO CD CG PS SI",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph geo-ph "
    "hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
}
_WHOLE = "gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th quant-ph".split()
_ALIASES = {
    "acc-phys": "physics.acc-ph", "adap-org": "nlin.AO", "alg-geom": "math.AG", "ao-sci": "physics.ao-ph",
    "atom-ph": "physics.atom-ph", "bayes-an": "physics.data-an", "chao-dyn": "nlin.CD", "chem-ph": "physics.chem-ph",
    "cmp-lg": "cs.CL", "comp-gas": "nlin.CG", "cs.NA": "math.NA", "cs.SY": "eess.SY", "dg-ga": "math.DG",
    "funct-an": "math.FA", "math.IT": "cs.IT", "math.MP": "math-ph", "mtrl-th": "cond-mat.mtrl-sci",
    "patt-sol": "nlin.PS", "plasm-ph": "physics.plasm-ph", "q-alg": "math.QA", "q-fin.EC": "econ.GN",
    "solv-int": "nlin.SI", "stat.TH": "math.ST", "supr-con": "cond-mat.supr-con",
}  # fmt: skip
CATEGORIES = frozenset(
    [f"{archive}.{subject}" for archive, subjects in _SUBJECTS.items() for subject in subjects.split()]
    + _WHOLE
    + list(_ALIASES)
    + ["astro-ph", "cond-mat", "q-bio"]
)
"""Every category identifier that a paper can carry, active or not."""


def _labels() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    active = CATEGORIES - {each for each in _ALIASES if "." not in each}
    for each in active:
        found.setdefault(each.rpartition(".")[2].upper(), set()).add(each)
    for each in _ALIASES:
        found.setdefault(each.upper(), {canonical(each)})
    return {label: tuple(sorted(ids)) for label, ids in found.items()}


def canonical(identifier: str) -> str:
    """The identifier that arXiv itself shows for a category: ``cs.SY`` is ``eess.SY``."""
    return _ALIASES.get(identifier, identifier)


_BY_LABEL = _labels()
_BY_NAME = {each.lower(): each for each in CATEGORIES}


def category(label: str, neighbours: Iterable[str] = ()) -> str:
    """The full category of a page's label (``CL`` is ``cs.CL``); ``""`` when it is unknown or stays ambiguous.

    ``neighbours`` are the other labels of the page. An ambiguous label goes to the one archive that its neighbours
    speak for, by four to one at least: a wrong category is worse than none.
    """
    if "." in label and label.lower() in _BY_NAME:
        return _BY_NAME[label.lower()]
    candidates = _BY_LABEL.get(label.upper(), ())
    meant = {canonical(each) for each in candidates}
    if len(meant) <= 1:
        return meant.pop() if meant else ""
    votes = _votes(tuple(sorted(neighbours)))
    archives = {each: each.partition(".")[0] for each in candidates}
    weights: dict[str, int] = {}
    for each in candidates:
        also = {alias.partition(".")[0] for alias, target in _ALIASES.items() if target == each and "." in alias}
        weights[each] = sum(votes[name] for name in {archives[each]} | (also - set(archives.values())))
    best, second = sorted(candidates, key=lambda each: -weights[each])[:2]
    return best if weights[best] and weights[best] >= 4 * weights[second] else ""


def is_label(label: str) -> bool:
    """Whether arXiv has categories that a page would label so."""
    return label.upper() in _BY_LABEL or label.lower() in _BY_NAME


@lru_cache(maxsize=256)
def _votes(labels: tuple[str, ...]) -> Counter[str]:
    """How many labels of a page belong to each archive, counting those that can belong to one only."""
    votes: Counter[str] = Counter()
    for label, count in Counter(labels).items():
        found = {canonical(each) for each in _BY_LABEL.get(label.upper(), ())}
        if "." in label and label.lower() in _BY_NAME:
            found = {_BY_NAME[label.lower()]}
        if len(found) == 1:
            votes[found.pop().partition(".")[0]] += count
    return votes
