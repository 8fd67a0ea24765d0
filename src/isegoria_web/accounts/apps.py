from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "isegoria_web.accounts"
