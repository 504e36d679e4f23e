"""Works that exist, as the test servers know them: facts written by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    title: str
    authors: tuple[tuple[str, str], ...]  # family, given
    year: int
    doi: str = ""
    arxiv: str = ""
    pmid: str = ""
    venue: str = ""
    volume: str = ""
    pages: str = ""
    kind: str = "journal-article"  # of Crossref
    agency: str = "crossref"
    subtitle: str = ""
    dblp: str = ""


ATTENTION = Paper(
    "Attention Is All You Need",
    (
        ("Vaswani", "Ashish"),
        ("Shazeer", "Noam"),
        ("Parmar", "Niki"),
        ("Uszkoreit", "Jakob"),
        ("Jones", "Llion"),
        ("Gomez", "Aidan N."),
        ("Kaiser", "Łukasz"),
        ("Polosukhin", "Illia"),
    ),
    2017,
    arxiv="1706.03762",
    agency="datacite",
    dblp="conf/nips/VaswaniSPUJGKP17",
)
RESIDUAL = Paper(
    "Deep Residual Learning for Image Recognition",
    (("He", "Kaiming"), ("Zhang", "Xiangyu"), ("Ren", "Shaoqing"), ("Sun", "Jian")),
    2016,
    doi="10.1109/cvpr.2016.90",
    arxiv="1512.03385",
    venue="2016 IEEE Conference on Computer Vision and Pattern Recognition (CVPR)",
    pages="770-778",
    kind="proceedings-article",
)
LEARNING = Paper(
    "Deep learning",
    (("LeCun", "Yann"), ("Bengio", "Yoshua"), ("Hinton", "Geoffrey")),
    2015,
    doi="10.1038/nature14539",
    pmid="26017442",
    venue="Nature",
    volume="521",
    pages="436-444",
)
QUANTUM = Paper(
    "Quantum computation and quantum-state engineering driven by dissipation",
    (("Verstraete", "Frank"), ("Wolf", "Michael M."), ("Cirac", "J. Ignacio")),
    2009,
    doi="10.1038/nphys1342",
    arxiv="0803.1447",
    venue="Nature Physics",
    volume="5",
    pages="633-636",
)
CRISPR = Paper(
    "A Programmable Dual-RNA–Guided DNA Endonuclease in Adaptive Bacterial Immunity",
    (("Jinek", "Martin"), ("Chylinski", "Krzysztof"), ("Fonfara", "Ines"), ("Hauer", "Michael"), ("Doudna", "Jennifer A."),
     ("Charpentier", "Emmanuelle")),
    2012,
    doi="10.1126/science.1225829",
    pmid="22745249",
    venue="Science",
    volume="337",
    pages="816-821",
)  # fmt: skip
DATA = Paper(
    "Data from: A new malaria agent in African hominids.",
    (("Ollomo", "Benjamin"), ("Durand", "Patrick"), ("Prugnolle", "Franck")),
    2011,
    doi="10.5061/dryad.8515",
    kind="dataset",
    agency="datacite",
)
PAPERS = (ATTENTION, RESIDUAL, LEARNING, QUANTUM, CRISPR, DATA)
