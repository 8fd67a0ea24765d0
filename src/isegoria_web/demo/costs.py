"""What members of the demonstration are paid back: travel with receipts, decided by a second person, paid by a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.allowances import paying
from isegoria_web.allowances import services as allowances
from isegoria_web.allowances.enums import ClaimStatus, CostKind
from isegoria_web.allowances.models import Claim
from isegoria_web.institutions.models import Institution
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Attendance, Meeting
from isegoria_web.membership.models import Member

Step = tuple[int, str, str, Callable[[], None]]
TRAVELLERS = 8
CENTS_A_KILOMETRE = 42
BANK = 539  # of the usual invented account of Belgian banks
RECEIPT = (
    b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 298 420]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
"""An empty page: nobody travelled."""


@dataclass
class CostsPlay:
    """The travel of a cycle's members to its meetings that were held, as acts on their days."""

    institution: Institution
    staff: dict[str, Actor]
    story: dict[str, Any]
    meetings: tuple[int, ...]
    cycle_number: int

    def steps(self) -> Iterator[Step]:
        """Yield the claims of each meeting; those of the newest wait, the others are paid."""
        held = [days_ago for days_ago in self.meetings if days_ago > 0]
        yield held[0] + 1, "09:00", "Account of the institution entered", self.name_payer
        for number, days_ago in enumerate(held, start=1):
            yield days_ago - 2, "19:00", f"Travel to meeting {number} claimed", self._claim(number)
            yield (
                days_ago - 5,
                "10:00",
                "Claims decided",
                self._decide(leave=2 if number == len(held) else 0),
            )
            if number < len(held):
                yield days_ago - 6, "10:00", "Payment file made", self.make_file
                yield days_ago - 9, "10:00", "Paid", self.mark_paid

    def name_payer(self) -> None:
        """Enter the account from which the institution pays."""
        allowances.name_payer(
            actor=self.staff["secretariat"], institution=self.institution, name=self.story["payer"],
            account=_iban(0),
        )  # fmt: skip

    def _claim(self, number: int) -> Callable[[], None]:
        def claim() -> None:
            meeting = Meeting.objects.get(
                cycle__institution=self.institution, cycle__number=self.cycle_number, number=number
            )
            present = Attendance.objects.filter(meeting=meeting, presence=Presence.PRESENT)
            rows = present.select_related(
                "member__user", "member__cycle__institution", "member__cycle__rule_book"
            )
            for each in rows.order_by("member__number")[:TRAVELLERS]:
                self._claim_one(each.member, meeting)

        return claim

    def _claim_one(self, member: Member, meeting: Meeting) -> None:
        actor = Actor.of(member.user)
        if actor is None or member.user is None:
            raise RuntimeError("a sitting member without an account")
        if not hasattr(member, "account"):
            allowances.give_account(
                actor=actor, member=member, account=_iban(member.number), holder=member.user.name
            )
        kilometres = 2 * (4 + member.number * 7 % 31)
        allowances.claim_costs(
            actor=actor, member=member, day=self._day_of(meeting), kind=CostKind.TRAVEL,
            cents=kilometres * CENTS_A_KILOMETRE, note=f"{kilometres} km", receipt=RECEIPT,
        )  # fmt: skip

    @staticmethod
    def _day_of(meeting: Meeting) -> date:
        return meeting.starts_at.date()

    def _decide(self, *, leave: int) -> Callable[[], None]:
        def decide() -> None:
            waiting = Claim.objects.filter(institution=self.institution, status=ClaimStatus.CLAIMED)
            claims = list(waiting.select_related("institution", "member").order_by("number"))
            for claim in claims[: len(claims) - leave]:
                allowances.approve(actor=self.staff["second-secretariat"], claim=claim)

        return decide

    def make_file(self) -> None:
        """Put what was approved into a file for the bank."""
        today = clock.today(self.institution.time_zone)
        paying.make_file(
            actor=self.staff["secretariat"],
            institution=self.institution,
            execute_on=today + timedelta(days=2),
        )

    def mark_paid(self) -> None:
        """The bank has paid the newest file."""
        paying.mark_paid(
            actor=self.staff["secretariat"], file=self.institution.payment_files.latest("number")
        )


def _iban(number: int) -> str:
    """Return an invented Belgian account whose check digits are right."""
    first = BANK * 10**7 + number
    account = first * 100 + (first % 97 or 97)
    check = 98 - int(f"{account:012}111400") % 97  # B is 11, E is 14
    return f"BE{check:02}{account:012}"
