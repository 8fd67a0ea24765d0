"""The opinion map of a cycle: when it is made, what of it is public, and that anybody makes it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from typer.testing import CliRunner

from isegoria.cli.main import app
from isegoria.errors import BadInput
from isegoria.opinions import adjusted_rand, opinion_map, polis, read_conversation
from isegoria.seeding import generator, seed_from_text
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import jobs, services
from isegoria_web.deliberation.enums import MapOrigin, MapStatus, Stance
from isegoria_web.deliberation.errors import TextEmpty, TitleMissing, TranslationNotNeeded
from isegoria_web.deliberation.models import OpinionMap, Reaction, Statement, Translation
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.moderation import services as moderation
from isegoria_web.moderation.enums import Ground, Kind
from isegoria_web.web.contributions import contribution_or_404
from tests.web import acts, factories
from tests.web.factories import NOW, texts

DATA = Path(__file__).parents[4] / "shared" / "data" / "opinions"
PUBLISHED = ("austria-climate.5twd2jsnkf.2022-08-08", "scoop-hivemind.biodiversity", "vtaiwan.uberx")
SEED = "opinion map ostbelgien 1"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def panel(institution, size, statements=20):
    """A cycle whose members fall into two camps that disagree on three quarters of the statements."""
    cycle = factories.make_cycle(institution, panel_size=size)
    members = factories.make_members(cycle, extra=0)
    rows = [
        Statement(
            cycle=cycle,
            number=number,
            text=f"Thought {number}",
            language="de",
            made_by=members[0],
            made_at=NOW,
        )
        for number in range(1, statements + 1)
    ]
    Statement.objects.bulk_create(rows)
    random = generator(bytes(32), "test")
    reactions = []
    for index, member in enumerate(members):
        for row in Statement.objects.filter(cycle=cycle):
            agrees = index < size * 0.6 or row.number % 4 == 0
            if random.random() < 0.08:
                agrees = not agrees
            stance = Stance.AGREE if agrees else Stance.DISAGREE
            reactions.append(Reaction(statement=row, member=member, stance=stance))
    Reaction.objects.bulk_create(reactions)
    return cycle


@pytest.fixture
def large(institution):
    return panel(institution, 40)


def close(facilitator, cycle):
    services.close_statements(actor=facilitator, cycle=cycle)
    jobs.make_waiting_maps()
    return cycle.opinion_maps.done().last()


# -- the members' map ---------------------------------------------------------------------------------------
def test_there_is_no_map_before_the_statements_are_closed(client, facilitator, large):
    jobs.make_waiting_maps()
    assert not OpinionMap.objects.exists()
    assert (
        "The map is made when the statements are closed"
        in client.get("/en/ostbelgien/cycles/1/opinions/").content.decode()
    )
    assert client.get("/en/ostbelgien/cycles/1/opinions/1/").status_code == 404


def test_closing_the_statements_has_the_map_made_in_the_background_and_journalled(
    institution, facilitator, large
):
    services.close_statements(actor=facilitator, cycle=large)
    assert large.opinion_maps.get().status == MapStatus.WAITING
    assert jobs.make_waiting_maps() == 1
    made = large.opinion_maps.get()
    assert (made.status, made.seed, made.document["groups"]) == (MapStatus.DONE, SEED, [24, 16])
    entry = acts.entry(institution, Action.MAP_MADE)
    assert entry.facts["votes_sha256"] == made.document["votes_sha256"]
    assert entry.facts["seed"] == SEED


def test_nobody_but_the_software_makes_a_map(institution, facilitator, secretariat, large):
    services.close_statements(actor=facilitator, cycle=large)
    for actor in (None, facilitator, secretariat, factories.nobody_special()):
        with pytest.raises(NotAllowed):
            services.make_map(actor=actor, opinion_map=large.opinion_maps.get())


def test_a_map_that_is_done_is_not_made_again(institution, facilitator, large):
    made = close(facilitator, large)
    again = services.make_map(actor=Actor.system(), opinion_map=made)
    assert again.made_at == made.made_at
    acts.entry(institution, Action.MAP_MADE)


def test_anybody_makes_the_same_map_from_the_published_files_and_the_seed(
    client, facilitator, large, tmp_path
):
    made = close(facilitator, large)
    for which, name in (("votes", "participants-votes.csv"), ("statements", "comments.csv")):
        answer = client.get(f"/en/ostbelgien/cycles/1/opinions/{made.number}/{which}.csv")
        (tmp_path / name).write_bytes(b"".join(answer.streaming_content))
    run = CliRunner().invoke(
        app, ["opinions", "map", str(tmp_path), "--seed", SEED, "--out", str(tmp_path / "out")]
    )
    assert run.exit_code == 0, run.output
    again = json.loads((tmp_path / "out" / "map.json").read_text())
    published = client.get(f"/en/ostbelgien/cycles/1/opinions/{made.number}/map.json").json()
    assert {key: published[key] for key in again} == again


def test_no_published_row_leads_back_to_a_member(client, facilitator, large):
    made = close(facilitator, large)
    rows = made.votes.open().read().decode().splitlines()[1:]
    names = [row.split(",")[0] for row in rows]
    assert len(rows) == 40
    assert names == sorted(names, key=_natural)
    assert all(len(name) == 16 for name in names)
    first = [row.split(",", 5)[5] for row in rows]
    numbers = {statement.number: statement.pk for statement in large.statements.all()}
    by_member = [
        ",".join(
            {"agree": "1", "disagree": "-1"}[
                Reaction.objects.get(member=member, statement=numbers[n]).stance
            ]
            for n in sorted(numbers)
        )
        for member in large.members.order_by("number")
    ]
    assert sorted(first) == sorted(by_member)
    assert first != by_member, "the order is that of names drawn anew"


def _natural(name):
    import re

    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", name)]


def test_among_few_no_rows_and_no_groups_are_published(client, institution, facilitator):
    cycle = panel(institution, 12)
    made = close(facilitator, cycle)
    assert made.document["groups_hidden"][0] == "few_persons"
    assert not made.votes
    assert client.get("/en/ostbelgien/cycles/1/opinions/1/votes.csv").status_code == 404
    page = client.get("/en/ostbelgien/cycles/1/opinions/1/").content.decode()
    assert "Groups are not shown: there are too few people" in page
    assert "somebody could be recognised" in page


def test_picture_sentences_and_table_say_the_same_to_members_and_public(client, facilitator, large):
    made = close(facilitator, large)
    page = client.get(f"/en/ostbelgien/cycles/1/opinions/{made.number}/").content.decode()
    assert "Group A: 24 people" in page
    assert page.count('class="dot drawn"') >= 24
    for number in range(1, 21):
        assert page.count(f"Thought {number}</th>") == 1
        assert f"“Thought {number}”" in page
    client.force_login(large.members.first().user)
    mine = client.get("/en/ostbelgien/my/opinions/").content.decode()
    assert "Group A: 24 people" in mine


def test_what_moderation_takes_out_leaves_the_map_and_its_files(facilitator, large):
    made = close(facilitator, large)
    file = made.votes.path
    one = large.statements.get(number=3)
    moderation.review(
        actor=facilitator, contribution=contribution_or_404(large, Kind.STATEMENT, one.public_id),
        publish=False, ground=Ground.INSULT, reason="Words.",
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.status, made.document, made.votes.name) == (MapStatus.REPLACED, None, "")
    assert Path(file).exists()  # until the transaction is through
    jobs.make_waiting_maps()
    again = large.opinion_maps.done().get()
    assert [each["statement"] for each in again.document["statements"]] == [
        str(number) for number in range(1, 21) if number != 3
    ]
    assert "Thought 3," not in again.statements.open().read().decode()


# -- conversations held elsewhere ------------------------------------------------------------------------------
def published(name):
    if not (DATA / name).exists():
        pytest.skip("the public data in ../shared/data are missing")
    return DATA / name


@pytest.mark.data
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_conversation_gives_the_same_groups_statements_and_consensus_as_the_library(
    client, secretariat, institution, name
):
    """And what the site publishes of it, read in again, gives the very same map."""
    cycle = factories.make_cycle(institution)
    folder = published(name)
    row = services.import_conversation(
        actor=secretariat, cycle=cycle, title=texts(name), source="CC BY 4.0", folder=folder
    )
    jobs.make_waiting_maps()
    row.refresh_from_db()
    talk = read_conversation(folder)
    votes = talk.votes.without_statements(talk.left_out)
    found = opinion_map(votes, seed_from_text(row.seed))
    assert row.document["groups"] == list(found.group_sizes) != []
    both = [person for person in found.persons if person in talk.groups]
    assert adjusted_rand([talk.groups[one] for one in both], [found.groups[one] for one in both]) >= 0.9
    figures = polis.figures(votes, found.groups)
    assert row.document["polis"]["representative"] == [
        [{"statement": one.statement, "agrees": one.agrees} for one in chosen]
        for chosen in polis.representative(votes, figures)
    ]
    agreed, rejected = polis.consensus(votes)
    assert row.document["polis"]["consensus_agree"] == [one.statement for one in agreed]
    assert row.document["polis"]["consensus_disagree"] == [one.statement for one in rejected]
    again = factories.make_cycle(factories.make_institution("again"))
    OpinionMap.objects.create(
        cycle=again, number=1, origin=MapOrigin.IMPORTED, seed=row.seed, asked_at=NOW, votes=row.votes.name,
        statements=row.statements.name,
    )  # fmt: skip
    jobs.make_waiting_maps()
    assert again.opinion_maps.get().document == row.document


def test_a_conversation_is_read_in_on_its_page_and_faults_are_named(client, institution, secretariat):
    factories.make_cycle(institution)
    client.force_login(secretariat.user)
    address = "/en/ostbelgien/office/cycles/1/statements/conversation/"

    def send(votes):
        return client.post(
            address,
            {
                "title_en": "Trams?", "source": "CC BY", "votes": SimpleUploadedFile("v.csv", votes.encode()),
                "statements": SimpleUploadedFile("c.csv", b"comment-id,comment-body,moderated\n1,Trams.,1\n2,Buses.,1\n"),
            },
        )  # fmt: skip

    faulty = send("participant,1,2\na,1,5\n")
    assert faulty.status_code == 422
    assert "This is not a vote." in faulty.content.decode()
    assert not OpinionMap.objects.exists()
    good = send("participant,1,2\n" + "".join(f"p{each},1,-1\n" for each in range(9)))
    assert good.status_code == 302, good.content.decode()
    jobs.make_waiting_maps()
    page = client.get("/en/ostbelgien/cycles/1/opinions/1/").content.decode()
    assert "“Trams.”: 100 %" in page
    single = send("timestamp,comment-id,voter-id,vote\n1,1,a,1\n2,1,b,-1\n")
    assert single.status_code == 302


def test_nobody_but_the_secretariat_reads_a_conversation_in(institution, tmp_path):
    cycle = factories.make_cycle(institution)
    (tmp_path / "votes.csv").write_text("timestamp,comment-id,voter-id,vote\n1,1,a,1\n")
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: services.import_conversation(
            actor=actor, cycle=cycle, title=texts("Trams?"), source="x", folder=tmp_path
        ),
    )


def test_a_conversation_has_a_title_and_files_without_fault(institution, secretariat, tmp_path):
    cycle = factories.make_cycle(institution)
    (tmp_path / "votes.csv").write_text("timestamp,comment-id,voter-id,vote\n1,1,a,7\n")
    with pytest.raises(TitleMissing):
        services.import_conversation(actor=secretariat, cycle=cycle, title={}, source="x", folder=tmp_path)
    with pytest.raises(BadInput):
        services.import_conversation(
            actor=secretariat, cycle=cycle, title=texts("T"), source="x", folder=tmp_path
        )
    assert not OpinionMap.objects.exists()
    (tmp_path / "votes.csv").write_text("timestamp,comment-id,voter-id,vote\n1,1,a,1\n")
    services.import_conversation(
        actor=secretariat, cycle=cycle, title=texts("T"), source="x", folder=tmp_path
    )
    assert acts.entry(institution, Action.CONVERSATION_IMPORTED).facts == {"cycle": 1, "map": 1}


# -- translations ------------------------------------------------------------------------------------------------
@pytest.fixture
def statement(institution):
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    return factories.make_statement(cycle, factories.make_note(factories.make_table(cycle)))


def translate(actor, statement, language="en", text="We would like trams."):
    return services.translate_statement(actor=actor, statement=statement, language=language, text=text)


def test_a_translation_is_shown_to_who_reads_its_language_with_the_original_one_click_away(
    client, facilitator, statement
):
    translate(facilitator, statement)
    english = client.get("/en/ostbelgien/cycles/1/statements/").content.decode()
    assert "We would like trams." in english
    assert "Translated by a person; the original in Deutsch" in english
    assert '<p class="statement" lang="de">We want trams.</p>' in english
    german = client.get("/de/ostbelgien/cycles/1/statements/").content.decode()
    assert "We would like trams." not in german
    (data,) = client.get("/api/v1/institutions/ostbelgien/cycles/1/statements").json()
    assert data["translations"] == {"en": "We would like trams."}


def test_nobody_but_facilitators_and_secretariat_translates(institution, statement):
    acts.only(
        institution,
        Role.FACILITATOR,
        Role.SECRETARIAT,
        act=lambda actor: translate(actor, statement),
        also_refused=(factories.actor_of(statement.cycle.members.first()),),
    )


def test_a_translation_entered_again_takes_the_place_of_the_earlier_one(
    institution, facilitator, statement
):
    translate(facilitator, statement)
    translate(facilitator, statement, text="Trams, please.")
    assert [each.text for each in Translation.objects.all()] == ["Trams, please."]
    assert acts.entries(institution, Action.STATEMENT_TRANSLATED)[0].facts == {
        "cycle": 1, "statement": 1, "language": "en",
    }  # fmt: skip


def test_a_translation_has_a_text_and_another_language(facilitator, statement):
    with pytest.raises(TextEmpty):
        translate(facilitator, statement, text=" ")
    with pytest.raises(TranslationNotNeeded):
        translate(facilitator, statement, language="de")
