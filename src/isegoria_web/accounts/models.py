from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.querysets import GrantQuerySet, OperatorQuerySet


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. Accounts are made for people by the institution; nobody signs up."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # since then nobody can tell whose it was

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]


class Grant(models.Model):
    """A role that a person holds for one institution, between two moments."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    institution = models.ForeignKey(
        "institutions.Institution", on_delete=models.CASCADE, related_name="grants"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "institution", "role"], name="one_grant_per_role"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="grant_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="grant_role_is_known"),
        ]


class Operator(models.Model):
    """A person who may found institutions on this site, between two moments; appointed on the server alone."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="operator")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    objects = OperatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="operator_ends_not_before_beginning",
            ),
        ]
