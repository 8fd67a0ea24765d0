from django.apps import AppConfig

from isegoria_web import erasure


class RecruitmentConfig(AppConfig):
    name = "isegoria_web.recruitment"

    def ready(self) -> None:
        """Let the printed letters and the notes of the desk go with the people who got them."""
        from isegoria_web.recruitment.desk import erase_notes  # models are not ready above
        from isegoria_web.recruitment.services import erase_printed

        erasure.with_extract(erase_printed)
        erasure.with_extract(erase_notes)
