"""Findings for people and for machines: text, JSON, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from bibtools.check.finding import Finding
from bibtools.check.run import RULES

__all__ = ["OUTPUTS", "annotation", "location", "sarif_log"]


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


# --- GitHub -------------------------------------------------------------------------------------------------------------

GITHUB_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}


def github(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        key = f" [{finding.key}]" if finding.key else ""
        message = f"{finding.message}{key} ({_remedy(finding)})"
        yield annotation(finding.severity, finding.source, finding.line, finding.rule, message)


def annotation(severity: str, file: str, line: int, title: str, message: str, column: int = 0) -> str:
    """A workflow command; the escapes are those of actions/toolkit (`%`, CR, LF; also `:` and `,` in properties). A line or
    column of 0 is not known."""
    place = f"file={_escaped(file, True)},line={max(line, 1)}" + (f",col={column}" if column else "")
    return f"::{GITHUB_LEVEL[severity]} {place},title={_escaped(title, True)}::{_escaped(message, False)}\n"


def _escaped(value: str, inside: bool) -> str:
    value = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return value.replace(":", "%3A").replace(",", "%2C") if inside else value


# --- SARIF --------------------------------------------------------------------------------------------------------------


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
            "locations": [location(finding.source, finding.line)],
        }
        for finding in findings
    ]
    yield sarif_log(rules, results)


def location(file: str, line: int, column: int = 0) -> dict[str, object]:
    """Where a result of SARIF is. A line or column of 0 is not known; columns count characters from 1."""
    region = {"startLine": max(line, 1)} | ({"startColumn": column} if line and column else {})
    address = quote(file.replace("\\", "/"), safe="/:", errors="replace")
    return {"physicalLocation": {"artifactLocation": {"uri": address}, "region": region}}


def sarif_log(rules: Sequence[Mapping[str, object]], results: Sequence[Mapping[str, object]]) -> str:
    """A log of one run, version 2.1.0."""
    driver = {"name": "bibtools", "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    whole = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


OUTPUTS: dict[str, Callable[[Sequence[Finding]], Iterator[str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}
