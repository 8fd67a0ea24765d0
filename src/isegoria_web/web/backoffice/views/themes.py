"""The agenda in the office: the queue of themes, verdicts, paper lists, the choice, the next cycle."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria.textfiles import escape_formula
from isegoria_web.accounts.enums import Role
from isegoria_web.consultation import algorithms, choosing, judging, policies, services, signing
from isegoria_web.consultation.enums import Channel, ProposerKind, ThemeStatus
from isegoria_web.consultation.models import AgendaChoice, Signatory, Theme
from isegoria_web.institutions.models import Cycle
from isegoria_web.web.backoffice.forms.cycles import CycleForm
from isegoria_web.web.backoffice.forms.themes import (
    AdmitForm,
    AgendaBallotForm,
    ChooseForm,
    PaperForm,
    RefuseForm,
    ThemeForm,
    WithdrawForm,
)
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office

USUAL_DAYS_TO_SIGN = 180
READS = ("GET", "HEAD")


@for_office(Role.SECRETARIAT, Role.AUTHORITY, methods=READS)
def themes(office: Office) -> HttpResponse:
    """Show the queue: what waits for a verdict, what collects, what can be chosen, what waits for its cycle."""
    listed = office.institution.themes.select_related("cycle").order_by("number")
    by_status = {status: [each for each in listed if each.status == status] for status in ThemeStatus}
    return office.page(
        "themes",
        waiting=by_status[ThemeStatus.WAITING],
        collecting=by_status[ThemeStatus.COLLECTING],
        supported=by_status[ThemeStatus.SUPPORTED],
        chosen=by_status[ThemeStatus.CHOSEN],
        over=[*by_status[ThemeStatus.REFUSED], *by_status[ThemeStatus.EXPIRED]],
        choices_made=AgendaChoice.objects.filter(institution=office.institution)
        .select_related("ballot__cycle")
        .order_by("-pk"),
        choosing_cycle=choosing.choosing_cycle(office.institution),
    )


@for_office(Role.SECRETARIAT, Role.AUTHORITY)
def new(office: Office) -> HttpResponse:
    """Take a theme that came on paper, or the authority's own."""
    entitled, _rule = algorithms.proposers(office.institution.rule_books.latest("number"))
    own = not office.has(Role.SECRETARIAT)
    kinds = [ProposerKind.AUTHORITY] if own else list(ProposerKind)
    form = ThemeForm(
        office.data, kinds=[kind for kind in kinds if kind in entitled], languages=office.languages, own=own
    )

    def taken(theme: Theme) -> HttpResponse:
        office.say(_("Theme %(number)d is in the queue.") % {"number": theme.number})
        return office.to("themes")

    return act_on(
        office,
        None,
        form=form,
        act=lambda data: services.propose(
            actor=office.actor,
            institution=office.institution,
            kind=ProposerKind(data["kind"]),
            proposal=form.proposal(),
            channel=Channel.WEB if own else Channel.PAPER,
        ),
        done=taken,
        heading=_("Propose a theme") if own else _("Enter a theme that came on paper"),
        submit=_("Enter the theme"),
        back=office.url("themes"),
    )


@for_office(Role.SECRETARIAT, methods=READS)
def theme(office: Office, theme: int) -> HttpResponse:
    """Show a theme with who proposed it, and the way to every act on it."""
    one = _theme(office, theme)
    return office.page(
        "theme",
        theme=one,
        proposer=getattr(one, "proposer", None),
        by_ballot=choosing.choosing_cycle(office.institution) is not None,
        judge=policies.judging_body(one),
        open=office.institution.resolutions.open().filter(about=services.about(one)).first(),
    )


@for_office(Role.SECRETARIAT)
def admit(office: Office, theme: int) -> HttpResponse:
    """Admit a theme, or propose it to the body that judges."""
    one = _theme(office, theme)
    needed, _rule = algorithms.signatures_needed(one.rule_book, ProposerKind(one.kind))
    usual = office.today() + timedelta(days=USUAL_DAYS_TO_SIGN)
    form = AdmitForm(office.data, languages=office.languages, theme=one, proposed=usual)
    if policies.judging_body(one) is not None:
        return act_on(
            office,
            None,
            form=form,
            act=lambda data: judging.propose_admission(
                actor=office.actor, theme=one, last_day=data.get("last_day"), reasons=data["reasons"]
            ),
            done=lambda _made: _judged(office, one, _("It is proposed to the members of the body.")),
            heading=_("Propose to admit theme %(number)d") % {"number": one.number},
            lead=_lead(one),
            submit=_("Propose it to the members"),
            back=office.url("theme", one.number),
        )
    return act_on(
        office,
        None,
        form=form,
        act=lambda data: services.admit(
            actor=office.actor, theme=one, last_day=data.get("last_day"), reasons=data["reasons"]
        ),
        done=lambda _made: _judged(office, one, _("The theme is admitted and public.")),
        caution=lambda _data: Caution(
            title=_("Admit this theme?"),
            consequences=[
                _("Its text is published as it was handed in."),
                _("Residents can sign it from now on.") if needed else _("It can be chosen from now on."),
            ],
            submit=_("Admit the theme"),
            facts={_("Theme"): one.title, _("Signatures needed"): needed},
        ),
        heading=_("Admit theme %(number)d") % {"number": one.number},
        submit=_("Go on"),
        back=office.url("theme", one.number),
    )


