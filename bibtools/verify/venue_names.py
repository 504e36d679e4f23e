"""Can two names be those of one venue? For verifying, where a wrong "no" accuses a sound reference.

`bibtools.venues` compares two names by their words; it cannot know that "Advances in Neural Information Processing Systems"
is what people call NIPS or NeurIPS, that ICML appears in a series called PMLR, or that POPL is published in a journal. That is
written down in the tables below. Three answers: the names agree, they are of two venues, or nothing can be said (``None``) -
of a publisher's series, of a journal in which a conference appears, of a name that is too short or too odd to tell.

The tables hold what is common knowledge of a field: names from the organisers' and publishers' own pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from bibtools import fold, venues
from bibtools.publication import is_server_name

__all__ = ["agree", "is_series", "is_surely", "year_of"]

# Acronyms of one meeting, then words of its full names without noise ("international conference on"), alternatives by "|".
_MEETINGS = """
AAAI-SYMPOSIA: aaai spring symposium | aaai fall symposium | aaai workshops | aaai workshop | aaai symposium
AAAI: association advancement artificial intelligence | american association artificial intelligence
  | aaai conference artificial intelligence | aaai artificial intelligence
IAAI: innovative applications artificial intelligence
AAMAS: autonomous agents multiagent systems | autonomous agents multi agent systems
ACCV: asian computer vision
ACL: association computational linguistics | association for computational linguistics
AACL: asia pacific chapter association computational linguistics | asia pacific chapter acl
EACL: european chapter association computational linguistics | european chapter acl
NAACL: north american chapter association computational linguistics | north american chapter acl
  | north american association computational linguistics
HLT: human language technology | human language technologies
ACML: asian machine learning
ACMMM MM ACM-MM: acm multimedia | multimedia acm
AISTATS: artificial intelligence statistics
AIES: ai ethics society
ALT: algorithmic learning theory
ASE: automated software engineering
ASPLOS: architectural support programming languages operating systems
ASRU: automatic speech recognition understanding
BIGDATA: big data
BMVC: british machine vision | british machine vision conference
CADE: automated deduction
CAV: computer aided verification
CCS: computer communications security
CHI: human factors computing systems
CIDR: innovative data systems research
CIKM: information knowledge management
CLEF: cross language evaluation forum | conference labs evaluation forum
COGSCI: cognitive science society
COLING: computational linguistics international | international committee computational linguistics
  | computational linguistics
COLM: language modeling
COLT: learning theory | computational learning theory
CONCUR: concurrency theory
CONLL: computational natural language learning | natural language learning
CORL: robot learning
CP: principles practice constraint programming
CRYPTO: cryptology crypto
CSCW: computer supported cooperative work
CVPR: computer vision pattern recognition
DAC: design automation
DATE: design automation test europe
DIS: designing interactive systems
DSN: dependable systems networks
EC: economics computation | electronic commerce
ECAI: european artificial intelligence
ECCB: european computational biology
ECCV: european computer vision
ECIR: european information retrieval | european conference information retrieval | advances information retrieval
ECML ECMLPKDD ECML-PKDD PKDD: machine learning knowledge discovery databases | european machine learning
  | principles practice knowledge discovery databases
