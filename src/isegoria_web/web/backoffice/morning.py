"""What is late, due today, or waits for a decision; and for each cycle the one next act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.errors import required
from isegoria_web.followup.enums import AnswerKind
from isegoria_web.followup.querysets import WORK_IS_OVER
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.guards import missing_of
from isegoria_web.institutions.life import CYCLE
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.meetings.models import Meeting
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.reading import CycleState

SOON = timedelta(days=14)
"""How far ahead the morning page looks."""
BY_HAND = (Stage.LEARNING, Stage.DELIBERATING, Stage.DECIDING)
"""The stages that a meeting begins."""
SECRETARIAT = frozenset({Role.SECRETARIAT})
ROOM = frozenset({Role.SECRETARIAT, Role.FACILITATOR})
TABLES = frozenset({Role.FACILITATOR})
COUNTERS = frozenset({Role.SECRETARIAT, Role.FACILITATOR, Role.OBSERVER})
AUTHORITY = frozenset({Role.AUTHORITY})
EXPERT = frozenset({Role.SECRETARIAT, Role.EXPERT})


class Urgency(IntEnum):
    """The order in which a person reads her morning."""

    LATE = 0
    TODAY = 1
    DECISION = 2
    SOON = 3


@dataclass(frozen=True)
class Task:
    """One line of the morning: what, where, who, by when."""

    text: str
    page: str
    args: tuple[object, ...]
    roles: frozenset[Role]
    when: date | None = None
    waits: bool = False  # there is nothing to do before the day
    key: str = field(default="", compare=False)

    def url(self, institution: str) -> str:
        """Return the page of the act."""
        return reverse(f"office:{self.page}", args=[institution, *self.args])

    def urgency(self, today: date) -> Urgency:
        """Return how urgent it is."""
        if self.when is None:
            return Urgency.DECISION
        if self.when < today:
            return Urgency.LATE
        return Urgency.TODAY if self.when == today else Urgency.SOON

    def days(self, today: date) -> int:
        """Return the days until it is due; negative where it is late."""
        return (self.when - today).days if self.when else 0


@dataclass(frozen=True)
class Line:
    """A task as a person sees it: whether she may act, and who else does."""

    task: Task
    cycle: int
    url: str
    mine: bool
    days: int
    urgency: Urgency

    @property
    def late_days(self) -> int:
        """How many days late."""
        return max(0, -self.days)

    @property
    def who(self) -> str:
        """Who acts, where she does not."""
        return ", ".join(str(role.label) for role in sorted(self.task.roles))


def lines_for(
    states: Iterable[CycleState], roles: frozenset[Role], user: User | None, today: date
) -> list[Line]:
    """Return everything that is late, due or open, the most urgent first; each role sees what is hers.

    The secretariat sees all, so that it can remind others.
    """
    lines = []
    for state in states:
        slug = state.cycle.institution.slug
        for task in _tasks(state, user if roles == {Role.EXPERT} else None):
            if not task.roles & roles and Role.SECRETARIAT not in roles:
                continue
            if task.when and task.when > today + SOON:
                continue
            lines.append(
                Line(
                    task, state.number, task.url(slug), bool(task.roles & roles), task.days(today),
                    task.urgency(today),
                )
            )  # fmt: skip
    return sorted(lines, key=lambda line: (line.urgency, line.task.when or today, line.cycle))


def lines_beside(
    tasks: Iterable[Task], institution: str, roles: frozenset[Role], today: date
) -> list[Line]:
    """Return what belongs to no cycle, for whoever has to act on it."""
    return [
        Line(task, 0, task.url(institution), True, task.days(today), task.urgency(today))
        for task in tasks
        if task.roles & roles and not (task.when and task.when > today + SOON)
    ]


def next_act(state: CycleState, roles: frozenset[Role]) -> Task | None:
    """Return the one act that brings a cycle forward: hers before others', and else what it waits for."""
    chain = list(_chain(state))
    possible = [task for task in chain if not task.waits]
    hers = [task for task in possible if task.roles & roles]
    return next(iter([*hers, *possible, *chain]), None)


