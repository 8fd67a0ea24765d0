from __future__ import annotations

import uuid
from datetime import date

from django.db import models

from isegoria_web.accounts.models import User
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.lottery.models import Draw, PoolEntry
from isegoria_web.recruitment.enums import (
    ByEmail,
    Channel,
    CheckStatus,
    Delivery,
    DuplicateStatus,
    FieldKind,
    InvitationStatus,
    Likeness,
    LogoKind,
    Need,
    OnePer,
    Outcome,
    PrintingStatus,
    Purpose,
    Refusal,
    Way,
    WorkKind,
    WorkStatus,
)
from isegoria_web.recruitment.querysets import (
    CampaignQuerySet,
    InvitationQuerySet,
    MessageQuerySet,
    RespondentQuerySet,
)
from isegoria_web.register.models import Extract, Resident
from isegoria_web.translated import TextsField


class Campaign(models.Model):
    """The letters of a cycle: one draw from one extract, in one wave or several. After an annulment there may be others."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="campaigns")
    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="campaign")
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="campaigns")
    letters = models.PositiveIntegerField()
    age_min = models.PositiveIntegerField()
    reply_by = models.DateField()
    one_per = models.CharField(max_length=10, choices=OnePer.choices, default=OnePer.PERSON)
    stratified_by = models.CharField(
        max_length=100, blank=True, default="municipality_name"
    )  # a column of the register; empty for one stratum
    chosen = models.JSONField(
        null=True, blank=True
    )  # stratum -> letters, where they were chosen; else they are shared out in proportion
    seats = models.PositiveIntegerField(
        null=True, blank=True
    )  # how many people the draw picks, as every letter says; empty in campaigns from before it was kept
    secret = models.CharField(
        max_length=64, blank=True
    )  # of the keyed pseudonyms; erased with the extract, then the root says nothing any more
    printed_at = models.DateTimeField(null=True, blank=True)  # when the last file of letters was made
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["draw__number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(one_per__in=OnePer.values), name="one_letter_per_what_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(chosen__isnull=True) | ~models.Q(stratified_by=""),
                name="letters_are_chosen_for_strata",
            ),
        ]

    @property
    def seats_drawn(self) -> int:
        """How many people the draw picks, as was so when the letters were announced."""
        return self.cycle.panel_size if self.seats is None else self.seats

    @property
    def answers_until(self) -> date:
        """The last day by which any of its waves asks for an answer."""
        return max([self.reply_by, *(wave.reply_by for wave in self.waves.all())])

    def wave_of(self, invitation: Invitation) -> Wave | None:
        """The wave in which a letter goes out."""
        return next((wave for wave in self.waves.all() if wave.number == invitation.wave), None)


class Wave(models.Model):
    """Letters that go out together. A further wave goes on in the order of the draw where the one before ended."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="waves")
    number = models.PositiveIntegerField()
    letters = models.PositiveIntegerField()
    reply_by = models.DateField()
    reason = TextsField(blank=True)  # why there is one; of the first there is none to give
    drawn_at = models.DateTimeField()
    document = models.JSONField(
        null=True, blank=True
    )  # how it is published behind the record; of the first wave the record itself
    printed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_wave_per_number"),
            models.CheckConstraint(
                condition=models.Q(number=1) | models.Q(document__isnull=False),
                name="a_further_wave_is_published",
            ),
        ]


class LetterWork(models.Model):
    """Work on the letters of a cycle that takes longer than a page: nothing of it counts before all of it is done."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="letter_work")
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="work"
    )  # that of an announcement exists once it is done
    kind = models.CharField(max_length=20, choices=WorkKind.choices)
    asked = models.JSONField(default=dict)  # with what the verb is called
    secret = models.CharField(
        max_length=64, blank=True
    )  # of an announcement until it is over: whoever takes it over publishes the same
    rows = models.PositiveBigIntegerField(default=0)  # of the register, gone through so far
    status = models.CharField(max_length=20, choices=WorkStatus.choices, default=WorkStatus.WAITING)
    failure = models.TextField(blank=True)  # why, as whoever asked reads it
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: the software, once the randomness is known
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle"],
                condition=models.Q(ended_at__isnull=True),
                name="one_work_on_letters_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "running"], ended_at__isnull=True)
                | (
                    ~models.Q(status__in=["waiting", "running"])
                    & models.Q(ended_at__isnull=False, secret="")
                ),
                name="ended_work_keeps_no_secret",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="announcement") | models.Q(campaign__isnull=False, secret=""),
                name="only_an_announcement_has_no_letters_yet",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it is not over yet."""
        return self.ended_at is None

    @property
    def can_be_stopped(self) -> bool:
        """Whether somebody may stop it. What the randomness decides is not stopped by anybody."""
        return self.is_open and self.kind != WorkKind.DRAW


