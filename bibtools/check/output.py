"""Findings for people and for machines: text, JSON, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from bibtools.check.finding import Finding
from bibtools.check.run import RULES

__all__ = ["OUTPUTS"]


def text(findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings:
        about = f" [{each.key}]" if each.key else ""
        fixable = " (--fix mends it)" if each.fix else ""
        yield f"{each.source}:{each.line}: {each.severity}: {each.message}{about} ({each.rule}){fixable}\n"


def as_json(findings: Sequence[Finding]) -> Iterator[str]:
    rows = [
        {
            "file": each.source,
            "line": each.line,
            "rule": each.rule,
            "severity": each.severity,
            "message": each.message,
            "key": each.key,
            "fixable": bool(each.fix),
        }
        for each in findings
    ]
    yield json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


GITHUB_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}


def github(findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands; the escapes are those of actions/toolkit (`%`, CR, LF; also `:` and `,` in properties)."""
    for each in findings:
        place = f"file={_escaped(each.source, True)},line={max(each.line, 1)},title={each.rule}"
        yield f"::{GITHUB_LEVEL[each.severity]} {place}::{_escaped(each.message, False)}\n"


def _escaped(value: str, inside: bool) -> str:
    value = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return value.replace(":", "%3A").replace(",", "%2C") if inside else value


def sarif(findings: Sequence[Finding]) -> Iterator[str]:
    rules = [
        {"id": each.name, "shortDescription": {"text": each.help}, "defaultConfiguration": {"level": each.severity}}
        for each in RULES
    ]
    results = [
        {
            "ruleId": each.rule,
            "level": each.severity,
            "message": {"text": each.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": each.source.replace("\\", "/")},
                        "region": {"startLine": max(each.line, 1)},
                    }
                }
            ],
        }
        for each in findings
    ]
    whole = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "bibtools", "rules": rules}}, "results": results}],
    }
    yield json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


OUTPUTS: dict[str, Callable[[Sequence[Finding]], Iterator[str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}
