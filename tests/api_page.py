"""Makes API.md from the docstrings and comments of the front door: `python -m tests.api_page`."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import inspect
import io
import re
import textwrap
import types
import typing

import bibtools
from bibtools import bibfile
from tests.conftest import ROOT

TARGET = """@article{engines, title={On Engines that Calculate}, author={Ada Lovelace}, journal={J. Engines}, doi={10.1000/182}}
@misc{flow, title={NeuFlow: Optical Flow on Robots Using Edge Devices}, author={Z. Zhang and H. Jiang and H. Singh}, year=2024}
"""
SOURCE = """@article{x, title={On Engines that Calculate}, author={Lovelace, Ada}, doi={10.1000/182}, year=1843}
@misc{z, title={NeuFlow: Optical Flow on Robots}, author={Zhang, Z. and Jiang, H. and Singh, H.}, year=2025}
@book{new, title={The TeXbook}, author={Donald E. Knuth}, year=1984}
"""
ALIASES = {
    "Ask": "What `merge` and `dedupe` are given as `ask`: it is called with each `Question` and returns the `Reply`."
}

# Run when the page is made, so that what they print is true. `target` and `source` are the texts above.
EXAMPLES = {
    "Plan": """
result = bibtools.merge(target, [source])
for change in result.plan.changes:
    print(type(change).__name__, getattr(change, "field", change.record.id if hasattr(change, "record") else ""))
print(dict(result.plan.keys))
""",
    "Outcome": """
result = bibtools.merge(target, [source])
for outcome in result.plan.outcomes:
    gained = {change.field: str(change.new) for change in outcome.changes}
    print(outcome.record.id, outcome.status, outcome.key, list(gained))
""",
    "Verdict": """
result = bibtools.merge(target, [source])
unsure = next(outcome for outcome in result.plan.outcomes if outcome.status == "unsure")
for candidate in unsure.candidates:
    print(candidate.key, candidate.answer, [(field, round(points)) for field, points, _ in candidate.evidence])
""",
    "Ask": """
def ask(question):
    print(question.number, "of", question.count, question.left.id, question.right.id, question.verdict.answer)
    return bibtools.Reply(bibtools.Answer.SAME, {"issued": "right"})

result = bibtools.merge(target, [source], ask=ask)
print("2025" in result.text, result.text.count("@"))
""",
}


def example(name: str) -> str:
    if name not in EXAMPLES:
        return ""
    code = EXAMPLES[name].strip()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, name, "exec", dont_inherit=True), {"bibtools": bibtools, "target": TARGET, "source": SOURCE})
    prints = textwrap.indent(said.getvalue().rstrip(), "    # ")
    return f"\nFor example:\n\n{textwrap.indent(code, '    ')}\n{prints}\n"


def described(name: str, thing: object) -> str:
    return entry(name, thing).rstrip() + "\n" + example(name)


def entry(name: str, thing: object) -> str:
    if name in ALIASES:
        return f"## `{name}`\n\n{ALIASES[name]}\n"
    if isinstance(thing, types.UnionType):
        return f"## `{name}`\n\nOne of {', '.join(f'`{part.__name__}`' for part in typing.get_args(thing))}.\n"
    text = inspect.getdoc(thing) or ""
    if inspect.isclass(thing):
        if text.startswith(f"{name}("):  # dataclasses makes such a text where there is none
            text = ""
        return f"## `{name}`\n\n{text}\n{fields_of(thing) if dataclasses.is_dataclass(thing) else ''}"
    signature = str(inspect.signature(thing)).replace("'", "") if callable(thing) else ""
    return f"## `{name}`\n\n    {name}{signature}\n\n{text}\n"


def fields_of(thing: type) -> str:
    said = meanings(thing)
    rows = [f"| `{field.name}` | `{field.type}` | {said.get(field.name, '')} |" for field in dataclasses.fields(thing)]
    return (
        "\n| field | type | meaning |\n|---|---|---|\n"
        + "\n".join(row.replace("\\|", "|") for row in map(_escaped, rows))
        + "\n"
    )


def _escaped(row: str) -> str:
    """A `|` within a type would end the cell."""
    first, *cells = re.split(r" \| ", row)
    return " | ".join([first, *cells]) if len(cells) == 2 else " | ".join([first, " or ".join(cells[:-1]), cells[-1]])


def meanings(thing: type) -> dict[str, str]:
    """What the source says of each field: the comment on its lines, or the string below it."""
    source = textwrap.dedent(inspect.getsource(thing))
    lines = source.splitlines()
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for node, following in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            comments = [line.partition("  # ")[2] for line in lines[node.lineno - 1 : node.end_lineno]]
            text = " ".join(comment for comment in comments if comment)
            if not text and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                text = " ".join(str(following.value.value).split())
            found[node.target.id] = re.sub(r"\s*# (?:type|noqa).*", "", text).replace("``", "`").replace("|", "\\|")
    return found


def page() -> str:
    parts = [
        "# The Python API\n",
        "Made from the source by `python -m tests.api_page`; what is not here is free to change.\n",
        f"{inspect.getdoc(bibtools)}\n",
        "In the examples `target` and `source` are these texts:\n",
        textwrap.indent(f"{TARGET}\n{SOURCE}", "    "),
    ]
    parts += [described(name, getattr(bibtools, name)) for name in bibtools.__all__ if name != "__version__"]
    parts += ["# The .bib document: `bibtools.bibfile`\n", f"{inspect.getdoc(bibfile)}\n"]
    parts += [described(name, getattr(bibfile, name)) for name in sorted(bibfile.__all__)]
    return "\n".join(part.rstrip() + "\n" for part in parts)


if __name__ == "__main__":
    (ROOT / "API.md").write_text(page(), encoding="utf-8")
