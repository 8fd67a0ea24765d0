"""The vocabulary of the public record: every act that any app writes down, with its words for readers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """One code per verb, `thing.done`."""

    INSTITUTION_FOUNDED = "institution.founded", _("The institution was founded")
    FUNDING_NAMED = "institution.funding_named", _("The budget line of the institution was named")
    INSTITUTION_BEGAN = "institution.began", _("The institution began to work")
    ELECTION_ENTERED = "election.entered", _("A day of election was entered")
    ELECTION_WITHDRAWN = "election.withdrawn", _("A day of election was withdrawn")
    PAUSE_BEGAN = "election.pause_began", _("The pause before an election began")
    RULEBOOK_ADOPTED = "rulebook.adopted", _("A rule book was adopted")
    RULEBOOK_ADOPTED_AHEAD = (
        "rulebook.adopted_ahead",
        _("A new version of the rule book was adopted for a day to come"),
    )
    RULEBOOK_REVOKED = (
        "rulebook.revoked",
        _("A version of the rule book that was adopted for a day to come was withdrawn"),
    )
    RULEBOOK_PROPOSED = (
        "rulebook.proposed",
        _("A new version of the rule book was proposed to the authority"),
    )
    RULEBOOK_DECLINED = "rulebook.declined", _("The authority declined a proposed version of the rule book")
    RULEBOOK_WITHDRAWN = "rulebook.withdrawn", _("A proposed version of the rule book was taken back")
    CYCLE_OPENED = "cycle.opened", _("A cycle was opened")
    MANDATE_SIGNED = "mandate.signed", _("The authority signed the mandate")
    MANDATE_DRAFTED = "mandate.drafted", _("The draft of a mandate was changed")
    MANDATE_REVISED = "mandate.revised", _("The authority signed a new version of the mandate")
    INSTITUTION_SUSPENDED = "institution.suspended", _("The authority suspended the institution")
    INSTITUTION_RESUMED = "institution.resumed", _("The institution works again")
    INSTITUTION_REVIEWED = "institution.reviewed", _("The review of the institution began")
    INSTITUTION_RENEWED = "institution.renewed", _("The authority renewed the institution")
    INSTITUTION_ABOLISHED = "institution.abolished", _("The authority abolished the institution")
    CYCLE_BROKEN_OFF = "cycle.broken_off", _("The authority broke a cycle off, with reasons")
    STAGE_REACHED = "stage.reached", _("The cycle reached a new stage")
    EXTRACT_LOADED = "extract.loaded", _("An extract of the register was loaded")
    EXTRACT_ERASED = "extract.erased", _("An extract of the register was erased")
    LETTERS_ANNOUNCED = "letters.announced", _("The draw of the letters was announced")
    LETTERS_DRAWN = "letters.drawn", _("The letters were drawn by lot")
    WAVE_DRAWN = "letters.wave_drawn", _("A further wave of letters was drawn")
    LETTERS_PRINTED = "letters.printed", _("The letters were printed")
    PRINTING_STOPPED = "letters.printing_stopped", _("The printing of letters was stopped")
    LETTER_REPLACED = (
        "letter.replaced",
        _("One letter was printed again, and its code before stopped working"),
    )
    LETTERS_TAKEN = "letters.taken", _("A file of printed letters was taken")
    LETTERS_DELETED = "letters.deleted", _("The files of printed letters were deleted")
    LETTER_TEXT_SAVED = "letters.text_saved", _("The text of the letter was changed")
    LETTER_LANGUAGE_SET = "letters.language_set", _("It was decided to invite in a further language")
    LETTER_LANGUAGE_DROPPED = (
        "letters.language_dropped",
        _("A further language of the letters was given up"),
    )
    SENTENCES_SAVED = "letters.sentences_saved", _("The fixed sentences of a further language were changed")
    SENTENCES_CONFIRMED = (
        "letters.sentences_confirmed",
        _("The fixed sentences of a further language were confirmed"),
    )
    CORRESPONDENCE_DECIDED = (
        "correspondence.decided",
        _("Somebody decided who is written to by e-mail, and when people are reminded"),
    )
    MAIL_QUEUED = "mail.queued", _("E-mails about letters were handed to the mail server's queue")
    MAIL_STOPPED = "mail.stopped", _("E-mails that waited to be sent were stopped")
    MAIL_CAME_BACK = "mail.came_back", _("E-mails came back")
    PEOPLE_REMINDED = "people.reminded", _("People who had not answered were reminded")
    QUIET_ASKED = "invitation.quiet", _("Somebody asked not to be written to again")
    FORM_CHANGED = "form.changed", _("What the form of the letter asks was changed")
    LETTER_RETURNED = "letter.returned", _("The post brought a letter back")
    ANSWER_GIVEN = "invitation.answered", _("A letter was answered")
    PARTICIPATION_WITHDRAWN = "invitation.withdrawn", _("Somebody who had said yes withdrew")
    DUPLICATE_DECIDED = "duplicate.decided", _("Somebody decided whether two answers come from one person")
    SECOND_ANSWER_FILED = "second_answer.filed", _("A second answer to one letter came in")
    SECOND_ANSWER_DECIDED = (
        "second_answer.decided",
        _("Somebody decided which of two answers to one letter counts"),
    )
    PERSON_CONTACTED = "person.contacted", _("Somebody was tried to be reached")
    REGISTER_PROFILE_SAVED = (
        "register.profile_saved",
        _("It was written down how a register is to be read"),
    )
    REGISTER_PROFILE_DROPPED = "register.profile_dropped", _("A way of reading a register was given up")
    REGISTER_SIFTED = "register.sifted", _("It was checked who in the register can be drawn")
    ELIGIBILITY_CHECKED = "eligibility.checked", _("Somebody who had said yes cannot be drawn by a rule")
    POOL_FROZEN = "pool.frozen", _("The pool was frozen")
    QUOTAS_SET = "quotas.set", _("The quotas were set")
    LOTTERY_COMMITTED = "lottery.committed", _("The lottery was computed and committed")
    PANEL_DRAWN = "panel.drawn", _("The panel was drawn by lot")
    PARTIES_BOUND = "parties.bound", _("Parties bound themselves to secret numbers for a draw")
    PARTY_REVEALED = "party.revealed", _("A party revealed its secret number for a draw")
    READING_ENTERED = "reading.entered", _("Somebody wrote down what was drawn or thrown in public")
    RANDOMNESS_KNOWN = "randomness.known", _("The public randomness of a draw was known")
    RESULT_OVERDUE = "result.overdue", _("A result was not published by its deadline")
    OBJECTION_RAISED = "objection.raised", _("An objection against a draw was published")
    OBJECTION_ANSWERED = "objection.answered", _("An objection against a draw was answered")
    TIMESTAMP_ATTACHED = (
        "timestamp.attached",
        _("A time stamp of somebody else was attached to a commitment"),
    )
    DRAW_FINAL = "draw.final", _("A draw became final")
    DRAW_TESTED = "draw.tested", _("A TEST draw was made, which counts for nothing")
    QUOTAS_PROPOSED = "quotas.change_proposed", _("Other quotas were proposed after people were invited")
    QUOTAS_CHANGED = "quotas.changed", _("The quotas were changed by two persons")
    QUOTAS_KEPT = "quotas.change_withdrawn", _("The proposal of other quotas was withdrawn")
    ANNULMENT_PROPOSED = "annulment.proposed", _("The annulment of a draw was proposed")
    ANNULMENT_WITHDRAWN = "annulment.withdrawn", _("The proposal to annul a draw was withdrawn")
    DRAW_ANNULLED = "draw.annulled", _("A draw was annulled")
    SEALS_OPENED = "seals.opened", _("A sworn observer took the file that opens a sealed draw")
    SEALS_DESTROYED = "seals.destroyed", _("What opens a sealed draw was destroyed")
    RECEIPT_GIVEN = "receipt.given", _("A resident got a receipt of the draw of the letters")
    SEATS_OFFERED = "seats.offered", _("The seats were offered")
    CALLS_SHARED = "calls.shared", _("The calls to those who were drawn were shared out")
    TIME_GIVEN = "time.given", _("Somebody who was drawn got more time to answer")
    SEAT_TAKEN = "seat.taken", _("A seat was taken")
    SEAT_LEFT = "seat.left", _("A seat was left")
    NAME_SHOWN = "name.shown", _("A member agreed to be shown in public under a name of her choice")
    NAME_WITHDRAWN = "name.withdrawn", _("A member took her name back from the public")
    SEAT_DECISION_PROPOSED = (
        "seat_decision.proposed",
        _("A suspension or exclusion was proposed to a second person"),
    )
    SEAT_DECISION_WITHDRAWN = (
        "seat_decision.withdrawn",
        _("The proposal of a suspension or exclusion was withdrawn"),
    )
    MEMBER_SUSPENDED = "member.suspended", _("A member was suspended by two persons and keeps the seat")
    MEMBER_RESUMED = "member.resumed", _("The suspension of a member ended")
    ALTERNATE_INELIGIBLE = "alternate.ineligible", _("An alternate cannot take a seat by a rule")
    TERMS_ENDED = "terms.ended", _("The mandate was fulfilled or broken off, and the terms ended")
    ALTERNATE_MOVED_UP = "alternate.moved_up", _("An alternate moved up")
    REPLACEMENT_ANNOUNCED = "replacement.announced", _("A draw for vacant seats was announced")
    ROTATION_ANNOUNCED = "rotation.announced", _("A draw for the rotation of a body was announced")
    BODY_ROTATED = "body.rotated", _("Terms ended by the rule book, and a body rotated")
    APPOINTEE_SEATED = "appointee.seated", _("The authority appointed somebody to a seat that is not drawn")
    APPOINTEE_INVITED = (
        "appointee.invited",
        _("Somebody on a seat that is not drawn was invited to sign in"),
    )
    APPOINTEE_LEFT = "appointee.left", _("Somebody left a seat that is not drawn")
    EXCEPTION_PROPOSED = (
        "exception.proposed",
        _("A seat for somebody outside the committed pool was proposed, with a reason"),
    )
    EXCEPTION_WITHDRAWN = "exception.withdrawn", _("The proposal of an exceptional seat was withdrawn")
    EXCEPTION_GRANTED = (
        "exception.granted",
        _("Two persons offered a seat to somebody outside the committed pool"),
    )
    MEETING_CALLED = "meeting.called", _("A meeting was called")
    TABLES_PLANNED = "tables.planned", _("The tables were planned")
    TABLE_SEARCH_STARTED = "tables.sought", _("A plan of the tables was asked for")
    TABLE_SEARCH_STOPPED = (
        "tables.search_stopped",
        _("The search for a better plan of the tables was stopped"),
    )
    TABLE_SEARCH_GIVEN_UP = "tables.search_given_up", _("A plan of the tables was given up")
    SEATING_WISHED = "seating.wished", _("A wish about who sits with whom was entered")
    SEATING_WISH_DROPPED = "seating.wish_dropped", _("A wish about who sits with whom was taken back")
    MEMBER_CHECKED_IN = "member.checked_in", _("A member came to a meeting")
    APPOINTEE_CHECKED_IN = (
        "appointee.checked_in",
        _("Somebody on a seat that is not drawn came to a meeting"),
    )
    FACILITATOR_INTEREST_DECLARED = (
        "facilitator.interest_declared",
        _("A facilitator declared an interest in a point of the programme"),
    )
    FACILITATOR_INTEREST_WITHDRAWN = (
        "facilitator.interest_withdrawn",
        _("The interest of a facilitator was taken back"),
    )
    TABLE_ASSIGNED = "table.assigned", _("It was decided who leads a table and what it treats")
    TABLE_HANDED_OVER = "table.handed_over", _("A facilitator handed a table over to a colleague")
    TABLE_TAKEN_OVER = (
        "table.taken_over",
        _("A facilitator took over a table whose facilitator had not come"),
    )
    TAKEOVERS_DECIDED = (
        "tables.takeovers_decided",
        _("It was decided whether facilitators may take over a table on the day"),
    )
    PLACE_CARD_CHANGED = "place_card.changed", _("A member said how she wishes to be called in the room")
    TABLES_RESEATED = "tables.reseated", _("The tables were evened out for those who came")
    ATTENDANCE_TAKEN = "attendance.taken", _("The attendance was taken")
    MEETING_CLOSED = (
        "meeting.closed",
        _("A meeting was closed, and the speaking times of its members deleted"),
    )
    ACCOUNT_GIVEN = "account.given", _("A member gave the account to which she is paid")
    INCOME_DECLARED = "income.declared", _("A member declared what she gets elsewhere")
    COSTS_CLAIMED = "costs.claimed", _("A member claimed a cost")
    PAYER_NAMED = "payer.named", _("The account from which the institution pays was entered")
    CLAIMS_COMPUTED = "claims.computed", _("Claims were made of attendances")
    CLAIM_APPROVED = "claim.approved", _("A second person approved a claim")
    CLAIM_REFUSED = "claim.refused", _("A claim was refused")
    PAYMENTS_EXPORTED = "payments.exported", _("A payment file was made")
    PAYMENT_FILE_TAKEN = "payment_file.taken", _("Somebody took a payment file for the bank")
    PAYMENTS_MADE = "payments.made", _("A payment file was marked as paid")
    YEAR_EXPORTED = "year.exported", _("Somebody took the table of what was paid in a year")
    BANK_DATA_ERASED = "bank_data.erased", _("Account numbers were erased on their date")
    DOSSIER_PUBLISHED = "dossier.published", _("A dossier was published")
    SPEAKER_INVITED = "speaker.invited", _("A speaker was invited and declared interests")
    DOSSIER_REVISED = "dossier.revised", _("A new version of a dossier was published")
    INTERESTS_DECLARED = "interests.declared", _("A speaker declared interests anew")
    SPEAKER_ANNOUNCED = "speaker.announced", _("A speaker was put on the programme of a meeting")
    SPEAKER_REQUESTED = "speaker.requested", _("A member asked for a further speaker")
    SPEAKER_REQUEST_ANSWERED = (
        "speaker_request.answered",
        _("The wish of members for a further speaker was answered"),
    )
    QUESTIONS_MERGED = "questions.merged", _("Equal questions were put together")
    QUESTION_ASKED = "question.asked", _("A member asked a question")
    QUESTION_ANSWERED = "question.answered", _("A question was answered")
    THEME_PROPOSED = "theme.proposed", _("A theme was proposed")
    THEME_ADMITTED = "theme.admitted", _("A theme was admitted")
    THEME_REFUSED = "theme.refused", _("A theme was refused, with reasons")
    SIGNATURES_ENTERED = "signatures.entered", _("Signatures on paper were entered")
    SIGNATURE_WITHDRAWN = "signature.withdrawn", _("A signature was taken out at the wish of its person")
    SIGNATORIES_READ = "signatories.read", _("Somebody took the list of those who signed a theme")
    THEME_SUPPORTED = "theme.supported", _("A theme found enough signatures")
    THEME_EXPIRED = "theme.expired", _("A theme did not find enough signatures in time")
    SIGNATURES_ERASED = "signatures.erased", _("Who signed a theme was erased; the number stays")
    THEME_CHOSEN = "theme.chosen", _("A theme was chosen for the agenda")
    NOTE_TAKEN = "note.taken", _("A table note was taken")
    NOTE_CHANGED = "note.changed", _("A table note was changed")
    NOTE_SET_ASIDE = "note.set_aside", _("A second text of a table note was kept beside it, for a choice")
    STATEMENT_MADE = "statement.made", _("A statement was made")
    STATEMENTS_CLOSED = "statements.closed", _("The reactions to the statements were counted")
    STATEMENT_TRANSLATED = "statement.translated", _("A statement was translated by a person")
    MAP_MADE = "opinion_map.made", _("An opinion map was computed")
    CONVERSATION_IMPORTED = "conversation.imported", _("The votes of a public conversation were read in")
    STRICTNESS_SET = (
        "moderation.strictness_set",
        _("It was decided whether contributions are visible before somebody reviewed them"),
    )
    CONTRIBUTION_REVIEWED = "contribution.reviewed", _("A contribution was reviewed")
    APPEAL_RAISED = "appeal.raised", _("An author appealed against a decision about a contribution")
    APPEAL_DECIDED = "appeal.decided", _("An appeal about a contribution was decided")
    RECOMMENDATION_DRAFTED = "recommendation.drafted", _("A recommendation was drafted")
    RECOMMENDATION_REVISED = "recommendation.revised", _("A draft was rewritten")
    RECOMMENDATIONS_MERGED = "recommendations.merged", _("Drafts were put together")
    RECOMMENDATION_SPLIT = "recommendation.split", _("A draft was split")
    ADVICE_GIVEN = "advice.given", _("A note was written beside a recommendation")
    AMENDMENT_PROPOSED = "amendment.proposed", _("An amendment was proposed")
    AMENDMENT_DECIDED = "amendment.decided", _("An amendment was decided")
    BALLOT_OPENED = "ballot.opened", _("A secret ballot was opened")
    BALLOT_CLOSING_PROPOSED = "ballot.closing_proposed", _("Somebody proposed to open a ballot box")
    BALLOT_CLOSED = "ballot.closed", _("A secret ballot was closed and counted")
    BALLOT_BROKEN_OFF = (
        "ballot.broken_off",
        _("A secret ballot was closed and never counted: its cycle was broken off"),
    )
    ROLL_CALL_ENTERED = "roll_call.entered", _("An open vote of those who are appointed was written down")
    ROLL_CALL_OPENED = (
        "roll_call.opened",
        _("Those who are appointed were asked to vote by name in the site"),
    )
    ROLL_CALL_CLOSING = "roll_call.closing_proposed", _("Somebody proposed to close an open vote")
    ROLL_CALL_CONFIRMED = (
        "roll_call.confirmed",
        _("A second person confirmed the open vote of those who are appointed"),
    )
    ROLL_CALL_CORRECTED = (
        "roll_call.corrected",
        _("Two persons corrected the open vote of those who are appointed"),
    )
    ROLL_CALL_WITHDRAWN = "roll_call.withdrawn", _("An open vote that nobody had confirmed was withdrawn")
    RESOLUTION_PROPOSED = "resolution.proposed", _("Something was proposed to a body to decide")
    RESOLUTION_DECIDED = "resolution.decided", _("The members of a body decided, and the sums are public")
    MINORITY_OPINION_ADDED = "minority_opinion.added", _("A minority opinion was added")
    REPORT_HANDED_OVER = "report.handed_over", _("The report was handed over to the authority")
    ANSWER_PUBLISHED = "answer.published", _("The authority answered a recommendation")
    PROGRESS_REPORTED = "progress.reported", _("The authority reported progress")
    VERDICT_GIVEN = "verdict.given", _("The citizens gave their verdict")
    LEGACY_WRITTEN = "legacy.written", _("Somebody wrote what the next members should know")
    HANDED_OVER = "handover.made", _("A dossier was handed over to new members")
    HANDOVER_CONFIRMED = "handover.confirmed", _("A member confirmed to have read the handover dossier")
    QUESTIONNAIRE_OPENED = "questionnaire.opened", _("The members were asked before the deliberation")
    QUESTIONNAIRE_ASKED_AGAIN = (
        "questionnaire.asked_again",
        _("The members were asked after the deliberation"),
    )
    QUESTIONNAIRE_CLOSED = "questionnaire.closed", _("A questionnaire was closed and counted")
    ROLE_GRANTED = "role.granted", _("A role was granted")
    ROLE_WITHDRAWN = "role.withdrawn", _("A role was withdrawn")
    DATA_ERASED = "data.erased", _("Personal data were erased, with a certificate")
    PERSON_ERASED = "person.erased", _("What was kept about a person was erased")
