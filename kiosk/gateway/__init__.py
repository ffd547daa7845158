"""The bank's gateway: the only place that knows the wire's own names, and the only one that speaks HTTP.

profile -> wire, signing -> calls (what each call means) -> strict_json, replies, data, pay_url; and below them, over
HTTP, http_transport, transport, line. client wires both. What leaves this room is in the words of ``kiosk.core``.
"""
