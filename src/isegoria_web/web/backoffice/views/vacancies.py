"""Seats for which no alternate waits: a replacement draw, or an exception that two persons answer for."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria.errors import BadInput, IsegoriaError
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import advice_of, in_words
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.lottery.errors import NothingToComplete, QuotasWouldTell
from isegoria_web.lottery.models import Draw
from isegoria_web.membership import jobs, vacancies, widening
from isegoria_web.membership.cutting import cut_off
from isegoria_web.membership.models import SeatException
from isegoria_web.web.backoffice.forms.recruiting import SourceForm
from isegoria_web.web.backoffice.forms.seats import ExceptionForm, WayForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.backoffice.views.draws import commit
from isegoria_web.web.backoffice.views.letters import drawing_caution
from isegoria_web.web.quota_words import WayInWords, conflict_in_words, way_in_words


@for_office(Role.SECRETARIAT)
def replacement(office: Office, cycle: int) -> HttpResponse:
    """Announce a draw for the vacant seats, with public randomness that does not exist yet."""
    found = office.cycle(cycle)
    left = vacancies.remaining(found)
    seats = found.panel_size - vacancies.sitting_in(found).count()

    def announced(draw: Draw) -> HttpResponse:
        office.say(_("The replacement draw is announced. Compute and commit its lottery next."))
        return office.to("draw_commit", found.number, draw.number)

    return act_on(
        office,
        found,
        form=SourceForm(office.data, languages=office.languages),
        template="replacement",
        act=lambda data: vacancies.announce_replacement(actor=office.actor, cycle=found, **data),
        done=announced,
        caution=lambda data: Caution(
            title=_("Announce a draw for %(count)d vacant seats?") % {"count": seats},
            consequences=[
                _("%(count)d people of the committed pool can be drawn. Nobody else can.")
                % {"count": len(left.entries)},
                _("Those who sit count for the quotas: the whole body must meet them again."),
                _("The record names the draw that it repairs, so that everybody can compare the two."),
            ],
            submit=_("Announce the draw"),
            facts={
                _("Public randomness"): data["source"],
                _("It takes place on"): data["source_due_at"],
            },
        ),
        left=left,
        left_out=sorted(left.left_out.items()),
        seats=seats,
        cut=cut_off(found),
        back=office.url("seats", found.number),
    )


def _seats_draw_or_404(cycle: Cycle, number: int) -> Draw:
    found = cycle.draws.filter(kind=DrawKind.REPLACEMENT).exclude(status=DrawStatus.ANNULLED)
    return get_object_or_404(found.select_related("pool", "cycle__institution"), number=number)


@for_office(Role.SECRETARIAT)
def draw_commit(office: Office, cycle: int, number: int) -> HttpResponse:
    """Compute and publish the lottery for vacant seats before the randomness exists."""
    found = office.cycle(cycle)
    draw = _seats_draw_or_404(found, number)
    if draw.status != DrawStatus.ANNOUNCED:
        return office.to("draws", found.number)
    return commit(office, found, draw)


@for_office(Role.SECRETARIAT)
def draw_fall(office: Office, cycle: int, number: int) -> HttpResponse:
    """Draw for vacant seats, once the public randomness is known."""
    found = office.cycle(cycle)
    draw = _seats_draw_or_404(found, number)
    if draw.status == DrawStatus.ANNOUNCED:
        return office.to("draw_commit", found.number, draw.number)
    if draw.is_drawn:
        return office.to("draws", found.number)
    if draw.sources.filter(value="").exists():
        return office.to("randomness", found.number, draw.number)

    return decide_on(
        office,
        found,
        caution=drawing_caution(draw, _("Draw %(count)d members by lot") % {"count": draw.size}),
        act=lambda: lottery.draw_panel(actor=office.actor, draw=draw),
        done=office.then(
            _("The seats are drawn by lot. Objections can be raised now; then they are offered."),
            "draws",
            found.number,
        ),
        back=office.url("draws", found.number),
    )


@for_office(Role.SECRETARIAT)
def wider_quotas(office: Office, cycle: int) -> HttpResponse:
    """Propose the smallest change of the quotas with which those who are left can fill the vacant seats."""
    found = office.cycle(cycle)
    back = office.url("seats", found.number)
    try:
        search = widening.search_of(actor=office.actor, cycle=found)
        if search is None or search.found is None:
            if office.is_post:
                jobs.look_for_ways_later(actor=office.actor, cycle=found)
                return office.to("wider_quotas", found.number)
            return office.page("wider_quotas_search", found, search=search, back=back)
        advice = advice_of(search.found)
    except (ServiceError, IsegoriaError) as refused:
        return office.page("wider_quotas", found, refused=in_words(refused), back=back)
    ways = [way_in_words(found, way) for way in advice.all_ways]

    return act_on(
        office,
        found,
        form=WayForm(office.data, ways=ways, languages=office.languages),
        template="wider_quotas",
        act=lambda data: widening.propose_wider_quotas(
            actor=office.actor, cycle=found, way=int(data["way"]), reason=data["reason"]
        ),
        done=office.then(
            _("The change is proposed, in public. A colleague can make it now."), "quotas", found.number
        ),
        conflict=conflict_in_words(found, advice),
        ways=ways,
        feasible=advice.feasible,
        back=back,
    )


@for_office(Role.SECRETARIAT)
def exception_new(office: Office, cycle: int) -> HttpResponse:
    """Propose, with a public reason, to offer a seat to somebody outside the committed pool."""
    found = office.cycle(cycle)
    people = vacancies.outside(found)
    wider, not_searched = _wider_first(office, found)

    return act_on(
        office,
        found,
        form=ExceptionForm(office.data, people=people, languages=office.languages),
        template="exception",
        act=lambda data: vacancies.propose_exception(
            actor=office.actor, cycle=found, respondent=data["person"], reason=data["reason"]
        ),
        done=office.then(
            _("The exception is proposed, in public. A colleague can grant it now."), "seats", found.number
        ),
        people=people,
        wider=wider,
        not_searched=not_searched,
        back=office.url("seats", found.number),
    )


def _wider_first(office: Office, cycle: Cycle) -> tuple[WayInWords | None, bool]:
    """Return the smallest change of the quotas that would let the lot fill the seats, if any; and whether nobody looked yet."""
    try:
        advice = widening.advise_on_seats(actor=office.actor, cycle=cycle)
    except (QuotasWouldTell, NothingToComplete, BadInput):
        return None, False  # sealed, no seat vacant, or no change helps: the exception says so itself
    if advice is None:
        return None, True
    return way_in_words(cycle, advice.all_ways[0]) if advice.all_ways else None, False


def _exception_or_404(cycle: Cycle, number: int) -> SeatException:
    open_ones = SeatException.objects.filter(granted_at__isnull=True, withdrawn_at__isnull=True)
    found = open_ones.filter(cycle=cycle, number=number)
    exception = found.select_related("cycle__institution", "respondent").first()
    if exception is None:
        raise Http404
    return exception


@for_office(Role.SECRETARIAT)
def exception_grant(office: Office, cycle: int, number: int) -> HttpResponse:
    """Grant, as a second person, a seat to somebody outside the committed pool."""
    found = office.cycle(cycle)
    exception = _exception_or_404(found, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Offer a seat outside the lot, as the second person"),
            lead=exception.respondent.name,
            consequences=[
                _("The lot did not fall on this person. The journal says so for good, with the reason."),
                _("Every later record shows that somebody sits who was not drawn."),
                _("The two of you answer for it together."),
            ],
            submit=_("Offer the seat"),
            facts={
                _("Reason"): exception.reason,
                _("Proposed on"): exception.proposed_at,
            },
        ),
        act=lambda: vacancies.grant_exception(actor=office.actor, exception=exception),
        done=office.then(_("The seat is offered. Everybody can read why."), "seats", found.number),
        back=office.url("seats", found.number),
    )


@for_office(Role.SECRETARIAT)
def exception_withdraw(office: Office, cycle: int, number: int) -> HttpResponse:
    """Withdraw an exception that nobody granted."""
    found = office.cycle(cycle)
    exception = _exception_or_404(found, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Withdraw the exception"),
            consequences=[_("The proposal and its reason stay to be read in the journal.")],
            submit=_("Withdraw the exception"),
            facts={_("Reason"): exception.reason},
        ),
        act=lambda: vacancies.withdraw_exception(actor=office.actor, exception=exception),
        done=office.then(_("The exception is withdrawn. Nobody gets a seat by it."), "seats", found.number),
        back=office.url("seats", found.number),
    )
