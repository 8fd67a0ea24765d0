"""Behind a proxy who tries too much is told by the address that the proxy has seen, not by her own word."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from isegoria_web.web.access import address_of

pytestmark = pytest.mark.once

PROXY, VISITOR, CLAIMED = "127.0.0.1", "203.0.113.9", "198.51.100.1"


@pytest.mark.parametrize(
    ("https", "forwarded", "found"),
    [
        (True, VISITOR, VISITOR),
        (True, f"{CLAIMED}, {VISITOR}", VISITOR),
        (True, "", PROXY),
        (False, CLAIMED, PROXY),
    ],
)
def test_the_address_is_what_the_proxy_has_seen(settings, https, forwarded, found):
    settings.HTTPS = https
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=PROXY, headers=headers)) == found
