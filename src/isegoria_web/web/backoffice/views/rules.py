"""The rule book: comparing a new version with the one in force, proposing it to the authority, adopting it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria.errors import IsegoriaError
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions import amending, services
from isegoria_web.institutions.algorithms import (
    changes_between,
    read_rule_book,
    text_of_file,
    text_with,
)
from isegoria_web.institutions.enums import ProposalStatus, Stage
from isegoria_web.institutions.models import RuleBookProposal
from isegoria_web.web.backoffice.forms.rules import AmendmentForm, ReasonsForm, RuleBookForm
from isegoria_web.web.backoffice.office import (
    Caution,
    Office,
    act_on,
    ask,
    attempt,
    decide_on,
    for_office,
    is_confirmed,
    load_file,
    wants_change,
)
from isegoria_web.web.backoffice.uploads import on_disk


def _language() -> str:
    return (get_language() or "en")[:2]


@for_office(Role.AUTHORITY, Role.SECRETARIAT)
def rules(office: Office) -> HttpResponse:
    """Show what a new version changes, and adopt or propose it; a file with faults changes nothing."""
    proposes = not office.has(Role.AUTHORITY)
    form = RuleBookForm(office.data, office.files, languages=office.languages, proposes=proposes)
    institution = office.institution
    version = institution.rule_books.latest("number")

    def load() -> Any:
        with on_disk(form.cleaned_data["file"], (".toml",)) as path:
            text = text_of_file(path)
        if form.cleaned_data["adopt"]:
            return _give(office, text, form.cleaned_data.get("reasons"))
        return changes_between(amending.text_before_next(institution), text, _language())

    loaded = load_file(office, form, "file", load)
    if loaded.done and form.cleaned_data["adopt"]:
        return _given(office, loaded.made)
    proposal = amending.open_proposal(institution)
    return office.page(
        "rules",
        status=loaded.status,
        form=form,
        faults=loaded.faults,
        version=version,
        compared=loaded.done,
        changes=loaded.made if loaded.done else (),
        proposal=proposal,
        proposed=changes_between(proposal.changed_text, proposal.text, _language()) if proposal else (),
        coming=[(each, amending.first_day(each)) for each in amending.awaited(institution)],
        running=institution.cycles.exclude(stage=Stage.CLOSED)
        .select_related("rule_book")
        .order_by("number"),
    )


@for_office(Role.AUTHORITY, Role.SECRETARIAT)
def numbers(office: Office) -> HttpResponse:
    """Change the usual numbers of the version in force, or of the last that waits for its day; what changes is shown before it is adopted or proposed."""
    proposes = not office.has(Role.AUTHORITY)
    version = office.institution.rule_books.latest("number")
    base = amending.text_before_next(office.institution)
    book = read_rule_book(base)
    form = AmendmentForm(
        office.data,
        book=book,
        original=book,
        languages=office.languages,
        proposes=proposes,
        today=office.today(),
        version=str(version.number + 1),
    )
    status = 200 if not office.is_post or wants_change(office) else 422
    if office.is_post and not wants_change(office) and form.is_valid():
        try:
            text = text_with(base, form.rules())
        except IsegoriaError as error:
            form.put_faults(error)
        else:
            changes = changes_between(base, text, _language())
            if changes and not is_confirmed(office):
                return ask(office, None, _before(changes, proposes=proposes))
            outcome = attempt(form, lambda: _give(office, text, form.cleaned_data.get("reasons")))
            if outcome.done:
                return _given(office, outcome.made)
            status = outcome.status
    return office.page("rules_numbers", status=status, form=form, version=version, proposes=proposes)


def _before(changes: Any, *, proposes: bool) -> Caution:
    """Say what a new version changes, before it is adopted or proposed."""
    nothing = _("the statute does not say")
    return Caution(
        title=_("Propose this version to the authority?") if proposes else _("Adopt this version?"),
        lead=_("What it changes:"),
        facts={
            f"{each.name} ({each.rule})": f"{each.before or nothing} → {each.after or nothing}"
            for each in changes
        },
        consequences=[
            _("Everybody sees the proposal, what it changes, and why.")
            if proposes
            else _("The version is public at once, with what it changes."),
            _("Cycles and draws that are open keep the version under which they began."),
        ],
        submit=_("Propose it") if proposes else _("Adopt it"),
        irreversible=not proposes,
    )


def _give(office: Office, text: str, reasons: Any) -> Any:
    if office.has(Role.AUTHORITY):
        return services.amend_rule_book(actor=office.actor, institution=office.institution, text=text)
    return amending.propose(
        actor=office.actor, institution=office.institution, text=text, reasons=reasons or {}
    )


def _given(office: Office, made: Any) -> HttpResponse:
    if isinstance(made, RuleBookProposal) and made.status == ProposalStatus.AWAITED:
        office.say(
            _("The version is adopted. It holds from its first day; until then it can be withdrawn.")
        )
    elif isinstance(made, RuleBookProposal):
        office.say(_("The version is proposed. The authority decides on it."))
    else:
        office.say(_("Version %(number)d of the rule book is adopted.") % {"number": made.number})
    return office.to("rules")


def _proposal_or_404(office: Office) -> RuleBookProposal:
    found = amending.open_proposal(office.institution)
    if found is None:
        raise Http404
    return found


@for_office(Role.AUTHORITY)
def adopt(office: Office) -> HttpResponse:
    """Adopt what the secretariat proposed."""
    proposal = _proposal_or_404(office)
    changes = changes_between(proposal.changed_text, proposal.text, _language())

    def adopted(made: Any) -> HttpResponse:
        return _given(office, made)

    return decide_on(
        office,
        None,
        caution=_before(changes, proposes=False),
        act=lambda: amending.adopt(actor=office.actor, proposal=proposal),
        done=adopted,
        back=office.url("rules"),
    )


@for_office(Role.AUTHORITY)
def decline(office: Office) -> HttpResponse:
    """Decline what the secretariat proposed, with reasons."""
    proposal = _proposal_or_404(office)

    return act_on(
        office,
        None,
        form=ReasonsForm(office.data, languages=office.languages),
        act=lambda data: amending.decline(actor=office.actor, proposal=proposal, answer=data["answer"]),
        done=office.then(_("The proposal is declined; your reasons are public."), "rules"),
        heading=_("Decline the proposed version"),
        submit=_("Decline it"),
        back=office.url("rules"),
    )


@for_office(Role.SECRETARIAT)
def withdraw(office: Office) -> HttpResponse:
    """Take a proposal back before the authority has decided."""
    proposal = _proposal_or_404(office)

    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Take the proposal back?"),
            consequences=[_("It stays public as a proposal that was taken back.")],
            submit=_("Take it back"),
            irreversible=False,
        ),
        act=lambda: amending.withdraw(actor=office.actor, proposal=proposal),
        done=office.then(_("The proposal is taken back."), "rules"),
        back=office.url("rules"),
    )


@for_office(Role.AUTHORITY)
def revoke(office: Office) -> HttpResponse:
    """Withdraw, with reasons, the last of the versions that were adopted for days to come."""
    coming = amending.last_awaited(office.institution)
    if coming is None:
        raise Http404

    return act_on(
        office,
        None,
        form=ReasonsForm(office.data, languages=office.languages),
        act=lambda data: amending.revoke(actor=office.actor, proposal=coming, answer=data["answer"]),
        done=office.then(
            _("The version is withdrawn; your reasons are public. The rules stay as they are."), "rules"
        ),
        heading=_("Withdraw the version that is adopted for a day to come"),
        submit=_("Withdraw it"),
        back=office.url("rules"),
    )
