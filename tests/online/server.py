"""Servers that answer as the services do, each on a socket of its own, at least as strict as the real ones.

They are written from the recorded answers (of which the shapes are taken, not the texts) and the services' own pages, and share
nothing with `bibtools.online`. Every rule stands with its source. A server notes what a real one would have complained of in
`complaints`; a test ends with none. ``fault`` says for the n-th request what goes wrong.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.online.papers import PAPERS, Paper

BOT_CHECK = (
    "<!doctype html><html><head><title>Making sure you&#39;re not a bot!</title></head><body>Loading...</body></html>"
)
Fault = Callable[[int], str]
Reply = tuple[int, dict[str, str], bytes]


class Clock:
    """A clock that tests move: whoever sleeps by it moves it."""

    def __init__(self, at: float = 1_790_000_000.0) -> None:
        self.at = at
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


class Server:
    """``with CrossrefServer() as server``: `base` is its address, `asked` every question that it answered, in order."""

    name = ""
    parameters: tuple[tuple[str, str], ...] = ()  # path (as a pattern), and the parameters that it knows
    single = listing = 0.0  # seconds between two requests, as its pages say
    most_connections = 3
    prefix = ""

    def __init__(self, papers: Sequence[Paper] = PAPERS, clock: Callable[[], float] = time.time) -> None:
        self.papers = list(papers)
        self.clock = clock
        self.calls: list[str] = []  # path with parameters, every request
        self.asked: list[str] = []  # identifiers and titles that were answered well
        self.headers: list[dict[str, str]] = []
        self.complaints: list[str] = []
        self.fault: Fault = lambda number: ""
        self.extra_headers: dict[str, str] = {}
        self.elsewhere = "http://127.0.0.2:9/"
        self.lock = threading.Lock()
        self.open_connections = 0
        self.last = -1e9
        self.hang = 1.0

    def __enter__(self) -> Server:
        handler = type("Handler", (_Handler,), {"owner": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}{self.prefix}"

    def complain(self, text: str) -> None:
        self.complaints.append(f"{self.name}: {text}")

    # --- a request ----------------------------------------------------------------------------------------------------

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply | str:
        """An answer, or the name of a fault of the connection."""
        with self.lock:
            self.calls.append(target)
            self.headers.append(headers)
            number = len(self.calls)
            parts = urlsplit(target)
            params = parse_qsl(parts.query, keep_blank_values=True)
            path = unquote(parts.path.removeprefix(self.prefix))
            refused = self.judged(method, parts.path, path, params, headers)
            fault = self.fault(number)
            if fault in ("drop", "slow", "cut", "endless"):
                return fault
            if fault:
                return self.faulty(fault)
            if refused:
                return refused
            status, more, data = self.answered(method, path, params, body)
            return status, {**more, **self.extra_headers}, data

    def judged(
        self, method: str, raw: str, path: str, params: list[tuple[str, str]], headers: dict[str, str]
    ) -> Reply | None:
        """What the service holds every request to."""
        agent = headers.get("user-agent", "")
        if not agent.startswith("bibtools/"):
            self.complain(f"User-Agent '{agent}' does not say who asks")  # good manners of every service below
        if not raw.startswith(self.prefix):
            return self.plain(404, "not here")
        kind = self.kind(path, params)
        now = self.clock()
        pause = self.single if kind == "single" else self.listing
        if now - self.last < pause - 0.02:
            self.complain(f"{now - self.last:.2f} s after the last request, {pause} s wanted")
        self.last = now
        known = next((set(names.split()) for pattern, names in self.parameters if re.fullmatch(pattern, path)), None)
        if known is None:
            self.complain(f"no such path: {path}")
            return self.plain(404, "Resource not found.")
        if strange := {name for name, _ in params} - known:
            self.complain(f"unknown parameters: {', '.join(sorted(strange))}")
            return self.plain(400, "unknown parameter")
        if len({name for name, _ in params}) != len(params):
            self.complain("a parameter twice")
        return None

    def kind(self, path: str, params: list[tuple[str, str]]) -> str:
        return "listing"

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        raise NotImplementedError

    # --- answers ------------------------------------------------------------------------------------------------------

    def json(self, value: Any, status: int = 200, media: str = "application/json") -> Reply:
        return status, {"Content-Type": media}, json.dumps(value, ensure_ascii=False).encode()

    def plain(self, status: int, text: str) -> Reply:
        return status, {"Content-Type": "text/plain"}, text.encode()

    def xml(self, text: str, status: int = 200, media: str = "application/xml") -> Reply:
        return status, {"Content-Type": media}, text.encode()

    def faulty(self, fault: str) -> Reply:
        """The bad days."""
        match fault:
            case "429":
                return 429, {"Content-Type": "text/plain", "Retry-After": "2"}, b"Too many requests"
            case "429-long":
                return 429, {"Content-Type": "text/plain", "Retry-After": "3600"}, b"Too many requests"
            case "503":
                return 503, {"Content-Type": "text/html"}, b"<html><body>503 Service Unavailable</body></html>"
            case "403":
                return 403, {"Content-Type": "text/plain"}, b"Forbidden"
            case "html":
                return 200, {"Content-Type": "text/html"}, b"<html><body>Welcome to the hotel's network</body></html>"
            case "bot":
                return 200, {"Content-Type": "text/html; charset=utf-8"}, BOT_CHECK.encode()
            case "bot-500":
                return 500, {"Content-Type": "text/html; charset=utf-8"}, BOT_CHECK.encode()
            case "html-404":
                return 404, {"Content-Type": "text/html"}, b"<html><body>nginx: no such site</body></html>"
            case "elsewhere":
                return 302, {"Location": self.elsewhere}, b""
            case "circle":
                return 302, {"Location": self.calls[-1]}, b""
            case "empty":
                return self.json([])
            case "nothing":
                return 200, {"Content-Type": "application/json"}, b""
            case "null":
                return self.json(None)
            case "half":
                return 200, {"Content-Type": "application/json"}, b'{"status":"ok","message":{"items":[{"DOI":"10.1'
            case "latin":
                return (
                    200,
                    {"Content-Type": "application/json; charset=iso-8859-1"},
                    '{"title": "Émile"}'.encode("latin-1"),
                )
            case "deep":
                return 200, {"Content-Type": "application/json"}, b"[" * 200_000 + b"]" * 200_000
            case "bomb":
                inner = gzip.compress(b" " * (300 << 20), 9)
                return 200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, inner
            case "not-gzip":
                return 200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"{}"
            case "budget":
                return (
                    429,
                    {"Content-Type": "application/json", "X-RateLimit-Remaining": "0"},
                    b'{"error":"Rate limit exceeded"}',
                )
            case "entities":
                bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
                return self.xml(f'<!DOCTYPE feed [<!ENTITY e0 "ha">{bomb}]><feed>&e19;</feed>')
        raise AssertionError(fault)


class _Handler(BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.counted = 1
        with self.owner.lock:
            self.owner.open_connections += 1
            if self.owner.open_connections > self.owner.most_connections:
                self.owner.complain(f"{self.owner.open_connections} connections at once")

    def finish(self) -> None:
        self.count_closed()
        super().finish()

    def count_closed(self) -> None:
        with self.owner.lock:
            self.owner.open_connections -= self.counted
        self.counted = 0

    def do_GET(self) -> None:
        self.handle_one("GET")

    def do_POST(self) -> None:
        self.handle_one("POST")

    def handle_one(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.owner.respond(method, self.path, headers, body)
        if isinstance(answer, str):
            self.broken(answer)
            return
        status, more, data = answer
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who asked has gone
            self.wfile.write(data)

    def broken(self, fault: str) -> None:
        self.close_connection = True
        self.count_closed()  # a client that gives up has closed it before this side knows
        if fault == "slow":
            time.sleep(self.owner.hang)
        if fault in ("drop", "slow"):
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if fault == "cut":
            self.send_header("Content-Length", "10000")
            self.end_headers()
            self.wfile.write(b'{"status":"ok",')
            return
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(2000):
                self.wfile.write(b" " * (1 << 16))

    def log_message(self, *_: object) -> None:
        pass


@cache
def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def alike(papers: Iterable[Paper], query: str, most: int) -> list[Paper]:
    """What a search by words gives: the papers that share words, best first, however little that is."""
    wanted = words(query)
    found = [
        (len(wanted & words(f"{each.title} {each.subtitle} {' '.join(family for family, _ in each.authors)}")), n, each)
        for n, each in enumerate(papers)
    ]
    return [each for count, _, each in sorted(found, key=lambda pair: (-pair[0], pair[1])) if count][:most]


MAILTO = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+|[^@\s,]+@localhost")


class CrossrefServer(Server):
    """https://api.crossref.org/swagger-ui/index.html; recorded: 404 is ``text/plain`` "Resource not found.", a single work is
    ``message-type: work``, a list ``work-list`` with ``total-results`` and twenty items unless ``rows`` says more; an unknown
    parameter or filter is 400 ``validation-failure``; a DOI takes no query (``parameter-not-allowed``)."""

    name = "crossref"
    prefix = "/v1"
    parameters = (
        (r"/works/.+", "mailto"),
        (r"/works", "filter rows select query.bibliographic mailto cursor offset"),
    )
    # "as found in November 2026": lists about 3 a second, one at a time; single works about 10
    single, listing = 0.1, 0.33
    most_connections = 1

    def kind(self, path: str, params: list[tuple[str, str]]) -> str:
        return "single" if path.startswith("/works/") else "listing"

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        given = dict(params)
        if "mailto" in given and not MAILTO.fullmatch(given["mailto"]):
            self.complain("mailto is no address")
            return self.invalid("mailto")
        mine = {each.doi: each for each in self.papers if each.agency == "crossref" and each.doi}
        if path.startswith("/works/"):
            doi = path.removeprefix("/works/").lower()
            self.asked.append(doi)
            if doi not in mine:
                return self.plain(404, "Resource not found.")
            return self.json(
                {"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": self.work(mine[doi])}
            )
        rows = int(given.get("rows", "20"))
        if rows > 1000:
            return self.invalid("rows")
        if "filter" in given:
            values = given["filter"].split(",")
            if any(not value.startswith("doi:") for value in values) or len(values) > 50:
                self.complain("filter of more than 50, or not of DOIs")
                return self.invalid("filter")
            dois = [value.removeprefix("doi:").lower() for value in values]
            self.asked += dois
            found = [mine[doi] for doi in dict.fromkeys(dois) if doi in mine]
        else:
            query = given.get("query.bibliographic", "")
            self.asked.append(query)
            found = alike(mine.values(), query, 1000)
        items = [self.work(each) for each in reversed(found[:rows])]  # the order is not that of the question
        message = {
            "facets": {},
            "total-results": len(found),
            "items": items,
            "items-per-page": rows,
            "query": {"start-index": 0},
        }
        return self.json({"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message})

    def invalid(self, name: str) -> Reply:
        fault = [{"type": "parameter-not-allowed", "value": name, "message": "This route does not support it"}]
        return self.json({"status": "failed", "message-type": "validation-failure", "message": fault}, 400)

    def work(self, paper: Paper) -> dict[str, Any]:
        found: dict[str, Any] = {
            "DOI": paper.doi, "type": paper.kind, "title": [paper.title], "publisher": "A publisher",
            "URL": f"https://doi.org/{paper.doi}", "issued": {"date-parts": [[paper.year]]},
            "created": {"date-parts": [[2020, 1, 1]]}, "source": "Crossref",
            "author": [{"given": given, "family": family, "sequence": "first" if not n else "additional", "affiliation": []}
                       for n, (family, given) in enumerate(paper.authors)],
            "container-title": [paper.venue] if paper.venue else [], "member": "1", "reference-count": 0,
        }  # fmt: skip
        if paper.subtitle:
            found["subtitle"] = [paper.subtitle]
        if paper.volume:
            found["volume"] = paper.volume
        if paper.pages:
            found["page"] = paper.pages
        return found


class ArxivServer(Server):
    """https://info.arxiv.org/help/api/tou.html: one request in three seconds, one connection. Recorded: an unknown number is
    left out of the feed and of ``totalResults``; a malformed one makes the request 400, with an entry titled Error; the answer
    has ten entries unless ``max_results`` says more (user manual, 3.1.1)."""

    name = "arxiv"
    prefix = "/api"
    parameters = ((r"/query", "id_list search_query max_results start sortBy sortOrder"),)
    single = listing = 3.0
    most_connections = 1
    NUMBER = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?")

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        given = dict(params)
        most = int(given.get("max_results", "10"))
        mine = {each.arxiv: each for each in self.papers if each.arxiv}
        if "id_list" in given:
            numbers = given["id_list"].split(",")
            if len(numbers) > 100:
                self.complain("more than 100 numbers")
            if wrong := next((each for each in numbers if not self.NUMBER.fullmatch(each)), ""):
                self.complain(f"malformed number {wrong}")
                return self.xml(self.feed([self.error(wrong)], 1), 400, "application/atom+xml")
            self.asked += numbers
            found = [mine[number] for number in numbers if number in mine]
        else:
            query = given.get("search_query", "")
            self.asked.append(query)
            parts = [part.strip("()").split(" AND ") for part in query.split(" OR ")]
            if not all(re.fullmatch(r"(ti|all|au):[^\s()]+", each) for part in parts for each in part):
                self.complain(f"search_query {query}")
            wanted = [{each.partition(":")[2].lower() for each in part} for part in parts]
            found = [
                each for each in mine.values() if any(part <= words(f"{each.title} {each.authors}") for part in wanted)
            ]
        return self.xml(self.feed([self.entry(each) for each in found[:most]], len(found)), 200, "application/atom+xml")

    def feed(self, entries: list[str], total: int) -> str:
        return (
            "<?xml version='1.0' encoding='UTF-8'?>\n"
            '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns="http://www.w3.org/2005/Atom">\n  <id>https://arxiv.org/api/x</id>\n  <title>arXiv Query</title>\n'
            f"  <opensearch:itemsPerPage>100</opensearch:itemsPerPage>\n  <opensearch:totalResults>{total}"
            "</opensearch:totalResults>\n  <opensearch:startIndex>0</opensearch:startIndex>\n"
            + "".join(entries) + "</feed>\n"
        )  # fmt: skip

    def error(self, number: str) -> str:
        place = f"https://arxiv.org/api/errors#incorrect_id_format_for_{number}"
        return f"<entry><id>{place}</id><title>Error</title><summary>incorrect id format for {escape(number)}</summary></entry>\n"

    def entry(self, paper: Paper) -> str:
        people = "".join(
            f"<author><name>{escape(f'{given} {family}')}</name></author>" for family, given in paper.authors
        )
        doi = f"<arxiv:doi>{escape(paper.doi)}</arxiv:doi>" if paper.doi else ""
        return (
            f"<entry><id>http://arxiv.org/abs/{paper.arxiv}v1</id><title>{escape(paper.title)}</title>"
            f"<updated>{paper.year}-06-12T17:57:34Z</updated><summary>What it is about.</summary>"
            f'<category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/><published>{paper.year}-06-12T17:57:34Z</published>'
            f'<arxiv:primary_category term="cs.CL"/>{people}{doi}</entry>\n'
        )


def named(paper: Paper) -> str:
    """The DOI of a paper, of arXiv where it has no other."""
    return paper.doi or f"10.48550/arxiv.{paper.arxiv}"


class DataciteServer(Server):
    """https://support.datacite.org/docs/rate-limit: a thousand requests in five minutes for who says who asks. Recorded: one work
    is ``data`` with ``attributes``, a list is a list of these; 404 is a list of ``errors`` in JSON. Parameters of a list:
    https://support.datacite.org/docs/api-queries."""

    name = "datacite"
    parameters = ((r"/dois/.+", ""), (r"/dois", "query page[size]"))
    single = listing = 0.3

    def judged(
        self, method: str, raw: str, path: str, params: list[tuple[str, str]], headers: dict[str, str]
    ) -> Reply | None:
        if "mailto:" not in headers.get("user-agent", ""):
            self.complain("no mailto in User-Agent")
        return super().judged(method, raw, path, params, headers)

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        mine = {named(each): each for each in self.papers if each.agency == "datacite" or each.arxiv}
        media = "application/json; charset=utf-8"
        if path.startswith("/dois/"):
            doi = path.removeprefix("/dois/").lower()
            self.asked.append(doi)
            for each in mine.values():
                if doi in (named(each), f"10.48550/arxiv.{each.arxiv}"):
                    return self.json({"data": self.work(each, doi)}, media=media)
            return self.json(
                {"errors": [{"status": "404", "title": "The resource you are looking for doesn't exist."}]}, 404, media
            )
        given = dict(params)
        query = given.get("query", "")
        self.asked.append(query)
        phrase = re.fullmatch(r'titles\.title:"(.*)"', query)
        found = list(mine.values())
        if phrase:
            found = [each for each in found if phrase[1] in " ".join(re.findall(r"\w+", each.title.lower()))]
        else:
            found = alike(found, query, 1000)
        shown = [self.work(each, named(each)) for each in found[: int(given.get("page[size]", "25"))]]
        return self.json(
            {"data": shown, "meta": {"total": len(found), "totalPages": 1, "page": 1}, "links": {}}, media=media
        )

    def work(self, paper: Paper, doi: str) -> dict[str, Any]:
        people = [
            {"name": f"{family}, {given}", "nameType": "Personal", "givenName": given, "familyName": family}
            for family, given in paper.authors
        ]
        general = "Dataset" if paper.kind == "dataset" else "Preprint"
        attributes = {
            "doi": doi, "prefix": doi.split("/")[0], "suffix": doi.split("/")[1], "identifiers": [], "creators": people,
            "titles": [{"title": paper.title}], "publisher": "arXiv" if "arxiv" in doi else "Dryad", "container": {},
            "publicationYear": paper.year, "subjects": [], "dates": [{"date": str(paper.year), "dateType": "Issued"}],
            "types": {"resourceTypeGeneral": general, "citeproc": "dataset" if general == "Dataset" else "article"},
            "relatedIdentifiers": [], "rightsList": [], "schemaVersion": "http://datacite.org/schema/kernel-4",
        }  # fmt: skip
        return {"id": doi, "type": "dois", "attributes": attributes, "relationships": {}}


