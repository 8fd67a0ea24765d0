"""Who decides what others may see, with which reasons, and who appeals."""

from __future__ import annotations

import pytest

from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation.models import Note, Statement
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.moderation import services
from isegoria_web.moderation.enums import Ground, Kind, ReviewStatus
from isegoria_web.moderation.errors import (
    AppealDecided,
    AppealedAlready,
    AppealEmpty,
    NothingToAppeal,
    ReasonMissing,
    ReviewedAlready,
    SamePerson,
)
from isegoria_web.moderation.models import Appeal, Review
from isegoria_web.web.contributions import contribution_or_404, unreviewed, written_by
from tests.web import acts, factories
from tests.web.factories import NOW


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def member(cycle):
    return factories.make_members(cycle)[0]


@pytest.fixture
def statement(cycle, member):
    return Statement.objects.create(
        cycle=cycle, number=1, text="Trams.", language="de", made_by=member, made_at=NOW
    )


def decide(actor, statement, *, publish=False, ground=Ground.INSULT, reason="It insults the mayor."):
    one = contribution_or_404(statement.cycle, Kind.STATEMENT, statement.public_id)
    return services.review(actor=actor, contribution=one, publish=publish, ground=ground, reason=reason)


def is_visible(statement):
    return Statement.objects.visible().filter(pk=statement.pk).exists()


@pytest.fixture
def removed(facilitator, statement):
    return decide(facilitator, statement)


@pytest.fixture
def appeal(member, removed):
    return services.appeal(actor=factories.actor_of(member), review=removed, text="It is true.")


# -- strict cycles -----------------------------------------------------------------------------------------
def test_in_a_strict_cycle_nothing_is_visible_before_its_review_not_even_what_was_there_before(
    secretariat, facilitator, cycle, statement
):
    assert is_visible(statement)
    services.set_strictness(actor=secretariat, cycle=cycle, strict=True)
    assert not is_visible(statement)
    decide(facilitator, statement, publish=True)
    assert is_visible(statement)
    services.set_strictness(actor=secretariat, cycle=cycle, strict=False)
    assert is_visible(statement)


def test_nobody_but_the_secretariat_makes_a_cycle_strict(institution, cycle):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: services.set_strictness(actor=actor, cycle=cycle, strict=True),
    )


def test_a_strict_cycle_is_not_made_strict_again(institution, secretariat, cycle):
    services.set_strictness(actor=secretariat, cycle=cycle, strict=True)
    with pytest.raises(ReviewedAlready):
        services.set_strictness(actor=secretariat, cycle=cycle, strict=True)
    assert acts.entry(institution, Action.STRICTNESS_SET).facts == {"cycle": 1, "reviewed_first": True}


# -- reviews -----------------------------------------------------------------------------------------------
def test_what_is_taken_out_is_visible_to_nobody_else_and_its_author_reads_why(member, statement, removed):
    assert not is_visible(statement)
    ((contribution, review),) = written_by(member.user, statement.cycle)
    assert (contribution.text, review.reason, review.ground) == (
        "Trams.", "It insults the mayor.", Ground.INSULT,
    )  # fmt: skip


def test_nobody_but_secretariat_and_facilitators_reviews(institution, cycle, statement, member):
    acts.only(
        institution,
        Role.SECRETARIAT,
        Role.FACILITATOR,
        act=lambda actor: decide(actor, statement),
        also_refused=(factories.actor_of(member),),
    )


@pytest.mark.parametrize("given", [{"ground": None}, {"reason": " "}])
def test_nothing_is_taken_out_without_ground_and_reason(facilitator, statement, given):
    with pytest.raises(ReasonMissing):
        decide(facilitator, statement, **given)
    assert is_visible(statement)


def test_the_same_is_not_decided_twice(facilitator, statement, removed):
    with pytest.raises(ReviewedAlready):
        decide(facilitator, statement)


def test_a_review_is_in_the_journal_with_its_ground_and_without_text_or_reason(institution, removed):
    entry = acts.entry(institution, Action.CONTRIBUTION_REVIEWED)
    assert entry.facts == {"cycle": 1, "kind": "statement", "status": "removed", "ground": "insult"}
    assert entry.subject == removed.public_id.hex


def test_a_note_that_is_changed_waits_for_a_review_again(secretariat, facilitator, cycle, member):
    from isegoria_web.deliberation.noting import edit_note

    note = factories.make_note(factories.make_table(cycle))
    services.set_strictness(actor=secretariat, cycle=cycle, strict=True)
    services.review(
        actor=facilitator, contribution=contribution_or_404(cycle, Kind.NOTE, note.public_id), publish=True
    )
    assert Note.objects.visible().exists()
    edit_note(actor=facilitator, note=note, text="Something else.", seen=note.text)
    assert not Note.objects.visible().exists()
    assert [one.subject for one in unreviewed(cycle)] == [note.public_id]


