"""The labels of a reference's words, by a linear-chain conditional random field, and how sure each is.

The weights (model.npz, made by `tests/benchmarks/refmodel`) are loaded when the first reference is read. References are
labelled together: the weights of one word's attributes are summed once for all places where it stands.

The references of a list are in one style. So a list is labelled twice: the second time a transition from one label to the
next counts the more, the more often the first pass saw it in this list, compared with other lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from bibtools.formats.reflist.features import SEEN_FROM, Setting, around, in_setting, own
from bibtools.formats.reflist.tokens import Tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

__all__ = ["Labelled", "Model", "label", "shipped"]

TOGETHER = 256  # references that are worked on at once
MOST_WORDS = 100_000  # words whose scores are remembered
LEAST = 4  # references of a list from which its style is learnt
ENOUGH = 100  # of a long list
OWN_STYLE = 0.6  # how much the list's own transitions count
PRIOR = 6.0  # references' worth of what other lists do


@dataclass(frozen=True, slots=True)
class Labelled:
    """``labels[i]`` of the word ``i`` (without ``B-`` and ``I-``), ``begins[i]`` whether a field begins there, ``sure[i]`` the
    probability of that label; ``goes_on[i]`` the probability that the field before goes on in the word, ``earlier[i]`` that the
    word before has this word's label."""

    labels: tuple[str, ...]
    begins: tuple[bool, ...]
    sure: tuple[float, ...]
    goes_on: tuple[float, ...]
    earlier: tuple[float, ...]


NOTHING = Labelled((), (), (), (), ())


