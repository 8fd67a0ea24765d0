"""What every answer carries, what an error shows, and what the log never learns."""

import inspect
import io
import json
import logging
import re

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from isegoria.errors import BadInput, Place
from isegoria_web import logs
from isegoria_web.errors import Conflict
from isegoria_web.urls import handler400, handler403, handler404, handler500  # noqa: F401  # read by Django
from isegoria_web.urls import urlpatterns as real
from isegoria_web.web.members import urls as members

CANARY = "ZZ-canary-4711"
ADDRESS = f"{CANARY}@example.org"


def fault(request: HttpRequest) -> HttpResponse:
    cause = IntegrityError(f"Key (email)=({ADDRESS}) already exists")
    raise RuntimeError(f"{CANARY} could not be saved") from cause


def conflict(request: HttpRequest) -> HttpResponse:
    raise Conflict("The ballot is closed.", "Read its result.")


def library(request: HttpRequest) -> HttpResponse:
    raise BadInput("cell_empty", Place("register.csv", 17, "age"), column="age")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    path("fault", fault),
    path("api/fault", fault),
    path("api/conflict", conflict),
    path("conflict", conflict),
    path("library", library),
    path("forbidden", forbidden),
    *real,
]


@pytest.fixture
def visitor(settings: LazySettings, db: None) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["testserver"]
    return Client(raise_request_exception=False)


@pytest.fixture
def log() -> io.StringIO:
    """Everything that the site would write to its log, in its own format."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.Line())
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


ANSWERS = {
    "/health": 200,
    "/": 302,
    "/en/no/such/page/": 404,
    "/forbidden": 403,
    "/fault": 500,
    "/conflict": 409,
    "/library": 422,
    "/api/v1/openapi.json": 200,
    "/api/v1/nothing": 404,
    "/api/fault": 500,
    "/en/account/login/": 200,
}


@pytest.mark.parametrize(("address", "status"), ANSWERS.items())
def test_every_answer_carries_the_headers_that_protect_the_visitor(
    visitor: Client, address: str, status: int
) -> None:
    response = visitor.get(address)
    assert response.status_code == status
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert re.fullmatch("[0-9a-f]{16}", response["X-Request-ID"])


def test_answers_that_django_gives_by_itself_carry_them_too(
    settings: LazySettings, visitor: Client
) -> None:
    wrong_host = visitor.get("/health", headers={"host": "evil.example"})
    settings.SECURE_SSL_REDIRECT = True
    to_https = Client().get("/health")
    assert (wrong_host.status_code, to_https.status_code) == (400, 301)
    for response in (wrong_host, to_https):
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"


def test_a_number_that_a_visitor_sends_is_not_taken_over(visitor: Client) -> None:
    first = visitor.get("/health", headers={"x-request-id": "forged"})["X-Request-ID"]
    assert first not in {"forged", visitor.get("/health")["X-Request-ID"]}


@pytest.mark.parametrize("address", ["/fault", "/api/fault"])
def test_a_fault_shows_its_number_and_nothing_of_our_insides(
    visitor: Client, log: io.StringIO, address: str
) -> None:
    response = visitor.get(address)
    page = response.content.decode()
    assert response["X-Request-ID"] in page
    for inside in (CANARY, "Traceback", "RuntimeError", "IntegrityError", "test_middleware"):
        assert inside not in page
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (told,) = [line for line in lines if "exception" in line]
    assert told["request"] == response["X-Request-ID"]
    assert any("test_middleware.py" in frame for frame in told["exception"])


def test_a_refusal_says_what_and_how_to_go_on(visitor: Client) -> None:
    page = visitor.get("/conflict").content.decode()
    assert "The ballot is closed." in page
    assert "Read its result." in page


def test_an_error_of_the_library_names_the_place_and_the_way_out(visitor: Client) -> None:
    page = visitor.get("/library").content.decode()
    for part in ("register.csv", "row 17", "column age", "Every resident needs it."):
        assert part in page


def test_programs_get_refusals_as_data(visitor: Client) -> None:
    response = visitor.get("/api/conflict")
    assert response.status_code == 409
    assert response.json() == {"detail": "The ballot is closed.", "way_out": "Read its result."}


def test_a_stale_form_is_refused_with_a_page_of_its_own(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/en/account/login/", {"login": ADDRESS})
    assert response.status_code == 403
    assert b"too long" in response.content
    assert b"CSRF verification" not in response.content


def test_no_word_of_a_visitor_reaches_the_log(visitor: Client, log: io.StringIO) -> None:
    visitor.post("/en/account/login/", {"login": ADDRESS, "password": CANARY})
    visitor.post("/en/account/password/reset/", {"email": ADDRESS})
    visitor.get(f"/en/{CANARY}/?q={CANARY}")
    visitor.get(f"/en/account/login/?next={CANARY}")
    visitor.get("/health", headers={"host": f"{CANARY}.example", "user-agent": CANARY, "referer": CANARY})
    visitor.generic(CANARY, "/health")
    visitor.get("/fault")
    visitor.post("/api/v1/institutions", CANARY, content_type="application/json")
    written = log.getvalue()
    assert written.count("\n") >= 8
    assert CANARY not in written
    assert all(json.loads(line)["message"] for line in written.splitlines())


VOTES = {
    "ballot": {"number": 1},
    "choice": {"number": 1},
    "body_choice": {"body": "council", "number": 1},
    "appointed_vote": {"number": 1},
    "resolution": {"number": 1},
    "verdict": {"number": 1},
    "body_verdict": {"body": "council", "cycle": 1, "number": 1},
}
"""The members' pages that take a vote or a voice, with the rest of their addresses."""


def test_the_log_cannot_count_who_votes(visitor: Client, log: io.StringIO) -> None:
    for name, rest in VOTES.items():
        address = reverse(f"members:{name}", kwargs={"institution": "somewhere", **rest})
        for ask in (visitor.get, visitor.post):
            assert ask(address).status_code in {302, 403, 404}
    visitor.get("/health")
    assert [json.loads(line)["view"] for line in log.getvalue().splitlines()] == ["health"]


@pytest.mark.once
def test_every_page_that_takes_a_vote_is_known_to_take_one() -> None:
    takes_one = re.compile(r"\b(cast|cast_openly|choice_page|give_verdict|speak)\(")
    found = {
        page.name
        for page in members.urlpatterns
        if takes_one.search(inspect.getsource(inspect.unwrap(page.callback)))
    }
    assert found == set(VOTES)


def test_the_log_names_the_view_and_its_status(visitor: Client, log: io.StringIO) -> None:
    visitor.get("/health")
    line = json.loads(log.getvalue().splitlines()[-1])
    assert (line["view"], line["status"], line["method"]) == ("health", 200, "GET")


def test_our_own_lines_lose_addresses_and_queries(log: io.StringIO) -> None:
    logging.getLogger("isegoria_web.test").warning("%s asked for /page?code=%s\nforged", ADDRESS, CANARY)
    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["message"] == "[address] asked for /page?…\nforged"


def test_the_words_of_an_exception_stay_out_of_the_log_but_its_place_stays_in(log: io.StringIO) -> None:
    try:
        fault(HttpRequest())
    except RuntimeError:
        logging.getLogger("other.package").exception("failed for %s", ADDRESS)
    (line,) = log.getvalue().splitlines()
    told = json.loads(line)["exception"]
    assert "builtins.RuntimeError" in told
    assert "django.db.utils.IntegrityError" in told
    assert CANARY not in line
