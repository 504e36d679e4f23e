r"""CSL-JSON, the format of Zotero, pandoc and every citation processor.

Source of the rules: the CSL specification and the official schema (citation-style-language/schema,
``schemas/input/csl-data.json``), against which everything written here validates.

**Out.** Text is Unicode with CSL's inline tags; TeX mathematics becomes tags (`latex.html`: ``E<sup>2</sup>GAN``). What
CSL has no variable for goes to ``custom``, the place that the schema gives to such things, under these names, so that reading
the file back gives the same record:

=====================  ===========================================================================
``authors-truncated``  the author list was cut short by the source (never an author called "others")
``arxiv-id``, ``arxiv-categories``
``type``, ``entry-type``  a type that CSL does not have; the BibTeX entry type where the type does not give it back
``source-text``        by variable: the text before its mathematics became tags
``keyword``            the list, where a keyword holds the comma that joins them
``inferred``           dates whose year was guessed
``derived``            variables made for the reader's sake from others (``URL`` of an arXiv paper)
``creators``, ``extra``  pairs: roles and fields that CSL does not have
=====================  ===========================================================================

A reader of ours believes ``custom`` only where the variable still says what we wrote: an edit by another program wins.

**In.** A list of items, one item, an object with ``items``, an object of items by id, or items one after another. The items of
a list are decoded one by one: a broken or cut one costs itself, has a line number, and those before it (and after it, where the
place can be found) are kept. Known slips of exporters are understood: numbers for text, ``null``, one-element lists,
``shortTitle``, ``journalAbbreviation``, EDTF or raw dates, a last author "others". Every other key is kept in ``extra``.
"""

from __future__ import annotations

from bibtools.format import Format
from bibtools.formats.csljson.reading import from_csl, read
from bibtools.formats.csljson.splitting import looks_like
from bibtools.formats.csljson.writing import losses, to_csl, write

__all__ = ["FORMAT", "from_csl", "losses", "read", "to_csl", "write"]

FORMAT = Format(
    name="csljson",
    summary="CSL-JSON, for Zotero, pandoc and citation processors",
    suffixes=(".json", ".csljson"),
    looks_like=looks_like,
    read=read,
    write=write,
    losses=losses,
)
