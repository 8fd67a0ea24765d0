from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class NoScheme(Conflict):
    problem = _("The rule book does not say under which scheme members are paid (pay.scheme).")
    way_out = _("Have the authority amend the rule book first.")


class NoAmount(Invalid):
    problem = _("The rule book sets no amount, only ceilings or nothing.")
    way_out = _("Give the amount for a day; it is published as the institution's own.")


class AmountIsSet(Invalid):
    problem = _("The rule book sets the amount.")
    way_out = _("Leave the field empty: the amount of the rule is taken.")


class MoneyWrong(Invalid):
    problem = _("This is no amount of money in euros and cents.")
    way_out = _("Write it like 12.50, above zero and below 10,000.")


class CeilingReached(Conflict):
    problem = _("More than the ceilings of the law allow would be paid to this person.")
    way_out = _("Nothing is paid above them. Look at what was declared and paid this year.")


class DeclarationMissing(Conflict):
    problem = _("The member has not declared what she gets elsewhere this year.")
    way_out = _("She declares it on her own page; zero is a declaration too.")


class LessThanBefore(Invalid):
    problem = _("The declared sum is lower than the one before.")
    way_out = _(
        "What was received elsewhere only grows within a year; ask the secretariat to mend a mistake."
    )


class CostsNotPaid(Conflict):
    problem = _("The rule book does not pay back costs of this kind.")
    way_out = _("Read in the rules what is paid back.")


class BothSchemes(Conflict):
    problem = _("A lump sum and real costs cannot both be paid in one year.")
    way_out = _("Travel and childcare can; other costs only without the lump sum.")


class DayNotServed(Invalid):
    problem = _("There was no meeting of yours on or next to this day.")
    way_out = _("Give the day of the meeting for which you had the cost.")


class ReceiptWrong(Invalid):
    problem = _("The receipt must be a PDF, PNG or JPEG of at most five megabytes.")
    way_out = _("Take a picture of it, or save it as a PDF.")


class IbanWrong(Invalid):
    problem = _("This is no account number of a bank in the euro payments area.")
    way_out = _("Copy the IBAN from your bank card or statement; blanks do no harm.")


class HolderMissing(Invalid):
    problem = _("The name of the account holder is missing.")
    way_out = _("Write it as the bank does.")


class NotClaimed(Conflict):
    problem = _("This claim does not wait for a decision.")
    way_out = _("Look at the list for what was decided.")


class SamePerson(Conflict):
    problem = _("Whoever made a claim cannot approve it.")
    way_out = _("Ask a second person of the secretariat.")


class ReasonMissing(Invalid):
    problem = _("A refusal needs a reason; the member reads it.")
    way_out = _("Write it down in a sentence.")


class PayerMissing(Conflict):
    problem = _("The institution's own account is not known yet.")
    way_out = _("Enter the name and the account from which is paid.")


class NothingToPay(Conflict):
    problem = _("No approved claim has an account to which it can be paid.")
    way_out = _("Approve claims first; members give their account on their own page.")


class ExecutionPast(Invalid):
    problem = _("The day of payment lies behind.")
    way_out = _("Give today or a later day.")


class PaidAlready(Conflict):
    problem = _("This payment file was marked as paid.")
    way_out = _("Look at the list of files.")


class FileErased(Conflict):
    problem = _("The contents of this payment file were erased on their date.")
    way_out = _("Its totals and its hash stay; the bank has the file.")


class NotInFile(Invalid):
    problem = _("This claim is not in the payment file.")
    way_out = _("Choose among the claims of the file.")


class StillOwed(Conflict):
    problem = _("Money is still owed to this person.")
    way_out = _("Pay or refuse her open claims first.")
