"""What documents cite, which bibliographies they name, and a .bib of only that."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from bibtools import bibfile, encoding, texfiles
from bibtools.api.choosing import selected, without_fields
from bibtools.api.reading import InputError, read_bytes
from bibtools.texfiles import bib

__all__ = ["Citations", "Excerpt", "cited", "read_citations"]


@dataclass(frozen=True, slots=True)
class Citations:
    """All that documents cite and name.

    ``bibliographies`` are the .bib files that they name and that are there, ``missing`` the names of those that are not (TeX
    may still find them in its own folders), ``unread`` pairs of a document and a file that it inputs and that is not there.
    """

    keys: tuple[str, ...] = ()
    everything: bool = False  # \nocite{*}
    doubtful: frozenset[str] = frozenset()  # keys that may be no citation at all
    bibliographies: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


def read_citations(papers: Iterable[str]) -> Citations:
    """What documents (LaTeX, Markdown, .aux, .bcf) cite, with the files they input.

    Raises InputError for a document that cannot be read.
    """
    followed = [(paper, _follow(paper)) for paper in papers]
    keys = tuple(dict.fromkeys(key for _, found in followed for key in found.keys))
    certain = {key for _, found in followed for key in found.keys if key not in found.doubtful}
    paths: dict[str, None] = {}
    missing: dict[str, None] = {}
    for paper, found in followed:
        for name in found.bibliographies:
            path = _bibliography(paper, name)
            if path:
                paths[path] = None
            else:
                missing[name] = None
    return Citations(
        keys,
        any(found.everything for _, found in followed),
        frozenset(keys) - certain,
        tuple(paths),
        tuple(missing),
        tuple((paper, name) for paper, found in followed for name in found.unread),
    )


def _follow(paper: str) -> texfiles.Cited:
    texts = {paper: encoding.decode(read_bytes(paper)).text}

    def load(name: str) -> str | None:
        if name not in texts and _is_file(name):
            texts[name] = encoding.decode(read_bytes(name)).text
        return texts.get(name)

    return texfiles.follow(paper, load)


def _is_file(name: str) -> bool:
    return os.path.isfile(name)  # noqa: PTH113 (Path.is_file raises for a name that is too long)


def _bibliography(paper: str, name: str) -> str:
    """The path of a .bib that a document names, "" if it is not there: beside it, else where BIBINPUTS says."""
    searched = [part for part in os.environ.get("BIBINPUTS", "").split(os.pathsep) if part.strip("/.")]
    for folder in (str(PurePath(paper).parent), *searched):
        for spelled in (name, f"{name}.bib"):
            path = str(PurePath(folder.rstrip("/")) / spelled)
            if _is_file(path):
                return path
    return ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What `cited` gives: ``data`` is a .bib of its own; nothing has been written.

    ``missing`` are the cited keys that no entry has, ``lost`` pairs of an entry and a parent that it names and that is not there.
    """

    data: bytes
    keys: tuple[str, ...]
    missing: tuple[str, ...]
    lost: tuple[tuple[str, str], ...]
    known: tuple[str, ...]  # every key of the bibliographies: for a near miss


def cited(
    citations: Citations,
    bibs: Sequence[str] = (),
    *,
    order: str = "cited",
    omit: Sequence[str] = (),
    fields: Sequence[str] = (),
) -> Excerpt:
    """Only what is cited: entries as they are written, with their parents, the macros they use and every @preamble.

    The entries are looked for in ``bibs``, else in the bibliographies that the documents name; ``order`` is "cited" or "file".
    `omit` and `fields` say which fields of them, as in `convert`. Raises InputError where there is none, or one cannot be read.
    """
    wanted = selected(omit, fields)
    paths = tuple(bibs) or citations.bibliographies
    if not paths:
        named = f" (not found: {', '.join(citations.missing)})" if citations.missing else ""
        raise InputError(f"the document names no bibliography{named}; say where the entries are with --bib")
    documents = [bibfile.parse(read_bytes(path), path) for path in paths]
    found = bib.extract(documents, citations.keys, everything=citations.everything, order=order)
    known = tuple(entry[2] for document in documents for entry in document.layout.entries) if found.missing else ()
    return Excerpt(without_fields(found.data, wanted), found.keys, found.missing, found.lost, known)
