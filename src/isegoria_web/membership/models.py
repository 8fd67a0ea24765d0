from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.models import User
from isegoria_web.institutions.models import Body, Cycle
from isegoria_web.lottery.models import Draw, Selection
from isegoria_web.membership.enums import AlternateStatus, DecisionKind, EndReason, TermStatus
from isegoria_web.membership.querysets import (
    AppointeeQuerySet,
    MemberQuerySet,
    SeatDecisionQuerySet,
    TermQuerySet,
)
from isegoria_web.recruitment.models import Respondent
from isegoria_web.translated import TextsField

VACANT = _("The seat fell vacant")


class Seat(models.Model):
    """A place in a body. It outlives the person who sits on it."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ["body", "number"]
        constraints = [models.UniqueConstraint(fields=["body", "number"], name="one_seat_per_number")]


class SeatSearch(models.Model):
    """The search in the background for wider quotas of vacant seats, and what it found for those who sit and are left."""

    draw = models.ForeignKey(Draw, on_delete=models.CASCADE, related_name="seat_searches")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_sha256 = models.CharField(
        max_length=64
    )  # of who sits, who is left and the quotas: nothing else is sought
    asked_at = models.DateTimeField()
    found = models.JSONField(null=True)  # an advice; nothing while it is sought, or where it failed
    failure = models.TextField(blank=True)  # in the words of whoever asked
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["draw", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "asked_sha256"], name="one_search_of_what_is_asked"),
            models.CheckConstraint(
                condition=Q(found__isnull=True) | Q(done_at__isnull=False), name="what_was_found_is_done"
            ),
        ]

    @property
    def goes_on(self) -> bool:
        """Whether a worker still seeks, or will."""
        return self.done_at is None


class Member(models.Model):
    """A citizen in an institution: in public a number, and a name only where she wishes it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="members")
    number = models.PositiveIntegerField()  # "member 7" in public
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="members")
    respondent = models.OneToOneField(Respondent, on_delete=models.PROTECT, related_name="member")
    selection = models.OneToOneField(
        Selection, on_delete=models.PROTECT, null=True, blank=True, related_name="member"
    )
    exception = models.OneToOneField(
        "SeatException", on_delete=models.PROTECT, null=True, blank=True, related_name="member"
    )
    features = models.JSONField()  # as in the pool: tables are balanced on them
    pseudonym = models.CharField(
        max_length=64, blank=True, db_index=True
    )  # of the register: who waits before she can be drawn again
    public_name = models.CharField(max_length=100, blank=True)  # set and taken back by herself alone
    named_at = models.DateTimeField(null=True, blank=True)  # when she agreed to that name

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_member_per_number"),
            models.UniqueConstraint(
                fields=["cycle", "user"], condition=Q(user__isnull=False), name="one_member_per_user"
            ),
            models.CheckConstraint(
                condition=Q(selection__isnull=False, exception__isnull=True)
                | Q(selection__isnull=True, exception__isnull=False),
                name="drawn_by_lot_or_a_public_exception",
            ),
            models.CheckConstraint(
                condition=Q(named_at__isnull=True, public_name="")
                | Q(~Q(public_name=""), named_at__isnull=False),
                name="a_public_name_was_agreed_to",
            ),
        ]

    @property
    def code(self) -> str:
        """The code under which records name her."""
        if self.selection is not None:
            return self.selection.entry.code
        assert self.exception is not None  # noqa: S101  # one of the two, says the database
        return self.exception.code


