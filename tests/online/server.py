"""Servers that answer as the services do, each on a socket of its own, at least as strict as the real ones.

They are written from the recorded answers (of which the shapes are taken, not the texts) and the services' own pages, and share
nothing with `bibtools.online`. Every rule stands with its source. A server notes what a real one would have complained of in
`complaints`; a test ends with none. ``fault`` says for the n-th request what goes wrong.
"""

from __future__ import annotations

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
        try:
            for _ in range(2000):
                self.wfile.write(b" " * (1 << 16))
        except OSError:
            pass

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
            wanted = {each.partition(":")[2].strip('"').lower() for each in query.split(" AND ")}
            if not all(re.fullmatch(r"(ti|all|au):.+", each) for each in query.split(" AND ")):
                self.complain(f"search_query {query}")
            found = [each for each in mine.values() if wanted <= words(f"{each.title} {each.authors}")]
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
