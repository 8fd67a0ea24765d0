"""How the cycles of an institution stand: everything the morning page says, read in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.ballots.models import Ballot, RollCall
from isegoria_web.deliberation.models import Statement
from isegoria_web.evidence.enums import QuestionStatus
from isegoria_web.evidence.models import Dossier, Question, Speaker
from isegoria_web.followup.models import Commitment, Duty, Handover
from isegoria_web.followup.owing import duties_of
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.lottery.models import Completion, Draw, Feature, Value
from isegoria_web.meetings.models import Attendance, Meeting, TablePlan
from isegoria_web.membership import rotating
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.errors import RotationUndated
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.enums import AmendmentStatus, RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent
from isegoria_web.register.models import Extract


def facilitators_of(institution: Institution) -> QuerySet[User]:
    """Return who may lead tables, by name."""
    found = User.objects.filter(
        grants__institution=institution, grants__role=Role.FACILITATOR,
        grants__valid_until__isnull=True, is_active=True,
    )  # fmt: skip
    return found.distinct().order_by("name")


@dataclass
class CycleState:
    """One cycle with what has happened in it so far."""

    cycle: Cycle
    extracts: list[Extract] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    campaign: Campaign | None = None
    letters: Counter[str] = field(default_factory=Counter)
    draws: dict[str, Draw] = field(default_factory=dict)
    terms: Counter[str] = field(default_factory=Counter)
    meetings: list[Meeting] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    recommendations: list[Recommendation] = field(default_factory=list)
    choices_open: list[Ballot] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    letters_owed: int = 0
    """On paper, to those whom e-mail did not reach."""
    has_dossier: bool = False
    has_speaker: bool = False
    statements_open: int = 0
    statements_closed: int = 0
    has_report: bool = False
    has_handover: bool = False

    @property
    def number(self) -> int:
        """The cycle's number, for addresses."""
        return self.cycle.number

    @property
    def letters_draw(self) -> Draw | None:
        """The draw of the letters that counts."""
        return self.draws.get(DrawKind.LETTERS)

    @property
    def panel_draw(self) -> Draw | None:
        """The draw of the panel that counts."""
        return self.draws.get(DrawKind.PANEL) or self.draws.get(DrawKind.ROTATION)

    @property
    def sent(self) -> int:
        """How many letters were drawn."""
        return sum(self.letters.values())

    @property
    def yes(self) -> int:
        """How many people said yes."""
        return self.letters[InvitationStatus.YES]

    @property
    def offered(self) -> int:
        """Seats offered and not confirmed."""
        return self.terms[TermStatus.OFFERED]

    @property
    def seated(self) -> int:
        """Seats taken."""
        return self.terms[TermStatus.ACTIVE]

    @property
    def has_quotas(self) -> bool:
        """Whether every value has its quota."""
        values = [value for feature in self.features for value in feature.values.all()]
        return bool(values) and all(value.minimum is not None for value in values)

    @property
    def drafts(self) -> list[Recommendation]:
        """Recommendations on which nobody votes yet."""
        return [each for each in self.recommendations if each.status == RecommendationStatus.DRAFT]

    @property
    def ballots_open(self) -> list[Recommendation]:
        """Recommendations with an open box."""
        found = (each for each in self.recommendations if each.status == RecommendationStatus.BALLOT)
        return [
            each for each in found if each.ballot is not None and each.ballot.status == BallotStatus.OPEN
        ]

    @property
    def roll_calls_open(self) -> list[tuple[Recommendation, RollCall]]:
        """Open votes that are not known yet, or that wait for a second person, after the citizens' box was counted."""
        boxes = [
            (each, each.ballot)
            for each in self.recommendations
            if each.ballot is not None and each.ballot.together
        ]
        return [
            (each, roll_call)
            for each, ballot in boxes
            if ballot.status == BallotStatus.CLOSED
            for roll_call in ballot.roll_calls.all()
            if roll_call.in_force is None or roll_call.waiting is not None
        ]

    @property
    def amendments_open(self) -> int:
        """How many amendments wait for a decision."""
        return sum(getattr(each, "amendments_open", 0) for each in self.recommendations)

    @property
    def unanswered(self) -> list[tuple[Recommendation, Duty]]:
        """Recommendations to which the authority still owes an answer, and which comes next; the oldest duty first."""
        next_ones = [(each, duties_of(each).owed[:1]) for each in self.recommendations]
        owed = [(each, duty) for each, duties in next_ones for duty in duties]
        return sorted(owed, key=lambda pair: pair[1].due_on)


def running_cycles(institution: Institution) -> list[Cycle]:
    """Return the cycles that are not closed, the newest first."""
    found = institution.cycles.exclude(stage=Stage.CLOSED).select_related(
        "body", "institution", "rule_book"
    )
    return list(found.prefetch_related("milestones").order_by("-number"))


