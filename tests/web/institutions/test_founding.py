"""Scenario 32, first half: an institution is founded through the pages, from its rule book."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import get_resolver

from isegoria.errors import BadInputs, IsegoriaError
from isegoria.rulebook import load_bundled, loads
from isegoria.rulebook.reading import bundled_text
from isegoria_web import clock
from isegoria_web.accounts import services as accounts
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.errors import NameMissing, RoleHeld
from isegoria_web.accounts.models import Operator, User
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions import founding
from isegoria_web.institutions.enums import Status
from isegoria_web.institutions.errors import AlreadyFounded, FoundingIncomplete, NameTaken
from isegoria_web.institutions.models import Founding, Institution, Welcome
from isegoria_web.institutions.services import PAGES
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.backoffice.support import numbers_of

pytestmark = pytest.mark.django_db
START = "/en/found/"


def make_operator(*, second_factor: bool = True) -> User:
    user = factories.make_user()
    accounts.appoint_operator(actor=Actor.system(), email=user.email)
    if second_factor:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "unusable"})
    return user


def operator_actor(user: User | None = None) -> Actor:
    found = Actor.operator(user or make_operator())
    assert found is not None
    return found


def details(**other: object) -> dict[str, object]:
    return {
        "languages": ["fr", "en"],
        "name": {"fr": "Panel de Dison", "en": "Panel of Dison"},
        "summary": {"fr": "Un panel.", "en": "A panel."},
        "slug": "dison",
        "authority_name": {"fr": "Commune", "en": "Municipality"},
        "level": "municipality",
        "legal_basis": "Decision of the council of 3 March 2027",
        "time_zone": "Europe/Brussels",
        "contact_email": "panel@dison.example",
        "contact_phone": "",
        "accent": "#1f4e79",
        **other,
    }


PEOPLE = {
    "secretariat": {"email": "sam@dison.example", "name": "Sam", "language": "fr"},
    "authority": {"email": "mayor@dison.example", "name": "Alex", "language": "fr"},
}


MONEY = {
    "line": "Art. 01.02", "source": "Municipality", "euros_a_year": 20_000, "starts_on": "2027-01-01", "ends_on": "",
}  # fmt: skip


def ready(actor: Actor, **other: object) -> Founding:
    draft = founding.begin(actor=actor, bundled="municipal-starter")
    draft = founding.describe(actor=actor, founding=draft, details=details(**other))
    return founding.name_people(actor=actor, founding=draft, people=PEOPLE, funding=MONEY)


# -- who may ---------------------------------------------------------------------------------------------
def test_nobody_but_an_operator_with_a_second_factor_founds():
    institution = factories.make_institution()
    own = make_operator()
    draft = ready(operator_actor(own))
    weak, dismissed = make_operator(second_factor=False), make_operator()
    accounts.dismiss_operator(actor=Actor.system(), email=dismissed.email)
    refused = [
        None, Actor.of(own), operator_actor(weak), operator_actor(dismissed), operator_actor(factories.make_user()),
        operator_actor(), *(factories.actor(institution, role) for role in Role),
    ]  # fmt: skip
    for actor in refused:
        with pytest.raises(NotAllowed):
            founding.found(actor=actor, founding=draft)
        if actor is None or not actor.is_operator or actor.user == weak:
            with pytest.raises(NotAllowed):
                founding.begin(actor=actor, bundled="municipal-starter")
    assert not Institution.objects.filter(slug="dison").exists()


def test_an_operator_has_no_say_in_what_others_run():
    institution = factories.make_institution()
    factories.make_user(institution, Role.SECRETARIAT)
    with pytest.raises(NotAllowed):
        accounts.grant_role(
            actor=operator_actor(), institution=institution, user=factories.make_user(), role=Role.OBSERVER
        )


def test_an_operator_is_appointed_on_the_server_alone_and_twice_is_once(capsys):
    call_command("operator", "new@example.org", "--name", "New")
    call_command("operator", "new@example.org")
    assert Operator.objects.count() == 1
    with pytest.raises(NotAllowed):
        accounts.appoint_operator(actor=operator_actor(), email="other@example.org", name="O")
    with pytest.raises(NameMissing):
        accounts.appoint_operator(actor=Actor.system(), email="nameless@example.org")
    call_command("operator")
    assert "new@example.org" in capsys.readouterr().out
    call_command("operator", "new@example.org", "--dismiss")
    with pytest.raises(CommandError):
        call_command("operator", "new@example.org", "--dismiss")
    call_command("operator", "new@example.org")
    assert Operator.objects.valid_now().filter(user__email="new@example.org").exists()


def test_who_is_an_operator_is_not_erased_before_she_is_dismissed():
    institution = factories.make_institution()
    secretary, user = factories.actor(institution, Role.SECRETARIAT), make_operator()
    accounts.grant_role(actor=secretary, institution=institution, user=user, role=Role.OBSERVER)
    with clock.at(factories.NOW + dt.timedelta(days=1)):
        accounts.withdraw_role(actor=secretary, institution=institution, user=user, role=Role.OBSERVER)
        with pytest.raises(RoleHeld):
            accounts.erase_person(actor=secretary, institution=institution, user=user)
        accounts.dismiss_operator(actor=Actor.system(), email=user.email)
        assert accounts.erase_person(actor=secretary, institution=institution, user=user).erased_at


def test_an_operator_without_a_second_factor_is_led_to_set_one_up(client: Client):
    client.force_login(make_operator(second_factor=False))
    assert "/2fa/" in client.get(START)["Location"]


# -- founding ----------------------------------------------------------------------------------------------
def test_it_is_founded_with_journal_roles_and_an_invitation_each():
    actor = operator_actor()
    institution = founding.found(actor=actor, founding=ready(actor))
    assert [(entry.action, entry.actor) for entry in institution.chain.entries.order_by("sequence")] == [
        (Action.INSTITUTION_FOUNDED, "operator"),
        (Action.RULEBOOK_ADOPTED, "operator"),
        (Action.ROLE_GRANTED, "operator"),
        (Action.ROLE_GRANTED, "operator"),
        (Action.FUNDING_NAMED, "operator"),
        (Action.INSTITUTION_BEGAN, "operator"),
    ]
    assert institution.status == Status.OPERATING
    acts.entry(institution, Action.INSTITUTION_FOUNDED)
    assert institution.languages == ["fr", "en"]
    book = loads(institution.rule_books.get().text)
    assert (book.id, book.languages, book.title["fr"]) == ("dison", ("fr", "en"), "Panel de Dison")
    assert founding.send_welcomes() == 2
    assert founding.send_welcomes() == 0
    assert {each.to[0] for each in mail.outbox} == {"sam@dison.example", "mayor@dison.example"}
    assert all("/fr/account/password/reset/" in each.body for each in mail.outbox)
    secretary = Actor.of(User.objects.get(email="sam@dison.example"))
    assert secretary.has_role(institution, Role.SECRETARIAT)
    draft = Founding.objects.get()
    assert (draft.details, draft.people, draft.funding) == ({}, {}, {})
    with pytest.raises(AlreadyFounded):
        founding.found(actor=actor, founding=draft)
    assert Institution.objects.count() == 1


def test_who_founds_can_be_the_first_secretary():
    user = make_operator()
    actor = operator_actor(user)
    draft = ready(actor)
    draft = founding.name_people(
        actor=actor,
        founding=draft,
        people={**PEOPLE, "secretariat": {"email": "", "name": "", "language": ""}},
    )
    institution = founding.found(actor=actor, founding=draft)
    assert Actor.of(user).has_role(institution, Role.SECRETARIAT)
    assert Welcome.objects.get().role == Role.AUTHORITY
    assert institution.status == Status.ADOPTED  # its money is not named yet


def test_a_mail_that_is_not_taken_waits_and_is_sent_later(monkeypatch):
    actor = operator_actor()
    founding.found(actor=actor, founding=ready(actor))

    def down(*_args: object, **_more: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(founding, "send_mail", down)
        assert founding.send_welcomes() == 0
    assert founding.send_welcomes() == 0  # not at once again
    with clock.at(clock.now() + founding.AGAIN_AFTER):
        assert founding.send_welcomes() == 2
    assert not Welcome.objects.exists()


def test_nothing_is_founded_when_a_part_of_it_fails():
    actor = operator_actor()
    draft = ready(actor)
    people = {**PEOPLE, "authority": {"email": "mayor@dison.example", "name": " ", "language": "fr"}}
    draft = founding.name_people(actor=actor, founding=draft, people=people)
    with pytest.raises(NameMissing):
        founding.found(actor=actor, founding=draft)
    assert not Institution.objects.exists()
    assert not Welcome.objects.exists()


def test_what_is_open_is_not_founded():
    actor = operator_actor()
    draft = founding.begin(actor=actor, bundled="ostbelgien")
    assert founding.missing(draft) == ("details", "people")
    with pytest.raises(FoundingIncomplete):
        founding.found(actor=actor, founding=draft)


@pytest.mark.parametrize("slug", ["method", "found", "taken"])
def test_a_short_name_that_is_no_free_address_is_refused(slug):
    factories.make_institution("taken")
    with pytest.raises(NameTaken):
        ready(operator_actor(), slug=slug)


def test_no_institution_can_have_the_address_of_a_page():
    first = {
        found[1]
        for pattern in _in_a_language(get_resolver().url_patterns)
        if (found := re.match(r"([a-z][a-z0-9-]*)/", str(pattern.pattern)))
    }
    assert first <= PAGES
    assert {"account", "found", "method"} <= first


def _in_a_language(patterns: list) -> Iterator[Any]:
    """The addresses that stand where an institution's short name would stand."""
    for each in patterns:
        inner = getattr(each, "url_patterns", None)
        if inner is not None and str(each.pattern) in {"", "en/", "en-us/"}:
            yield from _in_a_language(inner)
        else:
            yield each


