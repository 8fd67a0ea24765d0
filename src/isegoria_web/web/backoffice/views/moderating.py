"""What others may see: reviews, appeals, strict cycles; translations; conversations held elsewhere."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import services as deliberation
from isegoria_web.deliberation.jobs import make_maps_later
from isegoria_web.deliberation.models import OpinionMap
from isegoria_web.moderation import services
from isegoria_web.moderation.enums import Ground, ReviewStatus
from isegoria_web.moderation.models import Appeal, Review
from isegoria_web.web import contributions as written
from isegoria_web.web.backoffice.forms.moderating import (
    PUBLISH,
    UPHOLD,
    AppealForm,
    ConversationForm,
    ReviewForm,
    TranslationForm,
)
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office, load_file
from isegoria_web.web.backoffice.uploads import on_disk

ROOM = (Role.SECRETARIAT, Role.FACILITATOR)


@for_office(*ROOM, methods=("GET", "HEAD"))
def contributions(office: Office, cycle: int) -> HttpResponse:
    """List what waits for a review, the appeals, and what was decided."""
    found = office.cycle(cycle)
    appeals = Appeal.objects.filter(review__cycle=found, decided_at__isnull=True)
    return office.page(
        "contributions",
        found,
        waiting=list(written.unreviewed(found)),
        strict=hasattr(found, "strictness"),
        appeals=appeals.select_related("review"),
        decided=Review.objects.filter(cycle=found)
        .exclude(status=ReviewStatus.OUTDATED)
        .select_related("appeal", "decided_by"),
    )


@for_office(Role.SECRETARIAT)
def strictness(office: Office, cycle: int) -> HttpResponse:
    """Let contributions be reviewed before others see them, or let them be visible at once."""
    found = office.cycle(cycle)
    strict = not hasattr(found, "strictness")

    def done(_made: object) -> HttpResponse:
        office.say(
            _("From now on nothing is visible before it was reviewed.")
            if strict
            else _("From now on contributions are visible at once.")
        )
        return office.to("contributions", found.number)

    consequences = (
        [
            _(
                "Nothing that was not reviewed is visible: on no page, in no file, not through the interface for programs."
            ),
            _("That also hides what was visible until now and nobody reviewed."),
        ]
        if strict
        else [_("Whatever was not taken out is visible at once.")]
    )
    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Review contributions before others see them?")
            if strict
            else _("Show contributions at once?"),
            consequences=[*consequences, _("The decision stands in the journal.")],
            submit=_("Review first") if strict else _("Show at once"),
            irreversible=False,
        ),
        act=lambda: services.set_strictness(actor=office.actor, cycle=found, strict=strict),
        done=done,
        back=office.url("contributions", found.number),
    )


@for_office(*ROOM)
def review(office: Office, cycle: int, kind: str, subject: UUID) -> HttpResponse:
    """Read a contribution, and decide whether others may see it."""
    found = office.cycle(cycle)
    one = written.contribution_or_404(found, kind, subject)

    def decided(_made: object) -> HttpResponse:
        make_maps_later(found)
        office.say(_("The decision is written down."))
        return office.to("contributions", found.number)

    return act_on(
        office,
        found,
        form=ReviewForm(office.data),
        template="contribution",
        act=lambda data: services.review(
            actor=office.actor,
            contribution=one,
            publish=data["decision"] == PUBLISH,
            ground=Ground(data["ground"]) if data["ground"] else None,
            reason=data["reason"],
        ),
        done=decided,
        contribution=one,
        review=Review.objects.filter(subject=subject).first(),
        back=office.url("contributions", found.number),
    )


@for_office(*ROOM)
def appeal(office: Office, cycle: int, appeal: int) -> HttpResponse:
    """Decide an appeal; who took the contribution out cannot."""
    found = office.cycle(cycle)
    one = get_object_or_404(
        Appeal.objects.select_related("review__cycle__institution"), review__cycle=found, pk=appeal
    )

    def decided(_made: object) -> HttpResponse:
        make_maps_later(found)
        office.say(_("The appeal is decided; the author reads your answer."))
        return office.to("contributions", found.number)

    return act_on(
        office,
        found,
        form=AppealForm(office.data),
        template="appeal",
        act=lambda data: services.decide_appeal(
            actor=office.actor, appeal=one, uphold=data["decision"] == UPHOLD, answer=data["answer"]
        ),
        done=decided,
        appeal=one,
        contribution=written.contribution_or_404(found, one.review.kind, one.review.subject),
        back=office.url("contributions", found.number),
    )


@for_office(*ROOM)
def translation(office: Office, cycle: int, number: int) -> HttpResponse:
    """Say a statement in another language."""
    found = office.cycle(cycle)
    one = get_object_or_404(found.statements.select_related("cycle__institution"), number=number)

    return act_on(
        office,
        found,
        form=TranslationForm(office.data, languages=office.languages, original=one.language),
        template="translation",
        act=lambda data: deliberation.translate_statement(
            actor=office.actor, statement=one, language=data["language"], text=data["text"]
        ),
        done=office.then(_("The translation stands beside the original."), "statements", found.number),
        statement=one,
        translations=one.translations.select_related("made_by"),
        back=office.url("statements", found.number),
    )


@for_office(Role.SECRETARIAT)
def conversation(office: Office, cycle: int) -> HttpResponse:
    """Read in the votes of a public conversation, for a map of their own."""
    found = office.cycle(cycle)
    form = ConversationForm(office.data, office.files, languages=office.languages)

    def load() -> OpinionMap:
        data = form.cleaned_data
        with (
            tempfile.TemporaryDirectory(prefix="office-") as folder,
            on_disk(data["votes"], (".csv",)) as votes,
            on_disk(data["statements"], (".csv",)) as statements,
        ):
            votes.rename(Path(folder) / _kind_of(votes))
            statements.rename(Path(folder) / "comments.csv")
            return deliberation.import_conversation(
                actor=office.actor,
                cycle=found,
                title=data["title"],
                source=data["source"],
                folder=Path(folder),
            )

    outcome = load_file(office, form, "votes", load)
    if outcome.done:
        make_maps_later(found)
        office.say(_("The votes are read in. The map stands on the public page in a minute."))
        return office.to("statements", found.number)
    return office.page(
        "conversation", found, status=outcome.status, form=form, faults=outcome.faults,
        back=office.url("statements", found.number),
    )  # fmt: skip


def _kind_of(file: Path) -> str:
    """Return under which name the reader expects the file: one row a person, or one row a vote."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        head = next(csv.reader(text), [])
    return "participants-votes.csv" if "participant" in head else "votes.csv"
