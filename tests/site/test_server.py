"""The served pages: reads only, on loopback's own names, and the limits of `annexes sql`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from pipeline.settings import Settings
from pipeline.site.queries import Limits
from pipeline.site.server import Kept, application


@pytest.fixture(scope="module")
def kept(small_project: Settings) -> Kept:
    kept = Kept(small_project)
    kept.folder.mkdir(parents=True, exist_ok=True)
    (kept.folder / "index.html").write_text("accueil")
    kept.refresh = lambda *_: None  # type: ignore[method-assign]
    return kept


@pytest.fixture(scope="module")
def client(kept: Kept) -> Iterator[TestClient]:
    with TestClient(application(kept), base_url="http://127.0.0.1") as found:
        yield found


def test_a_page_comes_with_its_policy(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.text == "accueil"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_reads_are_answered(client: TestClient, method: str) -> None:
    assert client.request(method, "/requete.json?q=select+1").status_code == 405


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8765", ""])
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_from_elsewhere_puts_no_query(client: TestClient, site: str) -> None:
    assert client.get("/requete.json?q=select+1", headers={"sec-fetch-site": site}).status_code == 403


def test_the_files_of_the_folder_and_no_others(client: TestClient) -> None:
    for path in (
        "/../published.json",
        "/%2e%2e/published.json",
        "/..%2fpublished.json",
        "/site.json/../../annexes.duckdb",
    ):
        assert client.get(path).status_code == 404


def test_a_query_is_answered_in_three_forms(client: TestClient) -> None:
    asked = {"q": "select siren, seuil_euros_par_uc_an as seuil, date '2020-06-15' as le from premier_quartile limit 2"}
    told = client.get("/requete.json", params=asked).json()
    assert told["colonnes"] == [["siren", "texte"], ["seuil", "nombre"], ["le", "jour"]]
    assert told["nombre"] == len(told["lignes"]) == 2
    lines = client.get("/requete.csv", params=asked).text.splitlines()
    assert lines[0] == "siren,seuil,le" and len(lines) == 3
    book = zipfile.ZipFile(io.BytesIO(client.get("/requete.xlsx", params=asked).content))
    assert told["lignes"][0][0] in book.read("xl/worksheets/sheet1.xml").decode()


def test_a_text_that_looks_like_a_formula_stays_a_text(client: TestClient) -> None:
    book = zipfile.ZipFile(io.BytesIO(client.get("/requete.xlsx", params={"q": "select '=1+1' as x"}).content))
    assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "attach '/tmp/x.db'",
        "set memory_limit = '10GB'",
        "copy premier_quartile to '/tmp/x.csv'",
        "select",
        "",
    ],
)
def test_what_the_locked_session_refuses_is_said(client: TestClient, sql: str) -> None:
    answer = client.get("/requete.json", params={"q": sql})
    assert answer.status_code == 400 and answer.text.strip()


def test_a_query_without_end_is_stopped(kept: Kept) -> None:
    client = TestClient(application(kept, limits=Limits(seconds=1.0)), base_url="http://127.0.0.1")
    answer = client.get("/requete.json", params={"q": "select count(*) from range(100000000000) a, range(1000) b"})
    assert answer.status_code == 400 and "1 seconde" in answer.text


def test_another_form_is_unknown(client: TestClient) -> None:
    assert client.get("/requete.parquet?q=select+1").status_code == 404
