from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid, NotAllowed, ServiceError


class NotEntitled(Conflict):
    problem = _("The rule book gives this kind of proposer no right to propose a theme.")
    way_out = _("Read in the rules who may propose one, and ask one of them to bring yours.")


class TextMissing(Invalid):
    problem = _("A proposal needs a title, an explanation and a reason.")
    way_out = _("Fill in all three; a few sentences are enough.")


class TextTooLong(Invalid):
    problem = _("The text is longer than a proposal may be.")
    way_out = _("Shorten it; what is long can be said when the theme was chosen.")


class TooSoonAgain(Conflict):
    problem = _("The time in which this theme could be handed in again is over.")
    way_out = _("Propose it as a new theme.")


class TooManyRequests(ServiceError):
    status = 429
    problem = _("Too much came in from this place in a short time.")
    way_out = _("Wait an hour, or bring your proposal or signature on paper.")


class MailNotSent(ServiceError):
    status = 503
    problem = _("The mail with the link could not be sent.")
    way_out = _("Look whether the address is right, and try again in a few minutes.")


class LinkNotValid(Conflict):
    problem = _("This link is no longer valid.")
    way_out = _("It works once and for seven days. If you did not use it, fill in the form again.")


class NotWaiting(Conflict):
    problem = _("This theme does not wait for a verdict.")
    way_out = _("Look at its page for what was decided.")


class ReasonsMissing(Invalid):
    problem = _("A refusal needs reasons, which are published.")
    way_out = _("Write them down in at least one language.")


class RuleUnknown(Invalid):
    problem = _("The rule book sets no such rule.")
    way_out = _("Choose one of the rules that the rule book sets, or say that the statute is silent.")


class NoLastDay(Invalid):
    problem = _("The statute sets no time in which signatures are collected.")
    way_out = _("Give the last day to sign.")


class BodyJudges(NotAllowed):
    """Names the rule that gives the verdict to a body."""

    status = 403
    way_out = _("Propose the verdict to its members; it holds when they have agreed.")

    def __init__(self, rule: str) -> None:
        super().__init__(
            _("The rule book gives this verdict to a body whose members sit now: rule %(rule)s.")
            % {"rule": rule}
        )


class QuestionMissing(Invalid):
    problem = _("There is no question.")
    way_out = _("Write it in at least one language.")


class QuestionSettled(Conflict):
    problem = _("This question is no longer open: the cycle is closed.")
    way_out = _("Look at the public page of its mandate.")


class QuestionNotAdopted(Conflict):
    """Names the rule by which a body adopts the question."""

    way_out = _("Wait until its members have agreed; the page of the mandate says how that stands.")

    def __init__(self, rule: str) -> None:
        super().__init__(
            _(
                "The rule book lets a body adopt the question first, and it has not adopted this one: rule %(rule)s."
            )
            % {"rule": rule}
        )


class LastDayPast(Invalid):
    problem = _("The last day to sign lies behind.")
    way_out = _("Give a day to come.")


class NotCollecting(Conflict):
    problem = _("Signatures are not collected for this theme, or no longer.")
    way_out = _("Look at its page for its last day and what became of it.")


class TooYoung(Invalid):
    problem = _("The rule book asks for a higher age of those who sign.")
    way_out = _("You can sign from your birthday on.")


class SignatoryIncomplete(Invalid):
    problem = _("Name, date of birth and postcode are needed: they tell one person from another.")
    way_out = _("Fill in all three, as on the identity card.")


class NoSuchSignature(Conflict):
    problem = _("Nobody of this name and date of birth signed this theme.")
    way_out = _("Compare the spelling with the identity card; accents and capitals do not matter.")


class PaperListWrong(Invalid):
    """Carries the lines that are wrong, all of them."""

    problem = _("Some lines of the list cannot be read; nothing was entered.")
    way_out = _("Write one person a line: name; date of birth; postcode.")


class NotToChoose(Conflict):
    problem = _("This theme cannot be chosen now.")
    way_out = _("Only themes that were admitted and found enough support can be chosen.")


class CycleOpenedAlready(Conflict):
    problem = _("A cycle on this theme is open already.")
    way_out = _("Go to its page.")


class BallotNeeded(Conflict):
    problem = _("The rule book gives the choice to a body whose members sit now.")
    way_out = _("Put the themes to them in a ballot.")


class NotTheirChoice(Conflict):
    problem = _("The rule book gives the choice of the theme to another body.")
    way_out = _("Open the ballot for the body that the rule agenda.decides names.")


class ChoiceUnderWay(Conflict):
    problem = _("A ballot on one of these themes is open.")
    way_out = _("Wait until it is counted.")
