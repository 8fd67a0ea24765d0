from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from isegoria_web.accounts.models import User
from isegoria_web.ballots.enums import (
    BallotKind,
    BallotStatus,
    Choice,
    Matter,
    ResolutionStatus,
    Together,
)
from isegoria_web.ballots.querysets import (
    BallotQuerySet,
    CountedPapers,
    PaperQuerySet,
    ResolutionQuerySet,
)
from isegoria_web.institutions.models import Body, Cycle, Institution, RuleBookVersion
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.translated import TextsField

_OPEN = Q(
    status="open", yes__isnull=True, no__isnull=True, abstain__isnull=True, outcome__isnull=True,
    closed_at__isnull=True,
)  # fmt: skip
_COUNTED_YES_NO = Q(
    status="closed", kind="yes_no", yes__isnull=False, no__isnull=False, abstain__isnull=False,
    outcome__isnull=True, closed_at__isnull=False,
)  # fmt: skip
_COUNTED_CHOICE = Q(
    status="closed", yes__isnull=True, no__isnull=True, abstain__isnull=True, outcome__isnull=False,
    closed_at__isnull=False,
) & ~Q(kind="yes_no")  # fmt: skip


_UNCOUNTED = Q(
    status="uncounted", yes__isnull=True, no__isnull=True, abstain__isnull=True, outcome__isnull=True,
    closed_at__isnull=False, closed_by__isnull=True,
)  # fmt: skip


class Ballot(models.Model):
    """A secret vote of the members of a cycle: yes or no, or a choice between options."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="ballots")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=BallotKind.choices, default=BallotKind.YES_NO)
    question = TextsField()
    options = models.JSONField(default=list, blank=True)  # {"key", "text": texts}; their order decides ties
    places = models.PositiveIntegerField(null=True, blank=True)  # how many options are chosen
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=BallotStatus.choices, default=BallotStatus.OPEN)
    roll = models.ManyToManyField(Member, related_name="ballots")  # who sat when it was opened
    eligible = models.PositiveIntegerField()
    quorum = models.CharField(max_length=12, blank=True)
    quorum_rule = models.CharField(max_length=120, blank=True)  # rule id, or "mandate"; empty: no quorum
    threshold = models.CharField(max_length=12, blank=True)  # of yes or no
    more_than = models.BooleanField(default=False)  # passed, not only reached
    abstention = models.CharField(max_length=12, blank=True)
    threshold_rule = models.CharField(max_length=120, blank=True)  # rule id, for the page
    binding = models.BooleanField(default=True)  # in a mixed body the citizens' vote may advise
    together = models.CharField(
        max_length=10, choices=Together.choices, blank=True
    )  # empty: citizens alone
    yes = models.PositiveIntegerField(null=True, blank=True)
    no = models.PositiveIntegerField(null=True, blank=True)
    abstain = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.JSONField(null=True, blank=True)  # of a choice: what was chosen, and the count
    closing_proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    wiped_at = models.DateTimeField(null=True, blank=True)  # what its rows left behind was overwritten

    objects = BallotQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_ballot_per_number"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="a_ballot_stays_open"),
            models.CheckConstraint(
                condition=_OPEN | _COUNTED_YES_NO | _COUNTED_CHOICE | _UNCOUNTED,
                name="no_count_before_a_ballot_closes",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("closing_proposed_by")),
                name="a_box_is_opened_by_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(kind="yes_no", places__isnull=True) & ~Q(threshold="")
                | ~Q(kind="yes_no") & Q(places__gte=1),
                name="a_ballot_has_its_rule",
            ),
        ]


class Participation(models.Model):
    """That a member has voted; not how, and not when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="participations")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="participations")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ballot", "member"], name="one_paper_per_member")]


class Paper(models.Model):
    """A ballot paper in the box: no member, no moment, no order. Its receipt is known to the voter alone.

    `objects` and every relation show the papers of counted ballots only; `in_box` is for casting and counting.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="papers")
    choice = models.CharField(max_length=10, choices=Choice.choices, blank=True)  # of yes or no
    marks = models.JSONField(
        null=True, blank=True
    )  # of a choice: keys of options, of a ranking the best first
    receipt = models.CharField(max_length=64, unique=True)

    objects = CountedPapers()
    in_box = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(choice__in=Choice.values, marks__isnull=True)
                | Q(choice="", marks__isnull=False),
                name="a_paper_says_what_its_ballot_asks",
            )
        ]


class RollCall(models.Model):
    """The open vote of a group that is appointed, beside a secret ballot of the citizens; its rule is fixed with the ballot's."""

    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="roll_calls")
    college = models.CharField(max_length=60)  # key of the group in the rule book
    title = TextsField()
    binding = models.BooleanField()
    weight = models.PositiveIntegerField(default=1)  # of one of its votes, where the votes are added up
    threshold = models.CharField(max_length=12)
    more_than = models.BooleanField(default=False)
    of_all = models.BooleanField(default=False)
    abstention = models.CharField(max_length=12)
    quorum = models.CharField(max_length=12, blank=True)
    rule = models.CharField(max_length=160)  # rule id and version of the rule book

    class Meta:
        ordering = ["ballot", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "college"], name="one_roll_call_per_group")
        ]

    @property
    def confirmed(self) -> list[RollCallRecord]:
        """Its records that two persons answer for, in order: the last one counts, the others were corrected."""
        return [each for each in self.records.all() if each.confirmed_at is not None]

    @property
    def in_force(self) -> RollCallRecord | None:
        """The record that counts; None as long as they have not voted, or nobody has confirmed how."""
        found = self.confirmed
        return found[-1] if found else None

    @property
    def waiting(self) -> RollCallRecord | None:
        """The record that waits for a second person."""
        return next((each for each in self.records.all() if each.is_open), None)