class OpenalexServer(Server):
    """https://docs.openalex.org/how-to-use-the-api/get-lists-of-entities/filter-entity-lists: at most 50 values joined by a bar,
    commas part filters; unknown parameters are 403 (400 here). A key since February 2026. Recorded: budget in ``X-RateLimit-*``,
    ``meta.count`` and ``results``, DOIs as addresses."""

    name = "openalex"
    parameters = ((r"/works", "filter search per-page mailto api_key"),)
    single = listing = 0.1
    budget = 1000

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        given = dict(params)
        self.budget -= 1
        self.extra_headers = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": str(max(self.budget, 0))}
        if self.budget < 0:
            self.complain("asked after the budget was spent")
            return self.json({"error": "Rate limit exceeded", "message": "Insufficient budget."}, 429)
        if given.get("api_key") != "thekey":
            self.complain("without the key")
            return self.json({"error": "API key required"}, 401)
        name, _, value = given.get("filter", "").partition(":")
        if name == "doi":
            dois = value.lower().split("|")
            if len(dois) > 50 or "," in value:
                self.complain("more than 50 values, or a comma")
                return self.json({"error": "Invalid query parameters error.", "message": "Too many values"}, 400)
            self.asked += dois
            found = [each for each in self.papers if {named(each), f"10.48550/arxiv.{each.arxiv}"} & set(dois)]
        elif name == "title.search":
            self.asked.append(value)
            found = [each for each in self.papers if words(value) <= words(each.title)]
        elif "search" in given:
            self.asked.append(given["search"])
            found = alike(self.papers, given["search"], 1000)
        else:
            return self.json({"error": "Invalid query parameters error."}, 400)
        shown = [self.work(each) for each in found[: int(given.get("per-page", "25"))]]
        return self.json({"meta": {"count": len(found), "db_response_time_ms": 9, "page": 1, "per_page": 25}, "results": shown,
                          "group_by": []})  # fmt: skip

    def work(self, paper: Paper) -> dict[str, Any]:
        source = {"display_name": paper.venue, "type": "journal", "issn_l": None} if paper.venue else None
        places = [{"is_oa": False, "landing_page_url": f"https://doi.org/{named(paper)}", "source": source}]
        if paper.arxiv:
            places.append({"is_oa": True, "landing_page_url": f"http://arxiv.org/abs/{paper.arxiv}", "source": None})
        first, _, last = paper.pages.partition("-")
        return {
            "id": f"https://openalex.org/W{abs(hash(paper.title)) % 10**9}", "doi": f"https://doi.org/{named(paper)}",
            "title": paper.title, "display_name": paper.title, "publication_year": paper.year,
            "publication_date": f"{paper.year}-01-01", "ids": {}, "type": "article", "language": "en",
            "authorships": [{"author_position": "first", "author": {"display_name": f"{given} {family}"}, "institutions": []}
                            for family, given in paper.authors],
            "primary_location": places[0], "locations": places, "open_access": {}, "cited_by_count": 9, "referenced_works": [],
            "biblio": {"volume": paper.volume or None, "issue": None, "first_page": first or None, "last_page": last or None},
        }  # fmt: skip


