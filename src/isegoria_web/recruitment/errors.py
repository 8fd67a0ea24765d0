from collections.abc import Sequence
from typing import Protocol

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid, ServiceError


class Faulty(Protocol):
    """A fault of a file, with its line."""

    @property
    def line(self) -> int:
        """Counted from 1."""


class CodeWrong(Invalid):
    problem = _("We do not know this code.")
    way_out = _("Compare it with your letter, group by group, or call us.")


class AgeAgainstRule(Invalid):
    """Letters were announced for another youngest age than the rule book sets."""

    problem = _("The rule book sets another youngest age: {age} ({rule}).")
    way_out = _("Enter that age, or amend the rule book first.")

    def __init__(self, age: int, rule: str) -> None:
        super().__init__(format_lazy(type(self).problem, age=age, rule=rule))


class DrawnAmongMembers(Conflict):
    """Letters were to be drawn from a whole register for a body that is drawn among members of another one."""

    problem = _(
        "For this body people are drawn among the members of another one, not from the whole register ({rule})."
    )
    way_out = _(
        "Check on the page of who can be drawn who in the register has sat there; letters are drawn from those who remain."
    )

    def __init__(self, rule: str) -> None:
        super().__init__(format_lazy(type(self).problem, rule=rule))


class TooManyTries(ServiceError):
    status = 429
    problem = _("There were too many wrong codes from here.")
    way_out = _("Wait an hour and try again, or call us.")


class LetterRevoked(Conflict):
    problem = _("This letter can no longer be answered.")
    way_out = _("Call us; we will help.")


class LettersAnnulled(Conflict):
    problem = _("These letters count no more: their draw was annulled, or others followed.")
    way_out = _("The public page of the draw says why, and which letters count.")


class PanelDrawStands(Conflict):
    problem = _("A draw of the panel from the letters of this cycle counts.")
    way_out = _("Letters can be drawn again only once that draw is annulled, in public, by two people.")


class LanguageWrong(Invalid):
    problem = _("People cannot be invited in this language like this.")
    way_out = _(
        "Choose a language that the institution does not speak, and one that it speaks for the fixed sentences."
    )


class LanguageUnchanged(Conflict):
    problem = _("Nothing of this language is other than before.")
    way_out = _("There is nothing to save.")


class SentencesWrong(Invalid):
    """A translator's file has faults; each knows its line."""

    problem = _("The file has faults; nothing was kept. They are listed below.")
    way_out = _("Correct them in the file and send it again.")

    def __init__(self, faults: Sequence[Faulty]) -> None:
        super().__init__()
        self.faults = list(faults)


class SentencesUnwritten(Invalid):
    problem = _("Nothing is translated in it.")
    way_out = _("Download the sentences, have them translated, and send the file.")


class SentencesUnchanged(Conflict):
    problem = _("Nothing is other than in the newest version.")
    way_out = _("There is nothing to save.")


class SentencesConfirmed(Conflict):
    problem = _("This version is confirmed already, or there is a newer one.")
    way_out = _("Look at the newest version and confirm that one.")


class LanguageInUse(Conflict):
    problem = _("Letters in this language were drawn.")
    way_out = _("The language stays until the letters are no longer needed.")


class LetterUnwritten(Conflict):
    """There are letters in a language in which nobody has written what they say."""

    problem = _("Nobody has written what the letter says in: {languages}.")
    way_out = _("Write it on the page of the texts of the letter, then print.")

    def __init__(self, languages: Sequence[str]) -> None:
        super().__init__(format_lazy(type(self).problem, languages=", ".join(languages)))


class GlyphsMissing(Invalid):
    """A letter holds characters that no font of the machine can draw."""

    problem = _("No font on this machine has these characters: {characters}")
    way_out = _("Install a font that has them where letters are printed, or write the text without them.")

    def __init__(self, characters: str) -> None:
        super().__init__(format_lazy(type(self).problem, characters=" ".join(characters)))


class CampaignClosed(Conflict):
    problem = _("The date for answers has passed and the pool is closed.")
    way_out = _("The result of the draw is published on this site.")


class SiftedForAnother(Invalid):
    problem = _("This extract holds those who can be drawn for another cycle.")
    way_out = _("Check who can be drawn for this cycle, and take the result of that.")


class AnsweredMeanwhile(Conflict):
    problem = _("This letter has been answered meanwhile, in another window or by telephone.")
    way_out = _("Give its code again: a link to the answer goes to the address that was given with it.")


class AlreadyAnswered(Conflict):
    problem = _("This letter has been answered.")
    way_out = _("Type the code of the letter to see or change the answer.")


class AnswersWrong(Invalid):
    problem = _("An answer is missing or not one of those offered.")
    way_out = _("Choose one answer to each question.")


class AnswersDiffer(Invalid):
    problem = _("Age, sex and municipality must be those of the population register.")
    way_out = _("Correct the answer, or call us if the register is wrong.")


class ConsentMissing(Invalid):
    problem = _("Without your consent we may not use your answers.")
    way_out = _("Tick the consent, or say no to the letter.")


class FormFrozen(Conflict):
    problem = _("Letters are printed: the form stays as it is.")
    way_out = _(
        "People must all be asked the same. Ask anything further by telephone or at the first meeting."
    )


class FieldWrong(Invalid):
    problem = _("This question cannot be asked like this.")
    way_out = _(
        "A choice needs two to thirty options, in each language equally many; nobody must tell what is sensitive."
    )


class NotAhead(Invalid):
    problem = _("This moment is past.")
    way_out = _("Give one that lies ahead.")


