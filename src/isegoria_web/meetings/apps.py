from django.apps import AppConfig

from isegoria_web import erasure


class MeetingsConfig(AppConfig):
    name = "isegoria_web.meetings"

    def ready(self) -> None:
        """Let wishes, interests and cards go with an account, and tell the seats and the machine of the cycle of meetings."""
        from isegoria_web.meetings import guards  # models are not ready above
        from isegoria_web.meetings.ending import ends_at
        from isegoria_web.meetings.leading import erase_interests_of
        from isegoria_web.meetings.on_the_day import erase_wishes_of
        from isegoria_web.meetings.place_cards import erase_cards_of
        from isegoria_web.membership.cutting import meetings_end_by

        erasure.with_person(erase_wishes_of)
        erasure.with_person(erase_interests_of)
        erasure.with_person(erase_cards_of)
        meetings_end_by(ends_at)
        guards.tell()
