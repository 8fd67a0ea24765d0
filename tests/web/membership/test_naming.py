"""Under which name a member stands in public: by her own wish alone, from then on, and never against the rule book."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

import isegoria_web
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.services import erase_person
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.membership.enums import DecisionKind, TermStatus
from isegoria_web.membership.errors import (
    NamesWithheld,
    NotAName,
    PublicNameMissing,
    PublicNameTaken,
    PublicNameTooLong,
    PublicNameUnwritable,
)
from isegoria_web.membership.models import Member, SeatDecision
from isegoria_web.membership.naming import LONGEST, names_in_public, show_name, withdraw_name
from isegoria_web.web.public.words import facts_in_words
from tests.web import acts, factories
from tests.web.factories import NOW

TITLE = '\n[bodies.title]\nde = "Bürgerversammlung"'
RULE = "bodies.assembly.public_names"
DAY = dt.timedelta(days=1)


@pytest.fixture
def cycle(institution) -> Cycle:
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle) -> list[Member]:
    factories.make_features(cycle)
    return factories.make_members(cycle)


@pytest.fixture
def wanda(members) -> Member:
    """A member, as the database has her now."""
    return Member.objects.select_related("cycle__body", "cycle__rule_book").get(pk=members[2].pk)


def show(member: Member, name: str = "Wanda W.") -> Member:
    return show_name(actor=factories.actor_of(member), member=member, name=name)


def withdraw(member: Member) -> Member:
    return withdraw_name(actor=factories.actor_of(member), member=member)


def rule_book_says(cycle: Cycle, allowed: str) -> None:
    factories.amend_rule_book(cycle, TITLE, f"public_names = {allowed}{TITLE}")


def public_pages(cycle: Cycle, on: dt.date | None = None) -> list[str]:
    client = Client(headers={"accept-language": "en"})
    slug = cycle.institution.slug
    day = {"on": (on or NOW.date()).isoformat()}
    found = [
        client.get(reverse("public:roster", args=[slug]), day),
        client.get(reverse("public:members", args=[slug, cycle.number])),
    ]
    assert [each.status_code for each in found] == [200, 200]
    return [each.content.decode() for each in found]


def own_page(member: Member):
    client = Client(headers={"accept-language": "en"})
    client.force_login(member.user)
    return client, reverse("members:public_name", args=[member.cycle.institution.slug])


# -- the wish --------------------------------------------------------------------------------------------
def test_nobody_is_named_who_has_said_nothing(cycle, members):
    assert names_in_public(Member.objects.filter(cycle=cycle)) == {}


def test_she_is_shown_from_then_on_and_a_number_from_the_moment_she_takes_it_back(
    institution, cycle, wanda
):
    assert not any("Wanda" in text for text in public_pages(cycle))
    show(wanda)
    assert all("<bdi>Wanda W.</bdi>" in text for text in public_pages(cycle))
    withdraw(wanda)
    assert not any("Wanda" in text for text in public_pages(cycle))
    kept = Member.objects.get(pk=wanda.pk)
    assert (kept.public_name, kept.named_at) == ("", None)


def test_the_journal_tells_that_and_by_which_rule_and_neither_name_nor_member(institution, cycle, wanda):
    show(wanda)
    withdraw(wanda)
    number = cycle.rule_book.number
    for action in (Action.NAME_SHOWN, Action.NAME_WITHDRAWN):
        entry = acts.entry(institution, action)
        assert entry.facts == {"cycle": 1, "rule": f"silent: {RULE}, ostbelgien {number}"}
        assert entry.subject == cycle.public_id.hex
        assert entry.actor == "member"
        assert facts_in_words(entry.facts)


def test_twice_changes_nothing_and_another_name_takes_the_place_of_the_first(institution, wanda):
    show(wanda)
    show(wanda, "  Wanda   W. ")
    assert len(acts.entries(institution, Action.NAME_SHOWN)) == 1
    with clock.at(NOW + DAY):
        assert show(wanda, "W.").public_name == "W."
    assert Member.objects.get(pk=wanda.pk).named_at == NOW + DAY
    assert len(acts.entries(institution, Action.NAME_SHOWN)) == 2
    withdraw(wanda)
    withdraw(wanda)
    assert len(acts.entries(institution, Action.NAME_WITHDRAWN)) == 1


def test_nobody_but_herself_names_her_or_takes_her_name_back(institution, members, wanda):
    other = factories.actor_of(members[0])
    acts.only(
        institution,
        act=lambda actor: show_name(actor=actor, member=wanda, name="W."),
        also_refused=(other,),
    )
    show(wanda)
    for actor in (other, factories.actor(institution, Role.SECRETARIAT), factories.nobody_special(), None):
        with pytest.raises(NotAllowed):
            withdraw_name(actor=actor, member=wanda)


def test_who_was_only_offered_a_seat_cannot_be_named(wanda):
    wanda.terms.update(status=TermStatus.OFFERED)
    with pytest.raises(NotAllowed):
        show(wanda)


def test_the_database_keeps_no_name_without_the_day_of_the_wish(wanda):
    with pytest.raises(IntegrityError):
        Member.objects.filter(pk=wanda.pk).update(public_name="Wanda")


# -- the rule book ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("allowed", "says"),
    [("true", "public only if the member wishes it"), (None, "silent on names in public")],
)
def test_where_names_are_allowed_or_the_statute_is_silent_her_wish_counts_and_the_pages_say_so(
    cycle, wanda, allowed, says
):
    if allowed is not None:
        rule_book_says(cycle, allowed)
        wanda = Member.objects.get(pk=wanda.pk)
    client, address = own_page(wanda)
    answer = client.post(address, {"name": "Wanda W.", "agreed": "on"}, follow=True)
    assert answer.redirect_chain
    for text in [answer.content.decode(), *public_pages(cycle)]:
        assert "Wanda W." in text
        assert says in text
        assert f"{RULE}, ostbelgien" in text


def test_where_the_rule_book_forbids_it_nobody_is_named_not_even_by_an_earlier_wish(
    institution, cycle, wanda
):
    show(wanda)
    rule_book_says(cycle, "false")
    fresh = Member.objects.select_related("cycle__body", "cycle__rule_book").get(pk=wanda.pk)
    assert names_in_public([fresh]) == {}
    assert not any("Wanda" in text for text in public_pages(cycle))
    with pytest.raises(NamesWithheld) as refused:
        show(fresh, "W.")
    assert RULE in str(refused.value)
    client, address = own_page(fresh)
    text = client.get(address).content.decode()
    assert "never public, even if the member wishes it" in text
    assert "is not shown" in text
    assert 'name="agreed"' not in text
    answer = client.post(address, {"name": "W.", "agreed": "on"})
    assert answer.status_code == 422
    client.post(reverse("members:public_name_withdraw", args=[institution.slug, 1]))
    assert Member.objects.get(pk=wanda.pk).public_name == ""


def test_whoever_is_appointed_stands_by_name_whatever_the_rule_says_of_members(cycle, wanda):
    show(wanda)
    deputies = factories.mix(cycle)
    text = cycle.rule_book.text
    assert "public_names" not in text
    rule_book_says(cycle, "false")
    roster, _members = public_pages(cycle)
    assert deputies[0].name in roster
    assert "Wanda" not in roster


# -- what is no name -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", PublicNameMissing),
        (" \u00a0 ", PublicNameMissing),
        ("W" * (LONGEST + 1), PublicNameTooLong),
        ("Wanda\x00", PublicNameUnwritable),
        ("Wanda\nMember 4", PublicNameUnwritable),
        ("\u202eadnaW", PublicNameUnwritable),
        ("Wanda\u2066", PublicNameUnwritable),
        ("Wan\u200bda", PublicNameUnwritable),
        ("Z" + "\u0301\u0302\u0303\u0304\u0305", NotAName),
        ("karl@example.org", NotAName),
        ("karl\uff20example.org", NotAName),
        ("karl (at) example.org", NotAName),
        ("https://example.org", NotAName),
        ("www.example", NotAName),
        ("example.org", NotAName),
        ("+32 87 123456", NotAName),
        ("Karl 087 12 34 56", NotAName),
        ("٠٨٧١٢٣٤ Karl", NotAName),
        ("…", NotAName),
    ],
)
def test_what_is_no_name_is_refused_with_the_way_out(wanda, name, error):
    before = Entry.objects.count()
    with pytest.raises(error) as refused:
        show(wanda, name)
    assert str(refused.value.way_out)
    assert Member.objects.get(pk=wanda.pk).public_name == ""
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    "name", ["J. R. R. Tolkien", "Đặng Thị Ánh", "فاطمة", "نیم\u200cفاصله", "Karl 3.", "O’Neill-Żak"]
)
def test_names_of_all_scripts_are_taken_as_they_are_written(wanda, name):
    assert show(wanda, name).public_name == name


def test_nobody_passes_for_another_member_or_for_a_deputy_and_nobody_names_another(cycle, members, wanda):
    deputy, *_others = factories.mix(cycle)
    wanda = Member.objects.get(pk=wanda.pk)
    other = members[0].respondent
    other.name = "Kläre Beispiel"
    other.save()
    for name in ("Kläre Beispiel", "beispiel, KLARE", "Kl\u200dare Beispiel", deputy.name.upper()):
        with pytest.raises(PublicNameTaken):
            show(wanda, name)
    show(members[0], "Mond")
    with pytest.raises(PublicNameTaken):
        show(wanda, "mond")


def test_two_who_bear_the_same_name_can_both_use_it(members, wanda):
    for member in (members[0], wanda):
        member.respondent.name = "Anna Schmitz"
        member.respondent.save()
        show(member, "Anna Schmitz")
    assert Member.objects.filter(public_name="Anna Schmitz").count() == 2


# -- afterwards ------------------------------------------------------------------------------------------
def test_who_left_keeps_the_name_on_her_days_until_she_takes_it_back(cycle, wanda):
    show(wanda)
    wanda.terms.update(status=TermStatus.ENDED, ends_on=NOW.date() + 3 * DAY, end_reason="resignation")
    with clock.at(NOW + 10 * DAY):
        assert "Wanda W." in public_pages(cycle, NOW.date() + DAY)[0]
        assert "Wanda" not in public_pages(cycle, NOW.date() + 5 * DAY)[0]
        withdraw(wanda)
        assert "Wanda" not in public_pages(cycle, NOW.date() + DAY)[0]


@pytest.mark.parametrize("kind", [kind for kind in DecisionKind if kind != DecisionKind.RESIGNATION])
def test_who_was_suspended_or_excluded_is_a_number_again_as_soon_as_that_is_decided(
    institution, cycle, wanda, kind
):
    show(wanda)
    first, second = factories.make_user(), factories.make_user()
    decision = SeatDecision.objects.create(
        term=wanda.terms.get(),
        kind=kind,
        starts_on=NOW.date() + 5 * DAY,
        proposed_by=first,
        proposed_at=NOW,
    )
    assert names_in_public([wanda.__class__.objects.get(pk=wanda.pk)])
    decision.decided_by, decision.decided_at = second, NOW
    decision.save()
    assert not any("Wanda" in text for text in public_pages(cycle))
    client, address = own_page(wanda)
    assert "A decision about your seat stands in the public history" in client.get(address).content.decode()


def test_a_resignation_that_was_written_down_leaves_the_name(wanda):
    show(wanda)
    SeatDecision.objects.create(
        term=wanda.terms.get(), kind=DecisionKind.RESIGNATION, starts_on=NOW.date(), decided_at=NOW,
        proposed_by=factories.make_user(), proposed_at=NOW,
    )  # fmt: skip
    assert names_in_public([Member.objects.get(pk=wanda.pk)]) == {wanda.pk: "Wanda W."}


def test_the_name_goes_with_the_person(secretariat, cycle, wanda):
    show(wanda)
    factories.end_term(wanda)
    erase_person(actor=secretariat, institution=cycle.institution, user=wanda.user)
    kept = Member.objects.get(pk=wanda.pk)
    assert (kept.public_name, kept.named_at) == ("", None)


# -- her page --------------------------------------------------------------------------------------------
def test_nothing_is_shown_without_the_tick_and_what_was_wrong_is_told_beside_the_field(wanda):
    client, address = own_page(wanda)
    for told, says in [
        ({"name": "Wanda"}, "Without your agreement nothing is shown"),
        ({"name": "w@example.org", "agreed": "on"}, "This is no name"),
        ({"name": "Wan\u202eda", "agreed": "on"}, "U+202E"),
    ]:
        answer = client.post(address, told)
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert Member.objects.get(pk=wanda.pk).public_name == ""


def test_she_takes_back_a_name_of_an_earlier_cycle_and_nobody_elses(institution, cycle, members, wanda):
    show(wanda)
    show(members[0], "Mond")
    for member in members:
        factories.end_term(member)
    later = factories.make_cycle(institution)
    again = factories.make_members(later, 1)[0]
    Member.objects.filter(pk=again.pk).update(user=wanda.user)
    client, address = own_page(wanda)
    assert "Delete my name in cycle 1" in client.get(address).content.decode()
    client.post(reverse("members:public_name_withdraw", args=[institution.slug, 1]))
    assert set(Member.objects.exclude(public_name="").values_list("public_name", flat=True)) == {"Mond"}
    missing = client.post(reverse("members:public_name_withdraw", args=[institution.slug, 9]))
    assert missing.status_code == 404


# -- one place decides -----------------------------------------------------------------------------------
MAY_READ = {
    "membership/naming.py",
    "membership/models.py",
    "membership/erasing.py",
    "meetings/place_cards.py",  # in the room, where the others know her
    "web/members/public_name.py",  # her own page
    "web/templates/members/public_name.html",
}


@pytest.mark.once
def test_no_page_and_no_file_reads_a_public_name_past_the_one_function():
    root = Path(isegoria_web.__file__).parent
    reads = re.compile(r"\w\.public_name\b|[\"']public_name[\"']|\bpublic_name=\"")
    found = {
        str(file.relative_to(root))
        for kind in ("*.py", "*.html", "*.txt", "*.typ")
        for file in root.rglob(kind)
        if "migrations" not in file.parts and reads.search(file.read_text("utf-8"))
    }
    allowed = MAY_READ | {"web/members/urls.py"}
    assert found - allowed == set(), "ask membership.naming.names_in_public instead"
