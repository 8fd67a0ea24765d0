"""Behind the wall: people of the register. Only recruitment, membership and the back office look in here."""

from __future__ import annotations

import uuid

from django.db import models

from isegoria_web.accounts.models import User
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.register.enums import Erased, Rule, UploadStatus

EXTRACTS, INCOMING = "register/", "incoming/"
"""Folders of the files of extracts, and of those that are still to be read."""


class Extract(models.Model):
    """A file of residents that a register holder delivered: kept as a file, erased on its date."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="extracts")
    file = models.FileField(upload_to=EXTRACTS)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    delivered_sha256 = models.CharField(
        max_length=64, blank=True
    )  # of the file as it came, where it was read with a profile
    residents = models.PositiveIntegerField()
    reference_date = models.DateField()
    loaded_at = models.DateTimeField()
    erase_on = models.DateField()
    erased_at = models.DateTimeField(null=True, blank=True)
    sifted_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="sifted"
    )  # those of it who can be drawn for a cycle; erased with it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "sha256"], name="one_extract_per_file")
        ]


class RegisterProfile(models.Model):
    """What a register holder calls its columns and how it writes dates and values, for every extract that it delivers."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="register_profiles")
    name = models.CharField(max_length=80)
    text = models.TextField()  # TOML, as the library's command line takes it too
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["institution", "name"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "name"], name="one_register_profile_per_name")
        ]


class Resident(models.Model):
    """A person drawn from an extract, with what a letter needs; erased with it."""

    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="drawn")
    pseudonym = models.CharField(
        max_length=64
    )  # keyed hash of the register number: the same over the years
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    sex = models.CharField(max_length=1)
    birth_date = models.DateField()
    language = models.CharField(max_length=5)
    street = models.CharField(max_length=150)
    house_number = models.CharField(max_length=20)
    postcode = models.CharField(max_length=12)
    municipality = models.CharField(max_length=12)  # NIS code, as text
    municipality_name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)  # where the register has one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["extract", "pseudonym"], name="a_resident_is_drawn_once")
        ]


class Upload(models.Model):
    """A large file on its way to become an extract: read in the background, and gone as soon as that is over."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="uploads")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(upload_to=INCOMING, blank=True)
    file_name = models.CharField(max_length=200)
    reference_date = models.DateField()
    erase_on = models.DateField()
    profile = models.ForeignKey(
        RegisterProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=20, choices=UploadStatus.choices, default=UploadStatus.WAITING)
    rows_read = models.PositiveBigIntegerField(default=0)
    faults = models.JSONField(default=list, blank=True)
    sent_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["institution", "-sent_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "reading"], ended_at__isnull=True)
                | (
                    ~models.Q(status__in=["waiting", "reading"]) & models.Q(ended_at__isnull=False, file="")
                ),
                name="an_ended_upload_leaves_no_file",
            )
        ]

    @property
    def is_open(self) -> bool:
        """Whether it is not over yet."""
        return self.ended_at is None


class Erasure(models.Model):
    """The certificate that something was erased: what kind, how many, by which rule. It names nobody."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="erasures"
    )  # of a person: her own acts stand in several journals, and she in no institution
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Erased.choices)
    rule = models.CharField(max_length=20, choices=Rule.choices)
    due_on = models.DateField(null=True, blank=True)
    erased_at = models.DateTimeField()
    counts = models.JSONField(default=dict)  # what -> how many
    keys = models.JSONField(
        default=list
    )  # keyed hashes of what was erased, to erase it again from a backup
    list_sha256 = models.CharField(max_length=64)  # of the keyed hashes, as the journal has it
    entry = models.PositiveBigIntegerField(null=True, blank=True)  # its number in the journal
    listed_at = models.DateTimeField(
        null=True, blank=True
    )  # when it was written to the list outside the database

    class Meta:
        ordering = ["-erased_at", "-pk"]