ECOOP: object oriented programming
EMNLP: empirical methods natural language processing
EUROCRYPT: theory applications cryptographic techniques
EUROSYS: european computer systems | computer systems eurosys
ESEC ESEC/FSE FSE: foundations software engineering
FACCT FAT: fairness accountability transparency
FOCS: foundations computer science
GECCO: genetic evolutionary computation
HPCA: high performance computer architecture
HRI: human robot interaction
ICALP: automata languages programming
ICAPS: automated planning scheduling
ICASSP: acoustics speech signal processing
ICC: communications icc
ICCAD: computer aided design
ICCV: computer vision
ICDAR: document analysis recognition
ICDCS: distributed computing systems
ICDE: data engineering
ICDM: data mining
ICDT: database theory
ICFP: functional programming
ICIP: image processing
ICLP: logic programming
ICLR: learning representations
ICME: multimedia expo
ICML: machine learning
ICPR: pattern recognition
ICRA: robotics automation
ICSE: software engineering
ICWSM: weblogs social media | web social media
IJCAI: joint artificial intelligence | joint conferences artificial intelligence
IJCNLP: joint natural language processing
IJCNN: joint neural networks | neural networks
INFOCOM: computer communications infocom
INTERSPEECH: speech communication association
ICSLP: spoken language processing
IROS: intelligent robots systems
ISCA: computer architecture
ISIT: information theory isit
ISMAR: mixed augmented reality
ISMB: intelligent systems molecular biology
ISMIR: music information retrieval
ISSTA: software testing analysis
IUI: intelligent user interfaces
IVA: intelligent virtual agents
JELIA: logics artificial intelligence
KDD SIGKDD: knowledge discovery data mining
KR: principles knowledge representation reasoning
LICS: logic computer science
LREC: language resources evaluation
MICCAI: medical image computing computer assisted intervention
MICRO: microarchitecture
MLSYS SYSML: machine learning systems
MOBICOM: mobile computing networking
NDSS: network distributed system security
NEURIPS NIPS: neural information processing systems | neural information processing
NSDI: networked systems design implementation
OOPSLA: object oriented programming systems languages applications
OSDI: operating systems design implementation
PACLIC: pacific asia language information computation | pacific asia language information
PERCOM: pervasive computing communications
PLDI: programming language design implementation
PODC: principles distributed computing
PODS: principles database systems
POPL: principles programming languages
PPOPP: principles practice parallel programming
PPSN: parallel problem solving nature
RANLP: recent advances natural language processing
RECOMB: computational molecular biology
RECSYS: recommender systems
RSS: robotics science systems
RTSS: real time systems
SAT: theory applications satisfiability testing
SC: high performance computing networking storage analysis
SDM: siam data mining
SEMEVAL: semantic evaluation
SENSEVAL: evaluation systems semantic analysis text
SIGCOMM: data communication sigcomm | communications architectures protocols
SIGDIAL: discourse dialogue
SIGGRAPH: computer graphics interactive techniques | siggraph
SIGGRAPHASIA: siggraph asia
SIGIR: research development information retrieval
SIGMETRICS: measurement modeling computer systems
SIGMOD: management data
SODA: discrete algorithms
SOSP: operating systems principles
SP S&P: security privacy
SPAA: parallelism algorithms architectures
SSDBM: scientific statistical database management
STACS: theoretical aspects computer science
STOC: theory computing
TACAS: tools algorithms construction analysis systems
TREC: text retrieval
UAI: uncertainty artificial intelligence
UBICOMP: ubiquitous computing | pervasive ubiquitous computing
UIST: user interface software technology
USENIXSECURITY: usenix security
VLDB: very large data bases | very large databases
WACV: applications computer vision
WSDM: web search data mining
WMT: statistical machine translation | machine translation wmt | machine translation
WWW THEWEBCONF: world wide web | web
ALIFE ECAL: artificial life
DIGRA: digital games research
"""
_JOURNALS = """
JMLR: journal machine learning research
JAIR: journal artificial intelligence research | j artif intell res
AIJ: artificial intelligence journal
AIMAG: ai magazine | ai mag
TMLR: transactions machine learning research
TACL: transactions association computational linguistics
PAMI TPAMI T-PAMI: transactions pattern analysis machine intelligence
IJCV: journal computer vision
TIP T-IP: transactions image processing
TNNLS TNN: transactions neural networks learning systems | transactions neural networks
TKDE: transactions knowledge data engineering
TSP: transactions signal processing
TIT: transactions information theory
TOG: transactions graphics
TVCG: transactions visualization computer graphics
TOIS: transactions information systems
TODS: transactions database systems
TOPLAS: transactions programming languages systems
TOCS: transactions computer systems
TSE: transactions software engineering
TOSEM: transactions software engineering methodology
TRO T-RO: transactions robotics
RAL RA-L: robotics automation letters
TASLP: transactions audio speech language processing
CACM: communications acm
JACM: journal acm | journal association computing machinery
CSUR: computing surveys
PVLDB: vldb endowment
PACMPL: acm programming languages
PACMHCI: acm human computer interaction
IMWUT: interactive mobile wearable ubiquitous technologies
POMACS: measurement analysis computing systems
PACMMOD: acm management data
CGF: computer graphics forum
PNAS: national academy sciences united states america | national academy sciences | natl acad sci
NEJM: new england journal medicine
JAMA: journal american medical association
BMJ: british medical journal
JACS: journal american chemical society
PRL: physical review letters
RMP: reviews modern physics
JHEP: journal high energy physics
JCAP: journal cosmology astroparticle physics
APJ: astrophysical journal
APJL: astrophysical journal letters
APJS: astrophysical journal supplement
MNRAS: monthly notices royal astronomical society
AA A&A: astronomy astrophysics
AJ: astronomical journal
PASP: publications astronomical society pacific
PLB: physics letters b
NPB: nuclear physics b
NIM NIMA: nuclear instruments methods physics research
JGR: journal geophysical research
GRL: geophysical research letters
JCP: journal chemical physics | journal computational physics
NAR: nucleic acids research
JBC: journal biological chemistry
EMBOJ: embo journal
JPSP: journal personality social psychology
QJE: quarterly journal economics
AER: american economic review
JPE: journal political economy
APSR: american political science review
AJPS: american journal political science
AJS: american journal sociology
ASR: american sociological review
JASA: journal american statistical association | journal acoustical society america
JRSSB JRSS: journal royal statistical society
TAMS: transactions american mathematical society
CMP: communications mathematical physics
JFM: journal fluid mechanics
"""

# A journal or series, and the conferences that appear in it: their names do not contradict each other.
_APPEARS_IN = """
AAAI-SYMPOSIA: AAAI
TOG: SIGGRAPH SIGGRAPHASIA
CGF: EUROGRAPHICS EUROVIS SGP EGSR PG
TVCG: VIS INFOVIS VAST SCIVIS ISMAR VR IEEEVIS
PVLDB VLDBJ: VLDB
PACMPL: POPL ICFP OOPSLA PLDI
PACMHCI: CSCW GROUP CHIPLAY EICS ETRA ISS MOBILEHCI
IMWUT: UBICOMP ISWC
POMACS: SIGMETRICS
PACMMOD: SIGMOD PODS
RAL: ICRA IROS
TACL: ACL NAACL EMNLP EACL
JMLR: ICML AISTATS COLT UAI ACML ALT NEURIPS
TMLR: ICLR NEURIPS ICML
AIJ: AAAI IJCAI
WWW: CIKM
SIGGRAPH: SIGGRAPHASIA
IAAI: AAAI
HLT: NAACL ACL EMNLP
ESEC: FSE
ICSLP: INTERSPEECH
EUROSPEECH: INTERSPEECH
SENSEVAL: SEMEVAL ACL
ACL: AACL IJCNLP COLING
AACL: IJCNLP
EMNLP: IJCNLP CONLL HLT
COLING: LREC
IJCAI: ECAI PRICAI
KR: DL NMR
ECML: PKDD
"""

# Series of publishers and of societies: a volume of them is the proceedings of one conference or another.
_SERIES = re.compile(
    r"""\b(?:lecture\s+notes?|lect\.?\s+notes|lnc[si]|lnai|lnbip|lnee|lnm|ccis|ceur|pmlr|jmlr\s*(?::|w\s*&\s*cp|workshop)|
    proceedings\s+of\s+machine\s+learning\s+research|leibniz\s+international|lipics|oasics|eptcs|entcs|electronic\s+(?:proceedings
    |notes)\s+in\s+theoretical|ifip|aict|communications\s+in\s+computer\s+and\s+information|advances\s+in\s+intelligent|
    studies\s+in\s+(?:comput|fuzz|health|class|logic)\w*|frontiers\s+in\s+artificial\s+intelligence\s+and|frontiers\s+artif|procedia|sigplan\s+not|(?:sigsoft\s+)?software\s+engineering\s+notes|acm\s+sig\w+\s+(?:notices|
    record|bulletin|newsletter|performance|computer\s+architecture|computer\s+communication)|sigmetrics\s+perform|sigarch|
    comput(?:er|\.)\s+(?:commun(?:ication|\.)\s+rev|archit(?:ecture|\.)\s+news)|acm\s+international\s+conference\s+proceeding|
    icps|proceedings\s+of\s+spie|proc\.?\s+spie|spie|aip\s+conf|journal\s+of\s+physics:?\s+conf|j\.?\s+phys\.?:?\s+conf|
    iop\s+conf|matec|e3s|web\s+of\s+conf|epj\s+web|conf(?:erence)?\.?\s+series|aaai\s+press|
    technical\s+report|tech\.?\s+rep|ph\.?\s*d|thesis|ser(?:ies|\.)|springer|elsevier|acm\s+press|ieee\s+press|openreview|
    astrophysics\s+and\s+space\s+science\s+library|fundamental\s+theories|contemporary\s+mathematics|
    proceedings\s+of\s+symposia|progress\s+in\s+mathematics|graduate\s+texts|trends\s+in\s+mathematics|collected|selected|handbook|
    encyclop\w+|festschrift|essays)""",
    re.IGNORECASE | re.VERBOSE,
)

_ACRONYM = re.compile(
    r"(?<![\w.])(?:[A-Z][a-z]{0,5})?[A-Z]{2,}[A-Za-z]*(?:[-&/]?[A-Z][A-Za-z]*)*\d?(?=\b|['’]|\d)|(?<!\w)[A-Z][a-z]+[A-Z][A-Za-z]*"
)
_PLACE = re.compile(
    r"\b(?:USA|UK|UAE|PRC|SAR|ACM|IEEE|CVF|SIAM|USENIX|IEEE/CVF|IEEE/RSJ|RSJ|IET|IFIP|AMS|II|III|IV|VI|VII|VIII|IX|XI|XII|XIII|XIV|XV|XVI|XX|"
    r"CA|NY|MA|WA|DC|TX|IL|PA|FL|HI|LA|BC|QC|NSW|ON|CO|OR|NV|LNCS|LNAI|LIPICS)\b"
)
_EDGE = re.compile(r"[\s,.;:()\[\]{}\\\"]+")


class _Name(NamedTuple):
    ids: frozenset[str]  # known venues that the name speaks of
    acronyms: frozenset[str]
    words: tuple[str, ...]
    workshop: bool
    text: venues.Venue


def _rows(table: str) -> list[tuple[list[str], str]]:
    lines = (line.partition(":") for line in table.replace("\n  |", " |").strip().splitlines())
    return [(head.split(), rest.strip()) for head, _, rest in lines]


_IDS: dict[str, str] = {}
_FULL: list[tuple[tuple[str, ...], str]] = []
for _table in (_MEETINGS, _JOURNALS):
    for _acronyms, _names in _rows(_table):
        for _acronym in _acronyms:
            _IDS[_acronym.replace("-", "").replace("/", "").replace("&", "")] = _acronyms[0]
        for _full in _names.split("|"):
            _FULL.append((tuple(_full.split()), _acronyms[0]))
_JOURNAL_IDS = frozenset(acronyms[0] for acronyms, _ in _rows(_JOURNALS))
_FULL.sort(key=lambda row: -len(row[0]))
_RELATED: set[frozenset[str]] = set()
for _journals, _meetings in _rows(_APPEARS_IN):
    _RELATED |= {frozenset((one, _IDS.get(other, other))) for one in _journals for other in _meetings.split()}
_PARTS = {"AACL": "ACL", "EACL": "ACL", "NAACL": "ACL"}


def is_series(name: str) -> bool:
    """Whether a venue's name is that of a series, of a publisher or of a kind of work, which tells nothing of the venue."""
    return bool(_SERIES.search(name))


