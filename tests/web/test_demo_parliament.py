"""Visitors of the demonstration see how citizens decide in secret and members of parliament by name."""

from __future__ import annotations

import pytest

from isegoria import register
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.models import RollCall
from isegoria_web.demo import parliament, people, story
from isegoria_web.journal.algorithms import verify_journal
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import export_lines
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.recommendations.enums import RecommendationStatus
from tests.web import acts, factories

pytestmark = pytest.mark.django_db
CITIZENS, DEPUTIES = 36, 12


def test_citizens_vote_in_secret_and_members_of_parliament_by_name(client, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    file = tmp_path / "register.csv"
    register.write(register.synthesize(size=2500), file)
    institution = parliament.play(story.read()["features"], file, factories.NOW.date(), lambda _line: None)
    cycle = institution.cycles.get()
    assert (
        Member.objects.filter(cycle=cycle, terms__starts_on__isnull=False).distinct().count()
        == CITIZENS + 1
    )
    deputies = Appointee.objects.filter(cycle=cycle)
    assert deputies.count() == DEPUTIES
    assert not deputies.filter(user__isnull=True).exists()
    assert deputies.get(seat=1).user.email == people.email_of(people.DEPUTY)
    assert cycle.meetings.count() == 2
    assert cycle.questions.get().reply

    first, second = cycle.recommendations.order_by("number")
    assert [first.status, second.status] == [RecommendationStatus.ADOPTED, RecommendationStatus.NOT_ADOPTED]
    for draft, yes in ((first, 31), (second, 22)):
        assert draft.ballot.yes == yes
        record = RollCall.objects.get(ballot=draft.ballot).in_force
        assert record.votes.count() == DEPUTIES
        assert record.entered_by != record.confirmed_by
    against = RollCall.objects.get(ballot=second.ballot).in_force.votes.filter(choice=Choice.NO)
    assert against.count() == 7
    assert all(each.reasons for each in against)  # the citizens were for it: whoever votes it down says why
    assert len(acts.entries(institution, Action.ROLL_CALL_CONFIRMED)) == 2
    assert verify_journal(export_lines(institution.chain)).ok

    for language in ("nl", "fr", "de", "en"):
        home = f"/{language}/{institution.slug}/"
        for page in ("", "cycles/1/", "cycles/1/members/", "cycles/1/report/"):
            assert client.get(home + page).status_code == 200, page
        page = client.get(f"{home}cycles/1/recommendations/2/").content.decode()
        assert "Lotte Voorbeeld" in page
        assert "Ik wil dit wel" in page
        if language == "en":  # in the count, on its picture, and among the steps beside the citizens' count
            assert page.count("Yes 4, no 7, abstained 1") == 3
            assert page.count("Citizens: 22 of 35 voted yes") == 2
            report = client.get(f"{home}cycles/1/report/").content.decode()
            assert "Citizens: 31 of 35 voted yes" in report
            assert "Yes 9, no 1, abstained 1, of 12 who could vote" in report
    client.force_login(deputies.get(seat=1).user)
    assert "Ada Exemple" in client.get(f"/fr/{institution.slug}/my/appointed/").content.decode()