def states_of(institution: Institution, cycles: Sequence[Cycle]) -> list[CycleState]:
    """Return how these cycles stand, in their order."""
    states = {cycle.pk: CycleState(cycle) for cycle in cycles}
    for read in (
        _read_features, _read_letters, _read_draws, _read_terms, _read_meetings,
        _read_knowledge, _read_statements, _read_recommendations, _read_commitments,
    ):  # fmt: skip
        read(states)
    extracts = list(Extract.objects.filter(institution=institution, erased_at__isnull=True))
    for state in states.values():
        state.extracts = extracts
    return list(states.values())


def is_gathering(state: CycleState) -> bool:
    """Whether people are still answering, so that the counts move."""
    return state.campaign is not None and state.campaign.closed_at is None and bool(state.features)


def state_of(cycle: Cycle) -> CycleState:
    """Return how one cycle stands."""
    return states_of(cycle.institution, [cycle])[0]


States = dict[int, CycleState]


def _read_features(states: States) -> None:
    for each in Feature.objects.filter(cycle__in=states).prefetch_related("values"):
        states[each.cycle_id].features.append(each)


def _read_letters(states: States) -> None:
    counting = (
        Campaign.objects.filter(cycle__in=states)
        .current()
        .select_related("extract")
        .prefetch_related("waves")
    )
    for each in counting:
        states[each.cycle_id].campaign = each
    counted = Invitation.objects.filter(campaign__in=[each.pk for each in counting]).order_by()
    for row in counted.values("campaign__cycle", "status").annotate(count=Count("pk")):
        states[row["campaign__cycle"]].letters[row["status"]] = row["count"]
    for one in counted.owed_paper().values("campaign__cycle").annotate(count=Count("pk")):
        states[one["campaign__cycle"]].letters_owed = one["count"]


def _read_draws(states: States) -> None:
    found = Draw.objects.filter(cycle__in=states).exclude(status=DrawStatus.ANNULLED)
    for each in found.order_by("number"):
        states[each.cycle_id].draws[each.kind] = each


def _read_terms(states: States) -> None:
    counted = Term.objects.filter(member__cycle__in=states).order_by()
    for row in counted.values("member__cycle", "status").annotate(count=Count("pk")):
        states[row["member__cycle"]].terms[row["status"]] = row["count"]


def _read_meetings(states: States) -> None:
    found = Meeting.objects.filter(cycle__in=states).annotate(
        has_plan=Exists(TablePlan.objects.filter(meeting=OuterRef("pk"))),
        has_attendance=Exists(Attendance.objects.filter(meeting=OuterRef("pk"))),
    )
    for each in found:
        states[each.cycle_id].meetings.append(each)


def _read_knowledge(states: States) -> None:
    known = Cycle.objects.filter(pk__in=states).annotate(
        has_dossier=Exists(Dossier.objects.filter(cycle=OuterRef("pk"), published_at__isnull=False)),
        has_speaker=Exists(Speaker.objects.filter(cycle=OuterRef("pk"))),
        has_handover=Exists(Handover.objects.filter(cycle=OuterRef("pk"))),
    )
    for row in known.values("pk", "has_dossier", "has_speaker", "has_handover"):
        state = states[row["pk"]]
        state.has_dossier, state.has_speaker = row["has_dossier"], row["has_speaker"]
        state.has_handover = row["has_handover"]
    waiting = Question.objects.filter(cycle__in=states, status=QuestionStatus.OPEN)
    for each in waiting.select_related("speaker").order_by("due_on", "pk"):
        states[each.cycle_id].questions.append(each)


def _read_statements(states: States) -> None:
    counted = Statement.objects.filter(cycle__in=states).order_by().values("cycle")
    closed = Count("pk", filter=Q(closed_at__isnull=False))
    for row in counted.annotate(all=Count("pk"), closed=closed):
        state = states[row["cycle"]]
        state.statements_closed, state.statements_open = row["closed"], row["all"] - row["closed"]


def _read_recommendations(states: States) -> None:
    open_ = Q(versions__amendments__status=AmendmentStatus.PROPOSED)
    found = (
        Recommendation.objects.filter(cycle__in=states)
        .select_related("ballot", "cycle__report")
        .annotate(amendments_open=Count("versions__amendments", filter=open_, distinct=True))
        .prefetch_related(Prefetch("versions", Version.objects.order_by("number")), "duties")
    )
    mixed = [each.ballot for each in found if each.ballot is not None and each.ballot.together]
    prefetch_related_objects(mixed, "roll_calls__records")
    for each in found:
        states[each.cycle_id].recommendations.append(each)
        states[each.cycle_id].has_report = hasattr(each.cycle, "report")
    for ballot in Ballot.objects.choices().filter(cycle__in=states, status=BallotStatus.OPEN):
        states[ballot.cycle_id].choices_open.append(ballot)


def _read_commitments(states: States) -> None:
    found = Commitment.objects.still_open().filter(answer__recommendation__cycle__in=states)
    for each in found.select_related("answer__recommendation"):
        states[each.answer.recommendation.cycle_id].commitments.append(each)


# -- the pool against the quotas -------------------------------------------------------------------


DOTS_IN_A_ROW = 30
MOST_DOTS = 160
"""More people than this in one value are drawn as one dot for several."""


@dataclass(frozen=True)
class Dot:
    """A citizen in the picture."""

    x: int
    y: int
    kind: str


