from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    name = "isegoria_web.deliberation"

    def ready(self) -> None:
        """Let the opinion map follow what becomes visible or is taken out."""
        from isegoria_web.deliberation.services import follow_review
        from isegoria_web.moderation.services import when_reviewed

        when_reviewed(follow_review)
