from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid, NotAllowed, Sentence
from isegoria_web.translated import in_language


class PoolFrozen(Conflict):
    problem = _("The pool is frozen: features and quotas can no longer be changed.")
    way_out = _("Publish an annulment with its reason, and announce another draw.")


class FeaturesFrozen(Conflict):
    problem = _("People are invited: what the letter asks for can no longer be changed.")
    way_out = _("The population figures and the quotas can still be corrected.")


class QuotasBound(Conflict):
    problem = _("People are invited: the quotas are promised to them.")
    way_out = _("Propose a change with its public reason; a second person of the secretariat makes it.")


class QuotasNotBound(Conflict):
    problem = _("Nobody is invited yet: the quotas are still being set.")
    way_out = _("Set them on the page of the quotas.")


class HomesConflict(Conflict):
    """A panel could be drawn, were it not that of a home at most one person is."""

    problem = _(
        "Of a home at most one person is drawn, and so no panel of {size} meets the quotas: "
        "of {people} people {sharing} live together in {homes} homes."
    )
    way_out = _("Nothing is relaxed by itself. Write to more people, or propose a change in public.")

    def __init__(self, size: int, people: int, sharing: int, homes: int) -> None:
        super().__init__(
            format_lazy(type(self).problem, size=size, people=people, sharing=sharing, homes=homes)
        )


class QuotasUnchanged(Invalid):
    problem = _("Nothing differs from the quotas as they are.")
    way_out = _("Change at least one number.")


class QuotaChangeOpen(Conflict):
    problem = _("A change of the quotas is proposed, and nobody has decided it.")
    way_out = _(
        "A second person of the secretariat makes it, or it is withdrawn, on the page of the quotas."
    )


class QuotaChangeClosed(Conflict):
    problem = _("This change of the quotas was made or withdrawn.")
    way_out = _("Look at the page of the quotas.")


class QuotaChangeOvertaken(Conflict):
    problem = _("The quotas are no longer those that this change speaks of.")
    way_out = _("Withdraw it and propose it anew.")


class SeatsCanBeFilled(Conflict):
    problem = _("Those who are left can fill the vacant seats under the quotas as they are.")
    way_out = _("Announce a replacement draw.")


class NotSearched(Conflict):
    problem = _("For those who sit and are left now, nobody has looked yet which quotas could give way.")
    way_out = _("Look for it on the page of the quotas of the vacant seats; then try again.")


class NoWayOut(Invalid):
    problem = _("This is none of the smallest changes that help.")
    way_out = _("Choose one of those that the page shows.")


class QuotasWouldTell(Conflict):
    problem = _("The draw is sealed: wider quotas for its vacant seats would tell who sits.")
    way_out = _("The seats stay vacant, unless two persons answer in public for an exception.")


class TwoPersonsForQuotas(NotAllowed):
    problem = _("A change of the quotas needs two different people of the secretariat.")
    way_out = _("Ask a colleague to make it.")


class NotDeclared(Invalid):
    problem = _("The register tells this feature: nobody is asked for it.")
    way_out = _("Only what people tell about themselves can be left untold.")


class KeptSeatsTaken(Invalid):
    """Quotas leave fewer seats than the rule book keeps for some people, or more where the number is exact."""

    problem = _("The rule book keeps {seats} seats for {people} ({rule}); these quotas do not leave them.")
    way_out = _("Set the quotas of these people to that number, or amend the rule book first.")

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept_in_words(type(self).problem, kept))


class KeptSeatsUntold(Conflict):
    """The rule book keeps seats for people whom no feature of the cycle tells."""

    problem = _(
        "The rule book keeps {seats} seats for {people} ({rule}), and no feature tells who these people are."
    )
    way_out = _("Add a feature with a value of the key {key}, and set its quota.")

    def __init__(self, kept: Kept) -> None:
        super().__init__(
            kept_in_words(type(self).problem, kept), format_lazy(type(self).way_out, key=kept.value)
        )


def kept_in_words(sentence: Any, kept: Kept) -> Sentence:
    """Return a sentence about kept seats: how many, for whom in the reader's language, and the rule."""
    people = lazy(in_language, str)(kept.title)
    return format_lazy(sentence, seats=kept.seats, people=people, rule=kept.rule)


class Kept(Protocol):
    """What a refusal says of kept seats."""

    @property
    def seats(self) -> int:
        """How many."""

    @property
    def title(self) -> Mapping[str, str]:
        """For whom."""

    @property
    def rule(self) -> str:
        """The rule, with its version."""

    @property
    def value(self) -> str:
        """The key by which a value tells who they are."""


class QuotaWrong(Invalid):
    problem = _("A quota is not right.")
    way_out = _("Correct the marked cell.")


class QuotasMissing(Conflict):
    problem = _("Some values have no quota yet.")
    way_out = _("Let the software propose them from the population figures, or enter them.")


class PopulationMissing(Conflict):
    problem = _("A value has no population figure.")
    way_out = _("Enter the figures with their source and date.")


