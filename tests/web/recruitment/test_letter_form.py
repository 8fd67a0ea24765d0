"""The form of the letter: put together by the secretariat, sensitive with its own consent, kept while it is typed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.enums import Origin
from isegoria_web.lottery.errors import FeaturesFrozen, NotDeclared
from isegoria_web.lottery.models import UNDISCLOSED, Feature, Value
from isegoria_web.lottery.services import mark_sensitive, propose_quotas, set_features
from isegoria_web.recruitment import answering, codes, letter_form
from isegoria_web.recruitment.enums import FieldKind, Refusal
from isegoria_web.recruitment.errors import AnswersWrong, ConsentMissing, FieldWrong, FormFrozen
from isegoria_web.recruitment.models import Campaign, Draft, FormField, Invitation, Respondent
from isegoria_web.register.services import erase_extract
from isegoria_web.web.backoffice.algorithms import features_of
from tests.web import acts, factories
from tests.web.factories import NOW, texts

CODE = codes.Code("ABCDEF", "GHJKMNPQR")
ANSWERS = {"sex": "F", "age": "35-64"}


@pytest.fixture
def cycle(institution) -> Cycle:
    made = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(made)
    return made


@pytest.fixture
def letter(cycle) -> Invitation:
    (made,) = factories.make_letters(cycle)
    made.selector, made.secret_hash = CODE.selector, codes.hash_secret(CODE.secret)
    made.save()
    return made


@pytest.fixture
def citizen(letter) -> Actor:
    return Actor.citizen(letter.selector)


def ask(actor, cycle, kind=FieldKind.YES_NO, **more):
    options = [texts("Bus"), texts("Car"), texts("On foot")] if kind in letter_form.CHOICES else []
    given = {"label": texts("How?"), "help_text": {}, "options": options, **more}
    return letter_form.set_field(actor=actor, cycle=cycle, kind=kind, **given)


def say_yes(citizen, letter, **more):
    told = {
        "name": "Anna", "email": "", "phone": "087 12 34 56", "language": "de", "answers": ANSWERS, "needs": [],
        "consent": True,
    }  # fmt: skip
    return answering.accept(
        actor=citizen, invitation=letter, seen=factories.seen(letter), **{**told, **more}
    )


# -- putting it together -----------------------------------------------------------------------------------


def test_fields_are_added_changed_moved_and_removed_and_the_journal_counts_them(
    institution, secretariat, cycle
):
    first, second = ask(secretariat, cycle), ask(secretariat, cycle, FieldKind.CHOICE)
    letter_form.move_field(actor=secretariat, field=second, up=True)
    letter_form.move_field(actor=secretariat, field=second, up=True)  # it is the first already
    assert list(FormField.objects.filter(cycle=cycle)) == [second, first]
    ask(secretariat, cycle, FieldKind.NUMBER, field=first, required=True)
    letter_form.remove_field(actor=secretariat, field=second)
    (left,) = FormField.objects.filter(cycle=cycle)
    assert (left.key, left.kind, left.required) == ("field-1", FieldKind.NUMBER, True)
    assert acts.entries(institution, Action.FORM_CHANGED)[-1].facts == {"fields": 1, "sensitive": 0}


def test_only_the_secretariat_changes_the_form(institution, secretariat, cycle):
    field = ask(secretariat, cycle)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: ask(actor, cycle))
    with pytest.raises(NotAllowed):
        letter_form.remove_field(actor=factories.actor(institution, Role.CALLER), field=field)
    with pytest.raises(NotAllowed):
        letter_form.move_field(actor=factories.actor(institution, Role.CALLER), field=field, up=True)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (FieldKind.CHOICE, {"options": [texts("Only one")]}),
        (FieldKind.CHOICE, {"options": [texts("Two"), {"de": "Zwei"}]}),
        (FieldKind.SEVERAL, {"options": [texts(str(number)) for number in range(31)]}),
        (FieldKind.TEXT, {"options": [texts("One"), texts("Two")]}),
        (FieldKind.YES_NO, {"required": True, "sensitive": True}),
    ],
)
def test_a_field_that_cannot_be_asked_is_refused(secretariat, cycle, kind, more):
    with pytest.raises(FieldWrong):
        ask(secretariat, cycle, kind, **more)
    assert not FormField.objects.exists()


def test_once_letters_are_printed_the_form_stays(secretariat, cycle, letter):
    field = ask(secretariat, cycle)
    Campaign.objects.update(printed_at=NOW)
    for act in (
        lambda: ask(secretariat, cycle),
        lambda: letter_form.remove_field(actor=secretariat, field=field),
        lambda: letter_form.move_field(actor=secretariat, field=field, up=False),
    ):
        with pytest.raises(FormFrozen):
            act()


def test_features_stay_once_people_are_invited_and_figures_can_still_be_corrected(secretariat, cycle):
    Cycle.objects.filter(pk=cycle.pk).update(stage=Stage.INVITING)
    cycle.refresh_from_db()
    told = features_of(cycle)
    told[0]["values"][0]["population"] = 4711
    set_features(actor=secretariat, cycle=cycle, features=told)
    assert Value.objects.filter(feature__cycle=cycle, population=4711).exists()
    with pytest.raises(FeaturesFrozen):
        set_features(actor=secretariat, cycle=cycle, features=told[:1])
    assert Feature.objects.filter(cycle=cycle).count() == len(told)


# -- what is sensitive ---------------------------------------------------------------------------------------


@pytest.fixture
def sensitive(secretariat, cycle) -> Feature:
    return mark_sensitive(
        actor=secretariat, feature=Feature.objects.get(cycle=cycle, key="age"), sensitive=True
    )


def test_a_sensitive_feature_can_be_left_untold_and_keeps_nobody_out(secretariat, cycle, sensitive):
    Value.objects.filter(feature__cycle=cycle).exclude(key=UNDISCLOSED).update(population=100)
    propose_quotas(actor=secretariat, cycle=cycle)
    untold = Value.objects.get(feature=sensitive, key=UNDISCLOSED)
    assert (untold.minimum, untold.maximum) == (0, cycle.panel_size)
    again = mark_sensitive(actor=secretariat, feature=sensitive, sensitive=True)
    assert again.values.filter(key=UNDISCLOSED).count() == 1
    assert not mark_sensitive(actor=secretariat, feature=sensitive, sensitive=False).sensitive


def test_what_the_register_tells_is_not_asked_and_others_mark_nothing(institution, secretariat, cycle):
    feature = Feature.objects.get(cycle=cycle, key="sex")
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: mark_sensitive(actor=actor, feature=feature, sensitive=True),
    )  # fmt: skip
    Feature.objects.filter(pk=feature.pk).update(origin=Origin.SEX)
    feature.refresh_from_db()
    with pytest.raises(NotDeclared):
        mark_sensitive(actor=secretariat, feature=feature, sensitive=True)


def test_what_is_sensitive_is_kept_only_with_its_own_consent(
    secretariat, cycle, sensitive, letter, citizen
):
    field = ask(secretariat, cycle, sensitive=True)
    with pytest.raises(ConsentMissing):
        say_yes(citizen, letter)
    with pytest.raises(ConsentMissing):
        say_yes(citizen, letter, consents=["age"], details={field.key: True})
    assert not Respondent.objects.exists()
    told = say_yes(citizen, letter, answers={"sex": "F", "age": UNDISCLOSED}, consents=["age", "nothing"])
    assert told.consents == []
    told = say_yes(citizen, letter, consents=["age", field.key], details={field.key: True})
    assert (told.consents, told.details) == (["age", field.key], {field.key: True})


# -- what is told ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (FieldKind.CHOICE, "2", "4"),
        (FieldKind.SEVERAL, ["1", "3"], ["1", "1"]),
        (FieldKind.SEVERAL, ["3"], "3"),
        (FieldKind.YES_NO, False, "yes"),
        (FieldKind.NUMBER, -3, True),
        (FieldKind.NUMBER, 0, 10**9 + 1),
        (FieldKind.TEXT, "I come by bus.", "x" * 501),
    ],
)
def test_an_answer_fits_its_field(secretariat, cycle, letter, citizen, kind, right, wrong):
    field = ask(secretariat, cycle, kind, required=True)
    for details in ({field.key: wrong}, {}, {"unknown": "x", field.key: right}):
        with pytest.raises(AnswersWrong):
            say_yes(citizen, letter, details=details)
    assert say_yes(citizen, letter, details={field.key: right}).details == {field.key: right}


# -- typing ------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_until_it_is_sent_refused_or_erased(secretariat, cycle, letter, citizen):
    def type_again():
        return letter_form.save_draft(actor=citizen, invitation=letter, typed={"name": ["An"]})

    assert type_again().typed == {"name": ["An"]}
    say_yes(citizen, letter)
    assert not Draft.objects.exists()
    type_again()
    answering.decline(actor=citizen, invitation=letter, seen=factories.seen(letter), refusal=Refusal.CARE)
    assert not Draft.objects.exists()
    type_again()
    erase_extract(actor=secretariat, extract=letter.campaign.extract)
    assert not Draft.objects.exists()


def test_too_much_and_too_late_is_not_kept_and_nobody_else_types(letter, citizen):
    assert letter_form.save_draft(actor=citizen, invitation=letter, typed={"name": ["x" * 100_001]}) is None
    Campaign.objects.update(closed_at=NOW)
    letter.refresh_from_db()
    assert letter_form.save_draft(actor=citizen, invitation=letter, typed={"name": ["A"]}) is None
    with pytest.raises(NotAllowed):
        letter_form.save_draft(actor=Actor.citizen("ZZZZZZ"), invitation=letter, typed={})


class TestAnswering:
    @pytest.fixture
    def phone(self, institution, client: Client, letter) -> tuple[Client, str]:
        assert letter.answered_at is None
        address = reverse("answer:code", args=[institution.slug])
        assert client.post(address, {"code": str(CODE)}).status_code == 302
        return client, address

    @pytest.mark.usefixtures("sensitive")
    def test_it_goes_on_where_she_left_it_and_keeps_nothing_sensitive_without_consent(
        self, phone, secretariat, cycle
    ):
        client, address = phone
        field = ask(secretariat, cycle, FieldKind.CHOICE)
        typed = {"name": "Anna", "feature_age": "65+", f"field_{field.key}": "2", "needs": ["childcare"]}
        assert client.post(f"{address}draft/", typed).status_code == 204
        assert Draft.objects.get().typed == {
            "name": ["Anna"], f"field_{field.key}": ["2"], "needs": ["childcare"],
        }  # fmt: skip
        shown = client.get(f"{address}form/").content.decode()
        assert 'value="Anna"' in shown
        assert shown.count(" checked") == 2  # the option and the childcare

    def test_without_a_letter_nothing_is_kept(self, institution, client):
        assert client.post(reverse("answer:draft", args=[institution.slug])).status_code == 403

    def test_keeping_it_for_later_works_without_a_program_in_the_browser(self, phone):
        client, address = phone
        page = client.post(f"{address}form/", {"name": "Anna", "later": "1"})
        assert "You have not said yes yet" in page.content.decode()
        assert Draft.objects.get().typed == {"name": ["Anna"]}
        assert not Respondent.objects.exists()

    @pytest.mark.usefixtures("sensitive")
    def test_the_whole_form_with_everything_that_can_be_asked(self, phone, secretariat, cycle):
        client, address = phone
        fields = {kind: ask(secretariat, cycle, kind) for kind in FieldKind}
        hidden = ask(secretariat, cycle, FieldKind.TEXT, sensitive=True)
        sent = {
            "name": "Anna", "phone": "087 12 34 56", "language": "de", "consent": "on",
            "feature_sex": "F", "feature_age": "65+",
            f"field_{fields[FieldKind.CHOICE].key}": "1",
            f"field_{fields[FieldKind.SEVERAL].key}": ["1", "2"],
            f"field_{fields[FieldKind.YES_NO].key}": "no",
            f"field_{fields[FieldKind.NUMBER].key}": "7",
            f"field_{hidden.key}": "My back hurts.",
        }  # fmt: skip
        refused = client.post(f"{address}form/", sent)
        assert refused.status_code == 422
        assert refused.content.decode().count("Agree to this, or leave the answer above untold.") >= 2
        sent |= {"consent_age": "on", f"consent_{hidden.key}": "on"}
        assert client.post(f"{address}form/", sent).status_code == 302
        told = Respondent.objects.get()
        assert told.details == {
            fields[FieldKind.CHOICE].key: "1",
            fields[FieldKind.SEVERAL].key: ["1", "2"],
            fields[FieldKind.YES_NO].key: False,
            fields[FieldKind.NUMBER].key: 7,
            hidden.key: "My back hurts.",
        }
        again = client.get(f"{address}form/").content.decode()
        assert "My back hurts." in again  # she changes what she told, and types the rest not again


class TestBuilding:
    def test_the_secretariat_puts_the_form_together_in_its_pages(
        self, institution, secretariat, cycle, client
    ):
        client.force_login(secretariat.user)
        address = f"/en/{institution.slug}/office/cycles/{cycle.number}/form/"
        sent = {f"label_{code}": f"How? {code}" for code in ("de", "fr", "nl", "en")}
        sent |= {"kind": "choice", "answer": "optional", "options_de": "Bus\nAuto", "options_fr": "Bus"}
        unequal = client.post(f"{address}new/", sent)
        assert unequal.status_code == 422
        assert "now de: 2, fr: 1" in unequal.content.decode()
        sent |= {f"options_{code}": "Bus\nAuto" for code in ("de", "fr", "nl", "en")}
        assert client.post(f"{address}new/", sent).status_code == 302
        field = FormField.objects.get()
        assert [option["name"]["fr"] for option in field.options] == ["Bus", "Auto"]
        assert client.post(f"{address}features/age/", {"sensitive": "yes"}).status_code == 302
        shown = client.get(f"{address}preview/?language=fr")
        assert shown.status_code == 200
        assert "How? fr" in shown.content.decode()
        assert client.post(f"{address}{field.key}/remove/").status_code == 302
        assert not FormField.objects.exists()
