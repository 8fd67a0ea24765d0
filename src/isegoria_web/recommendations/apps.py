from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "isegoria_web.recommendations"
