"""Every address, by every role, of the own and of another institution, as tests/web/access_table.py says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from tests.web import world
from tests.web.access_table import NEEDS_NO_TOKEN, TABLE
from tests.web.world import WHO, World

pytestmark = pytest.mark.django_db
NOT_CONTENT = {
    "sessions.Session",
    "operations.Heartbeat",
    "operations.JobRun",
    "django_tasks_db.DBTaskResult",
}


@dataclass(frozen=True)
class Address:
    name: str
    parameters: frozenset[str]


def addresses() -> list[Address]:
    """Every address of the site that has a name; one without cannot be led to."""
    found = {address.name: address for address in _walk(get_resolver().url_patterns, "", frozenset())}
    return [found[name] for name in sorted(found)]


def _walk(patterns: list, namespace: str, parameters: frozenset[str]) -> Iterator[Address]:
    for pattern in patterns:
        own = parameters | set(pattern.pattern.regex.groupindex) if pattern.pattern else parameters
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, own)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name or pattern.lookup_str}", own)


def urls(here: World) -> list[tuple[str, str]]:
    return [
        (address.name, reverse(address.name, kwargs=here.kwargs(address.name, set(address.parameters))))
        for address in addresses()
        if address.name in TABLE
    ]


@pytest.fixture
def here(settings: LazySettings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    made = world.build()
    default_storage.save("reports/1.pdf", ContentFile(b"%PDF-"))
    default_storage.save("receipts/1.pdf", ContentFile(b"%PDF-"))
    default_storage.save("register/test.csv", ContentFile(b"id\n"))
    return made


@pytest.fixture
def client(here: World) -> Client:
    cache.clear()
    return Client(raise_request_exception=False)


def counts() -> dict[str, int]:
    """How many rows every table has, and how long the journals are."""
    models = [model for model in apps.get_models() if model._meta.label not in NOT_CONTENT]
    return {model._meta.label: model._default_manager.count() for model in models}


def leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and "/account/login/" in response["Location"]


def fault_of(name: str, who: str, response: HttpResponse) -> str:
    """What is wrong with an answer, in words; nothing where it is as the table says."""
    status, may = response.status_code, TABLE[name]
    if status >= 500:
        return f"broke ({status})"
    if may is None:
        return ""
    if who in may:
        entered = status not in {403, 404} and not leads_to_sign_in(response)
        return "" if entered else f"should enter, got {status} {response.headers.get('Location', '')}"
    if not may:
        return "" if status == 404 else f"should not exist, got {status}"
    if who == "anonymous":
        return "" if leads_to_sign_in(response) else f"should be led to sign in, got {status}"
    return "" if status in {404, 405} else f"should find nothing, got {status}"


def test_every_address_is_in_the_table_and_the_table_names_no_other() -> None:
    names = {address.name for address in addresses()}
    missing, gone = sorted(names - set(TABLE)), sorted(set(TABLE) - names)
    assert not missing, (
        "Say in tests/web/access_table.py who may enter these addresses, for example "
        f'TABLE["{missing[0]}"] = SECRETARIAT: {", ".join(missing)}'
    )
    assert not gone, f"Take these out of tests/web/access_table.py, they do not exist: {', '.join(gone)}"


@pytest.mark.parametrize("who", WHO)
def test_at_home_each_role_enters_what_the_table_says_and_reading_changes_nothing(
    client: Client, here: World, who: str
) -> None:
    person = here.people[who]
    if person is not None:
        client.force_login(person)
    before = counts()
    faults = []
    for name, url in urls(here):
        response = client.get(url)
        if fault := fault_of(name, who, response):
            faults.append(f"{name} ({url}): {fault}")
        policy = response.headers.get("Content-Security-Policy", "")
        if "default-src 'self'" not in policy or "unsafe" in policy:
            faults.append(f"{name}: without a strict content security policy")
    assert not faults, f"{who}:\n" + "\n".join(faults)
    assert counts() == before


@pytest.mark.walk
@pytest.mark.parametrize("who", WHO)
def test_in_another_institution_nobody_is_more_than_a_visitor(
    client: Client, here: World, who: str
) -> None:
    person = world.build("elsewhere").people[who]
    if person is not None:
        client.force_login(person)
    stranger = "anonymous" if who == "anonymous" else "citizen"
    faults = [
        f"{name} ({url}): {fault}"
        for name, url in urls(here)
        if (fault := fault_of(name, stranger, client.get(url)))
    ]
    assert not faults, f"{who} of another institution:\n" + "\n".join(faults)


@pytest.mark.walk
@pytest.mark.parametrize("who", WHO)
def test_sending_a_form_where_one_may_not_enter_does_nothing(client: Client, here: World, who: str) -> None:
    strangers = [here.people[who], world.build("elsewhere").people[who]]
    before, faults = counts(), []
    for person, is_home in zip(strangers, (True, False), strict=True):
        client.logout()
        if person is not None:
            client.force_login(person)
        role = who if is_home or who == "anonymous" else "citizen"
        for name, url in urls(here):
            may = TABLE[name]
            if may is None or role in may:
                continue
            if fault := fault_of(name, role, client.post(url, {"confirmed": "yes"})):
                faults.append(f"{name} ({url}): {fault}")
    assert not faults, f"{who}:\n" + "\n".join(faults)
    assert counts() == before


@pytest.mark.walk
@pytest.mark.parametrize("who", [role for role in WHO if role not in {"anonymous", "citizen"}])
def test_things_of_another_institution_do_not_exist_under_ones_own_address(
    client: Client, here: World, who: str
) -> None:
    """The own institution in the address, and a key that belongs to the other one."""
    other = world.build("elsewhere")
    client.force_login(here.people[who])
    faults = []
    for address in addresses():
        may = TABLE.get(address.name)
        stolen = {key: other.values[key] for key in address.parameters if key in other.values}
        stolen = {key: value for key, value in stolen.items() if key not in {"institution", "slug"}}
        if may is None or who not in may or not stolen:
            continue
        kwargs = here.kwargs(address.name, set(address.parameters)) | stolen
        for method in (client.get, client.post):
            status = method(reverse(address.name, kwargs=kwargs)).status_code
            if status not in {404, 405}:
                faults.append(f"{address.name}: a key of another institution gives {status}")
    assert not faults, f"{who}:\n" + "\n".join(faults)


@pytest.mark.walk
def test_no_form_is_taken_without_its_token(here: World) -> None:
    """Whoever sends it; and those that need none change nothing here either."""
    faults = []
    for who in ("anonymous", "secretariat", "member"):
        strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
        if here.people[who] is not None:
            strict.force_login(here.people[who])
        before = counts()
        for name, url in urls(here):
            status = strict.post(url, {"confirmed": "yes"}).status_code
            if status not in {403, 404, 405} and name not in NEEDS_NO_TOKEN:
                faults.append(f"{who}: {name} takes a form without a token ({status})")
        assert counts() == before
    assert not faults, "\n".join(faults)
