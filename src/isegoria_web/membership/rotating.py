"""Bodies that outlive their cycles: who leaves when by the rule book, and the draw that brings as many in.

These are services like those in `services.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from isegoria.seeding import keyed_order
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Body, Cycle, Milestone
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery.bodies import Standing
from isegoria_web.lottery.enums import Disclosure, DrawStatus
from isegoria_web.lottery.models import Draw, DrawRecord
from isegoria_web.membership.algorithms import Renewal, must_leave, renewal_of
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.errors import RotationUndated
from isegoria_web.membership.models import Rotation, Term

LOT_AMONG_EQUALS = "rotation"
"""The label of the keys by which those who came in together leave; that of members is another, so that who sits tells
nothing of who leaves first."""


@dataclass(frozen=True)
class Plan:
    """The next rotation of a body: on which day, by which rule, whose terms end, and who stays."""

    body: Body
    on: date
    rule: str
    leaving: Sequence[Term]
    staying: Sequence[Term]
    made: Rotation | None = None


def terms_now(body: Body) -> QuerySet[Term]:
    """Return who holds a seat of a body."""
    held = Term.objects.filter(seat__body=body, status=TermStatus.ACTIVE)
    return held.select_related(
        "seat",
        "member__selection__entry",
        "member__selection__draw",
        "member__exception",
        "member__respondent",
    )


def rotates(cycle: Cycle) -> bool:
    """Return whether the terms of a cycle's body end by the days of its rule book, not with the report."""
    return renewal_of(cycle.rule_book, cycle.body.key) is not None


def plan_for(cycle: Cycle) -> Plan | None:
    """Return the rotation for which a cycle draws; None where its body does not rotate or nobody else sits in it yet.

    Raises
    ------
    RotationUndated
        If an event starts the rotation and the cycle does not say on which day seats are taken.
    """
    renewal = renewal_of(cycle.rule_book, cycle.body.key)
    if renewal is None:
        return None
    sitting = list(terms_now(cycle.body).exclude(member__cycle=cycle))
    if not sitting:
        return None
    missed = _missed(cycle)
    if missed is not None:
        return Plan(cycle.body, missed.on, missed.rule, [], sitting, missed)
    on = _next_day(cycle, renewal)
    leaving = leavers(renewal, cycle.panel_size, sitting, _founded(cycle.body), on)
    gone = {term.pk for term in leaving}
    return Plan(cycle.body, on, renewal.rule, leaving, [term for term in sitting if term.pk not in gone])


def leavers(renewal: Renewal, size: int, sitting: Sequence[Term], founded: date, on: date) -> list[Term]:
    """Return whose terms end with a rotation: the longest serving, and whoever would sit beyond the longest mandate."""
    return _first(renewal.leaving(size, len(sitting)), renewal, sitting, founded, on)


def _first(
    count: int, renewal: Renewal, sitting: Sequence[Term], founded: date, on: date | None
) -> list[Term]:
    """Return so many who serve longest and, where the day is known, who would sit beyond the longest mandate."""
    ordered = by_seniority(sitting)
    over = [
        term
        for term in ordered[count:]
        if on is not None and must_leave(renewal, term.starts_on, founded, on)
    ]
    return [*ordered[:count], *over]


def leaving_after(cycle: Cycle, plan: Plan) -> tuple[date | None, list[Term]]:
    """Return the rotation after a planned one, None where its day is not known yet, and who of those who stay leaves then.

    So it is if nobody leaves before.
    """
    renewal = renewal_of(cycle.rule_book, cycle.body.key)
    if renewal is None:
        return None, []
    founded = _founded(cycle.body)
    on = next((day for day in renewal.days(founded) if day > plan.on), None)
    count = renewal.leaving(cycle.panel_size, cycle.panel_size)
    return on, _first(count, renewal, plan.staying, founded, on)


