"""Who may enter which address: the one table that decides it, in words. The matrix walks every address with it.

Whoever is not named gets nothing: a visitor who is not signed in is led to sign in, anybody else is told that
there is no such page. A role counts in its own institution only.
"""

from __future__ import annotations

from tests.web.world import WHO

EVERYBODY = frozenset(WHO)
SIGNED_IN = EVERYBODY - {"anonymous"}
MEMBER = frozenset({"member"})
SECRETARIAT = frozenset({"secretariat"})
FACILITATOR = frozenset({"facilitator"})
AUTHORITY = frozenset({"authority"})
EXPERT = frozenset({"expert"})
OBSERVER = frozenset({"observer"})
CALLER = frozenset({"caller"})
ROOM = SECRETARIAT | FACILITATOR
OFFICE = ROOM | AUTHORITY | EXPERT | OBSERVER | CALLER
APPOINTEE = frozenset({"appointee"})
"""Of a mixed body, and therefore nobody of the matrix: tests/web/membership/test_appointees_sign_in.py lets her in."""
OPERATOR = frozenset({"operator"})
"""Of the whole site, and therefore nobody of the matrix: tests/web/institutions/test_founding.py lets her in."""
COUNCIL = frozenset({"council"})
"""Of a body that decides on another body's cycle, and therefore nobody of the matrix: tests/web/consultation/test_adopting.py
and tests/web/followup/test_followup.py let her in."""
NOBODY: frozenset[str] = frozenset()
FLOW = None
"""A step of signing in or out that leads on by itself: only asked not to break and not to change anything."""

NEEDS_NO_TOKEN = {
    "public:draw": "looking up one's code changes nothing, and the code stands in no address and no log",
    "answer:stop": "mail programs stop by themselves; the token in the address proves who got the mail",
    "public:reveal": "a secret number proves itself, whoever brings it; a wrong one changes nothing",
}
"""Forms that need no token, and why; those that only ask do not ask by an address."""

TABLE: dict[str, frozenset[str] | None] = {
    # -- nobody's in particular -----------------------------------------------------------------------
    "root": EVERYBODY,
    "health": EVERYBODY,
    "web:after_sign_in": SIGNED_IN,
}


def _office(names: str, who: frozenset[str]) -> None:
    TABLE.update({f"office:{name}": who for name in names.split()})


def _named(prefix: str, names: str, who: frozenset[str] | None) -> None:
    TABLE.update({f"{prefix}{name}": who for name in names.split()})


# -- the public, the press, programs --------------------------------------------------------------------
_named(
    "public:",
    "roster start method privacy accessibility institution accent chances rule_book rule_book_version rule_book_version_text recommendations answers journal "
    "report_page report_in maps opinion_map map_document map_file moderation "
    "journal_export cycle choice measures members statements report draw record live projector promise reveal stamped time_stamp objection meetings meeting evidence dossier dossier_version recommendation rule_book_text",
    EVERYBODY,
)
_named(
    "public:",
    "mandate resolutions stations themes theme theme_propose theme_sign theme_sent theme_confirm theme_thanks",
    EVERYBODY,
)
_named("mirror:", "keys journal index file checkpoints checkpoint", EVERYBODY)
_named("answer:", "code form draft no done receipt receipt_file link stop", EVERYBODY)
_named(
    "api:",
    "openapi-json list_institutions get_institution list_cycles list_quotas list_draws "
    "get_draw_record list_choices list_meetings list_opinion_maps list_moderation list_statements list_recommendations list_journal",
    EVERYBODY,
)

_named("api:", "api-root", NOBODY)

_named("founding:", "choose book details numbers people review founded throw_away", OPERATOR)

# -- signing in -------------------------------------------------------------------------------------------
_named(
    "account_",
    "login signup inactive reset_password reset_password_done reset_password_from_key "
    "reset_password_from_key_done",
    EVERYBODY,
)
_named("account_", "reauthenticate change_password", SIGNED_IN)
_named("account_", "logout set_password confirm_login_code confirm_email email_verification_sent", FLOW)
_named("account_", "email", NOBODY)  # an address is changed by the institution that made the account
_named(
    "mfa_",
    "index reauthenticate activate_totp generate_recovery_codes list_webauthn add_webauthn remove_webauthn "
    "edit_webauthn",
    SIGNED_IN,
)
_named(
    "mfa_",  # these depend on the factors that a person has
    "authenticate login_webauthn reauthenticate_webauthn deactivate_totp view_recovery_codes "
    "download_recovery_codes",
    FLOW,
)

