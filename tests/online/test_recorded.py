"""Answers that the services really gave, read by their services; skipped where the recordings are not beside the repository."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

from bibtools import identifiers
from bibtools.online.service import Answer, NotUnderstoodError, Question, Reply, Request
from bibtools.online.session import SERVICES
from tests.conftest import ROOT

RECORDED = ROOT.parent / "shared" / "answers"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers beside the repository")


class Loader(yaml.SafeLoader):
    """Cassettes of Ruby mark bodies as binary."""


Loader.add_constructor("!binary", lambda loader, node: base64.b64decode(node.value).decode("utf-8", "replace"))


def cassettes(service: str) -> Iterator[tuple[str, str, int, str, str]]:
    """Method, address, status, media type and body of every interaction of a service's cassettes."""
    for path in sorted((RECORDED / service).glob("*.y*ml")):
        whole = yaml.load(path.read_text(encoding="utf-8"), Loader)
        for each in (whole or {}).get("interactions") or (whole or {}).get("http_interactions") or ():
            request, response = each["request"], each["response"]
            status = response.get("status_code") or (response.get("status") or {}).get("code")
            if isinstance(status, str):
                status = (response.get("status") or {}).get("status_code")
            body: Any = response.get("content")
            if body is None:
                held = response.get("body") or {}
                body = held.get("string") or ""
                if held.get("base64_string"):
                    body = base64.b64decode(held["base64_string"]).decode("utf-8", "replace")
            headers = {name.lower(): value for name, value in (response.get("headers") or {}).items()}
            media = headers.get("content-type") or ""
            media = media[0] if isinstance(media, list) else media
            if isinstance(status, int) and isinstance(body, str) and body and "\ufffd" not in body:
                yield str(request["method"]).upper(), request["uri"], status, media, body


def read(name: str, request: Request, status: int, media: str, body: str) -> dict[Question, Reply | Request]:
    return dict(SERVICES[name].read(request, Answer(status, {"content-type": media}, body)))


def one(name: str, question: Question) -> Request:
    (request,) = SERVICES[name].requests([question])
    return request


@pytest.mark.parametrize(("name", "folder", "host", "prefix"), [
    ("crossref", "crossref", "api.crossref.org", r"(?:/v1)?/works/(10\..+)"),
    ("datacite", "datacite", "api.datacite.org", r"/dois/(10\..+)"),
])  # fmt: skip
def test_single_works(name: str, folder: str, host: str, prefix: str) -> None:
    found = unknown = 0
    for method, uri, status, media, body in cassettes(folder):
        parts = urlsplit(uri)
        match = re.fullmatch(prefix, unquote(parts.path))
        doi = identifiers.doi(match[1]) if match and parts.hostname == host and method == "GET" else ""
        if not doi or parts.query not in ("", "include=media,client") or match[1].lower() != doi:  # type: ignore[index]
            continue
        if status == 200 and not body.startswith("{"):
            continue  # asked for as XML
        question = Question("doi", doi)
        replies = read(name, one(name, question), status, media, body)
        if status == 404:
            assert replies == {question: Reply()}, uri
            unknown += 1
        elif status == 200 and question in replies:
            reply = replies[question]
            assert isinstance(reply, Reply) and reply.matched and reply.records[0].title, uri
            found += 1
    assert found >= 5
    assert unknown or name != "crossref"


def test_arxiv() -> None:
    found = unknown = refused = 0
    for path in sorted((RECORDED / "arxiv").glob("*id_*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        numbers = parse_qs(urlsplit(recorded["url"]).query)["id_list"][0].split(",")
        questions = tuple(Question("arxiv", re.sub(r"v\d+$", "", number).lower()) for number in numbers)
        request = Request(questions, "/query", (("id_list", ",".join(numbers)),))
        try:
            replies = read("arxiv", request, recorded["status_code"], "application/atom+xml", recorded["body"])
        except NotUnderstoodError:
            assert "api/errors" in recorded["body"]
            refused += 1
            continue
        assert replies.keys() == set(questions)
        found += sum(isinstance(each, Reply) and each.matched for each in replies.values())
        unknown += sum(each == Reply() for each in replies.values())
    assert found >= 5 and unknown >= 2 and refused == 1


def test_openalex() -> None:
    """Recorded one by one; a filter answers with the same works in a list."""
    count = 0
    for _, uri, status, media, body in cassettes("openalex"):
        doi = identifiers.doi(unquote(urlsplit(uri).path)) if "api.openalex.org/works/" in uri else ""
        if status != 200 or not doi or not body.startswith("{"):
            continue
        listed = json.dumps({"meta": {"count": 1}, "results": [json.loads(body)]})
        replies = read("openalex", one("openalex", Question("doi", doi)), status, media, listed)
        assert all(isinstance(each, Reply) and each.matched for each in replies.values())
        count += bool(replies)
    assert count >= 10


def test_semantic_scholar() -> None:
    batches = matches = 0
    for method, uri, status, media, body in cassettes("semantic_scholar"):
        parts = urlsplit(uri)
        if parts.path == "/graph/v1/paper/batch" and method == "POST" and status == 200:
            works = json.loads(body)
            questions = tuple(Question("doi", f"10.1/{number}") for number in range(len(works)))
            replies = read("semanticscholar", Request(questions, "/paper/batch"), status, media, body)
            for question, work in zip(questions, works, strict=True):
                if work is None:
                    assert replies[question] == Reply()
                elif work.get("externalIds"):
                    assert replies[question].matched  # type: ignore[union-attr]
            batches += 1
        elif parts.path == "/graph/v1/paper/search/match":
            question = Question("title", "Mining association rules between sets of items in large databases")
            fields = "externalIds" in uri
            if status == 200 and fields:
                assert isinstance(
                    read("semanticscholar", one("semanticscholar", question), status, media, body)[question], Reply
                )
            matches += 1
    assert batches >= 2 and matches


def test_pages_of_the_resolver_are_no_answers() -> None:
    """doi.org answers in HTML to what it does not know: that proves nothing; only the handle does."""
    question = Question("doi", "10.1126/foo")
    for _, uri, status, media, body in cassettes("doi_content_negotiation"):
        if "doi.org/" in uri and status == 404 and "html" in media:
            with pytest.raises(NotUnderstoodError):
                read("doi", one("doi", question), status, media, body)
