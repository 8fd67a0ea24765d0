from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    name = "isegoria_web.consultation"

    def ready(self) -> None:
        """Let the agenda follow the count of its ballot, and answer about it to the stations of a cycle."""
        from isegoria_web.ballots.services import when_counted
        from isegoria_web.consultation import guards  # models are not ready above
        from isegoria_web.consultation.choosing import follow_ballot

        when_counted(follow_ballot)
        guards.tell()
