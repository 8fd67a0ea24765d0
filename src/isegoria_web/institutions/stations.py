"""The 24 stations of a cycle: who acts at each, what document it leaves, what must hold to leave it.

A station is nowhere written down: it follows from the stage and from what is in the database, so the two cannot
disagree. The agenda, before a cycle is opened, is a phase of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions import life
from isegoria_web.institutions.enums import Party, Stage, Station
from isegoria_web.institutions.machine import Guard

Mark = Literal["done", "now", "next", "left_out", "never"]

THEME_PROPOSED = Guard("theme.proposed", _("No theme is proposed."), "themes")
THEMES_JUDGED = Guard("themes.judged", _("A theme waits for its verdict."), "themes")
THEME_SUPPORTED = Guard(
    "theme.supported", _("No theme has the signatures that it needs."), "themes", ("agenda.resident_signatures",)
)  # fmt: skip
THEME_CHOSEN = Guard("theme.chosen", _("No theme is chosen."), "themes", ("agenda.decides",))
CYCLE_OPENED = Guard("cycle.opened", _("No cycle is opened on the theme that was chosen."), "themes")
THEME_TAKEN = Guard("theme.taken", _("The question of the cycle comes from no theme of the agenda."))
TEAM_NAMED = Guard("team.named", _("Nobody holds the role of facilitator."), "roles")
EXTRACT_LOADED = Guard("extract.loaded", _("No extract of the register is loaded."), "register")
LETTERS_ANNOUNCED = Guard("letters.announced", _("The draw of the letters is not announced."), "letters")
ANSWERS_CLOSED = Guard("answers.closed", _("People can still answer their letters."), "pool")
POOL_LARGE = Guard("pool.large", _("Fewer people say yes than a quota asks for."), "pool")
DRAFTED = Guard("recommendations.drafted", _("No recommendation is drafted."), "recommendations")
REPORT_DELIVERED = Guard("report.delivered", _("The report is not handed over."), "report", by_act=True)
DEBATE_HELD = Guard("debate.held", _("No meeting was held about the answers of the authority."), "meetings")
PROGRESS_REPORTED = Guard("progress.reported", _("No progress is reported on a promise."), "answers")
DATA_ERASED = Guard("data.erased", _("The days of erasure of some data are still to come."))

OF_AGENDA = (THEME_PROPOSED, THEMES_JUDGED, THEME_SUPPORTED, THEME_CHOSEN, CYCLE_OPENED)
"""What is asked of the agenda of an institution, before there is a cycle."""


@dataclass(frozen=True)
class Row:
    """What the table says of a station.

    Attributes
    ----------
    phase
        The stage within which it lies; None for the agenda, before the cycle is opened.
    who
        Roles and parties that act.
    document
        What it leaves behind.
    guards
        What must hold to leave it, beside what the verb asks for that leads to the next stage.
    shown_by
        The fact that tells, later too, that it was passed and not left out.
    ahead
        The fact that, once it holds, leaves nothing in hand that comes before it in its phase.
    """

    station: Station
    phase: Stage | None
    who: tuple[Role | Party, ...]
    document: object
    guards: tuple[Guard, ...]
    shown_by: Guard | None = None
    ahead: Guard | None = None


_OFFICE, _AUTHORITY, _TABLES = Role.SECRETARIAT, Role.AUTHORITY, Role.FACILITATOR
_MEMBERS, _RESIDENTS = Party.MEMBER, Party.RESIDENT

TABLE = (
    Row(Station.AGENDA_OPEN, None, (_RESIDENTS, _MEMBERS, _AUTHORITY), _("Themes with their reasons"),
        (THEME_PROPOSED,), THEME_TAKEN),
    Row(Station.AGENDA_SCREENED, None, (_OFFICE,), _("Verdicts with their rules"), (THEMES_JUDGED,), THEME_TAKEN),
    Row(Station.AGENDA_SUPPORTED, None, (_RESIDENTS,), _("Number of signatures"), (THEME_SUPPORTED,), THEME_TAKEN,
        THEME_SUPPORTED),
    Row(Station.THEME_CHOSEN, None, (_MEMBERS, _AUTHORITY), _("Choice with its reasons"),
        (THEME_CHOSEN, CYCLE_OPENED), THEME_TAKEN, THEME_CHOSEN),
    Row(Station.MANDATE_WRITTEN, Stage.MANDATE, (_OFFICE, _AUTHORITY), _("Mandate"), (life.MANDATE_SIGNED,),
        life.MANDATE_SIGNED, life.MANDATE_SIGNED),
    Row(Station.TEAM_SET, Stage.MANDATE, (_OFFICE,), _("Declarations of interests"),
        (TEAM_NAMED, life.CONFLICTS_SETTLED)),
    Row(Station.DRAW1_READY, Stage.MANDATE, (_OFFICE,), _("Announcement of the draw of the letters"),
        (EXTRACT_LOADED, LETTERS_ANNOUNCED), LETTERS_ANNOUNCED, LETTERS_ANNOUNCED),
    Row(Station.DRAW1_DONE, Stage.MANDATE, (_OFFICE, Role.OBSERVER), _("Record of the draw of the letters"),
        (life.LETTERS_DRAWN,), life.LETTERS_DRAWN, life.LETTERS_DRAWN),
    Row(Station.INVITING, Stage.INVITING, (_RESIDENTS, _OFFICE, Role.CALLER), _("Letters and answers"),
        (ANSWERS_CLOSED, POOL_LARGE), life.LETTERS_DRAWN),
    Row(Station.POOL_CLOSED, Stage.INVITING, (_OFFICE,), _("Quotas and the pool"),
        (life.QUOTAS_SET, life.CHANGE_DECIDED, life.DUPLICATES_DECIDED, life.POOL_FROZEN), life.POOL_FROZEN, life.POOL_FROZEN),
    Row(Station.DRAW2_DONE, Stage.DRAWING, (_OFFICE, Role.OBSERVER), _("Record of the draw of the panel"),
        (life.DRAW_FINAL,), life.DRAW_FINAL, life.DRAW_FINAL),
    Row(Station.CONFIRMING, Stage.DRAWING, (_RESIDENTS, _OFFICE), _("Offers of seats"),
        (life.SEATS_SETTLED, life.SEAT_TAKEN)),
    Row(Station.INSTALLED, Stage.SEATED, (_AUTHORITY, _OFFICE), _("List of the members"),
        (life.SEATS_QUORATE, life.CONFLICTS_SETTLED, life.MEETING_CALLED)),
    Row(Station.LEARNING, Stage.LEARNING, (Role.EXPERT, _MEMBERS), _("Dossiers, questions and answers"),
        (life.SEATS_QUORATE, life.CONFLICTS_SETTLED, life.MEETING_HELD)),
    Row(Station.DELIBERATING, Stage.DELIBERATING, (_TABLES, _MEMBERS), _("Notes of the tables"),
        (life.MEETING_HELD, DRAFTED)),
    Row(Station.DRAFTING, Stage.DELIBERATING, (_MEMBERS, _TABLES), _("Drafts with their versions"),
        (DRAFTED, life.REASONED), DRAFTED),
    Row(Station.VOTING, Stage.DECIDING, (_MEMBERS,), _("Counts of the ballots"),
        (life.REASONED, life.DECIDED, life.BALLOTS_COUNTED, life.DISSENT_OVER, life.OPINIONS_REVIEWED)),
    Row(Station.REPORT_DELIVERED, Stage.DECIDING, (_OFFICE, _MEMBERS), _("Report"),
        (life.ANSWER_PROMISED, REPORT_DELIVERED), REPORT_DELIVERED, REPORT_DELIVERED),
    Row(Station.AWAITING_RESPONSE, Stage.ANSWERING, (_AUTHORITY,), _("Answers with their reasons"), (life.ANSWERS_GIVEN,)),
    Row(Station.JOINT_DEBATE, Stage.FOLLOW_UP, (_MEMBERS, _AUTHORITY), _("Minutes of the debate"),
        (DEBATE_HELD,), DEBATE_HELD),
    Row(Station.IMPLEMENTING, Stage.FOLLOW_UP, (_AUTHORITY,), _("Reports on promises"),
        (life.FINAL_GIVEN, life.PROMISES_KEPT), PROGRESS_REPORTED, PROGRESS_REPORTED),
    Row(Station.FOLLOW_UP_REVIEW, Stage.FOLLOW_UP, (_MEMBERS,), _("Verdicts of the members"), (life.REVIEW_HELD,)),
    Row(Station.EVALUATED, Stage.FOLLOW_UP, (_OFFICE, _MEMBERS), _("Measures and questionnaire"),
        (life.QUESTIONNAIRE_COUNTED,)),
    Row(Station.CLOSED, Stage.CLOSED, (_OFFICE,), _("Certificates of erasure"), (DATA_ERASED,)),
)  # fmt: skip

LOOPS = (
    (
        Station.FOLLOW_UP_REVIEW,
        Station.AGENDA_OPEN,
    ),  # what became of the last question leads to the next one
    (Station.INVITING, Station.INVITING),  # a further wave of letters
    (Station.POOL_CLOSED, Station.INVITING),  # letters again after an annulled draw
    (Station.CONFIRMING, Station.DRAW2_DONE),  # an extra draw where no alternate is left
)
"""Where a cycle goes back, or round."""

PHASES: tuple[Stage | None, ...] = (None, *Stage)


def rows_of(phase: Stage | None) -> tuple[Row, ...]:
    """Return the stations of a phase, in their order."""
    return tuple(row for row in TABLE if row.phase == phase)


def where(phase: Stage | None, holds: Callable[[Guard], bool]) -> Row:
    """Return the station at which a cycle stands in a phase: the first that lacks something.

    What lies before a station that is known to be passed is not in hand any more, even if it was left out. Where
    nothing is lacking it is the last one: the verb to the next stage can be taken.
    """
    rows = rows_of(phase)
    begins = 0
    for index, row in enumerate(rows):
        if row.ahead is not None and holds(row.ahead):
            begins = index
    left = (row for row in rows[begins:] if not all(holds(guard) for guard in row.guards))
    return next(left, rows[-1])


def marks(
    phase: Stage | None,
    holds: Callable[[Guard], bool],
    *,
    skipped: Collection[Stage] = (),
    broken_off: bool = False,
) -> dict[Station, Mark]:
    """Return of each station whether it was done, is in hand, is still to come, was left out, or is never reached.

    Parameters
    ----------
    phase
        In which the cycle is, or was when it was broken off.
    skipped
        Stages before it at which the cycle never stood.
    """
    now, found = where(phase, holds), dict[Station, Mark]()
    here = [row.station for row in TABLE].index(now.station)
    for index, row in enumerate(TABLE):
        if index > here:
            found[row.station] = "never" if broken_off else "next"
        elif index == here:
            found[row.station] = "never" if broken_off else "now"
        elif row.shown_by is not None:
            found[row.station] = "done" if holds(row.shown_by) else "left_out"
        else:
            found[row.station] = "left_out" if row.phase in skipped else "done"
    if phase == Stage.CLOSED and not broken_off and holds(DATA_ERASED):
        found[Station.CLOSED] = "done"
    return found
