"""Text with the markup of HTML, JATS or MathML, as services hand it on, to the text of a Record.

Italic, bold, raised, lowered and small capitals become the inline tags of CSL, a paragraph a line, every other known element
its text. What only looks like a tag (``<0.05``, ``<https://...>``) is text.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

__all__ = ["text"]

TAG = re.compile(r"<(/?)((?:jats|mml|m|xhtml):)?([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)(/?)>")
COMMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
INLINE = {
    **dict.fromkeys(("i", "em", "italic"), ("<i>", "</i>")),
    **dict.fromkeys(("b", "strong", "bold"), ("<b>", "</b>")),
    **dict.fromkeys(("sub", "inf"), ("<sub>", "</sub>")),
    **dict.fromkeys(("sup",), ("<sup>", "</sup>")),
    **dict.fromkeys(("sc", "scp"), ('<span style="font-variant:small-caps;">', "</span>")),
}
PARAGRAPHS = frozenset("p title sec br list list-item div li ul ol h1 h2 h3 h4 abstract disp-formula label".split())
OTHERS = frozenset(
    "span a u tt font underline ext-link inline-formula tex-math alternatives named-content styled-content xref monospace "
    "math mrow mi mo mn msup msub mtext mstyle mfrac msubsup mover munder mspace semantics annotation mfenced msqrt "
    "inline-graphic graphic small big code mtable mtr mtd mpadded mphantom munderover mroot".split()
)
BLANKS = re.compile(r"[ \t\r\f\v]*\n[ \t\r\f\v\n]*")


@lru_cache(maxsize=1024)
def text(marked: str) -> str:
    """The text; the very same string when there is nothing to do."""
    if "<" in marked:
        if "<!" in marked:
            marked = COMMENT.sub("", marked)
        marked = BLANKS.sub("\n", TAG.sub(_tag, marked)).strip()
    if "&" in marked:
        marked = html.unescape(html.unescape(marked)) if "&amp;" in marked else html.unescape(marked)
    return marked


def _tag(found: re.Match[str]) -> str:
    name = found[3].lower()
    if name in INLINE:
        return "" if found[5] else INLINE[name][bool(found[1])]
    if name in PARAGRAPHS:
        return "\n"
    return "" if name in OTHERS or found[2] else found[0]
