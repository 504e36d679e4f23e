"""What speaks for or against a cut: the shapes of names and of title words, and what the rest of the page knows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Candidate", "Line", "Page", "features", "is_organisation", "left_class", "looks_like_name", "token_class"]

_PARTICLES = frozenset(
    "van von der den de del della di da dos das du la le ten ter te bin ibn al el af av zu zur vom dal e y i 't op "
    "vander mac mc st ben abu do dello degli dei".split()
)
_STOP = frozenset(
    "a an the of for in on with by to from and or via into at as is are be its their under over between within without "
    "than that using towards toward through during after before when how why what do does can not".split()
)
_ORGANISED = re.compile(
    r"\b(?:Collaborations?|Consortium|Group|Team|Institute|University|Laborator(?:y|ies)|Society|Committee|Association|"
    r"Foundation|Council|Network|Project|Initiative|Department|Agency|Organi[sz]ation|Corporation|Inc\.?|Ltd\.?|"
    r"Center|Centre|Working)\b"
)
_WORD_ENDING = re.compile(
    r"(?:ing|ings|ion|ions|ment|ments|ity|ities|ness|ism|isms|ics|ic|ical|al|als|ance|ence|ances|ences|ency|ancy|ers|ors|"
    r"ures?|ages?|able|ible|ive|ives|ous|ful|less|ed|es|ems|ches|ogy|ogies|phy|graphs?|ysis|yses|ary|ory|ates?|ware|works?|"
    r"sets|els|ables|ays|ies|ques?|guages?|ships?|ts|ks|ds|ns|ls|ps|ms|cs|gs)$"
)
_CAMEL_TAIL = re.compile(
    r"(?:[Nn]ets?|GANs?|BERTs?|Formers?|Boost|Tube|Hub|Base|Bank|Script|TeX|Eval|Bench|Flow|Space|Book|Lens|Tree|Map|Graph|"
    r"Code|Code[sr]|ML|DB|QL|OS|MP|AI|NLP|IoT|Vec|Data|Reduce|Point|Chain|Coin|Ops|Store|Link|Cloud|Works|Lab|Talk|Kit|Face|"
    r"Rank|Scan|Field|Wiki|View|Word|Pay|Gen|Sim|Cast|Scape|Bot)$"
)


@dataclass(slots=True)
class Page:
    """What the lines of a page know of each other."""

    names: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    family: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    def add_name(self, name: str, weight: int = 1) -> None:
        tokens = name.split()
        self.names[name] += weight
        if len(tokens) > 1:
            self.given[tokens[0]] += weight
            self.family[tokens[-1]] += weight

    def add_words(self, text: str, weight: int = 1) -> None:
        for word in _VOCABULARY.findall(text):
            self.words[word] += weight


_VOCABULARY = re.compile(r"[^\W_]{2,40}")


@dataclass(frozen=True, slots=True)
class Line:
    """``segments`` are the pieces between commas, right to left of importance: the last ones hold the authors."""

    text: str
    starts: tuple[int, ...]  # where each segment starts, from the left; the first is 0
    truncated: bool
    affiliation: str

    def segment(self, place: int) -> str:
        end = self.starts[place + 1] - 2 if place + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[place] : end]


@dataclass(frozen=True, slots=True)
class Candidate:
    at: int
    names: tuple[str, ...]


# -- shapes ------------------------------------------------------------------------------------------------------------


_CLASSES = (
    ("initial", re.compile(r"[^\W\d_]\.(?:-?[^\W\d_]\.)*$")),
    ("letter", re.compile(r"[^\W\d_]$")),
    ("suffix", re.compile(r"(?:Jr|Sr)\.?$|I{2,3}$|IV$")),
)


def token_class(token: str) -> str:
    """The shape of one word of a name."""
    for name, pattern in _CLASSES:
        if pattern.match(token) and (name == "suffix" or token[0].isupper()):
            return name
    if token.lower() in _PARTICLES and token[0].islower():
        return "particle"
    letters = [char for char in token if char.isalpha()]
    if not letters or any(char.isdigit() or char in '$()[]{}:;?!"“”*+=<>|\\/_' for char in token):
        return "odd"
    if not letters[0].isupper():
        if letters[0].islower():
            return "elided" if re.match(r"(?:d|al|el|ul)['’-][A-Z]", token) else "lower"
        return "script"
    if re.match(r"(?:[DOLN]['’]|Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|St|Mb|Ng|Ó)[A-Z]", token):
        return "prefixed"
    parts = re.split(r"[-‐'’.]", token)
    if len(letters) >= 2 and all(char.isupper() for char in letters):
        return "short-capitals" if len(letters) <= 3 else "capitals"
    if any(part[:2].isupper() and len(part) > 2 and not part[2:].isupper() for part in parts):
        return "two-capitals"
    if any(re.search(r"[^\W\d_A-Z][A-Z]", part) for part in parts):
        return "inner-capital"
    if len(letters) == 2:
        return "two-letters"
    return "hyphenated" if "-" in token else "dotted" if token.endswith(".") else "capitalised"


def _left_word(text: str, at: int) -> str:
    match = re.search(r"[^\s\-‐–—/]*$", text[max(0, at - 60) : at])
    return match[0] if match else ""


def left_class(text: str) -> str:
    """The shape of the last word of what would be the title."""
    word = _left_word(text, len(text))
    if not word:
        return "none"
    core = word.rstrip("?!)]}\"”’'.,:;*†")
    if core != word:
        end = word[len(core) :]
        return "initial" if end == "." and len(core) == 1 and core.isupper() else "dot" if end == "." else "punctuation"
    if word[-1] == "$":
        return "math"
    if word[-1].isdigit():
        return "digits" if word.isdigit() else "letters-digits"
    if not word[-1].isalpha():
        return "symbol"
    if word.lower() in _STOP:
        return "stop"
    word = word.lstrip("([{\"“‘'`$")
    if word.isupper():
        return "one-capital" if len(word) == 1 else "acronym"
    if word.islower():
        return "lower" if len(word) > 3 else f"lower-{len(word)}"
    if not word.isalpha():
        return "mixed"
    tail = re.search(r"[A-Z]+[a-z]*$", word)
    if word[0].isupper() and word[1:].islower():
        return "capitalised" if len(word) > 3 else f"capitalised-{len(word)}"
    if re.fullmatch(r"[A-Z]{2,}s", word):
        return "acronym"
    if tail is None:
        return "mixed"
    if tail[0].isupper():
        return "camel-capitals" if len(tail[0]) > 1 else "camel-one"
    head = word[: -len(tail[0])]
    kind = "camel" if head[:1].isupper() else "lower-camel"
    return f"{kind}-{min(len(tail[0]), 5)}"


def features(line: Line, candidate: Candidate, page: Page) -> dict[str, float]:
    """What is counted for a candidate, by name."""
    text, at = line.text, candidate.at
    first = candidate.names[0]
    tokens = first.split()
    classes = [token_class(each) for each in tokens]
    left = _left_word(text, at)
    found: dict[str, float] = {
        f"tokens-{min(len(tokens), 6)}": 1.0,
        f"left-{left_class(text[max(0, at - 60) : at])}": 1.0,
    }
    found[f"first-{classes[0]}"] = 1.0
    if len(tokens) > 1:
        found[f"last-{classes[-1]}"] = 1.0
    for each in classes[1:-1]:
        found[f"middle-{each}"] = found.get(f"middle-{each}", 0.0) + 1
    found |= _join_features(text, at, left, tokens)
    found |= _camel_features(left, tokens[0])
    for other in candidate.names[1:4]:
        shape = [token_class(each) for each in other.split()]
        for bad in {"lower", "odd", "inner-capital", "two-capitals"} & set(shape):
            found[f"other-{bad}"] = found.get(f"other-{bad}", 0.0) + 1
        if len(shape) == 1 or len(shape) > 5:
            name = "other-single" if len(shape) == 1 else "other-long"
            found[name] = found.get(name, 0.0) + 1
    if not line.truncated:
        found[f"authors-{min(len(candidate.names), 4)}"] = 1.0
    if _ORGANISED.search(first):
        found[f"organised-{classes[0]}"] = 1.0
    if "lower" in classes:
        found["has-lower"] = 1.0
    found |= _page_features(page, left, first, tokens)
    return found


# One syllable of a Chinese (pinyin) or Korean given name, as in SiCheng and JungWoo.
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:a|o|e|ai|ei|ao|ou|an|en|ang|eng|ong|er|i|ia|ie|iao|iu|ian|in|iang|ing|iong|u|"
    r"ua|uo|uai|ui|uan|un|uang|ue|v|ve)|(?:ch|kk|tt|[gkndtrlmbpsjhyw])?(?:a|ae|ya|eo|e|yeo|ye|o|wa|oe|yo|wo|we|wi|yu|eu|"
    r"ui|i|oo|ee|you|yeu|u|yoo|yee|ey)(?:n|ng|k|l|m|h|r)?",
    re.IGNORECASE,
)


def _camel_features(left: str, token: str) -> dict[str, float]:
    """A word that is cut between two capitals: is ``HeadMid|Rest`` the word HeadMid, or the name MidRest after Head?"""
    found: dict[str, float] = {}
    for side, parts in (
        ("left", re.search(r"([A-Za-z]*[a-z])([A-Z][a-z]+)$", left)),
        ("first", re.match(r"()([A-Z][a-z]+)(?=[A-Z][a-z])", token)),
    ):
        if not parts:
            continue
        head, middle = parts[1], parts[2]
        rest = re.match(r"[A-Z][a-z]+", token[parts.end() :] if side == "first" else token)
        both = bool(rest and _SYLLABLE.fullmatch(middle) and _SYLLABLE.fullmatch(rest[0]))
        found[f"{side}-camel-syllables" if both else f"{side}-camel-plain"] = 1.0
        if len(head) > 3 and _WORD_ENDING.search(head):
            found[f"{side}-head-ending"] = 1.0
        if len(head) > 2 and head.islower():
            found[f"{side}-head-lower"] = 1.0
        if side == "left":
            found[f"left-head-{min(len(head) // 2, 5)}"] = 1.0
    return found


def _join_features(text: str, at: int, left: str, tokens: list[str]) -> dict[str, float]:
    """Evidence of the join itself: the two letters that meet, and the words' endings."""
    found: dict[str, float] = {}
    before, after = text[at - 1], text[at + 1 : at + 2]
    kind = "lower" if before.islower() else "upper" if before.isupper() else "digit" if before.isdigit() else "mark"
    follow = "lower" if after.islower() else "dot" if after == "." else "blank" if after in " " else "other"
    found[f"join-{kind}-{follow}"] = 1.0
    core = re.sub(r"\W+", "", left)
    if _WORD_ENDING.search(core) and len(core) > 3:
        found["left-ending"] = 1.0
    if _CAMEL_TAIL.search(left) and re.search(r"[a-z0-9][A-Z]|[A-Z]{2}", left):
        found["left-camel-tail"] = 1.0
    if _WORD_ENDING.search(tokens[0]) and len(tokens[0]) > 4:
        found["first-ending"] = 1.0
    inner = re.search(r"^(.*?[a-z])(?=[A-Z])", tokens[0])
    if inner:
        head = inner[1]
        found[f"first-inner-{min(len(head), 5)}"] = 1.0
        if _WORD_ENDING.search(head) and len(head) > 4:
            found["first-inner-ending"] = 1.0
    return found


def _page_features(page: Page, left: str, first: str, tokens: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    if page.names[first]:
        found["page-name"] = 1.0
    if len(tokens) > 1 and page.given[tokens[0]]:
        found["page-given"] = 1.0
    if len(tokens) > 1 and page.family[tokens[-1]]:
        found["page-family"] = 1.0
    core = left.strip("()[]{}\"“”‘’'?!.,:;")
    if core and page.words:
        known = page.words[core] + page.words[core.lower()]
        found["page-left-word"] = 1.0 if known else 0.0
        if not known and len(core) > 2:
            found["page-left-unknown"] = 1.0
    joined = core + tokens[0]
    if page.words[joined]:
        found["page-joined-word"] = 1.0
    if page.words[tokens[0].lower()]:
        found["page-first-is-word"] = 1.0
    return found


def is_organisation(text: str) -> bool:
    return _ORGANISED.search(text) is not None


def looks_like_name(text: str) -> bool:
    tokens = text.split()
    return 1 <= len(tokens) <= 6 and all(token_class(each) not in ("lower", "odd") for each in tokens)
