from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class ReasonMissing(Invalid):
    problem = _("Nothing is taken out without a ground and a reason.")
    way_out = _("Choose the ground, and write to the author why it applies.")


class ReviewedAlready(Conflict):
    problem = _("This was decided so already.")
    way_out = _("Reload the page to see what has changed.")


class NothingToAppeal(Conflict):
    problem = _("This contribution is visible; there is nothing to appeal against.")
    way_out = _("Look at the list of your contributions.")


class AppealEmpty(Invalid):
    problem = _("The appeal is empty.")
    way_out = _("Write in a sentence why the decision is wrong.")


class AppealedAlready(Conflict):
    problem = _("You have appealed against this decision.")
    way_out = _(
        "Somebody else than who decided looks at it; the outcome will stand beside your contribution."
    )


class AppealDecided(Conflict):
    problem = _("This appeal has been decided.")
    way_out = _("The outcome stands in the public log.")


class SamePerson(Conflict):
    problem = _("Whoever took a contribution out does not decide the appeal against it.")
    way_out = _("Let somebody else decide.")
