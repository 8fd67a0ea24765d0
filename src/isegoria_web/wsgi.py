"""The door for web servers."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isegoria_web.settings")
application = get_wsgi_application()

# A page makes thousands of objects that end with it. Python would look through them for cycles every 700.
gc.set_threshold(20_000)
gc.freeze()  # what is loaded stays loaded: no search goes through it again
