from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "isegoria_web.operations"

    def ready(self) -> None:
        from isegoria_web import checks  # noqa: F401  # registers the system checks
