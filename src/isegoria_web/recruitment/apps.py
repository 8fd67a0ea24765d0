from django.apps import AppConfig

from isegoria_web import erasure


class RecruitmentConfig(AppConfig):
    name = "isegoria_web.recruitment"

    def ready(self) -> None:
        """Let the printed letters and the notes of the desk go with the people who got them; answer to the machine."""
        from isegoria_web.institutions.moving import when_broken_off
        from isegoria_web.recruitment import guards  # models are not ready above
        from isegoria_web.recruitment.desk import erase_notes
        from isegoria_web.recruitment.erasing import erase_letters_again, erase_mail
        from isegoria_web.recruitment.services import close_broken_off, erase_printed
        from isegoria_web.register.enums import Erased

        guards.tell()
        when_broken_off(close_broken_off)
        erasure.with_extract(erase_printed)
        erasure.with_extract(erase_notes)
        erasure.with_extract(erase_mail)
        erasure.after_restoring(Erased.LETTER, erase_letters_again)
