"""The bank's gateway: the only place that knows the wire's own names, and the only one that speaks HTTP.

profile -> requests, signing -> client, transport, line -> strict_json, replies, data, pay_url. What leaves this room is
in the words of ``kiosk.core``.
"""
