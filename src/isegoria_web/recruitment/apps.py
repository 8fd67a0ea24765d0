from django.apps import AppConfig

from isegoria_web import erasure


class RecruitmentConfig(AppConfig):
    name = "isegoria_web.recruitment"

    def ready(self) -> None:
        """Let the printed letters go with the people who got them."""
        from isegoria_web.recruitment.services import erase_printed  # models are not ready above

        erasure.with_extract(erase_printed)
