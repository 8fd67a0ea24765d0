"""The drafting table: new wordings, merging, splitting, notes beside a text, the order of amendments, nothing lost."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.recommendations import services
from isegoria_web.recommendations.algorithms import in_order, reach
from isegoria_web.recommendations.enums import AdviceKind, Origin, Purpose, RecommendationStatus
from isegoria_web.recommendations.errors import (
    AdviceEmpty,
    AmendmentsUndecided,
    FurtherReachingFirst,
    NoLongerADraft,
    NothingToMerge,
    NothingToSplit,
    TextChanged,
)
from isegoria_web.recommendations.models import Amendment, Recommendation, Unfinished
from tests.web import acts, factories
from tests.web.factories import NOW, texts


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def statement(cycle, members):
    return factories.make_statement(cycle, factories.make_note(factories.make_table(cycle)))


@pytest.fixture
def draft(cycle, statement) -> Recommendation:
    return factories.make_draft(cycle, [statement])


def revise(actor, draft, seen=1, text="Build two trams."):
    return services.revise(
        actor=actor, recommendation=draft, seen=seen, title=texts("Trams"), text={"en": text},
        reasons=texts("Quiet."),
    )  # fmt: skip


def merge(actor, *drafts):
    return services.merge(
        actor=actor, recommendations=list(drafts), title=texts("Both"), text=texts("Build both."),
        reasons=texts("One line."),
    )  # fmt: skip


def split(actor, draft, parts=2):
    return services.split(
        actor=actor, recommendation=draft,
        parts=[{"title": texts(f"Part {n}"), "text": texts(f"Build {n}."), "reasons": texts("So.")} for n in range(parts)],
    )  # fmt: skip


def amend(member, draft, text):
    return services.propose_amendment(
        actor=factories.actor_of(member), version=draft.versions.latest("number"), text={"en": text},
        reasons="Better.", language="en",
    )  # fmt: skip


def decide(actor, amendment, *, accepted=False):
    return services.decide_amendment(
        actor=actor, amendment=amendment, accepted=accepted, hands_for=4, hands_against=2
    )


# -- new wordings --------------------------------------------------------------------------------------------
def test_another_wording_is_the_next_version_and_the_earlier_one_stays(facilitator, draft):
    version = revise(facilitator, draft)
    assert (version.number, version.origin) == (2, Origin.REVISION)
    assert [each.number for each in draft.versions.all()] == [1, 2]


def test_nobody_but_facilitators_and_secretariat_rewrites_merges_or_splits(institution, members, draft):
    roles, also = (Role.FACILITATOR, Role.SECRETARIAT), (factories.actor_of(members[0]),)
    acts.only(institution, *roles, act=lambda actor: revise(actor, draft), also_refused=also)
    for act in (lambda actor: merge(actor, draft, draft), lambda actor: split(actor, draft)):
        for role in set(Role) - set(roles):
            with pytest.raises(NotAllowed):
                act(factories.actor(institution, role))
        for actor in (None, *also):
            with pytest.raises(NotAllowed):
                act(actor)


def test_of_two_who_write_at_once_neither_loses_a_word(institution, facilitator, secretariat, draft):
    revise(facilitator, draft, text="Build two trams.")
    with pytest.raises(TextChanged):
        revise(secretariat, draft, text="Build a bus.")
    assert draft.versions.latest("number").text == {"en": "Build two trams."}
    kept = Unfinished.objects.get(author=secretariat.user)
    assert kept.fields["text"] == {"en": "Build a bus."}
    assert acts.entry(institution, Action.RECOMMENDATION_REVISED).facts == {
        "recommendation": 1,
        "version": 2,
    }
    revise(secretariat, draft, seen=2, text="Build two trams and a bus.")
    assert not Unfinished.objects.exists()


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_the_same_moment_one_wins_and_every_text_is_kept():
    institution = factories.make_institution()
    draft = factories.make_draft(factories.make_cycle(institution))
    actors = [factories.actor(institution, Role.FACILITATOR) for _each in range(6)]
    gate, outcomes = threading.Barrier(6), []

    def save(number: int) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                revise(actors[number], draft, text=f"Text {number}")
                outcomes.append("saved")
            except TextChanged:
                outcomes.append("kept")
        connections.close_all()

    threads = [threading.Thread(target=save, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept"] * 5 + ["saved"]
    written = {each.fields["text"]["en"] for each in Unfinished.objects.all()}
    assert written | {draft.versions.latest("number").text["en"]} == {
        f"Text {number}" for number in range(6)
    }


def test_what_is_put_to_the_vote_is_not_rewritten_nor_what_has_open_amendments(facilitator, members, draft):
    amend(members[0], draft, "Build a bus.")
    with pytest.raises(AmendmentsUndecided):
        revise(facilitator, draft)
    with pytest.raises(AmendmentsUndecided):
        split(facilitator, draft)
    Recommendation.objects.update(status=RecommendationStatus.BALLOT)
    with pytest.raises(NoLongerADraft):
        revise(facilitator, draft)


def test_the_page_shows_both_texts_and_keeps_what_is_typed(client, facilitator, secretariat, draft):
    client.force_login(secretariat.user)
    address = "/en/ostbelgien/office/cycles/1/recommendations/1/revise/"
    typed = {"title_en": "Trams", "text_en": "Build a bus.", "reasons_en": "So.", "seen": "1"}
    answer = client.post(f"{address}unfinished/", {**typed, "title_en": ""})
    assert answer.json()["behind"] is False
    assert Unfinished.objects.get().fields["text"] == {"en": "Build a bus."}
    assert "Build a bus." in client.get(address).content.decode()
    revise(facilitator, draft, text="Build two trams.")
    assert client.post(f"{address}unfinished/", typed).json()["behind"] is True
    page = client.post(address, typed)
    assert page.status_code == 409
    text = page.content.decode()
    assert "Build two trams." in text
    assert "Build a bus." in text
    assert '<input type="hidden" name="seen" value="2">' in text
    assert "<ins>" in text
    assert client.post(address, {**typed, "seen": "2"}).status_code == 302


def test_nobody_reads_what_another_person_has_not_finished(
    client, facilitator, secretariat, members, draft
):
    services.keep_unfinished(
        actor=facilitator, recommendation=draft, purpose=Purpose.REVISION, seen=1,
        fields={"title": {}, "text": {"en": "My secret thought"}, "reasons": {}},
    )  # fmt: skip
    client.force_login(secretariat.user)
    page = client.get("/en/ostbelgien/office/cycles/1/recommendations/1/revise/").content.decode()
    assert "My secret thought" not in page
    with pytest.raises(NotAllowed):
        services.keep_unfinished(
            actor=factories.actor_of(members[0]),
            recommendation=draft,
            purpose=Purpose.REVISION,
            seen=1,
            fields={},
        )


def test_a_member_goes_on_with_the_amendment_that_she_was_writing(client, members, draft):
    client.force_login(members[0].user)
    address = "/en/ostbelgien/my/recommendations/1/"
    client.post(
        f"{address}unfinished/", {"text": "Half a sent", "reasons": "", "language": "en", "seen": "1"}
    )
    assert "Half a sent" in client.get(address).content.decode()
    client.post(address, {"text": "Half a sentence.", "reasons": "Why.", "language": "en"})
    assert not Unfinished.objects.exists()


# -- merging and splitting -------------------------------------------------------------------------------------
def test_what_is_put_together_comes_from_all_and_from_all_their_statements(
    institution, facilitator, cycle, draft
):
    other = factories.make_draft(cycle, [factories.make_statement(cycle, draft.statements.get().note)])
    made = merge(facilitator, draft, other)
    assert set(made.parents.all()) == {draft, other}
    assert [each.number for each in made.statements.order_by("number")] == [1, 2]
    draft.refresh_from_db()
    assert draft.status == RecommendationStatus.REPLACED
    assert acts.entry(institution, Action.RECOMMENDATIONS_MERGED).facts == {
        "cycle": 1, "recommendation": 3, "from": [1, 2],
    }  # fmt: skip
    with pytest.raises(NothingToMerge):
        merge(facilitator, draft, other)
    with pytest.raises(NothingToMerge):
        merge(facilitator, made)
    with pytest.raises(NothingToMerge):
        merge(facilitator)


def test_each_part_of_a_split_comes_from_the_whole(institution, facilitator, draft):
    made = split(facilitator, draft)
    assert [set(each.parents.all()) for each in made] == [{draft}, {draft}]
    assert all(list(each.statements.all()) == list(draft.statements.all()) for each in made)
    assert acts.entry(institution, Action.RECOMMENDATION_SPLIT).facts == {
        "cycle": 1, "recommendation": 1, "into": [2, 3],
    }  # fmt: skip
    with pytest.raises(NothingToSplit):
        split(facilitator, draft)
    with pytest.raises(NothingToSplit):
        split(facilitator, made[0], parts=1)


def test_drafts_of_two_cycles_are_not_put_together(facilitator, elsewhere, draft):
    with pytest.raises(NothingToMerge):
        merge(facilitator, draft, factories.make_draft(factories.make_cycle(elsewhere)))


def test_from_a_note_to_a_measure_every_step_opens_without_signing_in(client, facilitator, cycle, draft):
    from isegoria_web.followup.enums import Position
    from isegoria_web.followup.models import Answer, Commitment

    whole = merge(facilitator, draft, factories.make_draft(cycle))
    assert "Build a" not in client.get("/en/ostbelgien/cycles/1/recommendations/1/").content.decode()
    assert [each["number"] for each in client.get(_api()).json()] == []
    revise(facilitator, whole, text="Build it soon.")
    Recommendation.objects.filter(pk=whole.pk).update(status=RecommendationStatus.ADOPTED)
    answer = Answer.objects.create(
        recommendation=whole, number=1, position=Position.ACCEPTED, reasons=texts("Yes."), responsible="Minister",
        published_at=NOW, published_by=factories.make_user(),
    )  # fmt: skip
    Commitment.objects.create(answer=answer, text=texts("A line."), due_on=NOW.date())
    note = draft.statements.get().note
    meeting = client.get("/en/ostbelgien/cycles/1/meetings/1/").content.decode()
    assert note.text in meeting
    assert "/statements/#statement-1" in meeting
    statements = client.get("/en/ostbelgien/cycles/1/statements/").content.decode()
    assert "/recommendations/1/" in statements
    first = client.get("/en/ostbelgien/cycles/1/recommendations/1/").content.decode()
    assert "Build a" in first, "its wording is public, for what came of it is"
    assert "It went into recommendation 3" in first
    last = client.get("/en/ostbelgien/cycles/1/recommendations/3/").content.decode()
    for step in (
        "It was put together from",
        "Build it soon.",
        "The authority answered",
        "A measure was promised",
        "A line.",
    ):
        assert step in last
    assert "#note-" in last
    (public,) = [each for each in client.get(_api()).json() if each["number"] == 3]
    assert public["from_recommendations"] == [1, 2]


def _api():
    return "/api/v1/institutions/ostbelgien/cycles/1/recommendations"


# -- notes beside the text ---------------------------------------------------------------------------------------
def advise(actor, draft, text="The region decides that.", by="Legal office"):
    return services.advise(
        actor=actor, recommendation=draft, kind=AdviceKind.LEGAL, text={"en": text}, given_by=by
    )


def test_a_note_stands_beside_the_text_and_changes_no_word(client, institution, authority, draft):
    before = draft.versions.get().text
    advise(authority, draft)
    assert draft.versions.get().text == before
    Recommendation.objects.update(status=RecommendationStatus.BALLOT)
    page = client.get("/en/ostbelgien/cycles/1/recommendations/1/").content.decode()
    article, aside = page.split("<aside", 1)
    assert "The region decides that." not in article
    assert "The region decides that." in aside
    assert acts.entry(institution, Action.ADVICE_GIVEN).facts == {
        "recommendation": 1, "version": 1, "kind": "legal",
    }  # fmt: skip


def test_nobody_but_authority_and_secretariat_writes_a_note(institution, members, draft):
    acts.only(
        institution,
        Role.AUTHORITY,
        Role.SECRETARIAT,
        act=lambda actor: advise(actor, draft),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_a_note_says_something_and_who_says_it(authority, draft):
    with pytest.raises(AdviceEmpty):
        advise(authority, draft, text=" ")
    with pytest.raises(AdviceEmpty):
        advise(authority, draft, by=" ")
    advise(authority, draft)
    advise(authority, draft)
    assert draft.advice.count() == 2


# -- the order of amendments ---------------------------------------------------------------------------------------
WORDS = st.lists(st.sampled_from(["build", "a", "tram", "now", "never"]), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_reach_is_a_share_that_is_nothing_for_the_same_words_and_all_for_others(one, other):
    assert 0 <= reach(one, other) <= 1
    assert reach(one, one) == 0
    assert (reach(one, other) == 0) == (one.split() == other.split())
    if one and not set(one.split()) & set(other.split()):
        assert reach(one, other) == 1


def test_marks_spaces_and_capitals_reach_nowhere():
    assert reach("Build a **tram**.", "build   a tram") == 0


def test_the_further_reaching_amendment_is_decided_first_and_no_other(facilitator, members, draft):
    small = amend(members[0], draft, "Build a tram soon.")
    large = amend(members[1], draft, "Run buses day and night instead.")
    again = amend(members[2], draft, "Build a tram later.")
    ranked = [each for each, _reach in in_order(Amendment.objects.select_related("version"))]
    assert ranked == [large, small, again], "of two that reach equally far, the earlier one"
    with pytest.raises(FurtherReachingFirst):
        decide(facilitator, small)
    decide(facilitator, large)
    with pytest.raises(FurtherReachingFirst):
        decide(facilitator, again)
    decide(facilitator, small, accepted=True)
    assert draft.versions.latest("number").origin == Origin.AMENDMENT


def test_the_office_and_the_members_see_the_order(client, facilitator, members, draft):
    amend(members[0], draft, "Build a tram soon.")
    amend(members[1], draft, "Run buses day and night instead.")
    client.force_login(facilitator.user)
    page = client.get("/en/ostbelgien/office/cycles/1/recommendations/1/").content.decode()
    assert page.index("Run buses day and night") < page.index("Build a tram soon.")
    assert page.count("Decide amendment") == 1
    client.force_login(members[0].user)
    assert "in this order" in client.get("/en/ostbelgien/my/recommendations/1/").content.decode()
