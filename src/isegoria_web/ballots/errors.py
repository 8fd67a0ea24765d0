from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class BallotEndsTooSoon(Invalid):
    problem = _("The ballot would close before it opens.")
    way_out = _("Choose a moment that lies ahead.")


class OptionsWrong(Invalid):
    problem = _("A choice needs at least two options, each with a text of its own.")
    way_out = _("Write every option once, in a line of its own.")


class PlacesWrong(Invalid):
    problem = _("As many options would be chosen as there are, or none.")
    way_out = _("Choose a number between one and the number of options less one.")


class NobodyMayVote(Conflict):
    problem = _("Nobody holds a seat yet.")
    way_out = _("Fill the seats first.")


class NoThreshold(Conflict):
    problem = _("The rule book does not say with which majority this body decides.")
    way_out = _("Amend the rule book; the software does not invent a majority.")


class UnknownChoice(Invalid):
    problem = _("This is not one of the choices.")
    way_out = _("Choose from what the ballot offers.")


class VotedAlready(Conflict):
    problem = _("Your vote is already recorded.")
    way_out = _("It cannot be changed; that keeps it secret.")


class BallotClosed(Conflict):
    problem = _("This ballot is closed.")
    way_out = _("The result stands on its public page.")


class BallotStillOpen(Conflict):
    problem = _("The ballot is still open, and not everybody has voted.")
    way_out = _("Wait for its closing time. Nobody sees a count before.")


class NeedsSecondPerson(Conflict):
    problem = _("A box is opened by two persons, and one of them belongs to the secretariat.")
    way_out = _("Ask a colleague, a facilitator or an observer to confirm it on this page.")


class ClosingNotProposed(Conflict):
    problem = _("Nobody has proposed to count this ballot yet.")
    way_out = _("Propose it first; then a second person confirms.")
