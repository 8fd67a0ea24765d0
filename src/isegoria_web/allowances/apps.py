from django.apps import AppConfig

from isegoria_web import erasure


class AllowancesConfig(AppConfig):
    name = "isegoria_web.allowances"

    def ready(self) -> None:
        """Let account, receipts and declarations go with the person; not while money is owed to her."""
        from isegoria_web.allowances.erasing import erase_money_of  # models are not ready above

        erasure.with_person(erase_money_of)
