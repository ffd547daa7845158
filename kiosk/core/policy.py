"""The limits and waits of a payment, and what a site says of its gateway. Names and defaults: payment.md part 4.

Rules
1. Pure data. Each field carries its unit (in the name) and one sentence, which the settings page and the messages
   about wrong settings use; nothing is named twice.
2. All seconds take fractions, so that a test's whole day runs in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

#: Key of a field's metadata: one sentence for people who edit the settings.
SENTENCE = "sentence"
#: Key of a field's metadata: the values allowed, where they are words.
ALLOWED = "allowed"


def setting(default: Any, sentence: str, allowed: tuple[str, ...] = ()) -> Any:
    """A dataclass field that is one setting: its default and the sentence which explains it."""
    return field(default=default, metadata={SENTENCE: sentence, ALLOWED: allowed})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPolicy:
    """``[payment]`` in the settings."""

    pay_timeout_s: float = setting(20.0, "Total time a pay or unified call may take.")
    query_timeout_s: float = setting(5.0, "Total time a payment query may take.")
    notice_timeout_s: float = setting(10.0, "Total time a payment notice may take.")
    lookup_timeout_s: float = setting(8.0, "Total time a customer or arrears query may take.")
    lookup_tries: int = setting(3, "How often a look-up is tried before the cashier is told.")
    attended_scan_s: float = setting(60.0, "How long the counter waits for a scanned code's result.")
    attended_show_s: float = setting(180.0, "How long the counter waits for a shown QR to be paid.")
    qr_life_s: float = setting(7800.0, "How long a shown QR may still be paid.")
    scan_life_s: float = setting(7800.0, "How long an accepted scanned payment may still be confirmed.")
    hold_off_s: float = setting(180.0, "After this no old request can still start a payment.")
    negative_gap_s: float = setting(5.0, "Two equal negative answers count when they are this far apart.")
    not_found_answers: int = setting(3, "How many answers 'no such order' prove that there is none.")
    not_found_span_s: float = setting(60.0, "Over how long these answers must be spread.")
    late_asks_s: tuple[float, ...] = setting((600.0, 3600.0, 86400.0), "When a failed order is asked once more.")
    unseen_watch_s: float = setting(86400.0, "How long an order whose QR was never shown is asked about.")
    give_up_s: float = setting(86400.0, "After this an order without a result goes to a supervisor.")
    alarm_s: float = setting(300.0, "After this a paid order that is not credited rings.")
    retry_after_max_s: float = setting(300.0, "The longest Retry-After that is honoured.")
    fresh_connection_s: float = setting(2.0, "A kept connection older than this carries no pay call.")
    code_memory_s: float = setting(86400.0, "How long a used payment code is refused.")
    bill_fresh_s: float = setting(300.0, "After this the bills are asked for again.")
    scan_asks_s: tuple[float, ...] = setting((0.3, 1.2, 1.8, 2.6, 4.5), "First questions after a pay call's answer.")
    scan_gap_s: float = setting(2.0, "The gap after those questions.")
    scan_gap_growth: float = setting(1.1, "By how much each next gap grows.")
    show_first_s: float = setting(4.0, "First question after a QR is shown.")
    show_gap_s: float = setting(1.5, "The gap after it.")
    show_gap_growth: float = setting(1.06, "By how much each next gap grows.")
    gap_max_s: float = setting(5.0, "The longest gap while the customer stands there.")
    background_gaps_s: tuple[float, ...] = setting(
        (5.0,) * 6 + (30.0,) * 10 + (300.0,), "Gaps of background questions; the last repeats."
    )
    notice_gaps_s: tuple[float, ...] = setting(
        (2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 300.0), "Gaps between notices; the last repeats."
    )
    receipt_wait_s: float = setting(3.0, "How long a receipt waits for the credit.")
    second_attempt: str = setting(
        "supervisor", "Who may allow a second attempt on a bill.", ("never", "supervisor", "cashier")
    )
    prepay_min: str = setting("1.00", "The smallest prepayment in yuan.")
    prepay_max: str = setting("10000.00", "The largest prepayment in yuan.")
    confirm_above: str = setting("2000.00", "Prepayments above this are confirmed once more; in yuan.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTraits:
    """Those keys of ``[gateway.profile]`` that decide what an answer proves (interface.md part 5)."""

    notices_idempotent: bool = setting(True, "The same notice may be sent again without crediting twice.")
    exists_means_credited: bool = setting(True, "1002 on a notice means that it was credited before.")
    finds_by_our_number: str = setting(
        "learn", "Whether a query by the counter's own number finds an order.", ("learn", "true", "false")
    )
    query_names: str = setting("asked", "Whose number a query's answer names.", ("asked", "gateway"))
    final_query_codes: tuple[str, ...] = setting((), "Codes on a query (0008, 0009) that speak of the order itself.")


def field_names(policy: type) -> tuple[str, ...]:
    """The settings' names of one policy class, in order."""
    return tuple(item.name for item in fields(policy))