class LetterText(models.Model):
    """What the letter of a cycle says in one language. Each change is a new version; the old ones stay."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="letter_texts")
    language = models.CharField(max_length=5)
    version = models.PositiveIntegerField()
    parts = models.JSONField()  # part of the letter -> text with fields
    logo = models.BinaryField(null=True, blank=True)
    logo_kind = models.CharField(max_length=4, choices=LogoKind.choices, blank=True)
    saved_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["cycle", "language", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "language", "version"], name="one_letter_text_per_version"
            )
        ]


class LetterLanguage(models.Model):
    """A language beyond those of the institution in which the people of a cycle are invited, and what is written in it."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="letter_languages")
    language = models.CharField(max_length=5)
    fixed = models.CharField(max_length=5)  # in which the fixed sentences of the pages stand
    words = models.JSONField(default=dict, blank=True)  # place of the form -> text
    saved_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["cycle", "language"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "language"], name="a_letter_language_stands_once"),
            models.CheckConstraint(
                condition=~models.Q(language=models.F("fixed")), name="a_further_language_is_another"
            ),
        ]


class FixedSentences(models.Model):
    """How the fixed sentences of form, e-mails and reminders read in a language beyond those of the interface: one version."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="fixed_sentences")
    language = models.CharField(max_length=5)
    version = models.PositiveIntegerField()
    texts = models.JSONField()  # key of a sentence -> its translation, or one for each form of the plural
    saved_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)  # until then residents do not read it
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["institution", "language", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "language", "version"], name="one_version_of_fixed_sentences"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="fixed_sentences_are_confirmed_by_somebody",
            ),
        ]


class Printing(models.Model):
    """The letters of a wave on their way into files, in the background; interrupted, it goes on to the same bytes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="printings")
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # not kept of letters that were printed by earlier versions
    unreached = models.BooleanField(
        default=False
    )  # only those whom e-mail did not reach; the other letters of the wave keep their codes
    per_file = models.PositiveIntegerField()
    started_at = models.DateTimeField()  # the date of the letters and of their files
    key = models.CharField(max_length=64, blank=True)  # of the codes; destroyed when it is over
    status = models.CharField(max_length=10, choices=PrintingStatus.choices, default=PrintingStatus.WAITING)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["wave", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave"],
                condition=models.Q(ended_at__isnull=True),
                name="a_wave_is_printed_by_one",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(key=""),
                name="no_key_of_codes_is_kept",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.ended_at is None


class Batch(models.Model):
    """Letters in one language that go to the mail house together: one PDF and one file of addresses in its order."""

    printing = models.ForeignKey(Printing, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=5)
    text = models.ForeignKey(LetterText, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    planned = models.JSONField(default=list, blank=True)  # position and selector of each letter; then empty
    letters = models.PositiveIntegerField()
    pdf = models.FileField(upload_to="letters/", blank=True, max_length=200)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    addresses = models.FileField(upload_to="letters/", blank=True, max_length=200)
    addresses_sha256 = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["printing", "number"]
        constraints = [models.UniqueConstraint(fields=["printing", "number"], name="one_batch_per_number")]


class Invitation(models.Model):
    """One letter. Its code has a public selector and a secret of which only a keyed hash is kept."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="invitations")
    resident = models.ForeignKey(
        Resident, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    position = models.PositiveIntegerField()
    wave = models.PositiveIntegerField(default=1)
    selector = models.CharField(max_length=6, unique=True)
    secret_hash = models.CharField(max_length=200)
    language = models.CharField(max_length=5)
    status = models.CharField(
        max_length=20, choices=InvitationStatus.choices, default=InvitationStatus.CREATED
    )
    refusal = models.CharField(max_length=20, choices=Refusal.choices, blank=True)
    channel = models.CharField(max_length=20, choices=Channel.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    receipt = models.JSONField(
        null=True, blank=True
    )  # of the draw of the letters, with the place in its order; erased with the extract
    erased_at = models.DateTimeField(null=True, blank=True)  # what was known of its person is gone
    reminders_posted = models.PositiveSmallIntegerField(default=0)  # on paper
    posted_at = models.DateTimeField(null=True, blank=True)  # the last of them
    quiet_since = models.DateTimeField(null=True, blank=True)  # she asked not to be written to again

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="one_letter_per_position"),
            models.UniqueConstraint(fields=["campaign", "resident"], name="one_letter_per_resident"),
            models.CheckConstraint(
                condition=models.Q(status__in=["yes", "no"], answered_at__isnull=False)
                | (~models.Q(status__in=["yes", "no"]) & models.Q(answered_at__isnull=True)),
                name="an_answer_has_a_moment",
            ),
        ]


class Respondent(models.Model):
    """A citizen who said yes: what she told about herself, and how to reach her. Erased on its date."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="respondent")
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, blank=True, db_index=True)  # without case, accents, order
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5)
    answers = models.JSONField()  # feature key -> value key
    details = models.JSONField(default=dict, blank=True)  # field key -> what was told
    consents = models.JSONField(default=list, blank=True)  # keys of what is sensitive and was agreed to
    needs = models.JSONField(default=list, blank=True)  # codes of what she needs to take part
    consented_at = models.DateTimeField()
    pool_entry = models.OneToOneField(
        PoolEntry, on_delete=models.PROTECT, null=True, blank=True, related_name="respondent"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # after the pool was frozen with her in it
    barred_by = models.CharField(max_length=200, blank=True)  # the rule by which she is not in the pool
    home_key = models.CharField(
        max_length=64, blank=True
    )  # keyed hash of the address: nobody is drawn from the home of a sitting member, also once the register is gone
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = RespondentQuerySet.as_manager()

    @property
    def needs_in_words(self) -> list[str]:
        """What she needs to take part, in the reader's language."""
        return [str(Need(need).label) for need in self.needs]


class FormField(models.Model):
    """What the form asks beside the features: never used for the draw, erased with the person."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="form_fields")
    key = models.SlugField(max_length=40)
    position = models.PositiveIntegerField()
    label = TextsField()
    help = TextsField(blank=True)
    kind = models.CharField(max_length=20, choices=FieldKind.choices)
    options = models.JSONField(default=list, blank=True)  # of choices: {"key", "name": texts}
    required = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)  # asked for with a consent of its own, never required

    class Meta:
        ordering = ["cycle", "position"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "key"], name="one_field_per_key"),
            models.CheckConstraint(
                condition=~models.Q(required=True, sensitive=True),
                name="nobody_must_tell_what_is_sensitive",
            ),
        ]


class Draft(models.Model):
    """What somebody has typed into the form so far, so that nothing is lost; deleted when she has answered."""

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="draft")
    typed = models.JSONField(default=dict)  # field name -> list of values
    saved_at = models.DateTimeField()


class Contact(models.Model):
    """One try to reach a person. What was noted about it is erased with what is known of her."""

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="contacts")
    at = models.DateTimeField()
    way = models.CharField(max_length=20, choices=Way.choices)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    call_back_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=1000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["invitation", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="call_back") | models.Q(call_back_at__isnull=True),
                name="only_who_asks_is_called_again",
            )
        ]


class Duplicate(models.Model):
    """Two answers that may come from one person, until somebody has decided."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="duplicates")
    first = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="+")
    likeness = models.CharField(max_length=20, choices=Likeness.choices)
    found_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=DuplicateStatus.choices, default=DuplicateStatus.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["campaign", "found_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="a_pair_stands_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="a_pair_has_an_order"
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", decided_at__isnull=True)
                | (~models.Q(status="open") & models.Q(decided_at__isnull=False)),
                name="a_decision_has_a_moment",
            ),
        ]