class Rotation(models.Model):
    """A day on which some leave a body and others enter it, by the rule book and not by the end of a cycle."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="rotations")
    on = models.DateField()  # the first day of those who enter
    rule = models.CharField(max_length=200)  # with its version
    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, null=True, blank=True, related_name="rotations"
    )  # whose draw brings in who enters
    draw = models.OneToOneField(
        Draw, on_delete=models.PROTECT, null=True, blank=True, related_name="rotation"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["body", "on"]
        constraints = [models.UniqueConstraint(fields=["body", "on"], name="one_rotation_a_day")]


class Term(models.Model):
    """A member on a seat, from a day to a day."""

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="terms")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="terms")
    status = models.CharField(max_length=20, choices=TermStatus.choices, default=TermStatus.OFFERED)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # the first day on which she no longer sits
    end_reason = models.CharField(max_length=20, choices=EndReason.choices, blank=True)
    answer_by = models.DateField(null=True, blank=True)  # while it is on offer
    leaves_in = models.ForeignKey(
        Rotation, on_delete=models.PROTECT, null=True, blank=True, related_name="leaving"
    )
    caller = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["seat", "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat"], condition=Q(status__in=["offered", "active"]), name="one_holder_per_seat"
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(status__in=["offered", "active"]), name="one_seat_per_member"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="term_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(status="ended") | (Q(ends_on__isnull=False) & ~Q(end_reason="")),
                name="an_ended_term_has_day_and_reason",
            ),
        ]

    @property
    def left_in_words(self) -> str:
        """How everybody is told why the seat was left: of a death, only that it is vacant."""
        if self.end_reason == EndReason.DEATH:
            return str(VACANT)
        return str(self.get_end_reason_display())


class Alternate(models.Model):
    """Drawn as well, in an order that was public before anybody left."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="alternates_drawn")
    selection = models.OneToOneField(Selection, on_delete=models.PROTECT, related_name="alternate")
    respondent = models.OneToOneField(Respondent, on_delete=models.PROTECT, related_name="alternate")
    position = models.PositiveIntegerField()
    status = models.CharField(
        max_length=20, choices=AlternateStatus.choices, default=AlternateStatus.WAITING
    )

    class Meta:
        ordering = ["cycle", "position"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "position"], name="one_alternate_per_position")
        ]


class SeatException(models.Model):
    """A seat for somebody outside the committed pool: proposed with a reason that everybody reads, granted by a second person."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="seat_exceptions")
    respondent = models.ForeignKey(Respondent, on_delete=models.PROTECT, related_name="seat_exceptions")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=16)  # under which a later record names her
    reason = TextsField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_exception_per_number"),
            models.UniqueConstraint(
                fields=["cycle"],
                condition=Q(granted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_exception_proposed_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True, granted_at__isnull=True)
                | (
                    Q(granted_by__isnull=False, granted_at__isnull=False, withdrawn_at__isnull=True)
                    & ~Q(granted_by=F("proposed_by"))
                ),
                name="exception_granted_by_two_persons",
            ),
        ]


class SeatDecision(models.Model):
    """What was decided about a seat that is held: in public its kind, day and rule, to the secretariat why."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=20, choices=DecisionKind.choices)
    starts_on = models.DateField()  # suspended, or no longer sitting, from this day
    ends_on = models.DateField(
        null=True, blank=True
    )  # of a suspension: the first day on which she acts again
    rule = models.CharField(max_length=120, blank=True)  # empty: the statute is silent
    reason = models.TextField(blank=True)
    hearing = models.TextField(blank=True)  # when she was heard, and what she said
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # the second person
    decided_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # reason and hearing

    objects = SeatDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["term", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(decided_at__isnull=True, withdrawn_at__isnull=True),
                name="one_seat_decision_waits",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(kind="suspension", ends_on__gte=F("starts_on")),
                name="only_a_suspension_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, withdrawn_at__isnull=True),
                name="a_seat_decision_is_made_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["suspension", "exclusion"])
                | Q(decided_at__isnull=True)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="nobody_is_excluded_by_one_person",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(reason="", hearing=""),
                name="erased_reasons_are_empty",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether a second person still has to confirm it."""
        return self.decided_at is None and self.withdrawn_at is None


class Appointee(models.Model):
    """Somebody who holds a seat of a mixed body that is not drawn by lot, such as a member of parliament.

    Her office is public, so her name and group are. She stands in no lottery, no quota and no record of a draw.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="appointees")
    college = models.CharField(max_length=60)  # key of the group in the rule book
    seat = models.PositiveIntegerField()  # counted within the group; outlives the person
    name = models.CharField(max_length=100)
    group = models.CharField(max_length=100, blank=True)  # party or political group
    decision = models.CharField(max_length=200)  # by which decision of the authority
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # the first day without the seat
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="appointees"
    )  # once she was invited to sign in
    invited_at = models.DateTimeField(null=True, blank=True)  # the last mail about it

    objects = AppointeeQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "college", "seat", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "college", "seat"],
                condition=Q(ends_on__isnull=True),
                name="one_appointee_per_seat",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="an_appointment_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["cycle", "user"],
                condition=Q(ends_on__isnull=True, user__isnull=False),
                name="one_appointment_per_account",
            ),
        ]
