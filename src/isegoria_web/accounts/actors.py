"""Who acts. Every service takes an actor; without one nothing happens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from isegoria_web.accounts.enums import ActorKind, Role
from isegoria_web.accounts.models import Grant, Operator, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, a citizen holding the code of a letter, or the software itself.

    `citizen_key` is the public selector of the letter whose code was given correctly. `founds` is set on the pages on
    which institutions are founded, and nowhere else: an operator who is a member somewhere acts there as a member.
    """

    kind: ActorKind
    user: User | None = None
    citizen_key: str = ""
    founds: bool = False
    _roles: dict[int, frozenset[Role]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, user: User | AnonymousUser | None) -> Actor | None:
        """Return the actor of a request's user; nobody for a visitor who is not signed in."""
        if isinstance(user, User) and user.is_active:
            return cls(ActorKind.USER, user)
        return None

    @classmethod
    def operator(cls, user: User | AnonymousUser | None) -> Actor | None:
        """Return the actor of somebody who wants to found an institution; whether she may is another question."""
        found = cls.of(user)
        return None if found is None else replace(found, founds=True)

    @classmethod
    def citizen(cls, selector: str) -> Actor:
        """Return the citizen whose letter has this selector; only after the code was checked."""
        return cls(ActorKind.CITIZEN, citizen_key=selector)

    @classmethod
    def system(cls) -> Actor:
        """Return the software itself, for what is due at an hour."""
        return cls(ActorKind.SYSTEM)

    def roles_in(self, institution: Any) -> frozenset[Role]:
        """Return the roles that the actor holds now for an institution (a row or its key)."""
        if self.user is None:
            return frozenset()
        key = getattr(institution, "pk", institution)
        if key not in self._roles:
            grants = Grant.objects.valid_now().filter(user=self.user, institution_id=key)
            self._roles[key] = frozenset(Role(role) for role in grants.values_list("role", flat=True))
        return self._roles[key]

    def has_role(self, institution: Any, *roles: Role) -> bool:
        """Return whether the actor holds one of the roles for the institution now."""
        return bool(self.roles_in(institution) & set(roles))

    @property
    def is_operator(self) -> bool:
        """Whether the actor founds, and is appointed to it now."""
        if self.user is None or not self.founds:
            return False
        return Operator.objects.valid_now().filter(user=self.user).exists()

    @property
    def is_system(self) -> bool:
        """Whether the software acts by itself."""
        return self.kind == ActorKind.SYSTEM