@lru_cache(maxsize=1 << 14)
def agree(cited: str, known: str) -> bool | None:
    """Whether two names, as written, are one venue's; None where that cannot be told. The sides are not alike: a small meeting
    that nobody knows accuses nobody as the known one, and is told as the cited one."""
    if cited == known:
        return True
    one, other = _name(cited), _name(known)
    if not one.words and not one.acronyms:
        return None
    if not other.words and not other.acronyms:
        return None
    if is_server_name(cited) or is_server_name(known) or is_series(cited) or is_series(known):
        return True if fold.text(cited) == fold.text(known) else None
    if one.ids & other.ids or one.acronyms & other.acronyms:
        if one.workshop != other.workshop:
            return None
        return not _are_other_meetings(one.text, other.text)
    if one.text.joined == other.text.joined:
        return True
    if any(frozenset((a, b)) in _RELATED for a in one.ids | one.acronyms for b in other.ids | other.acronyms):
        return None
    if _shortens(one, cited, other) or _shortens(other, known, one):
        return venues.same_venue(cited, known) or None
    if _VOLUMES_OF_SEVERAL & {*one.words, *other.words}:
        return None
    if one.ids and other.ids:
        return False
    if venues.same_venue(cited, known):
        return True
    if _may_be_acronym(one, other) or _may_be_acronym(other, one):
        return None
    lone = [name for name, text in ((one, cited), (other, known)) if _is_lone_acronym(name, text)]
    if lone:  # one that the table has not may stand for the other name, or for a workshop beside it
        known_ones = (one.ids or other.ids) and not (one.workshop or other.workshop)
        spelled = _letters_follow(one, other) or _letters_follow(other, one)
        return False if len(lone) == 2 or lone[0].ids or (known_ones and not spelled) else None
    alike = venues.likeness(one.text, other.text)
    if alike >= venues.NEUTRAL:
        return None
    if not other.ids and len(other.words) <= SHORT_PHRASE and one.ids - _JOURNAL_IDS:
        return None  # known by the name of a meeting beside the cited one: "Human Computation" at AAAI
    short = min(len("".join(one.words)), len("".join(other.words)))
    return False if one.ids or other.ids or short >= SHORT else None


