"""Who works here: roles given and withdrawn."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts import policies, services
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant, User
from isegoria_web.web.backoffice.forms.cycles import GrantForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office


@for_office(Role.SECRETARIAT)
def roles(office: Office) -> HttpResponse:
    """List who holds a role, and give one to somebody, with a new account where there is none."""
    form = GrantForm(office.data, initial={"language": office.languages[0] if office.languages else "en"})

    def act(data: dict[str, str]) -> Grant:
        return services.grant_role_by_address(
            actor=office.actor,
            institution=office.institution,
            email=data["email"],
            name=data["name"],
            language=data["language"] or "en",
            role=Role(data["role"]),
        )

    own = Grant.objects.filter(institution=office.institution).select_related("user")
    grants = own.valid_now()
    gone = User.objects.filter(grants__in=own, erased_at__isnull=True).exclude(grants__in=grants)
    return act_on(
        office,
        None,
        form=form,
        template="roles",
        act=act,
        done=office.then(
            _("The role is given. A new person sets a password with “Forgot your password?”."), "roles"
        ),
        grants=sorted(grants, key=lambda grant: (list(Role).index(Role(grant.role)), grant.user.name)),
        gone=gone.distinct().order_by("name"),
    )


@for_office(Role.SECRETARIAT)
def withdraw(office: Office, grant: int) -> HttpResponse:
    """End somebody's role at this moment."""
    found = get_object_or_404(
        Grant.objects.valid_now().select_related("user"), institution=office.institution, pk=grant
    )

    def withdrawn(_made: object) -> HttpResponse:
        office.say(_("The role is withdrawn."))
        return office.to("roles") if Role.SECRETARIAT in office.roles_now() else office.leave()

    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Withdraw this role?"),
            consequences=[_("The person can no longer enter these pages. It can be given again.")],
            submit=_("Withdraw the role"),
            facts={_("Person"): found.user.name, _("Role"): Role(found.role).label},
            irreversible=False,
        ),
        act=lambda: services.withdraw_role(
            actor=office.actor, institution=office.institution, user=found.user, role=Role(found.role)
        ),
        done=withdrawn,
        back=office.url("roles"),
    )


@for_office(Role.SECRETARIAT)
def erase(office: Office, person: UUID) -> HttpResponse:
    """Erase who somebody is that held a role or a seat here, when she asks for it."""
    found = get_object_or_404(User, public_id=person, erased_at__isnull=True)
    if not policies.may_erase_person(office.actor, office.institution, found):
        raise Http404

    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Erase what is kept about this person?"),
            consequences=[
                _(
                    "Name, addresses, keys and answers are deleted; nobody can sign in with this account again."
                ),
                _("What opens the sealed entries of the journal about this person is destroyed."),
                _("The journal says that it happened, and verifies as before."),
            ],
            submit=_("Erase this person"),
            facts={_("Person"): found.name, _("E-mail address"): found.email},
        ),
        act=lambda: services.erase_person(actor=office.actor, institution=office.institution, user=found),
        done=office.then(_("What was kept about this person is erased."), "roles"),
        back=office.url("roles"),
    )