class NothingToWithdraw(Conflict):
    problem = _("This person does not take part.")
    way_out = _("Look for the letter again: its number may be mistyped.")


class SeatOffered(Conflict):
    problem = _("This person was drawn and asked to take a seat.")
    way_out = _("Record on the page of the seats that she declines or leaves.")


class DuplicateDecided(Conflict):
    problem = _("Somebody has decided about these two answers.")
    way_out = _("Look at the list of answers that may come from one person.")


class NotAnsweredYet(Conflict):
    problem = _("Nobody has answered this letter yet.")
    way_out = _("Write the answer down as the first one.")


class NotBoth(Conflict):
    problem = _("One of the two no longer takes part.")
    way_out = _("There is nothing left to decide.")


class LettersNotDrawn(Conflict):
    problem = _("The letters have not been drawn yet.")
    way_out = _("Enter the public randomness first.")


class LettersDrawnAlready(Conflict):
    problem = _("The letters of this cycle are drawn already.")
    way_out = _("Look at the record of the draw.")


class WaveNotPrinted(Conflict):
    problem = _("Letters of the last wave are not sent yet.")
    way_out = _("Send them, and wait for the answers: they say how many more are needed.")


class WaveDrawnMeanwhile(Conflict):
    problem = _("Another wave was drawn meanwhile.")
    way_out = _("Look at the page of the letters, and draw the next one if it is still needed.")


class LettersUnderWay(Conflict):
    problem = _("The letters of this cycle are being worked on.")
    way_out = _("Wait until it is over, or stop it.")


class LetterWorkOver(Conflict):
    problem = _("This work is over.")
    way_out = _("The page of the letters says what came of it.")


class DrawGoesOn(Conflict):
    problem = _("A draw that is due is not stopped: the randomness alone decides.")
    way_out = _("Wait until it is over; a fault is repaired by annulling it, in public, by two people.")


class WaveEmpty(Invalid):
    problem = _("A wave needs one letter or more.")
    way_out = _("The plan of the letters says how many.")


class NobodyLeft(Invalid):
    problem = _("There are fewer residents left without a letter.")
    way_out = _("Give a smaller number; the page of the letters says how many are left.")


class ReasonMissing(Invalid):
    problem = _("A further wave needs a reason that everybody can read.")
    way_out = _("Say in a sentence why more letters are sent.")


class Placed(Protocol):
    """A fault with its place in the letter."""

    @property
    def part(self) -> str:
        """The part of the letter."""


class LetterTextWrong(Invalid):
    problem = _("The text of the letter cannot be typeset like this.")
    way_out = _("Each fault is named at its place.")

    def __init__(self, faults: Sequence[Placed] = ()) -> None:
        super().__init__()
        self.faults = faults


class LetterTextUnchanged(Conflict):
    problem = _("This is the text as it is kept already.")
    way_out = _("Change something, then save it.")


class LogoWrong(Invalid):
    problem = _("This picture cannot stand on a letter.")
    way_out = _("Give a PNG or JPEG of at most 400 kB.")


class LetterTooLong(Invalid):
    problem = _("A letter does not fit on one page.")
    way_out = _("Shorten its text, look at the preview, and print again.")


class PrintingGoesOn(Conflict):
    problem = _("The letters of this wave are being printed.")
    way_out = _("Wait until it is over, or stop it.")


class PrintingOver(Conflict):
    problem = _("This printing is over.")
    way_out = _("The page of the letters says what came of it.")


class NothingToPrint(Conflict):
    problem = _("No letter of this wave waits to be printed.")
    way_out = _("All were answered, or came back from the post.")


class FilesGone(Conflict):
    problem = _("These files are deleted.")
    way_out = _("Print the letters again if they are not in the post; every code is then new.")


class NotInExtract(Invalid):
    problem = _("The extract of the register has nobody with this number.")
    way_out = _("Compare the number with the identity card; then ask the register office.")


class NotEligible(Conflict):
    problem = _("The extract has this person, but she could not be drawn: she is too young.")
    way_out = _("The public page of the draw says who could be drawn.")


class NoEmailDecided(Conflict):
    problem = _("Nobody has decided that these people are written to by e-mail.")
    way_out = _("Decide it on the page of the e-mails first; the decision is public.")


class SentByEmailAlready(Conflict):
    problem = _("Invitations by e-mail are on their way, so that decision stands.")
    way_out = _("The reminders can still be changed.")


class NothingToSend(Conflict):
    problem = _("There is nobody to write to by e-mail.")
    way_out = _("Everybody with an address has been written to, has answered, or wants no more mail.")


class NotAstray(Conflict):
    problem = _("This message was sent, waits to be sent, or came back for good.")
    way_out = _("Reach the person by telephone or by letter.")


class NoticeNotUnderstood(Invalid):
    problem = _("This is not a notice of a mail server about one of our messages.")
    way_out = _("Give the whole message with its attachments, as your mail program saves it (.eml).")


class NobodyToRemind(Conflict):
    problem = _("There is nobody to remind.")
    way_out = _("Who has answered, was reminded or wants no more mail is not reminded.")


class NotSentYet(Conflict):
    problem = _("This letter is not out, or the post brought it back.")
    way_out = _("Print its wave first; for what came back, find out where the person lives.")


class LetterErased(Conflict):
    problem = _("What was kept about this person was erased before.")
    way_out = _("The certificate stands on the page of the erasures.")


class ChosenLettersWrong(Invalid):
    problem = _("The letters chosen for each stratum do not add up to the number of letters.")
    way_out = _("Choose a column of strata, and give each of its values its letters.")