class SemanticscholarServer(Server):
    """https://api.semanticscholar.org/api-docs/graph: 500 ids in a batch, one request a second with a key in ``x-api-key``, 429
    without. Recorded: a batch answers in the order of the ids, null for what is not known; an unknown field is 400."""

    name = "semanticscholar"
    prefix = "/graph/v1"
    parameters = ((r"/paper/batch", "fields"), (r"/paper/search/match", "query fields"))
    single = listing = 1.0
    FIELDS = frozenset(
        """paperId corpusId externalIds url title abstract venue publicationVenue year referenceCount citationCount isOpenAccess
        openAccessPdf fieldsOfStudy s2FieldsOfStudy publicationTypes publicationDate journal citationStyles authors""".split()
    )

    def judged(
        self, method: str, raw: str, path: str, params: list[tuple[str, str]], headers: dict[str, str]
    ) -> Reply | None:
        if headers.get("x-api-key") != "thekey":
            return self.json({"message": "Too Many Requests.", "code": "429"}, 429)
        return super().judged(method, raw, path, params, headers)

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        given = dict(params)
        if strange := set(given.get("fields", "title").split(",")) - self.FIELDS:
            self.complain(f"unknown fields {strange}")
            return self.json({"error": f"Unrecognized or unsupported fields: {sorted(strange)}"}, 400)
        if path == "/paper/batch":
            if method != "POST":
                return self.json({"error": "Method not allowed"}, 405)
            ids = json.loads(body)["ids"]
            if len(ids) > 500 or not ids:
                self.complain("a batch of more than 500, or of none")
                return self.json({"error": "Too many ids"}, 400)
            self.asked += ids
            return self.json([self.found(each) for each in ids])
        query = given["query"]
        self.asked.append(query)
        best = next((each for each in self.papers if words(query) == words(each.title)), None)
        if best is None:
            return self.json({"error": "Title match not found"}, 404)
        return self.json({"data": [{**self.work(best), "matchScore": 109.5}]})

    def found(self, name: str) -> dict[str, Any] | None:
        kind, _, value = name.partition(":")
        slot = {"DOI": "doi", "ARXIV": "arxiv", "PMID": "pmid"}.get(kind)
        if slot is None:
            return None
        for each in self.papers:
            if getattr(each, slot) == value.lower() or (
                slot == "doi" and value.lower() == f"10.48550/arxiv.{each.arxiv}"
            ):
                return self.work(each)
        return None

    def work(self, paper: Paper) -> dict[str, Any]:
        ids = {"DOI": named(paper), "ArXiv": paper.arxiv, "PubMed": paper.pmid, "CorpusId": 7}
        return {
            "paperId": "6fe8c5bf8dddaadf10c765133d38dfef5714347f", "externalIds": {k: v for k, v in ids.items() if v},
            "publicationVenue": None, "title": paper.title, "venue": paper.venue, "year": paper.year,
            "publicationTypes": ["JournalArticle"], "publicationDate": None,
            "journal": {"name": paper.venue, "volume": paper.volume, "pages": paper.pages} if paper.venue else None,
            "authors": [{"authorId": None, "name": f"{given} {family}"} for family, given in paper.authors],
        }  # fmt: skip


