"""Letters: drawn from the register, printed with codes that nobody keeps, answered until the pool closes."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from pypdf import PdfReader

from isegoria import register
from isegoria.errors import BadInput, Infeasible
from isegoria.proof.verify import verify
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed, ServiceError
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.errors import MandateNotSigned
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.lottery.enums import DrawKind, DrawStatus, Origin
from isegoria_web.lottery.errors import AlreadyDrawn, SourceInThePast, TooEarly
from isegoria_web.lottery.models import Draw, Feature, Value
from isegoria_web.lottery.services import propose_quotas
from isegoria_web.recruitment import answering, batches, codes, services
from isegoria_web.recruitment.enums import Channel, InvitationStatus, Refusal
from isegoria_web.recruitment.errors import (
    AgeAgainstRule,
    AlreadyAnswered,
    AnsweredMeanwhile,
    AnswersDiffer,
    AnswersWrong,
    CampaignClosed,
    CodeWrong,
    ConsentMissing,
    DrawnAmongMembers,
    LetterRevoked,
    LettersDrawnAlready,
    TooManyTries,
)
from isegoria_web.recruitment.jobs import print_letters_of
from isegoria_web.recruitment.models import (
    Campaign,
    Invitation,
    Printing,
    Respondent,
    SecondAnswer,
    WrongCode,
)
from isegoria_web.register.errors import ExtractErased
from isegoria_web.register.models import Extract, Resident
from isegoria_web.register.services import erase_extract, load_extract
from tests.web import acts, factories
from tests.web.factories import NOW, texts

DUE = NOW + dt.timedelta(hours=2)
AFTER = DUE + dt.timedelta(minutes=1)
REPLY_BY = dt.date(2027, 4, 5)
CODE = codes.Code("ABCDEF", "GHJKMNPQR")
WRONG = str(codes.Code("ABCDEF", "000000000"))
HOME = "192.0.2.7"
PRINTED_CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
ANSWERS = {"sex": "F", "age": "35-64"}


@pytest.fixture
def cycle(institution) -> Cycle:
    """A cycle whose mandate is signed, with two features about which everybody answers by her own word."""
    cycle = factories.make_cycle(institution, Stage.MANDATE)
    Cycle.objects.filter(pk=cycle.pk).update(mandate_signed_at=NOW)
    cycle.refresh_from_db()
    factories.make_features(cycle)
    return cycle


@pytest.fixture
def extract(institution, secretariat, tmp_path, settings) -> Extract:
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(register.synthesize("test", 200), path)
    return load_extract(
        actor=secretariat, institution=institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip


@pytest.fixture
def announced(secretariat, cycle, extract) -> Campaign:
    return announce(secretariat, cycle, extract)


@pytest.fixture
def drawn(secretariat, announced) -> Campaign:
    """Nine letters, drawn and not printed yet."""
    with clock.at(AFTER):
        return draw(secretariat, announced)


@pytest.fixture
def letter(cycle) -> Invitation:
    """One letter in the post, with the code `CODE`."""
    (made,) = factories.make_letters(cycle)
    made.selector, made.secret_hash = CODE.selector, codes.hash_secret(CODE.secret)
    made.save()
    return made


@pytest.fixture
def citizen(letter) -> Actor:
    return Actor.citizen(letter.selector)


@pytest.fixture
def told_by_register(cycle, letter):
    """Sex, age and municipality are those of the register; she is 65 on the last day of answering."""
    Value.objects.filter(feature__cycle=cycle, key="F").update(matches=["F"])
    Value.objects.filter(feature__cycle=cycle, key="M").update(matches=["M", "X"])
    for key, ages in (("16-34", [16, 34]), ("35-64", [35, 64]), ("65+", [65, 130])):
        Value.objects.filter(feature__cycle=cycle, key=key).update(matches=ages)
    Feature.objects.filter(cycle=cycle, key="sex").update(origin=Origin.SEX)
    Feature.objects.filter(cycle=cycle, key="age").update(origin=Origin.AGE)
    home = Feature.objects.create(
        cycle=cycle, key="home", name=texts("home"), position=3, origin=Origin.MUNICIPALITY
    )
    for position, (key, places) in enumerate({"north": ["63023"], "south": ["63067"]}.items(), start=1):
        Value.objects.create(feature=home, key=key, name=texts(key), position=position, matches=places)
    Resident.objects.filter(pk=letter.resident_id).update(birth_date=letter.campaign.reply_by.replace(1962))


@pytest.fixture
def answered(cycle, secretariat) -> Campaign:
    """Eighteen people have said yes, and the quotas are set."""
    propose_quotas(actor=secretariat, cycle=cycle)
    factories.make_respondents(cycle, 18)
    return Campaign.objects.get(cycle=cycle)


def announce(actor, cycle, extract, letters=9, due=DUE):
    return services.announce_letters(
        actor=actor, cycle=cycle, extract=extract, letters=letters, age_min=16, reply_by=REPLY_BY,
        source=texts("Dice"), source_due_at=due,
    )  # fmt: skip


def draw(actor, campaign, value="3-1-4"):
    if clock.now() >= campaign.draw.source_due_at:
        factories.throw(campaign.draw, value)
    return services.draw_letters(actor=actor, campaign=campaign)


def printed(actor, campaign) -> list[str]:
    """The codes on the printed letters, page by page."""
    printing = batches.print_letters(actor=actor, campaign=campaign)
    documents = [batch.pdf.read() for batch in printing.batches.all()]
    pages = [page.extract_text() for each in documents for page in PdfReader(io.BytesIO(each)).pages]
    found = [PRINTED_CODE.findall(page) for page in pages]
    assert all(len(each) == 1 for each in found)
    return [code for (code,) in found]


def kept_letters(settings) -> list[str]:
    return [path.name for path in settings.MEDIA_ROOT.glob("letters/*/*.*")]


def redeem(text=str(CODE), source=HOME):
    return answering.redeem(code_text=text, source=source)


def wrong_tries(count, source=HOME):
    for _each in range(count):
        with pytest.raises(CodeWrong):
            redeem(WRONG, source)


def yes(actor, letter, **changed):
    given = {
        "name": "Anna Schmitz",
        "email": "anna@example.org",
        "phone": "",
        "language": "de",
        "answers": ANSWERS,
        "needs": [],
        "consent": True,
    }
    given["seen"] = factories.seen(letter)
    return answering.accept(actor=actor, invitation=letter, **{**given, **changed})


def no(actor, letter, refusal=Refusal.NO_TIME):
    return answering.decline(actor=actor, invitation=letter, seen=factories.seen(letter), refusal=refusal)


def write_down(actor, letter, *, says_yes=True, channel=Channel.PHONE, **changed):
    given = {"name": "Anna Schmitz", "answers": ANSWERS, "consent": True} if says_yes else {}
    return answering.record_answer(
        actor=actor, invitation=letter, channel=channel, says_yes=says_yes, **{**given, **changed}
    )


def bring_back(actor, letter):
    return answering.mark_returned(actor=actor, invitation=letter)


def close(actor, campaign, due=DUE):
    return services.close_pool(actor=actor, campaign=campaign, source=texts("Dice"), source_due_at=due)


def shut(letter):
    Campaign.objects.filter(pk=letter.campaign_id).update(closed_at=NOW)


# -- announcing the draw of the letters ------------------------------------------------------------------
def test_the_draw_of_the_letters_is_announced_and_committed_at_once(secretariat, cycle, extract):
    campaign = announce(secretariat, cycle, extract)
    assert (campaign.letters, campaign.age_min, campaign.reply_by) == (9, 16, REPLY_BY)
    assert (campaign.draw.kind, campaign.draw.status) == (DrawKind.LETTERS, DrawStatus.COMMITTED)
    committed = campaign.draw.record.commitment
    assert sum(stratum["letters"] for stratum in committed["register"]["strata"]) == 9
    assert not campaign.invitations.exists()


def test_nobody_but_the_secretariat_announces_the_letters(institution, cycle, extract):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: announce(actor, cycle, extract),
        also_refused=(Actor.system(), Actor.citizen("ABCDEF")),
    )
    assert not Campaign.objects.filter(cycle=cycle).exists()


def test_the_letters_come_from_an_extract_of_the_same_institution(elsewhere, secretariat, extract):
    abroad = factories.make_cycle(elsewhere, Stage.INVITING)
    with pytest.raises(NotAllowed):
        announce(factories.actor(elsewhere, Role.SECRETARIAT), abroad, extract)


def test_the_letters_are_announced_once(institution, secretariat, cycle, extract, announced):
    with pytest.raises(LettersDrawnAlready):
        announce(secretariat, cycle, extract)
    assert len(acts.entries(institution, Action.LETTERS_ANNOUNCED)) == 1
    assert cycle.draws.count() == 1


def test_another_youngest_age_than_the_rule_book_sets_is_refused_with_the_rule(secretariat, cycle, extract):
    with pytest.raises(AgeAgainstRule, match="16") as refused:
        services.announce_letters(
            actor=secretariat, cycle=cycle, extract=extract, letters=9, age_min=18, reply_by=REPLY_BY,
            source=texts("Dice"), source_due_at=DUE,
        )  # fmt: skip
    assert "draw.age_min, ostbelgien 1" in str(refused.value)
    assert not Campaign.objects.exists()


def test_for_a_body_that_is_drawn_among_members_no_letter_is_drawn_from_the_whole_register(
    institution, secretariat, cycle, extract
):
    cycle.body = institution.bodies.get(key="council")
    cycle.save()
    with pytest.raises(DrawnAmongMembers, match="drawn_from, ostbelgien 1"):
        announce(secretariat, cycle, extract)
    assert not Campaign.objects.exists()


def test_the_announcement_is_in_the_journal(institution, announced):
    entry = acts.entry(institution, Action.LETTERS_ANNOUNCED)
    assert entry.subject == announced.draw.public_id.hex
    assert entry.facts == {
        "letters": 9,
        "commitment": announced.draw.record.commitment_sha256,
        "source_due_at": DUE.isoformat(),
        "reply_by": "2027-04-05",
        "one_per": "person",
        "stratified_by": "municipality_name",
        "allocation": "proportional",
        "sources": ["public:letters:2027-03-01T11:00Z"],
        "publish_by": "2027-03-02T11:00Z",
        "challenge_days": 7,
        "challenge_rule": "default",
        "publish_rule": "silent: ostbelgien 1",
        "age_min": 16,
        "rules": {
            "reply_by": "silent: draw.reply_days, ostbelgien 1",
            "age_min": "draw.age_min, ostbelgien 1",
            "letters": "draw.letters, ostbelgien 1",
        },
    }


def test_nobody_is_invited_before_an_answer_is_promised(institution, secretariat, extract):
    unsigned = factories.make_cycle(institution, Stage.MANDATE)
    with pytest.raises(MandateNotSigned):
        announce(secretariat, unsigned, extract)


def test_all_that_is_missing_is_said_at_once_with_the_pages_that_repair_it(
    institution, secretariat, cycle, extract, client
):
    unsigned = factories.make_cycle(institution, Stage.MANDATE)
    extract = erase_extract(actor=secretariat, extract=extract)
    with acts.lacking("mandate.signed", "extract.held", "randomness.ahead"):
        announce(secretariat, unsigned, extract, due=NOW)
    assert not Campaign.objects.exists()
    client.force_login(secretariat.user)
    page = client.get(reverse("office:letters", args=[institution.slug, unsigned.number])).content.decode()
    assert "2 things are missing" in page
    for name, of in (("mandate", [institution.slug, unsigned.number]), ("register", [institution.slug])):
        assert f'href="{reverse(f"office:{name}", args=of)}">Go there' in page


@pytest.mark.parametrize("late", [dt.timedelta(0), dt.timedelta(seconds=1)])
def test_the_randomness_of_the_letters_lies_ahead(secretariat, cycle, extract, late):
    with pytest.raises(SourceInThePast):
        announce(secretariat, cycle, extract, due=NOW - late)
    assert not Campaign.objects.exists()


def test_there_is_nothing_to_draw_from_an_erased_extract(secretariat, cycle, extract):
    extract = erase_extract(actor=secretariat, extract=extract)
    with pytest.raises(ExtractErased):
        announce(secretariat, cycle, extract)


def test_there_are_not_more_letters_than_people(institution, secretariat, cycle, extract):
    before = Entry.objects.count()
    with pytest.raises(BadInput) as refused:
        announce(secretariat, cycle, extract, letters=201)
    assert refused.value.code == "letters_over_eligible"
    assert not Campaign.objects.exists()
    assert not Draw.objects.exists()
    assert Entry.objects.count() == before


# -- drawing the letters ---------------------------------------------------------------------------------
def test_who_gets_a_letter_follows_from_the_randomness(secretariat, cycle, announced):
    with clock.at(AFTER):
        campaign = draw(secretariat, announced, " 3-1-4 ")
    letters = list(campaign.invitations.all())
    assert [each.position for each in letters] == list(range(1, 10))
    assert {each.status for each in letters} == {InvitationStatus.CREATED}
    assert len({each.resident_id for each in letters}) == len({each.selector for each in letters}) == 9
    assert all(REPLY_BY.year - each.resident.birth_date.year >= 16 for each in letters)
    assert campaign.draw.source_value == "3-1-4"
    assert verify(campaign.draw.record.document, published=campaign.draw.record.commitment_sha256).ok
    cycle.refresh_from_db()
    assert cycle.stage == Stage.INVITING


def test_the_secret_of_the_pseudonyms_goes_with_the_extract_and_the_record_still_verifies(
    secretariat, drawn
):
    record = drawn.draw.record
    assert len(drawn.secret) == 64
    assert drawn.secret not in json.dumps([record.commitment, record.document])
    assert record.document["register"]["root"] is not None
    erase_extract(actor=secretariat, extract=drawn.extract)
    drawn.refresh_from_db()
    assert drawn.secret == ""
    assert verify(record.document, published=record.commitment_sha256).ok


def test_the_public_record_of_the_letters_names_nobody(drawn):
    public = json.dumps(drawn.draw.record.document, ensure_ascii=False)
    people = [each.resident for each in drawn.invitations.select_related("resident")]
    assert [each.pseudonym for each in people if each.pseudonym in public] == []
    assert [each.family_name for each in people if f'"{each.family_name}"' in public] == []
    assert re.findall(r"OB-?\d+", public) == []


def test_nobody_but_the_secretariat_draws_the_letters(institution, announced):
    with clock.at(AFTER):
        factories.throw(announced.draw, "3-1-4")
        acts.only(institution, Role.SECRETARIAT, act=lambda actor: draw(actor, announced))
    assert not announced.invitations.exists()


def test_the_letters_are_not_drawn_before_the_randomness_exists(secretariat, announced):
    with clock.at(DUE - dt.timedelta(seconds=1)), pytest.raises(TooEarly):
        draw(secretariat, announced)
    assert not announced.invitations.exists()


def test_the_letters_are_drawn_once(institution, secretariat, drawn):
    before = list(drawn.invitations.values_list("resident", "selector"))
    with clock.at(AFTER), pytest.raises(AlreadyDrawn):
        draw(secretariat, drawn, "6-6-6")
    assert list(drawn.invitations.values_list("resident", "selector")) == before
    assert len(acts.entries(institution, Action.LETTERS_DRAWN)) == 1


def test_the_letters_are_not_drawn_from_an_erased_extract(secretariat, announced):
    erase_extract(actor=secretariat, extract=announced.extract)
    announced.extract.refresh_from_db()
    with clock.at(AFTER), pytest.raises(ExtractErased):
        draw(secretariat, announced)


def test_the_letters_are_not_drawn_from_a_file_that_changed_after_the_commitment(secretariat, announced):
    path = Path(announced.extract.file.path)
    head, _gone, *others = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([head, *others]) + "\n", "utf-8")
    with clock.at(AFTER), contextlib.suppress(Exception):  # by which error it is refused is free
        draw(secretariat, announced)
    assert not announced.invitations.exists()


def test_the_drawn_letters_are_in_the_journal_by_number_alone(institution, drawn):
    entry = acts.entry(institution, Action.LETTERS_DRAWN)
    assert entry.facts == {
        "letters": 9,
        "record": drawn.draw.record.sha256,
        "source_value": "3-1-4",
        "challenge_ends_at": "2027-03-08T11:01Z",
        "challenge_rule": "default",
    }
    written = json.dumps(entry.facts)
    assert [name for (name,) in Resident.objects.values_list("family_name") if name in written] == []


# -- printing the letters --------------------------------------------------------------------------------
def test_each_printed_code_opens_its_letter(secretariat, drawn):
    found = printed(secretariat, drawn)
    assert len(set(found)) == 9
    assert sorted(redeem(code).position for code in found) == list(range(1, 10))
    assert set(drawn.invitations.values_list("status", flat=True)) == {InvitationStatus.SENT}


def test_of_a_printed_code_the_database_keeps_the_selector_and_a_keyed_hash(secretariat, drawn):
    found = [codes.parse(code) for code in printed(secretariat, drawn)]
    for code in found:
        letter = drawn.invitations.get(selector=code.selector)
        assert code.secret not in letter.secret_hash
        assert codes.secret_fits(code.secret, letter.secret_hash)


def test_nobody_but_the_secretariat_prints_letters(institution, drawn):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: batches.print_letters(actor=actor, campaign=drawn),
        also_refused=(Actor.system(),),
    )
    assert not drawn.invitations.exclude(secret_hash="").exists()


def test_a_second_printing_takes_the_codes_of_the_first_away(secretariat, drawn):
    first, second = printed(secretariat, drawn), printed(secretariat, drawn)
    assert set(first).isdisjoint(second)
    with pytest.raises(CodeWrong):
        redeem(first[0])
    assert redeem(second[0])


def test_the_letters_of_the_first_printing_do_not_stay_in_the_files(
    secretariat, drawn, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        printed(secretariat, drawn)
        printed(secretariat, drawn)
    last = Printing.objects.latest("pk")
    assert {each.rpartition("/")[2] for each in kept_letters(settings)} == {
        file.name.rpartition("/")[2]
        for batch in last.batches.all()
        for file in (batch.pdf, batch.addresses)
    }


def test_the_printed_letters_are_erased_with_the_people_who_got_them(
    secretariat, drawn, settings, django_capture_on_commit_callbacks
):
    printed(secretariat, drawn)
    assert len(kept_letters(settings)) >= 2
    with django_capture_on_commit_callbacks(execute=True):
        erase_extract(actor=secretariat, extract=drawn.extract)
    assert kept_letters(settings) == []


def test_what_was_answered_or_came_back_is_not_printed_again(secretariat, drawn):
    first = printed(secretariat, drawn)
    gone = [redeem(code).position for code in first[:2]]
    no(Actor.citizen(redeem(first[0]).selector), redeem(first[0]))
    bring_back(secretariat, redeem(first[1]))
    second = printed(secretariat, drawn)
    assert sorted([*gone, *(redeem(code).position for code in second)]) == list(range(1, 10))
    assert redeem(first[0]).status == InvitationStatus.NO


def test_a_printing_is_in_the_journal_without_a_code(institution, secretariat, drawn):
    found = printed(secretariat, drawn)
    entry = acts.entry(institution, Action.LETTERS_PRINTED)
    assert (entry.facts["letters"], entry.facts["wave"]) == (9, 1)
    assert {len(each) for each in entry.facts["sha256"]} == {64}
    written = json.dumps(entry.facts)
    assert [code for code in found if codes.parse(code).selector in written] == []


def test_nothing_is_printed_once_the_pool_is_closed(secretariat, drawn):
    Campaign.objects.filter(pk=drawn.pk).update(closed_at=AFTER)
    with pytest.raises(CampaignClosed):
        batches.print_letters(actor=secretariat, campaign=drawn)
    assert not drawn.invitations.exclude(secret_hash="").exists()


def test_once_the_residents_are_erased_printing_is_refused_with_a_way_out(secretariat, drawn):
    erase_extract(actor=secretariat, extract=drawn.extract)
    with pytest.raises(ServiceError):
        batches.print_letters(actor=secretariat, campaign=drawn)
    assert not drawn.invitations.exclude(secret_hash="").exists()


def start(actor, campaign):
    return batches.start_printing(actor=actor, campaign=campaign, wave=1)


def test_the_background_prints_on_behalf_of_somebody(secretariat, drawn):
    printing = start(secretariat, drawn)
    assert print_letters_of.func(printing.pk) == printing.batches.count()
    drawn.refresh_from_db()
    assert drawn.printed_at == NOW
    assert all(batch.pdf.read().startswith(b"%PDF") for batch in printing.batches.all())


def test_the_background_prints_nothing_for_a_closed_account(secretariat, drawn):
    printing = start(secretariat, drawn)
    secretariat.user.is_active = False
    secretariat.user.save()
    with pytest.raises(RuntimeError):
        print_letters_of.func(printing.pk)
    assert not drawn.invitations.exclude(secret_hash="").exists()


# -- a code opens its letter -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed",
    ["ABCD-EFGH-JKMN-PQRT", "abcdefghjkmnpqrt", " abcd efgh jkmn pqrt ", "ABCD–EFGH–JKMN–PQRT"],
)
def test_a_code_opens_its_letter_however_it_is_typed(letter, typed):
    assert redeem(typed) == letter


def test_a_code_opens_its_letter_again_and_again(letter):
    assert [redeem() for _each in range(12)] == [letter] * 12
    assert not WrongCode.objects.exists()


def test_every_wrong_code_gets_the_same_answer(letter):
    unknown, unlucky, mistyped = str(codes.Code("000000", CODE.secret)), WRONG, "ABCD-EFGH-JKMN-PQRS"
    refused = []
    for typed in (unknown, unlucky, mistyped, ""):
        with pytest.raises(CodeWrong) as caught:
            redeem(typed)
        refused.append(str(caught.value))
    assert len(set(refused)) == 1
    assert WrongCode.objects.count() == 4


def test_a_letter_that_was_never_printed_has_no_code(letter):
    Invitation.objects.update(secret_hash="")
    with pytest.raises(CodeWrong):
        redeem()


def test_ten_wrong_codes_in_a_minute_are_enough(letter):
    wrong_tries(10)
    with pytest.raises(TooManyTries):
        redeem(WRONG)
    with pytest.raises(TooManyTries):
        redeem()  # else a guess could be told from a hit
    assert TooManyTries.status == 429


def test_after_nine_wrong_codes_the_right_one_opens(letter):
    wrong_tries(9)
    assert redeem() == letter


def test_a_minute_later_there_is_another_try(letter):
    wrong_tries(10)
    with clock.at(NOW + dt.timedelta(seconds=60)):
        assert redeem() == letter


def test_thirty_wrong_codes_in_an_hour_are_enough(letter):
    for minutes in (0, 2, 4):
        with clock.at(NOW + dt.timedelta(minutes=minutes)):
            wrong_tries(10)
    with clock.at(NOW + dt.timedelta(minutes=50)), pytest.raises(TooManyTries):
        redeem()
    with clock.at(NOW + dt.timedelta(minutes=61)):
        assert redeem() == letter


def test_wrong_codes_from_one_place_slow_down_no_other(letter):
    wrong_tries(10)
    assert redeem(source="192.0.2.8") == letter


def test_a_refused_try_does_not_lengthen_the_wait(letter):
    wrong_tries(10)
    for _each in range(25):
        with pytest.raises(TooManyTries):
            redeem(WRONG)
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert redeem() == letter


def test_of_the_place_only_a_keyed_hash_is_kept_and_for_an_hour(letter, settings):
    wrong_tries(1)
    first = WrongCode.objects.get()
    assert len(first.source) == 64
    assert HOME not in first.source
    settings.SECRET_KEY = "another key"
    wrong_tries(1)
    assert WrongCode.objects.exclude(source=first.source).count() == 1, "the key is part of the hash"
    with clock.at(NOW + dt.timedelta(hours=1, seconds=1)):
        redeem(source="192.0.2.8")
    assert not WrongCode.objects.exists()


# -- what the register tells -----------------------------------------------------------------------------
def test_the_register_tells_sex_age_and_municipality(letter, told_by_register):
    assert answering.known_answers(Invitation.objects.get()) == {"sex": "M", "age": "65+", "home": "north"}


def test_the_age_is_that_of_the_last_day_to_answer(letter, told_by_register):
    Resident.objects.update(birth_date=letter.campaign.reply_by.replace(1962) + dt.timedelta(days=1))
    assert answering.known_answers(Invitation.objects.get())["age"] == "35-64"


def test_the_register_tells_nothing_where_no_value_matches(letter, told_by_register):
    Resident.objects.update(municipality="00000", birth_date=dt.date(2020, 1, 1))
    assert answering.known_answers(Invitation.objects.get()) == {"sex": "M"}


def test_what_a_person_declares_the_register_does_not_know(letter):
    assert answering.known_answers(letter) == {}


def test_an_erased_register_tells_nothing(secretariat, letter, told_by_register):
    erase_extract(actor=secretariat, extract=letter.campaign.extract)
    assert answering.known_answers(Invitation.objects.get()) == {}


# -- a yes -----------------------------------------------------------------------------------------------
def test_a_citizen_says_yes(citizen, letter):
    person = yes(citizen, letter, needs=["ramp"], phone="087 12 34 56")
    assert (person.name, person.email, person.phone) == ("Anna Schmitz", "anna@example.org", "087 12 34 56")
    assert (person.answers, person.needs, person.consented_at) == (ANSWERS, ["ramp"], NOW)
    letter.refresh_from_db()
    assert (letter.status, letter.channel, letter.answered_at) == (InvitationStatus.YES, Channel.WEB, NOW)
    assert letter.recorded_by is None


def test_nobody_but_the_holder_of_the_code_answers(institution, letter):
    acts.only(
        institution,
        act=lambda actor: yes(actor, letter),
        also_refused=(Actor.system(), Actor.citizen(""), Actor.citizen("FEDCBA")),
    )
    letter.refresh_from_db()
    assert letter.status == InvitationStatus.SENT


def test_the_code_of_one_letter_answers_no_other(citizen, letter):
    other = Invitation.objects.create(
        campaign=letter.campaign, position=2, selector="BCDEFG", secret_hash="x", language="de"
    )
    with pytest.raises(NotAllowed):
        yes(citizen, other)
    with pytest.raises(NotAllowed):
        no(citizen, other)


def test_a_second_yes_changes_the_first(institution, citizen, letter):
    first = yes(citizen, letter)
    second = yes(citizen, letter, name="Anna Schmitz-Weber", answers={"sex": "F", "age": "65+"})
    assert first.pk == second.pk
    person = Respondent.objects.get()
    assert (person.name, person.answers["age"]) == ("Anna Schmitz-Weber", "65+")
    given = [entry.facts for entry in acts.entries(institution, Action.ANSWER_GIVEN)]
    assert given == [{"channel": "web", "first": True}, {"channel": "web", "first": False}]


def test_a_yes_is_in_the_journal_without_who_gave_it(institution, citizen, letter):
    yes(citizen, letter)
    entry = acts.entry(institution, Action.ANSWER_GIVEN)
    assert (entry.actor, entry.subject) == ("citizen", letter.campaign.draw.public_id.hex)
    assert entry.facts == {"channel": "web", "first": True}


def test_without_consent_nothing_is_kept(institution, citizen, letter):
    with pytest.raises(ConsentMissing):
        yes(citizen, letter, consent=False)
    assert not Respondent.objects.exists()
    assert acts.entries(institution, Action.ANSWER_GIVEN) == []


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"sex": "F"},
        {"sex": "F", "age": "35-64", "income": "low"},
        {"sex": "F", "age": "0-15"},
        {"sex": "16-34", "age": "35-64"},
        {"sex": "", "age": "35-64"},
    ],
)
def test_each_question_has_one_of_its_answers(citizen, letter, answers):
    with pytest.raises(AnswersWrong):
        yes(citizen, letter, answers=answers)
    assert not Respondent.objects.exists()


@pytest.mark.parametrize("wrong", [{"sex": "F"}, {"age": "35-64"}, {"home": "south"}])
def test_nobody_answers_otherwise_than_the_register(citizen, letter, told_by_register, wrong):
    right = {"sex": "M", "age": "65+", "home": "north"}
    with pytest.raises(AnswersDiffer):
        yes(citizen, letter, answers={**right, **wrong})
    assert yes(citizen, letter, answers=right).answers == right


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"name": ""}, {"name": "A" * 201}])
def test_a_faulty_yes_leaves_the_letter_unanswered(institution, citizen, letter, wrong):
    with pytest.raises(ValidationError):
        yes(citizen, letter, **wrong)
    letter.refresh_from_db()
    assert (letter.status, letter.answered_at) == (InvitationStatus.SENT, None)
    assert acts.entries(institution, Action.ANSWER_GIVEN) == []


def test_a_yes_after_the_pool_was_closed_is_too_late(citizen, letter):
    shut(letter)
    with pytest.raises(CampaignClosed):
        yes(citizen, letter)
    assert not Respondent.objects.exists()


def test_a_letter_that_was_not_printed_is_not_answered(citizen, letter):
    Invitation.objects.update(status=InvitationStatus.CREATED)
    with pytest.raises(LetterRevoked):
        yes(citizen, letter)
    with pytest.raises(LetterRevoked):
        no(citizen, letter)
    assert not Respondent.objects.exists()


def test_a_letter_that_came_back_and_reached_her_after_all_is_answered(secretariat, citizen, letter):
    bring_back(secretariat, letter)
    yes(citizen, letter)
    letter.refresh_from_db()
    assert letter.status == InvitationStatus.YES


def test_the_database_knows_no_answer_without_a_moment(letter):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.update(status=InvitationStatus.YES)


# -- a no ------------------------------------------------------------------------------------------------
def test_a_citizen_says_no(citizen, letter):
    no(citizen, letter, Refusal.CARE)
    letter.refresh_from_db()
    assert (letter.status, letter.refusal, letter.channel) == ("no", Refusal.CARE, Channel.WEB)
    assert letter.answered_at == NOW


def test_nobody_but_the_holder_of_the_code_says_no(institution, letter):
    acts.only(
        institution,
        act=lambda actor: no(actor, letter),
        also_refused=(Actor.system(), Actor.citizen(""), Actor.citizen("FEDCBA")),
    )
    letter.refresh_from_db()
    assert letter.status == InvitationStatus.SENT


def test_who_takes_back_her_yes_is_forgotten(citizen, letter):
    yes(citizen, letter)
    no(citizen, letter)
    assert not Respondent.objects.exists()
    assert not Respondent.objects.willing().exists()


def test_who_takes_back_her_no_is_in_again_and_without_a_reason(citizen, letter):
    no(citizen, letter, Refusal.HEALTH)
    yes(citizen, letter)
    letter.refresh_from_db()
    assert (letter.status, letter.refusal) == (InvitationStatus.YES, "")
    assert Respondent.objects.willing().count() == 1


def test_a_second_no_changes_the_reason(institution, citizen, letter):
    no(citizen, letter, Refusal.HEALTH)
    no(citizen, letter, Refusal.OTHER)
    letter.refresh_from_db()
    assert letter.refusal == Refusal.OTHER
    assert [each.facts["first"] for each in acts.entries(institution, Action.ANSWER_GIVEN)] == [True, False]


def test_a_no_is_in_the_journal_without_its_reason(institution, citizen, letter):
    no(citizen, letter, Refusal.HEALTH)
    assert acts.entry(institution, Action.ANSWER_GIVEN).facts == {"channel": "web", "first": True}


def test_after_the_pool_was_closed_a_yes_stands(citizen, letter):
    yes(citizen, letter)
    shut(letter)
    with pytest.raises(CampaignClosed):
        no(citizen, letter)
    assert Respondent.objects.willing().count() == 1


# -- an answer by telephone, on paper, at the counter ----------------------------------------------------
@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.PAPER, Channel.COUNTER])
def test_the_secretariat_writes_a_yes_down(secretariat, letter, channel):
    found = write_down(secretariat, letter, channel=channel)
    assert (found.status, found.channel, found.recorded_by) == ("yes", channel, secretariat.user)
    person = Respondent.objects.get()
    assert (person.name, person.email, person.language) == ("Anna Schmitz", "", letter.language)


def test_the_secretariat_writes_a_no_down(secretariat, letter):
    found = write_down(secretariat, letter, says_yes=False, refusal=Refusal.DISTRUST)
    assert (found.status, found.refusal, found.recorded_by) == ("no", "distrust", secretariat.user)
    assert not Respondent.objects.exists()


def test_nobody_but_the_secretariat_writes_an_answer_down(institution, citizen, letter):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: write_down(actor, letter),
        also_refused=(citizen, Actor.system()),
    )
    letter.refresh_from_db()
    assert letter.status == InvitationStatus.SENT


def test_nobody_writes_an_answer_down_as_if_it_came_from_the_website(secretariat, letter):
    with pytest.raises(NotAllowed):
        write_down(secretariat, letter, channel=Channel.WEB)


@pytest.mark.parametrize("answer", [yes, no])
def test_nobody_writes_over_what_a_citizen_answered(secretariat, citizen, letter, answer):
    answer(citizen, letter)
    letter.refresh_from_db()
    for says_yes in (True, False):
        with pytest.raises(AlreadyAnswered):
            write_down(secretariat, letter, says_yes=says_yes)
    before = letter.status
    letter.refresh_from_db()
    assert (letter.status, letter.channel) == (before, Channel.WEB)


def test_an_answer_is_written_down_once(institution, secretariat, letter):
    write_down(secretariat, letter)
    with pytest.raises(AlreadyAnswered):
        write_down(secretariat, letter, says_yes=False)
    assert Respondent.objects.count() == 1
    assert len(acts.entries(institution, Action.ANSWER_GIVEN)) == 1


def test_with_her_code_a_citizen_changes_what_was_written_down(secretariat, citizen, letter):
    write_down(secretariat, letter)
    no(citizen, letter)
    letter.refresh_from_db()
    assert (letter.status, letter.channel, letter.recorded_by) == ("no", Channel.WEB, None)


def test_an_answer_that_was_written_down_is_marked_so_in_the_journal(institution, secretariat, letter):
    write_down(secretariat, letter, channel=Channel.PAPER)
    entry = acts.entry(institution, Action.ANSWER_GIVEN)
    assert (entry.actor, entry.facts) == ("secretariat", {"channel": "paper", "first": True})


def test_a_yes_on_the_telephone_needs_consent_and_answers_as_well(secretariat, letter):
    with pytest.raises(ConsentMissing):
        write_down(secretariat, letter, consent=False)
    with pytest.raises(AnswersWrong):
        write_down(secretariat, letter, answers=None)
    assert not Respondent.objects.exists()


def test_an_answer_on_paper_that_comes_after_the_pool_was_closed_is_too_late(secretariat, letter):
    shut(letter)
    for says_yes in (True, False):
        with pytest.raises(CampaignClosed):
            write_down(secretariat, letter, says_yes=says_yes, channel=Channel.PAPER)


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_write_an_answer_down_at_the_same_moment_one_wins():
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    (letter,) = factories.make_letters(cycle)
    actors = [factories.actor(institution, Role.SECRETARIAT) for _each in range(8)]
    gate, outcomes = threading.Barrier(8), []

    def write(number: int) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                write_down(actors[number], letter, says_yes=bool(number % 2))
                outcomes.append("written")
            except AlreadyAnswered:
                outcomes.append("refused")
        connections.close_all()

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["written"]
    assert len(acts.entries(institution, Action.ANSWER_GIVEN)) == 1


# -- letters that come back ------------------------------------------------------------------------------
def test_the_post_brings_a_letter_back(secretariat, letter):
    assert bring_back(secretariat, letter).status == InvitationStatus.RETURNED


def test_nobody_but_the_secretariat_marks_a_letter_as_returned(institution, citizen, letter):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: bring_back(actor, letter),
        also_refused=(citizen, Actor.system()),
    )
    letter.refresh_from_db()
    assert letter.status == InvitationStatus.SENT


def test_a_letter_that_came_back_twice_came_back(secretariat, letter):
    bring_back(secretariat, letter)
    assert bring_back(secretariat, letter).status == InvitationStatus.RETURNED


@pytest.mark.parametrize("answer", [yes, no])
def test_an_answered_letter_has_not_come_back(secretariat, citizen, letter, answer):
    answer(citizen, letter)
    with pytest.raises(AlreadyAnswered):
        bring_back(secretariat, letter)
    assert Invitation.objects.answered().count() == 1


# -- closing the pool ------------------------------------------------------------------------------------
def test_everybody_who_said_yes_is_in_the_pool(secretariat, cycle, answered):
    draw = close(secretariat, answered)
    assert (draw.kind, draw.status, draw.pool.size) == (DrawKind.PANEL, DrawStatus.ANNOUNCED, 18)
    for person in Respondent.objects.select_related("pool_entry"):
        assert person.pool_entry.pool == draw.pool
        assert person.pool_entry.features == person.answers
    answered.refresh_from_db()
    cycle.refresh_from_db()
    assert (answered.closed_at, cycle.stage) == (NOW, Stage.DRAWING)


def test_who_took_back_her_yes_is_not_in_the_pool(secretariat, answered):
    letter = answered.invitations.get(position=5)
    no(Actor.citizen(letter.selector), letter)
    assert close(secretariat, answered).pool.size == 17


def test_who_said_yes_in_another_cycle_is_not_in_the_pool(institution, secretariat, answered):
    factories.make_respondents(factories.make_cycle(institution, Stage.INVITING), 3)
    assert close(secretariat, answered).pool.size == 18


def test_nobody_but_the_secretariat_closes_the_pool(institution, answered):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: close(actor, answered),
        also_refused=(Actor.system(), Actor.citizen(answered.invitations.first().selector)),
    )
    answered.refresh_from_db()
    assert answered.closed_at is None


def test_a_pool_is_closed_once(institution, secretariat, answered):
    close(secretariat, answered)
    with pytest.raises(CampaignClosed):
        close(secretariat, answered)
    assert len(acts.entries(institution, Action.POOL_FROZEN)) == 1


def test_a_closed_pool_is_in_the_journal_by_its_size_and_root(institution, secretariat, answered):
    draw = close(secretariat, answered)
    assert acts.entry(institution, Action.POOL_FROZEN).facts == {
        "entries": 18,
        "root": draw.pool.root,
        "source_due_at": DUE.isoformat(),
        "sources": ["public:panel:2027-03-01T11:00Z"],
        "publish_by": "2027-03-02T11:00Z",
        "challenge_days": 7,
        "challenge_rule": "default",
        "publish_rule": "silent: ostbelgien 1",
        "share_a_home": 0,
        "home_rule": "silent: ostbelgien 1",
        "disclosure": "open",
        "disclosure_rule": "default",
    }


def test_a_pool_from_which_no_panel_can_be_drawn_stays_open(institution, secretariat, cycle, answered):
    for person in Respondent.objects.all():
        person.answers["sex"] = "F"
        person.save()
    with pytest.raises(Infeasible):
        close(secretariat, answered)
    answered.refresh_from_db()
    assert answered.closed_at is None
    assert not Respondent.objects.exclude(pool_entry=None).exists()
    assert acts.entries(institution, Action.POOL_FROZEN) == []
    letter = answered.invitations.first()
    assert no(Actor.citizen(letter.selector), letter).status == InvitationStatus.NO


def test_the_randomness_of_the_panel_lies_ahead(secretariat, answered):
    with pytest.raises(SourceInThePast):
        close(secretariat, answered, due=NOW)
    answered.refresh_from_db()
    assert answered.closed_at is None


def test_after_the_pool_is_closed_nobody_changes_an_answer(secretariat, answered):
    close(secretariat, answered)
    letter = answered.invitations.first()
    with pytest.raises(CampaignClosed):
        yes(Actor.citizen(letter.selector), letter)
    with pytest.raises(CampaignClosed):
        no(Actor.citizen(letter.selector), letter)
    assert Respondent.objects.count() == 18


# -- two people with one code --------------------------------------------------------------------------------
def test_who_has_not_seen_an_answer_does_not_change_it(institution, letter):
    yes(Actor.citizen(letter.selector), letter)
    with pytest.raises(AnsweredMeanwhile):
        yes(Actor.citizen(letter.selector), letter, name="Second Person", seen=None)
    with pytest.raises(AnsweredMeanwhile):
        answering.decline(
            actor=Actor.citizen(letter.selector), invitation=letter, refusal=Refusal.CARE, seen=None
        )
    assert Respondent.objects.get().name != "Second Person"
    assert Invitation.objects.get().status == InvitationStatus.YES
    kept, refused = SecondAnswer.objects.order_by("pk")
    assert (kept.told["name"], kept.channel, kept.by) == ("Second Person", Channel.WEB, None)
    assert (refused.says_yes, refused.refusal, refused.told) == (False, Refusal.CARE, {})
    assert [each.facts for each in acts.entries(institution, Action.SECOND_ANSWER_FILED)] == [
        {"channel": "web"}
    ] * 2


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["yes", "no"])
def test_of_two_who_answer_with_one_code_at_the_same_instant_one_succeeds(second):
    institution = factories.make_institution()
    cycle = factories.make_cycle(institution)
    factories.make_features(cycle)
    letter = factories.make_letters(cycle)[0]
    gate, outcomes = threading.Barrier(2), []

    def answer(how: str) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                if how == "yes":
                    yes(Actor.citizen(letter.selector), letter, seen=None)
                else:
                    answering.decline(
                        actor=Actor.citizen(letter.selector),
                        invitation=letter,
                        refusal=Refusal.CARE,
                        seen=None,
                    )
                outcomes.append(how)
            except AnsweredMeanwhile:
                outcomes.append("too late")
        connections.close_all()

    threads = [threading.Thread(target=answer, args=(how,), name=how) for how in ("yes", second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("too late") == 1
    assert SecondAnswer.objects.count() == 1
    said_yes = "yes" in outcomes
    assert Respondent.objects.count() == said_yes
    assert Entry.objects.filter(action=Action.ANSWER_GIVEN).count() == 1
