"""Findings for people and for machines: text, JSON, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from bibtools.check.finding import Finding
from bibtools.check.run import RULES

__all__ = ["OUTPUTS"]


def text(findings: Sequence[Finding]) -> Iterator[str]:
    """A line a finding; the brackets hold what turns its rule off and, where it can be fixed, what fixes it."""
    for finding in findings:
        key = f" [{finding.key}]" if finding.key else ""
        place = f"{finding.source}:{finding.line}: {finding.severity}:"
        yield f"{place} {finding.message}{key} ({_remedy(finding)})\n"


def _remedy(finding: Finding) -> str:
    return f"--off {finding.rule}; fixable with --fix" if finding.fix else f"--off {finding.rule}"


def as_json(findings: Sequence[Finding]) -> Iterator[str]:
    rows = [
        {
            "file": finding.source,
            "line": finding.line,
            "rule": finding.rule,
            "severity": finding.severity,
            "message": finding.message,
            "key": finding.key,
            "fixable": bool(finding.fix),
        }
        for finding in findings
    ]
    yield json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


GITHUB_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}


def github(findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands; the escapes are those of actions/toolkit (`%`, CR, LF; also `:` and `,` in properties)."""
    for finding in findings:
        place = f"file={_escaped(finding.source, True)},line={max(finding.line, 1)},title={finding.rule}"
        key = f" [{finding.key}]" if finding.key else ""
        message = _escaped(f"{finding.message}{key} ({_remedy(finding)})", False)
        yield f"::{GITHUB_LEVEL[finding.severity]} {place}::{message}\n"


def _escaped(value: str, inside: bool) -> str:
    value = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return value.replace(":", "%3A").replace(",", "%2C") if inside else value


def sarif(findings: Sequence[Finding]) -> Iterator[str]:
    rules = [
        {
            "id": rule.name,
            "shortDescription": {"text": rule.help},
            "help": {"text": f"Turn it off: --off {rule.name}, or a line `% bibtools: off {rule.name}` in the file."},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in RULES
    ]
    results = [
        {
            "ruleId": finding.rule,
            "level": finding.severity,
            "message": {"text": finding.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.source.replace("\\", "/")},
                        "region": {"startLine": max(finding.line, 1)},
                    }
                }
            ],
        }
        for finding in findings
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
