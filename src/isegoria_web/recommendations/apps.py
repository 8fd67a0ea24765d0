from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "isegoria_web.recommendations"

    def ready(self) -> None:
        """Let a recommendation follow the count of its ballot; answer to the machine of the cycle."""
        from isegoria_web import erasure
        from isegoria_web.ballots.services import when_counted
        from isegoria_web.recommendations import guards
        from isegoria_web.recommendations.services import follow_ballot, forget_unfinished_of

        guards.tell()
        when_counted(follow_ballot)
        erasure.with_person(forget_unfinished_of)
