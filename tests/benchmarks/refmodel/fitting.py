"""Fit the weights with python-crfsuite (dependency group `refmodel`) from the package's own features."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bibtools.formats.reflist.features import SEEN_FROM, around, in_setting, own
from bibtools.formats.reflist.tokens import Tokens
from tests.benchmarks.refmodel.data import Example


def attributes(tokens: Tokens, classes: Mapping[str, str]) -> list[list[str]]:
    """All attributes of each word, those of its neighbours marked by their distance."""
    mine = [own(word, classes) for word in tokens.words]
    found = [[*in_setting(setting), *place, *mine[i]] for i, (setting, place) in enumerate(around(tokens))]
    for offset, kinds in SEEN_FROM.items():
        seen = [[f"{offset}{each}" for each in one if each[0] in kinds] for one in mine]
        for i, into in enumerate(found):
            if 0 <= i + offset < len(found):
                into.extend(seen[i + offset])
    return found


def fit(
    examples: Iterable[Example],
    classes: Mapping[str, str],
    *,
    c1: float = 0.1,
    c2: float = 0.05,
    iterations: int = 80,
    least: int = 3,
    verbose: bool = False,
) -> tuple[list[str], dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """Labels, weights of transitions, weights of (attribute, label)."""
    import pycrfsuite

    trainer: Any = pycrfsuite.Trainer(verbose=verbose)
    for example in examples:
        trainer.append(attributes(example.tokens, classes), example.labels)
    trainer.select("lbfgs", "crf1d")
    trainer.set_params(
        {
            "c1": c1,
            "c2": c2,
            "max_iterations": iterations,
            "feature.minfreq": least,
            "feature.possible_transitions": True,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        trainer.train(path)
        tagger: Any = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        labels: Sequence[str] = sorted(info.labels)
        return list(labels), dict(info.transitions), dict(info.state_features)