_VOLUMES_OF_SEVERAL = frozenset("findings companion adjunct".split())  # which hold the papers of meetings beside them


def is_surely(cited: str, declared: str) -> bool:
    """Whether a venue as cited is surely the declared one, by the table: stricter than `agree`, which answers whether two names
    can be reconciled. Neither a part of it (findings, companion, demonstrations) nor one that is named with another."""
    one, other = _name(cited), _name(declared)
    if len(one.ids) != 1 or one.ids != other.ids or one.acronyms or other.acronyms or is_series(cited):
        return False
    parts = _ANOTHER_MEETING & (set(fold.words(cited)) ^ set(fold.words(declared)))
    return not parts and one.workshop == other.workshop and not _are_other_meetings(one.text, other.text)


_ANOTHER_MEETING = frozenset(
    "findings companion adjunct extended demonstrations demonstration demos student doctoral tutorial tutorials posters industry "
    "datasets european asian asia pacific american british nordic".split()
)


_COMMON = (
    "proceedings international conference annual symposium workshop journal transactions meeting joint national".split()
)


def _shortens(short: _Name, text: str, long: _Name) -> bool:
    """Whether every word of a name with full stops begins, in order, a word of the other name, or of the names that the table
    has for it: "Proc. Int. Conf. Acoust. Speech" and ICASSP."""
    words = [word for word in short.text.joined.split() if word.isalpha()]
    if "." not in text or len(words) < 2:
        return False
    if _begin_in_order(words, long.text.joined.split()):
        return True
    own = [word for word in words if not any(each.startswith(word) for each in _COMMON) and not venues.is_noise(word)]
    own = [word for word in own if word not in _ORGANISERS]
    return bool(own) and any(ident in long.ids and _begin_in_order(own, full) for full, ident in _FULL)


