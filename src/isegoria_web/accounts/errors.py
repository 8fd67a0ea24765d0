from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class NameMissing(Invalid):
    problem = _("There is no account with this e-mail address yet.")
    way_out = _("Give the name as well, and an account is made.")


class PersonErased(Conflict):
    problem = _("This person is erased already.")
    way_out = _("There is nothing left to erase.")


class RoleHeld(Conflict):
    problem = _("This person still holds a role.")
    way_out = _("Withdraw the role first: each end of a role is an act of its own in the journal.")
