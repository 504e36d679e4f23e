"""The installed command against servers on this computer, as a user would ask the services."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.online.papers import LEARNING, QUANTUM
from tests.online.server import ArxivServer, CrossrefServer, DoiServer, Server

Run = subprocess.CompletedProcess[str]


@pytest.fixture
def run(tmp_path: Path) -> object:
    def call(*arguments: str, servers: tuple[Server, ...] = (), stdin: str = "", **more: str) -> Run:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BIBTOOLS")},
            "BIBTOOLS_ONLINE_ANSWERS": str(tmp_path / "answers.sqlite"),
            "BIBTOOLS_INDEX": str(tmp_path / "no index"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "PYTHONPATH": str(ROOT),
            **{f"BIBTOOLS_ONLINE_{each.name.upper()}_URL": each.base for each in servers},
            **more,
        }
        return subprocess.run(
            [sys.executable, "-m", "bibtools", *arguments],
            capture_output=True, text=True, input=stdin, env=environment, cwd=tmp_path, check=False, timeout=60,
        )  # fmt: skip

    return call


def test_lookup_by_identifier_and_title(run: object) -> None:
    with CrossrefServer() as server:
        found = run("lookup", LEARNING.doi, "quantum computation and quantum-state engineering driven by dissipation verstraete",
                    "--online", "crossref", "--mailto", "reader@example.org", servers=(server,))  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert "title = {Deep learning}" in found.stdout and QUANTUM.doi in found.stdout
    assert "asking crossref (127.0.0.1): DOIs, then titles with one surname" in found.stderr
    assert "your address reader@example.org" in found.stderr
    assert "same DOI (crossref of 20" in found.stderr
    assert not server.complaints


def test_lookup_of_what_nobody_knows_is_1_and_of_what_nobody_answered_3(run: object) -> None:
    with CrossrefServer() as server:
        unknown = run("lookup", "10.5555/none", "--online", "crossref", servers=(server,))
        server.fault = lambda number: "429-long"
        silent = run("lookup", "10.5555/other", "--online", "crossref", servers=(server,))
    assert unknown.returncode == 1 and "nothing is alike" in unknown.stderr
    assert silent.returncode == 3
    assert "unresolved: crossref did not answer (429, asks to wait 600 s)" in silent.stderr
    assert "10.5555/other" in silent.stderr and "Traceback" not in silent.stderr


def test_the_second_run_asks_nothing(run: object) -> None:
    with CrossrefServer() as server:
        first = run("lookup", LEARNING.doi, "--online", "crossref", servers=(server,))
        again = run("lookup", LEARNING.doi, "--online", "crossref", servers=(server,))
        offline = run("lookup", LEARNING.doi, "--online", "crossref", "--offline", servers=(server,))
        assert len(server.calls) == 1
    assert first.stdout == again.stdout == offline.stdout
    assert "1 of them answered before" in again.stderr


def test_candidates(run: object) -> None:
    with CrossrefServer() as server:
        found = run("lookup", "deep learning lecun", "--online", "crossref", "--format", "json", servers=(server,))
    works = json.loads(found.stdout)
    assert works[0]["work"]["doi"] == LEARNING.doi
    assert works[0]["source"] == "crossref"


def test_several_services_in_their_order(run: object) -> None:
    with CrossrefServer() as crossref, ArxivServer() as arxiv:
        found = run("lookup", "1706.03762", LEARNING.doi, "--online", "crossref,arxiv", servers=(crossref, arxiv))
    assert found.returncode == 0, found.stderr
    assert "Attention Is All You Need" in found.stdout and LEARNING.doi in found.stdout
    assert not crossref.complaints + arxiv.complaints


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--online", "crosref"], "there is no service 'crosref'; did you mean 'crossref'?"),
        (["--online", ""], "no service named"),
        (["--offline"], "--offline is for --online"),
        (["--online", "crossref", "--mailto", "me"], "'me' is no mail address"),
    ],
)
def test_wrong_usage(arguments: list[str], told: str, run: object) -> None:
    found = run("lookup", "10.1000/x", *arguments)
    assert found.returncode == 2 and told in found.stderr


def test_a_key_that_others_can_read_is_refused(run: object, tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text('openalex = "abc"\n')
    keys.chmod(0o644)
    found = run("lookup", "10.1000/x", "--online", "openalex", BIBTOOLS_ONLINE_KEYS=str(keys))
    assert found.returncode == 2 and "chmod 600" in found.stderr and "abc" not in found.stderr


def test_an_address_without_https_is_refused(run: object) -> None:
    found = run("lookup", "10.1000/x", "--online", "crossref", BIBTOOLS_ONLINE_CROSSREF_URL="http://example.org")
    assert found.returncode == 2 and "only https" in found.stderr


def test_status_and_forget(run: object) -> None:
    with CrossrefServer() as server:
        run("lookup", LEARNING.doi, "--online", "crossref", servers=(server,))
    status = run("online", "status")
    assert "crossref         needs no key  https://api.crossref.org/v1  1 answer (1 found)" in status.stdout
    assert run("online", "forget", "arxiv").stderr == "nothing was kept\n"
    assert run("online", "forget").stderr == "1 answer removed\n"
    assert "(nothing is kept)" in run("online", "status").stdout


def test_services_may_stand_in_a_configuration(run: object, tmp_path: Path) -> None:
    (tmp_path / ".bibtools.toml").write_text('[lookup]\nonline = "crossref"\nmailto = "reader@example.org"\n')
    with CrossrefServer() as server:
        found = run("lookup", LEARNING.doi, servers=(server,))
        assert found.returncode == 0 and server.calls
        assert "mailto=reader" in server.calls[0]


BIB = """@article{mine, title = {Deep learning}, author = {LeCun, Yann and Bengio, Yoshua and Hinton, Geoffrey}, year = 2015}
@article{other, title = {Quantum computation and quantum-state engineering driven by dissipation},
  author = {Verstraete, Frank and others}, doi = {10.1038/nphys1342}, year = 2009}