class Model:
    """Weights, as model.npz holds them: see `load`."""

    def __init__(
        self,
        labels: Sequence[str],
        transitions: Floats,
        usual: Floats,
        rows: Mapping[str, int],
        weights: Floats,
        classes: Mapping[str, str],
        cuts: Mapping[str, float],
    ) -> None:
        self.cuts = cuts  # weights of the features of lines
        self.labels = tuple(labels)
        self.transitions = transitions  # from, to
        self.usual = usual  # how often a label follows another, over all lists: rows sum to 1
        self.rows = rows  # of an attribute in `weights`; row 0 is empty
        self.seen_rows = _seen_rows(rows)  # the same of the attributes of neighbours, without the distance in front
        self.weights = weights
        self.classes = classes
        self.kinds = tuple(dict.fromkeys(each.removeprefix("B-").removeprefix("I-") for each in labels))
        self.kind_of = np.array([self.kinds.index(each.removeprefix("B-").removeprefix("I-")) for each in labels])
        self.inner = np.array([each.startswith("I-") for each in labels])
        self.first = np.array([each.startswith("B-") for each in labels])
        self._places: dict[str, int] = {}  # of words in `_scores`
        self._scores = [np.zeros((0, len(labels)), np.float32) for _ in range(1 + len(SEEN_FROM))]

    def cutting(self, feature: str) -> float:
        """The weight of a feature of lines, by which a list is cut."""
        return self.cuts.get(feature, 0.0)

    # -- scores --------------------------------------------------------------------------------------------------------

    def _sums(self, rows: list[int], counts: list[int]) -> Floats:
        """The sums of rows of weights: of the first ``counts[0]`` of them, of the next ``counts[1]`` ..."""
        starts = np.cumsum([0, *counts[:-1]])
        sums: Floats = np.add.reduceat(self.weights[np.array(rows)], starts, axis=0)
        return sums

    def _of(self, attributes: Iterable[Iterable[str]], rows_of: Mapping[str, int] | None = None) -> Floats:
        """The scores of each list of attributes."""
        get = (self.rows if rows_of is None else rows_of).get
        rows: list[int] = []
        counts: list[int] = []
        for names in attributes:
            before = len(rows)
            rows.append(0)
            rows += filter(None, map(get, names))
            counts.append(len(rows) - before)
        return self._sums(rows, counts)

    def _of_words(self, words: Iterable[str]) -> None:
        """Work out the scores of words that were not met yet: by themselves, then as each neighbour sees them."""
        new = [word for word in words if word not in self._places]
        if not new:
            return
        if len(self._places) > MOST_WORDS:
            self._places.clear()
            self._scores = [each[:0] for each in self._scores]
            new = list(dict.fromkeys(words))
        mine = [own(word, self.classes) for word in new]
        for place, (rows_of, kinds) in enumerate(((self.rows, ""), *self.seen_rows)):
            seen = ([name for name in names if name[0] in kinds] for names in mine) if kinds else iter(mine)
            self._scores[place] = np.concatenate((self._scores[place], self._of(seen, rows_of)))
        first = len(self._places)
        self._places |= {word: number for number, word in enumerate(new, first)}

    def emissions(self, texts: Sequence[Tokens]) -> Floats:
        """The scores of each label for each word of all texts, one after the other."""
        self._of_words(dict.fromkeys(word for each in texts for word in each.words))
        which = np.array([self._places[word] for each in texts for word in each.words])
        places: list[list[str]] = []
        numbers: dict[Setting, int] = {}
        settings: list[int] = []
        for each in texts:
            for setting, names in around(each):
                settings.append(numbers.setdefault(setting, len(numbers)))
                places.append(names)
        scores = self._of(places)
        scores += self._of(in_setting(setting) for setting in numbers)[settings]
        scores += self._scores[0][which]
        text_of = np.repeat(np.arange(len(texts)), [len(each.words) for each in texts])
        for place, offset in enumerate(SEEN_FROM, 1):
            if len(which) <= abs(offset):
                continue
            sums = self._scores[place]
            if offset < 0:
                inside = text_of[-offset:] == text_of[:offset]
                scores[-offset:][inside] += sums[which[:offset][inside]]
            else:
                inside = text_of[:-offset] == text_of[offset:]
                scores[:-offset][inside] += sums[which[offset:][inside]]
        return scores

    # -- labelling -----------------------------------------------------------------------------------------------------

    def label(self, texts: Sequence[Tokens], lists: Sequence[int] | None = None) -> list[Labelled]:
        """The labels of each text. ``lists`` says which list each stands in (all in one where it is not given)."""
        texts = list(texts)
        full = [place for place, each in enumerate(texts) if each.words]
        if not full:
            return [NOTHING for _ in texts]
        scores = self.emissions([texts[place] for place in full])
        ends = np.cumsum([len(texts[place].words) for place in full])
        parts = np.split(scores, ends[:-1])
        of = (
            np.zeros(len(full), int)
            if lists is None
            else np.unique([lists[place] for place in full], return_inverse=True)[1]
        )
        seen = _sample(of)
        first = self._paths([parts[place] for place in seen], np.zeros(len(seen), int), self.transitions[None])
        own_style = self._own_style(first, of[seen], np.bincount(of))
        if own_style is not None:
            paths = self._paths(parts, of, own_style)
            marginals = self._marginals(parts, of, own_style)
        else:
            paths = self._paths(parts, np.zeros(len(full), int), self.transitions[None])
            marginals = self._marginals(parts, np.zeros(len(full), int), self.transitions[None])
        result = [NOTHING] * len(texts)
        for place, path, shares in zip(full, paths, marginals, strict=True):
            result[place] = self._labelled(path, shares)
        return result

    def _own_style(self, paths: Sequence[Integers], of: Integers, sizes: Integers) -> Floats | None:
        """The transitions of each list, what is usual in it counted in; None where every list is too short."""
        count = len(sizes)
        if (sizes < LEAST).all():
            return None
        size = len(self.labels)
        seen = np.zeros((count, size, size), np.float32)
        for path, place in zip(paths, of, strict=True):
            np.add.at(seen[place], (path[:-1], path[1:]), 1)
        froms = seen.sum(axis=2, keepdims=True)
        mixed = (seen + PRIOR * self.usual[None]) / (froms + PRIOR)
        added = np.log(np.maximum(mixed, 1e-6) / np.maximum(self.usual[None], 1e-6))
        added[sizes < LEAST] = 0
        changed: Floats = (self.transitions[None] + OWN_STYLE * np.clip(added, -2, 2)).astype(np.float32)
        return changed

    def _batches(self, parts: Sequence[Floats]) -> list[list[int]]:
        by_length = sorted(range(len(parts)), key=lambda place: len(parts[place]))
        return [by_length[at : at + TOGETHER] for at in range(0, len(by_length), TOGETHER)]

    def _padded(self, parts: Sequence[Floats], chosen: list[int]) -> tuple[Floats, Integers]:
        lengths = np.array([len(parts[place]) for place in chosen])
        padded = np.zeros((lengths.max(), len(chosen), len(self.labels)), np.float32)
        for column, place in enumerate(chosen):
            padded[: lengths[column], column] = parts[place]
        return padded, lengths

    def _paths(self, parts: Sequence[Floats], of: Integers, transitions: Floats) -> list[Integers]:
        """The best sequence of labels of each text (Viterbi)."""
        found: list[Integers] = [np.zeros(0, np.int64)] * len(parts)
        for chosen in self._batches(parts):
            padded, lengths = self._padded(parts, chosen)
            steps = len(padded)
            mine = transitions[of[chosen]] if len(transitions) > 1 else transitions
            back = np.zeros((steps, len(chosen), len(self.labels)), np.int16)
            best = padded[0].copy()
            for step in range(1, steps):
                live = lengths > step
                whole = best[:, :, None] + mine
                back[step] = whole.argmax(axis=1)
                best = np.where(live[:, None], whole.max(axis=1) + padded[step], best)
            last = best.argmax(axis=1)
            columns = np.arange(len(chosen))
            path = np.zeros((steps, len(chosen)), np.int64)
            current = last
            for step in range(steps - 1, -1, -1):
                path[step] = current
                if step:
                    current = np.where(lengths > step, back[step, columns, current], current)
            for column, place in enumerate(chosen):
                found[place] = path[: lengths[column], column]
        return found

    def _marginals(self, parts: Sequence[Floats], of: Integers, transitions: Floats) -> list[Floats]:
        """The probability of each label of each word (forward and backward)."""
        found: list[Floats] = [np.zeros((0, 0), np.float32)] * len(parts)
        single = len(transitions) == 1
        for chosen in self._batches(parts):
            padded, lengths = self._padded(parts, chosen)
            steps = len(padded)
            mine = np.exp(transitions[0] if single else transitions[of[chosen]])
            factors = np.exp(padded - padded.max(axis=2, keepdims=True))

            def forward(vector: Floats, mine: Floats = mine) -> Floats:
                result: Floats = vector @ mine if single else np.einsum("ni,nij->nj", vector, mine)
                return result

            def backward(vector: Floats, mine: Floats = mine) -> Floats:
                result: Floats = vector @ mine.T if single else np.einsum("nj,nij->ni", vector, mine)
                return result

            alpha = np.empty_like(padded)
            alpha[0] = factors[0] / factors[0].sum(axis=1, keepdims=True)
            for step in range(1, steps):
                one = forward(alpha[step - 1]) * factors[step]
                alpha[step] = one / one.sum(axis=1, keepdims=True)
            beta = np.ones_like(padded)
            for step in range(steps - 2, -1, -1):
                one = backward(beta[step + 1] * factors[step + 1])
                one /= one.sum(axis=1, keepdims=True)
                beta[step] = np.where((lengths > step + 1)[:, None], one, 1)
            shares = alpha * beta
            shares /= shares.sum(axis=2, keepdims=True)
            for column, place in enumerate(chosen):
                found[place] = shares[: lengths[column], column]
        return found

    def _labelled(self, path: Integers, shares: Floats) -> Labelled:
        kinds = self.kind_of[path]
        by_kind = np.zeros((len(path), len(self.kinds)), np.float32)
        np.add.at(by_kind.T, self.kind_of, shares.T)
        inner = self.inner[path]
        begins = np.ones(len(path), bool)
        begins[1:] = (kinds[1:] != kinds[:-1]) | (~inner[1:] & self._has_inner(kinds[1:]))
        places = np.arange(len(path))
        sure = by_kind[places, kinds]
        goes_on = np.zeros(len(path), np.float32)
        goes_on[1:] = by_kind[places[1:], kinds[:-1]]
        first = np.zeros_like(by_kind)  # the part of the probability with which a field begins
        np.add.at(first.T, self.kind_of[self.first], shares.T[self.first])
        goes_on[1:] -= first[places[1:], kinds[:-1]]
        earlier = np.zeros(len(path), np.float32)
        earlier[1:] = by_kind[places[:-1], kinds[1:]]
        earlier[1:] = np.where(begins[1:] & (kinds[1:] == kinds[:-1]), 0, earlier[1:])
        return Labelled(
            tuple(self.kinds[kind] for kind in kinds),
            tuple(begins.tolist()),
            tuple(sure.tolist()),
            tuple(goes_on.tolist()),
            tuple(earlier.tolist()),
        )

    def _has_inner(self, kinds: Integers) -> NDArray[np.bool_]:
        long = np.zeros(len(self.kinds), bool)
        long[self.kind_of[self.inner]] = True
        result: NDArray[np.bool_] = long[kinds]
        return result


