from django.apps import AppConfig


class BallotsConfig(AppConfig):
    name = "isegoria_web.ballots"
