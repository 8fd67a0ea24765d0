"""Appoints people who may found institutions on this site, and dismisses them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from isegoria_web.accounts import services
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import Operator
from isegoria_web.errors import ServiceError


class Command(BaseCommand):
    """Whoever can run this on the server could do everything there anyway; on the site nobody can appoint."""

    help = "Let somebody found institutions on this site, or list who may."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?", help="E-mail address; none: list who may.")
        parser.add_argument("--name", default="", help="Needed where the person has no account yet.")
        parser.add_argument("--language", default="en", help="nl, fr, de or en.")
        parser.add_argument("--dismiss", action="store_true", help="Take the right away.")

    def handle(self, *_args: Any, **options: Any) -> None:
        email = options["email"]
        if not email:
            for each in Operator.objects.valid_now().select_related("user").order_by("user__email"):
                self.stdout.write(f"{each.user.email}  {each.user.name}")
            return
        try:
            if options["dismiss"]:
                if not services.dismiss_operator(actor=Actor.system(), email=email):
                    raise CommandError(
                        f"{email} is no operator. Run the command without an address for a list."
                    )
                self.stdout.write(f"{email} founds no more institutions.")
                return
            services.appoint_operator(
                actor=Actor.system(), email=email, name=options["name"], language=options["language"]
            )
        except ServiceError as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as refusal:
            raise CommandError("; ".join(refusal.messages)) from refusal
        self.stdout.write(
            f"{email} may found institutions, after signing in with a second factor. "
            "A new account gets its password with \u201cForgot your password?\u201d."
        )
