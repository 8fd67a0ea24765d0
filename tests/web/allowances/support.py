"""Members who were at meetings, under rule books that pay."""

from __future__ import annotations

import datetime as dt

from isegoria_web.accounts.actors import Actor
from isegoria_web.allowances import paying, services
from isegoria_web.allowances.models import Claim, PaymentFile
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Attendance, Meeting
from isegoria_web.membership.models import Member
from tests.web import factories
from tests.web.factories import NOW

IBANS = (
    "BE68539007547034", "DE89370400440532013000", "NL91ABNA0417164300", "FR1420041010050500013M02606",
    "LU280019400644750000", "AT611904300234573201",
)  # fmt: skip
PAYER = "BE71096123456769"
PDF = b"%PDF-1.7 a ticket"
VOLUNTEER = """scheme = "volunteer"

[[pay.amounts]]
key = "day"
eur = "35"
per = "day"

[[pay.amounts]]
key = "law-day"
eur = "44.02"
per = "day"
limit = true
valid_from = 2026-01-01

[[pay.amounts]]
key = "law-year"
eur = "100.00"
per = "year"
limit = true
valid_from = 2026-01-01
"""
FEE = """scheme = "fee"

[[pay.amounts]]
key = "half"
eur = "44"
per = "half_day"
"""


def pay(institution: Institution, rules: str) -> None:
    """Let the rule book of the institution pay."""
    version = institution.rule_books.latest("number")
    version.text = version.text.replace("allowance = true", f"allowance = true\n{rules}", 1).replace(
        "travel = true\ncar_insurance = true\n", "", 1
    )
    version.text = version.text.replace(
        "allowance = true", "allowance = true\ntravel = true\nchildcare = true", 1
    )
    version.save()


def held(cycle: Cycle, members: list[Member], day: int = 1, hours: int = 6) -> Meeting:
    """A meeting in February at which everybody was."""
    begin = dt.datetime(2027, 2, day, 9, tzinfo=dt.UTC)
    meeting = Meeting.objects.create(
        cycle=cycle, number=cycle.meetings.count() + 1, title=factories.texts(f"Meeting {day}"), place="Eupen",
        starts_at=begin, ends_at=begin + dt.timedelta(hours=hours),
    )  # fmt: skip
    for member in members:
        Attendance.objects.create(
            meeting=meeting, member=member, presence=Presence.PRESENT, recorded_at=NOW
        )
    return meeting


def declare(member: Member, cents: int = 0) -> None:
    services.declare(actor=factories.actor_of(member), member=member, year=2027, elsewhere_cents=cents)


def give_account(member: Member) -> None:
    services.give_account(
        actor=factories.actor_of(member), member=member, account=IBANS[member.number % 6],
        holder=f"Zoë Müller-Łukasz & {member.number}",
    )  # fmt: skip


def approved(first: Actor, second: Actor, institution: Institution) -> list[Claim]:
    services.compute_claims(actor=first, institution=institution)
    return [
        services.approve(actor=second, claim=claim)
        for claim in Claim.objects.filter(institution=institution, status="claimed").order_by("number")
    ]


def exported(first: Actor, second: Actor, institution: Institution) -> PaymentFile:
    """A payment file with one claim of every member who gave an account."""
    approved(first, second, institution)
    services.name_payer(actor=first, institution=institution, name="Bürgerdialog", account=PAYER)
    return paying.make_file(actor=first, institution=institution, execute_on=NOW.date())
