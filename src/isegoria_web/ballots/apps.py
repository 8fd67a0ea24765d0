from django.apps import AppConfig


class BallotsConfig(AppConfig):
    name = "isegoria_web.ballots"

    def ready(self) -> None:
        """Answer to the machine of the cycle, and close the boxes of one that is broken off."""
        from isegoria_web.ballots import guards, services  # models are not ready above
        from isegoria_web.institutions.moving import when_broken_off

        guards.tell()
        when_broken_off(services.close_broken_off)