class DoiServer(Server):
    """https://www.handle.net/proxy_servlet.html, section 3: ``responseCode`` 1 found, 100 not found (with status 404), the handle
    repeated. Recorded: content negotiation is a redirect to the agency (here to ``/agency/`` of this server unless `agency` names
    another), 404 is a web page."""

    name = "doi"
    parameters = ((r"/api/handles/.+", "type"), (r"/agency/.+", ""), (r"/10\..+", ""))
    agency = ""

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        mine = {named(each): each for each in self.papers}
        if path.startswith("/api/handles/"):
            doi = path.removeprefix("/api/handles/")
            self.asked.append(doi)
            if doi.lower() not in mine:
                return self.json({"responseCode": 100, "handle": doi}, 404, "application/json;charset=UTF-8")
            value = {
                "index": 1,
                "type": "URL",
                "data": {"format": "string", "value": "https://example.org/"},
                "ttl": 86400,
            }
            return self.json(
                {"responseCode": 1, "handle": doi, "values": [value]}, media="application/json;charset=UTF-8"
            )
        if self.headers[-1].get("accept") != "application/vnd.citationstyles.csl+json":
            self.complain("content negotiation without the type that is wanted")
        if not path.startswith("/agency/"):
            doi = path.removeprefix("/").lower()
            if doi not in mine:
                return 404, {"Content-Type": "text/html;charset=utf-8"}, b"<html><body>DOI Not Found</body></html>"
            return (
                302,
                {"Location": f"{self.agency or self.base}/agency/{doi}", "Content-Type": "text/html"},
                b"<html></html>",
            )
        paper = mine[path.removeprefix("/agency/").lower()]
        work = {
            "type": "article-journal", "DOI": named(paper).upper(), "title": paper.title, "container-title": paper.venue,
            "author": [{"given": given, "family": family} for family, given in paper.authors],
            "issued": {"date-parts": [[paper.year]]}, "volume": paper.volume, "page": paper.pages,
        }  # fmt: skip
        return self.json(work, media="application/vnd.citationstyles.csl+json")