def by_seniority(terms: Sequence[Term]) -> list[Term]:
    """Return terms by the first day on the seat; of equals whom no lot brought in, then by lot.

    The lot among equals is the order of keys under the seed of the draw that brought them in (docs/seats.md). Not the
    order in which a record lists who was drawn: that goes type by type, and people of one age would leave together.
    """
    drawn: dict[int, list[str]] = defaultdict(list)
    for term in terms:
        if selection := term.member.selection:
            drawn[selection.draw_id].append(selection.entry.code)
    seeds = dict(DrawRecord.objects.filter(draw__in=drawn).values_list("draw", "document__seed"))
    rank = {
        (draw, code): number
        for draw, codes in drawn.items()
        for number, code in enumerate(
            keyed_order(bytes.fromhex(seeds.get(draw) or ""), LOT_AMONG_EQUALS, codes)
        )
    }

    def place(term: Term) -> tuple[object, ...]:
        selection = term.member.selection
        if selection is None:
            return term.starts_on, 0, term.member.number
        return term.starts_on, selection.draw_id, rank[selection.draw_id, selection.entry.code]

    return sorted(terms, key=place)


def _next_day(cycle: Cycle, renewal: Renewal) -> date:
    today = clock.today(cycle.institution.time_zone)
    begun = _founded(cycle.body)
    if not renewal.by_clock:
        planned = Milestone.objects.filter(cycle=cycle, stage=Stage.SEATED).first()
        if planned is None or planned.planned_on is None or planned.planned_on <= today:
            raise RotationUndated
        return planned.planned_on
    drawn = set(
        Rotation.objects.filter(body=cycle.body, draw__isnull=False)
        .exclude(draw__status=DrawStatus.ANNULLED)
        .exclude(cycle=cycle)
        .values_list("on", flat=True)
    )
    return next(day for day in renewal.days(begun) if day > today and day not in drawn)


def _missed(cycle: Cycle) -> Rotation | None:
    """Return the last rotation, if its day came and nobody was drawn for it."""
    last = Rotation.objects.filter(body=cycle.body, done_at__isnull=False).order_by("-on").first()
    if last is None:
        return None
    drawn = last.draw is not None and last.draw.status != DrawStatus.ANNULLED
    return None if drawn else last


def _founded(body: Body) -> date:
    """Return the first day on which anybody held a seat of a body: its periods are counted from it."""
    first = (
        Term.objects.held()
        .filter(seat__body=body)
        .order_by("starts_on")
        .values_list("starts_on", flat=True)
    )
    return first[0]


# -- the draw ------------------------------------------------------------------------------------------------


def standing(actor: Actor, cycle: Cycle) -> Standing | None:
    """Return, while the pool of a cycle is frozen, who stays in its body; None where the whole body is drawn."""
    plan = plan_for(cycle)
    if plan is None:
        return None
    return Standing(
        size=cycle.panel_size,
        staying=[(term.member.code, term.member.features) for term in plan.staying],
        homes=frozenset(term.member.respondent.home_key for term in plan.staying) - {""},
        announced=lambda draw: _announce(actor, cycle, plan, draw),
        sealed=_drawn_under_seal(plan.staying),
        leaving_next=frozenset(term.member.code for term in leaving_after(cycle, plan)[1]),
    )


def _drawn_under_seal(staying: Sequence[Term]) -> bool:
    """Return whether the features of somebody who stays were promised a seal, in whichever cycle she was drawn."""
    cycles = {term.member.cycle_id for term in staying}
    return Draw.objects.filter(cycle__in=cycles, disclosure=Disclosure.SEALED).of_people().exists()