@dataclass(frozen=True)
class Renewed:
    """A body of which some stay while the other seats are drawn.

    Attributes
    ----------
    plan
        The rotation; None once the pool of its draw is frozen, with those who stay.
    next_on
        The day of the rotation after it; None where an event starts it, or the pool is frozen.
    leaving_next
        How many of those who stay leave then.
    seated
        How many stay.
    staying, leaving
        How many of those who stay, and of those who leave then, have each value of each feature.
    """

    plan: rotating.Plan | None
    next_on: date | None
    leaving_next: int
    seated: int
    staying: Mapping[tuple[str, str], int]
    leaving: Mapping[tuple[str, str], int]


def renewed_in(cycle: Cycle) -> Renewed | None:
    """Return who stays while the seats of a cycle are drawn; None where the whole body is drawn.

    Raises
    ------
    RotationUndated
        If an event starts the rotation and the cycle does not say on which day seats are taken.
    """
    frozen = Completion.objects.filter(draw__in=Draw.objects.filter(cycle=cycle).of_panel().valid()).first()
    if frozen is not None:
        sitters = [each.features for each in frozen.sitters.all()]
        return Renewed(None, None, 0, len(sitters), _by_value(sitters), {})
    plan = rotating.plan_for(cycle)
    if plan is None:
        return None
    on, leaving = rotating.leaving_after(cycle, plan)
    stay, leave = ([term.member.features for term in terms] for terms in (plan.staying, leaving))
    return Renewed(plan, on, len(leave), len(stay), _by_value(stay), _by_value(leave))


def renewed_if_dated(cycle: Cycle) -> Renewed | None:
    """Return who stays while the seats of a cycle are drawn, or None as long as the day of the rotation is not known."""
    try:
        return renewed_in(cycle)
    except RotationUndated:
        return None


def _by_value(people: Iterable[Mapping[str, str]]) -> Counter[tuple[str, str]]:
    return Counter(pair for features in people for pair in features.items())


@dataclass(frozen=True)
class PoolLine:
    """One value: how many said yes, and how many seats its quota gives it.

    Attributes
    ----------
    needed, most
        The fewest and the most seats that are drawn; `most` is None where there is no quota.
    staying, leaving_next
        At a rotation: how many who stay have the value, and how many of them leave with the next one.
    """

    value: Value
    count: int
    needed: int
    people_a_dot: int = 1
    most: int | None = None
    staying: int = 0
    leaving_next: int = 0

    @property
    def dots(self) -> list[Dot]:
        """Return one dot a person: those who can fill the seats, those beyond, and the places that are empty."""
        seats, people = (-(-number // self.people_a_dot) for number in (self.needed, self.count))
        return [
            Dot(
                5 + place % DOTS_IN_A_ROW * 10,
                5 + place // DOTS_IN_A_ROW * 10,
                "absent" if place >= people else "drawn" if place < seats else "answered",
            )
            for place in range(max(seats, people))
        ]

    @property
    def height(self) -> int:
        """Return the height of the picture, in its own units."""
        return 10 * max(1, -(-len(self.dots) // DOTS_IN_A_ROW))

    @property
    def is_short(self) -> bool:
        """Whether fewer said yes than seats must be filled."""
        return self.count < self.needed

    @property
    def missing(self) -> int:
        """How many people are missing until the seats can be filled at all."""
        return max(0, self.needed - self.count)


@dataclass(frozen=True)
class PoolFeature:
    """One feature of the pool."""

    feature: Feature
    lines: list[PoolLine]

    @property
    def people_a_dot(self) -> int:
        """Return how many people one dot stands for."""
        return self.lines[0].people_a_dot if self.lines else 1


def pool_counts(cycle: Cycle) -> dict[tuple[str, str], int]:
    """Return how many of those who said yes have each value of each feature."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    found = Respondent.objects.filter(
        invitation__campaign__in=Campaign.objects.filter(cycle=cycle).current(),
        invitation__status=InvitationStatus.YES,
        erased_at__isnull=True,
    )
    for answers in found.values_list("answers", flat=True):
        for pair in answers.items():
            counts[pair] += 1
    return dict(counts)


def pool_lines(
    features: Iterable[Feature], counts: dict[tuple[str, str], int], body: Renewed | None = None
) -> list[PoolFeature]:
    """Return the pool against the quotas, feature by feature; at a rotation against what they leave to the seats that are drawn."""
    largest = max(counts.values(), default=0)
    scale = max(1, -(-largest // MOST_DOTS))
    staying, leaving = ({}, {}) if body is None else (body.staying, body.leaving)

    def line(feature: Feature, value: Value) -> PoolLine:
        key = feature.key, value.key
        there = staying.get(key, 0)
        return PoolLine(
            value,
            counts.get(key, 0),
            max(0, (value.minimum or 0) - there),
            scale,
            None if value.maximum is None else max(0, value.maximum - there),
            there,
            leaving.get(key, 0),
        )

    return [
        PoolFeature(feature, [line(feature, value) for value in feature.values.all()])
        for feature in features
    ]
