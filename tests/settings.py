"""The site's own settings, in an environment of their own; on a throw-away PostgreSQL if asked for."""

import os
import tempfile

os.environ["ISEGORIA_DEBUG"] = "1"
os.environ["ISEGORIA_HTTPS"] = "0"
os.environ["ISEGORIA_LOG_LEVEL"] = "WARNING"
os.environ["ISEGORIA_JOURNAL_KEY"] = (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"  # RFC 8032
)
os.environ.setdefault("ISEGORIA_DATA", tempfile.mkdtemp(prefix="isegoria-tests-"))
for leftover in (
    "ISEGORIA_SMTP_URL",
    "ISEGORIA_BACKUPS",
    "ISEGORIA_HOSTS",
    "ISEGORIA_JOURNAL_EXPORT",
    "ISEGORIA_BOUNCE_ADDRESS",
    "ISEGORIA_BOUNCE_BOX",
    "ISEGORIA_ERASURES",
):
    os.environ.pop(leftover, None)

if os.environ.get("ISEGORIA_TEST_DATABASE", "sqlite") == "postgresql":
    from tests.support import postgresql

    os.environ["DATABASE_URL"] = postgresql.url()
else:
    os.environ["DATABASE_URL"] = ""

from isegoria_web.settings import *  # noqa: E402, F403

DEBUG = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Argon2 is slow on purpose; the tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  # whitenoise looks for it
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  # a server in a thread leaves no connection behind
if DATABASES["default"]["ENGINE"].endswith("sqlite"):  # noqa: F405
    from tests.support import shared

    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405  # one for each of several test processes
    DATABASES["default"]["OPTIONS"]["factory"] = shared.Connection  # noqa: F405  # the server of a test is a thread
