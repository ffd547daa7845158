"""Devices at a counter: scanners, printers, displays, and devices that are not there.

1. Nothing under this package imports Qt or `kiosk`; everything here can be used from a Python prompt.
2. In each room the protocol files are pure; one driver file owns the thread and the port.
3. A device in trouble is a `hardware.health.Health` value, never an exception that reaches the caller.
"""