class SecondAnswer(models.Model):
    """A second answer to a letter, by another way or at the same instant: kept until somebody has decided."""

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="second_answers")
    at = models.DateTimeField()
    channel = models.CharField(max_length=20, choices=Channel.choices)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: a citizen with the code, at the same instant as somebody else
    says_yes = models.BooleanField(default=True)
    refusal = models.CharField(
        max_length=20, choices=Refusal.choices, blank=True
    )  # of a no, where it was told
    told = models.JSONField(default=dict, blank=True)  # what the form asked; emptied by the decision
    taken = models.BooleanField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["invitation", "at", "pk"]


class WrongCode(models.Model):
    """A wrong code, remembered for an hour as a keyed hash of where it came from: guessing is slowed."""

    source = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)


class Correspondence(models.Model):
    """How the people of a campaign are written to beside paper, decided in public: by e-mail or not, and when reminded."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="correspondence")
    by_email = models.CharField(max_length=10, choices=ByEmail.choices, default=ByEmail.NO)
    remind_after_days = models.PositiveIntegerField(null=True, blank=True)  # none: nobody is reminded
    remind_by_email = models.BooleanField(default=True)
    remind_by_letter = models.BooleanField(default=False)
    reminders = models.PositiveSmallIntegerField(default=1)  # at most so many a channel
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remind_after_days__isnull=True) | models.Q(remind_after_days__gte=1),
                name="a_reminder_comes_later",
            ),
            models.CheckConstraint(
                condition=models.Q(reminders__gte=1, reminders__lte=3), name="three_reminders_at_most"
            ),
        ]


class Message(models.Model):
    """One e-mail to the person behind a letter: written down before it leaves and after. Deleted with what is known of her."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="messages")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    round = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=5)
    address = models.EmailField(blank=True)  # empty once it is over
    address_key = models.CharField(
        max_length=64
    )  # keyed hash of the address: where mail came back, none goes again
    status = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.QUEUED)
    queued_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    try_after = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    came_back_at = models.DateTimeField(null=True, blank=True)
    delayed_at = models.DateTimeField(
        null=True, blank=True
    )  # a notice said: not yet, or the mailbox is full
    reason = models.CharField(max_length=20, blank=True)  # the code of the mail server, such as 5.1.1

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["invitation", "queued_at", "pk"]
        indexes = [models.Index(fields=["status", "try_after"], name="mail_to_be_sent")]
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "purpose", "round"], name="nobody_gets_a_message_twice"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["sent", "bounced", "dropped"]) | models.Q(address=""),
                name="an_address_is_kept_while_needed",
            ),
            models.CheckConstraint(
                condition=models.Q(status="bounced", came_back_at__isnull=False)
                | (~models.Q(status="bounced") & models.Q(came_back_at__isnull=True)),
                name="what_came_back_has_a_moment",
            ),
        ]


