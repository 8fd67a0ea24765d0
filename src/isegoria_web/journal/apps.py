from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "isegoria_web.journal"
