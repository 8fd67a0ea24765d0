from django.apps import AppConfig

from isegoria_web import erasure


class MeetingsConfig(AppConfig):
    name = "isegoria_web.meetings"

    def ready(self) -> None:
        """Let the seating wishes about a person go with her account."""
        from isegoria_web.meetings.on_the_day import erase_wishes_of  # models are not ready above

        erasure.with_person(erase_wishes_of)