def test_the_review_of_one_cycle_says_nothing_about_another(cycle, elsewhere, facilitator, statement):
    from django.http import Http404

    other = factories.make_cycle(elsewhere)
    with pytest.raises(Http404):
        contribution_or_404(other, Kind.STATEMENT, statement.public_id)


# -- appeals -----------------------------------------------------------------------------------------------
def test_an_appeal_that_is_upheld_makes_it_visible_again_and_it_stays_so(
    institution, secretariat, facilitator, statement, appeal
):
    services.decide_appeal(actor=secretariat, appeal=appeal, uphold=True, answer="You are right.")
    assert is_visible(statement)
    with pytest.raises(AppealDecided):
        decide(facilitator, statement)
    assert acts.entry(institution, Action.APPEAL_DECIDED).facts["upheld"] is True


def test_an_appeal_that_is_rejected_has_an_answer(secretariat, statement, appeal):
    with pytest.raises(ReasonMissing):
        services.decide_appeal(actor=secretariat, appeal=appeal, uphold=False, answer="")
    services.decide_appeal(actor=secretariat, appeal=appeal, uphold=False, answer="It insults.")
    assert not is_visible(statement)


def test_nobody_but_the_author_appeals(institution, removed):
    acts.only(institution, act=lambda actor: services.appeal(actor=actor, review=removed, text="No."))


def test_who_took_it_out_does_not_decide_the_appeal(facilitator, appeal):
    with pytest.raises(SamePerson):
        services.decide_appeal(actor=facilitator, appeal=appeal, uphold=False, answer="No.")
    appeal.refresh_from_db()
    assert appeal.decided_at is None


def test_nobody_but_secretariat_and_facilitators_decides_an_appeal(institution, member, appeal):
    acts.only(
        institution,
        Role.SECRETARIAT,
        Role.FACILITATOR,
        act=lambda actor: services.decide_appeal(actor=actor, appeal=appeal, uphold=True, answer="Yes."),
        also_refused=(factories.actor_of(member),),
    )


def test_one_appeals_once_with_a_text_and_only_against_what_was_taken_out(
    institution, facilitator, secretariat, member, statement, appeal
):
    actor = factories.actor_of(member)
    with pytest.raises(AppealedAlready):
        services.appeal(actor=actor, review=appeal.review, text="Again.")
    services.decide_appeal(actor=secretariat, appeal=appeal, uphold=True, answer="Yes.")
    with pytest.raises(AppealDecided):
        services.decide_appeal(actor=secretariat, appeal=appeal, uphold=False, answer="No.")
    assert acts.entry(institution, Action.APPEAL_RAISED).facts["kind"] == "statement"
    Appeal.objects.all().delete()
    Review.objects.update(status=ReviewStatus.PUBLISHED)
    with pytest.raises(NothingToAppeal):
        services.appeal(actor=actor, review=Review.objects.get(), text="Why?")
    with pytest.raises(AppealEmpty):
        services.appeal(actor=actor, review=Review.objects.get(), text=" ")
    with pytest.raises(NotAllowed):
        services.appeal(actor=facilitator, review=Review.objects.get(), text="Why?")


def test_the_author_appeals_on_her_pages_and_the_public_reads_the_log_without_text(
    client, member, statement, removed
):
    client.force_login(member.user)
    page = client.get("/en/ostbelgien/my/contributions/").content.decode()
    assert "It insults the mayor." in page
    address = f"/en/ostbelgien/my/contributions/{removed.public_id}/appeal/"
    assert address in page
    client.post(address, {"text": "It is true."})
    assert Appeal.objects.get().text == "It is true."
    client.logout()
    log = client.get("/en/ostbelgien/cycles/1/moderation/").content.decode()
    assert "It insults or threatens somebody" in log
    assert "not decided" in log
    for hidden in ("Trams.", "It insults the mayor.", "It is true."):
        assert hidden not in log
    assert client.get("/api/v1/institutions/ostbelgien/cycles/1/moderation").json()[0]["ground"] == "insult"


def test_a_facilitator_takes_something_out_on_the_page_of_contributions(client, facilitator, statement):
    client.force_login(facilitator.user)
    page = client.get("/en/ostbelgien/office/cycles/1/contributions/").content.decode()
    address = f"/en/ostbelgien/office/cycles/1/contributions/statement/{statement.public_id}/"
    assert address in page
    assert client.post(address, {"decision": "remove", "ground": "", "reason": ""}).status_code == 422
    client.post(address, {"decision": "remove", "ground": "insult", "reason": "Words."})
    assert not is_visible(statement)
