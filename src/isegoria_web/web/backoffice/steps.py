"""What can be done next with a cycle or an institution, and what each step lacks, with the way to repair it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.beginning import VERBS
from isegoria_web.institutions.elections import pause_to_suspend_for
from isegoria_web.institutions.enums import Stage, Status
from isegoria_web.institutions.guards import Missing, institution_holds, missing_before
from isegoria_web.institutions.life import CYCLE, INSTITUTION
from isegoria_web.institutions.machine import Transition, lacking_of
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.standing import Standing
from isegoria_web.web.backoffice.morning import AUTHORITY, SECRETARIAT, Task
from isegoria_web.web.backoffice.office import opens_to

OF_INSTITUTION = frozenset({"status", "rules", "roles", "funding", "register", "themes"})
"""Pages that belong to no cycle."""
DONE_ON = {
    "invite": "letters", "draw": "pool", "invite_again": "letters", "seat": "seats", "deliver": "report",
    "break_off": "cycle_break_off",
}  # fmt: skip
"""The pages whose acts bring a cycle on; every other step is taken by hand, on the page of the steps."""


@dataclass(frozen=True)
class Lack:
    """Something that is missing: in words, by which rule, and where it is repaired."""

    sentence: str
    rule: str
    version: int
    url: str  # empty: nowhere, or on a page of others


@dataclass(frozen=True)
class Step:
    """A verb that begins where the cycle or institution is now."""

    verb: str
    label: str
    after: str
    target: str
    lacks: list[Lack]
    who: str
    url: str  # empty: by hand
    mine: bool
    ends: bool  # with published reasons


def steps_of(cycle: Cycle, roles: frozenset[Role]) -> list[Step]:
    """Return the verbs that begin at the stage of a cycle, those that end it early last."""
    slug, number = cycle.institution.slug, cycle.number
    found = []
    for each in CYCLE.leaving(Stage(cycle.stage)):
        page = DONE_ON.get(each.verb, "")
        url = reverse(f"office:{page}", args=[slug, number]) if page else ""
        lacks = [lack_of(missing, roles, slug, number) for missing in missing_before(cycle, each)]
        found.append(_step(each, each.target.label, lacks, url, roles))
    return sorted(found, key=lambda step: step.ends)


def lacks_of(cycle: Cycle, standing: Standing, roles: frozenset[Role]) -> list[Lack]:
    """Return what a cycle lacks to leave its station, each with the way to repair it."""
    return [lack_of(missing, roles, cycle.institution.slug, cycle.number) for missing in standing.missing]


def steps_of_institution(institution: Institution, roles: frozenset[Role]) -> list[Step]:
    """Return the verbs that begin in the status of an institution."""
    found = []
    for each in INSTITUTION.leaving(Status(institution.status)):
        lacking = lacking_of(each, institution_holds(institution))
        lacks = [lack_of(Missing(guard), roles, institution.slug) for guard in lacking]
        begins = each.verb in VERBS.values()
        url = (
            reverse("office:begin_work", args=[institution.slug])
            if begins
            else reverse("office:status_change", args=[institution.slug, each.verb])
        )
        found.append(_step(each, each.target.label, lacks, url, roles))
    return found


def _step(
    transition: Transition[Any], after: object, lacks: Iterable[Lack], url: str, roles: frozenset[Role]
) -> Step:
    people = [role for role in Role if role.value in transition.who]
    return Step(
        verb=transition.verb,
        label=str(transition.label),
        after=str(after),
        target=transition.target.value,
        lacks=list(lacks),
        who=", ".join(str(role.label) for role in people),
        url=url,
        mine=bool(roles & set(people)),
        ends=transition.reasons,
    )


def lack_of(missing: Missing, roles: frozenset[Role], slug: str, cycle: int | None = None) -> Lack:
    """Return something that is missing as the office reads it, with the page that repairs it for who may open that."""
    page, of_cycle = missing.guard.page, missing.guard.page not in OF_INSTITUTION
    args = [slug, cycle] if of_cycle else [slug]
    url = reverse(f"office:{page}", args=args) if page else ""
    return Lack(
        str(missing.guard.lacks),
        missing.rule,
        missing.version,
        url if url and opens_to(url, roles) else "",
    )


def status_tasks(institution: Institution) -> Iterator[Task]:
    """Yield what the status asks for: to begin, to pause before an election, to say whether a suspension is over."""
    pause = pause_to_suspend_for(institution)
    if pause is not None:
        text = _("Suspend the institution: the pause before an election has begun")
        yield Task(text, "status_change", ("suspend",), AUTHORITY, when=pause.begins)
    if institution.status in VERBS:
        yield Task(_("Name the money and the first people"), "status", (), AUTHORITY | SECRETARIAT)
    if institution.status != Status.SUSPENDED:
        return
    last = institution.status_changes.order_by("-number").first()
    if last is not None and last.until is not None:
        yield Task(_("Let the institution work again"), "status", (), AUTHORITY, when=last.until)