def test_a_draft_is_kept_for_thirty_days_after_the_last_change_and_then_forgotten():
    actor = operator_actor()
    with clock.at(factories.NOW):
        draft = founding.begin(actor=actor, bundled="ostbelgien")
    with clock.at(factories.NOW + dt.timedelta(days=29)):
        assert founding.forget_old_drafts() == 0
        founding.name_people(actor=actor, founding=draft, people=PEOPLE)
    with clock.at(factories.NOW + dt.timedelta(days=58)):
        assert founding.forget_old_drafts() == 0
    with clock.at(factories.NOW + dt.timedelta(days=59)):
        assert founding.forget_old_drafts() == 1


def test_a_file_of_ones_own_is_adopted_word_for_word_where_nothing_changes():
    actor, text = operator_actor(), bundled_text("municipal-starter").replace("municipal-starter", "own")
    book = loads(text)
    draft = founding.begin(actor=actor, text=text)
    said = details(
        languages=list(book.languages),
        name=dict(book.title),
        legal_basis=book.legal_basis,
        level=book.level,
    )
    founding.describe(actor=actor, founding=draft, details=said)
    draft = founding.name_people(actor=actor, founding=draft, people=PEOPLE)
    assert founding.found(actor=actor, founding=draft).rule_books.get().text == text


