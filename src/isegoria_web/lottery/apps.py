from django.apps import AppConfig


class LotteryConfig(AppConfig):
    name = "isegoria_web.lottery"
