from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import (
    changes_between,
    ground,
    longest_promise,
    most_a_year,
    planned_days,
    promise_ground,
    read_rule_book,
)
from isegoria_web.institutions.enums import Level, ProposalStatus, Stage
from isegoria_web.institutions.errors import (
    ConvenedOftenEnough,
    MandateAlreadySigned,
    NameTaken,
    OtherRuleBook,
    PanelSizeOutsideRule,
    PromisedTooLate,
    RuleBookAwaited,
    RuleBookNotDated,
    RuleBookUnchanged,
)
from isegoria_web.institutions.life import Work
from isegoria_web.institutions.models import (
    USUAL_ZONE,
    Authority,
    Body,
    Cycle,
    Election,
    Institution,
    MandateVersion,
    Milestone,
    RuleBookVersion,
)
from isegoria_web.institutions.moving import reach
from isegoria_web.institutions.signing import require_signable
from isegoria_web.institutions.status import require_at_work, take
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Chain
from isegoria_web.journal.services import record
from isegoria_web.translated import Texts

STAGES = list(Stage)
PAGES = frozenset(
    {
        "account",
        "home",
        "found",
        "method",
        "privacy",
        "accessibility",
        "api",
        "journal",
        "health",
        "static",
        "media",
    }
)
"""Addresses of the site's own pages: no institution can have them as its short name."""


def found_institution(
    *,
    actor: Actor,
    slug: str,
    name: Texts,
    summary: Texts,
    authority_name: Texts,
    level: Level,
    rule_book_text: str,
    founded_on: date,
    accent: str = "#1f4e79",
    contact_email: str = "",
    contact_phone: str = "",
    is_demonstration: bool = False,
) -> Institution:
    """Found an institution from a rule book: its authority, its bodies and its public chain.

    It works as soon as its money and its first people are named: `beginning.name_funding`, `beginning.begin_work`.

    Raises
    ------
    isegoria.errors.BadInput
        If the rule book does not hold; nothing is founded.
    NameTaken
        If another institution or a page has this address.
    """
    require(policies.may_found_institution(actor))
    book = read_rule_book(rule_book_text)
    require_free(slug)
    with transaction.atomic():
        authority, _created = Authority.objects.get_or_create(
            slug=f"{slug}-authority", defaults={"name": authority_name, "level": level}
        )
        institution = Institution(
            authority=authority,
            slug=slug,
            name=name,
            summary=summary,
            languages=list(book.languages),
            time_zone=book.time_zone or USUAL_ZONE,
            accent=accent,
            contact_email=contact_email,
            contact_phone=contact_phone,
            is_demonstration=is_demonstration,
            chain=Chain.objects.create(name=slug),
            founded_on=founded_on,
        )
        institution.full_clean()
        institution.save()
        record(
            actor=actor,
            institution=institution,
            action=Action.INSTITUTION_FOUNDED,
            subject=institution,
            facts={"level": level.value, "founded_on": founded_on.isoformat()},
        )
        _adopt(actor, institution, rule_book_text)
        _lay_out_bodies(institution, rule_book_text)
        institution.status = take("adopt", institution)
        institution.save(update_fields=["status"])
        return institution


def require_free(slug: str) -> None:
    """Refuse a short name that cannot be an address.

    Raises
    ------
    NameTaken
        If another institution or a page has it.
    """
    if slug in PAGES or Institution.objects.filter(slug=slug).exists() or Chain.objects.filter(name=slug):
        raise NameTaken


def amend_rule_book(*, actor: Actor, institution: Institution, text: str) -> RuleBookVersion:
    """Adopt a new version of the rule book; cycles that are open keep the version under which they began.

    Bodies get the sizes and mandates of the new version, and new bodies are added; a body that is no longer in it stays,
    with its past.

    Raises
    ------
    isegoria.errors.BadInput
        If the rule book does not hold; nothing is adopted.
    OtherRuleBook
        If its id is another.
    RuleBookUnchanged
        If it sets the same rules as the version in force.
    RuleBookNotDated
        If it names no first day, or one not after the version before, or one that has not come: a version for a later day
        is proposed, and adopted ahead.
    RuleBookAwaited
        If another version is adopted for a day to come.
    """
    require(policies.may_amend_rule_book(actor, institution))
    require_at_work(institution, Work.GO_ON)
    book = read_rule_book(text)
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        if institution.rule_book_proposals.filter(status=ProposalStatus.AWAITED).exists():
            raise RuleBookAwaited
        before = institution.rule_books.latest("number")
        if book.id != before.identifier:
            raise OtherRuleBook
        if not changes_between(before.text, text):
            raise RuleBookUnchanged
        today = clock.today(institution.time_zone)
        if book.valid_from is None or not before.valid_from < book.valid_from <= today:
            raise RuleBookNotDated
        return put_into_force(actor, institution, text)


