from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "isegoria_web.followup"
