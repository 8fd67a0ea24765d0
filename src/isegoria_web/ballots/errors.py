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


class TooFewMayVote(Conflict):
    problem = _("Fewer than three hold a seat: the outcome would tell how each of them voted.")
    way_out = _("Fill the seats first: alternates move up, or a draw for vacant seats is announced.")


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


class WhoBindsUnknown(Conflict):
    problem = _("The rule book does not say whose vote decides in this mixed body.")
    way_out = _("Amend the rule book: say whose vote binds, and with which majority.")


class GroupVotesInSecret(Conflict):
    problem = _(
        "The rule book lets a group that is appointed vote in secret, or does not say that it votes openly."
    )
    way_out = _(
        "Let the group vote on paper and amend the rule book, or amend it so that the group votes openly."
    )


class TooFewForSecrecy(Conflict):
    problem = _(
        "So few citizens sit in this mixed body that a count of their own would show how somebody voted."
    )
    way_out = _(
        "Fill the citizens' seats first: at least five are needed for a secret ballot beside an open one."
    )


class CitizensVoteFirst(Conflict):
    problem = _("The citizens' box has not been counted yet.")
    way_out = _("Count it first: nobody who votes openly should lead those who vote in secret.")


class CorrectionNeedsReason(Invalid):
    problem = _("This open vote is public already. It changes only with a reason that everybody reads.")
    way_out = _("Write the reason. Both versions stay public.")


class RollCallNotWaiting(Conflict):
    problem = _("This open vote does not wait for a second person any more.")
    way_out = _("Look at the page of the recommendation for how it stands.")


class VoteInSiteUnderWay(Conflict):
    problem = _("Those who are appointed vote in the site, and two persons have not closed it.")
    way_out = _("Close it when everybody has voted or its time is over, or withdraw it first.")


class RollCallHeld(Conflict):
    problem = _("This open vote was held, or is written down and waits for a second person.")
    way_out = _("Look at the page of the recommendation; what was wrong is corrected in writing.")


class NotAllInvited(Conflict):
    problem = _("Somebody who holds a seat of this group was not invited to sign in, and could not vote.")
    way_out = _("Invite everybody on the page of the seats that are not drawn, or write the vote down.")


class RollCallByTwo(Conflict):
    problem = _("An open vote counts when two persons have seen it, and you wrote it down.")
    way_out = _("Ask a colleague, a facilitator or an observer to confirm it on this page.")


class RollCallDayWrong(Invalid):
    problem = _("On this day the vote cannot have been held.")
    way_out = _("Give a day between the count of the citizens' box and today.")


class NotOnTheRoll(Invalid):
    problem = _("A vote is missing, or belongs to somebody who held no seat on this day.")
    way_out = _(
        "Write down one vote for everybody who held a seat, and nobody else; choose “did not vote” for who was away."
    )


class TooFewSit(Conflict):
    problem = _(
        "Fewer than three members sit in this body today: the outcome would tell how each of them spoke."
    )
    way_out = _(
        "Until three do, it is done as where nobody sits: by the secretariat, and the pages say so."
    )


class ResolutionUnderWay(Conflict):
    problem = _("The members of the body are deciding on this already.")
    way_out = _("Say yes or no to what is proposed; when it is over, something else can be proposed.")


class ResolutionOver(Conflict):
    problem = _("This was decided, or its last day is over.")
    way_out = _("The result stands on its public page.")


class SpokenAlready(Conflict):
    problem = _("You have said what you think of this.")
    way_out = _("You can say it once. Only the sum is kept, and shown when it is over.")
