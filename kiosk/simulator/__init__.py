"""The counter under a seed: the real engine, machine, journal and client, in a world that a seed draws.

schedule (virtual time) -> plan (what a seed draws) -> bank (the gateway's truth), network and distortion (the lines and
what befalls a reply), people (cashier and customers), disk (whose power can be cut) -> watch (the rules of a payment,
checked at every event) -> process (one life of the program) -> story -> campaign (many stories, on several processes).

Rules
1. The same seed gives the same run, byte for byte: one source of randomness, no clock, no order of a set, no address.
2. Nothing here is known to the rooms that are simulated; what they meet is what their ports promise, and no more.
3. What the gateway does may be anything the rules' assumptions allow: an old request arrives before
   the hold-off is over, a code starts one payment, a number that finds orders finds all.
"""
