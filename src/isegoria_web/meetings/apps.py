from django.apps import AppConfig

from isegoria_web import erasure


class MeetingsConfig(AppConfig):
    name = "isegoria_web.meetings"

    def ready(self) -> None:
        """Let the seating wishes about a person, and the interests that she declared, go with her account."""
        from isegoria_web.meetings.leading import erase_interests_of  # models are not ready above
        from isegoria_web.meetings.on_the_day import erase_wishes_of

        erasure.with_person(erase_wishes_of)
        erasure.with_person(erase_interests_of)
