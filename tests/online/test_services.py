"""Each service, asked as its server demands: by identifier, by title, and what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from bibtools.online.asking import Wanted, doubts, wanted, wanted_text
from bibtools.online.session import SERVICES
from bibtools.record import Name, Record
from tests.online.conftest import Opened
from tests.online.papers import ATTENTION, CRISPR, DATA, LEARNING, PAPERS, QUANTUM, RESIDUAL, Paper
from tests.online.server import (
    KEYS,
    SERVERS,
    Clock,
    CrossrefServer,
    DataciteServer,
    DblpServer,
    DoiServer,
    OpenalexServer,
)

NUMBERED = {  # what each service knows, by the identifier that it is asked by
    "crossref": Record(doi=LEARNING.doi),
    "arxiv": Record(arxiv_id=ATTENTION.arxiv),
    "datacite": Record(doi=DATA.doi),
    "openalex": Record(doi=QUANTUM.doi),
    "semanticscholar": Record(pmid=CRISPR.pmid),
    "doi": Record(doi=LEARNING.doi),
    "dblp": Record(url=f"https://dblp.org/rec/{ATTENTION.dblp}"),
    "pubmed": Record(pmid=CRISPR.pmid),
}
UNKNOWN = {
    "crossref": Record(doi="10.5555/none"),
    "arxiv": Record(arxiv_id="2101.99999"),
    "datacite": Record(doi="10.5555/none"),
    "openalex": Record(doi="10.5555/none"),
    "semanticscholar": Record(doi="10.5555/none"),
    "doi": Record(doi="10.5555/none"),
    "pubmed": Record(pmid="999999"),
}
TITLES = {
    "crossref": LEARNING,
    "arxiv": ATTENTION,
    "datacite": DATA,
    "openalex": QUANTUM,
    "semanticscholar": QUANTUM,
    "dblp": RESIDUAL,
    "pubmed": CRISPR,
}


def test_there_is_a_server_for_each() -> None:
    assert SERVERS.keys() == SERVICES.keys() == NUMBERED.keys()
    assert {name for name, each in SERVICES.items() if each.titles} == TITLES.keys()


@pytest.mark.parametrize("name", NUMBERED)
def test_by_identifier(name: str, opened: Opened, clock: Clock) -> None:
    with SERVERS[name](clock=clock) as server:
        (found,) = opened(server, environment=KEYS).ask([wanted(NUMBERED[name])])
    assert found.settled and not found.silences, found
    (record,) = found.records
    assert record.title and record.author and record.issued.year and not record.title.endswith(" .")
    assert not server.complaints


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_it_does_not_know(name: str, opened: Opened, clock: Clock) -> None:
    with SERVERS[name](clock=clock) as server:
        (found,) = opened(server, environment=KEYS).ask([wanted(UNKNOWN[name])])
    assert (
        not found.settled and not found.records and not found.silences and [each for each, _ in found.asked] == [name]
    )
    assert found.unregistered == (("10.5555/none",) if name == "doi" else ())
    assert not server.complaints


@pytest.mark.parametrize("name", TITLES)
def test_by_title(name: str, opened: Opened, clock: Clock) -> None:
    paper = TITLES[name]
    family, given = paper.authors[0]
    known = Record(title=paper.title, author=(Name(family, given),))
    other = Record(title="On a title that no service has ever heard of, part 12", author=(Name("Nobody", "N."),))
    with SERVERS[name](clock=clock) as server:
        found, none = opened(server, environment=KEYS).ask([wanted(known), wanted(other)])
    assert found.found and paper.title.rstrip(".") in {each.title.rstrip(".") for each in found.records}
    assert not none.found and not none.silences
    assert not server.complaints


def test_a_preprint_does_not_settle_what_is_not_cited_as_one(opened: Opened, clock: Clock) -> None:
    """arXiv answers with the preprint; whether it is published, the next service is asked."""
    record = Record(
        title=QUANTUM.title,
        author=(Name("Verstraete", "Frank"),),
        container_title="Nature Physics",
        type="article-journal",
    )
    with SERVERS["arxiv"](clock=clock) as arxiv, CrossrefServer(clock=clock) as crossref:
        (found,) = opened(arxiv, crossref).ask([wanted(record)])
        assert crossref.asked == [QUANTUM.doi]  # which arXiv names
    assert found.settled and {each.service for each in found.works} == {"arxiv", "crossref"}


@pytest.mark.parametrize("name", TITLES)
def test_a_text_that_a_person_typed(name: str, opened: Opened, clock: Clock) -> None:
    paper = TITLES[name]
    text = paper.title if name in ("dblp", "semanticscholar", "arxiv") else f"{paper.authors[0][0]}: {paper.title}"
    with SERVERS[name](clock=clock) as server:
        (found,) = opened(server, environment=KEYS).ask([wanted_text(text)])
    assert not found.silences
    assert paper.title in {each.title for each in found.records}
    assert not server.complaints


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    "fault", ["bot", "503", "cut", "null", "empty", "nothing", "half", "deep", "latin", "429-long", "elsewhere"]
)
def test_a_bad_day_of_any_is_a_silence(name: str, fault: str, opened: Opened, clock: Clock) -> None:
    with SERVERS[name](clock=clock) as server:
        server.fault = lambda number: fault
        (found,) = opened(server, environment=KEYS).ask([wanted(NUMBERED[name])])
    assert not found.records and not found.settled and not found.unregistered
    assert found.unresolved.startswith(f"{name} did not answer (")


@pytest.mark.parametrize("name", ["openalex", "semanticscholar", "arxiv", "pubmed"])
def test_batches(name: str, opened: Opened, clock: Clock) -> None:
    field, value = {
        "openalex": ("doi", "10.5555/{}"),
        "semanticscholar": ("doi", "10.5555/{}"),
        "arxiv": ("arxiv_id", "2101.{:05}"),
        "pubmed": ("pmid", "9{:05}"),
    }[name]
    works = [wanted(Record(**{field: value.format(number)})) for number in range(1, 450)]
    works.insert(200, wanted(NUMBERED[name]))
    numbers = [
        Paper(f"On number {number}", (("Person", "A."),), 2021, arxiv=f"2101.{number:05}")
        for number in (50, 150, 350, 420)
    ]
    with SERVERS[name]([*PAPERS, *numbers], clock=clock) as server:
        answers = opened(server, environment=KEYS).ask(works)
    found = [place for place, each in enumerate(answers) if each.settled]
    assert found == ([49, 149, 200, 350, 420] if name == "arxiv" else [200])
    assert not any(each.silences for each in answers)
    assert len(server.calls) == {"openalex": 9, "semanticscholar": 1, "arxiv": 5, "pubmed": 3}[name]
    assert not server.complaints


def test_null_in_a_batch_is_not_known_and_a_broken_member_is_a_silence(opened: Opened, clock: Clock) -> None:
    class Odd(SERVERS["semanticscholar"]):  # type: ignore[misc]
        def found(self, name: str) -> object:
            return {"paperId": ["a"], "title": ["Deep", "learning"]} if name.endswith("odd") else super().found(name)

    with Odd(clock=clock) as server:
        dois = (LEARNING.doi, "10.5555/odd", "10.5555/no")
        found = opened(server, environment=KEYS).ask([wanted(Record(doi=each)) for each in dois])
    assert [each.settled for each in found] == [True, False, False]
    assert [bool(each.silences) for each in found] == [False, True, False]


def test_a_batch_of_another_length_is_not_believed(opened: Opened, clock: Clock) -> None:
    class Short(SERVERS["semanticscholar"]):  # type: ignore[misc]
        def json(self, value: object, status: int = 200, media: str = "application/json") -> object:
            return super().json(value[1:] if isinstance(value, list) else value, status, media)

    with Short(clock=clock) as server:
        found = opened(server, environment=KEYS).ask([wanted(Record(doi=each)) for each in (LEARNING.doi, QUANTUM.doi)])
    assert all(each.unresolved for each in found)


def test_openalex_is_not_asked_when_the_budget_is_spent(opened: Opened, clock: Clock) -> None:
    works = [wanted(Record(title=f"A title of its own number {number}")) for number in range(20)]
    with OpenalexServer(clock=clock) as server:
        server.budget = 5
        found = opened(server, environment=KEYS).ask(works)
        assert len(server.calls) == 5
    assert sum(bool(each.unresolved) for each in found) == 15
    assert {str(silence) for each in found for silence in each.silences} == {"openalex did not answer (budget spent)"}
    assert not server.complaints


def test_a_doi_is_asked_of_one_service_after_the_other_until_one_knows_it(opened: Opened, clock: Clock) -> None:
    works = [Record(doi=each) for each in (LEARNING.doi, DATA.doi, "10.48550/arXiv.1706.03762", "10.5555/none")]
    with (
        CrossrefServer(clock=clock) as crossref,
        DataciteServer(clock=clock) as datacite,
        DoiServer(clock=clock) as doi,
    ):
        found = opened(crossref, datacite, doi).ask([wanted(each) for each in works])
        assert sorted(crossref.asked) == sorted([LEARNING.doi, DATA.doi, "10.5555/none"])
        assert sorted(datacite.asked) == sorted([DATA.doi, "10.48550/arxiv.1706.03762", "10.5555/none"])
        assert doi.asked == ["10.5555/none"]
    assert [each.settled for each in found] == [True, True, True, False]
    assert found[3].unregistered == ("10.5555/none",)


def test_only_the_handle_proves_that_a_doi_is_not_registered(opened: Opened, clock: Clock) -> None:
    class Wrong(DoiServer):
        def json(self, value: object, status: int = 200, media: str = "application/json") -> object:  # type: ignore[override]
            return super().json({**value, "handle": "10.1/other"}, status, media)  # type: ignore[dict-item]

    for kind in (Wrong, CrossrefServer, DataciteServer):
        with kind(clock=clock) as server:
            (found,) = opened(server).ask([wanted(Record(doi="10.5555/none"))])
        assert not found.unregistered


def test_a_redirect_to_an_agency_is_followed_and_one_elsewhere_is_not(opened: Opened, clock: Clock) -> None:
    with DoiServer(clock=clock) as server:
        server.agency = "https://evil.example"
        (found,) = opened(server).ask([wanted(Record(doi=LEARNING.doi))])
        assert found.unresolved == "doi did not answer (redirected to evil.example)"
        server.agency = "http://api.crossref.org"  # an agency, but readable on the way
        (found,) = opened(server).ask([wanted(Record(doi=QUANTUM.doi))])
        assert found.unresolved == "doi did not answer (redirected to api.crossref.org)"


def test_neither_key_nor_address_goes_to_another_host() -> None:
    """The agency of a DOI gets what it needs to answer, and nothing more."""
    import httpx2

    from bibtools.online.client import Client
    from bibtools.online.service import Question

    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if request.url.host == "doi.org":
            return httpx2.Response(302, headers={"Location": "https://api.crossref.org/v1/works/x/transform"})
        return httpx2.Response(200, json={"title": "T"}, headers={"Content-Type": "application/json"})

    client = Client(SERVICES["doi"], mailto="reader@example.org", key="thekey", transport=httpx2.MockTransport(answer))
    (request,) = SERVICES["doi"].requests([Question("doi", "10.1000/x")])
    client.send(request)
    assert [each.url.host for each in seen] == ["doi.org", "api.crossref.org"]
    assert "thekey" not in str(seen[1].url) + str(seen[1].headers)


def test_a_preprint_leads_to_its_publication(opened: Opened, clock: Clock) -> None:
    """arXiv names the DOI, Crossref is asked for it in a second round."""
    with CrossrefServer(clock=clock) as crossref, SERVERS["arxiv"](clock=clock) as arxiv:
        (found,) = opened(crossref, arxiv).ask([wanted(Record(arxiv_id=QUANTUM.arxiv, title=QUANTUM.title))])
    assert crossref.asked == [QUANTUM.doi]
    assert {each.service for each in found.works} == {"arxiv", "crossref"}


def test_dblp_behind_its_check(opened: Opened, clock: Clock) -> None:
    told: list[str] = []
    with DblpServer(clock=clock) as server:
        server.fault = lambda number: "bot-500"
        session = opened(server, told=told)
        found = session.ask([wanted(Record(title=f"A long enough title number {number}")) for number in range(12)])
        assert len(server.calls) == 1
    assert any("check for bots" in line for line in session.notice())
    assert all(each.unresolved == "dblp did not answer (bot check)" for each in found)
    assert "set-up looks broken" in doubts(found)[0]


def test_without_a_key_semantic_scholar_says_429(opened: Opened, clock: Clock) -> None:
    with SERVERS["semanticscholar"](clock=clock) as server:
        session = opened(server)
        (found,) = session.ask([wanted(Record(doi=LEARNING.doi))])
    assert any("without a key" in line for line in session.notice())
    assert found.unresolved == "semanticscholar did not answer (429)"


@pytest.mark.parametrize("name", ["openalex", "semanticscholar"])
def test_a_key_stands_in_no_message_no_log_and_no_kept_answer(
    name: str, opened: Opened, clock: Clock, answers: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    key = "s3cretKey-0123456789"
    told: list[str] = []
    with SERVERS[name](clock=clock) as server:
        session = opened(server, environment={f"BIBTOOLS_ONLINE_{name.upper()}_KEY": key}, told=told)
        found = session.ask([wanted(NUMBERED[name])])
        assert key in str(server.calls) + str(server.headers)
    said = [*told, *session.notice(), *session.told(), *(str(each) for each in found)]
    assert key not in " ".join(said)
    assert caplog.text and key not in caplog.text
    assert all(key.encode() not in each.read_bytes() for each in answers.parent.iterdir())


def test_the_services_in_any_order_find_the_same(opened: Opened, clock: Clock) -> None:
    works: list[Wanted] = [wanted(Record(doi=each.doi, title=each.title)) for each in (LEARNING, QUANTUM, RESIDUAL)]
    with CrossrefServer(clock=clock) as crossref, OpenalexServer(clock=clock) as openalex:
        one = opened(crossref, openalex, environment=KEYS).ask(works)
        other = opened(openalex, crossref, environment=KEYS).ask(works[::-1])
    assert [each.settled for each in one] == [each.settled for each in other] == [True] * 3


def test_an_empty_feed_for_many_numbers_is_asked_for_again(opened: Opened, clock: Clock) -> None:
    """arXiv answers now and then with a feed without entries, and well a moment later."""

    class Forgetful(SERVERS["arxiv"]):  # type: ignore[misc]
        def feed(self, entries: list[str], total: int) -> str:
            return super().feed([], 0) if len(self.calls) == 1 else super().feed(entries, total)

    works = [wanted(Record(arxiv_id=f"2101.{number:05}")) for number in range(1, 10)]
    with Forgetful(clock=clock) as server:
        found = opened(server).ask([*works, wanted(NUMBERED["arxiv"])])
        assert len(server.calls) == 2
    assert [each.settled for each in found] == [False] * 9 + [True]
    assert not any(each.silences for each in found)


def test_a_wrong_word_in_a_title_does_not_hide_it_from_arxiv(opened: Opened, clock: Clock) -> None:
    title = "Deep Residual Learning for Image Reconstruction"
    with SERVERS["arxiv"](clock=clock) as server:
        (found,) = opened(server).ask([wanted(Record(title=title))])
    assert not found.settled and [each.title for each in found.records] == [RESIDUAL.title]
    assert not server.complaints


def test_a_wrong_person_does_not_hide_a_title_from_dblp(opened: Opened, clock: Clock) -> None:
    with SERVERS["dblp"](clock=clock) as server:
        (found,) = opened(server).ask([wanted(Record(title=RESIDUAL.title, author=(Name("Nobody", "N."),)))])
        assert len(server.calls) == 2
    assert found.settled and not server.complaints


@pytest.mark.parametrize("name", SERVICES)
def test_an_address_without_a_path_is_the_host(name: str) -> None:
    from bibtools.online.client import Client

    service = SERVICES[name]
    path = service.base.partition("//")[2].partition("/")[2]
    host = Client(service, "http://127.0.0.1:8000/").base
    assert host == f"http://127.0.0.1:8000/{path}".rstrip("/")
    assert Client(service, "http://127.0.0.1:8000/else/where").base == "http://127.0.0.1:8000/else/where"
    with pytest.raises(ValueError, match="https"):
        Client(service, "http://example.org")


def test_a_crossref_without_filters_is_asked_one_by_one(opened: Opened, clock: Clock) -> None:
    class Simple(CrossrefServer):
        def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> object:  # type: ignore[override]
            if dict(params).get("filter"):
                return self.plain(404, "Resource not found.")
            return super().answered(method, path, params, body)

    works = [wanted(Record(doi=doi)) for doi in (LEARNING.doi, "10.5555/none", QUANTUM.doi)]
    with Simple(clock=clock) as server:
        found = opened(server).ask(works)
    assert [each.settled for each in found] == [True, False, True]
    assert not any(each.silences for each in found) and not server.complaints


def test_a_registered_doi_of_which_its_agency_says_nothing(opened: Opened, clock: Clock) -> None:
    class Mute(DoiServer):
        def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> object:  # type: ignore[override]
            if path.startswith("/agency/"):
                return self.plain(404, "Resource not found.")
            return super().answered(method, path, params, body)

    with Mute(clock=clock) as server:
        (found,) = opened(server).ask([wanted(Record(doi=LEARNING.doi))])
    assert not found.found and not found.silences and not found.unregistered


ODD = """10.1890/0012-9658(2006)87[2832:tiopma]2.0.co;2 10.1002/(sici)1097-4679(199901)55:1<1::aid-jclp1>3.0.co;2-w 10.1000/a#b
    10.1000/a?b=c&d 10.1000/a,b 10.1000/ünï 10.1000/a|b 10.1000/a+b""".split()


@pytest.mark.parametrize("name", ["crossref", "datacite", "openalex", "semanticscholar", "pubmed"])
def test_odd_dois_arrive_as_they_are(name: str, opened: Opened, clock: Clock) -> None:
    agency = "datacite" if name == "datacite" else "crossref"
    papers = [
        Paper(f"Title {n}", (("P", "A"),), 2000, doi=doi, pmid=str(100 + n), agency=agency) for n, doi in enumerate(ODD)
    ]
    askable = [doi for doi in ODD if name != "openalex" or not set(",|") & set(doi)]
    with SERVERS[name](papers, clock=clock) as server:
        found = opened(server, environment=KEYS).ask([wanted(Record(doi=doi)) for doi in ODD])
    assert [each.records[0].doi for each in found if each.settled] == askable
    assert not any(each.silences for each in found) and not server.complaints


def test_an_identifier_does_not_lead_elsewhere_on_a_server(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        (found,) = opened(server).ask([wanted(Record(doi="10.1000/../../admin"))])
    assert not server.calls and not found.asked


TITLES_ODD = [
    r"\"{O}dd {T}itle $x^2$",
    "x" * 5000,
    "a\0b",
    "",
    "日本語の題名について",
    '"quoted" AND (paren OR) NOT *:*',
    "ti:x AND au:y",
    "<script>alert(1)</script>",
    "a|b,c!d",
    "title\r\nX-Injected: 1",
]


@pytest.mark.parametrize("name", TITLES)
def test_odd_titles_are_asked_without_harm(name: str, opened: Opened, clock: Clock) -> None:
    works = [wanted(Record(title=title, author=(Name("O'Brien & Söhne", "A"),))) for title in TITLES_ODD]
    with SERVERS[name](clock=clock) as server:
        found = opened(server, environment=KEYS).ask([*works, *map(wanted_text, TITLES_ODD)])
    assert not any(each.silences for each in found) and not server.complaints
    assert not any("x-injected" in headers for headers in server.headers)
