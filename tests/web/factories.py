"""Rows for tests, straight through the models, in states that the services would reach."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import STAFF, Role
from isegoria_web.accounts.models import Grant, User
from isegoria_web.ballots import roll_calls
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.models import Ballot, RollCallRecord
from isegoria_web.deliberation.models import Note, Statement
from isegoria_web.institutions.enums import Level, Stage, Status
from isegoria_web.institutions.models import Authority, Body, Cycle, Institution, Milestone, RuleBookVersion
from isegoria_web.journal.models import Chain
from isegoria_web.lottery import ceremony
from isegoria_web.lottery.enums import TYPED, Disclosure, DrawKind, DrawStatus, SelectionKind, SourceKind
from isegoria_web.lottery.models import (
    Draw,
    Feature,
    Pool,
    PoolEntry,
    RandomSource,
    Selection,
    Value,
)
from isegoria_web.meetings.models import Meeting, Table, TablePlan
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Alternate, Appointee, Member, Seat, Term
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.recruitment.enums import Channel, InvitationStatus
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent, Wave
from isegoria_web.register.models import Extract, Resident

NOW = dt.datetime(2027, 3, 1, 9, 0, tzinfo=dt.UTC)
"""The moment at which the tests of the site live, unless they say otherwise."""

PASSWORD = "correct horse battery"
FEATURES = {"sex": ["F", "M"], "age": ["16-34", "35-64", "65+"]}
_numbers = itertools.count(1)


def texts(text: str) -> dict[str, str]:
    return {"de": f"{text} (de)", "fr": f"{text} (fr)", "nl": f"{text} (nl)", "en": text}


def make_institution(slug: str = "ostbelgien") -> Institution:
    authority = Authority.objects.create(
        slug=f"{slug}-authority", name=texts("Parliament"), level=Level.REGION
    )
    institution = Institution.objects.create(
        authority=authority,
        slug=slug,
        name=texts(f"Citizens' dialogue {slug}"),
        summary=texts("A permanent panel drawn by lot."),
        status=Status.OPERATING,
        languages=["de", "fr", "nl", "en"],
        chain=Chain.objects.create(name=slug),
        founded_on=dt.date(2027, 1, 4),
    )
    rule_book_text = _rule_book_text()
    RuleBookVersion.objects.create(
        institution=institution,
        number=1,
        identifier="ostbelgien",
        text=rule_book_text,
        sha256=hashlib.sha256(rule_book_text.encode()).hexdigest(),
        legal_basis="Decree of 25 February 2019",
        valid_from=dt.date(2019, 2, 25),
        adopted_at=NOW,
    )
    Body.objects.create(
        institution=institution,
        key="council",
        name=texts("Citizens' council"),
        size_min=24,
        size_max=24,
        mandate_months=18,
    )
    Body.objects.create(
        institution=institution, key="assembly", name=texts("Citizens' assembly"), size_min=6, size_max=50
    )
    return institution


def _rule_book_text() -> str:
    from importlib.resources import files

    return files("isegoria.rulebook").joinpath("bundled/ostbelgien.toml").read_text("utf-8")


def make_user(
    institution: Institution | None = None,
    role: Role | None = None,
    *,
    second_factor: bool = True,
    **fields: object,
) -> User:
    """A person, with the role and, where the role asks for one, with a second factor."""
    number = next(_numbers)
    user = User.objects.create_user(
        email=f"person{number}@example.org", password=PASSWORD, name=f"Person {number}", **fields
    )
    if institution is not None and role is not None:
        Grant.objects.create(
            user=user, institution=institution, role=role, valid_from=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        )
        if second_factor and role in STAFF:
            Authenticator.objects.create(
                user=user, type=Authenticator.Type.TOTP, data={"secret": "unusable"}
            )
    return user


def _make_users(count: int, **fields: object) -> list[User]:
    """People without a role, all with one password."""
    password = make_password(PASSWORD)
    numbers = [next(_numbers) for _ in range(count)]
    return User.objects.bulk_create(
        User(email=f"person{number}@example.org", name=f"Person {number}", password=password, **fields)
        for number in numbers
    )


def actor(institution: Institution, role: Role) -> Actor:
    found = Actor.of(make_user(institution, role))
    assert found is not None
    return found


def nobody_special() -> Actor:
    """A signed-in person without any role."""
    found = Actor.of(make_user())
    assert found is not None
    return found


def make_cycle(
    institution: Institution, stage: Stage = Stage.MANDATE, panel_size: int = 6, **fields: object
) -> Cycle:
    body = institution.bodies.get(key="assembly")
    cycle = Cycle.objects.create(
        institution=institution,
        body=body,
        rule_book=institution.rule_books.latest("number"),
        number=institution.cycles.count() + 1,
        title=texts("Housing"),
        question=texts("How do we want to live?"),
        scope=texts("What the Community may decide."),
        panel_size=panel_size,
        alternates=4,
        quorum_share="2/3",
        promised_answer_days=90,
        stage=stage,
        opened_at=NOW,
        mandate_signed_at=None if stage == Stage.MANDATE else NOW,
        **fields,
    )
    for each in Stage:
        Milestone.objects.create(cycle=cycle, stage=each)
    return cycle


def amend_rule_book(cycle: Cycle, old: str, new: str) -> RuleBookVersion:
    """Put the cycle under a second version of its rule book, past the services."""
    first = cycle.rule_book
    text = first.text.replace(old, new, 1)
    assert text != first.text
    cycle.rule_book = RuleBookVersion.objects.create(
        institution=cycle.institution,
        number=first.number + 1,
        identifier=first.identifier,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        legal_basis=first.legal_basis,
        valid_from=first.valid_from,
        adopted_at=NOW,
    )
    cycle.save(update_fields=["rule_book"])
    return cycle.rule_book


def mix(
    cycle: Cycle,
    *,
    seats: int = 3,
    effect: str = "consultative",
    threshold: str | None = None,
    others_effect: str | None = "binding",
    others_threshold: str | None = "1/2",
    secret: bool | None = False,
    together: str | None = None,
    weight: int | None = None,
) -> list[Appointee]:
    """Put members of parliament beside the citizens of a cycle, each in her seat; the citizens advise."""

    def line(name: str, value: object) -> str:
        return "" if value is None else f"{name} = {json.dumps(value)}\n"

    decision = '[bodies.decision]\nconsensus_first = true\nthreshold = "4/5"\n'
    others = (
        '\n[[bodies.others]]\nkey = "members-of-parliament"\nmore_than = true\nof_all = true\n'
        + line("seats", seats) + line("effect", others_effect) + line("threshold", others_threshold)
        + line("secret", secret) + line("weight", weight)
        + "title = {" + ", ".join(f'{code} = "{text}"' for code, text in texts("members of parliament").items()) + "}\n"
    )  # fmt: skip
    new = "[bodies.decision]\nsecret = true\n" + line("effect", effect) + line("threshold", threshold)
    amend_rule_book(cycle, decision, new + others)
    if together is not None:
        amend_rule_book(cycle, 'key = "assembly"\n', 'key = "assembly"\n' + line("together", together))
    return [
        Appointee.objects.create(
            cycle=cycle, college="members-of-parliament", seat=seat, name=f"Deputy {seat}", group="Greens",
            decision="Bureau, 1 March 2027", starts_on=NOW.date(),
        )
        for seat in range(1, seats + 1)
    ]  # fmt: skip


def make_features(cycle: Cycle) -> None:
    for position, (key, values) in enumerate(FEATURES.items(), start=1):
        feature = Feature.objects.create(
            cycle=cycle, key=key, name=texts(key), position=position, source="Test, 1 January 2027"
        )
        for index, value in enumerate(values, start=1):
            Value.objects.create(
                feature=feature, key=value, name=texts(value), position=index, population=1000
            )


def make_draw(
    cycle: Cycle,
    kind: DrawKind,
    *,
    drawn: bool = True,
    due: dt.datetime = NOW,
    disclosure: Disclosure = Disclosure.OPEN,
) -> Draw:
    """A draw that is final, or only announced."""
    draw = Draw.objects.create(
        cycle=cycle,
        kind=kind,
        number=cycle.draws.count() + 1,
        size=cycle.panel_size,
        alternates=cycle.alternates,
        source=texts("Dice thrown in the town hall"),
        source_due_at=due,
        announced_at=NOW - dt.timedelta(days=2),
        publish_by=due + dt.timedelta(days=1),
        challenge_days=0,
        disclosure=disclosure,
    )
    RandomSource.objects.create(
        draw=draw, position=1, name="dice:8x10:test", kind=SourceKind.DICE, due_at=due
    )
    if drawn:
        fall(draw)
        finish(draw)
    return draw


def fall(draw: Draw, value: str = "3-1-4-1-5-9-2-6") -> None:
    """Let the lot fall, past the services; selections can be made then."""
    if draw.status == DrawStatus.ANNOUNCED:
        commit(draw)
    draw.sources.update(value=value, obtained_at=NOW)
    _move(draw, status=DrawStatus.DRAWN, drawn_at=NOW, source_value=value, challenge_ends_at=NOW)


def commit(draw: Draw) -> None:
    _move(draw, status=DrawStatus.COMMITTED, committed_at=NOW - dt.timedelta(days=1))


def finish(draw: Draw) -> None:
    _move(draw, status=DrawStatus.FINAL, final_at=NOW)


def annul(draw: Draw) -> None:
    """Two people annul the draw."""
    first, second = (actor(draw.cycle.institution, Role.SECRETARIAT) for _each in range(2))
    proposed = ceremony.propose_annulment(actor=first, draw=draw, reason=texts("Mistake"))
    ceremony.confirm_annulment(actor=second, annulment=proposed)
    draw.refresh_from_db()


def _move(draw: Draw, **fields: object) -> None:
    Draw.objects.filter(pk=draw.pk).update(**fields)
    draw.refresh_from_db()


def throw(draw: Draw, value: str) -> None:
    """Two people of the institution write down the same, as they saw it."""
    for source in draw.sources.filter(value="", kind__in=TYPED):
        for role in (Role.SECRETARIAT, Role.OBSERVER):
            ceremony.enter_reading(
                actor=actor(draw.cycle.institution, role), source=source, value=value, film="film 1"
            )


def make_respondents(cycle: Cycle, count: int, draw: Draw | None = None) -> list[Respondent]:
    """People who were drawn for a letter and said yes."""
    institution = cycle.institution
    extract = Extract.objects.create(
        institution=institution,
        file="register/test.csv",
        file_name="test.csv",
        sha256=f"{next(_numbers):064x}",
        residents=1000,
        reference_date=dt.date(2027, 1, 1),
        loaded_at=NOW,
        erase_on=dt.date(2027, 6, 1),
    )
    campaign = Campaign.objects.create(
        cycle=cycle,
        draw=draw or make_draw(cycle, DrawKind.LETTERS),
        extract=extract,
        letters=count,
        age_min=16,
        reply_by=dt.date(2027, 2, 20),
    )
    Wave.objects.create(
        campaign=campaign, number=1, letters=count, reply_by=campaign.reply_by, drawn_at=NOW
    )
    return _make_respondents(campaign, extract, count)


def _make_respondents(campaign: Campaign, extract: Extract, count: int) -> list[Respondent]:
    numbers = [next(_numbers) for _ in range(count)]
    residents = Resident.objects.bulk_create(
        Resident(
            extract=extract,
            pseudonym=f"{number:064x}",
            given_name=f"Given{number}",
            family_name=f"Family{number}",
            sex="FM"[position % 2],
            birth_date=dt.date(1960 + position % 40, 5, 17),
            language="de",
            street="Gospertstraße",
            house_number=str(position),
            postcode="4700",
            municipality="63023",
            municipality_name="Eupen",
        )
        for position, number in enumerate(numbers, start=1)
    )
    invitations = Invitation.objects.bulk_create(
        Invitation(
            campaign=campaign,
            resident=resident,
            position=position,
            selector=f"{number:06X}",
            secret_hash="unusable",
            language="de",
            status=InvitationStatus.YES,
            channel=Channel.WEB,
            answered_at=NOW,
        )
        for position, (number, resident) in enumerate(zip(numbers, residents, strict=True), start=1)
    )
    return Respondent.objects.bulk_create(
        Respondent(
            invitation=invitation,
            name=f"Given{number} Family{number}",
            email=f"resident{number}@example.org",
            language="de",
            answers={
                key: values[(invitation.position + index) % len(values)]
                for index, (key, values) in enumerate(FEATURES.items())
            },
            consented_at=NOW,
        )
        for number, invitation in zip(numbers, invitations, strict=True)
    )


def make_members(
    cycle: Cycle,
    count: int | None = None,
    extra: int = 4,
    alternates: int = 0,
    disclosure: Disclosure = Disclosure.OPEN,
    first_seat: int = 1,
) -> list[Member]:
    """A drawn and seated panel, every member with an account; of `extra` respondents some wait as alternates."""
    count = count or cycle.panel_size
    respondents = make_respondents(cycle, count + extra)
    draw = make_draw(cycle, DrawKind.PANEL, drawn=False, disclosure=disclosure)
    pool = Pool.objects.create(draw=draw, frozen_at=NOW, root="0" * 64, size=len(respondents))
    entries = PoolEntry.objects.bulk_create(
        PoolEntry(
            pool=pool,
            code=f"E{number:05d}",
            features=respondent.answers,
            salt="00" * 16,
            chance_numerator=count,
            chance_denominator=len(respondents),
        )
        for number, respondent in enumerate(respondents, start=1)
    )
    for respondent, entry in zip(respondents, entries, strict=True):
        respondent.pool_entry = entry
    Respondent.objects.bulk_update(respondents, ["pool_entry"])
    fall(draw)
    selections = Selection.objects.bulk_create(
        Selection(draw=draw, entry=entry, kind=SelectionKind.MEMBER, position=number)
        for number, entry in enumerate(entries[:count], start=1)
    )
    members = Member.objects.bulk_create(
        Member(
            cycle=cycle,
            number=selection.position,
            user=user,
            respondent=respondent,
            selection=selection,
            features=respondent.answers,
        )
        for selection, user, respondent in zip(
            selections, _make_users(count, language="de"), respondents[:count], strict=True
        )
    )
    Term.objects.bulk_create(
        Term(seat=seat, member=member, status=TermStatus.ACTIVE, starts_on=NOW.date())
        for seat, member in zip(_seats(cycle.body, first_seat, count), members, strict=True)
    )
    for position, respondent in enumerate(respondents[count : count + alternates], start=1):
        selection = Selection.objects.create(
            draw=draw, entry=respondent.pool_entry, kind=SelectionKind.ALTERNATE, position=position
        )
        Alternate.objects.create(cycle=cycle, selection=selection, respondent=respondent, position=position)
    finish(draw)
    return members


def _seats(body: Body, first: int, count: int) -> list[Seat]:
    """Seats with numbers in a row; those that the body does not have yet are made."""
    seats = Seat.objects.filter(body=body, number__in=range(first, first + count)).order_by("number")
    there = {seat.number for seat in seats}
    Seat.objects.bulk_create(
        Seat(body=body, number=number) for number in range(first, first + count) if number not in there
    )
    return [*seats.all()]


def offer_again(member: Member, caller: User | None = None) -> Term:
    """A member who was drawn and has not answered yet, given to somebody to call."""
    term = member.terms.get()
    term.status, term.caller = TermStatus.OFFERED, caller
    term.answer_by = NOW.date() + dt.timedelta(days=7)
    term.save()
    return term


def actor_of(member: Member) -> Actor:
    found = Actor.of(member.user)
    assert found is not None
    return found


def end_term(member: Member) -> None:
    member.terms.update(status=TermStatus.ENDED, ends_on=NOW.date(), end_reason=EndReason.RESIGNATION)


def make_meeting(cycle: Cycle) -> Meeting:
    number = cycle.meetings.count() + 1
    begin = NOW + dt.timedelta(days=7 * number)
    return Meeting.objects.create(
        cycle=cycle,
        number=number,
        title=texts(f"Meeting {number}"),
        place="Eupen",
        starts_at=begin,
        ends_at=begin + dt.timedelta(hours=6),
    )


def make_table(cycle: Cycle) -> Table:
    """A table of a new meeting, at which everybody sits who has a seat."""
    plan = TablePlan.objects.create(meeting=make_meeting(cycle), seed="seed", rounds=1, planned_at=NOW)
    table = Table.objects.create(plan=plan, round=1, number=1)
    table.members.set(Member.objects.filter(cycle=cycle))
    return table


def make_note(table: Table, text: str = "Rents rise.") -> Note:
    facilitator = make_user(table.plan.meeting.cycle.institution, Role.FACILITATOR)
    return Note.objects.create(
        table=table, text=text, language="de", written_by=facilitator, written_at=NOW
    )


def make_statement(cycle: Cycle, note: Note) -> Statement:
    return Statement.objects.create(
        cycle=cycle,
        number=cycle.statements.count() + 1,
        text="We want trams.",
        language="de",
        note=note,
        made_at=NOW,
    )


def make_draft(cycle: Cycle, statements: Iterable[Statement] = ()) -> Recommendation:
    number = cycle.recommendations.count() + 1
    recommendation = Recommendation.objects.create(cycle=cycle, number=number)
    recommendation.statements.set(statements)
    Version.objects.create(
        recommendation=recommendation,
        number=1,
        title=texts(f"Title {number}"),
        text=texts("Build a **tram**."),
        reasons=texts("It is quiet."),
        written_at=NOW,
    )
    return recommendation


def seen(invitation: Invitation) -> dt.datetime | None:
    """The answer that somebody sees who opens a letter now."""
    return Invitation.objects.get(pk=invitation.pk).answered_at


def count_together(secretariat: Actor, ballot: Ballot) -> Ballot:
    """Open a box: a facilitator proposes it, the secretariat confirms."""
    ballots.propose_closing(actor=actor(ballot.cycle.institution, Role.FACILITATOR), ballot=ballot)
    return ballots.close_ballot(actor=secretariat, ballot=ballot)


def call_names(
    secretariat: Actor, ballot: Ballot, said: Sequence[str], *, on: dt.date, **changed: Any
) -> RollCallRecord:
    """Write down how the appointees of the one group voted, by seat, and confirm it as a second person."""
    roll_call = ballot.roll_calls.get()
    roll = roll_calls.roll_of(roll_call, on)
    given: dict[str, Any] = {
        "actor": secretariat, "roll_call": roll_call, "held_on": on,
        "choices": {each.pk: choice for each, choice in zip(roll, said, strict=True)},
    }  # fmt: skip
    entered = roll_calls.enter_roll_call(**given | changed)
    witness = actor(ballot.cycle.institution, Role.OBSERVER)
    return roll_calls.confirm_roll_call(actor=witness, record=entered)


def make_letters(cycle: Cycle, count: int = 1) -> list[Invitation]:
    """Letters in the post, which nobody has answered yet."""
    letters = [each.invitation for each in make_respondents(cycle, count)]
    Respondent.objects.filter(invitation__in=letters).delete()
    sent = Invitation.objects.filter(campaign__cycle=cycle)
    sent.update(status=InvitationStatus.SENT, channel="", answered_at=None)
    return list(sent.order_by("position"))


def make_drawn_panel(cycle: Cycle, features: dict[str, str] | None = None) -> Draw:
    """A panel and its alternates, drawn, with nobody asked yet; all with the same features, if some are given."""
    respondents = make_respondents(cycle, cycle.panel_size + cycle.alternates)
    draw = make_draw(cycle, DrawKind.PANEL, drawn=False)
    pool = Pool.objects.create(draw=draw, frozen_at=NOW, root="0" * 64, size=len(respondents))
    for number, respondent in enumerate(respondents, start=1):
        respondent.pool_entry = PoolEntry.objects.create(
            pool=pool, code=f"E{number:05d}", features=features or respondent.answers, salt="00" * 16
        )
        respondent.save()
    fall(draw)
    for number, respondent in enumerate(respondents, start=1):
        alternate = number > cycle.panel_size
        Selection.objects.create(
            draw=draw,
            entry=respondent.pool_entry,
            kind=SelectionKind.ALTERNATE if alternate else SelectionKind.MEMBER,
            position=number - cycle.panel_size if alternate else number,
        )
    finish(draw)
    return draw
