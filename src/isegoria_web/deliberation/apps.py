from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    name = "isegoria_web.deliberation"
