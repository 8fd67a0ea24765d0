"""How often each page of an answer asks the database: a hundred thousand people may come within an hour.

Who adds a query to one of these pages raises its number here, and measures with `benchmarks/answers.py` what it costs.
The savepoints of a test, which are a transaction on a live site, are among them.
"""

import pytest

from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.recruitment import codes
from isegoria_web.recruitment.enums import InvitationStatus
from tests.web import factories

pytestmark = pytest.mark.django_db
OPENED, TYPED, FORM, SENT, DONE = 2, 7, 8, 24, 4
TOLD = {
    "name": "Anna Peeters", "email": "anna@example.org", "language": "en", "feature_sex": "F",
    "feature_age": "35-64", "consent": "on",
}  # fmt: skip


@pytest.fixture
def code(institution) -> codes.Code:
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    [letter] = factories.make_letters(cycle)
    made = codes.new_code()
    letter.selector, letter.secret_hash = made.selector, codes.hash_secret(made.secret)
    letter.status = InvitationStatus.SENT
    letter.save()
    return made


def test_no_page_of_an_answer_asks_more_often_than_it_must(
    client, institution, code, django_assert_max_num_queries
):
    page = f"/en/{institution.slug}/answer/"
    with django_assert_max_num_queries(OPENED):
        assert client.get(page).status_code == 200
    with django_assert_max_num_queries(TYPED):
        assert client.post(page, {"code": str(code)}).status_code == 302
    with django_assert_max_num_queries(FORM):
        assert client.get(f"{page}form/").status_code == 200
    with django_assert_max_num_queries(SENT):
        assert client.post(f"{page}form/", TOLD).status_code == 302
    with django_assert_max_num_queries(DONE):
        assert "among those who can be drawn" in client.get(f"{page}done/").text


def test_the_chain_of_the_journal_is_locked_last(client, institution, code, django_assert_max_num_queries):
    """While an answer holds it, all others wait: behind its entry nothing is done but to end."""
    page = f"/en/{institution.slug}/answer/"
    client.post(page, {"code": str(code)})
    with django_assert_max_num_queries(SENT) as asked:
        client.post(f"{page}form/", TOLD)
    sent = [each["sql"] for each in asked.captured_queries]
    locked = next(
        place for place, sql in enumerate(sent) if 'FROM "journal_chain"' in sql and "JOIN" not in sql
    )
    behind = sent[locked + 1 :]
    assert 'INTO "journal_entry"' in behind[0]
    assert 'UPDATE "journal_chain"' in behind[1]
    assert behind[2].startswith(("RELEASE SAVEPOINT", "COMMIT")), behind
    assert Entry.objects.filter(action=Action.ANSWER_GIVEN).count() == 1
