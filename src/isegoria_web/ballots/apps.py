from django.apps import AppConfig


class BallotsConfig(AppConfig):
    name = "isegoria_web.ballots"

    def ready(self) -> None:
        """Answer to the machine of the cycle, and end what was open with a cycle that is broken off or an institution."""
        from isegoria_web.ballots import (  # models are not ready above
            guards,
            open_votes,
            resolutions,
            roll_calls,
            services,
        )
        from isegoria_web.institutions.moving import when_broken_off
        from isegoria_web.institutions.status import when_abolished
        from isegoria_web.membership.appointing import before_another_account

        guards.tell()
        when_broken_off(services.close_broken_off)
        when_broken_off(roll_calls.withdraw_broken_off)
        when_broken_off(resolutions.lapse_broken_off)
        when_abolished(resolutions.lapse_abolished)
        before_another_account(open_votes.require_none_under_way)