# -- members ----------------------------------------------------------------------------------------------
_named(
    "members:",
    "handover handover_document pass_on check_in check_in_square unfinished speakers support opinion_map contributions appeal home questions statements react recommendation ballot choice minority_opinion questionnaire verdict seat",
    MEMBER,
)

# -- the back office --------------------------------------------------------------------------------------
_named(
    "members:",
    "appointed appointed_check_in appointed_check_in_square appointed_draft appointed_vote",
    APPOINTEE,
)
_named("members:", "body body_theme body_admit body_refuse body_choice resolution", MEMBER)
_named("members:", "body_question body_verdict", COUNCIL)
_named("members:", "public_name public_name_withdraw", MEMBER)
_named("members:", "theme money account declaration costs", MEMBER)
_office("handover handover_give handover_document", SECRETARIAT)
_office(
    "money claims_compute claims_approve payer year claim_refuse claim_receipt payment_file_new payment_file payment_file_take",
    SECRETARIAT,
)
_office("themes theme_new", SECRETARIAT | AUTHORITY)
_office("mandate_change", AUTHORITY)  # the mandate of the world is signed; a draft is the secretariat's
_office(
    "theme theme_admit theme_refuse theme_paper theme_withdraw theme_signatories theme_choose theme_cycle agenda_ballot",
    SECRETARIAT,
)
_office("home", OFFICE)
_office("cycle", ROOM | AUTHORITY | EXPERT)
_office(
    "mandate answers stage status funding begin_work elections election_withdraw appointees appoint appointee_replace appointee_leave",
    SECRETARIAT | AUTHORITY,
)
_office(
    "answer final_answer progress rules_adopt rules_decline rules_revoke status_change cycle_break_off",
    AUTHORITY,
)
_office("rules rules_numbers", SECRETARIAT | AUTHORITY)
_office("rules_withdraw appointee_invite", SECRETARIAT)
_office("seals", OBSERVER)
_office("ballot_close roll_call_confirm choice choice_close", SECRETARIAT | FACILITATOR | OBSERVER)
_office("draws randomness source stamp", SECRETARIAT | OBSERVER)
_office("calls call", SECRETARIAT | CALLER)
_office("returns", SECRETARIAT | AUTHORITY | OBSERVER)
_office("questions reply", SECRETARIAT | EXPERT)
_office(
    "meetings meeting tables attendance table statements check_in reseat seating facilitator_interests table_lead place_cards table_lists room table_search table_search_stop table_search_take table_search_give_up",
    ROOM,
)
_office("recommendations recommendation recommendation_new amendment", ROOM)
_office("contributions review appeal translation", ROOM)
_office("recommendations_merge recommendation_revise unfinished recommendation_split", ROOM)
_office("advice", SECRETARIAT | AUTHORITY)
_office("interests", SECRETARIAT | EXPERT)
_office("dossier_revise speaker_announce wish question_merge", SECRETARIAT)
_office("conversation strictness", SECRETARIAT)
_office(
    "note statement statements_close facilitate facilitate_entries facilitate_worker table_hand_over table_take_over",
    FACILITATOR,
)
_office(
    "roles role_withdraw person_erase register register_profiles register_profile register_profile_file register_profile_drop upload upload_cancel extract_erase cycle_new features population eligibility quotas quotas_propose quotas_advice quotas_change_confirm quotas_change_withdraw "
    "letters letters_plan letters_draw letters_print letters_unreached letters_wave letters_work letters_work_cancel letter_texts letter_text letter_text_preview letter_language_new letter_language letter_language_drop letter_sentences letter_sentences_file letter_sentences_start letter_sentences_confirm printing printing_cancel printing_delete printing_manifest printing_take mail mail_decide mail_invite mail_remind mail_stop mail_letters mail_notice mail_again desk_quiet desk_erase erasures erasure erasure_pdf desk desk_letter desk_receipt desk_yes desk_no desk_returned desk_print form form_preview field_new field field_move field_remove feature_sensitive desk_contact desk_withdraw alike pair second_answer calls_share call_time alternate_withdraw pool lottery panel_draw "
    "draw_annul annul_confirm annul_withdraw objection draw_test seats seats_offer seat_accept seat_leave member seat_decide decision_confirm decision_withdraw suspension_end alternate_ineligible replacement draw_commit draw_fall wider_quotas exception_new exception_grant exception_withdraw meeting_new meeting_close takeovers evidence dossier_new speaker_new "
    "ballot_open roll_call roll_call_open roll_call_close roll_call_withdraw choice_new questionnaire questionnaire_next report",
    SECRETARIAT,
)
