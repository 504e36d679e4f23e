"""What LaTeX's commands mean: accents, letters, symbols, fonts, and the commands that print nothing.

The names that a bibliography really uses stand here, among them those that pylatexenc drops (``\\pounds``, ``\\S``,
``\\LaTeX`` ...). Everything rarer is asked of pylatexenc's tables by `symbol`, which are loaded at the first such name.
Sources: The Comprehensive LaTeX Symbol List; LaTeX's utf8 tables (utf8enc.dfu, t5enc.dfu); LGR's transliteration.
"""

from __future__ import annotations

from functools import cache

__all__ = [
    "ACCENTS",
    "COMBINING",
    "DROPPED",
    "FONT_COMMANDS",
    "FONT_SWITCHES",
    "GREEK",
    "SPACING_ACCENTS",
    "SUBSCRIPTS",
    "SUPERSCRIPTS",
    "SYMBOLS",
    "TAG_COMMANDS",
    "TRANSPARENT",
    "script",
    "symbol",
]

ACCENTS: dict[str, str] = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "h": "\u0309",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "U": "\u030e",
    "G": "\u030f",
    "f": "\u0311",
    "d": "\u0323",
    "textcommabelow": "\u0326",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
    "t": "\u0361",
}
COMBINING: dict[str, str] = {mark: name for name, mark in ACCENTS.items()}

SPACING_ACCENTS: dict[str, str] = {
    "~": "~",
    "^": "^",
    '"': "¨",
    "'": "´",
    "`": "`",
    "=": "¯",
    "c": "¸",
    "v": "ˇ",
    "u": "˘",
}


def pairs(table: str) -> dict[str, str]:
    """A table written as names and values in turn."""
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


SYMBOLS: dict[str, str] = pairs(
    """
    L Ł  l ł  O Ø  o ø  ss ß  SS SS  AE Æ  ae æ  OE Œ  oe œ  AA Å  aa å  i ı  j ȷ  DH Ð  dh ð  DJ Đ  dj đ  TH Þ
    th þ  NG Ŋ  ng ŋ  IJ Ĳ  ij ĳ  ohorn ơ  OHORN Ơ  uhorn ư  UHORN Ư  pounds £  textsterling £  euro €  EUR €
    texteuro €  textyen ¥  textcent ¢  copyright ©  textcopyright ©  textregistered ®  texttrademark ™  S §  P ¶
    textsection §  textparagraph ¶  dag †  ddag ‡  textdagger †  textdaggerdbl ‡  dots …  ldots …  textellipsis …
    textbullet •  textperiodcentered ·  textdegree °  degree °  textmu µ  textordfeminine ª  textordmasculine º
    textnumero №  No №  TeX TeX  LaTeX LaTeX  LaTeXe LaTeX2ε  BibTeX BibTeX  BIBTEX BibTeX  XeTeX XeTeX
    LuaTeX LuaTeX  AmS AMS  AMS AMS  eTeX ε-TeX  XeLaTeX XeLaTeX  LuaLaTeX LuaLaTeX  textasciitilde ~
    textasciicircum ^  textasciigrave `  textless <  textgreater >  textbar |  textbardbl ‖  textbraceleft {
    textbraceright }  textunderscore _  textasteriskcentered *  textquotesingle '  slash /  textquoteleft ‘
    textquoteright ’  textquotedblleft “  textquotedblright ”  lq ‘  rq ’  glqq „  grqq “  glq ‚  grq ‘  flqq «
    frqq »  flq ‹  frq ›  quotedblbase „  quotesinglbase ‚  guillemotleft «  guillemotright »  guillemetleft «
    guillemetright »  guilsinglleft ‹  guilsinglright ›  bibopenparen (  textendash –  textemdash —  bibrangedash –
    textexclamdown ¡  textquestiondown ¿  textvisiblespace ␣  textonehalf ½  textonequarter ¼  textthreequarters ¾
    bibcloseparen )  lbrack [  rbrack ]  lbrace {  rbrace }  hyphen -  textpm ±  texttimes ×  and and  addcolon :
    addcomma ,  adddot .  colon :  bullet •  cdots ⋯  lbrackets [  varepsilon ε  epsilon ϵ  emptyset ∅
    texttwosuperior ²  textthreesuperior ³  textonesuperior ¹  textcurrency ¤  prime ′  lt <  gt >  vert |  Vert ‖
    mid ∣  ast ∗  star ⋆  textasciidieresis ¨  textasciiacute ´  textasciimacron ¯  textbrokenbar ¦  textlnot ¬
    textdiv ÷  textrightarrow →  textleftarrow ←  textuparrow ↑  textdownarrow ↓  textperthousand ‰
    """
) | {
    "&": "&",
    "%": "%",
    "#": "#",
    "_": "_",
    "{": "{",
    "}": "}",
    " ": " ",
    "\n": " ",
    "\t": " ",
    ",": "\u2009",
    ";": " ",
    ":": " ",
    ">": " ",
    "!": "",
    "-": "",
    "/": "",
    "@": "",
    "*": "",
    "|": "‖",
    "textbackslash": "\\",
    "backslash": "\\",
    "textquotedbl": '"',
    "og": "« ",
    "fg": " »",
    "nobreakspace": "\xa0",
    "space": " ",
    "quad": " ",
    "qquad": " ",
    "enspace": " ",
    "enskip": " ",
    "thinspace": "\u2009",
    "addspace": " ",
    "newline": " ",
    "item": "• ",
    "linebreak": " ",
    "par": " ",
    "nobreakdash": "",
    "pmod": "mod ",
    "cyrchar": "",
}