@for_office(Role.SECRETARIAT)
def refuse(office: Office, theme: int) -> HttpResponse:
    """Refuse a theme by a rule, with reasons, or propose it to the body that judges."""
    one = _theme(office, theme)
    form = RefuseForm(office.data, languages=office.languages, theme=one)
    if policies.judging_body(one) is not None:
        return act_on(
            office,
            None,
            form=form,
            act=lambda data: judging.propose_refusal(actor=office.actor, theme=one, **data),
            done=lambda _made: _judged(office, one, _("It is proposed to the members of the body.")),
            heading=_("Propose to refuse theme %(number)d") % {"number": one.number},
            lead=_lead(one),
            submit=_("Propose it to the members"),
            back=office.url("theme", one.number),
        )
    return act_on(
        office,
        None,
        form=form,
        act=lambda data: services.refuse(
            actor=office.actor,
            theme=one,
            rule=data["rule"],
            reasons=data["reasons"],
            withhold_text=data["withhold_text"],
        ),
        done=lambda _made: _judged(office, one, _("The refusal and its reasons are public.")),
        caution=lambda data: Caution(
            title=_("Refuse this theme?"),
            consequences=[
                _("The verdict, its rule and its reasons are published, with the way to object."),
                _("Its text is not published.")
                if data["withhold_text"]
                else _("Its text is published as well."),
            ],
            submit=_("Refuse the theme"),
            facts={_("Theme"): one.title, _("Reasons"): data["reasons"]},
        ),
        heading=_("Refuse theme %(number)d") % {"number": one.number},
        submit=_("Go on"),
        back=office.url("theme", one.number),
    )


@for_office(Role.SECRETARIAT)
def paper(office: Office, theme: int) -> HttpResponse:
    """Enter a paper list."""
    one = _theme(office, theme)

    def entered(made: signing.Entered) -> HttpResponse:
        words = {"counted": made.counted, "twice": made.twice}
        office.say(_("%(counted)d signatures count; %(twice)d were there already.") % words)
        return office.to("theme", one.number)

    return act_on(
        office,
        None,
        form=PaperForm(office.data),
        act=lambda data: signing.enter_paper(
            actor=office.actor, theme=one, people=signing.read_paper(theme=one, text=data["people"])
        ),
        done=entered,
        heading=_("Signatures on paper for theme %(number)d") % {"number": one.number},
        lead=_(
            "Whoever signed before, here or on the site, counts once. Destroy the paper as the rules say."
        ),
        submit=_("Enter the list"),
        back=office.url("theme", one.number),
    )


@for_office(Role.SECRETARIAT)
def withdraw(office: Office, theme: int) -> HttpResponse:
    """Take out the signature of somebody who asks for it."""
    one = _theme(office, theme)
    return act_on(
        office,
        None,
        form=WithdrawForm(office.data),
        act=lambda data: signing.withdraw(
            actor=office.actor, theme=one, name=data["name"], born=data["born"]
        ),
        done=lambda _made: _judged(
            office, one, _("The signature is taken out, and what was known of the person.")
        ),
        heading=_("Take a signature out of theme %(number)d") % {"number": one.number},
        lead=_("Only for the person herself, after you have made sure who she is."),
        submit=_("Take it out"),
        back=office.url("theme", one.number),
    )


@for_office(Role.SECRETARIAT)
def signatories(office: Office, theme: int) -> HttpResponse:
    """Give the list of those who signed, to be checked; that somebody took it stands in the journal."""
    one = _theme(office, theme)
    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Take the list of those who signed?"),
            consequences=[
                _("The journal says in public that somebody of the secretariat took it."),
                _("Use it to check the signatures, and for nothing else; destroy it afterwards."),
            ],
            submit=_("Take the list"),
            facts={_("Theme"): one.title, _("Signatures"): one.signed},
            irreversible=False,
        ),
        act=lambda: signing.signatories_of(actor=office.actor, theme=one),
        done=lambda found: _as_file(one, found),
        back=office.url("theme", one.number),
    )


