"""The counter under a seed: the real engine, machine, journal and client, in a world that a seed draws.

schedule (virtual time) -> plan (what a seed draws) -> bank (the gateway's truth), network (the lines and their faults),
people (cashier and customers) -> rules (payment.md's rules, checked after every event) -> story -> campaign (many
stories, on several processes).

Rules
1. The same seed gives the same run, byte for byte: one source of randomness, no clock, no order of a set, no address.
2. Nothing here is known to the rooms that are simulated; what they meet is what their ports promise, and no more.
3. What the gateway does may be anything that payment.md's assumptions allow (part "checked before it was written"):
   an old request arrives before the hold-off is over, a code starts one payment, a number that finds orders finds all.
"""
