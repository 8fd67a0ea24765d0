from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "isegoria_web.evidence"

    def ready(self) -> None:
        """Answer to the machine of the cycle."""
        from isegoria_web.evidence import guards  # models are not ready above

        guards.tell()
