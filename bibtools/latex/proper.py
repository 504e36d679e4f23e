"""Proper nouns in titles, which a style that writes titles small would spoil: ``gaussian process``, ``chinese ASR``.

Two kinds of evidence. A title in sentence case tells by itself: a word with a capital that is not the first is a name. In a
title in Title Case every word has a capital, so there a list decides: people after whom things are called, languages, nations,
places. The list is short on purpose and has no word that is an ordinary one too (``Polish``, ``Lie``, ``May``); what is missing
in it stays as unprotected as it was.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bibtools import fold
from bibtools.latex.markup import TAGS, Piece, pieces

__all__ = ["proper_words", "protected"]

PEOPLE = """
    abel alzheimer archimedes aristotle artin asperger auger avogadro banach bayes bayesian beltrami bellman
    berkeley bernoulli bernstein berry bertrand bessel besov bethe bezier bianchi birkhoff bochner bogoliubov
    boltzmann bolzano bonferroni boole boolean borel born bose bott bourbaki bragg brownian burgers cahn calabi
    cantor carleman carleson carlo cartan cartesian cauchy cayley chandrasekhar chapman chebyshev cherenkov chernoff
    cholesky chomsky church clifford compton confucian cooperstein coriolis coulomb cramer darboux darcy
    darwin darwinian dedekind delaunay descartes dijkstra diophantine dirac dirichlet doppler drinfeld dyson eckart
    eddington ehrenfest einstein enskog erdos euclid euclidean euler eulerian faraday fatou fenchel fermat fermi
    feynman fibonacci fierz finsler fokker fourier frechet fredholm frege freud freudian fresnel frobenius gabor
    galerkin galilean galileo galois gauss gaussian gegenbauer gibbs ginzburg godel goldbach grassmann grassmannian
    griffiths grothendieck haar hadamard hamilton hamiltonian hamming hardy hausdorff hawking heisenberg helmholtz
    hermite hermitian hesse hessian hilbert hochschild hodge hoeffding hoffmann holder hopf hopfield hubbard hubble
    huffman hume huygens ising ito jacobi jacobian jaynes jordan josephson joule jungian kahler kalman kant kantian
    kantorovich kaluza kashiwara kazhdan kepler keplerian keynesian kirchhoff klein kolmogorov kondo korteweg koszul
    kramers krein kripke kronecker krylov kubo kullback kuramoto lagrange lagrangian laguerre landau langevin
    langlands laplace laplacian larmor laurent lebesgue legendre leibler leibniz levenshtein levi levy lindblad
    liouville lipschitz lorentz lorentzian lorenz lyapunov macdonald mahalanobis maclaurin majorana mandelbrot mann
    markov markovian marx marxist maxwell mellin mendelian mersenne minkowski mobius monge moore morse moser
    nakayama nash navier neumann newton newtonian nietzsche noether noetherian nyquist onsager oppenheimer pareto
    parkinson parseval pauli peano pearson peierls penrose petri pfaffian picard planck plato platonic plucker
    poincare poisson polya pontryagin popper prandtl ptolemaic pythagoras pythagorean rademacher radon raman
    ramanujan ramsey rao rayleigh reidemeister renyi reynolds riccati ricci riemann riemannian riesz runge
    rutherford saussure schrodinger schur schwarz schwarzschild schwinger seiberg selberg shakespeare shannon
    shapley sherrington siegel sierpinski simpson smirnov smoluchowski sobolev spearman spinoza stackelberg steiner
    steinhaus stieltjes stirling stokes strassen sturm sylvester szego tarski taylor teichmuller tikhonov toda
    toeplitz tschebyscheff turing tutte ulam vandermonde vapnik virasoro vlasov volterra voronoi wasserstein weber
    weierstrass weibull weil weyl whitney wiener wigner wilcoxon witten wittgenstein yau yukawa zariski zeeman
    zermelo zernike zipf zygmund
