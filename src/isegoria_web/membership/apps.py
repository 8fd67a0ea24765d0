from django.apps import AppConfig


class MembershipConfig(AppConfig):
    name = "isegoria_web.membership"
