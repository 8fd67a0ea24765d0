from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "isegoria_web.evidence"