"""
LANGUAGES_AND_NATIONS = """
    afghan afghanistan africa african afrikaans albania albanian algeria algerian alps america american amharic
    andes angola antarctic antarctica arab arabia arabian arabic aramaic arctic argentina argentine argentinian
    armenia armenian asia asian athens atlantic australia australian austria austrian aztec babylonian balkan baltic
    bangladesh bangladeshi barcelona basque bavaria bavarian beijing belarus belarusian belgian belgium bengal
    bengali berber berlin bolivia bolivian bosnia bosnian boston brazil brazilian britain british brussels bulgaria
    bulgarian burma burmese byzantine cairo california californian cambodia cambodian cameroon canada canadian
    cantonese caribbean catalan catalonia caucasus celtic chicago chile chilean chinese christian christianity
    colombia colombian congo copenhagen croatia croatian cuba cuban cyprus czech danish danube darfur delhi denmark
    dublin dutch ecuador edinburgh egypt egyptian england english eritrea eskimo estonia estonian ethiopia ethiopian
    etruscan eurasia eurasian europe european farsi fiji filipino finland finnish flanders flemish florida france
    french gaelic galician gaza geneva georgian german germanic germany ghana ghanaian greece greek greenland
    guatemala guinea gujarati haiti haitian hausa hawaii hawaiian hebrew helsinki himalaya himalayan himalayas hindi
    hinduism hindu hiroshima honduras hungarian hungary iberia iberian iceland icelandic inca india indian indonesia
    indonesian inuit iran iranian iraq iraqi ireland irish islam islamic israel israeli istanbul italian italy
    jamaica jamaican japan japanese javanese jerusalem jewish jordanian judaism kannada kazakh kazakhstan kenya
    kenyan khmer kiel korea korean kosovo kurdish kuwait kyoto kyrgyz kyrgyzstan lagos lao laos latin latvia latvian
    lebanese lebanon leipzig liberia libya libyan lisbon lithuania lithuanian london luxembourg macedonia macedonian
    madagascar madrid malay malayalam malaysia malaysian maltese mandarin manhattan maori marathi mauritius maya
    mayan mediterranean melbourne mesopotamia mesopotamian mexican mexico milan moldova mongolia mongolian
    montenegro montreal moroccan morocco moscow mozambique mumbai munich muslim myanmar namibia nazi neapolitan
    nepal nepalese nepali netherlands nicaragua nigeria nigerian nordic norse norway norwegian oceania olympic
    olympics ontario ottoman oxford pacific pakistan pakistani palestine palestinian panama paraguay paris parisian
    pashto persia persian peru peruvian philadelphia philippine philippines phoenician poland portugal portuguese
    prague prussia prussian punjabi quebec quechua romani romania romanian rome russia russian rwanda rwandan sahara
    saharan samoan sanskrit scandinavia scandinavian scotland scottish seattle semitic senegal seoul serbia serbian
    shanghai siberia siberian sicilian sicily singapore slavic slovak slovakia slovene slovenia slovenian somali
    somalia soviet spain spanish sudan sudanese sumerian swahili swede sweden swedish swiss switzerland sydney syria
    syrian tagalog taiwan taiwanese tamil tanzania tanzanian tehran telugu texas thai thailand tibet tibetan tokyo
    toronto tunisia tunisian turkish turkmen uganda ugandan ukraine ukrainian urdu uruguay uyghur uzbek uzbekistan
    venetian venezuela venezuelan venice vienna viennese vietnam vietnamese viking wales warsaw washington welsh
    wuhan xhosa yemen yiddish yoruba yugoslavia zambia zimbabwe zulu zurich
"""
NAMES_OF_THINGS = """
    bitcoin bluetooth ebola ethereum facebook google instagram jupiter kubernetes linux mars microsoft neptune
    reddit saturn tiktok twitter uranus venus wikipedia zika amazon hadoop java python moodle
"""
PHRASES = """
    hong kong, new york, new zealand, new guinea, new england, new delhi, north america, south america, central
    america, latin america, north korea, south korea, south africa, south asia, southeast asia, east asia, middle
    east, saudi arabia, sri lanka, costa rica, el salvador, puerto rico, los angeles, san francisco, san diego,
    great britain, united states, united kingdom, united nations, european union, cold war, world war, monte carlo,
    lie algebra, lie algebras, lie group, lie groups, lie superalgebra, lie superalgebras, gray code, gray codes,
    bell inequality, bell inequalities, bell state, bell states, milky way, dead sea, black sea, red sea, gulf
    stream, ivory coast, las vegas, cape town, supreme court, old testament, new testament, middle ages, wall
    street, silicon valley, nobel prize, nobel prizes, buenos aires, china town, sao paulo
