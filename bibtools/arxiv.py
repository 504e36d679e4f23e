"""What arXiv does: identifiers, categories, author strings, TeX accents, and the author part of its BibTeX export.

The keys and entries that arXiv gives are computed from the raw strings of its records by rules that are sometimes odd
(`A. Abulencia et al. (CDF Collaboration)` is keyed ``al2007...``). A `Record` tells the truth instead (one author, list
cut short), so where the two differ the raw string is kept in ``Record.extra``: ``tex-title``, ``tex-authors``,
``raw-doi``. `raw_title` and `authors_text` use it as long as it still belongs to the record's own title and authors.

Rules: the published behaviour of arXiv (arxiv-base: authors, tex2utf, taxonomy; arxiv-browse: cite), re-implemented.
Affiliations are not attached to names: CSL has no place for them, and ``tex-authors`` keeps them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bibtools import latex
from bibtools.record import Name, Record

__all__ = [
    "CATEGORIES",
    "Author",
    "author_name",
    "authors_text",
    "canonical",
    "category",
    "find_id",
    "is_label",
    "key_name",
    "parse_authors",
    "raw_title",
    "read_authors",
    "split_authors",
    "text",
    "unicode",
]

# -- identifiers --------------------------------------------------------------------------------------------------------

_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
)
_OLD = rf"(?P<archive>{'|'.join(_ARCHIVES.split())})(?:\.[A-Za-z-]{{2,12}})?/(?P<old>\d{{2}}(?:0[1-9]|1[0-2])\d{{3}})"
_NEW = r"(?P<new>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})"
_END = r"(?:v\d{1,3})?(?![\d/])"
_PREFIXED = re.compile(
    r"(?:arxiv\.org/[a-z]{2,8}/|10\.48550/|\barxiv[:.\s]|\barxiv preprint[:\s]|(?<![\w/])abs/)"
    rf"\s*(?:arxiv[:.]\s*)?(?:{_NEW}|{_OLD}){_END}",
    re.IGNORECASE,
)
_BARE = re.compile(rf"\s*{_NEW}{_END}\s*(?:\[[A-Za-z.-]{{2,20}}\])?\s*")
_OLD_BARE = re.compile(rf"(?<![\w/.-]){_OLD}{_END}")


def find_id(text: str) -> str:
    """The arXiv identifier in a URL, DOI, eprint field or text, without version; ``""`` when there is none.

    A bare number such as ``2304.01234`` counts only when nothing else is there. ``math.AG/0309136`` is ``math/0309136``.
    """
    match = _PREFIXED.search(text) or _BARE.fullmatch(text[:200]) or _OLD_BARE.search(text)
    if not match:
        return ""
    groups = match.groupdict()
    return groups.get("new") or f"{groups['archive'].lower()}/{groups['old']}"


# -- categories ---------------------------------------------------------------------------------------------------------

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


# -- TeX accents as arXiv turns them into Unicode -----------------------------------------------------------------------

_COMBINING = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "u": "\u0306", "v": "\u030c",
}  # fmt: skip
_LETTERS = {
    "AA": "Å", "AE": "Æ", "DH": "Ð", "DJ": "Đ", "ETH": "Ð", "L": "Ł", "NG": "Ŋ", "O": "Ø", "oe": "œ", "OE": "Œ",
    "TH": "Þ", "aa": "å", "ae": "æ", "dh": "ð", "dj": "đ", "eth": "ð", "i": "ı", "l": "ł", "ng": "ŋ", "o": "ø",
    "ss": "ß", "th": "þ",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "omicron": "ο", "pi": "π", "rho": "ρ", "varsigma": "ς", "sigma": "σ", "tau": "τ", "upsion": "υ", "varphi": "φ",
    "phi": "ϕ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "P": "¶", "S": "§", "copyright": "©", "guillemotleft": "«", "guillemotright": "»", "pounds": "£", "dag": "†",
    "ddag": "‡", "div": "÷", "deg": "°",
}  # fmt: skip
_LETTER = re.compile(
    rf"(\{{)?\\({'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?:\b|(?=_))(?(1)\}}|(?:\\(?= )| |\{{\}}|)?)"
)
_ACCENT = re.compile(r"""\\(?:(['`^"~=.])(?:([a-zA-Z])|\{([a-zA-Z])\})|([Hckoruv])\{([a-zA-Z])\})""")
_DOTLESS = re.compile(r"""(\\['`^"~=.uvH])\{?\\([ij])(?:\{\}|\}|(?![a-zA-Z])) ?""")


def unicode(tex: str) -> str:
    r"""TeX accents and letters as Unicode, exactly as arXiv writes names: what it does not know (``\'{\i}``) stays."""
    if "\\" not in tex:
        return tex
    tex = _LETTER.sub(lambda match: _LETTERS[match[2]], tex)
    tex = re.sub(r"\{\\j\}|\\j\s", "j", tex)
    while (fewer := re.sub(r"\{\{([^{}]*)\}\}", r"{\1}", tex)) != tex:
        tex = fewer
    tex = _ACCENT.sub(_accented, tex)
    return re.sub(r"\\t\{([^}])\}", r"\1", tex)


def _accented(match: re.Match[str]) -> str:
    accent = match[1] or match[4]
    letter = match[2] or match[3] or match[5]
    composed = unicodedata.normalize("NFC", letter + _COMBINING.get(accent, ""))
    # arXiv's table ends with Latin Extended-B; beyond it the accent is dropped, and a letter accent leaks into the text.
    if len(composed) == 1 and composed != letter and (composed < "\u01f0" or "\u021e" <= composed <= "\u0233"):
        return composed
    return letter if match[1] else accent + letter


def text(tex: str) -> str:
    """arXiv's titles and abstracts as Record text: white space collapsed, TeX outside mathematics decoded.

    They are plain text with some TeX in it: a bare ``%`` or ``-->`` means itself, so only stretches that hold a command
    are decoded.
    """
    tex = " ".join(tex.split())
    if "\\" not in tex:
        return tex
    parts = re.split(r"(\$[^$]*\$)", tex)
    outside = parts[::2]
    if any(each.count("{") != each.count("}") for each in outside):
        return latex.decode(tex)
    parts[::2] = [_decoded(each) if "\\" in each else each for each in outside]
    return "".join(parts)


def _decoded(segment: str) -> str:
    lead = segment[: len(segment) - len(segment.lstrip())]
    trail = segment[len(segment.rstrip()) :] if segment.strip() else ""
    return lead + latex.decode(segment.strip()) + trail


# -- author strings -----------------------------------------------------------------------------------------------------

_PARTICLES = frozenset("van der de la von del della da mac ter dem di vaziri".split())
_SUFFIXES = frozenset("i ii iii iv v sr jr sr. jr.".split())
_GROUP = re.compile(r"([a-z0-9\s]+\s+(?:collaboration|group|team))", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(?:collaborations?|groups?|teams?|consortium|project|network|institute|university|laborator(?:y|ies)|society|"
    r"committee|association|foundation|council|agency)\b",
    re.IGNORECASE,
)
_LONGEST = 400  # a longer stretch without a comma is no name


@dataclass(frozen=True, slots=True)
class Author:
    """A name as arXiv takes it apart, in raw TeX. ``key`` is what its citation keys begin with."""

    key: str
    given: str = ""
    suffix: str = ""
    group: bool = False

    @property
    def text(self) -> str:
        return " ".join(unicode(part) for part in (self.given, self.key, self.suffix) if part)


def parse_authors(authors: str) -> tuple[Author, ...]:
    """arXiv's own reading of an author string, oddities included."""
    pieces = _pieces(authors)
    names = [_spaced(each) for each in pieces if each[0] not in "](,"]
    names = [each for each in names if not re.match(r"\s*et\.?\s+al\.?\s*", each, re.IGNORECASE)]
    found: list[Author] = []
    while names:
        match = _GROUP.search(names[0][:_LONGEST])
        if not match:
            break
        found.append(Author(match[1], group=True))
        del names[0]
        if names and names[0] in ",:":
            del names[0]
    return (*found, *(_author(each) for each in names))


def _pieces(authors: str) -> list[str]:
    """Names, separators and parenthesised comments in order; a suffix after a comma is joined to its name."""
    pieces: list[str] = []
    for block in _blocks(authors):
        block = re.sub(r"\s+", " ", block)
        if block.startswith("("):
            pieces.append(block)
            continue
        block = re.sub(r",? (?:and|&) ", ",", block)
        pieces += [each for each in map(str.strip, re.split(r"([,:])", block)) if each]
    joined: list[str] = []
    for piece in pieces:
        if piece in ("Jr", "Jr.") and len(joined) >= 2 and joined[-1] == ",":
            joined[-2:] = [f"{joined[-2]}, {piece}"]
        else:
            joined.append(piece)
    return joined


def _blocks(authors: str) -> list[str]:
    """The string cut where parentheses open and close at depth one; one that never closes takes the rest."""
    blocks: list[str] = []
    current: list[str] = []
    depth = 0
    for bit in re.split(r"([()])", authors):
        if bit == "(":
            depth += 1
            if depth == 1:
                blocks.append("".join(current))
                current = []
        current.append(bit)
        if bit == ")":
            depth -= 1
            if depth == 0:
                blocks.append("".join(current))
                current = []
    return [each for each in (*blocks, "".join(current)) if each]


def _spaced(name: str) -> str:
    """A space after the dot of an initial, but not in TeX's dot accent."""
    return re.sub(r"(?<!\\)\.(\S)", r". \1", re.sub(r"\s\s+", " ", name))


def _author(name: str) -> Author:
    words = name.split(" ")
    low = [each.lower() for each in words]
    if len(words) >= 4 and low[-2] in _PARTICLES and low[-3] in _PARTICLES:
        return Author(" ".join(words[-3:]), " ".join(words[:-3]))
    if len(words) >= 3 and low[-2] in _PARTICLES:
        return Author(" ".join(words[-2:]), " ".join(words[:-2]))
    if len(words) >= 3 and low[-1] in _SUFFIXES:
        return Author(words[-2], " ".join(words[:-2]), words[-1])
    if len(words) >= 2:
        return Author(words[-1], " ".join(words[:-1]))
    return Author(name)


def author_name(author: Author) -> Name:
    """The name that the text means: particles apart, organisations whole, TeX decoded further than arXiv does."""
    key = _name_text(author.key).rstrip(",")
    given = _name_text(author.given)
    whole = " ".join(each for each in (given, key) if each)
    if author.group or (_ORGANISATION.search(whole) and not author.suffix):
        return Name(literal=whole)
    words = key.split(" ")
    at = next((place for place, word in enumerate(words) if not word.islower()), len(words) - 1)
    particle = " ".join(words[:at])
    return Name(" ".join(words[at:]), given, non_dropping_particle=particle, suffix=_name_text(author.suffix))


def _name_text(tex: str) -> str:
    if "\\" not in tex and "{" not in tex and "~" not in tex:
        return tex
    plain = unicode(_DOTLESS.sub(r"\1{\2}", tex))
    if "\\" in plain or "{" in plain or "~" in plain:
        plain = latex.plain(latex.decode(plain))
    return " ".join(plain.split())


def read_authors(authors: str) -> tuple[tuple[Name, ...], bool]:
    """The authors that a string means, and whether it ends in *et al.*"""
    names: list[Name] = []
    truncated = bool(re.search(r"(?:^|[\s,;])et\.?\s+al\b", re.sub(r"\([^()]*\)", "", authors), re.IGNORECASE))
    for author in parse_authors(authors):
        if author.key.lower() in ("al", "al.") and author.given.lower().endswith((" et", " et.")):
            author = _author(author.given.rpartition(" ")[0])
        if any(char.isalpha() for char in author.key):
            names.append(author_name(author))
    return tuple(names), truncated


def split_authors(authors: str) -> tuple[Name, ...]:
    """The names of an author string by arXiv's rules: particles, suffixes, collaborations, affiliations, *et al.*"""
    return read_authors(authors)[0]


# -- what arXiv writes --------------------------------------------------------------------------------------------------


def raw_title(record: Record) -> str:
    """The title as arXiv has it, in TeX; the record's own where it has none or was changed since."""
    raw = record.get_extra("tex-title")
    return raw if raw and text(raw) == record.title else record.title


def _raw_authors(record: Record) -> str:
    raw = record.get_extra("tex-authors")
    return raw if raw and read_authors(raw) == (record.author, record.authors_truncated) else ""


def authors_text(record: Record) -> str:
    """The value of arXiv's ``author`` field. ``and others`` is ours: arXiv never cuts a list."""
    raw = _raw_authors(record)
    if raw:
        return " and ".join(each.text for each in parse_authors(raw))
    names = [" ".join(p for p in (each.given, each.surname, each.suffix) if p) for each in record.author]
    return " and ".join([*names, "others"] if record.authors_truncated and names else names)


def key_name(record: Record) -> str:
    """The name that arXiv begins the key with; ``unknown`` without authors."""
    raw = _raw_authors(record)
    parsed = parse_authors(raw) if raw else ()
    if parsed:
        return unicode(parsed[0].key)
    names = record.author or record.editor
    return names[0].surname if names else "unknown"