# -- the chain of a cycle's life -------------------------------------------------------------------


def _chain(state: CycleState) -> Iterator[Task]:
    for part in (_founding, _inviting, _drawing, _seating, _meeting, _deciding, _answering):
        yield from part(state)


def _act(state: CycleState, text: str, page: str, *args: object, **more: object) -> Task:
    roles = more.pop("roles", SECRETARIAT)
    return Task(text, page, (state.number, *args), roles, **more)  # type: ignore[arg-type]


def _founding(state: CycleState) -> Iterator[Task]:
    if state.cycle.mandate_signed_at is None:
        yield _act(state, _("Sign the mandate"), "mandate", roles=AUTHORITY)


def _inviting(state: CycleState) -> Iterator[Task]:
    if state.campaign is None:
        if not state.extracts:
            yield Task(_("Load an extract of the register"), "register", (), SECRETARIAT)
        if not state.features:
            yield _act(state, _("Say what the panel is to mirror"), "features")
        if state.cycle.mandate_signed_at is not None:
            yield _act(state, _("Announce the draw of the letters"), "letters")
        return
    draw, zone = state.letters_draw, state.cycle.institution.time_zone
    if draw is not None and not draw.is_drawn:
        yield _act(
            state, _("Draw the letters by lot"), "letters_draw",
            when=clock.day_of(draw.source_due_at, zone), waits=draw.source_due_at > clock.now(),
        )  # fmt: skip
    elif draw is not None and state.campaign.printed_at is None:
        yield _act(state, _("Print the letters"), "letters_print")
    if state.campaign.closed_at is None:
        if state.letters_owed:
            words = {"count": state.letters_owed}
            yield _act(
                state,
                ngettext(
                    "Print %(count)d letter for people whom e-mail did not reach",
                    "Print %(count)d letters for people whom e-mail did not reach",
                    state.letters_owed,
                )
                % words,
                "letters_unreached",
            )
        yield from _pool(state)


def _pool(state: CycleState) -> Iterator[Task]:
    assert state.campaign is not None  # noqa: S101  # narrows the type
    reply_by = state.campaign.answers_until
    if reply_by >= clock.today(state.cycle.institution.time_zone):
        yield _act(state, _("Take in the answers"), "desk", when=reply_by, waits=True)
    if not state.has_quotas:
        yield _act(state, _("Set the quotas"), "quotas", when=reply_by)
    after = reply_by + timedelta(days=1)
    waits = after > clock.today(state.cycle.institution.time_zone)
    yield _act(state, _("Close the pool"), "pool", when=after, waits=waits)


def _drawing(state: CycleState) -> Iterator[Task]:
    draw, zone = state.panel_draw, state.cycle.institution.time_zone
    if draw is None:
        if state.campaign is not None and state.campaign.closed_at is not None:
            yield _act(state, _("Close the pool again, for another draw"), "pool")
        return
    due = clock.day_of(draw.source_due_at, zone)
    if draw.status == DrawStatus.ANNOUNCED:
        yield _act(state, _("Compute and commit the lottery"), "lottery", when=due)
    elif draw.status == DrawStatus.COMMITTED:
        yield _act(
            state,
            _("Draw the panel by lot"),
            "panel_draw",
            when=due,
            waits=draw.source_due_at > clock.now(),
        )


def _seating(state: CycleState) -> Iterator[Task]:
    if state.panel_draw is None or not state.panel_draw.is_drawn:
        return
    if state.panel_draw.status != DrawStatus.FINAL:
        ends_at = state.panel_draw.challenge_ends_at
        day = clock.day_of(ends_at, state.cycle.institution.time_zone) if ends_at else None
        yield _act(
            state, _("Wait for objections to the draw"), "draws",
            when=day, waits=ends_at is not None and ends_at > clock.now(),
        )  # fmt: skip
        return
    if not state.terms:
        yield _act(state, _("Offer the seats"), "seats")
    if state.offered:
        text = ngettext("Confirm %(count)d seat", "Confirm %(count)d seats", state.offered)
        yield _act(state, text % {"count": state.offered}, "seats")


