"""The lives of an institution and of a cycle: their machines, what each verb asks for, and what each status allows."""

from __future__ import annotations

from enum import Enum

from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.enums import ActorKind, Role
from isegoria_web.institutions.enums import Stage, Status
from isegoria_web.institutions.machine import Guard, Machine, Transition

AUTHORITY = frozenset({Role.AUTHORITY.value})
SECRETARIAT = frozenset({Role.SECRETARIAT.value})
SOFTWARE = frozenset({ActorKind.SYSTEM.value})
FOUNDERS = frozenset({"operator"}) | SOFTWARE

# -- an institution --------------------------------------------------------------------------------

RULE_BOOK_ADOPTED = Guard("rule_book.adopted", _("No rule book is adopted."), "rules")
SECRETARIAT_NAMED = Guard("secretariat.named", _("Nobody holds the role of the secretariat."), "roles")
AUTHORITY_NAMED = Guard("authority.named", _("Nobody holds the role of the authority."), "roles")
FUNDING_NAMED = Guard("funding.named", _("No budget line is named."), "funding")
STAFFED = (RULE_BOOK_ADOPTED, SECRETARIAT_NAMED, AUTHORITY_NAMED)

INSTITUTION = Machine(
    states=tuple(Status),
    start=Status.PROPOSED,
    transitions=(
        Transition(
            "adopt", _("Found the institution"), frozenset({Status.PROPOSED}), Status.ADOPTED, FOUNDERS, (RULE_BOOK_ADOPTED,),
        ),
        Transition(
            "fund", _("Name the money and the secretariat"), frozenset({Status.ADOPTED}), Status.FUNDED,
            FOUNDERS | SECRETARIAT | AUTHORITY, (FUNDING_NAMED, SECRETARIAT_NAMED),
        ),
        Transition(
            "operate", _("Begin to work"), frozenset({Status.FUNDED}), Status.OPERATING,
            FOUNDERS | SECRETARIAT | AUTHORITY, (*STAFFED, FUNDING_NAMED),
        ),
        Transition(
            "suspend", _("Suspend the institution"), frozenset({Status.OPERATING, Status.UNDER_REVIEW}), Status.SUSPENDED,
            AUTHORITY, reasons=True,
        ),
        Transition(
            "resume", _("Let the institution work again"), frozenset({Status.SUSPENDED}), Status.OPERATING, AUTHORITY, STAFFED,
            reasons=True,
        ),
        Transition(
            "review", _("Begin the review of the institution"), frozenset({Status.OPERATING}), Status.UNDER_REVIEW, AUTHORITY,
            reasons=True,
        ),
        Transition(
            "renew", _("Renew the institution"), frozenset({Status.UNDER_REVIEW}), Status.OPERATING, AUTHORITY, STAFFED,
            reasons=True,
        ),
        Transition(
            "abolish", _("Abolish the institution"),
            frozenset({Status.OPERATING, Status.SUSPENDED, Status.UNDER_REVIEW}), Status.ABOLISHED,
            AUTHORITY, reasons=True,
        ),
    ),
)  # fmt: skip


class Work(Enum):
    """What is done in an institution, by how much it binds people to what is to come."""

    BEGIN = "begin"  # a cycle, letters, a draw, a theme, a signature, a meeting, a ballot
    GO_ON = "go on"  # what was begun under a public promise: replies, a draw that is announced, an open box


WORK_AT = {
    Status.PROPOSED: frozenset[Work](),
    Status.ADOPTED: frozenset[Work](),
    Status.FUNDED: frozenset[Work](),
    Status.OPERATING: frozenset({Work.BEGIN, Work.GO_ON}),
    Status.UNDER_REVIEW: frozenset({Work.BEGIN, Work.GO_ON}),
    Status.SUSPENDED: frozenset({Work.GO_ON}),
    Status.ABOLISHED: frozenset[Work](),
}
"""Answers of the authority, reports on promises, erasure and the archive are never stopped."""

# -- a cycle ---------------------------------------------------------------------------------------

