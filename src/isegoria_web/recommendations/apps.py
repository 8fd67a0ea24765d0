from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "isegoria_web.recommendations"

    def ready(self) -> None:
        """Let a recommendation follow the count of its ballot; answer to the machine of the cycle."""
        from isegoria_web import erasure
        from isegoria_web.ballots.services import when_counted
        from isegoria_web.institutions.moving import when_broken_off
        from isegoria_web.recommendations import guards
        from isegoria_web.recommendations.services import (
            close_broken_off,
            follow_ballot,
            forget_unfinished_of,
        )

        guards.tell()
        when_counted(follow_ballot)
        when_broken_off(close_broken_off)
        erasure.with_person(forget_unfinished_of)
