from django.apps import AppConfig

from isegoria_web import erasure


class EvaluationConfig(AppConfig):
    name = "isegoria_web.evaluation"

    def ready(self) -> None:
        """Let what a member replied go with her account; answer to the machine of the cycle."""
        from isegoria_web.evaluation import guards  # models are not ready above
        from isegoria_web.evaluation.services import erase_replies_of

        erasure.with_person(erase_replies_of)
        guards.tell()