def _begin_in_order(words: Sequence[str], full: Sequence[str]) -> bool:
    rest = iter(full)
    return all(any(each.startswith(word) for each in rest) for word in words)


def _are_other_meetings(one: venues.Venue, other: venues.Venue) -> bool:
    """Whether two names of a series of meetings name two of them: IJCAI 2017 and 2018, the 30th and the 61st meeting."""
    if "journal" in (one.kind, other.kind):
        return False
    if one.year and other.year:
        return one.year != other.year
    return bool(one.ordinal and other.ordinal and one.ordinal != other.ordinal)


def year_of(name: str) -> int:
    """The year that a venue's name gives, 0 where it gives none."""
    return _name(name).text.year


SHORT = 6  # letters of the words of a name from which two names can be called different


def _is_lone_acronym(name: _Name, text: str) -> bool:
    """Whether a name is one acronym, which stands for the other name or for another venue."""
    return len(name.words) == 1 and len(name.words[0]) >= 3 and text.strip()[:3].isupper() and len(text) <= 10


def _may_be_acronym(short: _Name, long: _Name) -> bool:
    """Whether a name of one or two words of capitals can stand for the long one: its letters follow in it in order."""
    return not (short.ids or long.ids) and _letters_follow(short, long)


def _letters_follow(short: _Name, long: _Name) -> bool:
    if len(short.words) > 2 or len(long.words) < 2:
        return False
    letters = "".join(short.words)
    if not 2 <= len(letters) <= 9:
        return False
    rest = iter(" ".join(long.text.joined.split()))
    starts = {word[0] for word in long.text.joined.split()}
    return letters[0] in starts and all(letter in rest for letter in letters)