def test_what_a_bundled_book_says_of_its_own_institution_is_not_taken_over():
    actor = operator_actor()
    assert load_bundled("madrid").ended
    draft = founding.begin(actor=actor, bundled="madrid")
    said = details(languages=list(load_bundled("madrid").languages))
    draft = founding.describe(
        actor=actor, founding=draft, details={**said, "name": dict.fromkeys(said["languages"], "Panel")}
    )
    book = loads(founding.text_of(draft))
    assert (book.ended, book.ends_after_meetings, book.valid_from) == ({}, None, None)


def test_an_impossible_rule_book_changes_nothing():
    actor = operator_actor()
    draft = founding.begin(actor=actor, bundled="municipal-starter")
    with pytest.raises((IsegoriaError, BadInputs)):
        founding.set_numbers(
            actor=actor, founding=draft, changes={"bodies.council.rotation.share": "3/4"},
            starts_on=dt.date(2027, 6, 1), elections=[],
        )  # fmt: skip
    draft.refresh_from_db()
    assert draft.changes == {}


def test_the_database_keeps_nothing_of_a_draft_that_is_founded():
    actor = operator_actor()
    draft = ready(actor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Founding.objects.filter(pk=draft.pk).update(institution=factories.make_institution())


# -- the pages -----------------------------------------------------------------------------------------------
@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_operator())
    return client


