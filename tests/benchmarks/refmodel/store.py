"""Write fitted weights as the package reads them: weights in 8 bits, small ones left out."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from tests.benchmarks.refmodel.data import Example


def usual(examples: Iterable[Example], labels: list[str]) -> np.ndarray:
    """How often each label follows each other one; rows sum to 1."""
    place = {label: number for number, label in enumerate(labels)}
    counts = np.full((len(labels), len(labels)), 0.01)
    for example in examples:
        for left, right in zip(example.labels, example.labels[1:], strict=False):
            counts[place[left], place[right]] += 1
    return counts / counts.sum(axis=1, keepdims=True)


def arrays(
    labels: list[str],
    transitions: Mapping[tuple[str, str], float],
    weights: Mapping[tuple[str, str], float],
    usually: np.ndarray,
    classes: Mapping[str, str],
    cuts: Mapping[str, float],
    smallest: float = 0.06,
) -> dict[str, np.ndarray]:
    by_attribute: dict[str, list[tuple[int, float]]] = {}
    place = {label: number for number, label in enumerate(labels)}
    for (attribute, label), weight in weights.items():
        if abs(weight) >= smallest:
            by_attribute.setdefault(attribute, []).append((place[label], weight))
    names = sorted(by_attribute)
    largest = 4.0
    scale = largest / 127
    columns: list[int] = []
    values: list[int] = []
    counts: list[int] = []
    for name in names:
        pairs = sorted(by_attribute[name])
        counts.append(len(pairs))
        columns += [column for column, _ in pairs]
        values += [int(np.clip(round(weight / scale), -127, 127)) for _, weight in pairs]
    matrix = np.zeros((len(labels), len(labels)))
    for (left, right), weight in transitions.items():
        matrix[place[left], place[right]] = weight
    class_names = [name for name, _ in Counter(classes.values()).most_common()]
    number = {name: index for index, name in enumerate(class_names)}
    words = sorted(classes)

    def text(lines: list[str]) -> np.ndarray:
        return np.frombuffer("\n".join(lines).encode(), np.uint8)

    assert not any("\n" in name for name in names)
    return {
        "labels": text(labels),
        "attributes": text(names),
        "counts": np.array(counts, np.uint8),
        "columns": np.array(columns, np.uint8),
        "values": np.array(values, np.int8),
        "scale": np.array(scale, np.float32),
        "transitions": matrix.astype(np.float16),
        "usual": usually.astype(np.float16),
        "class_names": text(class_names),
        "words": text(words),
        "cut_names": text(sorted(cuts)),
        "cut_weights": np.array([cuts[name] for name in sorted(cuts)], np.float16),
        "word_classes": np.array([number[classes[word]] for word in words], np.uint16),
    }


def as_bytes(data: Mapping[str, np.ndarray]) -> bytes:
    into = io.BytesIO()
    np.savez_compressed(into, **data)
    return into.getvalue()
