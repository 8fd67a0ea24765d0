from django.apps import AppConfig

from isegoria_web import erasure


class RegisterConfig(AppConfig):
    name = "isegoria_web.register"

    def ready(self) -> None:
        """Let extracts and people be erased again that a restored backup has brought back."""
        from isegoria_web.accounts.models import User  # models are not ready above
        from isegoria_web.register import certifying, services
        from isegoria_web.register.enums import Erased

        def remember(user: int) -> None:
            certifying.remember_person(User.objects.values_list("public_id", flat=True).get(pk=user))

        erasure.with_person(remember)
        erasure.after_restoring(Erased.EXTRACT, services.erase_extracts_again)
