"""How those who are not drawn vote by name: written down by one person, confirmed by a second, corrected in public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import algorithms, open_votes, roll_calls
from isegoria_web.ballots.models import RollCall, RollCallRecord
from isegoria_web.institutions.models import Cycle
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.counting import COUNTERS, page_of
from isegoria_web.web.backoffice.forms.roll_calls import (
    AWAY,
    OpenVoteForm,
    RollCallForm,
    RollDayForm,
    said_in_words,
    with_group,
)
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office


def _roll_call_or_404(cycle: Cycle, number: int, college: str) -> RollCall:
    found = RollCall.objects.select_related("ballot__cycle__institution")
    return get_object_or_404(
        found, ballot__cycle=cycle, ballot__recommendation__number=number, college=college
    )


def _waiting_or_404(cycle: Cycle, number: int, college: str) -> RollCallRecord:
    found = _roll_call_or_404(cycle, number, college).waiting
    if found is None:
        raise Http404
    return found


@for_office(Role.SECRETARIAT)
def roll_call(office: Office, cycle: int, number: int, college: str) -> HttpResponse:
    """Write down an open vote by name, for who held a seat on its day; what is public already is corrected."""
    found = office.cycle(cycle)
    voting = _roll_call_or_404(found, number, college)
    before, waiting = voting.in_force, voting.waiting
    if waiting is not None and waiting.in_site:  # nobody reads what they said before it counts
        return office.to("recommendation", found.number, number)
    start = waiting or before
    day_form = _day_form(office, voting, office.today() if start is None else start.held_on)
    day = day_form.cleaned_data.get("on") if day_form.is_valid() else None
    roll = [] if day is None else roll_calls.roll_of(voting, day)
    form = RollCallForm(
        office.data, roll=roll, languages=office.languages if before is not None else (),
        initial=_as_written(start, day),
    )  # fmt: skip
    rule = next((each for each in algorithms.open_rules(found) if each.college == college), None)

    return act_on(
        office,
        found,
        form=form,
        template="roll_call",
        act=lambda data: roll_calls.enter_roll_call(
            actor=office.actor, roll_call=voting, held_on=data["held_on"], choices=form.choices,
            reasons=form.reasons, why=data.get("why"),
        ),
        done=office.then(
            _("The open vote is written down. It counts when a second person has confirmed it."),
            "recommendation", found.number, number,
        ),
        caution=lambda data: Caution(
            title=_("Write down the open vote?"),
            consequences=[
                _("A second person confirms it. Then everybody reads who voted how, by name."),
                _("Until then you can write it down anew; afterwards a correction is public, with both versions."),
            ],
            submit=_("Write down the open vote"),
            facts={_("Day"): data["held_on"], **dict(form.sums())},
            irreversible=False,
        ),
        roll_call=voting,
        words={} if rule is None else rule.words,
        roll=roll,
        day=day,
        day_form=day_form,
        before=before,
        waiting=waiting,
        back=office.url("recommendation", found.number, number),
    )  # fmt: skip


def _day_form(office: Office, voting: RollCall, usual: date) -> RollDayForm:
    """Return the day that is sent along, asked for, or usual."""
    sent = office.request.POST.get("held_on") if office.is_post else office.request.GET.get("on")
    return RollDayForm({"on": sent or usual.isoformat()}, roll_call=voting)


def _as_written(start: RollCallRecord | None, day: date | None) -> dict[str, Any]:
    """Return what a form begins with: the votes as they are written down so far."""
    values: dict[str, Any] = {"held_on": day}
    if start is not None:
        values["why"] = start.reason
        for vote in start.votes.all():
            values[f"vote_{vote.appointee_id}"] = vote.choice or AWAY
            values[f"reasons_{vote.appointee_id}"] = vote.reasons
    return values


@for_office(Role.SECRETARIAT)
def open_in_site(office: Office, cycle: int, number: int, college: str) -> HttpResponse:
    """Let a group vote by name in the site, until a moment."""
    found = office.cycle(cycle)
    voting = _roll_call_or_404(found, number, college)
    return act_on(
        office,
        found,
        form=OpenVoteForm(office.data),
        act=lambda data: open_votes.open_vote(
            actor=office.actor, roll_call=voting, closes_at=data["closes_at"]
        ),
        done=office.then(
            _("They can vote now, each on pages of her own."), "recommendation", found.number, number
        ),
        caution=lambda data: Caution(
            title=_("Let them vote in the site?"),
            consequences=[
                _("Everybody who holds a seat of this group today votes by name on pages of her own."),
                _("Nobody reads anything of it before two persons have closed it, not even the office."),
                _("The closing moment cannot be moved."),
            ],
            submit=_("Open the vote by name"),
            facts={_("The vote closes"): data["closes_at"]},
            irreversible=False,
        ),
        heading=_("Vote by name in the site: %(group)s") % {"group": in_language(voting.title)},
        submit=_("Go on"),
        back=office.url("recommendation", found.number, number),
    )  # fmt: skip


@for_office(Role.SECRETARIAT)
def close_in_site(office: Office, cycle: int, number: int, college: str) -> HttpResponse:
    """Close, as the first person, a vote by name in the site."""
    return _on_waiting(
        office, cycle, number, college,
        caution=lambda waiting: Caution(
            title=_("Close the vote by name?"),
            consequences=[
                _("Whoever has not voted stands as “did not vote”."),
                _("A second person confirms it. Only then it is read, by you as by everybody."),
            ],
            submit=_("Close the vote"),
            facts={} if waiting.closes_at is None else {_("The vote closes"): waiting.closes_at},
        ),
        act=lambda waiting: open_votes.close_vote(actor=office.actor, record=waiting),
        said=_("Closed. A second person now confirms it; then it counts."),
    )  # fmt: skip


@for_office(*COUNTERS)
def confirm(office: Office, cycle: int, number: int, college: str) -> HttpResponse:
    """Confirm, as the second person, how each of a group voted by name."""
    return _on_waiting(
        office, cycle, number, college,
        caution=lambda waiting: Caution(
            title=_("Confirm the open vote, as the second person"),
            consequences=[
                _("It counts, and everybody reads who voted how, by name."),
                _("Afterwards it is only corrected in public, with both versions."),
                _("The two of you answer for it together."),
            ],
            submit=_("Confirm the open vote"),
            facts={
                _("Day"): waiting.held_on,
                **({_("Reason"): waiting.reason} if waiting.reason else {}),
                **_votes_in_words(waiting),
            },
        ),
        act=lambda waiting: roll_calls.confirm_roll_call(actor=office.actor, record=waiting),
        said=_("The open vote counts and is public."),
    )  # fmt: skip


def _votes_in_words(waiting: RollCallRecord) -> dict[str, Any]:
    """Return who voted how; what they said themselves nobody reads before it counts, so that nobody confirms by the result."""
    if waiting.in_site:
        return {}
    votes = waiting.votes.select_related("appointee")
    return {with_group(each.appointee): said_in_words(each.choice) for each in votes}


@for_office(Role.SECRETARIAT)
def withdraw(office: Office, cycle: int, number: int, college: str) -> HttpResponse:
    """Withdraw an open vote that nobody has confirmed."""
    return _on_waiting(
        office, cycle, number, college,
        caution=lambda _waiting: Caution(
            title=_("Withdraw what is written down?"),
            consequences=[_("Nothing of it was public. It can be written down anew.")],
            submit=_("Withdraw it"),
            irreversible=False,
        ),
        act=lambda waiting: roll_calls.withdraw_roll_call(actor=office.actor, record=waiting),
        said=_("It is withdrawn."),
    )  # fmt: skip


def _on_waiting(
    office: Office,
    cycle: int,
    number: int,
    college: str,
    *,
    caution: Callable[[RollCallRecord], Caution],
    act: Callable[[RollCallRecord], Any],
    said: str,
) -> HttpResponse:
    """Do something with the open vote that waits for a second person, after a yes; lead back to its recommendation."""
    found = office.cycle(cycle)
    waiting = _waiting_or_404(found, number, college)
    back = page_of(office, found, number)

    def done(_made: object) -> HttpResponse:
        office.say(said)
        return redirect(back)

    return decide_on(
        office, found, caution=caution(waiting), act=lambda: act(waiting), done=done, back=back
    )