def put_into_force(actor: Actor, institution: Institution, text: str) -> RuleBookVersion:
    """Make a text the next version, and the bodies what it says; called by the verbs that have checked who may."""
    version = _adopt(actor, institution, text)
    _lay_out_bodies(institution, text)
    return version


def open_cycle(
    *,
    actor: Actor,
    institution: Institution,
    body: Body,
    title: Texts,
    question: Texts,
    scope: Texts,
    panel_size: int,
    alternates: int,
    quorum_share: str = "",
    promised_answer_days: int | None = None,
    planned: Mapping[Stage, date] | None = None,
) -> Cycle:
    """Open a cycle of a body under the rule book in force, with its mandate as a draft.

    Raises
    ------
    NotAtWork
        If the institution is suspended or abolished.
    PanelSizeOutsideRule
        If the rule book does not allow a panel of this size.
    ConvenedOftenEnough
        If the body was convened as often in this calendar year as the rule book allows.
    PromisedTooLate
        If the first answer would come after the final one.
    """
    require(policies.may_open_cycle(actor, institution) and body.institution_id == institution.pk)
    require_at_work(institution)
    if not body.size_min <= panel_size <= body.size_max:
        raise PanelSizeOutsideRule
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        version = institution.rule_books.latest("number")
        yearly = _require_yearly(institution, body, version)
        require_in_time(version, promised_answer_days)
        cycle = Cycle(
            institution=institution,
            body=body,
            rule_book=version,
            number=institution.cycles.count() + 1,
            title=dict(title),
            question=dict(question),
            scope=dict(scope),
            panel_size=panel_size,
            alternates=alternates,
            quorum_share=quorum_share,
            promised_answer_days=promised_answer_days,
            opened_at=clock.now(),
        )
        cycle.full_clean()
        cycle.save()
        rules = _rules_of_days(cycle, planned or {})
        Milestone.objects.bulk_create(
            Milestone(
                cycle=cycle, stage=stage, planned_on=(planned or {}).get(stage), rule=rules.get(stage, "")
            )
            for stage in STAGES
        )  # fmt: skip
        record(
            actor=actor,
            institution=institution,
            action=Action.CYCLE_OPENED,
            subject=cycle,
            facts={
                "number": cycle.number,
                "body": body.key,
                "panel_size": panel_size,
                "rules": {"panel_size": ground(version, f"bodies.{body.key}.size"), **yearly},
            },
        )
        return cycle


USUAL_START = timedelta(days=14)
"""So long after a cycle is opened its letters are drawn, where nobody says otherwise."""


def proposed_days(institution: Institution, body: str) -> dict[Stage, date]:
    """Return the days that the calendar of the rule book in force proposes for a cycle of a body that is opened today."""
    start = clock.today(institution.time_zone) + USUAL_START
    days = planned_days(institution.rule_books.latest("number"), body, start, _elections_of(institution))
    return {stage: day for stage, (day, _rule) in days.items()}


def _rules_of_days(cycle: Cycle, planned: Mapping[Stage, date]) -> dict[Stage, str]:
    """Return the rules behind those planned days that are the calendar's, counted from the day of the letters."""
    letters = planned.get(Stage.INVITING)
    if letters is None:
        return {}
    days = planned_days(cycle.rule_book, cycle.body.key, letters, _elections_of(cycle.institution))
    return {stage: rule for stage, (day, rule) in days.items() if planned.get(stage) == day}


def _elections_of(institution: Institution) -> list[date]:
    standing = Election.objects.filter(institution=institution, withdrawn_at__isnull=True)
    return list(standing.values_list("held_on", flat=True))


