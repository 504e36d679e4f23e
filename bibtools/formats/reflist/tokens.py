"""A reference as the model sees it: words and numbers, and the punctuation between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Tokens", "tokenise"]

TOKEN = re.compile(
    r"""
    (?:https?|ftp)\s?:\s?//[^\s<>"“”]+ | www\.[^\s<>"“”]+      # an address
    | 10\.\d{4,9}/[^\s<>"“”]+                                    # a DOI
    | \d{4}\.\d{4,5}(?:v\d+)?(?![\w])                           # an arXiv number
    | \d+(?:[-‐‑–—−]+\d+)+                                      # a range
    | (?:[^\W_][\u0300-\u036f]*)+(?:[-‐‑'’ʼ`´](?:[^\W_][\u0300-\u036f]*)+)*   # a word or a number
    """,
    re.VERBOSE,
)
TAIL = re.compile(r"[.,;:)\]}>'’]+\Z")  # of an address: the punctuation behind it
MOST = 600  # tokens of one reference; what is behind them is no part of any field


@dataclass(frozen=True, slots=True)
class Tokens:
    """``words[i]`` stands at ``spans[i]`` of the text; ``gaps[i]`` is what stands before it, ``gaps[-1]`` what ends the text."""

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    gaps: tuple[str, ...]


def tokenise(text: str) -> Tokens:
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    gaps: list[str] = []
    last = 0
    for found in TOKEN.finditer(text):
        start, end = found.span()
        if ("/" in found[0] or found[0].startswith("www.")) and (tail := TAIL.search(found[0])):
            end -= len(tail[0])
        words.append(text[start:end])
        spans.append((start, end))
        gaps.append(text[last:start])
        last = end
        if len(words) == MOST:
            break
    gaps.append(text[last:])
    return Tokens(text, tuple(words), tuple(spans), tuple(gaps))
