from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "isegoria_web.web"