def _meeting(state: CycleState) -> Iterator[Task]:
    if not state.terms:
        return
    yield from _handing_over(state)
    if not state.has_speaker:
        yield _act(state, _("Invite speakers, with their interests"), "evidence")
    if not state.has_dossier:
        yield _act(state, _("Publish the dossier"), "dossier_new")
    if not state.meetings:
        yield _act(state, _("Call the first meeting"), "meeting_new")
    for meeting in state.meetings:
        yield from _one_meeting(state, meeting)
    yield from _stage_by_hand(state)


def _handing_over(state: CycleState) -> Iterator[Task]:
    """Before their first meeting, new members get the dossier of those before them; the first cohort has none."""
    if state.has_handover or state.number == 1 or state.cycle.stage in WORK_IS_OVER:
        return
    first = min((meeting.starts_at for meeting in state.meetings), default=None)
    day = clock.day_of(first, state.cycle.institution.time_zone) if first else None
    yield _act(state, _("Hand the dossier of those before over to the new members"), "handover", when=day)


def _one_meeting(state: CycleState, meeting: Meeting) -> Iterator[Task]:
    day = clock.day_of(meeting.starts_at, state.cycle.institution.time_zone)
    words = {"number": meeting.number, "title": in_language(meeting.title)}
    if not meeting.has_plan:  # type: ignore[attr-defined]
        yield _act(
            state, _("Plan the tables of meeting %(number)d") % words, "tables", meeting.number, when=day
        )
    if not meeting.has_attendance:  # type: ignore[attr-defined]
        yield _act(
            state, _("Take the attendance of meeting %(number)d: %(title)s") % words, "attendance",
            meeting.number, roles=ROOM, when=day, waits=meeting.starts_at > clock.now(),
        )  # fmt: skip


def _stage_by_hand(state: CycleState) -> Iterator[Task]:
    """The first meeting begins the learning, the second the deliberation, the third the decision."""
    held = sum(meeting.starts_at <= clock.now() for meeting in state.meetings)
    stages = list(Stage)
    due = BY_HAND[min(held, len(BY_HAND)) - 1] if held else None
    if due is not None and stages.index(Stage(state.cycle.stage)) < stages.index(due):
        yield _act(state, _("Move the cycle on to “%(stage)s”") % {"stage": due.label}, "stage")


def _deciding(state: CycleState) -> Iterator[Task]:
    if not state.meetings or not all(meeting.has_attendance for meeting in state.meetings[:1]):  # type: ignore[attr-defined]
        return
    if not state.recommendations and (state.statements_open or state.statements_closed):
        yield _act(state, _("Draft the recommendations"), "recommendation_new", roles=ROOM)
    for each in state.recommendations:
        if count := getattr(each, "amendments_open", 0):
            text = ngettext(
                "Decide %(count)d amendment to recommendation %(number)d",
                "Decide %(count)d amendments to recommendation %(number)d",
                count,
            )
            words = {"count": count, "number": each.number}
            yield _act(state, text % words, "recommendation", each.number, roles=ROOM)
    if state.recommendations and state.statements_open:
        yield _act(state, _("Close the statements"), "statements", roles=TABLES)
    for each in state.drafts:
        text = _("Open the ballot on recommendation %(number)d") % {"number": each.number}
        yield _act(state, text, "ballot_open", each.number)
    yield from _counting(state)
    yield from _calling(state)
    yield from _counting_choices(state)
    undecided = state.drafts or state.ballots_open or state.roll_calls_open
    decided = state.recommendations and not undecided
    if decided and not state.has_report:
        yield _act(state, _("Hand over the report"), "report")


def _counting(state: CycleState) -> Iterator[Task]:
    for each in state.ballots_open:
        if each.ballot is None:
            continue
        closes = each.ballot.closes_at
        yield _act(
            state, _("Count the ballot on recommendation %(number)d") % {"number": each.number},
            "ballot_close", each.number, roles=COUNTERS, when=clock.day_of(closes, state.cycle.institution.time_zone),
            waits=closes > clock.now(),
        )  # fmt: skip


