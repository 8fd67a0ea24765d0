"""The code by which somebody is checked in: eight characters, made of the keys of the settings and kept nowhere.

It belongs to one person at one meeting. Whoever lacks the key of the settings cannot guess one (35 bits, and only the
desk may try); whoever reads it learns nothing of the person. It stands behind the # of an address, which browsers
never send.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import TypeVar

from django.conf import settings

from isegoria_web.meetings.models import Meeting
from isegoria_web.meetings.people import Person
from isegoria_web.membership.models import Member
from isegoria_web.recruitment.codes import ALPHABET, check_character

LENGTH = 7
GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011")

Expected = TypeVar("Expected", bound=Person)


def code_of(meeting: Meeting, person: Person) -> str:
    """Return the code of somebody at a meeting as it is printed: `ABCD-EFGH`."""
    named = str(person.public_id) if isinstance(person, Member) else f"appointee {person.pk}"
    words = f"isegoria-check-in/1\0{meeting.public_id}\0{named}"
    number = int.from_bytes(hmac.digest(settings.PSEUDONYM_KEY.encode(), words.encode(), "sha256"))
    data = "".join(ALPHABET[number >> (5 * place) & 31] for place in range(LENGTH))
    whole = data + check_character(data)
    return f"{whole[:GROUP]}-{whole[GROUP:]}"


def member_with(code: str, meeting: Meeting, members: Iterable[Expected]) -> Expected | None:
    """Return the person whose code was typed, forgiving case, spaces, hyphens, O for 0 and I or L for 1."""
    typed = "".join(character for character in code.upper() if character.isalnum()).translate(_LOOKALIKES)
    if len(typed) != LENGTH + 1 or not typed.isascii() or typed[-1] != check_character(typed[:-1]):
        return None
    typed = f"{typed[:GROUP]}-{typed[GROUP:]}"
    return next((one for one in members if hmac.compare_digest(typed, code_of(meeting, one))), None)
