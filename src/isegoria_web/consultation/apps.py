from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    name = "isegoria_web.consultation"