def texts_of(field: str, **texts: str) -> dict[str, str]:
    return {f"{field}_{code}": text for code, text in texts.items()}


def typed(**other: str | list[str]) -> dict[str, object]:
    return {
        "languages": ["fr", "en"],
        **texts_of("name", fr="Panel de Dison", en="Panel of Dison"),
        **texts_of("summary", fr="Un panel.", en="A panel."),
        **texts_of("authority_name", fr="Commune", en="Municipality"),
        "slug": "dison",
        "level": "municipality",
        "legal_basis": "Decision of 3 March 2027",
        "time_zone": "Europe/Brussels",
        "contact_email": "panel@dison.example",
        "accent": "#1f4e79",
        **other,
    }


def test_scenario_32_an_institution_is_founded_through_the_pages(browser: Client):
    assert "municipal-starter" in browser.get(START).content.decode()
    book = browser.get(f"{START}rule-books/municipal-starter/").content.decode()
    assert "Begin with this one" in book
    begun = browser.post(START, {"bundled": "municipal-starter"})
    draft = Founding.objects.get()
    assert begun["Location"] == f"{START}{draft.public_id}/"
    here = begun["Location"]
    assert browser.post(here, typed())["Location"] == f"{here}numbers/"

    page = browser.get(f"{here}numbers/").content
    assert b"Nothing yet" in page
    day = (clock.now() + dt.timedelta(days=60)).date()
    sent = numbers_of(page, **{
        "bodies.assembly.size_fewest": "30", "bodies.assembly.size_most": "40", "duty.answer_days": "60",
        "pay.childcare": "no", "starts_on": day.isoformat(), "election": (day + dt.timedelta(days=400)).isoformat(),
    })  # fmt: skip
    assert browser.post(f"{here}numbers/", sent).status_code == 302
    draft.refresh_from_db()
    assert draft.changes == {
        "bodies.assembly.size": [30, 40],
        "duty.answer_days": 60,
        "pay.childcare": False,
    }
    page = browser.get(f"{here}numbers/").content.decode()
    assert "<del>" in page
    assert "The pause before the elections begins" in page
    assert "Draw of the letters" in page

    told = {"secretary": "mail", "secretariat_language": "fr", "authority_language": "fr"}
    for role, person in PEOPLE.items():
        told |= {f"{role}_email": person["email"], f"{role}_name": person["name"]}
    half = browser.post(f"{here}people/", told | {"funding_line": "Art. 01.02"})
    assert "Whoever pays is named with the line, the sum and the first day." in half.content.decode()
    told |= {f"funding_{name}": str(value) for name, value in MONEY.items()}
    assert browser.post(f"{here}people/", told)["Location"] == f"{here}review/"
    assert "mayor@dison.example" in browser.get(f"{here}review/").content.decode()
    assert "Panel of Dison" in browser.get(START).content.decode()  # can be continued

    assert browser.post(f"{here}review/")["Location"] == f"{here}founded/"
    institution = Institution.objects.get(slug="dison")
    assert institution.bodies.get(key="assembly").size_max == 40
    assert (institution.status, institution.elections.count()) == (Status.OPERATING, 1)
    assert "2 invitations wait" in browser.get(f"{here}founded/").content.decode()
    assert browser.post(f"{here}review/")["Location"] == f"{here}founded/"  # twice is once
    assert browser.get("/en/dison/rules/").status_code == 200
    assert browser.get("/en/dison/office/").status_code == 404  # the operator has no role there


