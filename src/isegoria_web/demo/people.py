"""Who signs in to the demonstration: one login per role, with a password made for this folder alone."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.accounts.services import grant_role
from isegoria_web.institutions.beginning import name_funding
from isegoria_web.institutions.models import Institution

STAFF: dict[str, tuple[str, Role]] = {
    "secretariat": ("Sophie Held (demonstration)", Role.SECRETARIAT),
    "second-secretariat": ("Tom Rauw (demonstration)", Role.SECRETARIAT),
    "facilitator": ("Anna Kohnen (demonstration)", Role.FACILITATOR),
    "authority": ("Greffier (demonstration)", Role.AUTHORITY),
    "expert": ("Ilse Wimmer-Graf (demonstration)", Role.EXPERT),
    "observer": ("Notary (demonstration)", Role.OBSERVER),
}
COLLEAGUES = {
    key: STAFF[key][1]
    for key in ("secretariat", "second-secretariat", "facilitator", "authority", "observer")
}
"""Who holds a role in a smaller institution, in this order."""
MEMBER = "member"
FORMER_MEMBER = "member-of-cycle-1"
COUNCILLOR = "member-of-the-council"
DEPUTY = "member-of-parliament"
LOGINS = (*STAFF, MEMBER, FORMER_MEMBER, COUNCILLOR, DEPUTY)


@dataclass(frozen=True)
class Login:
    """What a newcomer types to see the site as somebody."""

    role: str
    email: str
    password: str


def email_of(role: str) -> str:
    """Return the address of a demonstration login."""
    return f"{role}@demo.example"


def make_staff(institution: Institution) -> dict[str, Actor]:
    """Make the people who hold a role, and return them as actors."""
    staff = {}
    for key, (name, role) in STAFF.items():
        user = User.objects.create_user(email=email_of(key), name=name, language="de")
        grant_role(actor=Actor.system(), institution=institution, user=user, role=role)
        staff[key] = Actor.of(user) or Actor.system()
    begin(institution)
    return staff


def make_colleagues(institution: Institution, language: str) -> dict[str, Actor]:
    """Make the people who hold a role in a smaller institution; they have no login: its visitors sign in elsewhere."""
    return {key: _colleague(institution, key, role, language) for key, role in COLLEAGUES.items()}


def _colleague(institution: Institution, key: str, role: Role, language: str) -> Actor:
    user = User.objects.create_user(
        email=f"{key}@{institution.slug}.example", name=f"{role.label} (demonstration)", language=language
    )
    grant_role(actor=Actor.system(), institution=institution, user=user, role=role)
    return Actor.of(user) or Actor.system()


def begin(institution: Institution) -> None:
    """Name the money of an institution whose first people hold their roles: from now on it works."""
    name_funding(
        actor=Actor.system(), institution=institution, line="Demonstration 01.02", source="Demonstration",
        euros_a_year=180_000, starts_on=institution.founded_on,
    )  # fmt: skip
    institution.refresh_from_db()


def set_passwords(file: Path) -> list[Login]:
    """Give every login its password of this folder, made once and readable by its owner alone."""
    if file.exists():
        passwords = json.loads(file.read_text("utf-8"))
    else:
        passwords = {key: secrets.token_urlsafe(9) for key in LOGINS}
        file.touch(mode=0o600)
        file.write_text(json.dumps(passwords, indent=1), "utf-8")
    logins = []
    for key, password in passwords.items():
        user = User.objects.get(email=email_of(key))
        if not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        logins.append(Login(key, user.email, password))
    return logins