class RollCallRecord(models.Model):
    """An open vote as it was written down: entered by one person, it counts once a second one has confirmed it.

    A later one corrects it with a reason, and both stay public. What nobody confirmed was replaced, and is not shown.
    """

    roll_call = models.ForeignKey(RollCall, on_delete=models.PROTECT, related_name="records")
    number = models.PositiveIntegerField()
    held_on = models.DateField()
    reason = TextsField(blank=True)  # of a correction
    closes_at = models.DateTimeField(
        null=True, blank=True
    )  # of a vote in the site: each gives her own until then
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField(null=True, blank=True)  # written down, or closed by the first person
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["roll_call", "number"]
        constraints = [
            models.UniqueConstraint(fields=["roll_call", "number"], name="one_roll_call_record_per_number"),
            models.UniqueConstraint(
                fields=["roll_call"],
                condition=Q(confirmed_at__isnull=True, withdrawn_at__isnull=True),
                name="one_roll_call_record_waits",
            ),
            # One that was entered before a second person was asked for names nobody.
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_at__isnull=False, withdrawn_at__isnull=True)
                & (
                    Q(confirmed_by__isnull=False, entered_by__isnull=False)
                    & ~Q(confirmed_by=F("entered_by"))
                    | Q(confirmed_by__isnull=True, entered_by__isnull=True)
                ),
                name="an_open_vote_counts_by_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(entered_at__isnull=False)
                | Q(closes_at__isnull=False, confirmed_at__isnull=True),
                name="only_an_open_vote_in_the_site_is_under_way",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether a second person still has to decide."""
        return self.confirmed_at is None and self.withdrawn_at is None

    @property
    def in_site(self) -> bool:
        """Whether everybody gave her own vote in the site: nobody reads it before it counts."""
        return self.closes_at is not None

    @property
    def under_way(self) -> bool:
        """Whether they still vote in the site."""
        return self.is_open and self.entered_at is None


class OpenVote(models.Model):
    """How somebody who is appointed voted, by name and in public; empty: she did not vote."""

    record = models.ForeignKey(RollCallRecord, on_delete=models.PROTECT, related_name="votes")
    appointee = models.ForeignKey(Appointee, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(max_length=10, choices=Choice.choices, blank=True)
    reasons = models.TextField(max_length=2000, blank=True)  # her own words, in public

    class Meta:
        ordering = ["appointee__seat"]
        constraints = [models.UniqueConstraint(fields=["record", "appointee"], name="one_open_vote_each")]


FEWEST_SHOWN = 5
"""If fewer members spoke, no sums of a resolution are shown or kept, only what became of it."""
FEWEST_VOTERS = 3
"""So many must be able to vote, or to speak: of one or of two, the outcome alone would tell how each of them did."""


class Resolution(models.Model):
    """What a body decides between its meetings: proposed once, and in force when its members have agreed.

    No field says how a member spoke: only sums are kept, and pages show them when it is decided.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="resolutions")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="resolutions")
    number = models.PositiveIntegerField()
    matter = models.CharField(max_length=20, choices=Matter.choices)
    about = models.CharField(max_length=60)  # "theme 7": what it decides on
    terms = models.JSONField(default=dict, blank=True)  # what holds if it is carried
    by_office = models.BooleanField(default=False)  # brought by the secretariat for a meeting
    rule = models.CharField(max_length=120)  # that gives the decision to the body
    rule_book = models.ForeignKey(RuleBookVersion, on_delete=models.PROTECT, related_name="+")
    roll = models.ManyToManyField(Member, related_name="resolutions")  # who sat when it was proposed
    eligible = models.PositiveIntegerField()
    threshold = models.CharField(max_length=12)
    more_than = models.BooleanField(default=False)
    of_all = models.BooleanField(default=False)  # the share is of all who sit
    abstention = models.CharField(max_length=12)
    threshold_rule = models.CharField(max_length=120, blank=True)  # empty: the statute is silent
    quorum = models.CharField(max_length=12, blank=True)
    quorum_rule = models.CharField(max_length=120, blank=True)
    proposed_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    status = models.CharField(
        max_length=20, choices=ResolutionStatus.choices, default=ResolutionStatus.OPEN
    )
    yes = models.PositiveIntegerField(default=0)
    no = models.PositiveIntegerField(default=0)
    abstain = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_resolution_per_number"),
            models.UniqueConstraint(
                fields=["institution", "about"],
                condition=Q(status="open"),
                name="one_resolution_on_a_thing_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True)
                | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="a_resolution_is_open_or_over",
            ),
            models.CheckConstraint(
                condition=Q(eligible__gte=F("yes") + F("no") + F("abstain")),
                name="no_more_voices_than_members",
            ),
        ]

    @property
    def spoken(self) -> int:
        """How many members have said something; this is known while it is open, and nothing else."""
        return self.yes + self.no + self.abstain

    @property
    def is_over(self) -> bool:
        """Whether nobody can speak any more."""
        return self.status != ResolutionStatus.OPEN

    @property
    def shows_sums(self) -> bool:
        """Whether its sums are public: it was decided, and so many spoke that they do not tell who said what."""
        decided = self.status in {ResolutionStatus.CARRIED, ResolutionStatus.FAILED}
        return decided and self.spoken >= FEWEST_SHOWN


class Voice(models.Model):
    """That a member has spoken on a resolution; not how. Deleted when the resolution is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="voices")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="voices")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resolution", "member"], name="one_voice_per_member")
        ]
