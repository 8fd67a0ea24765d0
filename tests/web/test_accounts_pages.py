"""Signing in and out, passwords, second factors: allauth's pages as this site wires them."""

import re
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client

from isegoria_web.accounts.enums import STAFF, Role
from isegoria_web.accounts.models import Grant, User
from tests.web.factories import NOW, PASSWORD, make_cycle, make_institution, make_members, make_user

pytestmark = pytest.mark.django_db
SIGN_IN = "/en/account/login/"
RESET = "/en/account/password/reset/"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def masked(response) -> str:
    """The page without what differs by chance or repeats the visitor's own words."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return re.sub(r"[\w.]+@example\.org", "ADDRESS", page)


def sign_in(client: Client, user: User, password: str = PASSWORD):
    return client.post(SIGN_IN, {"login": user.email, "password": password})


def test_a_person_signs_in_with_address_and_password_and_out_again(client: Client) -> None:
    user = make_user()
    client.get(SIGN_IN)
    before = client.session.session_key
    response = sign_in(client, user)
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.session_key != before
    assert client.get("/en/account/logout/").status_code == 200
    client.post("/en/account/logout/")
    assert "_auth_user_id" not in client.session


def test_the_address_is_not_case_sensitive(client: Client) -> None:
    user = make_user()
    client.post(SIGN_IN, {"login": user.email.upper(), "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_after_signing_in_everybody_comes_to_her_own_page(client: Client) -> None:
    institution = make_institution()
    secretary = make_user(institution, Role.SECRETARIAT)
    member = make_members(make_cycle(institution))[0].user
    client.force_login(secretary)
    assert client.get("/en/home/")["Location"] == f"/en/{institution.slug}/office/"
    client.force_login(member)
    assert client.get("/en/home/")["Location"] == f"/en/{institution.slug}/my/"
    client.force_login(make_user())
    assert client.get("/en/home/")["Location"] == "/en/"


def test_a_closed_account_does_not_open(client: Client) -> None:
    sign_in(client, make_user(is_active=False))
    assert "_auth_user_id" not in client.session


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer_for_the_same_work() -> None:
    user = make_user()
    answers, work = [], []
    for address in (user.email, "nobody@example.org"):
        with mock.patch.object(MD5PasswordHasher, "encode", wraps=MD5PasswordHasher().encode) as hashing:
            answers.append(Client().post(SIGN_IN, {"login": address, "password": "wrong horse"}))
            work.append(hashing.call_count)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert masked(answers[0]) == masked(answers[1])
    assert work[0] == work[1] > 0


def test_asking_for_a_new_password_tells_nobody_who_has_an_account() -> None:
    user = make_user()
    answers = [
        Client().post(RESET, {"email": address}, follow=True)
        for address in (user.email, "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert masked(answers[0]) == masked(answers[1])
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_the_link_in_the_mail_sets_a_new_password_once_and_ends_old_sessions(client: Client) -> None:
    user = make_user()
    elsewhere = Client()
    elsewhere.force_login(user)
    client.post(RESET, {"email": user.email})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = "a staple of batteries"
    assert client.post(address, {"password1": new, "password2": new}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert elsewhere.get("/en/home/").status_code == 302
    assert "login" in elsewhere.get("/en/home/")["Location"]
    again = Client().get(link, follow=True)
    assert b"password1" not in again.content


def test_changing_the_password_asks_for_the_present_one(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    new = "a staple of batteries"
    address = "/en/account/password/change/"
    assert client.get(address).status_code == 200
    client.post(address, {"oldpassword": "wrong", "password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    client.post(address, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)


def test_weak_passwords_are_refused(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    for weak in ("short", "q1w2e3r4t5y6", user.email):
        client.post(
            "/en/account/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
        )
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "address", ["/en/account/signup/", "/en/account/signup/passkey/", "/en/account/2fa/webauthn/signup/"]
)
def test_nobody_signs_up(client: Client, address: str) -> None:
    before = User.objects.count()
    client.get(address)
    client.post(address, {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.count() == before


def test_after_too_many_wrong_passwords_even_the_right_one_has_to_wait(client: Client) -> None:
    user = make_user()
    for _ in range(20):
        sign_in(client, user, "wrong horse")
    sign_in(client, user)
    assert "_auth_user_id" not in client.session


# -- second factors ------------------------------------------------------------------------------------
def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def set_up_totp(client: Client, user: User) -> str:
    """Sign in and set up an authenticator app; returns its secret."""
    sign_in(client, user)
    asked_again = client.get("/en/account/2fa/totp/activate/", follow=True)
    page = client.post(asked_again.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    done = client.post("/en/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert done.status_code == 302
    return secret


def test_staff_without_a_second_factor_are_led_to_set_one_up_and_then_work(client: Client) -> None:
    institution = make_institution()
    user = make_user(institution, Role.SECRETARIAT, second_factor=False)
    office = f"/en/{institution.slug}/office/"
    sign_in(client, user)
    assert client.get(office)["Location"] == "/en/account/2fa/"
    assert client.get("/en/account/2fa/").status_code == 200
    set_up_totp(client, user)
    assert client.get(office).status_code == 200


def test_from_then_on_the_password_alone_does_not_open(client: Client) -> None:
    user = make_user()
    set_up_totp(client, user)
    cache.clear()
    later = Client()
    response = sign_in(later, user)
    assert response["Location"].startswith("/en/account/2fa/authenticate/")
    assert "_auth_user_id" not in later.session
    assert later.get(response["Location"]).status_code == 200
    later.post("/en/account/2fa/authenticate/", {"code": "000000"})
    assert "_auth_user_id" not in later.session


def test_a_recovery_code_opens_once(client: Client) -> None:
    user = make_user()
    set_up_totp(client, user)
    assert client.get("/en/account/2fa/recovery-codes/").status_code == 200
    codes = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES).wrap()
    code = codes.get_unused_codes()[0]
    opened = []
    for _ in range(2):
        cache.clear()
        later = Client()
        sign_in(later, user)
        later.post("/en/account/2fa/authenticate/", {"code": code})
        opened.append("_auth_user_id" in later.session)
    assert opened == [True, False]


@pytest.mark.parametrize("role", list(Role))
def test_who_acts_for_others_needs_a_second_factor(client: Client, role: Role) -> None:
    institution = make_institution()
    client.force_login(make_user(institution, role, second_factor=False))
    led_away = client.get("/en/home/").headers.get("Location") == "/en/account/2fa/"
    assert led_away == (role in STAFF)


def test_members_demonstrations_and_former_staff_do_without(client: Client) -> None:
    institution = make_institution()
    member = make_members(make_cycle(institution))[0].user
    former = make_user(institution, Role.SECRETARIAT, second_factor=False)
    Grant.objects.filter(user=former).update(valid_until=NOW)
    demonstration = make_institution("demonstration")
    demonstration.is_demonstration = True
    demonstration.save()
    shown = make_user(demonstration, Role.SECRETARIAT, second_factor=False)
    for user in (member, former, shown):
        client.force_login(user)
        assert client.get("/en/home/")["Location"] != "/en/account/2fa/"


@pytest.mark.parametrize(
    "address", ["/health", "/en/account/logout/", "/en/account/2fa/webauthn/add/", "/"]
)
def test_the_way_out_and_the_set_up_stay_open(client: Client, address: str) -> None:
    institution = make_institution()
    user = make_user(institution, Role.SECRETARIAT, second_factor=False)
    sign_in(client, user)
    response = client.get(address)
    assert response.headers.get("Location") != "/en/account/2fa/"
    assert response.status_code in {200, 302}