class TooEarly(Conflict):
    problem = _("The public randomness does not exist yet.")
    way_out = _("Wait until the announced moment.")


class SourceInThePast(Invalid):
    problem = _("The announced moment of the public randomness has already passed.")
    way_out = _("Announce a moment that lies ahead, so that nobody can know the outcome.")


class Computing(Conflict):
    problem = _("The lottery is being computed.")
    way_out = _("Wait for it: its commitment appears on the page of the draws.")


class AlreadyDrawn(Conflict):
    problem = _("This draw has been made. There is one draw per committed pool.")
    way_out = _("Look at its record; a second draw needs a published annulment.")


class NotCommitted(Conflict):
    problem = _("The lottery is not committed yet.")
    way_out = _("Compute and publish the lottery before the randomness exists.")


class TwoPersonsNeeded(NotAllowed):
    problem = _("An annulment needs two different people of the secretariat.")
    way_out = _("Ask a colleague to confirm it.")


class DrawIsFinal(Conflict):
    problem = _("This draw is final: its challenge period has ended.")
    way_out = _("It can only be contested before a court.")


class AnnulmentOpen(Conflict):
    problem = _("The annulment of this draw is proposed already.")
    way_out = _("A second person of the secretariat can confirm or withdraw it.")


class AnnulmentClosed(Conflict):
    problem = _("This proposal was decided or withdrawn.")
    way_out = _("Look at the page of the draws.")


class RandomnessMissing(Conflict):
    problem = _("Not every source of the randomness has its value yet.")
    way_out = _("Let two persons write down what was thrown, or bring the signature of the beacon.")


class SourceKnown(Conflict):
    problem = _("The value of this source is known, and it stays as it is.")
    way_out = _("A wrong value can only be repaired by annulling the draw, in public.")


class WrongKindOfSource(Invalid):
    problem = _("This source does not give its value in this way.")
    way_out = _("Choose the way that fits the announced source.")


class FilmMissing(Invalid):
    problem = _("It does not say where the film or photo is kept.")
    way_out = _("Name the film or photo, so that everybody can look again.")


class PartyUnknown(Invalid):
    problem = _("No party of this name was announced.")
    way_out = _("Choose one of the announced parties.")


class RevealTooLate(Conflict):
    problem = _("The time to reveal is over: the secret counts as withheld, as the rule says.")
    way_out = _("The draw goes on without it.")


class NoObjectionsNow(Conflict):
    problem = _("Objections can be raised from the draw until the end of its challenge period.")
    way_out = _("Read the record of the draw, or write to the secretariat.")


class ObjectionEmpty(Invalid):
    problem = _("The objection says nothing.")
    way_out = _("Write in at most 2,000 characters what is wrong with the draw.")


class TooManyObjections(Conflict):
    problem = _("Very many objections came in during the last hour.")
    way_out = _("Try again later, or write to the secretariat.")


class ObjectionAnswered(Conflict):
    problem = _("This objection was answered.")
    way_out = _("Look at the page of the draw.")


class SignatureNotChecked(Conflict):
    problem = _("This server cannot check the signature of a beacon.")
    way_out = _("Ask the people who run it to install isegoria[signatures].")


class WitnessNeeded(Conflict):
    problem = _("This person wrote down a draw, or decided on annulling it, that is not final yet.")
    way_out = _("Wait until the draw is final: until then it must be possible to tell who took part.")


class PartyExcluded(Conflict):
    problem = _("One of these parties withheld its secret number at the last draw of this kind.")
    way_out = _(
        "It sits out this draw, as the rule says. Leave it out; from the next draw on it may take part."
    )


class NotSealed(Conflict):
    problem = _("This draw is open: its public record shows everything.")
    way_out = _("Download the record from its public page.")


class SealsDestroyed(Conflict):
    problem = _("What opens this sealed draw was destroyed on the erasure date.")
    way_out = _("The public record still verifies without it.")


class ReceiptWrong(Invalid):
    problem = _("This receipt does not fit the commitment.")
    way_out = _("Have the file time-stamped that this page offers, and attach what you get back.")


class ReceiptKnown(Conflict):
    problem = _("This receipt is attached already.")
    way_out = _("Look at the page of the draw.")


class ReceiptNotChecked(Conflict):
    problem = _("This server cannot check receipts of time-stamping authorities.")
    way_out = _("Ask who runs it to install isegoria[signatures].")


class ReplacementUnderWay(Conflict):
    problem = _("A replacement draw of this cycle is under way.")
    way_out = _("Wait until it is final; its page says when.")


class NothingToComplete(Conflict):
    problem = _(
        "No seat is vacant that a draw could fill, or too few people are left in the committed pool."
    )
    way_out = _("Look at the list of seats. A seat for which nobody is left stays vacant.")


class BodyBeyondQuotas(Conflict):
    problem = _(
        "With those who sit the whole body cannot meet its quotas, whoever is drawn for the vacant seats."
    )
    way_out = _("The seats stay vacant, unless two persons answer in public for an exception.")
