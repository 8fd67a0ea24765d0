from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from isegoria_web import clock
from isegoria_web.accounts.models import User
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.enums import SEEKING, ItemKind, Presence, SearchStatus, WishKind
from isegoria_web.meetings.querysets import TurnQuerySet
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.translated import TextsField


class Meeting(models.Model):
    """A gathering of the members, with a programme."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="meetings")
    number = models.PositiveIntegerField()
    title = TextsField()
    place = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)  # no more notes; nobody's speaking time is kept
    # Whether a facilitator may take over a table on the day whose facilitator has not come.
    takeovers_allowed = models.BooleanField(default=False)

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_meeting_per_number"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_it_begins"
            ),
        ]

    @property
    def day(self) -> date:
        """The day on which it begins, where the institution is."""
        return clock.day_of(self.starts_at, self.cycle.institution.time_zone)


class Item(models.Model):
    """One point of a meeting's programme."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=ItemKind.choices)
    title = TextsField()

    class Meta:
        ordering = ["meeting", "position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="one_item_per_position")
        ]


class Measured(models.Model):
    """How good a plan of tables is, and what no plan can exceed or undercut; None where it is not known."""

    pairs_met = models.PositiveIntegerField(null=True)
    pairs_bound = models.PositiveIntegerField(null=True)
    repeats = models.PositiveIntegerField(null=True)
    repeats_bound = models.PositiveIntegerField(null=True)
    misses = models.PositiveIntegerField(null=True)

    class Meta:
        abstract = True

    @property
    def gap(self) -> int | None:
        """By how many repeated meetings the plan may be worse than the best one, at most."""
        return (
            None
            if self.repeats is None or self.repeats_bound is None
            else self.repeats - self.repeats_bound
        )


class TablePlan(Measured):
    """Who sits with whom at a meeting, round by round, from a public seed."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="plan")
    seed = models.CharField(max_length=200)
    rounds = models.PositiveIntegerField()
    planned_at = models.DateTimeField()
    steps = models.PositiveIntegerField(
        null=True
    )  # of the search; None for plans made before this was kept


class TableSearch(Measured):
    """Tables that are planned in the background: the best plan so far, until it is taken or given up."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="table_searches")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    seed = models.CharField(max_length=200)
    table_size = models.PositiveIntegerField()
    rounds = models.PositiveIntegerField()
    facilitators = models.ManyToManyField(User, related_name="+")
    asked_sha256 = models.CharField(
        max_length=64
    )  # of who is seated and what is to hold: nothing else is sought
    status = models.CharField(max_length=10, choices=SearchStatus.choices, default=SearchStatus.WAITING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    step = models.PositiveIntegerField(default=0)  # that found what stands here
    steps = models.PositiveIntegerField(default=0)  # at most; 0 before the first
    seating = models.JSONField(null=True)  # rounds of tables of people, as `people.sign_of` names them
    failure = models.TextField(blank=True)  # in the words of whoever asked

    class Meta:
        ordering = ["meeting", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(ended_at__isnull=True),
                name="one_search_of_tables_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(seating__isnull=True),
                name="no_seats_are_kept_of_an_ended_search",
            ),
        ]

    @property
    def goes_on(self) -> bool:
        """Whether a worker still seeks, or will."""
        return self.status in SEEKING

    @property
    def is_ready(self) -> bool:
        """Whether it waits for somebody to take its plan."""
        return self.status == SearchStatus.READY


class Table(models.Model):
    """A table of one round of a meeting."""

    plan = models.ForeignKey(TablePlan, on_delete=models.CASCADE, related_name="tables")
    round = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    facilitator = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="tables"
    )
    item = models.ForeignKey(  # what it treats
        Item, on_delete=models.SET_NULL, null=True, blank=True, related_name="tables"
    )
    members = models.ManyToManyField(Member, through="TablePlace", related_name="tables")
    appointees = models.ManyToManyField(Appointee, through="AppointeePlace", related_name="tables")

    class Meta:
        ordering = ["plan", "round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "round", "number"], name="one_table_per_number")
        ]


class TablePlace(models.Model):
    """A member at a table; one place a round."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="places")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="places")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "member"], name="one_place_at_a_table")]


class AppointeePlace(models.Model):
    """Somebody who is appointed, at a table; no count of citizens sees it."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="appointee_places")
    appointee = models.ForeignKey(Appointee, on_delete=models.CASCADE, related_name="places")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "appointee"], name="one_place_of_an_appointee_at_a_table"
            )
        ]


LONGEST_TURN = 2 * 60 * 60
"""Seconds; a clock that runs longer was forgotten."""


