from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "isegoria_web.register"
