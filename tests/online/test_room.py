"""The one room that opens a socket, and what of a person's bibliography leaves the machine."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from bibtools.online.asking import wanted, wanted_text
from bibtools.online.session import SERVICES
from bibtools.record import Date, Name, Record
from tests.conftest import ROOT

SOCKETS = set(
    """socket ssl socketserver asyncio http.client http.server urllib.request ftplib smtplib imaplib poplib telnetlib xmlrpc
    httpx2 httpx requests urllib3 aiohttp httpcore2 tenacity""".split()
)
PACKAGE = ROOT / "bibtools"


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{name.name}" for name in node.names)
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_room_opens_sockets(path: Path) -> None:
    names = imported(path)
    if path.parent != PACKAGE / "online":
        assert not {name for name in names if any(name == each or name.startswith(f"{each}.") for each in SOCKETS)}
        assert path.parent == PACKAGE / "api" or not any(name.startswith("bibtools.online") for name in names)


def test_nothing_but_identifiers_title_and_one_surname_is_sent() -> None:
    secret = "never to be seen"
    record = Record(
        id=secret, title="A <i>title</i> of $x^2$", author=(Name("Müller", "Anna"), Name("Second", secret)), note=secret,
        annote=secret,
        abstract=secret, keyword=(secret,), container_title=secret, doi="10.1000/XYZ", arxiv_id="2101.00001", publisher=secret,
        url="https://example.org/" + secret, issued=Date((2020,)), extra=(("file", secret),),
    )  # fmt: skip
    found = wanted(record)
    assert found.identifiers == (("doi", "10.1000/xyz"), ("arxiv", "2101.00001"))
    assert (found.surname, found.free, found.beyond) == ("Müller", False, False)
    assert secret not in repr(found)
    assert "<" not in found.title


def test_a_text_that_a_person_typed() -> None:
    found = wanted_text("Vaswani et al., Attention is all you need, 2017. https://doi.org/10.1000/XYZ")
    assert found.identifiers == (("doi", "10.1000/xyz"),)
    assert "attention is all you need" in found.title
    assert "doi.org" not in found.title


@pytest.mark.parametrize(
    "text", ["978-0-201-13448-3", "PMID: 22745249", "arXiv:1706.03762v2", "https://doi.org/10.1000/xyz.", "12 34"]
)
def test_an_identifier_is_no_title(text: str) -> None:
    assert not wanted_text(text).title


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_asked_by_https(name: str) -> None:
    assert SERVICES[name].base.startswith("https://")
    assert SERVICES[name].name == name


def test_the_contract_names_every_other_room() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (held,) = [each["source_modules"] for each in contracts if each["name"] == "One room opens sockets"]
    rooms = {each.stem for each in PACKAGE.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()}
    assert {f"bibtools.{room}" for room in rooms - {"__init__", "__main__", "online"}} == set(held)