class DblpServer(Server):
    """https://dblp.org/faq/How+to+use+the+dblp+search+API.html: ``q``, ``h``, ``format``; recorded: hits with ``info``. Where
    there are none ``hit`` is missing and ``@total`` is "0"; titles end in a stop; one author is an object, several are a list."""

    name = "dblp"
    parameters = ((r"/search/publ/api", "q h format"), (r"/rec/.+\.xml", ""))
    single = listing = 1.0
    most_connections = 1

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        if path.startswith("/rec/"):
            key = path.removeprefix("/rec/").removesuffix(".xml")
            self.asked.append(key)
            found = next((each for each in self.papers if each.dblp == key), None)
            if found is None:
                return 404, {"Content-Type": "text/html"}, b"<html><body>404</body></html>"
            people = "".join(f"<author>{escape(f'{given} {family}')}</author>" for family, given in found.authors)
            title = f"<title>{escape(found.title)}.</title><year>{found.year}</year><booktitle>NIPS</booktitle>"
            work = f'<inproceedings key="{key}" mdate="2021-01-21">{people}{title}</inproceedings>'
            return self.xml(f'<?xml version="1.0"?>\n<dblp>\n{work}\n</dblp>\n')
        given = dict(params)
        self.asked.append(given["q"])
        wanted = words(given["q"])
        found_all = [
            each for each in self.papers if wanted <= words(f"{each.title} {' '.join(f for f, _ in each.authors)}")
        ]
        hits: dict[str, Any] = {
            "@total": str(len(found_all)),
            "@computed": "1",
            "@sent": str(len(found_all)),
            "@first": "0",
        }
        if found_all:
            hits["hit"] = [{"@score": "8", "@id": str(n), "info": self.info(each)} for n, each in enumerate(found_all)]
        return self.json({"result": {"query": given["q"], "status": {"@code": "200", "text": "OK"}, "hits": hits}})

    def info(self, paper: Paper) -> dict[str, Any]:
        people = [{"@pid": "1/1", "text": f"{given} {family}"} for family, given in paper.authors]
        return {
            "authors": {"author": people[0] if len(people) == 1 else people}, "title": f"{paper.title}.", "venue": paper.venue,
            "year": str(paper.year), "type": "Journal Articles", "key": paper.dblp or "journals/x/1", "doi": paper.doi,
            "ee": f"https://doi.org/{named(paper)}", "url": "https://dblp.org/rec/x",
        }  # fmt: skip


