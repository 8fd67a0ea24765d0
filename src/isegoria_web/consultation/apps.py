from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    name = "isegoria_web.consultation"

    def ready(self) -> None:
        """Let the agenda follow its ballot, the verdict the body that judges, and answer to the stations of a cycle."""
        from isegoria_web.ballots.resolutions import when_carried
        from isegoria_web.ballots.services import when_counted
        from isegoria_web.consultation import adopting, guards, judging  # models are not ready above
        from isegoria_web.consultation.choosing import follow_ballot
        from isegoria_web.institutions.signing import before_signing

        when_counted(follow_ballot)
        when_carried(judging.follow)
        when_carried(adopting.follow)
        before_signing(adopting.require_adopted)
        guards.tell()