@for_office(Role.SECRETARIAT)
def choose(office: Office, theme: int) -> HttpResponse:
    """Write down that the body chose a theme that decides outside this site."""
    one = _theme(office, theme)
    return act_on(
        office,
        None,
        form=ChooseForm(office.data, languages=office.languages),
        act=lambda data: services.choose(actor=office.actor, theme=one, reasons=data["reasons"]),
        done=lambda _made: _judged(office, one, _("The choice and its reasons are public.")),
        caution=lambda data: Caution(
            title=_("Write down this choice?"),
            consequences=[_("It is published at once, with its rule and its reasons.")],
            submit=_("Write down the choice"),
            facts={_("Theme"): one.title, _("Reasons"): data["reasons"]},
        ),
        heading=_("Theme %(number)d was chosen") % {"number": one.number},
        lead=_("Only for a body that decides outside this site, as the rule book says."),
        submit=_("Go on"),
        back=office.url("theme", one.number),
    )


@for_office(Role.SECRETARIAT)
def ballot(office: Office) -> HttpResponse:
    """Put themes to the members who are entitled to choose."""
    cycle = choosing.choosing_cycle(office.institution)
    form = AgendaBallotForm(office.data, themes=office.institution.themes.to_choose())

    def act(data: dict[str, object]) -> AgendaChoice:
        assert cycle is not None  # noqa: S101  # the page without a cycle has no form
        return choosing.open_ballot(
            actor=office.actor, cycle=cycle, themes=list(data["themes"]), closes_at=data["closes_at"]  # type: ignore[call-overload, arg-type]
        )  # fmt: skip

    if cycle is None:
        return office.page("agenda_ballot_none", status=422 if office.is_post else 200)
    return act_on(
        office,
        None,
        form=form,
        act=act,
        done=office.then(_("The ballot is open; the members see it on their page."), "themes"),
        caution=lambda data: Caution(
            title=_("Open the ballot on the agenda?"),
            consequences=[
                _("Whoever sits now may vote, in secret, once."),
                _("The themes on the ballot cannot be changed; their order, by number, decides ties."),
            ],
            submit=_("Open the ballot"),
            facts={
                _("Themes"): ", ".join(each.title for each in data["themes"]),
                _("Closes"): data["closes_at"],
            },
        ),
        heading=_("Let the members choose a theme"),
        submit=_("Go on"),
        back=office.url("themes"),
    )


@for_office(Role.SECRETARIAT)
def open_cycle(office: Office, theme: int) -> HttpResponse:
    """Open the next cycle on a chosen theme; its words are the first draft of the mandate."""
    one = _theme(office, theme)
    initial = {"title": {one.language: one.title}, "question": {one.language: one.explanation[:300]}}
    form = CycleForm(office.data, institution=office.institution, initial=initial)

    def opened(cycle: Cycle) -> HttpResponse:
        office.say(_("The cycle is open. The authority signs its mandate next."))
        return office.to("cycle", cycle.number)

    return act_on(
        office,
        None,
        form=form,
        template="cycle_new",
        act=lambda data: services.open_cycle_on(
            actor=office.actor,
            theme=one,
            body=data["body"],
            title=data["title"],
            question=data["question"],
            scope=data["scope"],
            panel_size=data["panel_size"],
            alternates=data["alternates"],
            quorum_share=data["quorum_share"],
            promised_answer_days=data["promised_answer_days"],
            planned=form.planned(),
        ),
        done=opened,
    )


def _theme(office: Office, number: int) -> Theme:
    found = office.institution.themes.select_related("institution", "rule_book", "cycle", "proposer")
    return get_object_or_404(found, number=number)


def _judged(office: Office, one: Theme, sentence: str) -> HttpResponse:
    office.say(sentence)
    return office.to("theme", one.number)


def _lead(one: Theme) -> str:
    rule = algorithms.judge(one.rule_book)[1]
    return _(
        "The rule book gives this verdict to a body: it holds when its members have agreed (rule %(rule)s)."
    ) % {"rule": rule}


def _as_file(one: Theme, found: list[Signatory]) -> HttpResponse:
    lines = StringIO()
    writer = csv.writer(lines)
    writer.writerow(["name", "date_of_birth", "postcode", "channel"])
    for each in found:
        writer.writerow(
            [escape_formula(each.name), each.birth_date.isoformat(), each.postcode, each.signature.channel]
        )
    response = HttpResponse(lines.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="theme-{one.number}-signatures.csv"'
    return response
