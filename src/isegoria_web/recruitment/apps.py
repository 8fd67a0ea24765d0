from django.apps import AppConfig


class RecruitmentConfig(AppConfig):
    name = "isegoria_web.recruitment"
