"""Make the databases that the tests copy, of both kinds, before the tests start: `python -m tests.support.prepare`.

Whoever starts tests without it makes them then, while the other processes of the tests wait.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["ISEGORIA_TEST_DATABASE"] = "postgresql"

import django

django.setup()

from tests.support import migrated  # noqa: E402

migrated.prepare()