def _calling(state: CycleState) -> Iterator[Task]:
    """Open votes of those who are appointed: written down by one person, confirmed by a second."""
    for each, roll_call in state.roll_calls_open:
        words = {"number": each.number}
        since = clock.day_of(required(roll_call.ballot.closed_at), state.cycle.institution.time_zone)
        if roll_call.waiting is None:
            text = _("Write down the open vote on recommendation %(number)d") % words
            yield _act(state, text, "roll_call", each.number, roll_call.college, when=since)
        elif roll_call.waiting.under_way:
            closes = required(roll_call.waiting.closes_at)
            text = _("Close the open vote on recommendation %(number)d") % words
            yield _act(
                state, text, "roll_call_close", each.number, roll_call.college,
                when=clock.day_of(closes, state.cycle.institution.time_zone), waits=closes > clock.now(),
            )  # fmt: skip
        else:
            text = _("Confirm the open vote on recommendation %(number)d, as the second person") % words
            yield _act(
                state, text, "roll_call_confirm", each.number, roll_call.college, roles=COUNTERS, when=since
            )


def _counting_choices(state: CycleState) -> Iterator[Task]:
    for each in state.choices_open:
        yield _act(
            state, _("Count the ballot “%(question)s”") % {"question": in_language(each.question)},
            "choice_close", each.number, roles=COUNTERS,
            when=clock.day_of(each.closes_at, state.cycle.institution.time_zone),
            waits=each.closes_at > clock.now(),
        )  # fmt: skip


def _answering(state: CycleState) -> Iterator[Task]:
    for each, duty in state.unanswered:
        final = duty.kind == AnswerKind.FINAL
        text = (
            _("Give the final answer to recommendation %(number)d: %(title)s")
            if final
            else _("Answer recommendation %(number)d: %(title)s")
        )
        page = "final_answer" if final else "answer"
        yield _act(state, text % _words(each), page, each.number, roles=AUTHORITY, when=duty.due_on)
    for promise in sorted(state.commitments, key=lambda each: each.due_on):
        number = promise.answer.recommendation.number
        text = _("Report on what was promised for recommendation %(number)d") % {"number": number}
        yield _act(state, text, "progress", promise.pk, roles=AUTHORITY, when=promise.due_on)
    if state.cycle.stage == Stage.FOLLOW_UP and not missing_of(state.cycle, CYCLE.verb("close")):
        yield _act(state, _("Close the cycle"), "stage")


def _words(recommendation: object) -> dict[str, object]:
    versions = list(recommendation.versions.all())  # type: ignore[attr-defined]
    title = in_language(versions[-1].title) if versions else ""
    return {"number": recommendation.number, "title": title}  # type: ignore[attr-defined]


# -- what stands beside the chain ------------------------------------------------------------------


def _tasks(state: CycleState, expert: User | None) -> Iterator[Task]:
    """Yield the acts of the chain that have a day or can be done now, and what comes from others."""
    yield from _now(_chain(state))
    for question in state.questions:
        asked = question.speaker.user_id if question.speaker else None
        if expert is not None and asked != expert.pk:
            continue
        who = question.speaker.name if question.speaker else _("the secretariat")
        yield _act(
            state, _("A member's question to %(name)s waits for an answer") % {"name": who}, "reply",
            question.public_id, roles=EXPERT, when=question.due_on,
        )  # fmt: skip
    for extract in state.extracts:
        text = _("Erase the register extract of %(day)s") % {"day": extract.reference_date.isoformat()}
        yield Task(text, "extract_erase", (extract.public_id,), SECRETARIAT, when=extract.erase_on)


def _now(chain: Iterable[Task]) -> Iterator[Task]:
    """Yield what can be done, and of what is not dated only the first: the rest comes after it."""
    undated = False
    for task in chain:
        if task.when is not None:
            yield task
        elif not undated or task.page in {"recommendation", "ballot_open"}:
            undated = True
            yield task
