from django.apps import AppConfig

from isegoria_web import erasure


class RecruitmentConfig(AppConfig):
    name = "isegoria_web.recruitment"

    def ready(self) -> None:
        """Let the printed letters and the notes of the desk go with the people who got them."""
        from isegoria_web.recruitment.desk import erase_notes  # models are not ready above
        from isegoria_web.recruitment.erasing import erase_letters_again, erase_mail
        from isegoria_web.recruitment.services import erase_printed
        from isegoria_web.register.enums import Erased

        erasure.with_extract(erase_printed)
        erasure.with_extract(erase_notes)
        erasure.with_extract(erase_mail)
        erasure.after_restoring(Erased.LETTER, erase_letters_again)