class EligibilityCheck(models.Model):
    """Who of an extract can be drawn for a cycle, and how many each rule leaves out. It names nobody."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="eligibility_checks")
    source = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="eligibility_checks")
    result = models.ForeignKey(Extract, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    on = models.DateField()  # the day on which whoever waits until then can be drawn again
    column = models.CharField(max_length=100, blank=True)  # of the register, that says where somebody lives
    places = models.JSONField(default=list, blank=True)  # what may stand there; empty: anything
    lists = models.JSONField(default=list, blank=True)  # each with name, entries, unmatched and sha256
    pending = models.TextField(blank=True)  # the lists under their keys, until the check is over
    rows = models.PositiveBigIntegerField(default=0)
    eligible = models.PositiveBigIntegerField(null=True, blank=True)
    left_out = models.JSONField(default=list, blank=True)  # each with rule, detail and people
    faults = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=20, choices=CheckStatus.choices, default=CheckStatus.WAITING)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "running"], ended_at__isnull=True)
                | (
                    ~models.Q(status__in=["waiting", "running"])
                    & models.Q(ended_at__isnull=False, pending="")
                ),
                name="an_ended_check_keeps_no_list",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="done") | models.Q(result__isnull=False, eligible__isnull=False),
                name="a_check_that_is_done_has_a_result",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it is not over yet."""
        return self.ended_at is None