class PubmedServer(Server):
    """https://www.ncbi.nlm.nih.gov/books/NBK25497/: three requests a second (ten with a key), ``tool`` and ``email`` given; two
    hundred ids in one GET. The forms of the answers are PubMed's DTD and the JSON of ESearch (NBK25499)."""

    name = "pubmed"
    prefix = "/entrez/eutils"
    parameters = (
        (r"/esearch\.fcgi", "db term retmode retmax tool email api_key"),
        (r"/efetch\.fcgi", "db id retmode tool email api_key"),
    )
    single = listing = 0.33

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        given = dict(params)
        if (
            given.get("tool") != "bibtools"
            or given.get("db") != "pubmed"
            or not MAILTO.fullmatch(given.get("email", ""))
        ):
            self.complain("without tool or email")
        mine = {each.pmid: each for each in self.papers if each.pmid}
        if path == "/efetch.fcgi":
            ids = given["id"].split(",")
            if len(ids) > 200 or not all(each.isdecimal() for each in ids):
                self.complain("more than 200 ids, or what is none")
                return self.plain(400, "Bad Request")
            self.asked += ids
            found = "".join(self.article(mine[each]) for each in ids if each in mine)
            whole = f'<?xml version="1.0" ?>\n<PubmedArticleSet>\n{found}</PubmedArticleSet>'
            return self.xml(whole, media="text/xml")
        term = given["term"]
        self.asked.append(term)
        if doi := re.fullmatch(r'"(.+)"\[doi\]', term):
            found = [each for each in mine.values() if each.doi == doi[1]]
        elif title := re.fullmatch(r"(.+)\[Title\]", term):
            found = [each for each in mine.values() if words(title[1]) <= words(each.title)]
        else:
            found = alike(mine.values(), term, 100)
        result = {"count": str(len(found)), "retmax": "5", "retstart": "0", "idlist": [each.pmid for each in found][:5],
                  "translationset": [], "querytranslation": term}  # fmt: skip
        return self.json({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result})

    def article(self, paper: Paper) -> str:
        people = "".join(
            f'<Author ValidYN="Y"><LastName>{escape(family)}</LastName><ForeName>{escape(given)}</ForeName></Author>'
            for family, given in paper.authors
        )
        issue = f"<Volume>{paper.volume}</Volume><PubDate><Year>{paper.year}</Year></PubDate>"
        return (
            f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{paper.pmid}</PMID><Article PubModel="Print">'
            f'<Journal><JournalIssue CitedMedium="Internet">{issue}</JournalIssue><Title>{escape(paper.venue)}</Title></Journal>'
            f"<ArticleTitle>{escape(paper.title)}.</ArticleTitle><Pagination><MedlinePgn>{paper.pages}</MedlinePgn></Pagination>"
            f'<AuthorList CompleteYN="Y">{people}</AuthorList></Article></MedlineCitation><PubmedData><ArticleIdList>'
            f'<ArticleId IdType="pubmed">{paper.pmid}</ArticleId><ArticleId IdType="doi">{escape(paper.doi)}</ArticleId>'
            "</ArticleIdList></PubmedData></PubmedArticle>\n"
        )