"""
WORDS = frozenset((PEOPLE + LANGUAGES_AND_NATIONS + NAMES_OF_THINGS).split()) | {"turkey", "turkish", "china", "jordan"}
KNOWN = frozenset(word.capitalize() + end for word in WORDS for end in ("", "'s", "’s"))
TWO_WORDS = frozenset(each.strip() for each in PHRASES.replace("\n", " ").split(","))
FIRST_OF_TWO = frozenset(each.split(" ")[0].capitalize() for each in TWO_WORDS)
PAIR = re.compile(r"\b(?=([A-Z][a-z]+ [A-Z][a-z]+)\b)")
CAPITALISED = re.compile(r"(?<![A-Za-z])[A-Z][a-z]+(?:['’]s)?(?![A-Za-z])")
WORD = re.compile(r"[^\W\d_]+(?:['’]s)?")
SENTENCE_START = re.compile(r"(?:\A|[:.?!—]\s+|[“\"‘(]\s*)\Z")
SMALL_WORDS = 3  # of a title in sentence case so many at least are small; a shorter one shows nothing


def protected(title: str) -> str:
    """A title with its proper nouns in spans that keep their case; what is in a span already, and mathematics, stays."""
    parts = pieces(title) if "<" in title or "$" in title else [Piece("text", title)]
    text = "".join(value if kind == "text" else " " for kind, value in parts)
    words = WORD.findall(text)
    telling = is_sentence_case(words)
    if not telling and text.isascii() and KNOWN.isdisjoint(words) and FIRST_OF_TWO.isdisjoint(words):
        return title  # most titles
    if text.isupper():
        return title
    out: list[str] = []
    depth = 0
    before = ""
    closing: list[str] = []
    for kind, value in parts:
        if kind == "open":
            depth += 1
            closing.append("</span>" if TAGS[value].startswith("<span") else f"</{value}>")
            out.append(TAGS[value])
        elif kind == "close":
            depth -= 1
            out.append(closing.pop())
        elif kind == "math":
            out.append(f"${value}$")
        else:
            out.append(value if depth else spans(value, before, telling))
            before += value
    return "".join(out)


def proper_words(text: str) -> frozenset[str]:
    """The words of a plain title that are proper nouns, or parts of one (``New York``)."""
    if text.isupper():
        return frozenset()
    marked = re.findall(
        f"{re.escape(TAGS['nocase'])}(.*?)</span>", spans(text, "", is_sentence_case(WORD.findall(text)))
    )
    return frozenset(word for each in marked for word in each.split(" "))


def spans(text: str, before: str, telling: bool) -> str:
    marks: list[tuple[int, int]] = []
    if not FIRST_OF_TWO.isdisjoint(text.split()):
        marks = [found.span(1) for found in PAIR.finditer(text) if found[1].lower() in TWO_WORDS]
    for word in CAPITALISED.finditer(text) if text.isascii() else WORD.finditer(text):
        if not is_capitalised(word[0]) or any(begin <= word.start() < end for begin, end in marks):
            continue
        if is_known(word[0]) or (telling and not begins_sentence(before + text[: word.start()])):
            marks.append(word.span())
    for begin, end in sorted(marks, reverse=True):
        text = f"{text[:begin]}{TAGS['nocase']}{text[begin:end]}</span>{text[end:]}"
    return text


def begins_sentence(before: str) -> bool:
    """Whether a word behind this text would have a capital in any case."""
    near = before[-4:] if len(before) > 4 else before
    return SENTENCE_START.search(near if len(before) <= 4 else "x" + near) is not None


def is_capitalised(word: str) -> bool:
    """A capital and small letters behind it; a word with inner capitals is protected anyway."""
    bare = word.removesuffix("'s").removesuffix("’s")
    return len(bare) > 1 and bare[0].isupper() and bare[1:].islower()


@lru_cache(maxsize=65536)
def is_known(word: str) -> bool:
    bare = word.removesuffix("'s").removesuffix("’s")
    return (bare.lower() if bare.isascii() else fold.text(bare)) in WORDS


def is_sentence_case(words: list[str]) -> bool:
    """Whether the words of a title are small but for names: of its longer words behind the first most are."""
    longer = [word for word in words if len(word) > 3][1:]
    small = sum(map(str.islower, longer))
    return small >= SMALL_WORDS and 2 * small > len(longer)
