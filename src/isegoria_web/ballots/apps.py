from django.apps import AppConfig


class BallotsConfig(AppConfig):
    name = "isegoria_web.ballots"

    def ready(self) -> None:
        """Answer to the machine of the cycle."""
        from isegoria_web.ballots import guards  # models are not ready above

        guards.tell()