class OaiServer(Server):
    """https://www.openarchives.org/OAI/openarchivesprotocol.html: a token is exclusive of every other argument; errors are
    answers with status 200; the last page has an empty token. arXiv: a page in three seconds, 503 with Retry-After as flow
    control, https://info.arxiv.org/help/oa/index.html; days are those of the change."""

    name = "arxiv-oai"
    parameters = (("/oai", "verb metadataPrefix from until set resumptionToken"),)
    single = listing = 3.0
    most_connections = 1
    day = "2026-11-21"

    def __init__(self, clock: Callable[[], float] = time.time, page: int = 10) -> None:
        super().__init__(clock=clock)
        self.page = page
        self.records: list[tuple[str, str, str]] = []  # number, day of the change, title
        self.expired: set[str] = set()

    def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> Reply:
        given = dict(params)
        if given.pop("verb", "") != "ListRecords":
            return self.failed("badVerb")
        token = given.get("resumptionToken", "")
        if token:
            if len(given) > 1:
                self.complain("a token with other arguments")
                return self.failed("badArgument")
            since, _, place = token.partition("|")
            if token in self.expired or not place.isdecimal():
                return self.failed("badResumptionToken")
        else:
            since, place = given.get("from", ""), "0"
            if given.get("metadataPrefix") not in ("arXivRaw", "arXiv") or not re.fullmatch(r"\d{4}-\d\d-\d\d", since):
                return self.failed("badArgument")
        self.asked.append(token or since)
        found = [each for each in self.records if each[1] >= since]
        if not found:
            return self.failed("noRecordsMatch")
        at = int(place)
        following = f"{since}|{at + self.page}" if at + self.page < len(found) else ""
        end = f'<resumptionToken cursor="{at}" completeListSize="{len(found)}">{escape(following)}</resumptionToken>'
        return self.whole(
            "<ListRecords>" + "".join(map(self.record, found[at : at + self.page])) + end + "</ListRecords>"
        )

    def failed(self, code: str) -> Reply:
        return self.whole(f'<error code="{code}">It is so</error>')

    def whole(self, inner: str) -> Reply:
        return self.xml(
            '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
            f"<responseDate>{self.day}T03:00:00Z</responseDate><request>https://oaipmh.arxiv.org/oai</request>{inner}</OAI-PMH>\n",
            media="text/xml",
        )

    def record(self, record: tuple[str, str, str]) -> str:
        number, day, title = record
        return (
            f"<record><header><identifier>oai:arXiv.org:{number}</identifier><datestamp>{day}</datestamp><setSpec>cs</setSpec></header>"
            '<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">'
            f"<id>{number}</id><submitter>Anna Author</submitter>"
            '<version version="v1"><date>Mon, 14 Apr 2008 21:49:04 GMT</date><size>9kb</size></version>'
            '<version version="v2"><date>Tue, 2 Jun 2009 21:49:04 GMT</date></version>'
            f"<title>{escape(title)}</title><authors>Anna Author, Bernd Berg and Carl Cox</authors>"
            "<categories>cs.LO cs.CE</categories><comments>9 pages</comments><journal-ref>J. 1 (2009) 2</journal-ref>"
            "<doi>10.1000/x</doi><license>http://example.org</license><abstract>What it is.</abstract></arXivRaw></metadata>"
            "</record>"
        )


SERVERS: dict[str, type[Server]] = {
    each.name: each
    for each in (
        CrossrefServer,
        ArxivServer,
        DataciteServer,
        OpenalexServer,
        SemanticscholarServer,
        DoiServer,
        DblpServer,
        PubmedServer,
    )
}
KEYS = {"BIBTOOLS_ONLINE_OPENALEX_KEY": "thekey", "BIBTOOLS_ONLINE_SEMANTICSCHOLAR_KEY": "thekey"}
