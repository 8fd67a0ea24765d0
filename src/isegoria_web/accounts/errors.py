from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Invalid


class NameMissing(Invalid):
    problem = _("There is no account with this e-mail address yet.")
    way_out = _("Give the name as well, and an account is made.")
