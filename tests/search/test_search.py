"""The exhaustive search over the payment: the rules hold on every walk, and each loosened rule is caught by name.

What runs: the real machine, proof, table and policy (kiosk.core), the real journal's word on what blocks a bill and
what is a twin (books.py); around them a model of the commit and the effects (steps.py), of the gateway and the network
(gateway.py), of time (moments.py), and of the cashier, the crashes and the disk (walk.py). One bill, an arrears; one to
three attempts, four with ``--long``. Not modelled: prepayments (their key is free on purpose), the settlement by hand,
printing, a renamed bill, the bytes of a notice (tests/journal holds that the stored ones stay), how often a failed
order is asked (no way leads to money that a ``failed`` order took: there is nothing for the late questions to find).

What is assumed is what the payment page assumes, and stands in gateway.py's second rule. The properties:

==============================  ==================================================================================
charged_twice                   two payments for the bill, and the second was no permitted second attempt
two_notices                     two orders of the bill sent a notice, and neither was refunded
second_attempt_not_permitted    a second attempt beside a live one where the page's part 3 forbids it
two_live_attempts               two live attempts, the second not allowed beside the first
failed_but_payable              ``failed``, though money may still be taken, or was
failed_without_proof            ``failed`` otherwise than by rule 11 as it is read in rule_eleven.py
paid_without_payment            ``paid`` or ``credited`` and nobody paid this order
credited_without_notice         ``credited`` and no notice was acknowledged (or seen in the arrears)
credited_twice                  the account was credited twice for one order
notice_without_paid             a notice for an order that is not ``paid`` in the journal
code_sent_twice                 a payment code on the wire again; sent_before_intent: a byte before the commit
qr_before_commit                a QR on a screen that the journal does not have
number_repeated                 an order number a second time
not_durable                     the counter acts on what a crash would make it forget
stuck, silent, given_up         money that was taken and ends nowhere, unheard, or by a time limit without need
blocked_for_nothing             a bill whose order is closed, and that is not set free
==============================  ==================================================================================

One walk or one mutant: ``python -m pytest tests/search -k NAME -s`` (``-s`` prints the steps). The mutants and the
page's words for them: mutants.py; ``payment.md`` part 6 is complete there, which a test below holds.
"""

from __future__ import annotations

import pytest

from kiosk.core.policy import GatewayTraits
from tests.search.books import said_by_the_journal
from tests.search.gateway import Site
from tests.search.mutants import MUTANTS, Mutant, Rules
from tests.search.sites import LONG, NUMBERS, ORDINARY, SITES, TROUBLES
from tests.search.walk import Found, Walk

#: payment.md part 6, in its order.
PAGE = (
    "Read time-out on pay means failed",
    "the code sent again after a time-out",
    "1003 means failed at once",
    "1003 received after the hold-off to a query sent before it",
    "the durable write after the send",
    "a restart takes a sent order for unsent",
    "a second attempt while the first is in doubt",
    "hiding a QR means failed",
    "FAIL on pay means failed",
    "1001 on pay means failed",
    "0000 on pay means paid",
    "an unverified SUCCESS is believed",
    "one negative is final",
    "a notice that is not idempotent is repeated blindly",
    "the QR painted before its commit",
    "the gateway's number kept in memory only",
    "1003 by a number that this gateway has never found anything by counts",
    "PAYERROR ends a shown QR",
    "a number repeated after a restored backup",
)


def walk(site: Site, rules: Rules, ignore: frozenset[str] = frozenset()) -> Walk:
    traits = GatewayTraits(
        finds_by_our_number=site.trait, query_names=site.query_names, notices_idempotent=site.idempotent
    )
    machine = rules.machine(rules.policy, traits)
    return Walk(site, machine, rules.composition, said_by_the_journal(), ignore=ignore)


def _nothing(found: Found | None) -> None:
    if found is not None:
        pytest.fail(found.told(), pytrace=False)


@pytest.mark.parametrize("site", [*ORDINARY, *NUMBERS, *TROUBLES], ids=lambda site: site.name)
def test_the_rules_hold_on_every_way(site: Site) -> None:
    _nothing(walk(site, Rules()).search())


@pytest.mark.long_counts
@pytest.mark.parametrize("site", LONG, ids=lambda site: site.name)
def test_the_rules_hold_on_every_longer_way(site: Site, long_run: bool) -> None:
    if not long_run:
        pytest.skip("walked with --long")
    _nothing(walk(site, Rules()).search())


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_loosened_rule_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    found = walk(SITES[mutant.site], mutant.loosen(monkeypatch), mutant.before).search()
    assert found is not None, f"the walk {mutant.site} did not find it: {mutant.says}"
    print(f"{mutant.name} ({mutant.says}): {found.told()}")
    assert found.broken == mutant.breaks, found.told()


def test_every_loosened_rule_of_the_page_is_among_the_mutants() -> None:
    assert set(PAGE) <= {mutant.says for mutant in MUTANTS}


def test_a_walk_is_the_same_each_time() -> None:
    sizes = set()
    for _ in range(2):
        again = walk(SITES["one_show"], Rules())
        _nothing(again.search())
        sizes.add(again.states)
    assert len(sizes) == 1


def test_a_violation_is_told_as_steps_from_the_beginning() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "an_intent_that_does_not_look_charges_twice")
    with pytest.MonkeyPatch.context() as patch:
        found = walk(SITES[mutant.site], mutant.loosen(patch), mutant.before).search()
    assert found is not None
    assert found.steps[0].startswith("the cashier begins")
    assert found.told().splitlines()[0].startswith(f"charged_twice, after {len(found.steps)} steps")
