"""The walks: each a gateway and a counter, with as many attempts on the bill as it has modes.

One walk with everything in it would not end; so what does not touch each other stands apart. Mutants run on the same
walks as the clean machine, each on one of them.
"""

from __future__ import annotations

from tests.search.gateway import Site

EITHER = "scan|show"

#: A gateway whose numbers are ours, wrong for a moment now and then: one attempt, two beside each other, three in turn.
ORDINARY = (
    Site("one_scan", ("scan",), spells=True),
    Site("one_show", ("show",), spells=True),
    Site("two_scans", ("scan",) * 2, spells=True),
    Site("two_shows", ("show",) * 2),
    Site("two_mixed", ("show", "scan")),
    Site("three_scans", ("scan",) * 3, spells=True, second_attempts=False),
    Site("three_shows", ("show",) * 3, spells=True, second_attempts=False),
    Site("three_mixed", (EITHER,) * 3, second_attempts=False),
)

#: A gateway with numbers of its own, which finds orders by those alone, or by ours too.
NUMBERS = (
    Site("own_scans", ("scan",) * 2, trait="learn", own_numbers=True, finds_ours=False),
    Site("own_shows", ("show",) * 2, trait="learn", own_numbers=True, finds_ours=False),
    Site("own_learned", ("scan",) * 2, trait="learn", own_numbers=True),
    Site("own_adopted", (EITHER,), trait="learn", query_names="gateway", own_numbers=True),
    Site("never_by_ours", (EITHER,) * 2, trait="false", own_numbers=True, finds_ours=False, second_attempts=False),
    Site("an_elder", (EITHER,) * 2, elders=True, second_attempts=False),
)

#: What else may go wrong.
TROUBLES = (
    Site("doubled_replies", (EITHER,), spells=True, doubles=True),
    Site("days", (EITHER,), spells=True, days=True),
    Site("refunds", (EITHER,) * 2, refunds=True, second_attempts=False),
    Site("unclear_notices", (EITHER,) * 2, idempotent=False, second_attempts=False),
    Site("failing_disk", (EITHER,), disk_fails="any"),
    Site("failing_disk_at_paid", ("show",) * 2, disk_fails="paid"),
    Site("a_restored_backup", (EITHER,) * 2, restores=True, second_attempts=False),
    Site("every_answer_to_a_scan", ("scan",), every_row=True),
    Site("every_answer_to_a_show", ("show",), every_row=True),
)

#: By command (``--long``): four attempts in turn, every answer where numbers are the gateway's or notices unclear.
LONG = (
    Site("four_scans", ("scan",) * 4, spells=True, second_attempts=False),
    Site("four_shows", ("show",) * 4, spells=True, second_attempts=False),
    Site("four_mixed", (EITHER,) * 4, second_attempts=False),
    Site("two_of_either", (EITHER,) * 2, spells=True),
    Site("every_answer_by_own_numbers", (EITHER,), every_row=True, own_numbers=True, trait="learn"),
    Site(
        "every_answer_to_an_unclear_notice", ("scan",), every_row=True, idempotent=False,
        own_numbers=True, trait="learn", finds_ours=False,
    ),
)  # fmt: skip

SITES = {site.name: site for site in (*ORDINARY, *NUMBERS, *TROUBLES, *LONG)}
