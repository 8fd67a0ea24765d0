from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "isegoria_web.moderation"