@misc{unheard, title = {A title that no service has ever heard of}, author = {Nobody, N.}, year = 2001}
"""


def test_complete_fills_from_services_what_it_fills_from_an_index(run: object, tmp_path: Path) -> None:
    """The same records, from services and from an index of what they answered: the same file."""
    (tmp_path / "refs.bib").write_text(BIB)
    with CrossrefServer() as server:
        online = run("complete", "refs.bib", "--online", "crossref", "-o", "online.bib", servers=(server,))
        items = [server.work(each) for each in server.papers if each.agency == "crossref" and each.doi]
        assert not server.complaints
    assert online.returncode == 0, online.stderr
    assert "1 entry not known" in online.stderr
    (tmp_path / "known.json").write_text(
        json.dumps({"status": "ok", "message": {"items": items, "total-results": len(items)}})
    )
    run("index", "build", "known.json", "--to", "index")
    run("complete", "refs.bib", "--index", "index", "-o", "offline.bib")
    assert (tmp_path / "online.bib").read_text() == (tmp_path / "offline.bib").read_text()
    filled = (tmp_path / "online.bib").read_text()
    assert "volume" in filled and "436--444" in filled and "Cirac" in filled


def test_complete_with_a_silent_service_is_3_and_changes_nothing(run: object, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(BIB)
    with CrossrefServer() as server:
        server.fault = lambda number: "403"
        found = run("complete", "refs.bib", "--online", "crossref", servers=(server,))
    assert found.returncode == 3
    assert "mine: unresolved: crossref did not answer (403)" in found.stderr
    assert (tmp_path / "refs.bib").read_text() == BIB


def test_convert_from_identifiers(run: object) -> None:
    text = f"see https://doi.org/{LEARNING.doi} and 10.5555/none"
    with CrossrefServer() as server:
        found = run("convert", "-", "--from", "ids", "--online", "crossref", servers=(server,), stdin=text)
        assert found.returncode == 0, found.stderr
        assert "title = {Deep learning}" in found.stdout
        assert "10.5555/none: nothing is alike" in found.stderr
        server.fault = lambda number: "503" if number > 0 else ""
        silent = run("convert", "-", "--from", "ids", "--online", "crossref", servers=(server,), stdin="10.5555/other")
    assert silent.returncode == 3 and "unresolved: crossref did not answer (503)" in silent.stderr


def test_convert_from_titles(run: object) -> None:
    with CrossrefServer() as server:
        found = run(
            "convert", "-", "--from", "titles", "--online", "crossref", servers=(server,), stdin="deep learning lecun\n"
        )
    assert found.returncode == 0 and LEARNING.doi in found.stdout, found.stderr


def test_online_needs_identifiers_or_titles(run: object) -> None:
    found = run("convert", "-", "--online", "crossref", stdin="@article{a, title={T}}")
    assert found.returncode == 2 and "--from ids" in found.stderr


def test_an_index_is_asked_first(run: object, tmp_path: Path) -> None:
    (tmp_path / "mine.bib").write_text(BIB)
    run("index", "build", "mine.bib", "--to", "index")
    with CrossrefServer() as server:
        found = run(
            "lookup", "10.1038/nphys1342", LEARNING.doi, "--index", "index", "--online", "crossref", servers=(server,)
        )
        assert [each for each in server.calls if "nphys" in each] == []
    assert found.returncode == 0 and "@article{other" in found.stdout


REFERENCES = """@article{right, title = {Deep learning}, author = {LeCun, Yann and Bengio, Yoshua and Hinton, Geoffrey},
  journal = {Nature}, year = 2015, volume = 521, doi = {10.1038/nature14539}}
