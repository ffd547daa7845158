"""The pure heart: money, bills, orders, the payment machine. No I/O, no clock, no randomness, no Qt."""
