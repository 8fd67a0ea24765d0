from django.apps import AppConfig

from isegoria_web import erasure


class MembershipConfig(AppConfig):
    name = "isegoria_web.membership"

    def ready(self) -> None:
        """Let what is kept about a member go with her account, and former members wait; end terms with a broken-off cycle."""
        from isegoria_web.institutions.moving import when_broken_off
        from isegoria_web.institutions.status import when_abolished
        from isegoria_web.membership import erasing, guards, rotating, waiting  # models are not ready above
        from isegoria_web.membership.services import end_abolished, end_broken_off
        from isegoria_web.recruitment.services import barred_by
        from isegoria_web.recruitment.staying import completed_by
        from isegoria_web.register.enums import Erased

        erasure.with_person(erasing.erase_members_of, erasing.was_member_in)
        barred_by(waiting.barred)
        completed_by(rotating.standing)
        guards.tell()
        when_broken_off(end_broken_off)
        when_abolished(end_abolished)
        erasure.after_restoring(Erased.PERSON, erasing.erase_people_again)