@article{wrong-people, title = {Quantum computation and quantum-state engineering driven by dissipation},
  author = {Verstraete, Frank and Wolf, Michael M. and Bengio, Yoshua}, journal = {Nature Physics},
  year = 2009, doi = {10.1038/nphys1342}}
@article{wrong-doi, title = {Deep learning}, author = {LeCun, Yann and Bengio, Yoshua and Hinton, Geoffrey},
  journal = {Nature}, year = 2015, doi = {10.1126/science.1225829}}
@article{unheard, title = {Seven words that no service has ever heard of}, author = {Nobody, N.}, year = 2001,
  journal = {Nowhere}, doi = {10.5555/none}}
"""


def verdicts(found: Run) -> dict[str, str]:
    return {each["key"]: each["verdict"] for each in json.loads(found.stdout)["entries"]}


def test_verify_says_the_same_as_with_an_index_of_the_same_records(run: object, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(REFERENCES)
    with CrossrefServer() as server:
        online = run("verify", "refs.bib", "--online", "crossref", "--format", "json", servers=(server,))
        items = [server.work(each) for each in server.papers if each.agency == "crossref" and each.doi]
        assert not server.complaints
    (tmp_path / "known.json").write_text(
        json.dumps({"status": "ok", "message": {"items": items, "total-results": len(items)}})
    )
    run("index", "build", "known.json", "--to", "index")
    offline = run("verify", "refs.bib", "--index", "index", "--format", "json")
    assert verdicts(online) == verdicts(offline), online.stderr
    assert verdicts(online) == {
        "right": "verified", "wrong-people": "differs", "wrong-doi": "identifier-mismatch", "unheard": "not-checkable",
    }  # fmt: skip
    assert online.returncode == offline.returncode == 1


def test_verify_with_a_silent_service_is_unresolved_and_3(run: object, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(REFERENCES)
    with CrossrefServer() as server:
        server.fault = lambda number: "429-long"
        found = run("verify", "refs.bib", "--online", "crossref", "--format", "json", servers=(server,))
        text = run("verify", "refs.bib", "--online", "crossref", servers=(server,))
    assert found.returncode == text.returncode == 3
    assert set(verdicts(found).values()) == {"unresolved"}
    assert "crossref did not answer (429" in text.stdout


def test_verify_with_a_doi_that_is_not_registered(run: object, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(REFERENCES)
    with CrossrefServer() as server, DoiServer() as doi:
        found = run("verify", "refs.bib", "--online", "crossref,doi", "--format", "json", servers=(server, doi))
        text = run("verify", "refs.bib", "--online", "crossref,doi", servers=(server, doi))
    assert verdicts(found)["unheard"] == "not-found"
    assert "10.5555/none is not registered" in text.stdout
    assert "fabricat" not in text.stdout


def test_verify_again_with_kept_answers_says_the_same(run: object, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(REFERENCES)
    with CrossrefServer() as server:
        first = run("verify", "refs.bib", "--online", "crossref", servers=(server,))
        count = len(server.calls)
        again = run("verify", "refs.bib", "--online", "crossref", servers=(server,))
        offline = run("verify", "refs.bib", "--online", "crossref", "--offline", servers=(server,))
        assert len(server.calls) == count
    assert first.stdout == again.stdout == offline.stdout
    assert first.returncode == again.returncode == offline.returncode == 1


def test_what_no_service_can_be_asked(run: object, tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text("@misc{page, url = {https://example.org/}}\n")
    with CrossrefServer() as server:
        book = run("lookup", "978-0-201-13448-3", "--online", "crossref", servers=(server,))
        page = run("verify", "refs.bib", "--online", "crossref", "--format", "json", servers=(server,))
        assert not server.calls
    assert book.returncode == 3 and "no service named can be asked this" in book.stderr
    assert verdicts(page) == {"page": "not-checkable"} and page.returncode == 0


def test_candidates_of_a_silent_service(run: object) -> None:
    with CrossrefServer() as server:
        server.fault = lambda number: "403"
        found = run("lookup", "deep learning lecun", "--online", "crossref", "--candidates", "3", servers=(server,))
    assert found.returncode == 3 and not found.stdout and "without an answer (403)" in found.stderr
