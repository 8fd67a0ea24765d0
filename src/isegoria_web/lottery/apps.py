from django.apps import AppConfig

from isegoria_web import erasure


class LotteryConfig(AppConfig):
    name = "isegoria_web.lottery"

    def ready(self) -> None:
        """Keep who wrote down a draw, or annulled it, known until it is final; answer to the machine of the cycle."""
        from isegoria_web.lottery import guards  # models are not ready above
        from isegoria_web.lottery.ceremony import refuse_to_forget_witnesses

        erasure.with_person(refuse_to_forget_witnesses)
        guards.tell()
