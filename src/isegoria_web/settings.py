"""Django's settings. Everything that differs between installations is read from the environment, by its table."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from isegoria_web import environment

BASE_DIR = Path(__file__).resolve().parent
DATA_DIR = Path(environment.read("ISEGORIA_DATA")).resolve()
DEBUG = environment.enabled("ISEGORIA_DEBUG")
HTTPS = environment.enabled("ISEGORIA_HTTPS")

_DEVELOPERS_KEY = "django-insecure-only-for-a-developers-machine-never-for-a-live-site"
SECRET_KEY = environment.read("ISEGORIA_SECRET_KEY") or (_DEVELOPERS_KEY if DEBUG else "")
PSEUDONYM_KEY = environment.read("ISEGORIA_PSEUDONYM_KEY") or (_DEVELOPERS_KEY if DEBUG else "")
JOURNAL_KEY = environment.read("ISEGORIA_JOURNAL_KEY")
JOURNAL_EXPORT = Path(environment.read("ISEGORIA_JOURNAL_EXPORT") or DATA_DIR / "journal").resolve()
ERASURES = Path(environment.read("ISEGORIA_ERASURES") or DATA_DIR / "erasures").resolve()
SIGNATURE_DAYS = int(environment.read("ISEGORIA_SIGNATURE_DAYS"))
CHALLENGE_DAYS = int(environment.read("ISEGORIA_CHALLENGE_DAYS"))
BEACON_URL = environment.read("ISEGORIA_BEACON_URL").rstrip("/")
ALLOWED_HOSTS = environment.listed("ISEGORIA_HOSTS") or (
    ["localhost", "127.0.0.1", "[::1]"] if DEBUG else []
)
BASE_URL = environment.read("ISEGORIA_BASE_URL").rstrip("/")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

INSTALLED_APPS = [
    "isegoria_web.web",
    "isegoria_web.operations",
    "isegoria_web.accounts",
    "isegoria_web.journal",
    "isegoria_web.institutions",
    "isegoria_web.register",
    "isegoria_web.lottery",
    "isegoria_web.recruitment",
    "isegoria_web.membership",
    "isegoria_web.moderation",
    "isegoria_web.ballots",
    "isegoria_web.meetings",
    "isegoria_web.allowances",
    "isegoria_web.evidence",
    "isegoria_web.consultation",
    "isegoria_web.deliberation",
    "isegoria_web.recommendations",
    "isegoria_web.followup",
    "isegoria_web.evaluation",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # the page of passkeys says how long ago
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "isegoria_web.web.middleware.RequestLine",
    "csp.middleware.CSPMiddleware",  # before all that answer by themselves, so that every answer has it
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "isegoria_web.web.middleware.LeavingDevice",
    "isegoria_web.web.middleware.SecondFactor",
    "isegoria_web.web.middleware.ServiceErrors",
]

ROOT_URLCONF = "isegoria_web.urls"
WSGI_APPLICATION = "isegoria_web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "isegoria_web.web.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "isegoria_web.web.templatetags.isegoria"],
        },
        "APP_DIRS": True,
    },
]

FORM_RENDERER = "isegoria_web.web.widgets.Renderer"

DATABASES = {"default": environment.database(environment.read("DATABASE_URL"), DATA_DIR)}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

MEDIA_ROOT = DATA_DIR / "files"  # never served from a URL: documents leave through views that ask who may
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "web" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# -- languages and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("nl", _("Dutch")), ("fr", _("French")), ("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["isegoria_web.web.formats"]
TIME_ZONE = environment.read("ISEGORIA_TIME_ZONE")
USE_TZ = True

# -- people ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:after_sign_in"
ACCOUNT_ADAPTER = "isegoria_web.accounts.adapters.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by the institution, never by signing up
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody writes to strangers through us
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "Isegoria"

# -- the wire ----------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_FAILURE_VIEW = "isegoria_web.web.errors.stale_form"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# -- mail and log ------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.read("ISEGORIA_MAIL_FROM")
BOUNCE_ADDRESS = environment.read("ISEGORIA_BOUNCE_ADDRESS")
BOUNCE_BOX = environment.read("ISEGORIA_BOUNCE_BOX")
globals().update(environment.mail(environment.read("ISEGORIA_SMTP_URL"), DATA_DIR / "mail"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "isegoria_web.logs.Line"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.read("ISEGORIA_LOG_LEVEL")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},  # in place of Django's own format
        "django.request": {"level": "ERROR"},  # refusals stand in the request's own line
        "django.server": {
            "handlers": [],
            "level": "INFO",
            "propagate": False,
        },  # addresses with their queries
    },
}