class Turn(models.Model):
    """That somebody speaks at a table, and how long. It leaves when the meeting is closed."""

    # Made by the device that measured, so that what is sent twice counts once.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="turns")
    # One of the two: a citizen, or somebody who is appointed.
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="turns"
    )
    appointee = models.ForeignKey(
        Appointee, on_delete=models.CASCADE, null=True, blank=True, related_name="turns"
    )
    began_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(null=True, blank=True)  # none: she speaks now

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table"], condition=Q(seconds__isnull=True), name="one_speaks_at_a_table"
            ),
            models.CheckConstraint(
                condition=Q(seconds__isnull=True) | Q(seconds__gte=1, seconds__lte=LONGEST_TURN),
                name="a_turn_has_a_length",
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False, appointee__isnull=True)
                | Q(member__isnull=True, appointee__isnull=False),
                name="a_turn_is_of_one_person",
            ),
        ]

    @property
    def person(self) -> Member | Appointee:
        """Who speaks."""
        person = self.member or self.appointee
        assert person is not None  # noqa: S101  # one of the two, says the database
        return person


class SpeakingTime(models.Model):
    """How evenly the people of a table spoke: what stays of their turns. It tells nobody's own time."""

    table = models.OneToOneField(Table, on_delete=models.PROTECT, related_name="speaking_time")
    people = models.PositiveIntegerField()
    seconds = models.PositiveIntegerField()
    gini = models.FloatField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(people__gte=5), name="no_speaking_time_of_fewer_than_five_people"
            )
        ]

    @property
    def minutes(self) -> int:
        """What all of them spoke together."""
        return round(self.seconds / 60)


class GroupTime(models.Model):
    """How much a group of five or more people spoke at the tables of a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="group_times")
    feature = models.CharField(max_length=60)
    value = models.CharField(max_length=60, blank=True)  # empty: small groups together
    people = models.PositiveIntegerField()
    places = models.PositiveIntegerField()  # at tables; who sat at two has two
    seconds = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "feature", "value"], name="one_time_of_a_group_at_a_meeting"
            ),
            models.CheckConstraint(condition=Q(people__gte=5), name="no_time_of_fewer_than_five_people"),
        ]


class Attendance(models.Model):
    """Whether a member was at a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attendances")
    presence = models.CharField(max_length=20, choices=Presence.choices)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="one_attendance_per_member"),
            models.CheckConstraint(
                condition=Q(presence__in=Presence.values), name="a_presence_is_one_of_the_words"
            ),
        ]


class AppointeeAttendance(models.Model):
    """Whether somebody who is appointed was at a meeting; no allowance follows from it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="appointee_attendances")
    appointee = models.ForeignKey(Appointee, on_delete=models.PROTECT, related_name="attendances")
    presence = models.CharField(max_length=20, choices=Presence.choices)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "appointee"], name="one_attendance_of_an_appointee_at_a_meeting"
            ),
            models.CheckConstraint(
                condition=Q(presence__in=Presence.values), name="an_appointee_is_present_or_not"
            ),
        ]


class SeatingWish(models.Model):
    """Who never shares a table, who always does, and who always has the same one. For the office alone."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="seating_wishes")
    kind = models.CharField(max_length=20, choices=WishKind.choices)
    members = models.ManyToManyField(Member, related_name="seating_wishes")
    table = models.PositiveIntegerField(null=True, blank=True)
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=WishKind.values), name="a_seating_wish_is_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="pinned", table__isnull=False, table__gte=1)
                | (~Q(kind="pinned") & Q(table__isnull=True)),
                name="a_pinned_wish_has_its_table",
            ),
        ]


class Reseating(models.Model):
    """One round whose tables were evened out on the day, in numbers; it names nobody."""

    plan = models.ForeignKey(TablePlan, on_delete=models.CASCADE, related_name="reseatings")
    round = models.PositiveIntegerField()
    reseated_at = models.DateTimeField()
    missing = models.PositiveIntegerField()
    arrived = models.PositiveIntegerField()
    moved = models.PositiveIntegerField()

    class Meta:
        ordering = ["plan", "reseated_at", "round"]


class FacilitatorInterest(models.Model):
    """A facilitator is not impartial in a point of the programme: she leads no table that treats it."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="interests")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="facilitator_interests")
    reason = models.TextField()
    declared_at = models.DateTimeField()

    class Meta:
        ordering = ["item", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "user"], name="one_interest_of_a_facilitator_in_a_point"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_interest_has_its_reason"),
        ]


class PlaceCard(models.Model):
    """How a member wishes to be called in the room, and which languages she speaks; it goes with her account."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="place_card")
    name = models.CharField(max_length=40)
    languages = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="a_place_card_has_a_name")]