def _require_yearly(institution: Institution, body: Body, version: RuleBookVersion) -> dict[str, str]:
    """Refuse to convene a body too often in a calendar year; returns the rule, for the journal.

    A cycle that was broken off does not count: the body was not heard.
    """
    found = most_a_year(version, body.key)
    if found is None:
        return {}
    most, rule = found
    zone, year = institution.time_zone, clock.today(institution.time_zone).year
    opened = body.cycles.filter(broken_off_from="").values_list("opened_at", flat=True)
    if sum(clock.day_of(each, zone).year == year for each in opened) >= most:
        raise ConvenedOftenEnough(most, rule)
    return {"in_a_year": rule}


def require_in_time(version: RuleBookVersion, promised_days: int | None) -> None:
    """Refuse a first answer that is promised for a day after the final answer is due."""
    longest = longest_promise(version)
    if longest is not None and promised_days is not None and promised_days > longest[0]:
        raise PromisedTooLate(*longest)


def sign_mandate(*, actor: Actor, cycle: Cycle) -> Cycle:
    """Sign the mandate as it stands: it is the first version, and people can be invited.

    From now on it is changed only by a new version that everybody sees: `mandates.revise`.

    Raises
    ------
    NotAtWork
        If the institution is suspended or abolished.
    MandateAlreadySigned
        If it is signed.
    ServiceError
        If an app refuses the question as it stands: the body that adopts it has not.
    """
    require(policies.may_sign_mandate(actor, cycle.institution))
    require_at_work(cycle.institution)
    with transaction.atomic():
        cycle = Cycle.objects.select_for_update().get(pk=cycle.pk)
        if cycle.mandate_signed_at is not None:
            raise MandateAlreadySigned
        require_signable(cycle)
        cycle.mandate_signed_at = clock.now()
        cycle.save(update_fields=["mandate_signed_at"])
        MandateVersion.objects.create(
            cycle=cycle, number=1, title=cycle.title, question=cycle.question, scope=cycle.scope,
            promised_answer_days=cycle.promised_answer_days, sha256=mandate_digest(cycle),
            signed_at=cycle.mandate_signed_at,
        )  # fmt: skip
        reach(cycle, Stage.MANDATE)
        record(
            actor=actor,
            institution=cycle.institution,
            action=Action.MANDATE_SIGNED,
            subject=cycle,
            facts={
                "answer_within_days": cycle.promised_answer_days,
                "mandate_sha256": mandate_digest(cycle),
                "rules": {
                    "answer_within_days": promise_ground(cycle.rule_book, cycle.promised_answer_days)
                },
            },
        )
        return cycle


def mandate_digest(cycle: Cycle) -> str:
    """Return the hash of the mandate's texts, which the journal keeps."""
    parts = (cycle.title, cycle.question, cycle.scope)
    text = "\0".join(f"{key}\0{texts[key]}" for texts in parts for key in sorted(texts))
    return hashlib.sha256(text.encode()).hexdigest()


def _adopt(actor: Actor, institution: Institution, text: str) -> RuleBookVersion:
    book = read_rule_book(text)
    version = RuleBookVersion.objects.create(
        institution=institution,
        number=institution.rule_books.count() + 1,
        identifier=book.id,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        legal_basis=book.legal_basis,
        valid_from=book.valid_from or clock.today(institution.time_zone),  # silent: from its adoption
        adopted_at=clock.now(),
    )
    record(
        actor=actor,
        institution=institution,
        action=Action.RULEBOOK_ADOPTED,
        subject=institution,
        facts={"rule_book": book.id, "number": version.number, "sha256": version.sha256},
    )
    return version


def _lay_out_bodies(institution: Institution, text: str) -> None:
    """Make the bodies that people are drawn into what the rule book says."""
    for body in read_rule_book(text).bodies:
        if not body.is_filled_by_lot:
            continue  # nobody is drawn, or the statute is silent on its size
        Body.objects.update_or_create(
            institution=institution,
            key=body.key,
            defaults={
                "name": dict(body.title),
                "size_min": body.size_min,
                "size_max": body.size_max,
                "mandate_months": body.mandate_most,
            },
        )
