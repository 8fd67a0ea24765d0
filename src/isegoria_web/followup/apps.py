from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "isegoria_web.followup"

    def ready(self) -> None:
        """Answer to the machine of the cycle."""
        from isegoria_web.followup import guards  # models are not ready above

        guards.tell()