AT_WORK = Guard(
    "institution.at_work", _("The institution is suspended or abolished; it begins nothing."), "status"
)
MANDATE_SIGNED = Guard("mandate.signed", _("The authority has not signed the mandate yet."), "mandate")
LETTERS_DRAWN = Guard("letters.drawn", _("The letters are not drawn."), "letters", by_act=True)
QUOTAS_SET = Guard("quotas.set", _("The quotas are not complete."), "quotas")
CHANGE_DECIDED = Guard(
    "quotas.change_decided", _("A change of the quotas waits for a second person."), "quotas"
)
DUPLICATES_DECIDED = Guard(
    "duplicates.decided",
    _("Some answers may come from one person, who would stand in the pool twice."),
    "alike",
)
POOL_FROZEN = Guard("pool.frozen", _("The pool is not closed."), "pool", by_act=True)
DRAW_ANNULLED = Guard("draw.annulled", _("A draw of the panel still holds."), "draws")
DRAW_FINAL = Guard("draw.final", _("The draw of the panel is not final."), "draws")
SEATS_SETTLED = Guard("seats.settled", _("Somebody was offered a seat and has not answered."), "seats")
SEAT_TAKEN = Guard("seats.taken", _("Nobody has taken a seat."), "seats")
SEATS_QUORATE = Guard(
    "seats.quorate",
    _("Fewer people sit than a decision needs."),
    "seats",
    ("bodies.{body}.decision.quorum",),
)
CONFLICTS_SETTLED = Guard(
    "conflicts.settled",
    _(
        "A speaker has not declared her interests, or somebody leads a table on what she has an interest in."
    ),
    "evidence",
)
MEETING_CALLED = Guard("meeting.called", _("No meeting is called."), "meetings")
MEETING_HELD = Guard("meeting.held", _("No meeting was held: there is no attendance."), "meetings")
DECIDED = Guard(
    "recommendations.decided",
    _("There is no recommendation, or one is not decided."),
    "recommendations",
    ("bodies.{body}.decision.majority",),
)
REASONED = Guard(
    "recommendations.reasoned", _("A recommendation has no text or no reasons."), "recommendations"
)
BALLOTS_COUNTED = Guard("ballots.counted", _("A secret ballot is not counted."), "recommendations")
DISSENT_OVER = Guard(
    "dissent.over",
    _("Members can still hand in minority opinions."),
    "recommendations",
    ("bodies.{body}.decision.minority_days",),
)
OPINIONS_REVIEWED = Guard("opinions.reviewed", _("A minority opinion waits for a review."), "contributions")
ANSWER_PROMISED = Guard(
    "answer.promised",
    _("Neither the statute nor the mandate says by when the authority answers."),
    "mandate",
)
QUESTIONNAIRE_COUNTED = Guard(
    "questionnaire.counted", _("The questionnaire to the members is not counted."), "questionnaire"
)
ANSWERS_GIVEN = Guard(
    "answers.given",
    _("The authority owes a recommendation its answer."),
    "answers",
    ("duty.answer_days", "duty.answer_months"),
)
PROMISES_KEPT = Guard(
    "promises.settled",
    _("A promise of the authority is open: neither kept nor given up with reasons."),
    "answers",
)
FINAL_GIVEN = Guard(
    "answers.final",
    _("The authority owes a recommendation its final answer: what became of it."),
    "answers",
    ("duty.final_months",),
)
REVIEW_HELD = Guard(
    "review.due",
    _("The day has not come on which the statute lets everybody see what became of the recommendations."),
    "answers",
    ("duty.review_months",),
)
BEFORE_THE_REPORT = frozenset(
    {
        Stage.MANDATE, Stage.INVITING, Stage.DRAWING, Stage.SEATED,
        Stage.LEARNING, Stage.DELIBERATING, Stage.DECIDING,
    }
)  # fmt: skip
"""A report that was handed over is owed its answers: no cycle is broken off after it."""

CYCLE = Machine(
    states=tuple(Stage),
    start=Stage.MANDATE,
    transitions=(
        Transition(
            "invite", _("Draw the letters"), frozenset({Stage.MANDATE}), Stage.INVITING, SECRETARIAT | SOFTWARE,
            (MANDATE_SIGNED, CONFLICTS_SETTLED, LETTERS_DRAWN),
        ),
        Transition(
            "draw", _("Close the pool"), frozenset({Stage.MANDATE, Stage.INVITING}), Stage.DRAWING,
            SECRETARIAT, (MANDATE_SIGNED, QUOTAS_SET, CHANGE_DECIDED, DUPLICATES_DECIDED, POOL_FROZEN, AT_WORK),
        ),
        Transition(
            "invite_again", _("Announce letters again"), frozenset({Stage.DRAWING}), Stage.INVITING, SECRETARIAT,
            (DRAW_ANNULLED, AT_WORK),
        ),
        Transition(
            "seat", _("Take the seats"), frozenset({Stage.DRAWING}), Stage.SEATED,
            SECRETARIAT | AUTHORITY | SOFTWARE, (DRAW_FINAL, SEATS_SETTLED, SEAT_TAKEN),
        ),
        Transition(
            "learn", _("Begin the learning"), frozenset({Stage.SEATED}), Stage.LEARNING, SECRETARIAT,
            (SEATS_QUORATE, CONFLICTS_SETTLED, MEETING_CALLED, AT_WORK),
        ),
        Transition(
            "deliberate", _("Begin the deliberation"), frozenset({Stage.SEATED, Stage.LEARNING}), Stage.DELIBERATING,
            SECRETARIAT, (SEATS_QUORATE, CONFLICTS_SETTLED, MEETING_HELD, AT_WORK),
        ),
        Transition(
            "decide", _("Begin the decision"), frozenset({Stage.LEARNING, Stage.DELIBERATING}), Stage.DECIDING,
            SECRETARIAT, (MEETING_HELD, REASONED, AT_WORK),
        ),
        Transition(
            "deliver", _("Hand over the report"), frozenset({Stage.LEARNING, Stage.DELIBERATING, Stage.DECIDING}),
            Stage.ANSWERING, SECRETARIAT | AUTHORITY,
            (REASONED, DECIDED, BALLOTS_COUNTED, DISSENT_OVER, OPINIONS_REVIEWED, ANSWER_PROMISED),
        ),
        Transition(
            "follow", _("Begin the follow-up"), frozenset({Stage.ANSWERING}), Stage.FOLLOW_UP,
            SECRETARIAT | AUTHORITY | SOFTWARE, (ANSWERS_GIVEN,),
        ),
        Transition(
            "close", _("Close the cycle"), frozenset({Stage.FOLLOW_UP}), Stage.CLOSED, SECRETARIAT,
            (FINAL_GIVEN, PROMISES_KEPT, REVIEW_HELD, QUESTIONNAIRE_COUNTED),
        ),
        Transition(
            "break_off", _("Break the cycle off"), BEFORE_THE_REPORT, Stage.CLOSED, AUTHORITY, reasons=True,
        ),
    ),
)  # fmt: skip