DROPPED = frozenset(
    """relax protect noindent null sloppy allowbreak nolinebreak hfill hfil hss break nobreak unskip ignorespaces
    left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle limits nolimits displaystyle textstyle
    scriptstyle scriptscriptstyle strut leavevmode mathstrut textcompwordmark xspace newblock clearpage
    normalsize small footnotesize scriptsize tiny large Large LARGE huge Huge rm tt sf bfseries normalfont upshape
    mdseries rmfamily sffamily ttfamily selectfont boldmath unboldmath bgroup egroup nobreakdashes aftergroup""".split()
) - {"bfseries"}

# font switches of the kind {\it ...}: the tag that the rest of the group gets
FONT_SWITCHES: dict[str, str] = {
    "it": "i",
    "em": "i",
    "sl": "i",
    "itshape": "i",
    "slshape": "i",
    "bf": "b",
    "bfseries": "b",
    "sc": "sc",
    "scshape": "sc",
}
FONT_COMMANDS: dict[str, str] = {
    "emph": "i",
    "textit": "i",
    "textsl": "i",
    "mkbibemph": "i",
    "mkbibitalic": "i",
    "textbf": "b",
    "mkbibbold": "b",
    "textsc": "sc",
    "textsuperscript": "sup",
    "mkbibsuperscript": "sup",
    "textsubscript": "sub",
}
# how a tag is written again
TAG_COMMANDS: dict[str, str] = {
    "i": "\\emph{",
    "b": "\\textbf{",
    "sc": "\\textsc{",
    "sup": "\\textsuperscript{",
    "sub": "\\textsubscript{",
}
# commands whose one argument is simply printed
TRANSPARENT = frozenset(
    """textrm textup textsf texttt textmd textnormal mbox hbox vbox fbox text mathrm mathup mathsf mathtt mathit mathnormal
    textls lsstyle operatorname ensuretext textlatin textcyrillic foreignword uline underline smash
    bibstring mkbibparens url path nolinkurl detokenize texorpdfstring bibinfo""".split()
)

GREEK: dict[str, str] = dict(zip("abgdezhjiklmnxoprstufqyw", "αβγδεζηθικλμνξοπρστυφχψω", strict=True)) | {"c": "ς"}
GREEK |= {key.upper(): value.upper() for key, value in GREEK.items() if key != "c"}

SUPERSCRIPTS: dict[str, str] = dict(zip("0123456789+-−=()nia*′∘°", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃ*′°°", strict=True)) | dict(
    zip("bcdefghjklmoprstuvwxyz", "ᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
SUPERSCRIPTS |= dict(zip("ABDEGHIJKLMNOPRTUVW", "ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True))
SUBSCRIPTS: dict[str, str] = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True)) | dict(
    zip("aehijklmnoprstuvxβγρφχ", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)


def script(text: str, table: dict[str, str]) -> str:
    """Text in Unicode's raised or lowered characters, ``""`` where one of them does not exist."""
    return "".join(table[char] for char in text) if text and all(char in table for char in text) else ""


@cache
def symbol(name: str) -> str | None:
    """What a command without argument prints, `None` when nobody knows it."""
    if name in SYMBOLS:
        return SYMBOLS[name]
    if name in DROPPED:
        return ""
    found = rare().get(name)
    return found if found and found.strip() else None


@cache
def rare() -> dict[str, str]:
    from pylatexenc.latex2text import get_default_latex_context_db

    known = {}
    for spec in get_default_latex_context_db().iter_macro_specs():
        if isinstance(spec.simplify_repl, str) and "%" not in spec.simplify_repl:
            known[spec.macroname] = spec.simplify_repl
    return known