@lru_cache(maxsize=1 << 14)
def _name(text: str) -> _Name:
    plain = text.replace("\\&", "&").replace("\\", " ").replace("{", "").replace("}", "")
    found = venues.venue(plain)
    joined = tuple(found.joined.split())
    ids = set(_by_words(plain))
    acronyms = set()
    for match in _ACRONYM.finditer(_PLACE.sub(" ", plain)):
        word = match[0]
        whole = word.replace("-", "").replace("/", "").replace("&", "").upper()
        for part in {whole, *re.split(r"[-/&]", word.upper())}:
            part = part.rstrip("0123456789")
            if part in _IDS and (len(part) > 2 or part == plain.strip().upper() or whole == part):
                ids.add(_IDS[part])
            elif len(part) > 2:
                acronyms.add(part)
    squashed = _EDGE.sub("", plain).upper().rstrip("0123456789").replace("-", "").replace("/", "").replace("&", "")
    if squashed in _IDS:
        ids.add(_IDS[squashed])
    shouted = plain.isupper() and len(joined) > 2
    return _Name(frozenset(ids), frozenset() if shouted else frozenset(acronyms), found.words, found.workshop, found)


_FILLERS = frozenset("the of and in on for to with a an".split())
_ORGANISERS = frozenset(
    """ieee acm cvf rsj siam usenix iapr ifip aaai isca acl sigkdd sigmod sigir sigchi sigplan sigsoft sigcomm sigops w3c
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twenty thirty forty fifty sixty
    joint world national usa european new computer society association extended companion main track papers long short
    demonstrations posters part virtual event online only edition""".split()
)
SHORT_PHRASE = 2  # words up to which a full name has to be the whole of what is said


def _by_words(text: str) -> list[str]:
    """The venues of the table whose full name stands in the name; of two of which one is part of the other, the longer.
    A short name ("machine learning") has to be all that a part of the name between commas says."""
    found: list[str] = []
    whole = text.replace(
        ",", " "
    )  # for the names that have commas themselves: "Acoustics, Speech, and Signal Processing"
    for segment in (*_SEGMENT.split(text), *([whole] if "," in text else [])):
        telling = [word for word in fold.words(segment) if word not in _FILLERS]
        named = [word for word in telling if not venues.is_noise(word) and word.isalpha()]
        own = [word for word in named if word not in _ORGANISERS]
        short = "." in segment
        taken: set[int] = set()
        for wanted, ident in _FULL:
            is_all = _are(own, wanted, short) or _are(named, wanted, short)
            if len(wanted) <= SHORT_PHRASE and not (is_all and _is_of_kind(ident, segment)):
                continue
            for at in range(len(telling) - len(wanted) + 1):
                places = set(range(at, at + len(wanted)))
                if not places & taken and _are(telling[at : at + len(wanted)], wanted, short):
                    taken |= places
                    found.append(ident)
                    break
    return found


def _are(words: Sequence[str], wanted: Sequence[str], short: bool) -> bool:
    """Whether words are those of a full name, or with ``short`` abbreviate them: "trans graph"."""
    if len(words) != len(wanted):
        return False
    if not short:
        return all(word.removesuffix("s") == full.removesuffix("s") for word, full in zip(words, wanted, strict=True))
    return all(
        word == full or (len(word) > 2 and full.startswith(word)) or (word, full) == ("j", "journal")
        for word, full in zip(words, wanted, strict=True)
    )


def _is_of_kind(ident: str, segment: str) -> bool:
    """Whether a short name is said of a meeting where it is a meeting's: there is a journal "Machine Learning" too."""
    return (venues.venue(segment).kind == "meeting") is (ident not in _JOURNAL_IDS)


_SEGMENT = re.compile(r"[,:;()\[\]]|\s[-–—]\s")