def _announce(actor: Actor, cycle: Cycle, plan: Plan, draw: Draw) -> None:
    if plan.made is None:
        rotation, _created = Rotation.objects.update_or_create(
            body=cycle.body, on=plan.on, defaults={"cycle": cycle, "draw": draw, "rule": plan.rule}
        )
    else:
        rotation = plan.made
        rotation.cycle, rotation.draw = cycle, draw
        rotation.save(update_fields=["cycle", "draw"])
    if rotation.done_at is None:
        Term.objects.filter(leaves_in=rotation, status=TermStatus.ACTIVE).update(leaves_in=None)
        Term.objects.filter(pk__in=[term.pk for term in plan.leaving]).update(leaves_in=rotation)
    record(
        actor=actor, institution=cycle.institution, action=Action.ROTATION_ANNOUNCED, subject=draw,
        facts={
            "body": cycle.body.key,
            "cycle": cycle.number,
            "on": plan.on.isoformat(),
            "leave": [*sorted(term.seat.number for term in plan.leaving)],
            "stay": len(plan.staying),
            "seats": draw.size,
            "rule": plan.rule,
        },
    )  # fmt: skip


def release(rotation: Rotation) -> int:
    """End, on the day of the rotation, the terms of those who leave with it; returns how many.

    Called when their successors are offered the seats, and on the day itself: the days of a term decide, so that who leaves
    keeps every right until then.
    """
    leaving = Term.objects.filter(leaves_in=rotation, status=TermStatus.ACTIVE)
    return leaving.update(status=TermStatus.ENDED, end_reason=EndReason.TERM, ends_on=rotation.on)


# -- the day -------------------------------------------------------------------------------------------------


def rotate_due() -> list[Rotation]:
    """Carry out, as the software, every rotation whose day has come, also where nobody was drawn for it."""
    bodies = Body.objects.filter(seats__terms__status=TermStatus.ACTIVE).distinct()
    return [made for body in bodies.select_related("institution") for made in _rotate(body)]


def _rotate(body: Body) -> Iterator[Rotation]:
    today = clock.today(body.institution.time_zone)
    for due in _due(body, today):
        with transaction.atomic():
            Body.objects.select_for_update().get(pk=body.pk)
            rotation = Rotation.objects.filter(body=body, on=due.on).first() or due
            if rotation.done_at is not None:
                continue
            if rotation is due:
                rotation.save()
            if rotation.draw is None or rotation.draw.status == DrawStatus.ANNULLED:
                _name_leavers(body, rotation)
            release(rotation)
            rotation.done_at = clock.now()
            rotation.save(update_fields=["done_at"])
            record(
                actor=Actor.system(), institution=body.institution, action=Action.BODY_ROTATED,
                subject=rotation,
                facts={
                    "body": body.key,
                    "on": rotation.on.isoformat(),
                    "left": Term.objects.filter(leaves_in=rotation).count(),
                    "entered": Term.objects.held().filter(seat__body=body, starts_on=rotation.on).count(),
                    "rule": rotation.rule,
                },
            )  # fmt: skip
            yield rotation


def _due(body: Body, today: date) -> list[Rotation]:
    announced = list(Rotation.objects.filter(body=body, on__lte=today, done_at__isnull=True))
    known = set(Rotation.objects.filter(body=body).values_list("on", flat=True))
    newest = Cycle.objects.filter(body=body).select_related("rule_book").order_by("-number").first()
    renewal = None if newest is None else renewal_of(newest.rule_book, body.key)
    if renewal is None or not renewal.by_clock:
        return announced
    last = max(known, default=date.min)
    for day in renewal.days(_founded(body)):
        if day > today:
            break
        if day not in known and day > last:
            announced.append(Rotation(body=body, on=day, rule=renewal.rule))
    return sorted(announced, key=lambda each: each.on)


def _name_leavers(body: Body, rotation: Rotation) -> None:
    newest = Cycle.objects.filter(body=body).select_related("rule_book").order_by("-number")[0]
    renewal = renewal_of(newest.rule_book, body.key)
    if renewal is None:
        return
    sitting = [term for term in terms_now(body) if term.starts_on < rotation.on]
    leaving = leavers(renewal, newest.panel_size, sitting, _founded(body), rotation.on)
    Term.objects.filter(pk__in=[term.pk for term in leaving]).update(leaves_in=rotation)
