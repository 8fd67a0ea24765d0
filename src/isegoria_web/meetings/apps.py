from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "isegoria_web.meetings"
