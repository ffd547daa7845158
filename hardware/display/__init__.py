"""Displays on a serial line that show the customer what is to be paid."""
