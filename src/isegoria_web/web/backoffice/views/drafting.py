"""The drafting table: new wordings, merging, splitting, notes beside a text. No word that somebody wrote is lost."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.recommendations import services
from isegoria_web.recommendations.enums import AdviceKind, Purpose, RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Unfinished
from isegoria_web.web.backoffice.forms.deciding import AdviceForm, MergeForm, RevisionForm, SplitForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office
from isegoria_web.web.backoffice.views.deciding import ROOM, recommendation_or_404
from isegoria_web.web.differences import difference, in_one_language


@for_office(*ROOM)
def revise(office: Office, cycle: int, number: int) -> HttpResponse:
    """Write another wording; where somebody else was faster, both are shown with their difference."""
    found = office.cycle(cycle)
    one = recommendation_or_404(found, number)
    latest = one.versions.latest("number")
    kept = Unfinished.objects.filter(
        recommendation=one, author=office.actor.user, purpose=Purpose.REVISION
    ).first()
    start = {"title": latest.title, "text": latest.text, "reasons": latest.reasons, "seen": latest.number}
    if kept is not None:
        start |= {**kept.fields, "seen": kept.seen}
    form = RevisionForm(office.data, languages=office.languages, initial=start)

    def act(data: dict[str, Any]) -> object:
        return services.revise(
            actor=office.actor, recommendation=one, seen=data["seen"], title=data["title"], text=data["text"],
            reasons=data["reasons"],
        )  # fmt: skip

    seen = _number(office.request.POST.get("seen")) if office.is_post else start["seen"]
    behind = seen is not None and seen < latest.number
    mine = form["text"].value() if not office.is_post else _typed(form)
    return act_on(
        office, found, form=form, template="revise", act=act, done=office.then(_("The new wording is saved; the earlier one stays."), "recommendation", found.number, number), recommendation=one, latest=latest,
        behind=behind, kept=kept,
        difference=difference(*in_one_language(latest.text, mine or {})) if behind else None,
        back=office.url("recommendation", found.number, number),
    )  # fmt: skip


def _typed(form: RevisionForm) -> dict[str, str]:
    form.full_clean()
    typed: dict[str, str] = form.cleaned_data.get("text") or {}
    return typed


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


@for_office(*ROOM, methods=("POST",))
def unfinished(office: Office, cycle: int, number: int) -> HttpResponse:
    """Keep what somebody is writing, for her alone; says when it was kept."""
    one = recommendation_or_404(office.cycle(cycle), number)
    form = RevisionForm(office.data, languages=office.languages)
    form.is_valid()  # half a text is kept as well
    typed = {name: form.cleaned_data.get(name) or {} for name in ("title", "text", "reasons")}
    kept = services.keep_unfinished(
        actor=office.actor, recommendation=one, purpose=Purpose.REVISION,
        seen=_number(office.request.POST.get("seen")) or 1, fields=typed,
    )  # fmt: skip
    newest = one.versions.latest("number").number
    return JsonResponse(
        {"kept": date_format(localtime(kept.saved_at), "TIME_FORMAT"), "behind": newest > kept.seen}
    )


@for_office(*ROOM)
def merge(office: Office, cycle: int) -> HttpResponse:
    """Put drafts together that say the same; the new one comes from all of them."""
    found = office.cycle(cycle)
    drafts = found.recommendations.filter(status=RecommendationStatus.DRAFT).order_by("number")

    def merged(made: Recommendation) -> HttpResponse:
        office.say(_("They are together in recommendation %(number)d.") % {"number": made.number})
        return office.to("recommendation", found.number, made.number)

    return act_on(
        office,
        found,
        form=MergeForm(office.data, cycle=found, drafts=drafts),
        act=lambda data: services.merge(
            actor=office.actor,
            recommendations=list(data["recommendations"].select_related("cycle__institution")),
            title=data["title"],
            text=data["text"],
            reasons=data["reasons"],
        ),
        done=merged,
        caution=lambda data: Caution(
            title=_("Put these drafts together?"),
            consequences=[
                _("The new draft takes their place; their pages lead to it."),
                _("It comes from all their statements."),
            ],
            submit=_("Put them together"),
            facts={_("Drafts"): ", ".join(str(each.number) for each in data["recommendations"])},
        ),
        heading=_("Put drafts together"),
        lead=_(
            "The new draft comes from all of them and from all their statements; everybody can follow that."
        ),
        submit=_("Go on"),
        back=office.url("recommendations", found.number),
    )


@for_office(*ROOM)
def split(office: Office, cycle: int, number: int) -> HttpResponse:
    """Split a draft into several; each comes from it."""
    found = office.cycle(cycle)
    one = recommendation_or_404(found, number)
    latest = one.versions.latest("number")
    start = {"title": latest.title, "text": latest.text, "reasons": latest.reasons}
    form = SplitForm(office.data, languages=office.languages, initial=start)

    def done(made: list[Recommendation]) -> HttpResponse:
        numbers = ", ".join(str(each.number) for each in made)
        office.say(_("It went into the recommendations %(numbers)s.") % {"numbers": numbers})
        return office.to("recommendations", found.number)

    return act_on(
        office,
        found,
        form=form,
        template="split",
        act=lambda _data: services.split(actor=office.actor, recommendation=one, parts=form.parts()),
        done=done,
        recommendation=one,
        back=office.url("recommendation", found.number, number),
    )


@for_office(Role.SECRETARIAT, Role.AUTHORITY)
def advice(office: Office, cycle: int, number: int) -> HttpResponse:
    """Write a note beside a recommendation; its text stays as it is."""
    found = office.cycle(cycle)
    one = recommendation_or_404(found, number)

    def given(_made: object) -> HttpResponse:
        office.say(_("The note stands beside the text."))
        return office.to("recommendation" if office.has(*ROOM) else "cycle", *(
            (found.number, number) if office.has(*ROOM) else (found.number,)
        ))  # fmt: skip

    return act_on(
        office,
        found,
        form=AdviceForm(office.data, languages=office.languages),
        act=lambda data: services.advise(
            actor=office.actor, recommendation=one, kind=AdviceKind(data["kind"]), text=data["text"],
            given_by=data["given_by"],
        ),
        done=given,
        heading=_("A note beside recommendation %(number)d") % {"number": number},
        lead=_("What the law says, or whether it can be done. It never changes a word of the members."),
        submit=_("Publish the note"),
        back=office.url("cycle", found.number),
    )  # fmt: skip
