"""Devices that are not there, spoken to through the same bytes and ports as real ones."""
