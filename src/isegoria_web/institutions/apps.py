from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    name = "isegoria_web.institutions"