def _sample(of: Integers) -> list[int]:
    """References by which the style of each list is learnt: all of a short list, some from all over a long one."""
    chosen: list[int] = []
    for number in range(int(of.max()) + 1):
        mine = np.flatnonzero(of == number)
        chosen += mine[:: max(1, len(mine) // ENOUGH)].tolist()
    return chosen


def _seen_rows(rows: Mapping[str, int]) -> list[tuple[dict[str, int], str]]:
    """For each distance the rows of its attributes, and the kinds of attributes seen from there."""
    found: dict[str, dict[str, int]] = {str(offset): {} for offset in SEEN_FROM}
    for name, row in rows.items():
        if name[0] in "-12":
            size = 2 if name[0] == "-" else 1
            if (known := found.get(name[:size])) is not None and name[size] in "wsky":
                known[name[size:]] = row
    return [(found[str(offset)], kinds) for offset, kinds in SEEN_FROM.items()]


# --- the file ---------------------------------------------------------------------------------------------------------


@cache
def shipped() -> Model:
    """The model of the package."""
    with (
        (files("bibtools.formats.reflist") / "model.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as data,
    ):
        return load(data)


def load(data: Mapping[str, NDArray[np.generic]]) -> Model:
    """A model from the arrays of its file: ``labels`` and ``attributes`` as lines of text, ``counts`` of weights of each
    attribute, their ``columns`` and ``values`` (eighths of a bit times ``scale``), ``transitions``, ``usual``, the words of
    each class, ``words``, with ``word_classes`` an index into ``class_names``, and ``cut_names`` with their ``cut_weights``."""

    def lines(name: str) -> list[str]:
        return bytes(data[name].tobytes()).decode("utf-8").split("\n")

    labels, attributes = lines("labels"), lines("attributes")
    counts = data["counts"].astype(np.int64)
    weights = np.zeros((len(attributes) + 1, len(labels)), np.float32)
    place = np.repeat(np.arange(1, len(attributes) + 1), counts)
    weights[place, data["columns"]] = data["values"].astype(np.float32) * np.float32(data["scale"])
    rows = {name: row for row, name in enumerate(attributes, 1)}
    names = lines("class_names")
    classes = {word: names[number] for word, number in zip(lines("words"), data["word_classes"].tolist(), strict=True)}
    return Model(
        labels,
        data["transitions"].astype(np.float32),
        data["usual"].astype(np.float32),
        rows,
        weights,
        classes,
        dict(zip(lines("cut_names"), data["cut_weights"].tolist(), strict=True)),
    )


def label(texts: Sequence[Tokens], lists: Sequence[int] | None = None) -> list[Labelled]:
    """The labels of references by the package's model."""
    return shipped().label(texts, lists)