def test_two_rules_that_cannot_both_hold_are_told_at_both_fields_with_both_ids(browser: Client):
    browser.post(START, {"bundled": "municipal-starter"})
    here = f"{START}{Founding.objects.get().public_id}/numbers/"
    sent = numbers_of(browser.get(here).content, **{"bodies.council.rotation.share": "3/4"})
    response = browser.post(here, sent)
    assert response.status_code == 422
    form = response.context["form"]
    for rule in ("bodies.council.rotation.share", "bodies.council.decision.quorum"):
        told = " ".join(form.errors[rule])
        assert "bodies.council.rotation.share" in told
        assert "bodies.council.decision.quorum" in told
    assert 'value="3/4"' in response.content.decode()  # what was typed is still there


def test_a_file_with_faults_is_refused_with_the_path_and_the_way_out(browser: Client):
    text = bundled_text("municipal-starter").replace("age_min = 16", 'age_min = "sixteen"')
    response = browser.post(START, {"file": SimpleUploadedFile("dison.toml", text.encode())})
    assert response.status_code == 422
    page = response.content.decode()
    assert "draw.age_min" in page
    assert "dison.toml" in page
    assert not Founding.objects.exists()
    assert browser.post(START, {}).status_code == 422
    assert browser.post(START, {"bundled": "atlantis"}).status_code == 422
    good = SimpleUploadedFile("dison.toml", bundled_text("municipal-starter").encode())
    assert browser.post(START, {"file": good}).status_code == 302


def test_what_is_missing_or_wrong_is_said_at_its_field(browser: Client):
    browser.post(START, {"bundled": "municipal-starter"})
    here = f"{START}{Founding.objects.get().public_id}/"
    wrong = typed(slug="Dison!", **texts_of("name", fr="Panel", en=""))
    form = browser.post(here, wrong).context["form"]
    assert set(form.errors) == {"slug", "name"}
    taken = browser.post(here, typed(slug="method"))
    assert taken.status_code == 409
    assert "Choose another short name" in taken.content.decode()
    same = {
        "secretary": "mail", "secretariat_email": "a@b.example", "secretariat_name": "A", "authority_email": "A@b.example",
        "authority_name": "A", "secretariat_language": "fr", "authority_language": "fr",
    }  # fmt: skip
    assert set(browser.post(f"{here}people/", same).context["form"].errors) == {"authority_email"}
    nobody = {**same, "secretariat_email": "", "secretariat_name": ""}
    assert set(browser.post(f"{here}people/", nobody).context["form"].errors) == {
        "secretariat_email", "secretariat_name",
    }  # fmt: skip
    assert browser.post(f"{here}review/").status_code == 409
    assert not Institution.objects.exists()


def test_a_draft_is_its_operators_own_and_can_be_thrown_away(browser: Client):
    browser.post(START, {"bundled": "municipal-starter"})
    here = f"{START}{Founding.objects.get().public_id}/"
    other = Client()
    other.force_login(make_operator())
    for step in ("", "numbers/", "people/", "review/", "founded/", "throw-away/"):
        assert other.get(here + step).status_code == 404
        assert browser.get(here + step).status_code in {200, 302}
    assert browser.post(f"{here}throw-away/")["Location"] == START
    assert not Founding.objects.exists()
    assert browser.get("/en/home/")["Location"] == START
